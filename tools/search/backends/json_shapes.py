"""Read JSON that a service sent: what has not the expected type counts as missing."""

from __future__ import annotations

import html
import re
from typing import Any, cast

from ..passage_choice import matched_words
from .protocol import SearchHit

_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")


def items(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    if not isinstance(value, list):
        return []
    return [cast("dict[str, Any]", item) for item in cast("list[Any]", value) if isinstance(item, dict)]


def text_of(value: Any) -> str:
    """A text; empty for anything else."""
    return value if isinstance(value, str) else ""


def date_of(value: Any) -> str:
    """The ISO 8601 date that a text begins with; an RFC 5322 date is read too. Empty where there is none."""
    text = text_of(value).strip()
    found = _DATE.match(text)
    if found:
        return found[0]
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError):
        return ""


def without_tags(snippet: str) -> str:
    """A snippet of HTML as text."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", "", snippet)).split())


def web_hits(results: list[dict[str, Any]], query: str, *, date_key: str) -> tuple[SearchHit, ...]:
    """The results of a web search (`url`, `title`, `content` and a date) that have an address and a text."""
    hits: list[SearchHit] = []
    for result in results:
        url, body = text_of(result.get("url")), without_tags(text_of(result.get("content")))
        if url.startswith(("http://", "https://")) and body:
            title = without_tags(text_of(result.get("title"))) or url
            date = date_of(result.get(date_key))
            hits.append(SearchHit(title, url, body, date, matched=matched_words(body, query)))
    return tuple(hits)
