"""A reward that is learned while a person clicks: ridge regression on frozen features, kept up to date click by click.

Minimises Σ_m s_m (h_m − Σ_i c_mi w·x_i)² + ρ‖w‖², in which h is a click, c its credits, x the features of the segments
and s how fresh it is. No click is not a reward of 0: it says nothing.
"""

from __future__ import annotations

import math

import numpy as np

RIDGE = 1.0


def staleness(logprob_now: float, logprob_then: float) -> float:
    """Weight of a click on what the policy would hardly say any more: π_now / π_then of a token of it, at most 1.

    Both are means over the reply's tokens, in nats, so that long replies do not go stale sooner than short ones.

    COACH (MacGlashan et al. 2017) takes a click as advice on the policy that was seen; on another one it counts less.
    """
    return math.exp(min(0.0, logprob_now - logprob_then))


class LiveHead:
    """See the module.

    Args:
        features: how many.
        ridge: ρ.
    """

    def __init__(self, features: int, ridge: float = RIDGE) -> None:
        self.ridge = ridge
        self._inverse = np.eye(features) / ridge
        self._sum = np.zeros(features)
        self._squares = 0.0
        self._weight = 0.0
        self._seen: list[tuple[np.ndarray, float, float]] = []

    @property
    def weights(self) -> np.ndarray:
        """w, `(features,)`."""
        return self._inverse @ self._sum

    @property
    def clicks(self) -> int:
        """How many it has learned from."""
        return len(self._seen)

    def learn(self, features: np.ndarray, value: float, weight: float = 1.0) -> None:
        """Learns from a click, in time quadratic in the number of features (Sherman and Morrison 1950).

        Args:
            features: `(features,)` of the segments, weighed by the click's credits.
            value: of the click.
            weight: how fresh it is, in [0, 1].
        """
        self._seen.append((features, value, weight))
        self._count(features, value, weight)

    def unlearn(self) -> None:
        """Takes the last click back.

        Raises:
            IndexError: there is none.
        """
        if not self._seen:
            raise IndexError("there is no click to take back")
        features, value, weight = self._seen.pop()
        self._count(features, value, -weight)

    def _count(self, features: np.ndarray, value: float, weight: float) -> None:
        """Counts a click in, or out with a negative weight."""
        turned = self._inverse @ features
        self._inverse -= np.outer(turned, turned) * (weight / (1 + weight * float(features @ turned)))
        self._sum += weight * value * features
        self._squares += weight * value**2
        self._weight += weight

    def reward(self, features: np.ndarray) -> np.ndarray:
        """Expected click on segments of these features, `(segments,)`."""
        return features @ self.weights

    def uncertainty(self, features: np.ndarray) -> np.ndarray:
        """Standard deviation of that expectation, `(segments,)`, with the noise that the clicks themselves show."""
        residual = max(self._squares - float(self._sum @ self.weights), 0.0)
        noise = (residual + 1.0) / (self._weight + 1.0)  # as if one click of variance 1 had been seen before
        return np.sqrt(noise * np.einsum("ij,jk,ik->i", features, self._inverse, features))
