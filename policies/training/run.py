"""Carries a recipe out: stage after stage into the run's folder, and on from where it was killed.

A stage that has its `stage.json` is not run again; one that was under way goes on from its last checkpoint.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...tools import PericlesError
from ...tools.wheels import sha256_of
from .models import ADAPTER, MODEL, Weights, starting_weights
from .processes import is_main
from .recipe import AIRankStage, CalibrateStage, CritiqueStage, Recipe, Stage, TamerStage
from .runs.card import write_card
from .runs.folder import RunFolder
from .runs.plots import draw
from .seeds import seed_of
from .stages import Context, Outcome, run_stage
from .stages.judges import check_constitutions
from .suites import run_suites

Tell = Callable[[dict[str, Any]], None]


def train(
    recipe: Recipe,
    folder: Path,
    *,
    report_to: str = "none",
    tell: Tell | None = None,
) -> Path | None:
    """Runs a recipe, or goes on with the run that is in its folder.

    Args:
        recipe: what to do.
        folder: the run's folder; made when it is missing.
        report_to: `none`, or a tracker that TRL reports to as well: `trackio`, `tensorboard`, `wandb`.
        tell: is told of every line of metrics, and of the stages: `{"stage": …, "event": "started"}`.

    Returns:
        The folder of the trained policy; `None` where no stage trained one, or none got better than the base.

    Raises:
        TrainingError: a stage was broken off.
        ConfigError: the recipe or its data is wrong, the folder holds another run, or another process trains in it.
    """
    folder = Path(folder)
    if not is_main():
        return _train(recipe, folder, report_to, _silent)
    run = RunFolder(folder).create(recipe)
    with run.lock():
        run.update(status="running", error=None)
        try:
            policy = _train(recipe, folder, report_to, tell or _silent)
        except KeyboardInterrupt:
            run.update(status="stopped")
            raise
        except PericlesError as error:
            run.update(status="failed", error=str(error))
            raise
        except BaseException as error:
            run.update(status="failed", error=f"{type(error).__name__}: {error}")
            raise
        run.update(status="finished")
        draw(run)
        write_card(run)
    return policy


def _silent(_: dict[str, Any]) -> None:
    pass


def _train(recipe: Recipe, folder: Path, report_to: str, tell: Tell) -> Path | None:
    from accelerate.state import PartialState
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    state = PartialState()
    state.wait_for_everyone()
    run = RunFolder(folder)
    begun = time.monotonic()
    base = starting_weights(recipe.base)
    check_constitutions(recipe)
    if is_main():
        run.update(base=base.base, base_sha256=base.digest())
        run_suites(recipe, run, "before", recipe.base, tell)
    policy, reward_model = base, None
    earlier = {"base": base}
    for number, (name, stage) in enumerate(recipe.steps()):
        place = folder / name
        done = place / "stage.json"
        if not done.is_file():
            place.mkdir(parents=True, exist_ok=True)
            ends = begun + recipe.budget.hours * 3600 if recipe.budget.hours else None
            context = Context(
                recipe, name, place, run, policy, reward_model, dict(earlier),
                seed_of(recipe.seed, number) % 2**31, tell, report_to, ends,
            )  # fmt: skip
            tell({"stage": name, "event": "started"})
            start = time.monotonic()
            # What takes no gradient steps is done by one process; the others wait.
            alone = isinstance(stage, CritiqueStage | AIRankStage | CalibrateStage | TamerStage)
            outcome = run_stage(context, stage) if is_main() or not alone else Outcome()
            state.wait_for_everyone()
            if is_main():
                _finish(run, place, name, stage, outcome, time.monotonic() - start)
            state.wait_for_everyone()
            tell({"stage": name, "event": "finished"})
        written = json.loads(done.read_text(encoding="utf-8"))
        if written["policy"] is not None:
            policy = _weights(base, folder, written["policy"])
            earlier[name] = policy
        if written["reward_model"] is not None:
            reward_model = folder / written["reward_model"]
    result = None if policy == base else _result(folder, policy)
    if is_main() and result is not None:
        weights = result / ("adapter_model.safetensors" if result.name == ADAPTER else "model.safetensors")
        digest = sha256_of(weights) if weights.is_file() else Weights(str(result), None, base.base).digest()
        run.update(policy={"kind": result.name, "sha256": digest})
        run_suites(recipe, run, "after", f"run:{folder}", tell)
    state.wait_for_everyone()
    return result


def _finish(run: RunFolder, place: Path, name: str, stage: Stage, outcome: Outcome, seconds: float) -> None:
    """Writes what a stage left; its checkpoints are needed no longer."""
    data = {file.name: sha256_of(file) for file in sorted(place.glob("*.jsonl"))}
    written = {
        "policy": None if outcome.policy is None else _relative(outcome.policy, run.path),
        "reward_model": None if outcome.reward_model is None else outcome.reward_model.relative_to(run.path).as_posix(),
    }
    entry = {"name": name, "kind": stage.kind, **outcome.figures, "data": data, "stage_seconds": round(seconds, 1)}
    stages = [one for one in run.read()["stages"] if one.get("name") != name]
    run.update(stages=[*stages, entry])
    beside = place / "stage.json.partial"
    beside.write_text(json.dumps(written | {"figures": entry}, indent=1, default=str) + "\n", encoding="utf-8")
    beside.replace(place / "stage.json")
    for checkpoint in (*place.glob("checkpoint-*"), place / "start"):
        shutil.rmtree(checkpoint, ignore_errors=True)


def _relative(policy: Weights, folder: Path) -> dict[str, str]:
    """Where a policy lies, in words that hold when the run is moved."""
    place = policy.adapter or Path(policy.model)
    if place.is_relative_to(folder):
        return {"in_run": place.relative_to(folder).as_posix()}
    return {"base": policy.base}


def _weights(base: Weights, folder: Path, written: dict[str, str]) -> Weights:
    if "in_run" not in written:
        return base
    place = folder / written["in_run"]
    if place.name == ADAPTER:
        return Weights(base.model, place, base.base)
    return Weights(str(place), None, base.base)


def _result(folder: Path, policy: Weights) -> Path:
    """Puts the policy where `load_policy("run:DIR")` looks for it."""
    name = ADAPTER if policy.adapter is not None else MODEL
    target = folder / name
    source = policy.adapter if policy.adapter is not None else Path(policy.model)
    if is_main():
        for old in (folder / ADAPTER, folder / MODEL):
            shutil.rmtree(old, ignore_errors=True)
        shutil.copytree(source, target)
    return target
