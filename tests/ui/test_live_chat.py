"""A turn that waits for a decision is one reply, whose clicks are learned from at its end or when it is left."""

import asyncio

import pytest
from pericles.agent import Agent, Decisions, InMemorySession
from pericles.agent.testing import FunctionPolicy
from pericles.policies.engines import Message
from pericles.tools import ToolCall, tool
from pericles.ui import live_chat
from pericles.ui.live_chat import LiveChat


@tool(requires_approval=True)
def send(text: str) -> str:
    """Sends a text.

    Args:
        text: what to send.
    """
    return "sent"


def speak(messages, tools):
    if messages[-1].role == "tool":
        return "It is sent. Was that right?"
    return Message("assistant", "I will send it now.", (ToolCall("c", "send", {"text": "x"}),))


class OneClickEach:
    """Stands in for the keyboard: one − in each part of a turn."""

    typed = ""

    def __init__(self):
        self.clicks = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.clicks.append((live_chat.time.monotonic(), -1))

    async def linger(self, seconds):
        return None


@pytest.fixture
def chat(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(live_chat, "ClickKeys", OneClickEach)
    return LiveChat()


def turn(chat, session, asked):
    agent = chat.over(Agent(FunctionPolicy(speak), [send]))

    async def show(printer):
        async with agent.stream(asked, session=session) as events:
            async for event in events:
                printer.show(event)
        return events.result

    return asyncio.run(chat.turn(show, asked, session))


def test_both_parts_of_a_turn_are_one_reply(chat, capsys):
    session = InMemorySession()
    waiting = turn(chat, session, "send x")
    assert waiting.pending
    assert chat.live.clicks == 0
    assert not turn(chat, session, Decisions(rest=True)).pending
    assert chat.live.clicks == 2
    assert "live: 2 clicks; " in capsys.readouterr().out


def test_what_is_typed_ahead_is_no_answer_to_whether_a_call_may_run(chat, monkeypatch):
    ahead = []
    monkeypatch.setattr(live_chat, "type_ahead", ahead.append)
    monkeypatch.setattr(OneClickEach, "typed", "yes")
    session = InMemorySession()
    turn(chat, session, "send x")
    assert ahead == []
    turn(chat, session, Decisions(rest=True))
    assert ahead == ["yesyes"]


def test_a_turn_that_nobody_decides_on_is_learned_from_when_it_is_left(chat):
    turn(chat, InMemorySession(), "send x")
    turn(chat, InMemorySession(), "send y")
    assert chat.live.clicks == 1


def test_switched_off_no_key_is_read(chat):
    chat.command("off")
    turn(chat, InMemorySession(), "send x")
    turn(chat, InMemorySession(), "send y")
    assert chat.live.clicks == 0


def test_the_head_may_share_control(chat, capsys):
    chat.command("share")
    assert chat.live.combining == "control-sharing"
    chat.command("bias")
    assert chat.live.combining == "action-biasing"
    assert capsys.readouterr().out.count("live: your clicks") == 2
