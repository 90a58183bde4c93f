"""Confidence intervals, margins of error, sample sizes, critical values and p-values of statistics."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from . import hypothesis_tests
from .averages import mean_of, variance_of
from .domain import Handler
from .laws import Law
from .presenting import Reading
from .tails import (
    Facts,
    above,
    agrees,
    as_float,
    between,
    critical,
    positive,
    real,
    size,
    standard_normal,
    told,
    working,
)

_GIVES_BACK = "the tail beyond the critical value gives back the level"


def level_of(facts: Facts, reading: Reading) -> Fraction:
    """The confidence level; 95 % if none is told."""
    if "alpha" in facts.values and "level" not in facts.values:
        return 1 - between(facts.values["alpha"][0], "a level of significance")
    if "level" in facts.values:
        return between(facts.values["level"][0], "a confidence level")
    reading.assume("a confidence level of 95%")
    return Fraction(95, 100)


class _Estimate:
    """A centre, its squared standard error, and the law of their quotient."""

    def __init__(self, centre: Fraction, square: Fraction, law: Law) -> None:
        self.centre = centre
        self.square = square
        self.law = law

    def margin(self, level: Fraction) -> Any:
        from mpmath import sqrt

        return critical(self.law, (1 - level) / 2) * sqrt(real(self.square))


def _one_mean(facts: Facts, reading: Reading, *, centred: bool) -> _Estimate:
    """The law of a mean: normal where the deviation of the population is known, else t."""
    if facts.data:
        data = facts.data[0]
        centre, count, square = mean_of(data), len(data), variance_of(data)
    else:
        example = "95% confidence interval for mean 50, s = 10, n = 25"
        centre = facts.need("mean", example) if centred else facts.values.get("mean", [Fraction(0)])[0]
        count, square = size(facts.need("n", example)), None
    known = hypothesis_tests.known_variance(facts)
    if known is None and square is None:
        square = hypothesis_tests.sample_variance(facts)
        if "z" in facts.flags:
            known = square
    if known is not None and "t" not in facts.flags:
        return _Estimate(centre, known / count, standard_normal())
    if count < 2:
        raise ToolError("a t interval needs a sample of at least 2; for a known deviation write sigma = 10")
    square = known if square is None else square
    assert square is not None
    if not facts.data and "t" not in facts.flags:
        reading.assume("the standard deviation is the sample's, so the t law; for a known one write sigma = 10")
    return _Estimate(centre, square / count, Law("t", [Fraction(count - 1)]))


def _one_proportion(facts: Facts) -> tuple[Fraction, int]:
    example = "95% confidence interval for 45 successes out of 100"
    if facts.count("x"):
        count, share = size(facts.need("n", example)), facts.values["x"][0]
        if share.denominator != 1 or not 0 <= share <= count:
            raise ToolError(f"the successes are a whole number from 0 to n = {count}, and {share} is not")
        return share / count, count
    share = next((facts.values[label][0] for label in ("phat", "p") if label in facts.values), None)
    count = size(facts.need("n", example))
    if share is None:
        raise ToolError(f"the successes or the sample proportion are missing; write for example: {example}")
    if not 0 <= share <= 1:
        raise ToolError(f"a proportion lies between 0 and 1, and {share} does not")
    return share, count


def _is_proportion(facts: Facts) -> bool:
    means = facts.data or facts.has("mean") or facts.has("sd") or facts.has("sigma")
    return not means and ("proportion" in facts.flags or any(facts.has(label) for label in ("x", "phat", "p")))


def _estimate(facts: Facts, reading: Reading, *, centred: bool = True) -> _Estimate:
    two = len(facts.data) > 1 or any(facts.count(label) > 1 for label in ("mean", "phat", "x", "n"))
    if _is_proportion(facts):
        if two:
            (first, count), (second, other) = hypothesis_tests.two_proportions(facts)
            square = first * (1 - first) / count + second * (1 - second) / other
            reading.assume("by the normal approximation, with unpooled proportions")
            return _Estimate(first - second, square, standard_normal())
        share, count = _one_proportion(facts)
        return _Estimate(share, share * (1 - share) / count, standard_normal())
    if len(facts.data) == 2 and "paired" in facts.flags:
        pairs = hypothesis_tests.differences(facts.data)
        return _one_mean(Facts(facts.values, [pairs], facts.flags), reading, centred=centred)
    if two:
        return _Estimate(*hypothesis_tests.two_means(facts, reading))
    return _one_mean(facts, reading, centred=centred)


def _interval(ask: Ask, reading: Reading) -> Solution:
    facts = Facts.of(ask)
    level = level_of(facts, reading)
    if (
        "spread" in facts.flags
        and not facts.has("mean")
        and "mean" not in facts.flags
        and not _is_proportion(facts)
        and facts.count("n") <= 1
    ):
        return _spread(facts, level, reading)
    estimate = _estimate(facts, reading)
    share = _is_proportion(facts)
    with working(reading):
        if share and ("wilson" in facts.flags or facts.count("n") == 1):
            low, high = _wilson(facts, level)
            if "wilson" in facts.flags:
                return _pair(low, high, estimate, level, reading)
            wilson = f"({told(low, reading)}, {told(high, reading)})"
            reading.assume(f"by the normal approximation (Wald); Wilson's interval is {wilson}")
        margin, centre = estimate.margin(level), real(estimate.centre)
        low, high = centre - margin, centre + margin
        return _pair(low, high, estimate, level, reading, margin)


def _wilson(facts: Facts, level: Fraction) -> tuple[Any, Any]:
    """Wilson, J. Am. Stat. Assoc. 22 (1927): the shares from which the observed one lies z standard errors away."""
    from mpmath import sqrt

    share, count = _one_proportion(facts)
    z = critical(standard_normal(), (1 - level) / 2)
    p = real(share)
    middle = (p + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count) * sqrt(p * (1 - p) / count + z**2 / (4 * count**2))
    return middle - reach, middle + reach


def _pair(low: Any, high: Any, estimate: _Estimate, level: Fraction, reading: Reading, margin: Any = None) -> Solution:
    ends = f"({told(low, reading)}, {told(high, reading)})"
    text = f"{percentage(level)} confidence interval {ends}"
    if margin is not None:
        text += f", {told(estimate.centre, reading)} with margin of error {told(margin, reading)}"
    return reading.solution(
        as_float(low, reading), text=text, exact=ends, number="", latex=rf"\left{ends[:-1]}\right)",
        verified=_verified(estimate.law, (1 - level) / 2),
    )  # fmt: skip


def percentage(level: Fraction) -> str:
    """`95%`."""
    return f"{float(level * 100):.10g}%"


def _verified(law: Law, tail: Fraction) -> str | None:
    return _GIVES_BACK if agrees(law, critical(law, tail), real(tail)) else None


def _spread(facts: Facts, level: Fraction, reading: Reading) -> Solution:
    """An interval for a variance and its root, by the chi-square law."""
    from mpmath import sqrt

    if facts.data:
        square, count = variance_of(facts.data[0]), len(facts.data[0])
    else:
        square = hypothesis_tests.sample_variance(facts)
        count = size(facts.need("n", "95% confidence interval for the variance, s = 5, n = 20"), 2)
    law = Law("chi-square", [Fraction(count - 1)])
    reading.assume("of a normal population")
    with working(reading):
        total, tail = real(square * (count - 1)), (1 - level) / 2
        low, high = total / critical(law, tail), total / critical(law, 1 - tail)
        ends = [f"({told(a, reading)}, {told(b, reading)})" for a, b in ((low, high), (sqrt(low), sqrt(high)))]
        text = f"{percentage(level)} confidence interval of the variance {ends[0]}, of the standard deviation {ends[1]}"
        return reading.solution(
            as_float(low, reading), text=text, exact=text, number="", latex="", verified=_verified(law, tail)
        )


def _margin(ask: Ask, reading: Reading) -> Solution:
    facts = Facts.of(ask)
    level = level_of(facts, reading)
    if not facts.data and set(facts.values) <= {"n", "level", "alpha"} and facts.has("n"):
        reading.assume("of a proportion of 0.5, which has the largest margin")
        facts = Facts(facts.values | {"p": [Fraction(1, 2)]}, [], facts.flags)
    if _is_proportion(facts):
        reading.assume("by the normal approximation")
    estimate = _estimate(facts, reading, centred=False)
    with working(reading):
        margin = estimate.margin(level)
        verified = _verified(estimate.law, (1 - level) / 2)
        return reading.solution(as_float(margin, reading), text=told(margin, reading), verified=verified)


def _sample_size(ask: Ask, reading: Reading) -> Solution:
    from sympy import Integer

    facts = Facts.of(ask)
    level = level_of(facts, reading)
    moe = positive(facts.need("moe", "sample size for a margin of error of 3% at 95% confidence"), "a margin of error")
    square = hypothesis_tests.known_variance(facts)
    if square is None and (facts.has("sd") or facts.has("variance")):
        square = hypothesis_tests.sample_variance(facts)
    if square is None:
        share = next((facts.values[label][0] for label in ("p", "phat", "p0") if label in facts.values), None)
        if share is None:
            if moe >= 1:
                raise ToolError(
                    "for a mean the standard deviation is missing: sample size for sigma = 15 within 2 at 95%"
                )
            reading.assume("a proportion of 0.5, which needs the largest sample")
            share = Fraction(1, 2)
        square = between(share, "a proportion") * (1 - share)
    with working(reading):
        z = critical(standard_normal(), (1 - level) / 2)
        needed = z**2 * real(square / moe**2)
        count = max(math.ceil(needed), 1)
        enough = bool(z**2 * real(square) / count <= real(moe) ** 2)
        short = count == 1 or bool(z**2 * real(square) / (count - 1) > real(moe) ** 2)
        text = f"n = {count} (rounded up from {told(needed, reading)})"
    verified = "this size keeps the margin, one less does not" if enough and short else None
    return reading.solution(Integer(count), text=text, verified=verified)


def _law(facts: Facts, reading: Reading) -> Law:
    """The law of the statistic that is named, with its degrees of freedom."""
    name = next((flag for flag in ("z", "t", "f", "chi square") if flag in facts.flags), "z")
    if name == "z":
        return standard_normal()
    free = facts.values.get("df", [])
    if name == "t" and not free and facts.has("n"):
        reading.assume("df = n - 1")
        free = [facts.values["n"][0] - 1]
    wanted = 2 if name == "f" else 1
    example = {"t": "t = 2.1, df = 15", "f": "F = 4.2, df = 2, 20"}.get(name, "chi-square 7.8 with df = 3")
    if len(free) != wanted:
        raise ToolError(
            f"{'two numbers' if wanted == 2 else 'the number'} of degrees of freedom must be told: {example}"
        )
    for value in free:
        positive(value, "a number of degrees of freedom")
    return Law("chi-square" if name == "chi square" else name, free)


def _critical_value(ask: Ask, reading: Reading) -> Solution:
    facts = Facts.of(ask)
    law = _law(facts, reading)
    alpha = facts.alpha(reading)
    symmetric = law.name in ("normal", "t")
    sided = bool({"upper", "lower", "one"} & facts.flags)
    if symmetric and not sided and "two" not in facts.flags and "level" not in facts.values:
        reading.assume("two-tailed; write one-tailed for a critical value on one side")
    if not symmetric and not facts.flags & {"two", "lower"}:
        reading.assume("the upper tail")
    two = "two" in facts.flags or (symmetric and not sided)
    tail = alpha / 2 if two else alpha
    with working(reading):
        upper = critical(law, tail)
        verified = _GIVES_BACK if agrees(law, upper, real(tail)) else None
        if two and not symmetric:
            low = critical(law, 1 - tail)
            text = f"{told(low, reading)} and {told(upper, reading)}"
            return reading.solution(
                as_float(upper, reading), text=text, exact=text, number="", latex="", verified=verified
            )
        if "lower" in facts.flags:
            upper = -upper if symmetric else critical(law, 1 - tail)
        sign = "\u00b1" if two else ""
        return reading.solution(as_float(upper, reading), text=sign + told(upper, reading), verified=verified)


def _p_value(ask: Ask, reading: Reading) -> Solution:
    facts = Facts.of(ask)
    law = _law(facts, reading)
    statistic = facts.need("statistic", "p-value for t = 2.1, df = 15")
    with working(reading):
        p, how = hypothesis_tests.tail_of(law, real(statistic), facts.flags, reading)
        checked = agrees(law, real(statistic), above(law, real(statistic)))
        text = f"p-value {told(p, reading)} ({how})"
        if "alpha" in facts.values or "level" in facts.values:
            text += hypothesis_tests.decision(p, facts.alpha(reading))
        verified = "checked by integrating the density" if checked else None
        return reading.solution(as_float(p, reading), text=text, verified=verified)


HANDLERS: dict[str, Handler] = {
    "interval": _interval,
    "margin": _margin,
    "sample size": _sample_size,
    "critical value": _critical_value,
    "p value": _p_value,
    "test": hypothesis_tests.test,
}
