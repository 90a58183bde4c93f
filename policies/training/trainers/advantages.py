"""What PPO learns from: advantages and returns of the tokens that the policy said (Schulman et al. 2016 and 2017)."""

from __future__ import annotations

import torch


def token_rewards(
    reward: torch.Tensor, logprobs: torch.Tensor, reference: torch.Tensor, mask: torch.Tensor, kl_coef: float
) -> torch.Tensor:
    """The reward of each token: −β (log π − log π_ref), and at the last one the reply's reward as well.

    Ouyang et al. 2022, equation 2, with the penalty spread over the tokens that it is a sum of.

    Args:
        reward: `(replies,)`.
        logprobs, reference: `(replies, tokens)` of policy and reference, in nats.
        mask: `(replies, tokens)`, 1 where the policy spoke.
        kl_coef: β.

    Returns:
        `(replies, tokens)`, 0 where the mask is.
    """
    rewards = -kl_coef * (logprobs - reference) * mask
    places = torch.arange(mask.shape[1], device=mask.device)
    last = (mask * places).max(dim=1, keepdim=True).values
    spoke = mask.sum(1, keepdim=True) > 0
    return rewards + torch.where((places == last) & spoke, reward[:, None], 0.0) * mask


def generalized_advantages(
    rewards: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, *, discount: float, gae_lambda: float
) -> torch.Tensor:
    """Generalized advantage estimation (Schulman et al. 2016, equation 16), past what the policy did not say.

    The tokens of a tool's result are no steps of the policy: from the last token of a call the next step is the first
    token behind the result.

    Args:
        rewards, values: `(replies, tokens)`; values are those of the state before each token.
        mask: `(replies, tokens)`, 1 where the policy spoke.
        discount: γ.
        gae_lambda: λ.

    Returns:
        `(replies, tokens)`, 0 where the mask is.
    """
    advantages = torch.zeros_like(rewards)
    following = torch.zeros_like(rewards[:, 0])
    next_value = torch.zeros_like(following)
    for at in reversed(range(rewards.shape[1])):
        spoke = mask[:, at] > 0
        surprise = rewards[:, at] + discount * next_value - values[:, at]
        advantage = surprise + discount * gae_lambda * following
        advantages[:, at] = torch.where(spoke, advantage, 0.0)
        following = torch.where(spoke, advantage, following)
        next_value = torch.where(spoke, values[:, at], next_value)
    return advantages


def whitened(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Values with mean 0 and variance 1 over the mask."""
    number = mask.sum().clamp(min=1)
    mean = (values * mask).sum() / number
    variance = ((values - mean) ** 2 * mask).sum() / (number - 1).clamp(min=1)
    return (values - mean) * torch.rsqrt(variance + 1e-8) * mask


def clipped_value_loss(
    values: torch.Tensor, old_values: torch.Tensor, returns: torch.Tensor, mask: torch.Tensor, clip: float
) -> torch.Tensor:
    """½ max((v − R)², (clip(v, v_old ± ε) − R)²), averaged over the mask (Schulman et al. 2017; Stiennon et al. 2020).

    Args:
        values, old_values, returns: `(replies, tokens)`.
        mask: `(replies, tokens)`, 1 where the policy spoke.
        clip: ε.
    """
    near = torch.clamp(values, old_values - clip, old_values + clip)
    worse = torch.maximum((values - returns) ** 2, (near - returns) ** 2)
    return 0.5 * (worse * mask).sum() / mask.sum().clamp(min=1)


def explained_variance(values: torch.Tensor, returns: torch.Tensor, mask: torch.Tensor) -> float:
    """1 − Var(R − v) / Var(R) over the mask; 1 is perfect, 0 no better than a constant."""
    kept = mask > 0
    if int(kept.sum()) < 2 or float(variance := returns[kept].var()) == 0:
        return 0.0
    return float(1 - (returns[kept] - values[kept]).var() / variance)
