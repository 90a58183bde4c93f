# ruff: noqa: E501  a pattern is read more easily on one line
"""What readers of stories share: numbers in words, a text from which facts are taken out, and the story that comes of them.

A story is conditions on unknown amounts, what is asked about them, and what may not become negative.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from ...errors import ToolError
from .names import words
from .syntax import Apply, Ask, Node, Number, Relation, Variable
from .wording import CARDINALS

N = r"(?<![\d.,/])(?:\d{1,12} \d{1,3}/\d{1,3}|\d{1,12}/\d{1,6}|\d{1,12}(?:\.\d{1,10})?|\.\d{1,10})(?![\d/]|\.\d)"
MONEY = rf"({N})(?: ?dollars?| ?euros?| bucks)?"
TAKEN = " | "
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_PARTS = {"half": 2, "halves": 2, "third": 3, "fourth": 4, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}  # fmt: skip
_MEASURED = "years?|hours?|minutes?|days?|weeks?|months?|miles?|met(?:er|re)s?|cm|inch|foot|cups?|quarts?|gallons?|lit(?:er|re)s?|kg|pounds?"
CHANGING = frozenset(
    words(
        "not no never without except unless or neither nor either less more fewer greater least most than twice thrice double"
        " triple half halves third thirds percent times square squared ratio difference product average remaining remainder lost loses"
        " spent gave gives removed remove removes drained drains replaced replaces evaporates evaporated spilled leaks leaked broken"
        " stolen dozen dozens hundred hundreds thousand million fee discount negative only until while again per each"
        " another already exceed exceeds exceeded additional extra bonus free eaten eats split shared fraction quarter"
    )
)  # fmt: skip


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that small and large letters match alike, compiled when it is first needed."""
    return re.compile(pattern, re.IGNORECASE)


@cache
def _whole_words(pattern: str) -> re.Pattern[str]:
    """The same for a pattern that begins and ends where words do: `stream` is not found in `upstream`."""
    return compiled(rf"(?:(?<![a-z])|(?![a-z]))(?:{pattern})(?:(?<![a-z])|(?![a-z]))")


@cache
def _spoken() -> re.Pattern[str]:
    return compiled(
        rf"(?<![\w-])(?:(?P<tens>{_TENS})(?:[- ](?P<ones>{_ONES}))?|(?P<small>{_TEENS}|two|three|four|five|six|seven|eight|nine)|one(?=[- ](?:hundred|thousand|half|third|fourth|fifth|quarter|{_MEASURED})\b))(?P<scale> hundred| thousand)?(?![a-z])"
    )


def _digits(found: re.Match[str]) -> str:
    value = CARDINALS[(found["tens"] or found["small"] or "one").lower()] + CARDINALS[(found["ones"] or "zero").lower()]
    scale = (found["scale"] or "").strip().lower()
    return str(value * {"": 1, "hundred": 100, "thousand": 1000}[scale])


def plain_story(text: str, *, thousands: bool = True) -> str:
    """The text with numbers in digits: `twenty-five`, `two thirds of`, `1 dozen`, `(1+1/2)`.

    Args:
        text: a question as the readers of the solver get it.
        thousands: whether a comma before three digits groups them.
    """
    text = " ".join(text.replace("\u2018", "'").replace("\u2019", "'").split())
    text = re.sub(r"\((\d+)\+(\d+/\d+)\)", r"\1 \2", text)
    text = re.sub(r"\(\(?(\d+)\)?/\(?(\d+)\)?\)", r"\1/\2", text)
    if thousands:
        text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = _spoken().sub(_digits, text)
    parts = rf"(?<![\d.])(\d{{1,2}})[- ]({'|'.join(part for part in _PARTS if part not in ('half', 'quarter'))}|half|quarter)s?(?=(?: of(?! each)| as|-| the| cups?| hours?)\b|-| full)"
    text = compiled(parts).sub(lambda found: f"{found[1]}/{_PARTS[found[2].lower()]}", text)
    text = compiled(r"(?<![\w.])(?:(\d{1,4})|an?) dozens?\b(?: of)?").sub(
        lambda found: str(12 * int(found[1] or 1)), text
    )
    return text.strip(" .?!")


def value_of(text: str) -> Fraction:
    """A number of a story, exact.

    Raises:
        ToolError: if it divides by zero.
    """
    whole, _, part = text.strip().rpartition(" ")
    if re.search(r"/0+$", part):
        raise ToolError(f"{text} divides by zero")
    return Fraction(part) + (Fraction(whole) if whole else 0)


def number(text: str) -> Number:
    """The same as a node that remembers whether it was written as a decimal."""
    return Number(value_of(text), "." in text)


def exactly(value: Fraction | int) -> Number:
    return Number(Fraction(value))


def plus(*parts: Node) -> Node:
    return parts[0] if len(parts) == 1 else Apply("+", parts)


def minus(first: Node, second: Node) -> Node:
    return Apply("+", (first, Apply("neg", (second,))))


def times(*parts: Node) -> Node:
    return parts[0] if len(parts) == 1 else Apply("*", parts)


def over(first: Node, second: Node) -> Node:
    if isinstance(second, Number) and second.value == 0:
        raise ToolError("a 0 in this story would have to be divided by; check the numbers")
    return Apply("*", (first, Apply("reciprocal", (second,))))


def power(base: Node, exponent: Node) -> Node:
    return Apply("^", (base, exponent))


def equal(left: Node, right: Node) -> Relation:
    return Relation("=", left, right)


class Scan:
    """A text from which facts are taken out one by one.

    Args:
        text: a story in the form of `plain_story`.
    """

    def __init__(self, text: str) -> None:
        self.whole = self.text = text

    def take(self, pattern: str) -> re.Match[str] | None:
        """Take out the first place that a pattern matches."""
        found = _whole_words(pattern).search(self.text)
        if found:
            self.text = f"{self.text[: found.start()]}{TAKEN}{self.text[found.end() :]}"
        return found

    def take_all(self, pattern: str) -> list[re.Match[str]]:
        """Take out all places that a pattern matches."""
        found = list(_whole_words(pattern).finditer(self.text))
        self.text = _whole_words(pattern).sub(TAKEN, self.text)
        return found

    def has(self, pattern: str) -> bool:
        return compiled(pattern).search(self.text) is not None

    def harmless(self, *allowed: str, longest: int = 45) -> bool:
        """Whether what is left holds no number, no sign and no word that could change the meaning."""
        left = re.findall(r"[a-z]+", self.text.lower())
        if len(left) > longest or re.search(r"[\d=<>+*/^%$#@_]", self.text):
            return False
        return not (CHANGING | CARDINALS.keys() - {"one"} - {*allowed}).intersection(left) - {*allowed}


@dataclass
class Story:
    """Conditions on unknown amounts, and what is asked.

    Args:
        kind: of the amounts: `ages`, `amounts`, `counts` (whole numbers) or `lengths`.
    """

    kind: str
    conditions: list[Relation] = field(default_factory=list)
    asked: list[tuple[Node, str, str]] = field(default_factory=list)
    also: list[tuple[Node, str, str]] = field(default_factory=list)
    bounded: list[tuple[Node, str]] = field(default_factory=list)
    names: dict[str, Variable] = field(default_factory=dict)

    def amount(self, label: str) -> Variable:
        """The unknown amount of this label, which may not become negative."""
        if label not in self.names:
            self.names[label] = Variable(f"x_{len(self.names) + 1}")
            self.bounded.append((self.names[label], label))
        return self.names[label]

    def same(self, left: Node, right: Node) -> None:
        self.conditions.append(equal(left, right))

    def ask(self, node: Node, before: str = "", after: str = "", *, also: bool = False) -> None:
        """Ask for a value, told between two pieces of text."""
        (self.also if also else self.asked).append((node, before, after))

    def request(self) -> Ask:
        told = [(node, f"asked {before}|{after}") for node, before, after in self.asked]
        told += [(node, f"also {before}|{after}") for node, before, after in self.also]
        told += [(node, f"bounded {label}") for node, label in self.bounded]
        args = (*self.conditions, *(node for node, _ in told))
        return Ask("story", args, (self.kind, *(word for _, word in told)))


def asked_value(node: Node, before: str = "", after: str = "") -> Ask:
    """A question whose answer is one formula without unknown amounts."""
    story = Story("amounts")
    story.ask(node, before, after)
    return story.request()
