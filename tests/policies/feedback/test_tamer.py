"""Clicks find the segments that they were about, and what is learned from them is what the person likes."""

import math

import numpy as np
import pytest
from pericles.policies.feedback.tamer import (
    Click,
    Delay,
    LiveHead,
    Segment,
    action_biased,
    additive,
    control_shared,
    credits,
    fit_lag,
    potential_shaped,
    staleness,
)
from pericles.tools import ConfigError

FEATURES = 8


def segments(number, seconds=1.0):
    return [Segment("m", at, at * seconds, (at + 1) * seconds) for at in range(number)]


def session(likes, random, lag=0.0, number=8):
    """A reply as somebody clicks on it who likes w · x, sees with a lag and clicks after a Gamma-distributed while."""
    shown = segments(number)
    features = random.normal(size=(number, FEATURES))
    clicks = []
    for at, worth in enumerate(features @ likes):
        if random.random() < min(0.9, abs(worth)):
            time = shown[at].shown_on + random.uniform() + lag + random.gamma(2.0, 0.28)
            clicks.append(Click(time, 1 if worth > 0 else -1, "human:ann"))
    return clicks, shown, features


def learned(sessions, delay):
    head = LiveHead(FEATURES)
    for clicks, shown, features in sessions:
        for click in clicks:
            head.learn(credits(click.time, shown, delay) @ features, click.value)
    return head


def cosine(first, second):
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


@pytest.fixture
def likes():
    found = np.random.default_rng(0).normal(size=FEATURES)
    return found / np.linalg.norm(found)


def test_credits_sum_to_one_and_what_is_still_to_come_gets_none():
    found = credits(3.2, segments(8))
    assert found.sum() == pytest.approx(1)
    assert (found[4:] == 0).all()
    assert found.argmax() == 2
    assert credits(3.2, segments(8), Delay(lag=0.8)).argmax() == 1


def test_a_click_before_anything_was_shown_is_about_nothing():
    assert credits(-1.0, segments(3)).tolist() == [0, 0, 0]
    assert credits(1.0, []).tolist() == []


def test_click_by_click_is_what_all_at_once_gives(likes):
    random = np.random.default_rng(1)
    rows, values, fresh = random.normal(size=(40, FEATURES)), random.choice([-1, 1], 40), random.uniform(size=40)
    head = LiveHead(FEATURES, ridge=0.5)
    for row, value, weight in zip(rows, values, fresh, strict=True):
        head.learn(row, value, weight)
    whole = np.linalg.solve((rows * fresh[:, None]).T @ rows + 0.5 * np.eye(FEATURES), rows.T @ (fresh * values))
    np.testing.assert_allclose(head.weights, whole, atol=1e-10)
    opposite = LiveHead(FEATURES, ridge=0.5)
    for row, value, weight in zip(rows, values, fresh, strict=True):
        opposite.learn(row, -value, weight)
    np.testing.assert_allclose(opposite.weights, -head.weights, atol=1e-12)


def test_the_last_click_can_be_taken_back(likes):
    random = np.random.default_rng(2)
    head = LiveHead(FEATURES)
    for _ in range(5):
        head.learn(random.normal(size=FEATURES), 1)
    before, unsure = head.weights, head.uncertainty(np.eye(FEATURES))
    head.learn(random.normal(size=FEATURES), -1)
    assert not np.allclose(head.weights, before)
    head.unlearn()
    np.testing.assert_allclose(head.weights, before)
    np.testing.assert_allclose(head.uncertainty(np.eye(FEATURES)), unsure)
    with pytest.raises(IndexError, match="no click"):
        LiveHead(2).unlearn()


def test_forty_sessions_tell_what_a_person_likes(likes):
    random = np.random.default_rng(3)
    sessions = [session(likes, random) for _ in range(40)]
    assert cosine(learned(sessions, Delay()).weights, likes) >= 0.9


def test_more_clicks_make_the_head_surer(likes):
    random = np.random.default_rng(4)
    sessions = [session(likes, random) for _ in range(40)]
    some, many = learned(sessions[:5], Delay()), learned(sessions, Delay())
    assert many.uncertainty(np.eye(FEATURES)).mean() < 0.6 * some.uncertainty(np.eye(FEATURES)).mean()
    assert some.clicks < many.clicks


def test_a_lag_that_nobody_told_of_is_found(likes):
    random = np.random.default_rng(5)
    sessions = [session(likes, random, lag=0.4) for _ in range(80)]
    found = fit_lag(sessions)
    assert found.lag == pytest.approx(0.4, abs=0.11)
    assert cosine(learned(sessions, found).weights, likes) > cosine(learned(sessions, Delay()).weights, likes)


def test_clicks_on_what_would_not_be_said_any_more_count_less():
    assert staleness(-2.0, -2.0) == 1
    assert staleness(-1.0, -2.0) == 1
    assert staleness(-4.0, -2.0) == pytest.approx(math.exp(-2))
    assert staleness(-2000.0, 0.0) == 0


def test_a_live_head_changes_which_reply_is_said_as_far_as_it_is_let():
    rewards, live = np.array([2.0, 1.0, 0.0]), np.array([-1.0, 0.5, 1.0])
    assert action_biased(rewards, live, 0.0) == 0
    assert action_biased(rewards, live, 1.0) == 1
    assert action_biased(rewards, live, 10.0) == 2
    assert control_shared(rewards, live, 0.3, draw=0.2) == 2
    assert control_shared(rewards, live, 0.3, draw=0.4) == 0
    assert additive(np.ones(3), live, 2.0).tolist() == (2 * live).tolist()


def test_shaping_by_potentials_adds_nothing_to_a_whole_reply():
    assert potential_shaped(np.array([0.3, -1.0, 2.0])).sum() == pytest.approx(0)
    assert potential_shaped(np.array([0.5, 0.2]), 0.9).tolist() == pytest.approx([0.45, -0.32, -0.2])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Segment("m", 0, 1.0, 1.0),
        lambda: Segment("m", 0, math.nan, 2.0),
        lambda: Click(math.inf, 1, "human:ann"),
        lambda: Click(1.0, 0, "human:ann"),
    ],
)
def test_records_that_make_no_sense_are_refused(make):
    with pytest.raises(ConfigError):
        make()
