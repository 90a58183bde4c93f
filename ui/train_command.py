"""`pericles train`: runs a recipe, and goes on with a run that was stopped."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from ..tools import ConfigError
from .terminal import printable

if TYPE_CHECKING:
    from ..policies.training.recipe import Recipe

Tracker = Literal["none", "trackio", "tensorboard", "wandb"]
# Packages, any of which the tracker can be used with.
_TRACKER_MODULES = {"trackio": ("trackio",), "tensorboard": ("tensorboard", "tensorboardX"), "wandb": ("wandb",)}
_SHOWN_NAMES = ("kl", "entropy", "grad_norm")


def train(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE|resume", help="A recipe's file, or the name of one that ships.")
    ],
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="After resume: a run's folder, or its name in runs/.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a value, such as stages.sft.epochs=2. Repeatable."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder; runs/NAME by default.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what each stage would take, and train nothing.")
    ] = False,
    report_to: Annotated[Tracker, typer.Option("--report-to", help="Also send the metrics to this tracker.")] = "none",
    as_json: Annotated[bool, typer.Option("--json", help="Print every event as a line of JSON.")] = False,
) -> None:
    """Run a recipe, or go on with the run in its folder: `pericles train RECIPE`, `pericles train resume RUN`."""
    found, folder = _resumed(run, sets, out) if recipe == "resume" else _begun(recipe, run, sets, out)
    if dry_run:
        _estimate(found, as_json=as_json)
        return
    _require_tracker(report_to)
    _train(found, folder, report_to, as_json=as_json)


def recipe_file(ref: str) -> Path:
    """The file of a recipe: a path, or the name of one that ships.

    Raises:
        ConfigError: there is none.
    """
    import difflib
    from importlib import resources

    path = Path(ref).expanduser()
    if path.is_file():
        return path
    shipped = {
        file.name.removesuffix(".yaml"): Path(str(file))
        for file in resources.files("pericles.recipes").iterdir()
        if file.name.endswith(".yaml")
    }
    name = ref.removesuffix(".yaml")
    if name in shipped:
        return shipped[name]
    near = difflib.get_close_matches(name, shipped, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(
        f"there is no recipe {ref!r}: name a file, or one that ships: {', '.join(sorted(shipped))}.{hint}"
    )


def _begun(ref: str, run: str | None, sets: list[str] | None, out: Path | None) -> tuple[Recipe, Path]:
    from ..policies.training.recipe import changes_of, load_recipe

    if run is not None:
        raise ConfigError(f"one recipe is trained at a time, and {run!r} is one too many; its folder is --out {run}.")
    recipe = load_recipe(recipe_file(ref), changes_of(sets or ()))
    return recipe, Path("runs") / recipe.name if out is None else out.expanduser()


def _resumed(run: str | None, sets: list[str] | None, out: Path | None) -> tuple[Recipe, Path]:
    from ..policies.training import load_recipe
    from ..policies.training.runs import locate_run
    from ..policies.training.runs.folder import RECIPE

    if run is None:
        raise ConfigError("name the run to go on with: pericles train resume RUN; see: pericles runs list.")
    if sets or out is not None:
        raise ConfigError("a run goes on with its own recipe in its own folder: leave --set and --out.")
    folder = locate_run(run).path
    return load_recipe(folder / RECIPE), folder


def _require_tracker(name: Tracker) -> None:
    from importlib.util import find_spec

    modules = _TRACKER_MODULES.get(name, ())
    if modules and not any(find_spec(module) for module in modules):
        raise ConfigError(f"--report-to {name} needs a package that is missing: pip install {modules[0]}.")


def _estimate(recipe: Recipe, *, as_json: bool) -> None:
    from ..policies.training.dry_run import dry_run

    rows = dry_run(recipe)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    head = ("stage", "kind", "what", "data", "steps", "tokens", "time", "memory")
    cells = [
        (
            *(str(row.get(key, "") or "") for key in ("stage", "kind", "what", "data")), _count(row.get("steps")),
            _count(row.get("tokens")), _time(row.get("seconds")), _bytes(row.get("peak_bytes")),
        )
        for row in rows
    ]  # fmt: skip
    _print_table([head, *cells])
    total = sum(row["seconds"] for row in rows if row.get("seconds") is not None)
    peak = max((row["peak_bytes"] for row in rows if row.get("peak_bytes") is not None), default=None)
    print(f"\ntogether: about {_time(total)}" + ("" if peak is None else f", at most {_bytes(peak)}"))


def _train(recipe: Recipe, folder: Path, report_to: Tracker, *, as_json: bool) -> None:
    from ..policies.training import train as train_recipe
    from ..policies.training.runs.folder import RECIPE

    display = _JsonLines() if as_json else _Bars() if sys.stderr.isatty() else _Lines()
    try:
        with display:
            policy = train_recipe(recipe, folder, report_to=report_to, tell=display.tell)
    except KeyboardInterrupt:
        begun = (folder / RECIPE).is_file()
        _say(f"stopped; `pericles train resume {folder}` goes on" if begun else "stopped before anything was begun")
        raise
    if as_json:
        told = {"event": "trained", "run": str(folder), "policy": None if policy is None else str(policy)}
        print(json.dumps(told, ensure_ascii=False))
        return
    if policy is None:
        print(printable(f"no stage left a policy that is better than {recipe.base}"))
    else:
        print(printable(f"policy: {policy}\nto talk with it: pericles chat --policy run:{folder}"))
    print(printable(f"to see how it went: pericles runs show {folder}"))


@dataclass
class _Pace:
    """How fast a stage goes, from the first step that was seen: a resumed stage does not begin at 0."""

    step: float
    at: float

    def seconds_per_step(self, step: float) -> float | None:
        return (time.monotonic() - self.at) / (step - self.step) if step > self.step else None


class _Display:
    """What is told while training.

    The training tells lines of metrics (`stage`, `step`, `of`, figures) and events (`stage`, `event`).
    """

    def __init__(self) -> None:
        self._paces: dict[str, _Pace] = {}

    def __enter__(self) -> _Display:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def tell(self, told: dict[str, Any]) -> None:
        """Shows a line of metrics or an event."""
        raise NotImplementedError

    def _pace(self, stage: str, step: float, of: float | None) -> str:
        """Rate and time left."""
        pace = self._paces.setdefault(stage, _Pace(step, time.monotonic()))
        each = pace.seconds_per_step(step)
        if each is None:
            return ""
        rate = f"{1 / each:.1f} steps/s" if 0 < each < 1 else f"{each:.1f} s/step"
        return rate if of is None or of <= step else f"{rate}, {_time(each * (of - step))} left"


class _JsonLines(_Display):
    """Everything, as JSON."""

    def tell(self, told: dict[str, Any]) -> None:
        from ..policies.training.runs.lines import plain

        print(json.dumps(plain(told), ensure_ascii=False), flush=True)


class _Lines(_Display):
    """A line for each log, for files and pipes."""

    def tell(self, told: dict[str, Any]) -> None:
        stage = str(told.get("stage", ""))
        if "event" in told:
            _say(_event(told))
            return
        step, of = told.get("step"), told.get("of")
        if not isinstance(step, int | float):
            return
        steps = f"{step}" if of is None else f"{step}/{of}"
        parts = [f"{stage} {steps}", _figures(told), self._pace(stage, step, of)]
        _say("  ".join(part for part in parts if part))


class _Bars(_Display):
    """A bar for each stage."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__()
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
            TextColumn("{task.fields[figures]}", markup=False),
        )
        self._progress = Progress(*columns, console=console or Console(stderr=True))
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, told: dict[str, Any]) -> None:
        stage = str(told.get("stage", ""))
        event = told.get("event")
        step, of = told.get("step"), told.get("of")
        if stage and stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(printable(stage), total=of, pace="", figures="")
        if event == "finished":
            self._finish(stage)
        elif event == "planned" and stage:
            self._progress.update(self._tasks[stage], total=told.get("steps"))
        elif event not in (None, "started"):
            self._progress.console.print(printable(_event(told)), markup=False, highlight=False)
        elif event is None and stage and isinstance(step, int | float):
            self._progress.update(
                self._tasks[stage], completed=step, total=of, pace=self._pace(stage, step, of), figures=_figures(told)
            )

    def _finish(self, stage: str) -> None:
        if stage not in self._tasks:
            return
        task = self._progress.tasks[self._progress.task_ids.index(self._tasks[stage])]
        # A stage that ends before its last step, or that counts none, is done all the same.
        done = task.completed or 1
        self._progress.update(self._tasks[stage], total=done, completed=done, pace="done")


def _event(told: dict[str, Any]) -> str:
    """An event in words, such as `evaluate: measured, policy rl`."""
    parts = [str(told["event"]), *(f"{key} {told[key]}" for key in told if key not in ("stage", "event"))]
    return f"{told['stage']}: {', '.join(parts)}" if told.get("stage") else ", ".join(parts)


def _figures(line: dict[str, Any]) -> str:
    """The newest figures that a reader looks for."""
    from ..policies.training.runs.quantities import HELD_OUT_NAMES, LOSS_NAMES, REWARD_NAMES, figures_in

    figures = figures_in(line)
    groups = (LOSS_NAMES, REWARD_NAMES, HELD_OUT_NAMES, *((name,) for name in _SHOWN_NAMES))
    names = [next((name for name in group if name in figures), None) for group in groups]
    return " ".join(f"{name} {figures[name]:.4g}" for name in names if name is not None)


def _count(value: Any) -> str:
    return "" if value is None else f"{value:,}"


def _time(seconds: Any) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _bytes(size: Any) -> str:
    return "" if size is None else f"{size / 2**30:.1f} GiB"


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(printable("  ".join(cells).rstrip()))


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr, flush=True)
