"""Soft time limits inside a worker, so that a slow method gives way to the next one before the worker is killed.

They rest on a timer signal, which interrupts Python code but no long call into a C library; the hard limit is the
parent's. Where signals cannot be had (other threads than the main one, Windows) a method simply runs on.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

_UNLIMITED = 60.0
_MAY_BE_CUT_OFF = frozenset({"pericles", "sympy", "mpmath", "__main__"})
_ASK_AGAIN_S, _ASK_AT_MOST = 0.001, 50
_IF_LOST_S = 0.1


class OutOfPatience(BaseException):
    """A method took longer than it was given; not an `Exception`, so that no library takes it for its own."""


class _Clock:
    """When the answer to the current query must be there, on the monotonic clock."""

    until: float | None = None
    interrupted = False


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Say how long the current query may take in all."""
    before, _Clock.until = _Clock.until, time.monotonic() + seconds
    try:
        yield
    finally:
        _Clock.until = before


def seconds_left() -> float:
    """Seconds until the answer must be there; a minute where no limit was set."""
    return _UNLIMITED if _Clock.until is None else max(_Clock.until - time.monotonic(), 0.0)


def was_interrupted() -> bool:
    """Whether a method was cut off in this process, which may have left a library's caches in a strange state."""
    return _Clock.interrupted


def within(share: float, compute: Callable[[], T], *, most: float = 1e9) -> T:
    """What `compute` returns, if it is done in time.

    Args:
        share: of the time that is left, between 0 and 1.
        compute: the method.
        most: seconds that it gets at most.

    Raises:
        OutOfPatience: if it was not done in time.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return compute()
    seconds = max(min(share * seconds_left(), most), 0.001)

    asked = 0

    def interrupt(number: int, frame: Any) -> None:
        # The signal may come while the interpreter runs a callback of the garbage collector or a finaliser, where an
        # exception is reported and lost: code of other packages is asked again a moment later.
        nonlocal asked
        package = "" if frame is None else str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in _MAY_BE_CUT_OFF and asked < _ASK_AT_MOST:
            asked += 1
            signal.setitimer(signal.ITIMER_REAL, _ASK_AGAIN_S)
            return
        signal.setitimer(signal.ITIMER_REAL, _IF_LOST_S)
        _Clock.interrupted = True
        raise OutOfPatience

    previous = signal.signal(signal.SIGALRM, interrupt)
    outer, started = signal.setitimer(signal.ITIMER_REAL, seconds)[0], time.monotonic()
    try:
        return compute()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, previous)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - started), 0.001))
