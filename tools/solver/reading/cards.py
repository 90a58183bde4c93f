# ruff: noqa: E501  a pattern is read more easily on one line
"""Cards drawn from a deck of 52, and the named hands of poker: `a heart or a king`, `five card hand with a flush`."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from .event_questions import (
    NOISE,
    QUESTION,
    ask_draws,
    asked,
    condition_before,
    number_drawn,
    replacement,
    require_known,
)
from .event_words import Kinds, LatePattern, Space, filler
from .syntax import Ask, Request

CARD_WORD = LatePattern(
    r"\b(?:cards?|deck|aces?|kings?|queens?|jacks?|hearts?|spades?|diamonds?|clubs?|poker|hand|flush|straight|full house|[34] of a kind)\b"
)
_DECK = LatePattern(
    r"(?:(?:from|out of|in|of|using) )?(?:a |the |an )?(?:(?:single|standard|well[- ]shuffled|shuffled|regular|ordinary|normal|full|fair|usual|complete|52[- ]cards?|poker|playing|french)[, ]+)*(?:card )?(?:deck|pack)\b(?: of (?:52 )?(?:standard )?(?:playing )?cards?)?(?: of 52)?|from 52 (?:playing )?cards"
)
_RANKS = {name: {kind} for name, kind in zip(["ace", "king", "queen", "jack"], (0, 12, 11, 10), strict=True)}
_RANKS |= {str(value): {value - 1} for value in range(2, 11)}
_SUITS = {"club": {0}, "diamond": {1}, "heart": {2}, "spade": {3}, "red": {1, 2}, "black": {0, 3}}
_FACES = {"face", "picture", "court", "royal"}
_HAND = LatePattern(
    r"\b(royal flush|straight flush|flush|full house|(?:4|3) of a kind|quads|trips|2 pairs?|(?:= )?(?:1|a) pair|straight|high card|pair)\b"
)
_HAND_NAMES = {"4 of a kind": "four of a kind", "quads": "four of a kind", "3 of a kind": "three of a kind", "trips": "three of a kind",
               "2 pair": "two pair", "2 pairs": "two pair", "= 1 pair": "one pair", "1 pair": "one pair", "a pair": "one pair", "pair": "one pair"}  # fmt: skip


@cache
def deck() -> Space:
    """52 kinds, one card each; the rank of a card is its number divided by 4, from ace to king."""
    words: dict[str, Kinds] = {}
    for name, ranks in _RANKS.items():
        words[name] = words[f"{name}s"] = frozenset(4 * rank + suit for rank in ranks for suit in range(4))
    for name, suits in _SUITS.items():
        words[name] = words[f"{name}s"] = frozenset(4 * rank + suit for rank in range(13) for suit in suits)
    for name in _FACES:
        words[name] = frozenset(range(40, 52))
    words["number"] = words["numbered"] = words["numeral"] = frozenset(range(4, 40))
    suits = tuple(frozenset(range(suit, 52, 4)) for suit in range(4))
    ranks = tuple(frozenset(range(4 * rank, 4 * rank + 4)) for rank in range(13))
    colors = (words["black"], words["red"])
    alike = {"rank": ranks, "ranks": ranks, "value": ranks, "values": ranks, "denomination": ranks, "kind": ranks}
    alike |= {"suit": suits, "suits": suits, "color": colors, "colors": colors}
    return Space((Fraction(1),) * 52, words, alike, filler("card cards one playing hand"))


def from_cards(said: str, assumptions: list[str]) -> Request | None:
    """The request for a question about a deck of cards, or about a hand of poker."""
    if not QUESTION.search(said):
        return None
    space = deck()
    back, said = replacement(said)
    said = " ".join(NOISE.sub(" ", _DECK.sub(" | ", said)).split())
    said = re.sub(r"(?<!a )\b(\d+) of (?=hearts|spades|diamonds|clubs)", r"a \1 ", said)
    if (hand := _hand(said)) and not re.search(r"\b(?!5\b)\d+[- ]?card", said):
        return hand
    drawn, said = number_drawn(said, space, space.nouns)
    question = asked(said)
    if question is None:
        return None
    question = condition_before(question, space)
    require_known(question.setting, space.nouns)
    request = ask_draws(space, drawn, back, question, assumptions)
    assumptions.insert(0, "from a deck of 52 cards")
    return request


def _hand(said: str) -> Request | None:
    """A named hand of poker, where a hand is spoken of."""
    question = asked(said)
    found = _HAND.search(question.event) if question else None
    if (
        question is None
        or found is None
        or not re.search(r"\bhand\b|\bpoker\b|\b5[- ]cards?\b|flush|full house|4 of a kind", said)
    ):
        return None
    left = f"{question.setting} {question.event[: found.start()]} {question.event[found.end() :]}"
    left = re.sub(
        r"\b(?:a |in )?(?:5[- ]cards?(?: poker)?|poker)(?: hand)?\b|\b(?:with|from|in|a) hand|\bdealt\b", " ", left
    )
    require_known(left, filler("dealt being hand card cards poker = 5 drawing you"))
    name = _HAND_NAMES.get(found[1], found[1])
    return Ask("poker hand", (), (name, question.form))
