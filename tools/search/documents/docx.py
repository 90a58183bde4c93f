"""DOCX as pieces, section by section; run in a reading process, since the file is anybody's.

Of the archive only the parts that carry text are unpacked, within bounds; pictures, embedded files and macros are never
touched, and no external entity is fetched.

Not covered: headers and footers, comments, text inside pictures and charts, numbers that Word makes for headings and
lists; what stands in a deleted or moved-away passage of tracked changes is left out.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ...reading.errors import Unreadable
from ...reading.headings import Heading
from ...reading.metadata import plausible_date, sensible_title
from .pieces import Piece, sections
from .tables import told_row

if TYPE_CHECKING:
    from docx.document import Document

MAX_UNPACKED_BYTES = 1_000_000_000
MAX_TEXT_BYTES = 128_000_000
MAX_RATIO = 200
_RATIO_FROM_BYTES = 10_000_000
_MAX_MEMBERS = 20_000
_OLE = b"\xd0\xcf\x11\xe0"
_TEXT_PARTS = ("/officeDocument", "/styles", "/numbering", "/footnotes", "/endnotes", "/core-properties")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNREAD = frozenset(
    f"{_WORD}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "rt", "sectPr", "tblPr")
) | {_FALLBACK}
_SIGNS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_TITLE_LEVEL = 0
_MAX_BASED_ON = 20
_NUMERIC = re.compile(r"[\s\d.,:/%€$£+-]*\d[\s\d.,:/%€$£+-]*")


def docx_pieces(stem: str, content: bytes) -> list[Piece]:
    """Pieces of a DOCX file.

    Args:
        stem: the file's name without its ending, the title of a document that has none.
        content: the file's bytes.

    Returns:
        Pieces with places `START-END` in characters of the document's text.

    Raises:
        Unreadable: it is damaged, protected with a password, has no text, or unpacks to too much.
    """
    import docx
    from lxml.etree import XMLSyntaxError

    if content.startswith(_OLE):
        raise Unreadable("protected with a password, or an old DOC file")
    try:
        document = docx.Document(_text_parts(content))
        body = document.element.body
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, NotImplementedError, RuntimeError,
        AttributeError, XMLSyntaxError,
    ) as error:  # fmt: skip
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("damaged, or not a DOCX file") from error
    text = _Text(document)
    text.add_blocks(body)
    title, date = _told(document)
    pieces = list(sections(title or text.title or stem, text.text(), text.headings, date=date))
    if not pieces and not text.headings:
        raise Unreadable("no text in it")
    return pieces


def _text_parts(content: bytes) -> BytesIO:
    """The package again with only those parts that carry text."""
    from docx.oxml.parser import parse_xml

    kept = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as archive, zipfile.ZipFile(kept, "w") as copy:
        members = archive.infolist()
        _refuse_bomb(members, len(content))
        left = MAX_TEXT_BYTES
        for member in members:
            if not member.filename.endswith((".xml", ".rels")):
                continue
            with archive.open(member) as file:
                part = file.read(left + 1)
            left -= len(part)
            if left < 0:
                raise Unreadable(f"unpacks to more than {MAX_TEXT_BYTES:,} bytes of text")
            if member.filename.endswith(".rels"):
                part = _text_relations(parse_xml(part))
            copy.writestr(member.filename, part)
    kept.seek(0)
    return kept


def _refuse_bomb(members: list[zipfile.ZipInfo], packed: int) -> None:
    if len(members) > _MAX_MEMBERS:
        raise Unreadable(f"an archive of more than {_MAX_MEMBERS:,} parts")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > _RATIO_FROM_BYTES and unpacked > MAX_RATIO * packed):
        raise Unreadable(f"unpacks to {unpacked:,} bytes from {packed:,}")


def _text_relations(relations: Any) -> bytes:
    from lxml.etree import tostring

    for relation in list(relations):
        kind = relation.get("Type") or ""
        if relation.get("TargetMode") == "External" or not kind.endswith(_TEXT_PARTS):
            relations.remove(relation)
    return tostring(relations)


def _told(document: Document) -> tuple[str, str]:
    """Title and date of the core properties, where the file has any of its own."""
    package = document.part.package
    if package is None or not any(found.reltype.endswith("/core-properties") for found in package.rels.values()):
        return "", ""
    told = document.core_properties
    try:
        day = told.modified or told.created
    except ValueError:
        day = None
    # python-docx gives all that it makes the date of its own template.
    made_by_program = told.comments == "generated by python-docx"
    return sensible_title(told.title), "" if day is None or made_by_program else plausible_date(day.date())


class _Text:
    """The text that is being put together, with its headings."""

    def __init__(self, document: Document) -> None:
        self.headings: list[Heading] = []
        self.title = ""
        self._pieces: list[str] = []
        self._length = 0
        self._last_is_item = False
        self._levels = _levels(document.styles.element)
        self._notes = {kind: _notes(document, kind) for kind in _NOTES.values()}

    def text(self) -> str:
        return "".join(self._pieces)

    def add_blocks(self, parent: Any) -> None:
        for element in _shown(parent):
            if element.tag == f"{_WORD}p":
                self._add_paragraph(element)
            elif element.tag == f"{_WORD}tbl":
                self._add("\n".join(_told_table(self._rows(element))), is_item=False)
            else:  # a content control, an insertion, a custom element around paragraphs
                self.add_blocks(element)

    def _add_paragraph(self, paragraph: Any) -> None:
        words = self._words(paragraph)
        if not words:
            return
        level = self._level(paragraph)
        if level is None:
            is_item = _is_item(paragraph)
            self._add(f"- {words}" if is_item else words, is_item=is_item)
            return
        words = " ".join(words.split())
        if level == _TITLE_LEVEL and not self.title:
            self.title = sensible_title(words)
        self._add(words, is_item=False)
        self.headings.append(Heading(self._length - len(words), self._length, words))

    def _add(self, words: str, *, is_item: bool) -> None:
        if not words:
            return
        if self._pieces:
            words = ("\n" if is_item and self._last_is_item else "\n\n") + words
        self._last_is_item = is_item
        self._pieces.append(words)
        self._length += len(words)

    def _words(self, element: Any) -> str:
        lines = "".join(self._parts(element)).split("\n")
        return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)

    def _parts(self, parent: Any) -> Iterator[str]:
        for element in _shown(parent):
            name = element.tag.removeprefix(_WORD)
            if name == "t" or element.tag == _MATH_TEXT:
                yield element.text or ""
            elif name in _SIGNS:
                yield _SIGNS[name]
            elif name in _NOTES:
                note = self._notes[_NOTES[name]].get(element.get(f"{_WORD}id"))
                if note is not None:
                    yield f" ({self._words(note)})"
            elif name == "p":  # in a text box or a cell
                yield "\n"
                yield from self._parts(element)
                yield "\n"
            elif not (name == "r" and _is_hidden(element)):
                yield from self._parts(element)

    def _rows(self, table: Any) -> Iterator[tuple[bool, list[str]]]:
        """`(whether it is marked as a head, cells)` of each row; a cell over several rows is told in each."""
        above: list[str] = []
        for row in table.iter(f"{_WORD}tr"):
            if _table_of(row) is not table:
                continue
            cells: list[str] = []
            for cell in row.iter(f"{_WORD}tc"):
                if _table_of(cell) is not table:
                    continue
                column = len(cells)
                merged = cell.find(f"{_WORD}tcPr/{_WORD}vMerge")
                words = " ".join(self._words(cell).split())
                if merged is not None and merged.get(f"{_WORD}val") != "restart" and column < len(above):
                    words = words or above[column]
                span = cell.find(f"{_WORD}tcPr/{_WORD}gridSpan")
                width = span.get(f"{_WORD}val") if span is not None else None
                cells += [words, *[""] * (min(int(width), 100) - 1 if width and width.isdigit() else 0)]
            yield row.find(f"{_WORD}trPr/{_WORD}tblHeader") is not None, cells
            above = cells

    def _level(self, paragraph: Any) -> int | None:
        properties = paragraph.find(f"{_WORD}pPr")
        if properties is None:
            return None
        own = _outline_level(properties)
        style = properties.find(f"{_WORD}pStyle")
        if own is not None or style is None:
            return own
        name = style.get(f"{_WORD}val") or ""
        return self._levels.get(name, _level_of_name(name))


def _shown(parent: Any) -> Iterator[Any]:
    """The child elements that are read; comments and entities have no tag of text."""
    return (element for element in parent if isinstance(element.tag, str) and element.tag not in _UNREAD)


def _table_of(element: Any) -> Any:
    return next(element.iterancestors(f"{_WORD}tbl"), None)


def _is_hidden(run: Any) -> bool:
    mark = run.find(f"{_WORD}rPr/{_WORD}vanish")
    return mark is not None and mark.get(f"{_WORD}val") not in ("0", "false", "off")


def _is_item(paragraph: Any) -> bool:
    style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    number = paragraph.find(f"{_WORD}pPr/{_WORD}numPr/{_WORD}numId")
    if number is not None:
        return number.get(f"{_WORD}val") != "0"
    return style is not None and (style.get(f"{_WORD}val") or "").startswith("List")


def _levels(styles: Any) -> dict[str, int | None]:
    """Level of each paragraph style that makes a heading, by the style's id, which Word writes in its own language."""
    by_id = {style.get(f"{_WORD}styleId"): style for style in styles.iter(f"{_WORD}style")}
    levels: dict[str, int | None] = {}
    for name, style in by_id.items():
        current = style
        for _ in range(_MAX_BASED_ON):
            if current is None:
                break
            level = _style_level(current)
            if level is not None:
                levels[name] = level
                break
            base = current.find(f"{_WORD}basedOn")
            current = by_id.get(base.get(f"{_WORD}val")) if base is not None else None
    return levels


def _style_level(style: Any) -> int | None:
    # The names of Word's own styles are English in every language, their ids are not.
    name = style.find(f"{_WORD}name")
    level = _level_of_name(name.get(f"{_WORD}val") or "") if name is not None else None
    properties = style.find(f"{_WORD}pPr")
    return level if level is not None or properties is None else _outline_level(properties)


def _level_of_name(name: str) -> int | None:
    if name.casefold() == "title":
        return _TITLE_LEVEL
    found = re.fullmatch(
        r"(?:heading|berschrift|titre|t[ií]tulo|titolo|kop|rubrik|overskrift) ?([1-9])", name.casefold()
    )
    return int(found[1]) if found else None


def _outline_level(properties: Any) -> int | None:
    mark = properties.find(f"{_WORD}outlineLvl")
    value = mark.get(f"{_WORD}val") if mark is not None else None
    return int(value) + 1 if value in tuple("012345678") else None  # 9 is body text


def _notes(document: Document, kind: str) -> dict[str | None, Any]:
    from docx.oxml.parser import parse_xml

    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(f"/{kind}"):
            notes = parse_xml(relation.target_part.blob)
            return {note.get(f"{_WORD}id"): note for note in notes if isinstance(note.tag, str)}
    return {}


def _told_table(rows: Iterator[tuple[bool, list[str]]]) -> Iterator[str]:
    told = list(rows)
    header = told[0][1] if told and _is_header(told) else []
    for _, cells in told[1:] if header else told:
        if any(cells):
            yield told_row(header, cells) if header else " | ".join(cell for cell in cells if cell)


def _is_header(rows: list[tuple[bool, list[str]]]) -> bool:
    """Whether the first row names the columns: it is marked so, or is words only, above more than one column of two."""
    (marked, first), rest = rows[0], [cells for _, cells in rows[1:]]
    if not rest or marked:
        return marked and bool(rest)
    if (
        not all(first)
        or len(set(first)) < len(first)
        or any(len(cell) > 60 or _NUMERIC.fullmatch(cell) for cell in first)
    ):
        return False
    columns = [
        [cells[column] for cells in rest if column < len(cells) and cells[column]] for column in range(len(first))
    ]
    return len(first) > 2 or any(column and all(map(_NUMERIC.fullmatch, column)) for column in columns)
