"""What people and a judge make of the same replies, on one page."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from ..calibration import Agreement, Claim, kappa, ppi_mean
from ..calibration.abstention import upper_bound
from ..calibration.folds import log_loss
from ..features import DIFFERENCES
from .decision import Decision, sources
from .table import JudgedPair, PairTable

BINS = 10


@dataclass(frozen=True)
class Share:
    """A share with its interval (Clopper and Pearson 1934, 95 %).

    Args:
        value: `None` of nothing.
        low, high: of the interval.
        n: of how many.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    @classmethod
    def of(cls, number: float, n: int) -> Share:
        if not n:
            return cls(None, None, None, 0)
        whole = round(number)
        return cls(number / n, 1 - upper_bound(n - whole, n, 0.025), upper_bound(whole, n, 0.025), n)


@dataclass(frozen=True)
class Believed:
    """Where a judge is believed on the replies of one source.

    Args:
        pairs: how many there are.
        tested: labels of people that this was tested on, one of each prompt.
        tau: from which confidence on; `None` for nowhere.
        coverage: share of the pairs at or above τ.
        bound: upper bound of the disagreement there, at 95 %.
    """

    pairs: int
    tested: int
    tau: float | None
    coverage: float
    bound: float | None


@dataclass(frozen=True)
class FeedbackReport:
    """See the module; all figures are of pairs of replies.

    Args:
        judge: the judge.
        constitution: hash of the constitution that it judged by, where that is known.
        pairs: that the judge compared.
        labelled: of these, those that people labelled.
        raters: pairs by person.
        agreement: of the judge, its orders averaged, with people.
        between_people: of each two people with each other, all together; `None` where no pair was labelled by two.
        flips: pairs whose two orders contradict each other.
        first_order: share of questions answered with the reply that was shown first.
        error_before, error_after: expected calibration error (Guo et al. 2017) on people's labels; after, cross-fitted.
        loss_before, loss_after: log-loss in nats, likewise; a coin has 0.693.
        slope: a of the calibration; 0 switches the judge off.
        weights: b by feature.
        sources: by source of replies, where the judge is believed.
        kind: of the judge's labels that are used, `raw` or `calibrated`.
        weight: w_A, of one of the judge's pairs; 0 for none used.
        accepted: the judge's labels that are used.
        effective_labels: what people's and the judge's labels count together, (Σw)² / Σw² (Kish 1965).
        longer_preferred: the share of pairs in which people prefer the longer reply, by `ppi_mean`.
        principles: by id: share of the used labels, and the judge's agreement with people under that principle.
        slices: agreement by slice.
        forced: the share of people's labels that was asked for.
    """

    judge: str
    constitution: str | None
    pairs: int
    labelled: int
    raters: dict[str, int]
    agreement: Agreement
    between_people: Agreement | None
    flips: Share
    first_order: float
    error_before: float
    error_after: float
    loss_before: float
    loss_after: float
    slope: float
    weights: dict[str, float]
    sources: dict[str, Believed]
    kind: str | None
    weight: float
    accepted: int
    effective_labels: float
    longer_preferred: Claim | None
    principles: dict[str, tuple[float, Share]] = field(default_factory=dict[str, tuple[float, Share]])
    slices: dict[str, dict[str, Share]] = field(default_factory=dict[str, dict[str, Share]])
    forced: float | None = None

    def to_dict(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "verdict": self.verdict}

    @property
    def verdict(self) -> str:
        """One sentence."""
        if self.forced is not None:
            return (
                f"People's labels were given {self.forced:.0%} of the weight by force, whatever the judge has earned."
            )
        if all(one.tau is None for one in self.sources.values()):
            return (
                "The judge has not earned it: at no confidence do people's labels certify that it disagrees with them "
                "little enough. None of its labels is used."
            )
        if not self.weight:
            return (
                "The judge may be believed on some pairs, but its labels add nothing to predicting what people say. "
                "None of them is used."
            )
        return f"{self.accepted:,} of the judge's labels are used, at {self.weight:g} of the weight of people's."


def report(decision: Decision, constitution_sha256: str | None = None) -> FeedbackReport:
    """Sums a decision up.

    Args:
        decision: from `decide`.
        constitution_sha256: of the constitution that the judge judged by.
    """
    table = decision.table
    labelled = table.labelled
    labels, p, q = table.labels[labelled], table.p[labelled], decision.q[labelled]
    groups = [table.prompts[at] for at in np.flatnonzero(labelled)]
    decided = labels != 0.5
    judge_says = [value > 0.5 for value in p[decided]]
    people_say = [value > 0.5 for value in labels[decided]]
    inside = [group for group, keep in zip(groups, decided, strict=True) if keep]
    questions = [pair for judged in table.pairs for pair in judged.said]
    weights = np.concatenate((table.weights[labelled], decision.weight * table.weights[decision.accepted]))
    return FeedbackReport(
        judge=table.judge,
        constitution=constitution_sha256,
        pairs=len(p_all := table.p),
        labelled=len(labels),
        raters=dict(sorted(Counter(rater for said in table.votes for rater in said).items())),
        agreement=kappa(judge_says, people_say, inside) if inside else Agreement(None, None, None, 0.0, 0),
        between_people=_between_people(table),
        flips=Share.of(sum(judged.flips for judged in table.pairs), len(p_all)),
        first_order=sum((one.p_ij > 0.5) + (one.p_ji > 0.5) for one in questions) / (2 * len(questions)),
        error_before=calibration_error(p, labels),
        error_after=calibration_error(q, labels),
        loss_before=_loss(p, labels),
        loss_after=_loss(q, labels),
        slope=decision.calibration.slope,
        weights=dict(zip(DIFFERENCES, decision.calibration.weights, strict=True)),
        sources=_believed(decision),
        kind=None if decision.mix is None else decision.mix.kind,
        weight=decision.weight if decision.accepted.any() else 0.0,
        accepted=int(decision.accepted.sum()),
        effective_labels=float(weights.sum() ** 2 / (weights**2).sum()),
        longer_preferred=_longer_preferred(decision),
        principles=_principles(decision),
        slices=_slices(decision),
        forced=decision.forced,
    )


def _believed(decision: Decision) -> dict[str, Believed]:
    found: dict[str, Believed] = {}
    for source, inside in sources(decision.table).items():
        threshold = decision.thresholds[source]
        told = (None, 0.0, None) if threshold is None else (threshold.tau, threshold.coverage, threshold.bound)
        name = "replies of no known source" if source is None else source
        found[name] = Believed(int(inside.sum()), int((inside & decision.audit).sum()), *told)
    return found


def calibration_error(p: np.ndarray, labels: np.ndarray) -> float:
    """Expected calibration error: each pair is taken in the order in which the judge is surer."""
    sure, right = np.maximum(p, 1 - p), np.where(p >= 0.5, labels, 1 - labels)
    bins = np.minimum(((sure - 0.5) * 2 * BINS).astype(int), BINS - 1)
    gaps = [abs(float((sure[bins == number] - right[bins == number]).sum())) for number in range(BINS)]
    return math.fsum(gaps) / len(p)


def _loss(p: np.ndarray, labels: np.ndarray) -> float:
    inside = np.clip(p, 1e-4, 1 - 1e-4)
    return float(log_loss(np.log(inside / (1 - inside)), labels).mean())


def _between_people(table: PairTable) -> Agreement | None:
    """Every pair that two people labelled counts once for each two of them."""
    one: list[Hashable] = []
    other: list[Hashable] = []
    groups: list[str] = []
    for prompt, said in zip(table.prompts, table.votes, strict=True):
        for first, second in combinations(sorted(said), 2):
            if 0.5 not in (said[first], said[second]):
                one.append(said[first] > 0.5)
                other.append(said[second] > 0.5)
                groups.append(prompt)
    return kappa(one, other, groups) if one else None


def _longer_preferred(decision: Decision) -> Claim | None:
    table = decision.table
    length = table.features[:, DIFFERENCES.index("length")]
    if (decision.audit & (length != 0)).sum() < 2:
        return None
    labels = np.where(length > 0, table.labels, 1 - table.labels)
    predicted = np.where(length > 0, decision.q, 1 - decision.q)
    known, other = decision.audit & (length != 0), ~decision.audit & (length != 0)
    return ppi_mean(labels[known], predicted[known], predicted[other])


def _principles(decision: Decision) -> dict[str, tuple[float, Share]]:
    """By principle: the share of the used labels that it was asked for, and agreement with people under it alone."""
    used: dict[str, float] = {}
    agreed: dict[str, list[float]] = {}
    for at, judged in enumerate(decision.table.pairs):
        label = decision.table.labels[at]
        for pair in judged.said:
            name = pair.principle or "none"
            p = pair.p if pair.i == judged.i else 1 - pair.p
            if decision.accepted[at]:
                used[name] = used.get(name, 0.0) + 1 / len(judged.said)
            if not np.isnan(label) and label != 0.5:
                agreed.setdefault(name, []).append(_agrees(p, label))
    total = sum(used.values()) or 1.0
    names = sorted({*used, *agreed}, key=lambda name: (-used.get(name, 0.0), name))
    return {
        name: (used.get(name, 0.0) / total, Share.of(sum(agreed.get(name, ())), len(agreed.get(name, ()))))
        for name in names
    }


def _slices(decision: Decision) -> dict[str, dict[str, Share]]:
    """Agreement of the calibrated judge with people, by what the pair is like."""
    table = decision.table
    kinds: dict[str, Callable[[JudgedPair, int], str]] = {
        "people prefer": lambda _, at: _length_slice(table, at),
        "tools": lambda judged, _: "with tool calls" if _calls(judged) else "without tool calls",
        "orders": lambda judged, _: "contradict each other" if judged.flips > 0.5 else "say the same",
    }
    found: dict[str, dict[str, list[float]]] = {}
    for at, judged in enumerate(table.pairs):
        label = table.labels[at]
        if np.isnan(label) or label == 0.5:
            continue
        for name, of in kinds.items():
            found.setdefault(name, {}).setdefault(of(judged, at), []).append(_agrees(decision.q[at], label))
    return {
        name: {label: Share.of(sum(values), len(values)) for label, values in sorted(groups.items())}
        for name, groups in found.items()
    }


def _length_slice(table: PairTable, at: int) -> str:
    longer = table.features[at, DIFFERENCES.index("length")] * (table.labels[at] - 0.5)
    return "the longer reply" if longer > 0 else "the shorter reply, or both are as long"


def _calls(judged: JudgedPair) -> bool:
    return any(message.tool_calls for at in (judged.i, judged.j) for message in judged.ranking.replies[at])


def _agrees(p: float, label: float) -> float:
    return 0.5 if p == 0.5 else float((p > 0.5) == (label > 0.5))
