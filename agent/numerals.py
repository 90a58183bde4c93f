"""Numbers as an answer writes them: exact, and with the precision that they show.

`evals.scorers.numbers` reads floats, which is enough for a suite. A check has to tell a number of 56 digits from its
neighbour, and 51.8 for 51.8 from 52 for 51.8.

Read are integers, decimals, thousands with commas, fractions, powers of ten, percentages, and digits of other scripts.
"""

from __future__ import annotations

import math
import re
import unicodedata
from fractions import Fraction
from typing import NamedTuple

MIN_DIGITS = 3
"""A rounded number must show so many significant digits: nearly everything can be rounded to 0 or 1."""

# The solver's own decimals have 15 digits, so that they are rounded themselves; beyond that, digits were asked for.
_ROUNDED_ITSELF = range(12, 17)
_MOST_DIGITS = 400
_MINUS = str.maketrans({"−": "-", "﹣": "-", "－": "-"})

NUMERAL = re.compile(
    r"(?<![A-Za-z0-9_.^])(?P<sign>[-+]?)"
    r"(?P<body>[0-9]{1,3}(?:,[0-9]{3}){1,40}(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"(?:\s?(?:[×x*·]|\\times)\s?10\s?(?:\^|\*\*)\s?\{?(?P<power>[-+]?[0-9]{1,3})\}?(?![0-9])"
    r"|[eE](?P<exponent>[-+]?[0-9]{1,3})(?![0-9])"
    r"|\s?/\s?(?P<below>[0-9]+(?![0-9.])))?"
    r"(?![0-9])(?:\s?(?P<percent>%|\\%|percent\b|per cent\b))?"
)


class Number(NamedTuple):
    """A number that a text states.

    Args:
        value: the face value: 12 for `12%`.
        step: what the last shown digit counts; 0 for fractions, which show all.
        digits: significant digits that are shown.
        percent: whether a percent sign follows.
        reduced: whether it is in its lowest terms, where it is a fraction.
        start: where it stands in the text.
        end: behind its last character.
    """

    value: Fraction
    step: Fraction
    digits: int
    percent: bool = False
    reduced: bool = True
    start: int = 0
    end: int = 0

    @property
    def is_fraction(self) -> bool:
        return not self.step


def plain_digits(text: str) -> str:
    """Digits of any script as ASCII, and every minus sign as `-`."""
    if text.isascii():
        return text
    text = text.translate(_MINUS)
    return "".join(
        character if character.isascii() or unicodedata.decimal(character, None) is None
        else str(unicodedata.decimal(character))
        for character in text
    )  # fmt: skip


def numbers_in(text: str) -> list[Number]:
    """The numbers of a text, in their order. Linear in its length."""
    found = (_number(match) for match in NUMERAL.finditer(plain_digits(text)))
    return [number for number in found if number is not None]


def read_number(text: str) -> Number | None:
    """The number that a text is; `None` where it is anything else."""
    match = NUMERAL.fullmatch(plain_digits(text.strip()))
    return _number(match) if match is not None else None


def agree(shown: Number, wanted: Number) -> bool:
    """Whether a stated number is the expected one: exactly, or rounded to the digits that it shows.

    An integer must be exact. Anything else may be rounded to `MIN_DIGITS` significant digits or more. An expected
    decimal of 12 to 16 digits is taken to be rounded itself, as the solver's are; one of more digits is wanted with all
    of them.

    Args:
        shown: what the answer says; `12` may stand for an expected `12%`, and so may `0.12`.
        wanted: what is expected.
    """
    if wanted.percent and not shown.percent:
        return _near(shown, wanted) or _near(_scaled(shown, 100), wanted)
    if shown.percent and not wanted.percent:
        return _near(_scaled(shown, Fraction(1, 100)), wanted)
    return _near(shown, wanted)


def _near(shown: Number, wanted: Number) -> bool:
    distance = abs(shown.value - wanted.value)
    if not distance:
        return True
    rounded_itself = wanted.value.denominator > 1 and wanted.digits in _ROUNDED_ITSELF
    if rounded_itself and distance <= wanted.step:
        return True
    if wanted.value.denominator == 1 or wanted.digits > _ROUNDED_ITSELF[-1] or shown.is_fraction:
        return False
    slack = wanted.step if rounded_itself else 0
    return shown.digits >= MIN_DIGITS and distance <= shown.step / 2 + slack


def _scaled(number: Number, factor: int | Fraction) -> Number:
    return number._replace(value=number.value * factor, step=number.step * factor)


def _number(match: re.Match[str]) -> Number | None:
    body, below = match["body"].replace(",", ""), match["below"]
    if len(body) + len(below or "") > _MOST_DIGITS:
        return None
    whole, _, decimals = body.partition(".")
    value = Fraction(f"{whole or 0}.{decimals or 0}")
    step = Fraction(1, 10 ** len(decimals))
    reduced = True
    if below is not None:
        if not int(below):
            return None
        if not decimals:
            reduced = math.gcd(int(whole), int(below)) == 1 and int(below) > 1
        value, step = value / int(below), Fraction(0)
    scale = Fraction(10) ** int(match["power"] or match["exponent"] or 0)
    value, step = value * scale, step * scale
    digits = len((whole + decimals).lstrip("0"))
    value = -value if match["sign"] == "-" else value
    return Number(value, step, digits, match["percent"] is not None, reduced, match.start(), match.end())
