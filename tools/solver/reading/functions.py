# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about a function of one variable: `domain of sqrt(x - 2)`, `where is x^3 - 3x increasing`, `tangent to x^2 at 3`.

The function may be named before or after the question: `f(x) = x^3 - 3x; where is f increasing`. Clauses such as
`on [0, 2]` are read by `function_text`.
"""

from __future__ import annotations

import re
from functools import cache

from .clauses import TextReader, without_lead_ins
from .function_text import (
    LONGEST,
    Clauses,
    Function,
    read_equation,
    read_function,
    without_clauses,
)
from .syntax import Apply, Ask, Node, Request, Sequence, Variable, variables_of

_LEAD = re.compile(
    r"(?:what(?:'s| is| are| was| would be| will be)?|which (?:is|are)|find|calculate|compute|determine|evaluate|give|tell|show|list|state|work out|identify|locate"
    r"|get|write(?: down)?|obtain|please|can you|could you|i want(?: to know)?|i need|me|us|all|any|possible|equations?(?: of| for)|value of|values of|coordinates of|whether|if|and classify"
    r"|name|derive|approximate|estimate|solve for|use|apply|using|do|perform|check|decide|test|exact|then|also|its|how (?:do i|to|can i) find|prove that|verify that|describe|a|an|number of|point where|points where)[\s:]+",
    re.IGNORECASE,
)
_ARTICLES = re.compile(r"\b(?:the)\s+", re.IGNORECASE)
_DEFINITION = r"(?:[a-zA-Z]\s?\((?:[a-z]|theta)\)|[yf])\s?=\s?(?:[^=,.;:?]|\.\d){1,120}?"
_BEFORE = re.compile(
    rf"(?:(?:let|if|given(?: that)?|for|consider|suppose(?: that)?|when|take|with)\s+)?(?:function |curve |graph |graph of )?(?P<definition>{_DEFINITION})\s?(?:[,.;:?]|,? (?:then|and)(?= )|\s(?=find |what |determine |where |calculate ))\s?(?P<question>.+)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?P<question>.+?),?\s(?:if|where|when|given(?: that)?|for)\s(?:function )?(?P<definition>{_DEFINITION})",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\b[a-zA-Z]\([a-z]\)|\b(?:this|given|above)?\s?(?:function|curve|graph)(?: [fgh])?(?= |$)(?! (?:[a-z]\(|y ?=))|(?<=[ ])[fghy](?= |$)|\bit\b(?= |$)",
    re.IGNORECASE,
)
_F = r"(?P<f>.+?)"
_OF = r"(?: ?(?:of|for|to|in|on|from|:|associated with|that|has|have|does|at) ?)*(?: |(?<=:)|(?<= ))"
_UP = r"(?:strictly |monotonically )?(?P<direction>increasing|decreasing|rising|falling|growing|concave up(?:wards?)?|concave down(?:wards?)?|convex|concave|increase|decrease|positive|negative|monotonic|above x-axis|below x-axis)"
_WHERE = r"(?:where|when|(?:on|over|in|for|at) (?:what|which) (?:open |closed )?(?:intervals?|values? of [a-z]|values?|domain|range of [a-z]|[a-z](?:[ -]values?)?)|for (?:what|which) [a-z]|(?:intervals?|values? of [a-z]|region|x)(?: (?:where|on which|over which|in which|for which|when|such that))?)"
_TAIL = r"(?P<tail>(?: (?:on|for|over|in|when) .*)?)"
_EXTREME = r"(?:maxima|minima|maximum|minimum|extrema|extremum|extreme|max|min|largest|smallest|greatest|least|highest|lowest|peak)"
_FRAMED = r"(?: ?(?:points?|values?|turning points?|and|,|or|y-value|heights?|x-value))*"
_LOCAL = r"(?P<scope>local|relative|absolute|global|overall|abs\.?)"
_PATTERNS: list[tuple[str, str]] = [
    ("domain and range", rf"domain(?:,? and| ?&) range{_OF}{_F}"),
    ("domain", rf"(?:natural |maximal |implied |largest )?domain(?: of definition)?{_OF}{_F}"),
    ("domain", rf"(?:for )?(?:(?:what|which) (?:real )?(?:values of [a-z]|[a-z]|values|real numbers)|where|when) (?:is|are|does|makes?) {_F} (?:be )?(?:well[ -])?(?:defined|real|exist|valid|meaningful|undefined)"),
    ("domain", rf"(?:values of [a-z] for which|where|[a-z]) {_F} is (?:well[ -])?(?:un)?defined"),
    ("range", rf"(?:range|image|codomain|set of (?:possible )?(?:values|outputs))(?: of (?:values|outputs))?{_OF}{_F}"),
    ("range", rf"values (?:can|does|could) {_F} (?:take|attain|assume|have)(?: on)?"),
    ("inverse", rf"inverse(?: function)?{_OF}{_F}"),
    ("inverse", rf"(?:invert|f\^\(?-1\)?(?:\(x\))?(?: of| for| if)?) {_F}"),
    ("inverse", rf"{_F} inverse(?: function)?"),
    ("one-to-one", rf"is {_F} (?:a )?(?:one[- ]to[- ]one|injective|invertible|1-1)(?: function)?"),
    ("one-to-one", rf"does {_F} have an inverse(?: function)?"),
    ("intercepts", rf"(?:x[- ]?(?:and|,|&) ?y[- ]?intercepts?|(?:x[- ]?|y[- ]?|axis )?intercepts?|x[- ] ?and y[- ]intercepts?)(?: points?)?{_OF}{_F}"),
    ("intercepts", rf"where does {_F} (?:cross|cut|meet|intersect|hit|touch|intercept) (?:x[- ]?(?:axis)?|y[- ]?(?:axis)?|x[- ] ?and y[- ]axes|axes)(?:[- ]axis)?"),
    ("intercepts", rf"does {_F} have (?:any |an |a )?(?:x[- ]?|y[- ]?)intercepts?"),
    ("domain", rf"values of [a-z] (?:are|is|lie) in domain of {_F}"),
    ("critical", rf"at (?:what|which) (?:points?|values? of x|x) (?:does|is) {_F} (?:have (?:a )?)?horizontal(?: tangents?(?: lines?)?)?"),
    ("zeros", rf"(?:real )?(?:zeros|zeroes|roots){_OF}{_F}"),
    ("zeros", rf"(?:where|when|for (?:what|which) (?:values of )?[a-z]) (?:is|does) {_F} (?:equal(?:s)?(?: to)? |become )?(?:zero|0|vanish)"),
    ("asymptotes", rf"(?:(?P<sort>vertical|horizontal|oblique|slant|diagonal|vertical,? and horizontal|horizontal,? and vertical|vertical,? horizontal,? and (?:oblique|slant)|linear) )?asymptotes?{_OF}{_F}"),
    ("asymptotes", rf"(?:(?P<sort>vertical|horizontal|oblique|slant) )?asymptotes? (?:does|has) {_F} (?:have|has)"),
    ("asymptotes", rf"does {_F} have (?:a |an |any )?(?:(?P<sort>vertical|horizontal|oblique|slant) )?asymptotes?"),
    ("asymptotes", rf"where does {_F} have (?:a |an |any |its )?(?:(?P<sort>vertical|horizontal|oblique|slant) )?asymptotes?"),
    ("critical", rf"(?:and classify |classify |nature of )?(?:all |real )*(?:critical|stationary|turning) (?:points?|numbers?|values?)(?: and (?:their nature|classify them|determine their nature|inflection points))?{_OF}{_F}"),
    ("critical", rf"where does {_F} have (?:its |any |a )?(?:critical|stationary|turning) (?:points?|numbers?|values?)"),
    ("critical", rf"where does {_F} have (?:a |its )?horizontal tangents?(?: lines?)?"),
    ("critical", r"(?:where )?(?:slope of |tangent(?: line)? (?:to|of) |derivative of )(?P<f>.+) is (?:zero|0|horizontal)"),
    ("extrema", rf"(?:{_LOCAL} )?(?P<kind>{_EXTREME}){_FRAMED}(?: ?(?:{_LOCAL.replace('scope', 'scope2')} )?(?P<kind2>{_EXTREME}){_FRAMED})?{_OF}{_F}"),
    ("extrema", rf"(?P<kind>maximi[sz]e|minimi[sz]e|optimi[sz]e) {_F}"),
    ("extrema", rf"where does {_F} (?:have|attain|reach|achieve|take|assume) (?:a |its |any )?(?:{_LOCAL} )?(?P<kind>{_EXTREME})(?: and (?P<kind2>{_EXTREME}))?{_FRAMED}"),
    ("extrema", rf"(?:for )?(?:what|which|at (?:what|which)) (?:value of )?[a-z](?: values?)? (?:is|does|makes?|gives?|maximi[sz]es) {_F} (?:a |at its |its |be |attain its |reach its |have its |have a )?(?P<kind>{_EXTREME})(?: value)?"),
    ("extrema", rf"(?:value of )?[a-z] that (?P<kind>maximi[sz]es|minimi[sz]es) {_F}"),
    ("extrema", rf"how (?P<kind>large|high|big|small|low) can {_F} (?:be|get|become)"),
    ("inflection", rf"(?:points? of inflec?x?tion|points? of inflexion|(?:inflection|inflexion) points?|inflections?){_OF}{_F}"),
    ("inflection", rf"where does {_F} (?:have (?:an? |its )?(?:inflection points?|points? of inflection|inflexion points?)|change (?:its )?concavity)"),
    ("signs", rf"{_WHERE} (?:is|does|are) {_F} {_UP}(?: and (?P<direction2>increasing|decreasing|concave up|concave down|concave|convex))?(?: function)?{_TAIL}"),
    ("signs", rf"{_WHERE} {_F} (?:is|are|does) {_UP}(?: and (?P<direction2>increasing|decreasing|concave up|concave down|concave|convex))?{_TAIL}"),
    ("signs", rf"is {_F} (?:an? )?{_UP}(?: or (?P<direction2>decreasing|increasing|concave down|concave up))?(?: function)?(?: or neither)?{_TAIL}"),
    ("signs", rf"(?:intervals?|regions?)(?: of| on which| over which| where| for)? {_UP}(?: (?:and|or|/|&)(?: of)? (?P<direction2>decrease|decreasing|increase|increasing|concave down|concave up|convex|concave))?(?: intervals?)?{_OF}{_F}"),
    ("signs", rf"{_UP}(?: (?:and|or|/|&) (?P<direction2>decreasing|increasing|concave down|concave up))? (?:intervals?|regions?){_OF}{_F}"),
    ("signs:monotone", rf"(?:intervals? of )?(?:monotonicity|monotony|monotone intervals|increase/decrease|monotonic intervals)(?: intervals?)?{_OF}{_F}"),
    ("signs:concavity", rf"(?:intervals? of |analy[sz]e |discuss )?(?:concavity|convexity)(?: intervals?)?(?: and (?:inflection points|points of inflection))?{_OF}{_F}"),
    ("parity", rf"(?:is|whether|if) {_F} (?:is )?(?:an? )?(?P<first>even|odd)(?: function)?(?:,? (?:or )?(?:an? )?(?:even|odd|neither|both|not)(?: function)?)*"),
    ("parity", rf"(?:parity|symmetry|type of symmetry){_OF}{_F}"),
    ("parity", rf"{_F} (?:is )?(?P<first>even|odd)(?:,| or) (?:even|odd|neither)(?:,? (?:or )?(?:neither|both))?"),
    ("wave", rf"(?P<quantities>(?:(?:fundamental |least |smallest |basic )*(?:amplitude|period|phase shift|phase|midline|mid-line|vertical shift|horizontal shift|frequency|angular frequency|wavelength)(?:,? and |, |,| & )?)+){_OF}{_F}"),
    ("wave", rf"(?:is {_F} (?P<quantities>periodic)(?: function)?)"),
    ("tangent", rf"(?:equation of )?(?P<line>tangent|normal|perpendicular)(?: lines?)?(?: equation)?{_OF}{_F}"),
    ("tangent", rf"(?:equation of )?line (?:that is )?(?P<line>tangent|normal|perpendicular){_OF}{_F}"),
    ("slope", rf"(?:slope|gradient|steepness)(?: of (?:tangent|graph|curve)(?: lines?)?)?{_OF}{_F}"),
    ("slope", rf"instantaneous (?:rate of change|slope|velocity){_OF}{_F}"),
    ("average rate", rf"(?:average|mean|avg) rate of change{_OF}{_F}"),
    ("average rate", rf"(?:slope of (?:a )?secant(?: line)?|secant slope){_OF}{_F}"),
    ("secant", rf"(?:equation of (?:a )?)?secant(?: line)?{_OF}{_F}"),
    ("average value", rf"(?:average|mean|avg)(?: value| height)?{_OF}{_F}"),
    ("arc length", rf"(?:arc ?length|length of (?:arc|curve|graph)|length|curve length){_OF}{_F}"),
    ("curvature", rf"(?P<kind>radius of curvature|curvature){_OF}{_F}"),
    ("linearization", rf"(?:local |best )?(?:lineari[sz]ation|linear approximation|tangent line approximation|l\(x\)|first[- ]order approximation|linear taylor polynomial){_OF}{_F}"),
    ("linearization", rf"lineari[sz]e {_F}"),
    ("difference quotient", rf"(?:simplified |simplify )?difference quotient{_OF}{_F}"),
    ("continuity", rf"(?:is|where is|whether|when is) {_F} (?:is )?(?:a )?(?P<kind>continuous|discontinuous|not continuous)(?P<tail>(?: (?:on|at|in|over|everywhere|for).*)?)"),
    ("continuity", rf"(?:points? of )?(?:(?:removable|jump|infinite|all|types? of|classify) )*(?:discontinuit(?:y|ies)|singularit(?:y|ies)|holes?|discontinuous points?){_OF}{_F}"),
    ("continuity", rf"where does {_F} have (?:a |any |its )?(?:discontinuit(?:y|ies)|holes?|singularit(?:y|ies))"),
    ("continuity", rf"continuity{_OF}{_F}"),
    ("differentiable", rf"(?:is|where is|whether) {_F} (?:is )?(?:not )?differentiable(?P<tail>(?: (?:on|at|in|over|everywhere|for).*)?)"),
    ("newton", rf"(?:newton(?:'s|s)?|newton-raphson|newton raphson)(?: raphson)?(?: method| iteration)?(?: to)?(?: (?:find|approximate|estimate|calculate|compute|solve|get|locate))?(?: (?:a|an|one|real|positive|negative|approximate|next|approximation|approximations))*(?: (?:root|zero|solution|iterations?|iterates?|steps?)s?)?{_OF}{_F}"),
    ("newton", rf"(?P<tail>\d{{1,2}} (?:iterations|steps)) of newton(?:'s|s)?(?:[- ]raphson)?(?: method)? (?:to|for|on) {_F}"),
    ("newton", rf"newton(?:'s|s)?(?:[- ]raphson)?(?: method)?,? (?P<tail>(?:with|starting|from|using|and) .+?),? (?:to|for) (?:(?:find|approximate|estimate|solve|calculate|compute|locate|a|an|one|real|positive|negative|root|zero|solution|of|to) )+{_F}"),
    ("newton", rf"(?:a |an )?(?:(?:real|positive|approximate) )*(?:root|zero|solution|iterations?|steps?)s?{_OF}{_F}(?: (?:using|by|with|via) newton(?:'s|s)?(?:[- ]raphson)?(?: method)?)(?P<tail>.*)"),
]  # fmt: skip
_HINT = re.compile(
    r"domain|range|image|values|inver|one[- ]to|1-1|intercept|cross|cuts?\b|meet|hit|touch|zero|root|vanish|asymptot|critical|stationary|turning|maxi|mini|max\b|min\b|extrem|largest|smallest|greatest|least|highest|lowest"
    r"|inflec|inflex|concav|convex|increas|decreas|rising|falling|positive|negative|monoton|even\b|odd\b|parity|symmetry|amplitude|period|phase|midline|frequency|tangent|normal|slope|gradient|rate of change|secant|average|mean|avg|length"
    r"|curvature|lineari|linear|difference quotient|continu|differentiab|newton|defined|invert|inverse|hole|singular|optim|peak|arclength|horizontal|shift|large|small|big|high|low|perpendicular|steep|instantaneous|first|wavelength|l\(x\)",
    re.IGNORECASE,
)
_WANTS_POINT = frozenset(("slope", "tangent", "curvature", "linearization"))
_WANTS_INTERVAL = frozenset(("average rate", "average value", "arc length", "secant"))
_OPEN_TO_PARAMETERS = frozenset(
    ("inverse", "slope", "tangent", "linearization", "difference quotient", "average rate", "average value", "curvature", "wave", "intercepts", "secant")
)  # fmt: skip


def normal_forms(text: str) -> list[str]:
    """The text without articles, the function written where it is only named, then without its first words one by one."""
    text = " ".join(text.replace("\u2019", "'").split()).strip(" ?.,;")
    text = re.sub(r"\bat origin\b", "at x = 0", _ARTICLES.sub("", text), flags=re.IGNORECASE)
    text = _inlined(_QUOTIENT.sub("difference quotient", text))
    return without_lead_ins(text, _LEAD)


def _inlined(text: str) -> str:
    found = _BEFORE.fullmatch(text) or _AFTER.fullmatch(text)
    if found is None or not _HINT.search(found["question"]) or _DEFINED_ITSELF.search(found["question"]):
        return text
    definition, question = found["definition"].strip(" ,"), found["question"].strip()
    if read_function(definition) is None:
        return text
    question = _LEAD.sub("", question)
    replaced, count = _REFERENCE.subn(lambda _: definition, question, count=1)
    return replaced if count else _with_function(question, definition)


_QUOTIENT = re.compile(r"(?:difference quotient )?[(\[]?[(\[]f\(x ?\+ ?h\) ?- ?f\(x\)[)\]] ?/ ?h[)\]]?", re.IGNORECASE)
_DEFINED_ITSELF = re.compile(r"[a-zA-Z]\([a-z]\)\s?=|\by\s?=\s?[^\d\s-]")


def _with_function(question: str, definition: str) -> str:
    """`maximum on [0, 2]` with the function before the clause."""
    place = re.search(r"\s(?:on|over|at|from|between|with|starting|in)\s", question)
    if place is None:
        return f"{question} of {definition}"
    return f"{question[: place.start()]} of {definition}{question[place.start() :]}"


@cache
def _compiled() -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _PATTERNS]


def read_function_question(text: str, assumptions: list[str]) -> Request | None:
    """A question about one function of one variable; `None` for everything else."""
    if len(text) > LONGEST or not _HINT.search(text):
        return None
    for candidate in normal_forms(text):
        for name, pattern in _compiled():
            found = pattern.fullmatch(candidate)
            if found is None:
                continue
            request = _request(name, found, candidate, assumptions)
            if request is not None:
                return request
    return None


def _request(name: str, found: re.Match[str], whole: str, assumptions: list[str]) -> Request | None:
    kind, _, case = name.partition(":")
    groups = {key: value for key, value in found.groupdict().items() if value}
    text = f"{groups['f']}{' ' + groups['tail'].strip() if groups.get('tail', '').strip() else ''}"
    text = re.sub(r"\s(?:everywhere)$", "", text)
    leading = re.match(r"(?P<clause>(?:on|over|at|from|between)\s.+?)\s(?:of|for|to)\s(?P<rest>.+)$", text)
    candidates = without_clauses(text)
    if leading:
        candidates += without_clauses(f"{leading['rest']} {leading['clause']}")
    for piece, clauses in candidates:
        if kind == "intercepts" and "=" in piece and (request := _line_intercepts(piece, found[0])):
            return request
        function = read_function(piece) or (_difference(piece) if kind == "newton" else None)
        if function is None or not _fits(kind, function, clauses, found, whole):
            continue
        assumptions += [note for note in function.notes if note not in assumptions]
        return asked(kind, [function], clauses, _words(kind, case, groups, found[0], whole))
    return None


def _difference(text: str) -> Function | None:
    """The function whose zero solves an equation."""
    relation = read_equation(text)
    if relation is None or len(variables_of(relation)) != 1:
        return None
    return Function(Apply("+", (relation.left, Apply("neg", (relation.right,)))), variables_of(relation)[0])


def _line_intercepts(piece: str, whole: str) -> Request | None:
    relation = read_equation(piece)
    if relation is None or set(variables_of(relation)) != {"x", "y"}:
        return None
    if relation.left == Variable("y") and variables_of(relation.right) == ["x"]:
        return None
    return Ask("function equation intercepts", (relation,), _axes(whole))


def _fits(kind: str, function: Function, clauses: Clauses, found: re.Match[str], whole: str) -> bool:
    letters = variables_of(function.node)
    others = [name for name in letters if name != function.variable]
    if others and kind not in _OPEN_TO_PARAMETERS:
        return False
    if {"x", "y", "z", "t"} & set(others):  # a function of several variables
        return False
    if kind in ("slope", "curvature", "linearization") and not (clauses.point or clauses.height):
        return kind == "curvature"
    if kind == "tangent" and not (clauses.point or clauses.height):
        return False
    if kind == "zeros":
        return bool(clauses.interval) or function.named or "where" in whole or "when" in whole
    if kind == "newton":
        return "newton" in whole.lower()
    if kind == "inverse" and not function.named and "function" not in whole.lower() and not letters:
        return False
    if kind in _WANTS_INTERVAL and len(clauses.interval) != 2:
        return False
    return bool(letters) or function.named


def _axes(whole: str) -> tuple[str, ...]:
    lowered = whole.lower()
    wants_x = re.search(r"\bx[- ]?(?:intercept|axis)|x[- ]? ?(?:and|,|&) ?y", lowered) is not None
    wants_y = re.search(r"\by[- ]?(?:intercept|axis)", lowered) is not None
    return tuple(axis for axis, wanted in (("x", wants_x), ("y", wants_y)) if wanted) or ("x", "y")


def _words(kind: str, case: str, groups: dict[str, str], matched: str, whole: str) -> tuple[str, ...]:
    if kind == "intercepts":
        return _axes(matched)
    if kind == "extrema":
        return _extremes(groups, matched)
    if kind == "signs":
        return (
            (case,) if case else tuple(_direction(groups[key]) for key in ("direction", "direction2") if key in groups)
        )
    if kind == "asymptotes":
        sort = groups.get("sort", "").lower().replace("slant", "oblique").replace("diagonal", "oblique")
        return tuple(name for name in ("vertical", "horizontal", "oblique") if name in sort)
    if kind == "wave":
        return tuple(part.strip() for part in re.split(r",|\band\b|&", groups["quantities"].lower()) if part.strip())
    if kind == "tangent":
        return ("normal" if groups["line"].lower() in ("normal", "perpendicular") else "tangent",)
    if kind == "parity":
        return (groups.get("first", "").lower() if " or " not in whole and "neither" not in whole else "",)
    if kind == "curvature":
        return ("radius",) if "radius" in groups["kind"].lower() else ()
    if kind == "continuity":
        return ("whether",) if re.match(r"(?:is|whether|if)\b", matched, re.IGNORECASE) else ()
    return (case,) if case else ()


def _direction(word: str) -> str:
    word = word.lower()
    for start, name in (("inc", "increasing"), ("ris", "increasing"), ("gro", "increasing"), ("dec", "decreasing"), ("fal", "decreasing"),
                        ("concave u", "concave up"), ("concave d", "concave down"), ("convex", "concave up"), ("concave", "concave down"),
                        ("pos", "positive"), ("above", "positive"), ("neg", "negative"), ("below", "negative")):  # fmt: skip
        if word.startswith(start):
            return name
    return "monotone"


def _extremes(groups: dict[str, str], matched: str) -> tuple[str, ...]:
    scope = (groups.get("scope") or groups.get("scope2") or "").lower()
    scope = {"relative": "local", "local": "local", "": ""}.get(scope, "absolute")
    kinds = [groups[key].lower() for key in ("kind", "kind2") if key in groups]
    high = any(re.match(r"max|larg|great|high|peak|big", kind) for kind in kinds)
    low = any(re.match(r"min|small|least|low", kind) for kind in kinds)
    return scope, "both" if high == low else "maximum" if high else "minimum"


def asked(kind: str, functions: list[Function], clauses: Clauses, words: tuple[str, ...] = ()) -> Ask:
    """The request: functions, bounds, point, height, start and line as lists; variable, count, openness, axis, method and words."""
    lists: list[tuple[Node, ...]] = [
        tuple(function.node for function in functions), clauses.interval, clauses.point, clauses.height, clauses.start, clauses.line,
    ]  # fmt: skip
    opened = "".join("1" if flag else "0" for flag in clauses.opened)
    variable = next((function.variable for function in functions if variables_of(function.node)), "x")
    facts = (variable, str(clauses.count), opened, clauses.axis, clauses.method)
    return Ask(f"function {kind}", tuple(Sequence(items) for items in lists), (*facts, *words))


READERS: list[TextReader] = [read_function_question]
