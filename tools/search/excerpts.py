"""Cut a passage to the few words that matter: a small model reads slowly."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .index.words import word_places

_START = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？])\s*|\n+")


def excerpt(body: str, matched: Mapping[str, float], limit: int) -> str:
    """The part of a passage around the words that matched.

    Args:
        body: the passage.
        matched: index word → weight.
        limit: greatest length in characters, marks of omission included.

    Returns:
        The whole passage where it fits; else the window with the greatest weight of different words, the earliest
        of equals, begun at a sentence where one begins in it, with `…` where something was left out.
    """
    text = " ".join(body.split())
    if len(text) <= limit:
        return text
    room = limit - 4
    found = [(start, end, word) for start, end, word in word_places(text) if word in matched]
    starts = [0, *(start for start, _, _ in found)]
    best = max(starts, key=lambda begin: _weight(found, matched, begin, begin + room))  # the earliest of equals
    sentence = max((match.end() for match in _START.finditer(text, 0, best)), default=0)
    if _weight(found, matched, sentence, sentence + room) == _weight(found, matched, best, best + room):
        best = sentence if best - sentence <= room // 2 else best
    best = min(best, _word_start(text, len(text) - room))
    end = best + room
    if end < len(text):
        end = max(text.rfind(" ", best, end), best + room // 2)
    return ("… " if best else "") + text[best:end].rstrip(" ,;") + (" …" if end < len(text) else "")


def _weight(found: list[tuple[int, int, str]], matched: Mapping[str, float], begin: int, end: int) -> float:
    return sum(matched[word] for word in {word for start, stop, word in found if start >= begin and stop <= end})


def _word_start(text: str, position: int) -> int:
    space = text.find(" ", max(0, position))
    return position if space < 0 else space + 1
