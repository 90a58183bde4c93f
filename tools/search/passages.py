"""A passage: the unit that is indexed, found and cited."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_PASSAGE_CHARS = 1_000
# Zero-width joiner and skin tones, which belong to the emoji before them.
_JOINERS = frozenset("\u200d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
# Where a text may be cut, the best place first.
_CUTS = tuple(
    re.compile(pattern)
    for pattern in (r"\n\s*\n", r"\n", r"[.!?。！？]['\")\]]?\s+|[。！？][」』”’）】》]*", r"; ", r"\s+")
)

Progress = Callable[[str, int, int], None]
"""Called as `progress(what, done, total)` with a short phrase and two counts; it may raise to stop the work."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of a document.

    Args:
        title: how a reader would name the passage, `Document: Section`.
        body: the text itself, at most about `MAX_PASSAGE_CHARS` characters.
        locator: where it is found: `PATH#START-END` in characters of the decoded text, or `world-factbook/kz#capital`.
        date: ISO 8601 date of the document (`2026`, `2026-01`, `2026-01-31`), empty when unknown.
        keywords: other words by which the passage should be found; never shown.
        names: what the passage's subject is called (`Burma`, `Myanmar`, `Burmese`), each matched as a whole. A passage
            that has names answers for that subject only; never shown. `^Hamlet` is a name only where it is written with
            a capital inside a query: a hamlet is a village.
        terms: what a dictionary's entry explains (`photosynthesis`); matched where a query asks for nothing else. Never
            shown.
    """

    title: str
    body: str
    locator: str
    date: str = ""
    keywords: str = ""
    names: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


def split_text(text: str, limit: int = MAX_PASSAGE_CHARS) -> Iterator[tuple[int, int]]:
    """Cut a text into pieces of at most `limit` characters, at paragraphs, lines or sentences where possible.

    Args:
        text: any text.
        limit: greatest length of a piece in characters.

    Yields:
        `(start, end)` offsets into `text`, without surrounding white space; together they cover all other characters.
    """
    start = 0
    while start < len(text):
        if text[start].isspace():
            start += 1
            continue
        end = len(text) if len(text) - start <= limit else _cut_before(text, start, start + limit)
        yield start, start + len(text[start:end].rstrip())
        start = end


def _cut_before(text: str, start: int, stop: int) -> int:
    # A piece shorter than half the limit is worse than a cut inside a paragraph.
    middle = (start + stop) // 2
    for cut in _CUTS:
        ends = [match.end() for match in cut.finditer(text, middle, stop)]
        if ends:
            return ends[-1]
    # Never between a letter and its accent, or inside an emoji that is put together of several.
    whole = stop
    while whole > middle and _is_joined(text, whole):
        whole -= 1
    return whole if whole > middle else stop


def _is_joined(text: str, at: int) -> bool:
    return bool(unicodedata.category(text[at])[0] == "M" or text[at] in _JOINERS or text[at - 1] == "\u200d")
