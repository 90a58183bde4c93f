"""Plots of the report page, as SVG that stands in the page itself.

Widths are in percent and heights in pixels, so that a plot fits a telephone without its text getting smaller. Colours
are classes of `page.css`, for light and dark. What a plot shows is also its label, which screen readers read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from .printable import one_line

if TYPE_CHECKING:
    from markupsafe import Markup

ROW = 42
AXIS = 22
# Room for half a dot at both ends, in percent of the width.
EDGE = 1.5
# Names are cut, so that they keep clear of the figures at the other end of their line on a telephone.
NAME_CHARS = 26

# (name, mean, lower bound, upper bound), all in 0..1 but the name
Interval = tuple[str, float, float, float]
# (name, B − A, lower bound, upper bound, verdict), in units of the score
Difference = tuple[str, float, float, float, str]


def intervals(title: str, rows: Sequence[Interval]) -> Markup:
    """Proportions with their intervals, one under the other."""
    shapes = _grid([(0.0, "0"), (0.25, ""), (0.5, "50"), (0.75, ""), (1.0, "100 %")], len(rows), ROW)
    said: list[str] = []
    for number, (name, mean, low, high) in enumerate(rows):
        text = f"{100 * mean:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
        said.append(f"{name} {text}")
        shapes += [*_heading(number * ROW, name, text), *_whisker(number * ROW + 28, mean, low, high)]
    return _svg(f"{title}: {'; '.join(said)}", len(rows) * ROW + AXIS, shapes)


def stacked(title: str, rows: Sequence[tuple[str, Mapping[str, int]]]) -> Markup:
    """Shares of a whole, as one bar a row; all rows have the same parts, and so the same colours."""
    shapes: list[str] = []
    said: list[str] = []
    for number, (name, counts) in enumerate(rows):
        total, top = sum(counts.values()), number * ROW
        said.append(f"{name}: {', '.join(f'{label} {count}' for label, count in counts.items() if count)}")
        shapes += _heading(top, name, f"{total} in all")
        begin = 0.0
        for place, (label, count) in enumerate(counts.items()):
            width = count / total if total else 0.0
            if not count:
                continue
            x, inner = _percent(begin), f"{width * (100 - 2 * EDGE):.3f}%"
            shapes.append(
                f'<rect class="part p{place}" x="{x}" y="{top + 20}" width="{inner}" height="18">'
                f"<title>{_text(label)} {count}</title></rect>"
            )
            if width > 0.07:
                middle = _percent(begin + width / 2)
                shapes.append(f'<text class="on mid" x="{middle}" y="{top + 33}">{count}</text>')
            begin += width
    return _svg(f"{title}: {'; '.join(said)}", len(rows) * ROW + 4, shapes)


def bars(title: str, rows: Sequence[tuple[str, float, str]]) -> Markup:
    """Amounts: `(name, amount, the amount in words)`, the largest of which fills the width."""
    most = max((amount for _, amount, _ in rows), default=0.0) or 1.0
    shapes: list[str] = []
    for number, (name, amount, text) in enumerate(rows):
        top, width = number * ROW, f"{amount / most * (100 - 2 * EDGE):.3f}%"
        shapes += _heading(top, name, text)
        shapes.append(f'<rect class="bar" x="{EDGE}%" y="{top + 20}" width="{width}" height="14"/>')
    said = "; ".join(f"{name} {text}" for name, _, text in rows)
    return _svg(f"{title}: {said}", len(rows) * ROW, shapes)


def trade_off(title: str, declined: tuple[float, float, float], answered: tuple[float, float, float]) -> Markup:
    """Harmful requests declined against harmless ones answered; best is the upper right corner.

    Args:
        title: of the plot.
        declined: mean, lower and upper bound.
        answered: the same.
    """
    left, side = 36, 230
    across = lambda share: left + side * share  # noqa: E731
    down = lambda share: 10 + side * (1 - share)  # noqa: E731
    shapes = [f'<rect class="frame" x="{left}" y="10" width="{side}" height="{side}"/>']
    for share in (0.0, 0.5, 1.0):
        shapes.append(f'<text class="tick mid" x="{across(share)}" y="{down(0) + 16}">{100 * share:.0f}</text>')
        shapes.append(f'<text class="tick end" x="{left - 6}" y="{down(share) + 4}">{100 * share:.0f}</text>')
    for share in (0.25, 0.5, 0.75):
        shapes.append(f'<path class="grid" d="M{across(share)} 10V{10 + side}M{left} {down(share)}H{left + side}"/>')
    (y, y_low, y_high), (x, x_low, x_high) = declined, answered
    shapes.append(
        f'<path class="whisker" d="M{across(x_low):.1f} {down(y):.1f}H{across(x_high):.1f}'
        f'M{across(x):.1f} {down(y_low):.1f}V{down(y_high):.1f}"/>'
    )
    shapes.append(f'<circle class="dot" cx="{across(x):.1f}" cy="{down(y):.1f}" r="5"/>')
    shapes.append(f'<text class="tick mid" x="{across(0.5)}" y="{down(0) + 34}">harmless answered, %</text>')
    turned = f"translate(10 {down(0.5)}) rotate(-90)"
    shapes.append(f'<text class="tick mid" transform="{turned}">harmful declined, %</text>')
    label = f"{title}: harmful declined {100 * y:.1f} %, harmless answered {100 * x:.1f} %"
    return _svg(label, 280, shapes, width="290", classes="plot square")


def paired_differences(title: str, rows: Sequence[Difference], margin: float | None = None) -> Markup:
    """Differences with their intervals around a line at 0.

    Args:
        title: of the plot.
        rows: one for each suite; more is better. A bound that is not finite reaches over the edge.
        margin: how much worse is still no loss; lines on both sides of 0.
    """
    finite = [abs(value) for row in rows for value in row[1:4] if isfinite(value)]
    reach = max([*finite, margin or 0.0, 0.01])
    share = lambda value: min(1.0, max(0.0, (value / reach + 1) / 2))  # noqa: E731
    height = ROW + 14
    ticks = [(0.0, f"{-100 * reach:.1f}"), (0.5, "0"), (1.0, f"+{100 * reach:.1f} points")]
    shapes = _grid(ticks, len(rows), height)
    if margin is not None:
        for side in (-margin, margin):
            x = _percent(share(side))
            shapes.append(f'<line class="margin" x1="{x}" x2="{x}" y1="0" y2="{len(rows) * height}"/>')
    said: list[str] = []
    for number, (name, difference, low, high, verdict) in enumerate(rows):
        text = f"{100 * difference:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"
        said.append(f"{name} {text} {verdict}")
        shapes += _heading(number * height, name, text)
        shapes += _whisker(number * height + 28, share(difference), share(low), share(high))
        shapes.append(f'<text class="tick" x="{EDGE}%" y="{number * height + 48}">{_text(verdict)}</text>')
    bounds = "" if margin is None else f", margin {100 * margin:.1f} points"
    return _svg(f"{title}, in points{bounds}: {'; '.join(said)}", len(rows) * height + AXIS, shapes)


def _percent(share: float) -> str:
    """Where a share of the axis lies."""
    return f"{EDGE + share * (100 - 2 * EDGE):.3f}%"


def _heading(top: float, name: str, text: str) -> list[str]:
    return [
        f'<text class="name" x="{EDGE}%" y="{top + 14}">{_text(name, NAME_CHARS)}</text>',
        f'<text class="value end" x="{100 - EDGE}%" y="{top + 14}">{_text(text)}</text>',
    ]


def _whisker(y: float, mean: float, low: float, high: float) -> list[str]:
    left, right = _percent(low), _percent(high)
    places = ((left, right, y, y), (left, left, y - 5, y + 5), (right, right, y - 5, y + 5))
    lines = [f'<line class="whisker" x1="{a}" x2="{b}" y1="{c}" y2="{d}"/>' for a, b, c, d in places]
    return [*lines, f'<circle class="dot" cx="{_percent(mean)}" cy="{y}" r="5"/>']


def _grid(ticks: Iterable[tuple[float, str]], rows: int, height: int) -> list[str]:
    shapes: list[str] = []
    for share, label in ticks:
        x = _percent(share)
        shapes.append(f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{rows * height + 4}"/>')
        place = "start" if share < 0.1 else "end" if share > 0.9 else "mid"
        shapes.append(f'<text class="tick {place}" x="{x}" y="{rows * height + 18}">{_text(label)}</text>')
    return shapes


def _text(text: str, limit: int = 60) -> str:
    from markupsafe import escape

    return str(escape(one_line(text, limit)))


def _svg(label: str, height: float, shapes: Iterable[str], *, width: str = "100%", classes: str = "plot") -> Markup:
    from markupsafe import Markup, escape

    said = escape(one_line(label, 4000))
    begin = f'<svg class="{classes}" role="img" width="{width}" height="{height:g}" aria-label="{said}">'
    # Every text in it went through `_text`.
    return Markup(f"{begin}{''.join(shapes)}</svg>")  # noqa: S704
