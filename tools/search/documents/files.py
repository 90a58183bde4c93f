"""Read a file into passages: by its kind with the reader for it, or refuse it with a reason.

Text is read here; PDF, DOCX and HTML are read in a reading process. A locator gives characters of the decoded text (of
the stripped text for HTML, of the document's text for DOCX, of the page's text for PDF).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ...reading import Unreadable, shared_processes
from ..passages import Passage
from .large import can_be_large
from .pieces import Piece
from .tables import csv_pieces, json_lines_pieces, json_pieces
from .text import decoded, markdown_pieces, text_pieces

__all__ = ["MAX_FILE_BYTES", "Unreadable", "decoded", "passages_of", "refuse_by_name"]

MAX_FILE_BYTES = 64_000_000
_AS_TEXT = "save it as DOCX, PDF or text"
_AS_TABLE = "save its sheets as CSV"
_AS_PDF = "save it as PDF"
_INSTEAD = {
    ".doc": _AS_TEXT,
    ".docm": "save it as DOCX, without macros",
    ".dotx": _AS_TEXT,
    ".odt": _AS_TEXT,
    ".rtf": _AS_TEXT,
    ".pages": _AS_TEXT,
    ".xls": _AS_TABLE,
    ".xlsx": _AS_TABLE,
    ".xlsm": _AS_TABLE,
    ".ods": _AS_TABLE,
    ".ppt": _AS_PDF,
    ".pptx": _AS_PDF,
    ".odp": _AS_PDF,
    ".epub": "convert it to HTML or PDF",
}


def refuse_by_name(path: Path, size: int, *, asked_for: bool) -> str | None:
    """Why a file is passed over before it is opened, `None` when it may be read.

    Args:
        path: the file.
        size: its size in bytes.
        asked_for: the user named this very file; then a file of unknown kind is read as text.
    """
    suffix = path.suffix.lower()
    if suffix in _INSTEAD:
        return f"{suffix[1:].upper()} files cannot be read: {_INSTEAD[suffix]}"
    if suffix not in _READERS and suffix not in _PROCESS_READERS and not asked_for:
        return f"unknown kind of file ({suffix})"
    if size > MAX_FILE_BYTES and not can_be_large(path):
        return f"larger than {MAX_FILE_BYTES:,} bytes"
    return None


def passages_of(path: Path, name: str, content: bytes, date: str) -> Iterator[Passage]:
    """The passages of one file.

    Args:
        path: the file, for its suffix and as the title of a file that has none.
        name: the path as it is stored in locators.
        content: the file's bytes.
        date: ISO 8601 date of the file, for a document that gives itself none.

    Yields:
        Passages in the order of the text.

    Raises:
        Unreadable: the file is binary, damaged, protected, or takes too long; before the first passage.
    """
    suffix = path.suffix.lower()
    pieces: Iterable[Piece]
    if suffix in _PROCESS_READERS:
        found = shared_processes().read(_PROCESS_READERS[suffix], path.stem, content)
        pieces = [Piece(*piece) for piece in found]
    else:
        pieces = _READERS.get(suffix, text_pieces)(path.stem, decoded(content))
    for piece in pieces:
        yield Passage(title=piece.title, body=piece.body, locator=f"{name}#{piece.place}", date=piece.date or date)


_READERS: dict[str, Callable[[str, str], Iterator[Piece]]] = {
    **dict.fromkeys(("", ".txt", ".text", ".log", ".rst", ".org", ".tex", ".adoc"), text_pieces),
    **dict.fromkeys((".md", ".markdown"), markdown_pieces),
    **dict.fromkeys((".csv", ".tsv"), csv_pieces),
    **dict.fromkeys((".jsonl", ".ndjson"), json_lines_pieces),
    ".json": json_pieces,
}
_PROCESS_READERS = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), "pericles.tools.search.documents.text:html_pieces"),
    ".pdf": "pericles.tools.search.documents.pdf:pdf_pieces",
    ".docx": "pericles.tools.search.documents.docx:docx_pieces",
}
