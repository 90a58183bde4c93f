"""Descriptions of data against numpy, scipy and the statistics module."""

import math
import re
import statistics
from fractions import Fraction

import numpy as np
import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver.answers.answer import answer
from pericles.tools.solver.reading.statistics import read_statistics
from scipy import stats

DATA = [2, 4, 4, 4, 5, 5, 7, 9]
LIST = "2, 4, 4, 4, 5, 5, 7, 9"
OLD = [6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49]
OLD_LIST = ", ".join(map(str, OLD))
TABLE = [1] * 3 + [2] * 5 + [3] * 2


def numbers(text):
    """Each number of a text, the decimal of a pair such as `3/2 (1.5)`."""
    plain = re.sub(r"\S+ \((-?\d[\d.e-]*)\)", r"\1", text)
    return [float(found) for found in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?", plain)]


ONE = {
    f"sample standard deviation of {LIST}": statistics.stdev(DATA),
    f"population standard deviation of {LIST}": statistics.pstdev(DATA),
    f"find the population std dev of [{LIST}]": statistics.pstdev(DATA),
    f"standard deviation of the population {LIST}": statistics.pstdev(DATA),
    f"What is the sample variance of {LIST}?": statistics.variance(DATA),
    f"population variance of {{{LIST}}}": statistics.pvariance(DATA),
    f"variance of the data set {LIST}": statistics.variance(DATA),
    f"what is the median of the following numbers: {LIST}": statistics.median(DATA),
    f"sample mean of {LIST}": statistics.mean(DATA),
    f"geometric mean of {LIST}": statistics.geometric_mean(DATA),
    f"harmonic mean of {LIST}": statistics.harmonic_mean(DATA),
    f"calculate the root mean square of {LIST}": math.sqrt(np.mean(np.square(DATA))),
    "quadratic mean of 3 and 4": math.sqrt(12.5),
    f"mean absolute deviation of {LIST}": np.mean(np.abs(np.array(DATA) - np.mean(DATA))),
    f"median absolute deviation of {LIST}": stats.median_abs_deviation(DATA),
    f"coefficient of variation of {LIST}": stats.variation(DATA, ddof=1),
    f"standard error of the mean for {LIST}": stats.sem(DATA),
    f"skewness of {LIST}": stats.skew(DATA),
    f"kurtosis of {LIST}": stats.kurtosis(DATA, fisher=False),
    f"midrange of {LIST}": (min(DATA) + max(DATA)) / 2,
    f"first quartile of {OLD_LIST}": 15,
    f"Q3 of {OLD_LIST}": 43,
    f"interquartile range of {OLD_LIST}": 28,
    f"what's the IQR for {OLD_LIST}": 28,
    f"90th percentile of {OLD_LIST}": np.percentile(OLD, 90),
    f"what is the 40th percentile of the data set {OLD_LIST}": np.percentile(OLD, 40),
    f"0.3 quantile of {OLD_LIST}": np.quantile(OLD, 0.3),
    f"percentile rank of 39 in {OLD_LIST}": stats.percentileofscore(OLD, 39, kind="mean"),
    "weighted mean of 80, 90, 100 with weights 1, 2, 3": np.average([80, 90, 100], weights=[1, 2, 3]),
    "weighted average of 90 (weight 2) and 80 (weight 1)": np.average([90, 80], weights=[2, 1]),
    "weighted average of 90 at 30% and 80 at 70%": 83,
    "calculate the weighted average: homework 90 (20%), exam 80 (80%)": 82,
    "mean of the frequency table 1: 3, 2: 5, 3: 2": np.mean(TABLE),
    "median of the frequency table 1: 3, 2: 5, 3: 2": np.median(TABLE),
    "population variance of the frequency distribution 1: 3, 2: 5, 3: 2": np.var(TABLE),
    "mean of values 1, 2, 3 with frequencies 3, 5, 2": np.mean(TABLE),
    "mean of the frequency table 0-10: 3, 10-20: 5, 20-30: 2": (5 * 3 + 15 * 5 + 25 * 2) / 10,
    "z-score of 85 if mean is 75 and standard deviation is 5": 2,
    "z score for x = 85, mu = 75, sigma = 5": 2,
    "what is the z-score of 60 in a distribution with mean 75 and standard deviation 5?": -3,
    "find the z-score for a value of 85 with a mean of 75 and a standard deviation of 4": 2.5,
    f"z-score of 7 in the data {LIST}": (7 - statistics.mean(DATA)) / statistics.stdev(DATA),
    "what value has z-score 2 with mean 100 and sd 15": 130,
    "a student scored 85 on a test with mean 75 and standard deviation 5. What is the z-score?": 2,
    "how many standard deviations above the mean is 85 if the mean is 75 and the sd 5": 2,
    "raw score for z = -1.5, mean = 50, sd = 10": 35,
    "coefficient of variation if the mean is 50 and the standard deviation is 5": 0.1,
    "standard error of the mean for s = 10 and n = 25": 2,
    "standard error of a proportion p = 0.4 with n = 100": math.sqrt(0.4 * 0.6 / 100),
    "if the mean of 4, 7, x is 6 find x": 7,
    "The mean of 4, 7 and x is 6. What is x?": 7,
    "find x if the mean of 3, 2x, x+1 is 6": Fraction(14, 3),
    "What score do I need on the next test to have an average of 90 if my scores are 85, 88, 92?": 95,
}
SEVERAL = {
    "mean and standard deviation of 4, 8, 15": [9, statistics.stdev([4, 8, 15])],
    f"mean, median and mode of {LIST}": [5, 4.5, 4],
    f"Find the mean, median, mode and range of {LIST}": [5, 4.5, 4, 7],
    f"sample and population standard deviation of {LIST}": [statistics.stdev(DATA), statistics.pstdev(DATA)],
    f"Given the data set {LIST}, compute the mean and the variance": [5, statistics.variance(DATA)],
    f"data: {LIST}. Find the mean and median": [5, 4.5],
    "average and range of 4.5, 3.2, 6.1": [4.6, 2.9],
    f"max and min of {LIST}": [9, 2],
    f"count, sum and mean of the data {LIST}": [8, 40, 5],
    "mean and median of 1,234 and 5,678": [3456, 3456],
    "moving average of 1, 2, 3, 4 with window 2": [1.5, 2.5, 3.5],
    "3-period moving average of 1, 2, 6, 4": [3, 4],
    "z-scores of 1, 2, 3, 4": list(stats.zscore([1, 2, 3, 4], ddof=1)),
}
FIVE = {
    f"five-number summary of {OLD_LIST}": "min 6, Q1 = 15, median 40, Q3 = 43, max 49",
    f"5 number summary for {OLD_LIST}": "min 6, Q1 = 15, median 40, Q3 = 43, max 49",
    f"box plot values for {OLD_LIST}": "min 6, Q1 = 15, median 40, Q3 = 43, max 49",
    f"quartiles of {OLD_LIST}": "Q1 = 15, median 40, Q3 = 43",
    "are there any outliers in the data set 10, 12, 11, 13, 12, 50?": "outlier 50 (outside 8 to 16)",
    "outliers of 1, 2, 3, 4": "no outliers (all within -3/2 (-1.5) to 13/2 (6.5))",
    "mode and mean of 1, 2, 3": "no mode, mean 2",
    "modes and mean of 1, 1, 2, 2, 4": "modes 1, 2, mean 2",
}


@pytest.mark.parametrize("query", ONE)
@pytest.mark.sampled(every=6)
def test_one_number(query):
    assert float(answer(query).decimal) == pytest.approx(float(ONE[query]), rel=1e-12)


@pytest.mark.parametrize("query", SEVERAL)
def test_several_numbers(query):
    assert numbers(answer(query).text) == pytest.approx(SEVERAL[query], rel=1e-12)


@pytest.mark.parametrize("query", FIVE)
def test_what_a_text_says(query):
    assert answer(query).text == FIVE[query]


def test_the_convention_of_quartiles_is_told_with_that_of_numpy():
    (line,) = answer("first quartile of 1, 2, 3, 4").assumptions
    assert str(np.percentile([1, 2, 3, 4], 25)) in line
    assert "without the middle value" in line


def test_the_deviation_of_a_sample_is_assumed_and_checked():
    solution = answer("mean and standard deviation of 4, 8, 15")
    assert solution.assumptions == ("of a sample: divided by n - 1",)
    assert solution.verified
    assert solution.text.startswith("mean 9, sample standard deviation sqrt(31)")


def test_fifty_digits():
    assert answer("geometric mean of 1, 2", precision=50).decimal.startswith(
        "1.4142135623730950488016887242096980785696718753"
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("population standard deviation and harmonic mean of -1, 2", "needs positive"),
        ("geometric mean of -1, 4", "not negative"),
        ("coefficient of variation of -1, 1", "mean is 0"),
        ("skewness of 2, 2, 2", "are equal"),
        ("z-scores of 2, 2, 2", "are equal"),
        ("z-score of 85 if the mean is 75 and the standard deviation is 0", "is positive"),
        ("weighted mean of 80, 90 with weights 1, 2, 3", "as many"),
        ("weighted mean of 80, 90 with weights 0, 0", "not all are 0"),
        ("mean of values 1, 2, 3 with frequencies 3, 5", "as many"),
        ("mean of the frequency table 1: 99999, 2: 5, 3: 2", "frequencies are whole numbers"),
        ("101st percentile of 1, 2, 3", "between 0 and 100"),
        ("moving average of 1, 2, 3 with window 5", "window"),
        ("standard error of the mean for s = 10 and n = 0", "sample size"),
        ("mean and median of 4, 1/0, 3", "divides by zero"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        answer(query)


@pytest.mark.parametrize(
    "text",
    [
        "mean of 3, 5, 8",
        "standard deviation of 2, 4, 4",
        "sum of 1, 2, 3",
        "max of 3, 5, 8",
        "mean(1, 2, 3)*2",
        "mean of sqrt(2), 3",
        "average speed if you go 150 km in 2 hours",
        "average rate of change of x^2 from 1 to 3",
        "mean and variance of a binomial distribution with n = 10 and p = 0.3",
        "95th percentile of N(100, 15)",
        "maximum and minimum of x^2 - 3x on [0, 4]",
        "geometric mean",
        "mean and median of x, 2, 3",
        "root of x^2 = 4",
        "mode of transport 3",
    ],
)
def test_other_questions_are_left_alone(text):
    assert read_statistics(text, []) is None
