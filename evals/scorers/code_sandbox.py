"""Runs Python that a model wrote against asserts, in processes that may compute and nothing else.

What the processes may do, and what is not covered, is said in `sandbox`. From here they get no environment and no
open files but two pipes; they are a session of their own, which is killed as a whole when the time is over, on
cancellation, and once there is a verdict; on Linux they die with the program as well.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from ...tools.running import supervised
from ...tools.solver import confinement

# The folder goes behind the standard library, whose names some of its files bear.
_START = "import sys; sys.path.append(sys.argv[1]); from sandbox.main import main; sys.path.pop(); main()"
_HEADER = struct.Struct(">I")
_MAX_VERDICT_BYTES = 1 << 16
# More at once than there are processors would only make each miss its time.
_PLACES = threading.BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the asserts.

    Args:
        label: `passed`, `wrong answer`, `error`, `missing` (the asserts use a name that the code does not define),
            `syntax error`, `timeout`, `memory`, `exited`, `crashed`, or `no sandbox`, where nothing was run.
        detail: one line on why.
    """

    label: str
    detail: str = ""


async def run_in_sandbox(code: str, tests: str, *, seconds: float = 5.0, memory: int = 512 << 20) -> Verdict:
    """Runs asserts on what some code defines.

    Args:
        code: Python that nobody vouches for.
        tests: Python with asserts; see `sandbox` for how the two meet.
        seconds: of processor time; twice as long may pass on the clock.
        memory: bytes of address space, for each of the two processes.
    """
    if not hasattr(os, "fork"):
        return Verdict("no sandbox", "this system cannot confine a process")
    request = {
        "code": code,
        "seconds": seconds,
        "memory": memory,
        "confinement": confinement.__file__,
        "parent": os.getpid(),
    }
    frames = [json.dumps(request).encode(), tests.encode("utf-8", "replace")]
    run = _Run(b"".join(_HEADER.pack(len(frame)) + frame for frame in frames), 2 * seconds)
    # Supervised from one thread, which the processes outlive as little as the program.
    return await supervised(_Run.supervise, run)


class _Run:
    def __init__(self, request: bytes, seconds: float) -> None:
        self._request = request
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def kill(self) -> None:
        """Kills the processes, from any thread."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                _kill_group(self._process.pid)

    def supervise(self) -> Verdict:
        with _PLACES, tempfile.TemporaryFile() as request:
            request.write(self._request)
            request.seek(0)
            with self._lock:
                if self._killed:
                    return Verdict("timeout", "stopped")
                self._process = process = _start(request.fileno())
            try:
                answer, late = self._answer(process)
            finally:
                with self._lock:
                    # Before it is reaped, so that the number still means this group.
                    _kill_group(process.pid)
                    self._process = None
                    status = process.wait()
        if late:
            return Verdict("timeout", f"no verdict within {self._seconds:g} s")
        try:
            label, detail = json.loads(answer)
        except ValueError:
            return Verdict("timeout" if status == -signal.SIGXCPU else "crashed", f"the judge ended with {status}")
        return Verdict(label, detail)

    def _answer(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bool]:
        """The verdict's bytes, and whether time was over before they were whole."""
        assert process.stdout is not None
        end = time.monotonic() + self._seconds
        answer = b""
        with process.stdout as stdout:
            while not answer.endswith(b"\n") and len(answer) < _MAX_VERDICT_BYTES:
                left = end - time.monotonic()
                if left <= 0 or not select.select((stdout,), (), (), left)[0]:
                    return answer, True
                piece = os.read(stdout.fileno(), 1 << 12)
                if not piece:
                    break
                answer += piece
        return answer, False


def _start(request: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", _START, str(Path(__file__).parent)],
        stdin=request,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,
    )


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
