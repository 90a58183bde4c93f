"""Roman numerals and numbers in words."""

from __future__ import annotations

from ..reading.syntax import Ask, Number
from ..reading.wording import CARDINALS
from ..solution import Solution
from .domain import Handler
from .presenting import Reading

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"),
    (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_SMALL = [word for word, value in CARDINALS.items() if value < 20]
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = [
    "",
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
    "nonillion",
    "decillion",
]


def _number(request: Ask) -> int:
    node = request.args[0]
    return int(node.value) if isinstance(node, Number) else 0


def roman(number: int) -> str:
    """A number from 1 to 3999 as a roman numeral."""
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def in_words(number: int) -> str:
    """A number in English words."""
    if number < 0:
        return f"minus {in_words(-number)}"
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_SMALL[hundreds]} hundred" + (f" {in_words(rest)}" if rest else "")
    groups: list[str] = []
    for scale in _SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.append(f"{in_words(group)} {scale}".strip())
    return " ".join(reversed(groups))


def _from_roman(request: Ask, reading: Reading) -> Solution:
    import sympy

    number = _number(request)
    return reading.solution(sympy.Integer(number), verified=f"checked by writing it back: {roman(number)}")


def _words(text: str, reading: Reading) -> Solution:
    import sympy

    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=rf"\text{{{text}}}")


def _to_roman(request: Ask, reading: Reading) -> Solution:
    return _words(roman(_number(request)), reading)


def _to_words(request: Ask, reading: Reading) -> Solution:
    return _words(in_words(_number(request)), reading)


HANDLERS: dict[str, Handler] = {"from roman": _from_roman, "to roman": _to_roman, "to words": _to_words}
