"""Runs one call in a process of its own, which is really killed at the timeout and on cancellation.

The process is a session of its own, and its whole group is killed with it. It shares nothing with the program: the
arguments travel as JSON, the result comes back as JSON on a private socket, and what the tool prints goes to the
program's standard error. It ends when the program ends, however that happens.

Not covered: this bounds time, not rights. A tool's process may read, write and connect as the program may, and a
grandchild that starts a session of its own escapes the kill.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import inspect
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from .calls import Image, Source, ToolOutput
from .context import ToolContext
from .errors import ConfigError, ToolError
from .running import Reporter, supervised

logger = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 64 * 1024 * 1024
# How long a process that has answered may tidy up, in seconds.
EXIT_GRACE = 1.0
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from pericles.tools.isolated import main; main(int(sys.argv[1]))"
)

# Set in such a process while it loads the tool's file: what to do when that file starts work of its own.
on_work_while_loading: Callable[[], NoReturn] | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a fresh process finds a function again.

    Args:
        module: name of its module.
        file: the module's file, where the name alone does not lead to it.
        qualname: the function's name inside the module.
    """

    module: str
    file: str | None
    qualname: str


def address_of(function: Any, name: str, *, is_method: bool) -> Address:
    """Where a fresh process finds this function.

    Raises:
        ConfigError: it cannot find it.
    """
    where = f"tool {name!r}: isolate=True needs a function at the top of a module, which a fresh process can import; "
    if is_method or inspect.ismethod(function):
        raise ConfigError(f"{where}a method has an object that the process does not have: write a plain function.")
    if not inspect.isfunction(function):
        raise ConfigError(f"{where}got {type(function).__name__!r}: write a plain function.")
    if function.__name__ == "<lambda>" or "<locals>" in function.__qualname__:
        raise ConfigError(f"{where}this one is made inside another function: move it out.")
    module = sys.modules.get(function.__module__)
    file = getattr(module, "__file__", None)
    if module is None or file is None:
        raise ConfigError(f"{where}this one was typed in, not read from a file: write it into a file NAME.py.")
    spec = getattr(module, "__spec__", None)
    importable = spec.name if function.__module__ == "__main__" and spec is not None else function.__module__
    file = os.path.abspath(file)
    if importable != "__main__" and _leads_to(importable, file):
        return Address(importable, None, function.__qualname__)
    if Path(file).suffix != ".py" or not Path(file).is_file():
        raise ConfigError(f"{where}the module {importable!r} is not found again: write it into a file NAME.py.")
    known = "_pericles_main" if function.__module__ == "__main__" else importable
    return Address(known, file, function.__qualname__)


def _leads_to(module: str, file: str) -> bool:
    """Whether importing this name in a fresh process finds this file."""
    path: Any = None
    spec: importlib.machinery.ModuleSpec | None = None
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        spec = None
        for finder in sys.meta_path:
            with contextlib.suppress(ImportError, ValueError):
                spec = finder.find_spec(".".join(parts[:end]), path)
            if spec is not None:
                break
        if spec is None:
            return False
        path = spec.submodule_search_locations
    return spec is not None and spec.origin is not None and os.path.abspath(spec.origin) == file


def refuse_while_loading() -> None:
    """Ends a tool's process whose file starts to work when it is loaded: it would start processes without end."""
    if on_work_while_loading is not None:
        on_work_while_loading()


async def run_isolated(
    address: Address,
    name: str,
    arguments: dict[str, Any],
    context: ToolContext[Any],
    reporter: Reporter,
    seconds: float,
) -> ToolOutput:
    """Runs a function in a process of its own.

    Args:
        address: where the process finds the function.
        name: the tool's name, for messages.
        arguments: as the model wrote them; the process checks them again.
        context: its names travel, its `deps` do not.
        reporter: takes the progress.
        seconds: how long the call may take; bounds the processor time of a process that nobody kills.

    Raises:
        ToolError: what the tool told, or how it failed.
    """
    request = {
        "address": asdict(address),
        "arguments": arguments,
        "session_id": context.session_id,
        "call_id": context.call_id,
        "cpu_seconds": int(seconds * (os.cpu_count() or 1)) + 10,
    }
    child = _Child(name, json.dumps(request).encode() + b"\n", reporter)
    # Supervised from a thread: that works from any event loop, and no loop waits for a process to start.
    return _read(await supervised(_Child.supervise, child), name)


class _Child:
    def __init__(self, name: str, request: bytes, reporter: Reporter) -> None:
        self._name = name
        self._request = request
        self._reporter = reporter
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def kill(self) -> None:
        """Kills the process and its group, from any thread."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                self._kill_group(self._process.pid)

    def supervise(self) -> dict[str, Any]:
        """Starts the process, passes on its progress, and returns its answer; it is gone afterwards."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._lock:
                if self._killed:
                    return {"failed": "it was stopped"}
                self._process = process = _start(theirs.fileno())
            try:
                answer = self._converse(ours, process)
                if answer is not None:
                    _wait_for_exit(process, EXIT_GRACE)
            finally:
                status = self._end(process)
        return answer if answer is not None else {"failed": _ending(status)}

    def _converse(self, channel: socket.socket, process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
        try:
            channel.sendall(self._request)
        except OSError:
            return None  # it died at once
        buffer = bytearray()
        while True:
            # A grandchild may hold the other end open, so the end of the process is looked for as well.
            readable, _, _ = select.select((channel,), (), (), 0.1)
            if not readable:
                if _has_exited(process):
                    return None
                continue
            try:
                piece = channel.recv(1 << 16)
            except OSError:
                piece = b""
            if not piece:
                _wait_for_exit(process, EXIT_GRACE)
                return None
            start = len(buffer)
            buffer += piece
            if len(buffer) > MAX_ANSWER_BYTES:
                return {"failed": f"its result is larger than {MAX_ANSWER_BYTES >> 20} MB"}
            while (end := buffer.find(b"\n", start)) >= 0:
                message: dict[str, Any] = json.loads(buffer[:end])
                del buffer[: end + 1]
                start = 0
                if "progress" not in message:
                    return message
                self._reporter(*message["progress"])

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        with self._lock:
            # Before it is reaped, so that the number still means this group.
            self._kill_group(process.pid)
            self._process = None
            return process.wait()

    def _kill_group(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _start(channel: int) -> subprocess.Popen[bytes]:
    # An entry that is no folder belongs to an import hook (of an editable install) and stays as it is.
    path = json.dumps([os.path.abspath(entry) if os.path.exists(entry or ".") else entry for entry in sys.path])
    options = [f"-W{option}" for option in sys.warnoptions]
    return subprocess.Popen(
        [sys.executable, *options, "-P", "-c", _START, str(channel), path],
        pass_fds=(channel,),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=_standard_error(),
        stderr=_standard_error(),
    )


def _standard_error() -> int:
    try:
        os.fstat(2)
    except OSError:
        return subprocess.DEVNULL
    return 2


def _has_exited(process: subprocess.Popen[bytes]) -> bool:
    # Without reaping it: its group is still to be killed by its number.
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _wait_for_exit(process: subprocess.Popen[bytes], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not _has_exited(process) and time.monotonic() < end:
        time.sleep(0.002)


def _ending(status: int) -> str:
    if status >= 0:
        return f"its process ended with exit code {status} before it answered"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"its process was killed by {name} before it answered"


def _read(answer: dict[str, Any], name: str) -> ToolOutput:
    if "told" in answer:
        raise ToolError(answer["told"])
    if "failed" in answer:
        logger.error("tool %r failed in its process: %s\n%s", name, answer["failed"], answer.get("traceback", ""))
        raise ToolError(f"{name} failed: {answer['failed']}")
    output = answer["output"]
    return ToolOutput(
        output["text"],
        output["data"],
        tuple(Source.from_dict(source) for source in output["sources"]),
        tuple(Image.from_dict(image) for image in output["images"]),
    )
