"""Probabilities, percentiles, densities and moments of distributions.

Probabilities are exact fractions where there are such, else computed to the precision that was asked for; a percentile
is put back into the distribution function.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .integers import number
from .laws import Law
from .presenting import Reading
from .printing import decimal, finite_decimal
from .untyped import sympy_library

_MOST_TRIALS = 2000
_SIZES = {
    **dict.fromkeys(
        ("poisson", "poisson assumed", "geometric", "exponential", "exponential mean", "t", "chi-square"), 1
    ),
    **dict.fromkeys(("hypergeometric", "normal mean"), 3),
}
_KEEPS: dict[str, Callable[[Fraction | int, Fraction | int], bool]] = {
    "=": lambda value, bound: value == bound,
    ">=": lambda value, bound: value >= bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    "<": lambda value, bound: value < bound,
}


def _fraction(node: Node) -> Fraction:
    value: Any = Builder().build(node)
    return Fraction(int(value.p), int(value.q))


def _law(ask: Ask, reading: Reading) -> tuple[Law, list[Fraction]]:
    """The law, and the bounds that stand after its parameters."""
    said, *_ = ask.words
    size = _SIZES.get(said, 2)
    values = [_fraction(node) for node in ask.args]
    parameters, bounds = values[:size], values[size:]
    if said in ("normal", "normal stated", "normal assumed"):
        if said == "normal assumed":
            reading.assume("a normal distribution")
        if parameters[1] <= 0:
            raise ToolError("the standard deviation must be positive")
        if said == "normal" and parameters != [0, 1]:
            reading.assume("N(m, s) has the standard deviation s; for a variance v write its root")
        return Law("normal", [parameters[0], parameters[1] ** 2]), bounds
    if said == "normal mean":
        mean, deviation, count = parameters
        if count.denominator != 1 or count < 1 or deviation <= 0:
            raise ToolError("a sample has at least one value, and a standard deviation is positive")
        reading.assume("the mean of a sample of n is normal with the standard deviation s/sqrt(n)")
        return Law("normal", [mean, deviation**2 / count]), bounds
    if said.endswith("assumed"):
        name = said.removesuffix(" assumed")
        reading.assume(
            "independent trials: a binomial distribution" if name == "binomial" else "a Poisson distribution"
        )
        return Law(name, parameters), bounds
    if said == "exponential mean":
        if parameters[0] <= 0:
            raise ToolError("the mean of an exponential distribution is positive")
        return Law("exponential", [1 / parameters[0]]), bounds
    law = Law("normal" if said == "normal variance" else said, parameters)
    if law.name == "exponential":
        reading.assume("Exp(r) has the rate r and the mean 1/r")
    if law.name == "geometric":
        reading.assume("X counts the trials up to the first success")
    if law.name == "gamma":
        reading.assume("Gamma(k, r) has the shape k and the rate r")
    return law, bounds


def _told(value: Any, reading: Reading, verified: str | None = None) -> Solution:
    """A probability; a long fraction is told as a decimal."""
    sympy = sympy_library()
    if isinstance(value, Fraction) and len(str(value.denominator)) <= 12:
        return number(value, reading, verified=verified)
    if isinstance(value, Fraction):
        exact = sympy.Rational(value.numerator, value.denominator)
        text = finite_decimal(exact, 15) or decimal(exact, reading.precision)
        return reading.solution(exact, text=text, verified=verified)
    return reading.solution(value, text=decimal(value, reading.precision), verified=verified)


def _chance(ask: Ask, reading: Reading) -> Solution:
    law, bounds = _law(ask, reading)
    kind, *ops = ask.words[1:]
    if ops and ops[-1] in ("percent", "count"):
        return _scaled(ask, reading)
    if kind == "within":
        if law.name != "normal" or bounds[0] < 0:
            raise ToolError("within k standard deviations of the mean is answered for the normal distribution")
        law, bounds, kind, ops = (
            Law("normal", [Fraction(0), Fraction(1)]),
            [-bounds[0], bounds[0]],
            "between",
            ["<", "<"],
        )
    if law.discrete:
        return _discrete(law, bounds, [kind, *ops], reading)
    return _continuous(law, bounds, [kind, *ops], reading)


def _scaled(ask: Ask, reading: Reading) -> Solution:
    """A probability told in percent, or as a number of people."""
    counted = ask.words[-1] == "count"
    plain = Ask(ask.name, ask.args[:-1] if counted else ask.args, ask.words[:-1])
    share = _chance(plain, Reading(reading.precision, reading.assumptions))
    times = int(_fraction(ask.args[-1])) if counted else 100
    scaled = f"{float(share.decimal) * times:.6g}"
    told = f"{'about ' if counted else ''}{scaled}{'' if counted else '%'} (probability {share.decimal})"
    return dataclasses.replace(share, text=told, **({"exact": told, "decimal": scaled} if counted else {}))


def _keeper(bounds: list[Fraction], ops: list[str]) -> Callable[[int], bool]:
    """Whether a whole number belongs to the event."""
    kind = ops[0]
    if kind == "between":
        return lambda value: _KEEPS[ops[1]](bounds[0], value) and _KEEPS[ops[2]](value, bounds[1])
    if kind == "size":
        return lambda value: _KEEPS[ops[1]](abs(value), bounds[0])
    return lambda value: _KEEPS[kind](value, bounds[0])


def _discrete(law: Law, bounds: list[Fraction], ops: list[str], reading: Reading) -> Solution:
    if any(abs(bound) > _MOST_TRIALS for bound in bounds):
        raise ToolError(f"events are counted up to {_MOST_TRIALS}")
    keeps = _keeper(bounds, ops)
    past = max(math.floor(max(bounds)) + 1, 1)
    finite = law.name in ("binomial", "hypergeometric")
    last = int(law.parameters[0 if law.name == "binomial" else 2]) if finite else past
    beyond = not finite and keeps(past + 1)
    listed = [k for k in range(last + 1) if keeps(k) != beyond]
    total = sum((law.exactly(k) for k in listed), Fraction(0) if law.name != "poisson" else sympy_library().Integer(0))
    verified = None
    if finite:
        rest = sum((law.exactly(k) for k in range(last + 1) if not keeps(k)), Fraction(0))
        verified = "all cases sum to 1" if total + rest == 1 else None
    return _told(1 - total if beyond else total, reading, verified)


def _continuous(law: Law, bounds: list[Fraction], ops: list[str], reading: Reading) -> Solution:
    kind = ops[0]
    if kind == "=":
        reading.assume("a single value of a continuous distribution has probability 0")
        return number(0, reading)
    if kind == "between":
        low, high = bounds
    elif kind == "size":
        low, high = -bounds[0], bounds[0]
    else:
        low, high = (None, bounds[0]) if kind[0] == "<" else (bounds[0], None)
    if low is not None and high is not None and low > high:
        if kind == "between":
            raise ToolError("the lower end of the event comes first")
        low = high = Fraction(0)
    outside = kind == "size" and ops[1][0] == ">"
    if (exact := _exact(law, low, high)) is not None:
        value = 1 - exact if outside else exact
        return reading.solution(value, text=None if value.is_Rational else decimal(value, reading.precision))
    return _computed(law, low, high, outside, reading)


def _exact(law: Law, low: Fraction | None, high: Fraction | None) -> Any:
    """The probability as a SymPy expression, for the laws that people know one for."""
    sympy = sympy_library()
    rational = sympy.Rational
    first, *rest = (rational(value.numerator, value.denominator) for value in law.parameters)

    def below(bound: Fraction) -> Any:
        at = rational(bound.numerator, bound.denominator)
        if law.name == "normal":
            return (1 + sympy.erf((at - first) / sympy.sqrt(2 * rest[0]))) / 2
        if law.name == "exponential":
            return 1 - sympy.exp(-first * at) if at > 0 else sympy.Integer(0)
        return min(max((at - first) / (rest[0] - first), sympy.Integer(0)), sympy.Integer(1))

    if law.name not in ("normal", "exponential", "uniform"):
        return None
    start = below(low) if low is not None else sympy.Integer(0)
    return (below(high) if high is not None else sympy.Integer(1)) - start


def _computed(law: Law, low: Fraction | None, high: Fraction | None, outside: bool, reading: Reading) -> Solution:
    from mpmath import mp, mpf

    sympy = sympy_library()
    with mp.workdps(reading.precision + 15):
        start = law.below(mpf(low.numerator) / low.denominator) if low is not None else mpf(0)
        end = law.below(mpf(high.numerator) / high.denominator) if high is not None else mpf(1)
        value = sympy.Float(1 - (end - start) if outside else end - start, reading.precision)
    return reading.solution(value, text=decimal(value, reading.precision))


def _quantile(ask: Ask, reading: Reading) -> Solution:
    law, bounds = _law(ask, reading)
    share = 1 - bounds[0] if ask.words[1] == "above" else bounds[0]
    if not 0 < share < 1:
        raise ToolError("the share of a percentile lies between 0 and 1 (0 % and 100 %)")
    if law.discrete:
        return _discrete_quantile(law, share, reading)
    if law.name == "uniform":
        low, high = law.parameters
        return number(low + share * (high - low), reading)
    from mpmath import mp

    sympy = sympy_library()
    with mp.workdps(reading.precision + 15):
        at = law.quantile(share)
        checked = abs(law.below(at) - mp.mpf(share.numerator) / share.denominator) < mp.mpf(10) ** -reading.precision
        value = sympy.Float(at, reading.precision)
    return reading.solution(
        value,
        text=decimal(value, reading.precision),
        verified="put back into the distribution function" if checked else None,
    )


def _discrete_quantile(law: Law, share: Fraction, reading: Reading) -> Solution:
    total: Any = Fraction(0) if law.name != "poisson" else 0.0
    for k in range(_MOST_TRIALS + 1):
        total += law.exactly(k) if law.name != "poisson" else float(law.exactly(k))
        if total >= share:
            reading.assume("the least value whose distribution function reaches the share")
            return number(k, reading)
    raise ToolError(f"values are counted up to {_MOST_TRIALS}")


def _density(ask: Ask, reading: Reading) -> Solution:
    law, bounds = _law(ask, reading)
    if law.discrete:
        return _discrete(law, bounds, ["="], reading)
    from mpmath import mp, mpf

    sympy = sympy_library()
    with mp.workdps(reading.precision + 15):
        value = sympy.Float(law.density(mpf(bounds[0].numerator) / bounds[0].denominator), reading.precision)
    return reading.solution(value, text=decimal(value, reading.precision))


def _moments(ask: Ask, reading: Reading) -> Solution:
    """Mean, variance, standard deviation, as asked."""
    sympy = sympy_library()
    law, _ = _law(ask, reading)
    values: dict[str, Any] = {}
    for what in ask.words[1:]:
        if what in ("mode", "median"):
            values[what] = _middle(law, what)
            continue
        moment = law.moment("mean" if what == "mean" else "variance")
        if moment is None:
            raise ToolError(f"this distribution has no {'mean' if what == 'mean' else 'variance'}")
        exact = sympy.Rational(moment.numerator, moment.denominator)
        values["standard deviation" if what == "deviation" else what] = (
            sympy.sqrt(exact) if what == "deviation" else exact
        )
    if len(values) == 1:
        return reading.solution(next(iter(values.values())))
    told = ", ".join(f"{what} {reading.shown(value)}" for what, value in values.items())
    return reading.solution(next(iter(values.values())), text=told, exact=told)


def _middle(law: Law, what: str) -> Any:
    sympy = sympy_library()
    first = law.parameters[0]
    if law.name == "normal":
        return sympy.Rational(first.numerator, first.denominator)
    if what == "mode" and law.name in ("binomial", "poisson"):
        start = (first + 1) * law.parameters[1] if law.name == "binomial" else first
        return sympy.Integer(math.ceil(start) - 1 if start.denominator == 1 and start > 0 else math.floor(start))
    if what == "median" and law.name == "exponential":
        return sympy.log(2) / sympy.Rational(first.numerator, first.denominator)
    if what == "median" and law.name == "uniform":
        middle = (first + law.parameters[1]) / 2
        return sympy.Rational(middle.numerator, middle.denominator)
    raise ToolError(f"the {what} of this distribution is not computed; ask for its mean, variance or 50th percentile")


HANDLERS: dict[str, Handler] = {
    "law chance": _chance,
    "law quantile": _quantile,
    "law density": _density,
    "law moments": _moments,
}
