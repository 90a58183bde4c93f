"""Figures by their measures, each answer against the formula written out here or an integral taken numerically."""

import math

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query
from scipy.integrate import quad

PI, ROOT = math.pi, math.sqrt
MEASURES = [
    ("area of a circle with radius 5 cm", PI * 25, "cm^2"),
    ("What is the area of a circle if the radius is 7 inches?", PI * 49, "in^2"),
    ("circle radius 5 area", PI * 25, ""),
    ("radius 5 circle area", PI * 25, ""),
    ("area circle r=5", PI * 25, ""),
    ("how big is the area of a circle with diameter 10 m", PI * 25, "m^2"),
    ("radius of a circle with area 50", ROOT(50 / PI), ""),
    ("a circle has circumference 31.4; what is its radius", 31.4 / (2 * PI), ""),
    ("area of a circle with circumference 10π", PI * 25, ""),
    ("If the circumference of a circle is 20 cm, find the area", PI * (10 / PI) ** 2, "cm^2"),
    ("diameter of a circle with area 16pi square feet", 8, "ft"),
    ("circumference of a 12 inch pizza", 12 * PI, "in"),
    ("perimeter of a semicircle with diameter 10", 5 * PI + 10, ""),
    ("arc length of a sector with radius 5 and angle 60 degrees", 5 * PI / 3, ""),
    ("area of a sector with radius 4 and central angle 90°", 4 * PI, ""),
    ("chord length of a circle with radius 10 and angle 60 degrees", 10, ""),
    ("area of a circular segment with radius 10 and angle 60 degrees",
     quad(lambda x: ROOT(100 - x * x) - 10 * math.cos(PI / 6), -5, 5)[0], ""),
    ("area of an annulus with outer radius 5 and inner radius 3", 16 * PI, ""),
    ("area of an ellipse with semi-axes 3 and 5", 4 * quad(lambda x: 3 * ROOT(1 - x * x / 25), 0, 5)[0], ""),
    ("perimeter of an ellipse with semi-major axis 5 and semi-minor axis 3",
     4 * quad(lambda t: ROOT(25 * math.sin(t) ** 2 + 9 * math.cos(t) ** 2), 0, PI / 2)[0], ""),
    ("a rectangle is 5 by 8; what is its area", 40, ""),
    ("area of a 5 by 8 rectangle", 40, ""),
    ("perimeter of a rectangle with length 10 cm and width 4.5 cm", 29, "cm"),
    ("diagonal of a rectangle 3 by 4", 5, ""),
    ("length of a rectangle with area 48 and width 6", 8, ""),
    ("how much fence is needed for a rectangular garden 10 m by 20 m", 60, "m"),
    ("area of a square with diagonal 10", 50, ""),
    ("the area of a square is 64 m^2. find the side", 8, "m"),
    ("square 5 area", 25, ""),
    ("area of a trapezoid with bases 4 and 6 and height 5", 25, ""),
    ("area of a trapezium with parallel sides 8 cm and 12 cm and height 5 cm", 50, "cm^2"),
    ("perimeter of a rhombus with diagonals 6 and 8", 20, ""),
    ("area of a kite with diagonals 10 and 6", 30, ""),
    ("What is the area of a parallelogram with base 10 and height 4?", 40, ""),
    ("area of a regular hexagon with side 4", 6 * ROOT(3) / 4 * 16, ""),
    ("area of a regular 7-sided polygon with side 2", 7 / math.tan(PI / 7), ""),
    ("regular polygon with 12 sides of length 3 area", 12 * 9 / (4 * math.tan(PI / 12)), ""),
    ("apothem of a regular hexagon with side 6", 3 * ROOT(3), ""),
    ("area of an equilateral triangle with side 6", 9 * ROOT(3), ""),
    ("side of a cube with volume 27", 3, ""),
    ("volume of a 5cm cube", 125, "cm^3"),
    ("volume of a cube with side 2.5 m in liters", 15625, "liters"),
    ("find the surface area of a 2x3x4 box", 2 * (6 + 8 + 12), ""),
    ("space diagonal of a 3 by 4 by 12 box", 13, ""),
    ("volume of a box 2 m by 30 cm by 10 cm", 2 * 0.3 * 0.1, "m^3"),
    ("what is the volume of a cylinder with radius 3 and height 10?", 90 * PI, ""),
    ("height of a cylinder with volume 100 and radius 2", 25 / PI, ""),
    ("height of a cylinder with volume 1 liter and radius 5 cm", 1000 / (25 * PI), "cm"),
    ("a cylinder 10 cm tall with a 3 cm radius volume", 90 * PI, "cm^3"),
    ("how much water can a cylinder of radius 5 cm and height 20 cm hold in liters", PI * 25 * 20 / 1000, "liters"),
    ("lateral surface area of a cylinder with radius 2 and height 5", 20 * PI, ""),
    ("slant height of a cone with radius 3 and height 4", 5, ""),
    ("surface area of a cone with radius 3 and height 4", PI * 3 * 8, ""),
    ("volume of sphere with diameter 10 inches", 4 / 3 * PI * 125, "in^3"),
    ("radius of a sphere with volume 36π", 3, ""),
    ("surface area of a sphere of radius 3", 36 * PI, ""),
    ("volume of a hemisphere with radius 6", quad(lambda z: PI * (36 - z * z), 0, 6)[0], ""),
    ("volume of a square pyramid with base 6 and height 4", 48, ""),
    ("surface area of a square pyramid with base 6 and height 4", 36 + 4 * 6 * 5 / 2, ""),
    ("volume of a pyramid with base area 30 and height 7", 70, ""),
    ("volume of a regular tetrahedron with edge 6", 216 / (6 * ROOT(2)), ""),
    ("volume of torus with R = 5 and r = 2", 2 * PI * 5 * PI * 4, ""),
    ("volume of a frustum with radii 3 and 5 and height 4", quad(lambda z: PI * (3 + z / 2) ** 2, 0, 4)[0], ""),
    ("length of an arc of 40 degrees in a circle of radius 9", 2 * PI, ""),
    ("area of a 12 ft by 15 ft room", 180, "ft^2"),
    ("What is the volume of a sphere with radius 6 cm in terms of pi?", 288 * PI, "cm^3"),
    ("side of a regular hexagon with area 100", ROOT(200 / (3 * ROOT(3))), ""),
    ("a ladder 10 m long leans against a wall with its foot 6 m from the wall. how high does it reach?", 8, "m"),
    ("volume of a triangular prism with base 4, height 3 and length 10", 60, ""),
]  # fmt: skip


@pytest.mark.parametrize(("query", "wanted", "unit"), MEASURES)
@pytest.mark.sampled(every=6)
def test_a_measure_is_right(query: str, wanted: float, unit: str) -> None:
    solution = solve_query(query)
    assert float(solution.decimal) == pytest.approx(wanted, rel=1e-12)
    assert solution.exact.endswith(unit)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("volume of a cone formula", "V = pi*h*r^2/3"),
        ("formula for the volume of a sphere", "V = 4*pi*r^3/3"),
        ("area of a circle of radius r", "pi*r^2"),
        ("area of a rectangle with length x and width 3", "3*x"),
        ("perimeter of a rectangle", "P = 2*l + 2*w"),
        ("length and width of a rectangle with perimeter 20 and area 24", "length 6; width 4"),
        ("dimensions of a rectangle with perimeter 20 and area 24", "length 6; width 4"),
        (
            "The length of a rectangle is twice its width. The perimeter is 36. Find the dimensions.",
            "length 12; width 6",
        ),
        ("does a triangle with sides 6, 8, 10 have a right angle", "yes: 6^2 + 8^2 = 100 = 10^2"),
        ("is 3, 4, 5 a right triangle?", "yes: 3^2 + 4^2 = 25 = 5^2"),
        ("can sides 3, 4, 8 form a triangle", "no: 3 + 4 is not more than 8, so there is no such triangle"),
        ("what type of triangle has sides 5, 5, 8", "obtuse isosceles triangle"),
        ("third angle of a triangle with angles 50 and 60 degrees", "70 degrees"),
    ],
)
def test_a_text_is_right(query: str, text: str) -> None:
    assert solve_query(query).text == text


TRIANGLES = [
    ("area of a triangle with sides 3, 4, 5", 6),
    ("triangle 3 4 5 area", 6),
    ("area of a triangle with base 10 and height 5", 25),
    ("altitude of a triangle with area 24 and base 8", 6),
    ("area of a triangle with sides 5 and 8 and included angle 30 degrees", 10),
    ("find the third side of a triangle with sides 5 and 7 and angle 60 degrees between them", ROOT(39)),
    ("in triangle ABC, AB = 5, BC = 7 and angle B = 60 degrees. Find AC", ROOT(39)),
    ("law of cosines a=5 b=7 C=60 degrees find c", ROOT(39)),
    ("hypotenuse of a right triangle with legs 5 and 12", 13),
    ("right triangle with hypotenuse 13 and leg 5", 12),
    ("the hypotenuse of a right triangle is 10 and one leg is 6. find the other leg", 8),
    ("pythagorean theorem a = 3, b = 4", 5),
    ("right triangle with hypotenuse 10 and angle 30 degrees find the opposite side", 5),
    ("inradius of a triangle with sides 3, 4, 5", 1),
    ("circumradius of a triangle with sides 13, 14, 15", 13 * 14 * 15 / (4 * 84)),
    ("largest angle of a triangle with sides 7, 8, 9", math.degrees(math.acos((49 + 64 - 81) / 112))),
    ("area of an isosceles triangle with sides 5, 5, 6", 12),
    ("height of an isosceles triangle with base 10 and equal sides 13", 12),
    ("find x: right triangle with legs x and 12 and hypotenuse 13", 5),
    ("area of 3-4-5 triangle", 6),
    ("find the angle opposite the side 7 in a triangle with sides 5, 6, 7", math.degrees(math.acos(12 / 60))),
    ("hypotenuse of an isosceles right triangle with legs 5", ROOT(50)),
    ("two angles of a triangle are 35 and 75 degrees. what is the third angle?", 70),
]


@pytest.mark.parametrize(("query", "wanted"), TRIANGLES)
def test_a_triangle_is_solved(query: str, wanted: float) -> None:
    assert float(solve_query(query).decimal) == pytest.approx(wanted, rel=1e-12)


def test_two_triangles_are_told_where_two_fit() -> None:
    first, second = solve_query("solve triangle a=5, b=8, A=30°").decimal.split(" or ")
    for told in (first, second):
        c, angle_b, angle_c, area = map(float, told.split(", "))
        assert angle_b + angle_c == pytest.approx(150)
        assert c / math.sin(math.radians(angle_c)) == pytest.approx(10)
        assert area == pytest.approx(20 * math.sin(math.radians(angle_c)))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("area of a circle with radius -3", "positive"),
        ("area of triangle with sides 2, 3 and 10", "longer than the third"),
        ("right triangle with hypotenuse 3 and leg 5", "no such figure"),
        ("volume of a cylinder with radius 3", "give more of its measures"),
        ("area of a square with side 3 and perimeter 13", "contradict"),
        ("diagonal of a circle with radius 3", "described by"),
        ("area of a regular polygon with side 3", "number of sides"),
        ("solve triangle a = 1, b = 5, A = 80°", "too short"),
        ("area of a triangle with sides 3 and 4", "three values"),
    ],
)
def test_a_mistake_is_explained(query: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        solve_query(query)
