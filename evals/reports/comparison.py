"""Two reports side by side: who is better where, by how much, and whether the data can tell."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ...tools import ConfigError
from ..statistics import Paired, holm, paired
from .report import Report, SampleResult, SuiteResult, finite, load_report

Verdict = Literal["better", "worse", "no difference shown", "not comparable"]
ALPHA = 0.05
# Where it is run and how fast is no part of what is compared.
_FREE_OPTIONS = ("limit",)


@dataclass(frozen=True, slots=True)
class Flip:
    """A sample on which the two differ.

    Args:
        id: of the sample.
        first: score of A.
        second: score of B.
        label: B's word for what happened.
    """

    id: str
    first: float
    second: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One suite.

    Args:
        suite: its name.
        higher_is_better: whether more is better.
        paired: the figures; `None` where the two cannot be compared.
        p_adjusted: p-value corrected for the number of suites (Holm).
        verdict: of B against A.
        flips: samples on which they differ, those that got worse first.
        excluded: samples that were left out, by reason.
        note: what else there is to know.
        parts: the same for each named check, without correction.
    """

    suite: str
    higher_is_better: bool
    paired: Paired | None
    p_adjusted: float | None = None
    verdict: Verdict = "not comparable"
    flips: tuple[Flip, ...] = ()
    excluded: dict[str, int] = field(default_factory=dict[str, int])
    note: str = ""
    parts: dict[str, Paired] = field(default_factory=dict[str, Paired])

    @property
    def gain(self) -> tuple[float, float, float] | None:
        """Difference, lower and upper bound, turned so that more is better."""
        if self.paired is None:
            return None
        found = self.paired
        return (found.difference, found.low, found.high) if self.higher_is_better else (
            -found.difference, -found.high, -found.low
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """B against A.

    Args:
        first: A.
        second: B.
        rows: the suites that both have.
        differing: options in which they differ, with both values.
        missing: suites that only one of them has.
    """

    first: Report
    second: Report
    rows: list[Row]
    differing: dict[str, tuple[Any, Any]] = field(default_factory=dict[str, "tuple[Any, Any]"])
    missing: list[str] = field(default_factory=list[str])

    def to_dict(self) -> dict[str, Any]:
        return {
            "a": self.first.policy,
            "b": self.second.policy,
            "differing_options": {key: list(values) for key, values in self.differing.items()},
            "missing": self.missing,
            "suites": [finite(dataclasses.asdict(row)) for row in self.rows],
        }


def compare(first: Report | str | Path, second: Report | str | Path, *, confidence: float = 0.95) -> Comparison:
    """Compares two reports on the samples that both have.

    Args:
        first: A, usually what is in use: a report, the folder of an evaluation, or its `report.json`.
        second: B, what may replace it.
        confidence: of the intervals.

    Raises:
        ConfigError: a report cannot be read, or they have no suite in common.
    """
    a = first if isinstance(first, Report) else load_report(first)
    b = second if isinstance(second, Report) else load_report(second)
    names = {suite.name for suite in b.suites}
    common = [suite.name for suite in a.suites if suite.name in names]
    if not common:
        raise ConfigError(f"the reports have no suite in common: A has {_names(a)}, B has {_names(b)}.")
    rows = _adjusted([_row(a.suite(name), b.suite(name), confidence) for name in common])
    differing = {
        key: (a.options.get(key), b.options.get(key))
        for key in {**a.options, **b.options}
        if key not in _FREE_OPTIONS and a.options.get(key) != b.options.get(key)
    }
    tools = (a.head.get("tools") or [], b.head.get("tools") or [])
    if tools[0] != tools[1]:
        differing["tools"] = tools
    missing = sorted({suite.name for suite in a.suites} ^ names)
    return Comparison(a, b, rows, differing, missing)


def _names(report: Report) -> str:
    return ", ".join(suite.name for suite in report.suites) or "none"


def _row(a: SuiteResult, b: SuiteResult, confidence: float) -> Row:
    if a.method != b.method:
        note = f"A's choices were made by {_way(a)}, B's by {_way(b)}: these are different measures."
        return Row(a.name, a.higher_is_better, None, note=note)
    pairs, excluded, note = _aligned(a, b)
    scored = [(x, y) for x, y in pairs if x.score is not None and y.score is not None]
    if len(scored) < len(pairs):
        excluded["failed, undecided or without a score in one of them"] = len(pairs) - len(scored)
    if not scored:
        return Row(a.name, a.higher_is_better, None, excluded=excluded, note=note or "no sample is scored in both.")
    figures = paired(
        [x.score for x, _ in scored if x.score is not None],
        [y.score for _, y in scored if y.score is not None],
        [x.cluster for x, _ in scored],
        confidence=confidence,
        bounds=_bounds(a),
    )
    flips = [Flip(_name(x), x.score, y.score, y.label) for x, y in scored if x.score != y.score]  # pyright: ignore
    sign = 1 if a.higher_is_better else -1
    flips.sort(key=lambda flip: (sign * (flip.second - flip.first), flip.id))
    return Row(
        a.name, a.higher_is_better, figures, None, "no difference shown", tuple(flips), excluded, note,
        _parts(pairs, confidence, _bounds(a)),
    )  # fmt: skip


def _way(suite: SuiteResult) -> str:
    return {"loglik": "log-likelihood", "generate": "saying which"}.get(suite.method or "", "no choice")


def _name(sample: SampleResult) -> str:
    return sample.id if not sample.repeat else f"{sample.id} (repeat {sample.repeat})"


def _aligned(a: SuiteResult, b: SuiteResult) -> tuple[list[tuple[SampleResult, SampleResult]], dict[str, int], str]:
    """Samples of both that asked the same and were scored alike."""
    theirs = {(sample.id, sample.repeat): sample for sample in b.samples}
    pairs: list[tuple[SampleResult, SampleResult]] = []
    excluded: dict[str, int] = {}
    for sample in a.samples:
        other = theirs.get((sample.id, sample.repeat))
        if other is None:
            _count(excluded, "in one report only")
        elif sample.question != other.question:
            _count(excluded, "with another question")
        elif sample.scorer != other.scorer:
            _count(excluded, "scored by another rule (run one of them again to score it anew)")
        else:
            pairs.append((sample, other))
    alone = len(b.samples) - len(pairs) - sum(count for why, count in excluded.items() if why != "in one report only")
    if alone > 0:
        excluded["in one report only"] = alone + excluded.get("in one report only", 0)
    if pairs or not a.samples or not b.samples:
        return pairs, excluded, ""
    return _by_cluster(a, b, excluded)


def _by_cluster(
    a: SuiteResult, b: SuiteResult, excluded: dict[str, int]
) -> tuple[list[tuple[SampleResult, SampleResult]], dict[str, int], str]:
    """Other wordings of the same items: the means of the clusters are compared."""
    means_a, means_b = _cluster_means(a), _cluster_means(b)
    both = [(means_a[name], means_b[name]) for name in means_a if name in means_b]
    pairs = [(x, y) for x, y in both if x.scorer == y.scorer]
    if not pairs:
        return [], excluded, ""
    other = {"items scored by another rule": len(both) - len(pairs)} if len(pairs) < len(both) else {}
    return pairs, other, "no sample is in both; items are compared by the mean of their wordings."


def _cluster_means(suite: SuiteResult) -> dict[str, SampleResult]:
    found: dict[str, list[SampleResult]] = {}
    for sample in suite.samples:
        if sample.score is not None:
            found.setdefault(sample.cluster, []).append(sample)
    return {
        name: dataclasses.replace(
            samples[0],
            id=name,
            repeat=0,
            scorer=" ".join(sorted({sample.scorer for sample in samples})),
            score=sum(sample.score or 0.0 for sample in samples) / len(samples),
            parts={},
            label="",
        )
        for name, samples in found.items()
    }


def _count(into: dict[str, int], key: str) -> None:
    into[key] = into.get(key, 0) + 1


def _bounds(suite: SuiteResult) -> tuple[float, float]:
    return (0.0, 1.0) if suite.higher_is_better else (0.0, math.inf)


def _parts(
    pairs: Sequence[tuple[SampleResult, SampleResult]], confidence: float, bounds: tuple[float, float]
) -> dict[str, Paired]:
    names = list(dict.fromkeys(name for x, y in pairs for name in (*x.parts, *y.parts)))
    found: dict[str, Paired] = {}
    for name in names if len(names) > 1 else ():
        known = [(x.parts.get(name), y.parts.get(name), x.cluster) for x, y in pairs]
        whole = [(x, y, cluster) for x, y, cluster in known if x is not None and y is not None]
        if whole:
            firsts, seconds, clusters = zip(*whole, strict=True)
            found[name] = paired(firsts, seconds, clusters, confidence=confidence, bounds=bounds)
    return found


def _adjusted(rows: list[Row]) -> list[Row]:
    known = [row for row in rows if row.paired is not None]
    adjusted = iter(holm([row.paired.p_value for row in known if row.paired is not None]))
    done: list[Row] = []
    for row in rows:
        if row.paired is None:
            done.append(row)
            continue
        p_value = next(adjusted)
        gain = row.gain
        assert gain is not None
        verdict: Verdict = "no difference shown"
        if p_value < ALPHA:
            verdict = "better" if gain[0] > 0 else "worse"
        done.append(dataclasses.replace(row, p_adjusted=p_value, verdict=verdict))
    return done


def comparison_table(comparison: Comparison, *, flips: int = 10) -> list[str]:
    """Lines for a terminal.

    Args:
        comparison: what to show.
        flips: so many flipped samples of each suite, at most.
    """
    a, b = comparison.first.name, comparison.second.name
    lines = [f"A: {a}", f"B: {b}"]
    for key, (first, second) in comparison.differing.items():
        lines.append(f"they were run differently: {key} is {first!r} for A and {second!r} for B")
    width = max(len(row.suite) for row in comparison.rows)
    lines += ["", f"{'suite':<{width}}     n        A        B    B − A  [95 % interval]      p (Holm)"]
    for row in comparison.rows:
        found = row.paired
        if found is None:
            lines.append(f"{row.suite:<{width}}  {row.note or 'not comparable'}")
            continue
        lines.append(
            f"{row.suite:<{width}} {found.n:>5}  {_figure(row, found.mean_a)}  {_figure(row, found.mean_b)}  "
            f"{_points(row, found.difference)}  [{_points(row, found.low)}, {_points(row, found.high)}]  "
            f"{row.p_adjusted:>6.3f}  {_said(row)}"
        )
        clusters = f", {found.clusters} clusters" if found.clusters < found.n else ""
        lines += [
            f"{'':<{width}}        {found.better} up, {found.worse} down ({found.test}{clusters})",
            f"{'':<{width}}        with 80 % power it finds a difference of {_points(row, found.detectable).strip()}",
        ]
        lines += [f"{'':<{width}}        {count} left out: {why}" for why, count in row.excluded.items()]
        lines += [f"{'':<{width}}        {row.note}"] if row.note else []
        for name, part in row.parts.items():
            lines.append(
                f"{'  ' + name:<{width}} {part.n:>5}  {_figure(row, part.mean_a)}  {_figure(row, part.mean_b)}  "
                f"{_points(row, part.difference)}  [{_points(row, part.low)}, {_points(row, part.high)}]"
            )
    if comparison.missing:
        lines += ["", f"in one report only: {', '.join(comparison.missing)}"]
    for row in comparison.rows if flips else ():
        shown = row.flips[:flips]
        if shown:
            lines += ["", f"{row.suite}: samples that flipped, losses first"]
            lines += [f"  {flip.id}: {flip.first:g} → {flip.second:g} {flip.label}".rstrip() for flip in shown]
            lines += [f"  … and {len(row.flips) - flips} more"] if len(row.flips) > flips else []
    return lines


def _figure(row: Row, value: float) -> str:
    return f"{value:>7.1%}" if row.higher_is_better else f"{value:>7.4f}"


def _points(row: Row, value: float) -> str:
    return f"{100 * value:>+6.1f}" if row.higher_is_better else f"{value:>+7.4f}"


def _said(row: Row) -> str:
    return {"better": "B is better", "worse": "A is better"}.get(row.verdict, row.verdict)
