# ruff: noqa: E501  a pattern is read more easily on one line
"""Finite sets: `{1,2,3} union {3,4}`, `is {1,2} a subset of {1,2,3}`, `A = {1,2}, B = {2,3}, find A \u2229 B`, `power set of {a,b}`.

Sets become `Sequence` nodes, operations `Apply` nodes named `set union` and so on.
"""

from __future__ import annotations

import re
from functools import cache

from ...errors import ToolError
from .clauses import TextReader, read_expression, read_list, without_lead_ins
from .syntax import Apply, Ask, Node, Request, Sequence

_MOST_ELEMENTS = 60
_MOST_NESTING = 20
_SET = r"\{[^{}]*\}"
_TOKEN = re.compile(
    r"\s*(?:(?P<set>\{[^{}]*\}|\u2205|\bempty set\b)|(?P<union>\bunion(?: with)?\b|\u222a)|(?P<intersection>\bintersect(?:ion|ed|s)?(?: with)?\b|\u2229)"
    r"|(?P<symmetric>\bsymmetric difference(?: with)?\b|\bxor\b|\u25b3|\u2206|\u2295|\u0394)|(?P<difference>\bminus\b|\bdifference(?: with)?\b|\bwithout\b|\\|-|\u2212|\u2216)"
    r"|(?P<product>\b(?:cross|times)\b|\u00d7|\*|\bx\b)|(?P<complement>'|\^c\b|\^C\b)|(?P<open>\()|(?P<close>\))|(?P<name>[A-Z])(?![A-Za-z]))"
)
_FIRST = {"union": "union", "intersection": "intersection", "symmetric difference": "symmetric", "difference": "difference", "cartesian product": "product", "cross product": "product", "product": "product"}  # fmt: skip
_LEAD = re.compile(
    r"(?:what is|what's|what are|find|calculate|compute|determine|give|list|evaluate|please|the|set|all|then|elements of|value of|how many elements (?:are )?in)\s+",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    rf"(?:(?:let|if|given|suppose|for|with|where|and)\s+)?(?:that\s+)?(?:the\s+)?(?:sets?\s+)?(?P<name>[A-Z])\s*(?:=|be|is|:)\s*(?:the set\s+)?(?P<set>{_SET}|\u2205)\s*(?:,\s*and\b|,|;|\.|\band\b)?\s*",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"\{|[\u222a\u2229\u2286\u2282\u2208\u2209\u2205]|\bset\b|\bunion\b|\bn\([A-Z]\)|\|[A-Z]\|", re.IGNORECASE
)
_SIZES = re.compile(r"(?:n\s*\(\s*(?P<a>[A-Z](?:\s*(?:\u222a|\u2229|union|intersect(?:ion)?|or|and)\s*[A-Z])?)\s*\)|\|\s*(?P<b>[A-Z](?:\s*(?:\u222a|\u2229|union|intersect(?:ion)?)\s*[A-Z])?)\s*\|)\s*(?:=|is)\s*(?P<size>\d{1,9})")  # fmt: skip
_WANTED = re.compile(r"(?:find|what is|calculate|determine|then)\s+(?:the value of\s+)?(?:n\s*\(\s*(?P<a>[A-Z]\s*(?:\u222a|\u2229|union|intersect(?:ion)?|or|and)?\s*[A-Z]?)\s*\)|\|\s*(?P<b>[A-Z]\s*(?:\u222a|\u2229|union|intersect(?:ion)?)?\s*[A-Z]?)\s*\|)$", re.IGNORECASE)  # fmt: skip


class _Unread(Exception):
    """The text is nothing about sets."""


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    first = "|".join(sorted(_FIRST, key=len, reverse=True))
    forms = [
        ("power set", r"(?:power ?set|all subsets|subsets) of (?P<a>.+)"),
        ("power set", r"(?:P|\u2118)\s*\(\s*(?P<a>\{.*\})\s*\)"),
        ("size", r"(?:cardinality|size|number of elements|order) (?:of|in) (?P<a>.+)"),
        ("size", r"(?:how many elements (?:are|does) (?:there )?(?:in )?)(?P<a>.+?)(?: have)?"),
        ("size", r"\|\s*(?P<a>(?:\{.*\}|\(?[A-Z]\b.*[A-Z)'}]))\s*\|"),
        ("count subsets", r"(?:how many|number of) subsets (?:does |of |has )?(?P<a>.+?)(?: have| has)?"),
        ("complement", r"complement of (?P<a>.+?)(?: (?:in|with respect to|relative to|wrt|if (?:the )?(?:universal set|universe) is|in (?:the )?universe)(?: (?:universal set|universe|U))?\s*=?\s*)(?P<b>.+)"),
        ("subset", r"(?:is )?(?P<a>.+?)\s*(?:is )?(?:(?:an? )?(?:improper )?subset of|\u2286|contained in)\s*(?P<b>.+)"),
        ("proper subset", r"(?:is )?(?P<a>.+?)\s*(?:is )?(?:(?:an? )?proper subset of|\u2282|\u228a)\s*(?P<b>.+)"),
        ("superset", r"(?:is )?(?P<a>.+?)\s*(?:is )?(?:(?:an? )?superset of|\u2287)\s*(?P<b>.+)"),
        ("disjoint", r"are (?P<a>.+?) and (?P<b>.+?) disjoint(?: sets)?"),
        ("equal", r"are (?P<a>\{.+?) and (?P<b>.+?\}) (?:equal|the same)(?: sets)?"),
        ("equal", r"is (?P<a>\{.+?)\s*(?:equal to|the same (?:set )?as|=)\s*(?P<b>\{.+)"),
        ("member", r"(?:is )?(?P<e>[^{}]+?)\s*(?:(?:an? )?(?:element|member) of|in|\u2208|belongs? to)\s*(?P<b>\{.*)"),
        ("not member", r"(?:is )?(?P<e>[^{}]+?)\s*(?:not (?:an? )?(?:element|member) of|not in|\u2209)\s*(?P<b>\{.*)"),
        ("list", rf"(?P<op>{first}) (?:of|between) (?:the )?(?:sets? )?(?P<a>.+?) (?:and|with) (?:the )?(?:set )?(?P<b>.+)"),
        ("list", r"(?P<a>.+)"),
    ]  # fmt: skip
    return [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in forms]


class _Formula:
    """An expression of sets; `known` holds the sets that were given names before."""

    def __init__(self, text: str, known: dict[str, Node], assumptions: list[str]) -> None:
        self.known = known
        self.assumptions = assumptions
        self.operations = 0
        self.tokens: list[tuple[str, str]] = []
        position, text = 0, text.strip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None or found.lastgroup is None:
                raise _Unread
            self.tokens.append((found.lastgroup, found[0].strip()))
            position = found.end()
        self.position = 0

    def read(self) -> Node:
        node = self._sum(0)
        if self.position < len(self.tokens):
            raise _Unread
        return node

    def _kind(self) -> str:
        return self.tokens[self.position][0] if self.position < len(self.tokens) else "end"

    def _sum(self, depth: int) -> Node:
        node = self._operand(depth)
        while (kind := self._kind()) in ("union", "intersection", "symmetric", "difference", "product"):
            self.position += 1
            self.operations += 1
            node = Apply(f"set {kind}", (node, self._operand(depth)))
        return node

    def _operand(self, depth: int) -> Node:
        if depth > _MOST_NESTING:
            raise _Unread
        kind = self._kind()
        text = self.tokens[self.position][1] if kind != "end" else ""
        self.position += 1
        if kind == "open":
            node = self._sum(depth + 1)
            if self._kind() != "close":
                raise _Unread
            self.position += 1
        elif kind == "set":
            node = _elements(text, self.assumptions)
        elif kind == "name" and text in self.known:
            node = self.known[text]
        else:
            raise _Unread
        while self._kind() == "complement":
            if "U" not in self.known:
                raise ToolError(
                    "the complement needs the universal set; write for example: U = {1,2,3}, A = {1}, find A'"
                )
            self.position += 1
            self.operations += 1
            node = Apply("set difference", (self.known["U"], node))
        return node


def _elements(text: str, assumptions: list[str]) -> Node:
    inner = text.strip().removeprefix("{").removesuffix("}").strip()
    if text.lower() == "empty set" or inner in ("", "\u2205"):
        return Sequence(())
    if steps := re.fullmatch(r"(-?\d{1,6})\s*,\s*(-?\d{1,6})\s*,\s*(?:\.{2,}|\u2026)\s*,\s*(-?\d{1,6})", inner):
        first, second, last = (int(part) for part in steps.groups())
        if second == first or not 0 <= (last - first) // (second - first) < _MOST_ELEMENTS:
            raise ToolError(f"a set can have at most {_MOST_ELEMENTS} elements")
        inner = ", ".join(map(str, range(first, last + (1 if second > first else -1), second - first)))
    try:
        items = read_list(inner, assumptions)
    except ToolError:
        raise _Unread from None
    if len(items) > _MOST_ELEMENTS:
        raise ToolError(f"a set can have at most {_MOST_ELEMENTS} elements")
    return Sequence(tuple(items))


def _element(text: str, assumptions: list[str]) -> Node:
    try:
        return read_expression(text, assumptions)
    except ToolError:
        raise _Unread from None


def read_sets(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about finite sets; `None` for everything else."""
    spaced = " ".join(text.split())
    if len(spaced) > 400 or not _HINT.search(spaced):
        return None
    if request := _sizes(spaced):
        return request
    known: dict[str, Node] = {}
    while found := _GIVEN.match(spaced):
        try:
            known[found["name"].upper()] = _elements(found["set"], assumptions)
        except _Unread:
            return None
        spaced = spaced[found.end() :]
    for candidate in without_lead_ins(spaced, _LEAD):
        for name, pattern in _forms():
            found = pattern.fullmatch(candidate)
            if found and (request := _request(name, found.groupdict(), known, assumptions)):
                return request
    return None


def _request(name: str, parts: dict[str, str | None], known: dict[str, Node], assumptions: list[str]) -> Request | None:
    noted: list[str] = []
    try:
        formulas = [_Formula(text, known, noted) for key in "ab" if (text := parts.get(key))]
        nodes: list[Node] = [formula.read() for formula in formulas]
        if element := parts.get("e"):
            nodes.insert(0, _element(element, noted))
    except _Unread:
        return None
    if operation := parts.get("op"):
        nodes = [Apply(f"set {_FIRST[operation.lower()]}", tuple(nodes))]
    elif name == "list" and not (known or any(formula.operations for formula in formulas)):
        return None  # a list in braces that nothing is done with
    if name == "complement":
        nodes, name = [Apply("set difference", (nodes[1], nodes[0]))], "list"
    if name == "superset":
        nodes, name = nodes[::-1], "subset"
    assumptions += noted
    return Ask(f"set {name}", tuple(nodes))


def _sizes(text: str) -> Request | None:
    """`n(A) = 10, n(B) = 15, n(A \u2229 B) = 4, find n(A \u222a B)`: three of four sizes are known."""
    wanted = _WANTED.search(text)
    if wanted is None:
        return None
    sizes = {_which(found): int(found["size"]) for found in _SIZES.finditer(text[: wanted.start()])}
    asked = _which(wanted)
    names = {name for name in (*sizes, asked) if len(name) == 1}
    if len(sizes) != 3 or asked in sizes or len(names) != 2 or {*sizes, asked} != names | {"union", "both"}:
        return None
    first, second = sorted(names)
    total = {first: 1, second: 1, "union": -1, "both": -1}
    return Ask("set sizes", (), (str(-sum(total[name] * size for name, size in sizes.items()) // total[asked]),))


def _which(found: re.Match[str]) -> str:
    inner = (found["a"] or found["b"]).strip()
    if len(inner) == 1:
        return inner
    return "union" if re.search(r"\u222a|union|or", inner, re.IGNORECASE) else "both"


READERS: list[TextReader] = [read_sets]
