"""PPO with tools in the rollout (Schulman et al. 2017; the form of Ouyang et al. 2022), on TRL's `GRPOTrainer`.

TRL dropped its own PPO. From GRPO's trainer come rollouts, the clipped objective and the reference policy; here are the
value head on the policy's own last states, advantages that pass over what tools said, the KL penalty in the reward, and
the clipped value loss.
"""

from __future__ import annotations

from typing import Any

import torch

from ..models import VALUE_HEAD
from .advantages import clipped_value_loss, explained_variance, generalized_advantages, token_rewards, whitened
from .policy_gradient import RolloutGRPOTrainer
from .scoring import Packed, at_targets


def add_value_head(model: Any) -> None:
    """Gives a causal model a value head: one number for each state, 0 at first.

    It is part of the model, so that it is saved, clipped, sharded and synchronised with it.
    """
    head = torch.nn.Linear(model.get_output_embeddings().in_features, 1)
    torch.nn.init.zeros_(head.weight)
    torch.nn.init.zeros_(head.bias)
    setattr(model, VALUE_HEAD, head)


class RolloutPPOTrainer(RolloutGRPOTrainer):
    """See the module. The model has a value head (`add_value_head`), and `args.beta` is the penalty's weight.

    Args:
        discount, gae_lambda: of the advantages.
        value_coef, value_clip, value_learning_rate: of the value loss.

    What `rollout_func` returns as `shaping`, numbers for the tokens of each completion, is added to their rewards.
    """

    def __init__(
        self, *args: Any, discount: float, gae_lambda: float, value_coef: float, value_clip: float,
        value_learning_rate: float, **kwargs: Any,
    ) -> None:  # fmt: skip
        self._discount, self._gae_lambda = discount, gae_lambda
        self._value_coef, self._value_clip = value_coef, value_clip
        self._value_learning_rate = value_learning_rate
        self._heard = torch.zeros(0)
        self._values: list[torch.Tensor] = []
        self._rewards = torch.zeros(0)
        self._shaping: list[list[float]] = []
        super().__init__(*args, **kwargs)
        model: Any = self.model
        causal = model.get_base_model() if hasattr(model, "get_base_model") else model
        # Inside the forward pass, where a sharded model has its weights together.
        causal.get_output_embeddings().register_forward_hook(
            lambda _, states, __: self._hear(getattr(causal, VALUE_HEAD), states[0])
        )

    def _hear(self, head: Any, states: torch.Tensor) -> None:
        with torch.autocast(states.device.type, enabled=False):
            self._heard = head(states.float())[..., 0]

    def create_optimizer(self, *args: Any, **kwargs: Any) -> Any:
        """The trainer's own optimizer; the value head learns at its own rate."""
        fresh = self.optimizer is None
        optimizer: Any = super().create_optimizer(*args, **kwargs)
        if fresh:
            model: Any = self.model
            heads = {id(weight) for name, weight in model.named_parameters() if f"{VALUE_HEAD}." in name}
            of_heads = [weight for group in optimizer.param_groups for weight in group["params"] if id(weight) in heads]
            for group in optimizer.param_groups:
                group["params"] = [weight for weight in group["params"] if id(weight) not in heads]
            optimizer.add_param_group({"params": of_heads, "lr": self._value_learning_rate, "weight_decay": 0.0})
        return optimizer

    def _get_per_token_logps_and_entropies(
        self, model: Any, input_ids: torch.Tensor, attention_mask: torch.Tensor, logits_to_keep: int, **options: Any
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        # Never by TRL's fused head, which would pass the value head by.
        self._values.append(torch.zeros(len(input_ids), logits_to_keep, device=input_ids.device))
        found = self._logprobs(model, input_ids, attention_mask, logits_to_keep, **options)
        if self._learning is not None:
            self._correct_for_sampler(self._learning, found[0].detach())
        return found

    def _passed(self, batch: Packed, start: int) -> None:
        where = (batch.rows + start, batch.columns)
        self._values[-1] = self._values[-1].index_put(where, at_targets(batch, self._heard))

    def _calculate_rewards(self, *args: Any) -> torch.Tensor:
        found = super()._calculate_rewards(*args)
        self._shaping = [row.get("shaping", []) for row in args[0]]
        mine = slice(self.accelerator.process_index * len(self.asked), None)
        weights = self.reward_weights.to(found.device)
        self._rewards = (found * weights).nansum(dim=1)[mine][: len(self.asked)]
        return found

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self._values.clear()
        batch = super()._generate_and_score_completions(inputs)
        mask = (batch["completion_mask"] * batch.get("tool_mask", 1)).float()
        logprobs = batch["old_per_token_logps"]
        reference = batch.get("ref_per_token_logps", logprobs)
        values = self._values[0] * mask  # the policy's; the reference is asked after it
        rewards = token_rewards(self._rewards, logprobs, reference, mask, self.beta)
        for row, shaping in enumerate(self._shaping):
            told = torch.tensor(shaping[: rewards.shape[1]], device=rewards.device)
            rewards[row, : len(told)] += told * mask[row, : len(told)]
        advantages = generalized_advantages(rewards, values, mask, discount=self._discount, gae_lambda=self._gae_lambda)
        self._metrics["train"]["value/explained_variance"].append(explained_variance(values, advantages + values, mask))
        self._metrics["train"]["reward_with_kl"].append(rewards.sum(1).mean().item())
        batch["old_values"], batch["returns"] = values, (advantages + values) * mask
        batch["advantages"] = whitened(advantages, mask)
        return batch

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        self._values.clear()
        beta, self.beta = self.beta, 0.0  # the penalty is in the reward
        try:
            loss = super()._compute_loss(model, inputs)
        finally:
            self.beta = beta
        mask = (inputs["completion_mask"] * inputs.get("tool_mask", 1)).float()
        value_loss = clipped_value_loss(
            self._values[-1], inputs["old_values"], inputs["returns"], mask, self._value_clip
        )
        self._metrics["train"]["value/loss"].append(value_loss.item())
        return loss + self._value_coef * value_loss / self.current_gradient_accumulation_steps
