"""Formulas that an answer states: what may be read as one, and whether it is a finished answer.

Nothing is evaluated here. What passes goes to the solver as part of a query, so it must hold no words of a command, no
unbalanced bracket and no second statement: `0)*((0` would make any difference vanish.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from ....agent.numerals import Number, plain_digits, read_number
from ....agent.word_lists import words

MAX_CHARS = 200
_MOST_DIGITS = 80
_FUNCTIONS = words(
    "sqrt cbrt sin cos tan sec csc cot asin acos atan arcsin arccos arctan sinh cosh tanh asinh acosh atanh ln log "
    "exp abs erf pi infinity"
)
_LATEX = {"frac": "", "dfrac": "", "tfrac": "", "cdot": "*", "times": "*", "left": "", "right": "", "infty": "infinity"}
_SIGNS = {"×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "π": " pi ", "∞": " infinity ", "√": " sqrt", "–": "-"}
_SPELLINGS = {"**": "^", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "{": "(", "}": ")"}
_TOKEN = re.compile(r"\s+|(?P<token>[0-9]+(?:\.[0-9]+)?|\.[0-9]+|\*\*|\\?[A-Za-z]+|[-+*/^(){}])")
_NOT_ATOMS = frozenset("+-*/^()")
_HUGE = re.compile(r"^\d{4,}$")
# What a tool writes behind a result is no part of its value: the constant of an integral, the rest of a series.
_REST = re.compile(r"\s*\+\s*(?:[Cc]|O\((?:[^()]|\([^()]*\)){1,40}\))\s*$")
_NEGATING = words("not minus negative never isn't isn’t plus times over except than")
_WORD = re.compile(r"[A-Za-z'’]{2,}[,:;.]?|[IAa]")
_MOST_WORDS = 12
_AFTER_A_LETTER = frozenset("=<>≤≥+-*/^")


@dataclass(frozen=True)
class Formula:
    """A formula of a text.

    Args:
        text: for the solver.
        tokens: numbers, names, signs and brackets, in one spelling.
    """

    text: str
    tokens: tuple[str, ...]

    @cached_property
    def atoms(self) -> Counter[str]:
        """Its numbers and names, however they are joined and ordered."""
        return Counter(token for token in self.tokens if token not in _NOT_ATOMS)

    @property
    def size(self) -> int:
        """How many numbers and names it has."""
        return self.atoms.total()

    @property
    def is_constant(self) -> bool:
        """Whether it has a value without knowing any letter; `e` and `i` are constants."""
        names = (atom for atom in self.atoms if atom[0].isalpha())
        return all(name in _FUNCTIONS or name in ("e", "i") for name in names)

    @cached_property
    def number(self) -> Number | None:
        return read_number(self.text)


def read_formula(text: str) -> Formula | None:
    """The formula that a text is; `None` where it is anything else."""
    text = plain_digits(_REST.sub("", text.strip()))
    if not text or len(text) > MAX_CHARS:
        return None
    if (number := read_number(text)) is not None and not number.percent:
        text = text.replace(",", "")
    for sign, spelling in _SIGNS.items():
        text = text.replace(sign, spelling)
    tokens: list[str] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            return None
        place = match.end()
        if (token := match["token"]) is not None:
            if (spelled := _spelled(token)) is None:
                return None
            tokens += [spelled] if spelled else []
    if not _is_sound(tokens):
        return None
    return Formula(" ".join(text.split()), tuple(tokens))


def _spelled(token: str) -> str | None:
    """A token in its one spelling, empty for what is layout; `None` for a word that is no part of a formula."""
    if token[0] == "\\":
        name = token[1:]
        return _LATEX[name] if name in _LATEX else _spelled(name)
    if token[0].isalpha():
        token = _SPELLINGS.get(token, token)
        return token if len(token) == 1 or token in _FUNCTIONS else None
    if token[0].isdigit() or token[0] == ".":
        if len(token) > _MOST_DIGITS:
            return None
        whole, _, decimals = token.partition(".")
        decimals = decimals.rstrip("0")
        return (whole.lstrip("0") or "0") + (f".{decimals}" if decimals else "")
    return _SPELLINGS.get(token, token)


def _is_sound(tokens: list[str]) -> bool:
    depth = 0
    for before, sign in pairwise(["", *tokens]):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0 or (before == "^" and _HUGE.match(sign)):
            return False
    return depth == 0 and any(sign not in _NOT_ATOMS for sign in tokens)


def without_words(text: str) -> str:
    """A text without the words before its formula: `That gives 2*x` becomes `2*x`.

    A word that turns the meaning around, such as "not", stays.
    """
    parts = text.split(" ")
    for at, word in enumerate(parts[:_MOST_WORDS]):
        lowered = word.casefold().rstrip(",:;.")
        is_word = _WORD.fullmatch(word) and lowered not in _FUNCTIONS and lowered not in _NEGATING
        is_letter = len(word) == 1 and parts[at + 1 : at + 2] and parts[at + 1][:1] in _AFTER_A_LETTER
        if not is_word or is_letter or read_formula(" ".join(parts[at:])) is not None:
            return " ".join(parts[at:])
    return text


def is_finished(said: Formula, wanted: Iterable[Formula], question: str) -> bool:
    """Whether a formula is an answer rather than the question over again.

    `475951 * 767.68` has the value that is asked for, and so has whatever the question says. An answer is not finished

    - where the question holds it, or its numbers and names in another order;
    - where it is a constant and has a number of the question, of several digits, that the expected answer lacks;
    - where it is a constant and has more numbers and names than the expected answer, or twice as many with a letter;
    - where it is a fraction that can be reduced.

    Args:
        said: not the expected one, but equal to it.
        wanted: the expected answer in its forms.
        question: what the user asked, and the query that the tool should get.
    """
    forms = list(wanted)
    if said.number is not None:
        return said.number.reduced
    if is_asked(said, question):
        return False
    size = max(form.size for form in forms)
    if not said.is_constant:
        return said.size <= 2 * size + 2
    allowed = {atom for form in forms for atom in form.atoms}
    numbers = (atom for atom in said.atoms if atom[0].isdigit() and len(atom) > 1)
    asked = numerals_of(question)
    return said.size <= size and not any(atom in asked and atom not in allowed for atom in numbers)


def is_asked(said: Formula, question: str) -> bool:
    """Whether a question holds a formula, or its numbers and names in another order."""
    if said.size < 2:
        return False
    if squeezed(said.text) in squeezed(question):
        return True
    asked = (read_formula(without_words(part)) for part in re.split(r"[,;:=?\n]", question[:2000]))
    return any(part is not None and part.atoms == said.atoms for part in asked)


def numerals_of(text: str) -> frozenset[str]:
    """The numbers of a text in the spelling of `Formula.tokens`."""
    found = re.findall(r"[0-9]+(?:\.[0-9]+)?", plain_digits(text[:4000]).replace(",", ""))
    return frozenset(spelled for spelled in map(_spelled, found) if spelled)


def squeezed(text: str) -> str:
    """A text without space and signs of multiplication, to look for a formula in it."""
    for sign, spelling in _SIGNS.items():
        text = text.replace(sign, spelling.strip())
    return re.sub(r"[\s*]", "", text.replace("**", "^")).casefold()
