"""Choose from a long text the passages that answer a query: what is quoted is what is told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..passages import split_text

_K1 = 1.2
_B = 0.75


@dataclass(frozen=True, slots=True)
class Chosen:
    """A passage of a text.

    Args:
        place: its number among the text's passages.
        start, end: where it stands, in characters; 0 where passages were given.
        score: BM25 over the text's own passages.
        matched: words of the query that stand in it, with weights.
    """

    place: int
    start: int
    end: int
    score: float
    matched: dict[str, float]


def choose_passages(text: str, query: str, limit: int) -> list[Chosen]:
    """The passages of a text that fit a query best, best first.

    Scored by BM25 (Robertson and Zaragoza 2009, equation 3.15) with word frequencies of the text itself; of equal
    ones the earlier comes first, so a text that says nothing about the query begins at its beginning.

    Args:
        text: of any length.
        query: plain words.
        limit: greatest number of passages.

    Returns:
        At most `limit` passages; those without any word of the query have score 0.
    """
    spans = list(split_text(text))
    scored = _scored([text[start:end] for start, end in spans], spans, query)
    return sorted(scored, key=lambda passage: (-passage.score, passage.place))[:limit]


def choose_among(passages: Sequence[str], query: str, *, about: str = "") -> Chosen | None:
    """The passage that fits a query best, the earliest of equals; `None` where there is none.

    Args:
        passages: of one document.
        query: plain words.
        about: the document's title: its words say which document is asked for, not which of its passages.
    """
    scored = _scored(passages, [(0, 0)] * len(passages), query, about)
    return max(scored, key=lambda one: (one.score, -one.place), default=None)


def matched_words(text: str, query: str) -> dict[str, float]:
    """The words of a query that stand in a text, each with weight 1."""
    from ..index.words import content_words, words

    present = set(words(text))
    return {word: 1.0 for word in content_words(query) if word in present}


def _scored(passages: Sequence[str], spans: Sequence[tuple[int, int]], query: str, about: str = "") -> list[Chosen]:
    from ..index.words import content_words, words

    counts = [Counter(words(passage)) for passage in passages]
    said = set(words(about))
    content = dict.fromkeys(content_words(query))
    asked = [word for word in content if word not in said] or list(content)
    weights = {word: _idf(sum(1 for count in counts if count[word]), len(counts)) for word in asked}
    usual = sum(count.total() for count in counts) / max(1, len(counts)) or 1.0
    chosen: list[Chosen] = []
    for place, (span, count) in enumerate(zip(spans, counts, strict=True)):
        length = _K1 * (1 - _B + _B * count.total() / usual)
        matched = {word: weight for word, weight in weights.items() if count[word]}
        score = sum(weight * count[word] * (_K1 + 1) / (count[word] + length) for word, weight in matched.items())
        chosen.append(Chosen(place, *span, score, matched))
    return chosen


def _idf(frequency: int, passages: int) -> float:
    return math.log1p((passages - frequency + 0.5) / (frequency + 0.5))
