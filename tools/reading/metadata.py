"""What a document says of itself, as far as it can be believed: its title and its date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_FIRST_YEAR = 1980
_ISO_DATE = re.compile(r"(\d{4})(?:[-/.]?(\d{2})(?:[-/.]?(\d{2}))?)?(?!\d)")
_PDF_DATE = re.compile(r"D:\s*(\d{4})(\d{2})?(\d{2})?")
# What programs write where nobody gave a title.
_NO_TITLE = re.compile(
    r"untitled\b.*|no title|title|document\s*\d*|presentation\s*\d*|powerpoint[- ]presentation|slide \d+|word document"
    r"|microsoft (?:word|powerpoint|excel)\b.*"
    r"|.*\.(?:docx?|dotx?|odt|rtf|txt|pdf|pptx?|xlsx?|tex|dvi|ps|eps|indd|qxd|html?)",
    re.IGNORECASE | re.DOTALL,
)


def sensible_title(title: str) -> str:
    """A title on one line, or nothing where it is only what a program filled in.

    Args:
        title: as the metadata has it.
    """
    words = " ".join(re.sub(r"[\x00-\x1f\x7f\ufffd]", " ", title).split())
    if len(words) > 200 or sum(character.isalpha() for character in words) < 2 or _NO_TITLE.fullmatch(words):
        return ""
    return words


def plausible_date(text: object) -> str:
    """The date at the start of a text as ISO 8601 (`2024`, `2024-05` or `2024-05-01`), or nothing.

    Args:
        text: ISO 8601, `20240501`, PDF's `D:20240501...`, or a `date`. Years before 1980 and days to come are what
            programs write that know no date, and are not believed.
    """
    told = str(text).strip()
    found = _PDF_DATE.match(told) or _ISO_DATE.match(told)
    if found is None:
        return ""
    numbers = [int(part) for part in found.groups() if part]
    try:
        day = date(*[*numbers, 1, 1][:3])
    except ValueError:
        return ""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    if not date(_FIRST_YEAR, 1, 1) <= day <= tomorrow:
        return ""
    return "-".join(part for part in found.groups() if part)
