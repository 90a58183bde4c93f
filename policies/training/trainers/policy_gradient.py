"""GRPO on replies that our own loop sampled: TRL's `GRPOTrainer`, fed by `rollout_func`.

What is added to TRL:
- weights that correct for a sampler that is not the learner, truncated above (Yao et al. 2025; TRL has them for vLLM
  only), and the divergence between the two in the logs;
- replies to one prompt read it once, and logits are made where the loss is (scoring.py);
- batches are not shuffled across prompts, so that each forward pass holds whole groups;
- the pretraining term of PPO-ptx (pretraining.py).

The loss itself, with its kinds and clipping, is TRL's.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.utils import split_tensor_dict

from .plain_head import use_plain_head
from .pretraining import PretrainingLoss
from .scoring import Packed, at_targets, chosen_logprobs, entropies_of, packed, padded


class RolloutGRPOTrainer(PretrainingLoss, GRPOTrainer):
    """See the module.

    Args:
        ratio_cap: largest weight of a token that the learner finds likelier than the sampler did.
        shares: whether the model can share prompts (`attention.can_share`), and runs alone.
    """

    def __init__(self, *args: Any, ratio_cap: float, shares: bool, **kwargs: Any) -> None:
        self._ratio_cap = ratio_cap
        self._shares = shares
        self._learning: dict[str, Any] | None = None
        self.asked: list[dict[str, Any]] = []
        with warnings.catch_warnings():
            # That `rollout_func` may change is TRL's word to us, whose version is pinned.
            warnings.filterwarnings("ignore", "You are using 'rollout_func'", UserWarning)
            super().__init__(*args, **kwargs)
        for model in (self.model, self.ref_model):
            if model is not None:
                use_plain_head(model, self.temperature)

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """A card belongs to a run, not to each checkpoint."""

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        if self._mode == "eval":
            return self._generate_and_score_completions(generation_batch)
        arguments: Any = self.args
        if self._step % (arguments.steps_per_generation * self.num_iterations) == 0 or self._buffered_inputs is None:
            batch = self._generate_and_score_completions(generation_batch)
            self._buffered_inputs = split_tensor_dict(batch, arguments.steps_per_generation)
        return self._buffered_inputs[self._step % arguments.steps_per_generation]

    @property
    def _mode(self) -> str:
        model: Any = self.model
        return "train" if model.training else "eval"

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self.asked = inputs  # `rollout_func` is told of the messages only
        return super()._generate_and_score_completions(inputs)

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        self._learning = dict(inputs)
        try:
            return super()._compute_loss(model, self._learning)
        finally:
            self._learning = None

    def _get_per_token_logps_and_entropies(
        self, model: Any, input_ids: torch.Tensor, attention_mask: torch.Tensor, logits_to_keep: int, **options: Any
    ) -> tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]:
        if self._shares:
            found = self._logprobs(model, input_ids, attention_mask, logits_to_keep, **options)
        else:
            found = super()._get_per_token_logps_and_entropies(
                model, input_ids, attention_mask, logits_to_keep, **options
            )
        if self._learning is not None:
            self._correct_for_sampler(self._learning, found[0].detach())
        return found

    def _logprobs(
        self, model: Any, input_ids: torch.Tensor, attention_mask: torch.Tensor, width: int, *,
        batch_size: int | None = None, compute_entropy: bool = False, **_: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None, None]:  # fmt: skip
        logprobs = torch.zeros(len(input_ids), width, device=input_ids.device)
        entropies = torch.zeros_like(logprobs) if compute_entropy else None
        size = batch_size or len(input_ids)
        for start in range(0, len(input_ids), size):
            rows = slice(start, start + size)
            batch = (packed if self._shares else padded)(input_ids[rows], attention_mask[rows], width)
            with self.accelerator.autocast():
                logits = model(**batch.inputs, use_cache=False).logits
            self._passed(batch, start)
            logits = at_targets(batch, logits).float() / self.temperature
            where = (batch.rows + start, batch.columns)
            logprobs = logprobs.index_put(where, chosen_logprobs(logits, batch.targets))
            if entropies is not None:
                entropies[where] = entropies_of(logits.detach())
        return logprobs, entropies, None

    def _passed(self, batch: Packed, start: int) -> None:
        """Told of each forward pass: the batch, and the number of its first reply."""

    def _correct_for_sampler(self, inputs: dict[str, Any], logprobs: torch.Tensor) -> None:
        """Weights the advantages by π_learner / π_sampler, at most `ratio_cap`, and logs how far the two are apart."""
        sampled = inputs.get("sampling_per_token_logps")
        if sampled is None:
            return
        # A positive factor on the advantage is one on the clipped objective.
        old = inputs.get("old_per_token_logps", logprobs)
        mask = inputs["completion_mask"] * inputs.get("tool_mask", 1)
        difference = (old - sampled) * mask
        ratio = difference.exp()
        advantages = inputs["advantages"]
        advantages = advantages[:, None] if advantages.dim() == 1 else advantages
        inputs["advantages"] = advantages * ratio.clamp(max=self._ratio_cap)
        number = mask.sum().clamp(min=1)
        metrics = self._metrics[self._mode]
        # The estimator that is never negative (Schulman 2020): r − 1 − log r.
        metrics["sampling/kl"].append(((ratio - 1 - difference) * mask).sum().item() / number.item())
        metrics["sampling/max_ratio"].append(ratio.max().item())
        metrics["sampling/capped"].append(((ratio > self._ratio_cap) * mask).sum().item() / number.item())
        if "ref_per_token_logps" in inputs:
            apart = (inputs["ref_per_token_logps"] - logprobs) * mask
            metrics["kl_sum"].append(-apart.sum(1).mean().item())
            if not self.beta:  # where the penalty is in the loss, TRL logs this
                metrics["kl"].append((apart.exp() - apart - 1).mul(mask).sum().item() / number.item())
