"""Threads for sync tools: daemons, as many as there are calls, kept for a while when they are idle.

Unlike a pool's, a thread whose call was given up holds up neither later calls nor the program's end. New threads are
started by a thread of their own: `Thread.start` waits until the new one runs, and an event loop must not.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable

# How long a thread without work stays, in seconds.
IDLE_SECONDS = 5.0


class Threads:
    """Runs functions, each at once and in a thread of its own."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._wanted: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._starter: threading.Thread | None = None

    def run(self, job: Callable[[], None]) -> None:
        """Hands a function to an idle thread, or to a new one.

        Args:
            job: catches whatever it raises.
        """
        self._jobs.put(job)
        # Each release of `_idle` is one thread that waits; taking it is a promise that it has this job.
        if not self._idle.acquire(blocking=False):
            self._start_starter()
            self._wanted.put(None)

    def _start_starter(self) -> None:
        if self._starter is None:
            with self._lock:
                if self._starter is None:
                    self._starter = threading.Thread(target=self._start_threads, name="tool-starter", daemon=True)
                    self._starter.start()

    def _start_threads(self) -> None:
        while True:
            self._wanted.get()
            threading.Thread(target=self._work, name="tool", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                # Taken by nobody: this thread may go. Else somebody counts on it.
                if self._idle.acquire(blocking=False):
                    return
                continue
            job()
            del job  # it holds the call's arguments and result
            self._idle.release()


_threads = Threads()


def run_in_thread(job: Callable[[], None]) -> None:
    """Runs a function in a daemon thread at once. It has to catch whatever it raises."""
    _threads.run(job)


def _forget() -> None:
    # A forked process has none of the threads.
    global _threads
    _threads = Threads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
