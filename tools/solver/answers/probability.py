"""Probabilities by counting as exact fractions, or by distribution functions; regression by least squares."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node, Sequence
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .integers import number, whole
from .presenting import Reading
from .printing import finite_decimal, latex_of, plain
from .untyped import sympy_library

_MOST_TRIALS = 2000
_MOST_DICE = 60
_CARDS = {
    **dict.fromkeys(("ace", "king", "queen", "jack"), 4),
    **dict.fromkeys(("heart", "spade", "club", "diamond"), 13),
    **dict.fromkeys(("red card", "black card"), 26),
    "face card": 12,
}
_KEEPS: dict[str, Callable[[int, int], bool]] = {
    "exactly": lambda value, bound: value == bound,
    "=": lambda value, bound: value == bound,
    "at least": lambda value, bound: value >= bound,
    "no fewer than": lambda value, bound: value >= bound,
    ">=": lambda value, bound: value >= bound,
    "at most": lambda value, bound: value <= bound,
    "no more than": lambda value, bound: value <= bound,
    "<=": lambda value, bound: value <= bound,
    "more than": lambda value, bound: value > bound,
    ">": lambda value, bound: value > bound,
    "fewer than": lambda value, bound: value < bound,
    "less than": lambda value, bound: value < bound,
    "<": lambda value, bound: value < bound,
}


def _fraction(node: Node) -> Fraction:
    value: Any = Builder().build(node)
    return Fraction(int(value.p), int(value.q))


def _chance(node: Node) -> Fraction:
    value = _fraction(node)
    if not 0 <= value <= 1:
        raise ToolError(f"a probability lies between 0 and 1; {value} does not")
    return value


def _told(value: Fraction, reading: Reading) -> Solution:
    """A probability; a long fraction is told as a decimal."""
    sympy = sympy_library()
    exact = sympy.Rational(value.numerator, value.denominator)
    if len(str(value.denominator)) <= 12:
        return number(value, reading)
    text = finite_decimal(exact, 15) or str(exact.evalf(reading.precision))
    return reading.solution(exact, text=text)


def _binomial(ask: Ask, reading: Reading) -> Solution:
    k, n = (whole(node, "a number of trials", least=0, most=_MOST_TRIALS) for node in ask.args[:2])
    return _told(_binomial_sum(n, _chance(ask.args[2]), lambda value: _KEEPS[ask.words[0]](value, k)), reading)


def _binomial_sum(n: int, p: Fraction, keeps: Callable[[int], bool]) -> Fraction:
    a, b = p.numerator, p.denominator
    total = sum(math.comb(n, k) * a**k * (b - a) ** (n - k) for k in range(n + 1) if keeps(k))
    return Fraction(total, b**n)


def _poisson(ask: Ask, reading: Reading) -> Solution:
    k = whole(ask.args[0], "a number of events", least=0, most=_MOST_TRIALS)
    return _poisson_sum(_fraction(ask.args[1]), ask.words[0], k, reading)


def _poisson_sum(mean: Fraction, how: str, bound: int, reading: Reading) -> Solution:
    sympy = sympy_library()
    if mean <= 0:
        raise ToolError("the mean of a Poisson distribution is positive")
    keeps = _KEEPS[how]
    upwards = keeps(bound + 1, bound)
    listed = [k for k in range(bound + 2) if keeps(k, bound) != upwards]
    rate = sympy.Rational(mean.numerator, mean.denominator)
    inner = sum((rate**k / sympy.factorial(k) for k in listed), sympy.Integer(0)) * sympy.exp(-rate)
    value = 1 - inner if upwards else inner
    return reading.solution(value, text=str(value.evalf(reading.precision)))


def _dice(ask: Ask, reading: Reading) -> Solution:
    k = whole(ask.args[0], "a sum of dice", least=0)
    n = whole(ask.args[1], "a number of dice", least=1, most=_MOST_DICE)
    ways = {0: 1}
    for _ in range(n):
        thrown: dict[int, int] = {}
        for total, count in ways.items():
            for face in range(1, 7):
                thrown[total + face] = thrown.get(total + face, 0) + count
        ways = thrown
    good = sum(count for total, count in ways.items() if _KEEPS[ask.words[0]](total, k))
    return _told(Fraction(good, 6**n), reading)


def _some_face(ask: Ask, reading: Reading) -> Solution:
    n = whole(ask.args[0], "a number of rolls", least=1, most=_MOST_TRIALS)
    return _told(1 - Fraction(5, 6) ** n, reading)


def _face(ask: Ask, reading: Reading) -> Solution:
    if ask.words[0] == "parity":
        return number(Fraction(1, 2), reading)
    face = whole(ask.args[0], "a face")
    return number(Fraction(int(1 <= face <= 6), 6), reading)


def _cards(ask: Ask, reading: Reading) -> Solution:
    drawn = whole(ask.args[0], "a number of cards", least=1, most=52)
    kind, back = ask.words
    there = _CARDS[kind]
    reading.assume("from a deck of 52 cards")
    if back == "back":
        return _told(Fraction(there, 52) ** drawn, reading)
    if drawn > 1:
        reading.assume("without replacement")
    return _told(Fraction(math.comb(there, drawn), math.comb(52, drawn)), reading)


def _bayes(ask: Ask, reading: Reading) -> Solution:
    values = [_chance(node) for node in ask.args]
    if ask.words[0] == "both":
        upper, lower = values
    else:
        given, prior, third = values
        upper = given * prior
        lower = third if ask.words[0] == "total" else upper + third * (1 - prior)
    if lower == 0:
        raise ToolError("P(B) is 0, so nothing can be said given B")
    if upper > lower:
        raise ToolError("these probabilities contradict each other: P(A and B) would be more than P(B)")
    return number(upper / lower, reading)


def _law(ask: Ask, reading: Reading) -> Solution:
    name, kind, *ops = ask.words
    size = 1 if name in ("poisson", "geometric", "exponential") else 2
    parameters = [_fraction(node) for node in ask.args[:size]]
    bounds = [_fraction(node) for node in ask.args[size:]]
    if name in ("binomial", "geometric"):
        return _discrete(name, parameters, bounds, [kind, *ops], reading)
    if name == "poisson":
        if kind == "between" or bounds[0].denominator != 1 or bounds[0] < 0:
            raise ToolError("ask for a Poisson probability with one whole number: P(X <= 3) for X ~ Poisson(2)")
        return _poisson_sum(parameters[0], kind, int(bounds[0]), reading)
    return _continuous(name, parameters, bounds, kind, reading)


def _discrete(
    name: str, parameters: list[Fraction], bounds: list[Fraction], ops: list[str], reading: Reading
) -> Solution:
    if any(bound.denominator != 1 for bound in bounds):
        raise ToolError("this distribution takes whole numbers")
    low, high = int(bounds[0]), int(bounds[-1])

    def keeps(value: int) -> bool:
        if ops[0] == "between":
            return _KEEPS[ops[1]](low, value) and _KEEPS[ops[2]](value, high)
        return _KEEPS[ops[0]](value, low)

    if name == "binomial":
        n, p = parameters
        if n.denominator != 1 or not 0 <= n <= _MOST_TRIALS or not 0 <= p <= 1:
            raise ToolError(f"Bin(n, p) needs up to {_MOST_TRIALS} trials and a probability: Bin(10, 0.3)")
        return _told(_binomial_sum(int(n), p, keeps), reading)
    (p,) = parameters
    if not 0 < p <= 1 or high > _MOST_TRIALS:
        raise ToolError("Geo(p) needs a probability above 0")
    reading.assume("X counts the trials up to the first success")
    below = sum((p * (1 - p) ** (k - 1) for k in range(1, high + 1) if keeps(k)), Fraction(0))
    return _told(below + (1 - p) ** high if keeps(high + 1) else below, reading)


def _continuous(name: str, parameters: list[Fraction], bounds: list[Fraction], kind: str, reading: Reading) -> Solution:
    sympy = sympy_library()

    def below(bound: Fraction) -> Any:
        at = sympy.Rational(bound.numerator, bound.denominator)
        first, *rest = (sympy.Rational(value.numerator, value.denominator) for value in parameters)
        if name == "normal":
            return (1 + sympy.erf((at - first) / (rest[0] * sympy.sqrt(2)))) / 2
        if name == "exponential":
            return 1 - sympy.exp(-first * at) if at > 0 else sympy.Integer(0)
        return min(max((at - first) / (rest[0] - first), sympy.Integer(0)), sympy.Integer(1))

    if name == "normal":
        if parameters[1] <= 0:
            raise ToolError("the standard deviation must be positive")
        if parameters != [0, 1]:
            reading.assume("N(m, s) has the standard deviation s; for a variance v write its root")
    elif name == "exponential":
        reading.assume("Exp(r) has the rate r and the mean 1/r")
    if name == "uniform" and parameters[0] >= parameters[1]:
        raise ToolError("the lower end of a uniform distribution comes first")
    if kind == "=":
        return number(0, reading)
    if kind == "between":
        value = below(bounds[1]) - below(bounds[0])
    else:
        value = below(bounds[0]) if kind in ("<", "<=") else 1 - below(bounds[0])
    value = sympy.nsimplify(value) if value.is_Rational else value
    return reading.solution(value, text=None if value.is_Rational else str(value.evalf(reading.precision)))


def _percentile(ask: Ask, reading: Reading) -> Solution:
    from mpmath import erfinv, mp, mpf, sqrt

    if ask.words[0] != "normal":
        raise ToolError("percentiles are computed for the normal distribution: 95th percentile of N(100, 15)")
    share, mean, deviation = (_fraction(node) for node in ask.args)
    if not 0 < share < 100 or deviation <= 0:
        raise ToolError("a percentile lies between 0 and 100, and a standard deviation is positive")
    sympy = sympy_library()
    with mp.workdps(reading.precision + 10):
        z = sqrt(2) * erfinv(2 * mpf(share.numerator) / share.denominator / 100 - 1)
        found = sympy.Float(
            mpf(mean.numerator) / mean.denominator + z * deviation.numerator / deviation.denominator, reading.precision
        )
    return reading.solution(found, text=str(found))


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
    "chance binomial": _binomial,
    "chance poisson": _poisson,
    "chance dice": _dice,
    "chance some face": _some_face,
    "chance face": _face,
    "chance cards": _cards,
    "chance law": _law,
    "bayes": _bayes,
    "percentile": _percentile,
    "paired data": _paired_data,
}
