"""The figures of a report in words: what the terminal, the Markdown file and the page say alike."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

from ..running.options import Options
from ..statistics import Estimate
from .report import Report, SuiteResult

METHODS = {"loglik": "by log-likelihood", "generate": "by saying"}


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def value_text(value: float, measure: str = "score") -> str:
    """A score as people read it."""
    return percent(value) if measure == "score" else f"{value:.3f} bits per byte"


def interval_text(found: Estimate, measure: str = "score") -> str:
    """Its interval; a dash where one sample says nothing of the spread."""
    if not math.isfinite(found.high):
        return "–"
    if measure == "score":
        return f"[{100 * found.low:.1f}, {100 * found.high:.1f}]"
    return f"[{found.low:.3f}, {found.high:.3f}]"


def with_interval(found: Estimate) -> str:
    return f"{percent(found.mean)} {interval_text(found)}"


def size_text(found: Estimate) -> str:
    """How many samples, and how many clusters where these are fewer."""
    return str(found.n) if found.clusters == found.n else f"{found.n} ({found.clusters} clusters)"


def count(number: int, noun: str) -> str:
    """`1 sample`, `2 samples`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def troubles(suite: SuiteResult) -> list[str]:
    """What is missing from a suite's figure."""
    failed, undecided, skipped = suite.count("failed"), suite.count("undecided"), len(suite.skipped)
    found = [f"{failed:,} could not be run"] if failed else []
    found += [f"{undecided:,} undecided"] if undecided else []
    return [*found, f"{count(skipped, 'record')} skipped"] if skipped else found


def notes(suite: SuiteResult) -> list[str]:
    """What stands behind a suite's figure."""
    found = [METHODS.get(suite.method, suite.method)] if suite.method else []
    perplexity = suite.perplexity()
    found += [] if perplexity is None else [f"perplexity {perplexity:.2f} per token"]
    return [*found, *troubles(suite)]


def cost(report: Report) -> dict[str, float]:
    """Tokens and seconds of all suites."""
    totals: dict[str, float] = {}
    for suite in report.suites:
        for key, value in suite.cost().items():
            totals[key] = totals.get(key, 0) + value
    return totals


def cost_text(totals: dict[str, float]) -> str:
    """One line on tokens and seconds."""
    read, cached, written = (int(totals.get(f"{key}_tokens", 0)) for key in ("prompt", "cached", "completion"))
    kept = f" ({cached:,} of them kept from before)" if cached else ""
    return (
        f"{read:,} tokens read{kept}, {written:,} written, {duration(totals.get('seconds', 0.0))} summed over samples"
    )


def duration(seconds: float) -> str:
    """`0.4 s`, `75 s`, `12 min`, `2.5 h`."""
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def changed_options(report: Report) -> dict[str, Any]:
    """The options that are not as they are by default."""
    defaults = Options().to_dict()
    return {key: value for key, value in report.options.items() if key not in defaults or defaults[key] != value}


def options_text(report: Report) -> str:
    """One line on how the policy was run."""
    changed = changed_options(report)
    said = [
        key.replace("_", " ") if value is True else f"{key.replace('_', ' ')} {value}" for key, value in changed.items()
    ]
    for key in ("judge", "shard"):
        if report.head.get(key):
            said.append(f"{key} {report.head[key]}")
    if report.head.get("tools"):
        said.append(f"further tools {', '.join(report.head['tools'])}")
    return ", ".join(said) or "as the suites say"


def command(report: Report) -> str:
    """The command that runs the evaluation again. Suites from files or folders have to be named by these."""
    import shlex

    known = {one.name for one in fields(Options)}
    words = ["pericles", "eval", *(suite.name for suite in report.suites), "--policy", report.name]
    for key, value in changed_options(report).items():
        if key not in known or value is None:
            continue
        words.append(f"--{key.replace('_', '-')}")
        words += [] if value is True else [str(value)]
    for tool in report.head.get("tools") or ():
        words += ["--tools", tool]
    if report.head.get("judge"):
        words += ["--judge", report.head["judge"]]
    return " ".join(shlex.quote(word) for word in words)
