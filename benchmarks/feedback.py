"""Whether AI labels help where the judge is good, and do no harm where it is not: five judges whose faults are known.

    .venv/bin/python benchmarks/feedback.py [--repeats 20] [--coverage 200]

A world in which a reply's worth is linear in its features: 2,000 pairs, 200 of them labelled by a person who errs in
one of ten. For each judge the accuracy on fresh pairs of a reward fitted to people's labels alone, to the judge's
alone, to both as they are, to both after calibration, and to the mix that `pericles.policies.feedback.calibration`
chooses (of labels above the threshold that the audit certifies). Then, how often the 95 % interval of `ppi_mean` holds
the truth. About ten seconds. The last line has the figures that the design promises; the exit code is 1 when one is
missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pericles.policies.feedback.calibration import choose_mix, cross_fit, find_threshold, ppi_mean, preference_head
from scipy.special import expit

PAIRS, HUMAN, FEATURES = 2000, 200, 20
FLIPS = 0.1
RIDGE = 3.0
LENGTH, HIDDEN = 0, 1  # what a judge may be fooled by; the first is told to the calibration
COLUMNS = ("human only", "AI only", "naive pool", "calibrated pool", "mix")
WITHIN, COVERAGE, CLOSE = 0.01, 0.93, 0.05


@dataclass(frozen=True)
class World:
    """Pairs, what they are worth, and who said what."""

    x: np.ndarray
    truth: np.ndarray
    labels: np.ndarray
    p: np.ndarray
    fresh: np.ndarray
    fresh_truth: np.ndarray

    @property
    def human(self) -> np.ndarray:
        return ~np.isnan(self.labels)


JUDGES: dict[str, Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]] = {
    "clean": lambda x, worth, random: worth + 0.3 * random.normal(size=len(x)),
    "length-biased": lambda x, worth, random: worth + 1.5 * x[:, LENGTH],
    "hidden bias": lambda x, worth, random: worth + 1.5 * x[:, HIDDEN],
    "adversarial": lambda x, worth, random: -worth,
    "random": lambda x, worth, random: random.normal(size=len(x)) * worth.std(),
}


def world(judge: str, seed: int) -> World:
    random = np.random.default_rng(seed)
    weights = random.normal(size=FEATURES)
    weights *= 1.5 / np.linalg.norm(weights)
    x, fresh = random.normal(size=(PAIRS, FEATURES)), random.normal(size=(5000, FEATURES))
    worth = x @ weights
    said = JUDGES[judge](x, worth, random)
    liking_for_the_first = 1.0
    p = (expit(2 * said + liking_for_the_first) + 1 - expit(-2 * said + liking_for_the_first)) / 2
    labels = ((worth > 0) ^ (random.random(PAIRS) < FLIPS)).astype(float)
    labels[HUMAN:] = np.nan
    return World(x, worth > 0, labels, p, fresh, fresh @ weights > 0)


def accuracies(judge: str, seed: int) -> dict[str, float]:
    """Of each column; and the weight that the mix gave the judge."""
    here = world(judge, seed)
    groups = list(range(PAIRS))
    confounds = here.x[:, [LENGTH]]
    _, q = cross_fit(here.p, confounds, here.labels, groups, seed=seed)
    human, rest = here.human, ~here.human

    def accuracy(targets: np.ndarray, weights: np.ndarray, ridge: float = RIDGE) -> float:
        used = weights > 0
        head = preference_head(here.x[used], targets[used], weights[used], ridge)
        return float(((here.fresh @ head > 0) == here.fresh_truth).mean())

    people = np.where(human, here.labels, 0.0)
    found = {
        "human only": accuracy(people, human.astype(float)),
        "AI only": accuracy(here.p, np.ones(PAIRS)),
        "naive pool": accuracy(np.where(human, people, here.p), np.ones(PAIRS)),
        "calibrated pool": accuracy(np.where(human, people, q), np.ones(PAIRS)),
    }
    threshold = find_threshold(q, q[human], here.labels[human])
    accepted = rest & (np.maximum(q, 1 - q) >= (2.0 if threshold is None else threshold.tau))
    mix = choose_mix(
        (here.x[human], here.labels[human], list(np.flatnonzero(human))),
        (here.x[accepted], here.p[accepted], q[accepted]),
        seed=seed,
    )
    weight = mix.weight if accepted.any() else 0.0
    targets = np.where(human, people, q if mix.kind == "calibrated" else here.p)
    found["mix"] = accuracy(targets, human + weight * accepted, mix.ridge)
    return found | {"w_A": weight, "coverage": float(accepted.sum() / rest.sum())}


def coverage(judge: str, repeats: int) -> tuple[float, float]:
    """How often the interval of the share of pairs whose first reply is better holds it, and its width in people's own.

    Each repeat has people of its own: the truth is what they would say of all pairs.
    """
    held = 0
    widths: list[float] = []
    for seed in range(repeats):
        random = np.random.default_rng(10_000 + seed)
        here = world(judge, 20_000 + seed)
        # Pairs of a policy that wins more often than not.
        better = here.truth | (random.random(PAIRS) < 0.2)
        says = np.where(better, np.maximum(here.p, 1 - here.p) * 0.5 + 0.5 * here.p, here.p)
        labels = (better ^ (random.random(PAIRS) < FLIPS)).astype(float)
        expected = float((better * (1 - FLIPS) + ~better * FLIPS).mean())
        claim = ppi_mean(labels[:HUMAN], says[:HUMAN], says[HUMAN:])
        held += claim.low <= expected <= claim.high
        alone = 2 * 1.96 * labels[:HUMAN].std(ddof=1) / HUMAN**0.5
        widths.append((claim.high - claim.low) / alone)
    return held / repeats, statistics.median(widths)


def main(repeats: int, of_coverage: int) -> int:
    print(f"accuracy of a reward on fresh pairs, mean of {repeats} worlds")
    print(f"  {'judge':<16}" + "".join(f"{name:>17}" for name in COLUMNS) + f"{'w_A':>8}{'accepted':>10}")
    reached = True
    told: list[str] = []
    for judge in JUDGES:
        rows = [accuracies(judge, seed) for seed in range(repeats)]
        means = {name: statistics.fmean(row[name] for row in rows) for name in rows[0]}
        cells = "".join(f"{means[name]:>17.3f}" for name in COLUMNS)
        print(f"  {judge:<16}{cells}{means['w_A']:>8.2f}{means['coverage']:>10.2f}", flush=True)
        worse = means["human only"] - means["mix"]
        reached &= worse <= WITHIN
        if judge == "clean":
            gap = max(means[name] for name in COLUMNS) - means["mix"]
            reached &= gap <= CLOSE
            told.append(f"clean judge within {gap:.3f} of the best (target {CLOSE})")
        if judge == "adversarial":
            off = statistics.fmean(row["w_A"] == 0 for row in rows)
            reached &= off == 1
            told.append(f"adversarial judge off in {off:.0%}")
    print(f"95 % intervals of a win rate from {HUMAN} labels of people, {of_coverage} worlds")
    for judge in JUDGES:
        share, width = coverage(judge, of_coverage)
        reached &= share >= COVERAGE
        print(f"  {judge:<16}hold the truth in {share:.3f} (target {COVERAGE}), {width:.2f} times as wide", flush=True)
    print(f"feedback: {', '.join(told)}")
    return 0 if reached else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Mixing people's labels with a judge's.")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--coverage", type=int, default=200)
    arguments = parser.parse_args()
    sys.exit(main(arguments.repeats, arguments.coverage))
