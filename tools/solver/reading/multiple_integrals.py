r"""Double and triple integrals: `integrate x*y for x from 0 to 1 and y from 0 to x`, `\int_0^1\int_0^x x y \,dy\,dx`.

Regions are ranges of each variable, products of intervals, the unit square, cube and disk, and disks `x^2 + y^2 <= 4`.
A range whose bounds hold another variable is integrated first. Single integrals are read by `calculus_queries`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...errors import ToolError
from .clauses import Command
from .syntax import Apply, Ask, Integrate, Node, Number, Relation, Request, Sequence, Variable, variables_of

MAX_DIMENSION = 3

Range = tuple[str, Node, Node]

_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))
_LINKS = (
    "over", "for", "with", "where", "and", "region", "rectangle", "domain", "on", "in", "as", "when", "given", "square",
    "rectangular", "box", "set", "by", "defined", "bounded", "inside", "within", "area", "is", "are", "both", "if",
)  # fmt: skip
_RANGE_WORDS = ("from", "in", "between", "goes", "going", "runs", "ranges", "varies", "ranging", "running", "varying")
_EXAMPLE = "integrate x*y for x from 0 to 1 and y from 0 to 2"


def _read(parser: Any, *, certain: bool) -> Request | None:
    differentials = list(parser.differentials)
    parser.in_integral = True
    request = _several(parser, certain=certain)
    if request is None:
        parser.in_integral, parser.in_range, parser.differentials = False, False, differentials
    return request


def _several(parser: Any, *, certain: bool) -> Request | None:
    parser.accept_words("of")
    signs = _signs(parser)
    if len(signs) > 1:
        return _iterated(parser, signs)
    if signs:
        return None
    try:
        ranges, integrand, names = _described(parser)
    except ToolError:
        if certain:
            raise
        return None
    if len(ranges) < 2:
        if certain and ranges:
            raise ToolError(f"a double integral needs a range for each variable; write for example: {_EXAMPLE}")
        if certain and not ranges and len(names) > 1:
            return _indefinite(integrand, names)
        return None
    return _request(integrand, _inside_out(ranges, names))


def _signs(parser: Any) -> list[tuple[Node, Node]]:
    """The bounds of `_0^1 integral _0^x`, from the outside in."""
    found: list[tuple[Node, Node]] = []
    while parser.at_op("_") or (found and parser.token.word in ("integral", "integrate", "int")):
        if parser.token.word:
            parser.position += 1
        if not parser.accept_op("_"):
            raise ToolError("each integral sign needs bounds, for example \\int_0^1\\int_0^x x*y dy dx")
        lower = parser._script()
        parser.expect_op("^")
        found.append((lower, parser._script()))
    return found


def _iterated(parser: Any, signs: list[tuple[Node, Node]]) -> Request:
    before = len(parser.differentials)
    integrand = parser.expression()
    names = [name for name in parser.differentials[before:] if name not in ("A", "V")]
    parser.finish(_EXAMPLE)
    if not names:
        free = sorted(variables_of(integrand))
        bound_variables = [set(variables_of(*bounds)) for bounds in signs]
        if len(free) != len(signs) or any(bound_variables):
            raise ToolError("say the order of integration with dy dx: \\int_0^1\\int_0^x x*y dy dx")
        names = list(reversed(free))
    if len(names) != len(signs):
        raise ToolError(f"there are {len(signs)} integral signs, but {len(names)} variables of integration")
    return _request(integrand, [(name, *bounds) for name, bounds in zip(names, reversed(signs), strict=True)])


def _described(parser: Any) -> tuple[list[Range], Node, list[str]]:
    """The ranges in words, the integrand, and the variables in the order of their differentials."""
    before = len(parser.differentials)
    ranges: list[Range] = []
    if parser.at_words("under"):
        parser.position += 1
    _pass_name(parser)
    integrand = parser.expression()
    while parser.token.kind != "end":
        if parser.token.kind == "word" and parser.at_words(parser.token.word) and _differential(parser):
            continue
        if parser.at_op(",", ";") or parser.token.word in _LINKS or parser.token.word == "from":
            parser.position += 1
        elif parser.accept_words("wrt"):
            parser.letters()
        elif parser.at_words("unit"):
            ranges += _unit_region(parser, integrand)
        elif parser.token.word in ("disk", "disc", "circle") or (
            parser.at_letter() and parser.ahead().text == "=" and parser.ahead(2).text in ("[", "(")
        ):
            parser.position += 1
        elif parser.at_letter() and (parser.ahead().text == "=" or parser.ahead().word in _RANGE_WORDS):
            ranges.append(_range(parser))
        elif parser.at_op("["):
            ranges += _product_of_intervals(parser, integrand)
        else:
            ranges += _chain(parser)
    names = [name for name in parser.differentials[before:] if name not in ("A", "V")]
    return ranges, integrand, names or sorted(variables_of(integrand))


def _pass_name(parser: Any) -> None:
    for word in ("graph", "of", "surface", "function"):
        parser.accept_words(word)
    if parser.at_letter() and parser.ahead().text == "=" and parser.ahead(2).text != "=":
        parser.position += 2
        return
    start = parser.position
    if parser.at_letter() and parser.ahead().text == "(":
        parser.position += 2
        while parser.at_letter() or parser.at_op(","):
            parser.position += 1
        if parser.accept_op(")") and parser.accept_op("="):
            return
        parser.position = start


def _differential(parser: Any) -> bool:
    text = parser.token.text
    if text[0] == "d" and 1 < len(text) <= 6 and (len(text) == 2 or text == "dtheta" or text == "dphi"):
        parser.differentials.append(text[1:])
        parser.position += 1
        return True
    return False


def _range(parser: Any) -> Range:
    name = parser.letter()
    while parser.token.word in _RANGE_WORDS or parser.at_op("="):
        parser.position += 1
    if parser.at_op("["):
        lower, upper = parser._interval()
        return name, lower, upper
    _, lower, upper = parser.range()
    return name, lower, upper


def _product_of_intervals(parser: Any, integrand: Node) -> list[Range]:
    intervals = []
    while parser.at_op("["):
        intervals.append(parser._interval())
        if parser.at_op("*") or parser.at_words("x") or parser.at_words("by"):
            parser.position += 1
    names = sorted(variables_of(integrand)) or ["x", "y", "z"]
    names = names if len(names) == len(intervals) else list("xyz")
    return [(name, *interval) for name, interval in zip(names, intervals, strict=False)]


def _unit_region(parser: Any, integrand: Node) -> list[Range]:
    parser.position += 1
    if parser.token.word in ("square", "cube"):
        names = "xyz" if parser.token.word == "cube" else "xy"
        parser.position += 1
        return [(name, _ZERO, _ONE) for name in names]
    if parser.token.word in ("disk", "disc", "circle"):
        parser.position += 1
        return _disk(_ONE)
    raise ToolError(f"the region cannot be read; write for example: {_EXAMPLE}")


def _disk(square: Node) -> list[Range]:
    """The disk about the origin with the square of its radius."""
    x_squared = Apply("^", (Variable("x"), Number(Fraction(2))))
    height = Apply("sqrt", (Apply("+", (square, Apply("neg", (x_squared,)))),))
    radius = Apply("sqrt", (square,))
    return [("y", Apply("neg", (height,)), height), ("x", Apply("neg", (radius,)), radius)]


def _chain(parser: Any) -> list[Range]:
    """`0 <= x <= 1` or `x^2 + y^2 <= 4`."""
    links = parser.relations()
    first = links[0]
    if len(links) == 1 and isinstance(first, Relation) and first.op in ("<=", "<", "=") and _is_circle(first.left):
        return _disk(first.right)
    if len(links) != 2 or not all(isinstance(link, Relation) and link.op in ("<=", "<", ">=", ">") for link in links):
        raise ToolError(f"the region cannot be read; write for example: {_EXAMPLE}")
    middle = links[0].right
    if not isinstance(middle, Variable):
        raise ToolError(f"the region cannot be read; write for example: {_EXAMPLE}")
    lower, upper = (links[0].left, links[1].right) if "<" in links[0].op else (links[1].right, links[0].left)
    return [(middle.name, lower, upper)]


def _is_circle(node: Node) -> bool:
    squares = {Apply("^", (Variable(name), Number(Fraction(2)))) for name in ("x", "y")}
    return isinstance(node, Apply) and node.name == "+" and set(node.args) == squares


def _inside_out(ranges: list[Range], names: list[str]) -> list[Range]:
    """The ranges in an order in which no bound holds a variable that was integrated already."""
    rest = sorted(ranges, key=lambda item: names.index(item[0]) if item[0] in names else len(names))
    ordered: list[Range] = []
    while rest:
        free = [
            item for item in rest
            if all(item[0] not in variables_of(*other[1:]) for other in rest if other is not item)
        ]  # fmt: skip
        if not free:
            raise ToolError("the bounds depend on each other in a circle; give one variable bounds without the others")
        ordered.append(free[0])
        rest.remove(free[0])
    return ordered


def _request(integrand: Node, ranges: list[Range]) -> Request:
    if len(ranges) > MAX_DIMENSION:
        raise ToolError(f"integrals over at most {MAX_DIMENSION} variables are read")
    if len({name for name, _, _ in ranges}) < len(ranges):
        raise ToolError("a variable has two ranges; give each variable one")
    limits = tuple(Sequence((Variable(name), lower, upper)) for name, lower, upper in ranges)
    return Ask("multiple integral", (integrand, *limits))


def _indefinite(integrand: Node, names: list[str]) -> Request:
    return Integrate(integrand, tuple((name, None, None) for name in names))


COMMANDS: list[Command] = [
    *(
        (phrase, lambda parser: _read(parser, certain=True))
        for phrase in (
            "double integral",
            "triple integral",
            "iterated integral",
            "multiple integral",
            "volume integral",
            "volume under",
            "volume below",
        )
    ),
    *(
        (phrase, lambda parser: _read(parser, certain=False))
        for phrase in ("integrate", "integral", "definite integral")
    ),
]
