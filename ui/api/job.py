"""One request that is being answered: it waits in the line, then works, and what comes of it is read from a queue.

The work has a task of its own, so that a client that leaves, a time limit and the end of the server all stop it in one
way, and a slow reader does not keep a place that others wait for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from .answering import Called, Emit, Ended, Happened, Said
from .errors import ApiError, cut_off, told
from .limits import Line
from .metrics import Metrics

Item = Said | Called | Happened | Ended | ApiError


class Job:
    """Starts at once.

    Args:
        work: answers; is called when a place is free.
        line: where it waits.
        metrics: what it is counted in.
        request_id: for the log.
        seconds: the limit that `work` keeps, for what the client is told.
        on_end: called when the work has ended, before the client is told so: its next request may come at once.
    """

    def __init__(
        self,
        work: Callable[[Emit], Awaitable[Ended]],
        line: Line,
        metrics: Metrics,
        request_id: str,
        seconds: float,
        *,
        on_end: Callable[[], None],
    ) -> None:
        self._work = work
        self._line = line
        self._metrics = metrics
        self._request_id = request_id
        self._seconds = seconds
        self._on_end = on_end
        self._items: asyncio.Queue[Item] = asyncio.Queue()
        self._why: ApiError | None = None
        self._asked = time.monotonic()
        self._first: float | None = None
        self._task = asyncio.create_task(self._run(), name=f"request-{request_id}")
        self._task.add_done_callback(self._end)

    async def next(self, seconds: float | None = None) -> Item | None:
        """What comes next; `Ended` or an `ApiError` is the last. `None` where nothing came within `seconds`."""
        if not self._items.empty():
            return self._items.get_nowait()
        try:
            async with asyncio.timeout(seconds):
                return await self._items.get()
        except TimeoutError:
            return None

    def ready(self) -> Item | None:
        """What has come already; `None` where that is nothing."""
        return None if self._items.empty() else self._items.get_nowait()

    def stop(self, why: ApiError) -> None:
        """Stops the work, and tells the client why."""
        if self._why is None:
            self._why = why
            self._task.cancel()

    async def leave(self) -> None:
        """Stops the work, which nobody waits for any more, and waits until it has ended."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> Ended:
        async with self._line.place():
            began = time.monotonic()
            outcome = "error"
            try:
                ended = await self._work(self._emit)
                outcome = ended.reason
            except asyncio.CancelledError:
                outcome = "cancelled"
                raise
            finally:
                self._metrics.turn_ended(outcome, time.monotonic() - began)
        self._metrics.written(ended.usage, None if self._first is None else time.monotonic() - self._first)
        return ended

    def _emit(self, item: Said | Called | Happened) -> None:
        if self._first is None and not isinstance(item, Happened):
            self._first = time.monotonic()
            self._metrics.first_token(self._first - self._asked)
        self._items.put_nowait(item)

    def _end(self, task: asyncio.Task[Ended]) -> None:
        self._on_end()
        if task.cancelled():
            self._items.put_nowait(self._why or cut_off())
            return
        error = task.exception()
        if error is None:
            self._items.put_nowait(task.result())
        else:
            self._items.put_nowait(told(error, self._request_id, self._seconds))
