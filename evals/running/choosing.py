"""Runs choice and text samples: how likely a policy holds each text, or which one it says is right."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Sequence
from typing import Any

from ...policies.engines import TextLevel, TextScore
from ...tools import ContextOverflow
from ..samples import Choices, Sample, Score
from .conversing import bare_text, question_messages
from .planning import Task

LETTERS = string.ascii_uppercase
ASK = "Answer with the letter of the right choice."
# A text longer than the context window is scored in windows, each without what stands before it.
MIN_WINDOW_CHARS = 16

_ALONE = re.compile(r"\W*([A-Z])\W*", re.ASCII)
_SAID = (
    re.compile(r"(?:answer|choice|option)\s*(?:is|:|=)?\s*[:(*\"']*([A-Z])\b(?![a-z'])", re.ASCII | re.IGNORECASE),
    re.compile(r"^\W*([A-Z])\s*[).:\]]", re.ASCII),
    re.compile(r"[(\[]([A-Z])[)\]]", re.ASCII),
    re.compile(r"^\W*([A-Z])\b(?!')", re.ASCII),
)


def listed_question(question: str, choices: Choices) -> str:
    """The question with the choices under letters."""
    lines = [f"{LETTERS[index]}. {text}" for index, text in enumerate(choices.texts)]
    return "\n".join([question.rstrip(), "", *lines, "", ASK])


async def pairs_of(policy: TextLevel, task: Task) -> list[tuple[str, str]]:
    """What has to be scored for a sample: pairs of a text and what follows it."""
    sample = task.sample
    if sample.task == "text":
        return [("", sample.turns[0])]
    choices = sample.choices
    assert choices is not None
    if sample.form == "completion":
        before = bare_text(sample, task.shown)
        texts = [f"{choices.prefix}{text}" for text in choices.texts]
        # A sentence by itself, without a question, begins a document.
        return [(before, text) if before else ("", text.removeprefix(choices.prefix)) for text in texts]
    asked = listed_question(sample.turns[0], choices) if choices.listed else sample.turns[0]
    before = await policy.prompt_text(question_messages(sample, task.shown, asked))
    return [(before, text) for text in (LETTERS[: len(choices.texts)] if choices.listed else choices.texts)]


async def scored(policy: TextLevel, tasks: Sequence[Task]) -> list[dict[str, Any] | Exception]:
    """Scores a batch. A sample that does not fit into the context window fails alone.

    Returns:
        For each task what the log keeps, `{"logprobs", "tokens", "greedy"}`, or why there is nothing.
    """
    pairs = [await pairs_of(policy, task) for task in tasks]
    try:
        scores = await policy.score_texts([pair for some in pairs for pair in some])
    except ContextOverflow:
        return [await _alone(policy, task, some) for task, some in zip(tasks, pairs, strict=True)]
    found: list[dict[str, Any] | Exception] = []
    place = 0
    for some in pairs:
        found.append(_kept(scores[place : place + len(some)]))
        place += len(some)
    return found


async def _alone(policy: TextLevel, task: Task, pairs: list[tuple[str, str]]) -> dict[str, Any] | Exception:
    try:
        if task.sample.task == "text":
            windows = [await policy.score_texts([("", part)]) for part in await _windows(policy, task.sample.turns[0])]
            scores = [window[0] for window in windows]
            total = TextScore(
                math.fsum(score.logprob for score in scores), sum(score.tokens for score in scores), False
            )
            return _kept([total])
        return _kept(await policy.score_texts(pairs))
    except ContextOverflow as error:
        return error


async def _windows(policy: TextLevel, text: str) -> list[str]:
    """Parts of a text that fit, halved until they do."""
    try:
        await policy.score_texts([("", text)])
    except ContextOverflow:
        middle = text.rfind(" ", 0, len(text) // 2 + 1)
        if middle < MIN_WINDOW_CHARS:
            raise
        return [*await _windows(policy, text[:middle]), *await _windows(policy, text[middle:])]
    return [text]


def _kept(scores: Sequence[TextScore]) -> dict[str, Any]:
    return {
        "logprobs": [score.logprob for score in scores],
        "tokens": [score.tokens for score in scores],
        "greedy": [score.greedy for score in scores],
    }


def choice_score(sample: Sample, logprobs: Sequence[float]) -> Score:
    """The score of a choice by log-likelihood.

    `mass` is MC2 of TruthfulQA (Lin et al. 2022): the probability of the right texts among all, each text weighed by
    its own probability.
    """
    choices = sample.choices
    assert choices is not None
    if choices.score == "mass":
        parts = shares(logprobs)
        return Score(sum(parts[index] for index in choices.right))
    weighed = weighed_by(choices, logprobs)
    return _chosen(choices, weighed.index(max(weighed)))


def weighed_by(choices: Choices, logprobs: Sequence[float]) -> list[float]:
    """What the texts of a choice are compared by."""
    if not choices.normalise:
        return list(logprobs)
    return [logprob / max(1, len(text)) for logprob, text in zip(logprobs, choices.texts, strict=True)]


def shares(logprobs: Sequence[float]) -> list[float]:
    """Of the probability of all texts, what each has."""
    top = max(logprobs)
    weights = [math.exp(logprob - top) for logprob in logprobs]
    return [weight / sum(weights) for weight in weights]


def said_score(sample: Sample, answer: str) -> Score:
    """The score of a choice that the policy said."""
    choices = sample.choices
    assert choices is not None
    chosen = read_choice(answer, choices)
    if chosen is None:
        return Score(0.0, "unreadable", f"no choice in {answer.strip()[:80]!r}")
    return _chosen(choices, chosen)


def _chosen(choices: Choices, chosen: int) -> Score:
    return Score(float(chosen in choices.right), "", f"chose {choices.texts[chosen]}")


def read_choice(answer: str, choices: Choices) -> int | None:
    """Which choice an answer names, by its letter or by its text; `None` where that cannot be told."""
    text = answer.strip()
    last = LETTERS[len(choices.texts) - 1]
    alone = _ALONE.fullmatch(text)
    if alone and alone[1] <= last:
        return LETTERS.index(alone[1])
    for pattern in _SAID[:3]:
        found = [match.upper() for match in pattern.findall(text)]
        if found and found[-1] <= last:
            return LETTERS.index(found[-1])
    folded = " ".join(text.casefold().split())
    named = [index for index, choice in enumerate(choices.texts) if " ".join(choice.casefold().split()) in folded]
    # "Not Paris" is in "not paris": of choices that hold each other the longest one was meant.
    whole = [
        index
        for index in named
        if not any(other != index and choices.texts[index] in choices.texts[other] for other in named)
    ]
    if len(whole) == 1:
        return whole[0]
    first = _SAID[3].match(text)
    return LETTERS.index(first[1]) if first and first[1] <= last and first[1] not in "AI" else None


def text_score(sample: Sample, kept: dict[str, Any]) -> Score:
    """Bits per byte of a text: the lower, the better."""
    return Score(-kept["logprobs"][0] / math.log(2) / len(sample.turns[0].encode()))
