"""A proportion that was counted by a judge who makes mistakes, corrected for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is left of a proportion when the judge's mistakes are taken out.

    Args:
        mean: the corrected proportion, in [0, 1].
        low: lower bound of its interval.
        high: upper bound.
        sensitivity: share of good replies that the judge calls good.
        specificity: share of bad replies that it calls bad.
    """

    mean: float
    low: float
    high: float
    sensitivity: float
    specificity: float


def rogan_gladen(
    share: float,
    n: float,
    found: tuple[int, int],
    rejected: tuple[int, int],
    confidence: float = 0.95,
) -> Corrected | None:
    """The proportion by Rogan and Gladen (1978), with the interval of Lang and Reiczigel (2014).

    The interval knows that the judge's error rates are estimates too.

    Args:
        share: of samples that the judge calls good, in [0, 1].
        n: samples; not whole where it is an effective number.
        found: good replies that the judge calls good, and all good replies, as people see it.
        rejected: bad replies that it calls bad, and all bad ones.
        confidence: of the interval.

    Returns:
        `None` for a judge that is no better than chance: nothing follows from what it says.

    Raises:
        ValueError: there are no samples, or no labelled replies of one kind.
    """
    if n <= 0 or found[1] <= 0 or rejected[1] <= 0:
        raise ValueError("a correction needs samples, and labelled replies that are good and that are bad.")
    sensitivity, specificity = found[0] / found[1], rejected[0] / rejected[1]
    if sensitivity + specificity <= 1:
        return None
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    # Added successes and failures, as in Agresti and Coull's interval: without them a judge that made no mistake on
    # ten replies would count as one that never makes any.
    shown, seen = (n * share + z * z / 2) / (n + z * z), n + z * z
    true_positive, good = (found[0] + 1) / (found[1] + 2), found[1] + 2
    true_negative, bad = (rejected[0] + 1) / (rejected[1] + 2), rejected[1] + 2
    gain = true_positive + true_negative - 1
    centre = (shown + true_negative - 1) / gain
    of_good, of_bad = true_positive * (1 - true_positive) / good, true_negative * (1 - true_negative) / bad
    shift = 2 * z * z * (centre * of_good - (1 - centre) * of_bad)
    variance = shown * (1 - shown) / seen + centre**2 * of_good + (1 - centre) ** 2 * of_bad
    half = z * math.sqrt(variance) / gain
    low, high = (min(1.0, max(0.0, centre + shift + side * half)) for side in (-1, 1))
    mean = min(1.0, max(0.0, (share + specificity - 1) / (sensitivity + specificity - 1)))
    return Corrected(mean, min(low, mean), max(high, mean), sensitivity, specificity)
