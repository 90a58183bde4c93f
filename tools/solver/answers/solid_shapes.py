"""Solids: boxes, cylinders, cones, spheres and their parts, pyramids and the regular polyhedra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .shape_formulas import TWO_RADII, Equations, Shape


def _cube(m: Any, pi: Any) -> Equations:
    import sympy

    return [
        (m.volume, m.side**3),
        (m.surface_area, 6 * m.side**2),
        (m.lateral_area, 4 * m.side**2),
        (m.base_area, m.side**2),
        (m.diagonal, sympy.sqrt(3) * m.side),
        (m.face_diagonal, sympy.sqrt(2) * m.side),
        (m.perimeter, 12 * m.side),
    ]


def _box(m: Any, pi: Any) -> Equations:
    import sympy

    return [
        (m.volume, m.length * m.width * m.height),
        (m.volume, m.base_area * m.height),
        (m.base_area, m.length * m.width),
        (m.surface_area, 2 * (m.length * m.width + m.length * m.height + m.width * m.height)),
        (m.lateral_area, 2 * m.height * (m.length + m.width)),
        (m.diagonal, sympy.sqrt(m.length**2 + m.width**2 + m.height**2)),
    ]


def _cylinder(m: Any, pi: Any) -> Equations:
    return [
        (m.diameter, 2 * m.radius),
        (m.base_area, pi * m.radius**2),
        (m.circumference, 2 * pi * m.radius),
        (m.volume, pi * m.radius**2 * m.height),
        (m.lateral_area, 2 * pi * m.radius * m.height),
        (m.surface_area, 2 * pi * m.radius * (m.radius + m.height)),
    ]


def _cone(m: Any, pi: Any) -> Equations:
    import sympy

    return [
        (m.diameter, 2 * m.radius),
        (m.base_area, pi * m.radius**2),
        (m.circumference, 2 * pi * m.radius),
        (m.slant_height, sympy.sqrt(m.radius**2 + m.height**2)),
        (m.volume, pi * m.radius**2 * m.height / 3),
        (m.lateral_area, pi * m.radius * m.slant_height),
        (m.surface_area, pi * m.radius * (m.radius + m.slant_height)),
    ]


def _sphere(m: Any, pi: Any) -> Equations:
    return [
        (m.diameter, 2 * m.radius),
        (m.circumference, 2 * pi * m.radius),
        (m.surface_area, 4 * pi * m.radius**2),
        (m.volume, 4 * pi * m.radius**3 / 3),
    ]


def _hemisphere(m: Any, pi: Any) -> Equations:
    return [
        (m.diameter, 2 * m.radius),
        (m.base_area, pi * m.radius**2),
        (m.lateral_area, 2 * pi * m.radius**2),
        (m.surface_area, 3 * pi * m.radius**2),
        (m.volume, 2 * pi * m.radius**3 / 3),
    ]


def _cap(m: Any, pi: Any) -> Equations:
    return [
        (m.volume, pi * m.height**2 * (3 * m.radius - m.height) / 3),
        (m.lateral_area, 2 * pi * m.radius * m.height),
        (m.diameter, 2 * m.radius),
    ]


def _pyramid(m: Any, pi: Any) -> Equations:
    import sympy

    return [
        (m.base_area, m.base**2),
        (m.perimeter, 4 * m.base),
        (m.slant_height, sympy.sqrt(m.height**2 + m.base**2 / 4)),
        (m.lateral_edge, sympy.sqrt(m.height**2 + m.base**2 / 2)),
        (m.volume, m.base**2 * m.height / 3),
        (m.lateral_area, 2 * m.base * m.slant_height),
        (m.surface_area, m.base**2 + 2 * m.base * m.slant_height),
    ]


def _rectangular_pyramid(m: Any, pi: Any) -> Equations:
    import sympy

    slants = m.length * sympy.sqrt(m.height**2 + m.width**2 / 4) + m.width * sympy.sqrt(m.height**2 + m.length**2 / 4)
    return [
        (m.base_area, m.length * m.width),
        (m.volume, m.length * m.width * m.height / 3),
        (m.lateral_area, slants),
        (m.surface_area, m.length * m.width + slants),
    ]


def _general_pyramid(m: Any, pi: Any) -> Equations:
    return [(m.volume, m.base_area * m.height / 3)]


def _prism(m: Any, pi: Any) -> Equations:
    return [(m.volume, m.base_area * m.length), (m.base_area, m.base * m.height / 2)]


def _solid_of(volume: Callable[[], Any], surface: Callable[[], Any], height: Callable[[], Any]) -> Any:
    def equations(m: Any, pi: Any) -> Equations:
        return [
            (m.volume, volume() * m.side**3),
            (m.surface_area, surface() * m.side**2),
            (m.height, height() * m.side),
        ]

    return equations


def _root(number: int) -> Any:
    import sympy

    return sympy.sqrt(number)


_tetrahedron = _solid_of(lambda: _root(2) / 12, lambda: _root(3), lambda: _root(6) / 3)


_octahedron = _solid_of(lambda: _root(2) / 3, lambda: 2 * _root(3), lambda: _root(2))


_dodecahedron = _solid_of(
    lambda: (15 + 7 * _root(5)) / 4, lambda: 3 * _root(25 + 10 * _root(5)), lambda: _root(10 + 22 * _root(5) / 5) / 2
)


_icosahedron = _solid_of(lambda: 5 * (3 + _root(5)) / 12, lambda: 5 * _root(3), lambda: (3 * _root(3) + _root(15)) / 6)


def _torus(m: Any, pi: Any) -> Equations:
    return [
        (m.volume, 2 * pi**2 * m.outer_radius * m.inner_radius**2),
        (m.surface_area, 4 * pi**2 * m.outer_radius * m.inner_radius),
    ]


def _frustum(m: Any, pi: Any) -> Equations:
    import sympy

    both = m.outer_radius + m.inner_radius
    return [
        (m.volume, pi * m.height * (m.outer_radius**2 + m.outer_radius * m.inner_radius + m.inner_radius**2) / 3),
        (m.slant_height, sympy.sqrt((m.outer_radius - m.inner_radius) ** 2 + m.height**2)),
        (m.lateral_area, pi * both * m.slant_height),
        (m.surface_area, pi * (both * m.slant_height + m.outer_radius**2 + m.inner_radius**2)),
    ]


def _ellipsoid(m: Any, pi: Any) -> Equations:
    return [(m.volume, 4 * pi * m.axis_1 * m.axis_2 * m.axis_3 / 3)]


def _capsule(m: Any, pi: Any) -> Equations:
    return [
        (m.diameter, 2 * m.radius),
        (m.volume, pi * m.radius**2 * (4 * m.radius / 3 + m.length)),
        (m.surface_area, 2 * pi * m.radius * (2 * m.radius + m.length)),
    ]


_ROUND = {"length": "height", "width": "diameter"}
_SOLID = {"area": "surface_area"}
_EDGES = {"base": "side", "length": "side"} | _SOLID

SOLID_SHAPES: dict[str, Shape] = {
    "cube": Shape(_cube, ("side",), _EDGES | {"width": "side", "height": "side", "space diagonal": "diagonal"},
                  {"side": "a"}),
    "box": Shape(
        _box, ("length", "width", "height"), _SOLID | {"space diagonal": "diagonal", "base": "length"},
        {"length": "l", "width": "w", "height": "h"},
        {"dimensions": ("length", "width", "height"), "side": ("length", "width", "height")},
    ),
    "cylinder": Shape(_cylinder, ("radius", "height"), _SOLID | _ROUND, {"radius": "r", "height": "h"}),
    "cone": Shape(
        _cone, ("radius", "height"), _SOLID | {"width": "diameter", "side": "slant_height"},
        {"radius": "r", "height": "h"},
    ),
    "sphere": Shape(_sphere, ("radius",), _SOLID, {"radius": "r"}),
    "hemisphere": Shape(_hemisphere, ("radius",), _SOLID, {"radius": "r"}),
    "spherical cap": Shape(_cap, ("radius", "height"), {"area": "lateral_area"}, {"radius": "r", "height": "h"}),
    "pyramid": Shape(
        _pyramid, ("base", "height"), _SOLID | {"side": "base", "length": "base", "width": "base"},
        {"base": "a", "height": "h"},
    ),
    "rectangular pyramid": Shape(
        _rectangular_pyramid, ("length", "width", "height"), _SOLID, {"length": "l", "width": "w", "height": "h"},
        {"base": ("length", "width"), "dimensions": ("length", "width", "height"), "side": ("length", "width")},
    ),
    "general pyramid": Shape(_general_pyramid, ("base_area", "height"), {"area": "base_area"},
                             {"base_area": "B", "height": "h"}),
    "tetrahedron": Shape(_tetrahedron, ("side",), _EDGES, {"side": "a"}),
    "octahedron": Shape(_octahedron, ("side",), _EDGES, {"side": "a"}),
    "dodecahedron": Shape(_dodecahedron, ("side",), _EDGES, {"side": "a"}),
    "icosahedron": Shape(_icosahedron, ("side",), _EDGES, {"side": "a"}),
    "torus": Shape(_torus, ("outer_radius", "inner_radius"), _SOLID, {"outer_radius": "R", "inner_radius": "r"},
                   TWO_RADII),
    "frustum": Shape(
        _frustum, ("outer_radius", "inner_radius", "height"), _SOLID,
        {"outer_radius": "R", "inner_radius": "r", "height": "h"}, TWO_RADII,
    ),
    "prism": Shape(_prism, ("base", "height", "length"), {"area": "base_area"},
                   {"base_area": "B", "length": "h"}),
    "ellipsoid": Shape(
        _ellipsoid, ("axis_1", "axis_2", "axis_3"), {}, {"axis_1": "a", "axis_2": "b", "axis_3": "c"},
        {"semi-axes": ("axis_1", "axis_2", "axis_3"), "axes": ("axis_1", "axis_2", "axis_3"),
         "radius": ("axis_1", "axis_2", "axis_3")},
    ),
    "capsule": Shape(_capsule, ("radius", "length"), _SOLID | {"height": "length", "side": "length"},
                     {"radius": "r", "length": "l"}),
}  # fmt: skip
