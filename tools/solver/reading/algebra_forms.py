# ruff: noqa: E501  a pattern is read more easily on one line
"""Forms of expressions and what can be read off them: partial fractions, completed squares, coefficients, quotients.

`partial fractions of 1/(x^2-1)`, `complete the square x^2+6x+1`, `coefficient of x^2 in (1+x)^5`, `divide x^3-1 by x-1`,
`express (2y-1)(y+3) as d y^2 + k y + c and give k`, `make h the subject of V = pi r^2 h`.
"""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import ClauseParser, TextReader, read_expression
from .letters import split_words
from .patterns import pattern_reader
from .syntax import Apply, Ask, Node, Relation, Request, Solve, Variable, variables_of
from .tokens import tokenize
from .wording import spoken_to_signs

_FUNCTION = r"(?:(?:function|polynomial|expression|quadratic|equation|parabola|fraction|number|trinomial) )?(?:[a-z]\([a-z]\) ?= ?|y ?= ?)?"
_ZERO = r"(?: ?= ?0)?"
_PATTERNS: list[tuple[str, str]] = [
    ("partial fractions", rf"(?:do |perform |give |write )?partial[- ]fractions?(?: decomposition| expansion| form)?(?: of| for| on)? {_FUNCTION}{{a}}"),
    ("partial fractions", rf"(?:decompose|resolve|expand|write|express|split|convert|put) {_FUNCTION}{{a}} (?:in(?:to)?|as|using|to)(?: a sum of)?(?: its)? partial fractions?"),
    ("completed square", rf"complet(?:e|ing) square(?: for| of| on| in| to)?:? {_FUNCTION}{{a}}{_ZERO}"),
    ("completed square", rf"(?:write|express|put|rewrite|convert) {_FUNCTION}{{a}}{_ZERO} (?:in|to|into|as)(?: a)?(?: its)? (?:completed[- ]square form|perfect square|vertex form|standard form of a parabola|form a\(x ?- ?h\)\^2 ?\+ ?k)"),
    ("completed square", rf"(?:vertex|completed square) form (?:of|for) {_FUNCTION}{{a}}{_ZERO}"),
    ("vertex", rf"vertex (?:of|for) {_FUNCTION}{{a}}{_ZERO}"),
    ("vertex:axis", rf"(?:axis|line) of symmetry (?:of|for) {_FUNCTION}{{a}}{_ZERO}"),
    ("discriminant", rf"discriminant (?:of|for) {_FUNCTION}{{a}}{_ZERO}"),
    ("discriminant:nature", rf"nature of roots (?:of|for) {_FUNCTION}{{a}}{_ZERO}"),
    ("discriminant:count", rf"(?:how many|number of) (?:distinct )?real (?:roots|solutions|zeros)(?: does| of| for)? {_FUNCTION}{{a}}{_ZERO}(?: have| has)?"),
    ("polynomial division", rf"(?:divide|polynomial (?:long )?division(?: of)?|long division(?: of)?|synthetic division(?: of)?|long divide|use synthetic division to divide|use long division to divide|perform (?:long|synthetic) division(?: of)?) {_FUNCTION}{{a}} (?:by|/|divided by) {{b}}"),
    ("polynomial division", r"quotient and remainder (?:when|of|for|if)?(?: dividing)? ?{a} (?:is )?(?:divided )?by {b}"),
    ("polynomial division:quotient", r"quotient (?:when|of|for|if)?(?: dividing)? ?{a} (?:is )?(?:divided )?by {b}"),
    ("polynomial division:remainder", r"(?:polynomial )?remainder (?:when|of|for|if)?(?: dividing)? ?{a} (?:is )?(?:divided by|/|over|by) {b}"),
    ("coefficient", r"coefficient (?:of|on|for) {b} (?:in|of)(?: expansion of| expanded form of| polynomial| binomial expansion of)? {a}"),
    ("coefficient:constant", r"constant (?:term|coefficient) (?:in|of)(?: expansion of| expanded form of| polynomial)? {a}"),
    ("coefficient:leading", rf"leading coefficient (?:of|in) {_FUNCTION}{{a}}{_ZERO}"),
    ("coefficient:all", rf"coefficients (?:of|in) {_FUNCTION}{{a}}"),
    ("degree", rf"degree (?:of|for) {_FUNCTION}{{a}}{_ZERO}"),
    ("collected", r"collect(?: the)?(?: like)? terms(?: in| of)? {a}"),
    ("collected", r"(?:combine|gather)(?: like)? terms(?: in| of)? {a}"),
    ("collected:by", r"collect {a} (?:in|by|with respect to|in terms of|in powers of) {b}"),
    ("collected:by", r"collect (?:terms|powers) (?:in|of) {b} (?:in|of) {a}"),
    ("rationalized", r"rationali[sz]e(?: denominator)?(?: of| in)?:? {a}"),
    ("simplified positive", r"simplify {a},? (?:assuming|assume|if|where|for|given)(?: that)? {b} (?:is|are) (?:a )?positive(?: number)?"),
    ("simplified positive", r"simplify {a},? (?:assuming|assume|if|where|for|given)(?: that)? {b} ?> ?0"),
    ("roots given", r"(?:polynomial|quadratic|equation|quadratic equation|cubic)(?: function)? (?:with|whose|having|that has)(?: its)? (?:roots|zeros|solutions)(?: are| at| of)? {list}"),
    ("interpolated", r"(?:interpolating )?(?:polynomial|quadratic|parabola|cubic|lagrange polynomial|lagrange interpolation|interpolation)(?: function)? (?:through|passing through|that passes through|for|of|interpolating|that goes through)(?: points)? {list}"),
    ("trigonometry:expand", r"(?:expand(?: trig(?:onometric)?)?|trig(?:onometric)? expand) (?P<a>[^;]*\b(?:sin|cos|tan)\b.*)"),
    ("logarithms:expand", r"expand(?: logarithm| log| using log(?:arithm)? (?:rules|properties))? (?P<a>(?:ln|log)\b.*)"),
    ("logarithms:combine", r"(?:combine|condense|write as a single log(?:arithm)?)(?: logarithms?| logs?| into a single log(?:arithm)?)?:? (?P<a>.*\b(?:ln|log)\b.*?)(?: (?:as|into) a single log(?:arithm)?)?"),
    ("logarithms:combine", r"(?:write|express) (?P<a>.*\b(?:ln|log)\b.*?) as a single log(?:arithm)?"),
    ("factored modulo", r"factor(?:i[sz]e)? {a} (?:\(?mod(?:ulo)?|over gf ?\(|in gf ?\(|over f_?|over z_?) ?{b}\)?"),
    ("number of terms", r"(?:how many|number of) terms(?: are(?: there)?)? in(?: the)? expansion of {a}"),
]  # fmt: skip
_HINT = (
    r"partial|square|vertex|symmetry|discriminant|nature|real|divi|quotient|remainder|coefficient|degree|constant|collect|terms?\b"
    r"|rationali|positive|> ?0|roots|zeros|solutions|through|polynomial|interpol|expand|combine|condense|single log|factor|ratio"
)
_read_pattern = pattern_reader(_HINT, _PATTERNS)
_SUBJECT = re.compile(
    r"(?:make|let) (?P<a>[A-Za-z](?:_\w)?) (?:be )?(?:the )?subject(?: of)?(?: the)?(?: formula| equation)?:?,? ?(?P<b>.+)"
    r"|(?:rearrange|transpose|solve|manipulate) (?:the )?(?:formula |equation )?(?P<c>.+?=.+?)(?:,| to| so that)? (?:to make|for|make|in terms of|to find|to isolate|isolate|to solve for|solve for) (?P<d>[A-Za-z](?:_\w)?)(?: (?:is )?the subject)?"
    r"|(?:isolate|find) (?P<e>[A-Za-z](?:_\w)?) (?:in|from) (?:the )?(?:formula |equation )?(?P<f>.+?=.+)"
    r"|(?P<g>[^,]+?=[^,]+?),? (?:make|solve for|find|isolate) (?P<h>[A-Za-z](?:_\w)?)(?: the subject)?",
    re.IGNORECASE,
)
_GIVEN_THAT = re.compile(
    r"(?:determine|calculate|find|compute|what is|give|work out) (?P<letter>[a-zA-Z]),? (?:given that|given|if|when|such that|so that) (?P<equation>[^,]*=.*)",
    re.IGNORECASE,
)
_IN_FORM = re.compile(
    r"(?:express|rearrange|write|rewrite|put|expand) (?P<a>.+?) (?:in|to|as|into) (?:the form )?(?P<b>.+?),? and (?:give|find|state|what is|determine)(?: the value of)? (?P<k>[a-z])",
    re.IGNORECASE,
)
_RATIO = re.compile(
    r"(?:divide|split|share) (?P<a>\$?[\d.,]+?) (?:in|into|in a|between .{1,60}? in)(?: the)? ratio(?: of)? (?P<ratio>\d+(?: ?(?::|to) ?\d+){1,6})"
    r"|(?:simplify|reduce)(?: the)?(?: ratio)?(?: of)? (?P<plain>\d+(?: ?: ?\d+){1,6})",
    re.IGNORECASE,
)
_PROPORTION = re.compile(
    r"(?:solve |find [a-z] (?:if|in) )?(?:the proportion )?(?P<a>[A-Za-z]|[\d.]+) ?(?::|is to) ?(?P<b>[A-Za-z]|[\d.]+) ?(?:=|::|as|is as) ?(?P<c>[A-Za-z]|[\d.]+) ?(?::|is to) ?(?P<d>[A-Za-z]|[\d.]+)(?: for [a-z])?",
    re.IGNORECASE,
)
_FACTOR_OVER = re.compile(
    r"factor(?:i[sz]e)? (?P<a>.+?) (?:completely )?over(?: the)? (?P<over>real|complex)s?(?: numbers)?", re.IGNORECASE
)


def read_form(text: str, assumptions: list[str]) -> Request | None:
    """A form of an expression, or something read off one; `None` for everything else."""
    if len(text) > 300:
        return None
    spaced = " ".join(text.split())
    for read in (_subject, _given_that, _in_form, _ratio, _factored_over):
        if request := read(spaced, assumptions):
            return request
    noted: list[str] = []
    request = _read_pattern(text, noted)
    if not isinstance(request, Ask) or not _fits(request):
        return None
    assumptions += noted
    return request


def _fits(request: Ask) -> bool:
    """Whether the expressions are of the kind that is asked about; numbers are the business of other domains."""
    has_letters = bool(request.args) and bool(variables_of(request.args[0]))
    if request.name in ("rationalized", "roots given", "interpolated", "ratio share"):
        return bool(request.args)
    return has_letters


def _relation(text: str, assumptions: list[str]) -> Node:
    tokens, assumed = tokenize(text)
    assumptions += assumed
    parser = ClauseParser(split_words(spoken_to_signs(tokens), assumptions), assumptions)
    nodes = parser.relations()
    parser.finish("2*x + 3 = 7")
    if len(nodes) != 1:
        raise ToolError("expected one equation")
    return nodes[0]


def _subject(text: str, assumptions: list[str]) -> Request | None:
    found = _SUBJECT.fullmatch(text)
    if found is None:
        return None
    letter = found["a"] or found["d"] or found["e"] or found["h"]
    formula = found["b"] or found["c"] or found["f"] or found["g"]
    try:
        relation = _relation(formula, noted := [])
    except ToolError:
        return None
    if not isinstance(relation, Relation) or relation.op != "=" or letter not in variables_of(relation):
        return None
    assumptions += noted
    return Ask("subject", (relation,), (letter,)) if len(variables_of(relation)) > 1 else Solve((relation,), (letter,))


def _given_that(text: str, assumptions: list[str]) -> Request | None:
    found = _GIVEN_THAT.fullmatch(text)
    if found is None or "," in found["equation"]:
        return None
    try:
        relation = _relation(found["equation"], noted := [])
    except ToolError:
        return None
    if not isinstance(relation, Relation) or variables_of(relation) != [found["letter"]]:
        return None
    assumptions += noted
    return Solve((relation,), (found["letter"],))


def _in_form(text: str, assumptions: list[str]) -> Request | None:
    found = _IN_FORM.fullmatch(text)
    if found is None:
        return None
    try:
        nodes = [read_expression(found[name], noted := []) for name in "ab"]
    except ToolError:
        return None
    if found["k"] not in variables_of(nodes[1]):
        return None
    assumptions += noted
    return Ask("matched", (*nodes, Variable(found["k"])))


def _ratio(text: str, assumptions: list[str]) -> Request | None:
    if found := _RATIO.fullmatch(text):
        parts = tuple(re.findall(r"\d+", found["ratio"] or found["plain"]))
        if found["plain"]:
            return Ask("ratio simplified", (), parts)
        return Ask("ratio share", (read_expression(found["a"].lstrip("$").rstrip(","), assumptions),), parts)
    if (found := _PROPORTION.fullmatch(text)) and sum(part.isalpha() for part in found.groups()) == 1:
        a, b, c, d = (read_expression(part, assumptions) for part in found.groups())
        return Solve((Relation("=", Apply("*", (a, d)), Apply("*", (b, c))),))
    return None


def _factored_over(text: str, assumptions: list[str]) -> Request | None:
    found = _FACTOR_OVER.fullmatch(text)
    if found is None:
        return None
    try:
        node = read_expression(found["a"], assumptions)
    except ToolError:
        return None
    return Ask("factored over", (node,), (found["over"].lower(),)) if variables_of(node) else None


READERS: list[TextReader] = [read_form]
