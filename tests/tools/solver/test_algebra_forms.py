"""Forms of expressions and what is read off them; expected expressions are compared at sample points or as written."""

import math
import re

import pytest
import sympy
from pericles.tools.errors import ToolError
from pericles.tools.solver.answers.answer import answer
from pericles.tools.solver.reading.algebra_rules import read_rule
from pericles.tools.solver.reading.variation import read_variation


def squeezed(text: str) -> str:
    return re.sub(r"[\s*]", "", text.lower())


def value(text: str, at: dict[str, float]) -> complex:
    """Our own answer as a number; only for text that this test's own solver wrote."""
    local = {"e": sympy.E, "i": sympy.I, "ln": sympy.log, **{name: sympy.Symbol(name) for name in at}}
    return complex(sympy.sympify(text.split("=")[-1].replace("^", "**"), locals=local).subs(at).evalf())


SAME_FUNCTION = [
    ("partial fractions of 1/(x^2-1)", lambda x: 1 / (x * x - 1)),
    ("find the partial fraction decomposition of (x^2+1)/(x(x-1)^2)", lambda x: (x * x + 1) / (x * (x - 1) ** 2)),
    ("complete the square: x^2+6x+1", lambda x: x * x + 6 * x + 1),
    ("complete the square for 2x^2 + 8x + 3 = 0", lambda x: 2 * x * x + 8 * x + 3),
    ("what is the vertex form of y = x^2-4x+7", lambda x: x * x - 4 * x + 7),
    ("expand cos(3x) in terms of cos(x)", lambda x: math.cos(3 * x)),
    ("write sin(x)^4 as a sum of cosines", lambda x: math.sin(x) ** 4),
    ("reduce sin(x)^2 cos(x)^2", lambda x: (math.sin(x) * math.cos(x)) ** 2),
    ("use the binomial theorem to expand (x + 2)^6", lambda x: (x + 2) ** 6),
    ("factorise completely 2x^3 - 8x", lambda x: 2 * x**3 - 8 * x),
    ("factor x^4+4 over the rationals", lambda x: x**4 + 4),
    ("factor out the common factor of 6x^2 + 9x", lambda x: 6 * x * x + 9 * x),
    ("find a polynomial whose zeros are -1, 2, 5", lambda x: (x + 1) * (x - 2) * (x - 5)),
    ("find a quadratic equation with roots 3 and -4", lambda x: (x - 3) * (x + 4)),
    ("lagrange interpolation for (1,1), (2,4), (3,9)", lambda x: x * x),
]


@pytest.mark.parametrize(("query", "expected"), SAME_FUNCTION)
def test_same_function(query: str, expected) -> None:
    exact = answer(query).exact
    for x in (0.3, 1.7, -2.4):
        assert abs(value(exact, {"x": x}) - expected(x)) < 1e-8 * (1 + abs(expected(x)))


SAYS = [
    ("describe the nature of the roots of x^2 - 4x + 4 = 0", "onedoublerealroot"),
    ("what kind of roots does x^2 + x + 1 have", "twocomplexroots"),
    ("use the remainder theorem to find the remainder when x^3 - 2x + 1 is divided by x - 2", "5"),
    ("is x - 2 a factor of x^3 - 8", "yes"),
    ("is x - 3 a factor of x^3 - 8?", "no:theremainderis19"),
    ("greatest common divisor of the polynomials x^3-1 and x^2-1", "x-1"),
    ("how many terms are in (a+b+c)^4 when expanded", "15"),
    ("simplify the surd sqrt(48)", "4sqrt(3)"),
    ("write sqrt(75) in simplest radical form", "5sqrt(3)"),
    ("denest sqrt(3 + 2 sqrt(2))", "1+sqrt(2)"),
    ("rearrange v^2 = u^2 + 2as for s", "s=(-u^2+v^2)/(2a)"),
    ("express x in terms of y: 3x + 2y = 6", "x=2-2y/3"),
    ("change the subject of y = mx + c to x", "x=(-c+y)/m"),
    ("is (a+b)^2 = a^2 + b^2 an identity", "no,false:fora=2,b=1theleftsideis9andtherightsideis5"),
    ("verify the identity sin(x)^2 + cos(x)^2 = 1", "yes"),
    ("is sin(x)^2 + cos(x)^2 = 1", "true"),
    ("is x^2 = 4", "false"),
    ("are x^2-1 and (x-1)(x+1) equivalent", "yes"),
    ("is sin(2x) = 2 sin(x) always true", "no"),
    ("substitute x = 3 into 2x^2 - 5", "13"),
    ("substitute x = y+1 into x^2 - 1", "y^2+2y"),
    ("sum of the roots of 2x^2 - 5x + 3 = 0", "5/2"),
    ("sum and product of the roots of 2x^2 - 5x + 3", "sum5/2,product3/2"),
    ("a1 = 5, d = 3, find a20", "62"),
    ("third term in the expansion of (2x + y)^5", "80x^3y^2"),
    ("middle term of (x+1)^6", "20x^3"),
    ("how many real solutions does x^2 = 2^x have", "3"),
    ("solve the proportion x/5 = 12/20", "x=3"),
    ("if a:b = 2:3 and b:c = 4:5 find a:b:c", "8:12:15"),
    ("rational roots of 2x^3 - 3x^2 - 11x + 6", "x=-2orx=1/2orx=3"),
    ("possible rational roots of 2x^3 - 3x + 6", "+-1/2,+-1,+-3/2,+-2,+-3,+-6"),
    ("is x^2 + 1 irreducible", "yes"),
    ("what value of c makes x^2 + 6x + c a perfect square", "c=9"),
    ("y varies directly as x, and y = 10 when x = 2. find y when x = 5", "25"),
    ("y varies inversely as x. If y = 6 when x = 4, find y when x = 8", "3"),
    ("if y is directly proportional to x and y = 12 when x = 3, what is y when x = 7", "28"),
    ("y is inversely proportional to the square of x and y = 3 when x = 2; find y when x = 3", "4/3"),
    ("z varies jointly as x and y and z = 12 when x = 2 and y = 3, find z when x = 4 and y = 5", "40"),
    ("constant of variation if y varies directly with x and y = 15 when x = 3", "5"),
    ("find y when x = 5 if y varies directly as x and y = 10 when x = 2", "25"),
    ("y varies directly as x and y = 10 when x = 2. find x when y = 25", "5"),
]


@pytest.mark.parametrize(("query", "part"), SAYS)
@pytest.mark.sampled(every=6)
def test_says(query: str, part: str) -> None:
    assert part in squeezed(answer(query).text)


@pytest.mark.parametrize(
    "query",
    ["factor 360", "solve x^2 = 4", "is 97 prime", "gcd of 12 and 18", "sum of 3, 5 and 8", "expand (x+1)^2",
     "how many divisors does 12 have", "is 3 a factor of 12", "first term", "nth term of 3, 7, 11", "lcm of 4 and 6"],
)  # fmt: skip
def test_left_to_others(query: str) -> None:
    assert read_rule(query, []) is None
    assert read_variation(query, []) is None


@pytest.mark.parametrize(
    ("query", "message"),
    [("30th term in the expansion of (x+2)^6", "7 terms"), ("is sin(x) a factor of x^3 - 8", "polynomial"),
     ("y varies directly as x and y = 10 when x = 0. find y when x = 5", "not determined")],
)  # fmt: skip
def test_refuses(query: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        answer(query)
