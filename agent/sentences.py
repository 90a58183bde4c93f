"""Splits a text into sentences: English and its relatives, Chinese, Japanese, and the lines of Markdown.

Marks of citation belong to the sentence that they follow, also behind its full stop: "It is cold. [1] It is big."

Not covered: languages without full stops (Thai), and abbreviations beyond the common English ones.
"""

from __future__ import annotations

import re

from .marks import MARK
from .word_lists import words

_CLOSERS = r"[\"'”’»)\]*_]"
_END = re.compile(
    rf"""
      (?<![.!?…])[.!?…]++{_CLOSERS}*+(?:[ ]?{MARK})*+(?=\s|\Z)
    | [。！？｡]++(?P<closed>[”’」』）)]*+)(?:[ ]?{MARK})*+
    | \n\s*
    """,
    re.VERBOSE,
)
# The token that a full stop ends.
_TOKEN = re.compile(r"[^\s(\[\"“«]+\Z")
_LONGEST_TOKEN = 24
_ABBREVIATIONS = words(
    "mr mrs ms dr prof st mt ft sr jr rev hon gen col lt capt sgt gov sen rep pres vs v approx ca c cf no nos fig "
    "figs vol pp p ed eds e.g i.e viz al inc ltd co corp dept est ave blvd jan feb mar apr jun jul aug sep sept "
    "oct nov dec a.k.a resp incl max min"
)
# These may end a sentence: what follows them decides.
_MAYBE = words("etc a.m p.m u.s u.k u.n e.u d.c b.c a.d ph.d inc ltd co corp jr sr")
_STARTERS = words(
    "the a an it its in on at he she they we i you this that these those there but and however his her their when "
    "while after before since as for to by from with today although if most some many"
)
_LETTERS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_NEXT_WORD = re.compile(r"\s*[\"'“‘«(*_]*([^\W_]+)")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, without the white space around it. Linear in the text's length."""
    found: list[tuple[int, int]] = []
    start = 0
    for end in _END.finditer(text):
        if _ends(text, end):
            _add(found, text, start, end.end())
            start = end.end()
    _add(found, text, start, len(text))
    return found


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    part = text[start:end]
    if part and not part.isspace():
        found.append((start + len(part) - len(part.lstrip()), start + len(part.rstrip())))


def _ends(text: str, end: re.Match[str]) -> bool:
    sign, behind = end[0][0], text[end.end() : end.end() + 40]
    if sign == "\n":
        # A line that was wrapped goes on in lower case.
        return "\n" in end[0][1:] or not behind[:1].islower()
    if sign in "。！？｡":
        # 「…。」と言った, “……。”他说: the sentence goes on behind the quotation.
        return not (end["closed"] and behind[:1].isalpha())
    following = _NEXT_WORD.match(behind)
    word = following[1] if following else ""
    if word[:1].islower():
        return False
    if not end[0].startswith(".") or end[0].startswith(".."):
        return True
    token = _TOKEN.search(text, max(0, end.start() - _LONGEST_TOKEN), end.start())
    before = token[0] if token else ""
    if before.isdigit() and len(before) <= 2 and not text[: end.start() - len(before)].rpartition("\n")[2].strip():
        return False  # the number of a list's item
    lowered = before.lower()
    if lowered in _MAYBE or ("." in before and _LETTERS.fullmatch(before)):
        return not word or word.lower() in _STARTERS
    if len(before) == 1 and before.isupper():
        return not word or word.lower() in _STARTERS  # an initial
    return lowered not in _ABBREVIATIONS or not word
