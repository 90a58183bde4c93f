"""Primes, factors, divisors, sequences of whole numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, IsPrime
from ..solution import Solution
from . import arithmetic, congruences, number_facts
from .build import Builder
from .domain import Handler
from .integers import divisors, factors, is_prime, listing, number, product_text, verdict, whole
from .presenting import Reading
from .printing import clipped, integer_text

_MOST_LISTED = 2000
_MOST_SIEVED = 10**9


def _prime_test(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "a test for primes")
    if not ask.words:
        return arithmetic.is_prime(IsPrime(ask.args[0]), reading)
    if value < 2:
        return verdict(False, reading, f"{value} is neither prime nor composite")
    if is_prime(value):
        return verdict(False, reading, f"{integer_text(value)} is prime")
    smallest = next((prime for prime in (2, 3, 5, 7, 11, 13) if value % prime == 0), 0)
    reason = f" ({smallest} * {integer_text(value // smallest)})" if smallest else ""
    return verdict(True, reading, f"{integer_text(value)} is composite{reason}")


def _nth_prime(ask: Ask, reading: Reading) -> Solution:
    import sympy

    place = whole(ask.args[0], "the n-th prime", least=1, most=10**7)
    return number(int(sympy.prime(place)), reading)


def _next_prime(ask: Ask, reading: Reading) -> Solution:
    import sympy

    return number(int(sympy.nextprime(whole(ask.args[0], "the next prime"))), reading)


def _previous_prime(ask: Ask, reading: Reading) -> Solution:
    import sympy

    return number(int(sympy.prevprime(whole(ask.args[0], "the previous prime", least=3))), reading)


def _bounds(ask: Ask, reading: Reading, what: str, most: int) -> tuple[int, int]:
    """First and last number of a range of primes, both ends counted if both are named."""
    if len(ask.args) == 1:
        return 2, whole(ask.args[0], what, most=most) - (0 if "inclusive" in ask.words else 1)
    low, high = sorted(whole(node, what, most=most) for node in ask.args)
    if is_prime(low) or is_prime(high):
        reading.assume("both ends are counted")
    return low, high


def _count_primes(ask: Ask, reading: Reading) -> Solution:
    import sympy

    low, high = _bounds(ask, reading, "counting primes", _MOST_SIEVED)
    count = int(sympy.primepi(high)) - int(sympy.primepi(low - 1)) if high >= 2 else 0
    return number(count, reading)


def _primes(ask: Ask, reading: Reading) -> Solution:
    import sympy

    low, high = _bounds(ask, reading, "a list of primes", 10**12)
    found = list(itertools.islice(sympy.primerange(low, high + 1), _MOST_LISTED + 1))
    if len(found) > _MOST_LISTED:
        raise ToolError(f"there are more than {_MOST_LISTED} primes in this range; ask how many, or take a smaller one")
    return listing(found, reading)


def _prime_at(place: int) -> int:
    import sympy

    value: Any = sympy.prime(place)
    return int(value)


def _first_primes(ask: Ask, reading: Reading) -> Solution:
    import sympy

    count = whole(ask.args[0], "a list of primes", least=1, most=_MOST_LISTED)
    return listing(list(sympy.primerange(_prime_at(count) + 1)), reading)


def _sum_of_primes(ask: Ask, reading: Reading) -> Solution:
    import sympy

    if "below" in ask.words:
        return number(sum(sympy.primerange(whole(ask.args[0], "a sum of primes", most=2 * 10**7))), reading)
    count = whole(ask.args[0], "a sum of primes", least=1, most=10**6)
    return number(sum(sympy.primerange(_prime_at(count) + 1)), reading)


def _prime_factors(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "prime factors", least=2)
    parts = factors(value)
    if ask.words:
        return number(parts[0 if ask.words[0] == "least" else -1][0], reading)
    solution = listing([prime for prime, _ in parts], reading, "multiplied back")
    if all(power == 1 for _, power in parts):
        return solution
    reading.assume(f"each is named once: {integer_text(value)} = {product_text(parts)}")
    return listing([prime for prime, _ in parts], reading, "multiplied back")


def _prime_pairs(ask: Ask, reading: Reading) -> Solution:
    import sympy

    bound = whole(ask.args[0], "a list of twin primes", least=3, most=20_000)
    primes = list(sympy.primerange(bound))
    pairs = [f"({low}, {high})" for low, high in itertools.pairwise(primes) if high - low == 2]
    text = ", ".join(pairs) or "none"
    return reading.solution(sympy.Integer(len(pairs)), text=clipped(text), exact=text, number="", latex=text)


def _perfect_below(ask: Ask, reading: Reading) -> Solution:
    """Even perfect numbers are 2^(p-1)*(2^p-1) for Mersenne primes (Euclid and Euler); no odd one is below 10^1500."""
    bound = whole(ask.args[0], "a list of perfect numbers", least=1, most=10**400)
    found = [prime * (prime + 1) // 2 for prime in itertools.takewhile(lambda m: m * m < 2 * bound, _mersenne_primes())]
    return listing([value for value in found if value < bound], reading)


def _factorization(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "a factorization")
    if abs(value) < 2:
        raise ToolError(f"{value} has no prime factors")
    parts = factors(abs(value))
    sign = "-1 * " if value < 0 else ""
    text = (
        sign + product_text(parts) if len(parts) > 1 or parts[0][1] > 1 or sign else f"{integer_text(value)} is prime"
    )
    checked = math.prod(prime**power for prime, power in parts) == abs(value)
    latex = r" \cdot ".join(f"{prime}^{{{power}}}" if power > 1 else str(prime) for prime, power in parts)
    return reading.solution(
        Builder().build(ask.args[0]),
        text=clipped(text),
        exact=sign + product_text(parts),
        latex="-" + latex if sign else latex,
        verified="factors are prime and multiply back" if checked else None,
    )


def _divisors(ask: Ask, reading: Reading) -> Solution:
    value = abs(whole(ask.args[0], "divisors"))
    if value == 0:
        raise ToolError("every whole number divides 0; its divisors cannot be listed")
    found = divisors(value)
    return listing(found[:-1] if "proper" in ask.words else found, reading)


def _count_divisors(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "divisors", least=1)
    return number(math.prod(power + 1 for _, power in factors(value)), reading)


def _divisor_sum(value: int) -> int:
    return math.prod((prime ** (power + 1) - 1) // (prime - 1) for prime, power in factors(value))


def _sum_of_divisors(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "a sum of divisors", least=1)
    return number(_divisor_sum(value) - (value if "proper" in ask.words else 0), reading)


def _kind_of_number(ask: Ask, reading: Reading) -> Solution:
    import sympy

    value = whole(ask.args[0], "this", least=1)
    proper = _divisor_sum(value) - value
    kind = "perfect" if proper == value else "abundant" if proper > value else "deficient"
    text = f"{value} is {kind}: its proper divisors add up to {proper}"
    if ask.words:
        return verdict(kind == ask.words[0], reading, text)
    return reading.solution(sympy.S.One, text=text, exact=kind, number="", latex=rf"\text{{{kind}}}")


def _common_denominator(ask: Ask, reading: Reading) -> Solution:
    values: list[Any] = [Builder().build(node) for node in ask.args]
    if not all(value.is_Rational for value in values):
        raise ToolError("a common denominator needs fractions: common denominator of 1/4 and 5/6")
    return number(math.lcm(*(int(value.q) for value in values)), reading)


def _lcm(ask: Ask, reading: Reading) -> Solution:
    return number(math.lcm(*(whole(node, "a common multiple") for node in ask.args)), reading)


def _gcd(ask: Ask, reading: Reading) -> Solution:
    import sympy

    values: list[Any] = [Builder().build(node) for node in ask.args]
    if not all(value.is_Integer for value in values):
        return reading.solution(sympy.gcd_list(values))
    return number(math.gcd(*(int(value) for value in values)), reading)


def _totient(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "the totient", least=1)
    return number(math.prod((prime - 1) * prime ** (power - 1) for prime, power in factors(value)), reading)


def _mobius(ask: Ask, reading: Reading) -> Solution:
    parts = factors(whole(ask.args[0], "the Möbius function", least=1))
    return number(0 if any(power > 1 for _, power in parts) else (-1) ** len(parts), reading)


def _carmichael(ask: Ask, reading: Reading) -> Solution:
    import sympy

    return number(int(sympy.reduced_totient(whole(ask.args[0], "the Carmichael function", least=1))), reading)


def _partitions(ask: Ask, reading: Reading) -> Solution:
    import flint

    return number(int(flint.fmpz(whole(ask.args[0], "partitions", least=0, most=100_000)).partitions_p()), reading)


def _perfect_numbers() -> Iterator[int]:
    for exponent in (2, 3, 5, 7, 13, 17, 19, 31, 61, 89, 107, 127, 521, 607, 1279, 2203, 2281):
        yield 2 ** (exponent - 1) * (2**exponent - 1)


def _mersenne_primes() -> Iterator[int]:
    for exponent in (2, 3, 5, 7, 13, 17, 19, 31, 61, 89, 107, 127, 521, 607, 1279, 2203, 2281):
        yield 2**exponent - 1


def _tribonacci(place: int) -> int:
    a, b, c = 0, 0, 1
    for _ in range(place - 1):
        a, b, c = b, c, a + b + c
    return a


def _bernoulli(place: int) -> Fraction:
    import sympy

    value: Any = sympy.bernoulli(place)
    return Fraction(-1, 2) if place == 1 else Fraction(int(value.p), int(value.q))


def _fibonacci(place: int) -> int:
    import flint

    made: Any = flint.fmpz
    return int(made.fib_ui(place))


def _bell(place: int) -> int:
    import flint

    return int(flint.fmpz.bell_number(place))


# Name: (n-th member, largest n, first n, how the members are counted).
_SEQUENCES: dict[str, tuple[Callable[[int], int | Fraction], int, int, str]] = {
    "fibonacci": (_fibonacci, 20_000, 1, "counted 1, 1, 2, 3, 5, ... from the first"),
    "lucas": (lambda n: 2 * _fibonacci(n + 1) - _fibonacci(n), 20_000, 0, "counted from L(0) = 2, L(1) = 1"),
    "catalan": (lambda n: math.comb(2 * n, n) // (n + 1), 5000, 0, "counted from C(0) = 1"),
    "bell": (_bell, 1000, 0, "counted from B(0) = 1"),
    "bernoulli": (_bernoulli, 500, 0, "counted from B(0) = 1; B(1) = -1/2"),
    "triangular": (lambda n: n * (n + 1) // 2, 10**100, 1, ""),
    "square": (lambda n: n * n, 10**100, 1, ""),
    "pentagonal": (lambda n: n * (3 * n - 1) // 2, 10**100, 1, ""),
    "hexagonal": (lambda n: n * (2 * n - 1), 10**100, 1, ""),
    "harmonic": (lambda n: sum((Fraction(1, k) for k in range(1, n + 1)), Fraction(0)), 2000, 1, ""),
    "tribonacci": (_tribonacci, 5000, 1, "counted 0, 0, 1, 1, 2, 4, ... from the first"),
    "perfect": (lambda n: next(itertools.islice(_perfect_numbers(), n - 1, None)), 17, 1, ""),
    "mersenne prime": (lambda n: next(itertools.islice(_mersenne_primes(), n - 1, None)), 17, 1, ""),
}


def _sequence(ask: Ask, reading: Reading) -> Solution:
    name = " ".join(ask.words)
    member, most, first, counted = _SEQUENCES[name]
    place = whole(ask.args[0], f"the {name} sequence", least=min(first, 0), most=most)
    if counted:
        reading.assume(counted)
    return number(member(place), reading)


def _first_of_sequence(ask: Ask, reading: Reading) -> Solution:
    name = " ".join(ask.words)
    member, most, first, _ = _SEQUENCES[name]
    count = whole(ask.args[0], f"a list of {name} numbers", least=1, most=min(most, 1000))
    return listing([int(member(place)) for place in range(first, first + count)], reading)


HANDLERS: dict[str, Handler] = {
    "prime test": _prime_test,
    "nth prime": _nth_prime,
    "next prime": _next_prime,
    "previous prime": _previous_prime,
    "count primes": _count_primes,
    "primes": _primes,
    "first primes": _first_primes,
    "sum of primes": _sum_of_primes,
    "prime factors": _prime_factors,
    "prime pairs": _prime_pairs,
    "perfect numbers": _perfect_below,
    "factorization": _factorization,
    "divisors": _divisors,
    "count divisors": _count_divisors,
    "sum of divisors": _sum_of_divisors,
    "kind of number": _kind_of_number,
    "common denominator": _common_denominator,
    "lcm": _lcm,
    "gcd": _gcd,
    "totient": _totient,
    "mobius": _mobius,
    "carmichael": _carmichael,
    "partitions": _partitions,
    "sequence": _sequence,
    "first of sequence": _first_of_sequence,
    **congruences.HANDLERS,
    **number_facts.HANDLERS,
}
