"""Wordings: which split a template belongs to, how one is filled, how people misspell.

A template belongs to exactly one of train, validation and test, by its hash: what is measured on is worded
differently from what is trained on, and stays so when templates are added.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeVar

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
HELD_OUT = 0.07  # share of the templates of a list in each of validation and test

Item = TypeVar("Item")


@cache
def table(name: str) -> Any:
    """A data table of this folder, `NAME.yaml`."""
    import yaml

    return yaml.safe_load(
        resources.files("pericles.policies.training.data").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    )


def share(items: Sequence[Item], split: Split) -> list[Item]:
    """The items of one split. Short lists give one item to each of the held-out splits, lists under four none.

    Raises:
        ValueError: the list is too short to have a part for a held-out split.
    """
    held = 0 if len(items) < 4 else max(1, round(len(items) * HELD_OUT))
    ordered = sorted(items, key=_digest)
    parts = {"validation": ordered[:held], "test": ordered[held : 2 * held], "train": ordered[2 * held :]}
    if not parts[split]:
        raise ValueError(f"a list of {len(items)} has no part for {split}")
    return parts[split]


def _digest(item: object) -> str:
    return hashlib.sha256(repr(item).encode()).hexdigest()


def fill(template: str, slots: Mapping[str, object]) -> str:
    """Puts slots into a template. `{Slot}` starts with a capital letter; braces that are no slot stay."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name in slots:
            return str(slots[name])
        lowered = name[0].lower() + name[1:]
        return capitalised(str(slots[lowered])) if lowered in slots else found[0]

    return re.sub(r"\{([A-Za-z]\w*)\}", value, template)


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def humanised(template: str, rng: random.Random) -> str:
    """Sometimes writes a template as people do: small letters, no final mark, a slip of the keyboard.

    Slots are left alone: numbers, formulas and names must stay what they are.
    """
    roll = rng.random()
    if roll < 0.08:
        template = _outside_slots(template, str.lower)
    if 0.04 < roll < 0.12:
        template = template.rstrip("?.!")
    if 0.10 < roll < 0.15:
        template = _misspelt(template, rng)
    return template


def _outside_slots(template: str, change: Any) -> str:
    return "".join(part if part.startswith("{") else change(part) for part in re.split(r"(\{\w+\})", template))


def _misspelt(template: str, rng: random.Random) -> str:
    words = list(re.finditer(r"(?<![\w{])[a-z]{4,}(?![\w}(])", template))
    if not words:
        return template
    match = rng.choice(words)
    word = match[0]
    at = rng.randrange(1, len(word) - 1)
    changed = rng.choice(
        (word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at + 1 :], word[:at] + word[at:])
    )
    return template[: match.start()] + changed + template[match.end() :]


def listed(items: Sequence[str], rng: random.Random) -> str:
    """`a, b and c`."""
    if len(items) == 1:
        return items[0]
    last = rng.choice((" and ", " and ", ", and ")) if len(items) > 2 else " and "
    return ", ".join(items[:-1]) + last + items[-1]
