"""Puts rows together: which kinds, how many turns, which tools are offered."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ....tools import ConfigError
from . import (
    custom_tools,
    dialogues,
    injected,
    lookups,
    made_tools,
    mathematics,
    mistakes,
    plain,
    premises,
    safety,
    turns,
    unknowns,
)
from .dialogue import Turn, Unusable, asks, built_in_schemas, instructions_for, row, says
from .kept_out import asked_by_a_suite
from .phrasing import Split

MIX: dict[str, float] = {
    "mathematics": 0.38,
    "lookup": 0.17,
    "plain": 0.22,
    "linked": 0.08,
    "mixed": 0.06,
    "custom_tool": 0.05,
    "other_tools": 0.04,
}
"""Shares of the kinds of conversation."""

NO_MATH = (
    "I have no tool for calculations in this chat, so I would rather not guess.",
    "I can't calculate that reliably without a mathematics tool.",
)
NO_SEARCH = (
    "I have no search tool in this chat, so I can't look that up.",
    "I can't look that up here, because I have no search tool.",
)

_SINGLE: dict[str, Callable[[random.Random, Split], Turn]] = {
    "mathematics": mathematics.draw,
    "lookup": lookups.draw,
    "plain": plain.draw,
}

# Kinds that bring tools of their own.
_WITH_TOOLS: dict[str, Callable[[random.Random, Split], tuple[list[Turn], list[dict[str, Any]]]]] = {
    "custom_tool": custom_tools.draw,
    "made_tool": made_tools.draw_tool,
    "made_parallel": made_tools.draw_parallel,
    "made_chain": made_tools.draw_chain,
    "made_none": made_tools.draw_none,
    "made_missing": made_tools.draw_missing,
    "safety": safety.draw,
    "turns": turns.draw,
    "premise": premises.draw,
    "unknown": unknowns.draw,
    "mistakes": mistakes.draw,
    "injected": injected.draw,
}


def generate(
    split: Split,
    seed: int,
    rows: int,
    mix: Mapping[str, float] | None = None,
) -> Iterator[dict[str, Any]]:
    """Rows of one split; the same arguments give the same rows.

    Args:
        split: which wordings and entities are used.
        seed: of the generator.
        rows: how many.
        mix: shares of the kinds; `MIX` where it is empty.

    Yields:
        Rows without repeated prompts, and without those of the shipped suites.

    Raises:
        ConfigError: the mix names an unknown kind.
    """
    shares = dict(mix or MIX)
    kinds = (*dict.fromkeys((*MIX, *_WITH_TOOLS)),)
    if unknown := sorted(set(shares) - set(kinds)):
        known = ", ".join(kinds)
        raise ConfigError(f"unknown kind of conversation {unknown[0]!r}; there are: {known}.")
    rng = random.Random(f"{split}-{seed}")
    seen: set[tuple[str, ...]] = set()
    made = repeats = 0
    while made < rows:
        kind = rng.choices(list(shares), list(shares.values()))[0]
        item = _one(kind, rng, split)
        prompts = tuple(prompts_of(item))
        if asked_by_a_suite(prompts):
            continue
        # Small talk is a small world: what has been said may be said again once new sayings run out.
        if prompts in seen and not kind.endswith("plain") and repeats < 20 * rows:
            repeats += 1
            continue
        seen.add(prompts)
        made += 1
        yield item


def prompts_of(item: dict[str, Any]) -> list[str]:
    """What the user says in a row."""
    return [message["content"] for message in item["messages"] if message["role"] == "user"]


def prompt_hash(prompt: str) -> str:
    return hashlib.sha256(" ".join(prompt.lower().split()).encode()).hexdigest()


def _one(kind: str, rng: random.Random, split: Split) -> dict[str, Any]:
    while True:
        try:
            if kind in _SINGLE:
                return row([_SINGLE[kind](rng, split)], built_in_schemas())
            if kind == "linked":
                return row(dialogues.draw(rng, split), built_in_schemas())
            if kind == "mixed":
                makers = rng.choices((mathematics.draw, lookups.draw, plain.draw), (4, 3, 4), k=rng.choice((2, 2, 3)))
                return row([make(rng, split) for make in makers], built_in_schemas())
            if kind in _WITH_TOOLS:
                drawn, schemas = _WITH_TOOLS[kind](rng, split)
                return row(drawn, schemas, instructions_for(schemas))
            return _other_tools(rng, split)
        except Unusable:
            continue


def _other_tools(rng: random.Random, split: Split) -> dict[str, Any]:
    """The built-in tools in another order, one of them, or none."""
    names = rng.choice((("search", "math"), ("math",), ("search",), ()))
    maker = rng.choice((mathematics.draw, lookups.draw, plain.draw))
    turn = maker(rng, split)
    needed = {"mathematics": "math", "lookup": "search"}.get(turn.kind)
    if needed is not None and needed not in names:
        turn = Turn((asks(turn.prompt), says(rng.choice(NO_MATH if needed == "math" else NO_SEARCH))), "no_tool")
    schemas = built_in_schemas(names) if names else []
    return row([turn], schemas, instructions_for(schemas))
