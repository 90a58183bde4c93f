"""A quick look at a query that only the grammar of expressions and commands can read.

Most queries are of this kind, and asking every domain about each of them would take longer than reading it.
"""

from __future__ import annotations

import re

from .names import words

_WORDS = frozenset(
    words(
        "integrate integral derivative differentiate diff dx dy dz dt limit lim solve factor expand simplify series"
        " of from to as for the at over with respect second third sum product infinity pi sin cos tan sec csc cot sinh"
        " cosh tanh asin acos atan arcsin arccos arctan ln log exp sqrt cbrt"
    )
)
_LETTERS = frozenset("xyztnkabcdepqruvw")
_WORD = re.compile(r"[A-Za-z]+")
# Signs of other domains: derivatives, logic, sets, lists, ranges, sequences, ratios, dates, definitions of functions.
_TELLING = re.compile(
    r"['~{};:?!_|&\[\]%$\"\\]|\.\.|[-+,]\s*$|<<|>>|\d[-/]\d+[-/]\d|[^\x00-\x7f]"
    r"|d[a-z]?(?:\^\(?\d\)?)?[a-z]?\)?\s*/\s*\(?\s*d|\b[a-z]\s*\([^()]*\)\s*="
)
_OF_A_MATRIX = re.compile(
    r"(?:determinant|det|inverse|eigenvalues|rank|trace|transpose)(?: of)? ?\[\[[-\d\s,./+*^()\[\]]+\]\]"
)


def is_plain(text: str) -> bool:
    """Whether no word and no sign of the query belongs to a domain that reads whole texts."""
    if _TELLING.search(text):
        return "[" in text and _OF_A_MATRIX.fullmatch(text) is not None
    return all(word in _WORDS or word in _LETTERS for word in _WORD.findall(text))
