"""The pool of worker processes that a program shares: two kept warm, more while they are needed.

Everything here blocks; `solve_query_async` runs it in a thread, so that one pool serves any number of threads and event
loops. A worker that is late, that crashed or whose caller gave up is killed and replaced; no other request notices.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from ..errors import ToolError, ToolTimeout
from .solution import Solution
from .wire import Hangup
from .workers import Launcher, TimeUp, Worker, start_launcher

_LOG = logging.getLogger(__name__)
WARM_WORKERS = 2
# More than there are cores, so that a short question gets through while long ones run.
MAX_WORKERS = max(4, 2 * (os.cpu_count() or 2))


class Abandoned(Exception):
    """The caller no longer wants the answer."""


class Ticket:
    """One request, which another thread may give up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self.abandoned = False

    def abandon(self) -> None:
        """Give up: the worker that is on it is killed."""
        with self._lock:
            self.abandoned = True
            if self._worker is not None:
                self._worker.kill()

    def assign(self, worker: Worker | None) -> None:
        """Say which worker is on it.

        Raises:
            Abandoned: if the request was given up before.
        """
        with self._lock:
            if self.abandoned and worker is not None:
                raise Abandoned
            self._worker = worker


class Pool:
    """Worker processes, started when they are first needed.

    Args:
        launch: gives the launcher of the workers.
    """

    def __init__(self, launch: Callable[[], Launcher] = start_launcher) -> None:
        self._launch = launch
        self._changed = threading.Condition()
        self._launcher: Launcher | None = None
        self._idle: list[Worker] = []
        self._busy = 0
        self._closed = False
        self._warned = False

    def solve(
        self, query: str, *, precision: int, timeout: float, ticket: Ticket, steps: bool = False, plot: str = ""
    ) -> Solution:
        """Have a worker answer a query.

        Args:
            query: as it was written.
            precision: significant digits.
            timeout: seconds until the answer must be there, the wait for a free worker included; starting the first
                worker of a program is not counted.
            ticket: lets another thread give the request up.
            steps: whether steps are wanted.
            plot: format of the picture that is wanted, or empty.

        Raises:
            ToolError: if the query cannot be answered.
            ToolTimeout: if there is no answer in time.
            Abandoned: if the request was given up.
        """
        self._start()
        until = time.monotonic() + timeout
        worker = self._acquire(until, ticket)
        healthy = False
        try:
            ticket.assign(worker)
            left = max(until - time.monotonic(), 0.001)
            reply = worker.ask(
                {"query": query, "precision": precision, "steps": steps, "plot": plot, "seconds": left}, left
            )
            healthy = not reply["retire"]
            self._note_confinement(bool(reply["confined"]))
        except TimeUp:
            raise ToolTimeout(f"no answer within {timeout:g} s; ask for something simpler or in parts") from None
        except Hangup:
            if ticket.abandoned:
                raise Abandoned from None
            raise ToolError("the solver stopped while working on this; ask for something simpler") from None
        finally:
            healthy = healthy and self._unassigned(ticket)
            self._release(worker, healthy=healthy)
        return _solution(reply)

    def _note_confinement(self, confined: bool) -> None:
        if not confined and not self._warned:
            self._warned = True
            _LOG.warning("this system cannot keep the solver's workers from the network; all other limits hold")

    def _unassigned(self, ticket: Ticket) -> bool:
        ticket.assign(None)
        return not ticket.abandoned

    def _start(self) -> None:
        with self._changed:
            if self._closed:
                raise ToolError("the solver was closed")
            if self._launcher is None or not self._launcher.is_alive():
                self._drop_all()
                self._launcher = self._launch()
                self._idle = [self._launcher.launch() for _ in range(WARM_WORKERS)]

    def _acquire(self, until: float, ticket: Ticket) -> Worker:
        with self._changed:
            while True:
                if self._closed or self._launcher is None:
                    raise ToolError("the solver was closed")
                if ticket.abandoned:
                    raise Abandoned
                while self._idle:
                    worker = self._idle.pop()
                    if worker.is_alive():
                        return self._taken(worker)
                    worker.close()
                if self._busy < MAX_WORKERS:
                    return self._taken(self._launcher.launch())
                # Short waits, because giving up a ticket does not wake this thread.
                if time.monotonic() > until:
                    raise ToolTimeout("the solver is busy with other questions; ask again later")
                self._changed.wait(min(0.1, max(until - time.monotonic(), 0.001)))

    def _taken(self, worker: Worker) -> Worker:
        self._busy += 1
        if not self._idle and self._launcher is not None and self._busy < MAX_WORKERS:
            self._idle.insert(0, self._launcher.launch())  # the spare one, ready before it is asked for
        return worker

    def _release(self, worker: Worker, *, healthy: bool) -> None:
        if not healthy:
            worker.kill()
        with self._changed:
            self._busy -= 1
            if healthy and len(self._idle) < WARM_WORKERS and not self._closed:
                self._idle.append(worker)
            else:
                worker.close()
                if not self._closed and self._launcher is not None and len(self._idle) < WARM_WORKERS:
                    self._idle.insert(0, self._launcher.launch())  # behind those that are up already
            self._changed.notify()

    def _drop_all(self) -> None:
        for worker in self._idle:
            worker.close()
        self._idle = []
        if self._launcher is not None:
            self._launcher.close()
            self._launcher = None

    def close(self) -> None:
        """End all workers."""
        with self._changed:
            self._closed = True
            self._drop_all()
            self._changed.notify_all()

    def forget(self) -> None:
        """Let go of everything without ending it: for a fork of this program, where the workers are another's."""
        for worker in self._idle:
            worker.forget()
        if self._launcher is not None:
            self._launcher.forget()
        self._idle, self._launcher = [], None


def _solution(reply: dict[str, Any]) -> Solution:
    if fault := reply.get("fault"):
        _LOG.warning("the solver failed on a query\n%s", fault)
    if (error := reply.get("error")) is not None:
        raise ToolError(str(error))
    return Solution.from_dict(reply["solution"])


_pool: Pool | None = None
_pool_lock = threading.Lock()


def shared_pool() -> Pool:
    """The pool of this process."""
    global _pool
    with _pool_lock:
        if _pool is None:
            _pool = Pool()
            atexit.register(_pool.close)
        return _pool


def _start_anew_after_fork() -> None:
    """A fork of this program has a copy of the pool whose workers belong to the original."""
    global _pool, _pool_lock
    _pool_lock = threading.Lock()
    if _pool is not None:
        atexit.unregister(_pool.close)
        _pool.forget()
        _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew_after_fork)
