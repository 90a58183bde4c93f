"""Whether series, sequences and improper integrals converge, and by which test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from . import dotted_sums, power_series
from .build import Builder
from .domain import Handler
from .function_lines import integral_between
from .function_questions import check_size, told
from .numeric import numeric_function
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import decimal, plain
from .series_tests import judged, limit_of_terms
from .untyped import sympy_library

_FAULTS = (ValueError, TypeError, ArithmeticError, NotImplementedError, AttributeError, KeyError, RecursionError)


def _series_test(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    check_size(*ask.args)
    name = ask.words[0]
    builder = Builder(integers=(name,))
    term, lower = builder.build(ask.args[0]), builder.build(ask.args[1])
    n = builder.symbol(name)
    others = term.free_symbols - {n}
    if others:
        raise ToolError(
            f"give numbers for {', '.join(sorted(map(str, others)))}, or ask for the interval of convergence"
        )
    lower = _first_defined(term, n, lower, reading)
    verdict = judged(term, n)
    if verdict is None:
        raise ToolError("whether this series converges was not decided by the usual tests")
    total = _sum(term, n, lower) if verdict.converges else None
    second = _second_opinion(term, n, lower)
    verified = "confirmed by a second method" if second is verdict.converges else None
    text = verdict.text()
    reading.assume(f"{name} from {plain(lower)} to infinity")
    if total is not None:
        text += f"; its sum is {reading.shown(total)}"
    exact = verdict.word()
    number = decimal(total, reading.precision) if total is not None else ""
    return reading.solution(
        sympy.S.One, text=text, exact=exact, number=number, latex=rf"\text{{{exact}}}", verified=verified
    )


def _first_defined(term: Any, n: Any, lower: Any, reading: Reading) -> Any:
    """The first index from which the terms are defined."""
    for shift in range(4):
        value = term.subs(n, lower + shift)
        if value.is_finite is not False and value.is_number:
            return lower + shift
    raise ToolError("the terms of this series are not defined at its beginning")


def _second_opinion(term: Any, n: Any, lower: Any) -> bool | None:
    sympy = sympy_library()
    try:
        found = within(0.25, lambda: sympy.Sum(term, (n, lower, sympy.oo)).is_convergent(), most=2.0)
    except (OutOfPatience, *_FAULTS):
        return None
    return True if found == True else False if found == False else None  # noqa: E712


def _sum(term: Any, n: Any, lower: Any) -> Any:
    """The sum in closed form, if it is found in time and agrees with the number."""
    sympy = sympy_library()
    try:
        found = within(0.25, lambda: sympy.summation(term, (n, lower, sympy.oo)), most=2.0)
    except (OutOfPatience, *_FAULTS):
        return None
    if (
        found is None
        or found.has(sympy.Sum, sympy.Piecewise, sympy.nan, sympy.zoo, sympy.hyper, sympy.meijerg)
        or not found.is_finite
    ):
        return None
    if found.count_ops() > 40:
        return None
    partial = _partial(term, n, int(lower))
    value = complex(found.evalf(15))
    if partial is None or abs(value - partial[0]) > max(10 * partial[1], 1e-8):
        return None
    return sympy.simplify(found) if found.count_ops() > 6 else found


def _partial(term: Any, n: Any, lower: int) -> tuple[complex, float] | None:
    """A partial sum and how far it may be from the whole, guessed from its last terms."""
    function = numeric_function(term, [n])
    total: complex = 0.0
    last = 0.0
    for index in range(lower, lower + 1500):
        try:
            value = complex(function(index))
        except (OverflowError, *_FAULTS):
            break
        total += value
        last = abs(value)
        if last < 1e-18 * (1 + abs(total)):
            break
    return total, last * 1500


def _sequence(ask: Ask, reading: Reading) -> Solution:
    name = ask.words[0]
    builder = Builder(integers=(name,))
    term, n = builder.build(ask.args[0]), builder.symbol(name)
    found = limit_of_terms(term, n)
    if found is None:
        raise ToolError("the limit of this sequence was not found")
    if isinstance(found, tuple):
        text = f"diverges: it oscillates between values near {plain(found[0])} and {plain(found[1])}"
        return told(reading, text, exact="diverges")
    if found.is_infinite:
        return reading.solution(found, text=f"diverges to {plain(found)}", exact=f"diverges to {plain(found)}")
    far = _far_value(term, n)
    close = far is not None and abs(far - complex(found.evalf(15))) < 1e-2 * (1 + abs(far))
    return reading.solution(
        found, text=f"converges to {reading.shown(found)}", verified="checked with a far term" if close else None
    )


def _far_value(term: Any, n: Any) -> complex | None:
    for index in (1_000_000, 2_000, 120):
        try:
            return complex(numeric_function(term, [n])(index))
        except (OverflowError, *_FAULTS):
            continue
    return None


@dataclass(frozen=True)
class _Ends:
    lower: Any
    upper: Any


def _improper(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    builder = Builder()
    value, lower, upper = (builder.build(node) for node in ask.args)
    x = builder.symbol(ask.words[0])
    if not bool(lower < upper):
        raise ToolError("the lower bound must be smaller than the upper bound")
    verdict = _integral_verdict(value, x, _Ends(lower, upper))
    if verdict is None:
        raise ToolError("whether this integral converges was not decided")
    if verdict.is_infinite or verdict is sympy.nan:
        return told(reading, "diverges" + (f" to {plain(verdict)}" if verdict.is_infinite else ""), exact="diverges")
    try:
        total, verified = integral_between(value, x, lower, upper)
    except ToolError:
        return told(reading, "converges", exact="converges")
    text = f"converges to {reading.shown(total)}"
    return reading.solution(total, text=text, verified=verified)


def _integral_verdict(value: Any, x: Any, ends: _Ends) -> Any:
    """The integral, infinite or undefined where it diverges; each half is looked at alone."""
    sympy = sympy_library()
    from .real_functions import RealFunction, intervals_of

    pieces = intervals_of(RealFunction(value, x, ends.lower, ends.upper).domain)
    total: Any = sympy.S.Zero
    for lower, upper in pieces:
        middle = _middle(lower, upper)
        for start, end in ((lower, middle), (middle, upper)):
            part = _half(value, x, start, end)
            if part is None:
                return None
            if part.has(sympy.nan, sympy.zoo, sympy.I) or isinstance(part, sympy.AccumBounds):
                return sympy.nan
            if part.is_infinite:
                return part if total.is_finite is not False else sympy.nan
            total += part
    return total


def _middle(lower: Any, upper: Any) -> Any:
    sympy = sympy_library()
    if lower.is_infinite and upper.is_infinite:
        return sympy.S.Zero
    if upper.is_infinite:
        return lower + 1
    return upper - 1 if lower.is_infinite else (lower + upper) / 2


def _half(value: Any, x: Any, lower: Any, upper: Any) -> Any:
    sympy = sympy_library()
    try:
        found = within(0.4, lambda: sympy.integrate(value, (x, lower, upper)), most=2.0)
    except (OutOfPatience, *_FAULTS):
        found = None
    if found is not None and not found.has(sympy.Integral, sympy.Piecewise):
        return found
    return _by_decay(value, x, lower, upper)


def _by_decay(value: Any, x: Any, lower: Any, upper: Any) -> Any:
    """Comparison with a power at the end that is improper: zero stands for a finite value."""
    sympy = sympy_library()
    t = sympy.Symbol("t", positive=True)
    for end in (upper, lower):
        if end.is_infinite:
            inside, weight = value.subs(x, t if end.is_extended_positive else -t), 1
        elif value.subs(x, end).is_finite is not True:
            inside, weight = value.subs(x, end + (-1 / t if end == upper else 1 / t)), -1
        else:
            continue
        try:
            power = within(
                0.3, lambda part=inside: sympy.limit(-sympy.log(sympy.Abs(part)) / sympy.log(t), t, sympy.oo), most=1.5
            )
        except (OutOfPatience, *_FAULTS):
            return None
        if not power.is_extended_real or power == weight:
            return None
        if (weight == 1 and power < 1) or (weight == -1 and power <= -1):
            return sympy.oo
    return sympy.S.Zero


HANDLERS: dict[str, Handler] = {
    "series test": _series_test,
    "sequence limit": _sequence,
    "improper integral": _improper,
    **power_series.HANDLERS,
    **dotted_sums.HANDLERS,
}
