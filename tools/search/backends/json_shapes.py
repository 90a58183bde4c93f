"""Read JSON that a service sent: what has not the expected type counts as missing."""

from __future__ import annotations

import re
from typing import Any, cast

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
