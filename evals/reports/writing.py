"""Writes all that an evaluation leaves beside its log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...tools import ConfigError
from ..samples import Suite
from .comparison import Comparison
from .comparison_page import write_comparison_html
from .html import write_html
from .markdown import report_markdown
from .report import Report

MARKDOWN = "report.md"


def write_all(report: Report, folder: Path, suites: Sequence[Suite] | None = None) -> None:
    """Writes `report.json`, `scores.jsonl`, `report.md` and `report.html`.

    Args:
        report: the figures.
        folder: of the evaluation.
        suites: what was run, for the page; by default those of the program by their names.

    Raises:
        ConfigError: the folder cannot be written, or its log holds something else.
    """
    try:
        report.write(folder)
        beside = folder / f"{MARKDOWN}.new"
        beside.write_text(report_markdown(report), encoding="utf-8", newline="\n")
        beside.replace(folder / MARKDOWN)
        write_html(report, folder, suites)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}.") from None


def write_comparison(comparison: Comparison, path: Path, *, margin: float | None = None) -> Path:
    """Writes a comparison as a page.

    Args:
        comparison: B against A.
        path: a folder, in which the page is called `comparison.html`, or the file.
        margin: of a gate, to be drawn.

    Returns:
        The page.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        return write_comparison_html(comparison, path, margin=margin)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from None
