"""Large files of lines (text, CSV, JSON lines), read block by block: memory does not grow with the file.

A block ends at the end of a line, in CSV of a record, and its passages are those that the reader of small files makes
of it. Blocks begin at the same places each time, so a run that was stopped goes on at the start of one and makes the
same passages as a run that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...reading.decoding import BOMS, decoded
from ...reading.errors import Unreadable
from ..passages import Passage
from .pieces import Piece
from .tables import csv_pieces, json_lines_pieces
from .text import text_pieces

LARGE_BYTES = 16_000_000
_BLOCK_CHARS = 4_000_000
# A block whose record does not end is cut all the same.
_LONGEST_CHARS = 64_000_000
_SAMPLE_BYTES = 1_000_000
_TEXT = frozenset({"", ".txt", ".text", ".log"})
_TABLES = frozenset({".csv", ".tsv"})
_LINES = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a large file.

    Args:
        start: where it begins, in characters of the decoded text.
        passages: what it holds.
    """

    start: int
    passages: Iterator[Passage]


def is_large(path: Path, size: int) -> bool:
    """Whether a file is read block by block."""
    return size > LARGE_BYTES and can_be_large(path)


def can_be_large(path: Path) -> bool:
    """Whether a file is of a kind that may have any size."""
    return path.suffix.lower() in _TEXT | _TABLES | _LINES


def large_blocks(path: Path, name: str, date: str, *, start: int = 0) -> Iterator[Block]:
    """The blocks of a large file.

    Args:
        path: the file.
        name: the path as it is stored in locators.
        date: ISO 8601 date of the file.
        start: where to go on, in characters: the start of a block.

    Raises:
        Unreadable: the file is binary.
        OSError: it cannot be read.
    """
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        encoding = _encoding(file.read(_SAMPLE_BYTES))
    head = ""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        at = 0
        for text in _blocks(file.read, quoted=suffix in _TABLES):
            if suffix in _TABLES and at == 0:
                head = text[: text.find("\n") + 1]
            if at >= start:
                yield Block(at, _passages(path.stem, suffix, head if at else "", text, at, name, date))
            at += len(text)


def _passages(stem: str, suffix: str, head: str, text: str, at: int, name: str, date: str) -> Iterator[Passage]:
    read: Callable[[str, str], Iterator[Piece]] = (
        csv_pieces if suffix in _TABLES else json_lines_pieces if suffix in _LINES else text_pieces
    )
    for piece in read(stem, head + text):
        start, _, end = piece.place.partition("-")
        shift = at - len(head)
        yield Passage(piece.title, piece.body, f"{name}#{int(start) + shift}-{int(end) + shift}", piece.date or date)


def _blocks(read: Callable[[int], str], *, quoted: bool) -> Iterator[str]:
    """A text cut behind the ends of lines; where lines may stand inside quotation marks, behind those that do not."""
    waiting = ""
    while True:
        more = read(_BLOCK_CHARS)
        waiting += more
        if not more:
            if waiting:
                yield waiting
            return
        end = _whole(waiting) if quoted else waiting.rfind("\n") + 1
        if not end and len(waiting) >= _LONGEST_CHARS:
            end = (waiting.rfind(" ") + 1) or len(waiting)
        if end:
            yield waiting[:end]
            waiting = waiting[end:]


def _whole(text: str) -> int:
    """Behind the last end of a line that stands outside of quotation marks; 0 where there is none."""
    end = text.rfind("\n") + 1
    inside = text.count('"', 0, end) % 2
    while end and inside:
        before = text.rfind("\n", 0, end - 1) + 1
        inside ^= text.count('"', before, end) % 2
        end = before
    return end


def _encoding(sample: bytes) -> str:
    for mark, encoding in BOMS:
        if sample.startswith(mark):
            return encoding
    if b"\0" in sample:
        raise Unreadable("binary file")
    # The sample may end inside a character.
    return decoded(sample[: sample.rfind(b"\n") + 1] or sample[:-4])[1]
