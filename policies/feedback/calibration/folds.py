"""Folds in which the pairs of one prompt stay together."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence

import numpy as np


def folds_of(groups: Sequence[Hashable], folds: int, seed: int) -> np.ndarray:
    """The fold of each pair, `(pairs,)`, 0 to folds − 1; prompts are dealt out evenly in an order by seed and hash."""

    def place(group: Hashable) -> bytes:
        return hashlib.sha256(f"{seed}\0{group!r}".encode()).digest()

    dealt = {group: at % folds for at, group in enumerate(sorted(set(groups), key=place))}
    return np.array([dealt[group] for group in groups], dtype=int)


def log_loss(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Cross-entropy of each target, hard or soft, in nats, from the logits of the first class."""
    return np.logaddexp(0.0, logits) - targets * logits
