"""Symmetry, continuity and differentiability of functions of one variable."""

from __future__ import annotations

import itertools
from typing import Any

from ..reading.syntax import Ask
from ..solution import Solution
from .domain import Handler
from .function_behaviour import derivative, point_text, value_at
from .function_questions import note_period, question_of, told
from .presenting import Reading
from .printing import plain
from .real_conditions import kinks
from .real_functions import RealFunction, intervals_of, limit_at, real_number, set_notation, shown_number
from .untyped import sympy_library

_SAMPLED = "checked at sample points"
_PROBES = (-9.31, -3.07, -1.53, -0.71, -0.23, 0.19, 0.64, 1.37, 2.21, 3.43, 7.9)


def _parity(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    question = question_of(ask)
    value, x = question.value, question.x
    mirrored = value.subs(x, -x)
    even, odd = _same(value, mirrored, x), _same(value, -mirrored, x)
    kind = "both even and odd" if even and odd else "even" if even else "odd" if odd else "neither even nor odd"
    reason = {"even": "f(-x) = f(x)", "odd": "f(-x) = -f(x)"}.get(kind, "")
    if kind.startswith("neither"):
        for sample in (1, 2, sympy.Rational(1, 2)):
            first, second = value.subs(x, sample), value.subs(x, -sample)
            if real_number(value, x, sample) is not None and real_number(value, x, -sample) is not None:
                reason = f"f({sample}) = {plain(first)}, f({-sample}) = {plain(second)}"
                break
    asked_for = question.words[0] if question.words else ""
    prefix = f"{'yes' if asked_for in kind and not kind.startswith('neither') else 'no'}, " if asked_for else ""
    symmetry = {"even": ", symmetric about the y-axis", "odd": ", symmetric about the origin"}.get(kind, "")
    text = f"{prefix}it is {kind}" + (f" ({reason}{symmetry})" if reason else "")
    return told(reading, text, exact=kind, verified=_SAMPLED)


def _same(left: Any, right: Any, x: Any) -> bool:
    agreed = 0
    for probe in _PROBES:
        first, second = real_number(left, x, probe), real_number(right, x, probe)
        if (first is None) != (second is None):
            return False
        if first is None or second is None:
            continue
        if abs(first - second) > 1e-9 * (1 + abs(first)):
            return False
        agreed += 1
    return agreed >= 1


def _continuity(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    whole = RealFunction(question.value, question.x)
    if question.point:
        return _continuous_at(whole, question.point[0], reading)
    function = question.function()
    breaks = _breaks(function)
    note_period(function, reading)
    where = "; ".join(f"{function.x} = {shown_number(at)} ({kind})" for at, kind in breaks)
    domain = set_notation(function.domain)
    if question.words == ("whether",):
        if breaks:
            return told(
                reading, f"no: discontinuous at {where}; continuous elsewhere on its domain {domain}", exact="no"
            )
        whole_line = domain == "(-infinity, infinity)" or bool(question.interval) or function.period is not None
        place = "there" if question.interval else "everywhere" if whole_line else f"on its domain {domain}"
        if question.interval and function.domain != function.window:
            return told(reading, f"no: it is defined only on {domain} there", exact="no")
        return told(reading, f"yes: continuous {place}", exact="yes", verified=_SAMPLED)
    if not breaks:
        return told(
            reading, "no discontinuities" + ("" if domain == "(-infinity, infinity)" else f" on its domain {domain}")
        )
    return told(reading, where, exact=where)


def _breaks(function: RealFunction) -> list[tuple[Any, str]]:
    """Points where a limit and the value differ or one is missing, between parts of the domain and at jumps."""
    ends = intervals_of(function.domain)
    places = [upper for (_, upper), (lower, _) in itertools.pairwise(ends) if upper == lower]
    places += [point for kink in kinks(function.value, function.x) for point in function.zeros(kink)]
    if function.period is not None and ends and function.number(function.value, ends[0][0]) is None:
        places.append(ends[0][0])
    found: list[tuple[Any, str]] = []
    for at in sorted(set(places), key=float):
        kind = _kind_of_break(function, at)
        if kind:
            found.append((at, kind))
    return found


def _kind_of_break(function: RealFunction, at: Any) -> str:
    left = limit_at(function.value, function.x, at, "-")
    right = limit_at(function.value, function.x, at, "+")
    height = function.number(function.value, at)
    if left is None or right is None:
        return "" if height is not None else "not defined"
    if left.is_infinite or right.is_infinite:
        return "infinite, vertical asymptote"
    if not (left.is_finite and right.is_finite):
        return "oscillating"
    if abs(float(left) - float(right)) > 1e-9:
        return f"jump from {shown_number(left)} to {shown_number(right)}"
    if height is None or abs(height - float(left)) > 1e-9:
        return f"removable, hole at {point_text(at, left)}"
    return ""


def _continuous_at(function: RealFunction, at: Any, reading: Reading) -> Solution:
    height = function.number(function.value, at)
    kind = _kind_of_break(function, at)
    if height is not None and not kind:
        text = f"yes: limit and value are both {shown_number(value_at(function, at))}"
        beside = [function.number(function.value, float(at) + step) for step in (-1e-7, 1e-7)]
        close = all(value is not None and abs(value - height) < 1e-3 * (1 + abs(height)) for value in beside)
        return told(reading, text, exact="yes", verified="checked with numbers beside it" if close else None)
    return told(reading, f"no: {kind or 'not defined there'}", exact="no")


def _differentiable(ask: Ask, reading: Reading) -> Solution:
    question = question_of(ask)
    function = question.function() if not question.point else RealFunction(question.value, question.x)
    slope = derivative(function.value, function.x)
    if not question.point:
        rough = [
            at
            for kink in kinks(function.value, function.x)
            for at in function.zeros(kink)
            if not _smooth(function, slope, at)
        ]
        domain = set_notation(function.domain)
        if rough:
            places = ", ".join(f"{function.x} = {shown_number(at)}" for at in rough)
            return told(reading, f"not differentiable at {places}; elsewhere on {domain} it is")
        return told(reading, f"yes: differentiable on {domain}", exact="yes")
    at = question.point[0]
    holds = function.number(function.value, at) is not None and _smooth(function, slope, at)
    text = f"yes: the derivative there is {shown_number(slope.subs(function.x, at))}" if holds else "no"
    if not holds:
        left, right = (limit_at(slope, function.x, at, side) for side in "-+")
        if function.number(function.value, at) is None:
            text += ": not defined there"
        elif left is not None and right is not None:
            text += f": the slope is {plain(left)} from the left and {plain(right)} from the right"
    return told(reading, text, exact="yes" if holds else "no")


def _smooth(function: RealFunction, slope: Any, at: Any) -> bool:
    left, right = (limit_at(slope, function.x, at, side) for side in "-+")
    if left is None or right is None:
        return function.number(slope, at) is not None
    return bool(left.is_finite and right.is_finite and abs(float(left) - float(right)) < 1e-9)


HANDLERS: dict[str, Handler] = {
    "function parity": _parity,
    "function continuity": _continuity,
    "function differentiable": _differentiable,
}
