"""Plain text, Markdown and HTML as pieces.

Markdown may begin with front matter: YAML between two lines of `---`. Its title and its date are taken, the rest of it
is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...reading import decoding
from ...reading.errors import Unreadable
from ...reading.headings import markdown_headings
from ...reading.html_text import read_html
from ...reading.metadata import plausible_date, sensible_title
from .pieces import Piece, cut, sections

_MAX_FRONT_MATTER = 16_384
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)", re.MULTILINE | re.DOTALL)


def decoded(content: bytes) -> str:
    """Text of a file, whatever its charset; characters that do not fit are replaced.

    Raises:
        Unreadable: it is binary.
    """
    if b"\0" in content[:8192] and not content.startswith(tuple(mark for mark, _ in decoding.BOMS)):
        raise Unreadable("binary file")
    return decoding.decoded(content)[0]


def text_pieces(stem: str, text: str) -> Iterator[Piece]:
    """Pieces of plain text.

    Args:
        stem: the file's name without its ending.
        text: the file's text.
    """
    return cut(stem, text, 0, len(text))


def markdown_pieces(stem: str, text: str) -> Iterator[Piece]:
    """Pieces of Markdown, section by section.

    Args:
        stem: the file's name without its ending.
        text: the file's text.
    """
    begin, told = _front_matter(text)
    headings = [heading for heading in markdown_headings(text) if heading.start >= begin]
    title = told.get("title")
    top = sensible_title(title) if isinstance(title, str) else ""
    top = top or next((heading.words for heading in headings if text[heading.start + 1] != "#"), stem)
    yield from sections(top, text, headings, begin=begin, date=plausible_date(told.get("date") or ""))


def html_pieces(stem: str, content: bytes) -> list[Piece]:
    """Pieces of a page, section by section; places are characters of the page's text.

    Run in a reading process: the time that Python's parser needs for a tag that is never closed grows with its length
    squared.

    Args:
        stem: the file's name without its ending.
        content: the page's bytes.

    Raises:
        Unreadable: it is binary.
    """
    page = read_html(decoded(content))
    return list(sections(page.title or stem, page.text, markdown_headings(page.text), date=page.date))


def _front_matter(text: str) -> tuple[int, dict[Any, Any]]:
    found = _FRONT_MATTER.match(text[:_MAX_FRONT_MATTER])
    if found is None:
        return 0, {}
    import yaml

    try:
        told = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError, RecursionError):  # a rule, a paragraph and another rule, say
        return 0, {}
    return (found.end(), told) if isinstance(told, dict) else (0, {})
