"""Reads documents in a process of its own, which is killed when it takes too long and bounded in memory.

Documents are written by anybody, and PDF and office files are read by native code: one of them may crash its reader, or
keep it busy for ever. Here that costs one process and that one file. The process stays for the next file, ends after a
while without one, and ends when the program that started it does.

Over a socket goes a head, JSON behind its length, and the file's bytes; back comes JSON behind its length.

Not covered: this bounds time, processor time, memory and the writing of files, not rights. A reader that is taken over
may read and connect as the program may.
"""

from __future__ import annotations

import atexit
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

from .pieces import Piece, Unreadable

MAX_ANSWER_BYTES = 256 * 1024 * 1024
_START_SECONDS = 60.0
_EXIT_SECONDS = 5.0
# A process ends by itself after so long without a file, and after so many files: native code may leak.
_IDLE_SECONDS = 60.0
_FILES_PER_PROCESS = 500
_LENGTHS = struct.Struct("!QQ")
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from pericles.tools.search.documents.worker import main; main(int(sys.argv[2]))"
)
_log = logging.getLogger(__name__)


class DocumentWorker:
    """A process that reads one document at a time; calls from several threads wait for each other.

    Args:
        seconds: how long one file may take; a second is added for each megabyte of it.
        memory: how much address space the process may take, in bytes.
    """

    def __init__(self, *, seconds: float = 30.0, memory: int = 2 << 30) -> None:
        self._seconds = seconds
        self._memory = memory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._owner = 0

    def __enter__(self) -> DocumentWorker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Number of the process, `None` while there is none."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process; the next call starts a new one."""
        with self._lock:
            self._end()

    def read(self, reader: str, stem: str, content: bytes) -> list[Piece]:
        """Read one file.

        Args:
            reader: `module:function` of the reader; it is called in the process as `function(stem, content)`.
            stem: the file's name without its ending.
            content: the file's bytes.

        Returns:
            The pieces of the file.

        Raises:
            Unreadable: the reader refused the file, crashed, or took too much time or memory.
        """
        seconds = self._seconds + len(content) / 1e6
        head = json.dumps({"reader": reader, "stem": stem, "seconds": seconds}).encode()
        with self._lock:
            try:
                answer = self._ask(head, content, seconds)
            except BaseException:  # whatever the process is doing now, nobody will take its answer
                self._end()
                raise
            if answer.get("spent"):
                self._end()
        if "traceback" in answer:
            _log.info("a document reader failed:\n%s", answer["traceback"])
        if "unreadable" in answer:
            raise Unreadable(answer["unreadable"])
        return [Piece(*piece) for piece in answer["pieces"]]

    def _ask(self, head: bytes, content: bytes, seconds: float) -> dict[str, Any]:
        for _ in range(2):
            channel = self._started()
            deadline = time.monotonic() + seconds
            try:
                _send(channel, _LENGTHS.pack(len(head), len(content)) + head, deadline)
                _send(channel, content, deadline)
                answer = _receive(channel, deadline)
            except TimeoutError:
                raise Unreadable(f"not read within {seconds:.0f} seconds") from None
            except OSError:
                answer = None
            if answer is not None:
                return json.loads(answer)
            status = self._end(kill=False)
            if status != 0:
                raise Unreadable(f"reading it crashed ({_ending(status)})")
            # It had ended by itself for want of work, just before the file came.
        raise Unreadable("the process that reads such files ends at once")

    def _started(self) -> socket.socket:
        if self._owner != os.getpid():  # after a fork the process is still the parent's: leave it alone
            if self._channel:
                self._channel.close()
            self._process = self._channel = None
        if self._channel is None:
            self._owner = os.getpid()
            ours, theirs = socket.socketpair()
            self._channel = ours
            with theirs:
                self._process = _spawn(theirs, self._memory)
            try:
                hello = _receive(ours, time.monotonic() + _START_SECONDS)
            except OSError:
                hello = None
            if hello is None:
                status = self._end()
                raise Unreadable(f"the process that reads such files did not start ({_ending(status)})")
        return self._channel

    def _end(self, *, kill: bool = True) -> int:
        process, channel, self._process, self._channel = self._process, self._channel, None, None
        if channel is not None:
            channel.close()
        if process is None or self._owner != os.getpid():
            return 0
        if not kill:
            try:
                return process.wait(_EXIT_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        process.kill()
        return process.wait()


def shared_worker() -> DocumentWorker:
    """The program's own worker, which is started when it is first needed and ended with the program."""
    return _shared


_shared = DocumentWorker()
atexit.register(_shared.close)


def _spawn(channel: socket.socket, memory: int) -> subprocess.Popen[bytes]:
    # An entry that is no folder belongs to an import hook (of an editable install) and stays as it is.
    path = json.dumps([os.path.abspath(entry) if os.path.exists(entry or ".") else entry for entry in sys.path])
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, path, str(memory)],
        stdin=channel.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C goes to the program, which ends this process
    )


def _send(channel: socket.socket, message: bytes, deadline: float) -> None:
    channel.settimeout(max(0.001, deadline - time.monotonic()))
    channel.sendall(message)


def _receive(channel: socket.socket, deadline: float) -> bytes | None:
    """The next answer, `None` when the process ended without one."""
    lengths = _exactly(channel, _LENGTHS.size, deadline)
    if lengths is None:
        return None
    length, _ = _LENGTHS.unpack(lengths)
    if length > MAX_ANSWER_BYTES:
        raise Unreadable(f"its text is larger than {MAX_ANSWER_BYTES:,} bytes")
    return _exactly(channel, length, deadline)


def _exactly(channel: socket.socket, length: int, deadline: float | None) -> bytes | None:
    received = bytearray()
    while len(received) < length:
        if deadline is not None:
            channel.settimeout(max(0.001, deadline - time.monotonic()))
        piece = channel.recv(min(1 << 20, length - len(received)))
        if not piece:
            return None
        received += piece
    return bytes(received)


def _ending(status: int) -> str:
    try:
        return signal.Signals(-status).name if status < 0 else f"exit code {status}"
    except ValueError:
        return f"signal {-status}"


def main(memory: int) -> None:
    """The process itself: answers on standard input, which is a socket, until that is closed.

    Args:
        memory: how much address space it may take, in bytes.
    """
    channel = socket.socket(fileno=0)
    _bound(memory)
    threading.Thread(target=_end_with_the_program, daemon=True).start()
    _answer(channel, b"{}")
    for _ in range(_FILES_PER_PROCESS):
        channel.settimeout(_IDLE_SECONDS)
        try:
            lengths = _exactly(channel, _LENGTHS.size, None)
            channel.settimeout(None)
            request = _request(channel, lengths)
        except OSError:  # nothing came for a while, or the program is gone
            return
        if request is None:
            return
        head, content = request
        # A clock of its own, for when nobody is left to kill it and no thread of Python's gets to run.
        signal.setitimer(signal.ITIMER_REAL, head["seconds"] + _EXIT_SECONDS)
        answer = _read(head["reader"], head["stem"], content)
        _answer(channel, json.dumps(answer).encode())
        signal.setitimer(signal.ITIMER_REAL, 0)
        del head, content, request, answer


def _end_with_the_program() -> None:
    watch = select.poll()
    watch.register(0, select.POLLRDHUP)
    watch.poll()
    os._exit(0)


def _request(channel: socket.socket, lengths: bytes | None) -> tuple[dict[str, Any], bytes] | None:
    if lengths is None:
        return None
    head_length, content_length = _LENGTHS.unpack(lengths)
    head = _exactly(channel, head_length, None)
    content = _exactly(channel, content_length, None)
    return None if head is None or content is None else (json.loads(head), content)


def _answer(channel: socket.socket, answer: bytes) -> None:
    channel.sendall(_LENGTHS.pack(len(answer), 0) + answer)


def _read(reader: str, stem: str, content: bytes) -> dict[str, Any]:
    module, function = reader.split(":")
    try:
        return {"pieces": getattr(importlib.import_module(module), function)(stem, content)}
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
