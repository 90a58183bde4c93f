"""Tests of means, proportions, counts and variances: the statistic, its p-value and the decision."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .averages import mean_of, variance_of
from .laws import Law
from .presenting import Reading
from .tails import Facts, above, agrees, as_float, between, positive, real, size, standard_normal, told, working

_EXAMPLE = "t test: mean 52, s = 5, n = 25, mu = 50"


def known_variance(facts: Facts) -> Fraction | None:
    """The variance of a population, told as such."""
    if facts.has("sigma"):
        return positive(facts.values["sigma"][0], "a standard deviation") ** 2
    if facts.has("sigma squared"):
        return positive(facts.values["sigma squared"][0], "a variance")
    return None


def sample_variance(facts: Facts, group: int = 0) -> Fraction:
    """The variance of a sample, from its standard deviation or told itself.

    Raises:
        ToolError: if neither is told, or it is not positive.
    """
    for label, power in (("sd", 2), ("variance", 1), ("sigma", 2), ("sigma squared", 1)):
        if facts.count(label) > group:
            return positive(facts.values[label][group], "a standard deviation or variance") ** power
    raise ToolError(f"a standard deviation is missing; write for example: {_EXAMPLE}")


def differences(data: list[list[Fraction]]) -> list[Fraction]:
    """Of pairs.

    Raises:
        ToolError: if the lists have different lengths.
    """
    first, second = data
    if len(first) != len(second):
        raise ToolError(f"pairs need lists of one length; these have {len(first)} and {len(second)} numbers")
    return [a - b for a, b in zip(first, second, strict=True)]


def two_means(facts: Facts, reading: Reading) -> tuple[Fraction, Fraction, Law]:
    """The difference of two means, the square of its standard error, and the law of their quotient.

    Welch's degrees of freedom (Biometrika 34, 1947) unless equal variances are said.
    """
    if len(facts.data) == 2:
        means, counts = [mean_of(data) for data in facts.data], [len(data) for data in facts.data]
        squares = [variance_of(data) for data in facts.data]
    else:
        example = "two-sample t test: mean1 = 50, s1 = 5, n1 = 30, mean2 = 45, s2 = 6, n2 = 35"
        if facts.count("mean") != 2 or not facts.has("n"):
            raise ToolError(f"two means, standard deviations and sample sizes are needed; write for example: {example}")
        means, sizes = facts.values["mean"], facts.values["n"]
        counts = [size(value) for value in (sizes * 2)[:2]]
        spreads = max(facts.count(label) for label in ("sd", "variance", "sigma", "sigma squared"))
        squares = [sample_variance(facts, min(group, max(spreads - 1, 0))) for group in (0, 1)]
    difference = means[0] - means[1]
    if known_variance(facts) is not None or "z" in facts.flags:
        return difference, squares[0] / counts[0] + squares[1] / counts[1], standard_normal()
    if min(counts) < 2:
        raise ToolError("each sample needs at least 2 numbers")
    free = counts[0] + counts[1] - 2
    if "pooled" in facts.flags:
        pooled = ((counts[0] - 1) * squares[0] + (counts[1] - 1) * squares[1]) / free
        return difference, pooled * (Fraction(1, counts[0]) + Fraction(1, counts[1])), Law("t", [Fraction(free)])
    if "welch" not in facts.flags:
        reading.assume("Welch's test, which does not assume equal variances; write equal variances for the pooled one")
    parts = [square / count for square, count in zip(squares, counts, strict=True)]
    below = sum((part**2 / (count - 1) for part, count in zip(parts, counts, strict=True)), Fraction(0))
    return (
        difference,
        sum(parts, Fraction(0)),
        Law("t", [sum(parts, Fraction(0)) ** 2 / below if below else Fraction(free)]),
    )


def two_proportions(facts: Facts) -> tuple[tuple[Fraction, int], tuple[Fraction, int]]:
    """Two shares with the sizes of their samples.

    Raises:
        ToolError: if they are not told or impossible.
    """
    counts = [size(value) for value in facts.values.get("n", [])]
    told_as = next((label for label in ("x", "phat", "p") if facts.count(label) == 2), "")
    if len(counts) != 2 or not told_as:
        raise ToolError("two proportions need two counts: two proportion test 45 out of 100 and 30 out of 90")
    shares = [
        value / count if told_as == "x" else value for value, count in zip(facts.values[told_as], counts, strict=True)
    ]
    if any(not 0 <= share <= 1 for share in shares):
        raise ToolError("there cannot be more successes than trials, and a proportion lies between 0 and 1")
    return (shares[0], counts[0]), (shares[1], counts[1])


def tail_of(law: Law, at: Any, flags: frozenset[str], reading: Reading) -> tuple[Any, str]:
    """The p-value of a statistic and which tail it is."""
    if law.name in ("normal", "t"):
        if "upper" in flags:
            return above(law, at), "right-tailed"
        if "lower" in flags:
            return above(law, -at), "left-tailed"
        if "one" in flags:
            reading.assume("the tail on the side of the statistic")
            return above(law, abs(at)), "one-tailed"
        if "two" not in flags:
            reading.assume("two-tailed; write right-tailed or left-tailed for one side")
        return 2 * above(law, abs(at)), "two-tailed"
    if "lower" in flags:
        return 1 - above(law, at), "left-tailed"
    if "two" in flags:
        upper = above(law, at)
        return 2 * min(upper, 1 - upper), "two-tailed"
    if "upper" not in flags and "one" not in flags:
        reading.assume("the upper tail")
    return above(law, at), "right-tailed"


def decision(p: Any, alpha: Fraction) -> str:
    """`: reject H0 at alpha 0.05`."""
    verb = "reject" if p <= real(alpha) else "do not reject"
    return f": {verb} H0 at alpha {float(alpha):.10g}"


def _result(facts: Facts, law: Law, at: Any, reading: Reading, name: str = "") -> Solution:
    """The statistic, degrees of freedom, p-value and decision; called with mpmath's working precision."""
    alpha = facts.alpha(reading)
    fixed_tail = law.name in ("chi-square", "f") and not name
    p, how = (above(law, at), "") if fixed_tail else tail_of(law, at, facts.flags, reading)
    letter = {"normal": "z", "t": "t", "f": "F"}.get(law.name, "chi-square")
    free = "" if law.name == "normal" else ", df = " + ", ".join(told(value, reading) for value in law.parameters)
    statistic = f"{letter} = {told(at, reading)}{free}, p-value {told(p, reading)}" + (f" ({how})" if how else "")
    checked = agrees(law, at, above(law, at))
    return reading.solution(
        as_float(p, reading), text=statistic + decision(p, alpha), exact=statistic, number=told(p, reading), latex="",
        verified="p-value checked by integrating the density" if checked else None,
    )  # fmt: skip


def _quotient(facts: Facts, law: Law, difference: Fraction, square: Fraction, reading: Reading) -> Solution:
    from mpmath import sqrt

    if square == 0:
        raise ToolError("the numbers do not vary, so there is no test")
    with working(reading):
        return _result(facts, law, real(difference) / sqrt(real(square)), reading)


def _one_mean(facts: Facts, reading: Reading, *, default: Fraction | None = None) -> Solution:
    mu = facts.first("mu") if facts.has("mu") else facts.first("reference")
    means = facts.values.get("mean", [])
    if facts.data:
        data = facts.data[0]
        mean, count, square = mean_of(data), len(data), variance_of(data)
        mu = means[0] if mu is None and means else mu
    else:
        mean, count, square = facts.need("mean", _EXAMPLE), size(facts.need("n", _EXAMPLE)), None
        mu = means[1] if mu is None and len(means) > 1 else mu
    mu = default if mu is None else mu
    if mu is None:
        raise ToolError(f"the mean of the hypothesis is missing; write for example: {_EXAMPLE}")
    known = known_variance(facts)
    if "z" in facts.flags and known is None:
        known = sample_variance(facts) if square is None else square
    if known is not None and "t" not in facts.flags:
        return _quotient(facts, standard_normal(), mean - mu, known / count, reading)
    if square is None:
        square = sample_variance(facts)
    if count < 2:
        raise ToolError("a t test needs at least 2 numbers")
    return _quotient(facts, Law("t", [Fraction(count - 1)]), mean - mu, square / count, reading)


def _proportion(facts: Facts, reading: Reading) -> Solution:
    if facts.count("n") == 2:
        (first, count), (second, other) = two_proportions(facts)
        pooled = (first * count + second * other) / (count + other)
        reading.assume("by the normal approximation, with the pooled proportion")
        square = pooled * (1 - pooled) * (Fraction(1, count) + Fraction(1, other))
        return _quotient(facts, standard_normal(), first - second, square, reading)
    example = "proportion test 45 out of 100 against p0 = 0.5"
    count = size(facts.need("n", example))
    shares = [*facts.values.get("phat", []), *facts.values.get("p", [])]
    share = facts.values["x"][0] / count if facts.has("x") else shares.pop(0) if shares else None
    base = next((value for value in (facts.first("p0"), facts.first("reference"), *shares) if value is not None), None)
    if share is None or base is None:
        raise ToolError(f"a share of the sample and one of the hypothesis are needed; write for example: {example}")
    if not 0 <= share <= 1:
        raise ToolError("there cannot be more successes than trials, and a proportion lies between 0 and 1")
    between(base, "the proportion of the hypothesis")
    reading.assume("by the normal approximation")
    return _quotient(facts, standard_normal(), share - base, base * (1 - base) / count, reading)


def _fit(facts: Facts, observed: list[Fraction], expected: list[Fraction] | None, reading: Reading) -> Solution:
    if len(observed) < 2 or min(observed) < 0 or sum(observed) == 0:
        raise ToolError(
            "observed counts are two or more numbers that are not negative: observed 10, 20, 30 expected 20, 20, 20"
        )
    total = sum(observed, Fraction(0))
    if expected is None:
        reading.assume("equal expected counts")
        expected = [total / len(observed)] * len(observed)
    if len(expected) != len(observed) or min(expected) <= 0:
        raise ToolError(f"there must be {len(observed)} expected counts, one for each observed one, all positive")
    whole = sum(expected, Fraction(0))
    if whole != total:
        reading.assume("expected counts in the given ratio, with the sum of the observed ones")
        expected = [value * total / whole for value in expected]
    if min(expected) < 5:
        reading.assume("some expected counts are below 5, so the p-value is rough")
    value = sum(((a - b) ** 2 / b for a, b in zip(observed, expected, strict=True)), Fraction(0))
    with working(reading):
        return _result(facts, Law("chi-square", [Fraction(len(observed) - 1)]), real(value), reading)


def _independence(facts: Facts, table: list[list[Fraction]], reading: Reading) -> Solution:
    if len({len(row) for row in table}) != 1 or len(table) < 2 or len(table[0]) < 2:
        raise ToolError("a table needs two or more rows of one length: chi-square test of [[10,20],[30,40]]")
    rows = [sum(row, Fraction(0)) for row in table]
    columns = [sum(column, Fraction(0)) for column in zip(*table, strict=True)]
    if min(min(row) for row in table) < 0 or min(*rows, *columns) <= 0:
        raise ToolError("the counts of a table are not negative, and no row or column may be empty")
    total = sum(rows, Fraction(0))
    small = len(rows) == len(columns) == 2
    correct = Fraction(1, 2) if "yates" in facts.flags and small else Fraction(0)
    if small and not correct:
        reading.assume("without Yates' correction; write with Yates correction for it")
    value, least = Fraction(0), total
    for row, across in zip(table, rows, strict=True):
        for cell, down in zip(row, columns, strict=True):
            expected = across * down / total
            least = min(least, expected)
            away = abs(cell - expected)
            value += (away - min(correct, away)) ** 2 / expected
    if least < 5:
        reading.assume("some expected counts are below 5, so the p-value is rough")
    with working(reading):
        free = Fraction((len(rows) - 1) * (len(columns) - 1))
        return _result(facts, Law("chi-square", [free]), real(value), reading)


def _anova(facts: Facts, groups: list[list[Fraction]], reading: Reading) -> Solution:
    count = sum(len(group) for group in groups)
    if len(groups) < 2 or count <= len(groups):
        raise ToolError("an analysis of variance needs two or more lists: anova of [1,2,3], [2,3,4], [5,6,7]")
    grand = mean_of([value for group in groups for value in group])
    among = sum((len(group) * (mean_of(group) - grand) ** 2 for group in groups), Fraction(0))
    within = sum((variance_of(group, 0) * len(group) for group in groups), Fraction(0))
    if within == 0:
        raise ToolError("the numbers do not vary within the lists, so there is no F statistic")
    first, second = Fraction(len(groups) - 1), Fraction(count - len(groups))
    with working(reading):
        return _result(facts, Law("f", [first, second]), real((among / first) / (within / second)), reading)


def _variances(facts: Facts, reading: Reading) -> Solution:
    """The quotient of two sample variances."""
    if len(facts.data) == 2:
        squares, counts = [variance_of(data) for data in facts.data], [len(data) for data in facts.data]
    else:
        squares = [sample_variance(facts, group) for group in (0, 1)]
        counts = [size(value, 2) for value in facts.values.get("n", [])]
    if len(counts) != 2 or squares[1] == 0:
        raise ToolError("an F test of two variances needs s1, n1, s2 and n2: F test s1 = 5, n1 = 20, s2 = 4, n2 = 25")
    if not facts.flags & {"upper", "lower", "one"}:
        reading.assume("two-tailed; write right-tailed for one side")
        facts = Facts(facts.values, facts.data, facts.flags | {"two"})
    with working(reading):
        free = [Fraction(count - 1) for count in counts]
        return _result(facts, Law("f", free), real(squares[0] / squares[1]), reading, "variances")


def test(ask: Ask, reading: Reading) -> Solution:
    """The test that fits the facts."""
    facts = Facts.of(ask)
    by_label: dict[str, list[list[Fraction]]] = {}
    for label, numbers in zip((word for word in ask.words if word in _LISTED), facts.data, strict=False):
        by_label.setdefault(label, []).append(numbers)
    data = by_label.get("data", [])
    facts = Facts(facts.values, data, facts.flags)
    return _chosen(facts, by_label, reading)()


_LISTED = ("row", "observed", "expected", "data")


def _chosen(facts: Facts, lists: dict[str, list[list[Fraction]]], reading: Reading) -> Callable[[], Solution]:
    flags, data = facts.flags, facts.data
    if "row" in lists:
        table = lists["row"]
        return lambda: _anova(facts, table, reading) if "anova" in flags else _independence(facts, table, reading)
    if "observed" in lists or "fit" in flags or ("chi square" in flags and data):
        found = [*lists.get("observed", []), *data]
        if len(found) == 2 and "expected" not in lists and "independence" in flags:
            return lambda: _independence(facts, found, reading)
        expected = lists["expected"][0] if "expected" in lists else found[1] if len(found) > 1 else None
        if not found:
            raise ToolError("observed counts are missing: chi-square test observed 10, 20, 30 expected 20, 20, 20")
        return lambda: _fit(facts, found[0], expected, reading)
    if "anova" in flags or len(data) > 2:
        return lambda: _anova(facts, data, reading)
    if "f" in flags or ("spread" in flags and facts.count("n") == 2 and not facts.has("mean")):
        return lambda: _variances(facts, reading)
    if any(facts.has(label) for label in ("x", "phat", "p0")) and not facts.has("mean") and not data:
        return lambda: _proportion(facts, reading)
    if "paired" in flags:
        paired = Facts(facts.values, [differences(data)], flags) if len(data) == 2 else facts
        return lambda: _one_mean(paired, reading, default=Fraction(0))
    one_told = facts.has("mu") or facts.has("reference")
    if len(data) == 2 or (
        facts.count("mean") == 2 and (facts.count("n") == 2 or "two sample" in flags) and not one_told
    ):
        difference_square_law = two_means(facts, reading)
        difference, square, law = difference_square_law
        return lambda: _quotient(facts, law, difference, square, reading)
    return lambda: _one_mean(facts, reading)
