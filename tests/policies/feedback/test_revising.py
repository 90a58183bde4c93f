"""A policy that criticises and rewrites its replies, and what is done with what it spoils."""

import asyncio

import pytest
from pericles.agent.testing import FunctionPolicy
from pericles.policies.engines import Message
from pericles.policies.feedback.constitution import Constitution, Principle
from pericles.policies.feedback.revising import bare, revise
from pericles.tools import ToolCall

KINDER = Constitution((Principle("kind", "style", "Which is kinder?", "Say what is unkind.", "Make it kinder."),))
PROMPT = (Message("system", "You are brief."), Message("user", "Who are you?"))
REPLY = (Message("assistant", "Nobody you know."),)


def revised(*said, reply=REPLY, rounds=1, constitution=KINDER):
    """What becomes of a reply when the policy says these things one after the other."""
    seen, left = [], list(said)

    def speak(messages, tools):
        seen.append(messages)
        return left.pop(0)

    found = asyncio.run(revise(FunctionPolicy(speak), PROMPT, reply, constitution, rounds=rounds, seed=3))
    return found, seen


def test_a_reply_is_criticised_and_rewritten():
    found, seen = revised("It is curt.", "I am a helper, nice to meet you.")
    assert found.final == (Message("assistant", "I am a helper, nice to meet you."),)
    assert found.rounds[0].to_dict() == {
        "principle": "kind", "critique": "It is curt.", "reply": "I am a helper, nice to meet you.", "problem": None,
    }  # fmt: skip
    asked = [message.content for message in seen[1]]
    assert asked[:2] == ["Who are you?", "Nobody you know."]
    assert asked[2].startswith("Say what is unkind.")
    assert asked[3] == "It is curt."
    assert asked[4].startswith("Make it kinder.")


def test_the_second_round_goes_on_from_the_first():
    found, seen = revised("Curt.", "Hello, I am a helper.", "Still curt.", "Hello and welcome!", rounds=2)
    assert found.final == (Message("assistant", "Hello and welcome!"),)
    assert seen[2][1].content == "Hello, I am a helper."


def test_a_spoiled_round_leaves_the_one_before():
    found, _ = revised("Curt.", "Hello, I am a helper.", "Hm.", "", rounds=2)
    assert found.final == (Message("assistant", "Hello, I am a helper."),)
    assert [one.problem for one in found.rounds] == [None, "empty"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (("", "unused"), "empty"),
        (("Curt.", " \u200b\n"), "empty"),
        (("Curt.", "Nobody you  know.\n"), "unchanged"),
        (("Curt.", "I am very nice and I am here. " * 9), "repeats itself"),
        (("Curt.", "The original reply was curt, and I regret it."), "speaks of the task"),
        (("Curt.", "As the critique says, I should be nicer."), "speaks of the task"),
    ],
)
def test_what_is_of_no_use_is_dropped_with_the_reason(said, problem):
    found, _ = revised(*said)
    assert found.final is None
    assert [one.problem for one in found.rounds] == [problem]


def test_calls_and_results_of_the_turn_stay():
    call = ToolCall("1", "math", {"query": "6*7"})
    turn = (Message("assistant", "", (call,)), Message("tool", "42", (), "1", "math"), Message("assistant", "42"))
    found, _ = revised("Curt.", "It is 42.", reply=turn)
    assert found.final == (*turn[:2], Message("assistant", "It is 42."))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Here is the rewritten reply:\n\nHello.", "Hello."),
        ("Sure! Here's a kinder version: Hello.", "Hello."),
        ("Revised reply: Hello.", "Hello."),
        ('"Hello."', "Hello."),
        ('"Hello" is what I say, and "bye".', '"Hello" is what I say, and "bye".'),
        ("Here is a list: no, it is not.", "no, it is not."),
        ("Hello: I am here.", "Hello: I am here."),
    ],
)
def test_introductions_and_quotation_marks_are_taken_off(said, kept):
    assert bare(said) == kept
