# ruff: noqa: E501  a question is read more easily on one line
"""Functions in pieces against the same functions in Python."""

import math

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query
from scipy import integrate

CASES = r"\begin{cases} x^2 & x < 1 \\ 2x & x \ge 1 \end{cases}"
TWO = "f(x) = {x^2 if x < 1; 2x if x >= 1}"
THREE = "f(x) = {x + 2 if x < 0; 3 if 0 <= x < 2; x^2 if x >= 2}"


def two(x):
    return x**2 if x < 1 else 2 * x


def three(x):
    return x + 2 if x < 0 else 3 if x < 2 else x**2


NUMBERS = {
    "f(x) = {x^2 if x<0, x if x>=0}, f(-2)": 4,
    rf"f(x) = {CASES}. Find f(3)": two(3),
    f"{TWO}. Evaluate f(1)": two(1),
    "evaluate f(2) if f(x) = x^2 for x<1 and x+1 otherwise": 3,
    "g(t) = {t if t < 1; 1 otherwise}. what is g(5)?": 1,
    f"find lim x->1+ for {TWO}": 2,
    f"{TWO}. limit of f as x -> 1 from the left": 1,
    f"{TWO}. limit of f as x -> 3": 6,
    f"{TWO}. Integrate f from 0 to 2": integrate.quad(two, 0, 2, points=[1])[0],
    f"integrate f from -1 to 3 where {THREE}": integrate.quad(three, -1, 3, points=[0, 2])[0],
}
TEXTS = {
    f"{THREE}. Evaluate f(-1), f(1), f(3)": "f(-1) = 1, f(1) = 3, f(3) = 9",
    f"{TWO}. Is f continuous at 1?": "no: limit from the left 1, from the right 2, value 2 at 1",
    "f(x) = x^2 for x < 1, x for x >= 1; is it continuous at 1": "yes: the limits from both sides and the value at 1 are 1",
    "f(x) = {1/x if x != 0; 0 if x = 0}. is f continuous": "no: limit from the left -infinity, from the right infinity, value 0 at 0",
    "f(x) = {sin(x)/x if x != 0; 1 if x = 0}. Is it continuous at 0?": "yes: the limits from both sides and the value at 0 are 1",
    "f(x) = {1/(x+2) if x < 0; 1/2 if x >= 0}. is f continuous": "no: 1/(x + 2) has a pole at -2",
    r"f(x) = \begin{cases} x^2, & \text{if } x < 1 \\ 2x - 1, & \text{otherwise} \end{cases}. Is f differentiable at x = 1?": "yes: the slopes from both sides are 2",
    "f(x) = {-x if x < 0; x if x >= 0}. is f differentiable at 0": "no: the slope from the left is -1, from the right 1",
    f"{TWO}. What is the limit of f as x -> 1?": "does not exist: from the left 1, from the right 2",
    "f(x) = kx + 1 if x <= 2, x^2 if x > 2. find k such that f is continuous": "k = 3/2",
    "find the value of k so that f(x) = {kx + 1 if x <= 2; x^2 if x > 2} is continuous": "k = 3/2",
    "f(x) = {a x + b if x < 1; x^2 if x >= 1}. find a and b such that f is differentiable": "a = 2, b = -1",
    "f(x) = {x^2 if x < 1; 2x-1 if x >= 1}. find the derivative": "2*x for x < 1; 2 for x > 1; 2 at x = 1",
    f"{TWO}. integrate f from 0 to infinity": "infinity",
    f"{TWO}. solve f(x) = 4": "x = -2 or x = 2",
    r"\begin{cases} x + y = 3 \\ x - y = 1 \end{cases}": "x = 2, y = 1",
    r"\begin{cases} x + y &= 3 \\ x - y &= 1 \end{cases}": "x = 2, y = 1",
}  # fmt: skip


@pytest.mark.parametrize("query", NUMBERS)
def test_a_number(query):
    assert math.isclose(float(solve_query(query).decimal), NUMBERS[query], rel_tol=1e-9)


@pytest.mark.parametrize("query", TEXTS)
def test_a_text(query):
    assert solve_query(query).text == TEXTS[query]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("f(x) = {x^2 if x < 2; 2x if x > 1}. f(1)", "overlap"),
        ("f(x) = {x^2 if x < 1; 2x if x > 1}. f(1)", "not defined there"),
        ("f(x) = {x^2 if 0 < x < 1; 2x if 3 < x < 4}. integrate f from 0 to 4", "not defined on the whole"),
        ("f(x) = {x^2 if x < a; 2x if x > a}. f(1)", "by numbers"),
        ("f(x) = {x^2 if 3 < x < 1; 2x if x > 4}. f(1)", "lower end"),
        ("f(x) = {1/0 if x < 1; 2x if x > 4}. f(1)", "undefined"),
        (CASES, "ask something"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)


def test_other_questions_with_conditions_are_not_taken():
    assert solve_query("solve x^2 < 4, x > 0").text == "0 < x < 2"
