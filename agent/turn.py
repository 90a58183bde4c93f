"""One turn: a user message and all that answers it.

The turn runs in a task of its own and puts its events into a queue, so that cancelling it from anywhere (Ctrl-C,
a stop button, a deadline, leaving the `async with` block) runs through one place, which completes the history.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..policies.engines import Message, Usage
from ..tools import MaxStepsExceeded, PericlesError, PolicyError, ToolCall, TurnCancelled
from .approval import pending
from .events import Event, TurnFinished, TurnStarted, TurnStatus
from .loop import Loop, Request, finished
from .telemetry import turn_span

if TYPE_CHECKING:
    from .agent import Agent
    from .sessions import Session

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TurnResult:
    """How a turn ended.

    Args:
        status: see `TurnFinished`.
        output: the answer's text.
        messages: what the turn added to the session, the user's message first.
        usage: tokens of the whole turn.
        session: the conversation, to go on with.
        value: the answer as a value of the agent's `output_type`.
        tool_seconds: wall-clock time of the tool calls, summed.
        pending: the calls that wait for a decision, for `awaiting_approval` alone.
        error: the error that ended it.
    """

    status: TurnStatus
    output: str
    messages: tuple[Message, ...]
    usage: Usage
    session: Session
    value: Any = None
    tool_seconds: float = 0.0
    pending: tuple[ToolCall, ...] = ()
    error: PericlesError | None = None


class Turn:
    """A running turn: `async with agent.stream(...) as turn: async for event in turn`.

    Leaving the block before the end cancels the turn; its session stays valid.
    """

    def __init__(self, agent: Agent, session: Session, request: Request, deadline: float | None) -> None:
        self.id = secrets.token_hex(8)
        self._agent = agent
        self._session = session
        self._deadline = deadline
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._loop = Loop(agent, session, request, self._events.put_nowait)
        self._task: asyncio.Task[None] | None = None
        self._started = False
        self._cancelled_early = False
        self._result: TurnResult | None = None
        self._drained = False
        self._crash: BaseException | None = None

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
        if self._task is not None:
            raise RuntimeError("a turn runs once: call agent.stream(...) again.")
        self._task = asyncio.create_task(self._run(), name=f"turn-{self.id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        if not self._task.done():
            self.cancel()
        # The task ends by itself whatever happens; it must have ended before the session is used again.
        if await finished(self._task):
            raise asyncio.CancelledError
        if self._crash is not None:
            raise self._crash

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

    async def _run(self) -> None:
        self._started = True
        self._events.put_nowait(TurnStarted(self.id, self._session.id))
        with turn_span(self._agent.name, self._session.id) as span:
            try:
                status, error = await self._outcome()
            except BaseException as raised:  # noqa: BLE001 - raised again where the turn is left
                # An exit, or a test that fails inside a policy: nobody may wait for ever for the next event.
                self._crash = raised
                status, error = "error", await self._complete_history(self._told(raised))
            progress = self._loop.progress
            span.finish(status, progress.usage, error)
        calls = pending(progress.stored) if status == "awaiting_approval" else ()
        self._result = TurnResult(
            status,
            progress.output,
            tuple(progress.stored),
            progress.usage,
            self._session,
            progress.value,
            progress.memory.tool_seconds,
            calls,
            error,
        )
        text = None if error is None else str(error)
        self._events.put_nowait(TurnFinished(status, progress.output, progress.usage, text))

    async def _outcome(self) -> tuple[TurnStatus, PericlesError | None]:
        limit = asyncio.timeout(self._deadline)
        try:
            async with limit:
                if self._cancelled_early:
                    raise asyncio.CancelledError
                return await self._loop.run(), None
        except asyncio.CancelledError as raised:
            task = asyncio.current_task()
            asked = self._cancelled_early or task is None or task.cancelling() > 0
            # Nobody cancelled this turn: the policy raised it by itself.
            status, error = ("cancelled", None) if asked else ("error", self._told(raised))
        except TimeoutError as raised:
            if limit.expired():
                status, error = "cancelled", TurnCancelled(f"the turn's deadline of {self._deadline:g} s has passed.")
            else:
                status, error = "error", self._told(raised)
        except Exception as raised:  # noqa: BLE001 - told to the caller
            status, error = "error", self._told(raised)
        if isinstance(error, MaxStepsExceeded):
            status = "max_steps"
        return status, await self._complete_history(error)

    def _told(self, raised: BaseException) -> PericlesError:
        """What the caller is told of an exception: a bug's traceback goes to the log."""
        if isinstance(raised, PericlesError):
            return raised
        logger.error("turn %s failed", self.id, exc_info=raised)
        error = PolicyError(f"the turn failed: {type(raised).__name__}: {raised}")
        error.__cause__ = raised
        return error

    async def _complete_history(self, error: PericlesError | None) -> PericlesError | None:
        try:
            await self._loop.end()
        except asyncio.CancelledError:
            pass  # a second cancellation: what was being stored has been stored
        except Exception as raised:  # noqa: BLE001 - told to the caller
            return error or self._told(raised)
        return error
