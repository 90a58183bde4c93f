"""What a picture shows: the request turned into curves, with their zeros, poles and turning points."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, cast

from ...errors import ToolError
from ..reading.syntax import Apply, Ask, Node, Relation, Sequence, Variable, variables_of
from ..solution import Solution
from .build import Builder
from .curves import Curve, curve, real_function, usual_range
from .plotting import Picture, drawn
from .presenting import Reading
from .printing import plain

_GRID = 240
_MOST_POINTS = 500


def plot(request: Ask, reading: Reading) -> Solution:
    """Curves in one picture."""
    nodes = cast(Sequence, request.args[0]).items
    bounds = [_number(node) for node in cast(Sequence, request.args[1]).items]
    if bounds and not bounds[0] < bounds[1]:
        raise ToolError("the range must go from the smaller number to the larger; write plot sin x from 0 to 10")
    nodes = tuple(_solved_for_y(node) for node in nodes)
    if any(isinstance(node, Sequence) for node in nodes):
        return _parametric(nodes, bounds, reading)
    if all(_is_polar(node) for node in nodes):
        return _polar(nodes, bounds, reading)
    if any(isinstance(node, Relation) or (isinstance(node, Apply) and node.name == "and") for node in nodes):
        return _relations(nodes, bounds, reading)
    names = sorted(set(variables_of(*nodes)))
    if len(names) == 2 and not request.words[0] and len(nodes) == 1:
        return _levels(nodes[0], names, bounds, reading)
    if len(names) > 1:
        raise ToolError(f"a curve has one variable, not {' and '.join(names)}; put numbers in for the others")
    return _functions(nodes, names[0] if names else "x", bounds, reading, shade="area" in request.words)


def _number(node: Node) -> float:
    value = complex(Builder().build(node).evalf(20))
    if abs(value.imag) > 0 or not math.isfinite(value.real) or abs(value.real) > 1e12:
        raise ToolError("the ends of the range must be finite real numbers; write plot sin x from 0 to 10")
    return value.real


def _solved_for_y(node: Node) -> Node:
    """`y = x^2` and `f = ...` as the function alone."""
    if isinstance(node, Relation) and node.op == "=":
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, Variable) and one.name in ("y", "z") and one.name not in variables_of(other):
                return other
    return node


def _is_polar(node: Node) -> bool:
    if not (isinstance(node, Relation) and node.op == "=" and isinstance(node.left, Variable)):
        return False
    return node.left.name == "r" and len(variables_of(node.right)) <= 1 and "r" not in variables_of(node.right)


def _functions(
    nodes: tuple[Node, ...], name: str, bounds: list[float], reading: Reading, *, shade: bool = False
) -> Solution:
    builder = Builder()
    expressions: list[Any] = [builder.build(node) for node in nodes]
    symbol: Any = builder.symbol(name)
    low, high = bounds or usual_range(expressions, symbol)
    ends = (low, high)
    if shade:
        low, high = low - 0.25 * (high - low), high + 0.25 * (high - low)
    lines = [curve(expr, symbol, low, high) for expr in expressions]
    labels = [plain(expr) for expr in expressions]
    if not any(line.segments for line in lines):
        raise ToolError(f"{labels[0]} has no real values from {low:.4g} to {high:.4g}; plot another range")
    picture = Picture((low, high), list(zip(lines, labels, strict=True)), names=(name, "y" if name != "y" else ""))
    picture.shaded = (0, *ends) if shade else None
    for line in lines:
        mark(picture, line)
    text = f"plot of {' and '.join(labels)} for {name} from {low:.6g} to {high:.6g}"
    if len(lines) == 1:
        text += features(lines[0])
    return shown(picture, text, expressions[0], reading)


def mark(picture: Picture, line: Curve) -> None:
    """Dots on the zeros and turning points of a curve."""
    if len(line.roots) <= 12:
        picture.points += [(root, 0.0, f"{root:.4g}") for root in line.roots]
    if len(line.extrema) <= 12:
        picture.points += [(x, y, "") for x, y in line.extrema if all(abs(x - root) > 1e-6 for root in line.roots)]


def features(line: Curve) -> str:
    """What a reader who cannot see the picture should know."""
    told = ""
    if line.roots:
        told += "; zeros at " + _listed([f"{root:.6g}" for root in line.roots])
    if line.poles:
        told += "; poles at " + _listed([f"{pole:.6g}" for pole in line.poles])
    if line.extrema:
        told += "; turning points " + _listed([f"({x + 0.0:.6g}, {y + 0.0:.6g})" for x, y in _rounded(line.extrema)])
    return told


def _rounded(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(round(x, 6), round(y, 9)) for x, y in points]


def _listed(items: list[str]) -> str:
    return ", ".join(items[:8]) + (" ..." if len(items) > 8 else "")


def shown(picture: Picture, text: str, value: Any, reading: Reading) -> Solution:
    """The solution with its picture."""
    from dataclasses import replace

    kind = reading.plot or "svg"
    solution = reading.solution(value, text=text, number="")
    return replace(solution, **as_fields(drawn(picture, kind), kind))


def as_fields(data: bytes, kind: str) -> dict[str, str]:
    """The fields of a solution that hold a picture."""
    import base64

    return {"plot": data.decode() if kind == "svg" else base64.b64encode(data).decode(), "plot_format": kind}


def _sampled(pair: list[Any], symbol: Any, low: float, high: float) -> list[tuple[float, float]]:
    across, up = (real_function(expr, symbol) for expr in pair)
    points = []
    for place in range(1001):
        at = low + (high - low) * place / 1000
        x, y = across(at), up(at)
        if x is not None and y is not None and abs(x) < 1e12 and abs(y) < 1e12:
            points.append((x, y))
    if len(points) < 2:
        raise ToolError("the curve has no real points in this range; plot another range")
    return points


def _parametric(nodes: tuple[Node, ...], bounds: list[float], reading: Reading) -> Solution:
    if all(isinstance(node, Sequence) and not variables_of(node) for node in nodes):
        return points(Ask("plot points", nodes), reading)
    picture, labels, value = Picture((-1, 1), square=True), [], None
    names = sorted(set(variables_of(*nodes)))
    low, high = bounds or (0.0, 2 * math.pi)
    if len(names) != 1 or not all(isinstance(node, Sequence) and len(node.items) == 2 for node in nodes):
        raise ToolError("a parametric curve is a pair: plot (cos t, sin t) for t from 0 to 2pi")
    builder = Builder()
    for node in nodes:
        pair: list[Any] = [builder.build(part) for part in cast(Sequence, node).items]
        labels.append(f"({plain(pair[0])}, {plain(pair[1])})")
        line = Curve([_sampled(pair, builder.symbol(names[0]), low, high)])
        picture.curves.append((line, labels[-1]))
        value = pair[0] if value is None else value
    text = f"plot of {' and '.join(labels)} for {names[0]} from {low:.6g} to {high:.6g}"
    return shown(picture, text, value, reading)


def _polar(nodes: tuple[Node, ...], bounds: list[float], reading: Reading) -> Solution:
    import sympy

    builder = Builder()
    picture, labels, value = Picture((-1, 1), square=True), [], None
    low, high = bounds or (0.0, 2 * math.pi)
    for node in nodes:
        right = cast(Relation, node).right
        angle: Any = builder.symbol((variables_of(right) or ["t"])[0])
        value = builder.build(right)
        labels.append(f"r = {plain(value)}")
        pair = [value * sympy.cos(angle), value * sympy.sin(angle)]
        picture.curves.append((Curve([_sampled(pair, angle, low, high)]), labels[-1]))
    return shown(
        picture, f"polar plot of {' and '.join(labels)} for angles from {low:.6g} to {high:.6g}", value, reading
    )


def _relations(nodes: tuple[Node, ...], bounds: list[float], reading: Reading) -> Solution:
    """Equations of two variables as curves; inequalities of one as bands."""
    builder = Builder()
    names = sorted(set(variables_of(*nodes)))
    flat = [
        part for node in nodes for part in (node.args if isinstance(node, Apply) and node.name == "and" else (node,))
    ]
    if len(names) == 1 and all(isinstance(part, Relation) for part in flat):
        return _bands(flat, names[0], bounds, reading)
    if len(names) != 2:
        raise ToolError("an equation to be plotted has the variables x and y: plot x^2 + y^2 = 25")
    residuals: list[Any] = []
    labels = []
    for part in flat:
        relation = part if isinstance(part, Relation) else Relation("=", Variable("y"), part)
        left, right = builder.build(relation.left), builder.build(relation.right)
        residuals.append(left - right)
        labels.append(f"{plain(left)} {relation.op} {plain(right)}")
    low, high = bounds or (-10.0, 10.0)
    symbols: list[Any] = [builder.symbol(name) for name in names]
    picture = Picture((low, high), square=True, names=(names[0], names[1]))
    picture.fields = [(*_grid(residual, symbols, low, high), "") for residual in residuals]
    return shown(
        picture, f"plot of {' and '.join(labels)} for {names[0]} from {low:.6g} to {high:.6g}", residuals[0], reading
    )


def _grid(residual: Any, symbols: list[Any], low: float, high: float) -> tuple[Any, Any, Any]:
    import numpy as np

    from .numeric import numeric_function

    function = numeric_function(residual, symbols)
    axis = np.linspace(low, high, _GRID)
    values = np.full((_GRID, _GRID), np.nan)
    for row, y in enumerate(axis):
        for column, x in enumerate(axis):
            try:
                value = complex(function(float(x), float(y)))
            except (ArithmeticError, ValueError, TypeError):
                continue
            if abs(value.imag) < 1e-9 * (1 + abs(value.real)):
                values[row, column] = value.real
    if not np.nanmin(values, initial=math.inf) <= 0 <= np.nanmax(values, initial=-math.inf):
        raise ToolError(f"no point from {low:.4g} to {high:.4g} fulfils the equation; plot another range")
    return axis, axis, values


def _bands(relations: list[Any], name: str, bounds: list[float], reading: Reading) -> Solution:
    builder = Builder()
    symbol: Any = builder.symbol(name)
    sides: list[Any] = [builder.build(node.left) - builder.build(node.right) for node in relations]
    low, high = bounds or usual_range(sides, symbol)
    lines = [curve(side, symbol, low, high) for side in sides]
    labels = [f"{plain(builder.build(node.left))} {node.op} {plain(builder.build(node.right))}" for node in relations]
    picture = Picture(
        (low, high), [(line, plain(side)) for line, side in zip(lines, sides, strict=True)], names=(name, "")
    )
    cuts = sorted({low, high, *(mark for line in lines for mark in (*line.roots, *line.poles))})
    functions = [real_function(side, symbol) for side in sides]
    holds = {"<": lambda v: v < 0, "<=": lambda v: v <= 0, ">": lambda v: v > 0, ">=": lambda v: v >= 0}
    for start, end in pairwise(cuts):
        values = [function((start + end) / 2) for function in functions]
        if all(
            v is not None and holds.get(node.op, lambda _: False)(v) for v, node in zip(values, relations, strict=True)
        ):
            picture.bands.append((start, end))
    picture.points = [(root, 0.0, f"{root:.4g}") for line in lines for root in line.roots[:12]]
    return shown(picture, f"plot of {' and '.join(labels)} for {name} from {low:.6g} to {high:.6g}", sides[0], reading)


def _levels(node: Node, names: list[str], bounds: list[float], reading: Reading) -> Solution:
    import numpy as np

    builder = Builder()
    expr: Any = builder.build(node)
    low, high = bounds or (-5.0, 5.0)
    picture = Picture((low, high), square=True, names=(names[0], names[1]))
    symbols = [builder.symbol(name) for name in names]
    from .numeric import numeric_function

    function = numeric_function(expr, symbols)
    axis = np.linspace(low, high, 121)
    values = np.full((121, 121), np.nan)
    for row, y in enumerate(axis):
        for column, x in enumerate(axis):
            try:
                value = complex(function(float(x), float(y)))
            except (ArithmeticError, ValueError, TypeError):
                continue
            if abs(value.imag) < 1e-9 and math.isfinite(value.real):
                values[row, column] = value.real
    if np.isnan(values).all():
        raise ToolError(f"{plain(expr)} has no real values here; plot another range")
    picture.levels = (axis, values)
    return shown(
        picture,
        f"level curves of {plain(expr)} for {names[0]} and {names[1]} from {low:.6g} to {high:.6g}",
        expr,
        reading,
    )


def points(request: Ask, reading: Reading) -> Solution:
    """Points in the plane."""
    import sympy

    pairs = [tuple(_number(part) for part in cast(Sequence, node).items) for node in request.args]
    if len(pairs) > _MOST_POINTS:
        raise ToolError(f"at most {_MOST_POINTS} points fit into one plot")
    if any(len(pair) != 2 for pair in pairs):
        raise ToolError("points in the plane are pairs of numbers; write plot the points (1, 2), (3, 4)")
    across = [pair[0] for pair in pairs]
    few = len(pairs) <= 12
    picture = Picture((min(across), max(across)))
    picture.points = [(x, y, f"({x:.4g}, {y:.4g})" if few else "") for x, y in pairs]
    text = f"plot of {len(pairs)} points"
    return shown(picture, text, sympy.Integer(len(pairs)), reading)


HANDLERS = {"plot": plot, "plot points": points}
