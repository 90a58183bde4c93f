"""From which confidence on a judge is believed: learn-then-test (Angelopoulos et al. 2021).

On audit labels that the calibration has not seen, the disagreement among the pairs at or above a threshold is bounded
from above (Clopper and Pearson 1934). First all pairs are tried, where a good judge has the most labels to show it;
else thresholds from the highest down, until the first fails. Each of the two errs with probability δ/2 at most. The
second starts where so many pairs are left that half of the tolerated disagreement would pass: of fewer, one or two
unlucky ones would end the search before it has begun.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count

import numpy as np
from scipy.stats import beta

# People agree with each other on 73 to 77 % of pairs (Ouyang et al. 2022, section 3.4).
ALPHA = 0.25
DELTA = 0.05
STEPS = 50


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold that held.

    Args:
        tau: pairs with max(q, 1 − q) ≥ tau are believed.
        coverage: share of all pairs that are.
        n: audit pairs among them.
        disagreements: of these, where the person said otherwise.
        bound: upper bound of the share of disagreement, at confidence 1 − δ/2.
    """

    tau: float
    coverage: float
    n: int
    disagreements: int
    bound: float


def find_threshold(
    q: np.ndarray, audit_q: np.ndarray, audit_labels: np.ndarray, *, alpha: float = ALPHA, delta: float = DELTA
) -> Threshold | None:
    """The lowest threshold at which the judge disagrees with people in at most a share alpha of pairs.

    Args:
        q: `(pairs,)` of all pairs; the thresholds tried are its quantiles, so they hang on no label.
        audit_q: `(labelled,)` of pairs drawn uniformly, whose labels nothing was fitted to.
        audit_labels: `(labelled,)` 1 or 0; ties (½) say nothing and are left out.
        alpha: the share of disagreement that is tolerated.
        delta: probability of tolerating more.

    Returns:
        `None` where not even the surest labels can be relied on, or there are too few audit labels to know.
    """
    decided = audit_labels != 0.5
    sure = np.maximum(audit_q, 1 - audit_q)[decided]
    wrong = (audit_q[decided] > 0.5) != (audit_labels[decided] > 0.5)
    confidence = np.maximum(q, 1 - q)

    def tried(tau: float) -> Threshold:
        believed = sure >= tau
        n, disagreements = int(believed.sum()), int(wrong[believed].sum())
        bound = upper_bound(disagreements, n, delta / 2)
        return Threshold(float(tau), float((confidence >= tau).mean()), n, disagreements, bound)

    everything = tried(0.5)
    if everything.bound <= alpha:
        return everything
    fewest = next(n for n in count(1) if upper_bound(math.ceil(alpha / 2 * n), n, delta / 2) <= alpha)
    found: Threshold | None = None
    for tau in np.unique(np.quantile(confidence, np.linspace(0, 1, STEPS + 1)))[::-1]:
        one = tried(float(tau))
        if one.n >= fewest:
            if one.bound > alpha:
                break
            found = one
    return found


def upper_bound(number: int, n: int, delta: float) -> float:
    """One-sided Clopper–Pearson bound of a share, number of n, at confidence 1 − δ."""
    return 1.0 if number >= n else float(beta.ppf(1 - delta, number + 1, n - number))
