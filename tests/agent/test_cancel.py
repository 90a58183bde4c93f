"""Cancelling a turn at any moment and by any means leaves a history that the next request can use."""

import asyncio
import json
import logging

import pytest
from pericles.agent import Agent, InMemorySession, Message, SQLiteSession, TurnFinished
from pericles.policies import ScriptedPolicy
from pericles.tools import tool


def call(name, **arguments):
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


@tool
async def pause(n: int) -> str:
    """Waits a moment."""
    await asyncio.sleep(0.001 * n)
    return f"result {n}"


@tool
def instant(n: int) -> str:
    """Does not wait."""
    return f"result {n}"


REPLIES = (
    f"Let me see.{call('pause', n=1)}{call('instant', n=2)}{call('pause', n=3)}",
    call("pause", n=4),
    "All done.",
)


class SlowSession(InMemorySession):
    """A store that takes a while, like a disk."""

    async def append(self, messages, *, after):
        await asyncio.sleep(0.002)
        return await super().append(messages, after=after)


def agent(seconds_per_piece=0.0001):
    return Agent(ScriptedPolicy(REPLIES, seconds_per_piece=seconds_per_piece), tools=[pause, instant])


async def events_of(session):
    async with agent().stream("hello", session=session) as turn:
        return [event async for event in turn]


async def next_turn_works(session):
    result = await Agent(ScriptedPolicy(["Fine."]), tools=[pause]).run("and now?", session=session)
    assert result.status == "completed"


def count_of_events():
    return len(asyncio.run(events_of(InMemorySession())))


EVENTS = count_of_events()


@pytest.mark.parametrize("make_session", [InMemorySession, SlowSession])
def test_cancelling_after_any_event(make_session, check_history):
    async def main(index):
        session = make_session()
        async with agent().stream("hello", session=session) as turn:
            seen = []
            if index == 0:
                turn.cancel()
            async for event in turn:
                seen.append(event)
                if len(seen) == index:
                    turn.cancel()
        assert isinstance(seen[-1], TurnFinished)
        assert sum(isinstance(event, TurnFinished) for event in seen) == 1
        assert turn.result.status == seen[-1].status
        assert turn.result.status in ("cancelled", "completed")
        messages = await session.messages()
        assert tuple(messages) == turn.result.messages
        check_history(messages)
        await next_turn_works(session)
        check_history(await session.messages())
        return turn.result.status

    statuses = [asyncio.run(main(index)) for index in range(EVENTS + 1)]
    assert statuses.count("cancelled") > EVENTS // 2


@pytest.mark.parametrize("make_session", [InMemorySession, SlowSession])
def test_leaving_the_block_after_any_event(make_session, check_history):
    async def main(index):
        session = make_session()
        async with agent().stream("hello", session=session) as turn:
            for _ in range(index):
                await anext(turn)
        assert turn.result.status in ("cancelled", "completed")
        check_history(await session.messages())
        await next_turn_works(session)

    for index in range(EVENTS + 1):
        asyncio.run(main(index))


@pytest.mark.parametrize("make_session", [InMemorySession, SlowSession])
def test_cancelling_the_task_that_reads_at_any_step_of_the_loop(make_session, check_history):
    async def main(steps):
        session = make_session()
        reading = asyncio.create_task(events_of(session))
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        (outcome,) = await asyncio.gather(reading, return_exceptions=True)
        check_history(await session.messages())
        await next_turn_works(session)
        return isinstance(outcome, asyncio.CancelledError)

    cancelled = [asyncio.run(main(steps)) for steps in range(60)]
    assert all(cancelled[:5])


def test_cancelling_twice_is_cancelling(check_history):
    async def main(index):
        session = SlowSession()
        async with agent().stream("hello", session=session) as turn:
            async for _ in turn:
                index -= 1
                if index <= 0:
                    turn.cancel()
                    await asyncio.sleep(0)
                    turn.cancel()
        check_history(await session.messages())

    for index in range(EVENTS):
        asyncio.run(main(index))


def test_a_cancelled_call_has_a_result_that_says_so(check_history):
    async def main():
        session = InMemorySession()
        async with Agent(ScriptedPolicy([call("pause", n=60_000)]), tools=[pause]).stream(
            "hi", session=session
        ) as turn:
            async for event in turn:
                if event.type == "ToolCallStarted":
                    turn.cancel()
        return turn.result

    result = asyncio.run(main())
    assert result.status == "cancelled"
    assert result.messages[-1].content == "Error: cancelled before it finished."


def test_what_had_been_said_is_kept():
    async def main():
        policy = ScriptedPolicy(["One two three four five six."], seconds_per_piece=0.005, piece_chars=4)
        async with Agent(policy).stream("count") as turn:
            async for event in turn:
                if event.type == "TextDelta" and "two" in event.text:
                    turn.cancel()
        return turn.result

    result = asyncio.run(main())
    assert result.status == "cancelled"
    assert result.output.startswith("One two")
    assert result.messages[-1] == Message("assistant", result.output)
    assert "six" not in result.output


def test_results_that_were_there_are_kept():
    async def main():
        policy = ScriptedPolicy([call("instant", n=1) + call("pause", n=60_000)])
        async with Agent(policy, tools=[pause, instant]).stream("go") as turn:
            async for event in turn:
                if event.type == "ToolCallFinished":
                    turn.cancel()
        return turn.result

    results = [message.content for message in asyncio.run(main()).messages if message.role == "tool"]
    assert results == ["result 1", "Error: cancelled before it finished."]


def test_cancelling_is_prompt():
    async def main():
        loop = asyncio.get_running_loop()
        async with Agent(ScriptedPolicy([call("pause", n=60_000)]), tools=[pause]).stream("hi") as turn:
            async for event in turn:
                if event.type == "ToolCallStarted":
                    start = loop.time()
                    turn.cancel()
        return loop.time() - start

    assert asyncio.run(main()) < 1


def test_the_policy_stops_when_the_turn_is_cancelled():
    class Endless(ScriptedPolicy):
        stopped = False

        async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
            try:
                while True:
                    async for event in super().stream(messages, tools=tools, tool_choice=tool_choice, config=config):
                        await asyncio.sleep(0.001)
                        yield event
            finally:
                type(self).stopped = True

    async def main():
        async with Agent(Endless(["on and on "])).stream("go") as turn:
            async for event in turn:
                if event.type == "TextDelta":
                    break
        return Endless.stopped

    assert asyncio.run(main())


def test_a_cancellation_during_the_exit_is_not_lost():
    async def main():
        async def reads():
            async with agent().stream("hello", session=SlowSession()) as turn:
                await anext(turn)
                await anext(turn)
            leaving.set_result(True)

        leaving = asyncio.get_running_loop().create_future()
        reading = asyncio.create_task(reads())
        while not reading.done():
            await asyncio.sleep(0.001)
            reading.cancel()
        assert reading.cancelled()
        assert not leaving.done()

    asyncio.run(main())


def test_a_deadline_around_a_turn_holds(check_history):
    async def main():
        session = InMemorySession()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await Agent(ScriptedPolicy([call("pause", n=60_000)]), tools=[pause]).run("hi", session=session)
        return await session.messages()

    check_history(asyncio.run(main()))


def test_cancelling_a_turn_after_its_end_changes_nothing():
    async def main():
        async with Agent(ScriptedPolicy(["Hi."])).stream("hello") as turn:
            events = [event async for event in turn]
            turn.cancel()
        return events, turn.result

    events, result = asyncio.run(main())
    assert result.status == "completed"
    assert isinstance(events[-1], TurnFinished)


@pytest.mark.parametrize("index", [2, 5, 9, 12])
def test_a_file_is_valid_after_a_cancellation(index, tmp_path, check_history):
    async def main():
        session = SQLiteSession("s", tmp_path / "sessions.sqlite")
        async with agent().stream("hello", session=session) as turn:
            for _ in range(index):
                await anext(turn)
        return await SQLiteSession("s", tmp_path / "sessions.sqlite").messages(), turn.result

    messages, result = asyncio.run(main())
    check_history(messages)
    assert tuple(messages) == result.messages


def test_a_turn_that_was_cancelled_leaves_no_warning(caplog):
    with caplog.at_level(logging.WARNING):
        test_cancelling_is_prompt()
    assert not caplog.records
