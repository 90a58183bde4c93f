"""What a tree would cost to build, estimated before anything is built.

An allow-list of functions bounds what can be called, not how large a result becomes: `9^9^9` is three numbers. Sizes
are estimated bottom up as an upper bound on log2 of the absolute value and on the bits of the exact number. What slips
through, and what is slow without being large, is ended by the time limit of the worker.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ...errors import ToolError
from ..reading.syntax import (
    Apply,
    Constant,
    Node,
    Number,
    Relation,
    Request,
    Rewrite,
    Sequence,
    Series,
    expressions_of,
    walk,
)

MAX_BITS = 1_000_000
MAX_TERMS = 20_000
MAX_SERIES_ORDER = 60
_MAX_PRIME_INDEX = 1_000_000


class TooLargeError(ToolError):
    """A number would be too long to be written out."""


class Size(NamedTuple):
    """Bounds for a numeric subtree: |value| <= 2^magnitude, and its exact form takes `bits` bits."""

    magnitude: float
    bits: float


def check_cost(request: Request) -> None:
    """Refuse a request whose result would be too large.

    Raises:
        ToolError: saying how large it would be and what to ask instead.
    """
    for expression in expressions_of(request):
        size_of(expression)
    if isinstance(request, Rewrite) and request.kind == "expand" and expanded_terms(request.expression) > MAX_TERMS:
        raise ToolError(f"the expansion has more than {MAX_TERMS} terms; use a smaller power")
    if isinstance(request, Series) and not 0 <= request.order <= MAX_SERIES_ORDER:
        raise ToolError(f"a series can be taken to order {MAX_SERIES_ORDER} at most, not {request.order}")


def is_decimal(node: Node) -> bool:
    """Whether a number in the tree was written with a decimal point."""
    return any(isinstance(part, Number) and part.decimal for part in walk(node))


def needs_float(power: Apply) -> bool:
    """Whether a power of decimals is too long to keep exact, as in 1.0001^1000000."""
    base, exponent = (size_of(part) for part in power.args)
    return bool(base and exponent and is_decimal(power) and base.bits * _value(exponent) > MAX_BITS / 20)


def size_of(node: Node) -> Size | None:
    """Bounds for the value of a tree, `None` where it holds variables or infinity.

    Raises:
        ToolError: if a number in it is too large to be written out.
    """
    if isinstance(node, Number):
        numerator, denominator = abs(node.value.numerator), node.value.denominator
        magnitude = math.log2(numerator) - math.log2(denominator) if numerator else -1.0
        return Size(magnitude, math.log2(max(numerator, 1)) + math.log2(denominator))
    if isinstance(node, Constant):
        return None if node.name == "infinity" else Size(0.0 if node.name == "i" else 2.0, 1.0)
    if isinstance(node, Relation):
        size_of(node.left)
        size_of(node.right)
        return None
    if isinstance(node, Sequence):
        for item in node.items:
            size_of(item)
        return None
    if not isinstance(node, Apply):
        return None
    if node.name == "mod" and (modulus := _modular_power(node)) is not None:
        return modulus
    sizes = [size_of(part) for part in node.args]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes) or not known:
        return None
    return _checked(_applied(node, known))


def _applied(node: Apply, sizes: list[Size]) -> Size:
    first, second = sizes[0], sizes[-1]
    match node.name:
        case "+":
            return Size(
                max(size.magnitude for size in sizes) + math.log2(len(sizes)),
                sum(size.bits for size in sizes) + math.log2(len(sizes)),
            )
        case "*":
            return Size(sum(size.magnitude for size in sizes), sum(size.bits for size in sizes))
        case "reciprocal":
            return Size(first.bits, first.bits)
        case "^":
            return _power(node, first, second)
        case "!" | "!!" | "factorial" | "gamma":
            number = _value(first)
            size = number * math.log2(number + 2)
            return Size(size, size)
        case "binomial" | "permutations":
            chosen = _value(second)
            size = chosen * (first.magnitude + 2)
            if node.name == "binomial":
                size = min(size, _value(first))
                # The smaller side is not known from bounds, and the work grows with the number chosen.
                size = max(size, chosen if chosen > MAX_BITS else 0)
            return Size(size, size)
        case "fibonacci":
            return Size(_value(first), _value(first))
        case "prime":
            if _value(first) > _MAX_PRIME_INDEX:
                raise ToolError(f"primes can be counted up to number {_MAX_PRIME_INDEX}")
            return Size(25.0, 25.0)
        case "mod":
            return second
        case "exp" | "sinh" | "cosh":
            return Size(min(_value(first) * 1.5, 1e300), 1.0)
        case "lcm":
            return Size(sum(size.magnitude for size in sizes), sum(size.bits for size in sizes))
        case _:
            return Size(max(size.magnitude for size in sizes), max(size.bits for size in sizes))


def _power(node: Apply, base: Size, exponent: Size) -> Size:
    base_node = node.args[0]
    if isinstance(base_node, Constant):
        return Size(min(base.magnitude * _value(exponent), 1e300), 1.0)
    if base.bits == 0:  # 0, 1 and -1
        return Size(0.0, 0.0)
    times = _value(exponent)
    bits = base.bits * times
    if bits > MAX_BITS and is_decimal(node):
        return Size(min(base.magnitude * times, 1e300), 200.0)
    return Size(bits, bits)


def _checked(size: Size) -> Size:
    if size.bits <= MAX_BITS:
        return size
    digits = f"about {size.bits * 0.30103:.3g} digits" if size.bits < 1e15 else "far too many digits"
    raise TooLargeError(
        f"the number would have {digits}, more than can be written out; use smaller powers, or ask for a remainder"
        " such as 7^(10^10) mod 1000"
    )


def _value(size: Size) -> float:
    return 2.0**size.magnitude if size.magnitude < 1000 else math.inf


def _modular_power(node: Apply) -> Size | None:
    """`a^b mod m` is cheap however large b is; `None` if the node is not of this form."""
    power = node.args[0]
    if not (isinstance(power, Apply) and power.name == "^"):
        return None
    sizes = [size_of(part) for part in (*power.args, node.args[1])]
    if any(size is None for size in sizes) or is_decimal(node):
        return None
    return sizes[-1]


def expanded_terms(node: Node) -> float:
    """An upper bound on the number of terms after multiplying out."""
    if not isinstance(node, Apply):
        return 1
    parts = [expanded_terms(part) for part in node.args]
    if node.name == "+":
        return sum(parts)
    if node.name == "*":
        return math.prod(parts)
    if node.name == "neg":
        return parts[0]
    if node.name == "^" and isinstance(node.args[1], Number) and parts[0] > 1:
        power = float(min(abs(node.args[1].value), 10**9))
        return math.exp(min(math.lgamma(parts[0] + power) - math.lgamma(power + 1) - math.lgamma(parts[0]), 700))
    return 1
