"""How far two raters agree beyond chance, and what several raters who differ in skill say together."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's κ (1960) with a percentile interval of a bootstrap over prompts.

    Args:
        kappa: 1 is agreement, 0 what chance gives; `None` where both say the same of everything.
        low, high: of the interval.
        share: of items on which both agree.
        n: items.
    """

    kappa: float | None
    low: float | None
    high: float | None
    share: float
    n: int


def kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    groups: Sequence[Hashable],
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Agreement:
    """Agreement of two raters on the same items.

    Args:
        first, second: what each said of each item.
        groups: what hangs together: the prompt of each item.
        confidence: of the interval.
        seed: of the bootstrap.

    Raises:
        ValueError: there is no item.
    """
    if not len(first):
        raise ValueError("there is no item that both have rated.")
    classes = {value: at for at, value in enumerate(dict.fromkeys([*first, *second]))}
    members = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    tables = np.zeros((len(members), len(classes), len(classes)))
    for one, other, group in zip(first, second, groups, strict=True):
        tables[members[group], classes[one], classes[other]] += 1
    whole = tables.sum(0)
    share = float(np.trace(whole) / whole.sum())
    found = _kappa(whole[None])[0]
    if np.isnan(found):
        return Agreement(None, None, None, share, len(first))
    drawn = np.random.default_rng(seed).integers(len(members), size=(RESAMPLES, len(members)))
    # Counts of each group in each resample: the tables need not be copied.
    counts = np.stack([np.bincount(row, minlength=len(members)) for row in drawn])
    resampled = _kappa(np.tensordot(counts, tables, axes=1))
    resampled = resampled[~np.isnan(resampled)]
    if not len(resampled):
        return Agreement(float(found), None, None, share, len(first))
    low, high = np.quantile(resampled, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Agreement(float(found), float(low), float(high), share, len(first))


def _kappa(tables: np.ndarray) -> np.ndarray:
    totals = tables.sum((1, 2))
    same = np.trace(tables, axis1=1, axis2=2) / totals
    chance = (tables.sum(1) * tables.sum(2)).sum(1) / totals**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance < 1, (same - chance) / (1 - chance), np.nan)


def dawid_skene(
    votes: Sequence[tuple[Hashable, Hashable, int]], classes: int, *, smoothing: float = 1.0, rounds: int = 200
) -> tuple[dict[Hashable, np.ndarray], dict[Hashable, np.ndarray]]:
    """What raters of unknown skill say together (Dawid and Skene 1979), by expectation–maximisation.

    Args:
        votes: item, rater, and class of each vote.
        classes: how many there are.
        smoothing: votes for being right that each rater's confusions begin with, so that who voted once is no oracle.
        rounds: at most so many.

    Returns:
        By item, the probability of each class; by rater, the matrix of what is said, `[true, said]`.
    """
    items = {item: at for at, item in enumerate(dict.fromkeys(vote[0] for vote in votes))}
    raters = {rater: at for at, rater in enumerate(dict.fromkeys(vote[1] for vote in votes))}
    item = np.array([items[vote[0]] for vote in votes], dtype=int)
    rater = np.array([raters[vote[1]] for vote in votes], dtype=int)
    said = np.array([vote[2] for vote in votes], dtype=int)
    beliefs = np.full((len(items), classes), 1e-9)
    np.add.at(beliefs, (item, said), 1.0)
    beliefs /= beliefs.sum(1, keepdims=True)
    confusions = np.zeros((len(raters), classes, classes))
    for _ in range(rounds):
        shares = beliefs.mean(0)
        # A prior of mostly right raters; without it the classes could swap names.
        confusions = np.full((len(raters), classes, classes), 0.1 * smoothing) + smoothing * np.eye(classes)
        for label in range(classes):
            np.add.at(confusions[:, :, label], rater[said == label], beliefs[item[said == label]])
        confusions /= confusions.sum(2, keepdims=True)
        scores = np.tile(np.log(np.maximum(shares, 1e-12)), (len(items), 1))
        np.add.at(scores, item, np.log(confusions[rater, :, said]))
        new = np.exp(scores - scores.max(1, keepdims=True))
        new /= new.sum(1, keepdims=True)
        if np.abs(new - beliefs).max() < 1e-7:
            beliefs = new
            break
        beliefs = new
    return (
        {name: beliefs[at] for name, at in items.items()},
        {name: confusions[at] for name, at in raters.items()},
    )
