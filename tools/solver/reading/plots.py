"""Requests for pictures: `plot sin x from 0 to 10`, `graph y = x^2 - 4`, `draw x^2 + y^2 = 25`, `plot r = 1 + cos t`.

Not read: surfaces of two variables other than as level curves, and charts of named data.
"""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import ClauseParser, TextReader, read_expression, read_list
from .letters import split_words
from .syntax import Apply, Ask, Node, Relation, Request, Sequence, variables_of
from .tokens import tokenize
from .wording import spoken_to_signs

MOST_CURVES = 6
_LEAD = re.compile(
    r"(?:(?:please|can you|could you|show me|show|give me|make|create|i want|now)\s+)*(?:an?\s+|the\s+)?"
    r"(plot|graph|draw|sketch|visuali[sz]e|scatter(?: ?plot)?|diagram)\b(.*)",
    re.IGNORECASE | re.DOTALL,
)
_FILLER = re.compile(
    r"\s*:?\s*(?:(?:me|us|out|the|a|an|graphs?|plots?|curves?|functions?|equations?|inequality|line|lines|parabola|circle"
    r"|ellipse|hyperbola|picture|region|surface|polar|parametric|implicit|of|for|given by)\b\s*)*:?\s*",
    re.IGNORECASE,
)
_RANGES = (
    r"(?:(?:for|with|where|over|on|in|as|,)\s*({v})?\s*)?(?:goes\s+|runs\s+)?(?:from|between)\s+(?:{v}\s*=\s*)?(.+?)\s+(?:to|and|until)\s+(.+)",
    r"(?:for|with|where|over|on|in|when|,)\s*(?:the\s+)?(?:interval\s+|range\s+|domain\s+)?({v})?\s*(?:in|∈|from|over|on)?\s*"
    r"[\[(]\s*([^\[\](),]+(?:\([^()]*\))?)\s*,\s*([^\[\],]+?)\s*[\])]",
    r"(?:for|with|where|when|if|,)\s*(?:all\s+)?()([^<>=,]+?)\s*(?:<=|<|≤)\s*[a-z]+\s*(?:<=|<|≤)\s*([^<>=,]+)",
    r"(?:for|with|where|,)?\s*({v})\s*=\s*(.+?)\s+to\s+(.+)",
)
_PATTERNS = [
    re.compile(r"\s+" + text.replace("{v}", "(?:[a-z]|theta|phi)") + r"\s*\Z", re.IGNORECASE) for text in _RANGES
]
_COMMA = re.compile(r"\s*,\s*(?:for|from|with|where|on|over|in)\b", re.IGNORECASE)
_POINTS = re.compile(r"\s*(?:points?|pairs?|coordinates|data(?: points)?)\b\s*:?\s*", re.IGNORECASE)


def read_plot(text: str, assumptions: list[str]) -> Request | None:
    """A request that begins with a word for a picture; `None` for all others."""
    found = _LEAD.match(text.strip())
    if found is None:
        return None
    rest = found[2][_FILLER.match(found[2]).end() :]  # type: ignore[union-attr]
    if not rest or re.match(r"(cards?|balls?|\d+\s+(cards?|balls?|marbles?))\b", rest, re.IGNORECASE):
        return None
    noted: list[str] = []
    scattered = found[1].lower().startswith("scatter")
    if (named := _POINTS.match(rest)) or scattered:
        return _points(rest[named.end() if named else 0 :], assumptions)
    rest, variable, bounds = _range(rest)
    curves = [_curve(part, noted) for part in _parts(rest)]
    if len(curves) > MOST_CURVES:
        raise ToolError(f"at most {MOST_CURVES} curves fit into one plot, not {len(curves)}; plot fewer of them")
    nodes = [read_expression(bound, noted) for bound in bounds]
    if any(variables_of(node) for node in nodes):
        raise ToolError("the ends of the range must be numbers; write plot sin x from 0 to 10")
    assumptions += noted
    return Ask("plot", (Sequence(tuple(curves)), Sequence(tuple(nodes))), (variable,))


def _points(text: str, assumptions: list[str]) -> Request:
    try:
        items = read_list(text, assumptions)
    except ToolError:
        items = []
    while len(items) == 1 and isinstance(items[0], Sequence) and all(isinstance(i, Sequence) for i in items[0].items):
        items = list(items[0].items)
    if not items or not all(isinstance(item, Sequence) and len(item.items) == 2 for item in items):
        raise ToolError("points are pairs of numbers; write plot the points (1, 2), (3, 4)")
    return Ask("plot points", tuple(items))


def _range(text: str) -> tuple[str, str, tuple[str, ...]]:
    """The text without its range, the variable that was named, and both ends."""
    text = _COMMA.sub(lambda part: part[0].replace(",", " "), text)
    for pattern in _PATTERNS:
        # The last place where a range may begin: an expression may hold brackets and commas of its own.
        for start in [space.start() for space in re.finditer(r"\s+(?=\S)", text)]:
            if found := pattern.match(text, start):
                name = (found[1] or "").lower()
                return text[:start].rstrip(" ,"), name, (found[2], found[3])
    return text, "", ()


def _parts(text: str) -> list[str]:
    """Pieces between commas and `and` that stand outside brackets."""
    parts, depth, last = [], 0, 0
    for found in re.finditer(r"[(\[{]|[)\]}]|[,;]|\s+(?:and|versus|vs|together with|with)\s+", text, re.IGNORECASE):
        sign = found[0]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth == 0:
            parts.append(text[last : found.start()])
            last = found.end()
    return [part.strip() for part in [*parts, text[last:]] if part.strip()]


def _curve(text: str, assumptions: list[str]) -> Node:
    tokens, assumed = tokenize(text)
    assumptions += assumed
    parser = ClauseParser(split_words(spoken_to_signs(tokens), assumptions), assumptions)
    parser.definition()
    nodes = parser.relations()
    parser.finish("plot sin x from 0 to 10")
    if len(nodes) == 1:
        return nodes[0]
    return Apply("and", tuple(nodes)) if all(isinstance(node, Relation) for node in nodes) else nodes[0]


_STEPS = re.compile(
    r"(?:[\s,;.]*(?:\band\b|\bwith\b|\bby\b))?[\s,;.(]*\b(?:show(?:ing)?\s+(?:me\s+)?(?:all\s+)?(?:the\s+|your\s+|each\s+)?(?:steps?|work(?:ing)?)"
    r"|step[\s-]by[\s-]step|(?:with|in|include)\s+(?:all\s+)?(?:the\s+)?(?:steps|working))\b\)?[\s:,.]*",
    re.IGNORECASE,
)
_CHINESE_STEPS = re.compile(
    r"[\s,，。;；]*(?:请|要|并)?(?:写出|给出|列出|展示|附)(?:详细)?(?:的)?(?:步骤|过程|解题步骤|解题过程|计算过程)[\s.。!]*"
)


def without_wish(query: str) -> tuple[str, bool]:
    """The query without `step by step` and the like, and whether it was there."""
    if len(query) > 500:
        return query, False
    text = _CHINESE_STEPS.sub(" ", _STEPS.sub(" ", query, count=2), count=1).strip()
    return (text, True) if text and text != query.strip() else (query, False)


READERS: list[TextReader] = [read_plot]
