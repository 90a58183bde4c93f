"""What a stage is given, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..models import Weights
from ..recipe import Recipe
from ..runs.folder import RunFolder


@dataclass(frozen=True)
class Context:
    """What a stage is given.

    Args:
        recipe: the whole job.
        name: of the stage.
        folder: the stage's own, inside the run's.
        run: the run.
        policy: as the stage before left it.
        reward_model: folder of the newest reward model, where a stage before made one.
        earlier: the policies so far by the stage that left each; the base goes by `base`.
        seed: of everything that the stage draws.
        tell: is told of every line of metrics, and of what is under way.
        report_to: whom TRL reports to as well.
        ends: `time.monotonic()` at which the run's budget is used up.
        probe: so many optimizer steps and no more, for an estimate.
    """

    recipe: Recipe
    name: str
    folder: Path
    run: RunFolder
    policy: Weights
    reward_model: Path | None
    earlier: dict[str, Weights]
    seed: int
    tell: Callable[[dict[str, Any]], None]
    report_to: str = "none"
    ends: float | None = None
    probe: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What a stage leaves.

    Args:
        figures: JSON-able; they go into run.json.
        policy: the policy, where the stage made a new one.
        reward_model: folder of the reward model, where it made one.
    """

    figures: dict[str, Any] = field(default_factory=dict[str, Any])
    policy: Weights | None = None
    reward_model: Path | None = None
