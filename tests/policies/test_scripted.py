"""Scripted replies: what tests and demonstrations run on instead of a model."""

import asyncio
import json
import time

import pytest
from pericles.agent import Agent, InMemorySession
from pericles.policies import Message, Policy, ScriptedPolicy
from pericles.policies.engines import CallRead, ReplyFinished, TextPiece
from pericles.policies.engines.load import load_policy
from pericles.tools import ConfigError

HELLO = [Message("user", "hello")]


def play(policy, messages=HELLO, **options):
    async def main():
        return [event async for event in policy.stream(messages, **options)]

    return asyncio.run(main())


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, TextPiece))


def test_replies_come_in_order_and_start_over():
    agent = Agent(ScriptedPolicy(["one", "two"]))
    session = InMemorySession()
    assert [agent.run_sync("next", session=session).output for _ in range(5)] == ["one", "two", "one", "two", "one"]


def test_it_serves_several_conversations_at_once():
    agent = Agent(ScriptedPolicy(["one", "two"]))
    assert [agent.run_sync("hi").output for _ in range(3)] == ["one"] * 3


def test_it_streams_in_pieces():
    events = play(ScriptedPolicy(["a longer reply"], piece_chars=3))
    assert len(events) > 4
    assert text_of(events) == "a longer reply"


def test_it_can_take_its_time():
    start = time.monotonic()
    play(ScriptedPolicy(["123456"], piece_chars=2, seconds_per_piece=0.03))
    assert time.monotonic() - start > 0.08


def test_it_reads_calls_as_a_model_does():
    reply = '<tool_call>{"name": "math", "arguments": {"query": "1"}}</tool_call>'
    tools = [{"type": "function", "function": {"name": "math"}}]
    (call,) = (event.call for event in play(ScriptedPolicy([reply]), tools=tools) if isinstance(event, CallRead))
    assert (call.name, call.arguments) == ("math", {"query": "1"})
    assert not [event for event in play(ScriptedPolicy([reply]), tool_choice="none") if isinstance(event, CallRead)]


def test_it_ends_like_any_policy():
    policy = ScriptedPolicy(["two words"])
    assert isinstance(policy, Policy)
    assert isinstance(play(policy)[-1], ReplyFinished)
    assert play(policy)[-1].usage.completion_tokens == 2


@pytest.mark.parametrize("text", ["- one\n- two\n", json.dumps(["one", "two"]), "replies: [one, two]\n"])
def test_a_file_of_replies_is_read(text, tmp_path):
    file = tmp_path / "script.yaml"
    file.write_text(text)
    assert text_of(play(load_policy(f"script:{file}"))) == "one"


@pytest.mark.parametrize("text", ["just text", "[1, 2]", "{a: b}", "- [unclosed\n- x: {", "", "[]", "\x00", "5"])
def test_a_file_of_anything_else_is_told_in_one_line(text, tmp_path):
    file = tmp_path / "script.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load_policy(f"script:{file}")
    assert "\n" not in str(raised.value)


def test_a_script_without_replies_is_refused():
    with pytest.raises(ConfigError, match="at least one reply"):
        ScriptedPolicy([])
