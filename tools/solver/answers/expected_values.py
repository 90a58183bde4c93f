"""Expected values, variances and standard deviations of what is thrown, won or waited for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .dice_ways import quantity_ways
from .domain import Handler
from .integers import number, whole
from .presenting import Reading
from .untyped import sympy_library
from .urns import chance, fraction

_MOST_KINDS = 1000


def _measured(
    pairs: Iterable[tuple[Fraction, Fraction]], kind: str, reading: Reading, verified: str | None
) -> Solution:
    """The mean, variance or standard deviation of values with these weights, which sum to 1."""
    pairs = list(pairs)
    mean = sum((value * weight for value, weight in pairs), Fraction(0))
    if kind == "mean":
        return number(mean, reading, verified)
    variance = sum(((value - mean) ** 2 * weight for value, weight in pairs), Fraction(0))
    return _spread(variance, kind, reading, verified)


def _spread(variance: Fraction, kind: str, reading: Reading, verified: str | None) -> Solution:
    if kind == "variance":
        return number(variance, reading, verified)
    sympy = sympy_library()
    return reading.solution(sympy.sqrt(sympy.Rational(variance.numerator, variance.denominator)), verified=verified)


def _expected_value(ask: Ask, reading: Reading) -> Solution:
    values = [fraction(node) for node in ask.args[::2]]
    weights = [chance(node) for node in ask.args[1::2]]
    if len(set(values)) < len(values) and len(values) > 2:
        merged = dict.fromkeys(values, Fraction(0))
        for value, weight in zip(values, weights, strict=True):
            merged[value] += weight
        values, weights = list(merged), list(merged.values())
    if sum(weights) != 1:
        raise ToolError(f"the probabilities sum to {sum(weights)}, not to 1")
    return _measured(zip(values, weights, strict=True), ask.words[0], reading, "the probabilities sum to 1")


def _expected_number(ask: Ask, reading: Reading) -> Solution:
    n = whole(ask.args[0], "a number of trials", least=0, most=10**9)
    p = chance(ask.args[1])
    kind = ask.words[0]
    return number(n * p, reading) if kind == "mean" else _spread(n * p * (1 - p), kind, reading, None)


def _expected_throw(ask: Ask, reading: Reading) -> Solution:
    dice = whole(ask.args[0], "a number of dice", least=1, most=60)
    sides = whole(ask.args[1], "a number of sides", least=1, most=100)
    name, kind = ask.words
    ways = quantity_ways(name, dice, sides)
    every = sides**dice
    verified = None
    if name == "sum":  # the mean of a sum is the sum of the means, and so is the variance of independent dice
        mean = sum(value * count for value, count in ways.items())
        square = sum(value * value * count for value, count in ways.items())
        fits = Fraction(mean, every) == Fraction(dice * (sides + 1), 2)
        fits &= Fraction(square * every - mean * mean, every * every) == Fraction(dice * (sides * sides - 1), 12)
        verified = "checked die by die" if fits else None
    return _measured(
        ((Fraction(value), Fraction(count, every)) for value, count in ways.items()), kind, reading, verified
    )


def _waiting(ask: Ask, reading: Reading) -> Solution:
    """Trials until a run of successes, or until a number of them in all."""
    p = chance(ask.args[0])
    length = whole(ask.args[1], "a number of successes", least=1, most=100)
    if p == 0:
        raise ToolError("this never happens, so the wait has no end")
    if ask.words[0] == "any":
        return number(length / p, reading)
    value = sum((1 / p**power for power in range(1, length + 1)), Fraction(0))
    steps = Fraction(0)
    for _ in range(length):  # from a run of k to one of k + 1, starting over after a failure
        steps = (steps + 1) / p
    return number(value, reading, "checked step by step" if steps == value else None)


def _collecting(ask: Ask, reading: Reading) -> Solution:
    kinds = whole(ask.args[0], "a number of kinds", least=1, most=_MOST_KINDS)
    value = kinds * sum((Fraction(1, missing) for missing in range(1, kinds + 1)), Fraction(0))
    verified = None
    if kinds <= 40:  # the sum over all sets of kinds that may be missing
        other = sum(Fraction((-1) ** (size + 1) * math.comb(kinds, size) * kinds, size) for size in range(1, kinds + 1))
        verified = "checked by inclusion and exclusion" if other == value else None
    if len(str(value.denominator)) > 20:
        sympy = sympy_library()
        exact = sympy.Rational(value.numerator, value.denominator)
        return reading.solution(exact, text=str(exact.evalf(reading.precision)), verified=verified)
    return number(value, reading, verified)


HANDLERS: dict[str, Handler] = {
    "expected value": _expected_value,
    "expected number": _expected_number,
    "expected throw": _expected_throw,
    "waiting": _waiting,
    "collecting": _collecting,
}
