"""Questions about functions of one variable, areas, volumes and curves; expected values by a route of their own."""

import math
import re
from typing import Any

import pytest
from mpmath import mp
from pericles.tools.errors import ToolError
from pericles.tools.solver.answers.answer import answer
from pericles.tools.solver.reading.areas import read_area_question
from pericles.tools.solver.reading.functions import read_function_question


def squeezed(text: str) -> str:
    return re.sub(r"[\s*]", "", text.lower())


SAYS = [
    ("domain of sqrt(x-2)", "x>=2"),
    ("what is the domain of f(x) = 1/(x^2-4)?", "exceptx=-2,2"),
    ("f(x) = ln(x^2 - 4); find the domain", "x<-2orx>2"),
    ("for what values of x is sqrt(4 - x^2) defined", "-2<=x<=2"),
    ("domain of tan(x)", "pi/2+pin"),
    ("state the domain of g(x) = sqrt(x)/(x-3)", "[0,3)u(3,infinity)"),
    ("find the range of x^2 + 3", "[3,infinity)"),
    ("range of f(x) = 2 sin(x) + 3", "[1,5]"),
    ("range of x^2 on [-1, 3]", "[0,9]"),
    ("range of 1/x", "(-infinity,0)u(0,infinity)"),
    ("what is the range of y = 1/(x^2+1)", "(0,1]"),
    ("domain and range of sqrt(x-1)", "range:y>=0"),
    ("inverse of f(x) = 2x + 3", "(x-3)/2"),
    ("find the inverse function of (x+1)/(x-2)", "(2x+1)/(x-1)"),
    ("inverse of x^2", "notone-to-one"),
    ("is f(x) = x^3 one to one", "yes"),
    ("is x^2 one-to-one", "no"),
    ("x-intercepts of x^2 - 4", "(-2,0),(2,0)"),
    ("find the y-intercept of y = 3x + 5", "(0,5)"),
    ("find the x and y intercepts of 2x + 3y = 6", "(3,0)"),
    ("where does y = x^2 - 5x + 6 cross the x-axis", "(2,0),(3,0)"),
    ("vertical asymptotes of (x+1)/(x^2-4)", "x=-2,x=2"),
    ("find the horizontal asymptote of (2x^2+1)/(x^2-3)", "y=2"),
    ("oblique asymptote of (x^2+1)/(x-1)", "y=x+1"),
    ("what are the asymptotes of f(x) = 3x^2/(x^2 - 4)", "horizontal:y=3"),
    ("horizontal asymptotes of arctan(x)", "y=pi/2,y=-pi/2"),
    ("vertical asymptotes of x^2", "noverticalasymptote"),
    ("critical points of x^3 - 3x", "x=-1(localmaximum,value2)"),
    ("find and classify the critical points of f(x) = x^4 - 4x^3", "x=3(localminimum,value-27)"),
    ("critical points of |x|", "notdifferentiable"),
    ("critical points of e^x", "nocriticalpoints"),
    ("find local extrema of x^3 - 3x^2 + 2", "localminimum-2atx=2"),
    ("absolute maximum of x^3 - 3x on [-2, 3]", "maximum18atx=3"),
    ("find the maximum and minimum values of f(x) = x^3 - 3x on [0, 2]", "minimum-2atx=1"),
    ("maximum of -x^2 + 4x", "maximum4atx=2"),
    ("absolute maximum of x^2", "unboundedabove"),
    ("minimum of x + 1/x for x > 0", "minimum2atx=1"),
    ("inflection points of x^3 - 6x^2", "(2,-16)"),
    ("where does x^4 - 6x^2 have inflection points", "(-1,-5),(1,-5)"),
    ("inflection points of x^4", "noinflectionpoints"),
    ("where is x^3 - 3x increasing", "x<-1orx>1"),
    ("Given f(x) = x^2 - 4x, find where f is decreasing", "x<2"),
    ("intervals of increase and decrease of x^3 - 3x", "decreasing:(-1,1)"),
    ("on which intervals is f(x) = x^3 concave up?", "x>0"),
    ("is x^3 odd or even", "odd"),
    ("is f(x) = x^2 even?", "yes"),
    ("determine whether x^2 + x is even, odd or neither", "neither"),
    ("tangent line to x^2 at x = 3", "y=6x-9"),
    ("find the equation of the tangent line to the curve y = x^2 + 1 at the point (1, 2)", "y=2x"),
    ("normal line to y = x^2 at x = 1", "y=3/2-x/2"),
    ("linearization of sqrt(x) at x = 4", "x/4+1"),
    ("difference quotient of x^2", "h+2x"),
    ("is 1/x continuous at 0", "no"),
    ("is x^2 continuous at x = 1", "yes"),
    ("discontinuities of (x^2-1)/(x-1)", "removable,holeat(1,2)"),
    ("is |x|/x continuous at x = 0", "jumpfrom-1to1"),
    ("is |x| differentiable at 0", "no"),
    ("where do x^2 and 2x+3 intersect", "(x=-1,y=1)or(x=3,y=9)"),
    ("dy/dx if x = t^2, y = t^3", "3t/2"),
    ("tangent line to x = t^2, y = t^3 at t = 1", "y=3x/2-1/2"),
    ("amplitude, period and phase shift of y = 3 sin(2x + pi/3) - 1", "phaseshift-pi/6"),
    ("period of x^2", "notperiodic"),
    ("where is e^x sin(x) increasing on [0, 2pi]", "0<x<3pi/4"),
    ("inverse of sqrt(x - 3)", "x^2+3,forx>=0"),
    ("find the difference quotient (f(x+h)-f(x))/h for f(x) = x^2 + 3x", "h+2x+3"),
]


@pytest.mark.parametrize(("query", "part"), SAYS)
@pytest.mark.sampled(every=6)
def test_says(query: str, part: str) -> None:
    assert part in squeezed(answer(query).text)


def area(function: Any, bounds: Any) -> Any:
    return mp.quad(function, bounds)


def disk(function: Any, lower: Any, upper: Any) -> float:
    return float(mp.pi * area(lambda x: function(x) ** 2, [lower, upper]))


def length(slope: Any, lower: Any, upper: Any) -> float:
    return float(area(lambda x: mp.sqrt(1 + slope(x) ** 2), [lower, upper]))


def strips(function: Any, lower: Any, upper: Any, n: int, places: Any, weights: Any) -> Any:
    step = (upper - lower) / n
    return step * sum(w * function(lower + p * step) for p, w in zip(places, weights, strict=True))


NUMBERS = [
    ("slope of x^3 at x = 2", 12),
    ("what is the slope of the tangent line to sqrt(x) at x = 4?", 0.25),
    ("average rate of change of x^2 from 1 to 3", 4),
    ("average value of x^2 on [0, 3]", 3),
    ("what is the average value of f(x) = sin(x) on the interval [0, pi]?", 2 / math.pi),
    ("arc length of x^(3/2) from 0 to 4", length(lambda x: 1.5 * mp.sqrt(x), 0, 4)),
    ("length of the curve y = x^2 from 0 to 1", length(lambda x: 2 * x, 0, 1)),
    ("arc length of y = x^3 from 0 to 1", length(lambda x: 3 * x**2, 0, 1)),
    ("curvature of x^2 at x = 1", 2 / 5**1.5),
    ("radius of curvature of y = x^2 at the origin", 0.5),
    ("area between x^2 and x", 1 / 6),
    ("area between y = x^2 and y = 2x from 0 to 2", 4 / 3),
    ("find the area of the region bounded by y = x^2 and y = 4", 32 / 3),
    ("area between x = y^2 and x = 4", 32 / 3),
    ("area under y = x^3 from -1 to 1", 0.5),
    ("area under the curve y = e^x from 0 to 1", math.e - 1),
    ("area bounded by y = x^2, x = 1, x = 3 and the x-axis", 26 / 3),
    ("volume of revolution of x^2 about the x-axis from 0 to 2", disk(lambda x: x**2, 0, 2)),
    ("volume of the solid formed by rotating y = sqrt(x) from 0 to 4 about the x-axis", disk(mp.sqrt, 0, 4)),
    ("volume when y = x^2 from 0 to 1 is rotated about the y-axis", math.pi / 2),
    ("volume of y = x rotated about the line y = -1 from 0 to 1", 4 * math.pi / 3),
    ("volume of the region bounded by y = x^2 and y = x rotated about the x-axis", 2 * math.pi / 15),
    ("surface area of revolution of y = sqrt(x) from 0 to 1 about the x-axis",
     float(2 * mp.pi * area(lambda x: mp.sqrt(x + mp.mpf(1) / 4), [0, 1]))),
    ("trapezoid rule for x^2 from 0 to 1 with n = 4",
     strips(lambda x: x * x, 0, 1, 4, range(5), [0.5, 1, 1, 1, 0.5])),
    ("use simpson's rule with n = 4 to estimate the integral of e^(x^2) from 0 to 1",
     strips(lambda x: math.exp(x * x), 0, 1, 4, range(5), [1 / 3, 4 / 3, 2 / 3, 4 / 3, 1 / 3])),
    ("left riemann sum of x^2 from 0 to 2 with n = 4", 0.5 * sum((k / 2) ** 2 for k in range(4))),
    ("estimate the area under x^2 from 0 to 4 using 4 right rectangles", 1 + 4 + 9 + 16),
    ("midpoint rule for x^2 from 0 to 1 with 4 intervals", sum(((k + 0.5) / 4) ** 2 for k in range(4)) / 4),
    ("newton's method for x^2 - 2 starting at 1, 5 steps", math.sqrt(2)),
    ("use newton's method to find a root of x^3 - x - 1 with x0 = 1.5", 1.324717957244746),
    ("period of sin(2x)", math.pi),
    ("period of y = tan(3x)", math.pi / 3),
    ("amplitude of 3 sin(2x + pi/4)", 3),
    ("phase shift of 2 sin(3x - pi)", math.pi / 3),
    ("area inside r = 1 + cos(theta)", float(area(lambda t: (1 + mp.cos(t)) ** 2 / 2, [0, 2 * mp.pi]))),
    ("arc length of the cardioid r = 1 + cos(theta)", 8),
    ("arc length of x = cos t, y = sin t from 0 to pi", math.pi),
    ("find dy/dx if x = t^2 + 1 and y = t^3 - t at t = 2", 11 / 4),
    ("slope of r = 2 sin(theta) at theta = pi/6", math.sqrt(3)),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), NUMBERS)
@pytest.mark.sampled(every=6)
def test_numbers(query: str, expected: float) -> None:
    assert math.isclose(float(answer(query).decimal), expected, rel_tol=1e-8)


@pytest.mark.parametrize(
    "query",
    ["mean of 3, 4", "range of 3, 5, 8", "inverse of [[1,2],[3,4]]", "inverse of 3 mod 7", "max of 2, 3", "is 4 even",
     "minimum of x^2 + y^2", "critical points of x^2 + y^2", "slope of the line through (1,2) and (3,4)",
     "area of a circle with radius 3", "volume of a sphere with radius 2", "zeros of x^3 - x", "tangent of 45 degrees",
     "length of vector (3,4)", "intersection of y = 2x + 1 and y = -x + 4", "surface area of a cube with side 3"],
)  # fmt: skip
def test_left_to_others(query: str) -> None:
    assert read_function_question(query, []) is None
    assert read_area_question(query, []) is None


@pytest.mark.parametrize(
    ("query", "message"),
    [("simpson's rule for x^2 from 0 to 1 with n = 3", "even"),
     ("trapezoidal rule for x^2 from 0 to 1", "how many strips"), ("average value of x^2 on [3, 0]", "smaller"),
     ("newton's method for x^2 - 2", "where to begin"), ("tangent to x^2 at (1, 5)", "does not lie"),
     ("tangent line to |x| at x = 0", "differ"), ("area under x^2 + 1", "from where to where"),
     ("asymptotes of tan(x)/x", "infinitely many"), ("critical points of x^500 - x", "up to 100"),
     ("trapezoid rule for x^2 from 0 to 1 with n = 999999", "at most")],
)  # fmt: skip
def test_refuses(query: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        answer(query)
