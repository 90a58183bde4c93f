"""Calculus in several variables: gradient, divergence, curl, Hessian, critical points, constrained extrema, multiple
integrals, and derivatives of functions that an equation defines.

A vector field is written `(x^2, y z, x)`, `[x^2, y z, x]`, `<x^2, y z, x>` or `x^2 i + y z j + x k`. Everything that has
one variable only is left to the other readers. Not read: line and surface integrals along curves in words.
"""  # noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from .clauses import ClauseParser, Command, TextReader, read_expression, rebound
from .letters import split_words
from .syntax import Apply, Ask, Differentiate, Node, Number, Relation, Request, Sequence, Variable, variables_of
from .tokens import tokenize
from .wording import spoken_to_signs

_AT = ("at", "when", "where", "if", "for", "evaluated")
_FIELDS = "divergence curl jacobian"
_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))


def _name_passed(parser: Any) -> tuple[str, ...]:
    """Pass `f(x, y) =` or `F =`; the letters in brackets."""
    start, names = parser.position, []
    if not parser.at_letter():
        return ()
    parser.position += 1
    if parser.accept_op("("):
        while parser.at_letter():
            names.append(parser.letter())
            parser.accept_op(",")
        if not parser.accept_op(")"):
            parser.position = start
            return ()
    if not parser.accept_op("="):
        parser.position = start
        return ()
    return tuple(names)


def _vector(parser: Any) -> Node:
    """A vector or an expression, whose units i, j, k become components."""
    if parser.accept_op("<"):
        items = [parser.expression()]
        while parser.accept_op(","):
            items.append(parser.expression())
        parser.expect_op(">")
        return Sequence(tuple(items))
    node = parser.expression()
    return node if isinstance(node, Sequence) else _from_units(node, parser)


def _from_units(node: Node, parser: Any) -> Node:
    """`x i + y j + z k` as a list of components; any other expression as it is."""
    terms = list(node.args) if isinstance(node, Apply) and node.name == "+" else [node]
    components: dict[str, list[Node]] = {"i": [], "j": [], "k": []}
    for term in terms:
        sign = isinstance(term, Apply) and term.name == "neg"
        inner: Node = term.args[0] if isinstance(term, Apply) and sign else term
        factors = list(inner.args) if isinstance(inner, Apply) and inner.name == "*" else [inner]
        factors = [rebound(factor, "i") for factor in factors]
        units = [factor for factor in factors if isinstance(factor, Variable) and factor.name in components]
        if len(units) != 1 or not isinstance(units[0], Variable):
            return node
        factors.remove(units[0])
        rest: Node = Apply("*", tuple(factors)) if len(factors) > 1 else factors[0] if factors else _ONE
        components[units[0].name].append(Apply("neg", (rest,)) if sign else rest)
    if not components["j"] and not components["i"]:
        return node
    if "i is the imaginary unit" in parser.assumptions:
        parser.assumptions.remove("i is the imaginary unit")
    listed = [components[unit] for unit in "ijk"][: 3 if components["k"] else 2]
    return Sequence(tuple(Apply("+", tuple(part)) if len(part) > 1 else part[0] if part else _ZERO for part in listed))


def _point(parser: Any, names: list[str]) -> tuple[tuple[str, Node], ...] | None:
    """`at (1, 2)`, `at x = 1, y = 2` or `at point P(1, 2)`; `None` if no such clause stands here."""
    if parser.token.word not in _AT:
        return None
    while parser.token.word in (*_AT, "point"):
        parser.position += 1
    if parser.at_letter() and (parser.ahead().text == "(" or (parser.ahead().text, parser.ahead(2).text) == ("=", "(")):
        parser.position += 1
        parser.accept_op("=")
    if parser.at_op("(", "["):
        listed = parser.expression()
        if isinstance(listed, Sequence):
            return _assigned(listed, names)
        return ((names[0], listed),)
    parser.accept_op("(")
    return parser.values()


def _assigned(listed: Sequence, names: list[str]) -> tuple[tuple[str, Node], ...]:
    items = listed.items
    if all(isinstance(item, Relation) and isinstance(item.left, Variable) for item in items):
        return tuple(
            (item.left.name, item.right)
            for item in items
            if isinstance(item, Relation) and isinstance(item.left, Variable)
        )
    if len(items) < len(names):
        raise ToolError(f"the point has {len(items)} coordinates, but the variables are {', '.join(names)}")
    names = names if len(names) == len(items) else list("xyz"[: len(items)])
    return tuple(zip(names, items, strict=True))


def _ordered(node: Node, declared: tuple[str, ...] = ()) -> list[str]:
    return list(declared) or sorted(variables_of(node), key=lambda name: ("xyz".find(name) % 9, name))


def _pairs(point: tuple[tuple[str, Node], ...] | None) -> Node:
    return Sequence(tuple(Relation("=", Variable(name), value) for name, value in point or ()))


def _letters_in(node: Node) -> list[str]:
    """`(x, y)` as its letters."""
    items = node.items if isinstance(node, Sequence) else (node,)
    names = [item.name for item in items if isinstance(item, Variable)]
    if len(names) < len(items):
        raise ToolError("the variables must be letters: with respect to x, y")
    return names


def _operator(name: str, example: str, *, vector: bool) -> Callable[[Any], Request | None]:
    """Reader of a differential operator, perhaps with the place where its value is wanted."""

    def read(parser: Any) -> Request | None:
        for word in ("matrix", "determinant", "field", "vector", "of", "function", "scalar", "vector", "field", "at"):
            if word == "at" and not parser.at_words("at"):
                continue
            if word != "at":
                parser.accept_words(word)
        early = None
        if parser.token.word == "at":
            early = _point(parser, list("xyz"))
            parser.accept_words("of")
        declared = _name_passed(parser)
        node = _vector(parser)
        if not vector and isinstance(node, Sequence):
            node = node.items[0] if len(node.items) == 1 else node
        names = _ordered(node, declared)
        if name in ("gradient", "hessian", "laplacian") and len(names) < 2 and not isinstance(node, Sequence):
            return None
        if parser.accept_words("wrt"):
            names = parser.letters() if parser.at_letter() else _letters_in(parser.expression())
        parser.accept_op(",")
        point = _point(parser, names) or early
        parser.finish(example)
        return Ask(name, (node, _pairs(_kept(point, names))), tuple(names))

    return read


def _kept(point: tuple[tuple[str, Node], ...] | None, names: list[str]) -> tuple[tuple[str, Node], ...] | None:
    return tuple(pair for pair in point if pair[0] in names or len(point) <= len(names)) if point else point


def _directional(parser: Any) -> Request | None:
    parser.accept_words("of")
    parser.accept_words("function")
    declared = _name_passed(parser)
    node = parser.expression()
    names = _ordered(node, declared)
    point: tuple[tuple[str, Node], ...] | None = None
    direction: Node | None = None
    while parser.token.kind != "end":
        if parser.token.word in ("in", "along", "toward", "towards"):
            for word in ("in", "along", "toward", "towards", "direction", "of", "vector", "unit"):
                parser.accept_words(word)
            _unit_name(parser)
            direction = _vector(parser)
        elif not parser.accept_op(","):
            point = _point(parser, names)
            if point is None:
                parser.finish("directional derivative of x^2*y at (1, 2) in the direction (3, 4)")
    if not isinstance(direction, Sequence):
        raise ToolError("give the direction: directional derivative of x^2*y at (1, 2) in the direction (3, 4)")
    return Ask("directional derivative", (node, direction, _pairs(point)), tuple(names))


def _unit_name(parser: Any) -> None:
    """Pass `v =` before a vector."""
    if parser.at_letter() and parser.ahead().text == "=":
        parser.position += 2


def _critical(kind: str) -> Callable[[Any], Request | None]:
    def read(parser: Any) -> Request | None:
        for word in ("and", "minima", "maxima", "classify", "saddle", "points", "values", "of", "function", "for"):
            parser.accept_words(word)
        declared = _name_passed(parser)
        node = parser.expression()
        names = _ordered(node, declared)
        if len(names) < 2 or parser.token.kind != "end":
            return None
        return Ask("critical points", (node,), (kind, *names))

    return read


def _constrained(kind: str) -> Callable[[Any], Request | None]:
    def read(parser: Any) -> Request | None:
        for word in ("value", "values", "and", "minimum", "minima", "maximum", "min", "max", "value", "values", "of",
                     "function"):  # fmt: skip
            parser.accept_words(word)
        parser.accept_op(":")
        try:
            declared = _name_passed(parser)
            node = parser.expression()
            if isinstance(node, Sequence) or not _constraint_begins(parser):
                return None
            relations = parser.relations()
            while parser.accept_op(",") or parser.accept_words("and"):
                relations += parser.relations()
        except ToolError:
            return None
        names = list(dict.fromkeys([*_ordered(node, declared), *_ordered(Sequence(tuple(relations)))]))
        equations = [item for item in relations if isinstance(item, Relation)]
        if len(names) < 2 or len(equations) != len(relations) or parser.token.kind != "end":
            return None
        if any(item.op not in ("=", "<=", ">=", "<", ">") for item in equations):
            return None
        return Ask("constrained extrema", (node, *equations), (kind, *names))

    return read


def _constraint_begins(parser: Any) -> bool:
    parser.accept_op(",")
    begins = False
    while parser.token.word in (
        "subject", "to", "under", "constraint", "constraints", "condition", "given", "where", "if", "such", "that",
        "when", "with", "on", "along", "constrained", "for", "circle", "line", "ellipse", "curve", "sphere", "plane",
        "s", "t", "provided",
    ):  # fmt: skip
        parser.position += 1
        begins = True
    parser.accept_op(":")
    return begins


def _tangent_plane(parser: Any) -> Request | None:
    for word in ("to", "of", "for", "surface", "graph", "of", "function"):
        parser.accept_words(word)
    left: Node
    declared = ()
    if parser.at_letter() and parser.ahead().text == "(" and parser.ahead(2).text != "=":
        declared = _name_passed(parser)
    sides = parser.relations()
    relation = sides[0] if isinstance(sides[0], Relation) else Relation("=", Variable("z"), sides[0])
    left = Apply("+", (relation.left, Apply("neg", (relation.right,))))
    names = _ordered(left, (*declared, "z") if declared else ())
    parser.accept_op(",")
    point = _point(parser, names if not _explicit(parser, names) else names[:2])
    parser.finish("tangent plane to z = x^2 + y^2 at (1, 2, 5)")
    if point is None:
        raise ToolError("say where: tangent plane to z = x^2 + y^2 at (1, 2, 5)")
    return Ask("tangent plane", (left, _pairs(point)), tuple(names))


def _explicit(parser: Any, names: list[str]) -> bool:
    """Whether the point that follows has two coordinates only, so that the third comes from the surface."""
    depth, commas = 0, 0
    for token in parser.tokens[parser.position :]:
        depth += token.text in ("(", "[")
        depth -= token.text in (")", "]")
        commas += depth == 1 and token.text == ","
    return len(names) == 3 and commas == 1


def _derivatives(parser: Any) -> Request | None:
    """`all first partial derivatives of`, `second partial derivatives of`."""
    parser.accept_words("of")
    declared = _name_passed(parser)
    node = parser.expression()
    names = _ordered(node, declared)
    if parser.token.kind != "end" or len(names) < 2:
        return None
    return Ask("partial derivatives", (node,), ("1", *names))


def _mixed_of_two(parser: Any) -> Request | None:
    """`mixed partial derivative of x^2 y^3`, by each of the two variables."""
    request = _derivatives(parser)
    if not isinstance(request, Ask) or len(request.words) != 3:
        return None
    return Ask("mixed derivative", (request.args[0], Sequence(())), request.words[1:])


def _total(parser: Any) -> Request | None:
    parser.accept_words("of")
    declared = _name_passed(parser)
    node = parser.expression()
    parser.finish("total differential of x^2*y")
    return Ask("total differential", (node,), tuple(_ordered(node, declared)))


def _commands() -> list[Command]:
    operators = {
        "gradient": ("gradient", "grad", "gradient vector", "nabla"),
        "hessian": ("hessian", "hessian matrix"),
        "laplacian": ("laplacian", "laplace operator"),
    }
    fields = {
        "divergence": ("divergence", "div", "nabla *"),
        "curl": ("curl", "rot", "rotor"),
        "jacobian": ("jacobian", "jacobian matrix"),
        "jacobian determinant": ("jacobian determinant", "determinant of jacobian"),
    }
    found: list[Command] = []
    for table, vector in ((operators, False), (fields, True)):
        for name, phrases in table.items():
            example = f"{name} of {'(x^2, y*z, x)' if vector else 'x^2*y'} at (1, 2{', 3' if vector else ''})"
            found += [(phrase, _operator(name, example, vector=vector)) for phrase in phrases if "*" not in phrase]
    found.append(("directional derivative", _directional))
    for phrase in ("critical points", "stationary points", "critical point", "stationary point", "local extrema",
                   "classify critical points", "classify stationary points",
                   "and classify critical points", "and classify all critical points", "all critical points", "classify all critical points", "find and classify critical points",  # noqa: E501
                   "relative extrema", "extrema", "extreme points", "local maxima and minima"):  # fmt: skip
        found.append((phrase, _critical("all")))
    for phrase in ("local minima", "local minimum", "relative minimum", "relative minima"):
        found.append((phrase, _critical("minimum")))
    for phrase in ("local maxima", "local maximum", "relative maximum", "relative maxima"):
        found.append((phrase, _critical("maximum")))
    found += [("saddle points", _critical("saddle point")), ("saddle point", _critical("saddle point"))]
    for kind, phrases in {
        "maximum": ("maximize", "maximise", "maximum", "max", "maximum value", "largest value", "greatest value",
                    "constrained maximum", "largest", "highest value"),
        "minimum": ("minimize", "minimise", "minimum", "min", "minimum value", "smallest value", "least value",
                    "constrained minimum", "smallest", "lowest value"),
        "both": ("extreme values", "extrema", "maximum and minimum", "max and min", "optimize", "optimise", "extremum",
                 "minimum and maximum", "constrained extrema", "maxima and minima", "extremize", "absolute extrema"),
    }.items():  # fmt: skip
        found += [(phrase, _constrained(kind)) for phrase in phrases]
    found += [
        ("tangent plane", _tangent_plane),
        ("equation of tangent plane", _tangent_plane),
        ("partial derivatives", _derivatives),
        ("all partial derivatives", _derivatives),
        ("first partial derivatives", _derivatives),
        ("first order partial derivatives", _derivatives),
        ("mixed partial derivative", _mixed_of_two),
        ("mixed derivative", _mixed_of_two),
        ("total differential", _total),
        ("total derivative", _total),
        ("differential", _total),
    ]
    return found


COMMANDS: list[Command] = _commands()

_QUOTIENT = re.compile(r"(?<![A-Za-z])d(\^\(?2\)?)?([a-z])(?:\^\(?2\)?)?\s?/\s?d([a-z])(?:\^\(?2\)?)?(?![A-Za-z0-9])")
_PRIMED = re.compile(r"(?<![A-Za-z])([a-z])('{1,2})(?:\(([a-z])\))?(?![A-Za-z(])")
_MARK = "@"  # stands where the wanted derivative stood
_BETWEEN = re.compile(
    r"\b(?:if|for|where|when|given|that|of|from|in|on|to|implicitly|implicit|differentiation|differentiate|derivative|find|by"
    r"|use|using|curve|equation|relation|circle|ellipse|function|line|tangent|slope|the|what|is|calculate|compute|determine"
    r"|with|as|following|defined|gradient|hyperbola|then|at|point|solve|evaluate|get|rule)\b|[,:;]",
    re.IGNORECASE,
)
_POINT_CLAUSE = re.compile(
    r",?\s(?:at|through|when)\s(?:the )?(?:point )?[A-Z]?\(([^(),]{1,40}),([^(),]{1,40})\)|,?\sat x\s?=\s?([^=,]{1,40})(?:,| and)\s?y\s?=\s?([^=,]{1,40})"  # noqa: E501
)
_WITH_RESPECT = re.compile(r",?\s(?:with respect to|wrt|w\.r\.t\.?) ([a-z])\b")
_ASSUMED_FUNCTION = re.compile(
    r"\b(?:with )?y as (?:a )?function of x|implicitly$|by implicit differentiation|using implicit differentiation",
    re.IGNORECASE,
)


def _implicit(text: str, assumptions: list[str]) -> Request | None:
    """`dy/dx if x^2 + y^2 = 25`, `implicit derivative of x^2 + x*y = 7 at (1, 2)`."""
    lowered = text.lower()
    cued = "implicit" in lowered
    if "=" not in text or "plane" in lowered:
        return None
    if not (cued or _QUOTIENT.search(text) or _PRIMED.search(text) or "slope of" in lowered or "tangent" in lowered):
        return None
    order, unknown, variable = 1, "y", "x"
    rest = text
    if found := _WITH_RESPECT.search(rest):
        variable = found[1]
        rest = rest[: found.start()] + rest[found.end() :]
    point = _POINT_CLAUSE.search(rest)
    if point:
        rest = rest[: point.start()] + rest[point.end() :]
    quotient, primed = _QUOTIENT.search(rest), _PRIMED.search(rest)
    named = False
    if quotient:
        order, unknown, variable, named = 1 + bool(quotient[1]), quotient[2], quotient[3], True
        rest = f"{rest[: quotient.start()]} {_MARK} {rest[quotient.end() :]}"
    elif primed:
        order, unknown, named = len(primed[2]), primed[1], True
        rest = f"{rest[: primed.start()]} {_MARK} {rest[primed.end() :]}"
    if _QUOTIENT.search(rest) or _PRIMED.search(rest):
        return None
    rest = _ASSUMED_FUNCTION.sub(" ", rest).rstrip(" ,.")
    slope = bool(re.search(r"\bslope\b|\btangent\b", rest, re.IGNORECASE))
    if not (named or cued or (slope and point)):
        return None
    pieces = [piece.strip() for piece in _BETWEEN.split(rest) if piece.strip()]
    if named:
        if _MARK not in pieces:  # the derivative is part of the equation, which is a differential equation then
            return None
        pieces.remove(_MARK)
    if len(pieces) != 1 or pieces[0].count("=") != 1:
        return None
    sides = pieces[0].split("=")
    try:
        left, right = (read_expression(side.strip(), assumptions) for side in sides)
    except ToolError:
        return None
    names = variables_of(left, right)
    if left == Variable(unknown):
        explicit = variables_of(right) == [variable] and named and not point
        late = re.search(r"=.*\b(?:find|what is|calculate|compute|determine)\b", text, re.IGNORECASE)
        return Differentiate(right, (variable,) * order, order) if explicit and late else None
    if unknown not in names or variable not in names:
        return None
    if (
        re.search(r"\btangent line\b|equation of the tangent|tangent to", text, re.IGNORECASE)
        and point
        and not named
        and "slope" not in lowered
    ):
        kind = "tangent"
    else:
        kind = "value"
    place: tuple[Node, ...] = ()
    if point:
        coordinates = [part for part in point.groups() if part]
        place = tuple(read_expression(part.strip(), assumptions) for part in coordinates)
    return Ask("implicit derivative", (Relation("=", left, right), *place), (str(order), kind, variable, unknown))


_MIXED = re.compile(
    r"(?:^|\s)[d∂](?:\^?\(?(\d)\)?)\s?([a-z]?)\s?/\s?\(?((?:\s?[d∂]\s?[a-z](?:\^?\(?\d\)?)?){2,4})\)?\s*(?:of|if|for|where)?\s*(.+)$"
)
_QUOTIENT_IN_BRACKETS = re.compile(r"\(\(\s*(d\^?\(\d\)\s?[a-z]?)\s*\)/\(((?:\s*d\s*[a-z](?:\^?\(\d\))?){2,4})\s*\)\)")
_SUBSCRIPTED = re.compile(
    r"^(?:find|compute|calculate|what is|evaluate|determine)?\s*\b([fguz])_\(?([xyzt]{1,4})\)?(?:\([a-z, ]+\))?\s*(?:of|if|for|where|when|given)\s+(.+)$",  # noqa: E501
    re.IGNORECASE,
)
_SECOND = re.compile(
    r"^(?:(?:find|compute|calculate|what are|determine) )?(?:all )?(?:the )?(?:four )?second[ -](?:order )?partial derivatives of (.+)$",  # noqa: E501
    re.IGNORECASE,
)
_DEFINED = re.compile(r"^(?:the )?(?:function )?[a-zA-Z]\s?(?:\([a-z, ]+\))?\s?=\s?(?=[^=]+$)")


def _mixed(text: str, assumptions: list[str]) -> Request | None:
    """`∂²f/∂x∂y of x^2 y^3` and `f_xy if f(x, y) = x^2 y^3`."""
    names = rest = ""
    if "_" in text and (found := _SUBSCRIPTED.match(text)):
        names, rest = found[2], found[3]
    elif "/" in text and (found := _MIXED.search(_QUOTIENT_IN_BRACKETS.sub(r" \1/\2 ", text))):
        for letter, power in re.findall(r"[d∂]\s?([a-z])\^?\(?(\d?)\)?", found[3]):
            names += letter * int(power or 1)
        names, rest = names[::-1], found[4]
    if not 1 <= len(names) <= 8:
        return None
    rest = _DEFINED.sub("", rest.strip())
    place = _POINT_CLAUSE.search(rest)
    if place:
        rest = rest[: place.start()]
    node = read_expression(rest, assumptions)
    coordinates = [part for part in place.groups() if part] if place else []
    values = tuple(read_expression(part.strip(), assumptions) for part in coordinates)
    ordered = _ordered(node)
    point = tuple(zip(ordered, values, strict=False)) if len(values) == len(ordered) else ()
    return Ask("mixed derivative", (node, _pairs(point)), tuple(names))


def _all_second(text: str, assumptions: list[str]) -> Request | None:
    """`second partial derivatives of x^2 y^3`, all of them."""
    found = _SECOND.match(text)
    if not found:
        return None
    node = read_expression(_DEFINED.sub("", found[1]), assumptions)
    names = _ordered(node)
    return Ask("partial derivatives", (node,), ("2", *names)) if len(names) > 1 else None


_LAGRANGE = re.compile(
    r"^(?:use|using|by|with) (?:the )?(?:method of )?lagrange(?:'s)? multipliers?,?(?: to)? (.+)$", re.IGNORECASE
)
_GIVEN_FIRST = re.compile(
    r"^(?:if|given(?: that)?|suppose(?: that)?|when|subject to) (.{3,120}?),? (?:then )?(?:what is|find|what's|calculate|determine|compute) "  # noqa: E501
    r"(?:the )?(max\w*|min\w*|largest|smallest|greatest|least)(?: possible)?(?: value)?(?: of)? (.+)$",
    re.IGNORECASE,
)
_WHAT = re.compile(r"^(?:(?:find|what is|calculate|determine|compute|please|the) )*", re.IGNORECASE)
_KINDS = {"max": "maximum", "lar": "maximum", "gre": "maximum", "min": "minimum", "sma": "minimum", "lea": "minimum"}


def _optimum(text: str, assumptions: list[str]) -> Request | None:
    """`if x + y = 10, what is the maximum of x*y`, and questions that name Lagrange."""
    if found := _GIVEN_FIRST.match(text):
        kind, rest = _KINDS[found[2][:3].lower()], f"{found[3]} subject to {found[1].strip(' ,')}"
    elif found := _LAGRANGE.match(text):
        rest = _WHAT.sub("", found[1])
        if not (named := re.match(r"(max|min)\w*(?: and (max|min)\w*)?(?: values?)?(?: of)? ", rest, re.IGNORECASE)):
            return None
        kind = "both" if named[2] else _KINDS[named[1].lower()]
        rest = rest[named.end() :]
    else:
        return None
    tokens, assumed = tokenize(rest)
    parser = ClauseParser(split_words(spoken_to_signs(tokens), assumed), assumed)
    if request := _constrained(kind)(parser):
        assumptions += assumed
    return request


READERS: list[TextReader] = [_implicit, _mixed, _all_second, _optimum]
