"""Which words are variables, and how words that were run together (`xsinx`, `xy`, `xdx`) come apart."""

from __future__ import annotations

import re
from fractions import Fraction

from .names import CONSTANTS, GREEK, function_named, operation_named
from .tokens import Token

_INDEXED = re.compile(r"([A-Za-z]+)(?:\d{1,4}|_[A-Za-z0-9]{1,8})?")

# Words that end an expression because they begin the next clause of a query.
CLAUSE_WORDS = frozenset(
    "from to with wrt for at as and when where if around about near in into between by on using given is are over of"
    " approaches goes tends given evaluated up until such that radians has have".split()
)

_FUNCTIONS = "arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|sqrt|exp|ln|log"
_RUN_TOGETHER = re.compile(rf"([a-z]?)({_FUNCTIONS})(\d*)([xyztn]?)")
_PI_AND_LETTER = re.compile(r"(pi)([rxdhnk])")
_WITH_DIFFERENTIAL = re.compile(r"(.+?)(d[a-z])")
_PRODUCT = re.compile(r"[abckmnpqrtuvwxyz]{2}|[abcxyz]{3}")
_ENGLISH = frozenset("am an at by my cab cost tax tan".split())
_INTEGRALS = frozenset("integrate integral antiderivative primitive int".split())


def is_variable(text: str) -> bool:
    """Whether a word is a letter, a letter with an index (`x1`, `x_max`) or a Greek letter."""
    found = _INDEXED.fullmatch(text)
    return found is not None and (len(found[1]) == 1 or found[1] in GREEK)


def split_words(tokens: list[Token], assumptions: list[str]) -> list[Token]:
    """Take apart words that are no words: `sinx` to `sin x`, `xy` to `x y`, `xdx` to `x dx` in an integral."""
    integral = any(token.word in _INTEGRALS for token in tokens)
    result: list[Token] = []
    for token in tokens:
        parts = _parts(token.text, integral) if token.kind == "word" else None
        if parts is None:
            result.append(token)
            continue
        if all(len(part) == 1 for part in parts):
            assumptions.append(f"{token.text} read as {'*'.join(parts)}")
        for number, part in enumerate(parts):
            is_number = part.isdigit()
            result.append(
                token._replace(
                    kind="number" if is_number else "word",
                    text=part,
                    spaced=token.spaced if number == 0 else False,
                    value=Fraction(part) if is_number else Fraction(0),
                )
            )
    return result


def _parts(word: str, integral: bool) -> list[str] | None:
    known = is_variable(word) or function_named(word) or operation_named(word) or word in CONSTANTS
    if known or word in CLAUSE_WORDS or word in _ENGLISH:
        return None
    if integral and len(word) > 2 and (found := _WITH_DIFFERENTIAL.fullmatch(word)):
        return [*(_parts(found[1], False) or [found[1]]), found[2]]
    if (found := _RUN_TOGETHER.fullmatch(word)) and not re.fullmatch(r"log_?\d+", word):
        return [part for part in found.groups() if part]
    if found := _PI_AND_LETTER.fullmatch(word):
        return [found[1], found[2]]
    return list(word) if _PRODUCT.fullmatch(word) else None
