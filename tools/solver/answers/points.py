"""Points, equations and angles as the answers of coordinate geometry read and write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Apply, Node, Number, Relation, walk
from ..reading.syntax import Sequence as Listed
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .presenting import Reading, check_defined
from .printing import decimal, latex_of, plain

Point = tuple[Any, ...]

_MOST = 30
_MOST_POWER = 10


def point_of(node: Node, builder: Builder) -> Point:
    """The coordinates of a list."""
    if not isinstance(node, Listed) or len(node.items) > _MOST:
        raise ToolError("a point is written with its coordinates in brackets: (1, 2)")
    values = tuple(builder.build(item) for item in node.items)
    for value in values:
        check_defined(value)
        if value.is_number and not (value.is_real and value.is_finite):
            raise ToolError(f"the coordinates of a point are real numbers, not {plain(value)}")
    return values


def points_of(nodes: Sequence[Node], *, alike: bool = True) -> list[Point]:
    """Points, which must have the same number of coordinates."""
    points = [point_of(node, Builder()) for node in nodes]
    if alike and len({len(point) for point in points}) > 1:
        raise ToolError("all points must have the same number of coordinates, such as (1, 2) and (4, 6)")
    return points


def polynomial_of(node: Node) -> Any:
    """Left side minus right side of an equation, expanded, in the symbols x, y (and z)."""
    import sympy

    if not isinstance(node, Relation) or node.op != "=":
        raise ToolError("a line or a curve is written as an equation in x and y: y = 2x + 1")
    for part in walk(node):
        if isinstance(part, Apply) and part.name == "^" and not _is_small(part.args[1]):
            raise ToolError(f"only powers up to {_MOST_POWER} can stand in the equation of a line or a curve here")
    builder = Builder()
    found = builder.build(node.left) - builder.build(node.right)
    check_defined(found)
    if found.has(sympy.I, sympy.oo):
        raise ToolError("the equation of a line or a curve is made of real numbers, without i and infinity")
    return sympy.expand(found)


def _is_small(exponent: Node) -> bool:
    return isinstance(exponent, Number) and abs(exponent.value) <= _MOST_POWER


def axes(count: int = 2) -> list[Any]:
    builder = Builder()
    return [builder.symbol(name) for name in "xyz"[:count]]


def told(
    reading: Reading, value: Any = None, *, text: str | None = None, exact: str | None = None,
    number: str | None = None, latex: str | None = None, verified: str | None = None,
) -> Solution:  # fmt: skip
    """A solution whose value may be no number."""
    import sympy

    if value is None:
        text = text or ""
        return reading.solution(
            sympy.S.One, text=text, exact=text if exact is None else exact, number=number or "",
            latex=rf"\text{{{text}}}" if latex is None else latex, verified=verified,
        )  # fmt: skip
    return reading.solution(value, text=text, exact=exact, number=number, latex=latex, verified=verified)


def point_text(point: Point) -> str:
    return "(" + ", ".join(plain(value) for value in point) + ")"


def told_point(point: Point, reading: Reading, verified: str | None = None) -> Solution:
    """A point as exact coordinates, with the decimals beside them where they say more."""
    exact = point_text(point)
    numbers = [decimal(value, reading.precision) for value in point]
    number = "(" + ", ".join(numbers) + ")" if all(numbers) else ""
    short = "(" + ", ".join(decimal(value, 6) for value in point) + ")" if all(numbers) else ""
    whole = all(value.is_Integer or value.free_symbols for value in point)
    text = exact if whole or not number else number if reading.decimals else f"{exact} ≈ {short}"
    latex = r"\left(" + ", ".join(latex_of(value) for value in point) + r"\right)"
    return told(reading, text=text, exact=exact, number=number, latex=latex, verified=verified)


def equation_text(left: Any, right: Any) -> str:
    return f"{plain(left)} = {plain(right)}"


def told_equation(left: Any, right: Any, reading: Reading, verified: str | None = None, also: str = "") -> Solution:
    text = equation_text(left, right)
    return told(reading, text=text + also, exact=text, latex=f"{latex_of(left)} = {latex_of(right)}", verified=verified)


def told_angle(radians: Any, reading: Reading) -> Solution:
    """An angle in degrees, with the radians beside it."""
    import sympy

    degrees = tidy(radians * 180 / sympy.pi)
    number = decimal(degrees, reading.precision)
    beside = plain(radians) if len(plain(radians)) < 20 and not degrees.is_Integer else ""
    beside = beside or (plain(radians) if degrees.is_Integer else decimal(radians, reading.precision))
    return told(reading, degrees, text=f"{number or plain(degrees)}° ({beside} radians)", exact=f"{plain(degrees)}°")


def length_between(first: Point, second: Point) -> Any:
    import sympy

    return tidy(sympy.sqrt(sympy.Add(*((b - a) ** 2 for a, b in zip(first, second, strict=True)))))


def plane_points(nodes: Sequence[Node]) -> list[Point]:
    points = points_of(nodes)
    if any(len(point) != 2 for point in points):
        raise ToolError("this needs points in the plane, such as (1, 2) and (4, 6)")
    return points
