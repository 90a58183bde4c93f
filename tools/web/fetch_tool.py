"""The `fetch` tool: a page's address and a question, the passages of the page that answer it."""

from __future__ import annotations

import asyncio
import importlib
import time
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..calls import Source, ToolOutput
from ..errors import ToolError
from ..settings import load_section
from ..untrusted import clean
from .page_text import Document, read_document
from .settings import FetchSettings

if TYPE_CHECKING:
    from .pages import Page

_PASSAGE_CHARS = 600
_TITLE_CHARS = 120
_HEADINGS_CHARS = 600


async def fetch(url: str, query: str = "") -> ToolOutput:
    """Read a web page or PDF and return the passages that matter.

    Args:
        url: address of the page, beginning with https:// or http://
        query: what to look for on the page; empty for its beginning

    Returns:
        The passages and their sources.

    Raises:
        ToolError: the page cannot be fetched or read.
    """
    settings = load_section("fetch", FetchSettings)
    started = time.monotonic()
    # httpx takes a while to import, which no event loop should wait for.
    client = await asyncio.to_thread(importlib.import_module, f"{__package__}.client")
    page: Page = await client.get_page(url, settings=settings)
    left = max(1.0, settings.seconds - (time.monotonic() - started))
    document = await read_document(page.content, page.media_type, url=page.url, charset=page.charset, seconds=left)
    return await asyncio.to_thread(_told, page, document, query, settings.max_chars)


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    heading: str
    text: str


def _told(page: Page, document: Document, query: str, max_chars: int) -> ToolOutput:
    pieces = _pieces(document)
    if not pieces:
        raise ToolError(f"{page.url.partition('?')[0][:200]} has headings but no text. Try another page.")
    asked = bool(query.strip())
    chosen = _best(pieces, query, max_chars) if asked else []
    if chosen:
        note = ""
    elif asked:
        note = "No passage of the page matches the query; this is how it begins.\n"
    else:
        note = _outline(document)
    chosen = chosen or _first(pieces, max_chars - len(note))
    title = clean(document.title)[:_TITLE_CHARS] or page.url[:_TITLE_CHARS]
    date = document.date or page.date
    blocks: list[str] = []
    for number, piece in enumerate(chosen, start=1):
        head = f"{title} ({date})" if number == 1 and date else title if number == 1 else ""
        head = " — ".join(part for part in (head, piece.heading if piece.heading != title else "") if part)
        blocks.append(f"[{number}] {head}\n{piece.text}" if head else f"[{number}] {piece.text}")
    return ToolOutput(
        text=note + "\n\n".join(blocks),
        data=_data(page, document, title, date, chosen, pieces),
        sources=tuple(
            Source(title, f"{page.url}#chars={piece.start}-{piece.end}", piece.text, date) for piece in chosen
        ),
    )


def _data(
    page: Page, document: Document, title: str, date: str | None, chosen: list[_Piece], pieces: list[_Piece]
) -> dict[str, Any]:
    return {
        "url": page.url,
        "title": title,
        "date": date,
        "fetched": page.fetched,
        "media_type": page.media_type,
        "headings": [words for _, words in document.headings[:200]],
        "chars": len(document.text),
        "truncated": len(chosen) < len(pieces),
    }


def _pieces(document: Document) -> list[_Piece]:
    """The passages of the text, each under its heading; a heading is no passage of its own."""
    from ..search.passages import split_text

    text, headings = document.text, document.headings
    begins = [0, *(offset for offset, _ in headings)]
    found: list[_Piece] = []
    for number, begin in enumerate(begins):
        stop = begins[number + 1] if number + 1 < len(begins) else len(text)
        heading = headings[number - 1][1] if number else ""
        if number:
            begin = min(stop, (text.find("\n", begin) + 1) or stop)
        found += (
            _Piece(begin + start, begin + end, heading, text[begin + start : begin + end])
            for start, end in split_text(text[begin:stop], _PASSAGE_CHARS)
        )
    return found


def _best(pieces: list[_Piece], query: str, max_chars: int) -> list[_Piece]:
    """The passages that match the query best, as many as there is room for, in the order of the page."""
    from ..search.passage_choice import score_passages

    # A word of the heading counts for each passage under it.
    scored = score_passages([f"{piece.heading}\n{piece.text}" for piece in pieces], query)
    scores = [passage.score for passage in scored]
    ranked = sorted((number for number, score in enumerate(scores) if score > 0), key=lambda n: (-scores[n], n))
    taken: list[int] = []
    left = max_chars
    for number in ranked:
        # What comes far behind the best costs the model more to read than it tells.
        if len(pieces[number].text) > left or scores[number] < 0.3 * scores[ranked[0]]:
            continue
        taken.append(number)
        left -= len(pieces[number].text) + len(pieces[number].heading) + 8
    return [pieces[number] for number in sorted(taken)] or [_cut(pieces[number], max_chars) for number in ranked[:1]]


def _first(pieces: list[_Piece], max_chars: int) -> list[_Piece]:
    taken: list[_Piece] = []
    left = max_chars
    for piece in pieces:
        if taken and len(piece.text) > left:
            break
        taken.append(_cut(piece, max(left, 100)))
        left -= len(piece.text) + len(piece.heading) + 8
    return taken


def _cut(piece: _Piece, chars: int) -> _Piece:
    if len(piece.text) <= chars:
        return piece
    return _Piece(piece.start, piece.start + chars, piece.heading, piece.text[:chars])


def _outline(document: Document) -> str:
    """The headings in one line, so that the model knows what to ask for."""
    names = [words for _, words in document.headings]
    ends = [0]
    for name in names:
        ends.append(ends[-1] + len(name) + 2)
    shown = bisect_right(ends, _HEADINGS_CHARS) - 1
    if not shown:
        return ""
    more = f"; and {len(names) - shown} more" if shown < len(names) else ""
    return f"Headings: {'; '.join(names[:shown])}{more}\n\n"
