"""Runs in a folder: listed, found by name, and removed. `comparison.py` sets them side by side."""

from __future__ import annotations

import dataclasses
import difflib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....tools import ConfigError, TrainingError
from .folder import RECIPE, RUN, RunFolder
from .quantities import (
    HELD_OUT_FIGURES,
    HELD_OUT_NAMES,
    LOSS_NAMES,
    REWARD_NAMES,
    Figure,
    figures_of,
    latest,
    number,
    seconds_of,
)

RUNS = Path("runs")
BROKEN = "broken"


@dataclass(frozen=True)
class RunSummary:
    """A run in one line.

    Args:
        name: of its recipe.
        path: of its folder.
        status: see `RunFolder.status`; `broken` where its files cannot be read.
        stages: names of the stages that are finished.
        stage: the stage that logged last.
        step: its last step.
        of: its steps.
        started: when, ISO 8601 in UTC.
        hours: that its stages took.
        loss: the newest.
        reward: the newest.
        held_out: the newest score on what is not trained on.
        error: why it failed, or what is broken.
    """

    name: str
    path: Path
    status: str
    stages: tuple[str, ...] = ()
    stage: str | None = None
    step: int | None = None
    of: int | None = None
    started: str | None = None
    hours: float = 0.0
    loss: float | None = None
    reward: float | None = None
    held_out: Figure | None = None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON."""
        return dataclasses.asdict(self) | {"path": str(self.path), "stages": list(self.stages)}


def find_runs(folder: Path | str = RUNS) -> list[RunSummary]:
    """The runs that lie in a folder, those begun last first; one that cannot be read is `broken`.

    Raises:
        ConfigError: there is no such folder.
    """
    folder = Path(folder)
    try:
        places = sorted(place for place in folder.iterdir() if (place / RECIPE).is_file() and (place / RUN).is_file())
    except OSError as error:
        raise ConfigError(f"{str(folder)!r} is no folder with runs: {error.strerror}.") from error
    found: list[RunSummary] = []
    for place in places:
        try:
            found.append(summary_of(RunFolder(place)))
        except ConfigError as error:
            found.append(RunSummary(place.name, place, BROKEN, error=str(error)))
    return sorted(found, key=lambda run: run.started or "", reverse=True)


def summary_of(run: RunFolder) -> RunSummary:
    """A run in one line.

    Raises:
        ConfigError: it cannot be read.
    """
    about, lines = run.open().read(), run.metrics()
    stages: list[dict[str, Any]] = about["stages"]
    done = tuple(str(stage.get("name", "")) for stage in stages)
    last = lines[-1] if lines else {}
    under_way = [line for line in lines if str(line.get("stage")) not in done]
    seconds = sum(seconds_of(stage) or 0.0 for stage in stages) + (latest(under_way, ["seconds"]) or 0.0)
    return RunSummary(
        name=str(about.get("name") or run.path.name),
        path=run.path,
        status=run.status,
        stages=done,
        stage=None if last.get("stage") is None else str(last["stage"]),
        step=_whole(last.get("step")),
        of=_whole(last.get("of")),
        started=None if about.get("created") is None else str(about["created"]),
        hours=seconds / 3600,
        loss=latest(lines, LOSS_NAMES),
        reward=latest(lines, REWARD_NAMES),
        held_out=_held_out(stages, lines),
        error=None if about.get("error") is None else str(about["error"]),
    )


def locate_run(ref: str, folder: Path = RUNS) -> RunFolder:
    """The run that a user names.

    Args:
        ref: its folder, or its name in `folder`; `run:` may stand before it.
        folder: with the runs.

    Raises:
        ConfigError: there is no such run.
    """
    text = ref.removeprefix("run:")
    for place in (Path(text).expanduser(), folder / text):
        if text and (place / RUN).is_file():
            return RunFolder(place).open()
    known = [run.name for run in folder.iterdir() if (run / RUN).is_file()] if folder.is_dir() else []
    near = difflib.get_close_matches(text, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(f"there is no run {ref!r}, neither as a folder nor in {folder}.{hint} See: pericles runs list.")


def removable(path: Path | str) -> Path:
    """The real path of a run that may be removed.

    Raises:
        ConfigError: it is no run, it is reached through a symbolic link, or a process trains in it.
    """
    place = Path(path)
    if any(part.is_symlink() for part in (place, *place.parents)):
        raise ConfigError(f"{place} goes through a symbolic link: name the folder itself, {place.resolve()}.")
    for name in (RECIPE, RUN):
        if not (place / name).is_file():
            raise ConfigError(f"{str(place)!r} is no run, and was not removed: it has no {name}.")
    if RunFolder(place).is_locked():
        raise ConfigError(f"a process trains in {place}: stop it before the run is removed.")
    return place.resolve()


def remove_run(path: Path | str) -> None:
    """Deletes a run's folder for good, whatever its files hold.

    Raises:
        ConfigError: see `removable`; or it cannot be deleted.
    """
    place = removable(path)
    try:
        with RunFolder(place).lock():
            shutil.rmtree(place)
    except TrainingError:
        raise ConfigError(f"a process trains in {place}: stop it before the run is removed.") from None
    except OSError as error:
        raise ConfigError(f"{place} cannot be removed: {error.strerror or error}.") from error


def _held_out(stages: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]) -> Figure | None:
    """What the last stage that knows says of it, with its interval; else the newest that was logged."""
    for stage in reversed(stages):
        figures = figures_of(stage)
        for name in HELD_OUT_FIGURES:
            if name in figures:
                return figures[name]
    value = latest(lines, HELD_OUT_NAMES)
    return None if value is None else Figure(value)


def _whole(value: Any) -> int | None:
    found = number(value)
    return None if found is None else int(found)
