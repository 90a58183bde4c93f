"""How small a difference so many samples can show, and how many samples a difference needs."""

from __future__ import annotations

import math
from statistics import NormalDist

POWER = 0.8


def detectable_effect(spread: float, n: int, *, power: float = POWER, alpha: float = 0.05) -> float:
    """The smallest true difference that a two-sided test at `alpha` finds with this power.

    Args:
        spread: standard deviation of one sample's difference, in units of the score; for paired scores of 0 and 1 with
            a share d of discordant pairs it is about √d.
        n: samples.
        power: probability of finding it.
        alpha: level of the test.
    """
    normal = NormalDist()
    return (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) * spread / math.sqrt(n)


def samples_needed(spread: float, margin: float, *, power: float = POWER, alpha: float = 0.05) -> int:
    """How many samples show non-inferiority within a margin, with this power, where there is no true difference.

    The test is one-sided at alpha / 2: the lower bound of the two-sided interval lies above −margin.
    """
    normal = NormalDist()
    quantiles = normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)
    return math.ceil((quantiles * spread / margin) ** 2)
