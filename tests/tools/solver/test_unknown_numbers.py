"""Equations in words about a number, and amounts told by comparison."""

import re

import pytest
from pericles.tools.solver import solve_query

EQUATIONS = {
    "a number plus 5 is 12. what is the number?": lambda n: n + 5 == 12,
    "twice a number minus 3 is 11": lambda n: 2 * n - 3 == 11,
    "5 more than a number is 12, find the number": lambda n: n + 5 == 12,
    "Seven less than a number is 12. What is the number?": lambda n: n - 7 == 12,
    "the sum of a number and 7 is 15": lambda n: n + 7 == 15,
    "the product of 3 and a number is 21": lambda n: 3 * n == 21,
    "find a number such that twice the number plus 3 is 15": lambda n: 2 * n + 3 == 15,
    "the square of a number is 49": lambda n: n * n == 49,
    "3 less than x equals 7": lambda n: n - 3 == 7,
}


@pytest.mark.parametrize("query", EQUATIONS)
def test_the_number_fits(query):
    solution = solve_query(query)
    numbers = [int(part) for part in re.findall(r"x = (-?\d+)", solution.text)]
    assert numbers
    assert all(EQUATIONS[query](number) for number in numbers)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("what is 5 less than 12", "7"),
        ("7 more than 3", "10"),
        ("5 more than twice 3", "11"),
        ("is 5 less than 12", "true"),
        ("x less than 5", "x < 5"),
        ("reciprocal of 2/3", "3/2 (1.5)"),
    ],
)
def test_less_than_is_an_amount_after_a_number_and_a_relation_elsewhere(query, text):
    assert solve_query(query).text == text
