"""A report as lines of plain text, for a terminal."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..statistics import Estimate
from .figures import cost, cost_text, interval_text, notes, options_text, size_text, value_text
from .findings import CALL_LABELS, call_counts, findings
from .printable import one_line
from .report import Report, SuiteResult

NAME_CHARS = 48


def report_table(report: Report, *, slices: bool = False) -> list[str]:
    """The figures of a report.

    Args:
        report: what is shown.
        slices: whether the score of each tag is shown too.

    Returns:
        Lines without control characters, whatever the names in the report hold.
    """
    rows: list[Sequence[str]] = [("", "score", "95 % interval", "n", "")]
    for suite in report.suites:
        rows += _suite_rows(suite, slices)
    blocks = [_head(report), _aligned(rows, right={1, 3}), _call_lines(report)]
    blocks += [[one_line(line) for line in findings(report)], [f"cost: {cost_text(cost(report))}"]]
    lines: list[str] = []
    for block in filter(None, blocks):
        lines += ["", *block] if lines else block
    return lines


def _head(report: Report) -> list[str]:
    head = report.head
    about = [report.name, str(head.get("created", "")), f"pericles {head['pericles']}" if "pericles" in head else ""]
    return ["  ".join(one_line(part) for part in about if part), one_line(f"options: {options_text(report)}")]


def _suite_rows(suite: SuiteResult, slices: bool) -> list[Sequence[str]]:
    note = one_line("; ".join(notes(suite)))
    rows = [_row(_name(suite.name), suite.estimate(), suite.measure, note)]
    rows += [_row(f"  {_name(name)}", found, suite.measure) for name, found in suite.parts().items()]
    if slices:
        rows += [_row(f"  # {_name(name)}", found, suite.measure) for name, found in suite.slices().items()]
    return rows


def _name(text: str) -> str:
    return one_line(text, NAME_CHARS)


def _row(name: str, found: Estimate | None, measure: str, note: str = "") -> Sequence[str]:
    if found is None:
        return name, "–", "", "0", note
    return name, value_text(found.mean, measure), interval_text(found, measure), size_text(found), note


def _call_lines(report: Report) -> list[str]:
    counted = [(_name(suite.name), call_counts(suite)) for suite in report.suites]
    rows = [(name, *(str(counts[label]) for label in CALL_LABELS)) for name, counts in counted if counts]
    if not rows:
        return []
    return _aligned([("tool calls", *CALL_LABELS), *rows], right=range(1, len(CALL_LABELS) + 1))


def _aligned(rows: Sequence[Sequence[str]], *, right: Collection[int]) -> list[str]:
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines: list[str] = []
    for row in rows:
        blanks = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = [
            f"{blank}{cell}" if column in right else f"{cell}{blank}"
            for column, (cell, blank) in enumerate(zip(row, blanks, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines
