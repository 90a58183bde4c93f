"""What the shipped suites ask is kept out of the data, so that a suite measures what was not trained on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

RUN = 8  # words in a row that no prompt shares with a suite


def asked_by_a_suite(prompts: Iterable[str]) -> bool:
    """Whether a prompt is an item of a suite, but for marks and capitals, or shares a run of `RUN` words with one."""
    whole, runs = _asked()
    return any(words in whole or not runs.isdisjoint(_runs(words)) for words in map(_words, prompts) if words)


@cache
def _asked() -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]:
    from ....evals.catalogue import shipped, shipped_names

    items = [_words(turn) for name in shipped_names() for sample in shipped(name).samples for turn in sample.turns]
    return frozenset(items), frozenset(run for words in items for run in _runs(words))


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.lower()))


def _runs(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {words[at : at + RUN] for at in range(len(words) - RUN + 1)}
