"""Regression by least squares, correlation and covariance of data in pairs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node, Sequence
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .integers import number
from .presenting import Reading
from .printing import latex_of, plain
from .untyped import sympy_library


def _fraction(node: Node) -> Fraction:
    value: Any = Builder().build(node)
    return Fraction(int(value.p), int(value.q))


def _paired_data(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    pairs = [tuple(_fraction(part) for part in node.items) for node in ask.args if isinstance(node, Sequence)]
    count = len(pairs)
    mean_x, mean_y = (sum((pair[side] for pair in pairs), Fraction(0)) / count for side in (0, 1))
    xx = sum(((x - mean_x) ** 2 for x, _ in pairs), Fraction(0))
    yy = sum(((y - mean_y) ** 2 for _, y in pairs), Fraction(0))
    xy = sum(((x - mean_x) * (y - mean_y) for x, y in pairs), Fraction(0))
    if ask.words[0] == "covariance":
        reading.assume(f"of a sample; of a population it is {xy / count}")
        return number(xy / (count - 1), reading)
    if xx == 0 or (yy == 0 and ask.words[0] == "correlation"):
        raise ToolError("all values of one kind are equal, so this is undefined")
    rational = sympy.Rational
    if ask.words[0] == "correlation":
        square = xx * yy
        return reading.solution(
            rational(xy.numerator, xy.denominator) / sympy.sqrt(rational(square.numerator, square.denominator))
        )
    slope = xy / xx
    start = mean_y - slope * mean_x
    x = Builder().symbol("x")
    line = rational(slope.numerator, slope.denominator) * x + rational(start.numerator, start.denominator)
    left_over = [y - slope * x_value - start for x_value, y in pairs]
    checked = sum(left_over) == 0 and sum(rest * pair[0] for rest, pair in zip(left_over, pairs, strict=True)) == 0
    numbers = [str(rational(value.numerator, value.denominator).evalf(6)) for value in (slope, start)]
    text = f"y = {plain(line)} (slope {numbers[0]}, intercept {numbers[1]})"
    return reading.solution(
        line,
        text=text,
        exact=f"y = {plain(line)}",
        number="",
        latex=f"y = {latex_of(line)}",
        verified="residuals are orthogonal" if checked else None,
    )


HANDLERS: dict[str, Handler] = {
    "paired data": _paired_data,
}
