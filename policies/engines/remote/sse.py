"""Server-sent events (WHATWG HTML, 9.2.6), read as the bytes arrive.

Not covered: `id` and `retry`, which are for streams that reconnect; a reply cannot be taken up again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_EVENT_BYTES = 8_000_000

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


class BrokenStreamError(Exception):
    """What arrives is no event stream. The message is one line without the server's text."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event.

    Args:
        data: its lines of data, joined by `\\n`.
        name: its type; `message` where the server gives none.
    """

    data: str
    name: str = "message"


class EventReader:
    """Cuts a stream of bytes into events, wherever its pieces begin and end.

    Lines are decoded whole, so that a character whose bytes come in two pieces is read. An event that the stream ends
    in is passed on by `finish`: servers forget the empty line behind the last one.

    Args:
        max_bytes: the most bytes of one event, so that a server cannot fill the memory.
    """

    def __init__(self, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._line = bytearray()
        self._after_return = False
        self._at_start = True
        self._name = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[ServerEvent]:
        """Takes the next bytes and returns the events that they complete.

        Raises:
            BrokenStreamError: a line is not UTF-8, or an event is too long.
        """
        if self._after_return and piece:
            piece = piece[1:] if piece.startswith(b"\n") else piece
            self._after_return = False
        self._after_return = piece.endswith(b"\r") or (self._after_return and not piece)
        events: list[ServerEvent] = []
        *lines, rest = _LINE_END.split(piece)
        for line in lines:
            self._grow(line)
            self._end_line(events)
        self._grow(rest)
        return events

    def finish(self) -> list[ServerEvent]:
        """Ends the stream: what was not ended is read as if it were.

        Raises:
            BrokenStreamError: the last line is not UTF-8.
        """
        events: list[ServerEvent] = []
        if self._line:
            self._end_line(events)
        self._dispatch(events)
        return events

    def _grow(self, part: bytes) -> None:
        self._line += part
        self._size += len(part)
        if self._size > self._max_bytes:
            raise BrokenStreamError(f"an event of more than {self._max_bytes:,} bytes")

    def _end_line(self, events: list[ServerEvent]) -> None:
        raw = bytes(self._line)
        self._line.clear()
        if self._at_start:
            raw, self._at_start = raw.removeprefix(_BOM), False
        if not raw:
            self._dispatch(events)
            return
        if raw.startswith(b":"):
            self._size -= len(raw)  # a comment is a sign of life and belongs to no event
            return
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise BrokenStreamError("bytes that are not UTF-8") from None
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "error":  # older llama-servers send an error as a field of its own
            self._name, self._data = "error", [value]

    def _dispatch(self, events: list[ServerEvent]) -> None:
        if self._data:
            events.append(ServerEvent("\n".join(self._data), self._name or "message"))
        self._data, self._name, self._size = [], "", 0
