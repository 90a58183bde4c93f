"""How a result comes about, line by line, where a method is known: the dispatch, and steps of arithmetic."""

from __future__ import annotations

import math
from typing import Any

from ..reading.clauses import preferred
from ..reading.syntax import (
    Apply,
    Differentiate,
    Evaluate,
    Integrate,
    Number,
    Relation,
    Request,
    Rewrite,
    Sequence,
    Solve,
    variables_of,
)
from ..solution import Solution
from .build import Builder

_MOST_LINES = 40
_MOST_FACTORED = 10**12


def steps_for(request: Request, solution: Solution) -> tuple[str, ...]:
    """The steps, the last of which is the answer; empty where none are known."""
    from . import calculus_steps, equation_steps

    builder = Builder()
    lines: list[str] = []
    if isinstance(request, Differentiate) and len(request.variables) <= 1 and request.order == 1:
        name = request.variables[0] if request.variables else preferred(variables_of(request.expression))
        lines = calculus_steps.derivative(builder.build(request.expression), builder.symbol(name))
    elif isinstance(request, Integrate) and len(request.limits) <= 1:
        limits = request.limits or (("", None, None),)
        name = limits[0][0] or preferred(variables_of(request.expression))
        bounds = [builder.build(bound) for bound in limits[0][1:] if bound is not None]
        lines = calculus_steps.integral(builder.build(request.expression), builder.symbol(name), bounds)
    elif isinstance(request, Solve):
        lines = _equations(request, equation_steps)
    elif isinstance(request, Rewrite) and isinstance(request.expression, Number):
        lines = _prime_factors(request.expression) if request.kind == "factor" else []
    elif isinstance(request, Evaluate) and isinstance(request.expression, Apply) and request.expression.name == "gcd":
        lines = _euclid(request.expression)
    if not lines or len(lines) > _MOST_LINES or any(len(line) > 500 for line in lines):
        return ()
    return (*lines, solution.text) if lines[-1] != solution.text else tuple(lines)


def _equations(request: Solve, methods: Any) -> list[str]:
    builder = Builder(real=False)
    relations = request.relations
    if not all(isinstance(node, Relation) and node.op == "=" for node in relations):
        return []
    names = variables_of(*relations)
    sides = [(builder.build(node.left), builder.build(node.right)) for node in relations if isinstance(node, Relation)]
    if len(sides) == 1 and (len(names) == 1 or len(request.variables) == 1):
        name = request.variables[0] if request.variables else names[0]
        return methods.equation(*sides[0], builder.symbol(name))
    if 2 <= len(sides) <= 3 and len(names) == len(sides):
        return methods.system(sides, [builder.symbol(name) for name in sorted(names)])
    return []


def _prime_factors(node: Number) -> list[str]:
    number = int(node.value)
    if number != node.value or not 2 <= number <= _MOST_FACTORED:
        return []
    lines, prime = [], 2
    while prime * prime <= number:
        if number % prime == 0:
            lines.append(f"{number} = {prime}*{number // prime}")
            number //= prime
        else:
            prime += 1
    return [*lines, f"{number} is prime"]


def _euclid(node: Apply) -> list[str]:
    parts = node.args[0].items if len(node.args) == 1 and isinstance(node.args[0], Sequence) else node.args
    numbers = [int(part.value) for part in parts if isinstance(part, Number) and part.value.denominator == 1]
    if len(numbers) != len(parts) or len(numbers) < 2:
        return []
    lines, divisor = [], abs(numbers[0])
    for number in numbers[1:]:
        larger, smaller = max(divisor, abs(number)), min(divisor, abs(number))
        while smaller:
            lines.append(f"{larger} = {larger // smaller}*{smaller} + {larger % smaller}")
            larger, smaller = smaller, larger % smaller
        divisor = larger
        lines.append(f"the last remainder that is not 0 is {divisor}")
    return lines if divisor == math.gcd(*numbers) else []
