"""What a recipe would take on this machine, estimated from a few steps of each stage.

Every stage is tried in a process of its own, so that its peak of memory is its own. All start from the recipe's base,
since nothing is trained yet: a trained policy writes longer or shorter replies, and takes as much more or less time.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ...tools import TrainingError
from .recipe import CalibrateStage, EarlierStage, Recipe, RLStage, Stage, is_called, parse_recipe
from .runs.folder import RunFolder

STEPS = 3


def dry_run(recipe: Recipe) -> list[dict[str, Any]]:
    """Tries each stage for three steps.

    Args:
        recipe: what would be trained.

    Returns:
        For each stage `stage`, `kind`, `what` (in words), `data`, `steps`, `tokens`, `seconds`, `peak_bytes`; figures
        that cannot be told are `None`. Stages of the same settings in several rounds are tried once.

    Raises:
        TrainingError: a stage fails already in its first steps.
        ConfigError: the data is wrong.
    """
    tried: dict[str, dict[str, Any]] = {}
    rows: list[dict[str, Any]] = []
    policies = 1
    for number, (name, stage) in enumerate(recipe.steps()):
        key = stage.model_dump_json()
        if key not in tried:
            tried[key] = _tried(recipe, number)
        rows.append(_row(name, stage, tried[key], policies))
        policies += stage.kind in ("sft", "rl", "dpo")
    return rows


def _tried(recipe: Recipe, number: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        more = 1.0
        for before in _read_from(recipe, number):
            done = _in_a_process(recipe, before, folder)
            more *= done["prompts"] / done["tried_prompts"] if done["tried_prompts"] else 1.0
        found = _in_a_process(recipe, number, folder)
    # What the stage reads was made of a few prompts only; of all of them there will be more.
    if found["steps"] is not None:
        found["steps"] = round(found["steps"] * more)
    found["set_up_seconds"] *= more
    return found


def _read_from(recipe: Recipe, number: int) -> list[int]:
    """The stages whose data a stage is made of, in the order in which they are carried out."""
    steps = recipe.steps()
    _, stage = steps[number]
    names = {source.stage for source in getattr(stage, "data", ()) if isinstance(source, EarlierStage)}
    if isinstance(stage, CalibrateStage):
        names.add(stage.ai)
    if isinstance(stage, RLStage) and "live" in stage.rewards:
        names.add(stage.live)
    found: list[int] = []
    for name in names:
        before = [at for at in range(number) if is_called(steps[at], name)]
        found += [*_read_from(recipe, before[-1]), before[-1]] if before else []
    return sorted(set(found))


def _in_a_process(recipe: Recipe, number: int, folder: str) -> dict[str, Any]:
    job = {"recipe": recipe.model_dump(mode="json"), "number": number, "folder": folder}
    command = [sys.executable, "-m", "pericles.policies.training.dry_run"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        said = [line for line in done.stderr.strip().splitlines() if line.strip()] or ["it was killed"]
        name = recipe.steps()[number][0]
        raise TrainingError(f"stage {name} fails in its first steps: {said[-1].removeprefix('error: ')}")
    return json.loads(lines[-1])


def _row(name: str, stage: Stage, tried: dict[str, Any], policies: int) -> dict[str, Any]:
    steps, each = tried["steps"], tried["seconds_per_step"]
    seconds = None if each is None or steps is None else each * steps
    if tried["sampling_seconds"] is not None:
        times = policies if stage.kind == "evaluate" else 1
        seconds = (seconds or 0.0) + tried["sampling_seconds"] * times
    elif steps is None:
        seconds = 0.0  # all that such a stage does is counted as setting up
    tokens = tried["tokens_per_step"]
    return {
        "stage": name,
        "kind": stage.kind,
        "what": _what(stage),
        "data": tried["data"],
        "steps": steps,
        "tokens": None if tokens is None or steps is None else round(tokens * steps),
        "seconds": None if seconds is None else round(seconds + tried["set_up_seconds"], 1),
        "peak_bytes": tried["peak_bytes"],
    }


def _what(stage: Stage) -> str:
    match stage.kind:
        case "critique":
            return f"{stage.revisions} time(s) criticised and rewritten"
        case "ai-rank":
            return f"{stage.judge.policy} judges, {stage.judge.principles} principle(s) a pair"
        case "tamer":
            return f"a head from the clicks of {len(stage.clicks)} file(s)"
        case "calibrate":
            return f"labels of {stage.ai} against people's"
        case "sft":
            return f"{stage.epochs:g} epoch(s), packs of {stage.pack_tokens} tokens"
        case "reward":
            return f"{stage.epochs:g} epoch(s), {stage.prompts_per_step} rankings a step"
        case "rl":
            return f"{stage.algorithm}, {stage.prompts_per_step} prompts × {stage.generations} replies a step"
        case "dpo":
            return f"{stage.epochs:g} epoch(s), {stage.pairs_per_step} pairs a step"
        case "evaluate":
            return f"greedy replies{f', best of {stage.best_of}' if stage.best_of else ''}"


def _probe(recipe: Recipe, number: int, folder: Path) -> dict[str, Any]:
    """Runs a stage for its first steps; called in a process of its own."""
    import resource

    from .models import starting_weights
    from .stages import Context, run_stage
    from .stages.reward import untrained_reward_model

    told: list[tuple[float, dict[str, Any]]] = []
    run = RunFolder(folder / "run").create(recipe)
    name, stage = recipe.steps()[number]
    base = starting_weights(recipe.base)
    place = folder / name
    place.mkdir()
    context = Context(
        recipe, name, place, run, base, None, {"base": base}, recipe.seed,
        lambda line: told.append((time.monotonic(), line)), probe=STEPS,
    )  # fmt: skip
    if "reward_model" in getattr(stage, "rewards", {}) or getattr(stage, "best_of", 0):
        context = dataclasses.replace(context, reward_model=untrained_reward_model(context, folder / "judge"))
    start = time.monotonic()
    outcome = run_stage(context, stage)
    ended = time.monotonic()
    planned: dict[str, Any] = {}
    for _, line in told:
        if line.get("event") == "planned":
            planned |= line
    logged = [(at, line) for at, line in told if "step" in line and "seconds" in line]
    each = None
    if logged:
        # The first step warms up.
        first, last = logged[min(1, len(logged) - 1)], logged[-1]
        steps = last[1]["step"] - first[1]["step"]
        each = (last[0] - first[0]) / steps if steps else last[1]["seconds"] / last[1]["step"]
    training = logged[-1][1]["seconds"] if logged else 0.0
    prompts = planned.get("prompts")
    whole = ended - start
    done_prompts = planned.get("tried") or (min(prompts, STEPS * 4) if prompts else None)
    steps = planned.get("steps")
    if steps and prompts and done_prompts:
        # Of what is sampled, the whole stage trains on as much more as it asks more prompts.
        steps = round(steps * prompts / done_prompts)
    figures = outcome.figures
    trained_steps = figures.get("steps") or 0
    tokens = figures.get("tokens")
    return {
        "data": f"{prompts} prompts" if prompts else _data(figures),
        "prompts": prompts,
        "tried_prompts": done_prompts,
        "steps": steps,
        "seconds_per_step": each,
        "tokens_per_step": tokens / trained_steps if tokens and trained_steps else None,
        "sampling_seconds": (whole - training) * prompts / done_prompts if prompts and done_prompts else None,
        "set_up_seconds": 0.0 if prompts else max(0.0, whole - training),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _data(figures: dict[str, Any]) -> str:
    for key in ("conversations", "rankings", "pairs", "prompts"):
        if key in figures:
            return f"{figures[key]:,} {key}"
    return ""


def _main() -> int:
    from ...tools import PericlesError

    job = json.load(sys.stdin)
    try:
        found = _probe(parse_recipe(job["recipe"]), job["number"], Path(job["folder"]))
    except PericlesError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
