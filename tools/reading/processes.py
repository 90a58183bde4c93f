"""Processes that read strangers' files: killed when they take too long, bounded in memory, warm for the next file.

Files and pages are written by anybody, and PDF and office files are read by native code: one of them may crash its
reader, or keep it busy for ever. Here that costs one process and that one file. A process ends by itself after a while
without a file, and when the program that started it does.

A message is a length and so many bytes. A head, JSON, names the reader; the process imports it and says that it is
ready; then comes the file, and JSON goes back. So slow imports are not counted against a file, and a process that has
ended for want of work is found out before it has one.

Not covered: this bounds time, processor time, memory and the writing of files, not rights. A reader that is taken over
may read and connect as the program may.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import importlib
import json
import logging
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import Any

from ..running import in_thread
from .errors import TooSlow, Unreadable

# Two, so that one hostile page does not hold up everything.
PROCESSES = 2
MAX_MESSAGE_BYTES = 256 * 1024 * 1024
_START_SECONDS = 60.0
_EXIT_SECONDS = 5.0
# How often a wait looks whether it was stopped.
_STOP_SECONDS = 0.1
# A process ends by itself after so long without a file, and after so many files: native code may leak.
_IDLE_SECONDS = 60.0
_FILES_PER_PROCESS = 500
_LENGTH = struct.Struct("!Q")
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from pericles.tools.reading.processes import main; main(int(sys.argv[2]))"
)
_log = logging.getLogger(__name__)


class ReadingProcesses:
    """At most `PROCESSES` processes that read one file each at a time; started when there is one, kept warm.

    Args:
        seconds: how long one file may take by default; a second is added for each megabyte of it.
        memory: how much address space a process may take, in bytes.
    """

    def __init__(self, *, seconds: float = 30.0, memory: int = 2 << 30) -> None:
        self._seconds = seconds
        self._memory = memory
        self._slots = threading.BoundedSemaphore(PROCESSES)
        self._idle: list[_Process] = []

    def __enter__(self) -> ReadingProcesses:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Number of the process that the next file goes to, `None` while none is idle."""
        return self._idle[-1].pid if self._idle else None

    def close(self) -> None:
        """Ends the idle processes; the next call starts a new one."""
        while self._idle:
            self._idle.pop().end()

    def forget(self) -> None:
        """Lets go of the idle processes without ending them: in a fork of this program, which did not start them."""
        while self._idle:
            self._idle.pop().forget()

    def read(
        self,
        reader: str,
        argument: Any,
        content: bytes,
        *,
        seconds: float | None = None,
        stop: threading.Event | None = None,
    ) -> Any:
        """Reads one file, in the calling thread.

        Args:
            reader: `module:function` of the reader; it is called in a process as `function(argument, content)`.
            argument: a JSON value.
            content: the file's bytes.
            seconds: how long the reading may take. The waits for a free process and for its start come on top.
            stop: another thread sets it to have the reading given up.

        Returns:
            The JSON value that the reader returned.

        Raises:
            TooSlow: it took too much time.
            Unreadable: the reader refused the file, crashed, or took too much memory.
        """
        seconds = self._seconds + len(content) / 1e6 if seconds is None else seconds
        slots, give_up = self._slots, time.monotonic() + seconds
        while not slots.acquire(timeout=_STOP_SECONDS):
            _look_for_stop(stop)
            if time.monotonic() > give_up:
                raise TooSlow("other files are being read; try again")
        try:
            answer = self._answer(json.dumps([reader, argument, seconds]).encode(), content, seconds, stop)
        finally:
            slots.release()
        if "traceback" in answer:
            _log.info("a reader failed:\n%s", answer["traceback"])
        if "unreadable" in answer:
            raise Unreadable(answer["unreadable"])
        return answer["read"]

    async def read_async(self, reader: str, argument: Any, content: bytes, *, seconds: float | None = None) -> Any:
        """`read` in a thread; cancelling it ends the process that is reading."""
        stop = threading.Event()
        work = functools.partial(self.read, reader, argument, seconds=seconds, stop=stop)
        reading = asyncio.ensure_future(in_thread(work, content))
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            stop.set()
            with contextlib.suppress(Unreadable):
                await reading
            raise

    def _answer(self, head: bytes, content: bytes, seconds: float, stop: threading.Event | None) -> dict[str, Any]:
        while True:
            try:
                process, is_new = self._idle.pop(), False
            except IndexError:
                process, is_new = _Process(self._memory), True
            try:
                answer = process.ask(content, seconds, stop) if process.is_ready(head, stop) else None
            except BaseException:  # whatever it is doing now, nobody will take its answer
                process.end()
                raise
            if answer is not None:
                self._idle.append(process)
                return answer
            status = process.end()
            if is_new:
                raise Unreadable(f"the process that reads such files did not start ({status})")


class _Process:
    def __init__(self, memory: int) -> None:
        # An entry that is no folder belongs to an import hook (of an editable install) and stays as it is.
        path = json.dumps([os.path.abspath(entry) if os.path.exists(entry or ".") else entry for entry in sys.path])
        self.channel, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, path, str(memory)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C goes to the program, which ends this process
            )
        self.pid = self._popen.pid
        # It may end by itself long before anybody asks for it: until somebody waits for it, it stays as a zombie.
        threading.Thread(target=self._popen.wait, name="reading-process", daemon=True).start()

    def is_ready(self, head: bytes, stop: threading.Event | None) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        try:
            _send(self.channel, head, deadline)
            ready = _receive(self.channel, deadline, stop)
        except OSError:
            return False
        return ready is not None

    def ask(self, content: bytes, seconds: float, stop: threading.Event | None) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        try:
            _send(self.channel, content, deadline)
            answer = _receive(self.channel, deadline, stop)
        except TimeoutError:
            raise TooSlow(f"not read within {round(seconds) or seconds:g} seconds") from None
        except OSError:
            answer = None
        if answer is None:
            raise Unreadable(f"reading it crashed ({self.end(_EXIT_SECONDS)})")
        return json.loads(answer)

    def end(self, patience: float = 0.0) -> str:
        """Ends it, at the latest after so many seconds, and says how it ended."""
        self.channel.close()
        try:
            status = self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            status = self._popen.wait()
        try:
            return signal.Signals(-status).name if status < 0 else f"exit code {status}"
        except ValueError:
            return f"signal {-status}"

    def forget(self) -> None:
        # The other end must see the end of the program that started it, and nobody here is its parent.
        self.channel.close()
        self._popen.returncode = 0


def shared_processes() -> ReadingProcesses:
    """The program's own, which end with it."""
    return _shared


_shared = ReadingProcesses()


@atexit.register
def _end_shared() -> None:
    _shared.close()


def _start_anew_after_fork() -> None:
    global _shared
    _shared.forget()
    _shared = ReadingProcesses()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew_after_fork)


def _send(channel: socket.socket, message: bytes, deadline: float) -> None:
    for part in (_LENGTH.pack(len(message)), message):
        channel.settimeout(max(0.001, deadline - time.monotonic()))
        channel.sendall(part)


def _receive(channel: socket.socket, deadline: float, stop: threading.Event | None = None) -> bytes | None:
    """The next message, `None` when the other end is gone."""
    length = _exactly(channel, _LENGTH.size, deadline, stop)
    if length is None:
        return None
    (count,) = _LENGTH.unpack(length)
    if count > MAX_MESSAGE_BYTES:
        raise Unreadable(f"its text is larger than {MAX_MESSAGE_BYTES:,} bytes")
    return _exactly(channel, count, deadline, stop)


def _exactly(channel: socket.socket, count: int, deadline: float, stop: threading.Event | None) -> bytes | None:
    received = bytearray()
    while len(received) < count:
        _look_for_stop(stop)
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(min(left, _STOP_SECONDS) if stop else left)
        try:
            piece = channel.recv(min(1 << 20, count - len(received)))
        except TimeoutError:
            continue
        if not piece:
            return None
        received += piece
    return bytes(received)


def _look_for_stop(stop: threading.Event | None) -> None:
    if stop and stop.is_set():
        raise TooSlow("its reading was stopped")


def main(memory: int) -> None:
    """The process itself: answers on standard input, which is a socket, until that is closed.

    Args:
        memory: how much address space it may take, in bytes.
    """
    channel = socket.socket(fileno=0)
    _bound(memory)
    threading.Thread(target=_end_with_the_program, daemon=True).start()
    for _ in range(_FILES_PER_PROCESS):
        try:
            head = _receive(channel, time.monotonic() + _IDLE_SECONDS)
            if head is None:
                return
            reader, argument, seconds = json.loads(head)
            with contextlib.suppress(Exception):  # told by the reading, which imports it again
                importlib.import_module(reader.partition(":")[0])
            _send(channel, b"", time.monotonic() + _EXIT_SECONDS)
            content = _receive(channel, time.monotonic() + _START_SECONDS)
        except OSError:  # nothing came for a while, or the program is gone
            return
        if content is None:
            return
        # A clock of its own, for when nobody is left to kill it and no thread of Python's gets to run.
        signal.setitimer(signal.ITIMER_REAL, seconds + _EXIT_SECONDS)
        answer = _read(reader, argument, content)
        _send(channel, json.dumps(answer).encode(), time.monotonic() + _START_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if "spent" in answer:
            return
        del content, answer


def _end_with_the_program() -> None:
    watch = select.poll()
    watch.register(0, select.POLLRDHUP)
    watch.poll()
    os._exit(0)


def _read(reader: str, argument: Any, content: bytes) -> dict[str, Any]:
    module, function = reader.split(":")
    try:
        return {"read": getattr(importlib.import_module(module), function)(argument, content)}
    except Unreadable as error:
        return {"unreadable": str(error)}
    except MemoryError:
        return {"unreadable": "reading it takes too much memory", "spent": True}
    except Exception as error:  # noqa: BLE001 - told to the program that asked
        words = " ".join(f"{type(error).__name__}: {error}".split())
        return {"unreadable": f"damaged ({words[:120]})", "traceback": traceback.format_exc()}


def _bound(memory: int) -> None:
    import resource

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for what, limit in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        _, hard = resource.getrlimit(what)
        if hard == resource.RLIM_INFINITY or hard > limit:
            hard = limit
        resource.setrlimit(what, (hard, hard))
