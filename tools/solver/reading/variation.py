# ruff: noqa: E501  a pattern is read more easily on one line
"""Direct, inverse and joint variation: `y varies inversely as the square of x and y = 3 when x = 2; find y when x = 4`."""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .syntax import Apply, Ask, Node, Number, Request, Variable

_LONGEST = 300
_MODE = r"(?:jointly|directly|inversely|indirectly|in direct proportion|in inverse proportion|direct|inverse)"
_RELATION = re.compile(
    rf"(?P<y>[a-zA-Z]) (?:varies|vary|is|changes|are)(?: in)? (?P<mode>{_MODE} )?(?:proportional(?:ly)? |proportion |variation )?(?:as |to |with )*(?P<rest>.+)",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"(?:(?P<mode>{_MODE}) )?(?:proportional )?(?:as |to |with )*(?:the )?(?:(?P<power>square root|square|cube root|cube|fourth power|reciprocal)(?: of)? )?(?:the )?(?P<x>[a-zA-Z])(?: ?\^ ?(?P<exponent>\d)| (?P<spoken>squared|cubed))?",
    re.IGNORECASE,
)
_POWERS = {"square": (2, 1), "cube": (3, 1), "fourth power": (4, 1), "square root": (1, 2), "cube root": (1, 3), "reciprocal": (-1, 1)}  # fmt: skip
_VALUE = re.compile(
    r"(?<![a-zA-Z])(?P<name>[a-zA-Z]) ?(?:=|is equal to|is|equals) ?(?P<value>-?\d[\d.]*(?:/\d+)?)(?![a-zA-Z\d])"
)
_END_OF_LAW = re.compile(
    r"[,.;:]\s|,$|\s(?:and|if|when|where|given|such that|with)\s(?=(?:if |when |that |also )?[a-zA-Z] ?(?:=|is \d|equals|is equal))|\s(?:and|then) (?=find|what)",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:find|what is|what's|calculate|determine|work out|compute|what will|write|give|state)\s+(?:the )?(?:value of )?(?P<wanted>.+)$",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"^(?:(?:find|what is|calculate|determine|compute|give)\s+)?(?:the )?(?:value of )?(?P<wanted>.{1,60}?),? (?:if|given(?: that)?|where|when)\s+(?=[a-zA-Z] (?:varies|is (?:directly|inversely|jointly|proportional)))",
    re.IGNORECASE,
)
_HINT = re.compile(r"\bvar(?:ies|y)\b|proportional|proportion to", re.IGNORECASE)


def read_variation(text: str, assumptions: list[str]) -> Request | None:
    """A question about variation; `None` for everything else."""
    if len(text) > _LONGEST or not _HINT.search(text):
        return None
    text = " ".join(text.split()).strip(" ?.")
    wanted = ""
    if first := _FIRST.match(text):
        wanted, text = first["wanted"], text[first.end() :]
    text = re.sub(r"^(?:if|suppose(?: that)?|given(?: that)?|assume(?: that)?)\s+", "", text, flags=re.IGNORECASE)
    found = _RELATION.fullmatch(text)
    if found is None or not (found["mode"] or "proportion" in text.lower() or "varies" in text.lower()):
        return None
    end = _END_OF_LAW.search(found["rest"])
    law = _law(found["rest"][: end.start()] if end else found["rest"], (found["mode"] or "").lower())
    if law is None:
        return None
    case = found["rest"][end.end() :] if end else ""
    if not wanted and (question := _QUESTION.search(case)):
        wanted, case = question["wanted"], case[: question.start()]
    return _asked(found["y"], law, case, wanted)


def _law(text: str, mode: str) -> Node | None:
    """The product of powers that the quantity is proportional to."""
    factors: list[Node] = []
    inverse = "inver" in mode or "indirect" in mode
    for piece in re.split(r",? and |, ", text.strip()):
        found = _PART.fullmatch(piece.strip())
        if found is None:
            return None
        if found["mode"]:
            inverse = found["mode"].lower().startswith(("inver", "indirect", "in inver"))
        upper, lower = _POWERS.get((found["power"] or "").lower(), (1, 1))
        upper *= int(found["exponent"] or {"squared": 2, "cubed": 3}.get((found["spoken"] or "").lower(), 1))
        exponent = Fraction(-upper if inverse else upper, lower)
        factors.append(Apply("^", (Variable(found["x"]), Number(exponent))))
    return factors[0] if len(factors) == 1 else Apply("*", tuple(factors))


def _values(text: str) -> dict[str, Node] | None:
    found: dict[str, Node] = {}
    for part in _VALUE.finditer(text):
        try:
            found[part["name"]] = read_expression(part["value"].rstrip("."), [])
        except ToolError:
            return None
    return found


def _asked(unknown: str, law: Node, case: str, wanted: str) -> Request | None:
    given, new = _values(case), _values(wanted)
    if given is None or new is None or unknown not in given:
        return None
    height = given.pop(unknown)
    if re.search(r"constant|\bk\b", wanted, re.IGNORECASE):
        aim = "constant"
    elif re.search(r"equation|formula|relationship|in terms of|function", wanted, re.IGNORECASE):
        aim = "equation"
    else:
        named = re.match(r"(?:[a-z]+ of )?([a-zA-Z])(?=\s|$)", wanted.strip())
        if named is None:
            return None
        aim = named[1]
    words = (unknown, aim, *given, "|", *new)
    return Ask("variation", (law, height, *given.values(), *new.values()), words)


READERS: list[TextReader] = [read_variation]
