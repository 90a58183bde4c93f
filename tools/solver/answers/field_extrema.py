"""Extrema in several variables: critical points, and largest and smallest values under conditions."""

from __future__ import annotations

import itertools
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Relation
from ..solution import Solution
from .algebra import shortest_form
from .build import Builder
from .domain import Handler
from .numeric import vanishes
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import decimal, latex_of, plain
from .untyped import sympy_library

_SUBSTITUTED = "checked by substitution"
_SHIFT = 1e-4
_MOST_SHOWN = 8
_STEPS = (-9.3, -0.7, 0.4, 8.1)


def _solved(equations: list[Any], symbols: list[Any]) -> list[dict[Any, Any]]:
    """Real common zeros."""
    sympy = sympy_library()

    try:
        found = within(0.8, lambda: sympy.solve(equations, symbols, dict=True), most=7.0)
    except (OutOfPatience, NotImplementedError):
        raise ToolError("the equations for the points could not be solved exactly; use a simpler function") from None
    real = [solution for solution in found if all(value.is_extended_real is not False for value in solution.values())]
    return [
        solution
        for solution in real
        if not any(
            value.has(sympy.I) and abs(complex(value.evalf()).imag) > 1e-9
            for value in solution.values()
            if value.is_number
        )
    ]


def _critical_points(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    kind, *names = ask.words
    builder = Builder()
    function, symbols = builder.build(ask.args[0]), [builder.symbol(name) for name in names]
    slopes = [function.diff(symbol) for symbol in symbols]
    solutions = _solved(slopes, symbols)
    hessian: Any = sympy.Matrix([[slope.diff(symbol) for symbol in symbols] for slope in slopes])
    lines, points, checked = [], [], True
    for solution in solutions:
        values = [solution.get(symbol, symbol) for symbol in symbols]
        found = _kind_of(hessian.subs(solution))
        checked &= all(vanishes(slope.subs(solution)) for slope in slopes)
        if kind in ("all", found):
            height = shortest_form(function.subs(solution))
            lines.append(f"({', '.join(plain(value) for value in values)}): {found}, value {reading.shown(height)}")
            points.append(sympy.Tuple(*values))
    if not points:
        message = "no critical points" if not solutions else f"no {kind}"
        return reading.solution(sympy.Tuple(), text=message, exact=message, number="", latex=rf"\text{{{message}}}")
    order = sorted(range(len(points)), key=lambda place: sympy.default_sort_key(points[place]))
    text = "; ".join(lines[place] for place in order[:_MOST_SHOWN])
    exact = " or ".join(plain(points[place]) for place in order)
    numbers = [[decimal(value, reading.precision) for value in points[place]] for place in order]
    number = " or ".join(f"({', '.join(part)})" for part in numbers) if all(all(part) for part in numbers) else ""
    latex = r",\ ".join(latex_of(points[place]) for place in order)
    verified = "checked by substitution into the gradient" if checked else None
    return reading.solution(sympy.Tuple(*points), text=text, exact=exact, number=number, latex=latex, verified=verified)


def _kind_of(hessian: Any) -> str:
    """The kind of a critical point, from the signs of the eigenvalues of the Hessian."""
    import numpy as np

    if hessian.free_symbols:
        return "undecided"
    eigenvalues = np.linalg.eigvalsh(np.array(hessian.evalf().tolist(), dtype=float))
    if (eigenvalues > 1e-9).all():
        return "minimum"
    if (eigenvalues < -1e-9).all():
        return "maximum"
    if (eigenvalues > 1e-9).any() and (eigenvalues < -1e-9).any():
        return "saddle point"
    return "undecided by the second derivatives"


def _constrained(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    kind, *names = ask.words
    builder = Builder()
    function, symbols = builder.build(ask.args[0]), [builder.symbol(name) for name in names]
    constraints, bounds = [], []
    for node in ask.args[1:]:
        assert isinstance(node, Relation)
        difference = builder.build(node.left) - builder.build(node.right)
        if node.op == "=":
            constraints.append(difference)
        else:
            bounds.append(difference if node.op in (">", ">=") else -difference)
    if bounds and all(_is_linear(part, symbols) for part in (function, *constraints, *bounds)):
        heights = _vertices(function, constraints, bounds, symbols, kind)
        return _extremes(kind, heights, function, [], symbols, reading, checked=True)
    candidates: list[dict[Any, Any]] = []
    active_sets = (
        [constraints] if not _curved(bounds) else [constraints, *([*constraints, bound] for bound in _curved(bounds))]
    )
    for active in active_sets:
        multipliers = sympy.symbols(f"m0:{len(active)}", cls=sympy.Dummy)
        lagrangian = function - sum(m * c for m, c in zip(multipliers, active, strict=True))
        equations = [lagrangian.diff(symbol) for symbol in symbols] + active
        candidates += _solved(equations, [*symbols, *multipliers])
    points = {tuple(c.get(symbol, symbol) for symbol in symbols) for c in candidates}
    points = [p for p in points if all(not b.subs(dict(zip(symbols, p, strict=True))).is_negative for b in bounds)]
    if not points:
        raise ToolError("no point meets the condition of Lagrange; check the constraint")
    heights = {point: shortest_form(function.subs(dict(zip(symbols, point, strict=True)))) for point in points}
    checked = all(vanishes(c.subs(dict(zip(symbols, point, strict=True)))) for c in constraints for point in points)
    return _extremes(kind, heights, function, constraints, symbols, reading, checked=checked)


def _is_linear(expression: Any, symbols: list[Any]) -> bool:
    from sympy import Poly

    return expression.is_polynomial(*symbols) and Poly(expression, *symbols).total_degree() <= 1


def _vertices(
    function: Any, constraints: list[Any], bounds: list[Any], symbols: list[Any], kind: str
) -> dict[Any, Any]:
    """The values of a linear function at the corners of its region.

    Raises:
        ToolError: if the region is empty or the function grows without bound.
    """
    sympy = sympy_library()
    from scipy.optimize import linprog

    zero = dict.fromkeys(symbols, 0)

    def row(expression: Any) -> list[float]:
        return [float(expression.coeff(symbol)) for symbol in symbols]

    parts = [sympy.expand(part) for part in (function, *constraints, *bounds)]
    equal, least = parts[1 : 1 + len(constraints)], parts[1 + len(constraints) :]
    optima: list[tuple[float, float]] = []
    for sign in {"maximum": (-1.0,), "minimum": (1.0,)}.get(kind, (1.0, -1.0)):
        found = linprog(
            [sign * value for value in row(parts[0])],
            A_ub=[[-value for value in row(part)] for part in least], b_ub=[float(part.subs(zero)) for part in least],
            A_eq=[row(part) for part in equal] or None, b_eq=[-float(part.subs(zero)) for part in equal] or None,
            bounds=(None, None),
        )  # fmt: skip
        if found.status == 2:
            raise ToolError("no point meets all these conditions")
        if found.status == 3:
            raise ToolError(f"there is no {'maximum' if sign < 0 else 'minimum'}: the values are unbounded")
        optima.append((sign, sign * float(found.fun) + float(parts[0].subs(zero))))
    corners: dict[Any, Any] = {}
    for active in itertools.islice(itertools.combinations(least, max(len(symbols) - len(equal), 0)), 500):
        for solution in sympy.solve([*equal, *active], symbols, dict=True):
            if len(solution) == len(symbols) and all(part.subs(solution) >= 0 for part in least):
                point = tuple(solution[symbol] for symbol in symbols)
                if all(value.is_number for value in point):
                    corners[point] = parts[0].subs(solution)
    if not corners:
        raise ToolError("the region has no corner; add conditions such as x >= 0")
    for sign, optimum in optima:
        best = (max if sign < 0 else min)(float(value) for value in corners.values())
        if abs(best - optimum) > 1e-6 * (1 + abs(optimum)):
            raise ToolError("the corners and linear programming disagree; ask with fewer conditions")
    return corners


def _curved(bounds: list[Any]) -> list[Any]:
    """Inequalities that are more than a sign condition on one variable, and so can be active."""
    return [bound for bound in bounds if len(bound.free_symbols) > 1]


def _extremes(
    kind: str,
    heights: dict[Any, Any],
    function: Any,
    constraints: list[Any],
    symbols: list[Any],
    reading: Reading,
    *,
    checked: bool,
) -> Solution:
    sympy = sympy_library()

    ordered = (
        sorted(set(heights.values()), key=lambda value: float(value.evalf()))
        if all(v.is_number for v in heights.values())
        else list(heights.values())
    )

    def line(value: Any) -> str:
        at = sorted((point for point, height in heights.items() if height == value), key=sympy.default_sort_key)
        places = " and ".join(
            f"({', '.join(f'{s} = {plain(v)}' for s, v in zip(symbols, point, strict=True))})" for point in at[:4]
        )
        return f"{reading.shown(value)} at {places}"

    verified = "checked by substitution into the constraint" if checked and constraints else None
    if checked and not constraints:
        verified = "checked with linear programming"
    smaller, larger = _reachable(function, constraints, symbols, next(iter(heights)), ordered)
    if kind == "both" and len(ordered) > 1:
        text = f"maximum {line(ordered[-1])}; minimum {line(ordered[0])}"
        exact = f"{plain(ordered[-1])} and {plain(ordered[0])}"
        return reading.solution(
            sympy.Tuple(ordered[-1], ordered[0]), text=text, exact=exact, number="", verified=verified
        )
    if len(ordered) == 1 and (smaller or larger):
        is_minimum = larger and not smaller
        wrong = (kind == "maximum" and is_minimum) or (kind == "minimum" and not is_minimum)
        if smaller and larger:
            reading.assume("the value is stationary there, but neither smallest nor largest")
        elif wrong:
            other = "minimum" if is_minimum else "maximum"
            raise ToolError(f"there is no {kind}: the values are unbounded; the {other} is {line(ordered[0])}")
        elif kind == "both":
            kind = "minimum" if is_minimum else "maximum"
    elif (kind == "maximum" and larger) or (kind == "minimum" and smaller):
        reading.assume(
            f"other points of the constraint go beyond this value; it is the {kind} among the stationary points"
        )
    best = ordered[0] if kind == "minimum" else ordered[-1]
    return reading.solution(
        best, text=f"{kind if kind != 'both' else 'stationary value'} {line(best)}", verified=verified
    )


def _reachable(
    function: Any, constraints: list[Any], symbols: list[Any], point: Any, ordered: list[Any]
) -> tuple[bool, bool]:
    """Whether the constraint also allows values below the smallest and above the largest candidate."""
    sympy = sympy_library()

    smaller = larger = False
    if len(constraints) != 1 or not all(value.is_number for value in ordered):
        return smaller, larger
    lowest, highest = float(ordered[0].evalf()), float(ordered[-1].evalf())
    base = dict(zip(symbols, point, strict=True))
    for solved in symbols:
        others = [symbol for symbol in symbols if symbol != solved]
        if not constraints[0].is_polynomial(solved) or len(others) > 3:
            continue
        for steps in itertools.product(_STEPS, repeat=len(others)):
            values = {symbol: base[symbol] + step for symbol, step in zip(others, steps, strict=True)}
            rest = constraints[0].subs(values)
            for root in sympy.Poly(rest, solved).nroots() if sympy.degree(rest, solved) > 0 else []:
                if abs(complex(root).imag) > 1e-9:
                    continue
                height = complex(function.subs({**values, solved: root}).evalf()).real
                smaller |= height < lowest - 1e-6 * (1 + abs(lowest))
                larger |= height > highest + 1e-6 * (1 + abs(highest))
    return smaller, larger


HANDLERS: dict[str, Handler] = {
    "critical points": _critical_points,
    "constrained extrema": _constrained,
}
