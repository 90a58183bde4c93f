"""Two policies on the same samples: is one better, and by how much?

Samples are paired, so that what is hard for both takes nothing from the power: an unpaired test of the same data often
sees nothing where a paired one is sure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from .intervals import SAME, clopper_pearson, cluster_sums, few_clusters, t_quantile
from .power import detectable_effect

DRAWS = 10_000
# Up to so many clusters every way to flip the signs is looked at.
MOST_ENUMERATED = 13
MOST_SCALED = 1e4


@dataclass(frozen=True, slots=True)
class Paired:
    """B against A.

    Args:
        n: samples that both have.
        clusters: clusters among them.
        mean_a: mean score of A.
        mean_b: mean score of B.
        difference: mean_b − mean_a.
        low: lower bound of its interval.
        high: upper bound.
        p_value: two-sided, for no difference.
        better: samples on which B scores more.
        worse: samples on which B scores less.
        detectable: the smallest true difference that this many samples find with a power of 80 %, at the spread seen.
        spread: standard deviation of a cluster's difference, scaled so that spread / √n is the standard error.
        test: how p_value was computed.
    """

    n: int
    clusters: int
    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float
    p_value: float
    better: int
    worse: int
    detectable: float
    spread: float
    test: str


def mcnemar(better: int, worse: int) -> float:
    """Exact two-sided p-value for the same success rate (McNemar 1947; binomial on the discordant pairs)."""
    from scipy.stats import binomtest

    return float(binomtest(better, better + worse).pvalue) if better + worse else 1.0


def tango(better: float, worse: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval for the difference of two paired proportions (Tango 1998, eq. 14).

    Args:
        better: pairs in which only the second succeeded.
        worse: pairs in which only the first did.
        n: all pairs; none of the three is whole where they are effective numbers.
        confidence: coverage, in (0, 1).

    Returns:
        Bounds of (better − worse) / n, in [−1, 1].
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)

    def score(delta: float) -> float:
        b = -better - worse + (2 * n - better + worse) * delta
        c = -worse * delta * (1 - delta)
        q = (math.sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
        variance = n * (2 * q + delta * (1 - delta))
        gap = better - worse - n * delta
        if abs(gap) < 1e-12 * n:
            return 0.0
        return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)

    estimate, edge = max(-1.0, min(1.0, (better - worse) / n)), 1 - 1e-9

    def bounded(delta: float, target: float) -> float:
        # Infinity is a sign for a root finder, but no number to interpolate with.
        return max(-1e9, min(1e9, score(delta))) - target

    low = -1.0 if bounded(-edge, z) < 0 else _root(bounded, -edge, estimate, z)
    high = 1.0 if bounded(edge, -z) > 0 else _root(bounded, estimate, edge, -z)
    return low, high


def _root(function: Callable[[float, float], float], low: float, high: float, target: float) -> float:
    from scipy.optimize import brentq

    found: Any = brentq(function, low, high, args=(target,))
    return float(found)


def paired(
    first: Sequence[float],
    second: Sequence[float],
    clusters: Sequence[Hashable],
    *,
    confidence: float = 0.95,
    bounds: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
) -> Paired:
    """Compares two policies on aligned samples.

    Scores of 0 and 1 that stand for themselves get McNemar's exact test and Tango's interval. Anything else (clusters,
    repeats, graded scores) gets the sign-flip test over clusters, of which McNemar's is a special case, and Tango's
    interval for so many pairs as would have the same standard error (clustered, or simple where that is larger),
    corrected for few clusters. Scores that are no shares get the cluster bootstrap with expanded percentiles
    (Hesterberg 2015), which is corrected for few clusters too.

    On simulated policies of known difference (50 to 300 samples, clusters of 1 to 8, means of .5 to .97) these 95 %
    intervals hold the truth in 93 to 100 % of cases, and their lower bound lies above it in at most 4 %. The bootstrap
    does so in up to 10 % where scores are near 1 and clusters few: a gate would let through what is worse.

    Args:
        first: scores of A, shape (n,).
        second: scores of B on the same samples.
        clusters: what samples share, shape (n,).
        confidence: of the interval.
        bounds: between which a score can lie.
        seed: of the bootstrap, so that the same data give the same figures.

    Raises:
        ValueError: there are no samples, or not as many of one as of the other.
    """
    n = len(first)
    if n == 0 or n != len(second) or n != len(clusters):
        raise ValueError("paired scores need the same samples, at least one.")
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    gap = b - a
    gap[np.abs(gap) < SAME] = 0.0
    better, worse = int((gap > 0).sum()), int((gap < 0).sum())
    difference = float(gap.mean())
    sums, counts = cluster_sums(gap.tolist(), clusters)
    groups = len(sums)
    spread = _spread(sums, counts)
    binary = bool(np.isin(a, (0.0, 1.0)).all() and np.isin(b, (0.0, 1.0)).all())
    if binary and groups == n:
        low, high = tango(better, worse, n, confidence)
        p_value, test = mcnemar(better, worse), "McNemar, exact"
    else:
        share = bounds == (0.0, 1.0) and min(a.min(), b.min()) >= 0 and max(a.max(), b.max()) <= 1
        low, high = (
            _scaled_tango(gap, sums, counts, confidence) if share else _bootstrap(sums, counts, confidence, seed)
        )
        p_value, test = _sign_flips(sums, seed), "sign flips of clusters"
    # At so few samples that no pair differs, one more might: the least that the data leave open.
    seen = spread if spread > 0 else 1 / math.sqrt(n)
    return Paired(
        n, groups, float(a.mean()), float(b.mean()), difference, low, high, p_value, better, worse,
        detectable_effect(seen, n), seen, test,
    )  # fmt: skip


def _spread(sums: np.ndarray, counts: np.ndarray) -> float:
    groups, n = len(sums), counts.sum()
    if groups < 2:
        return 0.0
    residuals = sums - counts * (sums.sum() / n)
    return float(np.sqrt(groups / (groups - 1) * np.square(residuals).sum() / n))


def _scaled_tango(gap: np.ndarray, sums: np.ndarray, counts: np.ndarray, confidence: float) -> tuple[float, float]:
    n, groups, difference = len(gap), len(sums), float(gap.mean())
    if np.ptp(gap) < SAME:
        other = clopper_pearson(0, groups, confidence)[1]
        return difference * (1 - other) - other, difference * (1 - other) + other
    if groups < 2:
        return -1.0, 1.0
    better, worse = float(gap[gap > 0].sum()), float(-gap[gap < 0].sum())
    expected = (better + worse - n * difference**2) / n
    variance = max(_spread(sums, counts) ** 2, float(gap.var()))
    # A root finder needs numbers that it can tell apart.
    scale = min(MOST_SCALED, expected / variance * few_clusters(groups, confidence))
    return tango(better * scale, worse * scale, n * scale, confidence)


def _bootstrap(sums: np.ndarray, counts: np.ndarray, confidence: float, seed: int) -> tuple[float, float]:
    groups = len(sums)
    if groups < 2:
        return -math.inf, math.inf
    order = np.lexsort((counts, sums))
    sums, counts = sums[order], counts[order]
    draw = np.random.default_rng(seed)
    means = np.empty(DRAWS)
    step = max(1, 4_000_000 // groups)
    for start in range(0, DRAWS, step):
        rows = min(step, DRAWS - start)
        picked = draw.integers(0, groups, size=(rows, groups))
        means[start : start + rows] = sums[picked].sum(1) / counts[picked].sum(1)
    centre = sums.sum() / counts.sum()
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    wider = t_quantile(groups - 1, confidence) / z * math.sqrt(groups / (groups - 1))
    low, high = np.quantile(means, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return float(centre + (low - centre) * wider), float(centre + (high - centre) * wider)


def _sign_flips(sums: np.ndarray, seed: int) -> float:
    """Share of the ways to swap A and B in each cluster that give a difference at least as large."""
    # Sorted, so that the order of samples and which policy is called A decide nothing.
    differing = np.sort(np.abs(sums[np.abs(sums) > SAME]))
    if len(differing) == 0:
        return 1.0
    seen = abs(sums.sum()) - 1e-9
    if len(differing) <= MOST_ENUMERATED:
        codes = np.arange(2 ** len(differing))[:, None] >> np.arange(len(differing)) & 1
        return float((np.abs((1 - 2 * codes) @ differing) >= seen).mean())
    draw = np.random.default_rng(seed)
    large = 0
    step = max(1, 4_000_000 // len(differing))
    for start in range(0, DRAWS, step):
        signs = draw.integers(0, 2, size=(min(step, DRAWS - start), len(differing))) * 2 - 1
        large += int((np.abs(signs @ differing) >= seen).sum())
    return (1 + large) / (1 + DRAWS)
