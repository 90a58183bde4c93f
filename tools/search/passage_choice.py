"""Choose from one document the passages that answer a query: what is quoted is what is told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_K1 = 1.2
_B = 0.75


@dataclass(frozen=True, slots=True)
class Chosen:
    """A passage of a text.

    Args:
        place: its number among the text's passages.
        score: BM25 over the text's own passages.
        matched: words of the query that stand in it, with weights.
    """

    place: int
    score: float
    matched: dict[str, float]


def choose_among(passages: Sequence[str], query: str, *, about: str = "") -> Chosen | None:
    """The passage that fits a query best, the earliest of equals; `None` where there is none.

    Args:
        passages: of one document.
        query: plain words.
        about: the document's title: its words say which document is asked for, not which of its passages.
    """
    return max(score_passages(passages, query, about=about), key=lambda one: (one.score, -one.place), default=None)


def score_passages(passages: Sequence[str], query: str, *, about: str = "") -> list[Chosen]:
    """Every passage of a document with its score, in the order of the document.

    BM25 (Robertson and Zaragoza 2009, equation 3.15) with word frequencies of the document itself.

    Args:
        passages: of one document.
        query: plain words.
        about: as in `choose_among`.
    """
    from .index.words import content_words, words

    counts = [Counter(words(passage)) for passage in passages]
    said = set(words(about))
    content = dict.fromkeys(content_words(query))
    asked = [word for word in content if word not in said] or list(content)
    weights = {word: _idf(sum(1 for count in counts if count[word]), len(counts)) for word in asked}
    usual = sum(count.total() for count in counts) / max(1, len(counts)) or 1.0
    chosen: list[Chosen] = []
    for place, count in enumerate(counts):
        length = _K1 * (1 - _B + _B * count.total() / usual)
        matched = {word: weight for word, weight in weights.items() if count[word]}
        score = sum(weight * count[word] * (_K1 + 1) / (count[word] + length) for word, weight in matched.items())
        chosen.append(Chosen(place, score, matched))
    return chosen


def matched_words(text: str, query: str) -> dict[str, float]:
    """The words of a query that stand in a text, each with weight 1."""
    from .index.words import content_words, words

    present = set(words(text))
    return {word: 1.0 for word in content_words(query) if word in present}


def _idf(frequency: int, passages: int) -> float:
    return math.log1p((passages - frequency + 0.5) / (frequency + 0.5))
