# ruff: noqa: E501  a pattern is read more easily on one line
"""Draws from bags and groups of people, with or without replacement, in one or several sentences; the door to cards.

`a bag has 3 red and 5 blue balls. Two are drawn. What is the probability that both are red?`, `committee of 4 from 6 men and
5 women, probability that exactly 2 are women`. What the bag holds, how many are drawn,
and what is put back are found anywhere in the text; every other word must be one that changes nothing.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .cards import CARD_WORD, deck, from_cards
from .clauses import TextReader
from .event_questions import (
    HINTS,
    HOLDERS,
    NOISE,
    QUESTION,
    TAKEN,
    ask_draws,
    asked,
    condition_before,
    number_drawn,
    replacement,
    require_known,
)
from .event_words import Kinds, LatePattern, Space, Unread, filler, spoken
from .syntax import Request

_THINGS = filler(
    "ball marble candy sweet sock bulb chip card ticket pen pencil crayon item object part component student person member child tile"
    " bead token disc disk counter block cube stone button shirt fruit piece coin battery egg phone fuse transistor tv"
    " computer laptop car book toy gumball jellybean skittle flower rose pill employee player voter chocolate glove"
    " product device unit article one sheet sample kid adult candidate applicant apple watch screw bolt switch resistor"
)
_PLURALS = {
    "child": "children",
    "person": "people",
    "battery": "batteries",
    "candy": "candies",
    "man": "men",
    "woman": "women",
}
_SINGULARS = {plural: one for one, plural in _PLURALS.items()}
THINGS = (
    _THINGS | {_PLURALS.get(word, f"{word}s") for word in _THINGS} | filler("boxes watches switches gumdrops beans")
)
_BAD = {
    "defective": "defective defectives bad faulty broken", "faulty": "faulty bad defective broken", "broken": "broken bad",
    "rotten": "rotten bad", "bad": "bad", "damaged": "damaged bad", "winning": "winning winner winners win wins prize", "prize": "winning prize win wins",
    "spoiled": "spoiled bad", "expired": "expired", "dead": "dead bad", "burnt": "burnt bad",
}  # fmt: skip
_GOOD = {"winning": "losing lose loses blank loser", "prize": "losing lose loses blank"}
_FINE = "good working work works worked functional functioning function okay ok fine fresh perfect sound nondefective undamaged"

_STOP = (
    "are is was were be and or if when then draw draws drawn drawing pick picks picked picking select selects selected selecting choose chooses"
    " chosen choosing chose drew take takes taken taking at in from what find the a an of with without that which whom probability you we i they"
    " no not only except unless until besides some none but to on he she it there contains contain has have random one times time green-and find how such where than more suppose each all replacement"
)
_W = rf"(?!(?:{'|'.join(_STOP.split())})\b)[a-z][a-z'-]*"
_ITEM = rf"\d+ (?:of (?:them|which|these|those|whom|the {_W}) )?(?:(?:are|is|were) )?(?:identical )?{_W}\b(?: {_W}\b){{0,2}}(?! (?:(?:are|is|were|randomly|at random) )*{TAKEN})"
_AND = r"(?:,? and |, ?| & | plus |; )"
_REST = rf"(?:{_AND}(?:all )?other (?:{_W} )?(?:(?:are|is|were) )?(?P<rest>{_W})(?: {_W})?)?"
_LIST = rf"(?P<list>{_ITEM}(?:{_AND}{_ITEM})*){_REST}"
_HOLDER = rf"(?:{'|'.join(HOLDERS.split())})"
_HELD = rf"(?:(?:from |in |out of |of )?(?:a |an |the |this |that |each )?(?:small |large |opaque |closed )?{_HOLDER}(?: of [a-z]+)?,? (?:that |which |it )?)?"
_OPENS = (
    rf"{_HELD}(?:\b(?:contain(?:s|ing|ed)?|has|have|having|holds?|holding|with|of|from|among|consist(?:s|ing) of|there (?:are|is|were)|includ(?:es|ing)"
    r"|comprising|comprises|in|got)|^|:)(?: a total of| exactly)? ?"
)
_OF_WHICH = r"(?:,? ?(?:\(?of which|of whom|out of which|among which|of them|including|where|with)|,| and| contains?| has| have|:|\.)"
_WITH_TOTAL = LatePattern(rf"{_OPENS}(?P<total>\d+) (?P<noun>{_W}(?: {_W})?){_OF_WHICH} ?{_LIST}")
_LISTED = LatePattern(rf"{_OPENS}{_LIST}")
_TWO_ITEMS = LatePattern(rf"{_OPENS}{_ITEM}{_AND}{_ITEM}")


def read_urn(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about draws; `None` for everything else."""
    lowered = text.lower()
    if not any(word in lowered for word in HINTS) or not _TELLING.search(lowered):
        return None
    said = re.sub(r"\blight bulb", "bulb", spoken(" ".join(text.split())))
    noted: list[str] = []
    contents = None
    try:
        contents = _contents(said)
        if contents is None and not CARD_WORD.search(said):
            return None
        request = _from_bag(*contents, noted) if contents else from_cards(said, noted)
    except Unread as unread:
        if not QUESTION.search(said):
            return None
        word = (
            f"{unread.args[0]!r} cannot be read in this question about draws"
            if unread.args[0]
            else "the event is missing"
        )
        form = (
            "a bag has 3 red and 5 blue balls, two are drawn; probability that both are red"
            if contents
            else "probability of two aces in a row"
        )
        raise ToolError(f"{word}; write for example: {form}") from None
    if request:
        assumptions += noted
    return request


_TELLING = LatePattern(
    r"\d|\bone\b|\btwo|three|four|five|six|seven|eight|nine|ten|card|deck|ace|king|queen|jack|heart|spade|diamond|club|hand|poker|flush|straight|full house"
)


def _contents(said: str) -> tuple[Space, str, frozenset[str]] | None:
    """What is drawn from, the text without it, and the words of what is drawn."""
    cards = bool(CARD_WORD.search(said))
    total = _WITH_TOTAL.search(said)
    if total and re.search(
        r"\b(?:are|is|of (?:which|whom|them))\b|: ?\d|including|contains?|\bha(?:s|ve)\b",
        said[total.start("total") : total.end()],
    ):
        kinds, nouns = _kinds(total["list"], total["rest"])
        if not kinds:
            return None
        nouns |= frozenset(total["noun"].split())
        left = int(total["total"]) - sum(kinds.values())
        if left < 0:
            raise ToolError(f"{total['total']} in all are fewer than the parts that are named")
        found = total
        if total["rest"] or left:
            kinds[total["rest"] or "?"] = kinds.get(total["rest"] or "?", 0) + left
    else:
        found = None
        for candidate in _LISTED.finditer(said):
            kinds, nouns = _kinds(candidate["list"], candidate["rest"])
            opening = said[candidate.start() : candidate.start("list")].strip()
            if opening == "of" or (
                cards and not re.search(_HOLDER, opening) and kinds.keys() & deck().words.keys() - filler("red black")
            ):
                continue
            if len(kinds) > 1 and not candidate["rest"]:
                found = candidate
                break
        if found is None:
            return None
        kinds, nouns = _kinds(found["list"], None)
        first, *others = kinds
        if first in THINGS and len(others) > 1 and kinds[first] == sum(kinds[other] for other in others):
            del kinds[first]
            nouns |= {first}
    left_over = f"{said[: found.start()]} | {said[found.end() :]}"
    if _TWO_ITEMS.search(left_over.split("|")[0]) or len(kinds) > 12:
        return None
    nouns |= (
        THINGS
        | filler(HOLDERS)
        | {_PLURALS.get(noun, f"{noun}s") for noun in nouns}
        | {_singular(noun) for noun in nouns}
    )
    words = _names(list(kinds))
    weights = tuple(Fraction(size) for size in kinds.values())
    each = tuple(frozenset({kind}) for kind in range(len(kinds)))
    alike = dict.fromkeys(
        filler("color colors kind kinds type types sort sorts gender sex flavor flavors category"), each
    )
    return Space(weights, words, alike, frozenset(nouns) - words.keys()), left_over, frozenset(nouns)


def _kinds(listed: str, rest: str | None) -> tuple[dict[str, int], frozenset[str]]:
    """Kinds with their numbers, and the nouns that came after them: `3 red and 5 blue balls`."""
    items = re.findall(
        rf"(\d+) (?:of (?:them|which|these|those|whom|the {_W}) )?(?:(?:are|is|were) )?(?:identical )?({_W}(?: {_W}){{0,2}})",
        listed,
    )
    names = [name.split() for _, name in items]
    last = names[-1][-1]
    nouns: set[str] = set()
    stripped = []
    for name in names:
        shared = len(name) > 1 and (
            name[-1] in THINGS
            or (
                len(names) > 1
                and name[-1] == last
                and all(len(other) < len(name) or other[-1] == last for other in names)
            )
        )
        if shared:
            nouns.add(name[-1])
            name = name[:-1]
        stripped.append(" ".join(name))
    if len({_singular(noun) for noun in nouns}) > 1:
        return {}, frozenset()
    kinds: dict[str, int] = {}
    for name, (count, _) in zip(stripped, items, strict=True):
        if not name or " " in name or name in kinds or name == rest:
            return {}, frozenset()
        kinds[name] = int(count)
    return kinds, frozenset(nouns)


def _singular(word: str) -> str:
    return _SINGULARS.get(word) or (word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s"))


def _names(kinds: list[str]) -> dict[str, Kinds]:
    """All words for each kind: `defectives` and `bad` for defective ones, `works` for the others."""
    words: dict[str, Kinds] = {}
    for place, name in enumerate(kinds):
        kind = frozenset({place})
        one = _singular(name)
        for word in {name, one, _PLURALS.get(one, f"{one}s"), f"{one}es", *_BAD.get(name, "").split()}:
            words.setdefault(word, kind)
        if name in _BAD and len(kinds) == 2:
            for word in _GOOD.get(name, _FINE).split():
                words.setdefault(word, frozenset({1 - place}))
    for woman, man in (("female", "male"), ("woman", "man"), ("girl", "boy")):
        for word, other in ((woman, man), (man, woman)):
            synonyms = [
                form
                for group in (
                    "female woman women females girl girls lady ladies"
                    if word == woman
                    else "male man men males boy boys gentleman gentlemen",
                )
                for form in group.split()
            ]
            if word in words and other in words and len(kinds) == 2:
                for synonym in synonyms:
                    words.setdefault(synonym, words[word])
    words.pop("?", None)
    return words


def _from_bag(space: Space, said: str, nouns: frozenset[str], assumptions: list[str]) -> Request | None:
    if not QUESTION.search(said):
        return None
    back, said = replacement(said)
    said = re.sub(rf"(?:from|out of|in|of|inside) (?:a|an|the|this|that|it) (?:{_HOLDER})\b", " ", said)
    drawn, said = number_drawn(" ".join(NOISE.sub(" ", said).split()), space, nouns)
    question = asked(said)
    if question is None:
        return None
    question = condition_before(question, space)
    require_known(question.setting, nouns)
    return ask_draws(space, drawn, back, question, assumptions)


READERS: list[TextReader] = [read_urn]
