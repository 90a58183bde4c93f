"""Numbers rounded half away from zero at a place, and the digit at a place."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .presenting import Reading
from .printing import finite_decimal, plain

_MOST_DIGITS = 4000


def _exact(node: Node, power: int) -> Fraction:
    """The number, or an approximation that is good far beyond the place asked for."""
    value: Any = Builder().build(node)
    if not (value.is_number and value.is_real):
        raise ToolError("only real numbers have digits: round 3.14159 to the nearest tenth")
    if value.is_Rational:
        found = Fraction(int(value.p), int(value.q))
        if abs(found.numerator).bit_length() > 4 * _MOST_DIGITS:
            raise ToolError("this number has too many digits")
        return found
    size = len(str(int(abs(value.evalf(15)))))
    return Fraction(str(value.evalf(size + max(0, -power) + 20)))


def _rounded(ask: Ask, reading: Reading) -> Solution:
    import sympy

    power = int(ask.words[0])
    value = _exact(ask.args[0], power) / Fraction(10) ** power
    whole = (abs(value) * 2 + 1) // 2 * (1 if value >= 0 else -1)
    if abs(value) % 1 == Fraction(1, 2):
        reading.assume("a half is rounded away from zero")
    result = Fraction(whole) * Fraction(10) ** power
    number: Any = sympy.Rational(result.numerator, result.denominator)
    text = finite_decimal(number, 400) or plain(number)
    return reading.solution(number, text=text, exact=text)


def _digit_at(ask: Ask, reading: Reading) -> Solution:
    import sympy

    power = int(ask.words[0])
    digit = int(abs(_exact(ask.args[0], power)) / Fraction(10) ** power) % 10
    return reading.solution(sympy.Integer(digit))


HANDLERS: dict[str, Handler] = {"rounded": _rounded, "digit at": _digit_at}
