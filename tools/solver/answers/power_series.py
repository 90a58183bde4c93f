"""Radius and interval of convergence of power series."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .numeric import numeric_function
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import latex_of, plain
from .real_functions import set_notation
from .series_tests import judged, limit_of_terms
from .untyped import sympy_library

_FAULTS = (ValueError, TypeError, ArithmeticError, NotImplementedError, AttributeError, KeyError, RecursionError)


def _power_series(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    index, letter, *wanted = ask.words
    builder = Builder(integers=(index,))
    term = builder.build(ask.args[0])
    n, x = builder.symbol(index), builder.symbol(letter)
    coefficient, base, steps = _taken_apart(term, n, x)
    scale, offset = base.coeff(x), base.subs(x, 0)
    if sympy.expand(scale * x + offset - base) != 0 or scale == 0:
        raise ToolError("a power series holds powers of x, or of x minus a number")
    center = -offset / scale
    growth = _growth(coefficient, n)
    if growth is None:
        raise ToolError("the radius of convergence was not found")
    radius = (
        sympy.oo if growth == 0 else sympy.S.Zero if growth.is_infinite else growth ** (-1 / steps) / sympy.Abs(scale)
    )
    radius = sympy.simplify(radius)
    verified = "checked with far coefficients" if _confirmed(coefficient, n, growth) else None
    if wanted == ["radius"]:
        return reading.solution(
            radius, text=f"R = {reading.shown(radius) if radius.is_finite else plain(radius)}", verified=verified
        )
    interval, notes = _interval(term, n, x, center, radius)
    shown = set_notation(interval)
    text = f"{shown}, radius R = {plain(radius)}" + (f"; {notes}" if notes else "")
    exact = shown if wanted == ["interval"] else f"R = {plain(radius)}, interval {shown}"
    if wanted == ["radius", "interval"]:
        text = f"R = {plain(radius)}, interval {shown}" + (f"; {notes}" if notes else "")
    return reading.solution(sympy.S.One, text=text, exact=exact, number="", latex=latex_of(interval), verified=verified)


def _taken_apart(term: Any, n: Any, x: Any) -> tuple[Any, Any, Any]:
    """The coefficient, the base and the steps of coefficient * base^(steps*n + shift)."""
    sympy = sympy_library()
    coefficient: Any = sympy.S.One
    base, steps = None, sympy.S.Zero
    for factor in sympy.Mul.make_args(sympy.expand_power_exp(term)):
        if not factor.has(x):
            coefficient *= factor
            continue
        inner, exponent = factor.as_base_exp()
        if inner.is_Mul and not inner.is_polynomial(x):
            raise ToolError("write the power series with powers of x alone, such as x^n/n")
        numeric, variable = inner.as_independent(x, as_Add=False)
        if exponent.has(n):
            coefficient *= numeric**exponent
        while variable.is_Pow and not variable.exp.has(n):
            variable, exponent = variable.base, exponent * variable.exp
        if base is not None and sympy.expand(variable - base) != 0:
            raise ToolError("a power series holds powers of one expression only")
        base = variable
        step = sympy.expand(exponent).coeff(n)
        if sympy.expand(exponent - step * n).has(n):
            raise ToolError("the exponents must grow by equal steps")
        steps += step
    if base is None or not steps.is_positive:
        raise ToolError("a power series holds positive powers of x that grow with n: sum x^n/n!")
    return coefficient, base, steps


def _growth(coefficient: Any, n: Any) -> Any:
    """The limit of |c(n+1)/c(n)|, or lim |c(n)|^(1/n) where that is not found."""
    sympy = sympy_library()
    try:
        quotient = within(
            0.2, lambda: sympy.simplify(sympy.combsimp(coefficient.subs(n, n + 1) / coefficient)), most=2.0
        )
    except (OutOfPatience, *_FAULTS):
        quotient = coefficient.subs(n, n + 1) / coefficient
    found = limit_of_terms(sympy.Abs(quotient), n)
    if found is None or isinstance(found, tuple) or not found.is_extended_real:
        root = sympy.powdenest(sympy.expand_power_base(sympy.Abs(coefficient) ** (1 / n), force=True), force=True)
        found = limit_of_terms(root, n)
    return None if found is None or isinstance(found, tuple) else sympy.simplify(found)


def _confirmed(coefficient: Any, n: Any, growth: Any) -> bool:
    function = numeric_function(coefficient, [n])
    for index in (2000, 150, 60):
        try:
            ratio = abs(complex(function(index + 1)) / complex(function(index)))
        except (OverflowError, *_FAULTS):
            continue
        if growth.is_infinite:
            return ratio > 20
        expected = float(growth)
        return abs(ratio - expected) < 0.1 * (expected or 1.0)
    return False


def _interval(term: Any, n: Any, x: Any, center: Any, radius: Any) -> tuple[Any, str]:
    sympy = sympy_library()
    if radius.is_infinite:
        return sympy.S.Reals, ""
    if radius == 0:
        return sympy.FiniteSet(center), f"it converges at {x} = {plain(center)} only"
    closed, notes = [], []
    for end in (center - radius, center + radius):
        put_in = term.subs(x, end)
        verdict = judged(sympy.powsimp(sympy.simplify(put_in)), n) or judged(put_in, n)
        if verdict is None:
            raise ToolError(
                f"the radius of convergence is {plain(radius)}; what happens at {x} = {plain(end)} was not decided"
            )
        closed.append(verdict.converges)
        notes.append(f"at {x} = {plain(end)} it {verdict.word()}")
    return sympy.Interval(center - radius, center + radius, not closed[0], not closed[1]), ", ".join(notes)


HANDLERS: dict[str, Handler] = {"power series": _power_series}
