"""The held-out score at whose peak a stage `rl` stops."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...feedback import prompt_key
from ..models import Weights, save_policy
from ..processes import is_main
from ..recipe import RLStage
from ..rewards.registry import gold
from ..sources.prompt import Prompt
from .context import Context
from .player import Player


class Looks:
    """Looks at the held-out score every so many steps, keeps the policy of its peak, and ends the stage behind it."""

    def __init__(
        self, context: Context, stage: RLStage, player: Player, prompts: Sequence[Prompt], tokenizer: Any
    ) -> None:
        self._context, self._stage, self._player, self._prompts = context, stage, player, prompts
        self._tokenizer = tokenizer
        self._file = context.folder / "held_out.json"
        self.seen: list[dict[str, Any]] = []
        if self._file.is_file():
            self.seen = json.loads(self._file.read_text(encoding="utf-8"))

    def callback(self, trainer: Any) -> Any:
        """What the trainer calls."""
        from transformers import TrainerCallback

        looks = self

        class Callback(TrainerCallback):
            def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                looks.seen = [one for one in looks.seen if one["step"] <= state.global_step]
                looks.look(trainer, state.global_step)

            def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                last = state.global_step >= state.max_steps or control.should_training_stop
                if state.global_step % looks._stage.held_out.every == 0 or last:
                    looks.look(trainer, state.global_step)
                if looks.is_past_peak():
                    control.should_training_stop = True

        return Callback()

    def look(self, trainer: Any, step: int) -> None:
        """Scores greedy replies to the held-out prompts, once for each step."""
        if not self._prompts or any(one["step"] == step for one in self.seen):
            return
        learner = trainer.accelerator.unwrap_model(trainer.model)
        if self._player.copy is not None:
            self._player.copy.refresh(learner)
        else:
            trainer.vllm_generation.sync_weights()
        sampling = self._stage.sampling
        found = self._player.sampler.replies(
            self._prompts, [0] * len(self._prompts), temperature=0.0, max_new_tokens=sampling.max_new_tokens,
            max_steps=sampling.max_steps,
        )  # fmt: skip
        scores = gold([rollout.reply for rollout in found])
        from ....evals.statistics import estimate

        figure = estimate(scores, [prompt_key(prompt.messages) for prompt in self._prompts])
        line = {
            "step": step,
            "value": round(figure.mean, 4),
            "low": round(figure.low, 4),
            "high": round(figure.high, 4),
            "n": figure.n,
        }
        better = not self.seen or line["value"] > max(one["value"] for one in self.seen)
        self.seen.append(line)
        if not is_main():
            return
        self._context.run.append_metrics(
            {
                "stage": self._context.name,
                "step": step,
                "of": trainer.state.max_steps or step,
                "held_out/gold": line["value"],
            }
        )
        if better and step:
            save_policy(learner, self._tokenizer, self._context.folder / "best", self._context.policy.base)
        self._file.write_text(json.dumps(self.seen) + "\n", encoding="utf-8")

    def is_past_peak(self) -> bool:
        """Whether the last looks were all no better than the best before them."""
        patience = self._stage.held_out.patience
        values = [one["value"] for one in self.seen]
        return bool(patience) and len(values) > patience and max(values[-patience:]) <= max(values[:-patience])

    def best(self) -> Weights | None:
        """The policy of the peak; what the stage started from, where nothing was better; `None` without looks."""
        if not self.seen:
            return None
        peak = max(self.seen, key=lambda one: one["value"])
        if peak["step"] == 0:
            return self._context.policy
        folder = self._context.folder / "best"
        if self._context.recipe.adapter is None:
            return Weights(str(folder / "model"), None, self._context.policy.base)
        return Weights(self._context.policy.model, folder / "adapter", self._context.policy.base)

    def figures(self) -> dict[str, Any]:
        """The looks, for run.json."""
        if not self.seen:
            return {}
        peak = max(self.seen, key=lambda one: one["value"])
        return {"held_out": self.seen, "held_out_start": self.seen[0], "held_out_peak": peak}
