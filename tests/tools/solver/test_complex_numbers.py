"""Complex numbers, each answer against cmath or put back into what it must fulfil."""

import cmath
import math
import re

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query


def number(text: str) -> complex:
    """`1 + 2.5*i` as Python's number."""
    text = re.sub(r"(^|[-+ ])i", r"\g<1>1*i", text).replace("*i", "j").replace(" ", "")
    return complex(text)


VALUES = [
    ("modulus of 3+4i", 5),
    ("magnitude of 3 + j4", 5),
    ("absolute value of 5+12i", 13),
    ("if z = 3 + 4i find |z|", 5),
    ("argument of 1+i", math.pi / 4),
    ("argument of -1 - i in degrees", -135),
    ("principal argument of -5", math.pi),
    ("phase of -2i", -math.pi / 2),
    ("conjugate of 2 - 3i", 2 + 3j),
    ("what is the complex conjugate of 3+4i?", 3 - 4j),
    ("real part of (2+3i)/(1-i)", ((2 + 3j) / (1 - 1j)).real),
    ("imaginary part of (1+i)^3", ((1 + 1j) ** 3).imag),
    ("reciprocal of 3+4i", 1 / (3 + 4j)),
    ("convert 2 e^(i pi/3) to rectangular form", cmath.rect(2, math.pi / 3)),
    ("write 4e^(i*pi/6) in the form a+bi", cmath.rect(4, math.pi / 6)),
    ("2(cos 60° + i sin 60°) in rectangular form", cmath.rect(2, math.pi / 3)),
    ("convert 2∠60° to rectangular form", cmath.rect(2, math.pi / 3)),
    ("10∠-45° in rectangular form", cmath.rect(10, -math.pi / 4)),
    ("5 cis 30 degrees", cmath.rect(5, math.pi / 6)),
    ("(1+i)^10", (1 + 1j) ** 10),
    ("(1+i)^-4", (1 + 1j) ** -4),
    ("cube root of -8", -2),
]


@pytest.mark.parametrize(("query", "wanted"), VALUES)
def test_a_value_is_right(query: str, wanted: complex) -> None:
    assert number(solve_query(query).decimal) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("query", "degree", "value"),
    [
        ("cube roots of -8", 3, -8),
        ("fourth roots of 16", 4, 16),
        ("all the 5th roots of unity", 5, 1),
        ("find the cube roots of 8i", 3, 8j),
        ("square roots of 3+4i", 2, 3 + 4j),
        ("square root of 3+4i", 2, 3 + 4j),
        ("square roots of -5 - 12i", 2, -5 - 12j),
        ("find all fourth roots of -16", 4, -16),
        ("8th roots of 1", 8, 1),
    ],
)
def test_roots_are_all_there_and_give_the_number_again(query: str, degree: int, value: complex) -> None:
    solution = solve_query(query)
    roots = [number(part) for part in solution.decimal.split(", ")]
    assert len({(round(root.real, 9), round(root.imag, 9)) for root in roots}) == degree
    for root in roots:
        assert root**degree == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert solution.verified


@pytest.mark.parametrize(
    ("query", "exact"),
    [
        ("polar form of 1+i", "sqrt(2)*(cos(pi/4) + i*sin(pi/4))"),
        ("write -1 + sqrt(3)i in polar form", "2*(cos(2*pi/3) + i*sin(2*pi/3))"),
        ("express 1 - i in exponential form", "sqrt(2)*e^(-i*pi/4)"),
        ("3+4j in exponential form", "5*e^(i*atan(4/3))"),
        ("modulus of a + bi", "sqrt(a^2 + b^2)"),
        ("conjugate of x + iy", "x - i*y"),
        ("modulus and argument of 1+i", "modulus sqrt(2), argument pi/4"),
    ],
)
def test_an_exact_form_is_right(query: str, exact: str) -> None:
    assert solve_query(query).exact == exact


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("argument of 0i", "no argument"),
        ("reciprocal of 0*i", "no reciprocal"),
        ("99th roots of 2", "degree 2 to 24"),
    ],
)
def test_a_mistake_is_explained(query: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        solve_query(query)
