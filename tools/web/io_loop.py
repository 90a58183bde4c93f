"""One event loop, in a daemon thread of its own, for all web traffic of the process.

Connections and the pools that keep them belong to an event loop. A caller's loop may live for one call only; this one
lives as long as the process, so a connection can serve again. It starts when it is first needed.

A forked process has none of the threads: it forgets the loop and starts its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

T = TypeVar("T")


class _IoLoop:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.resources: dict[Any, Any] = {}
        self.thread = threading.Thread(target=self._run, name="web-io", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


_lock = threading.Lock()
_io: _IoLoop | None = None
# What a forked process must neither use nor close: closing would take the parent's files out of its selector.
_forgotten: list[_IoLoop] = []


def _current() -> _IoLoop:
    global _io
    with _lock:
        if _io is None:
            _io = _IoLoop()
        return _io


def _forget() -> None:
    global _io, _lock
    _lock = threading.Lock()
    if _io is not None:
        _forgotten.append(_io)
        _io = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


async def on_io_loop(work: Coroutine[Any, Any, T]) -> T:
    """Awaits a coroutine on the web's event loop, from any event loop.

    Args:
        work: runs there; is cancelled when the awaiting task is.

    Raises:
        Exception: whatever `work` raises.
    """
    io = _current()
    if asyncio.get_running_loop() is io.loop:
        return await work
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, io.loop))


def run_on_io_loop(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on the web's event loop and waits; for commands, which have no event loop.

    Args:
        work: is cancelled when the wait is interrupted (Ctrl-C).

    Raises:
        RuntimeError: called from the web's own event loop, which it would block for ever.
        Exception: whatever `work` raises.
    """
    io = _current()
    if threading.current_thread() is io.thread:
        work.close()
        raise RuntimeError("run_on_io_loop was called on the web's own event loop: await the coroutine there.")
    future = asyncio.run_coroutine_threadsafe(work, io.loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def loop_resource(key: Any, make: Callable[[], T]) -> T:
    """What belongs to the web's event loop and lives as long as it does, such as a connection pool.

    Args:
        key: names it.
        make: builds it when it is first asked for.

    Raises:
        RuntimeError: called from anywhere but the web's event loop.
    """
    io = _io
    if io is None or threading.current_thread() is not io.thread:
        raise RuntimeError("loop_resource is for coroutines on the web's event loop: use on_io_loop.")
    if key not in io.resources:
        io.resources[key] = make()
    return cast("T", io.resources[key])
