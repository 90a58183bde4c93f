"""TRL's fused language head, written plainly for the CPU.

Off Triton the fused head scores every position, padding included, and upcasts the products of its backward pass. Here
the head is applied at the positions that are asked about, and nowhere else; what comes out is the same.
"""

from __future__ import annotations

import functools
import types
from typing import Any

import torch
from trl.trainer.utils import FusedCausalLMOutput

from .scoring import chosen_logprobs, entropies_of

# Models that change their logits after the head keep TRL's.
_AFTER_THE_HEAD = (
    "final_logit_softcapping", "logit_scale", "output_multiplier", "lm_head_multiplier", "logits_scaling",
)  # fmt: skip


def use_plain_head(model: Any, temperature: float = 1.0) -> None:
    """Replaces the fused head that a trainer has put on a causal model on a CPU.

    Args:
        model: the causal model, or an adapter's; others than on a CPU are left as they are.
        temperature: divides the logits.
    """
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    config = causal.config
    if next(causal.parameters()).device.type != "cpu" or any(getattr(config, key, None) for key in _AFTER_THE_HEAD):
        return
    fused = causal.forward

    @functools.wraps(type(causal).forward)
    def forward(self: Any, *args: Any, fused_lm_head: bool = False, labels: Any = None, **kwargs: Any) -> Any:
        if not fused_lm_head or kwargs.get("shift_labels") is not None or kwargs.get("output_router_logits"):
            return fused(*args, fused_lm_head=fused_lm_head, labels=labels, **kwargs)
        states = self.base_model(*args, **kwargs | {"use_cache": False}).last_hidden_state[:, :-1]
        wanted = labels[:, 1:]
        mask = wanted != -100
        logits = self.get_output_embeddings()(states[mask]).float() / temperature
        targets = wanted[mask]

        def spread(values: torch.Tensor) -> torch.Tensor:
            return values.new_zeros(mask.shape).masked_scatter(mask, values)

        logprobs = spread(chosen_logprobs(logits, targets))
        with torch.no_grad():
            entropy, mean = spread(entropies_of(logits)), spread(logits.mean(-1))
            top = spread((logits.argmax(-1) == targets).float())
        return FusedCausalLMOutput(
            loss=-logprobs.sum() / mask.sum().clamp(min=1), log_probs=logprobs, entropy=entropy, log_sum_sq_probs=None,
            mean_logits=mean, is_top1=top.bool(), label_mask=mask, aux_loss=None,
        )  # fmt: skip

    causal.forward = types.MethodType(forward, causal)
