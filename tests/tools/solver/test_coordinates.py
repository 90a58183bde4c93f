"""Coordinate geometry, each answer against numpy, or substituted into what it must fulfil."""

import math

import numpy as np
import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

NUMBERS = [
    ("distance between (1,2) and (4,6)", 5),
    ("Find the distance between A(1, 2) and B(4, 6).", 5),
    ("how far apart are the points (1, 2) and (3, 4)", math.dist((1, 2), (3, 4))),
    ("distance from (1,2,3) to (4,5,6)", math.dist((1, 2, 3), (4, 5, 6))),
    ("distance from the point (1,2) to the line 3x+4y=5", abs(3 + 8 - 5) / 5),
    ("distance from point (1,2,3) to the plane 2x - y + 2z = 4", abs(2 - 2 + 6 - 4) / 3),
    ("distance between the lines 3x+4y=5 and 3x+4y=15", 2),
    ("slope of the line through (1,2) and (3,8)", 3),
    ("slope of the line 2x + 3y = 6", -2 / 3),
    ("radius of the circle x^2 + y^2 = 50", math.sqrt(50)),
    ("eccentricity of the ellipse x^2/25 + y^2/16 = 1", 0.6),
    ("area of the triangle with vertices (0,0), (4,0), (0,3)", 6),
    ("area of triangle with vertices A(1,2), B(4,6), C(7,2)", 12),
    ("area of the polygon with vertices (0,0), (4,0), (4,3), (0,3)", 12),
    ("perimeter of the triangle with vertices (0,0), (4,0), (0,3)", 12),
    ("angle between the vectors [1,2,3] and [4,5,6]", math.degrees(math.acos(32 / math.sqrt(14 * 77)))),
    ("angle between <1,2> and <3,-1>", math.degrees(math.acos(1 / math.sqrt(50)))),
    ("angle between the lines y = x and y = 2x", math.degrees(math.atan(2) - math.pi / 4)),
    ("magnitude of <1,2,2>", 3),
    ("length of the vector 3i + 4j", 5),
    ("magnitude of 3i - 4j + 12k", 13),
    ("scalar triple product of (1,2,3), (4,5,6), (7,8,10)", np.linalg.det([[1, 2, 3], [4, 5, 6], [7, 8, 10]])),
    ("area of the parallelogram spanned by (1,2) and (3,4)", 2),
    ("sum of interior angles of a hexagon", 720),
    ("each interior angle of a regular octagon", 135),
    ("y-intercept of the line through (1,2) and (3,8)", -1),
    ("what is the slope of a line perpendicular to y = 2x + 3", -0.5),
    ("volume of the tetrahedron with vertices (0,0,0), (1,0,0), (0,1,0), (0,0,1)", 1 / 6),
    ("|(3,4)|", 5),
    ("how many degrees are in a hexagon", 720),
    ("how many diagonals does an octagon have", math.comb(8, 2) - 8),
    ("how many sides does a regular polygon with interior angle 140 degrees have", 9),
]


@pytest.mark.parametrize(("query", "wanted"), NUMBERS)
def test_a_number_is_right(query: str, wanted: float) -> None:
    assert float(solve_query(query).decimal) == pytest.approx(wanted, rel=1e-9)


TURN = np.array([[0.5, -math.sqrt(3) / 2], [math.sqrt(3) / 2, 0.5]])
POINTS = [
    ("midpoint of (1,2) and (3,8)", (2, 5)),
    ("midpoint of the segment joining A(1,2) and B(4,7)", (2.5, 4.5)),
    ("centroid of the triangle with vertices (0,0), (6,0), (0,3)", (2, 1)),
    ("circumcenter of the triangle (0,0), (4,0), (0,3)", (2, 1.5)),
    ("orthocenter of the triangle with vertices (0,0), (4,0), (1,3)", (1, 1)),
    ("projection of (3,4) onto (1,0)", (3, 0)),
    ("project the vector [1,2,3] onto [1,1,1]", (2, 2, 2)),
    ("unit vector in the direction of (3,4)", (0.6, 0.8)),
    ("rotate the point (3,4) 90 degrees clockwise about the origin", (4, -3)),
    ("rotate (1,0) by 60° about (1,1)", tuple(TURN @ np.array([0, -1]) + np.array([1, 1]))),
    ("reflect (3,4) over the x-axis", (3, -4)),
    ("reflect (1,2) across the line y = x", (2, 1)),
    ("translate (1,2) by (3,4)", (4, 6)),
    ("translate the point (2, 3) 4 units left and 5 units up", (-2, 8)),
    ("convert (1,1) to polar", (math.sqrt(2), math.pi / 4)),
    ("convert polar (2, pi/3) to cartesian", (2 * math.cos(math.pi / 3), 2 * math.sin(math.pi / 3))),
    ("convert (2, 60°) from polar to rectangular coordinates", (1, math.sqrt(3))),
    ("point dividing the segment from (1,2) to (4,8) in the ratio 1:2", (2, 4)),
    ("focus of the parabola y^2 = 8x", (2, 0)),
]


@pytest.mark.parametrize(("query", "wanted"), POINTS)
def test_a_point_is_right(query: str, wanted: tuple[float, ...]) -> None:
    solution = solve_query(query)
    numbers = [float(part) for part in (solution.decimal or solution.text).strip("()").split(",")]
    assert numbers == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("equation of the line through (1,2) and (3,8)", "y = 3*x - 1"),
        ("line through (1,2) with slope 3", "y = 3*x - 1"),
        ("find the equation of the line with slope -2 and y-intercept 5", "y = -2*x + 5"),
        ("equation of the line parallel to y = 2x + 1 through (3, 4)", "y = 2*x - 2"),
        ("line perpendicular to 3x + 4y = 5 passing through the point (1, 2)", "y = 4*x/3 + 2/3"),
        ("perpendicular bisector of the segment from (1,2) to (5,6)", "y = -x + 7"),
        ("equation of the circle through (0,0), (4,0) and (0,6)",
         "(x - 2)^2 + (y - 3)^2 = 13 (center (2, 3), radius sqrt(13))"),
        ("equation of a circle with center (1, -2) and radius 3",
         "(x - 1)^2 + (y + 2)^2 = 9 (center (1, -2), radius 3)"),
        ("center and radius of x^2+y^2-4x+6y=3", "center (2, -3), radius 4"),
        ("asymptotes of the hyperbola x^2/9 - y^2/16 = 1", "y = 4*x/3 and y = -4*x/3"),
        ("focus and directrix of the parabola y = x^2/4", "focus (0, 1); directrix y = -1"),
        ("identify the conic section x^2 + xy + y^2 = 3", "ellipse"),
        ("plane through (1,0,0), (0,1,0), (0,0,1)", "x + y + z = 1"),
        ("equation of the plane through (1,2,3) with normal (4,5,6)", "4*x + 5*y + 6*z = 32"),
        ("where do the curves y = x^2 and y = x + 2 intersect", "(x = -1, y = 1) or (x = 2, y = 4)"),
        ("are the points (1,1), (2,2), (3,3) collinear", "yes, the points lie on one line"),
        ("are the vectors (1,2) and (-2,1) orthogonal", "yes: the dot product is 0"),
        ("are the lines y = 2x + 1 and y = -x/2 + 3 perpendicular", "yes: the lines are perpendicular"),
    ],
)  # fmt: skip
def test_a_text_is_right(query: str, text: str) -> None:
    assert solve_query(query).text == text


def test_foci_have_the_distances_that_make_an_ellipse() -> None:
    told = solve_query("foci of the ellipse x^2/9 + y^2/4 = 1").text
    focus = float(told.rpartition("(")[2].partition(",")[0])
    for angle in (0.3, 1.1, 2.7):
        point = (3 * math.cos(angle), 2 * math.sin(angle))
        assert math.dist(point, (focus, 0)) + math.dist(point, (-focus, 0)) == pytest.approx(6, rel=1e-5)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("distance between (1,2) and (4,6,7)", "same number of coordinates"),
        ("line through (1,2) and (1,2)", "two different points"),
        ("circle through (0,0), (1,1), (2,2)", "on one line"),
        ("plane through (0,0,0), (1,1,1), (2,2,2)", "on one line"),
        ("distance between (1,i) and (2,3)", "real numbers"),
        ("radius of x^-1 + y^1e9 = 16", "powers up to 10"),
        ("unit vector of (0,0)", "no direction"),
        ("asymptotes of the ellipse x^2/9 + y^2/4 = 1", "has no asymptotes"),
        ("center and radius of the circle x^2 + y^2 + 4 = 0", "no point"),
        ("how many sides does a regular polygon with interior angle 100 degrees have", "no polygon"),
    ],
)
def test_a_mistake_is_explained(query: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        solve_query(query)
