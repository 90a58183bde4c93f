"""What an expected answer is: the text of `Expected.answer`, read once.

The texts of the solver are all read: `259/5 (51.8)`, `x = -3 or x = 3`, `-2 <= n <= 2`, `1, 3, 7, 21`, `0o272`,
`12.5 miles`, `no: 1315 is not prime (5 * 263)`. What is none of these is words.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from ....agent.numerals import Number, numbers_in
from .formulas import squeezed
from .statements import Relation, Value, read_list, read_relations, read_value

_FORM = re.compile(
    r"(?:prime )?(?:factor(?:i[sz]e|i[sz]ation|ization)?|expand|simplify|reduce|rationali[sz]e|partial fractions?)\b",
    re.IGNORECASE,
)
_VERDICT = re.compile(r"(?P<verdict>yes|no|true|false)(?:\s*[:,.]\s*(?P<detail>.*))?", re.IGNORECASE | re.DOTALL)
_PRIME = re.compile(r"\d+ \(prime\)")
_DIGITS = re.compile(r"0(?:x[0-9a-f]+|o[0-7]+|b[01]+)", re.IGNORECASE)
_UNIT = re.compile(r"[A-Za-z°µμΩ²³/^%]+(?:[ *·/^][A-Za-z°µμΩ²³0-9]+){0,3}")
_NOTE = re.compile(r"\s+\([^()]*\)$")
_MATHEMATICS = re.compile(r"[<>=^*/+|∞√≤≥\[\]]")


@dataclass(frozen=True)
class Single:
    """One value.

    Args:
        value: with its other form, where the text has one.
        form: whether the form is what was asked for (factor, expand, simplify), so that an equal value is not enough.
    """

    value: Value
    form: bool


@dataclass(frozen=True)
class Several:
    """Values in any order."""

    values: tuple[Value, ...]


@dataclass(frozen=True)
class Relations:
    """Solutions or bounds of unknowns."""

    relations: tuple[Relation, ...]


@dataclass(frozen=True)
class Quantity:
    """A number with a unit."""

    number: Number
    unit: str


@dataclass(frozen=True)
class Digits:
    """A number in another base, `0x3c`: its value alone says nothing, for the question has it."""

    text: str


@dataclass(frozen=True)
class Verdict:
    """Yes or no.

    Args:
        word: `yes`, `no`, `true` or `false`.
        detail: what is said besides, which holds the verdict too.
    """

    word: str
    detail: str


@dataclass(frozen=True)
class Verbatim:
    """Mathematics that none of the others is; space and signs of multiplication do not count."""

    text: str


@dataclass(frozen=True)
class Words:
    """Anything else."""

    text: str


Wanted = Single | Several | Relations | Quantity | Digits | Verdict | Verbatim | Words


@functools.lru_cache(maxsize=4096)
def read_expected(answer: str, query: str = "") -> Wanted:
    """What an expected answer is.

    Args:
        answer: `Expected.answer`.
        query: `Expected.query`, which tells whether a form was asked for.
    """
    text = answer.strip().rstrip(".").strip()
    if _DIGITS.fullmatch(text):
        return Digits(text.casefold())
    if (verdict := _VERDICT.fullmatch(text)) is not None:
        return Verdict(verdict["verdict"].casefold(), (verdict["detail"] or "").strip())
    if _PRIME.fullmatch(text):
        return Words(text)  # the number stands in the question: that it is prime is the answer
    form = _FORM.match(query.strip()) is not None
    bare = _NOTE.sub("", text)
    if (quantity := _quantity(text) or _quantity(bare)) is not None:
        return quantity
    for reading in (text, bare):
        if (value := read_value(reading)) is not None:
            return Single(value, form)
        if relations := read_relations(reading, loosely=False):
            return Relations(tuple(relations))
    if (values := read_list(text)) is not None and len(values) > 1:
        return Several(tuple(values))
    return Verbatim(squeezed(text)) if _MATHEMATICS.search(text) else Words(text)


def _quantity(text: str) -> Quantity | None:
    numbers = numbers_in(text)
    if len(numbers) != 1 or numbers[0].start:
        return None
    behind = text[numbers[0].end :]
    # `3 pi` is a product; the solver writes `12*x` where it means one.
    if behind[:1] != " " or behind.strip() in ("pi", "e", "i") or not _UNIT.fullmatch(behind.strip()):
        return None
    return Quantity(numbers[0], behind.strip())
