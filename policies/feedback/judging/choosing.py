"""How likely a policy is to answer a question in each of a few ways.

Where the policy tells log-probabilities of texts, those of the choices are read, in float32 from the logits on; where
it tells them of tokens that it writes, those at the place of the answer; where it tells none, what it says counts,
whole. The probabilities are scaled to sum to 1 over the choices.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...engines.messages import MAX_LOGPROBS, GenerationConfig, Message, Policy, ReplyFinished, TextLevel, TextPiece

_MOST_SAID = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer.

    Args:
        probabilities: of each choice; they sum to 1.
        mass: how likely the policy is to answer by any of them; little means that it did not understand the question.
    """

    probabilities: tuple[float, ...]
    mass: float


async def choose(
    policy: Policy, messages: Sequence[Message], choices: Sequence[str], opening: str = ""
) -> Choice | None:
    """Asks a question.

    Args:
        policy: what is asked.
        messages: the question.
        choices: the answers that count. None begins with another, but for numbers of which the shorter comes first.
        opening: what the policy has said already, before the choice.

    Returns:
        `None` where the answer is none of the choices.

    Raises:
        PolicyError: the policy failed.
    """
    if "texts" in policy.capabilities:
        return await _scored(policy, messages, choices, opening)
    asked = list(messages)
    if opening:
        # A chat cannot be continued in the middle of a reply on every engine, so it is asked once more.
        again = f"So which: {', '.join(choices)}? Answer with it alone."
        asked += [Message("assistant", opening), Message("user", again)]
    if "logprobs" in policy.capabilities and all(len(choice) == 1 for choice in choices):
        return await _told(policy, asked, choices)
    return await _said(policy, asked, choices)


async def reason(policy: Policy, messages: Sequence[Message], max_new_tokens: int) -> str:
    """What a policy says to a question, greedily."""
    return (await _speak(policy, messages, GenerationConfig(max_new_tokens=max_new_tokens)))[0].strip()


async def _scored(policy: Any, messages: Sequence[Message], choices: Sequence[str], opening: str) -> Choice | None:
    text_level: TextLevel = policy
    asked = await text_level.prompt_text(messages)
    if opening:
        asked += f"{opening}\nAnswer:"
        choices = [f" {choice}" for choice in choices]
    scores = await text_level.score_texts([(asked, choice) for choice in choices])
    masses = [math.exp(score.logprob) for score in scores]
    # A text's probability holds that of the longer ones which go on from it: "1" that of "10", where that is "1", "0".
    for at, choice in enumerate(choices):
        longer = [
            place
            for place, other in enumerate(choices)
            if place != at and other.startswith(choice) and scores[place].tokens > scores[at].tokens
        ]
        masses[at] -= sum(masses[place] for place in longer)
    return _scaled(masses)


async def _told(policy: Policy, messages: Sequence[Message], choices: Sequence[str]) -> Choice | None:
    config = GenerationConfig(max_new_tokens=_MOST_SAID, logprobs=MAX_LOGPROBS)
    text, finished = await _speak(policy, messages, config)
    lowered = [choice.lower() for choice in choices]
    for token in finished.logprobs if finished else ():
        if not token.token.strip():
            continue
        masses = [0.0] * len(choices)
        for other, logprob in token.top or ((token.token, token.logprob),):
            written = other.strip().lower()
            if written in lowered:
                masses[lowered.index(written)] += math.exp(logprob)
        # The first word decides, unless it is none of the choices: then what was said in the end counts.
        found = _scaled(masses)
        if found is not None:
            return found
        break
    return _read(text, choices)


async def _said(policy: Policy, messages: Sequence[Message], choices: Sequence[str]) -> Choice | None:
    text, _ = await _speak(policy, messages, GenerationConfig(max_new_tokens=_MOST_SAID))
    return _read(text, choices)


async def _speak(
    policy: Policy, messages: Sequence[Message], config: GenerationConfig
) -> tuple[str, ReplyFinished | None]:
    text, finished = "", None
    events: Any = policy.stream(messages, config=config)
    async with contextlib.aclosing(events):
        async for event in events:
            if isinstance(event, TextPiece):
                text += event.text
            elif isinstance(event, ReplyFinished):
                finished = event
    return text, finished


def _read(text: str, choices: Sequence[str]) -> Choice | None:
    """The one choice that a text names; "A" is also an article, so it must be set off or be the only one named."""
    first = re.match(r"\W*(\w+)\W*(?:$|(?<=[.:,;)\]*\n]))", text)
    if first is not None and first[1].lower() in [choice.lower() for choice in choices]:
        named = [choice for choice in choices if choice.lower() == first[1].lower()]
    else:
        words = re.findall(r"\w+", text)
        named = [choice for choice in choices if choice in words]
    if len(named) != 1:
        return None
    at = list(choices).index(named[0])
    return Choice(tuple(float(number == at) for number in range(len(choices))), 1.0)


def _scaled(masses: Sequence[float]) -> Choice | None:
    masses = [max(0.0, mass) for mass in masses]
    total = math.fsum(masses)
    if not total > 0:
        return None
    return Choice(tuple(mass / total for mass in masses), min(1.0, total))
