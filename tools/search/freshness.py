"""How recent an answer a query asks for, by its words: `latest`, `today`, `this week`, `2026`, 最新.

It reaches web services as their time range, and the policy as a line beside the passages: the day that it is, and that
the passages may be older than the question wants.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

Span = Literal["day", "week", "month", "year"]

_WORDS: tuple[tuple[Span, str], ...] = (
    (
        "day",
        r"today|tonight|yesterday|right now|at the moment|this (?:morning|afternoon|evening)|breaking",
    ),
    ("week", r"this week|past week|last week|these days|news|newest|upcoming|next (?:week|month)|tomorrow"),
    ("month", r"latest|most recent|recent(?:ly)?|this month|past month|last month|as of now|nowadays|so far this year"),
    ("year", r"current(?:ly)?|this year|past year|last year|still|now|up[- ]to[- ]date"),
)
_CHINESE: tuple[tuple[Span, str], ...] = (
    ("day", "今天|今日|昨天|昨日|刚刚|剛剛|現在の"),
    ("week", "本周|本週|这周|這週|上周|今週|先週|新闻|新聞|ニュース"),
    ("month", "最新|最近|近期|本月|这个月|這個月|上个月|今月|先月"),
    ("year", "今年|去年|目前|现在|現在|现任|現任|当前|當前"),
)
_PATTERNS: tuple[tuple[Span, re.Pattern[str]], ...] = tuple(
    (span, re.compile(rf"\b(?:{words})\b|{chinese}", re.IGNORECASE))
    for (span, words), (_, chinese) in zip(_WORDS, _CHINESE, strict=True)
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
# "What is the current through a resistor", "the Today show": words that only look like a wish for news.
_NOT_A_WISH = re.compile(r"\b(?:electric|alternating|direct|ocean|eddy)\s+current\b|\bcurrent\s+(?:through|of \d|in a)")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How recent an answer should be.

    Args:
        span: within the last day, week, month or year.
        words: what in the query asks for it.
    """

    span: Span
    words: str


def freshness_of(query: str, today: date) -> Freshness | None:
    """What a query's words say about how recent its answer must be.

    Args:
        query: as a person or a policy writes it.
        today: the day.

    Returns:
        The narrowest span that is asked for; `None` where the words do not tell.
    """
    text = _NOT_A_WISH.sub(" ", query)
    for span, pattern in _PATTERNS:
        found = pattern.search(text)
        if found:
            return Freshness(span, found[0])
    years = [int(found[1]) for found in _YEAR.finditer(text)]
    if years and max(years) >= today.year:
        return Freshness("year", str(max(years)))
    return None
