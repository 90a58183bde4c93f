"""Steps of numerical methods against the same formulas in plain Python, and against what they approximate."""

import math

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query


def euler(slope, x, y, h, count):
    for place in range(count):
        y += h * slope(x + place * h, y)
    return y


def heun(slope, x, y, h, count):
    for place in range(count):
        at = x + place * h
        first = slope(at, y)
        y += h / 2 * (first + slope(at + h, y + h * first))
    return y


STEPS = {
    "Euler's method y' = x + y, y(0) = 1, h = 0.1, y(0.5)": euler(lambda x, y: x + y, 0, 1, 0.1, 5),
    "use Euler's method to approximate y(1) for dy/dx = x*y, y(0) = 1, with step size 0.25": euler(
        lambda x, y: x * y, 0, 1, 0.25, 4
    ),
    "euler method y' = -2y with y(1) = 3 and 4 steps to x = 2": euler(lambda x, y: -2 * y, 1, 3, 0.25, 4),
    "improved euler y' = y - x, y(0) = 1/2, h = 0.5, find y(1)": heun(lambda x, y: y - x, 0, 0.5, 0.5, 2),
    "Heun's method y' = y, y(0) = 1, h = 0.5, find y(1)": heun(lambda x, y: y, 0, 1, 0.5, 2),
}
NEAR = {
    "rk4 for y' = y with y(0) = 1 and 10 steps to x = 1": (math.e, 1e-5),
    "runge-kutta y' = x - y, y(0) = 1, h = 0.1, find y(1)": (2 / math.e, 1e-6),
    "bisection method for x^3 - x - 2 on [1, 2]": (1.5213797068045676, 1e-6),
    "use the bisection method to find the root of cos(x) = x between 0 and 1": (0.7390851332151607, 1e-6),
    "secant method x^2 - 2 starting with 1 and 2": (math.sqrt(2), 1e-10),
    "fixed point iteration x = cos(x) starting at 1 with 60 iterations": (0.7390851332151607, 1e-9),
}


@pytest.mark.parametrize("query", STEPS)
def test_the_steps(query):
    assert float(solve_query(query).decimal) == pytest.approx(STEPS[query], rel=1e-12)


@pytest.mark.parametrize("query", NEAR)
def test_what_they_approximate(query):
    expected, tolerance = NEAR[query]
    assert float(solve_query(query).decimal) == pytest.approx(expected, abs=tolerance)


def test_the_path_is_shown():
    assert solve_query("bisection method for x^2 - 2 on [1, 2] with 3 steps").text == "1.375 (1.5, 1.25, 1.375)"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("Euler's method y' = x + y, y(0) = 1, h = 0.3, y(0.5)", "whole number of steps"),
        ("Euler's method y' = x + y, y(0) = 1, h = 0, y(0.5)", "must not be zero"),
        ("Euler's method y' = 1/y, y(0) = 0, h = 0.1, y(1)", "no real value"),
        ("Euler's method y' = x + y, y(0) = 1, h = 0.000001, y(1)", "1000 steps"),
        ("Euler's method y' = x + z, y(0) = 1, h = 0.5, y(1)", "x and y only"),
        ("Euler's method y' = x + y, h = 0.5", "write for example"),
        ("bisection method for x^2 + 1 on [0, 1]", "same sign"),
        ("bisection method for x^2 - 2", "write for example"),
        ("fixed point iteration x = x^2 starting at 3 with 50 iterations", "runs away"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)
