"""Differential equations: each solution is put back into its equation here, by differences or by integration."""

import math

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query
from scipy.integrate import solve_ivp

NAMES = {name: getattr(math, name) for name in ("exp", "sin", "cos", "tan", "sqrt", "pi", "e", "cosh", "sinh")}


def value(formula, **variables):
    """A formula of the solver at a place; the formula is the solver's own output."""
    text = formula.replace("^", "**").replace("ln", "log")
    return eval(text, {"__builtins__": {}, "log": math.log, **NAMES}, variables)


# The solution of each with its initial values, followed by SciPy: query, f(x, state), initial x, initial state, place.
FOLLOWED = [
    ("y' = 2xy, y(0) = 1", lambda x, s: [2 * x * s[0]], 0, [1], 1.2),
    ("solve y' + 2y = e^(-x), y(0) = 3", lambda x, s: [math.exp(-x) - 2 * s[0]], 0, [3], 1.5),
    ("dy/dt = -3y, y(0)=5", lambda x, s: [-3 * s[0]], 0, [5], 0.7),
    ("y'' - y = e^x with y(0)=1, y'(0)=0", lambda x, s: [s[1], s[0] + math.exp(x)], 0, [1, 0], 1.1),
    ("Solve y'' + 4y' + 3y = 0, y(0) = 1, y'(0) = 2", lambda x, s: [s[1], -4 * s[1] - 3 * s[0]], 0, [1, 2], 1.3),
    ("x''(t) + 4x(t) = cos t, x(0) = 0, x'(0) = 1", lambda t, s: [s[1], math.cos(t) - 4 * s[0]], 0, [0, 1], 2.2),
    (
        r"\frac{d^2y}{dx^2} + 4\frac{dy}{dx} + 4y = x, y(0) = 0, y'(0) = 0",
        lambda x, s: [s[1], x - 4 * s[1] - 4 * s[0]],
        0, [0, 0], 1.4,
    ),
    (
        r"\ddot{x} + 2\dot{x} + 5x = 0, x(0) = 1, \dot{x}(0) = 0",
        lambda t, s: [s[1], -2 * s[1] - 5 * s[0]],
        0, [1, 0], 0.9,
    ),
    ("y' = -x/y, y(3)=4", lambda x, s: [-x / s[0]], 3, [4], 4.1),
    ("dP/dt = 0.5P(1-P/1000), P(0) = 100", lambda t, s: [0.5 * s[0] * (1 - s[0] / 1000)], 0, [100], 6.0),
    ("y' = y(1-y), y(0) = 1/2", lambda x, s: [s[0] * (1 - s[0])], 0, [0.5], 2.0),
    ("y' + y/x = x^2, y(1) = 1", lambda x, s: [x * x - s[0] / x], 1, [1], 2.0),
    ("y' - y = x y^2, y(0) = 1/2", lambda x, s: [s[0] + x * s[0] ** 2], 0, [0.5], 0.8),
    ("x^2 y'' + x y' - y = 0, y(1) = 2, y'(1) = 1", lambda x, s: [s[1], (s[0] - x * s[1]) / x**2], 1, [2, 1], 2.5),
    ("(2xy)dx + (x^2+1)dy = 0, y(0) = 3", lambda x, s: [-2 * x * s[0] / (x * x + 1)], 0, [3], 1.6),
    ("y''' - y' = 0, y(0)=1, y'(0)=2, y''(0)=3", lambda x, s: [s[1], s[2], s[1]], 0, [1, 2, 3], 1.0),
    ("f'(x) = 3x^2, f(0)=2", lambda x, s: [3 * x * x], 0, [2], 1.7),
    ("dy/dx = 3x^2 given that y = 2 when x = 1", lambda x, s: [3 * x * x], 1, [2], 1.9),
    ("dT/dt = -0.1(T - 20), T(0) = 90", lambda t, s: [-0.1 * (s[0] - 20)], 0, [90], 8.0),
]  # fmt: skip


@pytest.mark.parametrize(("query", "rates", "start", "initial", "place"), FOLLOWED, ids=[row[0] for row in FOLLOWED])
def test_a_solution_is_the_one_that_steps_lead_to(query, rates, start, initial, place):
    solution = solve_query(query)
    followed = solve_ivp(rates, (start, place), initial, rtol=1e-10, atol=1e-12).y[0][-1]
    assert value(solution.exact, x=place, t=place) == pytest.approx(followed, rel=1e-7)
    assert solution.verified == "checked by substitution"


def derivative(function, x, order):
    h = 1e-2
    if order == 0:
        return function(x)
    near, far = (
        derivative(function, x + step, order - 1) - derivative(function, x - step, order - 1) for step in (h, 2 * h)
    )
    return (8 * near - far) / (12 * h)


# General solutions: query, what must vanish given x and the derivatives y0, y1, y2, ...
GENERAL = [
    ("y'' + y = 0", lambda x, y: y[2] + y[0]),
    ('y" + y = 0', lambda x, y: y[2] + y[0]),
    (r"y^{\prime\prime} + y = 0", lambda x, y: y[2] + y[0]),
    ("d^2y/dx^2 + 3 dy/dx + 2y = 0", lambda x, y: y[2] + 3 * y[1] + 2 * y[0]),
    ("What is the general solution of y'' + 2y' + 5y = 0?", lambda x, y: y[2] + 2 * y[1] + 5 * y[0]),
    ("2y'' + 3y' - 2y = 14x^2 - 4x - 11", lambda x, y: 2 * y[2] + 3 * y[1] - 2 * y[0] - 14 * x * x + 4 * x + 11),
    ("y'' - 2y' + y = x e^x", lambda x, y: y[2] - 2 * y[1] + y[0] - x * math.exp(x)),
    ("y'' + y = sec x", lambda x, y: y[2] + y[0] - 1 / math.cos(x)),
    ("y' + y tan x = sec x", lambda x, y: y[1] + y[0] * math.tan(x) - 1 / math.cos(x)),
    ("dy/dx = x y", lambda x, y: y[1] - x * y[0]),
    (r"\frac{dy}{dx} = x^2 y", lambda x, y: y[1] - x * x * y[0]),
    ("Solve dy/dx = 2y", lambda x, y: y[1] - 2 * y[0]),
    ("Use separation of variables to solve dy/dx = x/(2+y)", None),
    ("y'' = -9.8", lambda x, y: y[2] + 9.8),
    ("x^2 y'' - 3x y' + 4y = 0", lambda x, y: x * x * y[2] - 3 * x * y[1] + 4 * y[0]),
    ("y = x y' + y'^2", lambda x, y: x * y[1] + y[1] ** 2 - y[0]),
    ("y prime equals y", lambda x, y: y[1] - y[0]),
    ("dsolve(y'' + 9y = 0)", lambda x, y: y[2] + 9 * y[0]),
    ("y^{(4)} - y = 0", lambda x, y: y[4] - y[0]),
]


@pytest.mark.parametrize(("query", "residual"), GENERAL, ids=[row[0] for row in GENERAL])
def test_a_general_solution_meets_its_equation(query, residual):
    solution = solve_query(query)
    assert solution.verified == "checked by substitution"
    if residual is None:
        return
    constants = {"C1": 0.7, "C2": -0.4, "C3": 0.3, "C4": 0.2}
    for x in (0.4, 0.9):
        orders = [derivative(lambda p: value(solution.exact, x=p, **constants), x, order) for order in range(5)]
        assert residual(x, orders) == pytest.approx(0, abs=1e-4)


def test_boundary_values():
    solution = solve_query("Solve y'' + 4y = 0, y(0)=0, y(pi/4)=1")
    assert value(solution.exact, x=0.3) == pytest.approx(math.sin(0.6))


def test_a_constant_is_named_as_positive():
    solution = solve_query("y'' + k^2 y = 0")
    assert any("k > 0" in line for line in solution.assumptions)
    assert value(solution.exact, k=2, x=0.3, C1=1, C2=2) == pytest.approx(math.cos(0.6) + 2 * math.sin(0.6))


def test_a_system():
    solution = solve_query("x'=2x-y, y'=x, x(0)=1, y(0)=0")
    assert solution.verified == "checked by substitution"
    parts = dict(part.split(" = ") for part in solution.exact.split(", "))
    followed = solve_ivp(lambda t, s: [2 * s[0] - s[1], s[0]], (0, 1.2), [1, 0], rtol=1e-10, atol=1e-12).y[:, -1]
    assert [value(parts["x(t)"], t=1.2), value(parts["y(t)"], t=1.2)] == pytest.approx(list(followed))


@pytest.mark.parametrize(
    ("query", "rates", "initial", "place"),
    [
        ("y' = x^2 + y^2, y(0)=0 at x = 0.5", lambda x, s: [x * x + s[0] ** 2], [0], 0.5),
        ("dy/dx + 3y = 6, y(0) = 1; find y(2)", lambda x, s: [6 - 3 * s[0]], [1], 2),
        ("y'' + sin(y) = 0, y(0) = 1, y'(0) = 0, find y(2)", lambda x, s: [s[1], -math.sin(s[0])], [1, 0], 2),
    ],
)
def test_a_value_of_the_solution(query, rates, initial, place):
    followed = solve_ivp(rates, (0, place), initial, rtol=1e-10, atol=1e-12).y[0][-1]
    assert float(solve_query(query).decimal) == pytest.approx(followed, rel=1e-6)


def test_an_equation_for_the_solution():
    solution = solve_query("dy/dx = (x+1)/(y^4+1)")
    left, right = solution.exact.split(" = ")
    # Along the solution d(left)/dy * y' is d(right)/dx.
    slope = (value(left, y=1.001) - value(left, y=0.999)) / 0.002
    rate = (value(right, x=2.001, C1=0) - value(right, x=1.999, C1=0)) / 0.002
    assert slope * (2 + 1) / (1**4 + 1) == pytest.approx(rate, rel=1e-5)


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("y'' + 4y' + 3y = 0, y(0) = 1, y'(0) = 2, y(1)=4", "takes 2 conditions, not 3"),
        ("y'' + y = 0, y(0)=0, y(pi)=1", "no solution meets"),
        ("y' = x^2 + y^2", "give initial values and a place"),
        ("y' = y^2, y(0) = 1 at x = 3 and z(0) = 1", "fits no unknown function"),
        ("f'(2)", "a prime needs"),
        ("y'", "a prime needs"),
        ("du/dx + du/dy = 0", "partial differential equations"),
    ],
)
def test_mistakes_are_explained(query, complaint):
    with pytest.raises(ToolError, match=complaint):
        solve_query(query)
