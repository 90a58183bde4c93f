"""The parent's side of worker processes: starting, asking, killing.

`Zygote` has a process with SymPy loaded fork each worker (a few milliseconds); `Spawner` starts an interpreter for each
(under a second) where the system cannot fork. Both give objects with the same four methods.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from typing import Any, Protocol

from ..errors import ToolError
from .wire import Hangup, decode, encode
from .worker import COMMAND, FAILED, FORK, KILL, READY

_START_SECONDS = 60.0
# What an interpreter needs to find its libraries and installed packages; nothing else of the parent's environment.
_ENVIRONMENT = (
    "HOME",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONNOUSERSITE",
    "PYTHONUSERBASE",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
)


class TimeUp(Exception):
    """A worker did not answer in time."""


class Worker(Protocol):
    """A process that answers one query at a time."""

    def is_alive(self) -> bool:
        """Whether it can be asked."""
        ...

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Its reply.

        Raises:
            TimeUp: if there is none after so many seconds.
            Hangup: if the process has ended.
        """
        ...

    def kill(self) -> None:
        """End the process now; may be called from another thread while `ask` waits, which then raises `Hangup`."""
        ...

    def close(self) -> None:
        """Let go of an ended or idle worker, which ends when it notices."""
        ...

    def forget(self) -> None:
        """Let go without ending it: for a fork of this program, to which it does not belong."""
        ...


class Launcher(Protocol):
    """Starts workers."""

    def is_alive(self) -> bool: ...

    def launch(self) -> Worker: ...

    def close(self) -> None: ...

    def forget(self) -> None: ...


def start_launcher() -> Launcher:
    """The launcher that suits this system."""
    return Zygote() if hasattr(os, "fork") and hasattr(socket, "send_fds") else Spawner()


def _popen(arguments: list[str], **options: Any) -> subprocess.Popen[bytes]:
    if not sys.executable:
        raise ToolError("the solver could not start: this program does not know its Python interpreter")
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    if paths := os.environ.get("PYTHONPATH"):
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in paths.split(os.pathsep) if path)
    # The same answer on every run, and no module taken from the working directory.
    environment |= {"PYTHONHASHSEED": "0", "PYTHONSAFEPATH": "1"}
    return subprocess.Popen[bytes](
        [sys.executable, "-m", f"{__package__}.worker", *arguments],
        stderr=subprocess.DEVNULL,
        cwd=os.path.abspath(os.sep),
        env=environment,
        start_new_session=True,  # Ctrl-C in the terminal is for the program, not for its workers
        **options,
    )


class Zygote:
    """Has workers forked by a process that loaded SymPy.

    Raises:
        ToolError: if that process does not start.
    """

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        try:
            with theirs:
                arguments = [str(theirs.fileno()), str(os.getpid())]
                self.process = _popen(
                    arguments, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
                )
        except BaseException:
            self.control.close()
            raise
        self._sending = threading.Lock()
        self._numbers = itertools.count(1)
        self._await_ready()

    def _await_ready(self) -> None:
        self.control.settimeout(_START_SECONDS)
        try:
            message = self.control.recv(COMMAND.size + 500)
        except TimeoutError:
            message = b""
        if message[:1] != READY:
            reason = message[COMMAND.size :].decode(errors="replace") if message[:1] == FAILED else "no sign of life"
            self.close()
            raise ToolError(f"the solver could not start: {reason}")

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def launch(self) -> ForkedWorker:
        ours, theirs = socket.socketpair()
        number = next(self._numbers)
        with theirs:
            try:
                with self._sending:
                    socket.send_fds(self.control, [COMMAND.pack(FORK, number)], [theirs.fileno()])
            except OSError:  # the zygote is gone: the worker counts as ended, and the pool starts another zygote
                pass
        return ForkedWorker(self, number, ours)

    def kill(self, number: int) -> None:
        try:
            with self._sending:
                self.control.sendall(COMMAND.pack(KILL, number))
        except OSError:  # the zygote is gone, and its workers with it
            pass

    def close(self) -> None:
        """End the zygote, which ends all its workers."""
        self.control.close()
        try:
            self.process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def forget(self) -> None:
        self.control.close()
        self.process.returncode = 0


class ForkedWorker:
    """A worker that the zygote forked, at the other end of a socket."""

    def __init__(self, zygote: Zygote, number: int, connection: socket.socket) -> None:
        self._zygote = zygote
        self._number = number
        self._connection = connection

    def is_alive(self) -> bool:
        self._connection.setblocking(False)
        try:
            return bool(self._connection.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds

        def read(count: int) -> bytes:
            self._connection.settimeout(max(until - time.monotonic(), 1e-4))
            return self._connection.recv(count)

        try:
            self._connection.settimeout(seconds)
            self._connection.sendall(encode(request))
            return decode(read)
        except TimeoutError:
            raise TimeUp from None
        except OSError as error:
            raise Hangup(str(error)) from None

    def kill(self) -> None:
        self._zygote.kill(self._number)

    def close(self) -> None:
        self._connection.close()

    forget = close


class Spawner:
    """Starts an interpreter for each worker."""

    def is_alive(self) -> bool:
        return True

    def launch(self) -> SpawnedWorker:
        return SpawnedWorker()

    def close(self) -> None:
        """Nothing of its own to end: idle workers end when their pipes are closed."""

    def forget(self) -> None:
        """Nothing of its own to let go of."""


class SpawnedWorker:
    """A worker at the other end of two pipes."""

    def __init__(self) -> None:
        self._process = _popen(["--pipe"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        process = self._process
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018  opened above
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(encode(request))
            process.stdin.flush()
            return decode(process.stdout.read1)  # type: ignore[attr-defined]
        except (Hangup, OSError) as error:
            if late.is_set():
                raise TimeUp from None
            raise Hangup(str(error)) from None
        finally:
            timer.cancel()

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        process = self._process
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018
        with contextlib.suppress(OSError):  # what was buffered can no longer be sent
            process.stdin.close()
        process.stdout.close()
        try:
            process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def forget(self) -> None:
        self._process.returncode = 0
