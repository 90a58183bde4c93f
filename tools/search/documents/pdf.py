"""PDF as pieces, page by page."""

from __future__ import annotations

from ...reading.pdf import read_pdf
from .pieces import Piece, cut, section_title


def pdf_pieces(stem: str, content: bytes) -> list[Piece]:
    """Pieces of a PDF; none crosses a page.

    Args:
        stem: the file's name without its ending, the title of a document that has none.
        content: the file's bytes.

    Returns:
        Pieces with places `page=N&chars=START-END`: the page counted from 1, characters of the page's text.

    Raises:
        Unreadable: it is damaged, encrypted, or has no text.
    """
    told = read_pdf(content)
    title = told.title or stem
    return [
        piece
        for page, section, text, begin, end in told.stretches
        for piece in cut(section_title(title, section), text, begin, end, place=f"page={page}&chars=", date=told.date)
    ]
