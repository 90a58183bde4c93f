"""Whether the answer says what was expected: 1 or 0.

A policy that is trained on this will look for what else earns 1, so:

- Only the last statement counts. A list of numbers is one try, and a line of more than `statements.MAX_VALUES` new
  numbers is none.
- The question over again earns nothing, though `475951 * 767.68` has the right value (`formulas.is_finished`). Where
  the question is the exact answer, as of the square root of 5, the decimal must be said. A question states nothing.
- Where the form was asked for (factor, expand, simplify), the answer must have it, up to the order.
- A number may be rounded to what it shows, but must show three significant digits (`numerals.agree`).
- All solutions must be named and no others; both forms of `259/5 (51.8)` must be right.
- Words must stand in an answer that is not much longer than they are, so that copying a whole passage earns nothing.

Not covered: an answer that says the expected words and denies them ("it is not Lima"); conversions of units; a value
that is right by luck.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from ....agent.numerals import Number, agree, numbers_in, plain_digits, read_number
from ....evals.scorers.texts import normalised
from ..sources.patterns import check_pattern
from .asking import Solver
from .expectations import (
    Digits,
    Quantity,
    Relations,
    Several,
    Single,
    Verbatim,
    Verdict,
    Wanted,
    Words,
    read_expected,
)
from .formulas import Formula, is_asked, is_finished, squeezed
from .reply import Reply
from .statements import Value, last_list, last_number, last_relations, last_values, statements
from .turns import is_forged, question

MORE_WORDS = 40
"""An answer may have so many words besides the expected ones."""
MAX_GUESSES = 12
"""An answer that must match a pattern may state so many numbers that are neither in the question nor the pattern."""

_OPPOSITE = {"yes": "no", "no": "yes", "true": "false", "false": "true"}
_MOST_SOLUTIONS = 24
_MOST_QUESTION_CHARS = 2_000
_MOST_SEARCHED = 300
_WORDS_OF_AN_ECHO = 3
_NEXT_WORD = re.compile(r"\s?[A-Za-z°µμΩ]")


def answer(reply: Reply) -> float | None:
    """1 where the answer says the expected one, 0 where it does not; `None` where nothing is expected."""
    return score_answers([reply])[0]


def score_answers(replies: Sequence[Reply]) -> list[float | None]:
    """The rewards of a batch; the solver is asked once for all of them.

    Raises:
        ConfigError: a pattern cannot be read.
        TrainingError: the solver does not run.
    """
    return Solver().settled(lambda solver: [judge_answer(reply, solver) for reply in replies])


def judge_answer(reply: Reply, solver: Solver) -> float | None:
    """The reward of one reply, by what the solver knows so far."""
    expected = reply.prompt.expected
    if expected.answer is None and expected.pattern is None:
        return None
    said = statements(reply.output)
    asked = f"{question(reply)[:_MOST_QUESTION_CHARS]}\n{expected.query or ''}"
    if not said or is_forged(reply) or _echoes(said, asked):
        return 0.0
    if expected.pattern is not None:
        return float(_matches(said, expected.pattern, asked))
    return float(_Comparison(said, asked, solver).states(read_expected(expected.answer or "", expected.query or "")))


def pattern_search(pattern: str) -> Callable[[str], bool]:
    """Searches texts for a regular expression, without regard to case and in bounded time.

    The engine is that of Rust, which takes time linear in the text. What it lacks, such as look-around, is left to
    Python's, on the last 300 characters and where `check_pattern` finds nothing that may never end.

    Raises:
        ConfigError: the pattern is none, or may never end.
    """
    return _compiled(pattern)


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Callable[[str], bool]:
    from pydantic import StringConstraints, TypeAdapter, ValidationError
    from pydantic_core import SchemaError

    check_pattern(pattern)
    try:
        reader: TypeAdapter[Any] = TypeAdapter(Annotated[str, StringConstraints(pattern=f"(?i:{pattern})")])
    except SchemaError:
        python = re.compile(pattern, re.IGNORECASE)
        return lambda text: python.search(text[-_MOST_SEARCHED:]) is not None

    def search(text: str) -> bool:
        try:
            reader.validate_python(text)
        except ValidationError:
            return False
        return True

    return search


def _matches(said: str, pattern: str, asked: str) -> bool:
    known = {number.value for number in (*numbers_in(asked), *numbers_in(pattern))}
    guesses = {number.value for number in numbers_in(said)} - known
    return len(guesses) <= MAX_GUESSES and pattern_search(pattern)(said)


class _Comparison:
    """One answer against what was expected.

    Args:
        said: the answer without marks of citation.
        asked: the user's message and the expected query.
        solver: says which formulas are equal.
    """

    def __init__(self, said: str, asked: str, solver: Solver) -> None:
        self._said = said
        self._asked = asked
        self._solver = solver

    def states(self, wanted: Wanted) -> bool:
        match wanted:
            case Single():
                return self._single(wanted)
            case Several(values):
                return self._listed(values) or False
            case Relations():
                return self._relations(wanted)
            case Quantity():
                return self._quantity(wanted)
            case Digits():
                return self._digits(wanted)
            case Verdict():
                return self._verdict(wanted)
            case Verbatim(text):
                said = squeezed(self._said)
                return len(said) <= 3 * len(text) + 200 and _stands_alone(said, text)
            case Words(text):
                return self._words(text)

    def _single(self, wanted: Single) -> bool:
        for value in last_values(self._said):
            formula = value.formula
            if formula is not None and not _same_text(formula, wanted.value) and is_asked(formula, self._asked):
                continue  # `17 * 24` in "408 = 17 * 24"
            return self._same(value, wanted.value, wanted.form)
        return self._ends_with(wanted.value, wanted.form)

    def _ends_with(self, wanted: Value, form: bool = False) -> bool:
        """Whether the number that is stated last, in all its forms, is the wanted value."""
        numbers = self._last_number()
        return bool(numbers) and all(self._same_bare(Value(None, number), wanted, form) for number in numbers)

    def _listed(self, wanted: Sequence[Value]) -> bool | None:
        """Whether the last line lists just these; `None` where it is no list."""
        said = last_list(self._said)
        return None if said is None else self._all([("", value) for value in said], [("", value) for value in wanted])

    def _last_number(self) -> list[Number]:
        return last_number(self._said, frozenset(numbers_in(self._asked)))

    def _relations(self, wanted: Relations) -> bool:
        needed = [(f"{relation.name} {relation.sign}", relation.value) for relation in wanted.relations]
        if said := last_relations(self._said):
            return self._all([(f"{relation.name} {relation.sign}", relation.value) for relation in said], needed)
        # Of one unknown, its values will do.
        if len({place for place, _ in needed}) != 1 or wanted.relations[0].sign != "=":
            return False
        values = [value for _, value in needed]
        listed = self._listed(values)
        return listed if listed is not None else len(values) == 1 and self._ends_with(values[0])

    def _all(self, said: Sequence[tuple[str, Value]], wanted: Sequence[tuple[str, Value]]) -> bool:
        """Whether each has a partner on the other side, under the same name."""
        said = list(dict.fromkeys(said))
        if len(said) != len(set(wanted)) or len(said) > _MOST_SOLUTIONS:
            return False
        # Every pair is asked about at once, for each round of questions takes time.
        pairs = [[place == name and self._same(value, other) for name, other in wanted] for place, value in said]
        return all(any(row) for row in pairs) and all(any(column) for column in zip(*pairs, strict=True))

    def _same(self, said: Value, wanted: Value, form: bool = False) -> bool:
        first = self._same_bare(said, wanted, form)
        note = said.note
        if note is None or (note.number is None and note.formula is not None and not note.formula.is_constant):
            return first
        return self._same_bare(note, wanted) and first

    def _same_bare(self, said: Value, wanted: Value, form: bool = False) -> bool:
        if said.formula is not None and _same_text(said.formula, wanted):
            return not _is_given(said.formula, self._asked) or said.note is not None
        if said.number is not None:
            return (wanted.number is not None or not form) and self._same_number(said.number, wanted)
        if said.formula is None or wanted.formula is None:
            return False
        if form and said.formula.atoms != wanted.formula.atoms:
            return False
        if not form and not is_finished(said.formula, _forms(wanted), self._asked):
            return False
        return self._solver.equal(said.formula.text, wanted.formula.text)

    def _same_number(self, said: Number, wanted: Value) -> bool:
        if not said.reduced:
            return False
        numbers = [value.number for value in (wanted, wanted.note) if value is not None and value.number is not None]
        if not numbers and wanted.formula is not None and wanted.formula.is_constant:
            solution = self._solver.solve(wanted.formula.text)
            decimal = read_number(solution.decimal) if solution is not None else None
            numbers = [decimal] if decimal is not None else []
        return any(agree(said, number) for number in numbers)

    def _quantity(self, wanted: Quantity) -> bool:
        numbers = self._last_number()
        if not numbers or not all(agree(number, wanted.number) for number in numbers):
            return False
        behind = plain_digits(self._said)[numbers[-1].end :]
        unit = wanted.unit.casefold().removesuffix("s")
        return not _NEXT_WORD.match(behind) or behind.lstrip().casefold().startswith(unit)

    def _digits(self, wanted: Digits) -> bool:
        forms = {wanted.text, wanted.text[2:]}
        words = re.findall(r"[0-9a-z]+", self._said.casefold())
        asked = set(re.findall(r"[0-9a-z]+", self._asked.casefold()))
        new = [word for word in words if word not in asked and (word in forms or any(map(str.isdigit, word)))]
        return bool(new) and new[-1] in forms and len(set(new)) <= 2

    def _verdict(self, wanted: Verdict) -> bool:
        said, detail = normalised(self._said).split(), normalised(wanted.detail).split()
        if len(said) > len(detail) + MORE_WORDS or _OPPOSITE[wanted.word] in said:
            return False
        if "not" in said and "not" not in detail and wanted.word in ("yes", "true"):
            return False
        told = bool(detail) and _holds(said, detail) and not _holds(normalised(self._asked).split(), detail)
        return told or said[:1] == [wanted.word]

    def _words(self, text: str) -> bool:
        wanted = normalised(text)
        said = normalised(self._said)
        if not wanted:
            return text in self._said
        if len(said.split()) > len(wanted.split()) + MORE_WORDS:
            return False
        if not wanted.isascii() and " " not in said:
            return wanted in said and len(said) <= len(wanted) + 4 * MORE_WORDS  # no spaces between words
        return _holds(said.split(), wanted.split())


def _is_given(said: Formula, asked: str) -> bool:
    """Whether an exact value is nothing but the question, and no number that is worked out."""
    return said.is_constant and said.size > 1 and is_asked(said, asked)


def _echoes(said: str, asked: str) -> bool:
    words = normalised(said).split()
    return len(words) > _WORDS_OF_AN_ECHO and _holds(normalised(asked).split(), words)


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    return f" {' '.join(wanted)} " in f" {' '.join(words)} "


def _stands_alone(text: str, wanted: str) -> bool:
    place = text.find(wanted)
    before, behind = text[max(0, place - 1) : max(0, place)], text[place + len(wanted) : place + len(wanted) + 1]
    # What goes on in front or behind, `12x` in `112x^2`, is another formula.
    return place >= 0 and before not in set("0123456789.^-/") and behind not in set("0123456789^/")


def _forms(value: Value) -> list[Formula]:
    return [part.formula for part in (value, value.note) if part is not None and part.formula is not None]


def _same_text(said: Formula, wanted: Value) -> bool:
    return any(said.tokens == form.tokens for form in _forms(wanted))
