"""The kinds of requests that the solver answers, one row each, every answer checked by a route of its own.

The expected values come from Python's standard library, from counting, from sums and products written out, from
quadrature and from numerical differentiation; none comes from the solver.
"""

import datetime
import itertools
import math
import re
import statistics
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from pericles.tools.solver import solve_query

NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e-?\d+)?")


def close(*expected, digits=9):
    """The answer's numbers, in order, are these."""

    def check(solution):
        found = [float(part.replace(",", "")) for part in NUMBER.findall(solution.decimal)]
        if len(found) < len(expected):
            found = [float(part.replace(",", "")) for part in NUMBER.findall(solution.text)]
        for value in expected:
            matches = [n for n in found if math.isclose(n, float(value), rel_tol=10**-digits, abs_tol=1e-9)]
            assert matches, (expected, solution)

    return check


def money(expected):
    """The amount, to the cent."""
    return close(round(expected, 2), digits=12)


def says(*parts):
    """The text holds these, however spaced and in small letters."""

    def check(solution):
        text = re.sub(r"[\s*]", "", solution.text.lower())
        for part in parts:
            assert re.sub(r"[\s*]", "", part.lower()) in text, solution.text

    return check


def reads(solution, names="x"):
    """Our own answer as a SymPy expression, with |x| as a call; only for text that this test's own solver wrote."""
    exact = re.sub(r"\s*\+\s*C$", "", solution.exact.split("=")[-1].strip())
    exact = re.sub(r"\|([^|]+)\|", r"Abs(\1)", exact)
    local = {"e": sympy.E, "i": sympy.I, "ln": sympy.log, **{name: sympy.Symbol(name) for name in names}}
    return sympy.sympify(exact.replace("^", "**"), locals=local)


def function(expected, names="x", points=(0.3, 0.7, 1.9)):
    """The answer equals this function of the named variables at sample points."""

    def check(solution):
        expression = reads(solution, names)
        for point in points:
            values = [point + 0.37 * place for place in range(len(names))]
            got = complex(expression.subs(dict(zip(sympy.symbols(list(names)), values, strict=True))).evalf())
            assert abs(got - complex(expected(*values))) < 1e-8 * (1 + abs(got)), (solution, point)

    return check


def antiderivative(integrand, points=(0.3, 0.7, 1.9)):
    """The derivative of the answer, taken numerically, is the integrand."""

    def check(solution):
        expression = reads(solution)
        x = sympy.Symbol("x")
        for point in points:
            slope = mpmath.diff(lambda at: mpmath.mpmathify(expression.subs(x, at).evalf(30)), point)
            assert abs(complex(slope) - complex(integrand(point))) < 1e-7 * (1 + abs(complex(slope))), solution

    return check


def roots(function_of_root, count):
    """So many solutions `x = ...`, each of which makes the function zero."""

    def check(solution):
        values = [float(part) for part in re.findall(r"= (-?[\d.]+(?:e-?\d+)?)", solution.decimal)]
        assert len(values) == count, solution
        for value in values:
            assert abs(function_of_root(value)) < 1e-7 * (1 + abs(value)), solution

    return check


def integral(integrand, lower, upper):
    return close(mpmath.quad(integrand, np.linspace(lower, upper, 9).tolist()), digits=8)


def binomial_chance(n, p, wanted):
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in wanted)


def grown(principal, rate, periods):
    for _ in range(periods):
        principal *= 1 + rate
    return principal


def payment(loan, rate, months):
    """The payment that leaves nothing after the last month, by bisection on the balance."""
    low, high = 0.0, loan
    for _ in range(200):
        middle = (low + high) / 2
        balance = loan
        for _ in range(months):
            balance = balance * (1 + rate) - middle
        low, high = (middle, high) if balance > 0 else (low, middle)
    return low


DATA = [3, 5, 8, 8, 11, 13]
DICE = list(itertools.product(range(1, 7), repeat=2))
MATRIX = np.array([[2.0, 1.0], [1.0, 3.0]])

ROWS = [
    # arithmetic
    ("long product", "123456789 * 987654321", close(123456789 * 987654321, digits=15)),
    ("power", "2^100", says(str(2**100))),
    ("fractions", "3/4 + 5/6", close(3 / 4 + 5 / 6)),
    ("mixed numbers", "2 1/2 + 3 1/4", close(5.75)),
    ("roots", "√2 × √8", close(4)),
    ("order of operations", "what is 2 + 3 * 4 ÷ 6", close(4)),
    ("scientific", "6e14 / 6*10^14", close(1e28)),
    ("thousands separators", "1,234.5 + 1", close(1235.5)),
    ("factorial", "10!", close(math.factorial(10))),
    ("words", "three times seven plus one", close(22)),
    ("remainder", "17 mod 5", close(17 % 5)),
    ("large remainder", "7^(10^10) mod 1000", close(pow(7, 10**10, 1000))),
    ("rounding", "round 3.14159 to 2 decimal places", says("3.14")),
    ("digits of pi", "pi to 30 digits", says(str(mpmath.nstr(mpmath.mp.pi * 1, 15))[:10])),
    ("percentage of", "15% of 80", close(12)),
    ("percentage change", "percent change from 50 to 75", says("50%")),
    ("percentage share", "12 is what percent of 80", says("15%")),
    ("discount", "20% off 50", close(40)),
    ("base conversion", "convert 255 to hex", says("0xff")),
    ("base back", "1010 in binary to decimal", says("10")),
    ("comparison", "which is bigger, 2/3 or 3/5", says("2/3")),
    ("truth of an inequality", "is 2^10 > 1000", says("true")),
    # finance
    ("compound interest", "1000 dollars at 5% for 10 years compounded monthly", money(grown(1000, 0.05 / 12, 120))),
    ("simple interest", "simple interest on 1000 at 5% for 3 years", close(150)),
    ("mortgage", "monthly payment on a 300000 mortgage at 6% for 30 years", money(payment(300000, 0.005, 360))),
    ("tip", "18% tip on 64.50", close(11.61)),
    # dates and times
    ("days between", "days between 2024-01-15 and 2024-12-25",
     close((datetime.date(2024, 12, 25) - datetime.date(2024, 1, 15)).days)),
    ("day of the week", "what day of the week was July 20, 1969",
     says(datetime.date(1969, 7, 20).strftime("%A"))),
    ("date arithmetic", "what date is 45 days after 2024-01-15",
     says((datetime.date(2024, 1, 15) + datetime.timedelta(45)).isoformat())),
    ("clock", "how many minutes are there between 2:06 PM and 12:55 AM", close(10 * 60 + 49)),
    ("leap year", "is 2024 a leap year", says("yes")),
    # units
    ("speed", "60 mph in m/s", close(60 * 1609.344 / 3600)),
    ("length", "5 ft 10 in to cm", close(70 * 2.54)),
    ("temperature", "100 F to C", close((100 - 32) * 5 / 9)),
    ("area", "2 acres in square metres", close(2 * 4046.8564224)),
    ("volume", "3 cups to ml", close(3 * 236.5882365)),
    ("angle", "90 degrees in radians", close(math.pi / 2)),
    ("work in units", "100 km / 2 h in m/s", close(100000 / 7200)),
    # algebra
    ("linear equation", "solve 2x + 3 = 7", roots(lambda x: 2 * x - 4, 1)),
    ("quadratic", "solve x^2 - 5x + 6 = 0", roots(lambda x: x * x - 5 * x + 6, 2)),
    ("quadratic with surds", "x^2 - 2x - 1 = 0", roots(lambda x: x * x - 2 * x - 1, 2)),
    ("cubic", "roots of x^3 - 6x^2 + 11x - 6", roots(lambda x: (x - 1) * (x - 2) * (x - 3), 3)),
    ("quintic in numbers", "solve x^5 - x - 1 = 0 for x > 0", roots(lambda x: x**5 - x - 1, 1)),
    ("exponential equation", "solve 2^x = 10", roots(lambda x: 2**x - 10, 1)),
    ("logarithmic equation", "solve ln(x) = 2", roots(lambda x: math.log(x) - 2, 1)),
    ("radical equation", "solve sqrt(x + 3) = x - 3", roots(lambda x: math.sqrt(x + 3) - x + 3, 1)),
    ("transcendental equation", "solve cos x = x for x between 0 and 1", roots(lambda x: math.cos(x) - x, 1)),
    ("absolute value", "|x - 3| < 5", says("-2<x", "x<8")),
    ("quadratic inequality", "solve x^2 < 9", says("-3<x", "x<3")),
    ("linear system", "3x + 2y = 7, x - y = 1", says("x = 9/5", "y = 4/5")),
    ("system with three unknowns", "x+y+z=6, x-y=0, z=2x", says("x = 3/2", "z = 3")),
    ("simplify", "simplify (x^2 - 1)/(x - 1)", function(lambda x: x + 1)),
    ("expand", "expand (x + 2)^3", function(lambda x: (x + 2) ** 3)),
    ("factor", "factor x^2 - 4", says("(x - 2)", "(x + 2)")),
    ("evaluate", "x^2 + 3x at x = 4", close(28)),
    ("rearrange", "rearrange v = u + a t for t", function(lambda u, v, a: (v - u) / a, "uva")),
    ("partial fractions", "partial fractions of 1/(x^2 - 1)", function(lambda x: 1 / (x * x - 1))),
    ("complete the square", "complete the square x^2 + 6x + 1", function(lambda x: (x + 3) ** 2 - 8)),
    ("polynomial division", "divide x^3 - 1 by x - 1", says("x^2 + x + 1")),
    ("coefficient", "coefficient of x^2 in (1 + x)^5", close(math.comb(5, 2))),
    ("identity", "is sin(x)^2 + cos(x)^2 = 1", says("true")),
    ("sequence", "what is the next term in 1, 4, 9, 16", close(25)),
    ("definitions", "let f(x) = x^2 + 1 and g(x) = 2x. what is f(g(3))", close(37)),
    # calculus
    ("derivative", "derivative of x^2 sin x", function(lambda x: 2 * x * math.sin(x) + x * x * math.cos(x))),
    ("second derivative", "second derivative of x^5", function(lambda x: 20 * x**3)),
    ("derivative at a point", "derivative of x^3 at x = 2", close(12)),
    ("partial derivative", "partial derivative of x^2 y^3 with respect to y",
     function(lambda x, y: 3 * x * x * y * y, "xy")),
    ("implicit derivative", "dy/dx if x^2 + y^2 = 25", function(lambda x, y: -x / y, "xy")),
    ("antiderivative", "integrate x^2 sin x", antiderivative(lambda x: x * x * math.sin(x))),
    ("rational antiderivative", "integrate 1/(x^3 + 1)", antiderivative(lambda x: 1 / (x**3 + 1))),
    ("antiderivative by own rules", "integrate sin(x)/(sin(x)^2 + 1)",
     antiderivative(lambda x: math.sin(x) / (math.sin(x) ** 2 + 1))),
    ("definite integral", "integrate x^2 sin x from 0 to pi", integral(lambda x: x * x * mpmath.sin(x), 0, math.pi)),
    ("improper integral", "integrate e^(-x^2) from -infinity to infinity", close(math.sqrt(math.pi))),
    ("integral in numbers", "integrate x^x from 0 to 1", close(mpmath.quad(lambda x: x**x, [0, 1]), digits=8)),
    ("double integral", "integrate x*y for x from 0 to 1 and y from 0 to 2", close(1)),
    ("limit", "limit of sin(x)/x as x -> 0", close(1)),
    ("one-sided limit", "limit of 1/x as x -> 0+", says("infinity")),
    ("limit at infinity", "limit of (1 + 1/n)^n as n -> infinity", close(math.e)),
    ("series", "taylor series of e^x to order 4", says("x^4/24")),
    ("finite sum", "sum of k^2 for k = 1 to 100", close(sum(k * k for k in range(101)))),
    ("infinite sum", "sum of 1/k^2 for k = 1 to infinity", close(math.pi**2 / 6)),
    ("product", "product of k for k = 1 to 8", close(math.prod(range(1, 9)))),
    ("convergence", "does the sum of 1/n converge", says("diverges")),
    ("maximum", "maximum of x^3 - 3x on [-2, 2]", close(2)),
    ("extrema", "local extrema of x^3 - 3x", says("maximum", "minimum")),
    ("tangent line", "tangent line to x^2 at x = 1", function(lambda x: 2 * x - 1)),
    ("asymptotes", "asymptotes of (2x + 1)/(x - 3)", says("x = 3", "y = 2")),
    ("domain", "domain of sqrt(x - 2)", says("x >= 2")),
    ("inverse function", "inverse function of 2x + 3", function(lambda x: (x - 3) / 2)),
    ("arc length", "arc length of x^(3/2) from 0 to 4", integral(lambda x: mpmath.sqrt(1 + 9 * x / 4), 0, 4)),
    ("area between curves", "area between y = x^2 and y = x", close(1 / 6)),
    ("gradient", "gradient of x^2 y + y^3", says("2xy", "x^2 + 3y^2")),
    ("hessian", "hessian of x^2 + 3 x y", says("[2, 3]", "[3, 0]")),
    ("divergence", "divergence of [x^2, y^2, z^2]", function(lambda x, y, z: 2 * x + 2 * y + 2 * z, "xyz")),
    ("curl", "curl of [-y, x, 0]", says("(0, 0, 2)")),
    # differential equations and transforms
    ("linear ODE", "y'' + y = 0", says("sin(x)", "cos(x)")),
    ("ODE with conditions", "y' = y, y(0) = 3", says("3*e^x")),
    ("Laplace", "laplace transform of t e^(-2t)", says("(s + 2)^2")),
    ("inverse Laplace", "inverse laplace transform of 1/(s^2 + 1)", says("sin(t)")),
    # linear algebra
    ("matrix product", "[[1,2],[3,4]] * [[5],[6]]", says("[[17], [39]]")),
    ("determinant", "determinant of [[1,2],[3,4]]", close(-2)),
    ("inverse matrix", "inverse of [[1,2],[3,4]]", says("[-2, 1]", "[3/2, -1/2]")),
    ("eigenvalues", "eigenvalues of [[2,1],[1,3]]", close(*np.linalg.eigvalsh(MATRIX))),
    ("rank", "rank of [[1,2],[2,4]]", close(1)),
    ("row reduction", "row reduce [[1,2,3],[4,5,6]]", says("[1, 0, -1]", "[0, 1, 2]")),
    ("dot product", "dot product of [1,2,3] and [4,5,6]", close(32)),
    ("cross product", "cross product of [1,0,0] and [0,1,0]", says("[0, 0, 1]")),
    # number theory and combinatorics
    ("prime factors", "factor 360", says("2^3", "3^2", "5")),
    ("large factorisation", "factor 10^30 + 57", says("*") if not sympy.isprime(10**30 + 57) else says("prime")),
    ("primality", "is 97 prime", says("yes")),
    ("divisors", "divisors of 28", says("1, 2, 4, 7, 14, 28")),
    ("gcd", "gcd of 48 and 180", close(math.gcd(48, 180))),
    ("lcm", "lcm of 4, 6 and 10", close(math.lcm(4, 6, 10))),
    ("next prime", "next prime after 100", close(101)),
    ("modular inverse", "inverse of 3 mod 11", close(pow(3, -1, 11))),
    ("Chinese remainder", "x = 2 mod 3, x = 3 mod 5", says("8")),
    ("Diophantine", "integer solutions of 3x + 5y = 1", says("n")),
    ("totient", "euler totient of 36", close(sum(math.gcd(k, 36) == 1 for k in range(36)))),
    ("Fibonacci", "20th fibonacci number", close(6765)),
    ("combinations", "10 choose 3", close(math.comb(10, 3))),
    ("permutations", "number of ways to arrange the letters of BANANA",
     close(len(set(itertools.permutations("BANANA"))))),
    ("digit sum", "sum of the digits of 2^50", close(sum(map(int, str(2**50))))),
    # probability and statistics
    ("mean", "mean of 3, 5, 8, 8, 11, 13", close(statistics.mean(DATA))),
    ("median", "median of 3, 5, 8, 8, 11, 13", close(statistics.median(DATA))),
    ("mode", "mode of 3, 5, 8, 8, 11, 13", close(8)),
    ("standard deviation", "standard deviation of 3, 5, 8, 8, 11, 13", close(statistics.stdev(DATA))),
    ("correlation", "correlation of [1,2,3,4] and [2,4,5,9]",
     close(statistics.correlation([1, 2, 3, 4], [2, 4, 5, 9]))),
    ("regression", "line of best fit through (1,2), (2,3), (3,5)", says("3*x/2 + 1/3")),
    ("dice", "probability of rolling a sum of 7 with two dice",
     close(Fraction(sum(a + b == 7 for a, b in DICE), 36))),
    ("coins", "probability of exactly 3 heads in 5 coin tosses", close(binomial_chance(5, 0.5, [3]))),
    ("binomial distribution", "P(X <= 4) for X ~ Bin(10, 0.3)", close(binomial_chance(10, 0.3, range(5)))),
    ("normal distribution", "P(Z < 1.96)", close(statistics.NormalDist().cdf(1.96))),
    ("normal percentile", "P(X > 110) where X ~ N(100, 15)", close(1 - statistics.NormalDist(100, 15).cdf(110))),
    ("Poisson", "poisson probability of 3 with mean 2", close(math.exp(-2) * 2**3 / 6)),
    ("cards", "probability of drawing two aces without replacement", close(Fraction(4, 52) * Fraction(3, 51))),
    ("Bayes", "P(A|B) if P(B|A) = 0.9, P(A) = 0.01 and P(B) = 0.05", close(0.18)),
    ("letters from a bag", "Two letters picked without replacement from {q: 2, l: 3}. What is prob of sequence ql?",
     close(Fraction(2, 5) * Fraction(3, 4))),
    # complex numbers, geometry, logic
    ("complex quotient", "(3 + 4i)/(1 - 2i)", says("-1 + 2i")),
    ("modulus", "modulus of 3 + 4i", close(5)),
    ("polar form", "polar form of 1 + i", says("sqrt(2)", "pi/4")),
    ("complex roots", "cube roots of -8", says("-2", "sqrt(3)")),
    ("circle", "area of a circle with radius 5", close(25 * math.pi)),
    ("sphere", "volume of a sphere of radius 3", close(36 * math.pi)),
    ("triangle", "area of a triangle with sides 3, 4 and 5", close(6)),
    ("Pythagoras", "hypotenuse of a right triangle with legs 5 and 12", close(13)),
    ("distance", "distance between (1, 2) and (4, 6)", close(5)),
    ("line", "equation of the line through (1, 2) and (3, 8)", function(lambda x: 3 * x - 1)),
    ("truth table", "truth table of p and q", says("T")),
    ("tautology", "is p or not p a tautology", says("yes")),
    ("sets", "{1,2,3} union {3,4}", says("{1, 2, 3, 4}")),
    # other ways of writing
    ("LaTeX integral", r"\int_0^1 x^2\,dx", close(1 / 3)),
    ("LaTeX derivative", r"\frac{d}{dx} x^3", function(lambda x: 3 * x * x)),
    ("LaTeX mixed number", r"2\frac12", close(2.5)),
    ("LaTeX exponential", r"e^{i\pi}", close(-1)),
    ("LaTeX ODE", r"y''+y=0", says("cos(x)")),
    ("Chinese derivative", "求 x^3 的导数", function(lambda x: 3 * x * x)),
    ("Chinese integral", "求 x^2 从0到3的定积分", close(9)),
    ("Chinese equation", "解方程 x^2 = 9", says("x = -3", "x = 3")),
    ("call form", "integrate(x^2, (x, 0, 3))", close(9)),
    ("plot", "plot sin x from 0 to 10", says("plot")),
]  # fmt: skip


def test_there_are_enough_kinds():
    assert len({kind for kind, _, _ in ROWS}) == len(ROWS) >= 150


@pytest.mark.parametrize(("query", "check"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
@pytest.mark.sampled(every=6)
def test_a_request_is_answered_right(query, check):
    check(solve_query(query))
