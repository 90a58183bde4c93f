"""The judge itself as the reward (RLAIF direct; Lee et al. 2023, section 3.2), without a reward model in between."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from typing import Literal

from ....tools import PolicyError
from ...engines.messages import Message
from ...feedback.constitution import Principle
from ...feedback.judging import Judge
from ...feedback.ranking import said_in
from .reply import Reply

logger = logging.getLogger(__name__)


class JudgeReward:
    """Scores replies by a judge.

    Args:
        judge: who judges.
        by: `score`: the expectation of a score from 1 to 10, scaled to 0..1. `pairwise`: the probability that the reply
            is better than a reference, the mean over both orders.
        reference: gives the reference replies to some prompts; only asked for what it has not been asked yet.
        seed: of the principles: one is drawn for each prompt and step, the same for all its replies.
    """

    def __init__(
        self,
        judge: Judge,
        by: Literal["score", "pairwise"],
        reference: Callable[[Sequence[Reply]], list[tuple[Message, ...]]],
        seed: int,
    ) -> None:
        self._judge = judge
        self._by = by
        self._reference = reference
        self._seed = seed
        self._known: dict[str, tuple[Message, ...]] = {}
        # One loop for all steps: what waits in a judge belongs to the loop in which it began to wait.
        self._runner = asyncio.Runner()

    @property
    def constitution_sha256(self) -> str:
        """Hash of the constitution that the judge judges by."""
        return self._judge.constitution.sha256

    def score(self, replies: Sequence[Reply], step: int) -> list[float]:
        """A reward of each reply in 0..1; 0 for one without words.

        Where the judge fails or cannot be read, it is the mean of the other replies to the prompt: nothing is learned.
        """
        if self._by == "pairwise":
            keys = [said_in(one.prompt.messages) for one in replies]
            new = {key: one for key, one in zip(keys, replies, strict=True) if key not in self._known}
            for key, messages in zip(new, self._reference(list(new.values())), strict=True):
                self._known[key] = messages

        async def all_of_them() -> list[float | None]:
            return list(await asyncio.gather(*(self._one(reply, step) for reply in replies)))

        return _filled([said_in(one.prompt.messages) for one in replies], self._runner.run(all_of_them()))

    async def _one(self, reply: Reply, step: int) -> float | None:
        if not reply.output.strip():
            return 0.0
        drawn = random.Random(f"{self._seed}/{step}/{reply.prompt.id}")
        (principle,) = self._judge.constitution.draw(drawn)
        try:
            return await self._judged(reply, principle)
        except PolicyError as error:
            logger.warning("the judge %s failed on a reply, which is passed over: %s", self._judge.rater, error)
            return None

    async def _judged(self, reply: Reply, principle: Principle) -> float | None:
        prompt = reply.prompt.messages
        if self._by == "score":
            found = await self._judge.rate(prompt, reply.messages, principle)
            return None if found is None else (found - 1) / 9
        reference = self._known[said_in(prompt)]
        if not reference:
            return 1.0  # against nothing, anything is better
        first, second = await self._judge.compare(prompt, reply.messages, reference, principle)
        return (first + 1 - second) / 2

    def close(self) -> None:
        """Frees the judge."""
        self._runner.run(self._judge.policy.aclose())
        self._runner.close()


def _filled(prompts: Sequence[str], found: Sequence[float | None]) -> list[float]:
    """What is not known is the mean of what is known of the same prompt, else of all."""
    known = [value for value in found if value is not None]
    whole = sum(known) / len(known) if known else 0.0
    means: dict[str, float] = {}
    for prompt in dict.fromkeys(prompts):
        told = [value for name, value in zip(prompts, found, strict=True) if name == prompt and value is not None]
        means[prompt] = sum(told) / len(told) if told else whole
    return [means[prompt] if value is None else value for prompt, value in zip(prompts, found, strict=True)]
