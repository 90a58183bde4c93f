"""Equations in words about a number that is not known: `twice a number minus 3 is 11`.

The number becomes the variable x. Two or more unknown numbers are not read here.
"""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .syntax import Relation, Request, Solve, variables_of

_FIRST = re.compile(r"\b(?:a|some|an unknown|a certain|what|which|my|the same) number\b")
_AGAIN = re.compile(r"\b(?:the|this|that|the same) number\b|\bitself\b")
_OTHERS = re.compile(r"%|per ?cent|\b[xyzn]\b|\d number|prime|factor|multiple|divi[sd]|digit|probab|term|ways")
_LEAD = re.compile(
    r"^(?:(?:find|determine|what is|calculate|solve|solve for)\s+(?:a|the|some) number"
    r" (?:such that|if|for which|when|so that|whose)"
    r"|if|when|suppose(?: that)?|find x if|i (?:am|'m) thinking of a number[.,;]?)\s+"
)
_QUESTION = re.compile(
    r"[.,;?]?\s*(?:what|find|which|determine|calculate)\b[^.;]{0,40}\bnumbers?\b[^.;]{0,20}$|[.,;]\s*what is it$"
)
_EQUALS = re.compile(r"\b(?:is equal to|is the same as|is|equals|gives|results in|makes|yields|becomes|was)\b|=")
_PAIR = re.compile(r"\b(sum|difference|product|quotient) (?:of|between) ([\w^*/. ]+?) and ([\w^*/.]+(?: ?[*/^] ?\w+)?)")
_SIGNS = {"sum": "+", "difference": "-", "product": "*", "quotient": "/"}
_THEN = re.compile(r"\bif (?:you )?(?=add|subtract|multiply|divide|double|triple)")


def read_unknown_number(text: str, assumptions: list[str]) -> Request | None:
    """Read an equation in words about one number; `None` for everything else."""
    lowered = " ".join(text.lower().split())
    if not _FIRST.search(lowered) or _OTHERS.search(lowered) or len(lowered) > 200:
        return None
    lowered = _QUESTION.sub("", _LEAD.sub("", lowered))
    lowered = _AGAIN.sub("x", _FIRST.sub("x", lowered))
    for _ in range(3):
        lowered = _PAIR.sub(lambda found: f"(({found[2]}) {_SIGNS[found[1]]} ({found[3]}))", lowered)
    lowered = re.sub(r"\b(twice|double|triple|half of|square of|cube of|times) x\b", r"\1 (x)", lowered)
    parts = _EQUALS.split(lowered)
    if len(parts) != 2:
        return None
    try:
        left, right = (read_expression(part.strip(" ,.;"), assumptions) for part in parts)
    except ToolError:
        return None
    if variables_of(left, right) != ["x"]:
        return None
    assumptions.append("x is the number")
    return Solve((Relation("=", left, right),), ("x",))


READERS: list[TextReader] = [read_unknown_number]
