"""The pretraining term of PPO-ptx (Ouyang et al. 2022, equation 2): γ E[log π(x)] on pretraining text.

It keeps what a policy knew while rewards pull at it. Any trainer takes it by inheriting from `PretrainingLoss` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from .attention import ATTENTION, positions


@dataclass(frozen=True)
class PretrainingStream:
    """Sequences of pretraining text, drawn by step number, so that a resumed run sees what it would have seen.

    Args:
        sequences: `(number, tokens)` token ids; every sequence is full.
        per_step: sequences in one optimizer step, of each process.
        coef: γ.
        seed: of the drawing.
    """

    sequences: torch.Tensor
    per_step: int
    coef: float
    seed: int

    def batch(self, step: int, process: int = 0) -> torch.Tensor:
        """The sequences of one optimizer step, `(per_step, tokens)`."""
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + step) * 1_009 + process)
        drawn = torch.randint(len(self.sequences), (self.per_step,), generator=generator)
        return self.sequences[drawn]


def cut(texts: Sequence[list[int]], length: int, stop: int) -> torch.Tensor:
    """Joins tokenized documents, each ended by the stop token, and cuts them into sequences of one length.

    Args:
        texts: token ids of each document.
        length: tokens of a sequence.
        stop: id of the token between documents.

    Returns:
        `(number, length)`; what is left at the end is dropped.
    """
    joined = torch.tensor([token for text in texts for token in (*text, stop)])
    number = len(joined) // length
    return joined[: number * length].view(number, length)


def language_model_loss(model: Any, ids: torch.Tensor) -> torch.Tensor:
    """Mean negative log-likelihood per token (nats) of sequences `(number, tokens)`, given their first token."""
    config = getattr(model, "config", None)
    if getattr(config, "_attn_implementation", None) == ATTENTION:
        # That attention takes one row, in which the sequences are parts without a prefix.
        lengths = [[0, *[ids.shape[1]] * len(ids)]]
        places = torch.tensor([positions(lengths)], device=ids.device)
        inputs = {"input_ids": ids.reshape(1, -1), "position_ids": places, "seq_lengths": lengths}
    else:
        inputs = {"input_ids": ids}
    logits = model(**inputs, use_cache=False).logits.view(*ids.shape, -1)[:, :-1]
    return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())


class PretrainingLoss:
    """Mixed into a trainer: every training step adds the gradient of γ times the pretraining loss."""

    pretraining: PretrainingStream | None = None

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> torch.Tensor:
        """The trainer's own step, then a second backward pass on the stream's share of this step."""
        loss = super().training_step(model, inputs, num_items_in_batch)  # pyright: ignore[reportAttributeAccessIssue]
        return loss if self.pretraining is None else loss + self._pretraining_step(model, self.pretraining)

    def _pretraining_step(self, model: Any, stream: PretrainingStream) -> torch.Tensor:
        trainer: Any = self
        parts = trainer.current_gradient_accumulation_steps
        part = trainer._ptx_part = getattr(trainer, "_ptx_part", -1) + 1
        whole = stream.batch(trainer.state.global_step, trainer.accelerator.process_index)
        batch = whole[part % parts :: parts].to(trainer.accelerator.device)
        if not len(batch):
            return torch.zeros((), device=trainer.accelerator.device)
        with trainer.compute_loss_context_manager():
            loss = language_model_loss(model, batch) * (len(batch) / len(whole))
        trainer.accelerator.backward(stream.coef * loss)
        trainer._metrics["train"]["ptx_loss"].append(loss.item() * len(whole) / len(batch))
        return stream.coef * loss.detach()
