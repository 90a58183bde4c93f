"""A copy of the learner to decode with: adapters merged, the attention that decoding needs, and no gradients."""

from __future__ import annotations

from typing import Any

import torch


class InferenceCopy:
    """A plain causal model that takes over the learner's weights whenever it is told to.

    Args:
        learner: the model that learns, with or without an adapter.
        dtype: of the copy.
    """

    def __init__(self, learner: Any, dtype: torch.dtype) -> None:
        from transformers import AutoModelForCausalLM

        own = _plain(learner).config
        config = type(own).from_dict(own.to_dict())
        self.model: Any = AutoModelForCausalLM.from_config(config, dtype=dtype, attn_implementation="sdpa").eval()
        self.model.generation_config = learner.generation_config
        self.model.requires_grad_(False)
        self.model.to(next(learner.parameters()).device)
        self.refresh(learner)

    @torch.no_grad()
    def refresh(self, learner: Any) -> None:
        """Takes over the learner's weights as they are now."""
        weights = dict(_merged(_plain(learner)))
        for name, mine in self.model.named_parameters():
            mine.copy_(weights[name])
        buffers = dict(_plain(learner).named_buffers())
        for name, mine in self.model.named_buffers():
            if name in buffers:
                mine.copy_(buffers[name])


def _plain(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _merged(model: Any) -> Any:
    """Each weight under the name that it has without an adapter, with the adapter's part added."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    adapted: dict[str, Any] = {
        name: module for name, module in model.named_modules() if isinstance(module, BaseTunerLayer)
    }
    for name, value in model.named_parameters():
        module, _, last = name.rpartition(".base_layer.")
        if module in adapted:
            layer: Any = adapted[module]
            added = layer.get_delta_weight("default") if last == "weight" else 0
            yield f"{module}.{last}", value + added
        elif not any(name.startswith(f"{place}.lora_") for place in adapted):
            yield name, value
