"""The range of a function, its inverse, and whether it has one."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .domain import Handler
from .function_behaviour import critical_points, derivative, extreme_values, value_at
from .function_questions import question_of, told
from .inequalities import set_text
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import latex_of, plain
from .real_functions import RealFunction, intervals_of, real_number, shown_number
from .untyped import sympy_library

_PROBES = (-1000.3, -57.7, -9.31, -3.07, -1.53, -0.71, -0.23, 0.19, 0.64, 1.37, 2.21, 3.43, 7.9, 41.3, 1000.7)


def range_of(function: RealFunction, opened: tuple[bool, bool] = (False, False)) -> Any:
    """The set of values, from the values at critical points and the limits at the ends of each interval."""
    sympy = sympy_library()
    found: Any = sympy.S.EmptySet
    points = critical_points(function)
    for lower, upper in intervals_of(function.domain):
        part = RealFunction(function.value, function.x, lower, upper)
        part._domain = sympy.Interval(lower, upper)
        inner = [point for point in points if float(lower) < float(point.at) < float(upper)]
        ends = (opened[0] and lower == function.lower, opened[1] and upper == function.upper)
        part.lower, part.upper = lower, upper
        (low, low_at), (high, high_at) = extreme_values(part, inner, ends)
        if low == high:
            found = found.union(sympy.FiniteSet(low))
        else:
            found = found.union(sympy.Interval(low, high, not low_at, not high_at))
    if not isinstance(function.domain, sympy.Interval):
        isolated = [p for p in getattr(function.domain, "args", ()) if isinstance(p, sympy.FiniteSet)]
        isolated = [function.domain] if isinstance(function.domain, sympy.FiniteSet) else isolated
        for part in isolated:
            found = found.union(sympy.FiniteSet(*(value_at(function, a) for a in part.args)))
    if found is sympy.S.EmptySet:
        raise ToolError("the function has no real values there")
    return found


def _inverse(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    value, x = question.value, question.x
    if not value.has(x):
        raise ToolError("a constant function has no inverse")
    free = sympy.Symbol(str(x))
    target = sympy.Symbol("inverse_argument", real=True)
    try:
        found = within(0.4, lambda: sympy.solve(value - target, x), most=4.0)
    except (OutOfPatience, NotImplementedError, ValueError, TypeError):
        found = []
    branches = [branch for branch in (_simplest(value.subs(target, x)) for value in found) if not branch.has(sympy.I)]
    if not branches:
        raise ToolError(f"no formula for the inverse of {plain(value)} was found")
    unique = _one_to_one(question.value, x) if value.free_symbols <= {x} else len(branches) == 1
    if unique and len(branches) > 1:
        branches = [branch for branch in branches if _undoes(branch, value, x)] or branches
    texts = " or ".join(plain(branch) for branch in branches)
    region = _values_of(value, x) if value.free_symbols <= {x} else None
    verified = "checked by composition" if all(_undone(branch, value, x, region) for branch in branches) else None
    latex = r" \text{ or } ".join(latex_of(branch.subs(x, free)) for branch in branches)
    text = f"f^-1({x}) = {texts}"
    if region is not None and len(branches) == 1 and any(_defined_outside(branch, x, region) for branch in branches):
        text += f", for {set_text(region, str(x), shown_number)}"
    if not unique:
        text = f"not one-to-one on its whole domain; on parts of it the inverse is {texts}"
    exact = texts
    return told(reading, text, exact=exact, latex=latex, verified=verified)


def _simplest(value: Any) -> Any:
    sympy = sympy_library()
    forms = [value, sympy.simplify(value), sympy.factor(value)]
    return min(forms, key=lambda form: form.count_ops())


def _values_of(value: Any, x: Any) -> Any:
    """The range of the function, where it is found."""
    try:
        return range_of(RealFunction(value, x))
    except ToolError:
        return None


def _defined_outside(branch: Any, x: Any, region: Any) -> bool:
    """Whether the formula of an inverse also has values where the function has none."""
    samples = [sample for sample in _PROBES if region.contains(sympy_library().Float(sample)) == False]  # noqa: E712
    return any(real_number(branch, x, sample) is not None for sample in samples)


def _undone(branch: Any, value: Any, x: Any, region: Any = None) -> bool:
    """Whether f(inverse(t)) = t at sample points of the range."""
    agreed = 0
    others = {symbol: 1.37 + 0.4 * place for place, symbol in enumerate(sorted(value.free_symbols - {x}, key=str))}
    branch, value = branch.subs(others), value.subs(others)
    for sample in _PROBES:
        if region is not None and region.contains(sympy_library().Float(sample)) != True:  # noqa: E712
            continue
        inner = real_number(branch, x, sample)
        outer = None if inner is None else real_number(value, x, inner)
        if outer is None:
            continue
        if abs(outer - sample) > 1e-6 * (1 + abs(sample)):
            return False
        agreed += 1
    return agreed >= 2


def _undoes(branch: Any, value: Any, x: Any) -> bool:
    for sample in _PROBES:
        inner = real_number(value, x, sample)
        outer = None if inner is None else real_number(branch, x, inner)
        if outer is not None and abs(outer - sample) > 1e-6 * (1 + abs(sample)):
            return False
    return True


def _one_to_one(value: Any, x: Any) -> bool:
    """Whether no two sampled places have one value, and the function is monotone between its gaps."""
    function = RealFunction(value, x)
    if function.period is not None:
        return False
    signs = [piece.sign for piece in function.pieces(derivative(value, x))]
    if 0 in signs or not signs:
        return False
    if len(intervals_of(function.domain)) == 1:
        return len(set(signs)) == 1
    ranges = []
    for lower, upper in intervals_of(function.domain):
        part = RealFunction(value, x, lower, upper)
        if len({piece.sign for piece in part.pieces(derivative(value, x))}) != 1:
            return False
        ranges.append(range_of(part))
    return all(
        sympy_library().Intersection(ranges[i], ranges[j]) is sympy_library().S.EmptySet
        for i in range(len(ranges)) for j in range(i)
    )  # fmt: skip


def _is_one_to_one(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    function = question.function()
    unique = _one_to_one(question.value, question.x) if not question.interval else None
    if unique is None:
        signs = {piece.sign for piece in function.pieces(derivative(function.value, function.x))}
        unique = len(signs) == 1 and 0 not in signs
    text = (
        "yes: it is one-to-one, so it has an inverse"
        if unique
        else "no: it takes some value more than once, so it has no inverse on its whole domain"
    )
    return told(reading, text, exact="yes" if unique else "no", verified="slope checked at sample points")


HANDLERS: dict[str, Handler] = {"function inverse": _inverse, "function one-to-one": _is_one_to_one}
