"""What a reply looks like is read off it, and differences of replies turn their sign when these are swapped."""

import time

import numpy as np
import pytest
from pericles.policies.engines import Message
from pericles.policies.feedback import Ranking
from pericles.policies.feedback.features import SURFACE, differences, surface_features, text_features
from pericles.tools import ToolCall

PLAIN = "The Danube rises in the Black Forest."


def feature(text, name):
    return text_features(text)[SURFACE.index(name)]


@pytest.mark.parametrize(
    ("name", "with_it"),
    [
        ("sentences", f"{PLAIN} It is long. It is wide."),
        ("lists", f"{PLAIN}\n- one\n- two\n1. three"),
        ("markup", f"## Rivers\n**{PLAIN}**"),
        ("markup", f"{PLAIN}\n```python\nx\n```"),
        ("citations", f"{PLAIN} [1]"),
        ("digits", f"{PLAIN} It is 2850 km long."),
        ("questions", f"{PLAIN} Does that help?"),
        ("hedges", f"Perhaps, I think. {PLAIN}"),
        ("apologies", f"Sorry. {PLAIN}"),
        ("refusals", f"I can't help with that. {PLAIN}"),
        ("exclamations", f"{PLAIN} Really!"),
        ("first person", f"I know my rivers. {PLAIN}"),
        ("greetings", f"Great question! {PLAIN}"),
        ("length", PLAIN * 3),
    ],
)
def test_each_feature_grows_with_what_it_names(name, with_it):
    assert feature(with_it, name) > feature(PLAIN, name)


def test_code_is_no_list_and_no_heading():
    code = "```python\n# a comment\n- 1\n* 2\nprint('sorry!')\n```"
    assert [feature(code, name) for name in ("lists", "apologies", "exclamations")] == [0, 0, 0]
    assert feature(code, "markup") == feature("```\nx\n```", "markup")


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        PLAIN,
        "Hello! I am sorry, I cannot say. " * 2,
        "\n".join(f"{n}. **Item {n}**: the {n}th of them, which is long enough." for n in range(1, 9)),
        f"{PLAIN} [1] It flows through ten countries [2]. " * 6,
    ],
)
def test_usual_replies_lie_within_about_two(text):
    assert np.abs(text_features(text)).max() <= 2.5


def test_a_reply_is_what_the_assistant_says_and_calls():
    call = ToolCall("c", "math", {"query": "1+1"})
    reply = [
        Message("assistant", "", (call,)),
        Message("tool", "- a\n- b!", (), "c", "math"),
        Message("assistant", "2"),
    ]
    found = dict(zip(SURFACE, surface_features(reply), strict=True))
    assert found["tool calls"] == 1
    assert found["lists"] == found["exclamations"] == 0
    assert found["length"] == feature("2", "length")


def test_swapped_replies_differ_by_the_negative():
    ranking = Ranking(
        "r",
        (Message("user", "Which?"),),
        ((Message("assistant", "Short."),), (Message("assistant", "**Long**, and longer than the other one."),)),
        (1, 2),
        "human:ann",
    )
    found = differences(ranking, 0, 1)
    assert found.shape == (3,)
    assert (found == -differences(ranking, 1, 0)).all()
    assert (differences(ranking, 0, 0) == 0).all()
    assert found[0] < 0
    assert found[1] == 0
    assert found[2] < 0


def test_nothing_said_has_finite_features():
    assert np.isfinite(text_features("")).all()
    assert np.isfinite(surface_features([])).all()


@pytest.mark.parametrize("unit", ["**a ", "__a ", "[1", "- ", "I think ", "```\n", "!?", " \n", "1. "])
def test_long_replies_take_no_long_time(unit):
    start = time.process_time()
    text_features(unit * 20_000)
    assert time.process_time() - start < 2
