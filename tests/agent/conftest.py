"""What the tests of the loop share."""

import asyncio

import pytest
from pericles.agent import InMemorySession, ToolError
from pericles.tools import tool


@tool
def math(query: str) -> str:
    """Calculates.

    Args:
        query: what to calculate.
    """
    if not query.strip():
        raise ToolError("write something to calculate, for instance 2+2.")
    if "boom" in query:
        raise RuntimeError("a bug in the tool")
    return f"<{query}>"


@pytest.fixture
def math_tool():
    return math


def assert_valid(messages):
    """Every call has exactly one result, right behind its message and in the order of the calls."""
    waiting = []
    for message in messages:
        if message.role == "tool":
            assert waiting, f"a result without a call: {message}"
            assert message.tool_call_id == waiting.pop(0)
        else:
            assert not waiting, f"calls without a result before {message}"
            waiting = [call.id for call in message.tool_calls]
    assert not waiting, "calls without a result at the end"


@pytest.fixture
def check_history():
    return assert_valid


@pytest.fixture
def play(check_history):
    """Runs one turn and returns its events and its result; the history is checked."""

    def _play(agent, text="hello", session=None):
        async def main():
            async with agent.stream(text, session=session) as turn:
                events = [event async for event in turn]
            return events, turn.result

        session = InMemorySession() if session is None else session
        events, result = asyncio.run(main())
        check_history(asyncio.run(session.messages()))
        return events, result

    return _play
