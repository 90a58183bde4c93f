"""Convergence of series, sequences, improper integrals and power series; sums written with dots."""

import math

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver.answers.answer import answer
from pericles.tools.solver.reading.convergence import read_convergence

SERIES = [
    ("does sum 1/n^2 converge", "converges by the p-series"),
    ("does the series sum 1/n from 1 to infinity converge", "diverges by the p-series"),
    ("test for convergence: sum (-1)^n/n", "converges conditionally by the alternating"),
    ("does the sum from n=1 to infinity of 1/n^3 converge or diverge?", "converges"),
    ("is the series sum n/(n^2+1) convergent", "diverges by the limit comparison"),
    ("test the series sum n!/n^n for convergence", "converges by the ratio test"),
    ("does the series (1/2)^n converge", "converges by the geometric"),
    ("does the series sum (3/2)^n diverge", "diverges by the geometric"),
    ("does sum 1/(n*ln(n)) from n=2 to infinity converge", "diverges by the integral test"),
    ("does sum 1/(n*ln(n)^2) from n=2 to infinity converge", "converges by the integral test"),
    pytest.param("does sum of 2^n/n! converge absolutely", "converges by the ratio test", marks=pytest.mark.slow),
    (r"does \sum_{n=1}^{\infty} \frac{(-1)^{n+1}}{\sqrt{n}} converge", "converges conditionally"),
    ("does sum (-1)^n/n^2 converge", "converges absolutely"),
    ("does sum sin(n)/n^2 converge", "converges absolutely by the comparison"),
    ("determine if the series sum (n+1)/(3n-2) converges or diverges", "diverges by the n-th term test"),
    ("does sum (-1)^n n/(n+1) converge", "diverges"),
    ("does 1 + 1/2 + 1/3 + 1/4 + ... converge", "diverges"),
    ("does 1 - 1/2 + 1/3 - 1/4 + ... converge?", "converges conditionally"),
    ("does the integral of 1/x^2 from 1 to infinity converge", "converges to 1"),
    ("is the improper integral of 1/x from 1 to infinity convergent", "diverges"),
    ("does the integral from 0 to 1 of 1/sqrt(x) dx converge", "converges to 2"),
    ("does the integral of 1/x from -1 to 1 converge", "diverges"),
    ("does the sequence (2n+1)/(n+3) converge", "converges to 2"),
    ("does the sequence (-1)^n converge", "oscillates"),
    ("is the sequence n^2/2^n convergent", "converges to 0"),
    ("limit of the sequence (1+1/n)^n", "converges to e"),
]


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(("query", "start"), SERIES)
def test_verdicts(query: str, start: str) -> None:
    assert start in answer(query).text


POWER = [
    ("radius of convergence of sum x^n/n!", "R = infinity"),
    ("radius of convergence of sum n! x^n", "R = 0"),
    ("interval of convergence of sum x^n/n", "[-1, 1)"),
    ("find the radius and interval of convergence of the power series sum (x-3)^n/(n 2^n)", "R = 2, interval [1, 5)"),
    ("interval of convergence of sum (-1)^n x^(2n+1)/(2n+1)", "[-1, 1]"),
    ("find the radius of convergence of sum from n=1 to infinity of n^2 (x+1)^n / 3^n", "R = 3"),
    ("for what values of x does the series sum x^n/3^n converge", "(-3, 3)"),
    ("interval of convergence of sum (2x-1)^n/n^2", "[0, 1]"),
]


@pytest.mark.parametrize(("query", "part"), POWER)
def test_power_series(query: str, part: str) -> None:
    assert part in answer(query).text


DOTTED = [
    ("sum of the infinite geometric series 1 + 1/2 + 1/4 + ...", 2),
    ("1 - 1/2 + 1/4 - 1/8 + ...", sum((-0.5) ** k for k in range(60))),
    ("what is the sum of the infinite series 3 + 1 + 1/3 + 1/9 + ...", 4.5),
    ("0.5 + 0.25 + 0.125 + ...", 1),
    ("1 - 1/3 + 1/5 - 1/7 + ...", math.atan(1)),
    ("2 + 5 + 8 + ... + 50", sum(range(2, 51, 3))),
    ("sum of geometric series 1 + 2 + 4 + ... + 1024", sum(2**k for k in range(11))),
    ("1 + 2 + 3 + ... + 100", sum(range(101))),
    ("1 + 4 + 9 + ... + 100", sum(k * k for k in range(11))),
    ("sum to infinity of a geometric series with first term 8 and common ratio 1/2", 16),
]


@pytest.mark.parametrize(("query", "expected"), DOTTED)
def test_dotted_sums(query: str, expected: float) -> None:
    assert math.isclose(float(answer(query).decimal), expected, rel_tol=1e-9)


def test_divergent_and_lawless_sums() -> None:
    assert "no sum" in answer("1 + 1/2 + 1/3 + 1/4 + ...").text
    with pytest.raises(ToolError, match="no law"):
        answer("3 + 1 + 4 + 1 + 5 + 9 + ...")
    with pytest.raises(ToolError, match="no term"):
        answer("2 + 5 + 8 + ... + 51")


@pytest.mark.parametrize(
    "query",
    ["1 + 2", "sum of 1/n^2 from n = 1 to infinity", "sum of k for k = 1 to 100", "limit of sin(x)/x as x -> 0",
     "2, 4, 8, 16, what comes next", "series of sin(x) around 0 to order 5", "does 2 + 2 = 4", "sum of 3, 5 and 8"],
)  # fmt: skip
def test_left_to_others(query: str) -> None:
    assert read_convergence(query, []) is None
