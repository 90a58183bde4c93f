# ruff: noqa: E501  a pattern is read more easily on one line
"""Propositional logic: `truth table of p -> q`, `is p or not p a tautology`, `simplify p and (p or q)`.

Operators by falling strength: not, and, xor (also nand, nor), or, implies (to the right), iff. Formulas become `Apply`
nodes named `logic not`, `logic and` and so on, with letters and the constants `logic true` and `logic false` as leaves.
"""

from __future__ import annotations

import re
from functools import cache

from .clauses import TextReader, without_lead_ins
from .syntax import Apply, Ask, Node, Request, Variable

MAX_LETTERS = 8
_MOST_TOKENS = 120
_MOST_NESTING = 60
_TOKEN = re.compile(
    r"\s*(?:(<->|<=>|\u2194|\u21d4|\u2261|if and only if\b|iff\b|is equivalent to\b|equivalent to\b)|(->|=>|\u2192|\u21d2|\u2283|implies\b|only if\b)"
    r"|(xnor\b)|(xor\b|\u2295|exclusive or\b)|(nand\b|\u2191)|(nor\b|\u2193)|(and\b|\u2227|&&?|/\\)|(or\b|\u2228|\|\|?|\\/)|(not\b|\u00ac|~|!|\u02dc)"
    r"|(\(|\[)|(\)|\])|(true\b|\u22a4)|(false\b|\u22a5)|([A-Za-z])(?![A-Za-z])|('))",
    re.IGNORECASE,
)  # fmt: skip
_KINDS = (
    "iff", "implies", "xnor", "xor", "nand", "nor", "and", "or", "not", "open", "close", "true", "false", "letter", "prime",
)  # fmt: skip
# Loosest first; operators of one line are equally strong and group to the left, but `implies` to the right.
_LEVELS = (("iff", "xnor"), ("implies",), ("or", "nor"), ("xor",), ("and", "nand"))
_OPERATORS = frozenset(kind for level in _LEVELS for kind in level) | {"not"}

_LEAD = re.compile(
    r"(?:what is|what's|find|calculate|compute|determine|give(?: me)?|show(?: me)?|make|build|draw|construct|write|create|generate|evaluate"
    r"|please|is it true that|the|a|an|whether|if|check|prove(?: that)?|show that|verify(?: that)?|value of|truth value of|of)\s+",
    re.IGNORECASE,
)
_KIND_OF_FORMULA = (
    r"(?P<kind>tautology|contradiction|satisfiable|unsatisfiable|valid|contingency|contingent|tautological)"
)
_LOGICAL = r"(?:(?:the |a )?(?:logical |boolean |propositional )?(?:expression|formula|statement|proposition|function|implication|conditional)\s*:?\s*)?"
_FORMS: tuple[tuple[str, str], ...] = (
    ("truth table", rf"truth[- ]?table\s*(?:of|for|:)?\s*{_LOGICAL}(?P<a>.+)"),
    ("classified", rf"(?:is|are)\s+{_LOGICAL}(?P<a>.+?)\s+(?:is\s+)?(?:always\s+)?(?:an?\s+)?{_KIND_OF_FORMULA}"),
    ("classified", rf"{_LOGICAL}(?P<a>.+?)\s+is\s+(?:always\s+)?(?:an?\s+)?{_KIND_OF_FORMULA}"),
    ("classified", rf"(?P<kind>tautology|satisfiability|satisfiable)\s*(?:check|test)?\s*(?:of|for|:)\s*{_LOGICAL}(?P<a>.+)"),
    ("equivalent", r"(?:is|are)\s+(?P<a>.+?)\s+(?:logically\s+)?(?:equivalent|equal|the same)\s*(?:to|as)\s+(?P<b>.+)"),
    ("equivalent", r"(?:is|are)\s+(?P<a>.+?)\s+(?:and|,)\s+(?P<b>.+?)\s+(?:logically\s+)?(?:equivalent|equal|the same)"),
    ("follows", r"(?:does|is it true that|from)\s+(?P<a>.+?)\s*(?:entail|entails|imply|does it follow that|follows)\s+(?P<b>.+)"),
    ("follows", r"(?P<a>.+?)\s*,?\s*(?:therefore|\u2234|\u22a8|\u22a2|\|-)\s*(?P<b>.+)"),
    ("negated", rf"(?:negate|negation\s*(?:of|:)?|logical negation of|opposite of)\s*{_LOGICAL}(?P<a>.+)"),
    ("contrapositive", rf"contrapositive\s*(?:of|:|for)?\s*{_LOGICAL}(?P<a>.+)"),
    ("converse", rf"converse\s*(?:of|:|for)?\s*{_LOGICAL}(?P<a>.+)"),
    ("inverse", rf"inverse\s*(?:of|:|for)?\s*{_LOGICAL}(?P<a>.+)"),
    ("cnf", rf"(?:convert\s+(?:to\s+)?)?(?:cnf|conjunctive normal form)\s*(?:of|for|:)?\s*{_LOGICAL}(?P<a>.+)"),
    ("cnf", rf"(?:convert\s+|put\s+)?{_LOGICAL}(?P<a>.+?)\s+(?:to|in|into)\s+(?:cnf|conjunctive normal form)"),
    ("dnf", rf"(?:convert\s+(?:to\s+)?)?(?:dnf|disjunctive normal form)\s*(?:of|for|:)?\s*{_LOGICAL}(?P<a>.+)"),
    ("dnf", rf"(?:convert\s+|put\s+)?{_LOGICAL}(?P<a>.+?)\s+(?:to|in|into)\s+(?:dnf|disjunctive normal form)"),
    ("simplified", rf"(?:simplify|minimi[sz]e|reduce|simplification of)\s*{_LOGICAL}(?P<a>.+)"),
    ("valued", r"(?:if|when|given|suppose|with|for|where)\s+(?P<v>.+?),?\s*(?:then\s+)?(?:what is|find|evaluate|what is the (?:truth )?value of|then)\s+(?P<a>.+?)(?:\s+true(?: or false)?)?"),
    ("valued", rf"{_LOGICAL}(?P<a>.+?)\s+(?:if|when|given|where|with|for)\s+(?P<v>.+)"),
    ("simplified", r"(?:is\s+)?(?P<a>.+)"),
)  # fmt: skip
_HINT = re.compile(
    r"\b(?:and|or|not|xor|nand|nor|xnor|implies|iff|truth|tautology|cnf|dnf|contrapositive|converse|negat\w+|true|false|entails?|therefore)\b"
    r"|[\u2227\u2228\u00ac\u2192\u2194\u21d2\u21d4\u2295\u2283]|->|=>|&|\||/\\",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"\s*(?:both\s+)?([A-Za-z](?:\s*(?:,|and)\s*[A-Za-z])*)\s*(?:=|is|are|:=)\s*(?:both\s+)?(true|false|t|f|1|0)\s*", re.IGNORECASE
)  # fmt: skip
_UNMISTAKABLE = frozenset(("implies", "iff", "xor", "nand", "nor", "xnor", "not", "true", "false"))


class _Unread(Exception):
    """The text is no formula of logic."""


class _Formula:
    """A formula cut into (kind, letter)."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position = 0
        text = text.strip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None or len(self.tokens) > _MOST_TOKENS:
                raise _Unread
            place = found.lastindex or 0
            self.tokens.append((_KINDS[place - 1], found[place]))
            position = found.end()
        self.position = 0

    def read(self) -> Node:
        node = self._level(0, 0)
        if self.position < len(self.tokens):
            raise _Unread
        return node

    @property
    def kinds(self) -> set[str]:
        return {kind for kind, _ in self.tokens}

    def _kind(self) -> str:
        return self.tokens[self.position][0] if self.position < len(self.tokens) else "end"

    def _level(self, level: int, depth: int) -> Node:
        if depth > _MOST_NESTING:
            raise _Unread
        if level == len(_LEVELS):
            return self._negated(depth)
        node = self._level(level + 1, depth)
        while (kind := self._kind()) in _LEVELS[level]:
            self.position += 1
            if kind == "implies":
                return Apply("logic implies", (node, self._level(level, depth + 1)))
            node = Apply(f"logic {kind}", (node, self._level(level + 1, depth)))
        return node

    def _negated(self, depth: int) -> Node:
        if depth > _MOST_NESTING:
            raise _Unread
        if self._kind() == "not":
            self.position += 1
            return Apply("logic not", (self._negated(depth + 1),))
        node = self._leaf(depth)
        while self._kind() == "prime":
            self.position += 1
            node = Apply("logic not", (node,))
        return node

    def _leaf(self, depth: int) -> Node:
        kind = self._kind()
        if kind in ("true", "false"):
            self.position += 1
            return Apply(f"logic {kind}", ())
        if kind == "letter":
            letter = self.tokens[self.position][1]
            self.position += 1
            return Variable(letter)
        if kind != "open":
            raise _Unread
        self.position += 1
        node = self._level(0, depth + 1)
        if self._kind() != "close":
            raise _Unread
        self.position += 1
        return node


@cache
def _compiled() -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _FORMS]


def read_logic(text: str, assumptions: list[str]) -> Request | None:
    """Read a question of propositional logic; `None` for everything else."""
    spaced = " ".join(text.split())
    if len(spaced) > 300 or not _HINT.search(spaced):
        return None
    for candidate in without_lead_ins(spaced, _LEAD):
        for name, pattern in _compiled():
            found = pattern.fullmatch(candidate)
            if found and (request := _request(name, found.groupdict(), assumptions)):
                return request
    return None


def _request(name: str, parts: dict[str, str | None], assumptions: list[str]) -> Request | None:
    if name == "follows":
        return _conclusion(parts["a"] or "", parts["b"] or "")
    try:
        formulas = [_Formula(text) for key in "ab" if (text := parts.get(key))]
        nodes = [formula.read() for formula in formulas]
    except _Unread:
        return None
    kinds = set().union(*(formula.kinds for formula in formulas))
    operators = kinds & _OPERATORS
    signs = bool(_SIGNS.search(" ".join(text for text in parts.values() if text)))
    # `simplify x and y` may be anything, but `simplify p and (p or q)` has two of logic's words.
    if name == "simplified" and not (operators and (kinds & _UNMISTAKABLE or signs or len(operators) > 1)):
        return None
    if name in ("equivalent", "valued", "classified") and not (operators or kinds & {"true", "false"}):
        return None
    if name == "valued":
        values = _values(parts["v"] or "")
        return None if values is None else Ask("logic valued", tuple(nodes), tuple(values))
    return Ask(f"logic {name}", tuple(nodes), (parts.get("kind") or "",))


_SIGNS = re.compile(r"[\u2227\u2228\u00ac\u2192\u2194\u21d2\u21d4\u2295\u2283~&|!]|->|=>|/\\|\b(?:AND|OR|NOT)\b")


def _conclusion(premises: str, conclusion: str) -> Request | None:
    """An argument: premises separated by commas, and what is said to follow from them."""
    try:
        nodes = [_Formula(part).read() for part in re.split(r"\s*[,;]\s*(?:and\s+)?", premises) if part]
        claim = _Formula(conclusion).read()
    except _Unread:
        return None
    return Ask("logic follows", (*nodes, claim)) if nodes else None


def _values(text: str) -> list[str] | None:
    """`p is true and q is false` as `["p=1", "q=0"]`."""
    found: list[str] = []
    for part in re.split(r"\s*(?:,\s*and|,|;|\band\b)\s*(?=[A-Za-z]\s*(?:=|is|are|:=|,|and))", text):
        value = _VALUE.fullmatch(part)
        if value is None:
            return None
        bit = "1" if value[2].lower() in ("true", "t", "1") else "0"
        found += [f"{letter}={bit}" for letter in re.findall(r"[A-Za-z]\b", re.sub(r"\band\b", ",", value[1]))]
    return found


READERS: list[TextReader] = [read_logic]
