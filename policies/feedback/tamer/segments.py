"""Cuts a reply into the pieces that people react to, while it is still being written, and keeps when each was shown.

A piece is a sentence, a list's item, a part of a block of code or a tool call. Where a piece begins depends on nothing
that comes later, so a number that was given out stays with its text however the reply goes on, and however the text
arrives.

Not covered: abbreviations beyond a few titles. A sentence that is cut in two costs a click little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from ...engines.messages import Message
from .clicks import Segment

PieceKind = Literal["sentence", "item", "code", "call"]

LONGEST = 200  # characters, from where on a piece ends at the next white space
_AT_MOST = 240  # ends it inside a word: there are scripts without spaces
_SHORTEST_SHOWING = 0.001
_LINE_KEPT = 100

_FENCE = re.compile(r"[ ]{0,3}(```|~~~)")
_CLOSING = re.compile(r"[ ]{0,3}(```+|~~~+)[ \t]*")
_ITEM = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s")
_SENTENCE_END = re.compile(r"[.!?…]['\"”’»)\]*_]*(?:[ ]?[\[【][\d†, ]{1,12}[\]】]){0,5}\Z")
_NO_END = re.compile(r"\b(?:[A-Z]|mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e|fig|approx)\.\Z", re.IGNORECASE)
_WIDE_END = re.compile(r"[。！？｡][”’」』）)]*\Z")
_WIDE_AFTER = "。！？｡”’」』）)"
_TAIL = 80


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a reply.

    Args:
        number: from 0, in the order of showing.
        kind: what it is.
        text: without the white space around it; of a call what it calls.
    """

    number: int
    kind: PieceKind
    text: str


class Cutter:
    """Cuts one reply as it grows; the last piece may still be growing."""

    def __init__(self) -> None:
        self._whole: list[Piece] = []
        self._open = ""
        self._begins_line = True
        self._in_code = False
        self._line = ""
        self._fence: str | None = None
        self._ended: Literal["line", "sentence"] | None = None

    @property
    def pieces(self) -> list[Piece]:
        """What there is so far."""
        return [*self._whole, self._made()] if self._open else list(self._whole)

    @property
    def count(self) -> int:
        """How many pieces there are so far."""
        return len(self._whole) + bool(self._open)

    def write(self, text: str) -> None:
        """More text of the answer."""
        for character in text:
            if character == "\n":
                self._end_line()
            elif character.isspace():
                self._space(character)
            else:
                self._visible(character)

    def part(self) -> None:
        """One message of the reply ends, and another may follow."""
        self._ended, self._line, self._fence = "line", "", None

    def call(self, what: str) -> None:
        """A tool call."""
        self._cut()
        self._whole.append(Piece(len(self._whole), "call", what[:LONGEST]))
        self.part()

    def _visible(self, character: str) -> None:
        goes_on = self._ended == "sentence" and (character.islower() or character in "[【")
        wide = _WIDE_END.search(self._open[-_TAIL:]) and character not in _WIDE_AFTER
        if (self._ended and not goes_on) or (wide and not self._in_code) or len(self._open) >= _AT_MOST:
            self._cut()
        self._ended = None
        if not self._open:
            self._begins_line = not self._line.strip()
            self._in_code = self._fence is not None
        self._open += character
        self._put_in_line(character)
        if self._begins_line and _FENCE.match(self._line):
            self._in_code = True

    def _space(self, character: str) -> None:
        self._put_in_line(character)
        if not self._open:
            return
        self._open += character
        if len(self._open) >= LONGEST:
            self._ended = "line"
        elif not self._in_code and not self._is_item and self._ended is None:
            tail = self._open[-_TAIL:].rstrip()
            if _SENTENCE_END.search(tail) and not _NO_END.search(tail):
                self._ended = "sentence"

    def _end_line(self) -> None:
        line, self._line = self._line, ""
        closes = _CLOSING.fullmatch(line)
        if self._fence is not None:
            if closes and closes[1].startswith(self._fence):
                self._fence, self._ended = None, "line"
            elif len(self._open) >= LONGEST:
                self._ended = "line"
        elif opens := _FENCE.match(line):
            self._fence = opens[1]
        else:
            self._ended = "line"
        if self._open:
            self._open += "\n"

    def _put_in_line(self, character: str) -> None:
        if len(self._line) < _LINE_KEPT:
            self._line += character

    @property
    def _is_item(self) -> bool:
        return self._begins_line and _ITEM.match(self._open) is not None

    def _cut(self) -> None:
        if self._open:
            self._whole.append(self._made())
            self._open = ""

    def _made(self) -> Piece:
        kind: PieceKind = "code" if self._in_code else "item" if self._is_item else "sentence"
        return Piece(len(self._whole), kind, self._open.strip())


def cut_reply(messages: Sequence[Message]) -> list[Piece]:
    """The pieces of a reply that is whole: the same as were cut while it was written.

    Args:
        messages: of one turn; what the assistant says and calls is cut.
    """
    cutter = Cutter()
    for message in messages:
        if message.role == "assistant":
            cutter.write(message.content)
            cutter.part()
            for call in message.tool_calls:
                cutter.call(call.name)
    return cutter.pieces


class Screen:
    """What of a reply is to be seen, and since when. Times are seconds on the clock of the clicks."""

    def __init__(self) -> None:
        self._cutter = Cutter()
        self._since: list[float] = []

    @property
    def pieces(self) -> list[Piece]:
        """What is to be seen so far."""
        return self._cutter.pieces

    def write(self, text: str, time: float) -> None:
        """Text appears."""
        self._cutter.write(text)
        self._note(time)

    def part(self) -> None:
        """One message of the reply is whole."""
        self._cutter.part()

    def call(self, what: str, time: float) -> None:
        """A tool call appears."""
        self._cutter.call(what)
        self._note(time)

    def segments(self, message_id: str, left: float) -> list[Segment]:
        """When each piece was the newest.

        Pieces that appeared at once are read one after the other: they share the time until the next by their lengths.

        Args:
            message_id: of the reply.
            left: when the reply was left.
        """
        pieces = self.pieces
        groups = [(since, list(numbers)) for since, numbers in groupby(range(len(pieces)), lambda at: self._since[at])]
        found: list[Segment] = []
        for at, (since, numbers) in enumerate(groups):
            until = groups[at + 1][0] if at + 1 < len(groups) else left
            until = max(until, since + _SHORTEST_SHOWING * len(numbers))
            whole = sum(len(pieces[number].text) + 1 for number in numbers)
            on, read = since, 0
            for number in numbers:
                read += len(pieces[number].text) + 1
                off = since + (until - since) * read / whole
                found.append(Segment(message_id, number, on, off))
                on = off
        return found

    def _note(self, time: float) -> None:
        time = max(time, self._since[-1]) if self._since else time
        self._since += [time] * (self._cutter.count - len(self._since))
