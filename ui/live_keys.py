"""The keys + and − while an answer streams, without Enter. What else is typed is kept for the next question.

Needs a terminal on standard input, and a system that has termios; elsewhere no key is read and nothing changes.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import re
import select
import sys
import threading
import time
from types import TracebackType
from typing import Literal, Self

_VALUES: dict[str, Literal[-1, 1]] = {"+": 1, "-": -1}
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)
_ERASE = "\x7f\b"
_ASK_EVERY = 0.02


class ClickKeys:
    """Reads keys while the block runs, and leaves the terminal as it was, however the block ends.

    Ctrl-C stays Ctrl-C. Whoever begins to type the next question types text: until that is erased again, + and − belong
    to it.

    Attributes:
        clicks: when each + or − came, in seconds of `time.monotonic`, and 1 or −1.
        typed: the text that was typed besides.
    """

    def __init__(self) -> None:
        self.clicks: list[tuple[float, Literal[-1, 1]]] = []
        self.typed = ""
        self._thread: threading.Thread | None = None
        self._others = False

    def __enter__(self) -> Self:
        try:
            import termios
            import tty
        except ImportError:
            return self
        if not sys.stdin.isatty():
            return self
        self._terminal = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._terminal)
        self._woken, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._listen, name="live-keys", daemon=True)
        try:
            tty.setcbreak(self._terminal, termios.TCSANOW)  # what was typed before stays, other than with the default
            self._thread.start()
        except BaseException:
            self._restore()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._thread is None:
            return
        try:
            os.write(self._wake, b".")
            self._thread.join()
        finally:
            self._restore()

    async def linger(self, seconds: float) -> None:
        """Waits for late clicks, until something else is typed."""
        if self._thread is None:
            return
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._others:  # noqa: ASYNC110 - the keys come in another thread
            await asyncio.sleep(_ASK_EVERY)

    def _restore(self) -> None:
        import termios

        self._thread = None
        with contextlib.suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(self._terminal, termios.TCSANOW, self._before)
        os.close(self._woken)
        os.close(self._wake)

    def _listen(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            ready, _, _ = select.select([self._terminal, self._woken], [], [])
            if self._terminal not in ready:
                return  # asked to stop, and everything that was typed is read
            try:
                data = os.read(self._terminal, 1024)
            except OSError:
                return
            if not data:
                return
            self._take(decoder.decode(data), time.monotonic())

    def _take(self, text: str, now: float) -> None:
        for key in _ESCAPES.sub("", text):
            if key in _VALUES and not self.typed:
                self.clicks.append((now, _VALUES[key]))
                continue
            self._others = True
            if key in _ERASE:
                self.typed = self.typed[:-1]
            elif key.isprintable():
                self.typed += key


_ahead: list[str] = []


def type_ahead(text: str) -> None:
    """Puts text into the line that is read next, where the user can go on with it."""
    if not text:
        return
    with contextlib.suppress(ImportError):
        import readline

        def insert() -> None:
            while _ahead:
                readline.insert_text(_ahead.pop(0))

        _ahead.append(text)
        readline.set_startup_hook(insert)
