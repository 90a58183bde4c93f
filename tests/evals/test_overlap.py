"""Overlap with references: the measures against values worked out by hand, and what a suite can ask."""

import asyncio

import pytest
from pericles.evals.samples import Reply, Sample
from pericles.evals.scorers import Misfit, Scoring, make_scorer
from pericles.evals.scorers.overlap import chrf, count_words, rouge_1, rouge_l


def score(answer, expected=None, **options):
    scorer = make_scorer({"kind": "overlap", **options}, expected, given=expected is not None)
    return asyncio.run(scorer.score(Reply("q", answer), Scoring(Sample("a", ("q",)), ())))


@pytest.mark.parametrize(
    ("candidate", "reference", "value"),
    [
        # One letter: P 2/2, R 2/3; two: P 1/1, R 1/2; three: the candidate has none, so the average is over two.
        # P = 1, R = 7/12, F = 5 P R / (4 P + R) = (35/12) / (55/12).
        ("ab", "abc", 7 / 11),
        ("abc", "ab", 5 * 7 / 12 / (4 * 7 / 12 + 1)),
        # Counted with multiplicity: P 1/3, R 1/1; "aa" and "aaa" are not in the reference, which is too short for them.
        ("aaa", "a", 5 / 3 / (4 / 3 + 1)),
        ("a b c", "abc", 1.0),
        ("abc", "ABC", 0.0),
        ("我爱猫", "我爱狗", 5 * (2 / 3 + 1 / 2 + 0) / 3 / 5),
        ("", "abc", 0.0),
        ("abc", "", 0.0),
    ],
)
def test_chrf_by_hand(candidate, reference, value):
    assert chrf(candidate, reference) == pytest.approx(value)


# sacreBLEU 2 (`CHRF().sentence_score`), which another implementation is held to.
@pytest.mark.parametrize(
    ("candidate", "reference", "value"),
    [
        ("The cat sat on the mat.", "A cat was sitting on the mat.", 0.397849),
        ("Das ist ein Test", "Dies ist ein Test.", 0.707829),
        ("我喜欢猫", "我很喜欢猫。", 0.357193),
    ],
)
def test_chrf_as_sacrebleu(candidate, reference, value):
    assert chrf(candidate, reference) == pytest.approx(value, abs=5e-7)


def test_rouge_by_hand():
    # Lin 2004, section 3.1: "police killed the gunman" as the reference.
    reference = "police killed the gunman"
    assert rouge_l("police kill the gunman", reference) == pytest.approx(3 / 4)
    assert rouge_l("the gunman kill police", reference) == pytest.approx(2 / 4)
    assert rouge_l("the gunman police killed", reference) == pytest.approx(2 / 4)
    assert rouge_1("the gunman police killed", reference) == 1.0
    assert rouge_1("the the", reference) == pytest.approx(2 * 1 / (2 + 4))
    assert rouge_l("Police killed: the gunman!", reference) == 1.0
    assert rouge_l("我爱北京", "我爱上海") == pytest.approx(2 / 4)
    assert rouge_l("", reference) == rouge_1("", reference) == 0.0


def test_the_best_reference_counts():
    best = score("abc", ["xyz", "abcd", "ab"])
    assert best.value == pytest.approx(max(chrf("abc", "abcd"), chrf("abc", "ab")))


def test_a_threshold_makes_it_right_or_wrong():
    assert score("the cat sat", "the cat sat down", threshold=0.6).value == 1.0
    low = score("a dog", "the cat sat down", threshold=0.6)
    assert (low.value, low.label) == (0.0, "below threshold")


def test_a_line_among_others_can_be_measured_alone():
    answer = 'Sure! Here is the translation:\n\n**"Le chat dort."**\n\nLet me know if you need more.'
    assert score(answer, "Le chat dort.", threshold=0.9).value == 0.0
    assert score(answer, "Le chat dort.", threshold=0.9, by_line=True).value == 1.0


def test_facts_must_stand_in_the_answer():
    facts = ["bridge", ["12", "twelve"]]
    assert score("The bridge took twelve years.", must=facts).value == 1.0
    missing = score("The bridge took 120 years.", must=facts)
    assert (missing.value, missing.label, missing.detail) == (0.0, "missing fact", "missing: 12 or twelve")
    assert score("Le pont est vieux.", "Le pont est vieux.", must=["neuf"]).value == 0.0


def test_the_length_is_bounded():
    assert score("one two three", max_words=3).value == 1.0
    assert score("one two three four", max_words=3).label == "too long"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's two words — isn't it?", 5),
        ("我爱北京。", 4),
        ("3.5 km", 3),
        ("", 0),
        ("naïve café", 2),
        ("한국어 문장", 2),
    ],
)
def test_words_are_counted_as_a_person_would(text, words):
    assert count_words(text) == words


@pytest.mark.parametrize("options", [{"must": ["a"]}, {"max_words": 5}])
def test_silence_is_wrong(options):
    assert score(" \n", **options).label == "empty"


@pytest.mark.parametrize("options", [{}, {"threshold": 0.5}, {"threshold": 0.5, "must": ["a"]}, {"max_words": 0}])
def test_options_that_ask_nothing_are_refused(options):
    with pytest.raises(Misfit):
        score("a", **options)


def test_an_endless_answer_is_measured_in_time():
    assert 0 < score("the cat " * 100_000, "the cat", measure="rouge-l").value < 0.1
