"""Probabilities against counts of all cases and scipy's distributions."""

import itertools
import statistics
from fractions import Fraction

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query
from scipy import stats

DICE = list(itertools.product(range(1, 7), repeat=2))
CARDS = [(rank, suit) for rank in range(13) for suit in range(4)]


def throws(count, condition):
    cases = list(itertools.product("HT", repeat=count))
    return Fraction(sum(1 for case in cases if condition(case.count("H"))), len(cases))


def draws(condition):
    pairs = list(itertools.permutations(CARDS, 2))
    return Fraction(sum(1 for pair in pairs if condition(pair)), len(pairs))


EXACT = {
    "probability of rolling a sum of 7 with two dice": Fraction(sum(a + b == 7 for a, b in DICE), 36),
    "what is the probability of a sum of at least 10 with 2 dice": Fraction(sum(a + b >= 10 for a, b in DICE), 36),
    "chance of at least one six in 4 rolls": 1 - Fraction(5, 6) ** 4,
    "probability of rolling a 6 with a die": Fraction(1, 6),
    "probability of exactly 3 heads in 5 coin tosses": throws(5, lambda heads: heads == 3),
    "What is the probability of getting at least 2 heads in 4 coin flips?": throws(4, lambda heads: heads >= 2),
    "probability of at most 1 tail in 6 coin flips": throws(6, lambda heads: heads >= 5),
    "probability of drawing an ace from a deck of cards": Fraction(4, 52),
    "probability of drawing two aces without replacement": draws(lambda pair: pair[0][0] == pair[1][0] == 0),
    "probability of drawing 2 hearts": draws(lambda pair: pair[0][1] == pair[1][1] == 0),
    "P(A|B) if P(B|A) = 0.9, P(A) = 0.01 and P(B) = 0.05": Fraction(18, 100),
    "P(A|B) if P(B|A) = 0.9, P(A) = 0.01, P(B|not A) = 0.1": Fraction(9, 108),
    "P(X = 3) for X ~ Geo(1/4)": Fraction(9, 64),
    "P(2 < X < 4) for X ~ U(0, 10)": Fraction(1, 5),
}
NUMBERS = {
    "P(X <= 4) for X ~ Bin(10, 0.3)": stats.binom(10, 0.3).cdf(4),
    "P(X > 4) where X ~ B(10, 0.3)": stats.binom(10, 0.3).sf(4),
    "P(2 <= X < 6) for X ~ Bin(12, 1/3)": stats.binom(12, 1 / 3).cdf(5) - stats.binom(12, 1 / 3).cdf(1),
    "binomial probability of 3 successes in 10 trials with p = 0.3": stats.binom(10, 0.3).pmf(3),
    "P(Z < 1.96)": stats.norm.cdf(1.96),
    "P(-1 < Z < 1)": stats.norm.cdf(1) - stats.norm.cdf(-1),
    "P(X > 110) where X ~ N(100, 15)": stats.norm(100, 15).sf(110),
    "P(90 < X < 110) if X is normal with mean 100 and standard deviation 15": 2 * stats.norm.cdf(2 / 3) - 1,
    "95th percentile of N(100, 15)": stats.norm(100, 15).ppf(0.95),
    "poisson probability of 3 with mean 2": stats.poisson(2).pmf(3),
    "P(X >= 3) for X ~ Poisson(2.5)": stats.poisson(2.5).sf(2),
    "P(X < 2) for X ~ Exp(0.5)": stats.expon(scale=2).cdf(2),
    "correlation of [1,2,3,4] and [2,4,5,9]": statistics.correlation([1, 2, 3, 4], [2, 4, 5, 9]),
    "covariance of [1,2,3,4] and [2,4,5,9]": statistics.covariance([1, 2, 3, 4], [2, 4, 5, 9]),
}


@pytest.mark.parametrize("query", EXACT)
def test_an_exact_probability(query):
    assert Fraction(solve_query(query).exact) == EXACT[query]


@pytest.mark.parametrize("query", NUMBERS)
def test_a_number(query):
    assert float(solve_query(query).decimal) == pytest.approx(NUMBERS[query], rel=1e-10)


def test_the_line_of_best_fit():
    solution = solve_query("line of best fit through (1,2), (2,3), (3,5)")
    slope, start = statistics.linear_regression([1, 2, 3], [2, 3, 5])
    assert (slope, start) == pytest.approx((3 / 2, 1 / 3))
    assert solution.exact == "y = 3*x/2 + 1/3"
    assert solution.verified


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("P(X > 1) where X ~ N(0, 0)", "must be positive"),
        ("P(X = 1) for X ~ Bin(10, 1.5)", "needs up to"),
        ("P(A|B) if P(B|A) = 0.9, P(A) = 0.5 and P(B) = 0.05", "contradict"),
        ("correlation of [1,2,3] and [2,4]", "one length"),
        ("P(X = 3) for X ~ Bin(999999, 0.3)", "needs up to"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)


@pytest.mark.parametrize(("query", "text"), [("P(10,3)", "720"), ("mean of 3, 5, 7", "5")])
def test_other_questions_are_not_taken(query, text):
    assert solve_query(query).text == text
