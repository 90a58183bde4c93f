"""A judge's labels: made comparable to people's, believed where that is certified, weighed by what they are worth."""

import numpy as np
import pytest
from pericles.policies.feedback.calibration import (
    calibrate,
    choose_mix,
    cross_fit,
    dawid_skene,
    find_threshold,
    kappa,
    ppi_mean,
    preference_head,
)
from pericles.policies.feedback.calibration.abstention import upper_bound
from pericles.policies.feedback.calibration.folds import folds_of
from scipy.special import expit, logit
from scipy.stats import binomtest


def judged(n=4000, seed=0, slope=0.5, bias=-1.0):
    """Pairs whose labels follow logit q = slope · logit p + bias · f."""
    random = np.random.default_rng(seed)
    p, f = expit(2 * random.normal(size=n)), random.normal(size=(n, 1))
    labels = (random.random(n) < expit(slope * logit(p) + bias * f[:, 0])).astype(float)
    return p, f, labels


def test_the_slope_and_the_bias_of_a_judge_are_found():
    p, f, labels = judged()
    found = calibrate(p, f, labels, ridge=0.3)
    assert found.slope == pytest.approx(0.5, abs=0.06)
    assert found.weights[0] / found.scales[0] == pytest.approx(-1.0, abs=0.1)


def test_swapping_the_replies_swaps_the_answer():
    p, f, labels = judged(300)
    found = calibrate(p, f, labels, ridge=3.0)
    np.testing.assert_allclose(found(1 - p, -f), 1 - found(p, f), atol=1e-12)


def test_a_judge_that_says_the_opposite_is_switched_off():
    p, f, labels = judged(2000, bias=0.0)
    found = calibrate(1 - p, f, labels, ridge=30.0)
    assert found.slope == 0
    np.testing.assert_allclose(found(1 - p, f), 0.5, atol=0.1)


def test_a_judge_that_is_sure_of_everything_stays_finite():
    found = calibrate(np.array([0.0, 1.0, 1.0]), np.zeros((3, 1)), np.array([0.0, 1.0, 1.0]), ridge=3.0)
    assert np.isfinite(found(np.array([0.0, 1.0]), np.zeros((2, 1)))).all()


def test_no_label_has_a_part_in_its_own_pair_s_probability():
    p, f, labels = judged(200)
    labels[100:] = np.nan
    groups = [at // 2 for at in range(200)]
    _, before = cross_fit(p, f, labels, groups, ridges=(3.0,))
    labels[10:12] = 1 - labels[10:12]
    _, after = cross_fit(p, f, labels, groups, ridges=(3.0,))
    np.testing.assert_array_equal(before[10:12], after[10:12])
    assert np.abs(before - after).max() > 1e-4
    assert not np.isnan(before).any()


def test_pairs_of_one_prompt_share_a_fold_and_folds_are_even():
    groups = [at % 40 for at in range(200)]
    found = folds_of(groups, 4, seed=1)
    assert all(len(set(found[[at for at in range(200) if groups[at] == group]])) == 1 for group in range(40))
    assert np.bincount(found).tolist() == [50] * 4
    assert found.tolist() != folds_of(groups, 4, seed=2).tolist()


def test_a_judge_s_errors_are_bounded_as_clopper_and_pearson_do():
    wanted = binomtest(28, 200).proportion_ci(0.95, method="exact").high
    assert upper_bound(28, 200, 0.025) == pytest.approx(wanted)
    assert upper_bound(5, 5, 0.05) == 1


def test_a_good_judge_is_believed_everywhere_and_a_poor_one_where_it_is_sure():
    random = np.random.default_rng(1)
    q = random.uniform(size=4000)
    audit, labels = q[:300], (q[:300] > 0.5).astype(float)
    everywhere = find_threshold(q, audit, labels)
    assert (everywhere.coverage, everywhere.disagreements) == (1.0, 0)
    # Sure labels are right, unsure ones a coin's toss.
    unsure = np.abs(audit - 0.5) < 0.3
    labels[unsure] = random.integers(0, 2, int(unsure.sum()))
    found = find_threshold(q, audit, labels)
    assert 0.65 < found.tau < 0.85
    assert 0.3 < found.coverage < 0.7
    assert found.bound <= 0.25


def test_too_few_labels_or_only_ties_certify_nothing():
    q = np.linspace(0, 1, 50)
    assert find_threshold(q, q[:8], (q[:8] > 0.5).astype(float)) is None
    assert find_threshold(q, q, np.full(50, 0.5)) is None
    assert find_threshold(q, q[:0], q[:0]) is None


@pytest.mark.slow
def test_more_disagreement_than_is_tolerated_is_let_through_as_rarely_as_promised():
    random = np.random.default_rng(2)
    passed = 0
    for _ in range(600):
        q = random.uniform(size=400)
        right = random.random(150) > 0.27  # of all pairs alike, so that every threshold is wrong
        passed += find_threshold(q, q[:150], ((q[:150] > 0.5) == right).astype(float), delta=0.1) is not None
    assert passed / 600 <= 0.1


def test_the_head_is_the_minimum_of_its_loss():
    random = np.random.default_rng(3)
    x, weights = random.normal(size=(200, 6)), random.uniform(0, 2, 200)
    targets = random.uniform(size=200)
    found = preference_head(x, targets, weights, ridge=2.0)
    slope = x.T @ (weights * (expit(x @ found) - targets)) + 2.0 * found
    assert np.abs(slope).max() < 1e-4
    separable = preference_head(x, (x[:, 0] > 0).astype(float), np.ones(200), ridge=1e-3)
    assert np.isfinite(separable).all()


@pytest.mark.parametrize(("judge", "helps"), [(1.0, True), (-1.0, False), (0.0, False)])
def test_a_judge_gets_the_weight_that_predicts_people_best(judge, helps):
    random = np.random.default_rng(4)
    worth = random.normal(size=12)
    x, more = random.normal(size=(150, 12)), random.normal(size=(1500, 12))
    labels = ((x @ worth > 0) ^ (random.random(150) < 0.1)).astype(float)
    p = expit(judge * 2 * (more @ worth) + (0 if judge else 2) * random.normal(size=1500))
    found = choose_mix((x, labels, list(range(150))), (more, p, p))
    assert (found.weight > 0) is helps
    assert found.losses["raw", 0.0] == found.losses["calibrated", 0.0]


def test_an_interval_from_people_and_a_judge_is_that_of_the_paper():
    random = np.random.default_rng(5)
    truth = random.random(1000) < 0.6
    predicted = np.where(truth, 0.8, 0.3) + 0.05 * random.normal(size=1000)
    labels = truth[:100].astype(float)
    found = ppi_mean(labels, predicted[:100], predicted[100:])
    ratio = 100 / 900
    power = np.cov(labels, predicted[:100])[0, 1] / ((1 + ratio) * predicted.var(ddof=1))
    assert found.power == pytest.approx(min(1.0, power))
    wanted = found.power * predicted[100:].mean() + (labels - found.power * predicted[:100]).mean()
    assert found.mean == pytest.approx(wanted)
    assert found.effective_n > 300
    useless = ppi_mean(labels, 1 - predicted[:100], 1 - predicted[100:])
    assert (useless.power, useless.mean, useless.effective_n) == (0, pytest.approx(labels.mean()), pytest.approx(100))
    with pytest.raises(ValueError, match="two labels"):
        ppi_mean(labels[:1], predicted[:1], predicted[1:])


def test_agreement_beyond_chance_is_cohen_s():
    first = ["a"] * 25 + ["b"] * 25
    second = ["a"] * 20 + ["b"] * 5 + ["a"] * 10 + ["b"] * 15
    found = kappa(first, second, list(range(50)))
    assert found.kappa == pytest.approx(0.4)
    assert found.share == pytest.approx(0.7)
    assert found.low < 0.2 < 0.6 < found.high
    wider = kappa(first, second, [at // 5 for at in range(50)])
    assert wider.high - wider.low > found.high - found.low
    assert kappa(["a"] * 5, ["a"] * 5, range(5)).kappa is None
    assert kappa(["a", "b"], ["a", "b"], [1, 1]).kappa == 1


def test_raters_are_weighed_by_how_often_they_are_right():
    random = np.random.default_rng(6)
    truth = random.integers(0, 2, 300)
    skills = {"ann": 0.95, "bob": 0.6, "eve": 0.1}
    votes = [
        (item, name, int(truth[item] if random.random() < skill else 1 - truth[item]))
        for item in range(300)
        for name, skill in skills.items()
    ]
    beliefs, confusions = dawid_skene(votes, 2)
    right = np.mean([beliefs[item].argmax() == truth[item] for item in range(300)])
    assert right > 0.93
    assert confusions["ann"].diagonal().mean() == pytest.approx(0.95, abs=0.05)
    assert confusions["eve"].diagonal().mean() < 0.25
    assert all(belief.sum() == pytest.approx(1) for belief in beliefs.values())
