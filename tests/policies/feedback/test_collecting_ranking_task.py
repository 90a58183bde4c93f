"""One person, one candidate: what they may type, and what becomes of it."""

from datetime import UTC, datetime

import pytest
from pericles.policies.engines import Message
from pericles.policies.feedback.collecting import Candidate, RankingTask, human_rater
from pericles.tools import ConfigError


def task(*replies, rater="human:ada", seed=0, id="q", **options):
    said = tuple((Message("assistant", text),) for text in replies)
    return RankingTask(Candidate(id, (Message("user", "?"),), said, **options), rater, seed)


THREE = task("x", "y", "z")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("b > a = c", "B > A = C"),
        ("B>A=C", "B > A = C"),
        ("bac", "B > A > C"),
        ("b a c", "B > A > C"),
        ("b, a,c", "B > A > C"),
        ("  b ;a\t c ", "B > A > C"),
        ("ba=c", "B > A = C"),
        ("a=b=c", "A = B = C"),
        ("c > b,a", "C > B > A"),
    ],
)
def test_an_order_is_read_as_people_write_it(text, order):
    groups = THREE.read_order(text)
    assert " > ".join(" = ".join(group) for group in groups) == order


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "A, B, C are missing"),
        ("b > a", "C is missing"),
        ("b > a > b", "B is there twice"),
        ("b > a > d", "'D' is none of A, B, C"),
        ("b < a < c", "'<' is none of"),
        ("b >> a c", "'>' is none of"),
        ("> b a c", "'>' is none of"),
        ("b a c >", "something is missing behind '>'"),
        ("b a = = c", "'=' is none of"),
        ("1 2 3", "'1' is none of"),
    ],
)
def test_what_is_no_order_is_told(text, told):
    with pytest.raises(ConfigError) as caught:
        THREE.read_order(text)
    assert told in str(caught.value)


def test_the_example_is_an_order():
    for replies in ("ab", "abc", "abcdefghi"):
        one = task(*replies)
        assert sum(map(len, one.read_order(one.example))) == len(replies)


def test_of_two_replies_the_better_one_is_enough():
    assert task("x", "y").read_order("b") == (("B",), ("A",))


def test_ranks_are_those_of_the_replies_in_their_own_order_whatever_was_shown():
    for seed in range(20):
        one = task("worst", "best", "middle", "middle too", seed=seed)
        letter = {reply[0].content: letter for letter, reply in one.shown.items()}
        text = f"{letter['best']} > {letter['middle']} = {letter['middle too']} > {letter['worst']}"
        assert one.ranking(one.read_order(text)).ranks == (3, 1, 2, 2)


def test_the_order_shown_differs_between_raters_and_candidates_and_stays_for_one():
    shown = [tuple(reply[0].content for reply in task(*"abcdef", **options).shown.values()) for options in (
        {}, {}, {"rater": "human:ben"}, {"id": "r"}, {"seed": 1},
    )]  # fmt: skip
    assert shown[0] == shown[1]
    assert len(set(shown)) == 4


def test_every_place_is_shown_first_equally_often():
    first = [task(*"abc", id=str(n)).shown["A"][0].content for n in range(600)]
    # 200 each, with a standard deviation of 11.5.
    assert all(150 < first.count(reply) < 250 for reply in "abc")


def test_replies_that_say_the_same_are_shown_once_and_rank_alike():
    one = task("same", "other", "same")
    assert sorted(reply[0].content for reply in one.shown.values()) == ["other", "same"]
    letter = next(letter for letter, reply in one.shown.items() if reply[0].content == "same")
    assert one.ranking(one.read_order(letter)).ranks == (1, 2, 1)


def test_the_record_says_who_and_when_and_keeps_what_is_known_of_the_replies():
    one = task("x", "y", policy="sha256:1")
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    ranking = one.ranking(one.tie, all_bad=True, comment="both wrong", consent=False, now=now)
    assert (ranking.id, ranking.rater, ranking.created) == ("q/human:ada", "human:ada", "2026-01-02T03:04:05Z")
    assert (ranking.ranks, ranking.all_bad, ranking.comment, ranking.consent) == ((1, 1), True, "both wrong", False)
    assert ranking.policy == "sha256:1"


def test_an_order_of_other_letters_makes_no_record():
    with pytest.raises(ConfigError, match="no order of A, B"):
        task("x", "y").ranking((("A",),))


@pytest.mark.parametrize(("name", "rater"), [("ada", "human:ada"), ("human:ada", "human:ada"), (" a b ", "human:a b")])
def test_a_person_is_human(name, rater):
    assert human_rater(name) == rater


@pytest.mark.parametrize("name", ["", " ", "human:", "ai:judge", "rule:v", "a\nb", "a\x1b[31m", "a\u202eb", "x" * 101])
def test_what_is_no_name_of_a_person_is_refused(name):
    with pytest.raises(ConfigError, match="a person's name"):
        human_rater(name)


def test_the_login_name_is_made_safe(monkeypatch):
    monkeypatch.setenv("LOGNAME", "DOM\\ada x\x1b")
    assert human_rater() == "human:DOM-ada-x"
    monkeypatch.setenv("LOGNAME", "\x1b")
    with pytest.raises(ConfigError, match="--rater"):
        human_rater()
