"""Segments and polygons by the coordinates of their corners; areas are checked by cutting them into triangles."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .points import (
    Point,
    length_between,
    plane_points,
    points_of,
    told,
    told_point,
)
from .presenting import Reading


def _midpoint(request: Ask, reading: Reading) -> Solution:
    first, second = points_of(request.args)
    middle = tuple(tidy((a + b) / 2) for a, b in zip(first, second, strict=True))
    holds = tidy(length_between(first, middle) - length_between(middle, second)) == 0
    return told_point(middle, reading, "checked: it is as far from one end as from the other" if holds else None)


def _section(request: Ask, reading: Reading) -> Solution:
    first, second = points_of(request.args[:2])
    m, n = (Builder().build(node) for node in request.args[2:])
    if "externally" in request.words:
        n = -n
    if m + n == 0:
        raise ToolError("no point divides a segment externally in the ratio 1:1")
    return told_point(tuple(tidy((m * b + n * a) / (m + n)) for a, b in zip(first, second, strict=True)), reading)


def circumcenter(points: list[Point]) -> Point:
    """The point as far from each of three points.

    Raises:
        ToolError: if the points lie on one line.
    """
    (ax, ay), (bx, by), (cx, cy) = points
    double = tidy(2 * (ax * (by - cy) + bx * (cy - ay) + cx * (ay - by)))
    if double == 0:
        raise ToolError("the three points lie on one line, so no circle passes through them")
    squares = [x**2 + y**2 for x, y in points]
    x = (squares[0] * (by - cy) + squares[1] * (cy - ay) + squares[2] * (ay - by)) / double
    y = (squares[0] * (cx - bx) + squares[1] * (ax - cx) + squares[2] * (bx - ax)) / double
    return tidy(x), tidy(y)


def _circumcenter(request: Ask, reading: Reading) -> Solution:
    return told_point(circumcenter(_three(request)), reading)


def _three(request: Ask) -> list[Point]:
    points = plane_points(request.args)
    if len(points) != 3:
        raise ToolError(f"a triangle has three corners, not {len(points)}")
    return points


def _orthocenter(request: Ask, reading: Reading) -> Solution:
    import sympy

    points = _three(request)
    center = circumcenter(points)
    return told_point(
        tuple(
            tidy(sympy.Add(*parts) - 2 * middle)
            for parts, middle in zip(zip(*points, strict=True), center, strict=True)
        ),
        reading,
    )


def _centroid(request: Ask, reading: Reading) -> Solution:
    import sympy

    points = points_of(request.args)
    if len(points) > 3 and len(points[0]) == 2:
        return told_point(_centroid_of_polygon(points), reading)
    return told_point(tuple(tidy(sympy.Add(*parts) / len(points)) for parts in zip(*points, strict=True)), reading)


def _pairs(points: list[Point]) -> list[tuple[Point, Point]]:
    return list(zip(points, [*points[1:], points[0]], strict=True))


def _centroid_of_polygon(points: list[Point]) -> Point:
    import sympy

    pairs = _pairs(points)
    crosses = [a[0] * b[1] - b[0] * a[1] for a, b in pairs]
    area = sympy.Add(*crosses) / 2
    if area == 0:
        raise ToolError("the corners enclose no area; give them in order around the polygon")
    x, y = (
        sympy.Add(*((a[axis] + b[axis]) * cross for (a, b), cross in zip(pairs, crosses, strict=True))) / (6 * area)
        for axis in (0, 1)
    )
    return tidy(x), tidy(y)


def _polygon_area(request: Ask, reading: Reading) -> Solution:
    import sympy

    points = points_of(request.args)
    if len(points[0]) == 3:
        if len(points) != 3:
            raise ToolError("in space only the area of a triangle can be computed: give three corners")
        first, second, third = (sympy.Matrix(point) for point in points)
        return told(reading, tidy((second - first).cross(third - first).norm() / 2))
    if len(points) > 3:
        reading.assume("the corners are taken in the given order around the polygon")
    double = sympy.Add(*(a[0] * b[1] - b[0] * a[1] for a, b in _pairs(points)))
    value = tidy(abs(sympy.expand(double)) / 2)
    fan = sympy.Add(*(_signed_triangle(points[0], a, b) for a, b in itertools.pairwise(points[1:])))
    holds = not value.free_symbols and tidy(abs(fan) - value) == 0
    return told(reading, value, verified="checked by cutting it into triangles" if holds else None)


def _signed_triangle(a: Point, b: Point, c: Point) -> Any:
    return ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def _polygon_perimeter(request: Ask, reading: Reading) -> Solution:
    import sympy

    points = points_of(request.args)
    if len(points) > 3:
        reading.assume("the corners are taken in the given order around the polygon")
    return told(reading, tidy(sympy.Add(*(length_between(a, b) for a, b in _pairs(points)))))


def _collinear(request: Ask, reading: Reading) -> Solution:
    import sympy

    points = points_of(request.args)
    differences = sympy.Matrix([[b - a for a, b in zip(points[0], point, strict=True)] for point in points[1:]])
    on_line = differences.rank(simplify=True) <= 1
    return told(reading, text="yes, the points lie on one line" if on_line else "no, the points do not lie on one line")


KINDS: dict[str, Callable[[Ask, Reading], Solution]] = {
    "midpoint": _midpoint,
    "section": _section,
    "circumcenter": _circumcenter,
    "orthocenter": _orthocenter,
    "centroid": _centroid,
    "polygon area": _polygon_area,
    "polygon perimeter": _polygon_perimeter,
    "collinear": _collinear,
}
