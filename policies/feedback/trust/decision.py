"""Whether, where and how much a judge's labels join those of people.

Calibrated by people's labels, believed from the confidence on that an audit certifies, weighed by what they add to
predicting what people say. A judge that has not earned it adds nothing: no label of its is used.

What is certified of the replies of one policy says nothing of another's: the threshold is looked for in each source
of replies (`Ranking.policy`) by itself, and where people have labelled no pair of a source, the judge is not believed.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ....tools import ConfigError
from ..calibration import Calibration, Mix, Threshold, choose_mix, cross_fit, find_threshold
from ..calibration.abstention import ALPHA, DELTA
from ..ranking import Ranking
from .table import PairTable

FEWEST_PROMPTS = 10
Source = str | None


@dataclass(frozen=True)
class Decision:
    """What was decided.

    Args:
        table: the pairs.
        q: `(pairs,)` calibrated probabilities; of a labelled pair by a fit that did not see its prompt.
        calibration: by all labels.
        thresholds: by source of replies, from which confidence on the judge is believed; `None` where it is nowhere.
        mix: kind and weight of its labels.
        weight: w_A, of the judge's labels, people's being 1.
        accepted: `(pairs,)` which of the judge's labels are used.
        audit: `(pairs,)` which labels of people the thresholds were tested on: one pair of each prompt.
        forced: the share of people's labels that was asked for, where one was.
    """

    table: PairTable
    q: np.ndarray
    calibration: Calibration
    thresholds: dict[Source, Threshold | None]
    mix: Mix | None
    weight: float
    accepted: np.ndarray
    audit: np.ndarray
    forced: float | None = None

    @property
    def targets(self) -> np.ndarray:
        """`(pairs,)` what would be learned of each pair: the judge's probability, calibrated where that was chosen."""
        return self.table.p if self.mix is not None and self.mix.kind == "raw" else self.q

    @property
    def ai_share(self) -> float:
        """The judge's share of all weight that is trained with."""
        theirs = self.weight * float(self.table.weights[self.accepted].sum())
        whole = theirs + float(self.table.weights[self.table.labelled].sum())
        return theirs / whole if whole else 0.0


def decide(
    table: PairTable,
    inputs: np.ndarray,
    *,
    audit: Collection[str] | None = None,
    alpha: float = ALPHA,
    delta: float = DELTA,
    human_fraction: float | None = None,
    seed: int = 0,
) -> Decision:
    """Decides.

    Args:
        table: the pairs.
        inputs: `(pairs, features)` features of the first reply less those of the second, from which a stand-in for the
            reward model learns while the weight is chosen.
        audit: the prompts (`prompt_key`) whose labels were drawn uniformly; all by default. Where people were asked
            about what mattered most, only the uniform slice says how good the judge is elsewhere.
        alpha: share of disagreement that is tolerated.
        delta: probability of tolerating more, in each source of replies.
        human_fraction: forces the share of people's labels in the sum of the weights: 1 uses none of the judge's,
            whatever it has earned; lower ones use all of them, certified or not. For experiments.
        seed: of the folds.

    Raises:
        ConfigError: people have labelled too few prompts, or the fraction is not above 0 and at most 1.
    """
    labelled = table.labelled
    prompts = len({table.prompts[at] for at in np.flatnonzero(labelled)})
    if prompts < FEWEST_PROMPTS:
        raise ConfigError(
            f"people have labelled pairs of {prompts} of the prompts that {table.judge} judged; at least "
            f"{FEWEST_PROMPTS} are needed, better a hundred. Are they of the same replies?"
        )
    calibration, q = cross_fit(table.p, table.features, table.labels, table.prompts, seed=seed)
    tested = _one_of_each_prompt(table, labelled, audit, seed)
    thresholds = {
        source: find_threshold(
            q[inside], q[inside & tested], np.round(table.labels[inside & tested] * 2) / 2, alpha=alpha, delta=delta
        )
        for source, inside in sources(table).items()
    }
    if human_fraction is not None:
        weight, accepted = _forced(table, human_fraction)
        return Decision(table, q, calibration, thresholds, None, weight, accepted, tested, forced=human_fraction)
    accepted = np.zeros(len(q), dtype=bool)
    for source, inside in sources(table).items():
        threshold = thresholds[source]
        if threshold is not None:
            accepted |= inside & ~labelled & (np.maximum(q, 1 - q) >= threshold.tau)
    if not accepted.any():
        return Decision(table, q, calibration, thresholds, None, 0.0, accepted, tested)
    scale = np.sqrt(np.mean(inputs**2, axis=0))
    scaled = inputs / np.where(scale > 0, scale, 1.0)
    # The stand-in learns with weights whose mean is 1: its ridges are made for such.
    weights = table.weights / table.weights[labelled].mean()
    mix = choose_mix(
        (scaled[labelled], table.labels[labelled], _prompts(table, labelled)),
        (scaled[accepted], table.p[accepted], q[accepted]),
        ai_groups=_prompts(table, accepted),
        human_weights=weights[labelled],
        ai_weights=weights[accepted],
        seed=seed,
    )
    used = accepted if mix.weight else np.zeros_like(accepted)
    return Decision(table, q, calibration, thresholds, mix, mix.weight, used, tested)


def sources(table: PairTable) -> dict[Source, np.ndarray]:
    """By source of replies, `(pairs,)` which pairs are of it."""
    found = [pair.ranking.policy for pair in table.pairs]
    return {source: np.array([one == source for one in found]) for source in dict.fromkeys(found)}


def _prompts(table: PairTable, which: np.ndarray) -> list[str]:
    return [table.prompts[at] for at in np.flatnonzero(which)]


def _one_of_each_prompt(table: PairTable, labelled: np.ndarray, audit: Collection[str] | None, seed: int) -> np.ndarray:
    """The labels that test the judge: the pairs of one prompt hang together, so one of them is drawn."""
    drawn: dict[str, tuple[bytes, int]] = {}
    for at in np.flatnonzero(labelled):
        prompt = table.prompts[at]
        if audit is None or prompt in audit:
            place = hashlib.sha256(f"{seed}/{prompt}/{at}".encode()).digest()
            drawn[prompt] = min(drawn.get(prompt, (place, int(at))), (place, int(at)))
    tested = np.zeros(len(table.p), dtype=bool)
    tested[[at for _, at in drawn.values()]] = True
    return tested


def _forced(table: PairTable, share: float) -> tuple[float, np.ndarray]:
    if not 0 < share <= 1:
        raise ConfigError(f"human_fraction must lie above 0 and at most at 1, got {share}.")
    others = ~table.labelled & (table.weights > 0)
    theirs, ours = float(table.weights[others].sum()), float(table.weights[table.labelled].sum())
    weight = ours * (1 - share) / (share * theirs) if theirs else 0.0
    return weight, others & (weight > 0)


def mixed_rankings(decision: Decision, human: Sequence[Ranking]) -> list[Ranking]:
    """What is trained on: people's rankings as they are, and the judge's with the labels that are used.

    An accepted pair's `p_ij` and 1 − `p_ji` are the probability that is learned.
    """
    by_ranking: dict[str, list[int]] = {}
    for at, pair in enumerate(decision.table.pairs):
        by_ranking.setdefault(pair.ranking.id, []).append(at)
    found = list(human)
    for members in by_ranking.values():
        ranking = decision.table.pairs[members[0]].ranking
        if not any(decision.accepted[at] for at in members):
            continue
        pairs = []
        for at in members:
            judged = decision.table.pairs[at]
            p = float(decision.targets[at])
            names = {pair.principle for pair in judged.said}
            base = dataclasses.replace(judged.said[0], i=judged.i, j=judged.j, p_ij=p, p_ji=1 - p)
            name = base.principle if len(names) == 1 else None
            pairs.append(dataclasses.replace(base, principle=name, accepted=bool(decision.accepted[at])))
        found.append(dataclasses.replace(ranking, pairs=tuple(pairs), weight=ranking.weight * decision.weight))
    return found
