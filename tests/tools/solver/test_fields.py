"""Calculus in several variables, each answer against difference quotients, NumPy or a value from a textbook's rule."""

import ast
import math
import re

import numpy as np
import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query
from scipy.integrate import dblquad, tplquad
from scipy.optimize import minimize


def slopes(function, point):
    h = 1e-6
    steps = np.eye(len(point)) * h
    return [(function(*(point + step)) - function(*(point - step))) / (2 * h) for step in steps]


def numbers(text):
    return list(ast.literal_eval(text))


@pytest.mark.parametrize(
    ("query", "function", "point"),
    [
        ("gradient of x^2 y at (1,2)", lambda x, y: x**2 * y, (1, 2)),
        ("find the gradient of f(x,y)=x^2+3xy at the point (1,2)", lambda x, y: x**2 + 3 * x * y, (1, 2)),
        ("grad of x y z^2 at (1, 2, 3)", lambda x, y, z: x * y * z**2, (1, 2, 3)),
        ("∇(x^3 y^2) at (2, 1)", lambda x, y: x**3 * y**2, (2, 1)),
    ],
)
def test_gradient(query, function, point):
    solution = solve_query(query)
    assert numbers(solution.decimal) == pytest.approx(slopes(function, np.array(point, float)), rel=1e-6)
    assert solution.verified


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("gradient of x^2 y + sin(z)", "(2*x*y, x^2, cos(z))"),
        ("hessian of x^3 + y^3 - 3xy", "[[6*x, -3], [-3, 6*y]]"),
        ("laplacian of x^2 + y^2 + z^2", "6"),
        ("∇^2 (x^2 + y^2)", "4"),
        ("divergence of (x^2 y, y z, x z)", "2*x*y + x + z"),
        ("div of <x, y, z>", "3"),
        (r"\nabla \cdot (x, y, z)", "3"),
        ("curl of F = (y, -x, 0)", "(0, 0, -2)"),
        ("∇×(y z, x z, x y)", "(0, 0, 0)"),
        ("curl of x y i + y z j + z x k", "(-y, -z, -x)"),
        ("jacobian determinant of (r cos(t), r sin(t)) with respect to r, t", "r"),
        ("partial derivatives of x^2 y^3", "f_x = 2*x*y^3, f_y = 3*x^2*y^2"),
        ("second partial derivatives of x^2 y^3", "f_xx = 2*y^3, f_xy = 6*x*y^2, f_yy = 6*x^2*y"),
        ("f_xy if f(x,y) = x^2 y^3", "6*x*y^2"),
        ("∂²f/∂x∂y of x^2 y^3", "6*x*y^2"),
        (r"\frac{\partial^2}{\partial x \partial y} x^2 y^3", "6*x*y^2"),
        ("total differential of x^2 y", "(2*x*y) dx + (x^2) dy"),
        ("tangent plane to z = x^2 + y^2 at (1,2,5)", "z = 2*x + 4*y - 5"),
        ("tangent plane to z = x^2 + y^2 at (1,2)", "z = 2*x + 4*y - 5"),
        ("gradient of x^2", "2*x"),
    ],
)
def test_operators(query, expected):
    assert solve_query(query).exact == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("directional derivative of x^2 y at (1,2) in the direction (3,4)", (4 * 3 + 1 * 4) / 5),
        ("directional derivative of x y z in the direction of <1,2,2> at (1,1,1)", 5 / 3),
        ("directional derivative of x^2 y in the direction of 3i + 4j at (1,2)", 3.2),
    ],
)
def test_directional_derivative(query, expected):
    assert float(solve_query(query).decimal) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("critical points of x^3 + y^3 - 3xy", {"(0, 0)": "saddle point", "(1, 1)": "minimum"}),
        (
            "critical points of x^4 + y^4 - 4xy + 1",
            {"(-1, -1)": "minimum", "(0, 0)": "saddle point", "(1, 1)": "minimum"},
        ),
        ("find and classify the critical points of f(x,y) = 2x - x^2 - y^2", {"(1, 0)": "maximum"}),
        ("saddle points of x^2 - y^2", {"(0, 0)": "saddle point"}),
    ],
)
def test_critical_points(query, kinds):
    text = solve_query(query).text
    assert dict(re.findall(r"(\([^)]*\)): ([a-z ]+), value", text)) == kinds


@pytest.mark.parametrize(
    ("query", "sign", "function", "constraint", "start"),
    [
        ("maximize xy subject to x + y = 10", -1, lambda p: p[0] * p[1], lambda p: p[0] + p[1] - 10, (1, 9)),
        ("minimum of x^2+y^2 given x+y=1", 1, lambda p: p[0] ** 2 + p[1] ** 2, lambda p: p[0] + p[1] - 1, (2, -1)),
        (
            "If x+2y=8, what is the maximum of xy?",
            -1, lambda p: p[0] * p[1], lambda p: p[0] + 2 * p[1] - 8, (1, 3),
        ),
        (
            "use Lagrange multipliers to maximize x + 2y subject to x^2 + y^2 = 5",
            -1, lambda p: p[0] + 2 * p[1], lambda p: p[0] ** 2 + p[1] ** 2 - 5, (1, 1),
        ),
    ],
)  # fmt: skip
def test_constrained_extrema(query, sign, function, constraint, start):
    best = minimize(lambda p: sign * function(p), start, constraints={"type": "eq", "fun": constraint})
    assert float(solve_query(query).decimal) == pytest.approx(sign * best.fun, rel=1e-5)


def test_linear_programming():
    query = "maximize 3x + 5y subject to x <= 4, 2y <= 12, 3x + 2y <= 18, x >= 0, y >= 0"
    assert solve_query(query).decimal == "36"  # the textbook's example: 3*2 + 5*6


def test_both_extremes_on_a_circle():
    text = solve_query("extreme values of f(x,y) = x y on the circle x^2 + y^2 = 8").text
    assert "maximum 4" in text
    assert "minimum -4" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("integrate x*y for x from 0 to 1 and y from 0 to 2", dblquad(lambda y, x: x * y, 0, 1, 0, 2)[0]),
        ("double integral of x y over x=0..1, y=0..x", dblquad(lambda y, x: x * y, 0, 1, 0, lambda x: x)[0]),
        ("double integral of x^2 + y^2 over 0<=x<=1, 0<=y<=2", dblquad(lambda y, x: x**2 + y**2, 0, 1, 0, 2)[0]),
        (r"\int_0^1\int_0^x xy \,dy\,dx", 1 / 8),
        ("∫_0^1 ∫_0^x x y dy dx", 1 / 8),
        (r"\int_0^{2\pi}\int_0^1 r^3 \, dr \, d\theta", math.pi / 2),
        ("double integral of xy over [0,1]x[0,2]", 1),
        ("double integral of 1 over the unit disk", math.pi),
        ("triple integral of x y z for x from 0 to 1, y from 0 to 2, z from 0 to 3",
         tplquad(lambda z, y, x: x * y * z, 0, 1, 0, 2, 0, 3)[0]),
        ("double integral of sin(x^2) for y from 0 to x and x from 0 to 1",
         dblquad(lambda y, x: math.sin(x * x), 0, 1, 0, lambda x: x)[0]),
        ("integral of x^2 dx from 0 to 1", 1 / 3),
        (r"\int_0^1 x^2 dx", 1 / 3),
    ],
)  # fmt: skip
def test_multiple_integrals(query, expected):
    solution = solve_query(query)
    assert float(solution.decimal) == pytest.approx(expected)
    assert solution.verified == "checked by numerical integration"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("dy/dx if x^2 + y^2 = 25", "-x/y"),
        ("find y' if x^2+y^2 = 25", "-x/y"),
        ("implicit derivative of x^2+xy+y^2=7", "-(2*x + y)/(x + 2*y)"),
        ("Given x^2 + y^2 = 25, find dy/dx", "-x/y"),
        ("d^2y/dx^2 if x^2+y^2=25", "-25/y^3"),
        ("If x^2 + y^2 = 25, find dy/dx at (3, 4).", "-3/4"),
        ("tangent line to x^2+y^2=25 at (3,4)", "y = 25/4 - 3*x/4"),
        ("dy/dx if y = x^2", "2*x"),
        ("y = x^2, find dy/dx", "2*x"),
    ],
)
def test_implicit_derivatives(query, expected):
    assert solve_query(query).exact == expected


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("curl of (x, y, z, x)", "2 or 3 components"),
        ("divergence of x^2", "needs a vector field"),
        ("directional derivative of x^2 y at (1,2)", "give the direction"),
        ("directional derivative of x^2 y at (1,2) in the direction (0,0)", "zero vector"),
        ("tangent plane to z = x^2 + y^2 at (1,2,7)", "does not lie on"),
        ("dy/dx of x^2 + y^2 = 25 at (3,5)", "does not lie on"),
        ("maximum of x^2 + y^2 subject to x + y = 1", "no maximum"),
        ("maximize x + y subject to x >= 0", "unbounded"),
        (r"\int_0^1\int_0^1 x y dx", "2 integral signs"),
        ("gradient of x^2 y at (1, 2", "expected"),
    ],
)
def test_mistakes_are_explained(query, complaint):
    with pytest.raises(ToolError, match=complaint):
        solve_query(query)
