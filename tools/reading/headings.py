"""The headings of a text."""

from __future__ import annotations

import re
from typing import NamedTuple

_HEADING = re.compile(r"^#{1,6}[ \t]+(\S.*)$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


class Heading(NamedTuple):
    """A heading in a text.

    Args:
        start, end: characters that it takes up in the text, marks included.
        words: what it says.
    """

    start: int
    end: int
    words: str


def markdown_headings(text: str) -> list[Heading]:
    """The headings of Markdown; a `#` inside a code fence is a comment, not a heading."""
    fences = [match.span() for match in _FENCED.finditer(text)]
    headings: list[Heading] = []
    fence = 0
    for match in _HEADING.finditer(text):
        while fence < len(fences) and fences[fence][1] <= match.start():
            fence += 1
        if fence == len(fences) or match.start() < fences[fence][0]:
            words = match[1].strip()
            headings.append(Heading(match.start(), match.end(), words.rstrip(" \t#") or words))
    return headings
