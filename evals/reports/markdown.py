"""A report as Markdown, for a model card."""

from __future__ import annotations

import re

from .figures import command, cost, cost_text, interval_text, notes, options_text, size_text, value_text
from .findings import CALL_LABELS, call_counts, findings
from .printable import one_line
from .report import Report

# What begins a list or a rule, and what is markup anywhere. A bracket is only where a link could follow.
_MARKUP = re.compile(r"^(?=[-+=])|(?=[\\`*_#|~]|\][(\[:])")
_NUMBERED = re.compile(r"^(\d+)(?=[.)])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def report_markdown(report: Report) -> str:
    """The figures of a report, how it was run, and how to run it again.

    Names and notes come from files and models: whatever they hold is shown as text.
    """
    head = report.head
    about = [f"Policy {escaped(report.name)}"]
    about += [f"fingerprint {escaped(report.policy['fingerprint'])}"] if report.policy.get("fingerprint") else []
    about += [escaped(str(head["created"]))] if head.get("created") else []
    about += [f"pericles {escaped(str(head['pericles']))}"] if head.get("pericles") else []
    lines = [f"{', '.join(about)}. Options: {escaped(options_text(report))}.", ""]
    lines += ["| suite | score | 95 % interval | n | notes |", "|---|---:|---|---:|---|"]
    for suite in report.suites:
        found, note = suite.estimate(), "; ".join(notes(suite))
        figures = ["–", "", "0"]
        if found is not None:
            figures = [value_text(found.mean, suite.measure), interval_text(found, suite.measure), size_text(found)]
        lines.append(_row([suite.name, *figures, note]))
    lines += _calls(report)
    said = findings(report)
    lines += ["", *(f"- {escaped(line)}" for line in said)] if said else []
    lines += [
        "",
        f"Cost: {cost_text(cost(report))}.",
        "",
        "To run it again:",
        "",
        "```sh",
        one_line(command(report), 4000),
    ]
    return "\n".join([*lines, "```", ""])


def escaped(text: str) -> str:
    """Foreign text as Markdown that shows just this text, on one line."""
    plain = re.sub("[&<>]", lambda found: _ENTITIES[found[0]], one_line(text))
    return _NUMBERED.sub(r"\1\\", _MARKUP.sub(r"\\", plain))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


def _calls(report: Report) -> list[str]:
    rows = [[suite.name, *map(str, counts.values())] for suite in report.suites if (counts := call_counts(suite))]
    if not rows:
        return []
    return ["", _row(["tool calls", *CALL_LABELS]), f"|---|{'---:|' * len(CALL_LABELS)}", *map(_row, rows)]
