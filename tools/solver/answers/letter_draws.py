"""Probabilities of drawing letters without replacement, as exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .domain import Handler
from .integers import number
from .presenting import Reading


def _counts(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in text.split(","):
        letter, _, count = part.partition(":")
        counts[letter] = counts.get(letter, 0) + int(count)
    return counts


def _letter_draw(ask: Ask, reading: Reading) -> Solution:
    bag = _counts(ask.words[0])
    total = sum(bag.values())
    sequence = ask.words[1]
    if sequence:
        if len(sequence) > total:
            raise ToolError(f"there are only {total} letters")
        chance, left = Fraction(1), dict(bag)
        for place, letter in enumerate(sequence):
            chance *= Fraction(max(left.get(letter, 0), 0), total - place)
            left[letter] = left.get(letter, 0) - 1
        return number(chance, reading)
    wanted = _counts(ask.words[2])
    drawn = sum(wanted.values())
    if drawn > total:
        raise ToolError(f"there are only {total} letters")
    ways = math.prod(math.comb(bag.get(letter, 0), count) for letter, count in wanted.items())
    return number(Fraction(ways, math.comb(total, drawn)), reading)


HANDLERS: dict[str, Handler] = {"letter draw": _letter_draw}
