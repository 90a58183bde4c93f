"""What an answer states in the end: one value, several, or relations such as `x = 3 or x = -3`.

Only the last statement counts, so that an answer which lists numbers in the hope of hitting one has one try like any
other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from ....agent.numerals import Number, numbers_in, plain_digits, read_number
from ....agent.sentences import split_sentences
from ....evals.scorers.symbolic import boxed, candidates
from .formulas import Formula, read_formula, without_words

MAX_CHARS = 2_000
"""The end of an answer that is looked at."""
MAX_LINE = 600
MAX_VALUES = 6
"""A line that states more new numbers is a list of guesses, where one value is asked for."""

_MARK = re.compile(r"\s?\[\d{1,3}(?:\s?,\s?\d{1,3}){0,19}\]")
_NOTE = re.compile(
    r"(?P<exact>.*\S)\s+\((?:exactly |about |approximately |≈\s?|~\s?)?(?P<note>[^()]*(?:\([^()]*\)[^()]*)*)\)"
)
_PARTS = re.compile(r"\s*[,;]\s+(?:(?:or|and)\s+)?|\s+(?:or|and)\s+|\n+")
_RELATION = re.compile(r"(?:.*\s|\(?)(?P<name>[A-Za-z](?:_?[0-9])?)\s*(?P<sign><=|>=|=<|=>|≤|≥|=|<|>)\s*(?P<value>.+)")
_CHAIN = re.compile(r"(?P<low>.+?)\s*(?P<first><=|≤|<)\s*(?P<name>[A-Za-z])\s*(?P<second><=|≤|<)\s*(?P<high>.+)")
_SPELLINGS = {"≤": "<=", "≥": ">=", "=<": "<=", "=>": ">="}
_LEAD = re.compile(r".*(?::|\b(?:is|are|be|gives?|get|equals?)\b)\s*(?P<rest>\S.*)", re.DOTALL)
_TURNED = re.compile(r"(?:\bnot|\bminus|\bnegative|\bnever|n['’]t)\s+[$€£(]*$", re.IGNORECASE)


@dataclass(frozen=True)
class Value:
    """A value as it is written, `51/2 (25.5)`.

    Args:
        formula: what stands first, where it can be read as a formula.
        number: the same, where it is a plain number.
        note: what stands in brackets behind it: the same value in another form.
    """

    formula: Formula | None
    number: Number | None
    note: Value | None = None


class Relation(NamedTuple):
    """A statement such as `x = 3` or `n <= -2`.

    Args:
        name: the letter.
        sign: `=`, `<`, `>`, `<=` or `>=`.
        value: the other side.
    """

    name: str
    sign: str
    value: Value


def statements(answer: str) -> str:
    """The end of an answer, without questions and marks of citation: `[1]` is no number of it."""
    text = _MARK.sub("", answer[-MAX_CHARS:]).strip()
    if "?" not in text and "？" not in text:
        return text
    kept, end = list[str](), 0
    for start, stop in split_sentences(text):
        # What stands between two sentences goes with the second.
        kept += [] if text[start:stop].endswith(("?", "？")) else [text[end:stop]]
        end = stop
    return "".join(kept).strip()


def read_value(text: str) -> Value | None:
    """The value that a text is, with its other form in brackets; `None` where it is anything else."""
    text = text.strip().rstrip(".").strip()
    noted = _NOTE.fullmatch(text)
    if noted is not None and any(character.isdigit() for character in noted["note"]):
        first, note = _bare(noted["exact"]), _bare(noted["note"])
        if first is not None and note is not None:
            return Value(first.formula, first.number, note)
    return _bare(text)


def _bare(text: str) -> Value | None:
    number, formula = read_number(text.lstrip("$€£ ")), read_formula(text.lstrip("$€£ "))
    return Value(formula, number) if number is not None or formula is not None else None


def last_values(answer: str) -> list[Value]:
    """What may be the value that an answer states, the last first: behind `is`, `:` or `=`, boxed, or in `$…$`.

    Args:
        answer: see `statements`.
    """
    lines = [line for line in answer.splitlines() if line.strip()]
    text = answer if boxed(answer) is not None else lines[-1] if lines else ""
    if not text or (len(text) > MAX_LINE and text is not answer):
        return []
    found = (read_value(without_words(candidate)) for candidate in candidates(text))
    return [value for value in found if value is not None]


def last_number(answer: str, asked: frozenset[Number]) -> list[Number]:
    """The number that an answer states last, and the one that it stands in brackets behind.

    Numbers of the question are passed over, unless there are no others: in "408 is 17 times 24", 408 is stated.

    Args:
        answer: see `statements`.
        asked: the numbers of the question.

    Returns:
        Nothing where no number is stated, where it is turned around ("not 408"), or where its line lists more than
        `MAX_VALUES` numbers that are not in the question.
    """
    text = plain_digits(answer)
    numbers = numbers_in(text)
    known = {number.value for number in asked}
    new = [number for number in numbers if number.value not in known]
    if not numbers:
        return []
    last = (new or numbers)[-1]
    start, end = text.rfind("\n", 0, last.start) + 1, text.find("\n", last.end)
    line = {number.value for number in new if start <= number.start and (end < 0 or number.end <= end)}
    if len(line) > MAX_VALUES or _TURNED.search(text[max(0, last.start - 20) : last.start]):
        return []
    before = [number for number in numbers if number.end < last.start]
    if before and text[before[-1].end : last.start].strip(" ≈~") == "(":
        return [before[-1], last]
    return [last]


def read_relations(text: str, *, loosely: bool) -> list[Relation] | None:
    """The relations that a text consists of; `None` where it is anything else.

    Args:
        text: `x = 8, y = 2`, `x = -3 or x = 3`, `-2 <= n <= 2`.
        loosely: whether words may stand before a relation, and parts without any are passed over.
    """
    found: list[Relation] = []
    for part in _PARTS.split(text.strip().rstrip(".").strip("$ ")):
        relations = _relations(without_words(part) if loosely else part)
        if not relations and not loosely:
            return None
        found += relations
    return found or None


def _relations(part: str) -> list[Relation]:
    chain = _CHAIN.fullmatch(part)
    if chain is not None:
        low, high = read_value(without_words(chain["low"])), read_value(chain["high"])
        if low is None or high is None:
            return []
        signs = [_SPELLINGS.get(sign, sign) for sign in (chain["first"], chain["second"])]
        return [Relation(chain["name"], signs[0].replace("<", ">"), low), Relation(chain["name"], signs[1], high)]
    match = _RELATION.fullmatch(part)
    if match is None:
        return []
    name, sign = match["name"], _SPELLINGS.get(match["sign"], match["sign"])
    # Of `x = 6/2 = 3` the last is meant.
    stated = match["value"].rsplit("=", 1)[-1].strip() if sign == "=" else match["value"]
    if stated[:1] == "±":
        both = [read_value(stated[1:]), read_value(f"-({stated[1:].strip()})")]
        if (plain := read_number(stated[1:])) is not None:
            both[1] = read_value("-" + stated[1:].strip()) if plain.value > 0 else both[0]
        return [Relation(name, sign, value) for value in both if value is not None]
    value = read_value(re.sub(r"\s+\([^()]*[A-Za-z]{3,}[^()]*\)$", "", stated))
    return [Relation(name, sign, value)] if value is not None else []


def last_relations(answer: str) -> list[Relation]:
    """The relations at the end of an answer, over as many lines as state some.

    Args:
        answer: see `statements`.
    """
    block: list[str] = []
    for line in reversed(answer.splitlines()[-40:]):
        if line.strip() and len(line) <= MAX_LINE and read_relations(line, loosely=True):
            block.append(line)
        elif block and line.strip():
            break
    return read_relations("\n".join(reversed(block)), loosely=True) or [] if block else []


def last_list(answer: str) -> list[Value] | None:
    """The values that the last line lists; `None` where it holds anything else.

    Args:
        answer: see `statements`.
    """
    lines = [line for line in answer.splitlines() if line.strip()]
    if not lines or len(lines[-1]) > MAX_LINE:
        return None
    lead = _LEAD.fullmatch(lines[-1])
    return read_list(lead["rest"] if lead is not None else lines[-1])


def read_list(text: str) -> list[Value] | None:
    """The values that a text lists, `1, 3 and 7`; `None` where it holds anything else."""
    parts = [part for part in _PARTS.split(text.strip().rstrip(".")) if part.strip()]
    values = [read_value(without_words(part)) for part in parts]
    read = [value for value in values if value is not None]
    return read if read and len(read) == len(values) else None
