# ruff: noqa: E501  a pattern is read more easily on one line
"""Amounts, rates and terms inside a text, each replaced by a mark that the patterns of `finance` and `prices` know.

Signs and names of currencies are passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from ...errors import ToolError
from .syntax import Ask, Number, Request

_RATE = re.compile(
    r"(?<![\w#.])(-?\d[\d,]*(?:\.\d{1,12})?)\s*(?:%|percent\b|per cent\b)(?:\s+(?:apr|per annum|per year|a year|annually|p\.?a\.?|yearly|annual)\b)?"
)
_TERM = re.compile(
    r"(?<![\w#.])(\d[\d,]*(?:\.\d{1,12})?|a|an|one|two|three|four|five|six|ten)[ -](years?|yrs?|months?|quarters?|weeks?|days?)\b"
)
_AMOUNT = re.compile(
    r"(?<![\w#.])(-?)\s*(?:usd|eur|gbp|inr|rs\.?)?\s*(\d[\d,]*(?:\.\d{1,12})?|\.\d{1,12})\s*(k\b|thousand\b|m\b|mn\b|million\b|bn\b|b\b|billion\b)?"
    r"\s*(?:(?:us )?dollars?\b|euros?\b|pounds?\b|usd\b|eur\b|gbp\b|bucks\b|yen\b|yuan\b|rupees?\b|cad\b|aud\b)?"
)
_SCALES = {"k": 10**3, "t": 10**3, "m": 10**6, "b": 10**9}
_SMALL = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_PER_YEAR = {"year": 1, "yr": 1, "month": 12, "quarter": 4, "week": 52, "day": 365}
_DIGITS = 18


@dataclass
class Found:
    """A text with marks `#m0` for amounts, `#r0` for rates and `#y0` for terms, counted from 0."""

    text: str
    amounts: list[Fraction] = field(default_factory=list)
    rates: list[Fraction] = field(default_factory=list)
    terms: list[Fraction] = field(default_factory=list)  # in years

    def has(self, pattern: str) -> bool:
        return re.search(pattern, self.text) is not None

    def amount_after(self, pattern: str) -> Fraction | None:
        """The amount that follows a label, such as `salvage value of #m1`."""
        found = re.search(rf"(?:{pattern})[^#]{{0,30}}#m(\d+)", self.text)
        return self.amounts[int(found[1])] if found else None

    def amount_before(self, pattern: str) -> Fraction | None:
        found = re.search(rf"#m(\d+) (?:{pattern})", self.text)
        return self.amounts[int(found[1])] if found else None


def _value(digits: str) -> Fraction:
    if len(digits) > _DIGITS:
        raise ToolError(f"{digits} has too many digits for an amount of money; write at most {_DIGITS}")
    return Fraction(digits.replace(",", ""))


def find_numbers(text: str) -> Found:
    """Replace amounts, rates and terms by marks."""
    found = Found(" ".join(text.lower().replace(" - ", " -").split()))

    def rate(match: re.Match[str]) -> str:
        found.rates.append(_value(match[1]) / 100)
        return f" #r{len(found.rates) - 1} "

    def term(match: re.Match[str]) -> str:
        count = Fraction(_SMALL[match[1]]) if match[1] in _SMALL else _value(match[1])
        if match[1] in ("a", "an"):
            return match[0]  # a rate of payment: 250 a year
        found.terms.append(count / _PER_YEAR[match[2].rstrip("s")])
        return f" #y{len(found.terms) - 1} "

    def amount(match: re.Match[str]) -> str:
        scale = _SCALES[match[3][0]] if match[3] else 1
        found.amounts.append(_value(match[2]) * scale * (-1 if match[1] else 1))
        return f" #m{len(found.amounts) - 1} "

    for pattern, replace in ((_RATE, rate), (_TERM, term), (_AMOUNT, amount)):
        found.text = pattern.sub(replace, found.text)
    found.text = " ".join(found.text.split())
    return found


def ask(name: str, numbers: list[Fraction | None], *words: str) -> Request | None:
    if any(number is None for number in numbers):
        return None
    return Ask(name, tuple(Number(number) for number in numbers if number is not None), words)
