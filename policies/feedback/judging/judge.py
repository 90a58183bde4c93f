"""A policy that judges replies by the principles of a constitution.

Which of two replies is better is asked in both orders, under principles that are drawn for each pair, and read off the
probabilities of the two letters (Lee et al. 2023, "RLAIF"; Bai et al. 2022). With reasons before the answer the letters
become all but certain whatever they are, so the probability is then clamped to 0.4–0.6 (Bai et al. 2022, section 4.1).

What such a judge says is nothing to train on before people's labels have shown how far it can be trusted:
`pericles.policies.feedback.trust`.
"""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, TypeVar

from ....tools import ConfigError, ContextOverflow, PolicyError
from ...engines.messages import Message, Policy
from ..constitution import Constitution, Principle
from ..ranking import Pair, Ranking, said_in
from .answers_file import AnswersFile, key_of
from .choosing import Choice, choose, reason
from .questions import CHOICES, SCORES, compared, rated

T = TypeVar("T")
Order = Literal["round-robin", "merge"]
CLAMP = (0.4, 0.6)
REASON_TOKENS = 160


@dataclass(frozen=True)
class ToJudge:
    """Replies that a judge is to put in order.

    Args:
        id: names the ranking that is made of them.
        prompt: what they answer; the last message is the user's.
        replies: 2 to 9.
        tools: schemas of the tools that were offered.
        policy: what the replies are from.
        consent: whether they may be trained on.
    """

    id: str
    prompt: tuple[Message, ...]
    replies: tuple[tuple[Message, ...], ...]
    tools: tuple[dict[str, Any], ...] = ()
    policy: str | None = None
    consent: bool = True

    @classmethod
    def of(cls, ranking: Ranking) -> ToJudge:
        """The replies of a ranking, without what its rater said of them."""
        return cls(ranking.id, ranking.prompt, ranking.replies, ranking.tools, ranking.policy, ranking.consent)


class _TimeIsUp(Exception):
    """Nothing more is asked."""


class Judge:
    """See the module.

    Args:
        policy: what is asked; any that `load_policy` names.
        constitution: its principles.
        name: what rankings call the judge, `ai:NAME`; the policy's name by default.
        identity: what tells its answers from those of other weights of the same name (`identity_of`); its name by
            default.
        principles: how many are drawn for each pair.
        reasoning: asks for reasons first; twice the work and more.
        concurrency: questions that are under way at the same time.
        answers: file of answers, which makes a judge resumable.
        seed: of the principles that are drawn.
    """

    def __init__(
        self,
        policy: Policy,
        constitution: Constitution,
        *,
        name: str = "",
        identity: str = "",
        principles: int = 1,
        reasoning: bool = False,
        concurrency: int = 4,
        answers: Path | None = None,
        seed: int = 0,
    ) -> None:
        if principles < 1 or concurrency < 1:
            raise ConfigError("a judge needs at least one principle for a pair, and one question at a time.")
        self.policy = policy
        self.constitution = constitution
        self.rater = f"ai:{_plain(name or policy.name)}"
        self.unreadable = 0
        self.asked = 0
        self.masses: list[float] = []
        self._identity = identity or policy.name
        self._principles = principles
        self._reasoning = reasoning
        self._seed = seed
        self._answers = AnswersFile(answers)
        self._slots = asyncio.Semaphore(concurrency)
        self._asking: dict[str, asyncio.Lock] = {}
        self._ends = math.inf

    async def compare(
        self, prompt: Sequence[Message], first: Sequence[Message], second: Sequence[Message], principle: Principle
    ) -> tuple[float, float]:
        """Two replies by one principle.

        Returns:
            The probability that the first is better, asked with it first, and that the second is, asked with that
            first. An answer that cannot be read counts as ½, and in `unreadable`.
        """
        one, other = await _all_settled(
            self._preferred(prompt, first, second, principle), self._preferred(prompt, second, first, principle)
        )
        return one, other

    async def rank(self, replies: ToJudge, order: Order = "round-robin") -> Ranking:
        """Puts replies in order.

        Args:
            replies: any number of them.
            order: `round-robin` compares each two; `merge` sorts by merging, with about K·log K comparisons.

        Returns:
            A ranking with the pairs that were compared, none of them accepted yet. The ranks are by the mean of the
            probabilities against the others in a round robin, and the sorted order else.
        """
        compared_pairs: dict[tuple[int, int], list[Pair]] = {}

        said = [said_in(replies.prompt), *map(said_in, replies.replies)]

        async def pairs_of(i: int, j: int) -> list[Pair]:
            # Drawn by what is said: the same replies under another id get the same questions.
            drawn = self.constitution.draw(random.Random(f"{self._seed}/{said}/{i}/{j}"), self._principles)
            found: list[Pair] = []
            for principle in drawn:
                p_ij, p_ji = await self.compare(replies.prompt, replies.replies[i], replies.replies[j], principle)
                found.append(Pair(i, j, p_ij, p_ji, principle.id, accepted=False))
            return found

        async def better(i: int, j: int) -> float:
            low, high = min(i, j), max(i, j)
            if (low, high) not in compared_pairs:
                compared_pairs[low, high] = await pairs_of(low, high)
            found = compared_pairs[low, high]
            p = sum(pair.p for pair in found) / len(found)
            return p if i == low else 1 - p

        size = len(replies.replies)
        if order == "merge":
            ranks = await _merged_ranks(size, better)
        else:
            ranks = await _round_robin_ranks(size, better)
        pairs = tuple(pair for key in sorted(compared_pairs) for pair in compared_pairs[key])
        return Ranking(
            f"{replies.id}/{self.rater}", replies.prompt, replies.replies, _same_for_same(replies, ranks), self.rater,
            pairs=pairs, policy=replies.policy, tools=replies.tools, consent=replies.consent,
            created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )  # fmt: skip

    async def rank_all(
        self,
        items: Sequence[ToJudge],
        order: Order = "round-robin",
        tell: Callable[[int, int], None] | None = None,
        *,
        ends: float | None = None,
    ) -> list[Ranking]:
        """Puts the replies of many prompts in order.

        Args:
            items: what is judged.
            order: see `rank`.
            tell: is told how many are done, and of how many.
            ends: `time.monotonic()` from which on no more is asked. Items that then lack an answer are left out.

        Raises:
            PolicyError: the policy failed; what it has answered so far is kept in the file of answers.
        """
        done = 0
        self._ends = math.inf if ends is None else ends

        async def one(item: ToJudge) -> Ranking | None:
            nonlocal done
            try:
                ranking = await self.rank(item, order)
            except _TimeIsUp:
                return None
            done += 1
            if tell is not None:
                tell(done, len(items))
            return ranking

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(item)) for item in items]
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            self._ends = math.inf
        return [ranking for task in tasks if (ranking := task.result()) is not None]

    async def rate(self, prompt: Sequence[Message], reply: Sequence[Message], principle: Principle) -> float | None:
        """The expectation of a score from 1 to 10 (Lee et al. 2023, section 3.2); `None` where none can be read."""
        choice = await self._ask(rated(principle, prompt, reply), SCORES, reasons=False)
        if choice is None:
            return None
        return sum(p * float(score) for p, score in zip(choice.probabilities, SCORES, strict=True))

    async def _preferred(
        self, prompt: Sequence[Message], first: Sequence[Message], second: Sequence[Message], principle: Principle
    ) -> float:
        choice = await self._ask(
            compared(principle, prompt, first, second, reasoning=self._reasoning), CHOICES, reasons=self._reasoning
        )
        p = 0.5 if choice is None else choice.probabilities[0]
        return min(max(p, CLAMP[0]), CLAMP[1]) if self._reasoning else p

    async def _ask(self, messages: list[Message], choices: Sequence[str], *, reasons: bool) -> Choice | None:
        key = key_of(self._identity, messages, choices, reasons=reasons)
        # One asks, others who ask the same wait for its answer.
        async with self._asking.setdefault(key, asyncio.Lock()):
            if key not in self._answers:
                async with self._slots:
                    if time.monotonic() >= self._ends:
                        raise _TimeIsUp
                    self._answers.put(key, await self._choice(messages, choices, reasons=reasons))
        self._asking.pop(key, None)
        choice = self._answers.get(key)
        self.asked += 1
        self.unreadable += choice is None
        if choice is not None:
            self.masses.append(choice.mass)
        return choice

    async def _choice(self, messages: list[Message], choices: Sequence[str], *, reasons: bool) -> Choice | None:
        try:
            opening = await reason(self.policy, messages, REASON_TOKENS) if reasons else ""
            return await choose(self.policy, messages, choices, opening)
        except ContextOverflow:
            return None  # too long for this judge, which therefore says nothing


async def _all_settled(*asked: Awaitable[T]) -> list[T]:
    """The answers to questions that are asked at once; one that fails is told when none is under way any more."""
    found = await asyncio.gather(*asked, return_exceptions=True)
    for answer in found:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in found if not isinstance(answer, BaseException)]


async def _round_robin_ranks(size: int, better: Any) -> list[int]:
    chances = [0.0] * size
    values = await _all_settled(*(better(i, j) for i, j in combinations(range(size), 2)))
    for (i, j), p in zip(combinations(range(size), 2), values, strict=True):
        chances[i] += p
        chances[j] += 1 - p
    levels = sorted({round(value, 9) for value in chances}, reverse=True)
    return [levels.index(round(value, 9)) + 1 for value in chances]


async def _merged_ranks(size: int, better: Any) -> list[int]:
    async def merged(left: list[int], right: list[int]) -> list[int]:
        order: list[int] = []
        while left and right:
            # A tie keeps what stood first.
            order.append(left.pop(0) if await better(left[0], right[0]) >= 0.5 else right.pop(0))
        return [*order, *left, *right]

    async def ordered(numbers: list[int]) -> list[int]:
        if len(numbers) < 2:
            return numbers
        half = len(numbers) // 2
        left, right = await _all_settled(ordered(numbers[:half]), ordered(numbers[half:]))
        return await merged(left, right)

    order = await ordered(list(range(size)))
    return [order.index(number) + 1 for number in range(size)]


def _same_for_same(replies: ToJudge, ranks: Sequence[int]) -> tuple[int, ...]:
    """Replies that are the same get the best rank of them."""
    best: dict[str, int] = {}
    said = [said_in(reply) for reply in replies.replies]
    for text, rank in zip(said, ranks, strict=True):
        best[text] = min(rank, best.get(text, rank))
    found = [best[text] for text in said]
    levels = sorted(set(found))
    return tuple(levels.index(rank) + 1 for rank in found)


def _plain(name: str) -> str:
    """A judge's name as a rater may be called."""
    text = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in name)).strip()[:190].strip()
    if not text:
        raise PolicyError("a judge needs a name.")
    return text
