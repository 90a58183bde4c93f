"""Numbers written in other ways: separators of other countries, repeating decimals, number words."""

from fractions import Fraction

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

VALUES = {
    "1.234,5 + 1": Fraction("1235.5"),
    "1.234.567 * 2": Fraction(2469134),
    "1 234 567 + 1": Fraction(1234568),
    "1 234 + 1": Fraction(1235),
    "1\u202f234\u202f567 + 1": Fraction(1234568),
    "1'000'000 / 4": Fraction(250000),
    "1_000_000 + 1": Fraction(1000001),
    "3,14 * 2": Fraction("6.28"),
    "3,5 + 2,5": Fraction(6),
    "1,234 + 1": Fraction(1235),
    "0.333...": Fraction(1, 3),
    "0.1666… + 1": Fraction(7, 6),
    "0.(3)": Fraction(1, 3),
    "0.142857142857...": Fraction(1, 7),
    "0.3 repeating": Fraction(1, 3),
    "sixty-seven plus nine": Fraction(76),
    "twenty minus seven": Fraction(13),
    "twenty - seven": Fraction(13),
    "ninety-nine times one hundred and forty-two": Fraction(99 * 142),
    "⌊3.7⌋ + ⌈2.1⌉": Fraction(6),
    "∑_{k=1}^{10} k": Fraction(sum(range(11))),
    "∏_{k=1}^5 k": Fraction(120),
}


@pytest.mark.parametrize("query", VALUES)
def test_the_value_is_right(query):
    assert Fraction(solve_query(query).exact) == VALUES[query]


@pytest.mark.parametrize("query", ["1.234,5 + 1", "1 234 + 1", "3,14 * 2", "0.333..."])
def test_how_it_was_read_is_an_assumption(query):
    assert any("read as the number" in line for line in solve_query(query).assumptions)


def test_lists_stay_lists():
    assert Fraction(solve_query("mean of 1, 2, 300").exact) == Fraction(303, 3)
    assert Fraction(solve_query("max(3,5)").exact) == 5
    assert Fraction(solve_query("gcd([12, 18])").exact) == 6


def test_vectors_are_added_and_stretched():
    assert solve_query("[1,2,3] + 2*[4,5,6]").text == "[9, 12, 15]"
    with pytest.raises(ToolError, match="list"):
        solve_query("sqrt([1, 2])")


def test_an_odd_root_of_a_negative_number_says_which_root_it_is():
    assert any("principal" in line for line in solve_query("(-8)^(1/3)").assumptions)
    assert not solve_query("(-8)^3").assumptions
