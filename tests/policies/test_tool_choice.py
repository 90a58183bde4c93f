"""`tool_choice`: a reply does what it demands, whatever the model would have said."""

import asyncio

import pytest
from pericles.policies import GenerationConfig, Message
from pericles.policies.engines import CallPiece, CallRead, TextPiece
from pericles.policies.engines.tool_choice import tool_to_call
from pericles.tools import ConfigError

PROMPTS = ["hello", "what is 2+2?"]


def schema(name, required=(), **properties):
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": f"The {name}.", "parameters": parameters}}


MATH = schema("math", ["query"], query={"type": "string"})
SEARCH = schema("search", ["query"], query={"type": "string"})
CLOCK = schema("clock")
TOOLS = [MATH, SEARCH, CLOCK]


def play(engine, text, choice, tools=TOOLS, tokens=28):
    async def main():
        config = GenerationConfig(max_new_tokens=tokens)
        reply = engine.stream([Message("user", text)], tools=tools, tool_choice=choice, config=config)
        return [event async for event in reply]

    return asyncio.run(main())


def calls(events):
    return [event.call for event in events if isinstance(event, CallRead)]


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("text", PROMPTS)
def test_a_named_tool_is_called(engine, text):
    assert calls(play(engine, text, "math"))[0].name == "math"


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("text", PROMPTS)
def test_some_tool_is_called(engine, text):
    events = play(engine, text, "required")
    assert calls(events)[0].name in ("math", "search", "clock")
    assert isinstance(events[0], CallPiece)


def test_a_tool_without_parameters_gets_none(engine):
    first = calls(play(engine, "hello", "clock"))[0]
    assert (first.name, first.arguments, first.problem) == ("clock", {}, None)


@pytest.mark.sampled(every=2)
def test_the_only_tool_is_the_one_that_is_required(engine):
    first = calls(play(engine, "hello", "required", tools=[MATH]))[0]
    assert first.name == "math"


def test_a_call_that_does_not_fit_is_cut_off_and_never_run(engine):
    events = play(engine, "hello", "math", tokens=12)
    assert events[-1].reason == "length"
    assert "cut off" in calls(events)[0].problem


def test_a_forced_call_reads_the_prompt_no_second_time(llama):
    text = "Here is a number of words that are long enough to be worth keeping. " * 8
    first = play(llama, text, "auto", tokens=2)[-1].usage
    for choice in ("required", "math", "none"):
        usage = play(llama, text, choice, tokens=2)[-1].usage
        assert usage.cached_tokens >= first.prompt_tokens - 1
        assert usage.prompt_tokens == first.prompt_tokens


@pytest.mark.parametrize("text", PROMPTS)
def test_a_choice_of_none_says_nothing_but_text(engine, text):
    events = play(engine, text, "none", tokens=16)
    said = "".join(event.text for event in events if isinstance(event, TextPiece))
    assert said.strip()
    assert "tool_call" not in said
    assert not calls(events)


def test_a_free_choice_leaves_text_alone(engine):
    with_tools = play(engine, "Write one sentence about the sea.", "auto", tokens=12)
    assert any(isinstance(event, TextPiece) for event in with_tools)


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
