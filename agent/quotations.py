"""Quotations in an answer, and whether they stand in a source.

Compared are letters, digits and the punctuation between them: not white space, capitals, kinds of quotation marks and
dashes, Markdown's emphasis, or punctuation at the end. `…`, `...` and what stands in brackets (`[sic]`, `[the city]`)
split a quotation into parts that must follow each other in the source.

Not covered: single quotation marks, which cannot be told from apostrophes; block quotes; a straight quotation over
several lines.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from .marks import CJK, Spans

# What is inside never holds the opening sign, so that signs that never close cost no more than their length.
_INSIDE = r"(?:[^{signs}\n]|\n(?!\s*\n))+"
_QUOTATION = re.compile(
    "|".join(
        (
            rf"“{_INSIDE.format(signs='“”')}”",
            rf"«{_INSIDE.format(signs='«»')}»",
            rf"„{_INSIDE.format(signs='„“”')}[“”]",
            rf"「{_INSIDE.format(signs='「」')}」",
            rf"『{_INSIDE.format(signs='『』')}』",
            r'(?<![\w"])"(?=[^\s"])[^"\n]+(?<=\S)"(?!["\w])',
        )
    )
)
_SPLIT = re.compile(r"…|\.\.\.+|。。。+|\[[^\]\n]{0,80}\]")
_DROPPED = re.compile(r"[\"“”„«»‹›「」『』*_`\u00ad\u200b-\u200f\u2060\ufeff]")
_DASH = re.compile(r"\s*[‐-―−-]+\s*")
_END = " .,;:!?。，、；：！？-'"
_SPACED = re.compile(r"\s+")
_BETWEEN_CJK = re.compile(rf"(?<=[{CJK}]) | (?=[{CJK}])")
SHORT_TITLE_WORDS = 3
_SHORT_TITLE_SIGNS = 8


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation and where it stands, its signs included."""

    start: int
    end: int
    text: str

    @property
    def is_short(self) -> bool:
        """Whether it may be the title of a work, or one word that is set off."""
        if re.search(rf"[{CJK}]", self.text):
            return len(self.text) <= _SHORT_TITLE_SIGNS
        return len(self.text.split()) <= SHORT_TITLE_WORDS


def find_quotations(text: str) -> list[Quotation]:
    """The quotations of an answer outside of code and LaTeX. Linear in its length."""
    spans: Spans | None = None
    found: list[Quotation] = []
    for match in _QUOTATION.finditer(text):
        spans = spans or Spans(text)
        if not spans.hold(match.start()):
            found.append(Quotation(match.start(), match.end(), match[0][1:-1]))
    return found


def normalised(text: str) -> str:
    """A text as quotations are compared."""
    text = unicodedata.normalize("NFKC", text.replace("’", "'").replace("‘", "'")).casefold()
    text = _SPACED.sub(" ", _DASH.sub("-", _DROPPED.sub("", text))).strip()
    return _BETWEEN_CJK.sub("", text)


def stands_in(quotation: str, passage: str) -> bool:
    """Whether a quotation stands in a passage that is `normalised`."""
    position = 0
    for part in _SPLIT.split(quotation):
        wanted = normalised(part).strip(_END)
        if not wanted:
            continue
        position = _find_whole(wanted, passage, position)
        if position < 0:
            return False
        position += len(wanted)
    return True


def _find_whole(wanted: str, passage: str, position: int) -> int:
    """Where a text stands that is not the middle of a word; -1 for nowhere."""
    while (position := passage.find(wanted, position)) >= 0:
        end = position + len(wanted)
        if not _joined(passage[position - 1 : position], wanted[0]) and not _joined(wanted[-1], passage[end : end + 1]):
            return position
        position += 1
    return -1


def _joined(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum() and not re.match(rf"[{CJK}]", left + right)
