"""Inequalities in one real variable, alone or together with equations: the answer is a set of real numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Relation, variables_of
from ..solution import Solution
from .build import Builder
from .numeric import real_roots, vanishes
from .presenting import Reading
from .printing import decimal, latex_of, plain


def solve_inequalities(relations: list[Relation], name: str, reading: Reading) -> Solution:
    """The real numbers for which all relations hold.

    Raises:
        ToolError: if the set is not a union of intervals and points, or if there are other variables.
    """
    import sympy

    others = [other for other in variables_of(*relations) if other != name]
    if others:
        raise ToolError(f"inequalities can be solved for one unknown only; give numbers for {', '.join(others)}")
    builder = Builder()
    x = builder.symbol(name)
    domain: Any = sympy.S.Reals
    # Inequalities first: they bound where the equations are solved.
    for relation in sorted(relations, key=lambda relation: relation.op == "="):
        region, domain = domain, _restricted(builder.relation(relation), x, domain)
        if relation.op == "=" and not _is_simple(domain) and _is_simple(region):
            domain = _numeric_points(builder.build(relation.left) - builder.build(relation.right), x, region, reading)
    if not _is_simple(domain):
        raise ToolError("the solution is not a union of intervals; add bounds, for example 0 <= x <= 10")
    exact = set_text(domain, name, plain)
    numbers = set_text(domain, name, lambda value: decimal(value, reading.precision) or plain(value))
    if domain.has(sympy.CRootOf):  # an inner name of SymPy for a root without radicals
        exact = numbers
    rational = all(bound.is_Rational or bound.is_infinite for bound in _bounds(domain))
    text = numbers if reading.decimals else exact if rational or exact == numbers else f"{exact} ({numbers})"
    points: list[Any] = list(domain.args) if isinstance(domain, sympy.FiniteSet) else []
    equations: list[Any] = [
        builder.build(item.left) - builder.build(item.right) for item in relations if item.op == "="
    ]
    holds = points and equations and all(vanishes(side.subs(x, point)) for side in equations for point in points)
    return reading.solution(
        sympy.S.One,
        text=text,
        exact=exact,
        number=numbers,
        latex=latex_of(domain),
        verified="checked by substitution" if holds else None,
    )


def _restricted(relation: Any, x: Any, domain: Any) -> Any:
    import sympy

    if relation is sympy.S.true:
        return domain
    if relation is sympy.S.false:
        return sympy.S.EmptySet
    if isinstance(relation, sympy.Eq):
        sides: Any = relation
        return sympy.solveset(sides.lhs - sides.rhs, x, domain)
    return domain.intersect(sympy.solveset(relation, x, sympy.S.Reals))


def _numeric_points(residual: Any, x: Any, region: Any, reading: Reading) -> Any:
    """The roots inside a region that only numbers tell."""
    import sympy

    reading.assume("no closed form was found; real solutions between -1000 and 1000, computed numerically")
    found = real_roots(residual, x, max(reading.precision, 15))
    return sympy.FiniteSet(*(root for root in found if region.contains(root) is sympy.true))


def _is_simple(found: Any) -> bool:
    import sympy

    if isinstance(found, sympy.Union):
        return all(_is_simple(part) for part in found.args)
    return found is sympy.S.EmptySet or isinstance(found, sympy.Interval | sympy.FiniteSet) or found is sympy.S.Reals


def _bounds(found: Any) -> list[Any]:
    import sympy

    if isinstance(found, sympy.Union):
        return [bound for part in found.args for bound in _bounds(part)]
    if isinstance(found, sympy.FiniteSet):
        return list(found.args)
    return [found.start, found.end] if isinstance(found, sympy.Interval) else []


def _place(point: Any) -> Any:
    return point.evalf()


def _lower_end(part: Any) -> Any:
    return part.inf.evalf()


def set_text(found: Any, name: str, write: Callable[[Any], str]) -> str:
    """A union of intervals and points in words: `x < -2 or x > 2`.

    Args:
        found: a SymPy set for which `_is_simple` holds.
        name: of the variable.
        write: turns a bound into text.
    """
    import sympy

    if found is sympy.S.EmptySet:
        return "no real solution"
    if found is sympy.S.Reals:
        return f"every real {name}"
    if isinstance(found, sympy.FiniteSet):
        points: list[Any] = sorted(found.args, key=_place)
        return " or ".join(f"{name} = {write(point)}" for point in points)
    if isinstance(found, sympy.Union):
        parts = sorted(found.args, key=_lower_end)
        return " or ".join(set_text(part, name, write) for part in parts)
    left, right = "<" if found.left_open else "<=", "<" if found.right_open else "<="
    if found.start.is_infinite and found.end.is_infinite:
        return f"every real {name}"
    if found.start.is_infinite:
        return f"{name} {right} {write(found.end)}"
    if found.end.is_infinite:
        return f"{name} {left.replace('<', '>')} {write(found.start)}"
    return f"{write(found.start)} {left} {name} {right} {write(found.end)}"
