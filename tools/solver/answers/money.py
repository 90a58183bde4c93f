"""Amounts of money: computed with many digits, shown to the cent, growing by interest.

`exact` of an answer is the full decimal where it ends soon and else the formula.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Number
from ..solution import Solution
from .presenting import Reading
from .printing import decimal, finite_decimal, fixed

PERIODS = {
    1: "yearly",
    2: "twice a year",
    4: "quarterly",
    12: "monthly",
    26: "every two weeks",
    52: "weekly",
    365: "daily",
}
MOST_YEARS = 1000
MOST_STEPS = 5000
CHECKED = "checked period by period"


def values_of(request: Ask) -> list[Fraction]:
    return [node.value for node in request.args if isinstance(node, Number)]


def many_digits(reading: Reading) -> Any:
    from mpmath import mp

    return mp.workdps(reading.precision + 25)


def real(value: Fraction) -> Any:
    from mpmath import mpf

    return mpf(value.numerator) / value.denominator


def as_sympy(value: Any, reading: Reading) -> Any:
    """A Fraction or an mpmath number as a SymPy number."""
    import sympy

    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    return sympy.Float(value, reading.precision + 20)


def cents(value: Any, reading: Reading) -> str:
    import sympy

    number = as_sympy(value, reading)
    return fixed(
        number if number.is_Rational else sympy.Rational(str(number.round(12))) if abs(number) < 10**15 else number, 2
    )


def short(value: Any, reading: Reading, digits: int = 6) -> str:
    return decimal(as_sympy(value, reading), digits)


def written(value: Fraction) -> str:
    import sympy

    number = sympy.Rational(value.numerator, value.denominator)
    return finite_decimal(number, 30) or f"({value.numerator}/{value.denominator})"


def solved(reading: Reading, value: Any, text: str, formula: str, verified: str | None = None) -> Solution:
    """A solution; `formula` is what `exact` says where the value has no short decimal."""
    number = as_sympy(value, reading)
    finite = finite_decimal(number, 40) if isinstance(value, Fraction) else None
    return reading.solution(
        number,
        text=text,
        exact=finite or formula,
        number=decimal(number, reading.precision),
        latex=finite or _tex(formula),
        verified=verified,
    )


def paid(reading: Reading, value: Any, text: str, formula: str, verified: str | None = None) -> Solution:
    """The same for an amount of money, whose decimal is to the cent."""
    solution = solved(reading, value, text, formula, verified)
    rounded = cents(value, reading)
    return dataclasses.replace(solution, decimal=rounded.rstrip("0").rstrip("."))


def _tex(formula: str) -> str:
    return formula.replace("*", r" \cdot ").replace("%", r"\%")


def check_bounds(years: Fraction, rate: Fraction) -> None:
    if not 0 <= years <= MOST_YEARS:
        raise ToolError(f"terms of up to {MOST_YEARS} years can be computed")
    if not -1 < rate <= 1000:
        raise ToolError("this rate of interest is out of range; write it in percent, such as 5%")


def times_a_year(tag: str, reading: Reading) -> int | None:
    """Compoundings a year; `None` for continuous ones."""
    if tag == "continuous":
        return None
    if not tag:
        reading.assume("interest is compounded yearly")
    return int(tag or 1)


def growth_factor(rate: Fraction, years: Fraction, times: int | None) -> tuple[Any, str]:
    """What one unit of money grows to, and the formula for it."""
    from mpmath import exp, power

    if times is None:
        return exp(real(rate * years)), f"e^({written(rate * years)})"
    step = 1 + rate / times
    count = years * times
    formula = f"{written(step)}^{written(count)}"
    if count.denominator == 1 and count * step.denominator.bit_length() <= 4000:
        return step ** int(count), formula
    return power(real(step), real(count)), formula


def checked_growth(amount: Fraction, rate: Fraction, years: Fraction, times: int | None, total: Any) -> str | None:
    if times is None or (years * times).denominator != 1 or years * times > MOST_STEPS:
        return None
    balance, step = real(amount), real(rate / times)
    for _ in range(int(years * times)):
        balance += balance * step
    expected = real(total) if isinstance(total, Fraction) else total
    return CHECKED if abs(balance - expected) <= abs(expected) * 1e-12 else None
