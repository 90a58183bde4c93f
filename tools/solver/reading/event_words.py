# ruff: noqa: E501  a pattern is read more easily on one line
"""The words of chance: number words to digits, comparisons to signs; what is drawn from, and what an event is.

An event is an inert tree of lists: `["n", [0], [], ">=", 1]` says that of kind 0 there is at least one, and `["at", 2, [1]]`
that the second one is of kind 1; `and`, `or` and `not` join them. A test of a number is such a tree too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

from .wording import CARDINALS, ORDINALS

Tree = list[Any]
Kinds = frozenset[int]

_UNITS = {word: value for word, value in CARDINALS.items() if 0 < value < 10}
_TENS = {word: value for word, value in CARDINALS.items() if value >= 20}
FACES = {word: f"{value}s" for word, value in zip(
    ("ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines", "tens"), range(1, 11), strict=True)}  # fmt: skip
PLACES = {**ORDINALS, **{f"{n}{'st' if n == 1 else 'nd' if n == 2 else 'rd' if n == 3 else 'th'}": n for n in range(1, 13)}}  # fmt: skip
_COMPARING = (
    (r"(?:greater|more|less|fewer|smaller) than or equal to", ""),
    (r"at least|no (?:fewer|less) than|not (?:fewer|less) than|a minimum of", ">="),
    (r"at most|no(?:t)? more than|a maximum of|up to", "<="),
    (r"(?:more|greater|larger|higher|bigger) than|above|over|exceed(?:s|ing)?", ">"),
    (r"(?:fewer|less|smaller|lower) than|below|under", "<"),
    (r"exactly|precisely|equal to|equals|only(?= \d)", "="),
    (r"divisible by|(?:a )?multiples? of", "multiple"),
    (r"(?:a )?(?:factors?|divisors?) of", "divides"),
    (r"(?:a )?(?:perfect squares?|square numbers?)", "square"),
    (r"prime numbers?|primes", "prime"),
    (r"in a row|in succession|consecutively|consecutive|back[- ]to[- ]back", "running"),
    (r"followed by|and then|then", "then"),
    (r"in (?:that|this) order", "ordered"),
    (r"in (?:any|either) order|regardless of (?:the )?order", ""),
    (r"(?:the )?(?:rest|remaining|others|other ones?)", "other"),
)


class LatePattern:
    """A pattern that is compiled when it is first used: these modules are imported for every query.

    Args:
        source: the regular expression.
        flags: of the `re` module.
    """

    def __init__(self, source: str, flags: int = 0) -> None:
        self._source, self._flags = source, flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern itself."""
        return re.compile(self._source, self._flags)

    def search(self, text: str) -> re.Match[str] | None:
        """As `re.search`."""
        return self.compiled.search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """As `re.fullmatch`."""
        return self.compiled.fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As `re.finditer`."""
        return self.compiled.finditer(text)

    def findall(self, text: str) -> list[str]:
        """As `re.findall`."""
        return self.compiled.findall(text)

    def sub(self, new: str | Callable[[re.Match[str]], str], text: str, count: int = 0) -> str:
        """As `re.sub`."""
        return self.compiled.sub(new, text, count=count)


class Unread(Exception):
    """A word of an event that is not understood."""


@cache
def _rewritings() -> list[tuple[re.Pattern[str], str]]:
    small = "|".join(_UNITS)
    pairs = [
        (r"[\u2018\u2019]", "'"),
        (r"\bcolour", "color"),
        (r"\bcan't\b|\bcannot\b", "can not"),
        (r"n't\b", " not"),
        (r"\bnon[- ](?=[a-z])", "not "),
        (r"\b(first|second|third|each|every) one\b", r"\1"),
        (r"\bone (after (?:the other|another)|by one|at a time)\b", "in turn"),
        (rf"\b(?!(?:{'|'.join(CARDINALS)}|the|both|of|no|all|and|or|more|least|most|exactly|snake|[a-z]+ing)\b)([a-z]+) ones\b", r"\1"),
        (r"\b(?:a pair of|a couple of) (?=dice|coins|cards)", "2 "),
        (r"\bonce\b", "1 times"),
        (r"\btwice\b(?! as)", "2 times"),
        (r"\b(?:dark|light) (?=blue|green|red|brown|gr[ae]y)", lambda found: found[0].strip() + "-"),
        (rf"\b({'|'.join(_TENS)})[- ]({small})\b", lambda found: str(_TENS[found[1]] + _UNITS[found[2]])),
        (rf"\b({'|'.join(CARDINALS)})\b", lambda found: str(CARDINALS[found[1]])),
        (rf"\b({'|'.join(FACES)})\b", lambda found: FACES[found[1]]),
        (r"\b(\d+) or (?:more|higher|greater|above|over|better|larger)\b", r">= \1"),
        (r"\b(\d+) or (?:less|fewer|lower|below|smaller|under)\b", r"<= \1"),
        (r"\b(?:greater|more|larger) than or equal to\b", ">="),
        (r"\b(?:less|fewer|smaller) than or equal to\b", "<="),
        *((rf"\b(?:{pattern})(?![a-z])", sign) for pattern, sign in _COMPARING if sign or "order" in pattern),
        (r" {2,}", " "),
    ]  # fmt: skip
    return [(re.compile(pattern), new) for pattern, new in pairs]  # type: ignore[misc]


def spoken(text: str) -> str:
    """The text in small letters with number words as digits and comparisons as signs."""
    text = text.lower()
    for pattern, new in _rewritings():
        text = pattern.sub(new, text)
    return text.strip()


def filler(words: str) -> frozenset[str]:
    """A set of words that say nothing about what is asked."""
    return frozenset(words.split())


DROPPED = filler(
    "the of them these those it its is are was were be being been will would that which who whom you we i he she there"
    " your his her their our get gets getting got obtain obtaining obtained draw drawing drawn draws pick picking picked"
    " picks select selecting selected selects choose choosing chosen chose take taking taken takes pull pulling pulled grab"
    " have having has contain containing contains include including land lands landing turn turns up come comes coming out"
    " show shows showing appear appears appearing at random randomly in from with on among if when where to event result"
    " results outcome outcomes turned end ends see seeing seen occur occurs happen happens someone person find finding also"
    " selection so can could does do"
)


@dataclass(frozen=True)
class Space:
    """What is drawn from.

    Args:
        weights: of each kind, how many there are or how likely it is.
        words: the words that name a set of kinds.
        likenesses: words such as `color` for what may be the same, with the classes of each; the first is meant where
            none is named.
        nouns: words for what is drawn that say nothing about its kind.
        numbers: of each kind, the number on it, if the kinds are numbered.
    """

    weights: tuple[Fraction, ...]
    words: dict[str, Kinds]
    likenesses: dict[str, tuple[Kinds, ...]]
    nouns: frozenset[str] = field(default_factory=frozenset)
    numbers: tuple[int, ...] = ()

    @property
    def everything(self) -> Kinds:
        """All kinds."""
        return frozenset(range(len(self.weights)))


def counted(members: Iterable[int], op: str, count: int, less: Iterable[int] = ()) -> Tree:
    """How many of some kinds, less how many of others, compared with a number."""
    return ["n", sorted(members), sorted(less), op, count]


def joined(name: str, trees: Sequence[Tree]) -> Tree:
    """Trees joined by `and` or `or`; one alone stays as it is."""
    return trees[0] if len(trees) == 1 else [name, *trees]


def number_test(tree: Tree, value: int) -> bool:
    """Whether a number passes a test such as `[">=", 4]`, `["even"]` or `["or", ["=", 3], ["=", 5]]`."""
    op, *rest = tree
    if op in ("and", "or"):
        return (all if op == "and" else any)(number_test(part, value) for part in rest)
    if op == "not":
        return not number_test(rest[0], value)
    if op in ("even", "odd"):
        return value % 2 == (op == "odd")
    if op in ("prime", "composite"):
        prime = value > 1 and all(value % divisor for divisor in range(2, int(value**0.5) + 1))
        return prime if op == "prime" else value > 3 and not prime
    if op == "square":
        return value >= 0 and round(value**0.5) ** 2 == value
    bound = rest[0]
    if op == "multiple":
        return value % bound == 0
    if op == "divides":
        return value != 0 and bound % value == 0
    return {"=": value == bound, ">=": value >= bound, "<=": value <= bound, ">": value > bound, "<": value < bound}[op]


def compressed(space: Space, *trees: Tree | None) -> tuple[list[Fraction], list[Tree | None]]:
    """Weights and events with all kinds put together that the events do not tell apart."""
    lists: list[list[int]] = []

    def collect(tree: Tree) -> None:
        if tree[0] == "n":
            lists.extend(tree[1:3])
        elif tree[0] == "at":
            lists.append(tree[2])
        else:
            for part in tree[1:]:
                collect(part)

    for tree in trees:
        if tree is not None:
            collect(tree)
    sets = [frozenset(found) for found in lists]
    groups: dict[tuple[bool, ...], int] = {}
    place = [
        groups.setdefault(tuple(kind in found for found in sets), len(groups)) for kind in range(len(space.weights))
    ]
    weights = [Fraction(0)] * len(groups)
    for kind, weight in enumerate(space.weights):
        weights[place[kind]] += weight

    def moved(tree: Tree) -> Tree:
        if tree[0] == "n":
            return ["n", *(sorted({place[kind] for kind in part}) for part in tree[1:3]), *tree[3:]]
        if tree[0] == "at":
            return ["at", tree[1], sorted({place[kind] for kind in tree[2]})]
        return [tree[0], *(moved(part) for part in tree[1:])]

    return weights, [None if tree is None else moved(tree) for tree in trees]
