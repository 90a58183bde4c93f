"""Runs one function under a time limit: in a task of its own, or in a thread of its own.

Whatever the function does, the caller is not held beyond the limit and a short grace. What cannot be stopped (a
thread, a coroutine that swallows its cancellation) goes on in the background; its result is discarded.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from .context import ToolContext
from .threads import run_in_thread

logger = logging.getLogger(__name__)

# How long a cancelled function may tidy up before it is left to itself, in seconds.
GRACE = 0.5
# Functions that were given up: the loop itself keeps only weak references to its tasks.
_abandoned: set[asyncio.Task[Outcome]] = set()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a function ended: with a value, with an error, or (`error` is a `TimeoutError`, `late`) not in time."""

    value: Any = None
    error: BaseException | None = None
    late: bool = False


async def run_limited(work: Coroutine[Any, Any, Any], seconds: float, name: str) -> Outcome:
    """Awaits a coroutine in a task of its own.

    Args:
        work: what to run.
        seconds: how long it may take; it is cancelled then.
        name: the tool's name, for the log.

    Raises:
        asyncio.CancelledError: the awaiting task was cancelled; `work` has been cancelled too.
    """
    task = asyncio.get_running_loop().create_task(_outcome(work))
    try:
        done, _ = await asyncio.wait((task,), timeout=seconds)
    except asyncio.CancelledError:
        await _stop(task, name)
        raise
    if done:
        return task.result()
    await _stop(task, name)
    return Outcome(error=TimeoutError(), late=True)


async def _outcome(work: Coroutine[Any, Any, Any]) -> Outcome:
    # Caught inside the task: an exit that reaches the task would end the whole event loop.
    try:
        return Outcome(await work)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - told to the caller
        return Outcome(error=error)


async def _stop(task: asyncio.Task[Outcome], name: str) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait((task,), timeout=GRACE)
    if not task.done():
        logger.warning("tool %r goes on although it was cancelled; its result will be discarded", name)
        _abandoned.add(task)
        task.add_done_callback(_abandoned.discard)


async def in_thread(function: Callable[[Any], Any], value: Any) -> Any:
    """Runs a sync function of one value in a thread that nothing else uses meanwhile."""
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    outcome: asyncio.Future[Outcome] = loop.create_future()

    def deliver(found: Outcome) -> None:
        if not outcome.done():
            outcome.set_result(found)

    def work() -> None:
        try:
            found = Outcome(context.run(function, value))
        except BaseException as raised:  # noqa: BLE001 - raised again in the caller's task
            found = Outcome(error=raised)
        # A loop that has been closed meanwhile has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(deliver, found)

    run_in_thread(work)
    found = await outcome
    if found.error is None:
        return found.value
    if isinstance(found.error, Exception):
        raise found.error
    # No signal reaches this thread, so an exit or a cancellation in it is the function's own doing.
    raise RuntimeError(one_line(found.error)) from found.error


class Killable(Protocol):
    """Work in a process of its own."""

    def kill(self) -> None:
        """Ends it, from any thread."""
        ...


async def supervised(supervise: Callable[[Any], Any], work: Killable) -> Any:
    """Runs what supervises a process in a thread; on cancellation the process is killed, and gone before this ends."""
    supervision = asyncio.ensure_future(in_thread(supervise, work))
    try:
        return await asyncio.shield(supervision)
    except asyncio.CancelledError:
        work.kill()
        await asyncio.wait((supervision,))
        raise


class Reporter:
    """Carries progress from a tool to whoever asked, from any thread, until the call has ended.

    Args:
        context: whose `emit` is called, always in the thread of the running event loop.
    """

    def __init__(self, context: ToolContext[Any]) -> None:
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._open = True

    def __call__(self, message: str, fraction: float | None) -> None:
        if threading.get_ident() == self._thread:
            self._tell(message, fraction)
        elif self._open:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._tell, message, fraction)

    def close(self) -> None:
        self._open = False

    def _tell(self, message: str, fraction: float | None) -> None:
        if self._open:
            try:
                self._context.emit(message, fraction)
            except Exception:
                logger.exception("progress could not be told")


def text_of(error: BaseException) -> str:
    """The error's text; empty where making it fails, which is no reason to lose the result."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the traceback in the log says what this was about
        return ""


def one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {text_of(error)}".split())[:300]
