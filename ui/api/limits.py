"""How much is answered: requests a minute for each key, turns at the same time, requests that wait."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable

from .errors import ApiError, shutting_down

REMEMBERED_TURNS = 32


class TokenBucket:
    """Lets `per_minute` requests through a minute, all of them at once if need be.

    Args:
        per_minute: how many.
        clock: seconds; a test hands in its own.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._left = float(per_minute)
        self._seen = clock()

    def take(self) -> dict[str, str]:
        """Counts one request.

        Returns:
            The headers that tell what is left.

        Raises:
            ApiError: 429, with `Retry-After`.
        """
        now = self._clock()
        rate = self.per_minute / 60
        self._left = min(float(self.per_minute), self._left + (now - self._seen) * rate)
        self._seen = now
        if self._left >= 1:
            self._left -= 1
            return self._told()
        wait = (1 - self._left) / rate
        raise ApiError(
            429,
            f"Rate limit reached: {self.per_minute} requests a minute. Try again in {wait:.1f} s.",
            kind="rate_limit_error",
            code="rate_limit_exceeded",
            headers={**self._told(), "retry-after": str(math.ceil(wait))},
        )

    def _told(self) -> dict[str, str]:
        full = (self.per_minute - self._left) * 60 / self.per_minute
        return {
            "x-ratelimit-limit-requests": str(self.per_minute),
            "x-ratelimit-remaining-requests": str(int(self._left)),
            "x-ratelimit-reset-requests": f"{full:.3f}s",
        }


class Line:
    """At most so many turns at once; who comes later waits in the order of coming.

    Args:
        max_running: turns at the same time.
        max_queued: how many may wait.
    """

    def __init__(self, max_running: int, max_queued: int) -> None:
        self.running = 0
        self._max_running = max_running
        self._max_queued = max_queued
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._seconds: deque[float] = deque(maxlen=REMEMBERED_TURNS)
        self._closed = False

    @property
    def queued(self) -> int:
        return len(self._waiting)

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Waits until it is this one's turn, and gives the place back at the end.

        Raises:
            ApiError: 429 where too many wait already, 503 where the line has been closed.
        """
        await self._enter()
        began = time.monotonic()
        try:
            yield
        finally:
            self._seconds.append(time.monotonic() - began)
            self._leave()

    def close(self) -> None:
        """Sends away everybody who waits, and whoever comes from now on."""
        self._closed = True
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(shutting_down())

    async def _enter(self) -> None:
        if self._closed:
            raise shutting_down()
        if self.running < self._max_running:
            self.running += 1
            return
        if len(self._waiting) >= self._max_queued:
            raise ApiError(
                429,
                f"{self.running} turns are running and {self.queued} requests are waiting: try again later.",
                kind="rate_limit_error",
                code="queue_full",
                headers={"retry-after": str(self._retry_after())},
            )
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            # It may have been called in just as its client left.
            if future.done() and not future.cancelled() and future.exception() is None:
                self._leave()
            elif future in self._waiting:
                self._waiting.remove(future)
            raise

    def _leave(self) -> None:
        """Hands the place to the first who waits."""
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                return
        self.running -= 1

    def _retry_after(self) -> int:
        """Seconds until a place in the queue is free, by how long turns took lately."""
        mean = sum(self._seconds) / len(self._seconds) if self._seconds else 1.0
        return min(600, max(1, math.ceil(mean / self._max_running)))
