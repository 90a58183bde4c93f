"""A run: the folder that one recipe's training leaves, and how a killed run goes on.

`recipe.yaml` is the recipe with every default written out, `run.json` hashes, seeds and figures, `NAME/` each
stage with its data, metrics and checkpoints, `adapter/` the result. A stage that has its adapter is not run again.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from ...tools import TrainingError
from ...tools.wheels import sha256_of
from .data import generate
from .recipe import Recipe, SFTStage
from .rows import read_rows, write_rows


def train(recipe: Recipe, folder: Path, *, resume: bool = False) -> Path:
    """Runs a recipe.

    Args:
        recipe: what to do.
        folder: the run's folder; made when missing.
        resume: go on where an earlier call stopped.

    Returns:
        The folder of the trained adapter.

    Raises:
        TrainingError: the folder holds another run, or one that `resume` was not asked for.
    """
    _open(recipe, folder, resume)
    previous: Path | None = None
    stages: list[dict[str, Any]] = []
    for stage in recipe.stages:
        place = folder / stage.name
        report = place / "stage.json"
        if not report.is_file():
            report.write_text(json.dumps(_run_stage(recipe, stage, place, previous, resume), indent=2) + "\n")
        stages.append(json.loads(report.read_text()))
        previous = place / "adapter"
    assert previous is not None  # a recipe has at least one stage
    adapter = folder / "adapter"
    if adapter.exists():
        shutil.rmtree(adapter)
    shutil.copytree(previous, adapter)
    summary = {
        "recipe": recipe.name,
        "base": recipe.base,
        "seed": recipe.seed,
        "stages": stages,
        "adapter_sha256": sha256_of(adapter / "adapter_model.safetensors"),
    }
    (folder / "run.json").write_text(json.dumps(summary, indent=2) + "\n")
    return adapter


def _open(recipe: Recipe, folder: Path, resume: bool) -> None:
    import yaml

    resolved = yaml.safe_dump(recipe.model_dump(), sort_keys=False)
    path = folder / "recipe.yaml"
    if path.is_file():
        if path.read_text(encoding="utf-8") != resolved:
            raise TrainingError(f"{folder} holds a run of another recipe; choose another folder with --out.")
        if not resume:
            raise TrainingError(f"{folder} holds a run already; go on with --resume or choose another --out.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(resolved, encoding="utf-8")


def _run_stage(recipe: Recipe, stage: SFTStage, place: Path, previous: Path | None, resume: bool) -> dict[str, Any]:
    from .sft import train_stage

    place.mkdir(parents=True, exist_ok=True)
    data = place / "data.jsonl"
    if not data.is_file():
        write_rows(data, generate("train", stage.seed, stage.rows, stage.mix))
    figures = train_stage(recipe, stage, read_rows(data), place, previous=previous, resume=resume)
    return figures | {"data_sha256": sha256_of(data)}
