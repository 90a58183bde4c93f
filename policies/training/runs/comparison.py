"""Runs side by side: where their recipes differ, and where they ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from .folder import RunFolder
from .quantities import Figure, figures_in, figures_of, is_held_out

# Stands in a row of `recipe` where a recipe has no such key, which `None` (null) is not.
ABSENT = "(absent)"


@dataclass(frozen=True)
class RunComparison:
    """Rows of a value for each run, in the order in which the runs were named.

    Args:
        runs: paths.
        status: of each.
        recipe: values by dotted key (as `--set` takes it), where they differ; `ABSENT` where there is no such key.
        metrics: the last value by `STAGE: METRIC`.
        figures: held-out figures and those of evaluations, with their intervals, by `STAGE: FIGURE`.
    """

    runs: list[str]
    status: list[str]
    recipe: dict[str, list[Any]]
    metrics: dict[str, list[float | None]]
    figures: dict[str, list[Figure | None]]

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON."""
        figures = {
            name: [None if figure is None else figure.to_dict() for figure in row] for name, row in self.figures.items()
        }
        return {
            "runs": self.runs,
            "status": self.status,
            "recipe": self.recipe,
            "metrics": self.metrics,
            "figures": figures,
        }


def compare_runs(paths: Sequence[Path | str]) -> RunComparison:
    """Sets runs side by side.

    Args:
        paths: of two or more runs.

    Raises:
        ConfigError: fewer than two, or one cannot be read.
    """
    if len(paths) < 2:
        raise ConfigError(f"two runs or more are compared, got {len(paths)}.")
    runs = [RunFolder(path).open() for path in paths]
    recipes = [_flat(_recipe(run)) for run in runs]
    return RunComparison(
        runs=[str(run.path) for run in runs],
        status=[run.status for run in runs],
        recipe={key: row for key, row in _rows(recipes, ABSENT).items() if any(value != row[0] for value in row)},
        metrics=_rows([_last(run) for run in runs], None),
        figures=_rows([_evaluated(run) for run in runs], None),
    )


def _recipe(run: RunFolder) -> Any:
    import yaml

    try:
        return yaml.safe_load(run.recipe_text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{run.path}: its recipe is not YAML: {' '.join(str(error).split())}") from error


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Leaves by dotted key; entries of a list by name, kind or source where that tells them apart, else by
    number.
    """
    if isinstance(value, dict) and value:
        pairs = [(str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        pairs = list(zip(_names(value), value, strict=True))
    else:
        return {prefix: value}
    return {
        key: leaf for name, inner in pairs for key, leaf in _flat(inner, f"{prefix}.{name}" if prefix else name).items()
    }


def _names(items: list[Any]) -> list[str]:
    names = [_name(item) for item in items]
    return [name if name and names.count(name) == 1 else str(number) for number, name in enumerate(names)]


def _name(item: Any) -> str:
    found = (item.get("name") or item.get("kind") or item.get("source")) if isinstance(item, dict) else None
    return found if isinstance(found, str) else ""


def _last(run: RunFolder) -> dict[str, float]:
    """The last finite value of every metric of every stage."""
    found: dict[str, float] = {}
    for line in run.metrics():
        found |= {f"{line.get('stage', '')}: {name}": value for name, value in figures_in(line).items()}
    return found


def _evaluated(run: RunFolder) -> dict[str, Figure]:
    about = run.read()
    found: dict[str, Figure] = {}
    for stage in about["stages"]:
        for name, figure in figures_of(stage).items():
            if stage.get("kind") == "evaluate" or is_held_out(name) or figure.low is not None:
                found[f"{stage.get('name', '')}: {name}"] = figure
    suites = about.get("suites")
    if isinstance(suites, dict):
        found |= {f"suites: {name}": figure for name, figure in figures_of(suites).items()}
    return found


def _rows(columns: Sequence[dict[str, Any]], missing: Any) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for column in columns for name in column)
    return {name: [column.get(name, missing) for column in columns] for name in names}
