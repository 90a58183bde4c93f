"""Whole numbers from a query, bounded; their factors; and answers that are a number, a list or yes and no."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Node
from ..solution import Solution
from .build import Builder
from .presenting import Reading
from .printing import clipped, integer_text

MAX_BITS = 14_000
_QUICK_BITS = 64


def whole(node: Node, what: str = "this", *, least: int | None = None, most: int | None = None) -> int:
    """The whole number that a formula stands for.

    Raises:
        ToolError: if it is none, or lies outside the bounds.
    """
    value: Any = Builder().build(node)
    if not value.is_Integer:
        raise ToolError(f"{what} needs whole numbers, such as 360")
    number = int(value)
    if number.bit_length() > MAX_BITS:
        raise ToolError(f"{what} is computed for numbers of at most {MAX_BITS * 3 // 10} digits")
    if least is not None and number < least:
        raise ToolError(f"{what} needs a number that is at least {least}")
    if most is not None and number > most:
        raise ToolError(f"{what} is computed for numbers up to {integer_text(most)}")
    return number


def is_prime(number: int) -> bool:
    import flint

    return number > 1 and bool(flint.fmpz(number).is_prime())


def factors(number: int) -> list[tuple[int, int]]:
    """Prime factors of a positive number with their powers, in order."""
    import flint

    if number.bit_length() < _QUICK_BITS:
        return sorted((int(prime), int(power)) for prime, power in flint.fmpz(number).factor())
    import sympy

    # FLINT's quadratic sieve, which is for large numbers, keeps a file; a worker may not, and would be ended.
    return sorted((int(prime), int(power)) for prime, power in sympy.factorint(number).items())


def product_text(parts: list[tuple[int, int]]) -> str:
    """`2^3 * 3^2 * 5`."""
    return " * ".join(integer_text(prime) + (f"^{power}" if power > 1 else "") for prime, power in parts) or "1"


def divisors(number: int, most: int = 20_000) -> list[int]:
    """All positive divisors, in order.

    Raises:
        ToolError: if there are too many to be written out.
    """
    found = [1]
    for prime, power in factors(number):
        found = [divisor * prime**exponent for divisor in found for exponent in range(power + 1)]
        if len(found) > most:
            raise ToolError("this number has too many divisors to be listed; ask how many it has")
    return sorted(found)


def number(value: int | Fraction, reading: Reading, verified: str | None = None, text: str | None = None) -> Solution:
    """An answer that is one number."""
    import sympy

    exact = sympy.Rational(value.numerator, value.denominator)
    return reading.solution(exact, text=text, verified=verified)


def verdict(holds: bool, reading: Reading, text: str) -> Solution:
    """An answer of yes or no, with the reason."""
    import sympy

    word = "true" if holds else "false"
    told = f"{'yes' if holds else 'no'}: {text}"
    return reading.solution(sympy.S.One, text=clipped(told), exact=word, number="", latex=rf"\text{{{word}}}")


def listing(values: list[int], reading: Reading, verified: str | None = None) -> Solution:
    """An answer that is a list of whole numbers."""
    import sympy

    text = ", ".join(integer_text(value) for value in values) if values else "none"
    return reading.solution(
        sympy.S.One, text=clipped(text), exact=text, number="", latex=text.replace(", ", ",\\ "), verified=verified
    )
