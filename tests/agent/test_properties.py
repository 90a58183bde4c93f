"""Whatever happens in whatever order, the stored history stays one that every server accepts."""

import asyncio
import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pericles.agent import Agent, Decisions, InMemorySession, SQLiteSession
from pericles.agent.sessions import DECISION
from pericles.policies import ScriptedPolicy
from pericles.tools import ToolError, tool


@tool
async def works(n: int) -> str:
    """Works at once."""
    return f"result {n}"


@tool
async def slow(n: int) -> str:
    """Works after a while."""
    await asyncio.sleep(0.0005 * (n % 3 + 1))
    return f"late {n}"


@tool
def fails(n: int) -> str:
    """Fails."""
    raise ToolError(f"no {n}.") if n % 2 else RuntimeError("a bug")


@tool(timeout=0.001)
async def hangs(n: int) -> str:
    """Never ends."""
    await asyncio.sleep(60)
    return "never"


@tool(sequential=True)
async def alone(n: int) -> str:
    """Works alone."""
    await asyncio.sleep(0)
    return f"alone {n}"


@tool(requires_approval=True)
async def asks(n: int) -> str:
    """Works when it may."""
    return f"allowed {n}"


TOOLS = (works, slow, fails, hangs, alone, asks)


def written(name, n):
    return f"<tool_call>{json.dumps({'name': name, 'arguments': {'n': n}})}</tool_call>"


CALLS = st.one_of(
    st.builds(written, st.sampled_from([item.name for item in TOOLS]), st.integers(0, 3)),
    st.builds(written, st.just("unknown"), st.integers(0, 3)),
    st.sampled_from(['<tool_call>{"name": "works", "arguments": {"n": "x"}}</tool_call>', "<tool_call>{{</tool_call>"]),
)
TEXTS = st.sampled_from(["", "Let me see.", "<think>Hm.</think>", "<think>Hm"])
REPLIES = st.builds(lambda text, calls: text + "".join(calls), TEXTS, st.lists(CALLS, max_size=4))
# What a turn is: what the policy says, after how many events it is cancelled, how it is asked, and how decided.
TURNS = st.fixed_dictionaries(
    {
        "replies": st.lists(REPLIES, min_size=1, max_size=4).map(lambda replies: (*replies, "Done.")),
        "cancel_after": st.one_of(st.none(), st.integers(0, 25)),
        "by": st.sampled_from(["cancel", "leave", "task"]),
        "decision": st.sampled_from([True, False, "no", None]),
        "restart": st.booleans(),
    }
)


class Continued(ScriptedPolicy):
    """Says its replies from the first to the last, whatever the conversation holds already."""

    def __init__(self, replies):
        super().__init__(["Done."], context_window=1 << 20)
        self.left = list(replies)

    def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
        reply = self.left.pop(0) if self.left else "Done."
        return ScriptedPolicy([reply]).stream(messages, tools=tools, tool_choice=tool_choice, config=config)


def agent(replies):
    return Agent(Continued(replies), tools=TOOLS, max_steps=3)


async def run_turn(turn, asked, session):
    limit = turn["cancel_after"]

    async def play():
        seen = 0
        async with agent(turn["replies"]).stream(asked, session=session) as running:
            async for event in running:
                seen += 1
                if seen == limit and turn["by"] == "cancel":
                    running.cancel()
                if seen == limit and turn["by"] == "leave":
                    break
                last = event
        return running.result, last if seen != limit or turn["by"] != "leave" else None

    playing = asyncio.create_task(play())
    if turn["by"] == "task" and limit is not None:
        for _ in range(limit * 3):
            await asyncio.sleep(0)
        playing.cancel()
    try:
        return await playing
    except asyncio.CancelledError:
        return None, None


async def play_all(turns, make_session, check_history):
    session = make_session()
    for turn in turns:
        pending = await agent([]).pending(session)
        decided = pending and turn["decision"] is not None
        result, last = await run_turn(turn, Decisions(rest=turn["decision"]) if decided else "go on", session)
        if turn["restart"]:
            session = make_session(session)
        messages = await session.messages()
        if await agent([]).pending(session):
            assert messages[-1].role == "assistant"
            messages = messages[:-1]
        check_history(messages)
        if last is not None:
            assert last.type == "TurnFinished"
            assert last.status == result.status
            assert list(result.messages) == [e.message for e in await session.branch()][-len(result.messages) :]
        stored = [entry.message for entry in await session.branch()]
        calls = [call.id for message in stored for call in message.tool_calls]
        answers = [m.tool_call_id for m in stored if m.role == "tool" and m.tool_call_id != DECISION]
        waiting = [call.id for call in await agent([]).pending(session)] and [call.id for call in stored[-1].tool_calls]
        assert sorted(calls) == sorted([*answers, *waiting])


def same(session=None):
    return session or InMemorySession("s")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURNS, min_size=1, max_size=4))
def test_every_call_has_exactly_one_result(turns, check_history, caplog):
    with caplog.at_level(logging.CRITICAL, logger="pericles"):
        asyncio.run(play_all(turns, same, check_history))


@pytest.mark.slow
@settings(max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURNS, min_size=1, max_size=6))
def test_every_call_has_exactly_one_result_in_many_more_cases(turns, check_history, caplog):
    with caplog.at_level(logging.CRITICAL, logger="pericles"):
        asyncio.run(play_all(turns, same, check_history))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURNS, min_size=1, max_size=3))
def test_every_call_in_a_file_has_exactly_one_result(turns, check_history, caplog, tmp_path_factory):
    file = tmp_path_factory.mktemp("sessions") / "sessions.sqlite"
    with caplog.at_level(logging.CRITICAL, logger="pericles"):
        asyncio.run(play_all(turns, lambda _=None: SQLiteSession("s", file), check_history))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(replies=st.lists(REPLIES, min_size=1, max_size=4))
def test_stream_and_run_give_the_same_messages(replies, caplog):
    async def main():
        streamed, folded = InMemorySession(), InMemorySession()
        async with agent([*replies, "Done."]).stream("go", session=streamed) as turn:
            completed = [event.message async for event in turn if event.type == "MessageCompleted"]
        result = await agent([*replies, "Done."]).run("go", session=folded)
        return (
            completed,
            [e.message for e in await streamed.branch()],
            [e.message for e in await folded.branch()],
            result,
        )

    with caplog.at_level(logging.CRITICAL, logger="pericles"):
        completed, streamed, folded, result = asyncio.run(main())
    assert completed == streamed
    assert list(result.messages) == folded

    def without_ids(messages):
        return [(m.role, m.content, [(c.name, c.arguments) for c in m.tool_calls], m.name) for m in messages]

    assert without_ids(streamed) == without_ids(folded)
