"""Carries a trainer through a stage: metrics, checkpoints, budget and limits, and going on where a run was killed."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

from ..recipe import Limits, Optimizer
from .arguments import last_checkpoint
from .context import Context


def carry_out(
    context: Context,
    stage: Optimizer,
    trainer: Any,
    *,
    limits: Limits | None = None,
    save_every: int = 1,
    extra: Callable[[], dict[str, float]] = dict,
    callbacks: tuple[Any, ...] = (),
) -> dict[str, Any]:
    """Trains, from the stage's last checkpoint on where there is one.

    Args:
        context: of the stage.
        stage: its section of the recipe.
        trainer: one of TRL's.
        limits: where the stage is broken off.
        save_every: checkpoints are written at multiples of so many steps only.
        extra: figures that are added to every line of metrics.
        callbacks: the stage's own.

    Returns:
        Figures: steps, tokens, seconds, tokens a second, mean loss, what ended it.

    Raises:
        TrainingError: a limit was passed.
    """
    from transformers import PrinterCallback

    from ..trainers.callbacks import Breaks, BudgetEnd, Checkpoints, Metrics

    checkpoint = None if context.probe else last_checkpoint(context.folder)
    if checkpoint is not None and trainer.is_world_process_zero():
        context.run.drop_metrics_after(context.name, int(checkpoint.name.rpartition("-")[2]))
    elif checkpoint is None and trainer.is_world_process_zero():
        context.run.drop_metrics_after(context.name, -1)

    def write(line: dict[str, Any]) -> None:
        context.run.append_metrics(line)
        context.tell(line)

    def saved() -> str:
        last = last_checkpoint(context.folder)
        return f"The last good checkpoint is {last.name}." if last else "There is no checkpoint yet."

    def tokens() -> int:
        # Each of TRL's trainers counts in one of two places.
        return max(int(trainer.state.num_input_tokens_seen), int(getattr(trainer, "_total_train_tokens", 0)))

    trainer.remove_callback(PrinterCallback)
    budget = BudgetEnd(stage.budget, context.ends, tokens)
    lines = context.run.metrics(context.name)
    before = max((float(line.get("seconds") or 0) for line in lines), default=0.0)
    for callback in (
        Metrics(context.name, write, extra, before),
        Breaks(limits, saved),
        budget,
        Checkpoints(stage.save_minutes * 60, save_every),
        *callbacks,
    ):
        trainer.add_callback(callback)
    start = time.monotonic()
    with warnings.catch_warnings():
        # What transformers and TRL say about their own future names is nothing that a user can change.
        warnings.simplefilter("ignore", FutureWarning)
        output = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = before + time.monotonic() - start
    return {
        "steps": trainer.state.global_step,
        "tokens": tokens(),
        "seconds": round(seconds, 1),
        "resumed_from": checkpoint.name if checkpoint else None,
        "mean_loss": round(float(output.training_loss), 4),
        "ended_by": budget.reason or "steps",
    }
