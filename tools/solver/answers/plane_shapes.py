"""Figures of the plane: circles and their parts, ellipses, triangles, quadrilaterals and regular polygons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .shape_formulas import TWO_RADII, Equations, Shape


def _circle(m: Any, pi: Any) -> Equations:
    return [(m.diameter, 2 * m.radius), (m.circumference, 2 * pi * m.radius), (m.area, pi * m.radius**2)]


def _part_of_circle(share: int) -> Callable[[Any, Any], Equations]:
    def equations(m: Any, pi: Any) -> Equations:
        return [
            (m.diameter, 2 * m.radius),
            (m.area, pi * m.radius**2 / share),
            (m.arc_length, 2 * pi * m.radius / share),
            (m.perimeter, 2 * pi * m.radius / share + 2 * m.radius),
        ]

    return equations


def _sector(m: Any, pi: Any) -> Equations:
    import sympy

    half: Any = m.angle / 2
    return [
        (m.diameter, 2 * m.radius),
        (m.arc_length, m.radius * m.angle),
        (m.area, m.radius**2 * m.angle / 2),
        (m.area, m.radius * m.arc_length / 2),
        (m.perimeter, 2 * m.radius + m.arc_length),
        (m.chord, 2 * m.radius * sympy.sin(half)),
    ]


def _segment(m: Any, pi: Any) -> Equations:
    import sympy

    half: Any = m.angle / 2
    return [
        (m.diameter, 2 * m.radius),
        (m.chord, 2 * m.radius * sympy.sin(half)),
        (m.height, m.radius * (1 - sympy.cos(half))),
        (m.arc_length, m.radius * m.angle),
        (m.perimeter, m.arc_length + m.chord),
        (m.area, m.radius**2 * (m.angle - sympy.sin(m.angle)) / 2),
    ]


def _annulus(m: Any, pi: Any) -> Equations:
    return [
        (m.inner_diameter, 2 * m.inner_radius),
        (m.outer_diameter, 2 * m.outer_radius),
        (m.outer_radius, m.inner_radius + m.width),
        (m.area, pi * (m.outer_radius**2 - m.inner_radius**2)),
        (m.perimeter, 2 * pi * (m.outer_radius + m.inner_radius)),
    ]


def _ellipse(m: Any, pi: Any) -> Equations:
    import sympy

    ratio: Any = 1 - m.semi_minor_axis**2 / m.semi_major_axis**2
    return [
        (m.major_axis, 2 * m.semi_major_axis),
        (m.minor_axis, 2 * m.semi_minor_axis),
        (m.area, pi * m.semi_major_axis * m.semi_minor_axis),
        (m.eccentricity, sympy.sqrt(ratio)),
        (m.perimeter, 4 * m.semi_major_axis * sympy.elliptic_e(ratio)),
    ]


def _square(m: Any, pi: Any) -> Equations:
    import sympy

    return [
        (m.area, m.side**2),
        (m.perimeter, 4 * m.side),
        (m.diagonal, sympy.sqrt(2) * m.side),
        (m.inradius, m.side / 2),
        (m.circumradius, sympy.sqrt(2) * m.side / 2),
    ]


def _rectangle(m: Any, pi: Any) -> Equations:
    import sympy

    return [
        (m.area, m.length * m.width),
        (m.perimeter, 2 * m.length + 2 * m.width),
        (m.diagonal, sympy.sqrt(m.length**2 + m.width**2)),
    ]


def _parallelogram(m: Any, pi: Any) -> Equations:
    import sympy

    return [
        (m.area, m.base * m.height),
        (m.perimeter, 2 * (m.base + m.side)),
        (m.height, m.side * sympy.sin(m.angle)),
        (m.diagonal, sympy.sqrt(m.base**2 + m.side**2 + 2 * m.base * m.side * sympy.cos(m.angle))),
    ]


def _trapezoid(m: Any, pi: Any) -> Equations:
    return [
        (m.midsegment, (m.base + m.base_2) / 2),
        (m.area, (m.base + m.base_2) * m.height / 2),
        (m.perimeter, m.base + m.base_2 + m.side + m.side_2),
    ]


def _rhombus(m: Any, pi: Any) -> Equations:
    import sympy

    return [
        (m.area, m.diagonal * m.diagonal_2 / 2),
        (m.side, sympy.sqrt(m.diagonal**2 + m.diagonal_2**2) / 2),
        (m.perimeter, 4 * m.side),
        (m.area, m.side * m.height),
        (m.area, m.side**2 * sympy.sin(m.angle)),
    ]


def _kite(m: Any, pi: Any) -> Equations:
    return [(m.area, m.diagonal * m.diagonal_2 / 2), (m.perimeter, 2 * (m.side + m.side_2))]


def _root(number: int) -> Any:
    import sympy

    return sympy.sqrt(number)


def regular_polygon(sides: int) -> Shape:
    """The figure with so many equal sides and angles."""

    def equations(m: Any, pi: Any) -> Equations:
        import sympy

        angle: Any = pi / sides
        tangent, sine = sympy.tan(angle), sympy.sin(angle)
        return [
            (m.perimeter, sides * m.side),
            (m.apothem, m.side / (2 * tangent)),
            (m.circumradius, m.side / (2 * sine)),
            (m.area, sympy.Rational(sides, 4) * m.side**2 / tangent),
            (m.area, m.perimeter * m.apothem / 2),
            (m.area, sympy.Rational(sides, 2) * m.circumradius**2 * sympy.sin(2 * angle)),
        ]

    also = {"length": "side", "inradius": "apothem", "radius": "circumradius", "height": "height"}
    return Shape(equations, ("side",), also, {"side": "s", "apothem": "a", "circumradius": "R"})


def _equilateral(m: Any, pi: Any) -> Equations:
    return [*regular_polygon(3).equations(m, pi), (m.height, _root(3) * m.side / 2)]


def _triangle(m: Any, pi: Any) -> Equations:
    return [(m.area, m.base * m.height / 2)]


def _right_triangle(m: Any, pi: Any) -> Equations:
    import sympy

    return [
        (m.hypotenuse, sympy.sqrt(m.leg**2 + m.leg_2**2)),
        (m.leg, m.hypotenuse * sympy.sin(m.angle)),
        (m.leg_2, m.hypotenuse * sympy.cos(m.angle)),
        (m.leg, m.leg_2 * sympy.tan(m.angle)),
        (m.angle, sympy.atan(m.leg / m.leg_2)),
        (m.angle_2, pi / 2 - m.angle),
        (m.area, m.leg * m.leg_2 / 2),
        (m.perimeter, m.leg + m.leg_2 + m.hypotenuse),
        (m.height, m.leg * m.leg_2 / m.hypotenuse),
        (m.circumradius, m.hypotenuse / 2),
        (m.inradius, (m.leg + m.leg_2 - m.hypotenuse) / 2),
    ]


def _isosceles(m: Any, pi: Any) -> Equations:
    import sympy

    half: Any = m.angle / 2
    return [
        (m.height, sympy.sqrt(m.side**2 - m.base**2 / 4)),
        (m.area, m.base * m.height / 2),
        (m.perimeter, 2 * m.side + m.base),
        (m.base, 2 * m.side * sympy.sin(half)),
        (m.angle, 2 * sympy.asin(m.base / (2 * m.side))),
        (m.angle_2, pi / 2 - m.angle / 2),
    ]


PLANE_SHAPES: dict[str, Shape] = {
    "circle": Shape(_circle, ("radius",), {"perimeter": "circumference", "surface area": "area"}, {"radius": "r"}),
    "semicircle": Shape(_part_of_circle(2), ("radius",), {"circumference": "perimeter"}, {"radius": "r"}),
    "quarter circle": Shape(_part_of_circle(4), ("radius",), {"circumference": "perimeter"}, {"radius": "r"}),
    "sector": Shape(_sector, ("radius", "angle"), {"length": "arc_length"}, {"radius": "r", "angle": "theta"}),
    "segment": Shape(_segment, ("radius", "angle"), {}, {"radius": "r", "angle": "theta"}),
    "annulus": Shape(
        _annulus, ("outer_radius", "inner_radius"), {"thickness": "width"},
        {"outer_radius": "R", "inner_radius": "r"}, TWO_RADII,
    ),
    "ellipse": Shape(
        _ellipse, ("semi_major_axis", "semi_minor_axis"),
        {"circumference": "perimeter", "side": "semi_major_axis", "base": "semi_minor_axis", "length": "major_axis",
         "width": "minor_axis"},
        {"semi_major_axis": "a", "semi_minor_axis": "b"},
        {"semi-axes": ("semi_major_axis", "semi_minor_axis"), "axes": ("major_axis", "minor_axis"),
         "radius": ("semi_major_axis", "semi_minor_axis")},
    ),
    "square": Shape(_square, ("side",), {"length": "side", "width": "side", "base": "side", "height": "side"},
                    {"side": "a"}),
    "rectangle": Shape(
        _rectangle, ("length", "width"), {"height": "width", "base": "length"}, {"length": "l", "width": "w"},
        {"side": ("length", "width"), "dimensions": ("length", "width")},
    ),
    "parallelogram": Shape(
        _parallelogram, ("base", "height"), {"length": "base"}, {"base": "b", "height": "h", "side": "a"},
        {"side": ("base", "side")},
    ),
    "trapezoid": Shape(
        _trapezoid, ("base", "base_2", "height"), {"median": "midsegment"},
        {"base": "a", "base_2": "b", "height": "h"}, {"base": ("base", "base_2"), "side": ("side", "side_2")},
    ),
    "rhombus": Shape(
        _rhombus, ("diagonal", "diagonal_2"), {"length": "side", "base": "side"},
        {"diagonal": "p", "diagonal_2": "q"}, {"diagonal": ("diagonal", "diagonal_2")},
    ),
    "kite": Shape(
        _kite, ("diagonal", "diagonal_2"), {}, {"diagonal": "p", "diagonal_2": "q", "side": "a", "side_2": "b"},
        {"diagonal": ("diagonal", "diagonal_2"), "side": ("side", "side_2")},
    ),
    "equilateral triangle": Shape(
        _equilateral, ("side",), {"length": "side", "base": "side", "inradius": "apothem"}, {"side": "a"},
    ),
    "triangle": Shape(_triangle, ("base", "height"), {"length": "base"}, {"base": "b", "height": "h"}),
    "right triangle": Shape(
        _right_triangle, ("leg", "leg_2", "hypotenuse"), {"third side": "hypotenuse", "third angle": "angle_2"},
        {"leg": "a", "leg_2": "b"},
        {"leg": ("leg", "leg_2"), "side": ("leg", "leg_2", "hypotenuse"), "base": ("leg", "leg_2"),
         "angle": ("angle", "angle_2"), "opposite side": ("leg",), "adjacent side": ("leg_2",)},
    ),
    "isosceles triangle": Shape(
        _isosceles, ("side", "base"), {"leg": "side", "third side": "base", "base angle": "angle_2"},
        {"base": "b", "side": "a"},
    ),
}  # fmt: skip
