"""Angles and diagonals of polygons by the number of sides."""

from __future__ import annotations

from fractions import Fraction

from ...errors import ToolError
from ..reading.syntax import Ask, Number
from ..solution import Solution
from .domain import Handler
from .presenting import Reading


def _polygon(request: Ask, reading: Reading) -> Solution:
    import sympy

    node, kind = request.args[0], request.words[0]
    given = node.value if isinstance(node, Number) else Fraction(0)
    if kind.startswith("sides of"):
        return reading.solution(sympy.Integer(_sides(kind, given)), verified="checked with the angles of that polygon")
    if given < 3:
        raise ToolError(f"a polygon has at least 3 sides, not {given}")
    if kind == "diagonals":
        return reading.solution(sympy.Integer(int(given * (given - 3) / 2)))
    angles = {
        "interior sum": (given - 2) * 180, "exterior sum": Fraction(360), "interior": (given - 2) * 180 / given,
        "exterior": 360 / given, "central": 360 / given,
    }  # fmt: skip
    if kind in ("interior", "exterior", "central"):
        reading.assume("the polygon is regular")
    value = sympy.Rational(angles[kind].numerator, angles[kind].denominator)
    return reading.solution(value, text=f"{reading.shown(value)} degrees", exact=f"{value} degrees")


def _sides(kind: str, given: Fraction) -> int:
    """The number of sides, which must come out whole."""
    if kind == "sides of interior" and not 0 < given < 180:
        raise ToolError("an interior angle of a regular polygon is between 60 and 180 degrees")
    if kind == "sides of exterior" and not 0 < given <= 120:
        raise ToolError("an exterior angle of a regular polygon is at most 120 degrees")
    sides = {
        "sides of interior": lambda: 360 / (180 - given),
        "sides of exterior": lambda: 360 / given,
        "sides of sum": lambda: given / 180 + 2,
    }[kind]()
    if sides.denominator != 1 or sides < 3:
        raise ToolError(f"there is no polygon with this angle: it would have {float(sides):.6g} sides")
    return int(sides)


HANDLERS: dict[str, Handler] = {"polygon": _polygon}
