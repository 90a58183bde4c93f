"""What people agree about, whoever saw which reply first."""

import random

import pytest
from pericles.policies.engines import Message
from pericles.policies.feedback import Ranking
from pericles.policies.feedback.collecting.agreement import consensus, human_votes, pairwise


def ranking(number, rater, better, *, swapped=False, others=()):
    """`better` is the text of the better reply of "x" and "y", or `None` for a tie."""
    texts = ["y", "x"] if swapped else ["x", "y"]
    ranks = tuple(1 if better in (None, text) else 2 for text in texts) + tuple(3 for _ in others)
    replies = tuple((Message("assistant", text),) for text in (*texts, *others))
    return Ranking(f"{number}/{rater}", (Message("user", f"q{number}"),), replies, ranks, rater)


def test_people_who_say_the_same_agree_whatever_the_order_of_the_replies():
    said = [ranking(n, "human:a", "xy"[n % 2]) for n in range(10)]
    said += [ranking(n, "human:b", "xy"[n % 2], swapped=True) for n in range(10)]
    (agreement,) = pairwise(human_votes(said)).values()
    assert (agreement.kappa, agreement.share, agreement.n) == (1.0, 1.0, 10)


def test_a_tie_is_no_agreement_with_a_preference():
    said = [ranking(n, "human:a", "x") for n in range(4)] + [
        ranking(n, "human:b", None if n else "x", swapped=True) for n in range(4)
    ]
    (agreement,) = pairwise(human_votes(said)).values()
    assert agreement.share == 0.25


def test_only_pairs_that_both_have_ranked_count():
    said = [ranking(1, "human:a", "x", others=("z",)), ranking(1, "human:b", "x"), ranking(2, "human:b", "x")]
    votes = human_votes(said)
    assert len(votes) == 3 + 1 + 1
    assert pairwise(votes)["human:a", "human:b"].n == 1


def test_judges_are_not_people_and_the_later_of_two_answers_counts():
    said = [ranking(1, "ai:j", "x"), ranking(1, "human:a", "x"), ranking(1, "human:a", "y", swapped=True)]
    (vote,) = human_votes(said)
    (again,) = human_votes([ranking(1, "human:b", "y")])
    assert vote.said == again.said


def three_raters(skills, items=120):
    source = random.Random(1)
    for number in range(items):
        right, wrong = source.sample("xy", 2)
        for rater, skill in skills.items():
            yield ranking(number, rater, right if source.random() < skill else wrong)


def test_the_consensus_of_three_finds_who_guesses():
    together = consensus(human_votes(three_raters({"human:a": 0.95, "human:b": 0.95, "human:guess": 0.5})))
    assert together is not None
    assert together.pairs == 120
    assert together.skill["human:guess"] < 0.65
    assert min(together.skill["human:a"], together.skill["human:b"]) > 0.85


@pytest.mark.parametrize("raters", [{"human:a": 1.0}, {"human:a": 1.0, "human:b": 1.0}])
def test_of_two_nobody_knows_who_is_right(raters):
    assert consensus(human_votes(three_raters(raters))) is None
