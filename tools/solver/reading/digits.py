# ruff: noqa: E501  a pattern is read more easily on one line
"""Digits: rounding to a place, the digit at a place, sums and conversions in another base."""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader, read_expression, without_lead_ins
from .patterns import pattern_reader
from .syntax import Apply, Ask, Evaluate, Number, Request, ToBase
from .wording import CARDINALS

_POWERS = {
    "integer": 0, "whole number": 0, "whole": 0, "unit": 0, "one": 0, "ten": 1, "hundred": 2, "thousand": 3, "ten thousand": 4,
    "hundred thousand": 5, "million": 6, "ten million": 7, "hundred million": 8, "billion": 9, "ten billion": 10,
    "hundred billion": 11, "trillion": 12, "tenth": -1, "hundredth": -2, "thousandth": -3, "ten thousandth": -4,
    "ten-thousandth": -4, "hundred thousandth": -5, "hundred-thousandth": -5, "millionth": -6, "cent": -2, "dollar": 0,
}  # fmt: skip
_PLACE = "(?:one |a )?(?P<place>" + "|".join(sorted(_POWERS, key=len, reverse=True)) + r"|10+|0\.0*1|1)s?"
_SMALL = {word: value for word, value in CARDINALS.items() if value <= 12}
_COUNT = r"(?P<count>\d{1,3}|" + "|".join(_SMALL) + ")"
_LEAD = re.compile(
    r"(?:what is|what's|find|calculate|compute|evaluate|determine|give|tell me|please|the|value of|work out)\s+", re.IGNORECASE
)  # fmt: skip
_ROUND = re.compile(
    rf"(?:round(?: off)?|approximate|estimate) (?P<a>.+?)(?: off)? to(?: the)? (?:nearest )?{_PLACE}"
    rf"|(?P<b>.+?),? (?:rounded(?: off)? )?to(?: the)? nearest (?:one |a )?(?P<near>{'|'.join(sorted(_POWERS, key=len, reverse=True))}|10+|0\.0*1|1)",
    re.IGNORECASE,
)
_TO_PLACES = re.compile(rf"(?:round )?(?P<a>.+?),? (?:rounded )?to {_COUNT} (?:dps?|d\.p\.)", re.IGNORECASE)
_DIGIT_PLACES = {
    "unit": 0, "one": 0, "ten": 1, "hundred": 2, "thousand": 3, "ten thousand": 4, "hundred thousand": 5, "million": 6,
    "ten million": 7, "hundred million": 8, "billion": 9, "ten billion": 10, "hundred billion": 11, "trillion": 12,
    "tenth": -1, "hundredth": -2, "thousandth": -3, "ten thousandth": -4,
}  # fmt: skip
_DIGIT = re.compile(
    rf"(?P<place>{'|'.join(sorted(_DIGIT_PLACES, key=len, reverse=True))})s?'?s?(?: place)? digit (?:of|in) (?P<a>.+)"
    rf"|digit in (?:the )?(?P<place_b>{'|'.join(sorted(_DIGIT_PLACES, key=len, reverse=True))})s?'? place (?:of|in) (?P<b>.+)",
    re.IGNORECASE,
)
_NUMERAL = r"-?\s*[0-9a-zA-Z]+"
_IN_BASE = re.compile(
    rf"in base (?P<base>\d{{1,2}}),? (?:what is|calculate|compute|evaluate|find|work out)?\s*(?P<sum>{_NUMERAL}(?:\s*[-+*]\s*{_NUMERAL}){{1,8}})",
    re.IGNORECASE,
)
_IN_BASE_LAST = re.compile(
    rf"(?P<sum>{_NUMERAL}(?:\s*[-+*]\s*{_NUMERAL}){{1,8}}) in base (?P<base>\d{{1,2}})", re.IGNORECASE
)
_BETWEEN = re.compile(
    r"(?:convert |write |express |change )?(?P<a>-?[0-9a-zA-Z]+) ?(?:\(base (?P<from>\d{1,2})\)|_(?P<sub>\d{1,2})|(?:in|from)? ?base (?P<in>\d{1,2})) (?:to|in|into|as) (?:base (?P<to>\d{1,2})|(?P<name>decimal|binary|octal|hex(?:adecimal)?))",
    re.IGNORECASE,
)
_NAMES = {"decimal": 10, "binary": 2, "octal": 8, "hex": 16, "hexadecimal": 16}
_MOST_DIGITS = 400
_read_total = pattern_reader(
    r"total of|put together|sum of|to the power of",
    [
        ("total", r"(?:total|sum) of {list}"),
        ("total", r"put together {list}"),
    ],
)


def read_rounding(text: str, assumptions: list[str]) -> Request | None:
    """`round 28473 to the nearest hundred`, `28.39 to the nearest tenth`; `None` for everything else."""
    if "to" not in text or len(text) > 200:
        return None
    for candidate in without_lead_ins(" ".join(text.split()), _LEAD):
        request = None
        if found := _TO_PLACES.fullmatch(candidate):
            count = found["count"].lower()
            places = _SMALL[count] if count in _SMALL else int(count)
            request = _asked("rounded", found["a"], -places, assumptions)
        elif found := _ROUND.fullmatch(candidate):
            place = (found["place"] or found["near"]).lower()
            power = _POWERS[place] if place in _POWERS else _power_of(place)
            request = _asked("rounded", found["a"] or found["b"], power, assumptions)
        if request:
            return request
    return None


def _power_of(place: str) -> int:
    """The power of ten that `100` or `0.01` is."""
    return len(place) - 1 if place.startswith("1") else -(len(place) - 2)


def read_digit(text: str, assumptions: list[str]) -> Request | None:
    """`what is the tens digit of 4839`; `None` for everything else."""
    if "digit" not in text or len(text) > 200:
        return None
    for candidate in without_lead_ins(" ".join(text.split()), _LEAD):
        if found := _DIGIT.fullmatch(candidate):
            place = (found["place"] or found["place_b"]).lower()
            return _asked("digit at", found["a"] or found["b"], _DIGIT_PLACES[place], assumptions)
    return None


def _asked(name: str, text: str, power: int, assumptions: list[str]) -> Request | None:
    try:
        node = read_expression(text, assumptions)
    except ToolError:
        return None
    return Ask(name, (node,), (str(power),))


def read_base(text: str, assumptions: list[str]) -> Request | None:
    """`in base 13, what is -3a1 + 52`, `convert 1011 (base 2) to base 7`; `None` for everything else."""
    if "base" not in text.lower() or len(text) > 200:
        return None
    for candidate in without_lead_ins(" ".join(text.split()), _LEAD):
        if found := _IN_BASE.fullmatch(candidate) or _IN_BASE_LAST.fullmatch(candidate):
            return _sum_in_base(found["sum"], _base(found["base"]))
        if found := _BETWEEN.fullmatch(candidate):
            source = _base(found["from"] or found["sub"] or found["in"])
            target = _NAMES[found["name"].lower()] if found["name"] else _base(found["to"])
            value = _value(found["a"], source)
            return None if value is None else ToBase(Number(Fraction(value)), target)
    return None


def _base(text: str) -> int:
    base = int(text)
    if not 2 <= base <= 36:
        raise ToolError(f"base {base} cannot be read; bases from 2 to 36 are")
    return base


def _value(numeral: str, base: int) -> int | None:
    digits = numeral.replace(" ", "").lower()
    sign, digits = (-1, digits[1:]) if digits.startswith("-") else (1, digits)
    if not digits or len(digits) > _MOST_DIGITS:
        return None
    value = 0
    for digit in digits:
        worth = int(digit, 36)
        if worth >= base:
            raise ToolError(f"{digit!r} is no digit in base {base}")
        value = value * base + worth
    return sign * value


def _sum_in_base(text: str, base: int) -> Request | None:
    """The result is computed here, since the digits of each number are whole numbers of known length."""
    pieces = re.findall(r"[-+*]|[0-9a-zA-Z]+", text)
    total, term, sign, factor = 0, None, 1, True
    for piece in pieces:
        if piece in "+-":
            if term is None:
                sign = -sign if piece == "-" else sign
                continue
            total, term, sign, factor = total + sign * term, None, -1 if piece == "-" else 1, True
        elif piece == "*":
            factor = True
        else:
            value = _value(piece, base)
            if value is None or not factor:
                return None
            term, factor = value if term is None else term * value, False
    return None if term is None else ToBase(Number(Fraction(total + sign * term)), base)


def read_total(text: str, assumptions: list[str]) -> Request | None:
    """`total of 5 and -11`, `put together 1.7 and 43`."""
    request = _read_total(text, assumptions)
    if not isinstance(request, Ask) or len(request.args) < 2:
        return None
    return Evaluate(Apply("+", request.args))


READERS: list[TextReader] = [read_rounding, read_digit, read_base, read_total]
