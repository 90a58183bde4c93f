"""The `SFTTrainer` subclass and its callbacks. Imports torch and TRL: import this module when training starts."""

from __future__ import annotations

import functools
import json
import time
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AttentionInterface, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from trl.trainer.sft_trainer import SFTTrainer

from .packing import IGNORED

ATTENTION = "pericles_shared_prefix"


def shared_prefix_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    seq_lengths: list[list[int]],
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention in which every part of a pack sees its group's prefix and itself.

    Args:
        module: the attention layer.
        query: `(1, heads, tokens, size)`.
        key: `(1, key heads, tokens, size)`.
        value: like `key`.
        attention_mask: unused; `seq_lengths` says all.
        scaling: of the products.
        seq_lengths: `[prefix, part, part, ...]` for each group, in tokens.

    Returns:
        `(1, tokens, heads, size)`, and no weights.
    """
    repeats = query.shape[1] // key.shape[1]
    sizes = [length for group in seq_lengths for length in group]
    # One split has one concatenation as its backward pass; slices would each fill a whole tensor with zeros.
    queries = (query[0] * scaling).to(value.dtype).split(sizes, dim=1)
    keys = key[0].to(value.dtype).repeat_interleave(repeats, dim=0).split(sizes, dim=1)
    values = value[0].repeat_interleave(repeats, dim=0).split(sizes, dim=1)
    outputs: list[torch.Tensor] = []
    with torch.autocast(query.device.type, enabled=False):
        for group in seq_lengths:
            first = len(outputs)
            outputs.append(_attend(queries[first], keys[first], values[first], 0))
            for part in range(first + 1, first + len(group)):
                joined_keys = torch.cat((keys[first], keys[part]), dim=1)
                joined_values = torch.cat((values[first], values[part]), dim=1)
                outputs.append(_attend(queries[part], joined_keys, joined_values, group[0]))
    return torch.cat(outputs, dim=1).transpose(0, 1).unsqueeze(0).contiguous(), None


def _attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, prefix: int) -> torch.Tensor:
    """Causal attention of one part whose keys begin with `prefix` tokens; all `(heads, tokens, size)`.

    Written out because PyTorch's fused kernel for the CPU takes four times as long at these sizes, most of it in
    its backward pass.
    """
    mask = _causal_mask(prefix, query.shape[1], query.dtype, query.device)
    scores = torch.baddbmm(mask.expand(query.shape[0], -1, -1), query, key.transpose(-1, -2))
    return torch.bmm(torch.softmax(scores, dim=-1), value)


@functools.lru_cache(maxsize=1024)
def _causal_mask(prefix: int, part: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    mask = torch.full((part, prefix + part), float("-inf"), dtype=dtype, device=device)
    return mask.triu(prefix + 1)


AttentionInterface.register(ATTENTION, shared_prefix_attention)


class PackedSFTTrainer(SFTTrainer):
    """`SFTTrainer` on packs whose conversations share their prefix, with logits only where the loss is."""

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Token cross-entropy, summed over the loss positions and divided by their number in the whole step."""
        assert self.model is not None
        inputs = dict(inputs)
        targets = inputs.pop("labels")[:, 1:]
        counted = targets != IGNORED
        if self.accelerator.num_processes > 1:
            # The wrapped model's own forward is what synchronises gradients.
            logits = model(**inputs, use_cache=False).logits[:, :-1][counted]
        else:
            unwrapped = self.accelerator.unwrap_model(model)
            causal: Any = unwrapped.get_base_model() if isinstance(unwrapped, PeftModel) else unwrapped
            # accelerate puts autocast around the wrapped model's `forward`, which is passed by here.
            with self.accelerator.autocast():
                hidden = causal.model(**inputs, use_cache=False).last_hidden_state
                logits = causal.lm_head(hidden[:, :-1][counted])
        summed = torch.nn.functional.cross_entropy(logits.float(), targets[counted], reduction="sum")
        number = counted.sum() if num_items_in_batch is None else num_items_in_batch
        loss = summed / torch.as_tensor(number).clamp(min=1)
        if num_items_in_batch is not None and self.args.average_tokens_across_devices:
            loss = loss * self.accelerator.num_processes
        correct = (logits.detach().argmax(-1) == targets[counted]).float().mean().item()
        self._metrics["train" if self.model.training else "eval"]["mean_token_accuracy"].append(correct)
        return (loss, {"logits": logits}) if return_outputs else loss

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """A card belongs to a run, not to each checkpoint."""


class _MetricsWriter(TrainerCallback):
    def __init__(self, path: Path, stage: str) -> None:
        self._path = path
        self._stage = stage
        self._start = time.monotonic()

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        line = {"stage": self._stage, "step": state.global_step, "of": state.max_steps}
        line |= {"seconds": round(time.monotonic() - self._start, 1)} | (logs or {})
        with self._path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


class _PeriodicSave(TrainerCallback):
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if time.monotonic() - self._last >= self._seconds:
            self._last = time.monotonic()
            control.should_save = True


def metrics_writer(path: Path, stage: str) -> TrainerCallback:
    """Appends what the trainer logs to a JSON-lines file and prints it."""
    return _MetricsWriter(path, stage)


def periodic_save(seconds: float) -> TrainerCallback:
    """A checkpoint whenever this many seconds have passed since the last."""
    return _PeriodicSave(seconds)
