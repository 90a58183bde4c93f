"""A function's curve as data: where it runs, and its zeros, poles and turning points. No drawing here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .numeric import numeric_function

if TYPE_CHECKING:
    from sympy import Expr, Symbol

Point = tuple[float, float]
_SAMPLES = 800
_FAULTS = (ArithmeticError, ValueError, TypeError, NotImplementedError)
_MOST_FEATURES = 40


@dataclass(frozen=True)
class Curve:
    """A curve in pieces, none of which crosses a pole or a jump."""

    segments: list[list[Point]] = field(default_factory=list)
    roots: list[float] = field(default_factory=list)
    poles: list[float] = field(default_factory=list)
    extrema: list[Point] = field(default_factory=list)


def real_function(expr: Expr, symbol: Symbol) -> Callable[[float], float | None]:
    """The real value of an expression at a number, `None` where there is none."""
    compiled = numeric_function(expr, [symbol])

    def value(at: float) -> float | None:
        try:
            found = complex(compiled(at))
        except _FAULTS:
            return None
        finite = math.isfinite(found.real) and abs(found.imag) <= 1e-9 * (1 + abs(found.real))
        return found.real if finite else None

    return value


def curve(expr: Expr, symbol: Symbol, low: float, high: float) -> Curve:
    """Sample a function between two numbers.

    Args:
        expr: free of anything but the symbol.
        symbol: the variable.
        low: left end.
        high: right end.
    """
    function = real_function(expr, symbol)
    points = [low + (high - low) * place / _SAMPLES for place in range(_SAMPLES + 1)]
    values: list[Any] = [function(point) for point in points]
    sizes = sorted(abs(value) for value in values if value is not None)
    if not sizes:
        return Curve()
    scale = sizes[int(0.75 * (len(sizes) - 1))] or sizes[-1] or 1.0
    found = Curve()
    piece: list[Point] = []
    for place, (point, value) in enumerate(zip(points, values, strict=True)):
        if value is None:
            _end(found, piece, function, point, points[place] - points[place - 1] if place else 0.0, scale)
            piece = []
            continue
        if piece:
            _between(function, piece[-1], (point, value), scale, found)
            if _breaks(function, piece[-1], (point, value), scale, found):
                found.segments.append(piece)
                piece = []
        elif place and not (found.poles and abs(found.poles[-1] - points[place - 1]) < 1e-9 * (1 + abs(point))):
            edge = _edge(function, points[place - 1], point)
            if edge and edge[0] < point:
                piece.append(edge)
        piece.append((point, value))
    if piece:
        found.segments.append(piece)
    _turns(function, found, scale)
    return _cleaned(found, high - low)


def _end(found: Curve, piece: list[Point], function: Any, point: float, step: float, scale: float) -> None:
    """The function has no value here: a pole, or the end of where it is real."""
    near = [function(point + side * step * 1e-6) for side in (-1, 1)]
    if any(value is not None and abs(value) > 1e3 * scale for value in near):
        found.poles.append(point)
    elif piece and near[0] is None and (edge := _edge(function, point, piece[-1][0])):
        piece.append(edge)
    if piece:
        found.segments.append(piece)


def _edge(function: Any, without: float, within: float) -> Point | None:
    """The last point that has a value, on the way from one with to one without."""
    for _ in range(50):
        middle = (without + within) / 2
        if function(middle) is None:
            without = middle
        else:
            within = middle
    value = function(within)
    return None if value is None else (within, value)


def _breaks(function: Any, left: Point, right: Point, scale: float, found: Curve) -> bool:
    """Whether a pole or a jump lies between two points: halving never makes the difference small."""
    first = abs(right[1] - left[1])
    if first < 0.02 * scale:
        return False
    start, end = left, right
    for _ in range(45):
        middle = (start[0] + end[0]) / 2
        value = function(middle)
        if value is None:
            near = abs(function(middle - 1e-7 * (end[0] - start[0])) or 0)
            if near > 1e3 * scale:
                found.poles.append(middle)
                return True
            return False
        if abs(value - start[1]) >= abs(end[1] - value):
            end = (middle, value)
        else:
            start = (middle, value)
    last = abs(end[1] - start[1])
    if last < 0.3 * first:
        return False
    if last > 1e3 * scale:
        found.poles.append((start[0] + end[0]) / 2)
    return True


def _between(function: Any, left: Point, right: Point, scale: float, found: Curve) -> None:
    """A zero between two points, if the sign changes there without a break."""
    if left[1] == 0 and right[1] == 0:
        return  # no single zero
    if left[1] == 0:
        found.roots.append(left[0])
        return
    if right[1] == 0 or (left[1] > 0) == (right[1] > 0):
        if right[1] == 0:
            found.roots.append(right[0])
        return
    low, high, positive = left[0], right[0], left[1] > 0
    for _ in range(60):
        middle = (low + high) / 2
        value = function(middle)
        if value is None:
            return
        if value == 0:
            low = high = middle
            break
        if (value > 0) == positive:
            low = middle
        else:
            high = middle
    value = function((low + high) / 2)
    if value is not None and abs(value) < 1e-6 * scale:
        found.roots.append((low + high) / 2)


def _turns(function: Any, found: Curve, scale: float) -> None:
    """Turning points; one that grows without bound is a pole of even order, where the piece is cut."""
    pieces: list[list[Point]] = []
    for piece in found.segments:
        start = 0
        for place in range(1, len(piece) - 1):
            before, here, after = (piece[place + shift][1] for shift in (-1, 0, 1))
            sign = 1 if before < here >= after else -1 if before > here <= after else 0
            if not sign:
                continue
            top = _summit(function, piece[place - 1][0], piece[place + 1][0], sign)
            if top is None:
                continue
            if abs(top[1]) > 1e5 * scale:
                found.poles.append(top[0])
                pieces.append([point for point in piece[start:place] if point[0] < top[0]])
                start = place + (piece[place][0] <= top[0])
            else:
                found.extrema.append(top)
                if abs(top[1]) < 1e-9 * scale:
                    found.roots.append(top[0])
        pieces.append(piece[start:])
    found.segments[:] = [piece for piece in pieces if piece]


def _summit(function: Any, low: float, high: float, sign: int) -> Point | None:
    for _ in range(80):
        first, second = low + (high - low) / 3, high - (high - low) / 3
        values = function(first), function(second)
        if values[0] is None or values[1] is None:
            return (first if values[0] is None else second), math.inf * sign
        if sign * values[0] < sign * values[1]:
            low = first
        else:
            high = second
    middle = (low + high) / 2
    value = function(middle)
    return None if value is None else (middle, value)


def _cleaned(found: Curve, width: float) -> Curve:
    def apart(values: list[float]) -> list[float]:
        kept: list[float] = []
        for value in sorted(values):
            rounded = round(value, 9) + 0.0
            if not kept or rounded - kept[-1] > 1e-6 * width:
                kept.append(rounded)
        return kept[:_MOST_FEATURES]

    poles = apart(found.poles)
    roots = [root for root in apart(found.roots) if all(abs(root - pole) > 1e-9 * width for pole in poles)]
    return Curve(found.segments, roots, poles, found.extrema[:_MOST_FEATURES])


def usual_range(expressions: list[Expr], symbol: Symbol) -> tuple[float, float]:
    """The part of the axis that shows what happens, where none was asked for."""
    from sympy.functions.elementary.trigonometric import TrigonometricFunction

    if any(symbol in part.free_symbols for expr in expressions for part in expr.atoms(TrigonometricFunction)):
        return -2 * math.pi, 2 * math.pi
    marks: list[float] = []
    valid: list[float] = []
    for expr in expressions:
        wide = curve(expr, symbol, -50.0, 50.0)
        marks += [*wide.roots, *wide.poles, *(x for x, _ in wide.extrema)]
        valid += [segment[end][0] for segment in wide.segments for end in (0, -1)]
    if not valid:
        return -10.0, 10.0
    low, high = (min(marks), max(marks)) if marks else (0.0, 0.0)
    margin = max(0.6 * (high - low), 4.0)
    low, high = math.floor(low - margin), math.ceil(high + margin)
    return max(low, min(valid) - 0.5), min(high, max(valid) + 0.5)
