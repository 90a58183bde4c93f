"""How much an AI's labels weigh beside people's: whatever predicts held-out people best.

A reward that is linear in features of the replies is fitted to people's labels and to the AI's at some weight; the kind
of AI label, as it is or calibrated, and the weight are chosen by the log-loss on people's labels that were left out. A
judge that does not help gets weight 0: it switches itself off.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit

from .folds import folds_of, log_loss

WEIGHTS = (0.0, 0.03, 0.1, 0.3, 1.0)
RIDGES = (0.3, 3.0, 30.0)
FOLDS = 4
Kind = Literal["raw", "calibrated"]


@dataclass(frozen=True, slots=True)
class Mix:
    """What was chosen.

    Args:
        kind: of the AI's labels.
        weight: of an AI's pair, a person's being 1; 0 leaves the AI's out.
        ridge: on the weights of the reward.
        losses: by kind and weight, the held-out log-loss in nats.
    """

    kind: Kind
    weight: float
    ridge: float
    losses: dict[tuple[Kind, float], float]


def preference_head(x: np.ndarray, targets: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """The reward w of r(reply) = w · features that best explains which replies are preferred (Bradley–Terry).

    Minimises Σ weight · (softplus(w · x) − target · w · x) + ½ · ridge · ‖w‖² by Newton's method.

    Args:
        x: `(pairs, features)` features of the first reply less those of the second.
        targets: `(pairs,)` probability that the first is better.
        weights: `(pairs,)`.
        ridge: above 0.

    Returns:
        `(features,)`.
    """
    found = np.zeros(x.shape[1])
    for _ in range(50):
        q = expit(x @ found)
        slope = x.T @ (weights * (q - targets)) + ridge * found
        curve = (x * (weights * q * (1 - q))[:, None]).T @ x + ridge * np.eye(x.shape[1])
        step = np.linalg.solve(curve, slope)
        # Far from the optimum a full step may overshoot; its size is bounded.
        size = float(np.abs(x @ step).max(initial=0.0))
        found -= step * min(1.0, 4.0 / size) if size else step
        if size < 1e-6:
            break
    return found


def choose_mix(
    human: tuple[np.ndarray, np.ndarray, Sequence[Hashable]],
    ai: tuple[np.ndarray, np.ndarray, np.ndarray],
    *,
    ai_groups: Sequence[Hashable] | None = None,
    human_weights: np.ndarray | None = None,
    ai_weights: np.ndarray | None = None,
    weights: Sequence[float] = WEIGHTS,
    ridges: Sequence[float] = RIDGES,
    folds: int = FOLDS,
    seed: int = 0,
) -> Mix:
    """Chooses kind and weight of the AI's labels.

    Args:
        human: features `(pairs, features)`, labels `(pairs,)`, and prompts of the pairs that people labelled.
        ai: features, p as the judge gave it, and q as calibrated, of the pairs whose AI labels are accepted.
        ai_groups: their prompts; a fold that is left out takes the AI's pairs of its prompts along.
        human_weights, ai_weights: what each pair counts in the loss that is trained with, before the weight that is
            chosen; 1 by default.
        weights: to choose from; with 0 among them.
        ridges: to choose from.
        folds: how many.
        seed: of the folds.

    Returns:
        The weight of the least loss, if that is below the loss of people's labels alone by more than one standard
        error of the difference; else 0.
    """
    x, y, groups = human
    fold = folds_of(groups, folds, seed)
    ai_fold = np.full(len(ai[0]), -1) if ai_groups is None else folds_of(ai_groups, folds, seed)
    counts = np.ones(len(y)) if human_weights is None else human_weights
    ai_counts = np.ones(len(ai[0])) if ai_weights is None else ai_weights

    def held_out(kind: Kind, weight: float, ridge: float) -> np.ndarray:
        more, targets = ai[0], ai[1] if kind == "raw" else ai[2]
        losses = np.zeros(len(y))
        for number in range(folds):
            inside = fold == number
            if not inside.any():
                continue
            inputs, wanted, count = x[~inside], y[~inside], counts[~inside]
            if weight:
                apart = ai_fold != number
                inputs = np.concatenate((inputs, more[apart]))
                wanted = np.concatenate((wanted, targets[apart]))
                count = np.concatenate((count, weight * ai_counts[apart]))
            losses[inside] = log_loss(x[inside] @ preference_head(inputs, wanted, count, ridge), y[inside])
        return losses * counts / counts.mean()

    alone = {ridge: held_out("calibrated", 0.0, ridge) for ridge in ridges}
    best_alone = min(ridges, key=lambda ridge: alone[ridge].mean())
    found: dict[tuple[Kind, float], float] = {}
    best: tuple[float, Kind, float, float, np.ndarray] | None = None
    kinds: tuple[Kind, ...] = ("calibrated", "raw")
    for kind in kinds:
        for weight in weights:
            tried = {ridge: alone[ridge] if not weight else held_out(kind, weight, ridge) for ridge in ridges}
            ridge = min(ridges, key=lambda one: tried[one].mean())
            loss = float(tried[ridge].mean())
            found[kind, weight] = loss
            if weight and (best is None or loss < best[0]):
                best = loss, kind, weight, ridge, tried[ridge]
    if best is None:
        return Mix("calibrated", 0.0, best_alone, found)
    # The pairs of one prompt hang together: the error is that of the mean over prompts.
    gain = alone[best_alone] - best[4]
    places = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    summed = np.bincount([places[group] for group in groups], weights=gain - gain.mean(), minlength=len(places))
    error = np.sqrt((summed**2).sum() * len(places) / max(len(places) - 1, 1)) / len(gain)
    if gain.mean() <= error:
        return Mix("calibrated", 0.0, best_alone, found)
    return Mix(best[1], best[2], best[3], found)
