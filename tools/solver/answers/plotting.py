"""Pictures of curves: PNG or SVG, in memory, with matplotlib's objects and never its global state."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from .curves import Curve

_COLOURS = ("#1f6fb4", "#d1495b", "#2e8b57", "#8e5ea2", "#e08e0b", "#3f3f3f")


@dataclass
class Picture:
    """What is to be drawn.

    Args:
        x_range: shown part of the horizontal axis.
        curves: with a label each.
        shaded: index of the curve between which and the axis the area is shaded, with its ends.
        points: marked points with a label each.
        fields: (x grid, y grid, values, label) whose zero line is drawn.
        levels: (grid, values) drawn as filled level curves.
        bands: intervals shaded over the whole height.
        square: whether both axes have the same unit.
        names: of the axes.
    """

    x_range: tuple[float, float]
    curves: list[tuple[Curve, str]] = field(default_factory=list)
    shaded: tuple[int, float, float] | None = None
    points: list[tuple[float, float, str]] = field(default_factory=list)
    fields: list[tuple[Any, Any, Any, str]] = field(default_factory=list)
    bands: list[tuple[float, float]] = field(default_factory=list)
    levels: tuple[Any, Any] | None = None
    square: bool = False
    names: tuple[str, str] = ("x", "y")


def drawn(picture: Picture, kind: str) -> bytes:
    """The picture as a file of kind `png` or `svg`."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "pericles", "svg.fonttype": "path", "text.parse_math": False}):
        figure = Figure(figsize=(6.4, 4.2), dpi=100, layout="tight")
        axes = figure.add_subplot()
        _fill(axes, picture)
        canvas = FigureCanvasSVG(figure) if kind == "svg" else FigureCanvasAgg(figure)
        output = io.BytesIO()
        getattr(canvas, "print_svg" if kind == "svg" else "print_png")(
            output, metadata={"Date": None} if kind == "svg" else {}
        )
    return output.getvalue()


def _fill(axes: Any, picture: Picture) -> None:
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.axhline(0, color="#555555", linewidth=0.8)
    if not picture.curves or picture.x_range[0] <= 0 <= picture.x_range[1]:
        axes.axvline(0, color="#555555", linewidth=0.8)
    for place, (line, label) in enumerate(picture.curves):
        _line(axes, line, _short(label), _COLOURS[place % len(_COLOURS)])
    for place, (across, up, values, _) in enumerate(picture.fields):
        axes.contour(across, up, values, levels=[0], colors=[_COLOURS[place % len(_COLOURS)]])
    if picture.levels is not None:
        grid, values = picture.levels
        filled = axes.contourf(grid, grid, values, levels=16, cmap="viridis")
        axes.figure.colorbar(filled, ax=axes)
    for low, high in picture.bands:
        axes.axvspan(low, high, color="#f3c969", alpha=0.35, linewidth=0)
    if picture.shaded is not None:
        place, low, high = picture.shaded
        for segment in picture.curves[place][0].segments:
            inside = [point for point in segment if low <= point[0] <= high]
            if inside:
                axes.fill_between(*zip(*inside, strict=True), color=_COLOURS[place], alpha=0.25, linewidth=0)
    for x, y, label in picture.points:
        axes.plot([x], [y], "o", color="#333333", markersize=5)
        if label:
            axes.annotate(_short(label), (x, y), xytext=(5, 5), textcoords="offset points", fontsize=8)
    axes.set_xlabel(picture.names[0])
    axes.set_ylabel(picture.names[1])
    if picture.square:
        axes.set_aspect("equal", adjustable="datalim")
    elif picture.curves:
        axes.set_xlim(*picture.x_range)
        axes.set_ylim(*height([line for line, _ in picture.curves]))
    if picture.curves and any(label for _, label in picture.curves):
        axes.legend(fontsize=8, framealpha=0.8)


def _line(axes: Any, line: Curve, label: str, colour: str) -> None:
    for segment in line.segments:
        axes.plot(*zip(*segment, strict=True), color=colour, linewidth=1.6, label=label)
        label = "_nolegend_"  # one entry for all the pieces
    for pole in line.poles:
        axes.axvline(pole, color=colour, linewidth=0.9, linestyle="--", alpha=0.6)


def height(lines: list[Curve]) -> tuple[float, float]:
    """The vertical range: all of it, unless a few values are far away from the others."""
    values = sorted(y for line in lines for segment in line.segments for _, y in segment)
    if not values:
        return -1.0, 1.0
    low, high = values[0], values[-1]
    inner_low, inner_high = (values[int(share * (len(values) - 1))] for share in (0.08, 0.92))
    if any(line.poles for line in lines) or high - low > 20 * max(inner_high - inner_low, 1e-12):
        low, high = inner_low, inner_high
    low, high = (min(low, 0.0), max(high, 0.0)) if max(abs(low), abs(high)) < 4 * (high - low) else (low, high)
    margin = 0.08 * (high - low) or 1.0
    return low - margin, high + margin


def _short(label: str) -> str:
    return label if len(label) <= 40 else label[:37] + "..."
