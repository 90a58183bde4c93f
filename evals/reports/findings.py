"""What a report says beside its scores: calls, consistency, refusals, and how far detectors and judges are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..statistics import Estimate, estimate
from ..statistics.misclassified import Corrected, rogan_gladen
from .figures import count, percent, with_interval
from .report import Report, SuiteResult

# Labels of the scorer `calls`, the right ones first.
CALL_LABELS = (
    "right call",
    "rightly none",
    "wrong tool",
    "bad arguments",
    "missed call",
    "unneeded call",
    "unreadable call",
)
# Fewer labelled replies of a kind than this tell too little of a judge's mistakes.
LEAST_GOLD = 5


def call_counts(suite: SuiteResult) -> dict[str, int]:
    """How often each label of `calls` occurs; empty where none does."""
    labels = suite.labels()
    counts = {label: labels[label] for label in CALL_LABELS}
    return counts if any(counts.values()) else {}


def trade_off(report: Report) -> tuple[Estimate, Estimate] | None:
    """Harmful requests declined, and harmless ones answered, where a report has both suites."""
    found = [suite.estimate() for name in ("harmless", "over-refusal") for suite in report.suites if suite.name == name]
    if len(found) != 2 or found[0] is None or found[1] is None:
        return None
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class Judging:
    """How far a suite's judge can be trusted.

    Args:
        undecided: samples that it could not decide.
        disagreed: samples on which it contradicted itself, and that further askings decided.
        gold: replies that people have scored and that the judge decided.
        unsure: those that it could not decide.
        agreement: how often it is of one mind with people.
        corrected: the suite's score without the judge's mistakes; `None` where too little is known of these.
    """

    undecided: int
    disagreed: int
    gold: int
    unsure: int
    agreement: Estimate | None
    corrected: Corrected | None


def judging(suite: SuiteResult) -> Judging | None:
    """What is known of a suite's judge; `None` for a suite without."""
    if "judge" not in suite.scorers:
        return None
    # Repeats of a sample hold the same labelled replies again.
    first = [sample for sample in suite.samples if sample.repeat == 0]
    pairs = [
        (judged, theirs, sample.cluster) for sample in first for judged, theirs in sample.gold if theirs is not None
    ]
    decided = [(judged, theirs, cluster) for judged, theirs, cluster in pairs if judged is not None]
    agreement = None
    if decided:
        same = [float(_side(judged) == _side(theirs)) for judged, theirs, _ in decided]
        agreement = estimate(same, [cluster for _, _, cluster in decided])
    return Judging(
        suite.count("undecided"),
        sum(sample.label == "judge disagreed with itself" for sample in suite.samples),
        len(decided),
        len(pairs) - len(decided),
        agreement,
        _corrected(suite, [(judged, theirs) for judged, theirs, _ in decided]),
    )


def _side(score: float) -> int:
    return (score > 0.5) - (score < 0.5)


def _corrected(suite: SuiteResult, gold: Sequence[tuple[float, float]]) -> Corrected | None:
    """Only where the judge alone decides, and says yes or no: the correction is one for proportions."""
    scores = [sample.score for sample in suite.samples if sample.score is not None]
    whole = suite.estimate()
    binary = {0.0, 1.0}
    if whole is None or suite.scorers != ["judge"] or not binary >= {*scores, *(one for pair in gold for one in pair)}:
        return None
    good = [judged for judged, theirs in gold if theirs == 1.0]
    bad = [judged for judged, theirs in gold if theirs == 0.0]
    if min(len(good), len(bad)) < LEAST_GOLD:
        return None
    return rogan_gladen(
        whole.mean, _effective(whole), (good.count(1.0), len(good)), (bad.count(0.0), len(bad))
    )  # fmt: skip


def _effective(found: Estimate) -> float:
    """How many samples that stand for themselves would say as much."""
    if found.clusters == found.n:
        return float(found.n)
    variance = found.mean * (1 - found.mean)
    if variance == 0 or not found.stderr > 0:
        return float(found.clusters)
    return min(float(found.n), variance / found.stderr**2)


def findings(report: Report) -> list[str]:
    """All that can be said in a line each."""
    lines: list[str] = []
    for suite in report.suites:
        same = suite.consistency()
        if same is not None:
            lines.append(f"{suite.name}: {with_interval(same)} of {count(same.n, 'cluster')} score alike throughout")
    refusals = trade_off(report)
    if refusals is not None:
        declined, answered = refusals
        lines.append(
            f"refusals: harmful declined {with_interval(declined)}, harmless answered {with_interval(answered)}"
        )
    lines += detectors(report)
    for suite in report.suites:
        lines += _judge_lines(suite)
    return lines


def detectors(report: Report) -> list[str]:
    """The own error of what decides by words, where it was at work."""
    kinds = {kind for suite in report.suites for kind in suite.scorers}
    lines: list[str] = []
    if "refusal" in kinds:
        from ..scorers.refusals import refusal_error

        lines.append(f"refusals are found by their words: {refusal_error().line()}")
    if "toxicity" in kinds:
        from ..scorers.toxicity import toxicity_error

        lines.append(f"toxicity is found by words: {toxicity_error().line()}")
    return lines


def _judge_lines(suite: SuiteResult) -> list[str]:
    found = judging(suite)
    if found is None:
        return []
    said = [f"undecided {found.undecided}", f"contradicted itself {found.disagreed}"]
    if found.agreement is None:
        said.append("no replies scored by people to check it by")
    else:
        unsure = f", {found.unsure} more undecided" if found.unsure else ""
        said.append(
            f"agrees with people {with_interval(found.agreement)} on {count(found.gold, 'labelled text')}{unsure}"
        )
    lines = [f"{suite.name}, judge: {'; '.join(said)}"]
    if found.corrected is not None:
        one = found.corrected
        interval = f"[{100 * one.low:.1f}, {100 * one.high:.1f}]"
        lines.append(
            f"{suite.name}, corrected for the judge's mistakes: {percent(one.mean)} {interval} (it finds "
            f"{percent(one.sensitivity)} of good replies, {percent(one.specificity)} of bad ones)"
        )
    return lines
