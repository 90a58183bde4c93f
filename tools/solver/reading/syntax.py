"""The inert tree that a query is read into: plain data, no behaviour, nothing of SymPy.

An expression is a `Number`, a `Constant`, a `Variable` or an `Apply` of an operator or of an allow-listed function.
A request says what is to be done with expressions. Nothing here computes, so a tree can be checked for size and cost
before anything is built from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number; `decimal` remembers that it was written with a decimal point."""

    value: Fraction
    decimal: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """One of `pi`, `e`, `i`, `infinity`."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A letter, a letter with an index, or the name of a Greek letter."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or a function on its arguments.

    Operators are named `+`, `*`, `^`, `neg`, `reciprocal`, `percent`, `!`, `!!` and `mod`; sums and products hold all
    their terms, so that a long sum is not a deep tree.
    """

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """`left op right` with `op` one of `=`, `!=`, `<`, `<=`, `>`, `>=`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Sequence:
    """A parenthesised or bracketed list, as in `integrate(f, (x, 0, 1))`."""

    items: tuple[Node, ...]


Node = Number | Constant | Variable | Apply | Relation | Sequence


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Value of an expression, perhaps with values put in for variables.

    Args:
        expression: what to evaluate; a `Relation` without variables is a question of truth.
        at: variables and the values to put in.
        form: how to show the result.
        digits: for the forms `places` and `digits`, how many.
    """

    expression: Node
    at: tuple[tuple[str, Node], ...] = ()
    form: Literal["plain", "percent", "fraction", "decimal", "places", "digits"] = "plain"
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Solve:
    relations: tuple[Node, ...]
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Differentiate:
    """`variables` holds one name for each differentiation; empty means: choose, and differentiate `order` times."""

    expression: Node
    variables: tuple[str, ...] = ()
    order: int = 1
    at: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class Integrate:
    """`limits` holds (variable, lower, upper) from the inside out; bounds are `None` for an antiderivative."""

    expression: Node
    limits: tuple[tuple[str, Node | None, Node | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    expression: Node
    variable: str
    point: Node
    side: Literal["+", "-", "both"] = "both"


@dataclass(frozen=True, slots=True)
class Series:
    """Taylor polynomial about `point`, up to and including the power `order`."""

    expression: Node
    variable: str = ""
    point: Node = Number(Fraction(0))
    order: int = 5


@dataclass(frozen=True, slots=True)
class Accumulate:
    kind: Literal["sum", "product"]
    expression: Node
    variable: str
    lower: Node
    upper: Node


@dataclass(frozen=True, slots=True)
class Rewrite:
    kind: Literal["simplify", "expand", "factor", "divisors"]
    expression: Node


@dataclass(frozen=True, slots=True)
class Statistic:
    """`kind` is `mean`, `median`, `mode`, `range`, `variance` or `standard deviation`."""

    kind: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ToBase:
    expression: Node
    base: int


@dataclass(frozen=True, slots=True)
class IsPrime:
    expression: Node


@dataclass(frozen=True, slots=True)
class Ask:
    """A question that one domain answers, such as `determinant`.

    Args:
        name: of the question, a key of `answers.registry.HANDLERS`.
        args: expressions, equations, lists and matrices (a `Sequence` of `Sequence`s).
        words: names that the domain's reader chose from its own lists, such as the names of units.
    """

    name: str
    args: tuple[Node, ...] = ()
    words: tuple[str, ...] = ()


Request = (
    Evaluate
    | Solve
    | Differentiate
    | Integrate
    | Limit
    | Series
    | Accumulate
    | Rewrite
    | Statistic
    | ToBase
    | IsPrime
    | Ask
)


def joined(op: str, parts: list[Node]) -> Node:
    """The sum or product of parts, a single part as it is."""
    return parts[0] if len(parts) == 1 else Apply(op, tuple(parts))


def is_share(node: Node) -> bool:
    """Whether "of" after this node means times: 15% of, 3/4 of, 0.5 of."""
    if isinstance(node, Apply):
        return node.name == "percent" or (node.name == "reciprocal" and isinstance(node.args[0], Number))
    return isinstance(node, Number) and node.decimal


def is_minus_one(node: Node) -> bool:
    """Whether a power is the -1 of `sin^-1`."""
    if isinstance(node, Number):
        return node.value == -1
    return isinstance(node, Apply) and node.name == "neg" and node.args[0] == Number(Fraction(1))


def plain_number(node: Node) -> Fraction | None:
    """The value of a number, a quotient or a product of numbers, perhaps with a sign; `None` for all else."""
    if isinstance(node, Number):
        return node.value
    if not isinstance(node, Apply) or node.name not in ("neg", "reciprocal", "*"):
        return None
    parts = [plain_number(part) for part in node.args]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or any(abs(part.numerator) > 10**30 for part in known):
        return None
    if node.name == "*":
        return math.prod(known, start=Fraction(1))
    return -known[0] if node.name == "neg" else 1 / known[0] if known[0] else None


def walk(node: Node) -> Iterator[Node]:
    """Every node of a tree, the root first."""
    stack: list[Node] = [node]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, Apply):
            stack.extend(reversed(current.args))
        elif isinstance(current, Relation):
            stack.extend((current.right, current.left))
        elif isinstance(current, Sequence):
            stack.extend(reversed(current.items))


def expressions_of(request: Request) -> list[Node]:
    """All expressions that a request holds."""
    if isinstance(request, Evaluate | Differentiate):
        return [request.expression, *(value for _, value in request.at)]
    if isinstance(request, Solve):
        return list(request.relations)
    if isinstance(request, Integrate):
        bounds = [bound for _, *pair in request.limits for bound in pair if bound is not None]
        return [request.expression, *bounds]
    if isinstance(request, Limit | Series):
        return [request.expression, request.point]
    if isinstance(request, Accumulate):
        return [request.expression, request.lower, request.upper]
    if isinstance(request, Statistic):
        return list(request.items)
    if isinstance(request, Ask):
        return list(request.args)
    return [request.expression]


def variables_of(*nodes: Node) -> list[str]:
    """Names of the variables in order of first appearance."""
    seen: dict[str, None] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Variable):
                seen.setdefault(part.name)
    return list(seen)
