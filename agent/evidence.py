"""The sentences of sources, indexed by what they say, and how much of a claim one of them says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..tools import Source
from .content import Content, Number, alike, content, is_cjk
from .sentences import split_sentences
from .word_lists import OPPOSITES, words

_NUMBER_WEIGHT = 3.0
# A wrong term of several signs shows as this many pairs in a row that no source has.
_UNKNOWN_PAIRS = 3
_COMPARED = 4
_TIE = 0.15
# A sentence that begins so speaks of what the one before it named.
_GOES_ON = re.compile(
    r"\W*(?:the|this|these|that|those|there|both)\b|\W*(?:\w+\W+){0,5}?(?:it|its|he|his|him|she|her|they|their|them)\b"
    r"|\W*(?:它|他|她|该|这|其|此|それ|これ|その|この|また|彼)",
    re.IGNORECASE,
)
# A first word that is a name says so only by what it is not: what a participle or an adverb looks like, as a stem.
_OPENING_ENDINGS = (
    "ing",
    "ed",
    "at",
    "accord",
    "general",
    "usual",
    "original",
    "build",
    "situat",
    "establish",
    "found",
)
# Verbs that say the same of both sides.
_MUTUAL = words("border marry meet neighbour neighbor join shar fac resembl equal differ")


@dataclass(frozen=True, slots=True)
class Match:
    """What says most of a claim.

    Args:
        score: the weighted share of the claim's content, 0 to 1.
        source: number of the source.
        contradicts: whether it says otherwise: of another name, with a negation on one side alone, the opposite, or
            with names that changed places.
    """

    score: float
    source: int
    contradicts: bool


@dataclass(frozen=True, slots=True)
class _Passage:
    source: int
    said: Content
    units: frozenset[str]


class Evidence:
    """Sources as a claim is compared with them.

    Each sentence counts with its source's title, and, where it goes on with "It …", with the names of those before.

    Args:
        sources: by number.
    """

    def __init__(self, sources: Mapping[int, Source]) -> None:
        self._passages: list[_Passage] = []
        self._holding: dict[str, list[int]] = {}
        self._alike: dict[str, set[str]] = {}
        self._numbers: dict[int, list[float]] = {}
        self._names: set[str] = set()
        for number, source in sources.items():
            self._add(number, source)

    def best(self, claim: Content, numbers: Iterable[int]) -> Match | None:
        """The sentence that says most of a claim, among the sources with these numbers."""
        allowed = frozenset(numbers)
        names = self._named(claim)
        own = dict.fromkeys(claim.units)
        said: dict[int, float] = {}
        named: dict[int, float] = {}
        for unit in own:
            places = {at for form in self._forms(unit, unit in names) for at in self._holding[form]}
            shares = named if unit in names else said
            for at in places:
                if self._passages[at].source in allowed:
                    shares[at] = shares.get(at, 0.0) + 1
        if claim.numbers:
            for at, passage in enumerate(self._passages):
                if passage.source in allowed:
                    said[at] = said.get(at, 0.0) + _NUMBER_WEIGHT * _shared(claim.numbers, passage.said.numbers)
        rest = len(own) - len(names) + _NUMBER_WEIGHT * len(claim.numbers)
        total = rest + len(names)

        def score(at: int) -> float:
            """The share of all, and of what is said about the names: the names alone say nothing."""
            every = (said.get(at, 0.0) + named.get(at, 0.0)) / total
            return min(every, said.get(at, 0.0) / rest) if rest else every

        best = sorted(((score(at), -at) for at in said.keys() | named.keys()), reverse=True)[:_COMPARED]
        matches: list[Match] = []
        for share, place in best:
            passage = self._passages[-place]
            matches.append(Match(share, passage.source, self._contradicts(claim, passage)))

        def agreeing(match: Match) -> tuple[bool, float]:
            """Where two say nearly the same words, the one that agrees is what is meant."""
            return match.score >= best[0][0] - _TIE and not match.contradicts, match.score

        return max(matches, key=agreeing, default=None)

    def has_number(self, number: Number, sources: Iterable[int]) -> bool:
        return any(number.fits(value) for source in sources for value in self._numbers[source])

    def has_unknown_name(self, claim: Content, sources: Iterable[int]) -> bool:
        """Whether a name, or a term of several CJK signs, is in none of the sources."""
        allowed = frozenset(sources)

        def known(unit: str) -> bool:
            forms = self._forms(unit, unit in claim.names)
            return any(self._passages[at].source in allowed for form in forms for at in self._holding[form])

        missing = 0
        for unit in claim.units:
            missing = missing + 1 if is_cjk(unit) and not known(unit) else 0
            if missing >= _UNKNOWN_PAIRS:
                return True
        opening = (claim.opening,) if claim.opening and not claim.opening.endswith(_OPENING_ENDINGS) else ()
        return any(not known(name) for name in (*claim.names, *opening))

    def _named(self, claim: Content) -> frozenset[str]:
        """The names of a claim. The word that opens it counts where a source has it as a name."""
        return claim.names | ({claim.opening} & self._names)

    def _add(self, number: int, source: Source) -> None:
        title = content(source.title)
        dated = content(source.date or "")
        every = [*title.numbers, *dated.numbers]
        named = frozenset[str]()
        for start, end in split_sentences(source.quote) or [(0, 0)]:
            text = source.quote[start:end]
            said = content(text)
            every += said.numbers
            own = said.names | frozenset((said.opening,) if said.opening else ())
            self._names |= own
            # In CJK text names look like everything else.
            own |= frozenset(unit for unit in said.units if is_cjk(unit))
            before, named = named, own
            if _GOES_ON.match(text):
                named = own | before
            self._index(_Passage(number, said, frozenset((*title.units, *said.units, *named))))
        self._names |= title.names
        self._numbers[number] = [found.value for found in every]

    def _index(self, passage: _Passage) -> None:
        at = len(self._passages)
        self._passages.append(passage)
        for unit in passage.units:
            if unit not in self._holding:
                self._holding[unit] = []
                self._alike.setdefault(unit[:4], set()).add(unit)
            self._holding[unit].append(at)

    def _forms(self, unit: str, is_name: bool) -> list[str]:
        if len(unit) < 4:
            return [unit] if unit in self._holding else []
        return [other for other in self._alike.get(unit[:4], ()) if alike(unit, other, is_name=is_name)]

    def _contradicts(self, claim: Content, passage: _Passage) -> bool:
        said = passage.said
        about = claim.negated & passage.units, said.negated & frozenset(claim.units)
        if (about[0] or about[1]) and not claim.negated & said.negated:
            return True
        names = self._named(claim)
        if any(not any(form in passage.units for form in self._forms(name, True)) for name in names):
            return True
        own = frozenset(claim.units)
        for pair in OPPOSITES:
            if (here := pair & own) and not here & passage.units and (pair - here) & frozenset(said.units):
                return True
        return _swapped(claim, said, names)


def _shared(claimed: Iterable[Number], said: tuple[Number, ...]) -> int:
    return sum(any(number.fits(other.value) for other in said) for number in claimed)


def _swapped(claim: Content, said: Content, named: frozenset[str]) -> bool:
    """Whether two names stand on the other sides of a verb: "Ann beat Bob" and "Bob beat Ann"."""
    here, there = _order(claim), _order(said)
    names = [unit for unit in here if unit in named and unit in there]
    if len(names) < 2:
        return False
    first, last = names[0], names[-1]
    verbs = (claim.verbs & said.verbs) - _MUTUAL
    if claim.is_passive == said.is_passive:
        first, last = last, first
    # `first` and `last` are now as the source would have them if it said the opposite.
    return any(
        min(here[first], here[last]) < here[verb] < max(here[first], here[last])
        and there[first] < there[verb] < there[last]
        for verb in verbs
    )


def _order(said: Content) -> dict[str, int]:
    order: dict[str, int] = {}
    for place, unit in enumerate(said.units):
        order.setdefault(unit, place)
    return order
