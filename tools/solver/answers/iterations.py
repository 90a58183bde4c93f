"""Methods that go step by step, in decimals.

Euler, Heun (the improved Euler method) and the classical Runge-Kutta method for y' = f(x, y), y(x0) = y0; bisection,
secants and fixed-point iteration for roots (Burden and Faires, Numerical Analysis, chapters 2 and 5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, variables_of
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .presenting import Reading
from .untyped import sympy_library

_MOST_STEPS = 1000
_SHOWN = 12


def _function(node: Any, names: tuple[str, ...], builder: Builder) -> Callable[..., Any]:
    """A formula as a function of mpmath numbers."""
    others = set(variables_of(node)) - set(names)
    if others:
        raise ToolError(f"the formula may contain {' and '.join(names)} only, not {', '.join(sorted(others))}")
    formula: Any = builder.build(node)
    symbols = [builder.symbol(name) for name in names]

    def value(*at: Any) -> Any:
        from mpmath import mp

        found = formula.evalf(mp.dps, subs=dict(zip(symbols, map(sympy_library().Float, at), strict=True)))
        if not found.is_real or not found.is_finite:
            raise ToolError("the formula has no real value at one of the steps")
        return mp.mpf(found)

    return value


def _number(node: Any, builder: Builder) -> Any:
    value: Any = builder.build(node)
    if not value.is_number or not value.is_real or not value.is_finite:
        raise ToolError("starting values and steps are real numbers")
    return value


def _told(value: Any, figures: int = 10) -> str:
    from mpmath import nstr

    return str(nstr(value, figures, strip_zeros=True)).removesuffix(".0")


def _initial_value(ask: Ask, reading: Reading) -> Solution:
    from mpmath import mp, mpf

    method, *given = ask.words
    builder = Builder()
    sympy = sympy_library()
    start, first, *settings = (_number(node, builder) for node in ask.args[1:])
    said = dict(zip(given, settings, strict=True))
    step, count = _steps(start, said)
    slope = _function(ask.args[0], ("x", "y"), builder)
    with mp.workdps(reading.precision + 10):
        x0, y, h = (mpf(sympy.Float(part, mp.dps)) for part in (start, first, step))
        path = [(x0, y)]
        for place in range(count):
            x = x0 + place * h
            y = y + h * _slope(method, slope, x, y, h)
            path.append((x0 + (place + 1) * h, y))
        value = sympy.Float(y, reading.precision)
        last = _told(path[-1][0])
        shown = path if len(path) <= _SHOWN else [*path[: _SHOWN - 2], path[-1]]
        steps = ", ".join(f"y({_told(x)}) = {_told(y)}" for x, y in shown)
        text = f"y({last}) ≈ {_told(y)} ({steps})"
    reading.assume(f"{count} steps of {_told(h)}")
    return reading.solution(value, text=text)


def _steps(start: Any, said: dict[str, Any]) -> tuple[Any, int]:
    """The step and how many there are."""
    if "count" in said:
        count = int(said["count"])
        step = said["step"] if "step" in said else (said["target"] - start) / count if count else 0
    else:
        step = said["step"]
        if step == 0:
            raise ToolError("the step must not be zero")
        count_exact = (said["target"] - start) / step
        count = round(float(count_exact))
        if count < 1 or abs(float(count_exact) - count) > 1e-9:
            raise ToolError("the target is not a whole number of steps away; choose a step that divides the distance")
    if not 1 <= count <= _MOST_STEPS:
        raise ToolError(f"from 1 to {_MOST_STEPS} steps are done")
    return step, count


def _slope(method: str, slope: Callable[..., Any], x: Any, y: Any, h: Any) -> Any:
    first = slope(x, y)
    if method == "euler":
        return first
    if method == "heun":
        return (first + slope(x + h, y + h * first)) / 2
    second = slope(x + h / 2, y + h * first / 2)
    third = slope(x + h / 2, y + h * second / 2)
    return (first + 2 * second + 2 * third + slope(x + h, y + h * third)) / 6


def _root(ask: Ask, reading: Reading) -> Solution:
    from mpmath import mp, mpf

    method, said = ask.words
    builder = Builder()
    sympy = sympy_library()
    names = tuple(variables_of(ask.args[0])) or ("x",)
    if len(names) != 1:
        raise ToolError("the formula must have one variable, such as x^3 - x - 2")
    count = int(said) or {"bisection": 20, "secant": 6, "fixed": 10}[method]
    if not count <= _MOST_STEPS:
        raise ToolError(f"from 1 to {_MOST_STEPS} steps are done")
    function = _function(ask.args[0], names, builder)
    with mp.workdps(reading.precision + 10):
        bounds = [mpf(sympy.Float(_number(node, builder), mp.dps)) for node in ask.args[1:]]
        path = {"bisection": _bisection, "secant": _secant, "fixed": _fixed}[method](function, bounds, count)
        value = sympy.Float(path[-1], reading.precision)
        shown = path if len(path) <= _SHOWN else [*path[: _SHOWN - 2], path[-1]]
        text = f"{_told(path[-1])} ({', '.join(_told(at) for at in shown)})"
    reading.assume(f"{len(path)} steps" if method == "bisection" else f"{count} steps")
    return reading.solution(value, text=text)


def _bisection(function: Callable[..., Any], bounds: list[Any], count: int) -> list[Any]:
    low, high = sorted(bounds)
    at_low, at_high = function(low), function(high)
    if at_low * at_high > 0:
        raise ToolError("the function has the same sign at both ends, so bisection cannot begin there")
    path = []
    for _ in range(count):
        middle = (low + high) / 2
        path.append(middle)
        at_middle = function(middle)
        if at_middle == 0:
            break
        if at_low * at_middle <= 0:
            high = middle
        else:
            low, at_low = middle, at_middle
    return path


def _secant(function: Callable[..., Any], bounds: list[Any], count: int) -> list[Any]:
    path = list(bounds)
    for _ in range(count):
        before, last = path[-2:]
        difference = function(last) - function(before)
        if difference == 0:
            break
        path.append(last - function(last) * (last - before) / difference)
    return path


def _fixed(function: Callable[..., Any], bounds: list[Any], count: int) -> list[Any]:
    path = list(bounds)
    for _ in range(count):
        path.append(function(path[-1]))
        if abs(path[-1]) > 1e100:
            raise ToolError("the iteration runs away from this starting value")
    return path


HANDLERS: dict[str, Handler] = {"initial value steps": _initial_value, "root steps": _root}
