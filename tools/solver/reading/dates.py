# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about dates and clock times: days between, weekdays, ages, calendars, `148 minutes before 5:46 PM`.

Dates and times are found by `calendar`; a question is one of this file if a whole pattern below fits it. What is
relative to today says so as an assumption that begins with "today is". Not read: time zones, opening hours.
"""

from __future__ import annotations

import functools
import re
from fractions import Fraction

from ...errors import ToolError
from .calendar import MONTHS, Marked, Span, marked, month_number, note_today, today
from .clauses import TextReader
from .syntax import Ask, Node, Number, Request

_HINT = re.compile(
    r"\d[/:.-]\d|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|today|tomorrow|yesterday|christmas|easter|new year|halloween"
    r"|thanksgiving|valentine|leap|\d\s*[ap]\.?m\b|noon|midnight|unix|epoch|timestamp|o'clock|xmas|independence day|good friday"
    r"|born|\b(?:date|day) (?:will|be|is|was)\b|\b(?:years|decades|centuries)\b.{1,40}\b\d{3,4}\b|\b(?:from now|ago)\b|\bdays (?:are |were )?(?:there )?in (?:the year )?\d{4}\b",
    re.IGNORECASE,
)
_UNIT = r"(?P<unit>business day|working day|work day|weekday|day|night|week|month|year|hour|minute|second)s?"
_TIME_UNIT = r"(?P<unit>hour|minute|second)s?"
_ARE = (
    r"(?: (?:are|is|were|was|there|it|elapsed|passed|pass|did|do|does|lie|exactly|in total|left|remaining|to go)){0,5}"
)
_TO = r"(?:and|to|until|till|through|up to|-)"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BEFORE = "before|prior to|earlier than|ago from|preceding"
_AFTER = "after|from|since|later than|following|past|of"
_LEAD = re.compile(
    r"^(?:(?:what|which|whats|is|was|are|calculate|compute|find|determine|tell me|give me|work out|please|can you|could you|show|get|write"
    r"|date|day|time|the|will|would|it|be|do you know|count|if)\s+)+"
)
_ASKED = re.compile(r"^(?:what (?:is|was)|find|calculate|determine|tell me|give me|compute) ")
_WHOSE = r"(?:a person|someone|somebody|a man|a woman|he|she|i|they|you)"
_AGED = r"how old (?:(?:am|is|are|was|were|will|would) )?(?:i|he|she|they|you|it|the person)(?: be)?"
_MONTHS = rf"(?P<month>{'|'.join(month[:3] + '(?:' + month[3:] + ')?' for month in MONTHS)})"
_BORN = r"(?:how old (?:is|was|will|would|are|am|were) (?:a |an |the )?(?:someone|somebody|person|man|woman|child|he|she|i|you|they|one)?(?: be)?(?: if)?(?: (?:a|he|she|they|i|you))?|age of (?:a |an )?(?:someone|somebody|person|man|woman|child)|age(?: of)?(?: if)?)"

# Each pattern must fit the whole text; the name says which question it is.
_PATTERNS: tuple[tuple[str, str], ...] = (
        ("between", rf"(?:how many |number of )?{_UNIT}{_ARE} (?:between|from|in between) #d {_TO} #d(?P<inclusive>,? (?:inclusive|inclusively|including both))?"),
        ("between", rf"(?:time|difference|interval|duration|how long|gap|distance|length of time)(?: in {_UNIT})?{_ARE}(?: (?:between|from))? #d {_TO} #d(?: in {_UNIT.replace('unit', 'unit2')})?"),
        ("between", rf"(?:how many ){_UNIT}{_ARE} (?:after|since) #d (?:is|was|to|until) #d"),
        ("between", rf"(?:how many ){_UNIT}{_ARE} (?:before|until|till) #d (?:is|was|from) #d"),
        ("between", rf"(?:from |between )?#d {_TO} #d,? (?:is )?how many {_UNIT}{_ARE}"),
        ("between", rf"#d (?:minus|-|to|until) #d(?: in {_UNIT})?"),
        ("until", rf"(?:how many |number of )?{_UNIT}{_ARE} (?:until|till|to|before|up to) (?:it is )?#d"),
        ("until", r"how (?:long|far|soon)(?: (?:is|away|it|until|till|to|before)){1,4} #d"),
        ("since", rf"(?:how many |number of )?{_UNIT}{_ARE} (?:since|after|from) #d"),
        ("since", r"how long ago (?:is|was) #d"),
        ("weekday", r"(?:on )?(?:what |which )?(?:day of (?:the )?week|weekday|day)(?: (?:is|was|will|does|did|it|be|of|for|on|that|falls?|the)){0,5} #d(?: (?:be|on|fall|falls|fell|in|land)){0,3}"),
        ("weekday", r"#d (?:is|was|falls on|fell on|will be) (?:on )?(?:what|which|a) (?:day of (?:the )?week|weekday|day)"),
        ("weekday", r"(?:on )?(?:what |which )?(?:day of (?:the )?week|day|weekday) (?:did|does|will) #d (?:fall|be|land)(?: on)?"),
        ("is weekday", rf"(?:is|was|will) #d (?:be )?(?:on )?(?:a )?(?P<name>{'|'.join(_WEEKDAYS)}|weekend|weekday)"),
        ("day of year", r"(?:what |which )?(?:day (?:number )?of (?:the )?year|day number|ordinal day|julian day of year)(?: (?:is|was|of|for|in the year|on|number)){0,3} #d"),
        ("day of year", r"#d is (?:what|which) (?:day (?:number )?of (?:the )?year|day number)"),
        ("week", r"(?:what |which )?(?:iso )?(?:week|calendar week)(?: number)?(?: of (?:the )?year)?(?: (?:is|was|of|for|in|number|contains|does|on)){0,3} #d(?: (?:fall|in|lie|be)){0,2}"),
        ("shift", rf"(?:date |day )?(?:is |was |will it be |falls |comes |will be )?#p (?P<way>{_BEFORE}|{_AFTER}) #d"),
        ("shift", r"(?:date |day )?(?:is |was |will it be |will be )?(?P<verb>add|subtract|take) #p (?:to|from) #d"),
        ("shift", r"(?:date |day )?#d (?P<way>plus|\+|minus|-|and|add|subtract) #p"),
        ("shift now", r"(?:date |day |is |was |will |it |be )*(?:in )?#p(?P<ago> ago| earlier)?(?: from now| hence| later)?"),
        ("shift", r"(?:date |day )?(?:is |comes )?#p (?P<later>later|earlier) (?:than )?#d"),
        ("age", rf"{_BORN} (?:who (?:is|was) )?born (?:on |in )?#d(?:,? (?:on|in|at|by|as of|be on|be in|be) #d)?(?: be)?"),
        ("age", rf"{_BORN}(?: (?:on|in|at|by|as of))? #d,? (?:who (?:is|was) |if )?born (?:on |in )?#d"),
        ("age year", rf"{_BORN} (?:who (?:is|was) )?born in (?P<year>\d{{4}})(?:,? (?:on|in|at|by|as of|be in) (?P<at>\d{{4}}))?"),
        ("age", r"(?:born|birthday) (?:on |in )?#d,? (?:how old|age|what age)(?: (?:am i|is he|is she|are they|is it|will i be|would i be))?(?: (?:on|at|by|in) #d)?"),
        ("leap", r"(?:is|was|will|is it true that)? ?(?:the )?(?:year )?(?P<year>\d{1,4}) (?:is |be )?(?:a )?leap(?: ?year)?"),
        ("leap", r"(?:is )?leap year (?P<year>\d{1,4})"),
        ("next leap", r"(?:when )?(?:is |will be |which year is )?(?:the )?(?:next|first) leap year(?: after| following| since)? (?P<year>\d{1,4})"),
        ("leap years", rf"(?:how many |number of )?leap years{_ARE} (?:between|from|in) (?P<year>\d{{1,4}}) {_TO} (?P<at>\d{{1,4}})"),
        ("month", rf"(?:how many |number of )?days{_ARE} (?:in|does)(?: the month of)? (?P<month>{'|'.join(month[:3] + '(?:' + month[3:] + ')?' for month in MONTHS)})\.?(?:,? (?:of |in )?(?P<year>\d{{4}}))?(?: have)?"),
        ("year", rf"(?:how many |number of )?days{_ARE} in (?:the )?(?:year )?(?P<year>\d{{4}})"),
        ("stamp", r"(?:convert )?(?:the )?(?:unix|epoch|posix) ?(?:time ?stamp|time|stamp)?(?: (?:of|for|at|in|is))* #d(?: (?:at )?#t)?(?: (?:utc|gmt))?"),
        ("stamp", r"(?:convert )?#d(?: (?:at )?#t)?(?: utc)? (?:to|in|as)(?: a| the)? (?:unix|epoch|posix) ?(?:time ?stamp|time|stamp)?"),
        ("from stamp", r"(?:convert )?(?:the )?(?:date (?:of|for) )?(?:the )?(?:unix|epoch|posix)? ?(?:time ?stamp|time|stamp|epoch) (?P<stamp>-?\d{1,12})(?: (?:to|in|as|is)(?: a| the| what)? (?:date|date and time|human date|utc|day|datetime))?"),
        ("from stamp", r"(?:convert )?(?P<stamp>-?\d{9,12}) (?:unix|epoch)(?: time(?:stamp)?)? (?:to|in|as)(?: a)? date"),
        ("clock", rf"(?:how many |number of )?{_TIME_UNIT}{_ARE} (?:between|from|in between|after) #t (?:and|to|until|till|-|is) #t"),
        ("clock", rf"(?:how long|how much time|time|difference|interval|duration|elapsed time|time elapsed|time difference|length of time)(?: in {_TIME_UNIT})?{_ARE}(?: (?:between|from|elapses|passes))* #t (?:and|to|until|till|-) #t(?: in {_TIME_UNIT.replace('unit', 'unit2')})?"),
        ("clock", rf"(?:from )?#t (?:to|until|till|-) #t(?: in {_TIME_UNIT})?"),
        ("clock shift", rf"(?:time )?(?:is |was |will it be |will be |it )*#p (?P<way>{_BEFORE}|{_AFTER}) #t"),
        ("clock shift", r"(?:time )?(?P<verb>add|subtract|take) #p (?:to|from) #t"),
        ("clock shift", r"(?:time )?#t (?P<way>plus|\+|minus|-|and|add|subtract) #p"),
        ("clock shift", r"(?:time )?(?:is |comes )?#p (?P<later>later|earlier) than #t"),
        ("moments", rf"(?:how many |number of |time in )?{_UNIT}{_ARE} (?:between|from) #d,? (?:at )?#t {_TO} #d,? (?:at )?#t"),
        ("moments", rf"(?:how long|time)(?: in {_UNIT})?{_ARE} (?:between|from) #d,? (?:at )?#t {_TO} #d,? (?:at )?#t"),
        ("since", rf"(?:how many |number of )?{_UNIT} ago (?:is|was) #d"),
    ("age", rf"(?:my |his |her )?(?:birthday|date of birth|birth date|birthdate)(?: is| was)? #d,? {_AGED}(?: (?:on|in|at|by) #d)?"),
    ("age", rf"(?:if )?{_WHOSE} (?:is |was |were )?born (?:on |in )?#d,? {_AGED}(?: (?:on|in|at|by) #d)?"),
    ("month", rf"(?:how many |number of )?days{_ARE} {_MONTHS} (?:have|has|contain)(?: in)?(?:,? (?:of |in )?(?P<year>\d{{4}}))?"),
    ("weekdays", rf"(?:how many |number of )?(?P<name>{'|'.join(_WEEKDAYS)})s{_ARE} in {_MONTHS}(?:,? (?:of |in )?(?P<year>\d{{4}}))"),
    ("julian day", r"julian (?:day|date)(?: number)?(?: (?:of|for|on|is))? #d"),
    ("clock shift", r"(?:if |when )?(?:it is |it's |time is )?(?:now )?#t(?: now)?,? what time (?:will it be|is it|was it|would it be)(?: in| after)? #p(?P<later> earlier)?(?P<ago> ago)?(?: later| from now| after)?"),
    ("clock", r"[^#]{0,60}\b(?:leaves?|starts?|begins?|departs?|opens?|left|started|began)(?: \w+)?(?: at)? #t,? [^#]{0,40}\b(?:arrives?|ends?|finish(?:es)?|closes?|stops?|arrived|ended|finished)(?: \w+)?(?: at)? #t,? how (?:long|many (?P<unit>hour|minute|second)s?)\b[^#]{0,60}"),
    ("clock style", r"(?:convert |write |change )?#t (?:to|in|into|as) (?:a )?#p ?(?:time|format|clock|notation)?"),
    ("years apart", rf"(?:how many )?(?P<unit>year|decade|centur)(?:y|ies|s)?{_ARE} (?:between|from) (?P<year>\d{{1,4}}) {_TO} (?P<at>\d{{1,4}})"),
    ("holiday", r"(?:what |which )?(?:date |day )?(?:when )?(?:is |was |does |did |will )?#d(?: fall| be)?"),
)  # fmt: skip


@functools.cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern)) for name, pattern in _PATTERNS]


def read_dates(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about dates or times; `None` for everything else.

    Raises:
        ToolError: for a day or a time that there is not.
    """
    if not _HINT.search(text) or "#" in text:
        return None
    try:
        found = marked(text)
    except ToolError:
        if re.search(r"\b(days?|weeks?|months?|years?|hours?|minutes?|date|time|week|old|age)\b", text, re.IGNORECASE):
            raise
        return None
    plain = re.sub(r"\bthe ", "", found.text)
    for candidate in dict.fromkeys((plain, _ASKED.sub("", plain), _LEAD.sub("", plain))):
        for name, pattern in _patterns():
            if match := pattern.fullmatch(candidate):
                request = _request(name, match, found, text)
                if request is not None:
                    assumptions += found.notes
                    return request
    return None


def _number(value: int | Fraction) -> Node:
    return Number(Fraction(value))


def _unit_of(match: re.Match[str], default: str) -> str:
    groups = match.groupdict()
    unit = groups.get("unit") or groups.get("unit2") or default
    return "working day" if unit in ("business day", "work day", "weekday", "working day") else unit


def _request(name: str, match: re.Match[str], found: Marked, text: str) -> Request | None:
    dates = [_number(date.toordinal()) for date in found.dates]
    groups = match.groupdict()
    if name in ("until", "since"):
        note_today(found)
        now = _number(today().toordinal())
        return Ask("dates between", (now, dates[0]) if name == "until" else (dates[0], now), (_unit_of(match, "day"),))
    if name == "between":
        if " - " in match[0] and not re.search(r"[a-z]{3}|\d{4}-\d\d-\d\d", text, re.IGNORECASE):
            return None
        inclusive = ("inclusive",) if groups.get("inclusive") else ()
        minus = ("minus",) if re.search(r"#d (?:minus|-) #d", match[0]) else ()
        return Ask("dates between", tuple(dates), (_unit_of(match, "day"), *inclusive, *minus))
    if name in ("shift", "shift now"):
        return _shift(name, groups, found)
    if name == "age":
        return _age(match, found)
    if name == "age year":
        if not groups["at"]:
            note_today(found)
        at = int(groups["at"]) if groups["at"] else today().year
        return Ask("age in year", (_number(int(groups["year"])), _number(at)))
    if name in ("leap", "next leap", "leap years"):
        years = tuple(_number(int(groups[key])) for key in ("year", "at") if groups.get(key))
        return Ask(name, years)
    if name == "years apart":
        length = {"year": 1, "decade": 10, "centur": 100}[groups["unit"] or "year"]
        years = abs(int(groups["at"] or 0) - int(groups["year"] or 0))
        return Ask(
            "years apart",
            (_number(Fraction(years, length)),),
            ({"centur": "century"}.get(groups["unit"] or "", groups["unit"] or ""),),
        )
    if name == "weekdays":
        month = month_number(groups["month"] or "")
        weekday = _WEEKDAYS.index(groups["name"] or "")
        return Ask("weekdays in month", (_number(int(groups["year"] or 0)), _number(month), _number(weekday)))
    if name in ("month", "year"):
        return _days_in(name, groups, found)
    if name == "clock style":
        style = {86400: "24", 43200: "12"}.get(int(found.spans[0].seconds))
        return Ask("clock style", (_number(found.times[0]),), (style,)) if style else None
    if name in ("clock", "clock shift", "moments", "stamp", "from stamp"):
        return _clock(name, match, found, dates)
    if name == "is weekday":
        return Ask("is weekday", tuple(dates), (groups["name"],))
    if name == "holiday":
        if not re.search(
            r"easter|thanksgiving|friday|christmas|new year|halloween|today|tomorrow|yesterday", text, re.IGNORECASE
        ):
            return None
        return Ask("date", tuple(dates))
    return Ask(name, tuple(dates), (name,))


def _shift(name: str, groups: dict[str, str | None], found: Marked) -> Request | None:
    span = found.spans[0]
    if name == "shift now":
        if not (groups["ago"] or re.search(r"from now|hence|\bdate\b|\bday (?:is|was|will)", found.text)):
            return None
        note_today(found)
        start = today().toordinal()
        sign = -1 if groups["ago"] else 1
    else:
        start = found.dates[0].toordinal()
        sign = _sign(groups)
    if span.seconds:
        return None
    return Ask("shift date", (_number(start), *_amounts(span, sign)))


def _sign(groups: dict[str, str | None]) -> int:
    word = groups.get("way") or groups.get("verb") or groups.get("later") or ""
    return -1 if word.strip() in ("minus", "-", "subtract", "take", "earlier") or re.fullmatch(_BEFORE, word) else 1


def _amounts(span: Span, sign: int) -> tuple[Node, ...]:
    parts = (span.months, span.days, span.working_days, span.seconds)
    return tuple(_number(sign * part) for part in parts)


def _age(match: re.Match[str], found: Marked) -> Request:
    dates = found.dates
    if len(dates) == 1:
        note_today(found)
        dates = [dates[0], today()]
    born, at = (dates[1], dates[0]) if match.re.pattern.endswith("born (?:on |in )?#d") else dates
    return Ask("age", (_number(born.toordinal()), _number(at.toordinal())))


def _days_in(name: str, groups: dict[str, str | None], found: Marked) -> Request:
    if name == "year":
        return Ask("days in year", (_number(int(groups["year"] or 0)),))
    month = month_number(groups["month"] or "")
    if not groups["year"] and month != 2:
        return Ask("days in month", (_number(2023), _number(month)))
    if not groups["year"]:
        note_today(found)
    return Ask("days in month", (_number(int(groups["year"] or today().year)), _number(month)))


def _clock(name: str, match: re.Match[str], found: Marked, dates: list[Node]) -> Request | None:
    style = "12" if found.half_days else "24"
    if name == "clock":
        if match.re.pattern.startswith("(?:from )?#t") and not (
            found.half_days or "from" in match[0] or " to " in match[0]
        ):
            return None
        return Ask("clock between", tuple(_number(time) for time in found.times), (_unit_of(match, ""), style))
    if name == "clock shift":
        span = found.spans[0]
        if span.months or span.working_days:
            return None
        sign = -1 if match.groupdict().get("ago") else _sign(match.groupdict())
        seconds = sign * (span.seconds + span.days * 86400)
        return Ask("shift clock", (_number(found.times[0]), _number(seconds)), (style,))
    if name == "moments":
        moments = [date.toordinal() * 86400 + time for date, time in zip(found.dates, found.times, strict=True)]
        return Ask("moments between", tuple(_number(moment) for moment in moments), (_unit_of(match, ""),))
    if name == "stamp":
        return Ask("unix time", (dates[0], _number(found.times[0] if found.times else 0)))
    return Ask("from unix time", (_number(int(match["stamp"])),))


READERS: list[TextReader] = [read_dates]
