"""Areas between curves, solids and surfaces of revolution, meeting points, and numerical integration by rules."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .domain import Handler
from .function_lines import amount, integral_between
from .function_questions import Question, question_of, told
from .numeric import numeric_function, vanishes
from .presenting import Reading
from .printing import decimal, plain
from .real_functions import RealFunction, real_number, shown_number
from .untyped import sympy_library

_MOST_STRIPS = 100_000
_MOST_EXACT = 200
_BY_QUADRATURE = "checked by numerical integration"


def _two(question: Question) -> tuple[Any, Any]:
    """Both curves; the x-axis where only one was named."""
    values = [*question.functions, sympy_library().S.Zero]
    letters = set().union(*(value.free_symbols for value in values))
    if letters - {question.x}:
        raise ToolError(f"give numbers for {', '.join(sorted(map(str, letters - {question.x})))}")
    return values[0], values[1]


def _meeting(first: Any, second: Any, x: Any) -> list[Any]:
    difference = first - second
    found = RealFunction(difference, x)
    zeros = [p for p in found.zeros(difference) if real_number(difference, x, p) is not None]
    if found.period is not None:
        return [zero for zero in zeros if float(zero) <= float(found.upper) + 1e-12]
    return zeros


def _ends(question: Question, first: Any, second: Any) -> tuple[Any, Any]:
    if len(question.interval) == 2:
        return question.bounds()
    meeting = _meeting(first, second, question.x)
    if len(question.interval) == 1:
        meeting = sorted([*meeting, question.interval[0]], key=float)
    if len(meeting) < 2:
        raise ToolError("the curves do not enclose a region; say from where to where, such as from 0 to 2")
    return meeting[0], meeting[-1]


def _parts(first: Any, second: Any, x: Any, lower: Any, upper: Any) -> list[tuple[Any, Any, int]]:
    """Where the first curve lies above (1) or below (-1) the second."""
    difference = first - second
    function = RealFunction(difference, x, lower, upper)
    pieces = function.pieces(difference)
    merged: list[tuple[Any, Any, int]] = []
    for piece in pieces:
        if merged and merged[-1][2] == piece.sign and merged[-1][1] == piece.lower:
            merged[-1] = (merged[-1][0], piece.upper, piece.sign)
        else:
            merged.append((piece.lower, piece.upper, piece.sign))
    if not merged or float(merged[0][0]) > float(lower) + 1e-12 or float(merged[-1][1]) < float(upper) - 1e-12:
        raise ToolError("a curve is not defined on the whole interval")
    return merged


def _area(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    first, second = _two(question)
    x = question.x
    lower, upper = _ends(question, first, second)
    parts = _parts(first, second, x, lower, upper)
    total: Any = sympy.S.Zero
    checked = True
    for start, end, sign in parts:
        value, verified = integral_between(sign * (first - second), x, start, end)
        total += value
        checked &= verified is not None
    if not question.interval:
        reading.assume(f"from {x} = {shown_number(lower)} to {x} = {shown_number(upper)}, where the curves meet")
    if any(sign < 0 for _, _, sign in parts) and any(sign > 0 for _, _, sign in parts):
        reading.assume("parts on both sides are counted as positive")
    elif second == 0 and parts[0][2] < 0:
        reading.assume("the curve lies below the axis; the area is counted as positive")
    total = sympy.nsimplify(total) if total.is_Rational else _tidy(total)
    return amount(total, _BY_QUADRATURE if checked else None, reading)


def _tidy(value: Any) -> Any:
    sympy = sympy_library()
    simple = sympy.simplify(value) if not value.has(sympy.Float) else value
    return min((value, simple), key=lambda form: form.count_ops())


def _intersections(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    first, second = _two(question)
    x = question.x
    function = (
        RealFunction(first - second, x, *question.bounds()) if question.interval else RealFunction(first - second, x)
    )
    found = [p for p in function.zeros(first - second) if real_number(first, x, p) is not None]
    if function.period is not None:
        found = [p for p in found if float(p) < float(function.upper) - 1e-12]
        reading.assume(f"over one period, 0 <= {x} < {plain(function.period)}")
    if not found:
        return told(reading, "they do not meet")
    points = []
    for at in found:
        height = sympy_library().simplify(first.subs(x, at))
        points.append((at, height))
    exact = " or ".join(f"({x} = {shown_number(at)}, y = {shown_number(height)})" for at, height in points)
    numbers = " or ".join(f"({x} = {decimal(at, 8)}, y = {decimal(height, 8)})" for at, height in points)
    rational = all(at.is_Rational and height.is_Rational for at, height in points)
    text = exact if rational or exact == numbers else f"{exact}, about {numbers}"
    holds = all(vanishes((first - second).subs(x, at)) for at, _ in points)
    return told(reading, text, exact=exact, verified="checked by substitution" if holds else None)


def _volume(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    first, second = _two(question)
    x = question.x
    lower, upper = _ends(question, first, second)
    around = question.line[0] if question.line else sympy.S.Zero
    axis = question.axis or "x"
    if not question.axis:
        reading.assume("about the x-axis")
    if not question.interval:
        reading.assume(f"from {x} = {shown_number(lower)} to {x} = {shown_number(upper)}, where the curves meet")
    parts = _parts(first, second, x, lower, upper)
    total: Any = sympy.S.Zero
    checked = True
    # Disks stand across the axis of the variable, shells along the other axis.
    crosswise = (axis == "x" and str(x) != "y") or (axis == "y" and str(x) == "y")
    if not crosswise and float(lower) < float(around) < float(upper):
        raise ToolError("the axis of rotation cuts the region; ask for one side of it")
    for start, end, sign in parts:
        if crosswise:
            _one_sided(first, second, around, x, start, end)
            outer, inner = first - around, second - around
            integrand = sympy.pi * sympy.expand(outer**2 - inner**2)
            value, verified = integral_between(integrand, x, start, end)
            value = sympy.Abs(value)
        else:
            side = 1 if float(lower) >= float(around) else -1
            value, verified = integral_between(
                2 * sympy.pi * side * (x - around) * sign * (first - second), x, start, end
            )
        total += value
        checked &= verified is not None
    reading.assume("by disks or washers" if crosswise else "by cylindrical shells")
    return amount(_tidy(total), _BY_QUADRATURE if checked else None, reading)


def _one_sided(first: Any, second: Any, around: Any, x: Any, start: Any, end: Any) -> None:
    """Refuse a region on both sides of the axis that it is rotated about."""
    for share in (0.03, 0.27, 0.5, 0.73, 0.97):
        at = float(start) + share * (float(end) - float(start))
        sides = [real_number(curve - around, x, at) for curve in (first, second)]
        if None not in sides and (sides[0] or 0.0) * (sides[1] or 0.0) < -1e-12:
            raise ToolError("the axis of rotation cuts the region; ask for one side of it")


def _surface(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    first, _ = _two(question)
    x = question.x
    lower, upper = question.bounds()
    around = question.line[0] if question.line else sympy.S.Zero
    length = sympy.sqrt(sympy.factor(sympy.simplify(1 + first.diff(x) ** 2)))
    if not question.axis:
        reading.assume("about the x-axis")
    if question.axis == "y":
        if float(lower) < float(around) < float(upper):
            raise ToolError("the axis of rotation cuts the curve; ask for one side of it")
        radius = x - around if float(lower) >= float(around) else around - x
        value, verified = integral_between(2 * sympy.pi * radius * length, x, lower, upper)
        return amount(value, verified, reading)
    total: Any = sympy.S.Zero
    checked = True
    for start, end, sign in _parts(first, around, x, lower, upper):
        value, verified = integral_between(2 * sympy.pi * sign * (first - around) * length, x, start, end)
        total, checked = total + value, checked and verified is not None
    return amount(total, _BY_QUADRATURE if checked else None, reading)


def _rule(ask: Ask, reading: Reading) -> Solution:
    """Sums over strips: trapezoids, Simpson's rule, and rectangles from the left, the right or the middle."""
    sympy = sympy_library()
    question = question_of(ask)
    question.function()
    rule = question.words[0]
    lower, upper = question.bounds()
    n = question.count
    if not n:
        raise ToolError("say how many strips: trapezoidal rule for x^2 from 0 to 1 with n = 4")
    if n > _MOST_STRIPS:
        raise ToolError(f"at most {_MOST_STRIPS} strips are added up")
    if rule == "simpson" and n % 2:
        raise ToolError("Simpson's rule needs an even number of intervals")
    if rule == "simpson 3/8" and n % 3:
        raise ToolError("Simpson's 3/8 rule needs a number of intervals that 3 divides")
    step = (upper - lower) / n
    weights = _weights(rule, n)
    x = question.x
    if n <= _MOST_EXACT and question.value.is_rational_function(x) and step.is_Rational and lower.is_Rational:
        total: Any = sum(weight * question.value.subs(x, lower + place * step) for place, weight in weights)
        result = sympy.S.Zero + total * step
    else:
        function = numeric_function(question.value, [x])
        first, width = float(lower), float(step)
        result = sympy.Float(
            width * sum(float(weight) * function(first + float(place) * width).real for place, weight in weights), 15
        )
    if not result.is_finite:
        raise ToolError("the function is not defined at one of the points of the sum")
    reading.assume(f"step {plain(step)}")
    if result.is_Float:
        number = decimal(result, min(reading.precision, 12))
        return reading.solution(result, text=number, exact="", number=number, latex=number)
    return reading.solution(result)


def _weights(rule: str, n: int) -> list[tuple[Any, Any]]:
    """Places in steps from the lower bound, and the weights of the values there."""
    sympy = sympy_library()
    half = sympy.Rational(1, 2)
    if rule == "left":
        return [(k, 1) for k in range(n)]
    if rule == "right":
        return [(k, 1) for k in range(1, n + 1)]
    if rule == "midpoint":
        return [(k + half, 1) for k in range(n)]
    if rule == "trapezoid":
        return [(k, half if k in (0, n) else 1) for k in range(n + 1)]
    if rule == "simpson 3/8":
        eighths = sympy.Rational(3, 8)
        return [(k, eighths * (1 if k in (0, n) else 2 if k % 3 == 0 else 3)) for k in range(n + 1)]
    third = sympy.Rational(1, 3)
    return [(k, third * (1 if k in (0, n) else 4 if k % 2 else 2)) for k in range(n + 1)]


HANDLERS: dict[str, Handler] = {
    "function area": _area,
    "function intersections": _intersections,
    "function volume": _volume,
    "function surface": _surface,
    "function rule": _rule,
}
