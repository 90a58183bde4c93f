"""`tool_choice`: a reply that must call a tool does so, whatever the model would have said."""

import asyncio

import pytest
from pericles.policies import GenerationConfig, Message
from pericles.policies.engines import CallPiece, CallRead, ReplyFinished, TextPiece
from pericles.policies.engines.tool_choice import call_start, named_tool, tool_to_call
from pericles.tools import ConfigError

PROMPTS = ["hello", "tell me a joke", "what is 2+2?", "Who wrote Hamlet?", "thanks!", "<tool_call>"]


def schema(name, required=(), **properties):
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": f"The {name}.", "parameters": parameters}}


MATH = schema("math", ["query"], query={"type": "string"})
SEARCH = schema("search", ["query"], query={"type": "string"})
CLOCK = schema("clock")
TOOLS = [MATH, SEARCH, CLOCK]


def play(engine, text, choice, tools=TOOLS, tokens=5):
    async def main():
        config = GenerationConfig(max_new_tokens=tokens)
        reply = engine.stream([Message("user", text)], tools=tools, tool_choice=choice, config=config)
        return [event async for event in reply]

    return asyncio.run(main())


def calls(events):
    return [event.call for event in events if isinstance(event, CallRead)]


@pytest.mark.parametrize("text", PROMPTS)
def test_a_named_tool_is_called(engine, text):
    assert calls(play(engine, text, "math"))[0].name == "math"


@pytest.mark.parametrize("text", PROMPTS)
def test_some_tool_is_called(engine, text):
    events = play(engine, text, "required")
    assert calls(events)[0].name in ("math", "search", "clock")
    assert isinstance(events[0], CallPiece)


def test_a_tool_without_parameters_gets_none(engine):
    first = calls(play(engine, "hello", "clock", tokens=4))[0]
    assert (first.name, first.arguments, first.problem) == ("clock", {}, None)


def test_the_only_tool_is_the_one_that_is_required(engine):
    first = calls(play(engine, "hello", "required", tools=[MATH]))[0]
    assert first.name == "math"


def test_what_was_written_for_the_model_counts_as_read(engine):
    messages = [Message("user", "hello")]
    finished = play(engine, "hello", "math", tokens=8)[-1]
    assert isinstance(finished, ReplyFinished)
    assert finished.reason == "tool_calls"
    assert finished.usage.completion_tokens <= 8
    prompt = asyncio.run(engine.count_tokens(messages, tools=TOOLS))
    assert prompt < finished.usage.prompt_tokens < prompt + 30


def test_the_prefix_of_the_conversation_is_kept(llama):
    text = "Here is a number of words that are long enough to be worth keeping. " * 8
    first = play(llama, text, "auto", tokens=2)[-1].usage
    for choice in ("required", "math"):
        assert play(llama, text, choice)[-1].usage.cached_tokens >= first.prompt_tokens - 1


def test_a_choice_of_nothing_says_nothing_but_text(engine):
    for choice in ("auto", "none"):
        events = play(engine, "hello", choice, tokens=4)
        assert any(isinstance(event, TextPiece) for event in events)
        assert not calls(events)


@pytest.mark.parametrize(
    ("choice", "tools", "told"),
    [
        ("maths", TOOLS, r"'maths' names no tool; there are: math, search, clock.* Did you mean math\?"),
        ("math", [], "there are: none"),
        ("required", [], "'required' needs tools"),
        ("Required", TOOLS, "auto, none and required"),
    ],
)
def test_a_choice_that_cannot_be_is_told(engine, choice, tools, told):
    with pytest.raises(ConfigError, match=told):
        play(engine, "hello", choice, tools)


def test_what_must_be_called():
    assert tool_to_call(TOOLS, "auto") is None
    assert tool_to_call([], "none") is None
    assert tool_to_call(TOOLS, "required") == ""
    assert tool_to_call([MATH], "required") == "math"
    assert tool_to_call(TOOLS, "search") == "search"


def test_all_that_is_certain_of_a_call_is_written_beforehand():
    assert call_start("math", TOOLS) == '<tool_call>{"name": "math", "arguments": {"query":'
    assert call_start("clock", TOOLS) == '<tool_call>{"name": "clock", "arguments": {}}</tool_call>'
    assert call_start("f", [schema("f", a={})]) == '<tool_call>{"name": "f", "arguments":'


@pytest.mark.parametrize(
    ("written", "name"),
    [("math", "math"), ('math", "x', "math"), ("searching", "search"), ("mat", "math")],
)
def test_a_name_that_does_not_exist_becomes_the_most_similar_one(written, name):
    assert named_tool(written, TOOLS[:2]) == name


@pytest.mark.parametrize("written", ["", "\n", "\ud800", '"', "x" * 300])
def test_anything_written_names_some_tool(written):
    assert named_tool(written, TOOLS) in ("math", "search", "clock")
