"""Numbers for sources, and what of an answer's marks and quotations the sources bear out.

Within a turn no two calls use the same number. Numbers start again in each turn, so a mark stands for the source of the
present turn; where that has none of this number, for the newest source of an earlier turn of the branch that has it: a
follow-up question is often answered from what was found before.
"""

from __future__ import annotations

import dataclasses
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..policies.engines import Message
from ..tools import Source, ToolResult
from .marks import Marks, find_marks
from .quotations import Quotation, find_quotations, normalised, stands_in
from .sentences import split_sentences

_MARK = re.compile(r"\[(\d{1,3})\]")
REMOVED_QUOTATION = "[…]"
_BRACKETS = re.compile(r"[\[［【]")
# What may stand between a quotation and the mark that belongs to it alone.
_DIRECTLY = re.compile(r"[\s.,;:!?。，、；：！？)）*_]{0,4}")
_SPACE = " \t\u00a0\u202f"


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer whose marks all have a source and whose quotations all stand in theirs.

    Args:
        text: the answer.
        sources: what its marks stand for, by number.
        removed_marks: how many marks had no source. Those that went with a quotation are not counted again.
        removed_quotes: how many quotations did not stand in their sources; `[…]` is in their place.
    """

    text: str
    sources: dict[int, Source]
    removed_marks: int = 0
    removed_quotes: int = 0


def number_sources(result: ToolResult, known: dict[int, Source]) -> ToolResult:
    """Gives the sources of a result the next free numbers and writes these into its text.

    A tool numbers its own sources from 1 (`[1]`, `[2]`, …). Where its text has no marks, a line for each source is
    added, so that an answer can cite it. JSON is left as it is: what looks like a mark there is data.

    Args:
        result: what came back; one without sources is returned as it is.
        known: the turn's sources by number; the new ones are added.
    """
    if not result.sources or result.is_error:
        return result
    offset, count = max(known, default=0), len(result.sources)
    known.update(enumerate(result.sources, start=offset + 1))
    text, result = result.text, dataclasses.replace(result, first_source=offset + 1)
    if _is_json(text) or not any(1 <= int(mark) <= count for mark in _MARK.findall(text)):
        titles = (f"[{offset + place}] {source.title}" for place, source in enumerate(result.sources, start=1))
        return dataclasses.replace(result, text="\n".join((text, *titles)))
    if not offset:
        return result

    def moved(mark: re.Match[str]) -> str:
        number = int(mark[1])
        return f"[{number + offset}]" if 1 <= number <= count else mark[0]

    return dataclasses.replace(result, text=_MARK.sub(moved, text))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def earlier_sources(history: Sequence[Message]) -> dict[int, Source]:
    """The sources of a branch's earlier turns, by number; the newest where several turns have one of that number."""
    found: dict[int, Source] = {}
    for message in history:
        result = cast("dict[str, Any] | None", message.meta.get("result")) if message.role == "tool" else None
        if result and result.get("sources") and not result.get("is_error"):
            sources = [Source.from_dict(source) for source in result["sources"]]
            found.update(enumerate(sources, start=int(result.get("first_source", 1))))
    return found


def may_cite(text: str) -> bool:
    """Whether there may be a mark in a text: what costs next to nothing where there is none."""
    return _BRACKETS.search(text) is not None


def cited(text: str, known: Mapping[int, Source]) -> dict[int, Source]:
    """The sources whose marks stand in a text, by number."""
    if not known or not may_cite(text):
        return {}
    numbers = sorted({number for marks in find_marks(text, known) for number in marks.numbers})
    return {number: known[number] for number in numbers if number in known}


def checked(answer: str, known: Mapping[int, Source], *, said: str = "") -> Checked:
    """Takes from an answer the marks without a source and the quotations that are not in theirs.

    Which brackets are marks is told in `marks`; without any source only those go that can be nothing else. Marks that
    stay get the form `[1][2]`. A quotation belongs to the marks directly behind it, or else to those of its sentence,
    and must stand in the title or the passage of one of these sources (see `quotations`); where none of its marks has
    a source, in any source. What the user said may be quoted. Titles of up to three words are left alone unless a mark
    follows directly. A quotation that goes takes the marks directly behind it along.

    The time is linear in the length of the answer, for each source.

    Args:
        answer: what the policy said.
        known: the sources by number.
        said: what the user said in this turn.
    """
    if not may_cite(answer):
        return Checked(answer, {})
    runs = find_marks(answer, known)
    if not runs:
        return Checked(answer, {})
    false, gone = _false_quotations(answer, runs, known, said) if known else ([], set[int]())
    edits = [(quotation.start, quotation.end, REMOVED_QUOTATION) for quotation in false]
    left: list[Marks] = []
    removed_marks = 0
    inside = [quotation.start for quotation in false]
    for place, run in enumerate(runs):
        around = bisect_right(inside, run.start) - 1
        if around >= 0 and run.end <= false[around].end:
            continue
        kept = "" if place in gone else run.kept(frozenset(known))
        if place not in gone:
            left.append(run)
            removed_marks += sum(number not in known for number in run.numbers)
        if kept:
            edits.append((run.start, run.end, kept))
        else:
            edits.append((*_with_space(answer, run), ""))
    numbers = sorted({number for run in left for number in run.numbers if number in known})
    text = _edited(answer, sorted(edits))
    return Checked(text, {number: known[number] for number in numbers}, removed_marks, len(false))


def _edited(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, new in edits:
        parts += (text[position:start], new)
        position = max(position, end)
    return "".join((*parts, text[position:]))


def _with_space(text: str, run: Marks) -> tuple[int, int]:
    """Marks that go, with the space before them, or behind them at the start of a line, or the brackets around."""
    start, end = run.start, run.end
    if text[start - 1 : start] in ("(", "（") and text[end : end + 1] in (")", "）"):
        start, end = start - 1, end + 1
    while start and text[start - 1] in _SPACE:
        start -= 1
    if start == 0 or text[start - 1] == "\n":
        while end < len(text) and text[end] in _SPACE:
            end += 1
    return start, end


def _false_quotations(
    answer: str, runs: Sequence[Marks], known: Mapping[int, Source], said: str
) -> tuple[list[Quotation], set[int]]:
    """The quotations that do not stand in their sources, and the places of the runs of marks that were theirs alone."""
    quotations = find_quotations(answer)
    if not quotations:
        return [], set()
    places = _Places(answer, runs)
    passages = {number: (normalised(source.title), normalised(source.quote)) for number, source in known.items()}
    told = normalised(said)
    false: list[Quotation] = []
    true_at, false_behind = set[int](), set[int]()
    for quotation in quotations:
        direct = places.directly_behind(quotation)
        if direct is None and quotation.is_short:
            continue
        around = places.in_its_sentence(quotation) if direct is None else range(direct, direct + 1)
        if not around or (told and stands_in(quotation.text, told)):
            continue
        numbers = places.numbers(around) & known.keys() or known.keys()
        if any(stands_in(quotation.text, passage) for number in numbers for passage in passages[number]):
            true_at.update(around if direct is not None else places.once(around))
            continue
        false.append(quotation)
        if direct is not None:
            false_behind.add(direct)
    return false, false_behind - true_at


class _Places:
    """Which marks belong to which quotation, by their places in the list of runs."""

    def __init__(self, answer: str, runs: Sequence[Marks]) -> None:
        self._answer = answer
        self._runs = runs
        self._starts = [run.start for run in runs]
        self._sentences = split_sentences(answer)
        self._sentence_starts = [start for start, _ in self._sentences]
        # A sentence may have thousands of both: what was worked out for it is kept.
        self._numbers: dict[range, frozenset[int]] = {}
        self._seen: set[range] = set()

    def directly_behind(self, quotation: Quotation) -> int | None:
        """The marks at the end of a quotation, inside or behind its closing sign."""
        starts, runs, text = self._starts, self._runs, self._answer
        place = bisect_left(starts, quotation.end)
        if place < len(runs) and _DIRECTLY.fullmatch(text, quotation.end, runs[place].start):
            return place
        if place and runs[place - 1].start > quotation.start:
            behind = text[runs[place - 1].end : quotation.end]
            return None if behind.strip(' .,;:!?。，、"”»“」』') else place - 1
        return None

    def in_its_sentence(self, quotation: Quotation) -> range:
        first = self._sentences[max(0, bisect_right(self._sentence_starts, quotation.start) - 1)][0]
        last = self._sentences[max(0, bisect_right(self._sentence_starts, quotation.end - 1) - 1)][1]
        return range(bisect_left(self._starts, first), bisect_left(self._starts, last))

    def numbers(self, places: range) -> frozenset[int]:
        if places not in self._numbers:
            self._numbers[places] = frozenset(number for place in places for number in self._runs[place].numbers)
        return self._numbers[places]

    def once(self, places: range) -> range:
        """The places, the first time that they are asked for."""
        if places in self._seen:
            return range(0)
        self._seen.add(places)
        return places
