"""Nothing that a model can write crashes a turn: mutated replies through the reader and through the whole loop."""

import asyncio
import json
import random

import pytest
from pericles.agent import Agent, InMemorySession, TurnFinished
from pericles.policies import ScriptedPolicy
from pericles.policies.engines import CallRead, TextPiece
from pericles.policies.engines.chat_format import ReplyReader, render, smollm2_template

MATH = '{"name": "math", "arguments": {"query": "37821 * 9912"}}'
CORPUS = (
    "The answer is 4.",
    f"<tool_call>{MATH}</tool_call>",
    f"Let me calculate that.\n<tool_call>\n{MATH}\n</tool_call>\nDone.",
    f"<tool_call>{MATH}</tool_call>\n<tool_call>{MATH.replace('9912', '2')}</tool_call>",
    f"<tool_call>[{MATH}, {MATH}]</tool_call>",
    "<tool_call>{'name': 'math', 'arguments': {'query': 'it\\'s 2+2',},}</tool_call>",
    f"```json\n{MATH}\n```",
    f"<tool_call>```json\n{MATH}\n```</tool_call>",
    MATH,
    '<tool_call>{"name": "math", "arguments": "{\\"query\\": \\"2\\"}"}</tool_call>',
    '<tool_call>{"type": "function", "function": {"name": "math", "arguments": {"query": "2"}}}</tool_call>',
    '<tool_call>{"math": {"query": "\\ud83d\\ude00 \\u00e9"}}</tool_call>',
    '<tool_call>{"name": "search", "arguments": {"query": NaN, "n": 1e999, "deep": [[{"a": [1, null]}]]}}</tool_call>',
    f"<think>Is it 4? {MATH}</think><tool_call>{MATH}</tool_call><tool_response>5</tool_response>It is 5.",
    "<tool_call>math(2+2)</tool_call>",
    '{"name": "Ada", "born": 1815}',
    "if a < b then <b>bold</b> {x: [1, 2]} 'quoted' \"text\"",
)
INSERTED = (
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>", "<|im_start|>",
    "<|im_end|>", "<|endoftext|>", "```", "```json", "{", "}", "[", "]", '"', "'", ",", ":", "\\", "\\u", "\\ud800",
    "\x00", "\ud800", "\udfff", "\ufeff", "\u202e", "水", "😀", "\n", "\r", "\t", " " * 50, "null",
    "-", "1e400", "9" * 5000, "[" * 200, "{'a':" * 100, "“", "”", "boom", "name", "arguments",
)  # fmt: skip


def mutated(rng):
    text = rng.choice(CORPUS)
    for _ in range(rng.randint(1, 6)):
        first, second = sorted(rng.randint(0, len(text)) for _ in range(2))
        short = min(second, first + rng.choice((1, 2, 5, 30)))
        kind = rng.randrange(7)
        if kind == 0:  # delete
            text = text[:first] + text[short:]
        elif kind == 1:  # duplicate
            text = text[:short] + text[first:short] * rng.choice((1, 1, 1, 20)) + text[short:]
        elif kind == 2:  # swap halves
            text = text[:first] + text[second:] + text[first:second]
        elif kind in (3, 4):  # insert
            text = text[:first] + rng.choice(INSERTED) + text[first:]
        elif kind == 5:  # truncate
            text = text[:second]
        else:  # splice with another reply
            text = text[:first] + rng.choice(CORPUS)[rng.randint(0, 20) :]
    return text[:20_000]


def read(text, piece):
    ids = iter(range(10**9))
    reader = ReplyReader(("math", "search"), call_id=lambda: f"call_{next(ids)}")
    events = [event for start in range(0, len(text), piece) for event in reader.feed(text[start : start + piece])]
    events += reader.finish()
    said = "".join(event.text for event in events if isinstance(event, TextPiece))
    return said, [event.call for event in events if isinstance(event, CallRead)]


def check_reading(text):
    whole = read(text, max(1, len(text)))
    for piece in (1, 3, 16):
        assert read(text, piece) == whole
    said, calls = whole
    assert "<tool_response>" not in said
    assert "</tool_response>" not in said
    json.dumps([call.to_dict() for call in calls], ensure_ascii=False, allow_nan=False).encode("utf-8")


async def check_turn(replies, tool, check_history):
    session = InMemorySession()
    agent = Agent(ScriptedPolicy(replies, context_window=1 << 24), tools=[tool], max_steps=3)
    async with agent.stream("What is 37821 * 9912?", session=session) as turn:
        events = [event async for event in turn]
    assert sum(isinstance(event, TurnFinished) for event in events) == 1
    assert events[-1].status in ("completed", "max_steps"), turn.result.error
    messages = await session.messages()
    check_history(messages)
    json.dumps([event.to_dict() for event in events], allow_nan=False)
    prompt = render(smollm2_template(), messages, tools=agent.tools.schemas(), add_generation_prompt=False)
    assert prompt.count("<|im_start|>") == prompt.count("<|im_end|>") == len(messages) + 1


def fuzz(seed, count, tool, check_history):
    rng = random.Random(seed)

    async def main():
        for _ in range(count):
            replies = [mutated(rng), mutated(rng)]
            try:
                for reply in replies:
                    check_reading(reply)
                await check_turn(replies, tool, check_history)
            except Exception as error:
                raise AssertionError(f"replies {replies!r}") from error

    asyncio.run(main())


def test_mutated_replies_crash_nothing(math_tool, check_history, caplog):
    fuzz(1, 750, math_tool, check_history)  # two replies each


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(2, 7))
def test_ten_thousand_mutated_replies_crash_nothing(seed, math_tool, check_history, caplog):
    fuzz(seed, 1000, math_tool, check_history)
    caplog.clear()
