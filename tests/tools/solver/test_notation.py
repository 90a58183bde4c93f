"""Ways of writing a number, against Python's own formatting; constants, against scipy's table."""

import math

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query
from scipy import constants

TEXTS = {
    "123456 in scientific notation": "1.23456*10^5",
    "write 0.00012 in scientific notation": "1.2*10^-4",
    "what is -45000 in standard form": "-4.5*10^4",
    "2^100 in scientific notation": f"{2.0**100:.14e}".replace("e+", "*10^"),
    "scientific notation of 1/8": "1.25*10^-1",
    "123456 in engineering notation": "123.456*10^3",
    "0.00012 in engineering notation": "120*10^-6",
    "expanded form of 3406.5": "3000 + 400 + 6 + 0.5",
    "how many significant figures in 0.00450": "3",
    "number of significant figures in 1200": "2",
    "how many sig figs are in 100.0": "4",
    "arctan(1) in degrees": "45°",
    "what is sin^-1(0.5) in degrees": "30°",
    "what number is 15% of 60": "9",
    "1101 base 2 to decimal": "13",
    "chinese remainder theorem: x = 2 mod 3, x = 3 mod 5, x = 2 mod 7": "x = 23 (mod 105)",
    r"1 + 1/2 + 1/4 + \cdots": "2",
    "planck constant": "6.62607015*10^-34 J*Hz^-1",
}
CONSTANTS = {
    "what is the speed of light": constants.c,
    "Planck's constant": constants.h,
    "value of the boltzmann constant": constants.k,
    "gravitational constant": constants.G,
    "Avogadro's number": constants.N_A,
    "gas constant": constants.R,
    "mass of an electron": constants.m_e,
    "elementary charge": constants.e,
    "acceleration due to gravity": constants.g,
    "coulomb's constant": 1 / (4 * math.pi * constants.epsilon_0),
    "golden ratio": (1 + math.sqrt(5)) / 2,
    "arccos(0.3) in degrees": math.degrees(math.acos(0.3)),
    "(3 m/s)^2 in m^2/s^2": 9,
    "0.5 * (2 kg) * (3 m/s)^2 in J": 9,
    "(100 m)/(9.58 s)": 100 / 9.58,
    "12 m / 4 s": 3,
    "(10 m/s)^2 / (2 * 9.8 m/s^2)": 100 / 19.6,
}


@pytest.mark.parametrize("query", TEXTS)
def test_the_text(query):
    assert solve_query(query).text == TEXTS[query]


@pytest.mark.parametrize("query", CONSTANTS)
def test_the_value(query):
    assert float(solve_query(query).decimal) == pytest.approx(CONSTANTS[query], rel=1e-9)


def test_an_uncertain_constant_says_so():
    (assumption,) = solve_query("gravitational constant").assumptions
    assert assumption == "standard uncertainty 1.5*10^-15 m^3*kg^-1*s^-2"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("i in scientific notation", "real numbers"),
        ("1/0 in scientific notation", "undefined"),
        ("how many significant figures in 1.2.3", "one number"),
        ("arcsin(2) in degrees", "real value"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)


@pytest.mark.parametrize(
    ("query", "text"), [("12m/4s", "3*m*s"), ("d/ds of 3 m/s", "-3*m/s^2"), ("3 x / 4 y", "3*x*y/4")]
)
def test_letters_stay_letters(query, text):
    assert solve_query(query).text == text
