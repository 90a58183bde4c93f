"""Direct preference optimisation: TRL's `DPOTrainer` on tokens of our own, with the loss on what the policy said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from trl.trainer.dpo_trainer import DPOTrainer

from .plain_head import use_plain_head


@dataclass(frozen=True)
class PairCollator:
    """Pads pairs: the chosen texts first, then the rejected ones.

    Args:
        pad: id of the padding token.

    Takes rows with `chosen`, `rejected` (token ids) and `chosen_mask`, `rejected_mask` (1 where the policy spoke).
    """

    pad: int

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        texts = [row[side] for side in ("chosen", "rejected") for row in rows]
        masks = [row[f"{side}_mask"] for side in ("chosen", "rejected") for row in rows]
        width = max(map(len, texts))
        return {
            "input_ids": torch.tensor([text + [self.pad] * (width - len(text)) for text in texts]),
            "attention_mask": torch.tensor([[1] * len(text) + [0] * (width - len(text)) for text in texts]),
            "completion_mask": torch.tensor([mask + [0] * (width - len(mask)) for mask in masks]),
        }


class TokenDPOTrainer(DPOTrainer):
    """`DPOTrainer` on what `PairCollator` makes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for model in (self.model, self.ref_model):
            if model is not None:
                use_plain_head(model)

    def _prepare_dataset(self, dataset: Any, processing_class: Any, args: Any, dataset_name: str) -> Any:
        return dataset  # is tokenized

    def _set_signature_columns_if_needed(self) -> None:
        self._signature_columns = ["chosen", "rejected", "chosen_mask", "rejected_mask"]

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """A card belongs to a run, not to each checkpoint."""
