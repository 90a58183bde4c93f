"""Distances, lines and planes; each line and plane found is checked to pass through its points."""

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
    equation_text,
    length_between,
    plane_points,
    point_of,
    point_text,
    points_of,
    polynomial_of,
    told,
    told_angle,
    told_equation,
)
from .presenting import Reading
from .printing import latex_of, plain


def _slope(request: Ask, reading: Reading) -> Solution:
    first, second = plane_points(request.args)
    if tidy(second[0] - first[0]) == 0:
        if tidy(second[1] - first[1]) == 0:
            raise ToolError("the two points are the same; a line needs two different points")
        return told(reading, text=f"undefined: the line x = {plain(first[0])} is vertical")
    return told(reading, tidy((second[1] - first[1]) / (second[0] - first[0])))


def told_line(normal: tuple[Any, Any], constant: Any, reading: Reading, through: list[Point]) -> Solution:
    """The line a x + b y + c = 0 as `y = m x + n`, or `x = n`."""
    import sympy

    x, y = axes()
    a, b = normal
    if a == 0 and b == 0:
        raise ToolError("the two points are the same; a line needs two different points")
    form = a * x + b * y + constant
    holds = all(vanishes(form.subs({x: point[0], y: point[1]})) for point in through)
    verified = "checked: it passes through the points" if holds and through else None
    if tidy(b) == 0:
        return told_equation(x, tidy(-constant / a), reading, verified)
    slope, height = tidy(-a / b), tidy(-constant / b)
    right = sympy.expand(slope * x + height)
    text = equation_text(y, right)
    if slope != 0 and height.is_number and height.is_positive:
        text = f"y = {plain(slope * x)} + {plain(height)}"
    latex = f"{latex_of(y)} = {latex_of(right)}"
    return told(reading, text=text, exact=text, latex=latex, verified=verified)


def linear(expr: Any, count: int) -> tuple[list[Any], Any]:
    """Coefficients of x, y (, z) and the constant of a linear equation.

    Raises:
        ToolError: if it is not linear.
    """
    import sympy

    symbols = axes(count)
    try:
        poly = sympy.Poly(expr, *symbols)
    except sympy.PolynomialError:
        raise ToolError("a line is written like y = 2x + 1 or 3x + 4y = 5") from None
    if poly.total_degree() != 1:
        raise ToolError("this equation is not linear; a line is written like y = 2x + 1 or 3x + 4y = 5")
    return [poly.coeff_monomial(symbol) for symbol in symbols], poly.coeff_monomial(1)


def _line(request: Ask, reading: Reading) -> Solution:
    points = points_of(request.args)
    if len(points[0]) == 3:
        return _line_in_space(points, reading)
    (x1, y1), (x2, y2) = plane_points(request.args)
    return told_line((y1 - y2, x2 - x1), tidy(x1 * y2 - x2 * y1), reading, points)


def _intercept(request: Ask, reading: Reading) -> Solution:
    first, second = plane_points(request.args)
    across, up = (0, 1) if request.words[1] == "y" else (1, 0)
    run = tidy(second[across] - first[across])
    if run == 0:
        raise ToolError(f"this line does not cross the {request.words[1]}-axis in one point")
    return told(reading, tidy(first[up] - first[across] * (second[up] - first[up]) / run))


def _on_curve(request: Ask, reading: Reading) -> Solution:
    point = point_of(request.args[0], Builder())
    if len(point) > 3:
        raise ToolError("a point in the plane or in space is needed, such as (1, 2)")
    rest = tidy(polynomial_of(request.args[1]).subs(dict(zip(axes(len(point)), point, strict=True))))
    if rest.free_symbols:
        raise ToolError("the equation has other letters than the coordinates of the point")
    if vanishes(rest):
        return told(reading, text="yes, the point fulfils the equation", verified="checked by substitution")
    return told(reading, text=f"no: the sides of the equation differ by {plain(rest)} there")


def _line_in_space(points: list[Point], reading: Reading) -> Solution:
    start, direction = points[0], tuple(b - a for a, b in zip(*points, strict=True))
    if not any(direction):
        raise ToolError("the two points are the same; a line needs two different points")
    text = f"(x, y, z) = {point_text(start)} + t*{point_text(direction)}"
    latex = rf"(x, y, z) = {point_text(start)} + t\,{point_text(direction)}"
    return told(reading, text=text, latex=latex)


def _line_by_slope(request: Ask, reading: Reading) -> Solution:
    (px, py), slope = point_of(request.args[0], Builder()), Builder().build(request.args[1])
    import sympy

    return told_line((slope, sympy.S.NegativeOne), py - slope * px, reading, [(px, py)])


def _line_by_line(request: Ask, reading: Reading) -> Solution:
    point = point_of(request.args[0], Builder())
    if len(point) != 2:
        raise ToolError("this needs a point in the plane, such as (1, 2)")
    (a, b), _ = linear(polynomial_of(request.args[1]), 2)
    if "perpendicular" in request.words:
        a, b = b, -a
    return told_line((a, b), -(a * point[0] + b * point[1]), reading, [point])


def _bisector(request: Ask, reading: Reading) -> Solution:
    first, second = plane_points(request.args)
    (x1, y1), (x2, y2) = first, second
    middle = ((x1 + x2) / 2, (y1 + y2) / 2)
    a, b = x2 - x1, y2 - y1
    return told_line((a, b), tidy(-(a * middle[0] + b * middle[1])), reading, [middle])


def _slope_of_line(request: Ask, reading: Reading) -> Solution:
    (a, b), _ = linear(polynomial_of(request.args[0]), 2)
    if "perpendicular" in request.words:
        a, b = b, -a
    if b == 0:
        return told(reading, text="undefined: the line is vertical")
    return told(reading, tidy(-a / b))


def _lines_related(request: Ask, reading: Reading) -> Solution:
    (first, _), (second, _) = (linear(polynomial_of(node), 2) for node in request.args)
    cross = tidy(first[0] * second[1] - first[1] * second[0])
    dot = tidy(first[0] * second[0] + first[1] * second[1])
    kind = "parallel" if cross == 0 else "perpendicular" if dot == 0 else "neither parallel nor perpendicular"
    wanted = request.words[1]
    return told(reading, text=f"yes: the lines are {kind}" if kind == wanted else f"no: the lines are {kind}")


def _angle_of_lines(request: Ask, reading: Reading) -> Solution:
    import sympy

    count = (
        3 if any("z" in {symbol.name for symbol in polynomial_of(node).free_symbols} for node in request.args) else 2
    )
    (first, _), (second, _) = (linear(polynomial_of(node), count) for node in request.args)
    dot = abs(sympy.Add(*(a * b for a, b in zip(first, second, strict=True))))
    norms = sympy.sqrt(sympy.Add(*(a**2 for a in first))) * sympy.sqrt(sympy.Add(*(b**2 for b in second)))
    return told_angle(tidy(sympy.acos(tidy(dot / norms))), reading)


def _plane(request: Ask, reading: Reading) -> Solution:
    import sympy

    points = points_of(request.args)
    first, second, third = (sympy.Matrix(point) for point in points)
    normal = (second - first).cross(third - first)
    if not any(tidy(part) for part in normal):
        raise ToolError("the three points lie on one line, so they do not determine a plane")
    return _told_plane(normal, points, reading)


def _plane_by_normal(request: Ask, reading: Reading) -> Solution:
    import sympy

    point, normal = points_of(request.args)
    return _told_plane(sympy.Matrix(normal), [point], reading)


def _told_plane(normal: Any, points: list[Point], reading: Reading) -> Solution:
    import sympy

    symbols = axes(3)
    parts = [tidy(part) for part in normal]
    if all(part.is_Rational for part in parts):
        common = sympy.gcd(parts)
        sign = next((1 if part > 0 else -1) for part in parts if part != 0)
        parts = [part / common * sign for part in parts]
    constant = tidy(sympy.Add(*(a * b for a, b in zip(parts, points[0], strict=True))))
    form = sympy.Add(*(a * b for a, b in zip(parts, symbols, strict=True)))
    holds = all(vanishes(form.subs(dict(zip(symbols, point, strict=True))) - constant) for point in points)
    return told_equation(form, constant, reading, "checked: it passes through the points" if holds else None)


def _distance(request: Ask, reading: Reading) -> Solution:
    import sympy

    points = points_of(request.args)
    if "origin" in request.words:
        points.append((sympy.S.Zero,) * len(points[0]))
    if "manhattan" in request.words:
        return told(reading, tidy(sympy.Add(*(abs(b - a) for a, b in zip(*points, strict=True)))))
    value = length_between(*points)
    return told(reading, value, verified="checked by Pythagoras with decimals" if _agrees(value, points) else None)


def _agrees(value: Any, points: list[Point]) -> bool:
    import math

    if value.free_symbols:
        return False
    first, second = ([float(part) for part in point] for point in points)
    return math.isclose(float(value), math.dist(first, second), rel_tol=1e-9, abs_tol=1e-12)


def _distance_to(request: Ask, reading: Reading) -> Solution:
    import sympy

    point = point_of(request.args[0], Builder())
    coefficients, constant = linear(polynomial_of(request.args[1]), len(point))
    offset = sympy.Add(constant, *(factor * part for factor, part in zip(coefficients, point, strict=True)))
    norm = sympy.Add(*(factor**2 for factor in coefficients))
    value = tidy(abs(offset) / sympy.sqrt(norm))
    foot = tuple(part - factor * offset / norm for factor, part in zip(coefficients, point, strict=True))
    holds = tidy(length_between(point, foot) - value) == 0
    return told(
        reading, value, verified=f"checked with the foot of the perpendicular {point_text(foot)}" if holds else None
    )


def _distance_of_lines(request: Ask, reading: Reading) -> Solution:
    import sympy

    count = 3 if any("z" in str(polynomial_of(node).free_symbols) for node in request.args) else 2
    (first, c1), (second, c2) = (linear(polynomial_of(node), count) for node in request.args)
    pivot = next(index for index, factor in enumerate(first) if factor != 0)
    scale = second[pivot] / first[pivot]
    if scale == 0 or any(tidy(b - scale * a) != 0 for a, b in zip(first, second, strict=True)):
        return told(reading, sympy.S.Zero, text="0 (they intersect)")
    return told(reading, tidy(abs(c2 / scale - c1) / sympy.sqrt(sympy.Add(*(a**2 for a in first)))))


KINDS: dict[str, Callable[[Ask, Reading], Solution]] = {
    "distance": _distance,
    "distance to": _distance_to,
    "distance of lines": _distance_of_lines,
    "slope": _slope,
    "line": _line,
    "intercept": _intercept,
    "on curve": _on_curve,
    "line by slope": _line_by_slope,
    "line by line": _line_by_line,
    "bisector": _bisector,
    "slope of line": _slope_of_line,
    "lines related": _lines_related,
    "angle of lines": _angle_of_lines,
    "plane": _plane,
    "plane by normal": _plane_by_normal,
}
