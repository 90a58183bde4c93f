"""What the rewards have to ask the solver, for all replies of a batch at once.

A reward asks as if the answer were there. What is not known yet is noted and taken for "no"; then all that was noted
is put to the solver's pool together, and the reward is asked again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from ....evals.scorers.symbolic import SECONDS, equal
from ....tools import ToolError, TrainingError
from ....tools.solver import Solution, solve_query_async

Judged = TypeVar("Judged")
# More would wait for a free worker, and the wait counts towards the time that a question has.
_SIDE_BY_SIDE = max(2, os.cpu_count() or 2)
_MOST_ROUNDS = 8
_Question = tuple[str, ...]


class Solver:
    """The solver's answers, for one batch."""

    def __init__(self) -> None:
        self._known: dict[_Question, bool | Solution | None] = {}
        self._wanted: dict[_Question, None] = {}

    def equal(self, first: str, second: str) -> bool:
        """Whether two formulas have the same value."""
        return bool(self._answer((first, second)))

    def solve(self, query: str) -> Solution | None:
        """The solution of a query; `None` where it has none."""
        return cast("Solution | None", self._answer((query,)))

    def settled(self, judge: Callable[[Solver], Judged]) -> Judged:
        """What a judgement comes to once all its questions are answered.

        Args:
            judge: asks this solver; is called again until it asks nothing new.

        Raises:
            TrainingError: the solver does not run at all, so that every comparison would fail.
        """
        for _ in range(_MOST_ROUNDS):
            judged = judge(self)
            if not self._wanted:
                return judged
            asyncio.run(self._ask_all())
        return judge(self)

    def _answer(self, question: _Question) -> bool | Solution | None:
        if question not in self._known:
            self._wanted[question] = None
            return None
        return self._known[question]

    async def _ask_all(self) -> None:
        try:
            await solve_query_async("1 + 1")
        except ToolError as error:
            raise TrainingError(f"rewards need the solver, which does not run: {error}") from error
        questions, self._wanted = list(self._wanted), {}
        free = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def one(question: _Question) -> bool | Solution | None:
            async with free:
                return await (equal(*question) if len(question) == 2 else _solved(*question))

        found: list[Awaitable[bool | Solution | None]] = [one(question) for question in questions]
        self._known.update(zip(questions, await asyncio.gather(*found), strict=True))


async def _solved(query: str) -> Solution | None:
    try:
        return await solve_query_async(query, timeout=SECONDS)
    except ToolError:
        return None
