"""Pictures of a run's metrics, with matplotlib's objects and never its global state."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from .folder import PLOTS, RunFolder
from .quantities import GROUPS, Group, figures_in, number

_COLOURS = ("#1f6fb4", "#d1495b", "#2e8b57", "#8e5ea2", "#e08e0b", "#3f3f3f", "#17a2b8", "#a0522d")
_PANEL_INCHES = 2.6
_LABEL_CHARS = 40
_MOST = 1e30


def draw(run: RunFolder) -> list[Path]:
    """Draws one picture for each quantity that was logged: `plots/loss.png`, `plots/reward.png`, ….

    The steps of a stage follow those of the stage before; where one begins there is a line with its name.

    Args:
        run: whose metrics.

    Returns:
        The pictures.

    Raises:
        ConfigError: the metrics are broken, or the folder cannot be written.
    """
    stages = _by_stage(run.metrics())
    names = {name for lines in stages.values() for line in lines for name in figures_in(line)}
    folder = run.path / PLOTS
    drawn: list[Path] = []
    try:
        for group in GROUPS:
            if any(panel.of(names) for panel in group.panels):
                folder.mkdir(exist_ok=True)
                beside, file = folder / f".{group.name}.new", folder / f"{group.name}.png"
                beside.write_bytes(_picture(group, stages, names))
                drawn.append(beside.replace(file))
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror or error}.") from error
    return drawn


def _by_stage(lines: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Lines by stage in order of their steps; those without a step have no place."""
    stages: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        if number(line.get("step")) is not None:
            stages.setdefault(str(line.get("stage", "")), []).append(line)
    return {stage: sorted(lines, key=lambda line: line["step"]) for stage, lines in stages.items()}


def _picture(group: Group, stages: Mapping[str, list[dict[str, Any]]], names: set[str]) -> bytes:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = [(panel, found) for panel in group.panels if (found := panel.of(names))]
    wanted = {name for _, found in panels for name in found}
    shown = {stage: lines for stage, lines in stages.items() if any(wanted & figures_in(line).keys() for line in lines)}
    with matplotlib.rc_context({"text.parse_math": False}):
        figure = Figure(figsize=(6.4, 1.2 + _PANEL_INCHES * len(panels)), dpi=100, layout="tight")
        grid = figure.subplots(len(panels), 1, squeeze=False, sharex=True)
        for axes, (panel, found) in zip(grid[:, 0], panels, strict=True):
            axes.set_ylabel(panel.label)
            axes.grid(True, color="#dddddd", linewidth=0.6)
            _fill(axes, found, shown)
        grid[-1, 0].set_xlabel("step")
        output = io.BytesIO()
        FigureCanvasAgg(figure).print_png(output, metadata={"Software": None})
    return output.getvalue()


def _fill(axes: Any, names: Sequence[str], stages: Mapping[str, list[dict[str, Any]]]) -> None:
    start = 0.0
    labelled: set[str] = set()
    for place, (stage, lines) in enumerate(stages.items()):
        if place:
            axes.axvline(start, color="#888888", linewidth=0.8, linestyle="--")
        axes.annotate(
            _short(stage), (start, 1.0), xycoords=("data", "axes fraction"), xytext=(2, 2),
            textcoords="offset points", fontsize=7, color="#666666",
        )  # fmt: skip
        for colour, name in enumerate(names):
            points = [
                (start + line["step"], value) for line in lines if (value := _drawable(line.get(name))) is not None
            ]
            if points:
                # Markers, since a single point is no line; a label once, since each stage is a line of its own.
                axes.plot(
                    *zip(*points, strict=True), color=_COLOURS[colour % len(_COLOURS)], linewidth=1.2, marker=".",
                    markersize=4 if len(points) < 60 else 1,
                    label="_nolegend_" if name in labelled else _short(name).lstrip("_"),
                )  # fmt: skip
                labelled.add(name)
        start += max(line["step"] for line in lines)
    # Also where nothing could be drawn: names of stages must not lie outside.
    margin = 0.02 * max(start, 1.0)
    axes.set_xlim(-margin, max(start, 1.0) + margin)
    if len(labelled) > 1:
        axes.legend(fontsize=8, framealpha=0.8)


def _drawable(value: Any) -> float | None:
    """A value that an axis can hold: its margins are computed in floats as well."""
    found = number(value)
    return None if found is None or abs(found) > _MOST else found


def _short(text: str) -> str:
    return text if len(text) <= _LABEL_CHARS else f"{text[: _LABEL_CHARS - 1]}…"
