"""Plain text, Markdown and HTML as pieces.

Markdown may begin with front matter: YAML between two lines of `---`. Its title and its date are taken, the rest of it
is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .decoding import decoded
from .html_text import read_html
from .metadata import plausible_date, sensible_title
from .pieces import Heading, Piece, cut, sections

_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S.*)$", re.MULTILINE)
_MAX_FRONT_MATTER = 16_384
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)", re.MULTILINE | re.DOTALL)


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
    headings = [match for match in _headings(text) if match.start() >= begin]
    title = told.get("title")
    top = sensible_title(title) if isinstance(title, str) else ""
    top = top or next((_words(match) for match in headings if len(match[1]) == 1), stem)
    yield from sections(top, text, _spans(headings), begin=begin, date=plausible_date(told.get("date") or ""))


def html_pieces(stem: str, content: bytes) -> list[Piece]:
    """Pieces of a page, section by section; places are characters of the page's text.

    Run in a `worker`: the time that Python's parser needs for a tag that is never closed grows with its length squared.

    Args:
        stem: the file's name without its ending.
        content: the page's bytes.

    Raises:
        Unreadable: it is binary.
    """
    page = read_html(decoded(content))
    return list(sections(page.title or stem, page.text, _spans(_headings(page.text)), date=page.date))


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


def _headings(text: str) -> list[re.Match[str]]:
    # A "#" inside a code fence is a comment, not a heading.
    fences = [match.span() for match in re.finditer(r"^(```|~~~).*?^\1", text, re.MULTILINE | re.DOTALL)]
    headings: list[re.Match[str]] = []
    fence = 0
    for match in _HEADING.finditer(text):
        while fence < len(fences) and fences[fence][1] <= match.start():
            fence += 1
        if fence == len(fences) or match.start() < fences[fence][0]:
            headings.append(match)
    return headings


def _words(heading: re.Match[str]) -> str:
    words = heading[2].strip()
    return words.rstrip(" \t#") or words


def _spans(headings: list[re.Match[str]]) -> Iterator[Heading]:
    return (Heading(match.start(), match.end(), _words(match)) for match in headings)
