"""Dates and clock times: spans between them, what lies before and after, weekdays, ages, weeks, Unix time.

The Gregorian calendar is used for all years from 1 to 9999. Results are checked by going back, or by a formula that
does not use the library's calendar (the day of the week by Zeller's congruence).
"""

from __future__ import annotations

import calendar
import datetime
from fractions import Fraction

from ...errors import ToolError
from ..reading.syntax import Ask, Number
from ..solution import Solution
from .domain import Handler
from .presenting import Reading
from .printing import decimal, finite_decimal

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "night": 86400, "week": 604800}
_EPOCH = datetime.date(1970, 1, 1)


def _values(request: Ask) -> list[Fraction]:
    return [node.value for node in request.args if isinstance(node, Number)]


def _dates(request: Ask) -> list[datetime.date]:
    return [_date(value) for value in _values(request)]


def _date(ordinal: Fraction | int) -> datetime.date:
    if not 1 <= ordinal <= datetime.date.max.toordinal():
        raise ToolError("this date lies outside of the years 1 to 9999, which are all that is known")
    return datetime.date.fromordinal(int(ordinal))


def _told(reading: Reading, text: str, exact: str = "", verified: str | None = None) -> Solution:
    """A solution that is no number."""
    import sympy

    exact = exact or text
    return reading.solution(
        sympy.S.One, text=text, exact=exact, number="", latex=rf"\text{{{exact}}}", verified=verified
    )


def _counted(reading: Reading, value: Fraction, unit: str, extra: str = "", verified: str | None = None) -> Solution:
    """A solution that is a number of units."""
    import sympy

    number = sympy.Rational(value.numerator, value.denominator)
    shown = finite_decimal(number, reading.precision) or decimal(number, reading.precision)
    text = f"{shown} {unit}{'' if abs(value) == 1 else 's'}"
    return reading.solution(number, text=text + extra, verified=verified)


def long_date(date: datetime.date) -> str:
    return f"{date.isoformat()} ({_WEEKDAYS[date.weekday()]})"


def _between(request: Ask, reading: Reading) -> Solution:
    first, second = _dates(request)
    unit = request.words[0]
    days = second.toordinal() - first.toordinal()
    if days < 0:
        if "minus" not in request.words:
            reading.assume(f"{second.isoformat()} is before {first.isoformat()}; the span is counted forwards")
        first, second, days = second, first, -days
    if unit == "working day":
        return _working_days(first, second, reading)
    if "inclusive" in request.words:
        reading.assume("both days are counted")
        days += 1
    checked = (
        "checked by day numbers"
        if _day_number(second) - _day_number(first) == second.toordinal() - first.toordinal()
        else None
    )
    if unit in ("month", "year"):
        return _months_between(first, second, unit, reading)
    if unit in ("day", "night") or unit not in _SECONDS:
        whole, rest = divmod(days, 7)
        return _counted(reading, Fraction(days), unit if unit in _SECONDS else "day", verified=checked)
    value = Fraction(days * 86400, _SECONDS[unit])
    whole, rest = divmod(days, 7)
    extra = f" ({_joined((whole, 'week'), (rest, 'day'))})" if unit == "week" and rest else ""
    return _counted(reading, value, unit, extra, checked)


def _months_between(first: datetime.date, second: datetime.date, unit: str, reading: Reading) -> Solution:
    import sympy

    months, days = _months_and_days(first, second)
    years, rest = divmod(months, 12) if unit == "year" else (0, months)
    text = _joined((years, "year"), (rest, "month"), (days, "day"))
    whole = years if unit == "year" else months
    return reading.solution(sympy.Integer(whole), text=text, exact=text, number=str(whole))


def _day_number(date: datetime.date) -> int:
    """The Julian day number by the formula of Fliegel and Van Flandern (1968)."""
    year, month, day = date.year, date.month, date.day
    a = (14 - month) // 12
    y, m = year + 4800 - a, month + 12 * a - 3
    return day + (153 * m + 2) // 5 + 365 * y + y // 4 - y // 100 + y // 400 - 32045


def _months_and_days(first: datetime.date, second: datetime.date) -> tuple[int, int]:
    """Whole months between two dates and the days that are left."""
    months = (second.year - first.year) * 12 + second.month - first.month
    if _shifted_months(first, months) > second:
        months -= 1
    return months, (second - _shifted_months(first, months)).days


def _joined(*parts: tuple[int | Fraction, str]) -> str:
    told = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(told) or f"0 {parts[-1][1]}s"


def _shifted_months(date: datetime.date, months: int) -> datetime.date:
    """The same day of another month, or the month's last day where it has no such day."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ToolError("this date lies outside of the years 1 to 9999, which are all that is known")
    return datetime.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def _working_days(first: datetime.date, second: datetime.date, reading: Reading) -> Solution:
    reading.assume("Monday to Friday are counted, from the first day up to but not including the last; no holidays")
    days = (second - first).days
    weeks, rest = divmod(days, 7)
    count = weeks * 5 + sum((first.weekday() + step) % 7 < 5 for step in range(rest))
    return _counted(reading, Fraction(count), "working day")


def _date_itself(request: Ask, reading: Reading) -> Solution:
    date = _dates(request)[0]
    return _told(reading, long_date(date), date.isoformat())


def _shift(request: Ask, reading: Reading) -> Solution:
    start, months, days, working, _ = _values(request)
    date = _date(start)
    for amount in (months, days, working):
        if abs(amount) > 4_000_000:
            raise ToolError("this date lies outside of the years 1 to 9999, which are all that is known")
    moved = _shifted_months(date, int(months))
    if months and moved.day != date.day:
        reading.assume(f"{_MONTHS[moved.month - 1]} {moved.year} has no day {date.day}; its last day is taken")
    moved = _date(moved.toordinal() + int(days))
    if working:
        reading.assume("Monday to Friday are working days; no holidays")
        moved = _moved_working_days(moved, int(working))
    checked = (
        "checked by day numbers"
        if not months and not working and _day_number(moved) - _day_number(date) == days
        else None
    )
    return _told(reading, long_date(moved), moved.isoformat(), checked)


def _moved_working_days(date: datetime.date, count: int) -> datetime.date:
    step = 1 if count > 0 else -1
    weeks, rest = divmod(abs(count), 5)
    if date.weekday() > 4:  # from a weekend, counting starts beside it
        date = _date(date.toordinal() - (date.weekday() - 4) if step > 0 else date.toordinal() + 7 - date.weekday())
    date = _date(date.toordinal() + step * weeks * 7)
    while rest:
        date = _date(date.toordinal() + step)
        rest -= date.weekday() < 5
    return date


def _weekday(request: Ask, reading: Reading) -> Solution:
    date = _dates(request)[0]
    name = _WEEKDAYS[date.weekday()]
    checked = "checked by Zeller's congruence" if _zeller(date) == date.weekday() else None
    return _told(reading, f"{name} ({date.isoformat()})", name, checked)


def _zeller(date: datetime.date) -> int:
    """The day of the week, Monday being 0, by Zeller's congruence."""
    month, year = (date.month, date.year) if date.month > 2 else (date.month + 12, date.year - 1)
    century, rest = divmod(year, 100)
    saturday = (date.day + 13 * (month + 1) // 5 + rest + rest // 4 + century // 4 + 5 * century) % 7
    return (saturday + 5) % 7


def _is_weekday(request: Ask, reading: Reading) -> Solution:
    date = _dates(request)[0]
    asked, number = request.words[0], date.weekday()
    holds = (
        number > 4 if asked == "weekend" else number < 5 if asked == "weekday" else _WEEKDAYS[number].lower() == asked
    )
    return _told(
        reading, f"{'yes' if holds else 'no'}: {date.isoformat()} is a {_WEEKDAYS[number]}", str(holds).lower()
    )


def _leap(request: Ask, reading: Reading) -> Solution:
    year = _year(_values(request)[0])
    holds = calendar.isleap(year)
    return _told(reading, f"{'yes' if holds else 'no'}: {year} has {366 if holds else 365} days", str(holds).lower())


def _year(value: Fraction) -> int:
    if not 1 <= value <= 9999:
        raise ToolError("years from 1 to 9999 can be asked for")
    return int(value)


def _next_leap(request: Ask, reading: Reading) -> Solution:
    year = _year(_values(request)[0]) + 1
    while not calendar.isleap(year):
        year += 1
    return _counted_plainly(year, reading)


def _counted_plainly(number: int, reading: Reading, text: str | None = None, verified: str | None = None) -> Solution:
    import sympy

    return reading.solution(sympy.Integer(number), text=text, verified=verified)


def _leap_years(request: Ask, reading: Reading) -> Solution:
    first, last = sorted(_year(value) for value in _values(request))
    count = calendar.leapdays(first, last + 1)
    reading.assume(f"from {first} to {last}, both included")
    return _counted_plainly(count, reading)


def _days_in_month(request: Ask, reading: Reading) -> Solution:
    year, month = (int(value) for value in _values(request))
    days = calendar.monthrange(_year(Fraction(year)), month)[1]
    return _counted(reading, Fraction(days), "day")


def _days_in_year(request: Ask, reading: Reading) -> Solution:
    return _counted(reading, Fraction(365 + calendar.isleap(_year(_values(request)[0]))), "day")


def _age(request: Ask, reading: Reading) -> Solution:
    born, at = _dates(request)
    if at < born:
        raise ToolError(f"{at.isoformat()} is before the birth on {born.isoformat()}; there is no age then")
    months, days = _months_and_days(born, at)
    years, rest = divmod(months, 12)
    return _counted(reading, Fraction(years), "year", f" ({_joined((years, 'year'), (rest, 'month'), (days, 'day'))})")


def _age_in_year(request: Ask, reading: Reading) -> Solution:
    born, at = (int(value) for value in _values(request))
    if at < born:
        raise ToolError(f"{at} is before the birth in {born}; there is no age then")
    reading.assume(f"the birthday in {at} has passed; before it the age is one less")
    return _counted(reading, Fraction(at - born), "year")


def _week(request: Ask, reading: Reading) -> Solution:
    date = _dates(request)[0]
    year, week, day = date.isocalendar()
    reading.assume("weeks are counted as ISO 8601 does: from Monday, week 1 has the year's first Thursday")
    thursday = date.toordinal() - date.weekday() + 3
    checked = (datetime.date.fromordinal(thursday).timetuple().tm_yday - 1) // 7 + 1 == week
    text = f"week {week} of {year} ({year}-W{week:02}-{day})"
    return _counted_plainly(week, reading, text, "checked by the week's Thursday" if checked else None)


def _day_of_year(request: Ask, reading: Reading) -> Solution:
    date = _dates(request)[0]
    days = sum(calendar.monthrange(date.year, month)[1] for month in range(1, date.month)) + date.day
    left = 365 + calendar.isleap(date.year) - days
    return _counted_plainly(days, reading, f"day {days} of {date.year} ({left} days are left)")


def _unix(request: Ask, reading: Reading) -> Solution:
    ordinal, seconds = _values(request)
    reading.assume("the time is in UTC")
    return _counted_plainly((int(ordinal) - _EPOCH.toordinal()) * 86400 + int(seconds), reading)


def _from_unix(request: Ask, reading: Reading) -> Solution:
    days, seconds = divmod(int(_values(request)[0]), 86400)
    date = _date(_EPOCH.toordinal() + days)
    reading.assume("the time is in UTC")
    text = f"{date.isoformat()} {_clock_text(seconds, '24', always=True)} UTC ({_WEEKDAYS[date.weekday()]})"
    return _told(reading, text, text.partition(" (")[0])


def _clock_text(seconds: int, style: str, *, always: bool = False) -> str:
    hour, rest = divmod(seconds % 86400, 3600)
    minute, second = divmod(rest, 60)
    tail = f":{second:02}" if second or always else ""
    if style == "12":
        return f"{(hour + 11) % 12 + 1}:{minute:02}{tail} {'PM' if hour >= 12 else 'AM'}"
    return f"{hour:02}:{minute:02}{tail}"


def _span_solution(seconds: int, unit: str, reading: Reading, verified: str | None = None) -> Solution:
    if unit in _SECONDS:
        return _counted(reading, Fraction(seconds, _SECONDS[unit]), unit, verified=verified)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    text = _joined((days, "day"), (hour, "hour"), (minute, "minute"), (second, "second"))
    whole = f" ({minutes} minutes)" if not second and hours else ""
    import sympy

    return reading.solution(
        sympy.Rational(seconds, 60),
        text=text + whole,
        exact=text,
        number="",
        latex=rf"\text{{{text}}}",
        verified=verified,
    )


def _clock_between(request: Ask, reading: Reading) -> Solution:
    first, second = (int(value) for value in _values(request))
    unit, style = request.words
    if second < first:
        reading.assume(f"{_clock_text(second, style)} is on the next day")
    seconds = (second - first) % 86400
    return _span_solution(seconds, unit, reading, "checked by adding" if (first + seconds) % 86400 == second else None)


def _shift_clock(request: Ask, reading: Reading) -> Solution:
    first, seconds = _values(request)
    if seconds.denominator != 1:
        raise ToolError("times are known to whole seconds; write hours, minutes and seconds")
    days, moved = divmod(int(first + seconds), 86400)
    text = _clock_text(moved, request.words[0])
    if days and first:
        shift = {1: "the next day", -1: "the day before"}.get(
            days, f"{abs(days)} days {'later' if days > 0 else 'earlier'}"
        )
        return _told(reading, f"{text} {'on ' if abs(days) == 1 else ''}{shift}", text)
    return _told(reading, text)


def _moments(request: Ask, reading: Reading) -> Solution:
    first, second = (int(value) for value in _values(request))
    if second < first:
        reading.assume("the second time is before the first; the span is counted forwards")
    return _span_solution(abs(second - first), request.words[0], reading)


def _julian_day(request: Ask, reading: Reading) -> Solution:
    return _counted_plainly(_day_number(_dates(request)[0]), reading)


def _weekdays_in_month(request: Ask, reading: Reading) -> Solution:
    year, month, weekday = (int(value) for value in _values(request))
    length = calendar.monthrange(_year(Fraction(year)), month)[1]
    count = sum(datetime.date(year, month, day).weekday() == weekday for day in range(1, length + 1))
    return _counted_plainly(count, reading)


def _years_apart(request: Ask, reading: Reading) -> Solution:
    import sympy

    value, unit = _values(request)[0], request.words[0]
    plural = {"century": "centuries"}.get(unit, unit + "s")
    number = sympy.Rational(value.numerator, value.denominator)
    text = f"{finite_decimal(number, reading.precision)} {unit if value == 1 else plural}"
    return reading.solution(number, text=text)


def _clock_style(request: Ask, reading: Reading) -> Solution:
    return _told(reading, _clock_text(int(_values(request)[0]), request.words[0]))


HANDLERS: dict[str, Handler] = {
    "dates between": _between,
    "date": _date_itself,
    "shift date": _shift,
    "weekday": _weekday,
    "is weekday": _is_weekday,
    "leap": _leap,
    "next leap": _next_leap,
    "leap years": _leap_years,
    "days in month": _days_in_month,
    "days in year": _days_in_year,
    "julian day": _julian_day,
    "weekdays in month": _weekdays_in_month,
    "years apart": _years_apart,
    "clock style": _clock_style,
    "age": _age,
    "age in year": _age_in_year,
    "week": _week,
    "day of year": _day_of_year,
    "unix time": _unix,
    "from unix time": _from_unix,
    "clock between": _clock_between,
    "shift clock": _shift_clock,
    "moments between": _moments,
}
