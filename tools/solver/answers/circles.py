"""Equations of circles and spheres, checked to pass through their points; `conics` reads such equations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .numeric import vanishes
from .points import (
    Point,
    axes,
    length_between,
    plane_points,
    point_of,
    point_text,
    points_of,
    told,
)
from .polygon_points import circumcenter
from .presenting import Reading
from .printing import latex_of, plain


def _circle(request: Ask, reading: Reading) -> Solution:
    center = point_of(request.args[0], Builder())
    if "through" in request.words:
        other = point_of(request.args[1], Builder())
        return told_circle(center, tidy(length_between(center, other) ** 2), reading, [other])
    radius = Builder().build(request.args[1])
    if "diameter" in request.words:
        radius = radius / 2
    if radius.is_number and not (radius.is_real and radius > 0):
        raise ToolError(f"the radius of a circle must be a positive number, not {plain(radius)}")
    return told_circle(center, tidy(radius**2), reading, [])


def told_circle(center: Point, square: Any, reading: Reading, through: list[Point]) -> Solution:
    """The equation of a circle or sphere."""
    import sympy

    symbols = axes(len(center))
    left = sympy.Add(*((symbol - part) ** 2 for symbol, part in zip(symbols, center, strict=True)), evaluate=False)
    terms = []
    for symbol, part in zip(symbols, center, strict=True):
        terms.append(f"{plain(symbol)}^2" if part == 0 else f"({plain(symbol - part)})^2")
    text = f"{' + '.join(terms)} = {plain(square)}"
    holds = all(vanishes(left.subs(dict(zip(symbols, point, strict=True))) - square) for point in through)
    verified = "checked: it passes through the points" if through and holds else None
    also = f" (center {point_text(center)}, radius {plain(tidy(sympy.sqrt(square)))})"
    latex = " + ".join(term for term in terms) + f" = {latex_of(square)}"
    return told(reading, text=text + also, exact=text, latex=latex, verified=verified)


def _circle_on_diameter(request: Ask, reading: Reading) -> Solution:
    first, second = points_of(request.args)
    center = tuple(tidy((a + b) / 2) for a, b in zip(first, second, strict=True))
    return told_circle(center, tidy(length_between(center, first) ** 2), reading, [first, second])


def _circle_through(request: Ask, reading: Reading) -> Solution:
    points = plane_points(request.args)
    center = circumcenter(points)
    return told_circle(center, tidy(length_between(center, points[0]) ** 2), reading, points)


KINDS: dict[str, Callable[[Ask, Reading], Solution]] = {
    "circle": _circle,
    "circle on diameter": _circle_on_diameter,
    "circle through": _circle_through,
}
