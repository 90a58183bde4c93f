"""Calculus in several variables: gradient, divergence, curl and the like; tangent planes and differentials."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Sequence
from ..solution import Solution
from . import field_extrema, implicit_slopes
from .algebra import shortest_form
from .build import Builder
from .domain import Handler
from .numeric import same_function, vanishes
from .presenting import Reading
from .printing import decimal, latex_of, plain
from .untyped import sympy_library

_SUBSTITUTED = "checked by substitution"
_SHIFT = 1e-4
_MOST_SHOWN = 8
_STEPS = (-9.3, -0.7, 0.4, 8.1)


def _point_of(node: Any, builder: Builder) -> dict[Any, Any]:
    return {builder.symbol(item.left.name): builder.build(item.right) for item in node.items}


def _numeric_slope(function: Any, variable: Any, symbols: list[Any]) -> bool:
    """Whether a symbolic derivative agrees with a difference quotient at sample points."""
    difference = (function.subs(variable, variable + _SHIFT) - function.subs(variable, variable - _SHIFT)) / (
        2 * _SHIFT
    )
    derivative = function.diff(variable)
    agreed = 0
    for start in (0.7, 1.3, 0.4):
        values = {symbol: start + 0.31 * place for place, symbol in enumerate(symbols)}
        first, second = (complex(side.subs(values).evalf()) for side in (difference, derivative))
        if abs(first - second) > 1e-5 * (1 + abs(second)):
            return False
        agreed += 1
    return agreed > 0


def _checked_slopes(functions: list[Any], symbols: list[Any]) -> str | None:
    try:
        agreed = all(_numeric_slope(f, s, symbols) for f in functions for s in symbols)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return "checked by difference quotients" if agreed else None


def _listed(values: list[Any], reading: Reading, verified: str | None, *, note: str = "") -> Solution:
    """A vector as a solution."""
    sympy = sympy_library()

    written = f"({', '.join(plain(value) for value in values)})"
    numbers = [decimal(value, reading.precision) for value in values]
    number = f"({', '.join(numbers)})" if all(numbers) else ""
    approximate = f" = {number}" if number and number != written else ""
    vector: Any = sympy.Tuple(*values)
    latex = r"\left(" + ", ".join(latex_of(value) for value in values) + r"\right)"
    text = f"{written}{approximate}{note}"
    return reading.solution(vector, text=text, exact=written, number=number, latex=latex, verified=verified)


def _matrix(rows: list[list[Any]], reading: Reading, verified: str | None) -> Solution:
    sympy = sympy_library()

    written = "[" + ", ".join("[" + ", ".join(plain(item) for item in row) + "]" for row in rows) + "]"
    numbers = [[decimal(item, reading.precision) for item in row] for row in rows]
    complete = all(item for row in numbers for item in row)
    number = "[" + ", ".join("[" + ", ".join(row) + "]" for row in numbers) + "]" if complete else ""
    matrix: Any = sympy.Matrix(rows)
    return reading.solution(
        sympy.Tuple(*(sympy.Tuple(*row) for row in rows)), text=written, exact=written, number=number,
        latex=latex_of(matrix), verified=verified,
    )  # fmt: skip


def _scalar_field(ask: Ask) -> tuple[Builder, Any, list[Any], dict[Any, Any]]:
    builder = Builder()
    if isinstance(ask.args[0], Sequence):
        raise ToolError(
            f"the {ask.name} is taken of one function, not of a list; write for example {ask.name} of x^2*y"
        )
    function = builder.build(ask.args[0])
    return builder, function, [builder.symbol(name) for name in ask.words], _point_of(ask.args[1], builder)


def _gradient(ask: Ask, reading: Reading) -> Solution:
    _, function, symbols, point = _scalar_field(ask)
    slopes = [shortest_form(function.diff(symbol)) for symbol in symbols]
    values = [shortest_form(slope.subs(point)) for slope in slopes] if point else slopes
    if not point:
        reading.assume(f"in the order {', '.join(ask.words)}")
    return _listed(values, reading, _checked_slopes([function], symbols))


def _hessian(ask: Ask, reading: Reading) -> Solution:
    _, function, symbols, point = _scalar_field(ask)
    first = [function.diff(symbol) for symbol in symbols]
    rows = [[shortest_form(slope.diff(symbol).subs(point)) for symbol in symbols] for slope in first]
    return _matrix(rows, reading, _checked_slopes(first, symbols))


def _laplacian(ask: Ask, reading: Reading) -> Solution:
    _, function, symbols, point = _scalar_field(ask)
    total: Any = sum(function.diff(symbol, 2) for symbol in symbols)
    value = shortest_form(total.subs(point))
    return reading.solution(value, verified=_checked_slopes([function.diff(symbol) for symbol in symbols], symbols))


def _components(ask: Ask, builder: Builder) -> list[Any]:
    field = ask.args[0]
    if not isinstance(field, Sequence):
        raise ToolError(f"the {ask.name} needs a vector field in brackets: {ask.name} of (x^2, y*z, x)")
    return [builder.build(item) for item in field.items]


def _field_symbols(ask: Ask, count: int, builder: Builder) -> list[Any]:
    """The coordinates: x, y, z where the field uses no others."""
    names = list(ask.words)
    if set(names) <= set("xyz") and count <= 3:
        names = list("xyz"[:count])
    if len(names) != count:
        raise ToolError(f"the field has {count} components, but its variables are {', '.join(names) or 'none'}")
    return [builder.symbol(name) for name in names]


def _divergence(ask: Ask, reading: Reading) -> Solution:
    builder = Builder()
    field = _components(ask, builder)
    symbols, point = _field_symbols(ask, len(field), builder), _point_of(ask.args[1], builder)
    value: Any = sum(part.diff(symbol) for part, symbol in zip(field, symbols, strict=True))
    verified = _checked_slopes(field, symbols)
    return reading.solution(shortest_form(value.subs(point)), verified=verified)


def _curl(ask: Ask, reading: Reading) -> Solution:
    builder = Builder()
    field = _components(ask, builder)
    if len(field) not in (2, 3):
        raise ToolError(f"the curl is defined for fields of 2 or 3 components, not {len(field)}")
    symbols, point = _field_symbols(ask, len(field), builder), _point_of(ask.args[1], builder)
    verified = _checked_slopes(field, symbols)
    if len(field) == 2:
        (p, q), (x, y) = field, symbols
        reading.assume("the curl of a field in the plane is its component along z")
        return reading.solution(shortest_form((q.diff(x) - p.diff(y)).subs(point)), verified=verified)
    (p, q, r), (x, y, z) = field, symbols
    parts = [r.diff(y) - q.diff(z), p.diff(z) - r.diff(x), q.diff(x) - p.diff(y)]
    return _listed([shortest_form(part.subs(point)) for part in parts], reading, verified)


def _jacobian_rows(ask: Ask, builder: Builder) -> tuple[list[list[Any]], str | None]:
    functions = _components(ask, builder)
    symbols, point = [builder.symbol(name) for name in ask.words], _point_of(ask.args[1], builder)
    rows = [[shortest_form(function.diff(symbol).subs(point)) for symbol in symbols] for function in functions]
    return rows, _checked_slopes(functions, symbols)


def _jacobian(ask: Ask, reading: Reading) -> Solution:
    reading.assume(f"columns in the order {', '.join(ask.words)}")
    rows, verified = _jacobian_rows(ask, Builder())
    return _matrix(rows, reading, verified)


def _jacobian_determinant(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    rows, verified = _jacobian_rows(ask, Builder())
    if len(rows) != len(rows[0]):
        raise ToolError(
            f"the Jacobian determinant needs as many functions as variables, not {len(rows)} and {len(rows[0])}"
        )
    return reading.solution(shortest_form(sympy.simplify(sympy.Matrix(rows).det())), verified=verified)


def _directional(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    builder = Builder()
    function, symbols = builder.build(ask.args[0]), [builder.symbol(name) for name in ask.words]
    listed: Any = ask.args[1]
    direction = [builder.build(item) for item in listed.items]
    if len(direction) != len(symbols):
        raise ToolError(
            f"the direction has {len(direction)} components for the {len(symbols)} variables {', '.join(ask.words)}"
        )
    length = sympy.sqrt(sum(part**2 for part in direction))
    if length == 0:
        raise ToolError("the direction is the zero vector, which has no direction")
    if length != 1:
        reading.assume("the direction is scaled to length 1")
    point = _point_of(ask.args[2], builder)
    value: Any = sum(function.diff(symbol) * part for symbol, part in zip(symbols, direction, strict=True)) / length
    value = shortest_form(value.subs(point))
    verified = None
    if point and value.is_number and set(point) >= set(symbols):
        moved = [
            function.subs(
                {s: point[s] + sign * _SHIFT * part / length for s, part in zip(symbols, direction, strict=True)}
            )
            for sign in (1, -1)
        ]
        slope = complex(((moved[0] - moved[1]) / (2 * _SHIFT)).evalf())
        verified = (
            "checked by a difference quotient"
            if abs(slope - complex(value.evalf())) < 1e-5 * (1 + abs(slope))
            else None
        )
    return reading.solution(value, verified=verified)


def _tangent_plane(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    builder = Builder()
    surface, symbols = builder.build(ask.args[0]), [builder.symbol(name) for name in ask.words]
    point = _point_of(ask.args[1], builder)
    missing = [symbol for symbol in symbols if symbol not in point]
    if len(missing) == 1:
        heights = sympy.solve(surface.subs(point), missing[0])
        if len(heights) != 1:
            raise ToolError(
                "give all three coordinates of the point: tangent plane to x^2 + y^2 + z^2 = 9 at (1, 2, 2)"
            )
        point[missing[0]] = heights[0]
    if len(symbols) != 3 or set(point) < set(symbols):
        raise ToolError(
            "a tangent plane needs a surface in x, y, z and a point: tangent plane to z = x^2 + y^2 at (1, 2, 5)"
        )
    if not vanishes(surface.subs(point)):
        raise ToolError("the point does not lie on the surface")
    normal = [sympy.simplify(surface.diff(symbol).subs(point)) for symbol in symbols]
    if all(part == 0 for part in normal):
        raise ToolError("the surface has no tangent plane there, since its gradient is zero")
    if normal[2] != 0:
        height = (
            point[symbols[2]]
            - sum(n * (s - point[s]) for n, s in zip(normal[:2], symbols[:2], strict=True)) / normal[2]
        )
        plane = sympy.Eq(symbols[2], sympy.expand(height))
    else:
        plane = sympy.Eq(sympy.expand(sum(n * (s - point[s]) for n, s in zip(normal, symbols, strict=True))), 0)
    met = vanishes((plane.lhs - plane.rhs).subs(point))
    written = plain(plane)
    return reading.solution(
        plane.lhs - plane.rhs, text=written, exact=written, number="", latex=latex_of(plane),
        verified="checked at the point" if met else None,
    )  # fmt: skip


def _partial_derivatives(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    order, *names = ask.words
    builder = Builder()
    function, symbols = builder.build(ask.args[0]), [builder.symbol(name) for name in names]
    found: dict[str, Any] = {}
    for place, first in enumerate(symbols):
        if order == "1":
            found[f"f_{first}"] = shortest_form(function.diff(first))
        else:
            found |= {f"f_{first}{second}": shortest_form(function.diff(first, second)) for second in symbols[place:]}
    text = ", ".join(f"{name} = {plain(value)}" for name, value in found.items())
    latex = r",\quad ".join(f"f_{{{name[2:]}}} = {latex_of(value)}" for name, value in found.items())
    verified = _checked_slopes([function] if order == "1" else [function.diff(s) for s in symbols], symbols)
    return reading.solution(
        sympy.Tuple(*found.values()), text=text, exact=text, number="", latex=latex, verified=verified
    )


def _total_differential(ask: Ask, reading: Reading) -> Solution:
    builder = Builder()
    function, symbols = builder.build(ask.args[0]), [builder.symbol(name) for name in ask.words]
    if not symbols:
        raise ToolError("a differential needs a function with variables: total differential of x^2*y")
    slopes = {symbol: shortest_form(function.diff(symbol)) for symbol in symbols}
    kept = {symbol: slope for symbol, slope in slopes.items() if slope != 0}
    text = " + ".join(f"({plain(slope)}) d{symbol}" for symbol, slope in kept.items()) or "0"
    latex = " + ".join(rf"\left({latex_of(slope)}\right)\,d{latex_of(symbol)}" for symbol, slope in kept.items())
    verified = _checked_slopes([function], symbols)
    return reading.solution(function, text=text, exact=text, number="", latex=latex, verified=verified)


def _mixed_derivative(ask: Ask, reading: Reading) -> Solution:
    builder = Builder()
    function: Any = builder.build(ask.args[0])
    backwards: Any = function
    for name in ask.words:
        function = function.diff(builder.symbol(name))
    for name in reversed(ask.words):
        backwards = backwards.diff(builder.symbol(name))
    point = _point_of(ask.args[1], builder)
    verified = "checked in the other order" if same_function(function, backwards) and len(set(ask.words)) > 1 else None
    return reading.solution(shortest_form(function.subs(point)), verified=verified)


HANDLERS: dict[str, Handler] = {
    **field_extrema.HANDLERS,
    **implicit_slopes.HANDLERS,
    "gradient": _gradient,
    "hessian": _hessian,
    "laplacian": _laplacian,
    "divergence": _divergence,
    "curl": _curl,
    "jacobian": _jacobian,
    "jacobian determinant": _jacobian_determinant,
    "directional derivative": _directional,
    "tangent plane": _tangent_plane,
    "partial derivatives": _partial_derivatives,
    "total differential": _total_differential,
    "mixed derivative": _mixed_derivative,
}
