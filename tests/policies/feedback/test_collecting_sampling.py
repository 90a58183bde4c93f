"""Replies that are sampled to be ranked."""

import asyncio
import itertools

import pytest
from pericles.policies import GenerationConfig
from pericles.policies.engines import Message
from pericles.policies.engines.function_policy import FunctionPolicy
from pericles.policies.feedback.collecting import sample_candidate
from pericles.tools import PolicyError, ToolCall, ToolRegistry

PROMPT = (Message("user", "Hi"), Message("assistant", "Hello."), Message("user", "6 times 7?"))


def sampled(function, tools=(), replies=4):
    policy = FunctionPolicy(function)
    made = sample_candidate(
        policy, "q", PROMPT, tools=ToolRegistry(tools), replies=replies, name="ref", config=GenerationConfig()
    )
    return asyncio.run(made)


def test_replies_come_from_the_agent_with_their_calls_and_without_its_notes():
    numbers = itertools.count()

    def speak(messages, tools):
        assert messages[1:4] == list(PROMPT)
        if messages[-1].role == "user":
            return ToolCall("", "math", {"query": "6*7"}) if next(numbers) % 2 else "About forty."
        return f"It is {messages[-1].content}."

    candidate = sampled(speak, ["math"])
    assert candidate is not None
    assert candidate.prompt == PROMPT
    assert candidate.policy == "ref"
    assert [schema["function"]["name"] for schema in candidate.tools] == ["math"]
    said = sorted((reply[-1].content, len(reply)) for reply in candidate.replies)
    assert said == [("About forty.", 1), ("It is 42.", 3)]
    assert not any(message.meta for reply in candidate.replies for message in reply)


def test_each_reply_has_a_seed_of_its_own_that_stays():
    def seeds(id):
        seen = []

        class Noting(FunctionPolicy):
            def stream(self, messages, *, config=None, **options):
                seen.append((config.seed, config.temperature))
                return super().stream(messages, config=config, **options)

        config = GenerationConfig(temperature=1.0)
        policy = Noting(lambda messages, tools: "x")
        made = sample_candidate(policy, id, PROMPT, tools=ToolRegistry(), replies=3, name="", config=config)
        asyncio.run(made)
        return seen

    assert seeds("a") == seeds("a")
    assert len({*seeds("a"), *seeds("b")}) == 6
    assert {temperature for _, temperature in seeds("a")} == {1.0}


def test_replies_that_are_all_the_same_are_nothing_to_rank():
    assert sampled(lambda messages, tools: "42.") is None


def test_turns_that_fail_are_left_out_and_told_where_all_do():
    numbers = itertools.count()

    def speak(messages, tools):
        number = next(numbers)
        if number == 1:
            raise PolicyError("the server is gone.")
        return "" if number == 2 else f"reply {number}"

    candidate = sampled(speak)
    assert candidate is not None
    assert [reply[0].content for reply in candidate.replies] == ["reply 0", "reply 3"]

    with pytest.raises(PolicyError, match="function gave no answer"):
        sampled(lambda messages, tools: " ")
