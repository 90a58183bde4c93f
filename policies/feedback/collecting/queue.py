"""Which candidates a person is asked about first, and why.

A third of the budget is a uniform audit slice, by which the judge is calibrated and claims are made; it must not depend
on what the judge thinks. The rest goes where a person tells most: where the judge is unsure, where it changes its mind
with the order of the replies, and where safety is at stake (step 4 of the calibrated replacement).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, get_args

from ....tools import ConfigError
from ..journal import Journal
from ..json_lines import check_keys, read_json_lines, shown
from ..ranking import Ranking, prompt_key, said_in
from .candidates import Candidate

Reason = Literal["audit", "uncertain", "orders differ", "safety"]
AUDIT_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A place in the queue.

    Args:
        candidate: what is asked about.
        reason: why; `"audit"` for the uniform slice.
        score: what the others are sorted by, the sum of three shares: of doubt, of pairs whose orders differ, and of
            safety; 0 to 3.
    """

    candidate: Candidate
    reason: Reason
    score: float


def order(
    candidates: Sequence[Candidate],
    budget: int | None = None,
    *,
    judged: Iterable[Ranking] = (),
    harmlessness: Collection[str] = (),
    audit_share: float = AUDIT_SHARE,
    seed: int = 0,
) -> list[Asked]:
    """Puts candidates in the order in which people should rank them.

    Wherever a person stops, at least `audit_share` of what they have ranked is of the audit slice: the prompts that
    come first by a hash of seed and prompt, whatever other candidates there are.

    Args:
        candidates: those with fewer than two different replies are left out.
        budget: how many are asked; all by default.
        judged: rankings of an AI with `pairs`, of the same prompts and replies; what was not judged is in doubt.
        harmlessness: names of the principles in `pairs` that are about safety.
        audit_share: of the budget, in (0, 1].
        seed: another one draws another audit slice.

    Raises:
        ConfigError: the budget or the share is wrong.
    """
    if budget is not None and budget < 1:
        raise ConfigError(f"the budget must be at least 1, got {budget}.")
    if not 0 < audit_share <= 1:
        raise ConfigError(f"audit_share must lie in (0, 1], got {audit_share}.")
    share = Fraction(audit_share).limit_denominator(1000)
    drawn = sorted((one for one in candidates if len(one.different) > 1), key=lambda one: _place(one, seed))
    size = len(drawn) if budget is None else min(budget, len(drawn))
    audits = math.ceil(share * size)
    judge = _Judged(judged, harmlessness)
    audit = iter([Asked(one, "audit", judge.score(one)[1]) for one in drawn[:audits]])
    scored = [Asked(one, *judge.score(one)) for one in drawn[audits:]]
    # Sorting keeps the order by hash among equals.
    rest = iter(sorted(scored, key=lambda asked: -asked.score))
    queue: list[Asked] = []
    placed = 0
    for place in range(1, size + 1):
        if placed < math.ceil(share * place):
            placed += 1
            queue.append(next(audit))
        else:
            queue.append(next(rest))
    return queue


def queue_file(rankings: Path) -> Path:
    """Where the queue of a rankings file is kept: beside it."""
    return rankings.with_name(f"{rankings.name.removesuffix('.jsonl')}.queue.jsonl")


def write_queue(path: Path, queue: Iterable[Asked]) -> None:
    """Keeps why each candidate was asked, whole or not at all.

    What an earlier queue said of other candidates stays, and what was of the audit slice stays there.

    Raises:
        ConfigError: the file cannot be written, or holds something else.
    """
    now = {asked.candidate.id: asked.reason for asked in queue}
    journal = Journal(path)
    with journal.locked():
        before = read_queue(path) if path.exists() else {}
        reasons = {**before, **{id: "audit" if before.get(id) == "audit" else reason for id, reason in now.items()}}
        journal.replace({"id": id, "reason": reason} for id, reason in reasons.items())


def read_queue(path: Path) -> dict[str, Reason]:
    """Why each candidate was asked, by its id.

    Raises:
        ConfigError: the file cannot be read, or lines are wrong.
    """

    def make(_: int, value: dict[str, Any]) -> tuple[str, Reason]:
        check_keys(value, ("id", "reason"), ("id", "reason"), what="a place in a queue")
        if not isinstance(value["id"], str) or value["reason"] not in get_args(Reason):
            raise ConfigError(f"reason must be one of {', '.join(get_args(Reason))}, got {shown(value['reason'])}.")
        return value["id"], value["reason"]

    return dict(read_json_lines(path, make, id_of=lambda pair: pair[0]))


def candidate_id(ranking: Ranking) -> str:
    """The candidate that a person's ranking is of; see `RankingTask.ranking`."""
    return ranking.id.removesuffix(f"/{ranking.rater}")


def audit_slice(rankings: Iterable[Ranking], queue: dict[str, Reason]) -> list[Ranking]:
    """The rankings of the uniform slice.

    Args:
        rankings: of people.
        queue: from `read_queue`.
    """
    return [ranking for ranking in rankings if queue.get(candidate_id(ranking)) == "audit"]


def _place(candidate: Candidate, seed: int) -> tuple[str, str]:
    drawn = hashlib.sha256(f"{seed}\0{prompt_key(candidate.prompt)}".encode()).hexdigest()
    return drawn, candidate.id


class _Judged:
    """What judges said of pairs of replies, by what the replies say: their order may be another."""

    def __init__(self, rankings: Iterable[Ranking], harmlessness: Collection[str]) -> None:
        self._said: dict[tuple[str, str, str], list[tuple[float, bool, bool]]] = {}
        for ranking in rankings:
            if not ranking.rater.startswith("ai:"):
                continue
            prompt, replies = said_in(ranking.prompt), [said_in(reply) for reply in ranking.replies]
            for pair in ranking.pairs:
                first, second = replies[pair.i], replies[pair.j]
                p = pair.p if first <= second else 1 - pair.p
                flips = pair.flips
                told = p, flips, pair.principle in harmlessness
                self._said.setdefault((prompt, min(first, second), max(first, second)), []).append(told)

    def score(self, candidate: Candidate) -> tuple[Reason, float]:
        """The largest of the three shares, and their sum."""
        prompt = said_in(candidate.prompt)
        replies = sorted(said_in(candidate.replies[at]) for at in candidate.different)
        doubt, flips, harmless = [], [], []
        for first, second in combinations(replies, 2):
            told = self._said.get((prompt, first, second), [])
            p = math.fsum(one[0] for one in told) / len(told) if told else 0.5
            doubt.append(1 - abs(2 * p - 1))
            flips += [one[1] for one in told]
            harmless += [one[2] for one in told]
        shares: dict[Reason, float] = {
            "safety": 1.0 if candidate.safety else _share(harmless),
            "orders differ": _share(flips),
            "uncertain": math.fsum(doubt) / len(doubt),
        }
        return max(shares, key=lambda reason: shares[reason]), math.fsum(shares.values())


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0
