"""The judge's probability as a person's: Platt scaling (Platt 1999) that knows what judges are fooled by.

    logit q = a · logit p + b · f,   a ≥ 0

f are differences between the two replies (log length, calls, markup), so that swapping the replies negates everything:
there is no intercept, which would be a liking for the first reply. a = 0 switches the judge off. b is held down by a
ridge, whose strength is cross-validated: with a good judge and few labels a free b only adds noise.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from .folds import folds_of, log_loss

RIDGES = (0.3, 3.0, 30.0, 300.0)
SUREST = 1e-4  # a judge is not taken to be surer than this: its slope would hang on a few pairs
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Calibration:
    """See the module.

    Args:
        slope: a.
        weights: b, one for each feature.
        scales: what each feature is divided by: its root mean square.
        ridge: on b.
    """

    slope: float
    weights: tuple[float, ...]
    scales: tuple[float, ...]
    ridge: float

    def logits(self, p: np.ndarray, features: np.ndarray) -> np.ndarray:
        """The logit of q of each pair, `(pairs,)`."""
        return self.slope * _logit(p) + (features / np.array(self.scales)) @ np.array(self.weights)

    def __call__(self, p: np.ndarray, features: np.ndarray) -> np.ndarray:
        """The probability that a person finds the first reply better, of each pair, `(pairs,)`."""
        return expit(self.logits(p, features))


def calibrate(p: np.ndarray, features: np.ndarray, labels: np.ndarray, *, ridge: float) -> Calibration:
    """Fits the calibration to labelled pairs.

    Args:
        p: `(pairs,)` the judge's probabilities.
        features: `(pairs, features)` differences, first reply less second.
        labels: `(pairs,)` in [0, 1], none of them NaN.
        ridge: ½ · ridge · ‖b‖² is added to the summed log-loss.
    """
    scales = np.sqrt(np.mean(features**2, axis=0)) if len(p) else np.ones(features.shape[1])
    scales = np.where(scales > 0, scales, 1.0)
    inputs = np.column_stack((_logit(p), features / scales))

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        logits = inputs @ theta
        slope = inputs.T @ (expit(logits) - labels)
        slope[1:] += ridge * theta[1:]
        return float(log_loss(logits, labels).sum() + 0.5 * ridge * (theta[1:] ** 2).sum()), slope

    start = np.zeros(inputs.shape[1])
    bounds = [(0.0, None), *[(None, None)] * features.shape[1]]
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Calibration(float(found[0]), tuple(map(float, found[1:])), tuple(map(float, scales)), ridge)


def cross_fit(
    p: np.ndarray,
    features: np.ndarray,
    labels: np.ndarray,
    groups: Sequence[Hashable],
    *,
    ridges: Sequence[float] = RIDGES,
    folds: int = FOLDS,
    seed: int = 0,
) -> tuple[Calibration, np.ndarray]:
    """Calibrates all pairs, each labelled one by a fit that saw no label of its prompt.

    Args:
        p: `(pairs,)`.
        features: `(pairs, features)`.
        labels: `(pairs,)`, NaN where nobody labelled.
        groups: the prompt of each pair.
        ridges: strengths to choose from, by the log-loss of the folds left out.
        folds: how many.
        seed: of the folds.

    Returns:
        The fit to all labels, and q of each pair.
    """
    labelled = ~np.isnan(labels)
    fold = folds_of(groups, folds, seed)
    best: tuple[float, float, np.ndarray] | None = None
    for ridge in sorted(ridges, reverse=True):
        logits = np.zeros(len(p))
        for number in range(folds):
            inside = labelled & (fold == number)
            seen = labelled & (fold != number)
            if inside.any():
                fitted = calibrate(p[seen], features[seen], labels[seen], ridge=ridge)
                logits[inside] = fitted.logits(p[inside], features[inside])
        loss = float(log_loss(logits[labelled], labels[labelled]).sum())
        if best is None or loss < best[0]:
            best = loss, ridge, expit(logits)
    assert best is not None, "there must be a ridge to choose"
    whole = calibrate(p[labelled], features[labelled], labels[labelled], ridge=best[1])
    return whole, np.where(labelled, best[2], whole(p, features))


def _logit(p: np.ndarray) -> np.ndarray:
    return logit(np.clip(p, SUREST, 1 - SUREST))
