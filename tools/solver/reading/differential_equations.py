r"""Differential equations: `solve y'' + y = 0 with y(0) = 1 and y'(0) = 0`, `dy/dx = x*y`, `x' = y, y' = -x`.

A derivative becomes a variable of its own, `y_D2` for y'', so that an equation is an ordinary tree. Read are primes,
Leibniz quotients, differentials (`x dx + y dy = 0`), conditions (`y(0) = 1`, `y = 1 when x = 0`) and a place where the
value is wanted (`at x = 2`, `find y(2)`). Not read: partial differential equations and unknown functions of more than
one letter.
"""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .names import words
from .syntax import Ask, Node, Relation, Request, Sequence, Variable, variables_of

MAX_ORDER = 6

_LEAD_INS = frozenset(
    words(
        "solve find the general particular exact solution solutions solving of to for what is are a an following ode"
        " differential equation equations odes ivp bvp initial value problem boundary first second third fourth 1st 2nd"
        " 3rd order linear homogeneous nonhomogeneous non-homogeneous inhomogeneous separable ordinary d.e. de bernoulli"  # noqa: E501
        " system coupled calculate determine compute please can you give me consider given that satisfying which"
        " satisfies function if suppose let us dsolve get work out"
    )
)
_LEIBNIZ = re.compile(
    r"(?<![A-Za-z])d(?:\^?\(?([2-6])\)?)?\s?([A-Za-z])(?:\(([a-z])\))?(?:\^\(?[2-6]\)?)?\s?/\s?d([a-z])"
    r"(?:\^\(?([2-6])\)?|([2-6]))?(?![A-Za-z0-9])"
)
_OPERATOR = re.compile(
    r"(?<![A-Za-z])d(?:\^?\(?([2-6])\)?)?\s?/\s?d([xt])(?:\^\(?([2-6])\)?)?\s?\(?([a-zA-Z])\)?(?![\w^(])"
)
_PRIMED = re.compile(r"(?<![A-Za-z]{2})([A-Za-z])\s?('{1,6})(?!s\b)(?:\(([a-z])\))?")
_RAISED = re.compile(r"(?<![A-Za-z])([A-Za-z])\^[({]\(([3-6])\)[)}]")
_RAISED_PLAINLY = re.compile(r"(?<![A-Za-z])([a-z])\^\(([3-6])\)")
_SPOKEN = re.compile(r"\b([a-zA-Z]) (double|triple)?[ -]?prime\b", re.IGNORECASE)
_ANY_DERIVATIVE = re.compile(
    r"[A-Za-z]\s?'|(?<![A-Za-z])d[\^(2-6)]*\s?[A-Za-z](?:\([a-z]\))?[\^(2-6)]*\s?/\s?d[a-z]|d/d[xt]"
)
_DIFFERENTIAL_FORM = re.compile(r"d([xyt])\b.*d([xyt])\b.*=|d([xyt])\b.*=.*d([xyt])\b")
_PRIME = re.compile(r"[A-Za-z]'|\bprime\b|d/d|[A-Za-z0-9)]\s?/\s?d[a-z]|d[xyt]\b|[A-Za-z]\"")
_SEPARATOR = re.compile(
    r"[,;]|\band\b|\bwith\b|\bgiven(?: that)?\b|\bsubject to\b|\bwhere\b|\bif\b|\bsuch that\b|\bsatisfying\b|\busing\b"
    r"|\bknowing that\b|\bfor which\b|\bhaving\b|\bassuming\b",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"^(the )?(initial|boundary)( (value|condition)s?)*:?\s*|^(solve )?for [a-zA-Z](\([a-z]\))?$|^conditions?:?\s*",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"^([A-Za-z])\s?('{0,6})\s?\(\s?(.+?)\s?\)\s?=\s?([^=]+)$")
_WHEN = re.compile(
    r"^([A-Za-z])\s?('{0,6})\s?=\s?(.+?),?\s(?:when|at|for|where)\s([a-z])\s?=\s?([^=]+)$", re.IGNORECASE
)
_PLACE = re.compile(
    r"^(?:and |then )?(?:find |evaluate |compute |calculate |what is |the value of |value of |approximate |estimate )*"
    r"(?:([A-Za-z])\s?\(([^()]{1,40})\)|(?:the value )?(?:at |when )([a-z])\s?=\s?([^=]{1,40}))$",
    re.IGNORECASE,
)
_TRAILING_PLACE = re.compile(r"^(.*=.*?)\s(?:at|when)\s([a-z])\s?=\s?([^=]{1,40})$", re.IGNORECASE)
_METHOD = re.compile(
    r"^(use|using|by)\b[^=']{1,60}?(?=\b(solve|find)\b)|\s(by|using|for)\s[^='0-9]{1,60}$", re.IGNORECASE
)
_CONDITION_AT_PLACE = re.compile(
    r"^([A-Za-z]'{0,6}\s?\([^()]*\)\s?=[^=]*?),?\s(?:at|when) [a-z]\s?=\s?([^=]{1,40})$", re.IGNORECASE
)
_CUE = re.compile(r"\bdifferential eq|\bode\b|\bivp\b|\bbvp\b|initial value|dsolve", re.IGNORECASE)


class _Parts(NamedTuple):
    equations: list[str]
    conditions: list[tuple[str, str, str]]
    places: list[tuple[str, str]]


def _read(text: str, assumptions: list[str]) -> Request | None:
    if "=" not in text and not _CUE.search(text) and "equal" not in text:
        return None
    if not (_PRIME.search(text) or _CUE.search(text) or "^((" in text or "^{(" in text):
        return None
    plain = _RAISED.sub(lambda found: found[1] + "'" * int(found[2]), _usual_primes(text))
    body = _without_lead_ins(plain)
    if not _ANY_DERIVATIVE.search(body) and _CUE.search(text):
        body = _RAISED_PLAINLY.sub(lambda found: found[1] + "'" * int(found[2]), body)
    if not _ANY_DERIVATIVE.search(body):
        body = _from_differentials(body)
        if not body:
            return None
    parts = _sorted(_pieces(body))
    if not parts.equations or not any(_ANY_DERIVATIVE.search(piece) for piece in parts.equations):
        return None
    return _request(parts, assumptions)


def _usual_primes(text: str) -> str:
    text = re.sub(r"(?<=[A-Za-z'])[\"″]", "''", text.replace("′", "'").replace("`", "'").replace("∂", "d"))
    text = re.sub(r"(?<=['A-Za-z])\^\(?('+)\)?", r"\1", text)
    primes = {"double": "''", "triple": "'''"}
    text = re.sub(r"\b(is equal to|equals|equal to)\b", "=", text, flags=re.IGNORECASE)
    return _SPOKEN.sub(lambda found: found[1] + primes.get((found[2] or "").lower(), "'"), text)


def _without_lead_ins(text: str) -> str:
    text = _METHOD.sub("", text)
    if called := re.fullmatch(r"dsolve\s?\((.*)\)", text, re.IGNORECASE):
        text = re.sub(r",\s*[a-z](\([a-z]\))?$", "", called[1])
    while True:
        word, _, rest = text.partition(" ")
        if word.lower().strip(":,") not in _LEAD_INS or not rest:
            return text.strip(" :,")
        text = rest.strip(" :,")


def _from_differentials(body: str) -> str:
    """`M dx + N dy = 0` as an equation for y'; empty if this is no such form."""
    if not _DIFFERENTIAL_FORM.search(body) or "=" not in body or re.search(r"integra", body, re.IGNORECASE):
        return ""
    letters = set(re.findall(r"d([xyt])(?![A-Za-z])", body))
    if len(letters) != 2:
        return ""
    unknown = "y" if "y" in letters else "x"
    (independent,) = letters - {unknown}
    body = re.sub(rf"d{independent}(?![A-Za-z])", " (1) ", body)
    return re.sub(rf"d{unknown}(?![A-Za-z])", f" ({unknown}') ", body)


def _pieces(body: str) -> list[str]:
    """The body cut at separators outside of brackets."""
    depth, level = 0, []
    for sign in body:
        depth += sign in "([{"
        level.append(depth)
        depth -= sign in ")]}"
    pieces, start = [], 0
    for found in _SEPARATOR.finditer(body):
        if level[found.start()] == 0:
            pieces.append(body[start : found.start()])
            start = found.end()
    pieces.append(body[start:])
    return [cleaned for piece in pieces if (cleaned := _NOISE.sub("", piece.strip(" :.")).strip(" :."))]


def _sorted(pieces: list[str]) -> _Parts:
    parts = _Parts([], [], [])
    for whole in pieces:
        piece = whole.strip("{}")
        if late := _CONDITION_AT_PLACE.match(piece):
            piece = late[1]
            parts.places.append(("", late[2]))
        when, place, condition = _WHEN.match(piece), _PLACE.match(piece), _CONDITION.match(piece)
        point = condition[3] if condition else ""
        if when:
            parts.conditions.append((when[1] + when[2], when[5], when[3]))
        elif condition and not re.fullmatch(r"[a-zA-Z]", point) and _is_balanced(point) and not _PRIME.search(point):
            parts.conditions.append((condition[1] + condition[2], point, condition[4]))
        elif place:
            parts.places.append((place[1] or "", place[2] or place[4]))
        elif trailing := _TRAILING_PLACE.match(piece):
            parts.equations.append(trailing[1])
            parts.places.append(("", trailing[3]))
        else:
            parts.equations.append(piece)
    return parts


def _is_balanced(text: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0


def _request(parts: _Parts, assumptions: list[str]) -> Request | None:
    arguments: set[str] = set()
    unknowns: dict[str, int] = {}

    def derived(letter: str, order: int, argument: str | None) -> str:
        if not 1 <= order <= MAX_ORDER:
            raise ToolError(f"derivatives up to order {MAX_ORDER} are read in a differential equation")
        unknowns[letter] = max(order, unknowns.get(letter, 0))
        if argument:
            arguments.add(argument)
        return f" {letter}_D{order} "

    texts: list[str] = []
    for equation in parts.equations:
        text = _LEIBNIZ.sub(lambda found: derived(found[2], int(found[1] or found[5] or 1), found[4]), equation)
        text = _OPERATOR.sub(lambda found: derived(found[4], int(found[1] or 1), found[2]), text)
        texts.append(_PRIMED.sub(lambda found: derived(found[1], len(found[2]), found[3]), text))
    if not unknowns or len(texts) != len(unknowns):
        return None
    if len(arguments) > 1:
        raise ToolError("partial differential equations cannot be solved; write one variable: dy/dx = x*y")
    for unknown in unknowns:
        called = re.compile(rf"(?<![A-Za-z]){unknown}\(([a-z])\)")
        found = [match[1] for text in texts for match in called.finditer(text)]
        arguments |= {letter for letter in found if letter in "xt" and letter not in unknowns}
        texts = [_apart(called.sub(partial(_argument_gone, arguments=arguments), text), unknown) for text in texts]
    equations = [_equation(text, assumptions) for text in texts]
    independent = next(iter(arguments), "") or _independent(equations, list(unknowns), assumptions)
    conditions = [_condition(*condition, unknowns, assumptions) for condition in parts.conditions]
    places: list[Node] = []
    for name, point in parts.places:
        if name and name not in unknowns:
            return None
        at = read_expression(point, assumptions)
        if at != Variable(independent):
            places.append(Sequence((Variable(name or next(iter(unknowns))), at)))
    listed = [f"{name}{order}" for name, order in unknowns.items()]
    words_of = (independent, *listed)
    return Ask("differential equation", (Sequence(tuple(equations)), *conditions, *places), words_of)


def _argument_gone(found: re.Match[str], arguments: set[str]) -> str:
    return found[0][0] + " " if found[1] in arguments else found[0]


def _apart(text: str, unknown: str) -> str:
    """`kP` to `k P`, since a capital letter inside a word is the unknown."""
    return re.sub(rf"(?<=[a-z0-9]){unknown}(?![A-Za-z])", f" {unknown}", text) if unknown.isupper() else text


def _equation(text: str, assumptions: list[str]) -> Relation:
    sides = text.split("=")
    if len(sides) > 2:
        raise ToolError("write each differential equation with one sign =, and conditions like y(0) = 1 after commas")
    if len(sides) == 1:
        assumptions.append("read as an equation with 0 on the right side")
        sides.append("0")
    left, right = (read_expression(side.strip(), assumptions) for side in sides)
    return Relation("=", left, right)


def _independent(equations: list[Relation], unknowns: list[str], assumptions: list[str]) -> str:
    names = [name for name in variables_of(*equations) if name not in unknowns and "_D" not in name]
    for name in ("x", "t"):
        if name in names:
            return name
    chosen = "t" if "x" in unknowns or not set(unknowns) & {"y", "u", "f", "z", "w", "g"} else "x"
    assumptions.append(
        f"{' and '.join(unknowns)} {'is' if len(unknowns) == 1 else 'are'} taken as function of {chosen}"
    )
    return chosen


def _condition(name: str, point: str, value: str, unknowns: dict[str, int], assumptions: list[str]) -> Node:
    letter, order = name[0], len(name) - 1
    if letter not in unknowns:
        raise ToolError(f"the condition for {letter} fits no unknown function; unknown here: {', '.join(unknowns)}")
    target = Variable(f"{letter}_D{order}")
    return Sequence((target, read_expression(point, assumptions), read_expression(value, assumptions)))


READERS: list[TextReader] = [_read]
