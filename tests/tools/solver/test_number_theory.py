"""Whole numbers, each answer against a search by brute force or Python's own arithmetic."""

import itertools
import math
import re
from fractions import Fraction

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query


def is_prime(n):
    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def partitions(n, largest=None):
    largest = n if largest is None else largest
    return 1 if n == 0 else sum(partitions(n - part, min(part, n - part)) for part in range(1, min(n, largest) + 1))


def order(a, n):
    return next(k for k in itertools.count(1) if pow(a, k, n) == 1)


PRIMES = [n for n in range(2, 600) if is_prime(n)]
NUMBERS = {
    "next prime after 100": next(n for n in itertools.count(101) if is_prime(n)),
    "what is the smallest prime greater than 200": next(n for n in itertools.count(201) if is_prime(n)),
    "largest prime less than 100": max(n for n in PRIMES if n < 100),
    "what is the 50th prime": PRIMES[49],
    "how many primes are there below 500": sum(n < 500 for n in PRIMES),
    "number of primes between 100 and 200": sum(100 <= n <= 200 for n in PRIMES),
    "sum of the first 10 primes": sum(PRIMES[:10]),
    "number of divisors of 360": len(divisors(360)),
    "sum of the divisors of 28": sum(divisors(28)),
    "greatest common divisor of 84, 126 and 210": math.gcd(84, 126, 210),
    "least common multiple of 12, 15 and 18": math.lcm(12, 15, 18),
    "smallest number divisible by 6, 8 and 10": math.lcm(6, 8, 10),
    "inverse of 3 modulo 11": pow(3, -1, 11),
    "modular inverse of 17 mod 3120": pow(17, -1, 3120),
    "order of 2 modulo 101": order(2, 101),
    "smallest primitive root modulo 23": next(g for g in range(2, 23) if order(g, 23) == 22),
    "euler totient of 36": sum(math.gcd(k, 36) == 1 for k in range(1, 37)),
    "euler's phi function of 100": sum(math.gcd(k, 100) == 1 for k in range(1, 101)),
    "mobius function of 30": -1,
    "carmichael function of 561": next(
        k for k in itertools.count(1) if all(pow(a, k, 561) == 1 for a in range(561) if math.gcd(a, 561) == 1)
    ),
    "20th fibonacci number": fibonacci(20),
    "fibonacci number 100": fibonacci(100),
    "10th catalan number": math.comb(20, 10) // 11,
    "number of partitions of 10": partitions(10),
    "sum of the digits of 2^50": sum(map(int, str(2**50))),
    "digital root of 987654": 1 + (987654 - 1) % 9,
    "how many digits does 2^1000 have": len(str(2**1000)),
    "how many zeros at the end of 100!": len(str(math.factorial(100))) - len(str(math.factorial(100)).rstrip("0")),
    "last digit of 7^2024": pow(7, 2024, 10),
    "last 3 digits of 3^1000": pow(3, 1000, 1000),
    "first 5 digits of 2^200": int(str(2**200)[:5]),
    "7^(10^10) mod 1000": pow(7, 10**10, 1000),
    "remainder when 2^100 is divided by 7": pow(2, 100, 7),
    "25 xor 19": 25 ^ 19,
    "bitwise and of 12 and 10": 12 & 10,
    "5 << 3": 5 << 3,
    "legendre symbol (2/7)": 1,
    "discrete logarithm of 3 base 2 mod 5": 3,
}


@pytest.mark.parametrize("query", NUMBERS)
@pytest.mark.sampled(every=6)
def test_one_number(query):
    assert int(solve_query(query).exact) == NUMBERS[query]


LISTS = {
    "divisors of 28": divisors(28),
    "proper divisors of 12": divisors(12)[:-1],
    "prime factors of 360": [2, 3, 5],
    "primes between 10 and 30": [n for n in PRIMES if 10 <= n <= 30],
    "first 6 primes": PRIMES[:6],
    "quadratic residues mod 11": sorted({k * k % 11 for k in range(1, 11)}),
    "primitive roots of 7": [g for g in range(1, 7) if order(g, 7) == 6],
    "first 5 multiples of 7": [7, 14, 21, 28, 35],
    "first 8 fibonacci numbers": [fibonacci(n) for n in range(1, 9)],
}


@pytest.mark.parametrize("query", LISTS)
def test_a_list(query):
    assert [int(part) for part in solve_query(query).exact.split(", ")] == LISTS[query]


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("is 97 prime", True),
        ("is 91 a prime number", False),
        ("is 28 a perfect number", True),
        ("is 144 a perfect square", True),
        ("is 1000 a perfect cube", True),
        ("is 64 a power of 2", True),
        ("is 12321 a palindrome", True),
        ("are 14 and 15 coprime", True),
        ("is 7 a factor of 343", True),
        ("is 91 divisible by 4", False),
        ("is 15 a quadratic residue mod 17", True),
        ("is 144 a fibonacci number", True),
        ("is 17 congruent to 5 mod 12", True),
        ("is sqrt(2) irrational", True),
        ("is 22/7 rational", True),
    ],
)
def test_verdicts(query, holds):
    assert solve_query(query).text.startswith("yes" if holds else "no")


def test_congruences_hold():
    solution = solve_query("x = 2 mod 3, x = 3 mod 5, x = 2 mod 7")
    assert next(n for n in range(105) if (n % 3, n % 5, n % 7) == (2, 3, 2)) == int(
        re.findall(r"\d+", solution.text)[0]
    )
    assert solution.verified
    assert solve_query("solve x^2 = 2 mod 7").text == "x = 3, 4 (mod 7)"


def test_integer_solutions_solve():
    solution = solve_query("integer solutions of 3x + 5y = 1")
    pairs = re.findall(r"([xy]) = ([^,]+?)(?:,|$| for)", solution.text)
    assert {name for name, _ in pairs} == {"x", "y"}
    for n in (-2, 0, 5):
        values = {name: _at(formula, n) for name, formula in pairs}
        assert 3 * values["x"] + 5 * values["y"] == 1


def _at(formula, n):
    """The value of a form like `2 - 5*n`, `5n + 2` or `3*n`."""
    total = 0
    for sign, term in re.findall(r"([+-]?)\s*(\d*\*?n|\d+)", formula):
        size = re.sub(r"\*?n", "", term) or "1"
        total += (-1 if sign == "-" else 1) * int(size) * (n if "n" in term else 1)
    return total


def test_bezout_numbers():
    text = solve_query("extended gcd of 240 and 46").text
    assert any(240 * int(a) + 46 * int(b) == 2 for a, b in itertools.permutations(re.findall(r"-?\d+", text), 2))


def test_continued_fraction_gives_the_number_back():
    parts = [int(part) for part in re.findall(r"\d+", solve_query("continued fraction of 415/93").text)]
    value = Fraction(parts[-1])
    for part in reversed(parts[:-1]):
        value = part + 1 / value
    assert value == Fraction(415, 93)


def test_egyptian_fraction_adds_up():
    text = solve_query("egyptian fraction of 5/7").text
    parts = [Fraction(1, int(part)) for part in re.findall(r"1/(\d+)", text)]
    assert sum(parts) == Fraction(5, 7)
    assert len(set(parts)) == len(parts)


def test_a_large_number_is_factored():
    product = 1000003 * 1000000007 * 998244353
    text = solve_query(f"prime factorization of {product}").text
    assert math.prod(int(part) for part in re.findall(r"\d+", text)) == product


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("inverse of 4 mod 8", "no"),
        ("prime factors of 1", "at least 2"),
        ("primes between 1 and 100000000", "more than"),
        ("number of divisors of 2.5", "whole number"),
        ("order of 2 modulo 4", "common"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)
