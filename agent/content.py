"""What a sentence says, as far as words tell: stems, names, numbers with their values, what is negated.

English, Chinese and Japanese. CJK text is taken by pairs of signs, without those that are grammar. Not covered: numbers
in Chinese numerals, other languages' stop words and negations, units (a number is compared without its unit).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .marks import CJK
from .word_lists import (
    CJK_GRAMMAR,
    CJK_OPENINGS,
    DEMONYM,
    HEDGES,
    IRREGULAR,
    NEGATIONS,
    SCALES,
    STOP_WORDS,
    UNITS,
    WORDS_FOR_NUMBERS,
)

_NUMBER = re.compile(
    r"(?P<digits>\d{1,3}(?:[,\u00a0\u202f' ]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
    r"[ \u00a0-]?(?P<scale>thousand|million|mn|billion|bn|trillion|hundred|百万|千|万|萬|亿|億|兆)?"
)
_TOKEN = re.compile(rf"(?P<number>{_NUMBER.pattern})|(?P<cjk>[{CJK}]+)|(?P<word>[^\W\d_]+(?:['’.-][^\W\d_]+)*)|[,;:]|%")
_CLOSE_TO = 0.05
_SCOPE = 5
_CJK_NEGATION = re.compile(
    r"(?!不仅|不断|不同|不少|不久|不过|非常|非洲|南非|无论|未来|没有例外)[不没沒未无無非]|(?=ない|ません|なかった)"
)
_CJK_SCOPE = 6
_ENDINGS = ("ingly", "edly", "ings", "ing", "ied", "ies", "ed", "es", "ly", "s")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written.

    Args:
        value: with its scale: 32.8 million is 32800000.
        lowest: the least value that is written so when rounded.
        highest: the greatest.
    """

    value: float
    lowest: float
    highest: float

    def fits(self, value: float) -> bool:
        slack = 1e-9 * abs(self.value)
        return self.lowest - slack <= value <= self.highest + slack


@dataclass(frozen=True, slots=True)
class Content:
    """What a sentence says.

    Args:
        units: stems, and pairs of CJK signs, in their order.
        names: those of the units that are names.
        numbers: in their order.
        negated: the units that a negation is about.
        opening: the unit that stands first where it has a capital letter, which says nothing there.
        verbs: those of the units that are verbs in the past tense, the only ones that can be told by their form.
        is_passive: whether one of these is followed by "by".
    """

    units: tuple[str, ...]
    names: frozenset[str]
    numbers: tuple[Number, ...]
    negated: frozenset[str]
    opening: str = ""
    verbs: frozenset[str] = frozenset()
    is_passive: bool = False

    def __bool__(self) -> bool:
        return bool(self.units or self.numbers)


def content(text: str) -> Content:
    """Reads a sentence. Linear in its length."""
    units: list[str] = []
    names: set[str] = set()
    numbers: list[Number] = []
    negated: set[str] = set()
    verbs: set[str] = set()
    scope, before, first, opening, is_passive = 0, "", True, "", False
    for token in _TOKEN.finditer(text):
        if token["number"]:
            numbers.append(_number(token, before))
        elif token["cjk"]:
            run = token["cjk"]
            if not units and run[:2] not in CJK_OPENINGS and len(run) > 1 and not _is_grammar(run[:2]):
                names.add(run[:2])  # what a sentence opens with is what it is about
            before = _add_cjk(run, units, negated) or before
            scope, first = 0, False
            continue
        elif token["word"]:
            word = token["word"].replace("’", "'")
            lowered = word.lower()
            if lowered in NEGATIONS or lowered.endswith("n't"):
                scope = _SCOPE + 1
            elif lowered not in STOP_WORDS:
                value = WORDS_FOR_NUMBERS.get(lowered)
                if value is not None:
                    numbers.append(Number(value, value, value))
                else:
                    unit = stem(word)
                    units.append(unit)
                    if word[0].isupper() and (not first or word[1:2].isupper()):
                        names.add(unit)
                    elif word[0].isupper():
                        opening = unit
                    if lowered.endswith("ed") or lowered in IRREGULAR:
                        verbs.add(unit)
                    if scope:
                        negated.add(unit)
            is_passive = is_passive or (lowered == "by" and (before.endswith("ed") or before in IRREGULAR))
            scope = max(0, scope - (lowered not in STOP_WORDS)) if lowered != "but" else 0
            first = False
            before = lowered
            continue
        elif token[0] == "%":
            units.append("percent")
        else:
            scope = 0
        before, first = "", False
    return Content(
        tuple(units), frozenset(names), tuple(numbers), frozenset(negated), opening, frozenset(verbs), is_passive
    )


def stem(word: str) -> str:
    """A light stem, the same for most forms of a word."""
    word = word.lower().removesuffix("'s").rstrip("'").replace(".", "")
    word = UNITS.get(word) or IRREGULAR.get(word, word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + ("y" if ending in ("ied", "ies") else "")
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def alike(unit: str, other: str, *, is_name: bool) -> bool:
    """Whether two units are forms of one word: economy and economic, Kazakh and Kazakhstan."""
    if unit == other:
        return True
    short, long = sorted((unit, other), key=len)
    if is_name:
        return len(short) >= 4 and long.startswith(short) and long[len(short) :] in DEMONYM
    common = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return common >= 5 and common >= 0.7 * len(long)


def _number(token: re.Match[str], before: str) -> Number:
    digits = re.sub(r"[,\u00a0\u202f' ]", "", token["digits"])[:300]
    scale = SCALES.get(token["scale"] or "", 1.0)
    whole, _, decimals = digits.partition(".")
    value = float(digits) * scale
    # Nobody writes a year or a count of the day with a scale: there every digit counts.
    step = scale * 10.0 ** -len(decimals) if scale > 1 or decimals else 0.0
    lowest, highest = value - step / 2, value + step / 2
    hedge = HEDGES.get(before)
    if hedge is not None:
        zeros = len(whole) - len(whole.rstrip("0")) if not decimals else 0
        rounding = max(step / 2, min(10.0**zeros * scale / 2, _CLOSE_TO * value))
        lowest, highest = min(lowest, value + hedge[0] * rounding), max(highest, value + hedge[1] * rounding)
    return Number(value, lowest, highest)


def _is_grammar(pair: str) -> bool:
    return bool(CJK_GRAMMAR.intersection(pair)) or any("\u3040" <= sign <= "\u309f" for sign in pair)


def is_cjk(unit: str) -> bool:
    return unit[:1] >= "\u3040"


def _add_cjk(text: str, units: list[str], negated: set[str]) -> str:
    """Adds the pairs of signs. Returns a word at the end that says how exact a number is."""
    for at in range(len(text) - 1):
        pair = text[at : at + 2]
        if not _is_grammar(pair):
            units.append(pair)
    for negation in _CJK_NEGATION.finditer(text):
        at = negation.start()
        # Chinese negates what follows, Japanese what goes before.
        around = text[at : at + _CJK_SCOPE] if negation[0] else text[max(0, at - _CJK_SCOPE) : at]
        negated.update(around[place : place + 2] for place in range(len(around) - 1))
    return next((word for word in ("超过", "约", "約", "近") if text.endswith(word)), "")
