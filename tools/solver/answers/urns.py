"""Chances of draws with and without replacement, counted exactly; hands of poker.

Kinds that an event does not tell apart are one kind here. Every number of each kind is gone through, with the ways to
draw it; the first draws are told apart as far as the event asks for their places.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node, Sequence
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .integers import number, whole
from .presenting import Reading
from .printing import finite_decimal
from .untyped import sympy_library

MOST_DRAWS = 2000
_MOST_CASES = 60_000
_LISTED = 20_000
_MOST_ITEMS = 10**9
COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": lambda value, bound: value == bound,
    ">=": lambda value, bound: value >= bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    "<": lambda value, bound: value < bound,
}
_HANDS = {
    "royal flush": 4,
    "straight flush": 36,
    "four of a kind": 624,
    "full house": 3744,
    "flush": 5108,
    "straight": 10_200,
    "three of a kind": 54_912,
    "two pair": 123_552,
    "one pair": 1_098_240,
    "high card": 1_302_540,
}


def fraction(node: Node) -> Fraction:
    """The exact value of a number of the query."""
    value: Any = Builder().build(node)
    return Fraction(int(value.p), int(value.q))


def chance(node: Node) -> Fraction:
    """A probability of the query.

    Raises:
        ToolError: if it is none.
    """
    value = fraction(node)
    if not 0 <= value <= 1:
        raise ToolError(f"a probability lies between 0 and 1; {value} does not")
    return value


def told(value: Fraction, reading: Reading, verified: str | None = None, form: str = "") -> Solution:
    """A probability; a long fraction is told as a decimal.

    Args:
        value: the probability.
        reading: how the query is answered.
        verified: how it was checked.
        form: `for` or `against` where odds are wanted.
    """
    if form:
        return odds(value, form, reading, verified)
    sympy = sympy_library()
    exact = sympy.Rational(value.numerator, value.denominator)
    if len(str(value.denominator)) <= 12:
        return number(value, reading, verified)
    text = finite_decimal(exact, 15) or str(exact.evalf(reading.precision))
    return reading.solution(exact, text=text, verified=verified)


def odds(value: Fraction, form: str, reading: Reading, verified: str | None = None) -> Solution:
    """A probability as odds in favour or against."""
    kept, lost = value.numerator, value.denominator - value.numerator
    pair = (lost, kept) if form == "against" else (kept, lost)
    text = f"{pair[0]} to {pair[1]} {'against' if form == 'against' else 'in favor'}"
    ratio = f"{pair[0]}:{pair[1]}"
    return reading.solution(sympy_library().S.One, text=text, exact=ratio, number="", latex=ratio, verified=verified)


def _places(tree: Any) -> int:
    """The last place that an event names."""
    if tree[0] == "at":
        return tree[1]
    return 0 if tree[0] == "n" else max(map(_places, tree[1:]))


def _holds(tree: Any, first: tuple[int, ...], counts: tuple[int, ...]) -> bool:
    name = tree[0]
    if name == "n":
        value = sum(counts[kind] for kind in tree[1]) - sum(counts[kind] for kind in tree[2])
        return COMPARE[tree[3]](value, tree[4])
    if name == "at":
        return first[tree[1] - 1] in tree[2]
    if name == "not":
        return not _holds(tree[1], first, counts)
    return (all if name == "and" else any)(_holds(part, first, counts) for part in tree[1:])


def _shares(total: int, most: list[int]) -> Iterator[tuple[int, ...]]:
    """All ways to write a number as a sum, one part for each kind and none above its most."""
    if len(most) == 1:
        if total <= most[0]:
            yield (total,)
        return
    room = sum(most[1:])
    for part in range(max(0, total - room), min(total, most[0]) + 1):
        for rest in _shares(total - part, most[1:]):
            yield (part, *rest)


def cases(
    weights: list[int], drawn: int, back: bool, places: int
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], int]]:
    """The kinds of the first draws, the counts of all kinds, and the ways to get them."""
    kinds = range(len(weights))
    powers = [[1] for _ in kinds]
    for first in itertools.product(kinds, repeat=places):
        taken = tuple(first.count(kind) for kind in kinds)
        left = weights if back else [weight - gone for weight, gone in zip(weights, taken, strict=True)]
        if min(left) < 0:
            continue
        if back:
            before = math.prod(weights[kind] for kind in first)
        else:
            before = math.prod(math.perm(weight, gone) for weight, gone in zip(weights, taken, strict=True))
        rest = drawn - places
        for counts in _shares(rest, [rest] * len(weights) if back else left):
            if back:
                ways, room = before, rest
                for kind, count in enumerate(counts):
                    while len(powers[kind]) <= count:
                        powers[kind].append(powers[kind][-1] * weights[kind])
                    ways *= math.comb(room, count) * powers[kind][count]
                    room -= count
            else:
                ways = before * math.prod(math.comb(there, count) for there, count in zip(left, counts, strict=True))
            yield first, tuple(map(sum, zip(taken, counts, strict=True))), ways


def _listed(weights: list[int], drawn: int, back: bool, event: Any, given: Any) -> Fraction | None:
    """The same by listing every single outcome, where they are few."""
    total = sum(weights)
    if total**drawn > _LISTED or total > 1000:
        return None
    items = [kind for kind, weight in enumerate(weights) for _ in range(weight)]
    outcomes = itertools.product(items, repeat=drawn) if back else itertools.permutations(items, drawn)
    good = known = 0
    for outcome in outcomes:
        counts = tuple(outcome.count(kind) for kind in range(len(weights)))
        if given is None or _holds(given, outcome, counts):
            known += 1
            good += _holds(event, outcome, counts)
    return Fraction(good, known) if known else None


def chance_of_draws(weights: list[Fraction], drawn: int, back: bool, event: Any, given: Any) -> tuple[Fraction, str]:
    """The probability of an event of draws, and how it was checked.

    Args:
        weights: how many there are of each kind, or with replacement how likely each is.
        drawn: how many are drawn.
        back: whether each is put back.
        event: a tree as `reading.event_words` has it.
        given: such a tree that is known to hold, or `None`.

    Raises:
        ToolError: if more are drawn than there are, if what is given cannot happen, or if there are too many cases.
    """
    scale = math.lcm(*(weight.denominator for weight in weights))
    sizes = [int(weight * scale) for weight in weights]
    total = sum(sizes)
    if total == 0:
        raise ToolError("there is nothing to draw from")
    if not back and drawn > total:
        raise ToolError(f"{drawn} are drawn, but there are only {total}")
    if not back and scale > 1:
        raise ToolError("whole numbers of things are drawn; write for example 3 red and 5 blue balls")
    places = max(_places(event), _places(given) if given else 0)
    if places > drawn:
        raise ToolError(f"the event speaks of draw {places}, but only {drawn} are drawn")
    kinds = len(sizes)
    if kinds**places * math.comb(drawn - places + kinds - 1, kinds - 1) > _MOST_CASES:
        raise ToolError("there are too many cases to be counted; ask about fewer draws or fewer kinds")
    seen = known = good = 0
    for first, counts, ways in cases(sizes, drawn, back, places):
        seen += ways
        if given is None or _holds(given, first, counts):
            known += ways
            good += ways if _holds(event, first, counts) else 0
    if known == 0:
        raise ToolError("what is given cannot happen, so nothing can be said under it")
    value = Fraction(good, known)
    listed = _listed(sizes, drawn, back, event, given)
    if listed is not None:
        return value, "checked by listing all outcomes" if listed == value else ""
    every = total**drawn if back else math.perm(total, places) * math.comb(total - places, drawn - places)
    return value, "the chances of all outcomes sum to 1" if seen == every else ""


def _draws(ask: Ask, reading: Reading) -> Solution:
    listed, amount = ask.args
    weights = [fraction(node) for node in listed.items] if isinstance(listed, Sequence) else []
    drawn = whole(amount, "a number of draws", least=1, most=MOST_DRAWS)
    if sum(weights) > _MOST_ITEMS:
        raise ToolError(f"draws are counted from at most {_MOST_ITEMS} things")
    back, event, given, form = ask.words
    value, verified = chance_of_draws(
        weights, drawn, back == "back", json.loads(event), json.loads(given) if given else None
    )
    return told(value, reading, verified or None, form)


def _hand(ask: Ask, reading: Reading) -> Solution:
    name, form = ask.words
    reading.assume("five cards from a deck of 52 cards")
    if name in ("flush", "straight"):
        reading.assume(f"a {name} that is not a straight flush")
    elif name == "straight flush":
        reading.assume("royal flushes are counted apart")
    elif name == "one pair":
        reading.assume("exactly one pair and nothing better")
    every = math.comb(52, 5)
    summed = sum(_HANDS.values()) == every
    return told(Fraction(_HANDS[name], every), reading, "all hands sum to 52 choose 5" if summed else None, form)


HANDLERS: dict[str, Handler] = {"draws": _draws, "poker hand": _hand}
