"""A report as one page that needs nothing else: no network, no other file, and no script to be read.

All that models, tools and suites wrote is data. It is escaped, hidden characters are shown as codes, and the page
allows no script but its own filter, named by its hash.

Not covered: other programs that read the page's text may well follow what a model wrote in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from ..samples import Suite
from ..statistics import Estimate
from . import plots
from .figures import (
    command,
    cost,
    cost_text,
    count,
    duration,
    interval_text,
    notes,
    options_text,
    percent,
    size_text,
    value_text,
)
from .findings import CALL_LABELS, call_counts, findings, trade_off
from .printable import one_line, printable
from .report import Report, SampleResult, SuiteResult
from .transcripts import LIMIT, Key, Transcript, fitting_limit, read_transcripts, shipped_suites

PAGE = "report.html"
# A browser stays quick with so many samples; of more, those that did not score in full are kept first.
MOST_SAMPLES = 5_000
# Bytes of all texts together; where they would be more, each is cut shorter.
MOST_BYTES = 10_000_000


def write_html(
    report: Report, folder: Path, suites: Sequence[Suite] | None = None, *, limit: int = LIMIT, most: int = MOST_SAMPLES
) -> Path:
    """Writes `report.html` into the folder of an evaluation.

    Args:
        report: its figures.
        folder: of the evaluation, where the log is.
        suites: what was run, so that the page can tell what was wanted; by default those of the program by their names.
        limit: characters of each text that are shown; fewer where the page would grow too large.
        most: samples that are shown.

    Returns:
        The page.

    Raises:
        ConfigError: the log holds something else.
    """
    known = shipped_suites(report) if suites is None else suites
    keys = _shown(report, most)
    transcripts = read_transcripts(report, folder, known, keys=keys, limit=limit)
    fitting = fitting_limit(transcripts.values(), limit, MOST_BYTES)
    if fitting < limit:
        limit = fitting
        transcripts = read_transcripts(report, folder, known, keys=keys, limit=limit)
    page = folder / PAGE
    write_page(page, render("report.html.jinja", **_view(report, keys, transcripts), limit=limit))
    return page


def render(template: str, **values: Any) -> str:
    """A page: every text in `values` becomes printable and is escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    script = _file("filter.js.jinja")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        # The type itself, not its heirs: what is marked up already went through here.
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    own = {"style": _file("page.css"), "script": script, "script_hash": f"'sha256-{digest}'"}
    # Files of the program, not data.
    trusted = {name: Markup(text) for name, text in own.items()}  # noqa: S704
    return environment.get_template(template).render(**values, **trusted)


def _file(name: str) -> str:
    return resources.files("pericles.evals.reports").joinpath(name).read_text(encoding="utf-8")


def write_page(page: Path, text: str) -> None:
    """Writes a page whole or not at all."""
    beside = page.with_name(f"{page.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(page)


def _shown(report: Report, most: int) -> set[Key]:
    every = [
        (sample.score == 1.0, (suite.name, sample.id, sample.repeat))
        for suite in report.suites
        for sample in suite.samples
    ]
    return {key for _, key in sorted(every, key=lambda one: one[0])[:most]}


def _view(report: Report, keys: set[Key], transcripts: dict[Key, Transcript]) -> dict[str, Any]:
    tags = list(dict.fromkeys(tag for suite in report.suites for sample in suite.samples for tag in sample.tags))
    numbers = {tag: number for number, tag in enumerate(tags)}
    calls = [(suite.name, list(counts.values())) for suite in report.suites if (counts := call_counts(suite))]
    return {
        "name": one_line(report.name, 200),
        "about": _about(report),
        "hashes": _hashes(report),
        "command": one_line(command(report), 4000),
        "findings": findings(report),
        "plots": _plots(report),
        "calls": calls,
        "call_labels": CALL_LABELS,
        "tags": [one_line(tag, 80) for tag in tags],
        "suites": [_suite(number, suite, keys, transcripts, numbers) for number, suite in enumerate(report.suites)],
    }


def _about(report: Report) -> list[tuple[str, str]]:
    head = report.head
    found = [
        ("policy", report.policy.get("name", "")),
        ("options", options_text(report)),
        ("date", str(head.get("created", ""))),
        ("pericles", str(head.get("pericles", ""))),
        ("cost", cost_text(cost(report))),
    ]
    return [(term, one_line(value, 4000)) for term, value in found if value]


def _hashes(report: Report) -> list[tuple[str, str]]:
    found = {"policy": report.policy.get("fingerprint", ""), **(report.head.get("suites") or {})}
    return [(one_line(name, 80), one_line(str(digest), 100)) for name, digest in found.items() if digest]


def _plots(report: Report) -> list[dict[str, Any]]:
    scored = [(suite, suite.estimate()) for suite in report.suites if suite.higher_is_better]
    scores = [(suite.name, one.mean, one.low, one.high) for suite, one in scored if one is not None]
    same = [
        (suite.name, one.mean, one.low, one.high) for suite in report.suites if (one := suite.consistency()) is not None
    ]
    calls = [(suite.name, counts) for suite in report.suites if (counts := call_counts(suite))]
    refusals = trade_off(report)
    costs = [(suite.name, suite.cost()) for suite in report.suites]
    tokens = [(name, one["prompt_tokens"] + one["completion_tokens"]) for name, one in costs]
    found = [
        _plot("Scores with 95 % intervals", plots.intervals, scores),
        _plot("What was called", plots.stacked, calls, legend=CALL_LABELS),
        _plot("Clusters that score alike throughout", plots.intervals, same),
        _plot("Tokens read and written", plots.bars, [(name, total, f"{total:,.0f}") for name, total in tokens]),
        _plot("Time", plots.bars, [(name, one["seconds"], duration(one["seconds"])) for name, one in costs]),
    ]
    if refusals is not None:
        declined, answered = ((one.mean, one.low, one.high) for one in refusals)
        title = "Refusals: best is the upper right corner"
        found.insert(2, {"title": title, "svg": plots.trade_off(title, declined, answered), "legend": ()})
    return [plot for plot in found if plot is not None]


def _plot(title: str, draw: Any, rows: Sequence[Any], legend: Sequence[str] = ()) -> dict[str, Any] | None:
    return {"title": title, "svg": draw(title, rows), "legend": legend} if rows else None


def _suite(
    number: int, suite: SuiteResult, keys: set[Key], transcripts: dict[Key, Transcript], tags: dict[str, int]
) -> dict[str, Any]:
    anchor = f"suite-{number}"
    shown = [sample for sample in suite.samples if (suite.name, sample.id, sample.repeat) in keys]
    about = [
        f"scored by {', '.join(suite.scorers)}" if suite.scorers else "",
        ", ".join(suite.forms),
        ", ".join(suite.tags),
    ]
    return {
        "anchor": anchor,
        "name": one_line(suite.name, 200),
        "description": one_line(suite.description, 2000),
        "about": one_line("; ".join(part for part in about if part)),
        "row": _row(suite.name, suite.estimate(), suite.measure),
        "notes": "; ".join(notes(suite)),
        "labels": [(one_line(label, 80), times) for label, times in suite.labels().most_common(20)],
        "parts": [_row(name, one, suite.measure) for name, one in suite.parts().items()],
        "slices": [_row(name, one, suite.measure) for name, one in suite.slices().items()],
        "skipped": [one_line(line) for line in suite.skipped],
        "count": count(len(suite.samples), "sample"),
        "left_out": len(suite.samples) - len(shown),
        "samples": [
            _sample(f"{anchor}-{place}", suite, sample, transcripts.get((suite.name, sample.id, sample.repeat)), tags)
            for place, sample in enumerate(shown)
        ],
    }


def _row(name: str, found: Estimate | None, measure: str) -> dict[str, str]:
    if found is None:
        return {"name": one_line(name, 80), "score": "–", "interval": "", "n": "0"}
    return {
        "name": one_line(name, 80),
        "score": value_text(found.mean, measure),
        "interval": interval_text(found, measure),
        "n": size_text(found),
    }


def _sample(
    anchor: str, suite: SuiteResult, sample: SampleResult, transcript: Transcript | None, tags: dict[str, int]
) -> dict[str, Any]:
    read, written = (sample.tokens.get(f"{key}_tokens", 0) for key in ("prompt", "completion"))
    value = (
        "" if sample.score is None else f"{100 * sample.score:g}" if suite.higher_is_better else f"{sample.score:.4f}"
    )
    return {
        "anchor": anchor,
        "kind": _kind(suite, sample),
        "value": value,
        "mark": _mark(suite, sample),
        "id": one_line(sample.id, 200),
        "repeat": sample.repeat,
        "label": one_line(sample.label, 80),
        "detail": one_line(sample.detail),
        "tags": [one_line(tag, 80) for tag in sample.tags],
        "tag_numbers": " ".join(str(tags[tag]) for tag in sample.tags),
        "parts": [(one_line(name, 80), "–" if one is None else f"{one:g}") for name, one in sample.parts.items()],
        "transcript": transcript,
        "spent": f"{duration(sample.seconds)} · {read:,} tokens read, {written:,} written",
        "cluster": one_line(sample.cluster, 200),
        "request": sample.request[:16],
        "question": sample.question[:16],
        "scorer": sample.scorer[:16],
    }


def _kind(suite: SuiteResult, sample: SampleResult) -> str:
    """What the filter calls it."""
    if sample.score is None:
        return sample.status
    if not suite.higher_is_better:
        return "measured"
    return "full" if sample.score >= 1 else "none" if sample.score <= 0 else "part"


def _mark(suite: SuiteResult, sample: SampleResult) -> str:
    if sample.score is None:
        return {"failed": "not run", "undecided": "undecided"}.get(sample.status, "–")
    return percent(sample.score) if suite.higher_is_better else f"{sample.score:.3f}"
