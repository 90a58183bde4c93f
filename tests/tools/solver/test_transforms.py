"""Transforms and recurrences, each against an integral, a sum or the terms computed here."""

import cmath
import math

import mpmath
import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

NAMES = {name: getattr(mpmath, name) for name in ("exp", "sin", "cos", "sqrt", "pi", "e", "gamma", "atan", "sinh")}


def value(formula, **variables):
    """A formula of the solver at a place; the formula is the solver's own output."""
    text = formula.replace("^", "**").replace("ln(", "log(").replace("factorial(", "gamma(1+")
    step = {"heaviside": lambda x: 1.0 if x > 0 else 0.0, "log": mpmath.log, "abs": abs, "i": 1j}
    return eval(text, {"__builtins__": {}, **NAMES, **step}, variables)


def laplace(function, s, start=0.0):
    return float(mpmath.quad(lambda t: function(t) * mpmath.exp(-s * t), [start, start + 1, start + 4, start + 30]))


@pytest.mark.parametrize(
    ("query", "function", "start"),
    [
        ("laplace transform of t e^(-2t)", lambda t: t * mpmath.exp(-2 * t), 0),
        ("Laplace transform of sin(3t)", lambda t: mpmath.sin(3 * t), 0),
        ("L{sin 3t}", lambda t: mpmath.sin(3 * t), 0),
        (r"\mathcal{L}\{t^2 e^{3t}\}", lambda t: t**2 * mpmath.exp(3 * t), 0),
        ("what is the laplace transform of t^3?", lambda t: t**3, 0),
        ("laplace transform of cos^2(t)", lambda t: mpmath.cos(t) ** 2, 0),
        ("laplace transform of u(t-2)", lambda t: 1, 2),
        ("laplace transform of (t-1)^2 u(t-1)", lambda t: (t - 1) ** 2, 1),
        ("laplace transform of t cos(2t)", lambda t: t * mpmath.cos(2 * t), 0),
        ("laplace transform of sinh(2t)", lambda t: mpmath.sinh(2 * t), 0),
        ("laplace(t^2)", lambda t: t**2, 0),
    ],
)
def test_laplace_transform(query, function, start):
    assert float(value(solve_query(query).exact, s=6.5)) == pytest.approx(laplace(function, 6.5, start), rel=1e-8)


@pytest.mark.parametrize(
    ("query", "image"),
    [
        ("inverse laplace transform of 1/(s^2+1)", lambda s: 1 / (s**2 + 1)),
        ("L^-1{1/(s^2+4s+13)}", lambda s: 1 / (s**2 + 4 * s + 13)),
        (r"\mathcal{L}^{-1}\left\{\frac{1}{s(s+1)}\right\}", lambda s: 1 / (s * (s + 1))),
        ("inverse laplace transform of (s+3)/(s^2+2s+5)", lambda s: (s + 3) / (s**2 + 2 * s + 5)),
        ("inverse laplace transform of 1/(s^2+1)^2", lambda s: 1 / (s**2 + 1) ** 2),
        ("inverse laplace transform of 1/((s+1)(s+2)^2)", lambda s: 1 / ((s + 1) * (s + 2) ** 2)),
        ("inverse laplace transform of 3/(s^2-9)", lambda s: 3 / (s**2 - 9)),
    ],
)
def test_inverse_laplace_transform(query, image):
    solution = solve_query(query)
    expected = float(mpmath.invertlaplace(image, 1.7, method="talbot"))
    assert float(value(solution.exact, t=1.7)) == pytest.approx(expected, rel=1e-6)
    assert solution.verified == "checked by numerical integration"


def test_a_delay_becomes_a_step():
    exact = solve_query("inverse laplace of e^(-2s)/s^2").exact
    assert float(value(exact, t=1.5)) == 0
    assert float(value(exact, t=3.5)) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("query", "function"),
    [
        ("fourier transform of e^(-x^2)", lambda x: math.exp(-x * x)),
        ("fourier transform of e^(-|x|)", lambda x: math.exp(-abs(x))),
        ("Fourier transform of x e^(-x^2)", lambda x: x * math.exp(-x * x)),
    ],
)
def test_fourier_transform(query, function):
    expected = complex(mpmath.quad(lambda x: function(x) * cmath.exp(-0.9j * x), [-30, -3, 0, 3, 30]))
    assert abs(complex(value(solve_query(query).exact, omega=0.9)) - expected) < 1e-7


@pytest.mark.parametrize(
    ("query", "function", "half", "middle"),
    [
        ("fourier series of x on [-pi, pi]", lambda x: x, math.pi, 0),
        ("Fourier series of x^2 from -pi to pi", lambda x: x * x, math.pi, 0),
        ("fourier series of |x| on [-1,1] with 3 terms", abs, 1, 0),
        ("fourier series of x on [0, 2pi]", lambda x: x, math.pi, math.pi),
        ("fourier series of sin(x)^2", lambda x: math.sin(x) ** 2, math.pi, 0),
    ],
)
def test_fourier_series(query, function, half, middle):
    solution = solve_query(query)
    breaks = [middle - half, middle, middle + half]
    for n in (1, 2):  # the first coefficients of the sum are those of the function
        for wave in (math.cos, math.sin):
            basis = lambda x, wave=wave, n=n: wave(n * math.pi * x / half)  # noqa: E731
            wanted = mpmath.quad(lambda x, basis=basis: function(x) * basis(x), breaks) / half
            found = mpmath.quad(lambda x, basis=basis: value(solution.exact, x=x) * basis(x), breaks) / half
            assert float(found) == pytest.approx(float(wanted), abs=1e-6)


@pytest.mark.parametrize(
    ("query", "sequence"),
    [
        ("z transform of 2^n", lambda n: 2**n),
        ("z-transform of n", lambda n: n),
        ("z transform of n 3^n", lambda n: n * 3**n),
        ("z transform of cos(2n)", lambda n: math.cos(2 * n)),
    ],
)
def test_z_transform(query, sequence):
    expected = sum(sequence(n) / 30.0**n for n in range(60))
    assert float(value(solve_query(query).exact, z=30.0)) == pytest.approx(expected)


def test_inverse_z_transform():
    assert value(solve_query("inverse z transform of z/((z-1)(z-2))").exact, n=10) == 2**10 - 1


@pytest.mark.parametrize(
    ("query", "first", "second"),
    [
        ("convolution of sin t and e^-t", math.sin, lambda t: math.exp(-t)),
        ("convolution of t and t^2", lambda t: t, lambda t: t * t),
        ("convolution of e^t with e^(2t)", math.exp, lambda t: math.exp(2 * t)),
    ],
)
def test_convolution(query, first, second):
    expected = float(mpmath.quad(lambda p: first(float(p)) * second(1.3 - float(p)), [0, 1.3]))
    assert float(value(solve_query(query).exact, t=1.3)) == pytest.approx(expected)


def terms(step, initial, count):
    found = list(initial)
    while len(found) < count:
        found.append(step(len(found), found))
    return found


@pytest.mark.parametrize(
    ("query", "step", "initial", "first"),
    [
        ("solve the recurrence a_n = 3a_(n-1), a_0 = 2", lambda n, a: 3 * a[-1], [2], 0),
        ("a(n) = a(n-1) + a(n-2), a(0)=0, a(1)=1", lambda n, a: a[-1] + a[-2], [0, 1], 0),
        ("a_{n+1} = 2 a_n + 1, a_0 = 1", lambda n, a: 2 * a[-1] + 1, [1], 0),
        (r"a_{n} = 5a_{n-1} - 6a_{n-2}, a_0 = 1, a_1 = 4", lambda n, a: 5 * a[-1] - 6 * a[-2], [1, 4], 0),
        ("T(n) = 2T(n-1) + 1, T(1) = 1", lambda n, a: 2 * a[-1] + 1, [1], 1),
        ("a_n = 2a_{n-1} + n, a_0 = 0", lambda n, a: 2 * a[-1] + n, [0], 0),
        ("a_n = 4a_(n-1) - 4a_(n-2) with a_0 = 1 and a_1 = 4", lambda n, a: 4 * a[-1] - 4 * a[-2], [1, 4], 0),
        ("a(n) = n a(n-1), a(0) = 1", lambda n, a: n * a[-1], [1], 0),
    ],
)
def test_recurrences(query, step, initial, first):
    exact = solve_query(query).exact
    found = [float(value(exact, n=first + k).real) for k in range(8)]
    assert found == pytest.approx([float(term) for term in terms(step, initial, 8)], abs=1e-9)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("f(n+2) = f(n+1) + f(n), f(0)=0, f(1)=1, find f(100)", 354224848179261915075),
        ("what is a_10 if a_n = 2a_(n-1) + 3 and a_1 = 1", 4 * 2**9 - 3),
    ],
)
def test_a_term_of_a_recurrence(query, expected):
    assert solve_query(query).exact == str(expected)


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("T(n) = 2T(n/2) + n", "divide the index"),
        ("laplace transform of e^(t^2)", "no Laplace transform"),
        ("convolution of t", "takes two functions"),
        ("fourier series of x on [1, 1]", "interval of numbers"),
        ("z transform of sqrt(n)", "no z transform"),
        ("x_n = x_(n-1)^2, x_0 = 2, find x_50", "too large"),
    ],
)
def test_mistakes_are_explained(query, complaint):
    with pytest.raises(ToolError, match=complaint):
        solve_query(query)
