"""Carries the stages of a recipe out. A module holds one kind, and is imported when a recipe has it."""

from __future__ import annotations

import importlib

from ..recipe import Stage
from .context import Context, Outcome

__all__ = ["Context", "Outcome", "run_stage"]


def run_stage(context: Context, stage: Stage) -> Outcome:
    """Carries one stage out: `run_KIND` of the module `KIND`.

    Raises:
        ConfigError: the recipe or its data is wrong.
        TrainingError: the stage was broken off.
    """
    kind = stage.kind.replace("-", "_")
    return getattr(importlib.import_module(f".{kind}", __name__), f"run_{kind}")(context, stage)
