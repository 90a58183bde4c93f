"""Distributions with checked parameters: their probabilities, distribution functions, moments and quantiles.

Distribution functions of t, chi-square, F, gamma and beta are regularised incomplete beta and gamma functions
(Abramowitz and Stegun, Handbook of Mathematical Functions, 26.4 to 26.7), computed by mpmath.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from .untyped import sympy_library

_MOST_TRIALS = 2000
_LARGEST = 10**9
_DISCRETE = ("binomial", "poisson", "geometric", "hypergeometric")


class Law:
    """A distribution and its parameters, checked.

    Args:
        name: one of `normal`, `t`, `chi-square`, `f`, `gamma`, `beta`, `exponential`, `uniform` and the discrete ones.
        parameters: in the order of the usual notation; of `normal` the mean and the variance.
    """

    def __init__(self, name: str, parameters: list[Fraction]) -> None:
        self.name = name
        self.parameters = parameters
        self._check()

    @property
    def discrete(self) -> bool:
        return self.name in _DISCRETE

    def _check(self) -> None:
        first, *rest = self.parameters
        if any(abs(value) > _LARGEST for value in self.parameters):
            raise ToolError(f"parameters of a distribution are read up to {_LARGEST}")
        if self.name == "normal" and rest[0] <= 0:
            raise ToolError("the standard deviation must be positive")
        if self.name == "uniform" and first >= rest[0]:
            raise ToolError("the lower end of a uniform distribution comes first")
        if self.name in ("exponential", "poisson") and first <= 0:
            raise ToolError(
                f"the mean of {'a Poisson' if self.name == 'poisson' else 'an exponential'} distribution is positive"
            )
        if self.name in ("t", "chi-square", "f", "gamma", "beta") and min(self.parameters) <= 0:
            raise ToolError("the parameters of this distribution are positive numbers")
        if self.name == "geometric" and not 0 < first <= 1:
            raise ToolError("Geo(p) needs a probability above 0")
        if self.name == "binomial" and (
            first.denominator != 1 or not 0 <= first <= _MOST_TRIALS or not 0 <= rest[0] <= 1
        ):
            raise ToolError(f"Bin(n, p) needs up to {_MOST_TRIALS} trials and a probability: Bin(10, 0.3)")
        if self.name == "hypergeometric":
            self._check_draws()

    def _check_draws(self) -> None:
        size, good, drawn = self.parameters
        if any(value.denominator != 1 or value < 0 for value in self.parameters) or not good <= size >= drawn:
            raise ToolError(
                "a hypergeometric distribution needs population, successes in it, and draws, as whole numbers"
            )
        if size > _MOST_TRIALS:
            raise ToolError(f"draws are counted from up to {_MOST_TRIALS} things")

    def exactly(self, k: int) -> Any:
        """The probability of a value of a discrete law, exact: a fraction, or of Poisson a SymPy expression."""
        first, *rest = self.parameters
        if k < 0:
            return Fraction(0)
        if self.name == "binomial":
            n, p = int(first), rest[0]
            a, b = p.numerator, p.denominator
            return Fraction(math.comb(n, k) * a**k * (b - a) ** (n - k), b**n) if k <= n else Fraction(0)
        if self.name == "geometric":
            return first * (1 - first) ** (k - 1) if k else Fraction(0)
        if self.name == "hypergeometric":
            size, good, drawn = map(int, self.parameters)
            if k > drawn:
                return Fraction(0)
            return Fraction(math.comb(good, k) * math.comb(size - good, drawn - k), math.comb(size, drawn))
        sympy = sympy_library()
        rate = sympy.Rational(first.numerator, first.denominator)
        return rate**k / sympy.factorial(k) * sympy.exp(-rate)

    def below(self, at: Any) -> Any:
        """The distribution function at a number of mpmath, with mpmath's current precision."""
        from mpmath import betainc, erfc, exp, gammainc, mpf, sqrt

        first, *rest = (mpf(value.numerator) / value.denominator for value in self.parameters)
        if self.name == "normal":
            return erfc((first - at) / sqrt(2 * rest[0])) / 2
        if self.name == "uniform":
            return min(max((at - first) / (rest[0] - first), mpf(0)), mpf(1))
        if self.name == "t":
            tail = betainc(first / 2, mpf(1) / 2, 0, first / (first + at**2), regularized=True) / 2
            return tail if at < 0 else 1 - tail
        if at <= 0:
            return mpf(0)
        if self.name == "exponential":
            return 1 - exp(-first * at)
        if self.name == "chi-square":
            return gammainc(first / 2, 0, at / 2, regularized=True)
        if self.name == "gamma":
            return gammainc(first, 0, at * rest[0], regularized=True)
        if self.name == "beta":
            return betainc(first, rest[0], 0, min(at, mpf(1)), regularized=True)
        scaled = first * at / (first * at + rest[0])
        return betainc(first / 2, rest[0] / 2, 0, scaled, regularized=True)

    def density(self, at: Any) -> Any:
        """The density of a continuous law at a number of mpmath, with mpmath's current precision."""
        from mpmath import beta, exp, gamma, mpf, pi, sqrt

        first, *rest = (mpf(value.numerator) / value.denominator for value in self.parameters)
        if self.name == "normal":
            return exp(-((at - first) ** 2) / (2 * rest[0])) / sqrt(2 * pi * rest[0])
        if self.name == "uniform":
            return 1 / (rest[0] - first) if first <= at <= rest[0] else mpf(0)
        if self.name == "t":
            return (1 + at**2 / first) ** (-(first + 1) / 2) / (sqrt(first) * beta(mpf(1) / 2, first / 2))
        if at <= 0 or (self.name == "beta" and at >= 1):
            return mpf(0)
        if self.name == "exponential":
            return first * exp(-first * at)
        if self.name == "chi-square":
            return at ** (first / 2 - 1) * exp(-at / 2) / (2 ** (first / 2) * gamma(first / 2))
        if self.name == "gamma":
            return rest[0] ** first * at ** (first - 1) * exp(-rest[0] * at) / gamma(first)
        if self.name == "beta":
            return at ** (first - 1) * (1 - at) ** (rest[0] - 1) / beta(first, rest[0])
        ratio = first / rest[0]
        shape = at ** (first / 2 - 1) * (1 + ratio * at) ** (-(first + rest[0]) / 2)
        return ratio ** (first / 2) * shape / beta(first / 2, rest[0] / 2)

    def quantile(self, share: Fraction) -> Any:
        """The value below which a share of a continuous law lies, with mpmath's current precision.

        Newton's method on the distribution function, from scipy's value in double precision.
        """
        from mpmath import mp, mpf

        wanted = mpf(share.numerator) / share.denominator
        at = mpf(self._start(float(share)))
        for _ in range(6):
            slope = self.density(at)
            if not slope:
                break
            step = (self.below(at) - wanted) / slope
            at -= step
            if abs(step) < mpf(10) ** (5 - mp.dps) * max(abs(at), 1):
                break
        return at

    def _start(self, share: float) -> float:
        from scipy import special

        first, *rest = map(float, self.parameters)
        starts: dict[str, Any] = {
            "normal": lambda: first + math.sqrt(rest[0]) * special.ndtri(share),
            "t": lambda: special.stdtrit(first, share),
            "exponential": lambda: -math.log1p(-share) / first,
            "chi-square": lambda: special.chdtri(first, 1 - share),
            "gamma": lambda: special.gammaincinv(first, share) / rest[0],
            "beta": lambda: special.betaincinv(first, rest[0], share),
            "f": lambda: special.fdtri(first, rest[0], share),
        }
        return float(starts[self.name]())

    def moment(self, what: str) -> Any:
        """The mean or variance as a fraction; `None` where there is none."""
        first, *rest = self.parameters
        p = rest[0] if rest else first
        if self.name == "hypergeometric":
            size, good, drawn = self.parameters
            share = good / size
            spread = drawn * share * (1 - share) * ((size - drawn) / (size - 1) if size > 1 else 0)
            return drawn * share if what == "mean" else spread
        none: tuple[Fraction | None, Fraction | None] = (None, None)
        table: dict[str, Callable[[], tuple[Fraction | None, Fraction | None]]] = {
            "normal": lambda: (first, p),
            "uniform": lambda: ((first + p) / 2, (p - first) ** 2 / 12),
            "binomial": lambda: (first * p, first * p * (1 - p)),
            "poisson": lambda: (first, first),
            "geometric": lambda: (1 / first, (1 - first) / first**2),
            "exponential": lambda: (1 / first, 1 / first**2),
            "t": lambda: (Fraction(0) if first > 1 else None, first / (first - 2) if first > 2 else None),
            "chi-square": lambda: (first, 2 * first),
            "gamma": lambda: (first / p, first / p**2),
            "beta": lambda: (first / (first + p), first * p / ((first + p) ** 2 * (first + p + 1))),
            "f": lambda: (p / (p - 2) if p > 2 else None, _f_variance(first, p) if p > 4 else None),
        }
        return table.get(self.name, lambda: none)()[what != "mean"]


def _f_variance(first: Fraction, second: Fraction) -> Fraction:
    return 2 * second**2 * (first + second - 2) / (first * (second - 2) ** 2 * (second - 4))
