"""Texts that degenerate, and texts that only repeat what they must."""

import asyncio

import pytest
from pericles.evals.samples import Reply, Sample
from pericles.evals.scorers import Misfit, Scoring, make_scorer
from pericles.evals.scorers.repetition import repeated_ngrams

STORY = (
    "Mira found the boat under a tarpaulin behind the old cannery. Nobody had rowed it since her uncle left for the "
    "north, and the oars smelled of tar and mice. She pulled it down the shingle at low tide, counting the strokes she "
    "would need to reach the lighthouse. Halfway across, the fog came in, and all she could hear was water."
)

GROCERIES = "milk tea rice salt milk rice tea bread salt tea milk corn rice milk salt tea"
ORDINALS = "first second third fourth fifth sixth seventh"


def score(answer, **options):
    scorer = make_scorer({"kind": "repetition", **options}, None, given=False)
    return asyncio.run(scorer.score(Reply("q", answer), Scoring(Sample("a", ("q",)), ())))


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        (STORY + " And then she went home." * 6, "loop"),
        ("the " * 40, "loop"),
        ("ha" * 60, "loop"),
        ("好的" * 20, "loop"),
        ("A list:\n" + "\n".join(f"{n}. Cheese" for n in range(1, 25)), "loop"),
        ("A list:\n" + "\n".join(f"**{n}.** Cheese" for n in range(1, 25)), "loop"),
        ("=" * 500, "loop"),
        ("😀" * 100, "loop"),
        # The rounds of a list that has run out of things, in changing order.
        (
            "\n".join(f"- {w}" for w in GROCERIES.split()),
            "lines",
        ),
        (STORY + "\n\n" + STORY, "n-grams"),
        (
            "\n".join(
                f"Day {n}: On the {w} I went to the store and bought some milk." for n, w in enumerate(ORDINALS.split())
            ),
            "n-grams",
        ),
        ("", "empty"),
        (" \n ", "empty"),
    ],
)
def test_degenerate_texts(answer, label):
    found = score(answer)
    assert (found.value, found.label) == (0.0, label), found.detail


@pytest.mark.parametrize(
    "answer",
    [
        STORY,
        "No.",
        "Ha ha ha ha, that is very, very, very good!",
        "So " + "lo" * 20 + "ng!",
        "\n".join(str(n) for n in range(1, 101)),
        "1. one\n2. two\n3. three\n4. four\n5. five\n6. six",
        "\n".join(f"7 x {n} = {7 * n}" for n in range(1, 13)),
        "| a | b |\n|---|---|\n" + "\n".join(f"| {n} | {n * n} |" for n in range(20)),
        "-" * 80 + "\nTitle\n" + "-" * 80,
        # A refrain, four times in sixteen lines.
        "\n".join(
            line
            for verse in (
                "The mill\nThe hill\nThe rill",
                "A crow\nA hoe\nThe snow",
                "One pear\nTwo mares\nA fair",
                "Cold night\nNo light\nA kite",
            )
            for line in [*verse.split("\n"), "And the river runs on"]
        ),
        "```python\n" + "\n".join(f"def f{n}(x):\n    return x + {n}\n" for n in range(8)) + "```",
        "从前有一个小村庄，村里住着一位老木匠。他每天清晨都去河边散步，听鸟叫，看日出。有一天，他在岸边捡到一只木盒。",
    ],
)
def test_texts_that_are_in_order(answer):
    found = score(answer)
    assert found.value == 1.0, (found.label, found.detail)


def test_the_share_of_ngrams_is_that_of_welleck():
    words = [str(n) for n in range(20)] * 2  # 37 4-grams, of which 20 are new
    assert repeated_ngrams(words) == pytest.approx(1 - 20 / 37)
    assert repeated_ngrams([str(n) for n in range(40)]) == 0.0


def test_bounds_can_be_set():
    answer = STORY + " " + STORY[:150]
    assert score(answer).value == 1.0
    assert score(answer, ngrams=0.1).label == "n-grams"


def test_what_is_found_is_told():
    assert score("Well. " + "I am here. " * 20).detail == "again and again: i am here"


def test_nothing_can_be_expected():
    with pytest.raises(Misfit):
        make_scorer("repetition", "x", given=True)


def test_a_long_text_takes_no_time():
    words = " ".join(f"{n * n % 977} {n}" for n in range(6000))
    assert score(words).value == 1.0
