# ruff: noqa: E501  a pattern is read more easily on one line
"""Sequences given by their first terms: `next term in 3, 8, 15, 24`, `the n'th term of 5, 7, 9`, `10th term of 2, 6, 18`."""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader, read_expression, read_list, without_lead_ins
from .syntax import Ask, Node, Relation, Request, Sequence, Variable, variables_of

_LEAD = re.compile(
    r"(?:what is|what's|what are|which is|find|calculate|compute|determine|give(?: me)?|tell me|please|the|a|an|general|formula for|expression for|rule for|explicit|closed form)\s+",
    re.IGNORECASE,
)
_OF = r"(?:\s+(?:in|of|for|to))?(?:\s+(?:this|the(?: following)?|number|integer))*(?:\s+(?:arithmetic|geometric|quadratic))?(?:\s+(?:sequence|series|pattern|progression|list))?\s*:?\s*"
_NEXT = re.compile(
    rf"(?:(?:next|missing)(?:\s+(?P<count>two|three|four|2|3|4))?(?:\s+(?:terms?|numbers?|values?|elements?|in))?|(?:what )?(?:number )?comes next){_OF}(?P<list>.+)"
    rf"|(?P<before>.+?)(?:,\s*(?:\.{{2,}}|\u2026|_+|\?))?,?\s+(?:what\s+(?:is|comes)\s+)?(?:the\s+)?next(?:\s+(?:term|number))?",
    re.IGNORECASE,
)
_NTH = re.compile(
    rf"(?:(?P<letter>[a-z])\s*(?:'|-)?\s*th|general|(?P<place>\d{{1,9}})(?:st|nd|rd|th))(?:\s+(?:term|number|element|value))?{_OF}(?P<list>.+)"
    rf"|(?:formula|rule|expression){_OF}(?P<formula>.+)",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"(?:(?P<place>\d{1,9})(?:st|nd|rd|th)|(?P<letter>[a-z])\s*(?:'|-)?\s*th|(?P<sum>sum of(?: the)? first (?P<terms>\d{1,9}|[a-z])|sum))\s+(?:terms?|number)?\s*(?:of|in)\s+(?:an?\s+|the\s+)?(?P<kind>arithmetic|geometric|infinite geometric)\s+(?:sequence|series|progression)\s*(?:with|where|if|when|whose|that has|having|,)?\s*(?:the\s+)?(?:first term\s*(?:is|of|=|:)?\s*|a_?1?\s*=\s*)(?P<first>[^,]+?)\s*(?:,|and|,\s*and)\s*(?:the\s+)?(?:common\s+)?(?:difference|ratio|d|r)\s*(?:is|of|=|:)?\s*(?P<step>[^,]+)",
    re.IGNORECASE,
)
_HINT = re.compile(r"\bnext\b|th\b|\bterm|\bsequence|general|formula|missing|st\b|nd\b|rd\b", re.IGNORECASE)
_WORDS = {"two": 2, "three": 3, "four": 4}
_MOST_TERMS = 40


_HOW_MANY = re.compile(
    rf"(?:how many|number of) terms(?: are)?(?: there)?{_OF}(?P<list>[^.\u2026]+?),?\s*(?:\.{{2,}}|\u2026),?\s*(?P<last>[^.\u2026,]+)",
    re.IGNORECASE,
)


def read_sequence(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about a sequence of numbers; `None` for everything else."""
    spaced = re.sub(r",?\s*(?:\.{2,}|\u2026)\s*$", "", " ".join(text.split()))
    if len(spaced) > 300 or not _HINT.search(spaced):
        return None
    for candidate in without_lead_ins(spaced, _LEAD):
        if request := _request(candidate, assumptions):
            return request
    return None


def _request(text: str, assumptions: list[str]) -> Request | None:
    if found := _HOW_MANY.fullmatch(text):
        terms = _terms(found["list"], assumptions)
        last = read_expression(found["last"], assumptions)
        return None if terms is None or variables_of(last) else Ask("count terms", (last, *terms))
    if found := _GIVEN.fullmatch(text):
        return _given(found, assumptions)
    if found := _NTH.fullmatch(text):
        terms = _terms(found["list"] or found["formula"], assumptions)
        if terms is None:
            return None
        if found["place"]:
            return Ask("term at", tuple(terms), (found["place"],))
        return Ask("nth term", (Variable(found["letter"] or "n"), *terms))
    if found := _NEXT.fullmatch(text):
        terms = _terms(found["list"] or found["before"], assumptions)
        count = found["count"] or "1"
        return None if terms is None else Ask("next terms", tuple(terms), (str(_WORDS.get(count.lower(), count)),))
    return None


def _terms(text: str, assumptions: list[str]) -> list[Node] | None:
    try:
        nodes = read_list(re.sub(r",?\s*(?:\.{2,}|\u2026|_+|\?)\s*$", "", text.strip(" ,")), assumptions)
    except ToolError:
        return None
    plain = not any(isinstance(node, Relation | Sequence) or variables_of(node) for node in nodes)
    return nodes if plain and 2 <= len(nodes) <= _MOST_TERMS else None


def _given(found: re.Match[str], assumptions: list[str]) -> Request | None:
    try:
        first, step = (read_expression(found[name], assumptions) for name in ("first", "step"))
        place = found["place"] or found["letter"] or found["terms"] or ""
        at = [read_expression(place, assumptions)] if place else []
    except ToolError:
        return None
    kind = "geometric" if "geometric" in found["kind"].lower() else "arithmetic"
    return Ask("progression", (first, step, *at), (kind, "sum" if found["sum"] else "term"))


READERS: list[TextReader] = [read_sequence]
