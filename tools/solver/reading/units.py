# ruff: noqa: E501  a pattern is read more easily on one line
"""Queries about units: `60 mph in m/s`, `how many cups are in a gallon`, `5 km + 300 m`, `is 5 km longer than 3 miles`.

A question is one of units if it names a unit to convert to, or if a unit in it is unmistakable: `3 m + 2 m` is algebra,
`3 km + 2 m` is not. Currencies are refused, since exchange rates are not mathematics. How quantities are read is in
`unit_expressions`.
"""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader
from .syntax import Ask, Request
from .tokens import Token, tokenize
from .unit_expressions import NotAQuantity, Powers, UnitParser, is_angle, is_plain_letter, unit_tag
from .unit_names import is_unmistakable, nearest_unit
from .unit_text import as_formula, split_rounding, written_out
from .wording import spoken_to_signs

_WORD = re.compile(r"[A-Za-z]+")
_LETTERS = re.compile(
    r"\d\s*(?:degrees|deg|(?:degrees\s+)?[A-Za-z]{1,3})(?:[ */^\d]{1,3}[A-Za-z]){0,3}\s+(?:in|to|into|as)\s+"
    r"(?:degrees\s+)?[A-Za-z]{1,8}\b|\d\s*['\"]|[a-z]/[a-z]|\bOmega\b|\b(?:area|volume|perimeter)\b.*\d\s*[a-z]\b"
)
# `12 m / 4 s` divides quantities; the same letters without a space before them are algebra.
_SPACED = re.compile(r"\d m/s\b|\d (?:[mgNJWVAL])\)?\s*(?:/|divided by)\s*\(?\d+(?:\.\d+)? [shA]\b")
_LEADS = frozenset(
    [
        "what",
        "whats",
        "is",
        "are",
        "was",
        "be",
        "calculate",
        "compute",
        "evaluate",
        "find",
        "please",
        "can",
        "could",
        "you",
        "determine",
        "give",
        "show",
        "tell",
        "me",
        "us",
        "work",
        "out",
        "get",
        "answer",
        "how",
        "much",
        "value",
        "do",
        "need",
        "want",
        "know",
        "help",
        "ok",
        "okay",
        "so",
        "now",
        "hey",
        "using",
        "write",
        "state",
        "convert",
        "change",
        "express",
        "turn",
        "transform",
        "transfer",
        "translate",
        "conversion",
        "of",
        "the",
        "from",
        "length",
        "distance",
        "weight",
        "mass",
        "temperature",
        "speed",
        "volume",
        "area",
        "long",
        "far",
        "heavy",
        "tall",
        "big",
        "fast",
        "hot",
        "cold",
        "wide",
        "high",
        "old",
        "deep",
        "quantity",
        "amount",
        "i",
        "have",
        "exactly",
        "does",
        "equal",
        "simplify",
        "in",
        "total",
        "many",
        "rate",
        "density",
        "pressure",
        "force",
        "energy",
        "power",
        "average",
    ]
)
_TO = ("to", "in", "into", "as", "->", "=", "equals", "equal", "is", "are", "makes", "make", "expressed", "using")
_AFTER_TO = (
    "what",
    "how",
    "many",
    "much",
    "units",
    "unit",
    "of",
    "terms",
    "in",
    "to",
    "the",
    "a",
    "number",
    "into",
    "equal",
    "as",
)
_BETWEEN = ("are", "is", "there", "in", "per", "make", "makes", "up", "equal", "equals", "to", "does", "do", "can", "you",
            "fit", "into", "=", "from", "it", "contained", "long", "tall", "high", "wide", "heavy", "deep", "old", "for",
            "comprise", "within")  # fmt: skip
_TRAILING = ("have", "has", "contain", "equal", "make", "last", "there", "long", "tall", "high", "wide", "heavy", "old",
             "total", "altogether", "weigh")  # fmt: skip
_LARGER = ("longer", "more", "greater", "larger", "bigger", "heavier", "faster", "hotter", "taller", "warmer", "farther",
           "further", "higher", "wider")  # fmt: skip
_SMALLER = ("shorter", "less", "smaller", "lighter", "slower", "colder", "cooler", "lower", "nearer")
_PAIRS = {"sum": "+", "add": "+", "total": "+", "difference": "-", "subtract": "-", "product": "*", "multiply": "*",
          "divide": "/", "quotient": "/", "ratio": "/"}  # fmt: skip
_SHAPES = {"area": 2, "volume": 3}
_SHAPE = re.compile(r"\b(?:area|volume|perimeter|circumference)\b", re.IGNORECASE)
_DIMENSIONED = re.compile(r"\b(area|volume|perimeter) of (?:a |an |the )?(?:\w+ )?(?:\w+ )?(?=[\d(])")
_CURRENCIES = (
    r"(?:us |canadian |australian |british )?(?:dollars?|euros?|pounds? sterling|sterling|yen|yuan|renminbi|rupees?|francs?|rubles?"
    r"|pesos?|kron[ae]r?|bitcoins?|usd|eur|gbp|jpy|cny|inr|chf|cad|aud|krw|btc)"
)
_CURRENCY = re.compile(
    rf"\b(?P<a>{_CURRENCIES}|pounds?)\s*(?:to|in|into|=|is how many|equals|are in|is|worth in)\s+(?P<b>{_CURRENCIES})$"
    rf"|\b(?P<c>{_CURRENCIES})\s*(?:to|in|into|=|is how many)\s+(?:british )?pounds?$|\d\s*(?:to|in|into)\s+{_CURRENCIES}$"
    rf"|\bhow (?:many|much) (?P<d>{_CURRENCIES}) (?:is|are|in|are in|are there in|for) [\d.,]+ ?(?P<e>{_CURRENCIES})\b"
    r"|\bexchange rate\b",
    re.IGNORECASE,
)


class _Question:
    """Reads a whole query; the program that it makes is described in `unit_expressions`."""

    def __init__(self, tokens: list[Token], text: str) -> None:
        self.parser = UnitParser(tokens)
        self.text = text
        self.ending: list[str] = []

    def read(self) -> Request | None:
        parser = self.parser
        for form in (self._counted, self._larger, self._paired, self._shape, self._contained, self._converted):
            start = parser.position
            try:
                if request := form():
                    return request
            except NotAQuantity:
                pass
            parser.position = start
            parser.parts_by_and = True
            parser.program.clear()
            parser.numbers.clear()
            parser.units.clear()
            self.ending.clear()
        return None

    def _lead_ins(self) -> None:
        parser = self.parser
        while parser.token.word in _LEADS or parser.token.text in (":", ","):
            if parser.token.word == "speed" and parser.ahead(2).word == "light":
                return
            parser.position += 1
        if parser.token.word in ("a", "an") and parser.ahead().word in _LEADS:
            parser.position += 1
            self._lead_ins()

    def _request(self, name: str = "units") -> Request:
        words = (*self.parser.program, *self.ending)
        return Ask(name, tuple(self.parser.numbers), words)

    def _converted(self) -> Request | None:
        """`5 miles [in km]`."""
        parser = self.parser
        self._lead_ins()
        parser.quantity()
        numbered = any(token.kind == "number" for token in parser.tokens) or "speed_of_light" in parser.units
        shape = _SHAPE.search(self.text)  # of which too little was said
        if self._end() and numbered and not shape and self._is_unmistakable():
            return self._request()
        return self._request() if self._target(named_by_word=True) and self._end() else None

    def _target(self, *, named_by_word: bool) -> bool:
        """`in km`, `to feet and inches`."""
        parser = self.parser
        if named_by_word:
            met = len([name for name in parser.units if not is_plain_letter(name)])
            if not parser.accept(*_TO):
                return False
            while not (
                parser.token.word == "in" and (parser.ahead().kind == "end" or parser.ahead().text == "^")
            ) and parser.accept(*_AFTER_TO):
                pass
            if parser.at_end():
                return False
            if not parser.units:
                return False
            start = parser.token
            if self._units_to() is False:
                if met and start.kind == "word" and len(start.text) > 2 and parser.ahead().kind == "end":
                    near = nearest_unit(start.text)
                    hint = f"; did you mean {near}?" if near else "; write for example: convert 5 miles to km"
                    raise ToolError(f"{start.text!r} is not a unit that is known{hint}")
                return False
            return True
        return self._units_to()

    def _units_to(self) -> bool:
        parser = self.parser
        found: list[Powers] = []
        while True:
            powers = parser.unit_expression(measured=True)
            if powers is None:
                return False
            found.append(powers)
            if not (parser.accept("and", ",", "or")):
                break
            parser.accept("and")
        self.ending += [unit_tag(powers, "to") for powers in found]
        return True

    def _end(self) -> bool:
        return self.parser.at_end()

    def _is_unmistakable(self) -> bool:
        units = self.parser.units
        if _SPACED.search(self.text):
            return True
        return not all(is_angle(name) for name in units) and any(is_unmistakable(name) for name in units)

    def _counted(self) -> Request | None:
        """`how many feet are there in 2 miles`."""
        parser = self.parser
        while parser.token.word in _LEADS and parser.token.word not in ("how", "many"):
            parser.position += 1
        if not (parser.accept("how") and parser.accept("many", "much")) and not (
            parser.accept("number") and parser.accept("of")
        ):
            return None
        parser.accept("of")
        if not self._units_to():
            return None
        met = len(parser.units)
        while parser.accept(*_BETWEEN):
            pass
        parser.quantity()
        while parser.accept(*_TRAILING):
            pass
        ending = self.ending
        named = parser.units[met:]
        return self._request() if self._end() and ending and named else None

    def _contained(self) -> Request | None:
        """`feet in a mile`."""
        parser = self.parser
        self._lead_ins()
        if not self._units_to() or not parser.accept("in", "per", "to", "from"):
            return None
        if parser.token.kind != "number" and parser.token.word not in ("a", "an"):
            return None
        met = len(parser.units)
        parser.quantity()
        long_names = any(len(name) > 1 for name in parser.units)
        return self._request() if self._end() and len(parser.units) > met and long_names else None

    def _larger(self) -> Request | None:
        """`is 5 km longer than 3 miles`, `which is larger, 5 km or 3 miles`."""
        parser = self.parser
        if parser.accept("which", "what"):
            parser.accept("is")
            relation = ">" if parser.token.word in _LARGER else "<" if parser.token.word in _SMALLER else ""
            if not relation:
                return None
            parser.position += 1
            parser.accept(":", ",")
            parser.quantity()
            parser.accept(",")
            if not parser.accept("or", "and"):
                return None
            kind = "which"
        else:
            if not parser.accept("is", "are"):
                return None
            parser.quantity()
            relation = ">" if parser.token.word in _LARGER else "<" if parser.token.word in _SMALLER else ""
            if relation:
                parser.position += 1
            elif parser.accept("equal", "same", "="):
                relation = "="
                parser.accept("as")
            else:
                return None
            parser.accept("than", "to")
            kind = "is"
        parser.quantity()
        if not self._end() or not self._is_unmistakable():
            return None
        self.ending.append(f"{kind} {relation}")
        return self._request("compare quantities")

    def _paired(self) -> Request | None:
        """`add 5 km and 300 m`, `the difference between 2 kg and 300 g`."""
        parser = self.parser
        while parser.token.word in _LEADS and parser.token.word not in _PAIRS:
            parser.position += 1
        op = _PAIRS.get(parser.token.word)
        if op is None:
            return None
        verb = parser.token.word
        parser.position += 1
        while parser.accept("of", "between"):
            pass
        parser.parts_by_and = False
        parser.quantity()
        while True:
            reverse = verb == "subtract" and parser.token.word == "from"
            if not parser.accept("and", "to", "from", "by", "with", ","):
                break
            parser.accept("and")
            start, length = parser.position, len(parser.program)
            try:
                parser.quantity()
            except NotAQuantity:
                parser.position = start - 1
                del parser.program[length:]
                break
            parser.program.append("swap-" if reverse else op)
        if not any(word in ("+", "-", "*", "/", "swap-") for word in parser.program):
            return None
        if not self._end() and not (self._target(named_by_word=True) and self._end()):
            return None
        return self._request() if self._is_unmistakable() else None

    def _shape(self) -> Request | None:
        """`area of 3 m by 4 m`, `volume of a box 2 m by 30 cm by 1 m in litres`."""
        found = _DIMENSIONED.search(self.text.lower())
        if found is None:
            return None
        parser = self.parser
        while not parser.at_end() and parser.token.kind != "number" and parser.token.text != "(":
            if parser.token.word in ("circle", "triangle", "sphere", "cylinder", "cone", "pyramid", "prism"):
                return None
            parser.position += 1
        kind = found[1]
        parser.factor()
        sides = 1
        while parser.accept("by", "x", "*", "and"):
            parser.factor()
            sides += 1
            parser.program.append("+" if kind == "perimeter" else "*")
        if sides != _SHAPES.get(kind, 2) or not parser.units:
            return None
        if kind == "perimeter":
            parser.program.append("twice")
        if not self._end() and not (self._target(named_by_word=True) and self._end()):
            return None
        return self._request()


def read_units(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about units; `None` for everything else.

    Raises:
        ToolError: for currencies, whose rates change, and for a unit that is not known.
    """
    if (found := _CURRENCY.search(text)) and _are_different_currencies(found):
        raise ToolError(
            "exchange rates change every day and are not known here; multiply the amount by the rate, such as 100*1.08"
        )
    if not _may_be_units(text):
        return None
    text, ending = split_rounding(text)
    text, shares = as_formula(written_out(text))
    try:
        tokens, assumed = tokenize(text)
        question = _Question(spoken_to_signs(tokens), text)
        request = question.read()
    except NotAQuantity:
        return None
    except ToolError as error:
        if "unit" in str(error):
            raise
        return None
    if not isinstance(request, Ask):
        return None
    assumptions += assumed
    return Ask(request.name, request.args, (*request.words, *ending, *shares))


def _are_different_currencies(found: re.Match[str]) -> bool:
    names = [name.lower()[:3] for group in "abde" if (name := found[group])]
    return len(names) != 2 or names[0] != names[1]


def _may_be_units(text: str) -> bool:
    """A cheap look for any word that is a unit and hardly anything else."""
    if _LETTERS.search(text) or _SPACED.search(text):
        return True
    return any(is_unmistakable(word) for word in set(_WORD.findall(text)))


READERS: list[TextReader] = [read_units]
