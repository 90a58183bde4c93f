"""Which words are variables, and how words that were run together (`xsinx`, `xy`, `xdx`) come apart."""

from __future__ import annotations

import re
from fractions import Fraction

from .names import CONSTANTS, GREEK, function_named, operation_named, words
from .tokens import Token

_INDEXED = re.compile(r"([A-Za-z]+)(?:\d{1,4}|_[A-Za-z0-9]{1,8})?")

# Words that end an expression because they begin the next clause of a query.
CLAUSE_WORDS = frozenset(
    words(
        "from to with wrt for at as and when where if around about near in into between by on using given is are over"
        " of approaches goes tends given evaluated up until such that radians has have"
    )
)

_FUNCTIONS = "arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|sqrt|exp|ln|log"
_RUN_TOGETHER = re.compile(rf"([a-z]?)({_FUNCTIONS})(\d*)([xyztn]?)")
_PI_AND_LETTER = re.compile(r"(pi)([rxdhnk])")
_WITH_DIFFERENTIAL = re.compile(r"(.+?)(d[a-z])")
_PRODUCT = re.compile(r"[abckmnpqrtuvwxyz]{2}|[abcxyz]{3}")
_OTHER_WORDS = frozenset(words("am an at by my pm uk us cab cost tax tan km cm mm kg mg mb kb"))
_INTEGRALS = frozenset(words("integrate integral antiderivative primitive int"))


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
    if known or word in CLAUSE_WORDS or word in _OTHER_WORDS:
        return None
    if integral and len(word) > 2 and (found := _WITH_DIFFERENTIAL.fullmatch(word)):
        return [*(_parts(found[1], False) or [found[1]]), found[2]]
    if (found := _RUN_TOGETHER.fullmatch(word)) and not re.fullmatch(r"log_?\d+", word):
        return [part for part in found.groups() if part]
    if found := _PI_AND_LETTER.fullmatch(word):
        return [found[1], found[2]]
    return list(word) if _PRODUCT.fullmatch(word) else None


def log_base(word: str) -> int | None:
    """The base in `log2`, `log_10`; `None` for any other word."""
    digits = word[3:].lstrip("_") if word.startswith("log") else ""
    return int(digits) if digits.isdigit() and len(digits) <= 6 else None


def differential(token: Token) -> str | None:
    """`x` for the word `dx`, `None` for any other token."""
    text = token.text
    if token.kind == "word" and text[0] == "d" and len(text) > 1 and is_variable(text[1:]):
        return text[1:]
    return None
