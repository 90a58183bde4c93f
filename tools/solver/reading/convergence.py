# ruff: noqa: E501  a pattern is read more easily on one line
"""Convergence of series, sequences and improper integrals, power series, and sums written with dots.

`does the series 1/n^2 converge`, `radius of convergence of sum x^n/n!`, `does the integral of 1/x from 1 to infinity
converge`, `1 + 1/2 + 1/4 + ...`, `2 + 5 + 8 + ... + 50`.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader, read_expression, rebound, without_lead_ins
from .function_text import LONGEST, without_clauses
from .syntax import Ask, Constant, Node, Number, Relation, Request, Sequence, variables_of

_LEAD = re.compile(
    r"(?:what(?:'s| is| are| does)?|find|calculate|compute|determine|evaluate|give|tell|state|please|can you|could you|me|use|apply|check|decide|test|show|investigate|examine|establish|analy[sz]e|discuss|classify|say|whether(?: or not)?|if|for|that"
    r"|(?:by |using |with )?(?:appropriate|suitable|comparison|ratio|root|integral|alternating series|limit comparison|p-series|divergence|n-?th term|leibniz|any)? ?tests? to(?= (?:determine|decide|find|check|test|see))|see|know|a|an|to)\s+",
    re.IGNORECASE,
)
_KIND = r"(?:following |given |infinite |improper |geometric |alternating |power |numerical |harmonic |taylor |maclaurin |p-?)*"
_VERDICT = r"(?:absolutely |conditionally |uniformly )?(?:converg(?:es?|ent|ing)|diverg(?:es?|ent|ing))"
_ORS = rf"(?:,? ?(?:or|and|/) ?(?:if so |if it )?(?:is )?(?:it )?(?:absolutely|conditionally|{_VERDICT}|not|divergent|convergent)|,? absolutely| conditionally|,? or neither|,? (?:and )?(?:if so )?(?:to what|what is its sum)(?: value)?(?: does it converge)?)*"
_TESTED = re.compile(
    rf"(?:does|do|will|is|are|did|would) (?P<a>.+?) (?:is |a |an )?{_VERDICT}(?: (?:series|sequence|integral))?{_ORS}"
    rf"|(?:absolute |conditional )?(?:convergence|divergence)(?: (?:or|and|/) ?(?:divergence|convergence))?(?: test)?(?: ?(?:of|for|in|:))? ?(?P<b>.+)"
    rf"|(?P<c>.+?),? for (?:absolute |conditional )*(?:and |or )?(?:absolute |conditional )?(?:convergence|divergence)(?: or (?:divergence|convergence))?"
    rf"|(?P<d>.+?),? (?:is |are )?{_VERDICT}{_ORS}",
    re.IGNORECASE,
)
_POWER = re.compile(
    r"(?P<what>(?:(?:radius|interval|domain|region)(?: and | or |/| & |,? and (?:the )?)?)+) ?of convergence(?: ?(?:of|for|:))? (?P<a>.+)"
    r"|(?:for )?(?:(?:what|which) )?(?:values? of )?x(?: values)?(?: for which| such that| where)? ?(?:does |is )?(?P<b>.+?) (?:converges?|convergent)",
    re.IGNORECASE,
)
_INDEXED = re.compile(
    r"(?:(?:infinite |power )?(?:series|sums?|summation) )*(?:(?:of|over|for|:) )*(?:(?P<s>summation|sums?|series) )?(?:of |over )?(?:from )?(?P<i>[a-z]) ?(?:=|from|>=) ?(?P<l>-?\d{1,6})(?: ?(?:to|\.\.) ?(?:infinity|inf|oo|\+infinity))? ?(?:of|,|:)? ?(?P<t>.+)",
    re.IGNORECASE,
)
_INDEX_AFTER = re.compile(
    r"(?P<t>.+?),? ?\(?(?:(?:as|for|where|with|when|over|,) )*(?:(?:from|starting (?:at|from|with)|beginning (?:at|with)|summed from) )?(?:(?<![\w/*^+()-])(?P<i>[a-z]) ?(?:=|from|starting at|goes from|runs from|>=|in) ?)?(?:from )?(?P<l>-?\d{1,6})(?:(?: ?(?:to|up to) ?| ?\.\. ?)(?:infinity|inf|oo)|)\)?",
    re.IGNORECASE,
)
_SERIES_WORDS = re.compile(
    rf"^(?:the )?{_KIND}(?:(?:series|sums?|summation)(?: of)?(?: series)?(?: with (?:general )?(?:terms?|a_n ?=))? ?(?:of|for|:|given by|whose terms are|sum of|sum|terms)* ?)+",
    re.IGNORECASE,
)
_SEQUENCE_WORDS = re.compile(
    rf"^{_KIND}sequence(?: of)?(?: ?(?:given by|defined by|with (?:general )?term|:|whose n-?th term is))? ?",
    re.IGNORECASE,
)
_NAMED_TERM = re.compile(r"^[a-z]_?\(?[nk]\)? ?= ?", re.IGNORECASE)
_INTEGRAL = re.compile(rf"^{_KIND}integral (?:of )?(?P<a>.+)$", re.IGNORECASE)
_SEQUENCE_LIMIT = re.compile(
    r"limit(?: as n (?:goes to|->|approaches|tends to) infinity)? of (?P<a>(?:the )?sequence .+)|(?:what )?(?:value |number |limit )?(?:does )?(?P<b>(?:the )?sequence .+?) (?:converges? to|approach(?:es)?|tends? to)|(?P<c>(?:the )?sequence .+?) limit",
    re.IGNORECASE,
)
_DOTS = re.compile(r"\s*(?:\.{2,}|\u2026|\u22ef|\bto infinity\b|\band so on\b|\betc\.?)\s*", re.IGNORECASE)
_DOTTED_WORDS = re.compile(
    rf"^(?:the )?(?:(?:sum|value|total|sum to infinity|infinite sum) (?:to infinity )?(?:of )?)*(?:the )?{_KIND}(?:arithmetic |finite )?(?:(?:series|sum|progression|sequence) ?(?:of )?:? ?)*",
    re.IGNORECASE,
)
_PROVE = re.compile(
    r"^(?:prove|show|verify|check|is it true)(?: by induction)?(?: that| whether| if)?(?: by induction)?(?: that)?:?\s+",
    re.IGNORECASE,
)
_RATIO = re.compile(
    r"(?:sum(?: to infinity)?|infinite sum|value) of (?:an? |the )?(?:infinite )?(?:geometric |convergent )*(?:series|progression|gp)(?: to infinity)? (?:with|whose|where|if|having) (?:the )?(?:first term|a(?:_1)?) ?(?:is|=|of|:)? ?(?P<a>[^,]+?)(?:,| and|, and) (?:the )?(?:common )?(?:ratio|r) ?(?:is|=|of|:)? ?(?P<r>[^,]+)",
    re.IGNORECASE,
)
_HINT = re.compile(r"converg|diverg|\.\.|\u2026|\u22ef|[+-]\s*$|infinity|limit of|sequence", re.IGNORECASE)
_SCRIPTED = re.compile(
    r"\bsum ?_ ?[({]? ?(?P<i>[a-z]) ?= ?(?P<l>-?\d{1,6}) ?[)}]? ?\^ ?[({]? ?(?:infinity|inf|oo) ?[)}]?"
)
_SCRIPTED_INTEGRAL = re.compile(
    r"\bintegral ?_ ?[({]? ?(?P<l>-?[\w.]{1,12}) ?[)}]? ?\^ ?[({]? ?(?P<u>-?[\w.]{1,12}) ?[)}]? (?:of )?"
)
_INDEX_NAMES = ("n", "k", "j", "m", "i", "r")
_MOST_TERMS = 30


def read_convergence(text: str, assumptions: list[str]) -> Request | None:
    """A question about convergence or a sum with dots; `None` for everything else."""
    if len(text) > LONGEST or not _HINT.search(text):
        return None
    text = _SCRIPTED.sub(r"sum from \g<i>=\g<l> to infinity of ", text)
    text = _SCRIPTED_INTEGRAL.sub(r"integral from \g<l> to \g<u> of ", text)
    spaced = re.sub(r"\bthe\s+", "", " ".join(text.split()), flags=re.IGNORECASE).strip(" ?;:,")
    for candidate in without_lead_ins(spaced, _LEAD):
        for read in (_power, _sequence_limit, _ratio, _claimed, _dotted, _tested):
            if request := read(candidate, assumptions):
                return request
    return None


def _power(text: str, assumptions: list[str]) -> Request | None:
    found = _POWER.fullmatch(text)
    if found is None:
        return None
    if found["b"] and not re.search(r"series|sum", found["b"], re.IGNORECASE):
        return None
    series = _series(found["a"] or found["b"])
    if series is None:
        return None
    term, index, lower = series
    others = [name for name in variables_of(term) if name != index]
    if len(others) != 1:
        return None
    radius = bool(found["what"]) and "radius" in found["what"].lower()
    interval = not found["what"] or bool(re.search(r"interval|domain|region", found["what"], re.IGNORECASE))
    words = (index, others[0], *(("radius",) if radius else ()), *(("interval",) if interval else ()))
    return Ask("power series", (term, lower), words)


def _tested(text: str, assumptions: list[str]) -> Request | None:
    found = _TESTED.fullmatch(text)
    if found is None:
        return None
    inner = next(group for group in found.groups() if group).strip(" ,:")
    if dotted := _dotted_terms(inner):
        return Ask("dotted sum", tuple(dotted[0]), ("converges",)) if dotted[1] is None else None
    if _INTEGRAL.match(inner):
        return _integral(inner)
    if _SEQUENCE_WORDS.match(inner):
        return _sequence(inner, assumptions)
    series = _series(inner)
    if series is None or len(variables_of(series[0])) > 1:
        return None
    term, index, lower = series
    return Ask("series test", (term, lower), (index,))


def _sequence_limit(text: str, assumptions: list[str]) -> Request | None:
    found = _SEQUENCE_LIMIT.fullmatch(text)
    return _sequence(next(group for group in found.groups() if group), assumptions) if found else None


def _sequence(text: str, assumptions: list[str]) -> Request | None:
    text = _NAMED_TERM.sub("", _SEQUENCE_WORDS.sub("", text).strip(" {}()" if text.endswith("}") else " "))
    text = re.sub(r",? (?:as|when|for) n (?:->|goes to|tends to|approaches|to) infinity$", "", text)
    term = _expression(text)
    if term is None:
        return None
    index = next((name for name in _INDEX_NAMES if name in variables_of(term)), "")
    return Ask("sequence limit", (term,), (index,)) if index and len(variables_of(term)) == 1 else None


def _integral(text: str) -> Request | None:
    found = _INTEGRAL.match(text)
    if found is None:
        return None
    body = found["a"]
    if early := re.match(r"from (?P<l>\S{1,20}) to (?P<u>\S{1,20}) (?:of )?(?P<f>.+)", body):
        body = f"{early['f']} from {early['l']} to {early['u']}"
    pairs: list[tuple[Node | None, list[Node]]] = []
    for piece, clauses in without_clauses(re.sub(r"\s*\bd[xtu]$", "", re.sub(r"\bd[xtu](?= from)", " ", body))):
        if len(clauses.interval) == 2:
            pairs.append((_expression(re.sub(r"\s*\bd[xtu]$", "", piece)), list(clauses.interval)))
    for integrand, bounds in pairs:
        if integrand is not None and len(variables_of(integrand)) == 1:
            return Ask("improper integral", (integrand, *bounds), (variables_of(integrand)[0],))
    return None


def _series(text: str) -> tuple[Node, str, Node] | None:
    """The term of a series, its index, and where it begins."""
    text = (
        re.sub(r"\s+", " ", text).strip(" ,:()")
        if text.count("(") != text.count(")")
        else re.sub(r"\s+", " ", text).strip(" ,:")
    )
    if harmonic := re.fullmatch(r"(alternating )?harmonic series", text, re.IGNORECASE):
        term = _expression("(-1)^(n+1)/n" if harmonic[1] else "1/n")
        return None if term is None else (term, "n", Number(Fraction(1)))
    if found := _INDEXED.fullmatch(text):
        term = _expression(_NAMED_TERM.sub("", found["t"]), found["i"])
        if term is not None and found["i"] in variables_of(term):
            return term, found["i"], Number(Fraction(int(found["l"])))
    bare = _SERIES_WORDS.sub("", text)
    found = _INDEX_AFTER.fullmatch(bare)
    if found and (found["i"] or "infinity" in bare.lower()):
        term = _expression(_NAMED_TERM.sub("", found["t"]), found["i"] or "")
        index = found["i"] or (_index_of(term) if term is not None else "")
        if term is not None and index in variables_of(term):
            return term, index, Number(Fraction(int(found["l"])))
    bare = re.sub(r",? (?:as|for|from|over) (?:all )?[a-z] (?:->|goes to|to) infinity$", "", bare)
    term = _expression(_NAMED_TERM.sub("", bare))
    index = _index_of(term) if term is not None else ""
    return (term, index, Number(Fraction(1))) if term is not None and index else None


def _index_of(term: Node) -> str:
    names = variables_of(term)
    return next((name for name in _INDEX_NAMES if name in names), "")


def _expression(text: str, index: str = "") -> Node | None:
    text = re.sub(r"^\((.+)\)$", r"\1", text.strip()) if text.count("(") == 1 else text.strip()
    text = re.sub(r"(?<![a-zA-Z])([a-z]) (?=\d)", r"\1*", text)
    try:
        node = read_expression(text, [])
    except ToolError:
        return None
    if isinstance(node, Relation | Sequence):
        return None
    return rebound(node, index) if index in ("i", "e") else node


def _ratio(text: str, assumptions: list[str]) -> Request | None:
    found = _RATIO.fullmatch(text)
    if found is None:
        return None
    first, ratio = _expression(found["a"]), _expression(found["r"])
    return None if first is None or ratio is None else Ask("geometric sum", (first, ratio))


def _dotted(text: str, assumptions: list[str]) -> Request | None:
    found = _dotted_terms(text)
    if found is None:
        return None
    terms, last = found
    if last is not None and variables_of(last):
        return _to_a_letter(terms, last, "", assumptions)
    return Ask(
        "dotted sum", (*terms, *(() if last is None else (last,))), ("finite" if last is not None else "infinite",)
    )


def _dotted_terms(text: str) -> tuple[list[Node], Node | None] | None:
    """The first terms of a sum with dots and its last term, if one is named."""
    text = _DOTTED_WORDS.sub("", text.strip())
    dots = _DOTS.search(text)
    if dots:
        before, after = text[: dots.start()], _DOTS.sub(" ", text[dots.end() :]).strip(" ,")
    elif re.search(r"[\w)]\s*[+-]\s*$", text):
        before, after = text, ""
    else:
        return None
    if not re.search(r"[+-]\s*$", before):
        return None
    pieces = re.findall(r"(?:^|[+-])\s*(?:[^+\-()]|\([^()]{0,60}\))+", before.strip().rstrip("+- "))
    terms = [_term(piece) for piece in pieces]
    if not 2 <= len(terms) <= _MOST_TERMS or any(term is None for term in terms):
        return None
    kept = [term for term in terms if term is not None]
    if not after:
        return kept, None
    last = _expression(after.lstrip("+").strip() if not after.startswith("-") else after)
    if last is None or len(variables_of(last)) > 1 or (isinstance(last, Constant) and last.name == "infinity"):
        return None
    return kept, last


def _to_a_letter(terms: list[Node], last: Node, claimed: str, assumptions: list[str]) -> Request | None:
    """`1 + 4 + 9 + ... + n^2`, and the claim that it equals a formula."""
    (index,) = variables_of(last)
    right = _expression(claimed) if claimed else None
    if claimed and (right is None or set(variables_of(right)) - {index}):
        return None
    return Ask("sum to a letter", (*terms, last, *([right] if right is not None else [])), (index, str(len(terms))))


def _claimed(text: str, assumptions: list[str]) -> Request | None:
    """`prove that 1 + 2 + ... + n = n(n + 1)/2`."""
    left, equals, right = text.partition("=")
    if not equals or "=" in right:
        return None
    found = _dotted_terms(_PROVE.sub("", left))
    if found is None or found[1] is None or not variables_of(found[1]):
        return None
    return _to_a_letter(found[0], found[1], right.strip(" .?"), assumptions)


def _term(text: str) -> Node | None:
    node = _expression(text.lstrip("+").strip())
    if node is None or variables_of(node) or (isinstance(node, Constant) and node.name == "infinity"):
        return None
    return node


READERS: list[TextReader] = [read_convergence]
