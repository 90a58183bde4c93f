import random

import pytest
from pericles.evals import wilson


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
