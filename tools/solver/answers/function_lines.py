"""Tangents, slopes, rates, averages, lengths, curvature, linear approximation, and Newton's method."""

from __future__ import annotations

import contextlib
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .domain import Handler
from .function_behaviour import derivative
from .function_questions import Question, question_of, told
from .numeric import quadrature, vanishes
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import decimal, latex_of, plain
from .real_conditions import real_rooted
from .real_functions import real_number
from .untyped import sympy_library
from .wave_forms import wave

_STEP = 1e-4
_MOST_STEPS = 50
_BY_QUOTIENT = "checked by a difference quotient"


def _slope_at(question: Question, at: Any) -> tuple[Any, str | None]:
    """The slope at a place and how it was checked.

    Raises:
        ToolError: if there is none.
    """
    sympy = sympy_library()
    slope = sympy.simplify(derivative(question.value, question.x).subs(question.x, at))
    if slope.has(sympy.zoo, sympy.nan, sympy.oo) or slope.is_infinite:
        raise ToolError(
            f"the function has no slope at {question.x} = {plain(at)}: the tangent is vertical or missing there"
        )
    if not slope.is_number:
        return slope, None
    number = real_number(question.value, question.x, at) if question.value.free_symbols <= {question.x} else None
    if number is None:
        if question.value.free_symbols <= {question.x}:
            raise ToolError(f"the function is not defined at {question.x} = {plain(at)}")
        return slope, None
    place, found = float(at), []
    for step in (_STEP, -_STEP):
        beside = real_number(question.value, question.x, place + step)
        if beside is not None:
            found.append((beside - number) / step)
    expected = float(slope)
    if len(found) == 2 and abs(found[0] - found[1]) > 0.05 * (1 + abs(expected)):
        raise ToolError(f"the slopes from the left and the right differ at {question.x} = {plain(at)}")
    close = found and abs(sum(found) / len(found) - expected) < 1e-3 * (1 + abs(expected))
    return slope, _BY_QUOTIENT if close else None


def _slope(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    value, verified = _slope_at(question, question.place())
    return reading.solution(value, verified=verified)


def _tangent(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    x, at = question.x, question.place()
    slope, verified = _slope_at(question, at)
    height = sympy.simplify(question.value.subs(x, at))
    if question.words == ("normal",):
        if slope == 0:
            line = f"{x} = {plain(at)}"
            return told(reading, f"{line} (the tangent is horizontal there)", exact=line, verified=verified)
        slope = sympy.simplify(-1 / slope)
    line = _line_through(x, at, height, slope)
    text = f"y = {plain(line)}"
    if line.is_number or (
        not line.free_symbols - {x} and any(len(plain(part)) > 12 for part in line.as_ordered_terms())
    ):
        number = line.evalf(8)
        text += "" if plain(number) == plain(line) else f" (about y = {plain(number)})"
    text += f"; slope {plain(slope)} at ({plain(at)}, {plain(height)})"
    return told(reading, text, exact=f"y = {plain(line)}", latex=f"y = {latex_of(line)}", verified=verified)


def _line_through(x: Any, at: Any, height: Any, slope: Any) -> Any:
    sympy = sympy_library()
    return slope * x + sympy.simplify(height - slope * at)


def _average_rate(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    x, (lower, upper) = question.x, question.interval
    if vanishes(upper - lower):
        raise ToolError("the two ends of the interval must differ")
    rise = question.value.subs(x, upper) - question.value.subs(x, lower)
    return reading.solution(sympy.simplify(rise / (upper - lower)))


def _secant(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    x, (lower, upper) = question.x, question.interval
    if vanishes(upper - lower):
        raise ToolError("the two ends of the interval must differ")
    height = question.value.subs(x, lower)
    slope = sympy.simplify((question.value.subs(x, upper) - height) / (upper - lower))
    line = _line_through(x, lower, height, slope)
    met = vanishes(line.subs(x, upper) - question.value.subs(x, upper))
    return told(
        reading,
        f"y = {plain(line)}",
        latex=f"y = {latex_of(line)}",
        verified="goes through both points" if met else None,
    )


def integral_between(value: Any, x: Any, lower: Any, upper: Any) -> tuple[Any, str | None]:
    """A definite integral, exact where that ends in time, and how it was checked.

    Raises:
        ToolError: if neither a closed form nor a reliable number was found.
    """
    sympy = sympy_library()
    numeric = quadrature(real_rooted(value), x, lower, upper)
    try:
        exact: Any = within(0.45, lambda: sympy.integrate(value, (x, lower, upper)), most=4.0)
    except (OutOfPatience, NotImplementedError, ValueError, TypeError, ArithmeticError, AttributeError, RecursionError):
        exact = None
    if exact is not None and (
        exact.has(sympy.Integral, sympy.Piecewise, sympy.nan, sympy.zoo, sympy.hyper, sympy.meijerg, sympy.exp_polar)
        or exact.free_symbols
    ):
        exact = None
    if exact is not None and exact.is_infinite:
        raise ToolError("this integral diverges")
    if exact is not None and numeric is not None:
        number = complex(exact.evalf(15))
        if abs(number - numeric[0]) <= max(1e-6 * (1 + abs(number)), 10 * numeric[1]):
            return _shortest(exact), "checked by numerical integration"
        exact = None if numeric[1] < 1e-8 * (1 + abs(numeric[0])) else exact
    if exact is not None:
        return _shortest(exact), None
    if numeric is None or numeric[1] > 1e-6 * (1 + abs(numeric[0])):
        raise ToolError("this integral was found neither in closed form nor reliably as a number")
    return sympy.Float(numeric[0], 15), None


def _shortest(value: Any) -> Any:
    sympy = sympy_library()
    forms = [value]
    with contextlib.suppress(OutOfPatience, ValueError, TypeError, RecursionError):
        forms.append(within(0.2, lambda: sympy.simplify(value), most=1.0))
    return min(forms, key=lambda form: form.count_ops())


def amount(value: Any, verified: str | None, reading: Reading, note: str = "") -> Solution:
    """A number that may be known as a decimal only."""
    sympy = sympy_library()
    if value.has(sympy.Float):
        reading.assume("no closed form was found; computed numerically")
        text = decimal(value, min(reading.precision, 12))
        return reading.solution(
            value, text=f"approximately {text}{note}", exact="", number=text, latex=text, verified=verified
        )
    text = f"{reading.shown(value)}{note}" if note else None
    return reading.solution(value, text=text, verified=verified)


def _average_value(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    question.function()
    lower, upper = question.bounds()
    value, verified = integral_between(question.value, question.x, lower, upper)
    return amount(sympy.simplify(value / (upper - lower)), verified, reading)


def _arc_length(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    question.function()
    slope = derivative(question.value, question.x)
    inside = sympy.simplify(1 + slope**2)
    integrand = sympy.sqrt(sympy.factor(inside))
    value, verified = integral_between(integrand, question.x, *question.bounds())
    return amount(value, verified, reading)


def _curvature(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    x = question.x
    first, second = derivative(question.value, x), derivative(question.value, x, 2)
    value = sympy.Abs(second) / (1 + first**2) ** sympy.Rational(3, 2)
    if question.words == ("radius",):
        value = 1 / value
    if question.point or question.height:
        at = question.place()
        value = sympy.simplify(value.subs(x, at))
        if value.has(sympy.zoo, sympy.oo):
            raise ToolError("the curve is straight there, so its radius of curvature is infinite")
    else:
        value = sympy.simplify(value)
    return reading.solution(value)


def _linearization(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    x, at = question.x, question.place()
    slope, verified = _slope_at(question, at)
    line = _line_through(x, at, sympy.simplify(question.value.subs(x, at)), slope)
    return told(reading, f"L({x}) = {plain(line)}", exact=plain(line), latex=latex_of(line), verified=verified)


def _difference_quotient(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    x, h = question.x, sympy.Symbol("h", real=True)
    if question.value.has(h):  # the quotient itself was written
        return reading.solution(sympy.expand(sympy.cancel(sympy.expand(question.value))))
    quotient = (question.value.subs(x, x + h) - question.value) / h
    value = (
        sympy.factor(sympy.cancel(sympy.expand(quotient)))
        if quotient.is_rational_function(x, h)
        else _rationalised(question.value, x, h)
    )
    if value.is_polynomial(x, h):
        value = sympy.expand(value)
    if question.point:
        value = sympy.expand(value.subs(x, question.point[0]))
    reading.assume("(f(x + h) - f(x))/h")
    return reading.solution(value)


def _rationalised(value: Any, x: Any, h: Any) -> Any:
    """The quotient without h in the denominator, for a square root."""
    sympy = sympy_library()
    shifted = value.subs(x, x + h)
    if value.is_Pow and value.exp == sympy.Rational(1, 2):
        return sympy.cancel(sympy.expand(shifted**2 - value**2) / h) / (shifted + value)
    return (shifted - value) / h


def _newton(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    question.function()
    value, x = question.value, question.x
    if not (question.start or question.point):
        raise ToolError("say where to begin: newton's method for x^2 - 2 starting at x0 = 1, 4 steps")
    start = (question.start or question.point)[0]
    if not start.is_number or not start.is_real:
        raise ToolError("the first guess must be a number")
    steps = question.count or 6
    if steps > _MOST_STEPS:
        raise ToolError(f"at most {_MOST_STEPS} steps are done")
    slope = value.diff(x)
    at = sympy.Float(start, 30)
    found: list[Any] = []
    for _ in range(steps):
        height, steep = value.subs(x, at).evalf(30), slope.subs(x, at).evalf(30)
        if not steep.is_number or steep == 0 or not height.is_real:
            raise ToolError(
                "the slope vanishes or is not real on the way, so Newton's method fails; choose another start"
            )
        at = (at - height / steep).evalf(30)
        found.append(at)
    listed = ", ".join(
        f"x{place} = {decimal(point, 10)}" for place, point in enumerate([sympy.Float(start, 30), *found])
    )
    residual = value.subs(x, at).evalf(15)
    done = bool(abs(residual) < 1e-9)
    if not question.count:
        reading.assume("six steps")
    note = "" if done else f"; f(x{steps}) is still {decimal(residual, 4)}"
    text = f"{decimal(at, 10)} ({listed}{note})"
    return reading.solution(
        at,
        text=text,
        exact="",
        number=decimal(at, min(reading.precision, 15)),
        verified="checked by substitution" if done else None,
    )


HANDLERS: dict[str, Handler] = {
    "function slope": _slope,
    "function tangent": _tangent,
    "function average rate": _average_rate,
    "function secant": _secant,
    "function average value": _average_value,
    "function arc length": _arc_length,
    "function curvature": _curvature,
    "function linearization": _linearization,
    "function difference quotient": _difference_quotient,
    "function newton": _newton,
    "function wave": wave,
}
