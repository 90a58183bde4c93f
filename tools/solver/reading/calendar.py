# ruff: noqa: E501  a pattern is read more easily on one line
"""Dates, clock times and spans of time inside a text, each replaced by a mark that the patterns of `dates` know.

`#d` stands for a date, `#t` for a clock time, `#p` for a span such as `3 months and 2 days`. Only numbers leave this
file. Not read: time zones, dates before the year 1, calendars other than the Gregorian one.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from ...errors import ToolError

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_DAY = r"(?P<day>\d{1,2})(?:\s?(?:st|nd|rd|th))?"
_DATES = [
    re.compile(pattern)
    for pattern in (
        r"\b(?P<year>\d{4})-(?P<m>\d{1,2})-(?P<day>\d{1,2})\b",
        r"\b(?P<year>\d{4})[/.](?P<m>\d{1,2})[/.](?P<day>\d{1,2})\b",
        r"\b(?P<a>\d{1,2})(?P<sign>[/.-])(?P<b>\d{1,2})(?P=sign)(?P<year>\d{4})\b",
        rf"\b{_MONTH} {_DAY}(?:,? ?(?:in )?(?P<year>\d{{4}}))?\b",
        rf"\b(?:the )?{_DAY}(?: of|-)? ?{_MONTH}(?:,? |-)?(?:of )?(?P<year>\d{{4}})?\b",
    )
]
_HOLIDAY = re.compile(
    r"\b(?P<name>christmas eve|christmas(?: day)?|xmas|new year'?s eve|new year'?s? day|new year'?s?|halloween|valentine'?s day|easter(?: sunday)?"
    r"|thanksgiving(?: day)?|independence day|good friday)(?:,? (?:in |of )?(?P<year>\d{4}))?\b"
)
_RELATIVE = re.compile(
    r"\b(?:(?:the )?day after tomorrow|(?:the )?day before yesterday|today|now|tomorrow|yesterday)\b(?:'s date)?"
)
_CLOCK = re.compile(
    r"(?<![\d:])(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}))?(?![\d:])\s*(?P<half>[ap]\.?\s?m\b\.?)?(?:\s?(?:h|hrs|hours|o'clock))?"
    r"|\b(?P<h2>\d{1,2})\s*(?:o'clock\s*)?(?P<half2>[ap]\.?m\b\.?)|\b(?P<name>noon|midnight|midday)\b|\b(?P<h3>\d{1,2}) o'clock\b"
)
_UNITS = "years?|yrs?|months?|weeks?|wks?|fortnights?|days?|weekdays?|hours?|hrs?|minutes?|mins?|seconds?|secs?|decades?|centur(?:y|ies)"
_COUNTS = {"a": 1, "an": 1, "half": Fraction(1, 2), **{
    word: number + 1 for number, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"])
}, "ninety": 90, "thirty": 30, "sixty": 60, "hundred": 100, "twenty": 20}  # fmt: skip
_COUNT = rf"(?:\d{{1,9}}(?:,\d{{3}}){{0,3}}(?:\.\d{{1,9}}|/\d{{1,4}})?|{'|'.join(_COUNTS)})"
_PART = re.compile(
    rf"(?P<count>{_COUNT})(?: an?)?[ -]?(?P<work>business |working |work )?(?P<unit>{_UNITS})\b(?P<half> and a half)?"
)
_SPAN = re.compile(rf"(?<![\w#]){_PART.pattern}"
                   rf"(?:(?:,? and |, ?| ){re.sub(r'[?]P<[a-z]+>', '?:', _PART.pattern)}){{0,5}}")  # fmt: skip


@dataclass
class Span:
    """A span of time; months and days are kept apart from seconds because their lengths differ."""

    months: int = 0
    days: int = 0
    seconds: Fraction = Fraction(0)
    working_days: int = 0


@dataclass
class Marked:
    """A text with marks, and what they stand for in order.

    Args:
        text: in small letters.
        dates: what each `#d` is.
        times: seconds after midnight for each `#t`.
        spans: what each `#p` is.
        half_days: whether a clock time was written with am or pm.
        notes: assumptions about the order of day and month and about today.
        written: whether each date could not be a formula: `2024-01-15` could be a difference.
    """

    text: str
    dates: list[datetime.date] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    half_days: bool = False
    notes: list[str] = field(default_factory=list)


def today() -> datetime.date:
    return datetime.date.today()


def note_today(marked: Marked) -> None:
    """Say that the answer holds on this day only; answers with this assumption are not kept."""
    line = f"today is {today().isoformat()}"
    if line not in marked.notes:
        marked.notes.append(line)


def month_number(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name[:3]))


def marked(text: str) -> Marked:
    """Replace every date, time and span by its mark.

    Raises:
        ToolError: for a day that no calendar has.
    """
    result = Marked("")
    found: list[tuple[int, str, object]] = []
    lowered = " ".join(text.lower().split())

    def mark(pattern: re.Pattern[str], sign: str, read: Callable[[re.Match[str]], object]) -> None:
        nonlocal lowered

        def replaced(match: re.Match[str]) -> str:
            value = read(match)
            if value is None:
                return match[0]
            found.append((len(found), sign, value))
            return f"#{sign}{len(found) - 1} "

        lowered = pattern.sub(replaced, lowered)

    for pattern in _DATES:
        mark(pattern, "d", lambda match: _date(match, result))
    written = [value for _, _, value in found if isinstance(value, datetime.date)]
    mark(_HOLIDAY, "d", lambda match: _holiday(match, result, written))
    mark(_RELATIVE, "d", lambda match: _relative(match, result))
    mark(_CLOCK, "t", lambda match: _clock(match, result))
    mark(_SPAN, "p", _span)
    lists: dict[str, list[object]] = {"d": list(result.dates), "t": list(result.times), "p": list(result.spans)}
    for index in re.findall(r"#[dtp](\d+) ", lowered):
        _, sign, value = found[int(index)]
        lists[sign].append(value)
    result.dates, result.times, result.spans = lists["d"], lists["t"], lists["p"]  # type: ignore[assignment]
    result.text = " ".join(re.sub(r"#([dtp])\d+ ", r" #\1 ", lowered).replace(" ,", ",").split())
    return result


def _made(year: int, month: int, day: int) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        name = MONTHS[month - 1].title() if 1 <= month <= 12 else f"month {month}"
        raise ToolError(f"there is no day {day} in {name} {year}; write a date such as 2026-11-27") from None


def _date(match: re.Match[str], result: Marked) -> datetime.date | None:
    parts = match.groupdict()
    year = int(parts["year"]) if parts["year"] else 0
    if parts.get("a"):
        first, second = int(parts["a"]), int(parts["b"])
        if parts["sign"] == "." or first > 12:
            return _made(year, second, first)
        if second <= 12 and first != second:
            result.notes.append(f"{match[0]} read with the month first; write {year}-{first:02}-{second:02} to be sure")
        return _made(year, first, second)
    if not parts["year"]:
        year = today().year
        note_today(result)
    month = int(parts["m"]) if parts.get("m") else month_number(parts["month"])
    return _made(year, month, int(parts["day"]))


def _holiday(match: re.Match[str], result: Marked, written: list[datetime.date]) -> datetime.date:
    """The holiday in the year that is named, or else the next one after the day that the question names, or today."""
    name = match["name"].replace("'", "")
    if match["year"]:
        return _holiday_in(name, int(match["year"]))
    if not written:
        note_today(result)
    start = written[0] if written else today()
    this = _holiday_in(name, start.year)
    return this if this >= start else _holiday_in(name, start.year + 1)


def _holiday_in(name: str, year: int) -> datetime.date:
    if name.startswith(("easter", "good")):
        easter = easter_sunday(year)
        return easter - datetime.timedelta(2) if name.startswith("good") else easter
    if name.startswith("thanksgiving"):
        first = datetime.date(year, 11, 1).weekday()
        return datetime.date(year, 11, 22 + (3 - first) % 7)
    days = {"christmas eve": (12, 24), "christmas": (12, 25), "xmas": (12, 25), "new years eve": (12, 31),
            "new year": (1, 1), "halloween": (10, 31), "valentine": (2, 14), "independence": (7, 4)}  # fmt: skip
    month, day = next(value for key, value in days.items() if name.startswith(key))
    return _made(year, month, day)


def easter_sunday(year: int) -> datetime.date:
    """Easter Sunday of the Western churches (Meeus, Jones and Butcher's method)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    weekday = (32 + 2 * e + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return datetime.date(year, month, day + 1)


def _relative(match: re.Match[str], result: Marked) -> datetime.date:
    note_today(result)
    name = match[0].removeprefix("the ").split("'")[0]
    steps = {"tomorrow": 1, "yesterday": -1, "day after tomorrow": 2, "day before yesterday": -2}
    return today() + datetime.timedelta(steps.get(name, 0))


def _clock(match: re.Match[str], result: Marked) -> int | None:
    if match["name"]:
        return 0 if match["name"] == "midnight" else 12 * 3600
    hour = int(match["h"] or match["h2"] or match["h3"])
    half = (match["half"] or match["half2"] or "")[:1]
    minute, second = int(match["m"] or 0), int(match["s"] or 0)
    if minute > 59 or second > 59 or hour > 24 or (half and not 1 <= hour <= 12) or (hour == 24 and minute + second):
        raise ToolError(f"{match[0].strip()} is no time of day; write 5:46 PM or 17:46")
    if half:
        result.half_days = True
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour % 24 * 3600 + minute * 60 + second


def _span(match: re.Match[str]) -> Span | None:
    span = Span()
    for part in _PART.finditer(match[0]):
        count = _count(part["count"]) + (Fraction(1, 2) if part["half"] else 0)
        unit = part["unit"]
        if part["work"] or unit.startswith("weekday"):
            if count.denominator != 1:
                return None
            span.working_days += int(count)
        elif unit.startswith(("year", "yr", "month", "decade", "centur")):
            months = count * {"y": 12, "m": 1, "d": 120, "c": 1200}[unit[0]]
            if months.denominator != 1:
                return None
            span.months += int(months)
        elif unit.startswith(("week", "wk", "fortnight", "day")):
            days = count * {"w": 7, "f": 14, "d": 1}[unit[0]]
            span.days += int(days)
            span.seconds += (days - int(days)) * 86400
        else:
            span.seconds += count * {"h": 3600, "m": 60, "s": 1}[unit[0]]
    return span


def _count(text: str) -> Fraction:
    if text in _COUNTS:
        return Fraction(_COUNTS[text])
    whole, _, below = text.replace(",", "").partition("/")
    if below and int(below) == 0:
        raise ToolError(f"{text} divides by zero")
    return Fraction(whole) / int(below or 1)
