"""Conics from their equations: what kind they are, center, radius, foci, vertices, directrix, eccentricity, asymptotes.

Read are equations whose axes are parallel to those of the plane; with a term in x*y only the kind is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .arithmetic import tidy
from .points import Point, axes, equation_text, point_text, polynomial_of, told, told_point
from .presenting import Reading
from .printing import decimal, plain

_ROTATED = "the equation has a term in x*y, so the axes are turned; only the kind of curve is told here"


@dataclass
class Conic:
    """A conic: its kind, and its parts as points, numbers or pairs of sides of equations."""

    kind: str
    center: Point | None = None
    points: dict[str, list[Point]] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    equations: dict[str, list[tuple[Any, Any]]] = field(default_factory=dict)


def _coefficients(request: Ask) -> tuple[Any, ...]:
    """A, B, C, D, E, F of A x^2 + B x y + C y^2 + D x + E y + F = 0."""
    import sympy

    x, y = axes()
    try:
        poly = sympy.Poly(sympy.numer(sympy.together(polynomial_of(request.args[0]))), x, y)
    except sympy.PolynomialError:
        raise ToolError("a conic is an equation with x^2 or y^2, such as x^2/9 + y^2/4 = 1") from None
    if poly.total_degree() != 2:
        raise ToolError("a conic is an equation of degree 2 in x and y, such as x^2/9 + y^2/4 = 1")
    return tuple(poly.coeff_monomial(term) for term in (x**2, x * y, y**2, x, y, 1))


def _circle_of_equation(request: Ask, reading: Reading) -> Solution:
    import sympy

    x, y = axes()
    expr = polynomial_of(request.args[0])
    if axes(3)[2] in expr.free_symbols:
        return _sphere(expr, reading, request.words[1:])
    a, b, c, d, e, f = _coefficients(request)
    if b != 0 or tidy(a - c) != 0 or a == 0:
        raise ToolError("this equation is no circle; x^2 and y^2 must have the same factor: x^2 + y^2 - 4x = 5")
    center = (tidy(-d / (2 * a)), tidy(-e / (2 * a)))
    square = tidy(center[0] ** 2 + center[1] ** 2 - f / a)
    if square.is_number and not square > 0:
        raise ToolError("no point fulfils this equation, or only one: it is no circle")
    radius = tidy(sympy.sqrt(square))
    asked = [name for name in request.words[1:] if name != "center"]
    back = sympy.expand(a * ((x - center[0]) ** 2 + (y - center[1]) ** 2 - square))
    holds = sympy.expand(back - (a * x**2 + c * y**2 + d * x + e * y + f)) == 0
    return _told_circle(
        center, radius, request.words[1:], asked, reading, "checked by multiplying out" if holds else None
    )


def _told_circle(
    center: Point, radius: Any, words: tuple[str, ...], asked: list[str], reading: Reading, verified: str | None
) -> Solution:
    import sympy

    values = {
        "radius": radius,
        "diameter": 2 * radius,
        "area": sympy.pi * radius**2,
        "circumference": 2 * sympy.pi * radius,
    }
    if words == ("center",):
        return told_point(center, reading, verified)
    if len(words) == 1 and words[0] in values:
        return told(reading, tidy(values[words[0]]), verified=verified)
    names = asked or ["radius"]
    parts = [f"center {point_text(center)}"] + [f"{name} {reading.shown(tidy(values[name]))}" for name in names]
    exact = [f"center {point_text(center)}"] + [f"{name} {plain(tidy(values[name]))}" for name in names]
    return told(reading, text=", ".join(parts), exact=", ".join(exact), verified=verified)


def _sphere(expr: Any, reading: Reading, words: tuple[str, ...]) -> Solution:
    import sympy

    symbols = axes(3)
    poly = sympy.Poly(expr, *symbols)
    factors = {tidy(poly.coeff_monomial(symbol**2)) for symbol in symbols}
    mixed = any(
        poly.coeff_monomial(a * b) != 0 for a, b in ((0, 1), (0, 2), (1, 2)) for a, b in ((symbols[a], symbols[b]),)
    )
    if len(factors) != 1 or mixed or 0 in factors or poly.total_degree() != 2:
        raise ToolError("this equation is no sphere; write for example x^2 + y^2 + z^2 = 9")
    factor = factors.pop()
    center = tuple(tidy(-poly.coeff_monomial(symbol) / (2 * factor)) for symbol in symbols)
    square = tidy(sum(part**2 for part in center) - poly.coeff_monomial(1) / factor)
    if square.is_number and not square > 0:
        raise ToolError("no point fulfils this equation, or only one: it is no sphere")
    radius = tidy(sympy.sqrt(square))
    return _told_circle(center, radius, words, ["radius"], reading, None)


def conic_of(coefficients: tuple[Any, ...]) -> Conic:
    """The conic of an equation.

    Raises:
        ToolError: if it is a pair of lines, a point or empty.
    """
    import sympy

    a, b, c, d, e, f = coefficients
    if any(part.free_symbols for part in coefficients):
        raise ToolError("give numbers for the letters in this equation: x^2/9 + y^2/4 = 1")
    whole: Any = sympy.Matrix([[a, b / 2, d / 2], [b / 2, c, e / 2], [d / 2, e / 2, f]]).det()
    if tidy(whole) == 0:
        raise ToolError("this equation is no proper conic: it is a pair of lines, a single point or empty")
    discriminant = tidy(b**2 - 4 * a * c)
    if discriminant < 0 and (a + c) * whole > 0:
        raise ToolError("no point fulfils this equation")
    kind = "ellipse" if discriminant < 0 else "parabola" if discriminant == 0 else "hyperbola"
    if b != 0:
        return Conic(kind)
    if kind == "parabola":
        return _parabola(a, c, d, e, f)
    center = (tidy(-d / (2 * a)), tidy(-e / (2 * c)))
    level = tidy(a * center[0] ** 2 + c * center[1] ** 2 - f)
    across, up = tidy(level / a), tidy(level / c)  # (x - h)^2/across + (y - k)^2/up = 1
    return _ellipse(center, across, up) if kind == "ellipse" else _hyperbola(center, across, up)


def _moved(center: Point, distance: Any, *, horizontal: bool) -> list[Point]:
    h, k = center
    if horizontal:
        return [(tidy(h - distance), k), (tidy(h + distance), k)]
    return [(h, tidy(k - distance)), (h, tidy(k + distance))]


def _ellipse(center: Point, across: Any, up: Any) -> Conic:
    import sympy

    if across == up:
        return Conic(
            "circle",
            center,
            {"foci": [center]},
            {"radius": tidy(sympy.sqrt(across)), "eccentricity": sympy.S.Zero, "area": sympy.pi * across},
        )
    horizontal = bool(across > up)
    large, small = (across, up) if horizontal else (up, across)
    major, minor, focal = (tidy(sympy.sqrt(part)) for part in (large, small, large - small))
    points = {
        "foci": _moved(center, focal, horizontal=horizontal),
        "vertices": _moved(center, major, horizontal=horizontal),
        "co-vertices": _moved(center, minor, horizontal=not horizontal),
    }
    numbers = {
        "eccentricity": tidy(focal / major), "major axis": 2 * major, "minor axis": 2 * minor,
        "area": tidy(sympy.pi * major * minor), "latus rectum": tidy(2 * small / major),
    }  # fmt: skip
    variable = axes()[0 if horizontal else 1]
    middle = center[0 if horizontal else 1]
    directrices = [(variable, tidy(middle + sign * large / focal)) for sign in (-1, 1)]
    return Conic("ellipse", center, points, numbers, {"directrix": directrices})


def _hyperbola(center: Point, across: Any, up: Any) -> Conic:
    import sympy

    horizontal = bool(across > 0)
    real, other = (across, -up) if horizontal else (up, -across)
    a, b, focal = (tidy(sympy.sqrt(part)) for part in (real, other, real + other))
    x, y = axes()
    slope = tidy(b / a if horizontal else a / b)
    lines = [(y, sympy.expand(center[1] + sign * slope * (x - center[0]))) for sign in (1, -1)]
    variable, middle = (x, center[0]) if horizontal else (y, center[1])
    directrices = [(variable, tidy(middle + sign * real / focal)) for sign in (-1, 1)]
    points = {
        "foci": _moved(center, focal, horizontal=horizontal),
        "vertices": _moved(center, a, horizontal=horizontal),
    }
    numbers = {"eccentricity": tidy(focal / a), "latus rectum": tidy(2 * other / a)}
    return Conic("hyperbola", center, points, numbers, {"asymptotes": lines, "directrix": directrices})


def _parabola(a: Any, c: Any, d: Any, e: Any, f: Any) -> Conic:
    import sympy

    x, y = axes()
    if a != 0:  # opens up or down: (x - h)^2 = 4p (y - k)
        h = -d / (2 * a)
        p, k = -e / (4 * a), (a * h**2 - f) / e
        vertex, focus, line = (tidy(h), tidy(k)), (tidy(h), tidy(k + p)), (y, tidy(k - p))
    else:
        k = -e / (2 * c)
        p, h = -d / (4 * c), (c * k**2 - f) / d
        vertex, focus, line = (tidy(h), tidy(k)), (tidy(h + p), tidy(k)), (x, tidy(h - p))
    points = {"vertices": [vertex], "foci": [focus]}
    return Conic(
        "parabola", None, points, {"eccentricity": sympy.S.One, "latus rectum": tidy(4 * abs(p))}, {"directrix": [line]}
    )


def _verified(conic: Conic, coefficients: tuple[Any, ...]) -> str | None:
    """Whether the vertices lie on the curve."""
    a, b, c, d, e, f = coefficients
    vertices = conic.points.get("vertices", [])
    on = all(tidy(a * x**2 + b * x * y + c * y**2 + d * x + e * y + f) == 0 for x, y in vertices)
    return "checked: the vertices lie on the curve" if on and vertices else None


_SINGLE = {"foci": "focus", "vertices": "vertex"}


def _conic(request: Ask, reading: Reading) -> Solution:
    coefficients = _coefficients(request)
    conic = conic_of(coefficients)
    verified = _verified(conic, coefficients)
    asked = list(request.words[1:])
    if conic.center is None and not conic.points:
        if asked:
            raise ToolError(_ROTATED)
        return told(reading, text=conic.kind)
    alone = len(asked) == 1
    names = asked or ["center", *conic.points, *conic.numbers, *conic.equations]
    texts: list[str] = [] if asked else [conic.kind]
    value: Any = None
    for name in names:
        if name == "center" and conic.center is not None:
            texts.append(point_text(conic.center) if alone else f"center {point_text(conic.center)}")
        elif name in conic.points:
            points = conic.points[name]
            label = _SINGLE.get(name, name) if len(points) == 1 else name
            texts.append(("" if alone else f"{label} ") + " and ".join(_point(point) for point in points))
        elif name in conic.numbers:
            value = conic.numbers[name] if alone else None
            texts.append(
                reading.shown(conic.numbers[name]) if alone else f"{name} {reading.shown(conic.numbers[name])}"
            )
        elif name in conic.equations:
            lines = " and ".join(equation_text(*pair) for pair in conic.equations[name])
            texts.append(lines if alone else f"{name} {lines}")
        elif asked:
            raise ToolError(f"{'an' if conic.kind == 'ellipse' else 'a'} {conic.kind} has no {name}")
    if value is not None:
        return told(reading, value, verified=verified)
    return told(reading, text="; ".join(texts), verified=verified)


def _point(point: Point) -> str:
    exact = point_text(point)
    if all(part.is_Rational for part in point):
        return exact
    return f"{exact} ≈ ({', '.join(decimal(part, 6) for part in point)})"


KINDS: dict[str, Callable[[Ask, Reading], Solution]] = {"conic": _conic, "circle of equation": _circle_of_equation}
