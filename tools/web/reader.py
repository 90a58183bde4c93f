"""From the bytes of a page or a PDF to clean text with headings; run in a reading process, since they are anybody's."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from ..reading.decoding import decoded
from ..reading.errors import Unreadable
from ..reading.headings import markdown_headings
from ..untrusted import clean

MAX_TEXT_CHARS = 5_000_000
_HTML = ("text/html", "application/xhtml+xml")


def read_page(about: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Reads a page or file.

    Args:
        about: its `media_type`, `url` and `charset`, which may be `None`.
        content: its bytes.

    Returns:
        The fields of a `Document`.

    Raises:
        Unreadable: it cannot be read, or has no text.
    """
    title, date, text = _read(content, **about)
    text = clean(text[:MAX_TEXT_CHARS]).strip()
    if not text:
        raise Unreadable("there is no text in it")
    headings = [(heading.start, heading.words[:200]) for heading in markdown_headings(text)]
    return {"title": clean(" ".join(title.split()))[:300], "date": date or None, "text": text, "headings": headings}


def _read(content: bytes, media_type: str, url: str, charset: str | None) -> tuple[str, str, str]:
    """Title, date and text, the first two empty where there is none."""
    if media_type == "application/pdf" or content.startswith(b"%PDF-"):
        return _read_pdf(content)
    try:
        text = content.decode(charset, "replace") if charset else decoded(content)[0]
    except LookupError:
        text = decoded(content)[0]
    text = text.removeprefix("\ufeff")
    if media_type in _HTML or media_type.endswith(("/xml", "+xml")):
        from .html_pages import read_html, read_xml

        return read_html(text, url) if media_type in _HTML else read_xml(text)
    if media_type.endswith(("/json", "+json")):
        with contextlib.suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    headings = markdown_headings(text[:2000]) if media_type == "text/markdown" else []
    return headings[0].words if headings else "", "", text


def _read_pdf(content: bytes) -> tuple[str, str, str]:
    from ..reading.pdf import read_pdf

    told = read_pdf(content)
    parts: list[str] = []
    for page, section, text, begin, end in told.stretches:
        words = text[begin:end].strip()
        if words:
            parts.append(f"## Page {page}{': ' if section else ''}{section}\n\n{words}")
    return told.title, told.date, "\n\n".join(parts)
