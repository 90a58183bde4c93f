"""Wordings that are put into another one; sums up to a letter; what people ask of numbers."""

import math

import pytest
import sympy
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

TEXTS = {
    "convert 3pi/4 to degrees": "135°",
    "find dy/dx: y = ln(x^2+1)": "2*x/(x^2 + 1)",
    "improper integral 1/x^2 from 1 to infinity": "1",
    "binary 1101 + 1011": "0b11000",
    "hex FF + 1": "0x100",
    "solve cos x = 1/2 for x in degrees between 0 and 360": "x = 60 or x = 300",
    "solve 2 sin^2 x = 1 for 0 degrees <= x <= 360 degrees": "x = 45 or x = 135 or x = 225 or x = 315",
    "solve sin(2x) = 1/2 in degrees from 0 to 360": "x = 15 or x = 75 or x = 195 or x = 255",
    "solve tan θ = 1, 0° ≤ θ ≤ 360°": "theta = 45 or theta = 225",
    "tan 15 degrees exact value": "2 - sqrt(3) (0.267949192431123)",
    "prove that 1+2+...+n = n(n+1)/2": "yes, true: the sum is n*(n + 1)/2",
    "1 + 2 + ... + n = n^2": "no, false: the sum is n*(n + 1)/2",
    "how many terms in 5, 8, 11, ..., 302": str((302 - 5) // 3 + 1),
    "how many terms are in the sequence 2, 6, 18, ..., 1458": "7",
    "smallest prime factor of 1001": "7",
    "twin primes below 20": "(3, 5), (5, 7), (11, 13), (17, 19)",
    "perfect numbers below 10000": "6, 28, 496, 8128",
    "A and not A": "false",
    "p or not p or q": "true",
    "9^x - 4*3^x + 3 = 0": "x = 0 or x = 1",
}


@pytest.mark.parametrize("query", TEXTS)
def test_the_text(query):
    assert solve_query(query).text == TEXTS[query]


def test_the_largest_prime_factor():
    assert solve_query("largest prime factor of 600851475143").text == str(max(sympy.primefactors(600851475143)))


def test_of_an_exponential_equation_the_real_roots_are_told():
    solution = solve_query("4^x = 8")
    assert float(solution.decimal.removeprefix("x = ")) == pytest.approx(math.log(8, 4))
    assert "real solutions only" in solution.assumptions


@pytest.mark.parametrize(
    ("query", "term", "first"),
    [
        ("1 + 4 + 9 + ... + n^2", lambda n: n**2, 1),
        ("sum of 2 + 4 + ... + 2n", lambda n: 2 * n, 1),
        ("1*2 + 2*3 + ... + n(n+1)", lambda n: n * (n + 1), 1),
        ("1 + 2 + 4 + ... + 2^n", lambda n: 2**n, 0),
    ],
)
def test_a_sum_up_to_a_letter(query, term, first):
    total = sympy.sympify(solve_query(query).exact.replace("^", "**"))
    for n in (4, 7, 12):
        assert total.subs("n", n) == sum(term(k) for k in range(first, n + 1))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("1 + 5 + ... + n", "do not follow"),
        ("how many terms in 5, 8, 11, ..., 300", "no term"),
        ("largest prime factor of 1", "at least 2"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)
