"""Intervals, tests and power against published figures and independent computations, and what must hold for any data.

How often they are right on policies of known quality is measured in `test_simulated_policies.py`.
"""

import math
import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pericles.evals import wilson
from pericles.evals.statistics import (
    clustered_stderr,
    detectable_effect,
    estimate,
    holm,
    mcnemar,
    paired,
    samples_needed,
    tango,
)
from pericles.evals.statistics.intervals import clopper_pearson
from pericles.evals.statistics.paired import MOST_ENUMERATED
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest

GRADES = [0.0, 0.25, 0.5, 1 / 3, 0.9, 1.0]


@st.composite
def two_policies(draw, grades=(0.0, 1.0)):
    """Scores of A, scores of B, clusters."""
    n = draw(st.integers(1, 40))
    scores = st.lists(st.sampled_from(grades), min_size=n, max_size=n)
    return draw(scores), draw(scores), draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n))


any_scores = st.one_of(two_policies(), two_policies(grades=GRADES))


def test_wilson_matches_a_published_value():
    # Newcombe 1998, table I: 81 of 263, 95 %.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize("n", [1, 20, 120])
def test_wilson_stays_inside_zero_and_one(n):
    assert wilson(0, n)[0] == pytest.approx(0.0)
    assert wilson(n, n)[1] == pytest.approx(1.0)


def test_wilson_covers_the_true_proportion_near_one():
    draw = random.Random(0)
    covered = 0
    for _ in range(2000):
        low, high = wilson(sum(draw.random() < 0.97 for _ in range(120)), 120)
        covered += low <= 0.97 <= high
    assert covered / 2000 >= 0.93


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_impossible_counts(successes, n):
    with pytest.raises(ValueError, match="not a proportion"):
        wilson(successes, n)


@pytest.mark.parametrize(("successes", "n"), [(0, 20), (3, 7), (95, 100), (20, 20)])
def test_clopper_pearson_matches_the_inverted_binomial_test(successes, n):
    expected = binomtest(successes, n).proportion_ci(0.95, method="exact")
    assert clopper_pearson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_tango_matches_a_published_value():
    # Fagerland, Lydersen and Laake 2014: airway hyper-responsiveness of 21 children, 1 got rid of it and 7 got it.
    assert tango(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)


def _score_statistic(better, worse, n, delta):
    """Of the difference `delta`, with the nuisance parameter found by search instead of Tango's formula."""

    def loss(q):
        parts = [(better, q + delta), (worse, q), (n - better - worse, 1 - 2 * q - delta)]
        return -sum(count * math.log(max(share, 1e-300)) for count, share in parts if count)

    inside = (max(0.0, -delta), (1 - delta) / 2)
    q = minimize_scalar(loss, bounds=inside, method="bounded", options={"xatol": 1e-12}).x
    return (better - worse - n * delta) / math.sqrt(n * (2 * q + delta - delta**2))


@pytest.mark.parametrize(("better", "worse", "n"), [(7, 1, 21), (0, 5, 40), (12, 2, 44), (40, 20, 160), (30, 0, 50)])
def test_tango_rejects_outside_its_interval_and_nowhere_inside(better, worse, n):
    low, high = tango(better, worse, n)
    assert _score_statistic(better, worse, n, low) == pytest.approx(1.95996, abs=1e-3)
    assert _score_statistic(better, worse, n, high) == pytest.approx(-1.95996, abs=1e-3)
    grid = np.linspace(-0.99, 0.99, 199)
    for delta in grid:
        rejected = abs(_score_statistic(better, worse, n, delta)) > 1.95996
        assert rejected != (low < delta < high), delta


@pytest.mark.parametrize("n", [1, 2, 50])
def test_without_a_pair_that_differs_tangos_interval_has_a_closed_form(n):
    edge = 1.959964**2 / (n + 1.959964**2)
    assert tango(0, 0, n) == pytest.approx((-edge, edge), abs=1e-6)


@pytest.mark.parametrize("n", [1, 2, 50])
def test_where_every_pair_differs_tango_ends_at_one(n):
    assert tango(n, 0, n)[1] == 1.0
    assert tango(0, n, n)[0] == -1.0


@pytest.mark.parametrize(
    ("better", "worse", "p_value"),
    # statsmodels 0.15, mcnemar(exact=True).
    [(7, 1, 0.0703125), (12, 2, 0.012939453125), (30, 14, 0.022628841204916), (5, 5, 1.0), (0, 6, 0.03125), (0, 0, 1)],
)
def test_mcnemar_matches_statsmodels(better, worse, p_value):
    assert mcnemar(better, worse) == pytest.approx(p_value, abs=1e-12)


def test_holm_matches_a_computation_by_hand():
    # 5 · .005; 4 · .01; 3 · .03; 2 · .04 is less than the one before; 1 · .9.
    assert holm([0.01, 0.04, 0.03, 0.005, 0.9]) == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.9])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_never_makes_a_finding_surer_and_keeps_the_order(p_values):
    adjusted = holm(p_values)
    assert all(before <= after <= 1 for before, after in zip(p_values, adjusted, strict=True))
    ranks = sorted(range(len(p_values)), key=lambda index: p_values[index])
    assert [adjusted[index] for index in ranks] == sorted(adjusted)
    assert max(adjusted) <= min(1.0, len(p_values) * max(p_values))


def test_clustered_standard_error_matches_statsmodels():
    values = [1.0, 1, 0, 1, 0, 0, 1, 1, 1, 0]
    # OLS on a constant, cov_type="cluster", without its correction: 0.08944272; times √(G / (G − 1)).
    assert clustered_stderr(values, [0, 0, 0, 1, 1, 2, 3, 3, 3, 3]) == pytest.approx(0.08944272 * math.sqrt(4 / 3))


def test_equal_clusters_have_the_standard_error_of_their_means():
    values = np.random.default_rng(0).random((12, 5))
    expected = values.mean(1).std(ddof=1) / math.sqrt(12)
    assert clustered_stderr(values.ravel().tolist(), np.repeat(range(12), 5).tolist()) == pytest.approx(expected)


def test_samples_that_stand_for_themselves_have_the_usual_standard_error():
    values = np.random.default_rng(0).random(30)
    assert clustered_stderr(values.tolist(), range(30)) == pytest.approx(values.std(ddof=1) / math.sqrt(30))


@pytest.mark.parametrize("grades", [(0.0, 1.0), GRADES])
def test_asking_everything_four_times_makes_no_interval_narrower(grades):
    draw = random.Random(3)
    a, b = ([draw.choice(grades) for _ in range(60)] for _ in range(2))
    clusters = [*range(60)] * 4
    once, often = estimate(a, range(60)), estimate(a * 4, clusters)
    assert often.stderr == pytest.approx(once.stderr, rel=0.02)
    assert often.high - often.low >= 0.98 * (once.high - once.low)
    once, often = paired(a, b, range(60)), paired(a * 4, b * 4, clusters)
    assert often.high - often.low >= 0.98 * (once.high - once.low)
    assert often.p_value == pytest.approx(once.p_value, abs=0.03)
    assert often.detectable == pytest.approx(once.detectable, rel=0.02)


@pytest.mark.parametrize(("better", "worse"), [(0, 0), (0, 1), (4, 1), (6, 6), (0, 9), (11, 2), (18, 7), (30, 12)])
def test_sign_flips_agree_with_mcnemar(better, worse):
    a, b = [0.0] * better + [1.0] * worse + [1.0] * 20, [1.0] * better + [0.0] * worse + [1.0] * 20
    # A second wording of an item on which nothing differs changes nothing but the test.
    clusters = [*range(len(a) - 1), len(a) - 2]
    found = paired(a, b, clusters)
    exact = better + worse <= MOST_ENUMERATED
    assert found.test == "sign flips of clusters"
    assert found.p_value == pytest.approx(mcnemar(better, worse), abs=1e-9 if exact else 0.015)


@pytest.mark.parametrize(
    ("n", "tenth", "fifth"), [(50, 12.5, 17.7), (100, 8.9, 12.5), (200, 6.3, 8.9), (500, 4.0, 5.6)]
)
def test_detectable_effect_where_a_tenth_and_a_fifth_of_pairs_differ(n, tenth, fifth):
    assert 100 * detectable_effect(math.sqrt(0.1), n) == pytest.approx(tenth, abs=0.05)
    assert 100 * detectable_effect(math.sqrt(0.2), n) == pytest.approx(fifth, abs=0.05)


@given(st.floats(0.01, 2), st.floats(0.005, 0.5))
def test_samples_needed_are_the_fewest_that_show_the_margin(spread, margin):
    n = samples_needed(spread, margin)
    assert detectable_effect(spread, n) <= margin * (1 + 1e-9)
    assert n == 1 or detectable_effect(spread, n - 1) > margin * (1 - 1e-9)


def test_the_detectable_effect_is_found_with_a_power_of_about_80_percent():
    draw = np.random.default_rng(0)
    effect = detectable_effect(math.sqrt(0.2), 200)
    shares = [(0.2 + effect) / 2, (0.2 - effect) / 2, 0.8]
    found = [mcnemar(int(better), int(worse)) < 0.05 for better, worse, _ in draw.multinomial(200, shares, 1000)]
    # The exact test is a little less eager than the normal approximation.
    assert 0.72 < np.mean(found) < 0.86


@given(any_scores)
@example(([1.0], [0.0], [0]))
@example(([0.5, 0.5], [0.5, 0.5], [0, 1]))
def test_intervals_lie_within_bounds_and_hold_the_figure(scores):
    a, b, clusters = scores
    one, two = estimate(a, clusters), paired(a, b, clusters)
    assert -1e-12 <= one.low <= one.mean + 1e-9
    assert one.mean - 1e-9 <= one.high <= 1 + 1e-12
    assert -1 <= two.low <= two.difference + 1e-9
    assert two.difference - 1e-9 <= two.high <= 1
    assert 0 < two.p_value <= 1
    assert two.detectable > 0


@given(any_scores)
def test_swapping_the_policies_swaps_the_signs_and_nothing_else(scores):
    a, b, clusters = scores
    one, two = paired(a, b, clusters), paired(b, a, clusters)
    assert (one.low, one.high) == pytest.approx((-two.high, -two.low), abs=1e-6)
    assert one.p_value == pytest.approx(two.p_value, abs=1e-12)
    assert (one.better, one.worse) == (two.worse, two.better)


@given(any_scores)
def test_counting_failures_instead_of_successes_mirrors_the_interval(scores):
    a, _, clusters = scores
    one, two = estimate(a, clusters), estimate([1 - score for score in a], clusters)
    assert (one.low, one.high) == pytest.approx((1 - two.high, 1 - two.low), abs=1e-6)


@given(any_scores, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_samples_changes_nothing(scores, shuffler):
    rows = list(zip(*scores, strict=True))
    mixed = shuffler.sample(rows, len(rows))
    (a, b, clusters), (c, d, others) = zip(*rows, strict=True), zip(*mixed, strict=True)
    one, two = estimate(a, clusters), estimate(c, others)
    assert (one.low, one.high) == pytest.approx((two.low, two.high), abs=1e-9)
    one, two = paired(a, b, clusters), paired(c, d, others)
    assert (one.low, one.high, one.p_value) == pytest.approx((two.low, two.high, two.p_value), abs=1e-6)


@given(st.integers(1, 200), st.integers(1, 8))
def test_a_policy_against_itself_is_no_difference_but_leaves_room_for_one(groups, size):
    scores = [1.0] * groups * size
    found = paired(scores, scores, [index // size for index in range(len(scores))])
    assert found.p_value == 1.0
    # Asking the same again is no further evidence: three of as many clusters may yet differ.
    assert found.high == pytest.approx(-found.low)
    assert found.high > 3 / (groups + 3)


def test_a_score_that_never_changes_is_not_certain():
    found = estimate([0.5] * 20, range(20))
    assert found.low < 0.45 < 0.55 < found.high


def test_bits_per_byte_have_an_interval_without_bounds():
    draw = np.random.default_rng(0)
    a = draw.gamma(9, 0.1, 40)
    b = a + draw.normal(0.02, 0.01, 40)
    found = paired(a.tolist(), b.tolist(), range(40), bounds=(0.0, math.inf))
    half = 2.02 * (b - a).std(ddof=1) / math.sqrt(40)
    assert found.low == pytest.approx((b - a).mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx((b - a).mean() + half, abs=0.1 * half)
    whole = estimate(a.tolist(), range(40), bounds=(0.0, math.inf))
    assert whole.high - whole.mean == pytest.approx(2.0227 * a.std(ddof=1) / math.sqrt(40), rel=1e-4)


def test_the_same_data_give_the_same_figures():
    draw = np.random.default_rng(0)
    a, b = draw.gamma(9, 0.1, (2, 40)).tolist()
    assert paired(a, b, range(40), bounds=(0, math.inf)) == paired(a, b, range(40), bounds=(0, math.inf))


@pytest.mark.parametrize(("a", "b", "clusters"), [([], [], []), ([1.0], [1.0, 0.0], [0]), ([1.0], [1.0], [0, 1])])
def test_paired_refuses_samples_that_are_not_the_same(a, b, clusters):
    with pytest.raises(ValueError, match="same samples"):
        paired(a, b, clusters)


def test_no_scores_have_no_mean():
    with pytest.raises(ValueError, match="no scores"):
        estimate([], [])
