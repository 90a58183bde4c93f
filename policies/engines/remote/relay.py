"""A stream that is made on the connections' own event loop and read on any other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import TypeVar

from ....tools import PolicyError
from ....tools.web.io_loop import on_io_loop

T = TypeVar("T")


class Relay:
    """Passes streams on, and can end all that are under way.

    Args:
        closed: what a reader is told whose stream was ended from elsewhere.
    """

    def __init__(self, closed: str) -> None:
        self._closed = closed
        self._running: set[asyncio.Task[None]] = set()

    async def stream(self, make: Callable[[], AsyncGenerator[T]]) -> AsyncGenerator[T]:
        """Yields what `make()` yields on the other loop. Closing it cancels the work there at once.

        Raises:
            Exception: whatever the stream raises.
            PolicyError: `stop` ended it.
        """
        home = asyncio.get_running_loop()
        queue: asyncio.Queue[T | BaseException | None] = asyncio.Queue()

        def put(item: T | BaseException | None) -> None:
            # A loop that has been closed meanwhile has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                home.call_soon_threadsafe(queue.put_nowait, item)

        async def start() -> None:
            await on_io_loop(self._work(make, put))

        reading = asyncio.ensure_future(start())
        try:
            while (item := await queue.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            reading.cancel()

    async def _work(
        self, make: Callable[[], AsyncGenerator[T]], put: Callable[[T | BaseException | None], None]
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            async with contextlib.aclosing(make()) as items:
                async for item in items:
                    put(item)
            put(None)
        except asyncio.CancelledError:
            put(PolicyError(self._closed))
            raise
        except Exception as error:  # noqa: BLE001 - raised again in the reader's task
            put(error)
        finally:
            self._running.discard(task)

    def stop(self) -> None:
        """Ends every stream; called on the connections' loop."""
        for task in list(self._running):
            task.cancel()
