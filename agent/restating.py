"""Lets an answer through only as long as its numbers are those of an exact tool's result.

A policy that was told 408 may still say 418. Where the turn rests on a tool whose results are exact
(`@tool(exact=True)`, as `math` is), the first sentence with a number that nobody has said is replaced by the result
itself, and nothing more is said. An answer that tells nothing new of the result has it put behind it.

Not covered: wrong words around right numbers, a wrong sign between them, and numbers that are spelled out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from .numerals import Number, agree, numbers_in
from .sentences import split_sentences

LONGEST_RESULT = 500
"""Characters; what is longer cannot stand in for an answer."""
_MARK = re.compile(r"\[\d{1,3}(?:\s?,\s?\d{1,3}){0,19}\]")
_FRACTION = re.compile(r"\\[dt]?frac\{(-?\d+)\}\{(\d+)\}")
# A fraction's parts, an exponent, an index, a coefficient: all that a formula may be written with.
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_COUNTED = 24


class Restating:
    """Reads an answer while it is written.

    Args:
        results: of the turn's exact calls, the last one last.
        known: every other text of the conversation: what the user said, what tools answered.
    """

    def __init__(self, results: Sequence[str], known: Iterable[str]) -> None:
        self.replaced = ""
        self._result = results[-1].strip()
        self._heard = [number for text in known for number in numbers_in(text)]
        self._results = [number for text in results for number in numbers_in(text)]
        self._digits = {digits for text in (*results, *known) for digits in _DIGITS.findall(text)}
        self._digits.update(str(count) for count in range(2, min(_COUNTED, len(self._results)) + 1))
        heard = {number.value for number in self._heard}
        self._new = [number for number in numbers_in(self._result) if number.value not in heard]
        self._held = ""
        self._told = False
        self._said = ""

    def write(self, text: str) -> str:
        """More of the answer.

        Returns:
            What may be shown now: whole sentences.
        """
        if self.replaced:
            self.replaced += text
            return ""
        self._held += text
        if not text.strip() and "\n" not in text:
            return ""
        spans = split_sentences(self._held)
        # The last may still be growing.
        return self._checked([end for _, end in spans[:-1]])

    def end(self, *, answers: bool = True) -> str:
        """What is still to be shown when the policy has said all.

        Args:
            answers: whether it was an answer, and not words before another call.
        """
        shown = "" if self.replaced else self._checked([len(self._held)])
        if self.replaced or self._told or not self._new or not answers:
            return shown
        self._said += shown
        return shown + self._rendered()

    def _checked(self, ends: Sequence[int]) -> str:
        shown = ""
        for start, end in itertools.pairwise((0, *ends)):
            sentence = self._held[start:end]
            if not self._is_known(sentence):
                self.replaced = self._held[start:].lstrip()
                self._said += shown
                self._held = ""
                return shown + self._rendered()
            shown += sentence
        self._held = self._held[len(shown) :]
        self._said += shown
        return shown

    def _rendered(self) -> str:
        """The result, on a line of its own behind what was said."""
        return f"\n\n{self._result}" if self._said.strip() else self._result

    def _is_known(self, sentence: str) -> bool:
        sentence = _FRACTION.sub(r"\1/\2", _MARK.sub("", sentence))
        numbers = numbers_in(sentence)
        if any(_among(number, self._new) for number in numbers):
            self._told = True
        return all(
            _among(number, self._results) or _among(number, self._heard) or _spelling(sentence, number) in self._digits
            for number in numbers
        )


def _among(number: Number, others: Iterable[Number]) -> bool:
    return any(agree(number, other) for other in others)


def _spelling(sentence: str, number: Number) -> str:
    return sentence[number.start : number.end].lstrip("+-").replace(",", "")
