"""Operations written as calls, the way computer algebra systems take them: `integrate(x^2, (x, 0, 1))`.

They may stand inside an expression as well: `2*diff(x^3, x)`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, cast

from ...errors import ToolError
from .calls import CALLS
from .syntax import (
    Accumulate,
    Apply,
    Ask,
    Constant,
    Differentiate,
    Evaluate,
    Integrate,
    IsPrime,
    Limit,
    Node,
    Number,
    Relation,
    Request,
    Rewrite,
    Sequence,
    Series,
    Solve,
    Statistic,
    Variable,
)

FORMS = {
    "diff": "diff(x^3, x) or diff(x^3, x, 2)",
    "integrate": "integrate(x^2, x) or integrate(x^2, (x, 0, 1))",
    "limit": "limit(sin(x)/x, x, 0)",
    "series": "series(sin(x), x, 0, 5)",
    "sum": "sum(k^2, (k, 1, 10))",
    "product": "product(k, (k, 1, 5))",
    "solve": "solve(x^2 - 4, x)",
    "subs": "subs(x^2, x, 3)",
    "evalf": "evalf(pi, 20)",
}


def request_from_call(name: str, arguments: tuple[Node, ...]) -> Request:
    """The request that a call of an operation stands for.

    Args:
        name: canonical name of the operation, as `names.operation_named` gives it.
        arguments: what stands in the brackets.

    Raises:
        ToolError: if the arguments do not fit, with a form that does.
    """
    if name in CALLS:
        return _ask(name, arguments)
    first, rest = arguments[0], arguments[1:]
    if name in ("simplify", "expand", "factor", "factorint", "divisors", "isprime"):
        return _unary(name, first)
    if name in ("mean", "median", "mode", "variance", "std"):
        items = first.items if isinstance(first, Sequence) and not rest else arguments
        return Statistic("standard deviation" if name == "std" else name, items)
    if name == "solve":
        relations = first.items if isinstance(first, Sequence) else (first,)
        return Solve(relations, tuple(_letter(name, node) for node in _flat(rest)))
    if name == "diff":
        return Differentiate(first, _orders(rest))
    if name == "integrate":
        return Integrate(first, _integration_limits(rest))
    if name in ("sum", "product"):
        return _accumulate(name, arguments)
    if name == "limit":
        return _limit(first, rest)
    if name == "series":
        return _series(first, rest)
    if name == "subs":
        return Evaluate(first, _substitutions(rest))
    digits = rest[0] if rest else None
    if digits is None:
        return Evaluate(first, form="decimal")
    return Evaluate(first, form="digits", digits=_whole(name, digits))


def _ask(name: str, arguments: tuple[Node, ...]) -> Request:
    call = CALLS[name]
    if len(arguments) < call.least or 0 <= call.most < len(arguments):
        raise ToolError(f"{name} does not take {len(arguments)} argument(s); write {call.form}")
    return Ask(call.ask, arguments)


def _unary(name: str, expression: Node) -> Request:
    if name == "isprime":
        return IsPrime(expression)
    kind = {"factorint": "factor"}.get(name, name)
    return Rewrite(cast(Literal["simplify", "expand", "factor", "divisors"], kind), expression)


def _misfit(name: str) -> ToolError:
    return ToolError(f"the arguments of {name} do not fit; write {FORMS[name]}")


def _letter(name: str, node: Node) -> str:
    if isinstance(node, Variable):
        return node.name
    if isinstance(node, Constant) and node.name in ("i", "e"):
        return node.name
    raise _misfit(name)


def _whole(name: str, node: Node) -> int:
    if isinstance(node, Number) and node.value.denominator == 1:
        return int(node.value)
    raise _misfit(name)


def _flat(nodes: tuple[Node, ...]) -> list[Node]:
    return [item for node in nodes for item in (node.items if isinstance(node, Sequence) else (node,))]


def _orders(rest: tuple[Node, ...]) -> tuple[str, ...]:
    """`x, 2, y` and `(x, 2), y` to `x, x, y`."""
    variables: list[str] = []
    for node in _flat(rest):
        if isinstance(node, Number) and variables:
            order = _whole("diff", node)
            if not 1 <= order <= 100:
                raise ToolError(f"derivatives of order 1 to 100 can be taken, not {order}")
            variables += [variables[-1]] * (order - 1)
        else:
            variables.append(_letter("diff", node))
    return tuple(variables)


def _integration_limits(rest: tuple[Node, ...]) -> tuple[tuple[str, Node | None, Node | None], ...]:
    if len(rest) == 3 and not any(isinstance(node, Sequence) for node in rest):
        return ((_letter("integrate", rest[0]), rest[1], rest[2]),)
    limits: list[tuple[str, Node | None, Node | None]] = []
    for node in rest:
        parts = node.items if isinstance(node, Sequence) else (node,)
        if len(parts) == 1:
            limits.append((_letter("integrate", parts[0]), None, None))
        elif len(parts) == 3:
            limits.append((_letter("integrate", parts[0]), parts[1], parts[2]))
        else:
            raise _misfit("integrate")
    return tuple(limits)


def _accumulate(name: str, arguments: tuple[Node, ...]) -> Request:
    first, rest = arguments[0], arguments[1:]
    parts = _flat(rest)
    ranged = len(parts) == 3 and isinstance(parts[0], Variable | Constant)
    if not ranged or (len(rest) not in (1, 3)):
        items = first.items if isinstance(first, Sequence) and not rest else arguments
        if any(isinstance(item, Sequence | Relation) for item in items):
            raise _misfit(name)
        return Evaluate(Apply("+" if name == "sum" else "*", tuple(items)))
    kind: Literal["sum", "product"] = "sum" if name == "sum" else "product"
    return Accumulate(kind, first, _letter(name, parts[0]), parts[1], parts[2])


def _limit(expression: Node, rest: tuple[Node, ...]) -> Request:
    if len(rest) < 2:
        raise _misfit("limit")
    return Limit(expression, _letter("limit", rest[0]), rest[1])


def _series(expression: Node, rest: tuple[Node, ...]) -> Request:
    variable = _letter("series", rest[0]) if rest else ""
    point = rest[1] if len(rest) > 1 else Number(Fraction(0))
    order = _whole("series", rest[2]) if len(rest) > 2 else 5
    return Series(expression, variable, point, order)


def _substitutions(rest: tuple[Node, ...]) -> tuple[tuple[str, Node], ...]:
    if rest and all(isinstance(node, Relation) and node.op == "=" for node in rest):
        return tuple((_letter("subs", node.left), node.right) for node in rest if isinstance(node, Relation))
    if len(rest) != 2:
        raise _misfit("subs")
    return ((_letter("subs", rest[0]), rest[1]),)
