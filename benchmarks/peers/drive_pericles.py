"""pericles, driven by its own `ScriptedPolicy`, which reads calls from text as from a model."""

from __future__ import annotations

import atexit
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from pericles.agent import Agent, InMemorySession, SQLiteSession
from pericles.policies.engines import ScriptedPolicy
from pericles.tools import tool
from rounds import ANSWER, IDLE_MESSAGES, INSTRUCTIONS, PIECE_CHARS, QUESTION, CountingTool, Scenario, serve


def agent_for(scenario: Scenario, counter: CountingTool) -> Agent:
    replies = ["".join(_call(arguments) for arguments in step) for step in scenario.steps()]
    piece_chars = PIECE_CHARS if scenario.streamed else 1_000_000
    policy = ScriptedPolicy([*replies, ANSWER], piece_chars=piece_chars)
    return Agent(policy, tools=[tool(counter.function(scenario))], instructions=INSTRUCTIONS)


def _call(arguments: dict[str, int]) -> str:
    return f"<tool_call>{json.dumps({'name': 'add', 'arguments': arguments})}</tool_call>"


def make_turn(scenario: Scenario, counter: CountingTool) -> Callable[[], Awaitable[str]]:
    agent = agent_for(scenario, counter)

    async def whole() -> str:
        return (await agent.run(QUESTION, session=InMemorySession())).output

    async def streamed() -> str:
        async with agent.stream(QUESTION, session=InMemorySession()) as turn:
            async for _ in turn:
                pass
        return turn.result.output

    return streamed if scenario.streamed else whole


async def make_idle(store: str) -> Callable[[], Awaitable[object]]:
    agent, plain = agent_for(Scenario(), CountingTool()), agent_for(Scenario(calls=0), CountingTool())
    folder = tempfile.TemporaryDirectory(prefix="pericles-idle-")
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "sessions.sqlite"
    made = 0

    async def in_memory() -> InMemorySession:
        session = InMemorySession()
        # Two turns with a call are eight messages, a third without one makes them ten.
        for turn_agent in (agent, agent, plain):
            await turn_agent.run(QUESTION, session=session)
        assert len(await session.messages()) == IDLE_MESSAGES
        return session

    async def in_sqlite() -> object:
        nonlocal made
        made += 1
        written = await (await in_memory()).messages()
        session = SQLiteSession(f"idle-{made}", file)
        await session.append(written, after=None)
        assert len(await session.messages()) == IDLE_MESSAGES
        return session

    return in_sqlite if store == "SQLiteSession" else in_memory


if __name__ == "__main__":
    serve("pericles", make_turn, make_idle)
