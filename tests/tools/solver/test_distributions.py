# ruff: noqa: E501  a question is read more easily on one line
"""Distributions in notation and words, against scipy's."""

import math
from fractions import Fraction

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query
from scipy import stats

NUMBERS = {
    "P(X < 1.96) for standard normal": stats.norm.cdf(1.96),
    "P(|Z| > 1.96)": 2 * stats.norm.sf(1.96),
    "P(|Z| < 1)": 1 - 2 * stats.norm.sf(1),
    "P(Z < z) = 0.95, find z": stats.norm.ppf(0.95),
    "find z such that P(Z > z) = 0.025": stats.norm.isf(0.025),
    "normal distribution mean 100 sd 15, P(X > 130)": stats.norm.sf(2),
    "P(X > 130) if the mean is 100 and the standard deviation is 15": stats.norm.sf(2),
    "P(X > 130) if X is normal with mean 100 and variance 225": stats.norm.sf(2),
    "P(X > 1,000) for X ~ N(900, 50)": stats.norm.sf(2),
    "if X ~ N(100, 15^2), find P(X < 85)": stats.norm.cdf(-1),
    "P(3 > Z)": stats.norm.cdf(3),
    "what is the probability that a standard normal variable is less than 1.5": stats.norm.cdf(1.5),
    "probability that a normal variable is within 2 standard deviations of the mean": 1 - 2 * stats.norm.sf(2),
    "z-value for the top 5% of the standard normal distribution": stats.norm.isf(0.05),
    "IQ is normally distributed with mean 100 and sd 15. what IQ is the 90th percentile": stats.norm(100, 15).ppf(0.9),
    "lower quartile of N(100, 15)": stats.norm(100, 15).ppf(0.25),
    "standard normal pdf at 1": stats.norm.pdf(1),
    "normal pdf at 0 with mean 0 and sd 1": stats.norm.pdf(0),
    "The scores on a test are normally distributed with a mean of 500 and a standard deviation of 100. "
    "What is the probability that a randomly selected student scores between 400 and 600?": 1 - 2 * stats.norm.sf(1),
    "heights are normally distributed with mean 175 cm and standard deviation 7 cm. "
    "What percentage of men are taller than 190 cm?": stats.norm(175, 7).sf(190),
    "what proportion of values are below 80 if X ~ N(75, 5)": stats.norm.cdf(1),
    "The weights of apples are normal with mean 150 g and standard deviation 20 g. A random sample of 25 apples is taken. "
    "What is the probability that the sample mean is greater than 155?": stats.norm(150, 4).sf(155),
    "P(T > 2.1) for t(15)": stats.t(15).sf(2.1),
    "P(-1 < T < 2) for T ~ t(7)": stats.t(7).cdf(2) - stats.t(7).cdf(-1),
    "P(X < -1.5) for the t distribution with 4 degrees of freedom": stats.t(4).cdf(-1.5),
    "97.5th percentile of the t distribution with 10 degrees of freedom": stats.t(10).ppf(0.975),
    "P(X > 7.81) for chi-square with 3 degrees of freedom": stats.chi2(3).sf(7.81),
    "95th percentile of chi-square with 3 df": stats.chi2(3).ppf(0.95),
    "P(F > 4.2) for F(2, 20)": stats.f(2, 20).sf(4.2),
    "95th percentile of F(3, 12)": stats.f(3, 12).ppf(0.95),
    "P(0.2 < X < 0.4) for X ~ Beta(2, 3)": stats.beta(2, 3).cdf(0.4) - stats.beta(2, 3).cdf(0.2),
    "P(X < 2) for X ~ Gamma(3, 2)": stats.gamma(3, scale=0.5).cdf(2),
    "the lifetime of a bulb is exponentially distributed with mean 1000 hours. "
    "probability that it lasts more than 1500 hours": math.exp(-1.5),
    "median of Exp(2)": math.log(2) / 2,
    "X is uniformly distributed between 2 and 10. P(X < 5)": 3 / 8,
    "90th percentile of U(0, 5)": 4.5,
    "binomial n=10 p=0.3 P(X=4)": stats.binom(10, 0.3).pmf(4),
    "if 30% of people smoke, what is the probability that exactly 4 of 10 people smoke": stats.binom(10, 0.3).pmf(4),
    "probability of getting at least 3 correct answers out of 10 with probability 0.25": stats.binom(10, 0.25).sf(2),
    "A machine makes 5% defective items. In a sample of 20 what is the probability of exactly 2 defective?": stats.binom(
        20, 0.05
    ).pmf(2),
    "probability that at least one of 20 items is defective if 3% are defective": 1 - 0.97**20,
    "90th percentile of Bin(20, 0.4)": stats.binom(20, 0.4).ppf(0.9),
    "poisson with lambda 3, probability of 2": stats.poisson(3).pmf(2),
    "P(50 < X < 60) for X ~ Poisson(55)": stats.poisson(55).cdf(59) - stats.poisson(55).cdf(50),
    "calls arrive at an average of 3 per hour. what is the probability of exactly 5 calls in an hour": stats.poisson(3).pmf(5),
    "a call center receives on average 4 calls per hour. probability of more than 2 calls in 2 hours": stats.poisson(8).sf(2),
    "geometric distribution with p = 0.2, probability that X = 3": stats.geom(0.2).pmf(3),
    "hypergeometric with N = 50, K = 5, n = 10, P(X = 1)": stats.hypergeom(50, 5, 10).pmf(1),
    "Of 500 students with normally distributed marks, mean 60 and sd 10, how many score above 75?": 500 * stats.norm.sf(1.5),
}  # fmt: skip
EXACT = {
    "P(2 <= X < 6) for X ~ Bin(12, 1/3)": Fraction(408320, 531441),
    "variance of a Poisson distribution with mean 4": Fraction(4),
    "expected value of a geometric distribution with p = 0.2": Fraction(5),
    "standard deviation of Bin(100, 0.5)": Fraction(5),
    "variance of U(0, 6)": Fraction(3),
    "mode of Bin(10, 0.5)": Fraction(5),
    "variance of a t distribution with 10 degrees of freedom": Fraction(5, 4),
    "P(X = 3) for X ~ N(0, 1)": Fraction(0),
}


@pytest.mark.parametrize("query", NUMBERS)
@pytest.mark.sampled(every=6)
def test_a_number(query):
    assert float(solve_query(query).decimal) == pytest.approx(
        float(NUMBERS[query]), rel=1e-5 if "how many" in query else 1e-9
    )


@pytest.mark.parametrize("query", EXACT)
def test_an_exact_value(query):
    assert Fraction(solve_query(query).exact) == EXACT[query]


def test_several_moments_at_once():
    assert solve_query("mean and variance of Bin(20, 0.4)").text == "mean 8, variance 4.8"


def test_percent_is_told_when_asked_for():
    query = "What percentage of values lie above 110 if X ~ N(100, 10)?"
    assert solve_query(query).text.startswith("15.8655% (probability 0.1586")


def test_more_digits_are_right_digits():
    from mpmath import mp, quad

    with mp.workdps(50):
        density = lambda x: (1 + x**2 / 5) ** -3 / (mp.sqrt(5) * mp.beta(mp.mpf(1) / 2, mp.mpf(5) / 2))  # noqa: E731
        expected = mp.mpf(1) / 2 - quad(density, [0, 2])
    found = solve_query("P(T > 2) for t(5)", precision=30).decimal
    assert found[:30] == mp.nstr(expected, 40)[:30]


def test_a_percentile_is_put_back():
    assert solve_query("95th percentile of chi-square with 3 df").verified == "put back into the distribution function"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("P(X > 1) where X ~ N(0, 0)", "must be positive"),
        ("P(X = 1) for X ~ Bin(10, 1.5)", "needs up to"),
        ("P(X = 3) for X ~ Bin(999999, 0.3)", "needs up to"),
        ("P(X > 1) for X ~ N(100)", "write the parameters"),
        ("P(X < 3 | X > 1) for X ~ N(0, 1)", "one event of the law"),
        ("P(5 < X < 2) for X ~ N(0, 1)", "lower end"),
        ("P(X < 1) for X ~ U(3, 2)", "lower end"),
        ("P(X < 1) for X ~ Exp(0)", "positive"),
        ("P(X < 1) for X ~ N(0, 1/0)", "divides by zero"),
        ("P(T > 1) for t(0)", "positive"),
        ("variance of the t distribution with 2 df", "has no variance"),
        ("P(X = 1) for X ~ Poisson(99999999999)", "up to"),
        ("P(X > 99999999) for X ~ Poisson(3)", "up to"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)


@pytest.mark.parametrize(
    "query",
    [
        "P(X > 3) for X ~ N(0, 1) or X ~ N(5, 1)",
        "normally distributed with mean 10 and sd 2, probability that both of 2 values are above 11",
        "P(X < 3 | X > 1) for X ~ N(0, 1)",
        "what is a normal distribution",
    ],
)
def test_what_says_more_than_is_understood_is_not_guessed(query):
    with pytest.raises(ToolError):
        solve_query(query)
