# ruff: noqa: E501  a pattern is read more easily on one line
"""Functions in pieces: `f(x) = {x^2 if x < 1; 2x if x >= 1}. Is f continuous at 1?`, `x^2 for x < 0 and x otherwise`.

LaTeX's `cases` arrive in the first of these forms.
"""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .syntax import Ask, Node, Request, Sequence

_NAME = re.compile(r"(?:\b(?P<name>[A-Za-z])\s*\(\s*(?P<var>[a-z])\s*\)|\by)\s*=\s*(?=\S)")
_SIDE = r"[^\s,;{}<>=][^,;{}<>=]*?"
_IF = r"(?:,?\s*(?:\bif\b|\bwhen(?:ever)?\b|\bfor(?: all)?\b|\bwhere\b|\bon\b|\bas long as\b)|,)"
_MOST_PIECES = 8
_QUESTIONS = (
    ("continuous at", r"(?:is|check (?:if|whether)|determine (?:if|whether)|show that)?\s*(?:{f}|it|the function)?\s*(?:is )?(?:continuous|continuity)(?: of {f})? (?:at|in) (?:the point )?(?:x\s*=\s*)?(?P<a>.+)"),
    ("differentiable at", r"(?:is|check (?:if|whether)|determine (?:if|whether))?\s*(?:{f}|it|the function)?\s*(?:is )?differentiable at (?:x\s*=\s*)?(?P<a>.+)"),
    ("continuous", r"(?:(?:where )?is|check (?:if|whether)|determine (?:if|whether|where))?\s*(?:{f}|it|the function)?\s*(?:is )?(?:continuous|discontinuous)(?: everywhere)?|(?:points? of discontinuity|discontinuities)(?: of {f})?|continuity(?: of {f})?"),
    ("parameter", r"(?:the )?(?:values? of )?(?P<k>[a-z](?:\s*(?:,|and)\s*[a-z])*)\s*(?:so that|such that|for which|that makes?|to make|which makes?|if)\s*(?:{f}|it|the function)?\s*(?:is |to be )?(?:continuous|(?P<smooth>differentiable))(?: (?:everywhere|at .+|for all .+))?"),
    ("limit", r"(?:the )?(?:lim(?:it)?)(?: of {f})?\s*(?:as)?\s*\(?x\s*(?:->|to|approaches|tends to)\s*(?P<a>[^\s)+-]+?|-[^\s)+-]+?)(?P<side>[+-]|\^\(?[+-]\)?| from the (?:left|right))?\)?(?: (?:of )?{f})?"),
    ("integral", r"(?:the )?(?:integral|integrate|area)(?: of)?(?: {f}| it| under {f}| the function)?(?: d[a-z])? (?:from|between) (?P<a>.+?) (?:to|and) (?P<b>.+)"),
    ("derivative", r"(?:the )?(?:derivative|differentiate|{d})(?: of)?(?: {f}| it| the function)?"),
    ("values", r"(?P<points>{n}\s*\([^()]*\)(?:\s*(?:,|and)\s*{n}\s*\([^()]*\))*)|(?:the value )?(?:of {f} )?at (?:x\s*=\s*)?(?P<a>.+)"),
    ("equation", r"{f}\s*=\s*(?P<a>.+)"),
)  # fmt: skip
_LEAD = re.compile(
    r"^(?:\s|[.,;:}]|\b(?:what(?:'s| is| are)?|find|evaluate|calculate|compute|determine|solve|give|the|then|and|let|given|consider|piecewise|function|value|if|of|for|suppose|define)\b)+",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"\b(?:given|if|for|of|let|where|when|with|the|piecewise|function|consider|suppose)\s*$", re.IGNORECASE
)


def read_piecewise(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    if not re.search(r"[<>]|!=|\botherwise\b|\belse\b", text) or len(text) > 400:
        return None
    named = _NAME.search(text)
    start = named.end() if named else text.find("{")
    if start < 0:
        return None
    name = (named["name"] if named else None) or "f"
    variable = (named["var"] if named else None) or "x"
    pieces, end = _pieces(text, start, variable)
    if len(pieces) < 2:
        return None
    before = text[: named.start() if named else start].strip()
    while before and (cut := _LAST.sub("", before).strip(" ,;:")) != before:
        before = cut
    after = text[end:].strip(" .,;:}?")
    question = _LEAD.sub("", f"{before} {name} {after}" if before and after else before or after)
    asked = _question(question, name, variable)
    if asked is None:
        if not question:
            raise ToolError(
                "ask something of the function in pieces, for example: f(2), is f continuous at 1, integrate f from 0 to 2"
            )
        return None
    kind, words, bounds = asked
    nodes = [_piece(piece, assumptions) for piece in pieces]
    args = (*(node for node, _ in nodes), *(read_expression(bound, assumptions) for bound in bounds))
    return Ask("piecewise", args, (kind, variable, ",".join(mark for _, mark in nodes), *words))


def _pieces(text: str, start: int, variable: str) -> tuple[list[tuple[str, str]], int]:
    """The formulas with their conditions, and where they end."""
    condition = rf"(?:{_SIDE}\s*(?:<=?|>=?)\s*{variable}\s*(?:<=?|>=?)\s*{_SIDE}|{variable}\s*(?:<=?|>=?|!=|=)\s*{_SIDE}|{variable} (?:is )?not (?:equal to )?{_SIDE}|otherwise|else(?:where)?|{_SIDE}\s*(?:<=?|>=?)\s*{variable})"
    formula = r"(?P<formula>[^;{}<>=]+?)"
    ends = r"(?P<end>\s*(?:[;,}]|\.(?=\s|$)|$|\band\b|\bfind\b|\bis\b|\bwhat\b))"
    pattern = re.compile(
        rf"[\s{{,;]*(?:and\s+)?{formula}(?:{_IF}\s*|\s+(?=otherwise|else))(?:if\s+|for\s+|when\s+)?(?P<condition>{condition}){ends}",
        re.IGNORECASE,
    )
    found: list[tuple[str, str]] = []
    position = start
    while len(found) <= _MOST_PIECES and (piece := pattern.match(text, position)):
        found.append((piece["formula"].strip(" ,"), piece["condition"].strip()))
        word = piece["end"].strip().lower() in ("find", "is", "what")
        position = piece.start("end") if word else piece.end()
        if piece["end"].strip() in ("}", ".") or word:
            break
    if len(found) > _MOST_PIECES:
        raise ToolError(f"a function of at most {_MOST_PIECES} pieces is read")
    return found, position


def _question(text: str, name: str, variable: str) -> tuple[str, tuple[str, ...], list[str]] | None:
    function = rf"{name}(?:\s*\(\s*{variable}\s*\))?"
    primed = rf"{name}\s*'(?:\s*\(\s*{variable}\s*\))?"
    for kind, pattern in _QUESTIONS:
        written = pattern.replace("{f}", function).replace("{d}", primed).replace("{n}", name)
        found = re.fullmatch(written.replace("x\\s*", rf"{variable}\s*"), text, re.IGNORECASE)
        if not found:
            continue
        parts = {key: value for key, value in found.groupdict().items() if value}
        if kind == "parameter":
            letters = re.findall(r"\b[a-z]\b", parts["k"])
            return kind, ("smooth" if "smooth" in parts else "continuous", *letters), []
        if kind == "values" and "points" in parts:
            return kind, (), re.findall(r"\(\s*([^()]*?)\s*\)", parts["points"])
        side = parts.get("side", "")
        words = ("left" if "-" in side or "left" in side else "right",) if side else ()
        return kind, words, [parts[key] for key in ("a", "b") if key in parts]
    return None


def _piece(piece: tuple[str, str], assumptions: list[str]) -> tuple[Node, str]:
    """A formula with its bounds, and a mark: the relations on both sides, `else`, or `!=`."""
    formula, condition = piece
    value = read_expression(formula, assumptions)
    if re.fullmatch(r"otherwise|else(?:where)?", condition, re.IGNORECASE):
        return Sequence((value,)), "else"
    condition = re.sub(r"\s+(?:is )?not (?:equal to )?", " != ", condition)
    parts = re.split(r"\s*(<=|>=|!=|<|>|=)\s*", condition)
    if len(parts) == 5:
        low, first, _, second, high = parts
        if first[0] != second[0]:
            raise ToolError(f"the condition {condition} does not name one interval")
        if first[0] == ">":
            low, first, second, high = high, second.replace(">", "<"), first.replace(">", "<"), low
        return Sequence((value, *(read_expression(part, assumptions) for part in (low, high)))), f"{first} {second}"
    left, sign, right = parts
    if len(left.strip()) > 1 or not left.strip().isalpha():
        left, right, sign = right, left, sign.translate(str.maketrans("<>", "><"))
    return Sequence((value, read_expression(right, assumptions))), sign


READERS: list[TextReader] = [read_piecewise]
