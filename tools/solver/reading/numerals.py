# ruff: noqa: E501  a pattern is read more easily on one line
"""Roman numerals and numbers in words: `MCMXCIV in numbers`, `1994 in roman numerals`, `1994 in words`.

Roman numerals run from 1 (I) to 3999 (MMMCMXCIX) and are read only in their one correct form. Sums of them are not read.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader
from .syntax import Ask, Number, Request

_ROMAN = re.compile(r"(M{0,3})(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_LEAD = r"(?:(?:what is|what's|whats|what does|how do (?:you|i) write|convert|write|express|give|find|tell me|show|change|translate|calculate)\s+)?(?:the\s+)?"
_NUMERAL = re.compile(
    rf"{_LEAD}(?:roman\s+)?(?:numerals?|number)?\s*(?P<roman>[IVXLCDM]+|[ivxlcdm]{{2,}})(?:\s+(?:from|is a)?\s*roman(?:\s+numerals?)?)?"
    r"\s+(?:to|in|into|as|mean in)\s+(?:an?\s+)?(?:(?:arabic|decimal|ordinary|normal|modern|hindu-arabic)\s*)?"
    r"(?:numbers?|numerals?|digits?|arabic|decimal|integer|figures)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"{_LEAD}(?:value of\s+)?(?:the\s+)?roman\s+numerals?\s+(?:for\s+)?(?P<roman>[ivxlcdm]+)", re.IGNORECASE
)
_MEANT = re.compile(
    r"(?:what does|what number is|which number is|what is)\s+(?:the\s+)?(?P<roman>[IVXLCDM]{2,})(?:\s+(?:mean|stand for|equal))?"
)
_TO_ROMAN = re.compile(
    rf"{_LEAD}(?:number\s+)?(?P<number>\d[\d,]*)\s+(?:to|in|into|as|using|with)\s+(?:a\s+)?roman(?:\s+(?:numerals?|numbers?|letters))?"
    rf"|{_LEAD}roman\s+(?:numerals?|number)\s+(?:for|of|representation of)\s+(?P<number2>\d[\d,]*)",
    re.IGNORECASE,
)
_TO_WORDS = re.compile(
    rf"{_LEAD}(?:number\s+)?(?P<number>-?\d[\d,]*)\s+(?:to|in|into|as|using)\s+(?:english\s+)?(?:words|english|word form|written form)"
    r"|(?:how do you |how to )?(?:spell|say|read)\s+(?:out\s+)?(?:the\s+number\s+)?(?P<number2>-?\d[\d,]*)(?:\s+in\s+(?:words|english))?",
    re.IGNORECASE,
)
_MOST_WORDS = 36  # digits


def read_numerals(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about roman numerals or number words; `None` for everything else.

    Raises:
        ToolError: for letters that are no roman numeral and numbers that have none.
    """
    if found := (_NAMED.fullmatch(text) or _NUMERAL.fullmatch(text) or _MEANT.fullmatch(text)):
        if found.re is _MEANT and _roman(found["roman"]) is None:
            return None
        value = _roman(found["roman"])
        if value is None:
            raise ToolError(f"{found['roman']!r} is not a roman numeral in its usual form, such as MCMXCIV for 1994")
        if found.re is _MEANT:
            assumptions.append(f"{found['roman']} read as a roman numeral")
        return Ask("from roman", (Number(Fraction(value)),))
    if found := _TO_ROMAN.fullmatch(text):
        number = int((found["number"] or found["number2"]).replace(",", ""))
        if not 1 <= number <= 3999:
            raise ToolError(f"{number} has no roman numeral; they run from 1 to 3999")
        return Ask("to roman", (Number(Fraction(number)),))
    if found := _TO_WORDS.fullmatch(text):
        digits = (found["number"] or found["number2"]).replace(",", "")
        if len(digits) > _MOST_WORDS:
            raise ToolError(f"numbers of up to {_MOST_WORDS} digits can be written in words")
        return Ask("to words", (Number(Fraction(int(digits))),))
    return None


def _roman(text: str) -> int | None:
    letters = text.upper()
    if not letters or not _ROMAN.fullmatch(letters):
        return None
    values = [_VALUES[letter] for letter in letters]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


READERS: list[TextReader] = [read_numerals]
