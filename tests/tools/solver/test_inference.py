# ruff: noqa: E501  a question and its answer are read more easily on one line
"""Intervals and tests against scipy's."""

import re

import numpy as np
import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver.answers.answer import answer
from pericles.tools.solver.reading.inference import read_inference
from scipy import stats

A, B = [1, 2, 3, 4, 5], [2, 3, 4, 5, 9]
BEFORE, AFTER = [10, 12, 9, 11], [12, 15, 9, 13]
DATA = [12, 15, 14, 10, 13]
SUMMARY = (50, 5, 30, 45, 6, 35)
TABLE = [[10, 20], [30, 40]]


def normal(level, mean, error):
    return stats.norm.interval(level, mean, error)


def student(level, mean, deviation, n):
    return stats.t.interval(level, n - 1, mean, deviation / n**0.5)


def share(level, x, n):
    return normal(level, x / n, (x / n * (1 - x / n) / n) ** 0.5)


def welch_interval(level):
    mean, s, n, other, r, m = SUMMARY
    df = (s**2 / n + r**2 / m) ** 2 / ((s**2 / n) ** 2 / (n - 1) + (r**2 / m) ** 2 / (m - 1))
    return stats.t.interval(level, df, mean - other, (s**2 / n + r**2 / m) ** 0.5)


def pooled_test(x, n, y, m):
    p = (x + y) / (n + m)
    z = (x / n - y / m) / (p * (1 - p) * (1 / n + 1 / m)) ** 0.5
    return z, 2 * stats.norm.sf(abs(z))


INTERVALS = {
    "95% confidence interval for mean 50 sd 10 n 25": student(0.95, 50, 10, 25),
    "95% confidence interval for the mean with sigma = 10, xbar = 50, n = 25": normal(0.95, 50, 2),
    "90% CI x̄ = 20, σ = 3, n = 36": normal(0.9, 20, 0.5),
    "Find the 99% confidence interval for the mean given x̄ = 20, s = 3, n = 16": student(0.99, 20, 3, 16),
    "confidence interval 95% mean 20 standard deviation 3 sample size 16": student(0.95, 20, 3, 16),
    "A sample of 36 students has a mean of 75 and a standard deviation of 10. Find a 95% confidence interval"
    " for the mean.": student(0.95, 75, 10, 36),
    "95% confidence interval for the mean of 12, 15, 14, 10, 13": student(0.95, np.mean(DATA), np.std(DATA, ddof=1), 5),
    "confidence interval for 12, 15, 14, 10, 13 at 90%": student(0.9, np.mean(DATA), np.std(DATA, ddof=1), 5),
    "95% confidence interval for [12, 15, 14, 10, 13] with sigma = 2": normal(0.95, np.mean(DATA), 2 / 5**0.5),
    "95% confidence interval for 45 successes out of 100": share(0.95, 45, 100),
    "99% CI for a proportion of 0.4 with n = 200": share(0.99, 80, 200),
    "95 percent confidence interval for p if n = 400 and x = 120": share(0.95, 120, 400),
    "A survey of 500 people found 60% support. Find the 95% confidence interval": share(0.95, 300, 500),
    "In a sample of 200 voters, 120 voted yes. Construct a 95% confidence interval for the proportion": share(0.95, 120, 200),
    "t-interval for mean 5 s 2 n 9 at 99% confidence": student(0.99, 5, 2, 9),
    "wilson 95% confidence interval for 45 out of 100": stats.binomtest(45, 100).proportion_ci(0.95, "wilson"),
    "95% confidence interval for difference of means: mean1 = 50, s1 = 5, n1 = 30, mean2 = 45, s2 = 6, n2 = 35": welch_interval(0.95),
    "95% confidence interval for the difference of proportions 45 out of 100 and 30 out of 90": normal(
        0.95, 0.45 - 1 / 3, (0.45 * 0.55 / 100 + 2 / 9 / 90) ** 0.5
    ),
    "95% confidence interval for the variance, s = 5, n = 20": 19 * 25 / stats.chi2.ppf([0.975, 0.025], 19),
}  # fmt: skip
TESTS = {
    "z test: sample mean 105, population mean 100, sigma 15, n = 36": (2, 2 * stats.norm.sf(2)),
    "one-sample t test: mean 52, s = 5, n = 25, mu = 50": (2, 2 * stats.t.sf(2, 24)),
    "t-test mean 52 sd 5 n 25 against 50 one-tailed": (2, stats.t.sf(2, 24)),
    "t test of 12, 15, 14, 10, 13 against mean 12": stats.ttest_1samp(DATA, 12),
    "Test H0: mu = 100 vs H1: mu > 100 with xbar = 105, s = 15, n = 36, alpha = 0.01": (2, stats.t.sf(2, 35)),
    "test whether the mean is greater than 100 given sample mean 105, sd 15, n 36": (2, stats.t.sf(2, 35)),
    "test statistic for xbar = 95, mu = 100, sigma = 15, n = 36": (-2, 2 * stats.norm.sf(2)),
    "two-sample t test of [1,2,3,4,5] and [2,3,4,5,9]": stats.ttest_ind(A, B, equal_var=False),
    "welch's t-test: [1,2,3,4,5] vs [2,3,4,5,9]": stats.ttest_ind(A, B, equal_var=False),
    "independent samples t-test with group 1: 1, 2, 3, 4, 5 and group 2: 2, 3, 4, 5, 9": stats.ttest_ind(A, B, equal_var=False),
    "two-sample t test for [1,2,3,4,5] and [2,3,4,5,9] assuming equal variances": stats.ttest_ind(A, B),
    "two sample t test: mean1 = 50, s1 = 5, n1 = 30, mean2 = 45, s2 = 6, n2 = 35": stats.ttest_ind_from_stats(*SUMMARY, equal_var=False),
    "is the difference significant: mean1 = 50, sd1 = 5, n1 = 30, mean2 = 45, sd2 = 6, n2 = 35": stats.ttest_ind_from_stats(*SUMMARY, equal_var=False),
    "paired t test [10, 12, 9, 11] and [12, 15, 9, 13]": stats.ttest_rel(BEFORE, AFTER),
    "paired t-test before: 10, 12, 9, 11 after: 12, 15, 9, 13": stats.ttest_rel(BEFORE, AFTER),
    "paired t test with mean difference 2, sd 3, n = 9": (2, 2 * stats.t.sf(2, 8)),
    "one proportion z test: 45 out of 100, p0 = 0.5": (-1, 2 * stats.norm.sf(1)),
    "H0: p = 0.5, Ha: p < 0.5, 45 out of 100": (-1, stats.norm.sf(1)),
    "hypothesis test for a proportion: p-hat = 0.45, n = 100, p0 = 0.5, alpha = 0.05": (-1, 2 * stats.norm.sf(1)),
    "two proportion z test 45/100 vs 30/90": pooled_test(45, 100, 30, 90),
    "z-test for 2 proportions x1 = 45, n1 = 100, x2 = 30, n2 = 90": pooled_test(45, 100, 30, 90),
    "chi-square test observed 10, 20, 30 expected 20, 20, 20": stats.chisquare([10, 20, 30]),
    "chi square goodness of fit: observed [10, 20, 30], expected [30, 15, 15]": stats.chisquare([10, 20, 30], [30, 15, 15]),
    "chi-square goodness of fit for 10, 20, 30": stats.chisquare([10, 20, 30]),
    "goodness of fit observed 315, 108, 101, 32 ratio 9:3:3:1": stats.chisquare([315, 108, 101, 32], 556 / 16 * np.array([9, 3, 3, 1])),
    "chi-square test of independence [[10,20],[30,40]]": stats.chi2_contingency(TABLE, correction=False)[:2],
    "chi-square test for the table [[10,20],[30,40]] with Yates correction": stats.chi2_contingency(TABLE)[:2],
    "test of independence for [[10,20,30],[6,9,17]]": stats.chi2_contingency([[10, 20, 30], [6, 9, 17]])[:2],
    "one-way ANOVA of [1,2,3], [2,3,4], [5,6,7]": stats.f_oneway([1, 2, 3], [2, 3, 4], [5, 6, 7]),
    "anova for group 1: 1, 2, 3; group 2: 2, 3, 4; group 3: 5, 6, 7": stats.f_oneway([1, 2, 3], [2, 3, 4], [5, 6, 7]),
    "F test s1 = 5, n1 = 20, s2 = 4, n2 = 25": (25 / 16, 2 * stats.f.sf(25 / 16, 19, 24)),
}  # fmt: skip
NUMBERS = {
    "p-value for z = 2.1 two-tailed": 2 * stats.norm.sf(2.1),
    "calculate the p-value for a z-score of 1.5 one-tailed": stats.norm.sf(1.5),
    "p-value z = -2.33 left-tailed": stats.norm.cdf(-2.33),
    "p-value for z = 10": 2 * stats.norm.sf(10),
    "p-value t = 2.1 df = 15": 2 * stats.t.sf(2.1, 15),
    "p-value for t(15) = 2.1": 2 * stats.t.sf(2.1, 15),
    "find the p value for t = -1.5 with 20 degrees of freedom, left tailed": stats.t.cdf(-1.5, 20),
    "p value chi-square 7.8 df 3": stats.chi2.sf(7.8, 3),
    "χ²(3) = 7.8 p-value": stats.chi2.sf(7.8, 3),
    "p-value for F = 4.2 df 2, 20": stats.f.sf(4.2, 2, 20),
    "p-value of F(2,20) = 4.2": stats.f.sf(4.2, 2, 20),
    "chi-square critical value 0.05 df 3": stats.chi2.isf(0.05, 3),
    "χ² critical value for α = 0.05, df = 3": stats.chi2.isf(0.05, 3),
    "t critical value 95% confidence df 10": stats.t.isf(0.025, 10),
    "t* for 95% confidence with df = 10": stats.t.isf(0.025, 10),
    "critical value of t for alpha = 0.05, df = 10, one-tailed": stats.t.isf(0.05, 10),
    "find the critical t-value for a 90% confidence interval with n = 20": stats.t.isf(0.05, 19),
    "t critical value for df = 1000000 alpha 0.05": stats.t.isf(0.025, 1000000),
    "z critical value for 99%": stats.norm.isf(0.005),
    "find z critical for alpha = 0.01 right tailed": stats.norm.isf(0.01),
    "what is the critical value for a 95% confidence interval?": stats.norm.isf(0.025),
    "F critical value alpha 0.05 df 2, 20": stats.f.isf(0.05, 2, 20),
    "margin of error for sigma = 15, n = 100 at 95% confidence": stats.norm.isf(0.025) * 1.5,
    "What is the margin of error for a 95% confidence interval with s = 10 and n = 25?": stats.t.isf(0.025, 24) * 2,
    "margin of error for 45 out of 100 with 95% confidence": stats.norm.isf(0.025) * (0.45 * 0.55 / 100) ** 0.5,
    "margin of error for a sample of 1000 people": stats.norm.isf(0.025) * (0.25 / 1000) ** 0.5,
    "sample size for a margin of error of 3% at 95% confidence": 1068,
    "find the sample size needed to estimate a proportion within 4% with 95% confidence": 601,
    "how large a sample is needed for a margin of error of 0.05 with 90% confidence and p = 0.3": 228,
    "What sample size is needed to estimate the mean within 2 with 95% confidence if sigma = 15?": 217,
    "minimum sample size for margin of error 2, standard deviation 12, confidence level 99%": 239,
}


@pytest.mark.parametrize("query", INTERVALS)
def test_a_confidence_interval(query):
    solution = answer(query)
    ends = re.search(r"\((\S+), (\S+)\)", solution.text).groups()
    assert [float(end) for end in ends] == pytest.approx(list(INTERVALS[query]), rel=1e-10)
    assert solution.verified


@pytest.mark.parametrize("query", TESTS)
def test_a_test(query):
    solution = answer(query)
    statistic, p = TESTS[query]
    assert float(re.search(r"= (\S+?),", solution.text)[1]) == pytest.approx(statistic, rel=1e-10)
    assert float(solution.decimal) == pytest.approx(p, rel=1e-8)
    alpha = float(re.search(r"alpha (\S+)$", solution.text)[1])
    assert ("do not reject" in solution.text) == (p > alpha)
    assert solution.verified


@pytest.mark.parametrize("query", NUMBERS)
def test_a_number(query):
    solution = answer(query)
    assert float(solution.decimal) == pytest.approx(NUMBERS[query], rel=1e-10)
    assert solution.verified


def test_a_test_tells_its_degrees_of_freedom_and_what_it_assumes():
    solution = answer("two-sample t test of [1,2,3,4,5] and [2,3,4,5,9]")
    degrees = stats.ttest_ind(A, B, equal_var=False).df
    assert f"df = {degrees:.10f}"[:-2] in solution.text
    assert "alpha = 0.05" in solution.assumptions
    assert any("two-tailed" in line for line in solution.assumptions)
    assert any("Welch" in line for line in solution.assumptions)


def test_a_critical_value_to_forty_digits_goes_back_to_its_level():
    from mpmath import mp, mpf, ncdf

    with mp.workdps(50):
        value = mpf(answer("z critical value for 95%", precision=40).decimal)
        assert abs(1 - ncdf(value) - mpf("0.025")) < mpf(10) ** -38


def test_wilson_is_told_beside_wald():
    (line,) = answer("95% confidence interval for 45 successes out of 100").assumptions
    told = [float(end) for end in re.findall(r"0\.\d+", line)]
    assert told == pytest.approx(list(stats.binomtest(45, 100).proportion_ci(0.95, "wilson")), rel=1e-12)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("95% confidence interval for mean 50 sd 0 n 25", "positive"),
        ("95% confidence interval for mean 50 sd 10", "sample size is missing"),
        ("95% confidence interval for mean 50 sd 10 n 2.5", "whole number"),
        ("95% confidence interval for mean 50 sd 10 n 1", "at least 2"),
        ("120% confidence interval for mean 50 sd 10 n 25", "between 0 and 1"),
        ("95% confidence interval for 145 successes out of 100", "from 0 to n"),
        ("95% confidence interval for bananas with mean 5, sd 1", "bananas"),
        ("t test mean 52 s 5 n 25", "mean of the hypothesis is missing"),
        ("t test of [3, 3, 3] against mean 2", "do not vary"),
        ("p-value t = 2.1", "degrees of freedom"),
        ("p-value for t = 2.1, df = 0", "positive"),
        ("F critical value alpha 0.05 df 2", "two numbers"),
        ("chi-square observed 10, 20 expected 0, 30", "all positive"),
        ("chi-square observed 10, 20, 30 expected 20, 40", "3 expected"),
        ("chi-square test of independence [[10,x,20],[30,40]]", "cannot read"),
        ("chi-square test of independence [[10,20],[30]]", "one length"),
        ("chi-square test of independence [[0,0],[30,40]]", "may be empty"),
        ("anova of [1,1], [2,2]", "do not vary"),
        ("paired t test [1, 2, 3] and [1, 2]", "one length"),
        ("sample size for a margin of error of 0 at 95% confidence", "positive"),
        ("sample size for a margin of error of 5 at 95% confidence", "standard deviation is missing"),
        ("one proportion z test: 145 out of 100, p0 = 0.5", "more successes"),
        ("z test: mean 5, mu = 4, n = 9", "standard deviation is missing"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        answer(query)


@pytest.mark.parametrize(
    "text",
    [
        "critical points of x^3 - 3x",
        "critical value of f(x) = x^3 - 3x",
        "does the sum of 1/n^2 converge by the ratio test",
        "chinese remainder x = 2 mod 3, x = 3 mod 5",
        "is 97 prime test",
        "P(X > 110) where X ~ N(100, 15)",
        "round 3.14159 to 3 significant figures",
        "95th percentile of N(100, 15)",
        "what percentage of 80 is 12",
    ],
)
def test_other_questions_are_left_alone(text):
    assert read_inference(text, []) is None
