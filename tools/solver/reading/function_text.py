# ruff: noqa: E501  a pattern is read more easily on one line
"""What questions about functions share: the function in words, and the clauses `on [0, 2]`, `at x = 1`, `with n = 4`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache

from ...errors import ToolError
from .clauses import read_expression
from .syntax import Apply, Constant, Node, Number, Relation, Sequence, Variable, variables_of

LONGEST = 240
_ZERO = Number(Fraction(0))
_VALUE = r"[^\s,;=<>\[\]](?:[^,;=<>\[\]]{0,38}[^\s,;=<>\[\]])?"
_AMOUNT = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "one": 1}  # fmt: skip
_COUNT = rf"(?P<n>\d{{1,6}}|{'|'.join(_AMOUNT)})"
_SEP = r",?\s*(?:and\s+)?"
_ON = r"(?:on|over|in|for|within|along|across|between|during|where|with|when)"
_TAILS: list[tuple[str, str]] = [
    ("interval", rf"{_SEP}(?:{_ON}\s+)?(?:closed\s+|open\s+|half-open\s+)?interval\s*(?:from\s+)?(?P<open>[\[(\]])\s*(?P<a>{_VALUE})\s*[,;]\s*(?P<b>{_VALUE})\s*(?P<close>[\])\[])"),
    ("interval", rf"{_SEP}{_ON}\s+(?:[a-z]\s+in\s+)?(?P<open>\[)\s*(?P<a>{_VALUE})\s*[,;]\s*(?P<b>{_VALUE})\s*(?P<close>[\])])"),
    ("interval", rf"{_SEP}(?:on|over|in|for)\s+(?:[a-z]\s+in\s+)?(?P<open>\()\s*(?P<a>{_VALUE})\s*,\s*(?P<b>{_VALUE})\s*(?P<close>[\])])"),
    ("interval", rf"{_SEP}(?P<open>\[)\s*(?P<a>{_VALUE})\s*,\s*(?P<b>{_VALUE})\s*(?P<close>[\])])"),
    ("interval", rf"{_SEP}(?:{_ON}\s+)?(?:interval\s+)?(?:for\s+)?(?:[a-z]\s+)?(?:ranging\s+|going\s+|varies\s+)?from\s+(?:[a-z]\s*=\s*)?(?P<a>{_VALUE})\s+(?:to|until)\s+(?:[a-z]\s*=\s*)?(?P<b>{_VALUE})"),
    ("interval", rf"{_SEP}(?:for\s+)?(?:[a-z]\s+)?between\s+(?:[a-z]\s*=\s*)?(?P<a>{_VALUE})\s+and\s+(?:[a-z]\s*=\s*)?(?P<b>{_VALUE})"),
    ("interval", rf"{_SEP}(?:(?:{_ON}|if|interval|given)\s+)*(?P<a>{_VALUE})\s*(?P<lt><=?)\s*[a-z]\s*(?P<rt><=?)\s*(?P<b>{_VALUE})"),
    ("interval", rf"{_SEP}(?:{_ON}\s+)?(?:interval\s+)?(?P<a>-?[\w.]{{1,8}})\s+to\s+(?P<b>-?[\w./]{{1,8}})"),
    ("half", rf"{_SEP}(?:(?:{_ON}|if|given|assuming|provided)\s+)+[a-z]\s*(?P<op>>=?|<=?)\s*(?P<a>{_VALUE})"),
    ("half", rf"{_SEP}(?:{_ON}|if|given)\s+(?P<op>positive|negative)\s+[a-z]"),
    ("point", rf"{_SEP}(?:at|through|near|about|around|passing through|where it passes through)\s+(?:point\s+)?(?:[A-Z]\s*)?\(\s*(?P<a>{_VALUE})\s*,\s*(?P<y>{_VALUE})\s*\)"),
    ("start", rf"{_SEP}(?:(?:and|an|with|using|taking|use|from|initial|starting|starts?|start|guess|value|approximation|point|estimate|beginning|at|of|by|first)\s+)*(?:[a-z]_?[01]|[a-z]\(0\))\s*(?:=|is|of)\s*(?P<a>{_VALUE})"),
    ("start", rf"{_SEP}(?:(?:and|with|using|taking|an|a|use)\s+)*(?:starting|starts?|initial|beginning|first)\s+(?:(?:guess|value|point|approximation|estimate|from|at|with|of|is|x\s*=|=|:)\s*)+(?P<a>{_VALUE})"),
    ("y", rf"{_SEP}(?:at|when|where)\s+(?:points?\s+)?(?:where\s+)?y\s*=\s*(?P<a>{_VALUE})"),
    ("point", rf"{_SEP}(?:at|when|where|near|about|around|for|if|centered at|centred at|through|evaluated at)\s+(?:points?\s+)?(?:where\s+)?(?:[a-z]|theta)\s*(?:=|is|equals)\s*(?P<a>{_VALUE})"),
    ("point", rf"{_SEP}(?:at|near|around|centered at|centred at|evaluated at|about)\s+(?:points?\s+)?(?:a\s*=\s*)?(?P<a>{_VALUE})"),
    ("count", rf"{_SEP}(?:(?:with|using|by|for|and|into|over|do|perform|in|taking|use|after|a|number)\s+)*(?:n|number of (?:sub-?)?intervals|number of (?:steps|strips|rectangles|iterations))\s*(?:=|is|of)\s*{_COUNT}"),
    ("count", rf"{_SEP}(?:(?:with|using|by|for|and|into|over|do|perform|in|taking|use|after|give|first|of)\s+)*{_COUNT}\s+(?:equal(?:ly spaced)?\s+|even\s+)?(?:(?:sub-?)?intervals|rectangles|trapezoids|trapezia|trapeziums|strips|steps|iterations|subdivisions|partitions|parts|divisions|panels|slices|segments|times|approximations)(?:\s+of\s+equal\s+(?:width|length))?"),
    ("method", r"\s*,?\s*(?:using|by|with|via)\s+(?P<method>dis[ck]|washer|shell|cylindrical shell)s?(?:\s+method)?"),
    ("method", r"\s*,?\s*(?:using|by|with|via)\s+(?:method of\s+)(?P<method>dis[ck]|washer|shell|cylindrical shell)s?"),
    ("axis", rf"{_SEP}(?:is\s+|are\s+)?(?:(?:rotated|revolved|turned|spun|rotating|revolving|rotate|revolve)\s+)?(?:360 degrees\s+|through 360 degrees\s+|completely\s+)?(?:about|around|round)\s+(?P<axis>[xy])[\s-]*axis"),
    ("axis", rf"{_SEP}(?:is\s+|are\s+)?(?:(?:rotated|revolved|turned|spun|rotating|revolving|rotate|revolve)\s+)?(?:about|around|round)\s+(?:line\s+)?(?P<axis>[xy])\s*=\s*(?P<a>{_VALUE})"),
]  # fmt: skip
_CUE = re.compile(
    r",|\s(?=(?:on|over|in|for|within|along|between|from|interval|at|near|about|around|round|when|where|if|with|using|by|via|starting|start|is|are|rotated|revolved|centered|centred|passing|through|initial|take|taking|after|into|and|do|n|positive|negative|\[|\d|-?[\w.]+ ?<)\b|\[|[a-z]_?[01] ?=|-?[\w.]+ ?<)",
    re.IGNORECASE,
)
_NOUNS = re.compile(
    r"^(?:(?:following|given|real|rational|quadratic|cubic|trigonometric|polynomial|logarithmic|exponential|sine|cosine|periodic)\s+)*"
    r"(?:(?:function|functions|curve|curves|graph|graphs|graph of|equation|expression|parabola|polynomial|relation|lines?|plot of|formula|hyperbola|sinusoid|wave)\s*:?\s+(?:of\s+)?(?:function\s+|by\s+)?(?:given by\s+|defined by\s+)?)*",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?P<name>[a-zA-Z])\s*\(\s*(?P<variable>[a-z]|theta)\s*\)\s*=\s*(?:y\s*=\s*)?|(?P<letter>[yfgh])\s*=\s*(?:[fgh]\s*\(\s*x\s*\)\s*=\s*)?"
)


@dataclass(frozen=True)
class Clauses:
    """What was said besides the function.

    Args:
        interval: both bounds, and whether each is left out.
        point: where something is wanted; perhaps with the second coordinate.
        height: the y where something is wanted.
        count: how many steps or strips.
        start: the first guess of an iteration.
        axis: `x` or `y`, with the place of a parallel line.
        method: `disk`, `washer` or `shell`.
    """

    interval: tuple[Node, ...] = ()
    opened: tuple[bool, bool] = (False, False)
    point: tuple[Node, ...] = ()
    height: tuple[Node, ...] = ()
    count: int = 0
    start: tuple[Node, ...] = ()
    axis: str = ""
    line: tuple[Node, ...] = ()
    method: str = ""


@dataclass(frozen=True)
class Function:
    """A formula and the variable that it is a function of."""

    node: Node
    variable: str
    named: bool = False
    notes: list[str] = field(default_factory=list)


def without_clauses(text: str) -> list[tuple[str, Clauses]]:
    """The text with its last clauses taken off, one more each time; the shortest text first."""
    found = [(text.strip(" ,"), Clauses())]
    for _ in range(5):
        shorter = _shorter(*found[-1])
        if shorter is None:
            break
        found.append(shorter)
    return found[::-1]


@cache
def _compiled() -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern + r"\s*", re.IGNORECASE)) for name, pattern in _TAILS]


def _shorter(text: str, known: Clauses) -> tuple[str, Clauses] | None:
    """Without the clause that ends the text; of all that fit, the longest that begins at a cue."""
    for place in [found.start() for found in _CUE.finditer(text)]:
        tail = text[place:]
        for name, pattern in _compiled():
            found = pattern.fullmatch(tail)
            added = None if found is None else _added(name, found, known)
            if added is not None and text[:place].strip(" ,"):
                return text[:place].strip(" ,"), added
    return None


def _added(name: str, found: re.Match[str], known: Clauses) -> Clauses | None:
    groups = found.groupdict()
    values: list[Node] = []
    try:
        for key in ("a", "b", "y"):
            if groups.get(key):
                values.append(read_expression(groups[key], []))
    except ToolError:
        return None
    if any(isinstance(value, Relation | Sequence) for value in values):
        return None
    if name == "interval" and not known.interval:
        if {"x", "y", "t", "theta"} & set(variables_of(*values)):
            return None
        opened = (
            groups.get("open") == "(" or groups.get("lt") == "<",
            groups.get("close") == ")" or groups.get("rt") == "<",
        )
        return replace(known, interval=tuple(values), opened=opened)
    if name == "half" and not known.interval:
        return _half(groups["op"], values, known)
    if name == "point" and not known.point:
        return replace(known, point=tuple(values))
    if name == "y" and not known.height:
        return replace(known, height=tuple(values))
    if name == "count" and not known.count:
        amount = groups["n"].lower()
        return replace(known, count=_AMOUNT.get(amount) or int(amount))
    if name == "start" and not known.start:
        return replace(known, start=tuple(values))
    if name == "method" and not known.method:
        return replace(known, method=groups["method"].lower().replace("disc", "disk").replace("cylindrical ", ""))
    if name == "axis" and not known.axis:
        axis = groups["axis"].lower()
        # The line y = 1 is parallel to the x-axis.
        return replace(known, axis={"x": "y", "y": "x"}[axis] if values else axis, line=tuple(values))
    return None


def _half(sign: str, values: list[Node], known: Clauses) -> Clauses | None:
    """`for x > 0`: everything on one side of a number."""
    far = Constant("infinity")
    if sign in ("positive", "negative"):
        sign, values = (">" if sign == "positive" else "<"), [_ZERO]
    if not values or variables_of(*values):
        return None
    if sign.startswith(">"):
        return replace(known, interval=(values[0], far), opened=(sign == ">", True))
    return replace(known, interval=(Apply("neg", (far,)), values[0]), opened=(True, sign == "<"))


def read_function(text: str) -> Function | None:
    """`the function f(x) = x^2`, `y = x^2` or `x^2`."""
    text = text.strip(" ,.:;?")
    text = _NOUNS.sub("", text, count=1)
    named = _NAME.match(text)
    variable = ""
    if named:
        variable = named["variable"] or ""
        text = text[named.end() :]
    if not text or "=" in text or len(text) > LONGEST:
        return None
    notes: list[str] = []
    try:
        node = read_expression(text, notes)
    except ToolError:
        return None
    if isinstance(node, Relation | Sequence):
        return None
    letters = variables_of(node)
    if not letters and not named:
        return None
    if not variable:
        variable = (
            letters[0] if len(letters) == 1 else next((name for name in ("x", "t", "theta") if name in letters), "")
        )
    if not variable and letters:
        return None
    return Function(node, variable or "x", named is not None, notes)


def read_curve(text: str) -> Function | None:
    """A function, or the x-axis."""
    text = re.sub(r"^(?:and|the|line|lines|curves?)\s+", "", text.strip(" ,"), flags=re.IGNORECASE)
    if re.fullmatch(r"x[\s-]*axis", text, re.IGNORECASE):
        return Function(_ZERO, "x", named=True)
    if (function := read_function(text)) is not None:
        return function
    try:
        level = read_expression(text, [])
    except ToolError:
        return None
    return Function(level, "x", named=True) if isinstance(level, Number) else None


def read_equation(text: str) -> Relation | None:
    """`2x + 3y = 6`."""
    text = text.strip(" ,.:;?")
    text = _NOUNS.sub("", text, count=1)
    left, equals, right = text.partition("=")
    if not equals or "=" in right:
        return None
    try:
        return Relation("=", read_expression(left, []), read_expression(right, []))
    except ToolError:
        return None


def vertical_line(text: str) -> Node | None:
    """The number of `x = 2` or of the y-axis, as the side of a region."""
    text = re.sub(r"^(?:and|the|lines?)\s+", "", text.strip(" ,"), flags=re.IGNORECASE)
    if re.fullmatch(r"y[\s-]*axis", text, re.IGNORECASE):
        return _ZERO
    relation = read_equation(text)
    if relation is None or relation.left != Variable("x") or variables_of(relation.right):
        return None
    return relation.right
