"""A policy criticises and rewrites its own replies by the principles of a constitution.

The supervised stage of Constitutional AI (Bai et al. 2022, section 3): a principle is drawn, the policy says what is
wrong with its reply by it, and rewrites the reply; and once more, with another principle. What a rewriting spoils is
told and not used: small models often repeat themselves, or talk about the task.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...tools import ContextOverflow
from ..engines.messages import GenerationConfig, Message, Policy, ReplyFinished, TextPiece
from .constitution import Constitution, Principle
from .message_lists import has_text

EMPTY, CUT_OFF, UNCHANGED = "empty", "cut off", "unchanged"
REPEATS, OF_THE_TASK, CALLS = "repeats itself", "speaks of the task", "calls a tool"
TOO_LONG = "too long for the policy"
_INTRODUCTION = re.compile(
    r"^(?:sure[,.!]?\s*)?(?:here(?: is|'s|’s)|this is|certainly)[^\n:]{0,80}:\s*"
    r"|^(?:revised |rewritten |new )?(?:reply|response|answer|revision)\s*:\s*",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\b(?:critique|(?:rewritten|revised|original|previous|my (?:last|first)) (?:reply|response|answer|version))\b",
    re.IGNORECASE,
)
_WORDS_TO_TELL = 24  # shorter texts repeat words without being broken
_LEAST_DISTINCT = 0.6


@dataclass(frozen=True)
class Revision:
    """One round.

    Args:
        principle: id of the principle.
        critique: what the policy said of its reply.
        reply: how it rewrote it, as it was said.
        problem: why the rewriting is not used; `None` where it is.
    """

    principle: str
    critique: str
    reply: str
    problem: str | None

    def to_dict(self) -> dict[str, Any]:
        return {"principle": self.principle, "critique": self.critique, "reply": self.reply, "problem": self.problem}


@dataclass(frozen=True)
class Revised:
    """A reply and what became of it.

    Args:
        reply: all messages of the turn, as it was.
        rounds: every round.
        final: the turn with its answer rewritten; `None` where no rewriting is of use.
    """

    reply: tuple[Message, ...]
    rounds: tuple[Revision, ...]
    final: tuple[Message, ...] | None


async def revise(
    policy: Policy,
    prompt: Sequence[Message],
    reply: Sequence[Message],
    constitution: Constitution,
    *,
    rounds: int,
    seed: int,
    max_new_tokens: int = 128,
    temperature: float = 0.7,
) -> Revised:
    """Rewrites a reply.

    Args:
        policy: whose reply it is.
        prompt: the conversation that it answers.
        reply: the messages of the turn; the answer in words is the last. Calls and results stay as they are.
        constitution: whose principles are drawn.
        rounds: how many times; a rewriting that is spoiled leaves the one before.
        seed: of the principles and of the sampling.
        max_new_tokens: of a critique and of a rewriting.
        temperature: of the sampling.

    Raises:
        PolicyError: the policy failed.
    """
    drawn = random.Random(seed)
    answer = reply[-1].content
    done: list[Revision] = []
    useful = False
    for number in range(rounds):
        (principle,) = constitution.draw(drawn)
        config = GenerationConfig(max_new_tokens=max_new_tokens, temperature=temperature, seed=seed + 2 * number)
        spoken = [*(message for message in prompt if message.role != "system"), Message("assistant", answer)]
        asked = [*spoken, Message("user", _critique_request(principle))]
        critique, text = "", ""
        problem: str | None = EMPTY
        try:
            critique, _, _ = await _speak(policy, asked, config)
            if has_text(critique):
                asked += [Message("assistant", critique), Message("user", _revision_request(principle))]
                text, cut_off, calls = await _speak(policy, asked, replace(config, seed=seed + 2 * number + 1))
                problem = CALLS if calls else _problem(text, answer, cut_off=cut_off)
        except ContextOverflow:
            problem = TOO_LONG
        done.append(Revision(principle.id, critique, text, problem))
        if problem is None:
            answer, useful = bare(text), True
    final = (*reply[:-1], replace(reply[-1], content=answer, meta={})) if useful else None
    return Revised(tuple(reply), tuple(done), final)


def bare(text: str) -> str:
    """A rewriting without the words that introduce it and the quotation marks around it."""
    text = _INTRODUCTION.sub("", text.strip(), count=1).strip()
    if len(text) > 1 and text[0] + text[-1] in ('""', "“”") and not set(text[1:-1]) & set('"“”'):
        text = text[1:-1].strip()
    return text


def _critique_request(principle: Principle) -> str:
    return f"{principle.critique} Answer in one or two sentences."


def _revision_request(principle: Principle) -> str:
    return f"{principle.revision} Write the new reply to me and nothing else."


def _problem(text: str, before: str, *, cut_off: bool) -> str | None:
    said = bare(text)
    if not has_text(said):
        return EMPTY
    if cut_off:
        return CUT_OFF
    if said.split() == before.split():
        return UNCHANGED
    if _distinct(said) < _LEAST_DISTINCT:
        return REPEATS
    return OF_THE_TASK if _TASK.search(said) else None


def _distinct(text: str) -> float:
    """The share of three words in a row that stand in a text for the first time."""
    words = text.lower().split()
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return len(set(runs)) / len(runs) if len(words) >= _WORDS_TO_TELL else 1.0


async def _speak(policy: Policy, messages: Sequence[Message], config: GenerationConfig) -> tuple[str, bool, bool]:
    text, reason = "", "stop"
    events: Any = policy.stream(messages, config=config)
    async with contextlib.aclosing(events):
        async for event in events:
            if isinstance(event, TextPiece):
                text += event.text
            elif isinstance(event, ReplyFinished):
                reason = event.reason
    return text.strip(), reason == "length", reason == "tool_calls"
