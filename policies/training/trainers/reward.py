"""The reward model's trainer: TRL's `RewardTrainer` on rankings of K replies in place of pairs.

Each reply is forwarded once, where pairs would forward it K − 1 times, and the prompt of a ranking is read once for all
its replies. The loss is `kwise.kwise_loss`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from trl.trainer.reward_trainer import RewardTrainer

from .attention import positions
from .kwise import kwise_loss


@dataclass(frozen=True)
class RankingCollator:
    """Puts rankings of any K together.

    Args:
        pad: id of the padding token.
        shares: whether replies share the states of their prompt; else they are padded.

    Takes rows with `prompt` (token ids), `replies` (K lists of token ids, each with the stop token) and `pairs` (lists
    `[i, j, target, weight]`). Returns the model's inputs; `ends`, the place of each reply's last token; and `first`,
    `second`, `target`, `weight`, `prompts` for `kwise_loss`.
    """

    pad: int
    shares: bool

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        batch = forms_of(rows, self.pad, self.shares)
        start = 0
        pairs: list[tuple[float, ...]] = []
        for row in rows:
            pairs += [(start + i, start + j, target, weight) for i, j, target, weight in row["pairs"]]
            start += len(row["replies"])
        first, second, target, weight = zip(*pairs, strict=True)
        return batch | {
            "first": torch.tensor(first, dtype=torch.long),
            "second": torch.tensor(second, dtype=torch.long),
            "target": torch.tensor(target, dtype=torch.float),
            "weight": torch.tensor(weight, dtype=torch.float),
            "prompts": len(rows),
        }


def forms_of(rows: Sequence[dict[str, Any]], pad: int, shares: bool) -> dict[str, Any]:
    """The model's inputs for the replies of some prompts, and where each reply ends; see `RankingCollator`."""
    if shares:
        lengths = [[len(row["prompt"]), *map(len, row["replies"])] for row in rows]
        ids = [token for row in rows for text in (row["prompt"], *row["replies"]) for token in text]
        ends: list[int] = []
        at = 0
        for prefix, *parts in lengths:
            at += prefix
            for part in parts:
                at += part
                ends.append(at - 1)
        return {
            "input_ids": torch.tensor([ids]),
            "position_ids": torch.tensor([positions(lengths)]),
            "seq_lengths": lengths,
            "ends": torch.tensor(ends),
        }
    texts = [[*row["prompt"], *reply] for row in rows for reply in row["replies"]]
    width = max(map(len, texts))
    return {
        "input_ids": torch.tensor([text + [pad] * (width - len(text)) for text in texts]),
        "attention_mask": torch.tensor([[1] * len(text) + [0] * (width - len(text)) for text in texts]),
        "ends": torch.tensor([len(text) - 1 for text in texts]),
    }


def rewards_of(model: Any, inputs: dict[str, Any]) -> torch.Tensor:
    """The reward of each reply, `(replies,)`, in float32.

    Args:
        model: made by `AutoModelForSequenceClassification` with one label.
        inputs: from `forms_of`.
    """
    ends = inputs["ends"]
    if "seq_lengths" not in inputs:
        return model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits[:, 0].float()
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    output = inner.base_model(
        input_ids=inputs["input_ids"],
        position_ids=inputs["position_ids"],
        seq_lengths=inputs["seq_lengths"],
        use_cache=False,
    )
    return inner.score(output.last_hidden_state[0, ends])[:, 0].float()


class KwiseRewardTrainer(RewardTrainer):
    """`RewardTrainer` on what `RankingCollator` makes."""

    def __init__(self, *args: Any, center: float, **kwargs: Any) -> None:
        self._center = center
        super().__init__(*args, **kwargs)

    def _prepare_dataset(self, dataset: Any, processing_class: Any, args: Any, dataset_name: str) -> Any:
        return dataset  # is tokenized

    def _set_signature_columns_if_needed(self) -> None:
        self._signature_columns = ["prompt", "replies", "pairs"]

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """See `kwise.kwise_loss`."""
        with self.accelerator.autocast():
            # Alone, the model's parts are called themselves; with others it must be the wrapper, which synchronises.
            alone = self.accelerator.num_processes == 1
            rewards = rewards_of(self.accelerator.unwrap_model(model) if alone else model, inputs)
        pairs = {key: inputs[key] for key in ("first", "second", "target", "weight")}
        loss = kwise_loss(rewards, **pairs, prompts=inputs["prompts"], center=self._center)
        with torch.no_grad():
            difference = rewards[pairs["first"]] - rewards[pairs["second"]]
            right = difference * (pairs["target"] - 0.5) > 0
            metrics = self._metrics["train" if model.training else "eval"]
            if bool((decided := pairs["target"] != 0.5).any()):
                metrics["accuracy"].append(right[decided].float().mean().item())
            metrics["reward_mean"].append(rewards.mean().item())
            metrics["reward_std"].append(rewards.std().item() if len(rewards) > 1 else 0.0)
            self._total_train_tokens += inputs["input_ids"].numel()
            metrics["num_tokens"] = [self._total_train_tokens]
        return (loss, {"logits": rewards}) if return_outputs else loss

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """A card belongs to a run, not to each checkpoint."""
