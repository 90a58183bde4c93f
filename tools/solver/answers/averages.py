"""The measures that descriptions, intervals and tests share, as exact fractions of a list of fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Node, Number, Sequence
from .presenting import Reading
from .printing import decimal, finite_decimal

MAX_DATA = 10_000


def rational(value: Fraction | int) -> Any:
    """A fraction as a SymPy number."""
    from sympy import Rational

    return Rational(value.numerator, value.denominator)


def numbers(node: Node, least: int = 1) -> list[Fraction]:
    """The numbers of a list.

    Raises:
        ToolError: if there are too few or too many.
    """
    items = node.items if isinstance(node, Sequence) else (node,)
    found = [item.value for item in items if isinstance(item, Number)]
    if not least <= len(found) <= MAX_DATA:
        raise ToolError(
            f"this needs {least} to {MAX_DATA} numbers, and there are {len(found)}: mean and median of 3, 5, 8"
        )
    return found


def percent(value: Any, reading: Reading) -> str:
    """A share as a percentage, in decimals."""
    return (finite_decimal(value * 100, reading.precision) or decimal(value * 100, reading.precision)) + "%"


def mean_of(data: list[Fraction]) -> Fraction:
    return sum(data, Fraction(0)) / len(data)


def variance_of(data: list[Fraction], spare: int = 1) -> Fraction:
    """Sum of the squares of deviations, divided by the count less `spare`.

    Raises:
        ToolError: if there are too few numbers.
    """
    if len(data) <= spare:
        raise ToolError("a variance or standard deviation of a sample needs at least two numbers")
    mean = mean_of(data)
    return sum(((value - mean) ** 2 for value in data), Fraction(0)) / (len(data) - spare)


def median_of(ordered: list[Fraction]) -> Fraction:
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def quartiles_of(ordered: list[Fraction]) -> tuple[Fraction, Fraction]:
    """The medians of the lower and of the upper half, without the middle value.

    Raises:
        ToolError: for a single number.
    """
    half = len(ordered) // 2
    if not half:
        raise ToolError("quartiles need at least two numbers: quartiles of 1, 3, 4, 8")
    return median_of(ordered[:half]), median_of(ordered[-half:])


def percentile_of(ordered: list[Fraction], share: Fraction) -> Fraction:
    """Linear interpolation between the values, as NumPy and spreadsheets do; `share` is from 0 to 1."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
