"""What all of TRL's trainers are told alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..models import precision
from ..recipe import Optimizer
from .context import Context


def common_arguments(context: Context, stage: Optimizer, steps: int) -> dict[str, Any]:
    """Arguments of `TrainingArguments`.

    Args:
        context: of the stage.
        stage: its section of the recipe.
        steps: optimizer steps that it would make without a budget.
    """
    import torch

    planned = min(steps, stage.budget.steps or steps)
    total = min(planned, context.probe or planned)
    context.tell({"stage": context.name, "event": "planned", "steps": planned})
    return {
        "output_dir": str(context.folder),
        "max_steps": total,
        "learning_rate": stage.learning_rate,
        "lr_scheduler_type": stage.schedule if stage.schedule != "constant" else "constant_with_warmup",
        "warmup_steps": int(steps * stage.warmup_ratio),
        "weight_decay": stage.weight_decay,
        "max_grad_norm": stage.max_grad_norm,
        "seed": context.seed,
        "data_seed": context.seed,
        "use_cpu": not torch.cuda.is_available(),
        "bf16": precision(context.recipe.precision) == "bf16",
        "activation_checkpointing": context.recipe.gradient_checkpointing,
        "logging_steps": stage.log_steps,
        "logging_first_step": True,
        "save_strategy": "no",  # Checkpoints decides
        "save_total_limit": 2,
        "report_to": context.report_to,
        "run_name": f"{context.recipe.name}-{context.name}",
        "disable_tqdm": True,
        "remove_unused_columns": False,
        "dataloader_pin_memory": False,
    }


def set_threads(context: Context) -> None:
    """Sets the recipe's number of threads; late, because accelerate sets its own for a CPU."""
    import torch

    if context.recipe.threads:
        torch.set_num_threads(context.recipe.threads)


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end."""
    found = [path for path in folder.glob("checkpoint-*") if (path / "trainer_state.json").is_file()]
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
