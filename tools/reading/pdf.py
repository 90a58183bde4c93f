"""The text of a PDF, page by page; run in a reading process, since PDFium is native code and the file anybody's.

Not covered: scanned pages, notes and form fields, text that a font gives no letters for. Text that is drawn invisibly
is read: so a scan carries its recognised words. A page that is damaged is passed over when others can be read.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import Unreadable
from .metadata import plausible_date, sensible_title
from .pdf_lines import DIVISION, LEADER, Line, compounds, joined, without_furniture

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_MAX_CHARACTERS = 32_000_000
_MAX_BOOKMARKS = 5_000
_MAX_HEADING = 120
_DOTS = re.compile(r"(?:\s?\.){5,}")
_LINE_FEED, _DIVISION = ord("\n"), ord(DIVISION)
_BLANKS = frozenset(map(ord, " \t\r\xa0\u3000"))
# Where among a target's numbers its height stands: PDFDEST_VIEW_XYZ, _FITH, _FITR and _FITBH of fpdf_doc.h.
_TOP_AT = {1: 1, 3: 0, 5: 3, 7: 0}
_PASSWORD_ERROR, _SECURITY_ERROR = 4, 5  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY of fpdfview.h
# Only the Latin ligatures: NFKC would turn x² into x2 as well.
_LIGATURES = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st",
}  # fmt: skip
_CHARACTERS: dict[int, str | None] = {
    **dict.fromkeys([*range(2), *range(3, 9), *range(14, 32), 0xAD, 0xFFFE, 0xFFFF], None),
    **_LIGATURES,
    0x09: " ",
    0xA0: " ",
}


class Stretch(NamedTuple):
    """A page, or the part of it that belongs to one section.

    Args:
        page: counted from 1.
        section: what the outline calls it, empty before its first entry.
        text: of the whole page.
        begin, end: the part, in characters of the page's text.
    """

    page: int
    section: str
    text: str
    begin: int
    end: int


class Pdf(NamedTuple):
    """What a PDF says.

    Args:
        title: as the file names itself, empty where it gives no title that can be believed.
        date: ISO 8601 date of the last change, else of its making; empty where it gives none that can be believed.
        stretches: in the order of the pages.
    """

    title: str
    date: str
    stretches: list[Stretch]


def read_pdf(content: bytes) -> Pdf:
    """Reads a PDF.

    Args:
        content: the file's bytes.

    Raises:
        Unreadable: it is damaged, encrypted, or has no text.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (_PASSWORD_ERROR, _SECURITY_ERROR):
            raise Unreadable("protected with a password") from None
        raise Unreadable("damaged, or not a PDF file") from None
    try:
        told = document.get_metadata_dict()
        date = plausible_date(told["ModDate"]) or plausible_date(told["CreationDate"])
        pages = without_furniture(_pages(document))
        return Pdf(sensible_title(told["Title"]), date, list(_stretches(pages, _bookmarks(document))))
    finally:
        document.close()


class _Bookmark(NamedTuple):
    page: int
    words: str
    top: float | None


def _stretches(pages: list[list[Line]], bookmarks: list[_Bookmark]) -> Iterator[Stretch]:
    known = compounds(pages)
    marks: dict[int, list[_Bookmark]] = {}
    for mark in bookmarks:
        marks.setdefault(mark.page, []).append(mark)
    section = ""
    for number, page in enumerate(pages):
        text, starts = joined(page, known)
        begin = 0
        here = sorted(
            ((_line_of(mark, page), mark.words) for mark in marks.get(number, ())), key=lambda found: found[0]
        )
        for line, words in here:
            stop = starts[line] if line < len(starts) else len(text)
            yield Stretch(number + 1, section, text, begin, stop)
            section = words
            begin = stop
        yield Stretch(number + 1, section, text, begin, len(text))


def _line_of(mark: _Bookmark, page: list[Line]) -> int:
    """The line where a bookmark's section begins: the one that says its words, else the first below its place."""
    words = _letters(mark.words)
    said = [
        number
        for number, line in enumerate(page)
        if len(words) > 2 and (letters := _letters(line.text)).endswith(words) and len(letters) < len(words) + 8
    ]
    if mark.top is None:
        return said[0] if said else 0
    top = mark.top
    if said:
        return min(said, key=lambda number: abs(page[number].top - top))
    return next((number for number, line in enumerate(page) if line.bottom < top), len(page))


def _letters(words: str) -> str:
    return "".join(character for character in words.casefold() if character.isalpha())


def _bookmarks(document: PdfDocument) -> list[_Bookmark]:
    marks: list[_Bookmark] = []
    for bookmark in islice(document.get_toc(), _MAX_BOOKMARKS):
        words = " ".join(bookmark.get_title().translate(_CHARACTERS).split())[:_MAX_HEADING]
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if target is None or page is None or page < 0 or not words:
            continue
        mode, numbers = target.get_view()
        at = _TOP_AT.get(mode)
        top = numbers[at] if at is not None and at < len(numbers) else 0.0
        marks.append(_Bookmark(page, words, top or None))  # PDFium gives 0 where the file gives no height
    return marks


def _pages(document: PdfDocument) -> list[list[Line]]:
    from pypdfium2 import PdfiumError

    pages: list[list[Line]] = []
    characters = damaged = 0
    for number in range(len(document)):
        try:
            lines = _lines(document, number)
        except PdfiumError:
            lines = []
            damaged += 1
        pages.append(lines)
        characters += sum(len(line.text) for line in lines)
        if characters > _MAX_CHARACTERS:
            raise Unreadable(f"more than {_MAX_CHARACTERS:,} characters of text")
    if damaged == len(pages):
        raise Unreadable("damaged: none of its pages can be read")
    if not characters:
        raise Unreadable("no text in it (scanned pages need OCR)")
    return pages


def _lines(document: PdfDocument, number: int) -> list[Line]:
    page = document[number]
    try:
        text = page.get_textpage()  # which must be held as long as its handle is used
        handle, codes = text.raw, _codes(text.raw)
        lines: list[Line] = []
        begin = 0
        for index, code in enumerate([*codes, _LINE_FEED]):
            if code in (_LINE_FEED, _DIVISION):
                line = _line(handle, codes, begin, index)
                if line is not None:
                    line.text += DIVISION if code == _DIVISION else ""
                    lines.append(line)
                begin = index + 1
        return lines
    finally:
        page.close()  # closes its text as well


def _codes(handle: Any) -> list[int]:
    from pypdfium2 import raw

    count = raw.FPDFText_CountChars(handle)
    units = (ctypes.c_ushort * (count + 1))()
    if raw.FPDFText_GetText(handle, 0, count, units) == count + 1:
        # One unit for each character: thirty times as fast as asking for each. A divided word's hyphen is U+FFFE here.
        return [_DIVISION if unit == 0xFFFE else unit for unit in units[:count]]
    return [raw.FPDFText_GetUnicode(handle, index) for index in range(count)]


def _line(handle: Any, codes: list[int], begin: int, end: int) -> Line | None:
    while begin < end and codes[begin] in _BLANKS:
        begin += 1
    while begin < end and codes[end - 1] in _BLANKS:
        end -= 1
    words = "".join(map(chr, codes[begin:end])).translate(_CHARACTERS)
    # Pairs that a font's table wrote as two halves are put together, single halves fall away.
    words = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore").strip()
    words = _DOTS.sub(LEADER, words)
    if not words:
        return None
    first, last = _box(handle, begin), _box(handle, end - 1)
    return Line(words, first[0], last[2], min(first[1], last[1]), max(first[3], last[3]))


def _box(handle: Any, index: int) -> tuple[float, float, float, float]:
    from pypdfium2 import raw

    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(handle, index, ctypes.byref(box))
    return box.left, box.bottom, box.right, box.top
