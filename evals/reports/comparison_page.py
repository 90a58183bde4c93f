"""A comparison as one page, made like that of a report: see `html`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..statistics import Paired
from . import plots
from .comparison import Comparison, Flip, Row
from .figures import count, value_text
from .html import render, write_page
from .printable import one_line
from .report import Report

PAGE = "comparison.html"
# Samples of a suite that are listed; losses come first.
MOST_FLIPS = 500
_SAID = {"better": "B is better", "worse": "A is better"}


def write_comparison_html(comparison: Comparison, path: Path, *, margin: float | None = None) -> Path:
    """Writes the page.

    Args:
        comparison: B against A.
        path: a folder, in which it is called `comparison.html`, or the file.
        margin: of a gate, in units of the score: how much worse B may be.

    Returns:
        The page.
    """
    page = path / PAGE if path.is_dir() else path
    write_page(page, render("comparison.html.jinja", **_view(comparison, margin)))
    return page


def _view(comparison: Comparison, margin: float | None) -> dict[str, Any]:
    first, second = one_line(comparison.first.name, 200), one_line(comparison.second.name, 200)
    warnings = [
        f"They were run differently: {key} is {one!r} for A and {two!r} for B."
        for key, (one, two) in comparison.differing.items()
    ]
    if comparison.missing:
        warnings.append(f"In one report only: {', '.join(comparison.missing)}.")
    drawn = [
        (row.suite, *gain, _SAID.get(row.verdict, row.verdict))
        for row in comparison.rows
        if row.higher_is_better and (gain := row.gain) is not None
    ]
    return {
        "first": first,
        "second": second,
        "about": [("A", _about(comparison.first)), ("B", _about(comparison.second))],
        "warnings": [one_line(line) for line in warnings],
        "rows": [_row(number, row) for number, row in enumerate(comparison.rows)],
        "plot": plots.paired_differences("B minus A", drawn, margin) if drawn else None,
        "margin": margin,
    }


def _about(report: Report) -> str:
    known = (report.name, report.policy.get("fingerprint", ""), report.head.get("created", ""))
    return one_line(", ".join(str(part) for part in known if part))


def _row(number: int, row: Row) -> dict[str, Any]:
    name = one_line(row.suite, 80)
    if row.paired is None:
        return {"name": name, "anchor": "", "size": "", "note": one_line(row.note)}
    found = row.paired
    return {
        **_figures(name, found, row.higher_is_better),
        "anchor": f"suite-{number}",
        "p_value": "" if row.p_adjusted is None else f"{row.p_adjusted:.3f}",
        "verdict": _SAID.get(row.verdict, row.verdict),
        "kind": {"better": "yes", "worse": "no"}.get(row.verdict, ""),
        "detectable": _difference(found.detectable, row.higher_is_better, sign=""),
        "counts": f"B is up on {count(found.better, 'sample')}, down on {count(found.worse, 'sample')}; {found.test}.",
        "excluded": [one_line(f"{number:,} left out: {why}") for why, number in row.excluded.items()],
        "note": one_line(row.note),
        "parts": [_figures(one_line(part, 80), one, row.higher_is_better) for part, one in row.parts.items()],
        "flips": [_flip(flip, row.higher_is_better) for flip in row.flips[:MOST_FLIPS]],
        "more": max(0, len(row.flips) - MOST_FLIPS),
    }


def _figures(name: str, found: Paired, higher_is_better: bool) -> dict[str, Any]:
    measure = "score" if higher_is_better else "bits per byte"
    low, high = (_difference(bound, higher_is_better) for bound in (found.low, found.high))
    return {
        "name": name,
        "anchor": "",
        "size": f"{found.n}" if found.clusters == found.n else f"{found.n} ({found.clusters} clusters)",
        "first": value_text(found.mean_a, measure),
        "second": value_text(found.mean_b, measure),
        "difference": _difference(found.difference, higher_is_better),
        "interval": f"[{low}, {high}]" if math.isfinite(found.low) and math.isfinite(found.high) else "–",
    }


def _difference(value: float, higher_is_better: bool, sign: str = "+") -> str:
    return f"{100 * value:{sign}.1f}" if higher_is_better else f"{value:{sign}.4f}"


def _flip(flip: Flip, higher_is_better: bool) -> Mapping[str, str]:
    gained = (flip.second > flip.first) is higher_is_better
    return {
        "id": one_line(flip.id, 200),
        "first": f"{flip.first:g}",
        "second": f"{flip.second:g}",
        "kind": "yes" if gained else "no",
        "label": one_line(flip.label, 80),
    }
