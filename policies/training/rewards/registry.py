"""The verifiable rewards by name, and a batch of replies scored by them.

Each is a function of a reply that returns a number, or `None` where nothing is known of the right one: that earns
nothing, either way. A policy that writes a tool's result itself earns 0 in all of them; `calls` and `length` are costs,
which it pays as ever.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from ....tools import ConfigError
from .answer import answer, judge_answer
from .asking import Solver
from .citation import citation, could_answer
from .form import form
from .length import length
from .reply import Reply
from .tool_use import calls, judge_query, query, tool, tool_figures

__all__ = ["REWARDS", "Reward", "gold", "score", "tool_figures"]

logger = logging.getLogger(__name__)

Reward = Callable[[Reply], float | None]

REWARDS: dict[str, Reward] = {
    "answer": answer,
    "tool": tool,
    "query": query,
    "citation": citation,
    "format": form,
    "calls": calls,
    "length": length,
}
"""By the names that a recipe uses, all but `reward_model`."""

_WITH_SOLVER: dict[str, Callable[[Reply, Solver], float | None]] = {"answer": judge_answer, "query": judge_query}


def score(replies: Sequence[Reply], names: Sequence[str]) -> dict[str, list[float | None]]:
    """Scores replies by several rewards. The solver is asked once for all of them.

    A reward that fails on a reply is a fault of ours and no reason to lose a training: it gives `None`, and is logged
    once for each name.

    Args:
        replies: of one step.
        names: of `REWARDS`.

    Returns:
        By name, a reward for each reply.

    Raises:
        ConfigError: there is no such reward.
        TrainingError: the solver does not run, so that every answer would count as wrong.
    """
    for name in names:
        if name not in REWARDS:
            raise ConfigError(f"there is no verifiable reward {name!r}; there are: {', '.join(REWARDS)}.")
    failed: set[str] = set()
    found = {
        name: [_guarded(name, REWARDS[name], reply, failed) for reply in replies]
        for name in names
        if name not in _WITH_SOLVER
    }

    def judge(solver: Solver) -> dict[str, list[float | None]]:
        return {
            name: [_guarded(name, lambda one: _WITH_SOLVER[name](one, solver), reply, failed) for reply in replies]  # noqa: B023
            for name in names
            if name in _WITH_SOLVER
        }

    return {**found, **Solver().settled(judge)}


def gold(replies: Sequence[Reply]) -> list[float]:
    """The held-out score of each reply, 0 to 1: what nothing is trained on but what a stage is stopped by.

    The mean of `tool` and `answer`, as far as they are known. For a lookup, whose answer is not known, `citation` takes
    its place; an answer that claims nothing counts as 0 there where a source has every word of the expected query. A
    prompt of which nothing is known scores 0 for every policy.
    """
    known = score(replies, ("tool", "answer", "citation"))
    scores: list[float] = []
    for reply, chosen, answered, cited in zip(replies, known["tool"], known["answer"], known["citation"], strict=True):
        parts = [chosen, answered]
        if answered is None and reply.prompt.expected.tool == "search":
            parts = [chosen, 0.0 if cited is None and could_answer(reply) else cited]
        told = [part for part in parts if part is not None]
        scores.append(round(sum(told) / len(told), 6) if told else 0.0)
    return scores


def _guarded(name: str, reward: Reward, reply: Reply, failed: set[str]) -> float | None:
    try:
        return reward(reply)
    except Exception:
        if name not in failed:
            failed.add(name)
            logger.exception("the reward %r failed on a reply to %r; it counts as unknown", name, reply.prompt.id)
        return None
