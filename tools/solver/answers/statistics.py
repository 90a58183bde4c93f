"""Descriptions of data by exact arithmetic: a list, or values with frequencies, is a list of fractions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Sequence
from ..solution import Solution
from .averages import MAX_DATA, mean_of, median_of, numbers, percent, percentile_of, quartiles_of, rational, variance_of
from .domain import Handler
from .presenting import Reading
from .printing import clipped, plain

_EXACT_BITS = 200
_DESCRIPTION = ("count", "mean", "median", "sample sd", "min", "q1", "q3", "max")
_FIVE = ("min", "q1", "median", "q3", "max")
_BOTH = {"both sds": ("sample sd", "population sd"), "both variances": ("sample variance", "population variance")}
_GROUPS = {"five numbers": _FIVE, "description": _DESCRIPTION, "quartiles": ("q1", "median", "q3"), **_BOTH}
_TOLD_ONLY = ("mode", "outliers", "fences", "z scores")
_CALLED = {
    "q1": "Q1 =", "q3": "Q3 =", "iqr": "interquartile range",
    "sample sd": "sample standard deviation", "population sd": "population standard deviation",
    "mean deviation": "mean absolute deviation", "variation": "coefficient of variation",
    "median deviation": "median absolute deviation", "sd": "sample standard deviation", "variance": "sample variance",
}  # fmt: skip


class _Data:
    """A list of numbers and what is said of it while it is described."""

    def __init__(self, values: list[Fraction], reading: Reading) -> None:
        self.values = values
        self.ordered = sorted(values)
        self.reading = reading

    def value(self, name: str) -> Any:
        """A statistic as a SymPy number."""
        from sympy import sqrt

        if name in _SIMPLE:
            return rational(_SIMPLE[name](self.values))
        if name in ("sd", "variance"):
            self.reading.assume("of a sample: divided by n - 1")
        spare = 0 if name.startswith("population") else 1
        if name.endswith("variance"):
            return rational(variance_of(self.values, spare))
        if name.endswith("sd"):
            return sqrt(rational(variance_of(self.values, spare)))
        if name in ("q1", "q3", "iqr", "quartile deviation"):
            low, high = self._quartiles()
            spread = {"iqr": high - low, "quartile deviation": (high - low) / 2}
            return rational({"q1": low, "q3": high, **spread}[name])
        return self._other(name)

    def _quartiles(self) -> tuple[Fraction, Fraction]:
        low, high = quartiles_of(self.ordered)
        line = "quartiles are the medians of the lower and upper half, without the middle value"
        linear = [percentile_of(self.ordered, Fraction(k, 4)) for k in (1, 3)]
        if linear != [low, high]:
            shown = [self.reading.shown(rational(value)) for value in linear]
            line += f"; linear interpolation (NumPy) gives Q1 = {shown[0]} and Q3 = {shown[1]}"
        self.reading.assume(line)
        return low, high

    def _other(self, name: str) -> Any:
        from sympy import sqrt

        values, count = self.values, len(self.values)
        if name == "quadratic mean":
            return sqrt(rational(sum((value**2 for value in values), Fraction(0)) / count))
        if name == "geometric mean":
            return self._geometric()
        if name == "harmonic mean":
            if min(values) <= 0:
                raise ToolError("the harmonic mean needs positive numbers: harmonic mean of 4, 9")
            return rational(count / sum((1 / value for value in values), Fraction(0)))
        if name == "standard error":
            self.reading.assume("with the standard deviation of a sample, divided by n - 1")
            return sqrt(rational(variance_of(values) / count))
        if name == "variation":
            mean = mean_of(values)
            if mean == 0:
                raise ToolError("the mean is 0, so there is no coefficient of variation")
            self.reading.assume("with the standard deviation of a sample, divided by n - 1")
            return sqrt(rational(variance_of(values))) / rational(abs(mean))
        return self._shape(3 if name == "skewness" else 4)

    def _geometric(self) -> Any:
        from sympy import Float, Rational, exp, log

        values = self.values
        if min(values) < 0:
            raise ToolError("the geometric mean needs numbers that are not negative: geometric mean of 4, 9")
        product = math.prod(values, start=Fraction(1))
        if max(product.numerator.bit_length(), product.denominator.bit_length()) <= _EXACT_BITS:
            return rational(product) ** rational(Fraction(1, len(values)))
        digits = self.reading.precision + 10
        if product == 0:
            return rational(0)
        logs: Any = sum(log(rational(value)).evalf(digits) for value in values)
        return Float(exp(logs * Rational(1, len(values))).evalf(digits), digits)

    def _shape(self, power: int) -> Any:
        from sympy import sqrt

        count, mean = len(self.values), mean_of(self.values)
        square = variance_of(self.values, 0)
        if square == 0:
            raise ToolError("all numbers are equal, so they have no skewness or kurtosis")
        moment = rational(sum(((value - mean) ** power for value in self.values), Fraction(0)) / count)
        if power == 4:
            kurtosis = moment / rational(square) ** 2
            self.reading.assume(f"m4/m2^2, which is 3 for a normal law; the excess is {plain(kurtosis - 3)}")
            return kurtosis
        skewness = moment / (rational(square) * sqrt(rational(square)))
        line = "of a population: m3/m2^(3/2)"
        if count > 2:
            adjusted = skewness * sqrt(count * (count - 1)) / (count - 2)
            line += f"; adjusted for a sample (spreadsheets) it is {adjusted.evalf(10)}"
        self.reading.assume(line)
        return skewness

    def text(self, name: str) -> str:
        """A statistic that is told with its name."""
        if name == "mode":
            counts = Counter(self.ordered)
            most = max(counts.values())
            modes = [value for value, times in counts.items() if times == most]
            if most == 1 and len(counts) > 1:
                return "no mode"
            return ("mode " if len(modes) == 1 else "modes ") + self._listed(modes)
        if name in ("outliers", "fences"):
            low, high = self._quartiles()
            reach = (high - low) * Fraction(3, 2)
            fences = f"{self._listed([low - reach])} to {self._listed([high + reach])}"
            if name == "fences":
                return f"fences {fences}"
            out = [value for value in self.ordered if not low - reach <= value <= high + reach]
            self.reading.assume("an outlier lies more than 1.5 interquartile ranges beyond the quartiles")
            told = ("outlier " if len(out) == 1 else "outliers ") + self._listed(out) if out else "no outliers"
            return f"{told} (outside {fences})" if out else f"{told} (all within {fences})"
        if name == "z scores":
            return "z-scores " + ", ".join(self.reading.shown(score) for score in self._scores())
        value = self.value(name)
        shown = percent(value, self.reading) if name == "variation" else self.reading.shown(value)
        return f"{_CALLED.get(name, name)} {shown}"

    def _scores(self) -> list[Any]:
        from sympy import sqrt

        square = variance_of(self.values)
        if square == 0:
            raise ToolError("all numbers are equal, so they have no z-scores")
        self.reading.assume("with the standard deviation of a sample, divided by n - 1")
        mean = mean_of(self.values)
        return [rational(value - mean) / sqrt(rational(square)) for value in self.values]

    def _listed(self, values: list[Fraction]) -> str:
        return ", ".join(self.reading.shown(rational(value)) for value in values)


def _mean_deviation(data: list[Fraction]) -> Fraction:
    mean = mean_of(data)
    return mean_of([abs(value - mean) for value in data])


def _median_deviation(data: list[Fraction]) -> Fraction:
    middle = median_of(sorted(data))
    return median_of(sorted(abs(value - middle) for value in data))


_SIMPLE: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "mean": mean_of,
    "median": lambda data: median_of(sorted(data)),
    "range": lambda data: max(data) - min(data),
    "midrange": lambda data: (max(data) + min(data)) / 2,
    "count": lambda data: Fraction(len(data)),
    "sum": lambda data: sum(data, Fraction(0)),
    "min": min,
    "max": max,
    "mean deviation": _mean_deviation,
    "median deviation": _median_deviation,
}


def _described(ask: Ask, reading: Reading) -> Solution:
    values = _expanded(ask, reading)
    words = [name for name in ask.words if name != "classes"]
    names = list(dict.fromkeys(part for name in words for part in _GROUPS.get(name, (name,))))
    data = _Data(values, reading)
    checked = _checked(values, names)
    if len(names) > 1 or names[0] in _TOLD_ONLY:
        return _several(", ".join(data.text(name) for name in names), reading, checked)
    value = data.value(names[0])
    text = percent(value, reading) if names[0] == "variation" else None
    return reading.solution(value, text=text, verified=checked)


def _several(text: str, reading: Reading, verified: str | None = None) -> Solution:
    """An answer of several named numbers."""
    from sympy import S

    latex = r"\text{" + text.replace("%", r"\%").replace("^", r"\^{}") + "}"
    return reading.solution(S.One, text=clipped(text), exact=text, number="", latex=latex, verified=verified)


def _checked(values: list[Fraction], names: list[str]) -> str | None:
    """Spread is checked by a second formula: the mean of squares less the square of the mean."""
    if not any(name.endswith(("sd", "variance")) for name in names):
        return None
    squares = mean_of([value**2 for value in values]) - mean_of(values) ** 2
    return "checked with the sum of squares" if squares == variance_of(values, 0) else None


def _expanded(ask: Ask, reading: Reading) -> list[Fraction]:
    values = numbers(ask.args[0])
    frequencies = ask.args[1]
    if not isinstance(frequencies, Sequence) or not frequencies.items:
        return values
    counts = numbers(frequencies)
    if any(count.denominator != 1 or count < 0 for count in counts) or not 0 < sum(counts) <= MAX_DATA:
        raise ToolError(
            f"frequencies are whole numbers with a sum up to {MAX_DATA}: mean of the frequency table 1: 3, 2: 5"
        )
    reading.assume("a class counts as its middle" if "classes" in ask.words else "read as value: frequency")
    return [value for value, count in zip(values, counts, strict=True) for _ in range(int(count))]


def _missing(ask: Ask, reading: Reading) -> Solution:
    mean, *items = ask.args
    terms = [numbers(item) for item in items]
    factor = sum((term[0] for term in terms), Fraction(0))
    if factor == 0:
        raise ToolError("the unknown cancels, so no value can be found")
    (target,) = numbers(mean)
    value = (target * len(terms) - sum((term[1] for term in terms), Fraction(0))) / factor
    holds = mean_of([term[0] * value + term[1] for term in terms]) == target
    letter = ask.words[0]
    text = f"{letter} = {reading.shown(rational(value))}"
    return reading.solution(rational(value), text=text, verified="checked by substitution" if holds else None)


def _z_score(ask: Ask, reading: Reading) -> Solution:
    from sympy import sqrt

    known = {name: numbers(node)[0] for name, node in zip(ask.words, ask.args, strict=True)}
    if known.get("sd", 1) <= 0:
        raise ToolError(
            "a standard deviation is positive: z-score of 85 if the mean is 75 and the standard deviation is 5"
        )
    root = rational(1)
    if "n" in known:
        if known["n"] < 1 or known["n"].denominator != 1:
            raise ToolError("a sample size is a whole number that is at least 1")
        root = sqrt(rational(known["n"]))
        reading.assume("the z-score of a sample mean: with the standard error, the standard deviation / sqrt(n)")
    parts = {name: rational(value) for name, value in known.items()}
    if "z" not in known:
        return reading.solution((parts["x"] - parts["mean"]) / parts["sd"] * root)
    if "x" not in known:
        return reading.solution(parts["mean"] + parts["z"] * parts["sd"] / root)
    if "mean" not in known:
        return reading.solution(parts["x"] - parts["z"] * parts["sd"] / root)
    if known["z"] == 0 or (known["x"] - known["mean"]) / known["z"] <= 0:
        raise ToolError(
            "no standard deviation fits: x lies above the mean when z is positive, below it when z is negative"
        )
    return reading.solution((parts["x"] - parts["mean"]) / parts["z"] * root)


def _score_in_data(ask: Ask, reading: Reading) -> Solution:
    from sympy import sqrt

    (value,) = numbers(ask.args[0])
    data = numbers(ask.args[1], least=2)
    square = variance_of(data, 0 if ask.words[0] == "population" else 1)
    if square == 0:
        raise ToolError("all numbers are equal, so there is no z-score")
    if ask.words[0] == "sample":
        reading.assume("with the standard deviation of a sample, divided by n - 1; write population for n")
    return reading.solution(rational(value - mean_of(data)) / sqrt(rational(square)))


def _percentile(ask: Ask, reading: Reading) -> Solution:
    (share,) = numbers(ask.args[0])
    if not 0 <= share <= 100:
        raise ToolError("a percentile lies between 0 and 100: 90th percentile of 1, 3, 4, 8")
    ordered = sorted(numbers(ask.args[1]))
    value = percentile_of(ordered, share / 100)
    nearest = ordered[max(math.ceil(share * len(ordered) / 100), 1) - 1]
    line = "linear interpolation between the values (NumPy, PERCENTILE.INC)"
    if nearest != value:
        line += f"; the nearest rank gives {reading.shown(rational(nearest))}"
    reading.assume(line)
    return reading.solution(rational(value))


def _percentile_rank(ask: Ask, reading: Reading) -> Solution:
    (value,) = numbers(ask.args[0])
    data = numbers(ask.args[1])
    below, equal = sum(item < value for item in data), data.count(value)
    reading.assume("the share of values below, and half of those equal")
    return reading.solution(rational(Fraction(100 * (2 * below + equal), 2 * len(data))))


def _weighted(ask: Ask, reading: Reading) -> Solution:
    values, weights = (numbers(node) for node in ask.args)
    if min(weights) < 0 or sum(weights) == 0:
        raise ToolError("weights are not negative, and not all are 0: weighted mean of 80, 90 with weights 1, 2")
    if sum(weights) != 1 and all(0 < weight < 1 for weight in weights):
        reading.assume(
            f"the weights have the sum {reading.shown(rational(sum(weights, Fraction(0))))}, by which is divided"
        )
    total = sum((value * weight for value, weight in zip(values, weights, strict=True)), Fraction(0))
    return reading.solution(rational(total / sum(weights, Fraction(0))))


def _moving(ask: Ask, reading: Reading) -> Solution:
    (size,) = numbers(ask.args[0])
    data = numbers(ask.args[1])
    if size.denominator != 1 or not 1 <= size <= len(data):
        raise ToolError(f"the window is a whole number from 1 to {len(data)}, the count of the numbers")
    window = int(size)
    means = [mean_of(data[start : start + window]) for start in range(len(data) - window + 1)]
    return _several(", ".join(reading.shown(rational(value)) for value in means), reading)


def _error_told(ask: Ask, reading: Reading) -> Solution:
    from sympy import sqrt

    known = {name: numbers(node)[0] for name, node in zip(ask.words, ask.args, strict=True)}
    if known["n"] < 1 or known["n"].denominator != 1 or known.get("sd", 1) <= 0 or known.get("variance", 1) <= 0:
        raise ToolError(
            "a standard error needs a positive standard deviation and a sample size: standard error for s = 10, n = 25"
        )
    if "p" in known:
        if not 0 <= known["p"] <= 1:
            raise ToolError("a proportion lies between 0 and 1: standard error of a proportion 0.4 with n = 100")
        return reading.solution(sqrt(rational(known["p"] * (1 - known["p"]) / known["n"])))
    square = known["variance"] if "variance" in known else known["sd"] ** 2
    return reading.solution(sqrt(rational(square / known["n"])))


def _variation_told(ask: Ask, reading: Reading) -> Solution:
    known = {name: numbers(node)[0] for name, node in zip(ask.words, ask.args, strict=True)}
    if known["mean"] == 0 or known["sd"] < 0:
        raise ToolError("a coefficient of variation needs a mean that is not 0 and a standard deviation: mean 50, sd 5")
    value = rational(known["sd"] / abs(known["mean"]))
    return reading.solution(value, text=percent(value, reading))


HANDLERS: dict[str, Handler] = {
    "data statistics": _described,
    "missing value": _missing,
    "z score": _z_score,
    "score in data": _score_in_data,
    "data percentile": _percentile,
    "percentile rank": _percentile_rank,
    "weighted mean": _weighted,
    "moving average": _moving,
    "standard error told": _error_told,
    "variation told": _variation_told,
}
