"""Tails and critical values of the normal, t, chi-square and F laws, and the facts that a test is given."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Number, Sequence
from .laws import Law
from .presenting import Reading
from .printing import decimal

MAX_COUNT = 10**9
_GUARD = 15
_CHECKED_DIGITS = 1e-8


def standard_normal() -> Law:
    return Law("normal", [Fraction(0), Fraction(1)])


def above(law: Law, at: Any) -> Any:
    """The probability of a value above a number of mpmath; small ones keep all their digits.

    Raises:
        ToolError: if there are too many degrees of freedom.
    """
    from mpmath.libmp import NoConvergence

    try:
        return _above(law, at)
    except (NoConvergence, ValueError):
        raise ToolError("there are too many degrees of freedom for this; some thousands can be computed") from None


def _above(law: Law, at: Any) -> Any:
    from mpmath import betainc, gammainc, inf, mpf

    if law.name in ("normal", "t"):
        return law.below(-at)
    if at <= 0:
        return mpf(1)
    first, *rest = (mpf(value.numerator) / value.denominator for value in law.parameters)
    if law.name == "chi-square":
        return gammainc(first / 2, at / 2, inf, regularized=True)
    return betainc(rest[0] / 2, first / 2, 0, rest[0] / (rest[0] + first * at), regularized=True)


def critical(law: Law, tail: Fraction) -> Any:
    """The value above which a share lies, with mpmath's current precision."""
    return law.quantile(1 - tail)


def agrees(law: Law, at: Any, tail: Any) -> bool:
    """Whether the integral of the density up to a value leaves the tail that was computed otherwise."""
    from mpmath import linspace, mp, mpf, quad

    with mp.workdps(15):
        end = abs(mpf(at))
        if law.name in ("normal", "t"):
            inner = quad(law.density, linspace(0, end, 5), method="gauss-legendre") if end else mpf(0)
            wanted = mpf(1) / 2 - (tail if at >= 0 else 1 - tail)
        else:  # the root of the value, because the density may have a pole at 0
            root = end**0.5
            inner = quad(lambda u: law.density(u * u) * 2 * u, linspace(0, root, 7), method="gauss-legendre")
            wanted = 1 - mpf(tail)
        return bool(abs(inner - wanted) < _CHECKED_DIGITS)


def working(reading: Reading) -> Any:
    """The context of mpmath in which an answer is computed."""
    from mpmath import mp

    return mp.workdps(reading.precision + _GUARD)


def real(value: Fraction) -> Any:
    """A fraction as a number of mpmath."""
    from mpmath import mpf

    return mpf(value.numerator) / value.denominator


def told(value: Any, reading: Reading) -> str:
    """A number of mpmath, or a fraction, as a decimal."""
    return decimal(as_float(value, reading), reading.precision)


def as_float(value: Any, reading: Reading) -> Any:
    from sympy import Float, Rational

    if isinstance(value, Fraction):
        return Rational(value.numerator, value.denominator)
    return Float(value, reading.precision + _GUARD)


@dataclass(frozen=True)
class Facts:
    """What a question about an interval or a test says.

    Args:
        values: the numbers by their label (`mean`, `sd`, `n`, ...), for each group one.
        data: lists of numbers.
        flags: words that the reader chose, such as `proportion` or `two`.
    """

    values: dict[str, list[Fraction]]
    data: list[list[Fraction]]
    flags: frozenset[str]

    @classmethod
    def of(cls, ask: Ask) -> Facts:
        values: dict[str, list[Fraction]] = {}
        data: list[list[Fraction]] = []
        for label, node in zip(ask.words, ask.args, strict=False):
            if isinstance(node, Number):
                values.setdefault(label, []).append(node.value)
            elif isinstance(node, Sequence):
                data.append([item.value for item in node.items if isinstance(item, Number)])
        return cls(values, data, frozenset(ask.words[len(ask.args) :]))

    def has(self, *labels: str) -> bool:
        return all(label in self.values for label in labels)

    def count(self, label: str) -> int:
        return len(self.values.get(label, ()))

    def first(self, label: str) -> Fraction | None:
        return self.values[label][0] if label in self.values else None

    def need(self, label: str, example: str) -> Fraction:
        """A fact that the answer cannot do without.

        Raises:
            ToolError: if it is not told, with a question that tells it.
        """
        if label not in self.values:
            raise ToolError(f"{_SPOKEN.get(label, label)} is missing; write for example: {example}")
        return self.values[label][0]

    def alpha(self, reading: Reading, *, assumed: str = "alpha = 0.05") -> Fraction:
        """The level of significance.

        Raises:
            ToolError: if it does not lie between 0 and 1.
        """
        if "alpha" in self.values:
            return between(self.values["alpha"][0], "a level of significance")
        if "level" in self.values:
            return 1 - between(self.values["level"][0], "a confidence level")
        reading.assume(assumed)
        return Fraction(5, 100)


_SPOKEN = {
    "mean": "the sample mean", "sd": "a standard deviation", "n": "the sample size", "mu": "the mean of the hypothesis",
    "p0": "the proportion of the hypothesis", "df": "the number of degrees of freedom", "moe": "the margin of error",
    "x": "the number of successes",
}  # fmt: skip


def between(value: Fraction, what: str) -> Fraction:
    """A share.

    Raises:
        ToolError: if it does not lie between 0 and 1.
    """
    if not 0 < value < 1:
        raise ToolError(f"{what} lies between 0 and 1, or 0% and 100%, and {value} does not")
    return value


def size(value: Fraction, least: int = 1) -> int:
    """A sample size.

    Raises:
        ToolError: if it is no whole number or out of bounds.
    """
    if value.denominator != 1 or not least <= value <= MAX_COUNT:
        raise ToolError(f"a sample size is a whole number from {least} to {MAX_COUNT}, and {value} is not")
    return int(value)


def positive(value: Fraction, what: str) -> Fraction:
    """A number above 0.

    Raises:
        ToolError: if it is not.
    """
    if value <= 0:
        raise ToolError(f"{what} must be positive, and {value} is not")
    return value
