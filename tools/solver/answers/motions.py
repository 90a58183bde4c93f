"""Points turned, mirrored and moved, and coordinates of other systems: polar, cylindrical and spherical."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from ...errors import ToolError
from ..reading.syntax import Ask
from ..reading.syntax import Sequence as Listed
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .lines import linear
from .points import (
    length_between,
    point_of,
    points_of,
    polynomial_of,
    told_point,
)
from .presenting import Reading
from .printing import decimal, plain


def _rotate(request: Ask, reading: Reading) -> Solution:
    import sympy

    builder = Builder()
    point, angle = point_of(request.args[0], builder), builder.build(request.args[1])
    center = point_of(request.args[2], builder) if len(request.args) > 2 else (sympy.S.Zero,) * 2
    if len(point) != 2 or len(center) != 2:
        raise ToolError("points in the plane can be rotated: rotate (1, 2) by 90 degrees")
    if len(request.args) == 2:
        reading.assume("rotated about the origin")
    if "degrees" in request.words:
        angle = angle * sympy.pi / 180
    if "clockwise" in request.words:
        angle = -angle
    else:
        reading.assume("rotated counterclockwise")
    x, y = (part - middle for part, middle in zip(point, center, strict=True))
    cosine, sine = sympy.cos(angle), sympy.sin(angle)
    return told_point((tidy(center[0] + x * cosine - y * sine), tidy(center[1] + x * sine + y * cosine)), reading)


def _reflect(request: Ask, reading: Reading) -> Solution:
    point = point_of(request.args[0], Builder())
    if len(request.args) == 1:
        kind = request.words[1]
        signs = {"x": (1, -1), "y": (-1, 1), "origin": (-1,) * len(point)}[kind]
        if len(signs) != len(point):
            raise ToolError("points in the plane can be reflected: reflect (1, 2) over the x-axis")
        return told_point(tuple(part * sign for part, sign in zip(point, signs, strict=True)), reading)
    if isinstance(request.args[1], Listed):
        center = point_of(request.args[1], Builder())
        return told_point(tuple(tidy(2 * b - a) for a, b in zip(point, center, strict=True)), reading)
    normal, constant = linear(polynomial_of(request.args[1]), len(point))
    offset = sum(a * b for a, b in zip(normal, point, strict=True)) + constant
    square = sum(a**2 for a in normal)
    return told_point(tuple(tidy(a - 2 * b * offset / square) for a, b in zip(point, normal, strict=True)), reading)


def _translate(request: Ask, reading: Reading) -> Solution:
    first, second = points_of(request.args)
    return told_point(tuple(tidy(a + b) for a, b in zip(first, second, strict=True)), reading)


def _convert(request: Ask, reading: Reading) -> Solution:
    import sympy

    point = point_of(request.args[0], Builder())
    start, into, *rest = request.words[1:]
    if (len(point) == 2) != ("polar" in (start, into)):
        raise ToolError(
            "polar coordinates have two parts, spherical and cylindrical ones three: convert (1, 1) to polar"
        )
    degrees = "degrees" in rest
    if into == "cartesian":
        angles = {"polar": (1,), "cylindrical": (1,), "spherical": (1, 2)}.get(start, ())
        large = any(
            point[place].is_number and abs(point[place]) > 7 and not point[place].has(sympy.pi) for place in angles
        )
        if large:
            reading.assume("the angle is taken in degrees")
            point = tuple(part * sympy.pi / 180 if place in angles else part for place, part in enumerate(point))
        elif not degrees:
            reading.assume("the angle is taken in radians")
        r, theta = point[0], point[1]
        if start == "spherical":
            reading.assume("spherical coordinates are (r, theta, phi) with theta from the z-axis")
            phi = point[2]
            return told_point(
                (
                    tidy(r * sympy.sin(theta) * sympy.cos(phi)),
                    tidy(r * sympy.sin(theta) * sympy.sin(phi)),
                    tidy(r * sympy.cos(theta)),
                ),
                reading,
            )
        return told_point((tidy(r * sympy.cos(theta)), tidy(r * sympy.sin(theta)), *point[2:]), reading)
    if start != "cartesian":
        raise ToolError("convert to cartesian coordinates first: convert polar (2, pi/3) to cartesian")
    angle = tidy(sympy.atan2(point[1], point[0])) if any(point[:2]) else sympy.S.Zero
    if into == "spherical":
        radius = length_between(point, (sympy.S.Zero,) * 3)
        if radius == 0:
            raise ToolError("the origin has no spherical angles")
        reading.assume("spherical coordinates are (r, theta, phi) with theta from the z-axis, in radians")
        return told_point((radius, tidy(sympy.acos(point[2] / radius)), angle), reading)
    radius = length_between(point[:2], (sympy.S.Zero,) * 2)
    turned = tidy(angle * 180 / sympy.pi)
    solution = told_point((radius, angle, *point[2:]), reading)
    names = (
        f"r = {plain(radius)}, theta = {plain(angle)} ({decimal(turned, 10)}°)"
        if not angle.free_symbols
        else solution.text
    )
    names += "".join(f", z = {plain(part)}" for part in point[2:])
    return dataclasses.replace(solution, text=names)


KINDS: dict[str, Callable[[Ask, Reading], Solution]] = {
    "rotate": _rotate,
    "reflect": _reflect,
    "translate": _translate,
    "convert": _convert,
}
