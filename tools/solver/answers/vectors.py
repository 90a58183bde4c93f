"""Vectors as lists of components: length, unit vector, projection, angle, parallel or orthogonal, areas and volumes.

Dot and cross products are in `matrices`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .arithmetic import tidy
from .points import Point, point_text, points_of, told, told_angle, told_point
from .presenting import Reading
from .printing import plain


def dot(left: Point, right: Point) -> Any:
    import sympy

    return tidy(sympy.Add(*(a * b for a, b in zip(left, right, strict=True))))


def norm(vector: Point) -> Any:
    import sympy

    return tidy(sympy.sqrt(sympy.Add(*(part**2 for part in vector))))


def _nonzero(*vectors: Point) -> None:
    if any(norm(vector) == 0 for vector in vectors):
        raise ToolError("the zero vector has no direction; use a vector such as (3, 4)")


def _norm(request: Ask, reading: Reading) -> Solution:
    return told(reading, norm(points_of(request.args)[0]))


def _unit_vector(request: Ask, reading: Reading) -> Solution:
    (vector,) = points_of(request.args)
    _nonzero(vector)
    length = norm(vector)
    unit = tuple(tidy(part / length) for part in vector)
    holds = tidy(norm(unit) - 1) == 0
    return told_point(unit, reading, "checked: its length is 1" if holds else None)


def _projection(request: Ask, reading: Reading) -> Solution:
    vector, onto = points_of(request.args)
    _nonzero(onto)
    if "scalar" in request.words:
        return told(reading, tidy(dot(vector, onto) / norm(onto)))
    factor = dot(vector, onto) / dot(onto, onto)
    found = tuple(tidy(factor * part) for part in onto)
    rest = tuple(a - b for a, b in zip(vector, found, strict=True))
    holds = dot(rest, onto) == 0
    return told_point(found, reading, "checked: what remains is perpendicular" if holds else None)


def _cosine_of(left: Point, right: Point) -> Any:
    _nonzero(left, right)
    return tidy(dot(left, right) / (norm(left) * norm(right)))


def _angle(request: Ask, reading: Reading) -> Solution:
    import sympy

    return told_angle(tidy(sympy.acos(_cosine_of(*_two(request)))), reading)


def _two(request: Ask) -> tuple[Point, Point]:
    left, right = points_of(request.args)
    return left, right


def _cosine(request: Ask, reading: Reading) -> Solution:
    return told(reading, _cosine_of(*_two(request)))


def _related(request: Ask, reading: Reading) -> Solution:
    left, right = _two(request)
    product = dot(left, right)
    if "orthogonal" in request.words:
        return told(reading, text=f"{'yes' if product == 0 else 'no'}: the dot product is {plain(product)}")
    squares = tidy(product**2 - dot(left, left) * dot(right, right))
    if squares != 0:
        return told(reading, text="no: neither vector is a multiple of the other")
    return told(reading, text=f"yes: {point_text(left)} and {point_text(right)} are multiples of each other")


def _rows(request: Ask) -> Any:
    import sympy

    matrix = sympy.Matrix([list(point) for point in points_of(request.args)])
    if matrix.shape != (3, 3):
        raise ToolError("this needs three vectors with three components each: (1, 0, 0), (0, 1, 0), (0, 0, 1)")
    return matrix


def _triple_product(request: Ask, reading: Reading) -> Solution:
    matrix = _rows(request)
    value = tidy(matrix.det())
    by_products = matrix.row(0).dot(matrix.row(1).cross(matrix.row(2)))
    return told(
        reading, value, verified="checked as determinant and as a·(b×c)" if tidy(by_products - value) == 0 else None
    )


def _spanned_area(request: Ask, reading: Reading) -> Solution:
    import sympy

    left, right = _two(request)
    square = dot(left, left) * dot(right, right) - dot(left, right) ** 2
    area = tidy(sympy.sqrt(square))
    return told(reading, tidy(area / 2) if "triangle" in request.words else area)


def _spanned_volume(request: Ask, reading: Reading) -> Solution:
    import sympy

    points = points_of(request.args)
    if len(points) == 4:
        points = [tuple(b - a for a, b in zip(points[0], point, strict=True)) for point in points[1:]]
    if len(points) != 3 or len(points[0]) != 3:
        raise ToolError("this needs three vectors with three components each")
    determinant: Any = sympy.Matrix([list(point) for point in points]).det()
    volume = tidy(abs(determinant))
    return told(reading, tidy(volume / 6) if "tetrahedron" in request.words else volume)


KINDS: dict[str, Callable[[Ask, Reading], Solution]] = {
    "norm": _norm, "unit vector": _unit_vector, "projection": _projection, "angle": _angle, "cosine": _cosine,
    "related": _related, "triple product": _triple_product, "spanned area": _spanned_area,
    "spanned volume": _spanned_volume,
}  # fmt: skip
