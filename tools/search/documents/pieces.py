"""What every reader makes of a file: pieces of text with titles and places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...reading.headings import Heading
from ..passages import split_text


class Piece(NamedTuple):
    """One passage before it has its file's name.

    Args:
        title: `Document: Section`.
        body: the text.
        place: what follows the `#` in the locator: `START-END`, or `page=N&chars=START-END`.
        date: ISO 8601 date that the document gives itself, empty where it gives none.
    """

    title: str
    body: str
    place: str
    date: str = ""


def cut(title: str, text: str, begin: int, end: int, *, place: str = "", date: str = "") -> Iterator[Piece]:
    """A stretch of a text cut into pieces that all have one title.

    Args:
        title: the title.
        text: the whole text, by whose characters the pieces are placed.
        begin, end: the stretch, in characters.
        place: what stands in a locator before the characters.
        date: the document's own date.
    """
    for start, stop in split_text(text[begin:end]):
        yield Piece(title, text[begin + start : begin + stop], f"{place}{begin + start}-{begin + stop}", date)


def sections(top: str, text: str, headings: Iterable[Heading], *, begin: int = 0, date: str = "") -> Iterator[Piece]:
    """A text cut at its headings, then into pieces.

    Args:
        top: the document's title, which is also the title of what stands before the first heading.
        text: the text.
        headings: in the order of the text; they stand in no piece.
        begin: where to begin, in characters.
        date: the document's own date.
    """
    section = top
    for heading in headings:
        yield from cut(section, text, begin, heading.start, date=date)
        section = section_title(top, heading.words)
        begin = heading.end
    yield from cut(section, text, begin, len(text), date=date)


def section_title(top: str, words: str) -> str:
    """`Document: Section`, or the document's title alone where the section has the same name or none."""
    return f"{top}: {words}" if words and words != top else top
