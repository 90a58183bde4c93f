"""The program that computes: `python -m pericles.tools.solver.worker`.

Started with a socket, it is the *zygote*: it loads SymPy once and forks a worker for each socket that it is sent, which
takes milliseconds, and kills a worker when it is told to. It never computes a query itself. Started with `--pipe`, it
is a single worker on its standard input and output, for systems that cannot fork.

A worker ignores Ctrl-C and is confined (see `confinement`). It dies with the zygote, and the zygote dies with the
process that started it, however that one ends.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable
from typing import Any

from ..errors import ToolError
from .confinement import confine, die_with, limit_processor_time, limit_resources
from .wire import Hangup, decode, encode

COMMAND = struct.Struct(">cQ")
FORK, KILL, READY, FAILED = b"f", b"k", b"r", b"x"
MAX_CALLS = 1000
MAX_RESIDENT_KIB = 600 * 1024
_POLL_SECONDS = 1.0

# One query of each kind, so that forked workers find SymPy's modules loaded and its caches filled.
_WARM_UP = (
    "2^10 + sqrt(2)",
    "solve x^2 - 2 = 0",
    "diff x^2 sin x",
    "integrate x cos(x)",
    "integrate x e^(-x) from 0 to infinity",
    "limit of sin(x)/x as x -> 0",
    "simplify sin(x)^2 + cos(x)^2",
    "series of e^x",
    "sum of k^2 for k = 1 to n",
    "x + y = 3, x - y = 1",
    "solve x^2 < 2",
    "solve sin x = 1/2",
    "60 mph in m/s",
    "days between 2024-01-01 and 2024-02-01",
    "1000 at 5% for 3 years",
    "12 is 30% of what number",
    "how many ways can 5 people sit in a row",
    "next prime after 100",
    "domain of sqrt(x - 2)",
    "discriminant of x^2 = 4",
    "P(Z < 1)",
    "95% confidence interval for mean 5, sd 1, n = 10",
    "mean and standard deviation of 1, 2, 3",
    "a bag has 3 red and 5 blue balls. two are drawn. probability that both are red",
    "Tom is 4 years older than Sue. The sum of their ages is 30. How old is Tom?",
    "LU decomposition of [[2, 1], [4, 3]]",
    "\u6c42 x^2 \u7684\u5bfc\u6570",
    "plot x^2",
)


def main(arguments: list[str]) -> int:
    """Run as the zygote (`FD PARENT_PID`) or as one worker (`--pipe`)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if arguments == ["--pipe"]:
        return _pipe_worker()
    if len(arguments) != 2:
        print("usage: python -m pericles.tools.solver.worker --pipe", file=sys.stderr)
        return 2
    with socket.socket(fileno=int(arguments[0])) as control:
        return Zygote(control, int(arguments[1])).run()


class Zygote:
    """Forks and kills workers on command.

    Args:
        control: commands come in here; a worker's socket comes with the command to fork it.
        parent: process id of the program that started this one.
    """

    def __init__(self, control: socket.socket, parent: int) -> None:
        self.control = control
        self.parent = parent
        self.children: dict[int, int] = {}  # number given by the pool -> process id
        self.dying: set[int] = set()

    def run(self) -> int:
        try:
            _load()
        except Exception as error:  # noqa: BLE001  the pool reports it
            self.control.sendall(COMMAND.pack(FAILED, 0) + str(error).encode()[:500])
            return 1
        self.control.sendall(COMMAND.pack(READY, 0))
        try:
            self._serve()
        finally:
            for pid in self.children.values():
                os.kill(pid, signal.SIGKILL)
            for pid in self.children.values():
                os.waitpid(pid, 0)
        return 0

    def _serve(self) -> None:
        warming = list(_WARM_UP)
        while os.getppid() == self.parent:
            self.control.settimeout(0.0 if warming else 0.02 if self.dying else _POLL_SECONDS)
            try:
                command, files = self._receive()
            except (BlockingIOError, TimeoutError):
                if warming:
                    _warm(warming.pop(0))
                    if not warming:
                        gc.collect()
                        gc.freeze()
                self._reap()
                continue
            except ConnectionError:
                return
            if len(command) < COMMAND.size:
                return
            operation, number = COMMAND.unpack(command)
            if operation == FORK:
                # Forked before the warm-up ended, a worker is slow on what it has not met: one answer, then a new one.
                self._fork(number, files[0], calls=1 if warming else MAX_CALLS)
            elif operation == KILL:
                self._kill(number)
            self._reap()

    def _receive(self) -> tuple[bytes, list[int]]:
        # A command is nine bytes written at once, far below what a local socket would split.
        command, files, _, _ = socket.recv_fds(self.control, COMMAND.size, 1)
        return command, files

    def _fork(self, number: int, file: int, calls: int) -> None:
        zygote = os.getpid()
        pid = os.fork()
        if pid:
            os.close(file)
            self.children[number] = pid
            return
        status = 1
        try:
            self.control.close()
            die_with(zygote)
            with socket.socket(fileno=file) as connection:
                connection.setblocking(True)
                limit_resources()
                serve(connection.recv, connection.sendall, calls=calls, confined=confine())
            status = 0
        finally:
            os._exit(status)

    def _kill(self, number: int) -> None:
        pid = self.children.get(number)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)  # not yet reaped, so the id is still this child's
            self.dying.add(number)

    def _reap(self) -> None:
        # Never waits: taking down a process that filled its memory lasts longer than forking the next one.
        for number, pid in list(self.children.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self.children[number]
                self.dying.discard(number)


def _load() -> None:
    import sympy  # noqa: F401

    from .answers import registry  # noqa: F401

    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)


def _warm(query: str) -> None:
    from .answers.answer import answer

    with contextlib.suppress(ToolError):
        answer(query, plot="png" if query.startswith("plot") else "")


def serve(
    read: Callable[[int], bytes], write: Callable[[bytes], Any], *, calls: int = MAX_CALLS, confined: bool
) -> None:
    """Answer queries until the pool hangs up or this process should be replaced.

    Args:
        read: see `wire.decode`.
        write: takes the bytes of a message.
        calls: how many queries to answer.
        confined: whether the kernel keeps this process from the network; the pool is told.
    """
    for call in range(1, calls + 1):
        try:
            request = decode(read)
        except (Hangup, ConnectionError):
            return
        reply = _reply(request)
        reply["confined"] = confined
        reply["retire"] = call == calls or reply.pop("spent", False) or _is_swollen()
        try:
            write(encode(reply))
        except ConnectionError:
            return
        if reply["retire"]:
            return


def _reply(request: dict[str, Any]) -> dict[str, Any]:
    from .answers.answer import answer
    from .answers.patience import deadline, was_interrupted

    seconds = float(request["seconds"])
    limit_processor_time(seconds)
    try:
        with deadline(seconds):
            solution = answer(
                request["query"],
                precision=request["precision"],
                steps=bool(request.get("steps")),
                plot=str(request.get("plot") or ""),
            )
        return {"solution": solution.to_dict(), "spent": was_interrupted()}
    except ToolError as error:
        return {"error": str(error), "spent": was_interrupted()}
    except MemoryError:
        return {"error": "this needs too much memory; use smaller numbers or ask in parts", "spent": True}
    except Exception as error:  # noqa: BLE001  the pool logs it; SymPy raises anything on input it does not expect
        fault = "".join(traceback.format_exception(error)[-6:])[-4000:]
        return {
            "error": f"the solver failed on this ({type(error).__name__}); write it in a simpler form",
            "fault": fault,
        }


def _is_swollen() -> bool:
    if sys.platform != "linux":
        return False
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > MAX_RESIDENT_KIB


def _pipe_worker() -> int:
    # Anything printed by accident must not get between the messages.
    output, sys.stdout = sys.stdout.buffer, sys.stderr
    _load()
    limit_resources()

    def write(data: bytes) -> None:
        output.write(data)
        output.flush()

    serve(lambda count: os.read(sys.stdin.fileno(), count), write, confined=confine())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
