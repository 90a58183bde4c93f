"""A live head beside a reward model: the combinations of TAMER&RL (Knox and Stone 2010, 2012) for whole replies.

`live` is the mean of the head over a reply's segments. Action biasing changes what is said and nothing that is learned;
it is the default, since it can be switched off at any time.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

Combining = Literal["action-biasing", "control-sharing"]
"""How a head has a say in which reply is given."""


def additive(rewards: np.ndarray, live: np.ndarray, scale: float) -> np.ndarray:
    """Reward to learn from: the model's in standard deviations, plus scale · live, `(replies,)`."""
    spread = float(rewards.std())
    return (rewards - rewards.mean()) / (spread if spread > 0 else 1.0) + scale * live


def action_biased(rewards: np.ndarray, live: np.ndarray, scale: float) -> int:
    """Which of the sampled replies is said: the best by reward + scale · live."""
    return int(np.argmax(additive(rewards, live, scale)))


def control_shared(rewards: np.ndarray, live: np.ndarray, probability: float, draw: float) -> int:
    """Which reply is said: the head's favourite with a probability, else the model's.

    Args:
        rewards: `(replies,)` of the model.
        live: `(replies,)` of the head.
        probability: that the head decides.
        draw: uniform in [0, 1).
    """
    return int(np.argmax(live if draw < probability else rewards))


def potential_shaped(live: np.ndarray, discount: float = 1.0) -> np.ndarray:
    """Shaping of each step of a reply by differences of potentials, which leaves the best policy the best.

    Ng, Harada and Russell (1999).

    Args:
        live: `(segments,)` the potential behind each segment; it is 0 before the first, and when the reply has ended.
        discount: γ.

    Returns:
        `(segments + 1,)` γ Φ(s') − Φ(s) of each segment, and of ending behind the last: from any prefix on, all ways in
        which a reply may go on are given the same, so that it matters to none of them.
    """
    potentials = np.concatenate(([0.0], live, [0.0]))
    return discount * potentials[1:] - potentials[:-1]
