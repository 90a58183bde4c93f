"""A policy that is a function."""

import asyncio

import pytest
from pericles.agent import Agent
from pericles.policies import Message, Policy
from pericles.policies.engines import CallRead, ReasoningPiece, TextPiece
from pericles.policies.engines.function_policy import FunctionPolicy
from pericles.tools import ConfigError, ToolCall

HELLO = [Message("user", "hello there")]
TOOLS = [{"type": "function", "function": {"name": "math"}}]


def play(function, messages=HELLO, tools=TOOLS, **options):
    async def main():
        return [event async for event in FunctionPolicy(function).stream(messages, tools=tools, **options)]

    return asyncio.run(main())


def test_it_is_a_policy():
    assert isinstance(FunctionPolicy(lambda messages, tools: "x"), Policy)


def test_a_function_sees_the_conversation_and_the_tools():
    events = play(lambda messages, tools: f"{messages[-1].content}, {tools[0]['function']['name']}")
    assert "".join(event.text for event in events if isinstance(event, TextPiece)) == "hello there, math"
    assert events[-1].usage.prompt_tokens == 2


def test_a_function_may_be_async():
    async def slow(messages, tools):
        await asyncio.sleep(0)
        return "done"

    assert play(slow)[0] == TextPiece("done")


def test_text_is_read_like_a_models():
    events = play(lambda messages, tools: '<think>hm</think>Ok.<tool_call>{"name": "math"}</tool_call>')
    assert [type(event) for event in events if isinstance(event, ReasoningPiece | CallRead)]
    assert events[-1].reason == "tool_calls"


@pytest.mark.parametrize("many", [False, True])
def test_a_call_may_be_returned(many):
    made = ToolCall("c", "math", {"query": "1"})
    (found,) = (event.call for event in play(lambda *_: [made] if many else made) if isinstance(event, CallRead))
    assert found == made


def test_a_function_is_told_the_choice_of_tool_only_if_it_asks():
    assert play(lambda messages, tools, tool_choice: tool_choice, tool_choice="required")[0] == TextPiece("required")
    assert play(lambda messages, tools, **options: options["tool_choice"])[0] == TextPiece("auto")
    assert play(lambda messages, tools: "nothing", tool_choice="required")[0] == TextPiece("nothing")


def test_an_error_comes_out_as_it_is():
    class Mine(Exception):
        pass

    def fails(messages, tools):
        raise Mine("here")

    with pytest.raises(Mine, match="here"):
        play(fails)


@pytest.mark.parametrize("value", [None, 5, b"x", ["text"]])
def test_what_is_no_reply_is_refused(value):
    with pytest.raises(ConfigError, match="a reply must be"):
        play(lambda messages, tools: value)


def test_what_is_no_function_is_refused():
    with pytest.raises(ConfigError, match="needs a function"):
        FunctionPolicy("hello")


def test_it_drives_an_agent():
    def policy(messages, tools):
        if messages[-1].role == "tool":
            return f"It is {messages[-1].content}."
        return ToolCall("", "double", {"number": 4})

    def double(number: int) -> int:
        """Twice a number."""
        return 2 * number

    assert Agent(FunctionPolicy(policy), tools=[double]).run_sync("twice 4?").output == "It is 8."
