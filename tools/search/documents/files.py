"""Read a file into passages: text, Markdown, HTML, CSV and JSON lines.

A locator gives characters of the decoded text (of the stripped text for HTML). PDF and office documents are not read.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..passages import MAX_PASSAGE_CHARS, Passage, split_text
from .html_text import html_text

MAX_FILE_BYTES = 64_000_000
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_TITLE_KEYS = ("title", "name", "headline", "question", "subject")
_TEXT_KEYS = ("text", "body", "content", "passage", "answer", "abstract", "description")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LATER = {
    ".pdf": "PDF",
    ".docx": "DOCX",
    ".doc": "DOC",
    ".odt": "ODT",
    ".pptx": "PPTX",
    ".xlsx": "XLSX",
    ".epub": "EPUB",
}


class Unreadable(ValueError):
    """A file is passed over; the text says why."""


def refuse_by_name(path: Path, size: int, *, asked_for: bool) -> str | None:
    """Why a file is passed over before it is opened, `None` when it may be read.

    Args:
        path: the file.
        size: its size in bytes.
        asked_for: the user named this very file; then a file of unknown kind is read as text.
    """
    suffix = path.suffix.lower()
    if suffix in _LATER:
        return f"{_LATER[suffix]} files cannot be read yet"
    if suffix not in _READERS and not asked_for:
        return f"unknown kind of file ({suffix})"
    if size > MAX_FILE_BYTES:
        return f"larger than {MAX_FILE_BYTES:,} bytes"
    return None


def passages_of(path: Path, name: str, content: bytes, date: str) -> Iterator[Passage]:
    """The passages of one file.

    Args:
        path: the file, for its suffix and as the title of a file that has none.
        name: the path as it is stored in locators.
        content: the file's bytes.
        date: ISO 8601 date of the file.

    Yields:
        Passages in the order of the text.

    Raises:
        Unreadable: the file is binary.
    """
    text = decoded(content)
    for title, body, start, end in _READERS.get(path.suffix.lower(), _text_passages)(path.stem, text):
        yield Passage(title=title, body=body, locator=f"{name}#{start}-{end}", date=date)


def decoded(content: bytes) -> str:
    """Text of a file: by its byte-order mark, as UTF-8, by the charset that a page declares, or as Windows-1252.

    Characters that do not fit are replaced; nothing fails but binary content.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content[:8192]:
        raise Unreadable("binary file")
    declared = re.search(rb"<[^>]*charset=[\"']?([\w-]+)", content[:2048])
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken or sum(character > "\x7f" for character in text) > 2 * broken:
        return text
    try:
        return content.decode(declared[1].decode() if declared else "cp1252", "replace")
    except LookupError:
        return content.decode("cp1252", "replace")


_Piece = tuple[str, str, int, int]  # title, body, start, end


def _text_passages(stem: str, text: str) -> Iterator[_Piece]:
    for start, end in split_text(text):
        yield stem, text[start:end], start, end


def _markdown_passages(stem: str, text: str) -> Iterator[_Piece]:
    headings = _headings(text)
    yield from _sections(next((match[2].strip() for match in headings if len(match[1]) == 1), stem), text, headings)


def _html_passages(stem: str, text: str) -> Iterator[_Piece]:
    title, plain = html_text(text)
    yield from _sections(title or stem, plain, _headings(plain))


def _headings(text: str) -> list[re.Match[str]]:
    # A "#" inside a code fence is a comment, not a heading.
    fences = [match.span() for match in re.finditer(r"^(```|~~~).*?^\1", text, re.MULTILINE | re.DOTALL)]
    return [match for match in _HEADING.finditer(text) if not any(a <= match.start() < b for a, b in fences)]


def _sections(top: str, text: str, headings: list[re.Match[str]]) -> Iterator[_Piece]:
    section = top
    begin = 0
    for heading in (*headings, None):
        stop = heading.start() if heading else len(text)
        for start, end in split_text(text[begin:stop]):
            yield section, text[begin + start : begin + end], begin + start, begin + end
        if heading:
            words = heading[2].strip()
            section = top if words == top else f"{top}: {words}"
            begin = heading.end()


def _table_passages(stem: str, text: str) -> Iterator[_Piece]:
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
            told = _told_row(header, row)
            for piece_start, piece_end in split_text(told):
                yield title, told[piece_start:piece_end], start, consumed
            start = consumed
    except csv.Error:  # a quote is never closed, say: the rest is read as text
        for piece_start, piece_end in split_text(text[start:]):
            yield stem, text[start + piece_start : start + piece_end], start + piece_start, start + piece_end


def _told_row(header: list[str], row: list[str]) -> str:
    columns = header + [""] * (len(row) - len(header))
    cells = ((column.strip(), value.strip()) for column, value in zip(columns, row, strict=False))
    return "; ".join(f"{column}: {value}" if column else value for column, value in cells if value)


def _json_lines_passages(stem: str, text: str) -> Iterator[_Piece]:
    start = 0
    for line in io.StringIO(text, newline="\n"):
        end = start + len(line)
        if line.strip():
            title, told = _told_record(line)
            for piece_start, piece_end in split_text(told):
                yield f"{stem}: {title}" if title else stem, told[piece_start:piece_end], start, end
        start = end


def _told_record(line: str) -> tuple[str, str]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return "", line.strip()
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


_READERS: dict[str, Callable[[str, str], Iterator[_Piece]]] = {
    **dict.fromkeys(("", ".txt", ".text", ".log", ".rst", ".org", ".tex", ".adoc"), _text_passages),
    **dict.fromkeys((".md", ".markdown"), _markdown_passages),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _html_passages),
    **dict.fromkeys((".csv", ".tsv"), _table_passages),
    **dict.fromkeys((".jsonl", ".ndjson"), _json_lines_passages),
}
