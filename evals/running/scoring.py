"""Scores what the log keeps of a sample: a function of the log alone, so a scorer can be changed afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ..samples import Reply, Sample, Score, content_hash
from ..scorers import Scoring
from .choosing import choice_score, said_score, text_score
from .planning import Task

Ask = Callable[[str, str, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of one sample.

    Args:
        score: of the suite; `None` where it could not be decided.
        parts: of each check by name; several checks of one name count as one, which holds where all do.
        label: the first check's word for what happened, or that of the first check that failed.
        detail: why.
        gold: of the replies that people have scored: `(judged, theirs)`.
        nats: of a text, minus its log-likelihood.
    """

    score: float | None
    parts: dict[str, float | None] = field(default_factory=dict[str, "float | None"])
    label: str = ""
    detail: str = ""
    gold: tuple[tuple[float | None, float], ...] = ()
    nats: float | None = None


async def score_record(task: Task, part: str | None, record: dict[str, Any], ask: Ask | None = None) -> Scored:
    """Scores one record.

    Args:
        task: what was asked.
        part: the check that is the suite's score; all of them by default.
        record: what the log keeps.
        ask: asks the judge.
    """
    sample = task.sample
    if sample.task == "text":
        return Scored(text_score(sample, record["scores"]).value, nats=-record["scores"]["logprobs"][0])
    if task.method == "loglik":
        return _single(choice_score(sample, record["scores"]["logprobs"]))
    asked = record["turns"]
    replies = [Reply.from_events(prompt, events) for prompt, events in zip(sample.turns, asked, strict=False)]
    if task.method == "generate":
        return _single(said_score(sample, replies[-1].answer))
    return await _checked(sample, replies, part, ask)


async def _checked(sample: Sample, replies: list[Reply], part: str | None, ask: Ask | None) -> Scored:
    found: list[tuple[str, Score]] = []
    gold: list[tuple[float | None, float]] = []
    for check in sample.checks:
        until = replies[: check.turn + 1] if check.turn >= 0 else replies
        scoring = Scoring(sample, tuple(until), ask)
        found.append((check.name, await check.scorer.score(until[-1], scoring)))
        if check.scorer.kind == "judge":
            for text, score in sample.gold:
                judged = await check.scorer.score(Reply(until[-1].prompt, text), scoring)
                gold.append((judged.value, score))
    parts: dict[str, float | None] = {}
    for name, score in found:
        parts[name] = _both(parts[name], score.value) if name in parts else score.value
    deciding = [(name, score) for name, score in found if part is None or name == part]
    total = 1.0
    for _, score in deciding:
        total = _both(total, score.value)
    # A sample without the part that decides (a suite that checks it on some alone) has no score of its own.
    if not deciding:
        total = None
    failed = next((score for _, score in deciding if score.value != 1.0), None)
    shown = failed or (deciding[0][1] if deciding else Score(None))
    return Scored(total, parts, shown.label, shown.detail, tuple(gold))


def _both(first: float | None, second: float | None) -> float | None:
    """What fails fails, whatever else is undecided."""
    if first == 0.0 or second == 0.0:
        return 0.0
    return None if first is None or second is None else min(first, second)


def _single(score: Score) -> Scored:
    return Scored(score.value, {}, score.label, score.detail)


def question_hash(sample: Sample) -> str:
    """What the question is, however it is asked."""
    history = [message.to_dict() for message in sample.history]
    choices = sorted(sample.choices.texts) if sample.choices else []
    return content_hash([sample.turns, history, choices])[:16]


def scorer_hash(sample: Sample, part: str | None) -> str:
    """What the scores of a sample depend on besides the reply."""
    text = repr((sample.checks, sample.choices, sample.gold, part))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
