"""Other ways of writing one number, brought to `1234.5` and `(1/3)`: separators of other countries, repeating decimals.

`1.234,5`, `1 234 567`, `1'234'567`, `1_000_000`; `3,14` where nothing but arithmetic stands around it; `0.333...`,
`0.(3)`, `0.1666…`, `0.3 repeating`. Thousands separators as in `1,234.5` are read by `tokens`. Each is an assumption.
"""

from __future__ import annotations

import re
from fractions import Fraction

_POINTS_AND_COMMA = re.compile(
    r"(?<![\w.,])\d{1,3}(?:\.\d{3})+,\d+(?![\w.,])|(?<![\w.,])\d{1,3}(?:\.\d{3}){2,}(?![\w.,])"
)
_MARKED = re.compile(r"(?<![\w.,])\d{1,3}(?:[\u2009\u202f\u00a0'\u2019_]\d{3})+(?:\.\d+)?(?![\w,'])")
_SPACED = re.compile(r"(?<![\w.,] )(?<![\w.,])\d{1,3}(?: \d{3})+(?:\.\d+)?(?! ?[\d,])(?!\w)")
_COMMA = re.compile(r"(?<![\w.,])(\d+),(\d+)(?![\w.,])")
_ARITHMETIC = re.compile(
    r"(?:(?:what is|calculate|compute)\s+)?[\d\s+\-*/^×÷·−().,=?]*[+\-*/^×÷·−][\d\s+\-*/^×÷·−().,=?]*"
)
_BRACKETED_COMMA = re.compile(r"\([^()]*,[^()]*[,)]")
_CYCLE = re.compile(r"(?<![\w.])(\d*)\.(\d*?)(\d{1,12}?)\3+(?:\.\.\.|\u2026)")
_IN_BRACKETS = re.compile(r"(?<![\w.])(\d*)\.\((\d{1,12})\)")
_SAID = re.compile(r"(?<![\w.])(\d*)\.(\d+?)\s+(?:repeating|recurring)\b", re.IGNORECASE)


def usual_numbers(text: str, assumptions: list[str], *, listed: bool) -> str:
    """The text with such numbers written in the usual way.

    Args:
        text: a query of checked length.
        assumptions: receives how each was read.
        listed: whether the query is about a list of numbers, where a space or a comma stands between two of them.
    """

    def noted(found: re.Match[str], number: str) -> str:
        assumptions.append(f"{found[0]} read as the number {number}")
        return number

    text = _POINTS_AND_COMMA.sub(lambda found: noted(found, found[0].replace(".", "").replace(",", ".")), text)
    text = _MARKED.sub(lambda found: noted(found, re.sub(r"[^\d.]", "", found[0])), text)
    text = _CYCLE.sub(lambda found: noted(found, _repeating(found[1], found[2], found[3])), text)
    text = _IN_BRACKETS.sub(lambda found: noted(found, _repeating(found[1], "", found[2])), text)
    text = _SAID.sub(lambda found: noted(found, _repeating(found[1], "", found[2])), text)
    if listed or not _ARITHMETIC.fullmatch(text):
        return text
    text = _SPACED.sub(lambda found: noted(found, found[0].replace(" ", "")), text)
    if _BRACKETED_COMMA.search(text) or any(_is_group(found) for found in _COMMA.finditer(text)):
        return text
    return _COMMA.sub(lambda found: noted(found, f"{found[1]}.{found[2]}"), text)


def _is_group(found: re.Match[str]) -> bool:
    return len(found[2]) == 3 and len(found[1]) <= 3 and found[1] != "0"


def _repeating(whole: str, before: str, cycle: str) -> str:
    """`before` is what comes between the point and the digits that go round."""
    value = Fraction(int(cycle), (10 ** len(cycle) - 1) * 10 ** len(before))
    value += Fraction(int(whole or 0)) + Fraction(int(before or 0), 10 ** len(before))
    return f"({value.numerator}/{value.denominator})"
