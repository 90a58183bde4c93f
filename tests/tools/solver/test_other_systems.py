"""Calls in the notation of other algebra systems mean what their own words mean."""

import pytest
from pericles.tools.solver import solve_query
from pericles.tools.solver.reading.other_systems import from_other_systems

SAME = [
    ("Integrate[x^2, x]", "integrate x^2"),
    ("Integrate[x^2, {x, 0, 1}]", "integrate x^2 from 0 to 1"),
    ("D[x^3, {x, 2}]", "second derivative of x^3"),
    ("Solve[x^2 == 4, x]", "solve x^2 = 4"),
    ("Solve[{x + y == 3, x - y == 1}, {x, y}]", "x + y = 3, x - y = 1"),
    ("Limit[Sin[x]/x, x -> 0]", "limit of sin(x)/x as x -> 0"),
    ("Sum[1/n^2, {n, 1, Infinity}]", "sum of 1/n^2 for n = 1 to infinity"),
    ("Series[Exp[x], {x, 0, 4}]", "series of e^x to order 4"),
    ("N[Pi, 20]", "pi to 20 digits"),
    ("Det[{{1,2},{3,4}}]", "determinant of [[1,2],[3,4]]"),
    ("Mean[{1,2,3}]", "mean of 1, 2, 3"),
    ("Log[E^2]", "ln(e^2)"),
    ("int(x^2, x=0..1)", "integrate x^2 from 0 to 1"),
    ("sum(1/n**2, n=1..infinity)", "sum of 1/n^2 for n = 1 to infinity"),
]


@pytest.mark.parametrize(("foreign", "plain"), SAME)
def test_the_answer_is_that_of_our_own_words(foreign, plain):
    assert solve_query(foreign).text == solve_query(plain).text


@pytest.mark.parametrize("text", ["x[1]", "Foo[x]", "[1, 2]", "[[1,2],[3,4]]", "f(x) = 2..3", "{1, 2}"])
def test_other_text_stays(text):
    assert from_other_systems(text) == text
