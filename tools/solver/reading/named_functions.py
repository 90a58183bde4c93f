"""A function and a question about it that does not write it again: `f(x) = x^2 - 4x + 3. Find the vertex.`

Asked after all other domains, which read many such questions themselves. The question is completed (`find the vertex of
f(x)`) and read as a question with a definition.
"""

from __future__ import annotations

import re

from .clauses import TextReader
from .syntax import Ask, Request

_GIVEN = re.compile(
    r"(?:(?:let|suppose|assume|define|given|consider|if|for)\s+(?:that\s+)?)?(?:the\s+)?(?:function\s+)?"
    r"(?:(?P<name>[A-Za-z])\s*\(\s*(?P<letter>[a-z])\s*\)|(?P<y>y))\s*(?:=|is)\s*(?P<formula>[^;]+?)"
    r"\s*(?:[.;](?=\s|$)|,|\n)\s*(?:and\s+|then\s+)?(?P<question>(?:what|where|when|which|find|calculate|compute|determine|give|is|are|does"
    r"|differentiate|integrate|evaluate|list|show|state|sketch|plot|graph|the)\b[^.;]*)",
    re.IGNORECASE,
)
_ITS = re.compile(r"\bits\b", re.IGNORECASE)
_PLACE = re.compile(r"\s+(?=(?:at|from|on|over|between|when|for|in|as|with|about|near|where)\b)", re.IGNORECASE)


def read_named_function(text: str, assumptions: list[str]) -> Request | None:
    """Complete such a question; `None` for everything else."""
    if "=" not in text and " is " not in text:
        return None
    found = _GIVEN.fullmatch(text)
    if not found or found["formula"].count("=") or "," in found["formula"]:
        return None
    name, letter = (found["name"] or "f", found["letter"] or "x")
    call = f"{name}({letter})"
    question = _ITS.sub("the", found["question"].rstrip(" ?!"))
    named = re.compile(
        rf"(?<![A-Za-z]){name}(?![A-Za-z(' ]*\()(?![A-Za-z'])|\b(?:the|this) (?:function|curve|graph|parabola)\b"
    )
    if found["y"]:
        named = re.compile(r"(?<![A-Za-z])y(?![A-Za-z'(])|\b(?:the|this) (?:function|curve|graph|parabola)\b")
    if named.search(question):
        asked = named.sub(call, question)
    else:
        what, *place = _PLACE.split(question, maxsplit=1)
        asked = " ".join([f"{what} of {call}", *place])
    return Ask("chain", (), (f"{call} = {found['formula']}", asked))


READERS: list[TextReader] = [read_named_function]
