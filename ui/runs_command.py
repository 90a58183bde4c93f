"""`pericles runs`: training runs to list, show, compare and remove."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..tools import ConfigError
from .terminal import printable

if TYPE_CHECKING:
    from ..policies.training.runs import RunFolder, RunSummary

app = typer.Typer(no_args_is_help=True, help="The training runs.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_BARS = "▁▂▃▄▅▆▇█"
_SPARK_CHARS = 32
_CELL_CHARS = 40


@app.command("list")
def runs_list(
    folder: Annotated[Path | None, typer.Option("--dir", help="Folder with the runs; runs by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the runs, those begun last first."""
    from ..policies.training.runs import find_runs
    from ..policies.training.runs.listing import RUNS

    found = [] if folder is None and not RUNS.is_dir() else find_runs(RUNS if folder is None else folder)
    if as_json:
        _print_json([run.to_dict() for run in found])
    elif found:
        _print(_table([("run", "status", "at", "started", "hours", "loss", "reward", "held out"), *map(_row, found)]))
    else:
        typer.echo("no runs yet; begin one with: pericles train default", err=True)


@app.command("show")
def runs_show(
    run: Annotated[str, typer.Argument(help="A run's folder, or its name in runs/.")], as_json: JsonOption = False
) -> None:
    """Show a run: its stages, their figures, and how its metrics went."""
    from ..policies.training.runs import locate_run, summary_of
    from ..policies.training.runs.folder import PLOTS

    folder = locate_run(run)
    summary, about, lines = summary_of(folder), folder.read(), folder.metrics()
    plots = sorted(str(file) for file in (folder.path / PLOTS).glob("*.png"))
    if as_json:
        last = {str(line.get("stage")): line for line in lines}
        _print_json({**about, **summary.to_dict(), "stages": about["stages"], "last": last, "plots": plots})
    else:
        _print(_shown(folder, summary, about, lines, plots))


@app.command("compare")
def runs_compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN…", help="Folders of runs, or names in runs/.")],
    as_json: JsonOption = False,
) -> None:
    """Show where recipes differ, and where the runs ended."""
    from ..policies.training.runs import compare_runs, locate_run

    found = compare_runs([locate_run(run).path for run in runs])
    if as_json:
        _print_json(found.to_dict())
        return
    blank = [""] * len(found.runs)
    figures = [(key, *("–" if one is None else one.text() for one in row)) for key, row in found.figures.items()]
    rows: list[Sequence[str]] = [("", *found.runs), ("status", *found.status)]
    for title, block in (
        ("recipe", [(key, *map(_value, row)) for key, row in found.recipe.items()]),
        ("last metrics", [(key, *map(_number, row)) for key, row in found.metrics.items()]),
        ("held out", figures),
    ):
        rows += [("", *blank), (title, *blank), *block] if block else []
    _print(_table(rows))
    if not found.recipe:
        _print(["", "The recipes are the same."])


@app.command("rm")
def runs_rm(
    runs: Annotated[list[str], typer.Argument(metavar="RUN…", help="Folders of runs, or names in runs/.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete runs for good, with all that lies in their folders."""
    from ..policies.training.runs import remove_run
    from ..policies.training.runs.listing import removable

    # All are checked before one is removed.
    places = list(dict.fromkeys(removable(_place(run)) for run in runs))
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("nobody can be asked, and nothing was removed; --yes removes without a question.")
        if not typer.confirm(f"Remove {', '.join(map(_line, places))} for good?", err=True):
            typer.echo("nothing was removed", err=True)
            return
    for place in places:
        remove_run(place)
    typer.echo(f"removed {len(places)} runs", err=True)


def _place(ref: str) -> Path:
    """The folder as it was named: a broken run can be removed, and a link is seen."""
    from ..policies.training.runs import locate_run
    from ..policies.training.runs.listing import RUNS

    text = ref.removeprefix("run:")
    for place in (Path(text).expanduser(), RUNS / text):
        if text and (place.is_symlink() or place.is_dir()):
            return place
    return locate_run(ref).path


def _row(run: RunSummary) -> Sequence[str]:
    at = "" if run.stage is None else f"{run.stage} {_steps(run.step, run.of)}".strip()
    held_out = "" if run.held_out is None else run.held_out.text()
    started = "" if run.started is None else run.started[:16].replace("T", " ")
    figures = ["" if value is None else _number(value) for value in (run.loss, run.reward)]
    status = run.status if run.status != "broken" else f"broken: {run.error}"
    return [str(run.path), status, at, started, f"{run.hours:.2f}", *figures, held_out]


def _shown(
    folder: RunFolder, run: RunSummary, about: dict[str, Any], lines: list[dict[str, Any]], plots: list[str]
) -> list[str]:
    from ..policies.training.runs.quantities import figures_of, seconds_of

    shown = [f"{run.name}  {run.status}", f"folder: {folder.path}"]
    shown.append(f"base: {about.get('base')}, seed {about.get('seed')}, started {run.started}, {run.hours:.2f} hours")
    if run.error:
        shown.append(f"error: {run.error}")
    for stage in about["stages"]:
        seconds = seconds_of(stage)
        took = "" if seconds is None else f", {seconds:.0f} s"
        shown += ["", f"stage {stage.get('name')} ({stage.get('kind')}), finished{took}"]
        shown += [f"  {row}" for row in _table([(name, one.text()) for name, one in figures_of(stage).items()])]
    if isinstance(about.get("suites"), dict) and about["suites"]:
        shown += ["", "suites"]
        shown += [
            f"  {row}" for row in _table([(name, one.text()) for name, one in figures_of(about["suites"]).items()])
        ]
    for stage in dict.fromkeys(str(line.get("stage")) for line in lines):
        of_stage = [line for line in lines if str(line.get("stage")) == stage]
        last = of_stage[-1]
        shown += ["", f"metrics of {stage}, step {_steps(last.get('step'), last.get('of'))}"]
        shown += [f"  {row}" for row in _table(_curves(of_stage))]
    shown.append("")
    if plots:
        shown.append(f"plots: {len(plots)} in {Path(plots[0]).parent}")
    if run.status in ("killed", "stopped", "failed"):
        shown.append(f"to go on: pericles train resume {folder.path}")
    elif run.status == "finished" and about.get("policy"):
        shown.append(f"to talk with it: pericles chat --policy run:{folder.path}")
    return shown if shown[-1] else shown[:-1]


def _curves(lines: list[dict[str, Any]]) -> list[Sequence[str]]:
    """A row for each metric: its name, where it stands, and how it went where it is one of the main ones."""
    from ..policies.training.runs.quantities import MAIN_NAMES, figures_in, series

    names = dict.fromkeys(name for line in lines for name in figures_in(line))
    ordered = [*(name for name in MAIN_NAMES if name in names), *(name for name in names if name not in MAIN_NAMES)]
    return [
        (name, _number(values[-1]), sparkline(values) if name in MAIN_NAMES else "")
        for name in ordered
        if (values := series(lines, name))
    ]


def sparkline(values: Sequence[float], width: int = _SPARK_CHARS) -> str:
    """A curve as one line of text.

    Args:
        values: finite, oldest first; more than `width` are averaged.
        width: characters.
    """
    if len(values) > width:
        edges = [place * len(values) // width for place in range(width + 1)]
        values = [sum(values[start:end]) / (end - start) for start, end in itertools.pairwise(edges)]
    low, high = min(values), max(values)
    if high == low:
        return _BARS[0] * len(values)
    # Halves first: the difference of two large numbers need not be finite.
    return "".join(_BARS[round((value / 2 - low / 2) / (high / 2 - low / 2) * (len(_BARS) - 1))] for value in values)


def _steps(step: Any, of: Any) -> str:
    if step is None:
        return ""
    return str(step) if of is None else f"{step} of {of}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _line(text: Any) -> str:
    """Foreign text on one line."""
    return printable(" ".join(str(text).split()))


def _table(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Rows with aligned columns."""
    cells = [[_line(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [min(_CELL_CHARS, max(len(row[at]) for row in cells)) for at in range(len(cells[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(printable(line))


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
