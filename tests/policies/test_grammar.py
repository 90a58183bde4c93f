"""Grammars of replies: what they let through, what they do not, and that both engines' calls always fit."""

import asyncio
import json
import random

import pytest
from jsonschema import Draft202012Validator
from pericles.policies import GenerationConfig, Message
from pericles.policies.engines import CallRead
from pericles.policies.engines.grammar import MAX_CALLS, Vocabulary, reply_grammar
from pericles.tools import ConfigError

NAMES = ("city", "amount", "note", "tags", "when", "id", "mode", "limit", "größe", "a b", "class", "x")
FORMATS = ("date", "email", "uuid", "ipv4", "time", "date-time", "uri", "odd")


def tool(name, **parameters):
    schema = {"type": "object", "properties": parameters, "required": list(parameters)}
    return {"type": "function", "function": {"name": name, "description": f"The {name}.", "parameters": schema}}


WEATHER = tool("weather", city={"type": "string"}, days={"type": "integer", "minimum": 1, "maximum": 9})
TOOLS = [WEATHER, tool("clock")]
CALL = '<tool_call>{"name": "weather", "arguments": {"city": "Rome", "days": 3}}</tool_call>'
CLOCK = '<tool_call>{"name": "clock", "arguments": {}}</tool_call>'


@pytest.fixture(scope="module")
def tokenizer():
    from llguidance import LLTokenizer
    from pericles.policies.engines.weights import transformers_folder

    return LLTokenizer(str(transformers_folder("smollm2-135m") / "tokenizer.json"), eos_token=2)


@pytest.fixture
def accepts(tokenizer):
    """Whether a whole reply follows the grammar for a choice."""
    from llguidance import LLMatcher

    def _accepts(text, choice="auto", tools=TOOLS, max_new_tokens=512):
        grammar = reply_grammar(tools, choice, max_new_tokens=max_new_tokens, vocabulary=Vocabulary())
        matcher = LLMatcher(tokenizer, grammar)
        ids = tokenizer.tokenize_str(text)
        return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()

    return _accepts


@pytest.mark.parametrize(
    "text", ["", "hello", "<b>a < b</b>", '{"name": "weather"}', "水 <tool> call", "a\n\n```\n{}\n```"]
)
def test_any_text_is_a_reply(accepts, text):
    assert accepts(text)
    assert not accepts(text, "required")
    assert not accepts(text, "clock")


@pytest.mark.parametrize(
    "text",
    [
        CALL,
        f"I will look. {CALL}",
        f"{CALL}\n{CLOCK}",
        CALL.replace("<tool_call>", "<tool_call>\n").replace("</tool_call>", "\n</tool_call>"),
        CALL.replace("Rome", r"\"R\" \\ </tool_call> é\n"),
    ],
)
def test_calls_in_the_written_form_are_replies(accepts, text):
    assert accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>",
        "so <tool_call> is a tag",
        CALL.replace("weather", "whether"),
        CALL.replace('"Rome"', "5"),
        CALL.replace("3", '"3"'),
        CALL.replace("3", "12"),
        CALL.replace(', "days": 3', ""),
        CALL.replace("3}", '3, "more": 1}'),
        CLOCK.replace("{}", '{"zone": "utc"}'),
        f"{CALL} and then",
        f"{CALL}<tool_response>sunny</tool_response>",
        CLOCK * (MAX_CALLS + 1),
    ],
)
def test_nothing_but_valid_calls_follows_the_tag(accepts, text):
    assert not accepts(text)


def test_a_choice_decides_which_calls_there_are(accepts):
    assert accepts(CLOCK, "clock")
    assert accepts(CLOCK, "required")
    assert not accepts(CALL, "clock")
    assert not accepts(CALL, "none")
    assert not accepts(f"well {CALL}", "none")
    assert not accepts(f"well {CALL}", "required")
    assert accepts("It is noon, a < b.", "none")


def test_texts_and_lists_are_bounded(accepts):
    tools = [tool("note", text={"type": "string"}, items={"type": "array"}, more={})]

    def written(chars, count, more="1"):
        arguments = f'{{"text": "{"a" * chars}", "items": [{", ".join("1" * count)}], "more": {more}}}'
        return f'<tool_call>{{"name": "note", "arguments": {arguments}}}</tool_call>'

    assert accepts(written(256, 32), "note", tools, max_new_tokens=64)
    assert not accepts(written(257, 32), "note", tools, max_new_tokens=64)
    assert not accepts(written(256, 33), "note", tools, max_new_tokens=64)
    assert accepts(written(1, 1, '{"a": [{}, "b"]}').replace("{},", "1,"), "note", tools)
    assert not accepts(written(1, 1, "[[[[1]]]]"), "note", tools)


def test_without_tools_anything_goes():
    assert reply_grammar([], "auto", max_new_tokens=9, vocabulary=Vocabulary()) is None
    with pytest.raises(ConfigError, match="needs tools"):
        reply_grammar([], "required", max_new_tokens=9, vocabulary=Vocabulary())


def test_names_and_values_are_never_grammar(accepts):
    strange = tool('a" | /.*/', **{'"} | x\n': {"enum": ['"\n%json', "</tool_call>"]}})
    arguments = {'"} | x\n': "</tool_call>"}
    text = "<tool_call>" + json.dumps({"name": 'a" | /.*/', "arguments": arguments}) + "</tool_call>"
    assert accepts(text, "auto", [strange])
    assert not accepts("<tool_call>x</tool_call>", "auto", [strange])


def test_a_schema_that_no_grammar_can_say_leaves_the_rest_constrained(accepts):
    odd = tool("odd", a={"type": "string", "pattern": "(a)\\1"}, b={"type": "integer"})
    assert accepts('<tool_call>{"name": "odd", "arguments": {"a": "x", "b": 1}}</tool_call>', "odd", [odd])
    assert not accepts('<tool_call>{"name": "odd", "arguments": {"a": "x", "b": "y"}}</tool_call>', "odd", [odd])


def test_surrogates_in_a_schema_do_no_harm():
    strange = tool("f", **{"a\ud800": {"type": "string", "description": "\udfff"}})
    assert "%json" in reply_grammar([strange], "auto", max_new_tokens=9, vocabulary=Vocabulary())


def random_value(draw, depth):
    def bounds():
        low = draw.randint(-50, 50)
        return {"minimum": low, "maximum": low + draw.randint(0, 500)} if draw.random() < 0.5 else {}

    simple = {
        "string": lambda: {"type": "string", **({"maxLength": draw.randint(1, 30)} if draw.random() < 0.5 else {})},
        "integer": lambda: {"type": "integer", **bounds()},
        "number": lambda: {"type": "number", "exclusiveMinimum": 0, "maximum": 99.5},
        "boolean": lambda: {"type": "boolean"},
        "enum": lambda: {"enum": draw.sample(["a", "ç", "long text", 1, 2.5, None, True], draw.randint(1, 4))},
        "nullable": lambda: {"type": ["string", "null"]},
        "pattern": lambda: {"type": "string", "pattern": draw.choice([r"^[A-Z]{2,3}-\d+$", r"^\d{4}$", "^(yes|no)$"])},
        "format": lambda: {"type": "string", "format": draw.choice(FORMATS)},
        "reference": lambda: {"$ref": "#/$defs/thing"},
    }
    nested = {
        "array": lambda: {"type": "array", "items": random_value(draw, depth + 1), "maxItems": draw.randint(1, 4)},
        "object": lambda: random_object(draw, depth + 1),
        "anyOf": lambda: {"anyOf": [random_value(draw, depth + 1), random_value(draw, depth + 1)]},
    }
    return draw.choice(list(({**simple, **nested} if depth < 3 else simple).values()))()


def random_object(draw, depth=0):
    properties = {draw.choice(NAMES): random_value(draw, depth) for _ in range(draw.randint(0, 4))}
    schema = {"type": "object", "properties": properties}
    schema["required"] = [name for name in properties if draw.random() < 0.6]
    if draw.random() < 0.5:
        schema["additionalProperties"] = False
    return schema


def random_tools(draw):
    thing = {"type": "object", "properties": {"kind": {"enum": ["p", "q"]}}, "required": ["kind"]}
    return [
        {
            "type": "function",
            "function": {
                "name": f"tool_{number}",
                "description": draw.choice(["Looks a thing up.", "Books a table."]),
                "parameters": {**random_object(draw), "$defs": {"thing": thing}},
            },
        }
        for number in range(draw.randint(1, 4))
    ]


async def converse(engine, seed, tokens):
    """One conversation with random tools: `(calls that were cut off, whole calls)`; whole ones must be valid."""
    draw = random.Random(seed)
    tools = random_tools(draw)
    choice = draw.choice(["required", "auto", "tool_0"])
    config = GenerationConfig(max_new_tokens=tokens, temperature=1.0, seed=seed)
    text = draw.choice(["hello", "Book a table for 5 at 7 pm", "Find number 77"])
    events = [
        event async for event in engine.stream([Message("user", text)], tools=tools, tool_choice=choice, config=config)
    ]
    calls = [event.call for event in events if isinstance(event, CallRead)]
    assert calls or choice == "auto"
    schemas = {item["function"]["name"]: item["function"]["parameters"] for item in tools}
    cut_off = [call for call in calls if call.problem]
    assert len(cut_off) <= (events[-1].reason == "length"), f"seed {seed}: {cut_off}"
    whole = [call for call in calls if not call.problem]
    for call in whole:
        assert choice in ("auto", "required", call.name)
        Draft202012Validator(schemas[call.name]).validate(call.arguments)
    return len(cut_off), len(whole)


async def converse_all(engine, seeds, tokens=48):
    running = asyncio.Semaphore(4)

    async def one(seed):
        async with running:
            return await converse(engine, seed, tokens)

    return [sum(counts) for counts in zip(*await asyncio.gather(*map(one, seeds)), strict=True)]


@pytest.mark.slow
def test_every_whole_call_of_a_random_tool_is_valid(llama):
    cut_off, whole = asyncio.run(converse_all(llama, range(4)))
    assert cut_off + whole >= 2


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_whole_call_of_many_random_tools_is_valid(engine):
    cut_off, whole = asyncio.run(converse_all(engine, range(100, 200), 128))
    print(f"{whole} calls, all valid; {cut_off} cut off by the token limit")
    assert whole > 50
