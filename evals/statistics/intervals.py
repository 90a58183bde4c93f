"""Intervals for one figure: a proportion or a mean, of samples that may come in clusters."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

# Scores closer than this differ by rounding alone.
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and what is known of it.

    Args:
        mean: of all samples.
        low: lower bound of the interval.
        high: upper bound.
        stderr: standard error, clustered where samples share a cluster.
        n: samples.
        clusters: clusters among them; `n` where every sample stands for itself.
    """

    mean: float
    low: float
    high: float
    stderr: float
    n: int
    clusters: int


def wilson(successes: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Interval for a proportion (Wilson 1927), which keeps its coverage near 0 and 1.

    Args:
        successes: how many of `n` succeeded.
        n: how many were tried; not whole where it is an effective number.
        confidence: coverage, in (0, 1).

    Returns:
        Lower and upper bound, in [0, 1].

    Raises:
        ValueError: the counts are impossible.
    """
    if not 0 <= successes <= n or n <= 0:
        raise ValueError(f"{successes} successes of {n} is not a proportion.")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def clopper_pearson(successes: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Interval for a proportion that never covers less than it says (Clopper and Pearson 1934).

    Args:
        successes: how many of `n` succeeded.
        n: how many were tried; neither is whole where they are effective numbers.
        confidence: coverage, in (0, 1).
    """
    from scipy.stats import beta

    tail = (1 - confidence) / 2
    low = 0.0 if successes <= 0 else float(beta.ppf(tail, successes, n - successes + 1))
    high = 1.0 if successes >= n else float(beta.ppf(1 - tail, successes + 1, n - successes))
    return low, high


def cluster_sums(values: Sequence[float], clusters: Sequence[Hashable]) -> tuple[np.ndarray, np.ndarray]:
    """Sum and number of the values of each cluster, both of shape (clusters,), in order of appearance."""
    places: dict[Hashable, int] = {}
    index = np.array([places.setdefault(cluster, len(places)) for cluster in clusters], dtype=np.int64)
    sums = np.bincount(index, weights=np.asarray(values, dtype=np.float64), minlength=len(places))
    return sums, np.bincount(index, minlength=len(places)).astype(np.float64)


def clustered_stderr(values: Sequence[float], clusters: Sequence[Hashable]) -> float:
    """Standard error of a mean whose samples come in clusters (Miller 2024, arXiv:2411.00640, eq. 4).

    With the correction G/(G − 1) for the number of clusters G. With one sample in each cluster it is the usual one.
    """
    sums, counts = cluster_sums(values, clusters)
    groups = len(sums)
    if groups < 2:
        return math.nan
    residuals = sums - counts * (sums.sum() / counts.sum())
    return float(np.sqrt(groups / (groups - 1) * np.square(residuals).sum()) / counts.sum())


def estimate(
    values: Sequence[float],
    clusters: Sequence[Hashable],
    confidence: float = 0.95,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Estimate:
    """The mean of some scores with its interval.

    Scores of 0 and 1 get Wilson's interval. All others from 0 to 1 are taken for a proportion of as many samples as
    would have the same standard error, m (1 − m) / stderr², corrected for few clusters by (z / t)²: Wilson's interval
    where samples stand for themselves, and where they share clusters Clopper and Pearson's (Korn and Graubard 1998).
    The standard error is the clustered one, or the simple one where that is larger. Where all scores are the same,
    nothing is known of it: as many clusters may score otherwise as Clopper and Pearson's interval for none leaves open.
    Scores with other bounds get the t interval with the clustered standard error, cut off at the bounds.

    On simulated policies of known mean (50 to 300 samples, clusters of 1 to 8, means of .5 to .97) these 95 % intervals
    hold the truth in 93 to 99.9 % of cases; the t interval, of graded scores near 1 in clusters of 8, in 86 %.

    Args:
        values: scores, shape (n,).
        clusters: what each score's samples share, shape (n,).
        confidence: coverage, in (0, 1).
        bounds: between which a score can lie.

    Raises:
        ValueError: there are no scores.
    """
    n = len(values)
    if n == 0:
        raise ValueError("there are no scores.")
    groups = len(set(clusters))
    scores = np.asarray(values, dtype=np.float64)
    mean = float(scores.mean())
    stderr = clustered_stderr(values, clusters)
    if bounds == (0.0, 1.0) and scores.min() >= 0 and scores.max() <= 1:
        low, high = _share(scores, groups, stderr, confidence)
        return Estimate(mean, low, high, stderr, n, groups)
    if groups < 2:
        return Estimate(mean, *bounds, math.nan, n, groups)
    half = t_quantile(groups - 1, confidence) * stderr
    return Estimate(mean, max(bounds[0], mean - half), min(bounds[1], mean + half), stderr, n, groups)


def _share(scores: np.ndarray, groups: int, stderr: float, confidence: float) -> tuple[float, float]:
    n, mean = len(scores), float(scores.mean())
    if groups == n and np.isin(scores, (0.0, 1.0)).all():
        return wilson(float(scores.sum()), n, confidence)
    if np.ptp(scores) < SAME:
        other = clopper_pearson(0, groups, confidence)[1]
        return mean * (1 - other), mean + (1 - mean) * other
    if groups < 2:
        return 0.0, 1.0
    effective = mean * (1 - mean) / max(stderr**2, float(scores.var()) / n) * few_clusters(groups, confidence)
    interval = wilson if groups == n else clopper_pearson
    return interval(mean * effective, effective, confidence)


def t_quantile(degrees: int, confidence: float) -> float:
    """Two-sided quantile of Student's t."""
    from scipy.stats import t

    return float(t.ppf(0.5 + confidence / 2, degrees))


def few_clusters(groups: int, confidence: float) -> float:
    """What a standard error from so few clusters takes from the effective number of samples: (z / t)²."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    return (z / t_quantile(groups - 1, confidence)) ** 2
