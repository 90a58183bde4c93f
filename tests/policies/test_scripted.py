"""Scripted replies: what tests and demonstrations run on instead of a model."""

import asyncio
import json
import time

import pytest
from pericles.agent import Agent, InMemorySession
from pericles.policies import Message, Policy, ScriptedPolicy
from pericles.policies.engines import CallRead, ReplyFinished, TextPiece
from pericles.policies.engines.load import load_policy
from pericles.tools import ConfigError, PolicyError, ToolCall

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


def calls_of(events):
    return [event.call for event in events if isinstance(event, CallRead)]


MADE = ToolCall("c1", "math", {"query": "1"})


@pytest.mark.parametrize("reply", [MADE, [MADE], Message("assistant", "", (MADE,))])
def test_a_reply_may_be_a_call(reply):
    events = play(ScriptedPolicy([reply]))
    assert calls_of(events) == [MADE]
    assert events[-1].reason == "tool_calls"
    assert not calls_of(play(ScriptedPolicy([reply]), tool_choice="none"))


def test_a_reply_may_be_text_and_calls():
    events = play(ScriptedPolicy([Message("assistant", "Let me see.", (MADE, ToolCall("", "math")))]))
    assert text_of(events) == "Let me see."
    first, second = calls_of(events)
    assert first == MADE
    assert second.id


def test_an_exception_is_raised_when_its_place_is_reached():
    policy = ScriptedPolicy(["fine", ValueError("broken")])
    assert text_of(play(policy)) == "fine"
    with pytest.raises(ValueError, match="broken"):
        play(policy, [*HELLO, Message("assistant", "fine"), *HELLO])


def test_a_strict_script_is_used_once():
    policy = ScriptedPolicy(["one", ValueError("broken"), "two"], strict=True)
    assert text_of(play(policy)) == "one"
    with pytest.raises(ValueError, match="broken"):
        play(policy)
    assert policy.unused == 1
    assert text_of(play(policy)) == "two"
    with pytest.raises(PolicyError, match="3 replies, and one more"):
        play(policy)
    assert [sent.messages for sent in policy.requests] == [tuple(HELLO)] * 3


@pytest.mark.parametrize("reply", [5, None, [], ["text"], [MADE, "text"], {"name": "math"}])
def test_what_is_no_reply_is_refused(reply):
    with pytest.raises(ConfigError, match="a reply must be"):
        ScriptedPolicy([reply])


def test_a_lone_text_is_no_list_of_replies():
    with pytest.raises(ConfigError, match="must be a list"):
        ScriptedPolicy("hello")
