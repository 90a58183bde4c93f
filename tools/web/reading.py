"""The processes that read documents: started when needed, kept warm, killed at a time limit.

At most two, so that one hostile page does not hold up everything. A message is a length of 8 bytes and that many bytes:
a JSON object, then (of a request) the document. The process ends when its socket does, so with the program that
started it, and by itself after a minute without work.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from typing import Any

MAX_ANSWER_BYTES = 64 * 1024 * 1024
PROCESSES = 2
IDLE_SECONDS = 60.0
_START_SECONDS = 20.0
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from pericles.tools.web.reader import main; main(int(sys.argv[1]))"
)


class ReadingFailed(Exception):
    """A document was not read. `late` says that the time limit was the reason."""

    def __init__(self, why: str, *, late: bool = False) -> None:
        super().__init__(why)
        self.late = late


class Reading:
    """One document to be read.

    Args:
        request: for `reader`; a JSON object.
        content: the document.
        seconds: how long a process may work at it. The wait for a process and its start come on top.
    """

    def __init__(self, request: dict[str, Any], content: bytes, seconds: float) -> None:
        self._request = request
        self._content = content
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._stopped = False

    def run(self) -> dict[str, Any]:
        """Reads it, in the calling thread.

        Raises:
            ReadingFailed: no answer came, or not in time.
        """
        slots = _slots
        give_up = time.monotonic() + self._seconds
        while not slots.acquire(timeout=0.1):
            if self._stopped or time.monotonic() > give_up:
                raise ReadingFailed("other documents are being read; try again", late=True)
        try:
            process = _take()
            warm = process.is_ready
            try:
                return self._read_in(process)
            except ReadingFailed as failed:
                # A process that was kept may have ended for reasons that have nothing to do with this document.
                if failed.late or not warm or self._stopped:
                    raise
                return self._read_in(_Process())
        finally:
            slots.release()

    def _read_in(self, process: _Process) -> dict[str, Any]:
        with self._lock:
            if self._stopped:
                process.kill()
                raise ReadingFailed("it was stopped")
            self._process = process
        try:
            answer = process.ask(self._request, self._content, self._seconds)
        except BaseException:
            process.kill()
            raise
        finally:
            with self._lock:
                self._process = None
        _idle.append(process)
        return answer

    def stop(self) -> None:
        """Ends the reading, from any thread."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.shut()


class _Process:
    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        # An entry that is no folder belongs to an import hook (of an editable install) and stays as it is.
        path = json.dumps([os.path.abspath(entry) if os.path.exists(entry or ".") else entry for entry in sys.path])
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-c", _START, str(theirs.fileno()), path],
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except BaseException:
                ours.close()
                raise
        self._socket = ours
        self.is_ready = False
        self.used = time.monotonic()

    def ask(self, request: dict[str, Any], content: bytes, seconds: float) -> dict[str, Any]:
        if not self.is_ready:
            self._receive(time.monotonic() + _START_SECONDS, "its process did not start")
            self.is_ready = True
        deadline = time.monotonic() + seconds
        late = f"it was not read within {seconds:g} s"
        self._bound(deadline, late)
        head = json.dumps(request).encode()
        try:
            self._socket.sendall(b"".join((_length(head), head, _length(content), content)))
        except TimeoutError:
            raise ReadingFailed(late, late=True) from None
        except OSError:
            raise ReadingFailed("its process ended") from None
        answer = self._receive(deadline, late)
        self.used = time.monotonic()
        return json.loads(answer)

    def is_fresh(self) -> bool:
        # Well before it ends by itself.
        return self._process.poll() is None and time.monotonic() - self.used < IDLE_SECONDS * 0.8

    def shut(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()

    def kill(self) -> None:
        self._socket.close()
        self.shut()
        self._process.wait()

    def forget(self) -> None:
        # In a forked process: the other end must see the end of the program, and nobody here is its parent.
        self._socket.close()
        self._process.returncode = 0

    def _receive(self, deadline: float, late: str) -> bytes:
        length = int.from_bytes(self._exactly(8, deadline, late), "big")
        if length > MAX_ANSWER_BYTES:
            raise ReadingFailed("its text is too long")
        return self._exactly(length, deadline, late)

    def _exactly(self, count: int, deadline: float, late: str) -> bytes:
        received = bytearray()
        while len(received) < count:
            self._bound(deadline, late)
            try:
                piece = self._socket.recv(min(count - len(received), 1 << 20))
            except TimeoutError:
                raise ReadingFailed(late, late=True) from None
            except OSError:
                piece = b""
            if not piece:
                raise ReadingFailed("it took too much memory or broke the program that reads it")
            received += piece
        return bytes(received)

    def _bound(self, deadline: float, late: str) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ReadingFailed(late, late=True)
        self._socket.settimeout(left)


def _length(content: bytes) -> bytes:
    return len(content).to_bytes(8, "big")


_slots = threading.BoundedSemaphore(PROCESSES)
_idle: list[_Process] = []


def _take() -> _Process:
    while True:
        try:
            process = _idle.pop()
        except IndexError:
            return _Process()
        if process.is_fresh():
            return process
        process.kill()


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().kill()


def _forget() -> None:
    global _slots
    _slots = threading.BoundedSemaphore(PROCESSES)
    while _idle:
        _idle.pop().forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
