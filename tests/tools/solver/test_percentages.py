"""Percentages in words."""

from fractions import Fraction

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

VALUES = {
    "12 is 30% of what number": Fraction(12 * 100, 30),
    "30 percent of what is 12?": Fraction(12 * 100, 30),
    "if 20% of a number is 14, what is the number?": Fraction(14 * 100, 20),
    "what is 20% more than 50": Fraction(50 * 120, 100),
    "what is 15% less than 80": Fraction(80 * 85, 100),
    "60 is 20% more than what number": Fraction(60 * 100, 120),
    "a number increased by 25% is 80. what is the number": Fraction(80 * 100, 125),
    "increase 200 by 10% then decrease by 10%": 200 * Fraction(11, 10) * Fraction(9, 10),
    "take 15% off 60": Fraction(60 * 85, 100),
    "add 8% tax to 49.99": Fraction("49.99") * Fraction(108, 100),
    "what fraction of 80 is 20": Fraction(20, 80),
}
CHANGES = {
    "if the price rises from 40 to 50 what is the percent increase": "25%",
    "a population grows from 2000 to 2500. what is the percentage increase": "25%",
    "percent decrease from 80 to 60": "25%",
    "percentage change from 80 to 60": "-25%",
    "percent decrease from 60 to 75": "25% (an increase)",
    "by what percentage did the price increase from 40 to 50?": "25%",
    "what percent more is 50 than 40": "25%",
    "what percent is 3 out of 8": "37.5%",
    "percent error if measured 9.5 and actual 10": "5%",
}


@pytest.mark.parametrize("query", VALUES)
def test_the_value_is_exact(query):
    assert Fraction(solve_query(query).exact) == VALUES[query]


@pytest.mark.parametrize("query", CHANGES)
def test_the_change_is_told_in_percent(query):
    assert solve_query(query).text == CHANGES[query]


def test_a_difference_says_which_value_it_is_taken_of():
    solution = solve_query("percentage difference between 40 and 60")
    assert solution.text == "50%"
    assert "40%" in solution.assumptions[0]


def test_a_change_from_nothing_has_no_percentage():
    with pytest.raises(ToolError, match="no percentage"):
        solve_query("percent change from 0 to 5")
