"""How far people agree about the same pairs of replies, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..calibration import Agreement, dawid_skene, kappa
from ..ranking import Ranking, prompt_key, said_in

FIRST, SECOND, TIE = 0, 1, 2
CONSENSUS_RATERS = 3


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person said of two replies. Which of them is the first goes by their text, not by their place.

    Args:
        pair: prompt and both replies.
        group: what splits go by: the prompt's key.
        rater: `human:NAME`.
        said: `FIRST` is better, `SECOND` is, or `TIE`.
    """

    pair: tuple[str, str, str]
    group: str
    rater: str
    said: int


def human_votes(rankings: Iterable[Ranking]) -> list[Vote]:
    """What people said of each two replies; of a person who said two things of one pair, the later counts."""
    votes: dict[tuple[str, tuple[str, str, str]], Vote] = {}
    for ranking in rankings:
        if not ranking.rater.startswith("human:"):
            continue
        prompt, group = said_in(ranking.prompt), prompt_key(ranking.prompt)
        ranked = sorted({(said_in(reply), rank) for reply, rank in zip(ranking.replies, ranking.ranks, strict=True)})
        for (one, rank), (other, other_rank) in combinations(ranked, 2):
            pair = (prompt, one, other)
            said = TIE if rank == other_rank else FIRST if rank < other_rank else SECOND
            votes[ranking.rater, pair] = Vote(pair, group, ranking.rater, said)
    return list(votes.values())


def pairwise(votes: Iterable[Vote], *, seed: int = 0) -> dict[tuple[str, str], Agreement]:
    """κ of each two raters who have pairs in common, with its interval over prompts.

    Args:
        votes: from `human_votes`.
        seed: of the intervals.
    """
    by_rater: dict[str, dict[tuple[str, str, str], Vote]] = {}
    for vote in votes:
        by_rater.setdefault(vote.rater, {})[vote.pair] = vote
    found: dict[tuple[str, str], Agreement] = {}
    for one, other in combinations(sorted(by_rater), 2):
        shared = [pair for pair in by_rater[one] if pair in by_rater[other]]
        if shared:
            found[one, other] = kappa(
                [by_rater[one][pair].said for pair in shared],
                [by_rater[other][pair].said for pair in shared],
                [by_rater[one][pair].group for pair in shared],
                seed=seed,
            )
    return found


@dataclass(frozen=True)
class Consensus:
    """What several raters say together (Dawid and Skene 1979), on the pairs that at least two of them rated.

    Args:
        pairs: how many these are.
        sure: of how many the likeliest answer has a probability of at least 0.9.
        skill: by rater, the share of their votes on these pairs that is the likeliest answer.
        votes: by rater, how many these votes are.
    """

    pairs: int
    sure: int
    skill: dict[str, float]
    votes: dict[str, int]


def consensus(votes: Iterable[Vote]) -> Consensus | None:
    """The consensus; `None` for fewer than three raters, of whom nobody could say which is right."""
    listed = list(votes)
    raters: dict[tuple[str, str, str], set[str]] = {}
    for vote in listed:
        raters.setdefault(vote.pair, set()).add(vote.rater)
    shared = [vote for vote in listed if len(raters[vote.pair]) > 1]
    names = sorted({vote.rater for vote in shared})
    if len(names) < CONSENSUS_RATERS:
        return None
    beliefs, _ = dawid_skene([(vote.pair, vote.rater, vote.said) for vote in shared], 3)
    hits = {
        name: [float(np.argmax(beliefs[vote.pair]) == vote.said) for vote in shared if vote.rater == name]
        for name in names
    }
    return Consensus(
        len(beliefs),
        sum(bool(belief.max() >= 0.9) for belief in beliefs.values()),
        {name: sum(hits[name]) / len(hits[name]) for name in names},
        {name: len(hits[name]) for name in names},
    )
