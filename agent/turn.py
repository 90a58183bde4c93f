"""One turn: a user message and all that answers it.

The turn runs in a task of its own and puts its events into a queue, so that cancelling it from anywhere (Ctrl-C,
a stop button, leaving the `async with` block) runs through one place, which completes the history.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import secrets
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from ..policies.engines import CallPiece, CallRead, Message, ReasoningPiece, ReplyFinished, TextPiece, Usage
from ..tools import PericlesError, PolicyError, Source, ToolCall, ToolResult
from .context import fit
from .events import (
    Event,
    MessageCompleted,
    ReasoningDelta,
    SourcesResolved,
    TextDelta,
    ToolCallDelta,
    ToolCallFinished,
    ToolCallStarted,
    TurnFinished,
    TurnStarted,
    TurnStatus,
    UsageUpdated,
)

if TYPE_CHECKING:
    from .agent import Agent
    from .sessions import Session

logger = logging.getLogger(__name__)

MAX_PARALLEL_CALLS = 8
_MARK = re.compile(r"\[(\d{1,2})\]")


@dataclass(frozen=True, slots=True)
class TurnResult:
    """How a turn ended.

    Args:
        status: see `TurnFinished`.
        output: the answer's text.
        messages: what the turn added to the session, the user's message first.
        usage: tokens of the whole turn.
        error: the error that ended it, for `error` alone.
    """

    status: TurnStatus
    output: str
    messages: tuple[Message, ...]
    usage: Usage
    error: PericlesError | None = None


@dataclass(slots=True)
class _Progress:
    """What the turn has reached; everything a cancellation needs to leave a valid history."""

    stored: list[Message] = field(default_factory=list[Message])
    said: str = ""
    calls: tuple[ToolCall, ...] = ()
    results: dict[str, ToolResult] = field(default_factory=dict[str, ToolResult])
    sources: dict[int, Source] = field(default_factory=dict[int, Source])
    usage: Usage = field(default_factory=Usage)
    tool_seconds: float = 0.0


class Turn:
    """A running turn: `async with agent.stream(...) as turn: async for event in turn`.

    Leaving the block before the end cancels the turn; its session stays valid.
    """

    def __init__(self, agent: Agent, text: str, session: Session) -> None:
        self.id = secrets.token_hex(8)
        self._agent = agent
        self._text = text
        self._session = session
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._progress = _Progress()
        self._task: asyncio.Task[None] | None = None
        self._started = False
        self._cancelled_early = False
        self._result: TurnResult | None = None
        self._drained = False

    @property
    def result(self) -> TurnResult:
        """How the turn ended.

        Raises:
            RuntimeError: it has not ended yet.
        """
        if self._result is None:
            raise RuntimeError("the turn has not ended: iterate over it first.")
        return self._result

    def cancel(self) -> None:
        """Stops the turn; the events end with `TurnFinished(status="cancelled")`."""
        if self._task is not None and self._started:
            self._task.cancel()
        else:
            # A task that is cancelled before its first step never runs, and so would never tell its end.
            self._cancelled_early = True

    async def __aenter__(self) -> Turn:
        self._task = asyncio.create_task(self._run(), name=f"turn-{self.id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        if not self._task.done():
            self.cancel()
        # The task ends by itself whatever happens; it must have ended before the session is used again.
        if await _finished(self._task):
            raise asyncio.CancelledError

    def __aiter__(self) -> Turn:
        return self

    async def __anext__(self) -> Event:
        if self._drained:
            raise StopAsyncIteration
        if self._task is None:
            raise RuntimeError("a turn starts with `async with agent.stream(...) as turn`.")
        event = await self._events.get()
        self._drained = isinstance(event, TurnFinished)
        return event

    def _emit(self, event: Event) -> None:
        self._events.put_nowait(event)

    async def _run(self) -> None:
        status: TurnStatus = "error"
        error: PericlesError | None = None
        self._started = True
        try:
            self._emit(TurnStarted(self.id, self._session.id))
            if self._cancelled_early:
                raise asyncio.CancelledError
            status = await self._steps()
        except asyncio.CancelledError:
            status = "cancelled"
        except Exception as raised:  # noqa: BLE001 - told to the caller
            error = self._told(raised)
        if status in ("cancelled", "error"):
            error = await self._complete_history(error)
        progress = self._progress
        self._result = TurnResult(status, progress.said, tuple(progress.stored), progress.usage, error)
        self._emit(TurnFinished(status, progress.said, progress.usage, None if error is None else str(error)))

    def _told(self, raised: Exception) -> PericlesError:
        """What the caller is told of an exception: a bug's traceback goes to the log."""
        if isinstance(raised, PericlesError):
            return raised
        logger.error("turn %s failed", self.id, exc_info=raised)
        error = PolicyError(f"the turn failed: {type(raised).__name__}: {raised}")
        error.__cause__ = raised
        return error

    async def _steps(self) -> TurnStatus:
        agent, progress = self._agent, self._progress
        schemas = agent.tools.schemas()
        history = await self._session.messages()
        await self._store([Message("user", self._text)])
        answered: dict[str, ToolResult] = {}
        steps_left = agent.max_steps
        while True:
            steps_left -= 1
            last = steps_left == 0 and len(agent.tools) > 0
            conversation = [Message("system", agent.instructions), *history, *progress.stored]
            fitting = await fit(conversation, schemas, agent.policy, agent.config)
            progress.said, progress.calls, progress.results = "", (), {}
            await self._speak(fitting, schemas, may_call=len(agent.tools) > 0 and not last)
            if not progress.calls:
                await self._store([Message("assistant", progress.said)])
                cited = _cited(progress.said, progress.sources)
                if cited:
                    self._emit(SourcesResolved(cited))
                return "max_steps" if last else "completed"
            await self._call_tools(answered)
            await self._store(_exchange(progress))

    async def _speak(self, messages: Sequence[Message], schemas: list[dict[str, Any]], *, may_call: bool) -> None:
        progress = self._progress
        choice = "auto" if may_call else "none"
        reply = self._agent.policy.stream(messages, tools=schemas, tool_choice=choice, config=self._agent.config)
        async with contextlib.AsyncExitStack() as stack:
            if hasattr(reply, "aclose"):
                stack.push_async_callback(cast("AsyncGenerator[Any]", reply).aclose)
            async for piece in reply:
                match piece:
                    case TextPiece(text):
                        progress.said += text
                        self._emit(TextDelta(text))
                    case ReasoningPiece(text):
                        self._emit(ReasoningDelta(text))
                    case CallPiece(index, text):
                        self._emit(ToolCallDelta(index, text))
                    case CallRead(call) if may_call:
                        progress.calls += (call,)
                    case CallRead():
                        pass  # a policy that calls although it may not: its text is all that counts
                    case ReplyFinished(_, usage):
                        progress.usage += usage
                        self._emit(UsageUpdated(progress.usage, progress.tool_seconds))
        progress.said = progress.said.strip()

    async def _call_tools(self, answered: dict[str, ToolResult]) -> None:
        """Runs the calls of one step side by side; their results keep the calls' order."""
        progress = self._progress
        limit = asyncio.Semaphore(MAX_PARALLEL_CALLS)

        async def run(call: ToolCall) -> None:
            key = json.dumps([call.name, call.arguments, call.problem], sort_keys=True, default=str)
            async with limit:
                self._emit(ToolCallStarted(call))
                known = answered.get(key)
                if known is None:
                    result = await self._agent.tools.execute(call)
                    answered[key] = result
                else:
                    text = f"(You asked this before.) {known.text}"
                    result = ToolResult(call.id, call.name, text, known.data, known.sources, known.is_error)
            progress.results[call.id] = result
            progress.tool_seconds += result.seconds
            if result.sources:
                progress.sources = dict(enumerate(result.sources, start=1))
            self._emit(ToolCallFinished(result))

        async with asyncio.TaskGroup() as group:
            for call in progress.calls:
                group.create_task(run(call))

    async def _store(self, messages: Sequence[Message]) -> None:
        """Adds messages to the session; a cancellation meanwhile takes effect afterwards."""
        storing = asyncio.ensure_future(self._session.append(messages))
        cancelled = await _finished(storing)
        storing.result()
        self._progress.stored.extend(messages)
        for message in messages:
            self._emit(MessageCompleted(message))
        if cancelled:
            raise asyncio.CancelledError

    async def _complete_history(self, error: PericlesError | None) -> PericlesError | None:
        """After a cancellation or an error: stores what was said and gives every call a result."""
        progress = self._progress
        progress.said = progress.said.strip()
        pending: list[Message] = []
        if progress.calls:
            pending = _exchange(progress)
        elif progress.said and progress.stored:
            pending = [Message("assistant", progress.said)]
        if not pending or progress.stored[-len(pending) :] == pending:
            return error
        try:
            await self._store(pending)
        except asyncio.CancelledError:
            return error
        except Exception as raised:  # noqa: BLE001 - told to the caller
            told = self._told(raised)
            return error or told
        return error


async def _finished(task: asyncio.Future[None]) -> bool:
    """Waits until a task is done, cancelled or not. Returns whether the waiting was cancelled meanwhile."""
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    return cancelled


def _exchange(progress: _Progress) -> list[Message]:
    """The assistant's message with its calls, and one tool message for each."""
    messages = [Message("assistant", progress.said, progress.calls)]
    for call in progress.calls:
        result = progress.results.get(call.id)
        if result is None:
            text = "Error: cancelled before it finished."
        else:
            text = f"Error: {result.text}" if result.is_error else result.text
        messages.append(Message("tool", text, tool_call_id=call.id, name=call.name))
    return messages


def _cited(text: str, sources: dict[int, Source]) -> dict[int, Source]:
    numbers = sorted({int(mark) for mark in _MARK.findall(text)})
    return {number: sources[number] for number in numbers if number in sources}
