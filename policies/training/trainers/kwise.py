"""The loss of a reward model on rankings of K replies (Ouyang et al. 2022, equation 1).

loss(θ) = −1/C(K,2) Σ_{i<j} [t log σ(r_i − r_j) + (1 − t) log σ(r_j − r_i)], with t the probability that reply i is
better: 1 or 0 by ranks, ½ for ties, anything between for soft labels. To it comes c·(r_i + r_j)² (Eisenstein et al.
2023), which keeps rewards near zero, since the loss sees differences only.
"""

from __future__ import annotations

import torch


def kwise_loss(
    rewards: torch.Tensor, first: torch.Tensor, second: torch.Tensor, target: torch.Tensor, weight: torch.Tensor,
    *, prompts: int, center: float = 0.0,
) -> torch.Tensor:  # fmt: skip
    """The mean loss of some rankings (nats).

    Args:
        rewards: `(replies,)` of all rankings one after the other.
        first, second: `(pairs,)` places in `rewards` of the replies i and j of each pair.
        target: `(pairs,)` probability that i is better.
        weight: `(pairs,)` of each pair: 1/C(K,2) times that of its ranking.
        prompts: how many rankings these are.
        center: c.
    """
    difference = rewards[first] - rewards[second]
    cross_entropy = torch.nn.functional.softplus(difference) - target * difference
    centred = center * (rewards[first] + rewards[second]) ** 2
    return (weight * (cross_entropy + centred)).sum() / prompts
