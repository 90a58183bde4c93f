"""Critical points, extrema, inflection points, and where a function rises, bends or is positive.

All of it rests on signs of derivatives between their zeros, which are numbers put in, and so checks itself.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .domain import Handler
from .function_questions import Question, note_period, question_of, told
from .presenting import Reading
from .printing import decimal, latex_of
from .real_conditions import kinks
from .real_functions import Piece, RealFunction, intervals_of, limit_at, real_number, shown_number
from .untyped import sympy_library

_SIGNS_CHECKED = "signs checked at sample points"
_MOST_SHOWN = 12


@dataclass(frozen=True)
class Critical:
    """A point where the slope is zero or missing.

    Args:
        at: the point.
        height: the value of the function there.
        kind: `local maximum`, `local minimum` or `neither`.
        smooth: whether the slope is zero there, rather than missing.
    """

    at: Any
    height: Any
    kind: str
    smooth: bool


def critical_points(function: RealFunction) -> list[Critical]:
    """The critical points inside the domain, each with its kind from the signs of the slope beside it."""
    slope = derivative(function.value, function.x)
    flat = [point for point in function.zeros(slope) if _inside(function, point)] if slope.has(function.x) else []
    rough = [point for kink in kinks(function.value, function.x) for point in function.zeros(kink)]
    rough = [p for p in rough if _inside(function, p) and not any(abs(float(p) - float(q)) < 1e-9 for q in flat)]
    pieces = _split(function, function.pieces(slope), [*flat, *rough])
    found: list[Critical] = []
    for at in sorted([*flat, *rough], key=float):
        smooth = at in flat and _levels(slope, function.x, at)
        left, right = _beside(pieces, at, function)
        if not smooth and left == right and _has_slope(slope, function.x, at):
            continue
        kind = "local maximum" if left > 0 > right else "local minimum" if left < 0 < right else "neither"
        found.append(Critical(at, value_at(function, at), kind, smooth))
    return found


def _split(function: RealFunction, pieces: list[Piece], points: list[Any]) -> list[Piece]:
    """Pieces cut at further points; the sign does not change there."""
    cut: list[Piece] = []
    for piece in pieces:
        inner = sorted((p for p in points if float(piece.lower) < float(p) < float(piece.upper)), key=float)
        ends = [piece.lower, *inner, piece.upper]
        cut += [Piece(first, second, piece.sign) for first, second in itertools.pairwise(ends)]
    return cut


def _levels(slope: Any, x: Any, at: Any) -> bool:
    """Whether the slope goes to zero at a point from both sides, rather than jumping."""
    beside = [real_number(slope, x, float(at) + step) for step in (-1e-7, 1e-7)]
    return all(value is None or abs(value) < 1e-2 * (1 + abs(float(at))) for value in beside)


def _has_slope(slope: Any, x: Any, at: Any) -> bool:
    return real_number(slope, x, at) is not None


def _inside(function: RealFunction, point: Any) -> bool:
    """Whether a point lies inside the domain, not at its end; the ends of one period are not ends."""
    if function.period is not None and float(point) >= float(function.upper) - 1e-12:
        return False
    place = float(point)
    if function.period is not None and abs(place - float(function.lower)) < 1e-12:
        return function.number(function.value, point) is not None
    return any(float(a) + 1e-12 < place < float(b) - 1e-12 for a, b in intervals_of(function.domain))


def _beside(pieces: list[Piece], at: Any, function: RealFunction) -> tuple[int, int]:
    place = float(at)
    left = next((p.sign for p in pieces if abs(float(p.upper) - place) < 1e-9), None)
    right = next((p.sign for p in pieces if abs(float(p.lower) - place) < 1e-9), None)
    if function.period is not None:
        left = pieces[-1].sign if left is None and pieces else left
    return left or 0, right or 0


def derivative(value: Any, x: Any, order: int = 1) -> Any:
    """A derivative in a short form."""
    sympy = sympy_library()
    found = value.diff(x, order)
    found = found.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
    if found.has(sympy.Derivative, sympy.Subs):
        raise ToolError("this function has no derivative in closed form")
    forms = [found, sympy.factor(sympy.together(found))] if found.count_ops() < 150 else [found]
    return min(forms, key=lambda form: form.count_ops())


def value_at(function: RealFunction, at: Any) -> Any:
    """The value of the function at a point, exact if the point is."""
    sympy = sympy_library()
    value = function.value.subs(function.x, at)
    if value.is_number and not value.has(sympy.Float) and value.count_ops() < 60:
        value = sympy.simplify(sympy.nsimplify(value) if value.is_Rational else value)
    number = function.number(function.value, at)
    if number is not None and value.is_number and abs(complex(value.evalf(15)) - number) > 1e-8 * (1 + abs(number)):
        return sympy.Float(number, 15)
    return value


def point_text(at: Any, height: Any) -> str:
    return f"({shown_number(at)}, {shown_number(height)})"


def _critical(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    function = question.function()
    found = critical_points(function)
    if not found:
        return told(reading, "no critical points", verified=_SIGNS_CHECKED)
    note_period(function, reading)
    name = str(function.x)
    lines = [
        f"{name} = {shown_number(point.at)} ({point.kind.replace('neither', 'no extremum')}, "
        f"value {shown_number(point.height)}{'' if point.smooth else ', not differentiable there'})"
        for point in found[:_MOST_SHOWN]
    ]
    exact = " or ".join(f"{name} = {shown_number(point.at)}" for point in found)
    numbers = [decimal(point.at, 10) for point in found]
    text = "; ".join(lines)
    if any(number != shown_number(point.at) for number, point in zip(numbers, found, strict=True)):
        text += f"; {name} is about {', '.join(numbers)}"
    latex = r",\ ".join(f"{name} = {latex_of(point.at)}" for point in found)
    return told(reading, text, exact=exact, latex=latex, verified=_SIGNS_CHECKED)


def _extrema(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    scope, kind = question.words
    function = question.function()
    found = critical_points(function)
    note_period(function, reading)
    if scope == "local":
        return _local(function, found, kind, reading)
    return _absolute(question, function, found, kind, scope, reading)


def _local(function: RealFunction, found: list[Critical], kind: str, reading: Reading) -> Solution:
    wanted = [point for point in found if kind in point.kind or (kind == "both" and point.kind != "neither")]
    if not wanted:
        name = {"both": "extrema", "maximum": "maximum", "minimum": "minimum"}[kind]
        return told(reading, f"no local {name}", verified=_SIGNS_CHECKED)
    lines = [_line(point.kind, point.height, [point.at], function) for point in wanted[:_MOST_SHOWN]]
    exact = "; ".join(f"{point.kind} {point_text(point.at, point.height)}" for point in wanted)
    return told(reading, "; ".join(lines), exact=exact, verified=_SIGNS_CHECKED)


def _line(kind: str, height: Any, places: list[Any], function: RealFunction) -> str:
    at = " and ".join(f"{function.x} = {shown_number(place)}" for place in places[:4])
    number = decimal(height, 10)
    about = f" (about {number})" if number and number != shown_number(height) else ""
    return f"{kind} {shown_number(height)}{about} at {at}"


def _absolute(
    question: Question, function: RealFunction, found: list[Critical], kind: str, scope: str, reading: Reading
) -> Solution:
    low, high = extreme_values(function, found, question.opened)
    lines: list[str] = []
    exact: list[str] = []
    for name, (height, places) in (("maximum", high), ("minimum", low)):
        if kind not in (name, "both"):
            continue
        if places:
            lines.append(_line(name, height, places, function))
            exact.append(f"{name} {shown_number(height)} at {function.x} = {', '.join(map(shown_number, places))}")
            continue
        local = [point for point in found if name in point.kind]
        bound = "above" if name == "maximum" else "below"
        infinite = height is not None and height.is_infinite
        reason = (
            f"unbounded {bound}"
            if infinite
            else f"the values approach {shown_number(height)}"
            if height is not None
            else "not attained"
        )
        line = f"no absolute {name} ({reason})"
        if local and scope != "absolute":
            line += "; " + "; ".join(_line(point.kind, point.height, [point.at], function) for point in local[:4])
        lines.append(line)
        exact.append(line)
    if not question.interval and function.period is None:
        reading.assume("over the whole domain")
    number = ""
    if len(exact) == 1 and kind != "both":
        height, places = high if kind == "maximum" else low
        if places:
            return reading.solution(height, text=lines[0], verified=_compared(function, low[0], high[0]))
    text = "; ".join(lines)
    return reading.solution(
        sympy_library().S.One, text=text, exact="; ".join(exact), number=number, latex=rf"\text{{{text}}}",
        verified=_compared(function, low[0], high[0]),
    )  # fmt: skip


def _compared(function: RealFunction, low: Any, high: Any) -> str | None:
    """Whether sampled values all lie between the smallest and the largest."""
    lower, upper = (
        float(end) if end.is_finite else sign * 50.0 for end, sign in ((function.lower, -1), (function.upper, 1))
    )
    values = [function.number(function.value, lower + (upper - lower) * k / 97) for k in range(1, 97)]
    known = [value for value in values if value is not None]
    margin = 1e-9 * (1 + max((abs(value) for value in known), default=0.0))
    inside = all(float(low) - margin <= value <= float(high) + margin for value in known)
    return "compared with sampled values" if known and inside else None


Extreme = tuple[Any, list[Any]]


def extreme_values(
    function: RealFunction, found: list[Critical], opened: tuple[bool, bool] = (False, False)
) -> tuple[Extreme, Extreme]:
    """The smallest and largest values with the places where they are attained; no places for a bound that is not."""
    sympy = sympy_library()
    reached: list[tuple[Any, Any]] = [(point.height, point.at) for point in found]
    approached: list[Any] = []
    for lower, upper in intervals_of(function.domain):
        for end, side in ((lower, "+"), (upper, "-")):
            is_open = opened[0] if end == function.lower else opened[1] if end == function.upper else False
            if end.is_finite and function.number(function.value, end) is not None and not is_open:
                reached.append((value_at(function, end), end))
                continue
            limit = limit_at(function.value, function.x, end, side)
            if limit is None:
                raise ToolError("how the function behaves at the end of its domain was not found; name an interval")
            if isinstance(limit, sympy.AccumBounds):
                approached += [limit.min, limit.max]
            else:
                approached.append(limit)
    for part in function.domain.args if isinstance(function.domain, sympy.Union) else [function.domain]:
        if isinstance(part, sympy.FiniteSet):
            reached += [(value_at(function, point), point) for point in part.args]
    if not reached and not approached:
        raise ToolError("the function has no real values there")
    return _extreme(reached, approached, -1), _extreme(reached, approached, 1)


def _extreme(reached: list[tuple[Any, Any]], approached: list[Any], sign: int) -> Extreme:
    best = max((sign * float(height) for height, _ in reached), default=None)
    limit = max((sign * float(value) for value in approached), default=None)
    if best is not None and (limit is None or best >= limit - 1e-11 * (1 + abs(best))):
        places = [at for height, at in reached if abs(sign * float(height) - best) < 1e-9 * (1 + abs(best))]
        height = next(height for height, _ in reached if abs(sign * float(height) - best) < 1e-9 * (1 + abs(best)))
        unique = list({round(float(place), 9): place for place in sorted(places, key=float)}.values())
        return height, unique
    return next(value for value in approached if sign * float(value) == limit), []


def _inflection(ask: Ask, reading: Reading) -> Solution:
    function = question_of(ask).function()
    second = derivative(function.value, function.x, 2)
    pieces = function.pieces(second) if second.has(function.x) else []
    places = []
    for left, right in itertools.pairwise(pieces):
        if (
            left.upper == right.lower
            and left.sign * right.sign < 0
            and function.number(function.value, left.upper) is not None
        ):
            places.append(left.upper)
    if function.period is not None and pieces and pieces[0].sign * pieces[-1].sign < 0:
        places = [function.lower, *places] if function.number(function.value, function.lower) is not None else places
    if not places:
        return told(reading, "no inflection points", verified=_SIGNS_CHECKED)
    note_period(function, reading)
    exact = ", ".join(point_text(at, value_at(function, at)) for at in places)
    return told(reading, exact, verified=_SIGNS_CHECKED)


def _signs(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    function = question.function()
    wanted = {"monotone": ["increasing", "decreasing"], "concavity": ["concave up", "concave down"]}.get(
        question.words[0] if question.words else "monotone", list(question.words)
    )
    order = 2 if "concave" in wanted[0] else 0 if wanted[0] in ("positive", "negative") else 1
    part = derivative(function.value, function.x, order) if order else function.value
    pieces = function.pieces(part)
    note_period(function, reading)
    lines: list[str] = []
    for name in dict.fromkeys(wanted):
        sign = 1 if name in ("increasing", "concave up", "positive") else -1
        merged = _merged(function, pieces, sign, joined=order == 1)
        where = " U ".join(f"({shown_number(a)}, {shown_number(b)})" for a, b in merged) or "nowhere"
        bounds = " or ".join(_between(function, a, b) for a, b in merged)
        lines.append(f"{name}: {where}" + (f", that is {bounds}" if bounds else "") if len(wanted) > 1 else
                     f"{name} on {where}, that is {bounds}" if bounds else f"{name} nowhere")  # fmt: skip
    reading.assume("open intervals; the ends may be added where the function is continuous")
    exact = "; ".join(line.split(", that is")[0] for line in lines)
    return told(reading, "; ".join(lines), exact=exact, verified=_SIGNS_CHECKED)


def _merged(function: RealFunction, pieces: list[Piece], sign: int, *, joined: bool) -> list[tuple[Any, Any]]:
    """Neighbouring intervals of one sign as one, where only the slope vanishes between them."""
    found: list[tuple[Any, Any]] = []
    for piece in pieces:
        if piece.sign != sign:
            continue
        if (
            found
            and joined
            and found[-1][1] == piece.lower
            and function.number(function.value, piece.lower) is not None
        ):
            found[-1] = (found[-1][0], piece.upper)
        else:
            found.append((piece.lower, piece.upper))
    return found


def _between(function: RealFunction, lower: Any, upper: Any) -> str:
    name = str(function.x)
    if lower.is_infinite and upper.is_infinite:
        return f"every real {name}"
    if lower.is_infinite:
        return f"{name} < {shown_number(upper)}"
    if upper.is_infinite:
        return f"{name} > {shown_number(lower)}"
    return f"{shown_number(lower)} < {name} < {shown_number(upper)}"


HANDLERS: dict[str, Handler] = {
    "function critical": _critical,
    "function extrema": _extrema,
    "function inflection": _inflection,
    "function signs": _signs,
}
