# ruff: noqa: E501  a pattern is read more easily on one line
"""Functions put into each other in words: `find f composed with g if f(x)=2x+1 and g(x)=x^2`.

The definitions and `(f o g)(x)` are read again as a chain of sentences.
"""

from __future__ import annotations

from .story_text import compiled
from .syntax import Request

_OF = r"\s*\(\s*x\s*\)"
_DEFINED = rf"(?P<{{0}}>[a-z]){_OF}\s*(?:=|is)\s*(?P<{{0}}body>[^=;]+?)"
_BOTH = rf"{_DEFINED.format('a')}\s*(?:,|;|\.)?\s*(?:\band\b|,|;|\bwith\b)\s*{_DEFINED.format('b')}"
_ASK = r"(?:please )?(?:find|what is|calculate|compute|determine|evaluate|give|write|form)?\s*(?:the )?"
_WORDS = rf"(?:composition (?:of )?(?P<f1>[a-z])(?:{_OF})? (?:and|with|of|after|following) (?P<g1>[a-z])(?:{_OF})?|(?P<f2>[a-z])(?:{_OF})? (?:composed with|composed of|circle|compose) (?P<g2>[a-z])(?:{_OF})?|compose (?P<f3>[a-z])(?:{_OF})? (?:with|and) (?P<g3>[a-z])(?:{_OF})?)(?: at (?:x ?= ?)?(?P<at>-?\d+(?:\.\d+)?))?"
_WITH_BODIES = rf"{_ASK}(?:compose|composition of|composing) (?:the functions? )?{_DEFINED.format('a')}\s+(?:with|and)\s+{_DEFINED.format('b')}"
_ONLY = rf"{_ASK}(?P<x>{_DEFINED.format('a')}) composed with (?P<y>{_DEFINED.format('b')})"
_HINT = "compos"


def read_composition(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    text = " ".join(text.split())
    question = ""
    for form in (
        rf"{_ASK}{_WORDS}[,;.]? (?:if|when|where|for|given(?: that)?|with) {_BOTH}",
        rf"(?:if|given(?: that)?|let|suppose(?: that)?|for)?\s*{_BOTH}\s*[,;.]\s*(?:then )?{_ASK}{_WORDS}",
    ):
        if found := compiled(form).fullmatch(text):
            first, second = next((found[f"f{place}"], found[f"g{place}"]) for place in (1, 2, 3) if found[f"f{place}"])
            question = f"({first} o {second})({found['at'] or 'x'})"
            break
    else:
        found = compiled(_WITH_BODIES).fullmatch(text) or compiled(_ONLY).fullmatch(text)
        if found is None:
            return None
        first, second = found["a"], found["b"]
        question = f"({first} o {second})(x)"
    if {first.lower(), second.lower()} != {found["a"].lower(), found["b"].lower()} or first.lower() == second.lower():
        return None
    from .queries import read_query

    request, noted = read_query(
        f"let {found['a']}(x) = {found['abody'].strip(' ,')}. let {found['b']}(x) = {found['bbody'].strip(' ,.')}. {question}"
    )
    assumptions += [*noted, f"{first} composed with {second} is {first}({second}(x))"]
    return request
