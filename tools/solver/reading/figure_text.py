"""Words of a question about a figure: its measures with their values and units, bare dimensions, what is asked.

The whole text must be made of known measures, values, units, the nouns of figures and small words; anything else means
that the question is about something different. Which measures a figure has is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from ...errors import ToolError
from .clauses import read_expression
from .figure_words import (
    BREAKS,
    FILLERS,
    FIXED_POWERS,
    LISTED,
    MEASURES,
    MOSTLY_ASKED,
    REWORDED,
    SPOKEN,
    UNIT_POWERS,
    UNITS,
)
from .syntax import Node, Number, Variable

_PIECE = re.compile(
    r"\s*(?:(?P<number>\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)|(?P<word>[A-Za-z]+)|(?P<op>[-+*/^()=,;:√.|?]))"
)
_OPENS = frozenset(("sqrt", "pi", "√", "("))


@dataclass(frozen=True, slots=True)
class Amount:
    """A value with its unit and the power of it: `5 cm^2` is (5, "cm", 2)."""

    node: Node
    unit: str = ""
    power: int = 1


@dataclass
class FigureText:
    """What a question about a figure says.

    Args:
        given: measures with their values, in the order of the text.
        bare: values of dimensions that no measure names, as in `a 3 by 4 rectangle`.
        asked: measures without a value.
        nouns: the nouns of figures.
        letters: values given to letters, as in `r = 5`.
        output: the unit that the answer is wanted in; the power of it and the word it was written with follow.
        words: the small words that were passed, as they may tell a question of another kind.
    """

    given: list[tuple[str, Amount]] = field(default_factory=list)
    bare: list[Amount] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    nouns: list[str] = field(default_factory=list)
    letters: list[tuple[str, Amount]] = field(default_factory=list)
    output: str = ""
    output_power: int = 0
    output_word: str = ""
    words: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "word" else ""


_END = _Piece("end", "", 0, 0)


def read_figure_text(
    text: str, nouns: dict[str, str], assumptions: list[str], more_words: frozenset[str] = frozenset()
) -> FigureText | None:
    """Take a question about a figure apart.

    Args:
        text: plain text, see `tokens.plain_text`.
        nouns: phrases that name a figure, each with the name that it is known by.
        assumptions: receives those made in reading the values.
        more_words: small words that may stand in the question besides the usual ones.

    Returns:
        `None` if a word or a sign is not known.
    """
    scanner = _Scanner(text, nouns, assumptions, more_words)
    try:
        return scanner.read()
    except (_NotAFigure, ToolError):
        return None


class _NotAFigure(Exception):
    """The text is about something else."""


class _Scanner:
    def __init__(self, text: str, nouns: dict[str, str], assumptions: list[str], more: frozenset[str]) -> None:
        for pattern, replacement in REWORDED:
            text = pattern.sub(replacement, text)
        self.text = text
        self.nouns = nouns
        self.assumptions = assumptions
        self.more = more
        self.pieces = _pieces(text)
        self.place = 0
        self.found = FigureText()
        self.waiting = ""  # a measure that a value may follow
        self.listed = False  # whether it may take several values
        self.taken = False  # whether it has taken one
        self.before: Amount | None = None  # a value that a measure may follow
        self.chained = False  # whether that value ends a chain such as 3 by 4
        self.trailing = False  # whether the last value was given to a measure after it

    def piece(self, ahead: int = 0) -> _Piece:
        place = self.place + ahead
        return self.pieces[place] if 0 <= place < len(self.pieces) else _END

    def read(self) -> FigureText:
        while self.place < len(self.pieces):
            if not (self._lettered() or self._output() or self._noun() or self._measure() or self._amount()):
                self._small_word()
        self._settle()
        found = self.found
        _settle_unknown(found)
        if not found.asked and self.trailing and found.given and found.given[-1][0] in MOSTLY_ASKED:
            measure, amount = found.given.pop()  # "square 5 area"
            found.bare.append(amount)
            found.asked.append(measure)
        return found

    def _settle(self) -> None:
        """A measure that got no value is asked for; a value that got no measure is a bare dimension."""
        if self.waiting and not self.taken:
            self.found.asked.append(self.waiting)
        self.waiting, self.listed, self.taken = "", False, False
        if self.before is not None:
            self.found.bare.append(self.before)
            self.before = None

    def _phrase(self, table: dict[str, str]) -> tuple[str, int]:
        """The longest phrase of a table that stands here, and its number of pieces."""
        spelled: list[str] = []
        best = ("", 0)
        for ahead in range(6):
            word = self.piece(ahead).word
            if not word:
                break
            spelled.append(word)
            if " ".join(spelled) in table:
                best = (" ".join(spelled), ahead + 1)
        return best

    def _noun(self) -> bool:
        phrase, count = self._phrase(self.nouns)
        if not phrase or self._phrase(MEASURES)[1] > count:
            return False
        self.place += count
        self.found.nouns.append(self.nouns[phrase])
        if not (self.waiting and not self.taken and self.before is None and self._value_announced()):
            self._settle()  # "the area of the circle is 50" goes on
        return True

    def _measure(self) -> bool:
        phrase, count = self._phrase(MEASURES)
        if not phrase:
            return False
        measure = MEASURES[phrase]
        self.place += count
        if self.before is not None and not self.chained and not self._value_announced():
            self.found.given.append((measure, self.before))
            self.before = None
            self.trailing = True
            return True
        self._settle()
        self.waiting, self.listed, self.taken = measure, phrase in LISTED, False
        return True

    def _value_announced(self) -> bool:
        """Whether the measure just read says that its value follows: `radius of 5`, `radius = 5`."""
        if not (self.piece().word in ("of", "is", "are", "equals", "was", "were") or self.piece().text == "="):
            return False
        return self.piece(1).kind == "number" or self.piece(1).word in _OPENS or self.piece(1).text in _OPENS

    def _lettered(self) -> bool:
        """`r = 5`."""
        first, second = self.piece(), self.piece(1)
        if not (first.kind == "word" and len(first.text) == 1 and second.text == "="):
            return False
        start = self.place
        self.place += 2
        amount = self._read_amount()
        if amount is None:
            self.place = start
            raise _NotAFigure
        self._settle()
        self.found.letters.append((first.text, amount))
        return True

    def _output(self) -> bool:
        """`in cm`, `in square feet`."""
        if self.piece().word not in ("in", "into"):
            return False
        start = self.place
        self.place += 1
        unit, power = self._unit(sure=True)
        if unit:
            self.found.output, self.found.output_power = unit, power
            self.found.output_word = self.piece(-1).word
            return True
        self.place = start
        return False

    def _amount(self) -> bool:
        before = self.piece(-1)
        amount = self._read_amount()
        if amount is None:
            return False
        described = before.word in ("a", "an") or self._dimension_follows(before)
        if self.waiting and (self.listed or not (self.taken or described)):
            self.found.given.append((self.waiting, amount))
            self.taken, self.trailing = True, False
            return True
        self._settle()
        self.before = amount
        self.chained = before.word in ("by", "x") or before.text == "*" or self._chain_follows()
        self.trailing = False
        return True

    def _chain_follows(self) -> bool:
        return self.piece().word in ("by", "x") or self.piece().text == "*"

    def _dimension_follows(self, before: _Piece) -> bool:
        """Whether this value is the first of `3 by 4`, or is followed by the noun that it describes."""
        if self._chain_follows():
            return True
        noun = bool(self._phrase(self.nouns)[0]) and not self._phrase(MEASURES)[0]
        return noun and (before.word == "of" or self.waiting in MOSTLY_ASKED)

    def _small_word(self) -> None:
        piece = self.piece()
        self.place += 1
        if piece.kind == "word":
            if piece.word not in FILLERS and piece.word not in self.more and piece.word != "x":
                raise _NotAFigure
            self.found.words.add(piece.word)
            if piece.word in BREAKS or (piece.word == "and" and not self.listed):
                self._settle()
            return
        if piece.text in (",", ";", ".", "?") and not self.listed:
            self._settle()
        if piece.text not in (",", ";", ":", "=", "*", ".", "?"):
            raise _NotAFigure

    def _read_amount(self) -> Amount | None:
        start = self.place
        if not self._value():
            self.place = start
            return None
        spelled = self.text[self.pieces[start].start : self.pieces[self.place - 1].end]
        if self.place == start + 1 and self.pieces[start].word in SPOKEN:
            node: Node = Number(Fraction(SPOKEN[self.pieces[start].word]))
        else:
            node = read_expression(spelled, self.assumptions)
        unit, power = self._unit()
        return Amount(node, unit, power)

    def _value(self) -> bool:
        """Pass a value: a sum of products of numbers, letters, roots and brackets."""
        if self.piece().text == "-" and (self.waiting or self.piece(-1).text in ("=", ":")):
            self.place += 1
        if not self._operand():
            return False
        while True:
            operator = self.piece().text
            if operator == "*" and self._separates():
                return True
            if operator in ("+", "-", "/", "*", "^") and self.piece().kind == "op":
                place = self.place
                self.place += 1
                if not self._operand():
                    self.place = place
                    return True
            elif self._juxtaposed():
                if not self._operand():
                    return True
            else:
                return True

    def _separates(self) -> bool:
        return self.pieces[self.place - 1].kind == "number" and self.piece(1).kind == "number"

    def _juxtaposed(self) -> bool:
        last, piece = self.pieces[self.place - 1], self.piece()
        if piece.text == "(" or piece.word in ("pi", "sqrt") or piece.text == "√":
            return last.kind == "number" or last.text == ")"
        if piece.kind == "number":  # 2 1/2
            return last.kind == "number" and self.piece(1).text == "/" and self.piece(2).kind == "number"
        letter = piece.kind == "word" and len(piece.text) == 1
        if (
            not (letter and last.kind == "number")
            or piece.word in UNITS
            or (piece.word == "x" and self.piece(1).kind == "number")
        ):
            return False
        return piece.start == last.end

    def _operand(self) -> bool:
        piece = self.piece()
        if piece.kind == "number" or piece.word in ("pi",) or (piece.word in SPOKEN):
            self.place += 1
            return True
        if piece.word == "sqrt" or piece.text == "√":
            self.place += 1
            return self._operand()
        if piece.text == "(":
            depth, ahead = 0, 0
            while self.piece(ahead).kind != "end":
                text = self.piece(ahead).text
                depth += (text == "(") - (text == ")")
                ahead += 1
                if depth == 0:
                    self.place += ahead
                    return True
            raise _NotAFigure
        if piece.kind == "word" and len(piece.text) == 1 and self._is_letter(piece):
            self.place += 1
            return True
        return False

    def _is_letter(self, piece: _Piece) -> bool:
        """Whether a single letter is a value, not the article and not the sign in `3 x 4`."""
        if piece.word == "x" and self.place and self.pieces[self.place - 1].kind == "number":
            return False
        if piece.word in ("a", "s", "i"):
            follows = self.piece(1)
            return bool(self.waiting) and (follows.kind in ("end", "op") or follows.word in ("and", "with"))
        return True

    def _unit(self, *, sure: bool = False) -> tuple[str, int]:
        """The unit that stands here and its power, or an empty name.

        Args:
            sure: whether only a unit can stand here, so that `in` is an inch.
        """
        power, ahead = 1, 0
        if self.piece().word in UNIT_POWERS and self.piece(1).word in UNITS:
            power, ahead = UNIT_POWERS[self.piece().word], 1
        word = self.piece(ahead).word
        name = UNITS.get(word, "")
        if not name or (word == "in" and not sure and not ahead and not self._is_inch()):
            return "", 1
        if word == "l" and not sure and self.piece(1).text == "=":
            return "", 1
        self.place += ahead + 1
        power = FIXED_POWERS.get(name, power)
        for texts in (("^", "2"), ("^", "3"), ("^", "(", "2", ")"), ("^", "(", "3", ")")):
            if [self.piece(n).text for n in range(len(texts))] == list(texts):
                power = 2 if "2" in texts else 3
                self.place += len(texts)
        follows, last = self.piece(), self.pieces[self.place - 1]
        if follows.text in ("2", "3") and follows.start == last.end:
            power = int(follows.text)
            self.place += 1
        if self.piece().word in ("squared", "cubed"):
            power = 2 if self.piece().word == "squared" else 3
            self.place += 1
        return name, power

    def _is_inch(self) -> bool:
        follows = self.piece(1)
        if follows.kind in ("end", "op"):
            return True
        if follows.word in ("the", "terms", "a", "an", "square", "sq", "cubic", "total"):
            return False
        return follows.word not in UNITS or follows.word == "in"


def _settle_unknown(found: FigureText) -> None:
    """In `find x: legs x and 12`, what is called x is asked for."""
    letters = [(measure, amount) for measure, amount in found.given if isinstance(amount.node, Variable)]
    found.bare = [amount for amount in found.bare if all(amount.node != known.node for _, known in letters)]
    if len(letters) == 1 and len(found.given) > 1 and not found.asked:
        found.given.remove(letters[0])
        found.asked.append(letters[0][0])


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _PIECE.match(text, place)
        if found is None:
            raise_at = _Piece("bad", text[place:].strip()[:1], place, place + 1)
            return [*pieces, raise_at]
        kind = str(found.lastgroup)
        pieces.append(_Piece(kind, found[kind], found.start(kind), found.end(kind)))
        place = found.end()
    return pieces
