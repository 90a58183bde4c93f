"""What may be claimed from few labels of people and many of a judge: prediction-powered inference.

Angelopoulos, Duchi and Zrnic, "PPI++: Efficient Prediction-Powered Inference" (2023), for a mean. The judge's labels
narrow the interval as far as they go with people's, and cannot shift it: a bad judge costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np


@dataclass(frozen=True, slots=True)
class Claim:
    """A mean with its interval.

    Args:
        mean: the estimate.
        low, high: its interval.
        power: λ, how far the judge's labels are used, 0 to 1.
        effective_n: so many labels of people alone would give as narrow an interval.
    """

    mean: float
    low: float
    high: float
    power: float
    effective_n: float


def ppi_mean(labels: np.ndarray, predicted: np.ndarray, others: np.ndarray, *, confidence: float = 0.95) -> Claim:
    """The mean of what people would say of all items.

    Args:
        labels: `(n,)` what people said of items drawn uniformly.
        predicted: `(n,)` what the judge says of the same items.
        others: `(N,)` what it says of the rest.
        confidence: of the interval, in (0, 1).

    Raises:
        ValueError: fewer than two labels.
    """
    n, many = len(labels), len(others)
    if n < 2:
        raise ValueError(f"an interval needs two labels of people, got {n}.")
    classical = float(labels.var(ddof=1)) / n
    power = 0.0
    spread = float(np.concatenate((predicted, others)).var(ddof=1)) if many else 0.0
    if many and spread > 0:
        together = float(np.cov(labels, predicted)[0, 1])
        power = min(1.0, max(0.0, together / ((1 + n / many) * spread)))
    mean = float((labels - power * predicted).mean()) + (power * float(others.mean()) if many else 0.0)
    variance = float((labels - power * predicted).var(ddof=1)) / n
    variance += power**2 * float(others.var(ddof=1)) / many if many > 1 else 0.0
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * variance**0.5
    effective = n * classical / variance if variance > 0 else float(n)
    return Claim(mean, mean - half, mean + half, power, effective)
