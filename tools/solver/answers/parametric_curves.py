"""Curves given by x(t) and y(t), or by r(theta): slopes, lengths, areas, tangents."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .domain import Handler
from .function_lines import amount, integral_between
from .function_questions import Question, question_of, told
from .presenting import Reading
from .printing import latex_of, plain
from .untyped import sympy_library


def _curve(question: Question) -> tuple[Any, Any, Any]:
    sympy = sympy_library()
    t = question.x
    if len(question.functions) == 2:
        return question.functions[0], question.functions[1], t
    r = question.functions[0]
    return r * sympy.cos(t), r * sympy.sin(t), t


def _short(value: Any) -> Any:
    sympy = sympy_library()
    forms = [value, sympy.simplify(value), sympy.cancel(value)]
    return min(forms, key=lambda form: form.count_ops())


def _slopes(question: Question) -> tuple[Any, Any]:
    sympy = sympy_library()
    x, y, t = _curve(question)
    if x.diff(t) == 0:
        raise ToolError("x does not change with the parameter, so dy/dx is not defined")
    first = y.diff(t) / x.diff(t)
    return sympy.simplify(first), sympy.simplify(sympy.simplify(first).diff(t) / x.diff(t))


def _slope(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    first, second = _slopes(question)
    value = second if "second" in question.words else first
    if not question.point:
        name = "d^2y/dx^2" if "second" in question.words else "dy/dx"
        value = _short(value)
        return reading.solution(value, text=f"{name} = {plain(value)}")
    at = question.point[0]
    x, y, t = _curve(question)
    rates = [sympy.simplify(part.diff(t).subs(t, at)) for part in (x, y)]
    if rates[0] == 0 and "second" not in question.words and rates[1] != 0:
        return told(reading, "undefined: the tangent is vertical there", exact="undefined")
    value = sympy.simplify(value.subs(t, at))
    return reading.solution(
        value, verified=_slope_checked(x, y, t, at, value) if "second" not in question.words else None
    )


def _slope_checked(x: Any, y: Any, t: Any, at: Any, value: Any) -> str | None:
    step = 1e-5
    try:
        dx, dy = (
            complex(part.subs(t, at + step).evalf()) - complex(part.subs(t, at - step).evalf()) for part in (x, y)
        )
        close = abs(dy / dx - complex(value.evalf())) < 1e-4 * (1 + abs(complex(value.evalf())))
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return "checked by a difference quotient" if close else None


def _tangent(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    x, y, t = _curve(question)
    at = question.point[0]
    left, height = (sympy.simplify(part.subs(t, at)) for part in (x, y))
    rates = [sympy.simplify(part.diff(t).subs(t, at)) for part in (x, y)]
    if rates[0] == 0:
        if rates[1] == 0:
            raise ToolError("the curve stands still there, so it has no tangent by this method")
        return told(reading, f"x = {plain(left)}")
    slope = sympy.simplify(rates[1] / rates[0])
    line = slope * sympy.Symbol("x", real=True) + sympy.simplify(height - slope * left)
    return told(
        reading, f"y = {plain(line)}", latex=f"y = {latex_of(line)}", verified=_slope_checked(x, y, t, at, slope)
    )


def _length(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    x, y, t = _curve(question)
    inside = sympy.factor(sympy.simplify(sympy.expand(x.diff(t) ** 2 + y.diff(t) ** 2)))
    half = sympy.cos(t / 2)
    rewritten = (
        sympy.factor(sympy.simplify(inside.subs(sympy.cos(t), 2 * half**2 - 1))) if inside.has(sympy.cos(t)) else inside
    )
    integrand = sympy.sqrt(rewritten)
    lower, upper = question.bounds() if question.interval else (sympy.S.Zero, 2 * sympy.pi)
    if not question.interval:
        reading.assume("once around, from 0 to 2*pi")
    value, verified = integral_between(integrand, t, lower, upper)
    return amount(value, verified, reading)


def _area(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    t = question.x
    if len(question.functions) == 2:
        x, y, _ = _curve(question)
        lower, upper = question.bounds()
        value, verified = integral_between(sympy.simplify(y * x.diff(t)), t, lower, upper)
        return amount(sympy.Abs(value), verified, reading)
    if question.interval:
        lower, upper = question.bounds()
    else:
        lower, upper = sympy.S.Zero, _once_around(question.functions[0], t)
        reading.assume(f"once around, from 0 to {plain(upper)}")
    value, verified = integral_between(question.functions[0] ** 2 / 2, t, lower, upper)
    return amount(value, verified, reading)


def _once_around(r: Any, t: Any) -> Any:
    """The angle after which the curve repeats: pi where r(t + pi) = -r(t), else 2*pi."""
    sympy = sympy_library()
    mirrored = sympy.simplify(r.subs(t, t + sympy.pi) + r)
    return sympy.pi if mirrored == 0 else 2 * sympy.pi


HANDLERS: dict[str, Handler] = {
    "function parametric slope": _slope,
    "function parametric tangent": _tangent,
    "function parametric length": _length,
    "function parametric area": _area,
}
