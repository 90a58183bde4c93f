"""A trained reward model that scores replies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from ...engines.messages import Message
from ..reply_rows import reply_row

# Tokens that are forwarded at once.
BATCH_TOKENS = 8192
SCALE = "reward_scale.json"


class RewardModel:
    """A reward model and how its scores are read: in standard deviations from the mean of what it was tested on.

    Args:
        folder: what `AutoModelForSequenceClassification` loads, with the tokenizer, as the stage `reward` leaves it.

    Raises:
        ConfigError: it cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        from ..models import precision
        from ..trainers.attention import ATTENTION, can_share

        device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = torch.bfloat16 if precision() == "bf16" else torch.float32
        try:
            model: Any = AutoModelForSequenceClassification.from_pretrained(
                folder, dtype=torch.float32, attn_implementation=ATTENTION
            )
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        except (OSError, ValueError) as error:
            raise ConfigError(f"{folder} is no reward model: {' '.join(str(error).split())[:200]}") from error
        self._shares = can_share(model.base_model)
        if not self._shares:
            model.set_attn_implementation("sdpa")
        self._model = model.to(device, dtype).eval()
        self._device = device
        scale = folder / SCALE
        known = json.loads(scale.read_text(encoding="utf-8")) if scale.is_file() else {"mean": 0.0, "std": 1.0}
        self._mean, self._std = float(known["mean"]), float(known["std"]) or 1.0

    def score(
        self, asked: Sequence[tuple[Sequence[Message], Sequence[Sequence[Message]], Sequence[dict[str, Any]]]]
    ) -> list[list[float]]:
        """The reward of each reply to each prompt.

        Args:
            asked: prompt (with its system message), replies, and schemas of the tools that were offered.
        """
        rows = [reply_row(self._tokenizer, *one) for one in asked]
        raw = raw_rewards(self._model, rows, self._tokenizer.pad_token_id, self._shares)
        return [[(value - self._mean) / self._std for value in values] for values in raw]


def raw_rewards(model: Any, rows: Sequence[dict[str, Any]], pad: int, shares: bool) -> list[list[float]]:
    """What a reward model's head says of each reply of each row (`reply_row`)."""
    import torch

    from ..trainers.reward import forms_of, rewards_of

    device = next(model.parameters()).device
    found: list[list[float]] = []
    with torch.inference_mode():
        for batch in batches_of(rows):
            inputs = forms_of(batch, pad, shares)
            inputs = {key: value.to(device) if hasattr(value, "to") else value for key, value in inputs.items()}
            flat = rewards_of(model, inputs).tolist()
            for row in batch:
                found.append(flat[: len(row["replies"])])
                flat = flat[len(row["replies"]) :]
    return found


def batches_of(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows from `reply_row`, in their order, in batches of at most `BATCH_TOKENS` tokens where a row has fewer."""
    batches: list[list[dict[str, Any]]] = [[]]
    size = 0
    for row in rows:
        tokens = len(row["prompt"]) + sum(map(len, row["replies"]))
        if batches[-1] and size + tokens > BATCH_TOKENS:
            batches.append([])
            size = 0
        batches[-1].append(row)
        size += tokens
    return [batch for batch in batches if batch]
