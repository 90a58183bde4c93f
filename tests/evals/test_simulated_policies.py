"""How often intervals, tests and the gate are right about policies whose quality is known, because they are simulated.

An item has a difficulty, and so has a cluster of items; both policies meet the same. A policy's reply to an item is a
success with a probability of logistic(ability + difficulty), and its ability is such that the mean over all items is
the one that is asked for. Graded scores are the share of four such successes.
"""

import functools
import math
import sys

import numpy as np
import pytest
from pericles.evals import Report, SampleResult, SuiteResult, compare
from pericles.evals.reports.gate import Demand, Gate, gate_outcome, judge_gate
from pericles.evals.statistics import estimate, holm, paired
from scipy.optimize import brentq
from scipy.special import expit

REPEATS = 1000
# Standard deviations of difficulty: of a cluster, and of an item within it.
OF_CLUSTER, OF_ITEM = 1.2, 0.9
SPREAD = math.hypot(OF_CLUSTER, OF_ITEM)
LOSS = 0.05

CASES = [
    (graded, size, n, mean) for graded in (False, True) for size in (1, 4, 8) for n in (50, 100, 300)
    for mean in (0.5, 0.9, 0.97)
]  # fmt: skip


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch):
    """A test is run thousands of times here, and needs no p-value to four digits."""
    monkeypatch.setattr(sys.modules["pericles.evals.statistics.paired"], "DRAWS", 500)


@functools.cache
def ability(mean):
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    return brentq(lambda at: weights @ expit(at + SPREAD * nodes) / weights.sum() - mean, -40, 40)


def replies(draw, means, *, graded, size, n):
    """Scores of a policy for each mean, and the clusters of the items."""
    clusters = np.arange(n) // size
    difficulty = draw.normal(0, OF_CLUSTER, clusters[-1] + 1)[clusters] + draw.normal(0, OF_ITEM, n)
    tries = 4 if graded else 1
    scores = [(draw.binomial(tries, expit(ability(mean) + difficulty)) / tries).tolist() for mean in means]
    return scores, clusters.tolist()


def at_most(rate, repeats):
    """A rate with what chance may add to it in so many repetitions (three standard deviations)."""
    return rate + 3 * math.sqrt(rate * (1 - rate) / repeats)


@functools.cache
def coverage(graded, size, n, mean, repeats):
    """How often the intervals of one policy, and of a policy that is worse by LOSS, hold the truth."""
    draw = np.random.default_rng(1)
    single, both, above = 0, 0, 0
    for _ in range(repeats):
        (a, b), clusters = replies(draw, (mean, mean - LOSS), graded=graded, size=size, n=n)
        one, two = estimate(a, clusters), paired(a, b, clusters)
        single += one.low <= mean <= one.high
        both += two.low <= -LOSS <= two.high
        above += two.low > -LOSS
    return single / repeats, both / repeats, above / repeats


def false_alarms(graded, size, n, mean, repeats):
    draw = np.random.default_rng(2)
    found = 0
    for _ in range(repeats):
        (a, b), clusters = replies(draw, (mean, mean), graded=graded, size=size, n=n)
        found += paired(a, b, clusters).p_value < 0.05
    return found / repeats


def check_coverage(graded, size, n, mean, repeats, least):
    single, both, above = coverage(graded, size, n, mean, repeats)
    assert single >= least
    assert both >= least
    # 2.5 % where samples are many; scores near 1 are skewed, and 13 clusters are few.
    assert above <= at_most(0.025, repeats)


@pytest.mark.slow
@pytest.mark.parametrize(("graded", "size", "n", "mean"), CASES)
def test_intervals_hold_the_truth_as_often_as_they_say(graded, size, n, mean):
    check_coverage(graded, size, n, mean, REPEATS, 0.92)


@pytest.mark.slow
def test_intervals_are_not_uselessly_wide():
    measured = np.array([coverage(*case, REPEATS) for case in CASES])
    assert measured[:, 0].mean() < 0.975
    assert measured[:, 1].mean() < 0.975


@pytest.mark.slow
@pytest.mark.parametrize(("graded", "size", "n", "mean"), CASES)
def test_equal_policies_seldom_seem_different(graded, size, n, mean):
    assert false_alarms(graded, size, n, mean, REPEATS) <= at_most(0.05, REPEATS)


QUICK = [(False, 1, 100, 0.9), (False, 8, 50, 0.97), (True, 4, 100, 0.97)]


@pytest.mark.parametrize(("graded", "size", "n", "mean"), QUICK)
def test_a_few_intervals_hold_the_truth(graded, size, n, mean):
    check_coverage(graded, size, n, mean, 200, 0.9)
    assert false_alarms(graded, size, n, mean, 200) <= at_most(0.05, 200)


def family_wise(repeats):
    """How often any of 15 suites seems different where none is: p-values as they are, and Holm's."""
    draw = np.random.default_rng(3)
    bare, corrected = 0, 0
    for _ in range(repeats):
        p_values = []
        for _ in range(15):
            (a, b), clusters = replies(draw, (0.5, 0.5), graded=True, size=1, n=100)
            p_values.append(paired(a, b, clusters).p_value)
        bare += min(p_values) < 0.05
        corrected += min(holm(p_values)) < 0.05
    return bare / repeats, corrected / repeats


@pytest.mark.slow
def test_fifteen_suites_give_no_more_false_alarms_than_one():
    bare, corrected = family_wise(REPEATS)
    # 1 − .95¹⁵ = 54 % for tests that reject in just 5 %.
    assert 0.4 < bare < 0.6
    assert corrected <= at_most(0.05, REPEATS)


def report(ref, scores, clusters):
    samples = [
        SampleResult(str(index), 0, str(cluster), [], "", "", "", score)
        for index, (score, cluster) in enumerate(zip(scores, clusters, strict=True))
    ]
    return Report({"ref": ref}, {}, [SuiteResult("simulated", "", samples)])


def gate_outcomes(means, *, graded, size, n, repeats, margin=None, minimum=None):
    """Shares of the outcomes, where A and B truly have these means."""
    gate = Gate(suites={"simulated": Demand(margin=margin, minimum=minimum)})
    draw = np.random.default_rng(4)
    outcomes = dict.fromkeys(("pass", "fail", "underpowered"), 0.0)
    for _ in range(repeats):
        (a, b), clusters = replies(draw, means, graded=graded, size=size, n=n)
        after = report("b", b, clusters)
        comparison = None if margin is None else compare(report("a", a, clusters), after)
        outcomes[gate_outcome(judge_gate(gate, after, comparison))] += 1 / repeats
    return outcomes


GATES = [case for case in CASES if case[2] == 100 and case[3] != 0.5] + [(False, 1, 300, 0.97), (True, 4, 300, 0.97)]


@pytest.mark.slow
@pytest.mark.parametrize(("graded", "size", "n", "mean"), GATES)
def test_the_gate_seldom_passes_a_policy_that_is_worse_by_the_margin(graded, size, n, mean):
    case = {"graded": graded, "size": size, "n": n, "repeats": REPEATS}
    assert gate_outcomes((mean, mean - 0.03), margin=0.03, **case)["pass"] <= at_most(0.025, REPEATS)


@pytest.mark.slow
@pytest.mark.parametrize(("graded", "size", "n", "mean"), GATES)
def test_the_gate_seldom_fails_a_policy_that_is_as_good(graded, size, n, mean):
    case = {"graded": graded, "size": size, "n": n, "repeats": REPEATS}
    assert gate_outcomes((mean, mean), margin=0.03, **case)["fail"] <= at_most(0.05, REPEATS)


@pytest.mark.slow
@pytest.mark.parametrize("mean", [0.5, 0.9])
@pytest.mark.parametrize("size", [1, 8])
def test_the_gate_seldom_passes_or_fails_a_policy_at_the_minimum(mean, size):
    found = gate_outcomes((mean, mean), graded=False, size=size, n=100, minimum=mean, repeats=REPEATS)
    assert found["pass"] <= at_most(0.025, REPEATS)
    # Counts are whole: of 100 samples with a mean of .9, Wilson's interval lies below it in 4.0 % of cases.
    assert found["fail"] <= at_most(0.04, REPEATS)


def test_the_gate_decides_where_samples_are_enough_and_says_so_where_not():
    many = {"graded": True, "size": 1, "n": 300, "repeats": 100, "margin": 0.05}
    assert gate_outcomes((0.9, 0.9), **many)["pass"] > 0.95
    assert gate_outcomes((0.9, 0.75), **many)["fail"] > 0.95
    few = {"graded": False, "size": 1, "n": 20, "repeats": 100, "margin": 0.03}
    assert gate_outcomes((0.97, 0.97), **few) == pytest.approx({"pass": 0, "fail": 0, "underpowered": 1})
