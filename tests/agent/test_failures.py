"""What goes wrong around a turn ends it with a status and an error that a program can act on."""

import asyncio
import logging

import pytest
from pericles.agent import Agent, InMemorySession, PolicyError, SessionError, TurnFinished
from pericles.policies import ScriptedPolicy
from pericles.policies.engines import CallRead, TextPiece
from pericles.tools import ToolCall


class Failing:
    """A policy that says these pieces and then fails."""

    name = "failing"
    context_window = 8192
    capabilities = frozenset()

    def __init__(self, error, *pieces):
        self.error = error
        self.pieces = pieces

    async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
        for piece in self.pieces:
            yield piece
        raise self.error

    async def count_tokens(self, messages, *, tools=()):
        return 1

    async def aclose(self):
        return None


class Broken(InMemorySession):
    """A session of somebody else's that fails on the n-th use of a method."""

    def __init__(self, method, error, after=0):
        super().__init__()
        self.method, self.error, self.left = method, error, after

    def _maybe_fail(self, method):
        if method == self.method:
            self.left -= 1
            if self.left < 0:
                raise self.error

    async def branch(self):
        self._maybe_fail("branch")
        return await super().branch()

    async def append(self, messages, *, after):
        self._maybe_fail("append")
        return await super().append(messages, after=after)


def test_a_policy_error_ends_the_turn_and_is_told(play):
    events, result = play(Agent(Failing(PolicyError("the server is gone."))))
    assert (result.status, str(result.error)) == ("error", "the server is gone.")
    assert (events[-1].status, events[-1].error) == ("error", "the server is gone.")


def test_run_raises_what_ended_the_turn():
    with pytest.raises(PolicyError, match="gone"):
        Agent(Failing(PolicyError("the server is gone."))).run_sync("hi")


def test_a_bug_in_a_policy_is_a_policy_error_with_its_cause_and_a_traceback_in_the_log(play, caplog):
    with caplog.at_level(logging.ERROR):
        _, result = play(Agent(Failing(ZeroDivisionError("division by zero"))))
    assert isinstance(result.error, PolicyError)
    assert isinstance(result.error.__cause__, ZeroDivisionError)
    assert any(record.exc_info for record in caplog.records)


def test_what_a_failing_policy_had_said_is_kept(play):
    session = InMemorySession()
    _, result = play(Agent(Failing(PolicyError("gone"), TextPiece("Half an "), TextPiece("answer"))), session=session)
    assert result.output == "Half an answer"
    assert [message.content for message in asyncio.run(session.messages())] == ["hello", "Half an answer"]


def test_calls_of_a_failing_policy_have_results(play, math_tool):
    failing = Failing(PolicyError("gone"), CallRead(ToolCall("c1", "math", {"query": "1"})))
    _, result = play(Agent(failing, tools=[math_tool]))
    assert [message.role for message in result.messages] == ["user", "assistant", "tool"]


def test_the_session_goes_on_after_an_error(play):
    session = InMemorySession()
    play(Agent(Failing(PolicyError("gone"))), session=session)
    _, result = play(Agent(ScriptedPolicy(["Back again."])), session=session)
    assert (result.status, len(asyncio.run(session.messages()))) == ("completed", 3)


@pytest.mark.parametrize("error", [SessionError("the disk is full."), RuntimeError("no such thread")])
@pytest.mark.parametrize(("method", "after"), [("branch", 0), ("append", 0), ("append", 1), ("append", 2)])
def test_a_failing_session_ends_the_turn_with_an_error(method, after, error, play, math_tool, caplog):
    replies = ['<tool_call>{"name": "math", "arguments": {"query": "1"}}</tool_call>', "One."]
    agent = Agent(ScriptedPolicy(replies), tools=[math_tool])
    session = Broken(method, error, after)

    async def main():
        async with agent.stream("hi", session=session) as turn:
            return [event async for event in turn], turn

    events, turn = asyncio.run(asyncio.wait_for(main(), 5))
    assert isinstance(events[-1], TurnFinished)
    assert turn.result.status == "error"
    assert str(error) in str(turn.result.error)


def test_a_generator_that_is_no_generator_is_read_too(play):
    """A policy may return any async iterator, one without `aclose` as well."""

    class Iterator:
        def __init__(self):
            self.pieces = [TextPiece("Hi.")]

        def __aiter__(self):
            return self

        async def __anext__(self):
            if not self.pieces:
                raise StopAsyncIteration
            return self.pieces.pop()

    class Plain(ScriptedPolicy):
        def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
            return Iterator()

    _, result = play(Agent(Plain(["unused"])))
    assert (result.status, result.output) == ("completed", "Hi.")
