"""What a judge and people said of the same pairs of replies, as arrays for `calibration`.

A pair is known by its prompt and the words of its two replies, whoever ranked them and in whatever order. Which of the
two is called the first hangs on a hash of the words alone: in many files the better reply always stands first.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ....tools import ConfigError
from ..calibration import dawid_skene
from ..features import differences
from ..ranking import Pair, Ranking, prompt_key, said_in

Key = tuple[str, str, str]
FEWEST_FOR_CONSENSUS = 3  # of two raters who differ, nothing tells who is right


@dataclass(frozen=True)
class JudgedPair:
    """Two replies that a judge compared.

    Args:
        ranking: the judge's ranking that they are of.
        i, j: which replies; i is the first of the pair.
        said: what the judge said, by principle.
    """

    ranking: Ranking
    i: int
    j: int
    said: tuple[Pair, ...]

    @property
    def p(self) -> float:
        """Probability that reply i is better: the mean over orders and principles."""
        return sum(pair.p if pair.i == self.i else 1 - pair.p for pair in self.said) / len(self.said)

    @property
    def flips(self) -> float:
        """Share of the principles under which the two orders contradict each other."""
        return sum(pair.flips for pair in self.said) / len(self.said)


@dataclass(frozen=True)
class PairTable:
    """Pairs that a judge compared, with what people said of them.

    Args:
        judge: the judge, `ai:NAME`.
        pairs: the pairs.
        p: `(pairs,)` the judge's probability that the first reply is better.
        features: `(pairs, 3)` differences, see `features.DIFFERENCES`.
        labels: `(pairs,)` what people said: 1, 0, ½ or between where several did; NaN where nobody did.
        prompts: of each pair, what keeps folds apart.
        votes: of each pair, who said what.
        weights: `(pairs,)` what each pair counts in the loss that is trained with: of a labelled one all that people
            said, of another one what the judge's would, before it is weighed.
    """

    judge: str
    pairs: tuple[JudgedPair, ...]
    p: np.ndarray
    features: np.ndarray
    labels: np.ndarray
    prompts: tuple[str, ...]
    votes: tuple[dict[str, float], ...]
    weights: np.ndarray

    @property
    def labelled(self) -> np.ndarray:
        """`(pairs,)` whether a person said something."""
        return ~np.isnan(self.labels)


def pair_table(ai: Sequence[Ranking], human: Sequence[Ranking]) -> PairTable:
    """Puts the judge's pairs and people's labels together.

    Args:
        ai: rankings of one judge, with `pairs`.
        human: rankings of people, of these prompts or others.

    Raises:
        ConfigError: there is no pair, there are several judges, or a ranking is of another kind than it should be.
    """
    judges = sorted({ranking.rater for ranking in ai})
    if len(judges) != 1:
        raise ConfigError(f"rankings of one judge are needed, got those of {', '.join(judges) or 'none'}.")
    for rankings, kind, noun in ((ai, "ai", "a judge"), (human, "human", "a person")):
        for ranking in rankings:
            if not ranking.rater.startswith(f"{kind}:"):
                raise ConfigError(f"the ranking {ranking.id!r} is {ranking.rater}'s, which is not {noun}.")
    said = _votes(human)
    pairs: list[JudgedPair] = []
    prompts: list[str] = []
    votes: list[dict[str, float]] = []
    weights: list[float] = []
    seen: set[Key] = set()
    for ranking in ai:
        prompt = prompt_key(ranking.prompt)
        for i, j in combinations(range(len(ranking.replies)), 2):
            judged = tuple(pair for pair in ranking.pairs if {pair.i, pair.j} == {i, j})
            key = _key(prompt, ranking, i, j)
            if not judged or key is None or key in seen:
                continue
            seen.add(key)
            i_first = key[1] == said_in(ranking.replies[i])
            pairs.append(JudgedPair(ranking, *((i, j) if i_first else (j, i)), judged))
            prompts.append(prompt)
            found = said.get(key, {})
            votes.append({rater: target for rater, (target, _) in found.items()})
            alone = ranking.weight * ranking.confidence / math.comb(len(ranking.replies), 2)
            weights.append(math.fsum(weight for _, weight in found.values()) if found else alone)
    if not pairs:
        raise ConfigError(f"{judges[0]} has compared no two replies: its rankings need 'pairs'.")
    return PairTable(
        judges[0],
        tuple(pairs),
        np.array([pair.p for pair in pairs]),
        np.stack([differences(pair.ranking, pair.i, pair.j) for pair in pairs]),
        _labels(votes),
        tuple(prompts),
        tuple(votes),
        np.array(weights),
    )


def _votes(human: Sequence[Ranking]) -> dict[Key, dict[str, tuple[float, float]]]:
    """By pair, what each rater said: the probability that the first reply of the key is better, and its weight."""
    found: dict[Key, dict[str, tuple[float, float]]] = {}
    for ranking in human:
        prompt = prompt_key(ranking.prompt)
        for pair in ranking.comparisons():
            key = _key(prompt, ranking, pair.i, pair.j)
            if key is not None and pair.weight > 0:
                target = pair.target if key[1] == said_in(ranking.replies[pair.i]) else 1 - pair.target
                found.setdefault(key, {})[ranking.rater] = target, pair.weight
    return found


def _key(prompt: str, ranking: Ranking, i: int, j: int) -> Key | None:
    first, second = sorted((said_in(ranking.replies[i]), said_in(ranking.replies[j])), key=_digest)
    return None if first == second else (prompt, first, second)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _labels(votes: Sequence[dict[str, float]]) -> np.ndarray:
    """One label for each pair: the mean of what people said, or their consensus where there are enough raters."""
    labels = np.array([np.mean(list(said.values())) if said else np.nan for said in votes])
    raters = {rater for said in votes for rater in said}
    several = [at for at, said in enumerate(votes) if len(said) > 1]
    if len(raters) < FEWEST_FOR_CONSENSUS or not several:
        return labels
    decided = [
        (at, rater, int(vote > 0.5)) for at, said in enumerate(votes) for rater, vote in said.items() if vote != 0.5
    ]
    consensus, _ = dawid_skene(decided, 2)
    for at in several:
        if at in consensus:
            labels[at] = consensus[at][1]
    return labels
