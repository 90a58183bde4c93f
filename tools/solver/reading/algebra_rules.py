# ruff: noqa: E501  a pattern is read more easily on one line
"""Identities, factors, surds, substitution, trigonometric forms, roots, progressions and ratios, in further wordings.

`is (a+b)^2 = a^2 + b^2 an identity`, `is x - 2 a factor of x^3 - 8`, `factor out the gcf of 6x^2 + 9x`, `substitute x = 3
into 2x^2`, `write sin(x)^4 as a sum of cosines`, `third term of (x + 2)^7`, `nature of the roots of x^2 = 4x - 4`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from ...errors import ToolError
from .clauses import ClauseParser, TextReader, read_expression, read_list, without_lead_ins
from .function_text import LONGEST
from .letters import split_words
from .syntax import Apply, Ask, Node, Number, Relation, Request, Rewrite, Sequence, Solve, variables_of
from .tokens import tokenize
from .wording import spoken_to_signs

_ZERO = Number(Fraction(0))
_LEAD = re.compile(
    r"(?:what(?:'s| is| are)?|which is|find|calculate|compute|determine|evaluate|give|state|list|show(?: that)?|work out|please|can you|could you|me|check|decide|test|whether|if|value of|describe|tell|write down|get"
    r"|(?:use|using|by|with|apply)(?: the)? (?:remainder theorem|factor theorem|synthetic division|polynomial long division|long division|binomial theorem|quadratic formula|discriminant|completing square)(?: to)?(?: find| determine| decide| calculate)?,?|a|an|to|all|then)\s+",
    re.IGNORECASE,
)
_NAMED = r"(?:(?:function|polynomials?|expression|quadratic|equation|parabola|trinomial|quadratic equation|quadratic function|cubic|formula)(?: equation)? )?(?:[a-z]\([a-z]\) ?= ?|y ?= ?(?=[^=]*$))?"
_A, _B, _E = r"(?P<a>\S(?:.*?\S)??)", r"(?P<b>\S(?:.*?\S)??)", r"(?P<e>\S(?:.*?\S)??)"
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}  # fmt: skip
_SAME = r"(?:equal(?: to each other)?|equivalent|the same|identical|same|equivalent expressions|same expression|equal expressions)"
_PATTERNS: list[tuple[str, str]] = [
    ("identity", r"(?:verify|prove|confirm|check|establish|demonstrate)(?: identity| that| whether| if| trig(?:onometric)? identity)*:? (?P<e>[^=]+=[^=]+?)(?: is (?:an identity|true|always true|correct|valid))?"),
    ("identity", r"(?:is )?(?P<e>[^=]+=[^=]+?) (?:is )?(?:an? identity|always true|an identity\?|true for all (?:real |values of )?[a-z]?(?:, ?[a-z])*|always|identically true|an? (?:trig(?:onometric)? )?identity|true|correct|valid)"),
    ("identity", r"is it true that (?P<e>[^=]+=[^=]+)"),
    ("identity", r"is (?P<e>[^=]+=[^=]+)"),
    ("identity", rf"(?:are |is )?(?:expressions? )?{_A} (?:and|with) {_B} {_SAME}"),
    ("identity", rf"(?:is |are )?(?:expressions? )?{_A} {_SAME} (?:to|as) {_B}"),
    ("identity", rf"(?:does|do) {_A} (?:always )?equal {_B}"),
    ("identity", rf"(?:do|are) {_A} and {_B} (?:always )?(?:equal|agree)"),
    ("polynomial factor test", rf"(?:is )?{_A} (?:is )?(?:a )?(?:factor|divisor) of {_NAMED}{_B}"),
    ("polynomial factor test", rf"does {_A} divide {_NAMED}{_B}(?: evenly)?"),
    ("common factor out", rf"(?:factor|take|pull|factori[sz]e)(?: out)?(?: greatest| highest| largest)? (?:common factors?|gcf|hcf|gcd|common monomial(?: factor)?)(?: out)?(?: of| from| in|:)? {_A}"),
    ("common factor out", rf"factor {_A} by taking out (?:common factor|gcf)"),
    ("polynomial gcd:one", r"(?:greatest |highest |largest )?(?:common factor|common monomial factor|gcf|hcf) (?:of|in)(?: terms (?:of|in))? (?:polynomial |expression )?(?P<a>[^,]*[a-z][^,]*?)"),
    ("polynomial gcd", r"(?:greatest|highest|largest) common (?:divisor|factor) (?:of|for|between) (?:polynomials |expressions )?(?P<list>.*[a-z].*)"),
    ("polynomial gcd", r"(?:gcd|hcf|gcf) (?:of|for) polynomials (?P<list>.*[a-z].*)"),
    ("polynomial gcd:lcm", r"(?:(?:least|lowest|smallest) common multiple|lcm) (?:of|for|between) (?:polynomials |expressions )?(?P<list>.*[a-z].*)"),
    ("rational roots:possible", rf"(?:all )?possible rational (?:roots|zeros)(?: of| for) {_NAMED}{_E}"),
    ("rational roots:possible", rf"rational root(?:s)? theorem(?: for| on| to| of)? {_NAMED}{_E}"),
    ("rational roots", rf"rational (?:roots|zeros|solutions)(?: of| for) {_NAMED}{_E}"),
    ("irreducible", rf"is {_A} (?:an? )?(?:irreducible|prime)(?: polynomial)?(?: over (?:the )?(?:rationals?|rational numbers|q|integers))?"),
    ("real root count", rf"(?:how many|number of) (?:distinct |different )?(?:real )?(?:roots|solutions|zeros|x-intercepts)(?: does| of| for| to| has)? {_NAMED}{_E}(?: have| has)?"),
    ("surd", rf"simplify (?:surds?|radicals?|radical expression|square roots?|root|expression)?:? ?{_A} (?:in(?:to)?|to|as) (?:its )?(?:simplest|simplified) (?:radical |surd |exact )?form"),
    ("surd", rf"(?:simplify|reduce) (?:surds?|radicals?|radical expression|square roots?|cube roots?|nth root)(?: expression)?:? {_A}"),
    ("surd", rf"(?:write|express|put|give) {_A} (?:in|as) (?:its )?(?:simplest|simplified|exact) (?:radical |surd )?form"),
    ("surd", rf"(?:denest|unnest) {_A}"),
    ("surd", rf"simplest (?:radical|surd) form of {_A}"),
    ("multiple angle", rf"(?:express|write|expand|rewrite) {_A} (?:in terms of|using|in powers of|as a polynomial in)(?: only)? (?P<b>(?:sin|cos|tan)\b.{{1,20}}?)(?: only)?"),
    ("trigonometric sum", r"(?:reduce|linearize|power[- ]reduce|apply power reduction to|power reduction(?: of| for)?|product[- ]to[- ]sum(?: of| for)?|reduce powers? (?:of|in)) (?:product |powers? )?(?:of )?(?P<a>.*\b(?:sin|cos)\b.*?)"),
    ("trigonometric sum", r"(?:write|express|rewrite|convert|expand) (?:product )?(?P<a>.*\b(?:sin|cos)\b.*?) (?:as|into|in terms of|using) (?:an? )?(?:sum|sums|multiple angles|sum of (?:sines|cosines|sines and cosines|trig(?:onometric)? functions)|first powers? of cosine|sum or difference|linear combination of (?:cosines|sines).*)"),
    ("expand", rf"(?:expand )?(?:binomial expansion|expansion|expanded form)(?: of| for)? {_A}"),
    ("expand", rf"(?:use binomial theorem to expand|expand using binomial theorem:?|multiply out|expand brackets(?: of| in)?|expand and simplify:?|expand out|expand fully|distribute) {_A}"),
    ("expand", rf"expand {_A} (?:using|by|with)(?: the)? (?:binomial theorem|foil|distributive (?:law|property)|pascals? triangle)"),
    ("factor", rf"(?:factor|factori[sz]e) (?:completely|fully|quadratic|polynomial|trinomial|expression|difference of (?:two )?squares|by grouping):? {_A}"),
    ("factor", rf"(?:factor|factori[sz]e) {_A} (?:completely|fully|by grouping|into (?:linear )?factors|over (?:the )?(?:rationals?|rational numbers|integers|q|z))"),
    ("binomial place", rf"(?:(?P<place>\d{{1,3}})(?:st|nd|rd|th)|(?P<word>{'|'.join(_NTH)}|middle|last)) terms? (?:of|in)(?: (?:binomial )?expansion of)?(?: expanding)? {_A}(?: when expanded)?"),
    ("number of terms", rf"(?:how many|number of) terms (?:are |are there )?in {_A}(?: when (?:it is )?expanded| after expanding| expanded)"),
    ("root facts:sum product", rf"(?:sum and product|product and sum) of (?:its )?(?:roots|zeros|solutions) (?:of|to|for) {_NAMED}{_E}"),
    ("root facts:sum", rf"sum of (?:its )?(?:roots|zeros|solutions) (?:of|to|for) {_NAMED}(?P<e>.+=.+)"),
    ("root facts:product", rf"product of (?:its )?(?:roots|zeros|solutions) (?:of|to|for) {_NAMED}(?P<e>.+=.+)"),
    ("roots given", r"(?:(?:monic |real )?(?:polynomial|quadratic|equation|quadratic equation|cubic|cubic polynomial|quadratic polynomial|polynomial equation|quadratic function|polynomial function))(?: of (?:least|lowest|smallest|minimal) degree| of degree \d+)? (?:with|whose|having|that has|which has|given)(?: its)?(?: real| integer)? (?:roots|zeros|solutions)(?: are| at| of| is|:)? (?P<list>.+)"),
    ("polynomial division:remainder", rf"(?:polynomial )?remainder (?:when|of|for|if|from)?(?: dividing)? ?{_NAMED}{_A} (?:is )?(?:divided by|/|over|by) {_B}"),
    ("polynomial division", rf"(?:divide|quotient and remainder of|quotient and remainder when) {_NAMED}{_A} (?:is )?(?:divided )?by {_B}(?: using| with| by)?(?: synthetic division| polynomial long division| long division| polynomial division)"),
    ("polynomial division", rf"(?:synthetic|polynomial|long|polynomial long) division:? {_NAMED}{_A} (?:divided by|by|/) {_B}"),
    ("discriminant", rf"discriminant (?:of|for) {_NAMED}(?P<e>.+=.+)"),
    ("discriminant:nature", rf"(?:nature|type|kind|sort|types|character)(?: and number)? of (?:the )?(?:roots|solutions|zeros)(?: of| for| to| does| has| in)? {_NAMED}{_E}(?: have| has)?"),
    ("completed square", rf"(?:solve by )?complet(?:e|ing) square(?: for| of| on| in| to solve)?:? {_NAMED}(?P<z>[^=]+)= ?0"),
    ("square completer", rf"(?:(?:what|which|for (?:what|which)) )?(?:value of )?(?P<letter>[a-z]) (?:makes|will make|would make|such that|so that|for which|should be so that|is|does) {_A} (?:is )?(?:a )?perfect square(?: trinomial)?"),
    ("collected:by", rf"collect (?:like )?(?:terms|powers)(?: of| in| with)? (?P<b>[a-z])(?:\s*:\s*|\s+(?:of|in|from)\s+){_A}"),
]  # fmt: skip
_HINT = re.compile(
    r"^is\b|identity|verify|prove|confirm|establish|equal|equivalent|same|identical|true|valid|correct|always|factor|gcf|hcf|gcd|lcm|multiple|divisor|divide|rational root|rational zero|rational sol|irreducible|prime|how many|number of|surd|radical|simplest|simplified|denest|unnest"
    r"|in terms of|using|powers|reduc|lineari|product|sum\b|sums\b|cosines|expan|multiply out|distribut|term|roots|zeros|solutions|discriminant|nature|square|collect|completely|fully|grouping|over|agree|demonstrate|remainder|division",
    re.IGNORECASE,
)
_SUBSTITUTE = re.compile(
    r"(?:substitute|plug|put|plugging|substituting)(?: in)? (?P<values>[a-z] ?= ?.+?) (?:into|in|to|for) (?:the )?(?:expression |formula |equation |function |polynomial )?(?:[a-z]\([a-z]\) ?= ?|y ?= ?)?(?P<a>[^=]+)"
    r"|(?:substitute|replace) (?P<name>[a-z]) (?:with|by) (?P<value>.+?) in(?:to)? (?:expression |formula )?(?P<b>[^=]+)"
    r"|in (?:expression )?(?P<c>[^=]+?),? (?:substitute|replace|put) (?P<values2>[a-z] ?= ?.+)",
    re.IGNORECASE,
)
_EXPRESS = re.compile(
    r"(?:express|write|give|find|get|solve for) (?P<x>[a-zA-Z]) (?:in terms of|as a function of) (?P<others>[a-zA-Z](?:(?:,| and|, and) [a-zA-Z]){0,4})(?: ?:| if| when| given(?: that)?| from| in| for| where|,)+ ?(?P<e>[^=]+=[^=]+)"
    r"|(?:if|given(?: that)?) (?P<e2>[^=]+=[^=]+?),? (?:express|write|find|give|what is|solve for) (?P<x2>[a-zA-Z]) (?:in terms of|as a function of) [a-zA-Z](?:(?:,| and|, and) [a-zA-Z]){0,4}"
    r"|change (?:the )?subject (?:of (?:the )?(?:formula |equation )?)?(?P<e3>[^=]+=[^=]+?) to (?P<x3>[a-zA-Z])"
    r"|(?:rearrange|transpose|solve|manipulate) (?:the )?(?:formula |equation )?(?P<e4>[^=]+=[^=]+?),? (?:to give|giving|to get|so that it is|in the form) (?P<x4>[a-zA-Z])(?: ?=.*)?"
    r"|(?:make|let) (?P<x6>[a-zA-Z]) (?:be )?(?:the )?subject(?: of| in)?(?: the)?(?: formula| equation)?:?,? ?(?P<e6>[^=]+=[^=]+)"
    r"|(?:rearrange|transpose|solve|manipulate) (?:the )?(?:formula |equation )?(?P<e5>[^=]+=[^=]+?),? for (?P<x5>[a-zA-Z])",
    re.IGNORECASE,
)
_PROGRESSION = re.compile(
    r"(?:(?P<kind>arithmetic|geometric) (?:sequence|progression|series)(?: with| where| has|:)? )?a_?\(?1\)? ?= ?(?P<first>[^,]+?)(?:,| and|, and) (?:common )?(?:(?:difference|ratio) )?(?P<letter>[dr]) ?= ?(?P<step>[^,.;]+?)[,.;]? (?:and )?(?:find|what is|calculate|determine|compute) (?:the )?(?:(?P<w>a|s)_?\(?(?P<n>\d{1,7})\)?|(?P<n2>\d{1,7})(?:st|nd|rd|th) term|(?P<sum>sum of (?:the )?first )(?P<n3>\d{1,7})(?: terms)?)",
    re.IGNORECASE,
)
_CHAIN = re.compile(
    r"(?:if |given (?:that )?)?(?P<a>[a-z]) ?: ?(?P<b>[a-z]) ?(?:=|is|::) ?(?P<p>\d+) ?: ?(?P<q>\d+)(?:,| and|, and) (?P<c>[a-z]) ?: ?(?P<d>[a-z]) ?(?:=|is|::) ?(?P<r>\d+) ?: ?(?P<s>\d+),? (?:then )?(?:find|what is|calculate|determine) (?:the )?(?:ratio )?(?P<f>[a-z]) ?: ?(?P<g>[a-z]) ?(?:: ?(?P<h>[a-z]))?",
    re.IGNORECASE,
)
_PROPORTION = re.compile(r"(?:solve|find [a-z] in)(?: the)? proportion:? (?P<e>[^=]+=[^=]+)", re.IGNORECASE)


@cache
def _compiled() -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _PATTERNS]


def read_rule(text: str, assumptions: list[str]) -> Request | None:
    """One of these questions; `None` for everything else."""
    if len(text) > LONGEST:
        return None
    spaced = re.sub(r"\bthe\s+", "", " ".join(text.split()), flags=re.IGNORECASE).strip(" ?")
    for read in (_substitution, _expressed, _progression, _chain, _proportion):
        if request := read(spaced):
            return request
    if not _HINT.search(spaced):
        return None
    for candidate in without_lead_ins(spaced, _LEAD):
        for name, pattern in _compiled():
            found = pattern.fullmatch(candidate)
            request = _request(name, found, assumptions) if found else None
            if request is not None:
                return request
    return None


def read_relation(text: str) -> Relation | None:
    """`2x + 3 = 7`, or `None` if the text is no single equation."""
    text = re.sub(r"(?<=\d)as\b", "*a*s", text)  # v^2 = u^2 + 2as
    try:
        tokens, assumed = tokenize(text)
        parser = ClauseParser(split_words(spoken_to_signs(tokens), assumed), assumed)
        nodes = parser.relations()
        parser.finish("2*x + 3 = 7")
    except ToolError:
        return None
    return nodes[0] if len(nodes) == 1 and isinstance(nodes[0], Relation) and nodes[0].op == "=" else None


def _expression(text: str) -> Node | None:
    try:
        node = read_expression(text.strip(" ,:"), [])
    except ToolError:
        return None
    return None if isinstance(node, Relation | Sequence) else node


def _request(name: str, found: re.Match[str], assumptions: list[str]) -> Request | None:
    kind, _, case = name.partition(":")
    groups = {key: value for key, value in found.groupdict().items() if value}
    words = tuple(case.split()) if case else ()
    if kind == "roots given":
        return _roots_given(groups["list"])
    if kind == "polynomial gcd":
        nodes = _letters_list(groups["list"]) if "list" in groups else [_expression(groups["a"])]
        known = [node for node in nodes or [] if node is not None and variables_of(node)]
        least = 1 if case == "one" else 2
        return (
            Ask(kind, tuple(known), ("lcm",) if case == "lcm" else ())
            if nodes and len(known) == len(nodes) >= least
            else None
        )
    if "e" in groups:
        node: Node | None = read_relation(groups["e"]) if "=" in groups["e"] else _expression(groups["e"])
        return _with_equation(kind, words, node)
    args = [_expression(groups[key]) for key in ("a", "b", "z") if key in groups]
    known = [node for node in args if node is not None]
    if (
        not known
        or len(known) != len(args)
        or (not any(variables_of(node) for node in known) and kind not in ("surd", "identity"))
    ):
        return None
    if kind == "identity" and not any(variables_of(node) for node in known):
        return None
    if kind in ("expand", "factor"):
        return Rewrite("expand" if kind == "expand" else "factor", known[0])
    if kind == "binomial place":
        word = groups.get("place") or groups["word"].lower()
        return Ask(kind, tuple(known), (str(_NTH.get(word, word)),)) if _is_power(known[0]) else None
    if kind == "square completer":
        return Ask(kind, tuple(known), (groups["letter"],)) if groups["letter"] in variables_of(known[0]) else None
    if kind in ("surd",) and not any(isinstance(part, Apply) for part in known):
        return None
    return Ask(kind, tuple(known), words)


def _with_equation(kind: str, words: tuple[str, ...], node: Node | None) -> Request | None:
    if node is None or not variables_of(node):
        return None
    if kind == "identity":
        return Ask(kind, (node,)) if isinstance(node, Relation) else None
    if kind == "real root count":
        if isinstance(node, Relation):
            return Ask(kind, (node,)) if len(variables_of(node)) == 1 else None
        return Ask(kind, (Relation("=", node, _ZERO),)) if len(variables_of(node)) == 1 else None
    if isinstance(node, Relation) and kind != "root facts":
        difference = node.left if node.right == _ZERO else Apply("+", (node.left, Apply("neg", (node.right,))))
        return Ask(kind, (difference,), words)
    return Ask(kind, (node,), words)


def _is_power(node: Node) -> bool:
    return isinstance(node, Apply) and node.name == "^"


def _letters_list(text: str) -> list[Node | None] | None:
    parts = re.split(r",\s*(?:and\s+)?|\s+and\s+", text)
    return [_expression(part) for part in parts if part.strip()] or None


def _roots_given(text: str) -> Request | None:
    text = re.sub(r"\s+(?:as its roots|respectively)$", "", text)
    try:
        noted: list[str] = []
        nodes = read_list(text, noted)
    except ToolError:
        return None
    if any(isinstance(node, Relation | Sequence) or variables_of(node) for node in nodes):
        return None
    return Ask("roots given", tuple(nodes))


def _substitution(text: str) -> Request | None:
    found = _SUBSTITUTE.fullmatch(text)
    if found is None:
        return None
    body = _expression(found["a"] or found["b"] or found["c"])
    if found["name"]:
        pairs = [(found["name"], found["value"])]
    else:
        listed = re.split(r",\s*(?:and\s+)?|\s+and\s+", found["values"] or found["values2"])
        pairs = [(name.strip(), value) for name, _, value in (part.partition("=") for part in listed)]
    values = [_expression(value) for _, value in pairs]
    known = [value for value in values if value is not None]
    if body is None or len(known) != len(values) or any(not re.fullmatch(r"[a-zA-Z]", name) for name, _ in pairs):
        return None
    return Ask("substituted", (body, *known), tuple(name for name, _ in pairs))


def _expressed(text: str) -> Request | None:
    found = _EXPRESS.fullmatch(text)
    if found is None:
        return None
    letter = next(found[key] for key in ("x", "x2", "x3", "x4", "x5", "x6") if found[key])
    relation = read_relation(next(found[key] for key in ("e", "e2", "e3", "e4", "e5", "e6") if found[key]))
    if relation is None or letter not in variables_of(relation) or len(variables_of(relation)) < 2:
        return None
    return Ask("subject", (relation,), (letter,))


def _progression(text: str) -> Request | None:
    found = (
        _PROGRESSION.search(text)
        if re.match(r"(?:if |given |in an? |for an? |an? )?(?:arithmetic|geometric|a_?\(?1)", text, re.IGNORECASE)
        else None
    )
    if found is None or found.end() != len(text):
        return None
    kind = "geometric" if found["letter"].lower() == "r" else "arithmetic"
    first, step = _expression(found["first"]), _expression(found["step"])
    place = _expression(found["n"] or found["n2"] or found["n3"])
    if first is None or step is None or place is None:
        return None
    wanted = "sum" if found["sum"] or (found["w"] or "").lower() == "s" else "term"
    return Ask("progression fact", (first, step, place), (kind, wanted))


def _chain(text: str) -> Request | None:
    found = _CHAIN.fullmatch(text)
    if found is None or found["b"] != found["c"] or found["f"] != found["a"]:
        return None
    numbers = tuple(node for node in (_expression(found[key]) for key in "pqrs") if node is not None)
    if found["h"]:
        return Ask("ratio chain", numbers) if (found["g"], found["h"]) == (found["b"], found["d"]) else None
    return None


def _proportion(text: str) -> Request | None:
    found = _PROPORTION.fullmatch(text)
    relation = read_relation(found["e"]) if found else None
    return Solve((relation,)) if relation is not None and variables_of(relation) else None


READERS: list[TextReader] = [read_rule]
