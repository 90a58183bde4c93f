"""Tables and records as pieces: CSV, JSON lines and JSON.

A row or a record is told as `column: value; column: value`, so that each piece can be read alone. Its place is the
row's or record's own characters in the file.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..passages import MAX_PASSAGE_CHARS, split_text
from .pieces import Piece, cut, section_title

_TITLE_KEYS = ("title", "name", "headline", "question", "subject")
_TEXT_KEYS = ("text", "body", "content", "passage", "answer", "abstract", "description")
_GAP = re.compile(r"[\s,]*")
_COLON = re.compile(r"\s*:\s*")
_MAX_JSON_LEVELS = 8
_DECODER = json.JSONDecoder()


def csv_pieces(stem: str, text: str) -> Iterator[Piece]:
    """Pieces of a table, row by row.

    Args:
        stem: the file's name without its ending.
        text: the file's text; columns are parted by tabs, semicolons or commas.
    """
    consumed = 0

    def lines() -> Iterator[str]:
        nonlocal consumed
        for line in io.StringIO(text, newline=""):
            consumed += len(line)
            yield line

    first = text[:4096].split("\n", 1)[0]
    delimiter = max("\t;,", key=first.count)
    rows = csv.reader(lines(), delimiter=delimiter)
    start = 0
    try:
        header = next(rows, [])
        start = consumed
        for row in rows:
            title = f"{stem}: {row[0].strip()[:80]}" if row and row[0].strip() else stem
            yield from _cut(title, told_row(header, row), start, consumed)
            start = consumed
    except csv.Error:  # a quote is never closed, say: the rest is read as text
        yield from cut(stem, text, start, len(text))


def told_row(header: list[str], row: list[str]) -> str:
    """A row of a table in words: `column: value; column: value`.

    Args:
        header: names of the columns; it may be shorter than the row.
        row: the cells.
    """
    columns = header + [""] * (len(row) - len(header))
    cells = ((column.strip(), value.strip()) for column, value in zip(columns, row, strict=False))
    return "; ".join(f"{column}: {value}" if column else value for column, value in cells if value)


def json_lines_pieces(stem: str, text: str) -> Iterator[Piece]:
    """Pieces of JSON lines, record by record; a line that is no JSON is read as text.

    Args:
        stem: the file's name without its ending.
        text: the file's text.
    """
    start = 0
    for line in io.StringIO(text, newline="\n"):
        end = start + len(line)
        if line.strip():
            try:
                title, told = _told_record(json.loads(line))
            except (ValueError, RecursionError):
                title, told = "", line.strip()
            yield from _cut(section_title(stem, title), told, start, end)
        start = end


def json_pieces(stem: str, text: str) -> Iterator[Piece]:
    """Pieces of JSON: of an array record by record, of an object as one or, where it is long, member by member.

    From the place on where it is no JSON any more, it is read as text.

    Args:
        stem: the file's name without its ending.
        text: the file's text: one value, or several one after the other.
    """
    start = _skip(text, 0)
    while start < len(text):
        reached = start
        try:
            if text[start] == "[":  # element by element: a big array need not be in memory as a whole
                members = _Members(text, start)
                for piece in _packed(stem, text, members, _MAX_JSON_LEVELS):
                    yield piece
                    reached = int(piece.place.rpartition("-")[2])
                end = members.end
            else:
                value, end = _DECODER.raw_decode(text, start)
                yield from list(_value_pieces(stem, text, _Member("", value, start, end), _MAX_JSON_LEVELS))
        except (ValueError, RecursionError):
            yield from cut(stem, text, reached, len(text))
            return
        start = _skip(text, end)


@dataclass(frozen=True, slots=True)
class _Member:
    key: str
    value: Any
    start: int
    end: int


def _value_pieces(title: str, text: str, member: _Member, levels: int) -> Iterator[Piece]:
    value = member.value
    if isinstance(value, dict):
        name, told = _told_record(value)
        own = section_title(title, name)
        is_document = any(told is value.get(key) for key in _TEXT_KEYS)
        if is_document or len(told) <= MAX_PASSAGE_CHARS or levels == 0:
            yield from _cut(own, told, member.start, member.end)
        else:
            yield from _packed(own, text, _Members(text, member.start), levels - 1)
    elif isinstance(value, list) and levels and any(isinstance(inner, dict | list) for inner in value):
        yield from _packed(title, text, _Members(text, member.start), levels - 1)
    else:
        yield from _cut(title, "; ".join(_flat(value, "")), member.start, member.end)


def _packed(title: str, text: str, members: _Members, levels: int) -> Iterator[Piece]:
    """Short members together; records, lists of records and what is long each by itself."""
    told = ""
    start = end = 0
    for member in members:
        words = "; ".join(_flat(member.value, member.key))
        is_record = members.is_array and isinstance(member.value, dict)
        has_records = isinstance(member.value, list) and any(isinstance(inner, dict) for inner in member.value)
        alone = is_record or has_records or len(words) > MAX_PASSAGE_CHARS
        if told and (alone or len(told) + len(words) + 2 > MAX_PASSAGE_CHARS):
            yield Piece(title, told, f"{start}-{end}")
            told = ""
        if alone and levels and isinstance(member.value, dict | list):
            yield from _value_pieces(section_title(title, member.key), text, member, levels)
        elif alone:
            yield from _cut(title, words, member.start, member.end)
        elif words:
            start = start if told else member.start
            end = member.end
            told = f"{told}; {words}" if told else words
    if told:
        yield Piece(title, told, f"{start}-{end}")


class _Members:
    """The members of the object, or the elements of the array, that stands at `start`; each pass decodes them anew."""

    def __init__(self, text: str, start: int) -> None:
        self.is_array = text[start] == "["
        self.end = start
        self._text = text
        self._start = start

    def __iter__(self) -> Iterator[_Member]:
        text, closing = self._text, "]" if self.is_array else "}"
        at = _skip(text, self._start + 1)
        while text[at : at + 1] != closing:
            key = ""
            if not self.is_array:
                key, at = _DECODER.raw_decode(text, at)
                at = _end_of(_COLON, text, at)
            value, end = _DECODER.raw_decode(text, at)
            yield _Member(str(key), value, at, end)
            at = _skip(text, end)
        self.end = at + 1


def _skip(text: str, at: int) -> int:
    return _end_of(_GAP, text, at)


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _cut(title: str, told: str, start: int, end: int) -> Iterator[Piece]:
    for piece_start, piece_end in split_text(told):
        yield Piece(title, told[piece_start:piece_end], f"{start}-{end}")


def _told_record(record: Any) -> tuple[str, str]:
    if not isinstance(record, dict):
        return "", "; ".join(_flat(record, ""))
    title = next((record[key] for key in _TITLE_KEYS if isinstance(record.get(key), str)), "")
    text = next((record[key] for key in _TEXT_KEYS if isinstance(record.get(key), str) and record[key].strip()), None)
    if text is not None and len(text) > MAX_PASSAGE_CHARS // 4:
        return title[:120], text
    return title[:120], "; ".join(_flat(record, ""))


def _flat(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{key} {name}".strip())
    elif isinstance(value, list):
        if all(not isinstance(inner, dict | list) for inner in value):
            yield from _flat(", ".join(str(inner) for inner in value), key)
        else:
            for inner in value:
                yield from _flat(inner, key)
    elif value is not None and value != "":
        yield f"{key}: {value}" if key else str(value)
