# ruff: noqa: E501  a pattern is read more easily on one line
"""Definitions carried into the sentences after them: numbers, functions and equations that fix letters.

What a sentence defines is computed exactly and written into the following ones as a formula, which is read again like
any other text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ...errors import ToolError
from ..reading.clauses import preferred, read_expression
from ..reading.names import words
from ..reading.syntax import Ask, Evaluate, Node, Relation, Solve, variables_of
from ..solution import Solution
from .build import Builder
from .cost import check_cost
from .domain import Handler
from .presenting import Reading
from .printing import plain

_MOST_CALLS = 60
_LONGEST = 2000
_IS = r"(?:=|\bbe\b|\bis\b|\bequals?\b)"
_ORDERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_DERIVED = re.compile(
    r"(?:the\s+)?(?:(first|second|third|fourth|fifth)\s+)?derivative\s+of\s+(.+?)(?:\s+(?:wrt|with respect to)\s+([a-z]))?",
    re.IGNORECASE,
)
_NEXT = re.compile(
    rf"\s*(?:,\s*and\s+|,|;|\band\s+)\s*(?=(?:let\s+)?[A-Za-z](?:_\d)?(?:\s*\(\s*[a-z]\s*\))?\s*{_IS})", re.IGNORECASE
)
_FUNCTION = re.compile(
    rf"(?:the\s+)?(?:functions?\s+)?([A-Za-z])\s*\(\s*([a-z])\s*\)\s*{_IS}\s*(.+)", re.IGNORECASE | re.DOTALL
)
_NUMBER = re.compile(rf"(?:the\s+)?(?:number\s+)?([A-Za-z](?:_\d)?)\s*{_IS}\s*(.+)", re.DOTALL)
_CALL = re.compile(r"(?<![A-Za-z0-9_])([A-Za-z])\s*('{1,3}|\^\s*(?:\(\s*-\s*1\s*\)|\{\s*-\s*1\s*\}|-\s*1))?\s*\(")
_TOGETHER = re.compile(r"\(\s*([A-Za-z])\s*(\u2218|o|[-+*/\u00b7])\s*([A-Za-z])\s*\)\s*\(")
_COMPOSED = re.compile(r"(?<![A-Za-z])([a-z])\s*\u2218\s*([a-z])\s*\(")
_WANTED = re.compile(r"(?:what is|find|determine|calculate|give|compute|solve for)\s+([A-Za-z])\s*", re.IGNORECASE)
_LETTER = re.compile(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])")
# After the letter `a`, words that show it is the number and not the article.
_NO_NOUNS = frozenset(
    words(
        "is are and or to in by from wrt at a an divided divides divide have has not with less greater bigger smaller more"
        " plus minus times over mod modulo when for as equal equals squared cubed on"
    )
)


@dataclass
class _Known:
    """What the sentences so far defined.

    Args:
        numbers: values by letter.
        functions: parameter and body by letter.
        equations: those that fix no letter.
    """

    numbers: dict[str, Any] = field(default_factory=dict)
    functions: dict[str, tuple[str, Any]] = field(default_factory=dict)
    equations: list[str] = field(default_factory=list)


def _chain(ask: Ask, reading: Reading) -> Solution:
    from .answer import answer_request, read_question

    known = _Known()
    *definitions, question = ask.words
    for definition in definitions:
        _define(definition, known, reading)
    text = _put_in(question, known).strip()
    if known.equations and (wanted := _WANTED.fullmatch(text)):
        text = f"solve {', '.join(known.equations)} for {wanted[1]}"
    elif known.equations and (letters := _undetermined(known, text)):
        raise ToolError(f"the equations do not determine {', '.join(sorted(letters))}")
    request, assumptions = read_question(text)
    check_cost(request)
    for line in (*assumptions, f"read as: {text}"):
        reading.assume(line)
    return answer_request(request, reading)


def _written(value: Any) -> str:
    """The value as it is put into the next sentence.

    Raises:
        ToolError: if it is so long that it would be shortened.
    """
    text = plain(value)
    if len(text) > _LONGEST or "..." in text:
        raise ToolError("a value in this has too many digits or terms to go on with; use smaller numbers")
    return text


def _undetermined(known: _Known, text: str) -> set[str]:
    letters = {letter for equation in known.equations for letter in _LETTER.findall(equation)}
    return (letters - {"e", "i"}) & set(_LETTER.findall(text))


def _define(text: str, known: _Known, reading: Reading) -> None:
    equations: list[str] = []
    for piece in _NEXT.split(text):
        piece = re.sub(r"^let\s+", "", piece.strip(), flags=re.IGNORECASE)
        if found := _FUNCTION.fullmatch(piece):
            known.functions[found[1]] = (found[2], _expression(found[3], known, reading, shadowed=found[2]))
        elif (found := _NUMBER.fullmatch(piece)) and not _is_unknown(found[1], found[2], known):
            value = _expression(found[2], known, reading)
            if known.numbers.get(found[1], value) != value:
                raise ToolError(f"{found[1]} is given two values")
            known.numbers[found[1]] = value
        elif piece:
            equations += re.split(r"\s*(?:,\s*and\s+|,|\band\s+)\s*(?=[^=]*=)", piece)
    if equations:
        _solve(equations, known)


def _is_unknown(name: str, text: str, known: _Known) -> bool:
    """Whether a letter that seems to be defined is one to solve for: `t = 3*t - 4`, or `c = 2*q` with q unknown."""
    letters = set(re.findall(r"(?<![A-Za-z])([A-Za-z])(?![A-Za-z(])", text)) - {"e", "i"}
    return name in letters or bool(letters - set(known.numbers)) or "=" in text


def _solve(equations: list[str], known: _Known) -> None:
    """Find the letters of equations; equations that leave some open are kept."""
    import sympy

    builder = Builder(real=False)
    residuals: list[Any] = []
    texts = [_put_in(equation, known) for equation in equations]
    for text in texts:
        left, equals, right = text.partition("=")
        if not equals or "=" in right:
            raise ToolError(f"expected an equation such as 2*x + 3 = 7 in {text[:60]!r}")
        sides = [builder.build(_checked(read_expression(side, []))) for side in (left, right)]
        residuals.append(sides[0] - sides[1])
    unknowns = sorted(set().union(*(residual.free_symbols for residual in residuals)), key=str)
    found: list[dict[Any, Any]] = sympy.solve(residuals, unknowns, dict=True) if unknowns else []
    if len(found) == 1 and not any(value.free_symbols for value in found[0].values()):
        known.numbers |= {str(unknown): value for unknown, value in found[0].items()}
        if len(found[0]) == len(unknowns):
            return
    known.equations += texts


def _expression(text: str, known: _Known, reading: Reading, shadowed: str = "") -> Any:
    """The SymPy value of the right side of a definition."""
    order, by = 0, shadowed
    if derived := _DERIVED.fullmatch(text.strip()):
        order, text, by = _ORDERS[(derived[1] or "first").lower()], derived[2], derived[3] or shadowed
    noted: list[str] = []
    node = _checked(read_expression(_put_in(text, known, shadowed), noted))
    for line in noted:
        reading.assume(line)
    builder = Builder()
    value = builder.build(node)
    return value.diff(builder.symbol(by or preferred(list(variables_of(node)))), order) if order else value


def _checked(node: Node) -> Node:
    check_cost(Solve((node,)) if isinstance(node, Relation) else Evaluate(node))
    return node


def _put_in(text: str, known: _Known, shadowed: str = "") -> str:
    """The text with known letters, and calls of known functions, replaced by their values."""
    text = _joined_functions(text, known)
    for name, value in known.numbers.items():
        if name != shadowed and name not in known.functions:
            alone = rf"(?<![A-Za-z_'.]){re.escape(name)}(?![A-Za-z_'])"
            text = re.sub(alone, partial(_instead, value=_written(value)), text)
    return _without_calls(text, known)


def _instead(found: re.Match[str], value: str) -> str:
    following = re.match(r"\s+([A-Za-z]{2,})", found.string[found.end() :])
    if found[0] in ("a", "A", "I") and following and following[1].lower() not in _NO_NOUNS:
        return found[0]
    return _beside(found.string, found.start(), found.end(), value)


def _beside(text: str, start: int, end: int, value: str) -> str:
    """The value, in brackets where it stands beside an operator or another factor."""
    if re.fullmatch(r"\d+|[A-Za-z]", value):
        touching = re.search(r"[\w)]$", text[:start]) or re.match(r"[\w(]", text[end:])
        return f"({value})" if touching else value
    begins = re.search(r"(?:^|[\s,:(])$", text[:start]) and not re.search(r"[-+*/^]\s*$", text[:start])
    ends = re.match(r"\s*(?:$|[,?)=]|\s[A-Za-z])", text[end:])
    is_sum = re.search(r"\s[-+]\s", value) and not re.match(r"\s*(?:$|\?)|\s+(?:wrt|with respect)", text[end:])
    return value if begins and ends and not is_sum else f"({value})"


def _joined_functions(text: str, known: _Known) -> str:
    """`(f o g)(2)` as `f(g(2))`, `(f + g)(2)` as `(f(2) + g(2))`."""
    text = _COMPOSED.sub(lambda found: f"({found[1]} \u2218 {found[2]})(", text)
    for _ in range(_MOST_CALLS):
        found = next((it for it in _TOGETHER.finditer(text) if {it[1], it[3]} <= set(known.functions)), None)
        if found is None:
            break
        end = _closing(text, found.end() - 1)
        inside = text[found.end() : end - 1]
        outer, sign, inner = found.groups()
        new = f"{outer}({inner}({inside}))" if sign in "o\u2218" else f"({outer}({inside}) {sign} {inner}({inside}))"
        text = text[: found.start()] + new + text[end:]
    return text


def _without_calls(text: str, known: _Known) -> str:
    for _ in range(_MOST_CALLS):
        if len(text) > _LONGEST:
            raise ToolError("the formula becomes too long; ask in parts")
        found = next((it for it in _CALL.finditer(text) if it[1] in known.functions), None)
        if found is None:
            break
        end = _closing(text, found.end() - 1)
        inside = _without_calls(text[found.end() : end - 1], known)
        value = _called(found[1], found[2] or "", inside, known)
        text = text[: found.start()] + _beside(text, found.start(), end, value) + text[end:]
    return text


def _closing(text: str, start: int) -> int:
    """The place after the bracket that closes the one at `start`."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place + 1
    raise ToolError("a bracket is not closed")


def _called(name: str, mark: str, inside: str, known: _Known) -> str:
    import sympy

    parameter, body = known.functions[name]
    builder = Builder()
    symbol = builder.symbol(parameter)
    argument = builder.build(_checked(read_expression(inside, [])))
    if mark.startswith("^"):
        unknown = sympy.Dummy("y", real=True)
        solutions: list[Any] = sympy.solve(body.subs(symbol, unknown) - argument, unknown)
        found = [value for value in solutions if value.is_real is not False]
        if len(found) != 1:
            raise ToolError(f"{name} has no single inverse value there; {len(found)} values were found")
        return _written(found[0])
    value: Any = (body.diff(symbol, len(mark)) if mark else body).subs(symbol, argument)
    expanded: Any = sympy.expand(value)
    return _written(expanded if expanded.count_ops() <= 2 * value.count_ops() + 10 else value)


HANDLERS: dict[str, Handler] = {"chain": _chain}
