"""The judge as a reward: against a reference or by a score, and what happens where it fails."""

import re

import pytest
from pericles.agent.testing import FunctionPolicy
from pericles.policies.engines import Message
from pericles.policies.feedback.constitution import Constitution, Principle
from pericles.policies.feedback.judging import Judge
from pericles.policies.training.rewards.judged import JudgeReward
from pericles.policies.training.rewards.reply import Reply
from pericles.policies.training.sources.prompt import Prompt
from pericles.tools import PolicyError

ONE = Constitution((Principle("shorter", "style", "Which reply is shorter?", "c", "r"),))


def reply(text, prompt="Name a colour."):
    return Reply(Prompt("1", (Message("user", prompt),)), (Message("assistant", text),), (text,), (True,), "completed")


def shorter(messages, tools):
    first, second = re.findall(r"--- reply [AB] (\w+) ---\n(.*?)\n--- end \1 ---", messages[-1].content, re.DOTALL)
    return "A" if len(first[1]) < len(second[1]) else "B"


def rewards(function, replies, by="pairwise", reference="dark green"):
    asked = []

    def references(wanted):
        asked.append(len(wanted))
        return [(Message("assistant", reference),) if reference else () for _ in wanted]

    reward = JudgeReward(Judge(FunctionPolicy(function), ONE), by, references, 0)
    try:
        return [reward.score(replies, step) for step in (0, 1)][1], asked
    finally:
        reward.close()


def test_a_reply_is_compared_with_the_reference():
    assert rewards(shorter, [reply("red"), reply("blue as the deep sea")])[0] == [1.0, 0.0]


def test_a_judge_that_likes_the_first_says_nothing():
    assert rewards(lambda messages, tools: "A", [reply("red"), reply("blue as the sea")])[0] == [0.5, 0.5]


def test_references_are_made_once_for_each_prompt_whatever_its_id():
    found, asked = rewards(shorter, [reply("red"), reply("x"), reply("red", "Another one with the same id.")])
    assert found == [1.0, 1.0, 1.0]
    assert asked == [2, 0]


def test_a_reply_without_words_earns_nothing_and_any_is_better_than_none():
    assert rewards(shorter, [reply(" "), reply("red")], reference="")[0] == [0.0, 1.0]


@pytest.mark.parametrize(("said", "expected"), [("10", 1.0), ("1", 0.0), ("4", 1 / 3)])
def test_a_score_is_scaled(said, expected):
    assert rewards(lambda messages, tools: said, [reply("red")], "score")[0] == pytest.approx([expected])


def test_what_the_judge_cannot_say_is_neither_better_nor_worse():
    def sometimes(messages, tools):
        if "assistant: blue" in messages[-1].content:
            raise PolicyError("no connection")
        return (
            "well"
            if "assistant: green" in messages[-1].content
            else "10"
            if "assistant: red" in messages[-1].content
            else "4"
        )

    found, _ = rewards(sometimes, [reply("red"), reply("blue"), reply("green"), reply("grey")], "score")
    assert found == pytest.approx([1.0, 2 / 3, 2 / 3, 1 / 3])
