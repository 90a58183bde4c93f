"""The `SFTTrainer` subclass and its callbacks. Imports torch and TRL: import this module when training starts."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from trl import SFTTrainer

from .packing import IGNORED


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
        inputs = dict(inputs)
        targets = inputs.pop("labels")[:, 1:]
        counted = targets != IGNORED
        if self.accelerator.num_processes > 1:
            # The wrapped model's own forward is what synchronises gradients.
            logits = model(**inputs, use_cache=False).logits[:, :-1][counted]
        else:
            unwrapped = self.accelerator.unwrap_model(model)
            causal = unwrapped.get_base_model() if isinstance(unwrapped, PeftModel) else unwrapped
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

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        if time.monotonic() - self._last >= self._seconds:
            self._last = time.monotonic()
            control.should_save = True
        return control


def metrics_writer(path: Path, stage: str) -> TrainerCallback:
    """Appends what the trainer logs to a JSON-lines file and prints it."""
    return _MetricsWriter(path, stage)


def periodic_save(seconds: float) -> TrainerCallback:
    """A checkpoint whenever this many seconds have passed since the last."""
    return _PeriodicSave(seconds)
