"""Domain, range, inverse, intercepts, asymptotes, symmetry, period and continuity of functions of one variable."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Relation
from ..solution import Solution
from . import areas, continuity, function_behaviour, function_lines, inverses, parametric_curves
from .build import Builder
from .domain import Handler
from .function_behaviour import derivative
from .function_questions import note_period, question_of, told
from .inequalities import set_text
from .inverses import range_of
from .numeric import vanishes
from .presenting import Reading
from .printing import latex_of, plain
from .real_conditions import conditions
from .real_functions import RealFunction, all_vanish, intervals_of, limit_at, real_number, set_notation, shown_number
from .untyped import sympy_library

_SAMPLED = "checked at sample points"
_SUBSTITUTED = "checked by substitution"
_PROBES = (-1000.3, -57.7, -9.31, -3.07, -1.53, -0.71, -0.23, 0.19, 0.64, 1.37, 2.21, 3.43, 7.9, 41.3, 1000.7)


def _domain(ask: Ask, reading: Reading) -> Solution:
    function = question_of(ask).function()
    if function.period is not None:
        return _periodic_domain(function, reading)
    region = function.domain
    text, verified = _domain_text(function, region), _domain_checked(function, region)
    return told(reading, text, exact=set_notation(region), latex=latex_of(region), verified=verified)


def _domain_text(function: RealFunction, region: Any) -> str:
    sympy = sympy_library()
    name, notation = str(function.x), set_notation(region)
    if region is sympy.S.EmptySet:
        return "nowhere defined in real numbers"
    missing = [a for (_, a), (b, _) in zip(intervals_of(region), intervals_of(region)[1:], strict=False) if a == b]
    ends = intervals_of(region)
    whole = bool(ends) and ends[0][0].is_infinite and ends[-1][1].is_infinite
    if whole and len(missing) == len(ends) - 1:
        if not missing:
            return f"all real numbers, {notation}"
        return f"all real {name} except {name} = {', '.join(map(shown_number, missing))}, that is {notation}"
    return f"{set_text(region, name, shown_number)}, that is {notation}"


def _domain_checked(function: RealFunction, region: Any) -> str | None:
    sympy = sympy_library()
    for probe in _PROBES:
        point = sympy.Float(probe)
        if not bool(function.window.contains(point)):
            continue
        defined = function.number(function.value, point) is not None
        if abs(probe) < 100 and defined != (region.contains(point) == True):  # noqa: E712
            return None
    return _SAMPLED


def _periodic_domain(function: RealFunction, reading: Reading) -> Solution:
    sympy = sympy_library()
    x, region = function.x, function.domain
    if region == function.window:
        return told(
            reading,
            "all real numbers, (-infinity, infinity)",
            exact="(-infinity, infinity)",
            latex=latex_of(sympy.S.Reals),
        )
    if all(kind == "!=" for kind, _ in conditions(function.value, x)):
        missing = [p for kind, part in conditions(function.value, x) for p in function.zeros(part)]
        missing = sorted({p for p in missing if float(p) < float(function.upper) - 1e-12}, key=float)
        steps = _spaced(missing, function.period)
        places = " and ".join(
            f"{x} = {plain(start)} + {plain(step)}*n" if start != 0 else f"{x} = {plain(step)}*n"
            for start, step in steps
        )
        text = f"all real {x} except {places}, n an integer"
        return told(reading, text, verified=_domain_checked(function, region))
    note_period(function, reading)
    return told(reading, set_text(region, str(x), shown_number), exact=set_notation(region))


def _spaced(points: list[Any], period: Any) -> list[tuple[Any, Any]]:
    """Equally spaced points of a period as one family."""
    gaps = [(b - a) for a, b in zip(points, [*points[1:], points[0] + period], strict=True)]
    if points and all(vanishes(gap - gaps[0]) for gap in gaps):
        return [(points[0], gaps[0])]
    return [(point, period) for point in points]


def _range(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    function = question.function()
    region = range_of(function, question.opened)
    name = "y"
    text = f"{set_text(region, name, shown_number)}, that is {set_notation(region)}"
    if region is sympy_library().S.Reals:
        text = "all real numbers, (-infinity, infinity)"
    return told(
        reading, text, exact=set_notation(region), latex=latex_of(region), verified=_range_checked(function, region)
    )


def _range_checked(function: RealFunction, region: Any) -> str | None:
    sympy = sympy_library()
    seen = 0
    for probe in _PROBES:
        point = sympy.Float(probe)
        value = function.number(function.value, point) if bool(function.window.contains(point)) else None
        if value is None:
            continue
        near = [float(value) + shift * 1e-9 * (1 + abs(value)) for shift in (-1, 0, 1)]
        if not any(region.contains(sympy.Float(number, 18)) == True for number in near):  # noqa: E712
            return None
        seen += 1
    return _SAMPLED if seen >= 2 else None


def _domain_and_range(ask: Ask, reading: Reading) -> Solution:
    first, second = _domain(ask, reading), _range(ask, reading)
    verified = first.verified if first.verified == second.verified else None
    text = f"domain: {first.text}; range: {second.text}"
    return told(reading, text, exact=f"domain {first.exact}, range {second.exact}", verified=verified)


def _intercepts(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    value, x = question.value, question.x
    lines: list[str] = []
    verified = None
    if "x" in question.words:
        if value.free_symbols <= {x}:
            function = question.function()
            zeros = [p for p in function.zeros(value) if function.period is None or float(p) < float(function.upper)]
            note_period(function, reading)
            zeros = [zero for zero in zeros if real_number(value, x, zero) is not None]
            verified = _SUBSTITUTED if zeros and all_vanish(value, x, zeros) else None
        else:
            zeros = sympy.solve(value, x)
        points = ", ".join(f"({shown_number(zero)}, 0)" for zero in zeros) or "none"
        lines.append(f"x-intercept{'s' * (len(zeros) > 1)}: {points}")
    if "y" in question.words:
        height = value.subs(x, 0)
        defined = height.is_finite is not False and (height.free_symbols or real_number(value, x, 0) is not None)
        lines.append(f"y-intercept: (0, {plain(height)})" if defined else "y-intercept: none")
    exact = "; ".join(line.partition(": ")[2] for line in lines)
    return told(reading, "; ".join(lines), exact=exact, verified=verified)


def _equation_intercepts(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    builder = Builder()
    relation = ask.args[0]
    if not isinstance(relation, Relation):
        raise ToolError("write an equation such as 2x + 3y = 6")
    curve = builder.build(relation.left) - builder.build(relation.right)
    x, y = builder.symbol("x"), builder.symbol("y")
    lines: list[str] = []
    for name, kept, gone in (("x", x, y), ("y", y, x)):
        if name in ask.words:
            found = [value for value in sympy.solve(curve.subs(gone, 0), kept) if value.is_real]
            points = [f"({plain(v)}, 0)" if name == "x" else f"(0, {plain(v)})" for v in found]
            lines.append(f"{name}-intercept{'s' * (len(found) > 1)}: {', '.join(points) or 'none'}")
    exact = "; ".join(line.partition(": ")[2] for line in lines)
    return told(reading, "; ".join(lines), exact=exact)


def _zeros(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    function = question.function()
    found = [zero for zero in function.zeros(function.value) if function.number(function.value, zero) is not None]
    if function.period is not None:
        found = [zero for zero in found if float(zero) < float(function.upper)]
    note_period(function, reading)
    text = " or ".join(f"{function.x} = {shown_number(zero)}" for zero in found) or "no real zeros there"
    return told(
        reading, text, verified=_SUBSTITUTED if found and all_vanish(function.value, function.x, found) else None
    )


def _asymptotes(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    function = question.function()
    wanted = question.words or ("vertical", "horizontal", "oblique")
    found: dict[str, list[str]] = {"vertical": [], "horizontal": [], "oblique": []}
    if "vertical" in wanted:
        found["vertical"] = _vertical(function)
    if ("horizontal" in wanted or "oblique" in wanted) and function.period is None:
        for end in (sympy.oo, -sympy.oo):
            if not any(end in ends for ends in intervals_of(function.domain)):
                continue
            _add_line(function, end, found)
    if found["vertical"]:
        note_period(function, reading)
    lines = [f"{kind}: {', '.join(found[kind]) or 'none'}" for kind in wanted]
    text = lines[0].partition(": ")[2] if len(lines) == 1 else "; ".join(lines)
    if len(lines) == 1 and text == "none":
        text = f"no {wanted[0]} asymptote"
    return told(reading, text, verified="checked by numbers near and far away" if any(found.values()) else None)


def _vertical(function: RealFunction) -> list[str]:
    places: list[Any] = []
    for lower, upper in intervals_of(function.domain):
        places += [(end, side) for end, side in ((lower, "+"), (upper, "-")) if end.is_finite]
    found: dict[str, None] = {}
    for end, side in places:
        if function.number(function.value, end) is not None:
            continue
        limit = limit_at(function.value, function.x, end, side)
        infinite = limit is not None and limit.is_infinite and _grows(function, end, 1 if side == "+" else -1)
        if infinite and (function.period is None or float(end) < float(function.upper) - 1e-12):
            found[f"{function.x} = {shown_number(end)}"] = None
    return list(found)


def _grows(function: RealFunction, end: Any, sign: int) -> bool:
    values = [function.number(function.value, float(end) + sign * step) for step in (1e-2, 1e-4, 1e-7)]
    known = [abs(value) for value in values if value is not None]
    return len(known) < 3 or known[0] < known[1] < known[2]


def _add_line(function: RealFunction, end: Any, found: dict[str, list[str]]) -> None:
    value, x = function.value, function.x
    if value.is_polynomial(x) and derivative(value, x, 2) == 0:
        return
    level = limit_at(value, x, end)
    slope: Any = sympy_library().S.Zero
    offset: Any = slope
    if level is not None and level.is_finite and not isinstance(level, sympy_library().AccumBounds):
        line, kind = f"y = {shown_number(level)}", "horizontal"
    else:
        slope = limit_at(value / x, x, end)
        if slope is None or not slope.is_finite or slope == 0:
            return
        offset = limit_at(sympy_library().simplify(value - slope * x), x, end)
        if offset is None or not offset.is_finite:
            return
        line, kind = f"y = {plain(slope * x + offset)}", "oblique"
    far = [
        function.number(
            value - (level if kind == "horizontal" else slope * x + offset),
            (1 if end.is_extended_positive else -1) * size,
        )
        for size in (1e3, 1e5)
    ]
    if None not in far and abs(far[1] or 0.0) > abs(far[0] or 0.0) + 1e-6:
        raise ToolError("the asymptote found does not agree with numbers far away; ask for a simpler function")
    if line not in found[kind]:
        found[kind].append(line)


HANDLERS: dict[str, Handler] = {
    "function domain": _domain,
    "function range": _range,
    "function domain and range": _domain_and_range,
    "function intercepts": _intercepts,
    "function equation intercepts": _equation_intercepts,
    "function zeros": _zeros,
    "function asymptotes": _asymptotes,
    **continuity.HANDLERS,
    **inverses.HANDLERS,
    **function_behaviour.HANDLERS,
    **function_lines.HANDLERS,
    **areas.HANDLERS,
    **parametric_curves.HANDLERS,
}
