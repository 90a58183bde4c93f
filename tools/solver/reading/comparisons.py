# ruff: noqa: E501  a pattern is read more easily on one line
"""Comparing numbers: `which is bigger, 2/3 or 3/5`, `sort 3, -5, 1/2`, `third biggest of 4, 7, 1`, `closest to 0.3 in ...`."""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader, read_expression, read_list, without_lead_ins
from .patterns import pattern_reader
from .syntax import Apply, Ask, Evaluate, Node, Relation, Request, Sequence, variables_of

_MORE = r"(?:bigger|greater|larger|higher|more)"
_LESS = r"(?:smaller|less|lower|littler)"
_MOST = r"(?:biggest|greatest|largest|highest|maximum|max)"
_LEAST = r"(?:smallest|lowest|least|minimum|min)"
_ORDINALS = {
    word: place
    for place, names in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th", "eighth 8th", "ninth 9th", "tenth 10th"), 1,
    )
    for word in names.split()
}  # fmt: skip
_ORDINAL = "(?P<nth>" + "|".join(_ORDINALS) + ")"
_VALUE = r"(?: (?:value|number|one|element|item|of these|fraction))*"
_THESE = (
    r"(?: (?:in|of|from|among|out of|between|is|are|for))?(?: (?:the )?(?:list|set|following|numbers|values))*\s*:?\s*"
)
_LIST = r"(?P<list>.+)"
_OPTIONS = re.compile(r"\(([a-z])\)\s*(.+?)\s*(?=\([a-z]\)|$)")
_LONGEST = 300
_LEAD = re.compile(
    r"(?:what is|what's|which(?: number| of these| one| fraction)?(?: is| are)?|find|determine|tell me|calculate|please|the|pick|choose|select|name|give)\s+",
    re.IGNORECASE,
)
_KTH = re.compile(
    rf"(?:the )?{_ORDINAL}[- ](?:(?P<most>{_MOST})|{_LEAST}){_VALUE}\??{_THESE}{_LIST}"
    rf"|(?:the )?(?:(?P<top>{_MOST})|(?P<low>{_LEAST})){_VALUE}\??{_THESE}(?P<all>.+)",
    re.IGNORECASE,
)
_NEAREST = re.compile(
    rf"(?:the )?(?:(?:value|number|one) )?(?:closest|nearest){_VALUE} to (?P<to>.+?)\s*(?:(?:\?\s*|\s+(?:in|of|from|among|out of)\s+|:\s*){_LIST})",
    re.IGNORECASE,
)
_SORT = re.compile(
    r"(?:sort|order|arrange|put|rank|list|write)\s+(?:the\s+)?(?:(?:following|numbers?|values?|list|fractions)\s*)*:?\s*(?P<list>.+?)"
    r"(?:\s+(?:in|into|by|from)\s+(?:order\s+)?(?:(?P<down>descending|decreasing|largest to smallest|greatest to least|highest to lowest|biggest to smallest|reverse)|(?P<up>ascending|increasing|smallest to largest|least to greatest|lowest to highest|smallest to biggest|numerical))?\s*(?:order|size|value)?(?P<rest>\s+(?:from )?(?:(?:largest|greatest|highest|biggest) to (?:smallest|least|lowest)))?)?",
    re.IGNORECASE,
)
_SORT_FIRST = re.compile(
    r"(?:sort|order|arrange|put|rank|list|write)\s+(?:(?:these|the following|the|following)\s+)?(?:numbers |values |fractions )?(?:in|from)\s+(?:order )?(?:from )?(?:(?P<down>descending|decreasing|largest to smallest|greatest to least|highest to lowest)|ascending|increasing|smallest to largest|least to greatest|lowest to highest)?\s*(?:order)?\s*:?\s*(?P<list>.+)",
    re.IGNORECASE,
)
_PATTERNS: list[tuple[str, str]] = [
    ("larger", rf"(?:one |number |fraction )?{_MORE}(?: ?[:,] ?| ?,? (?:number|value|one|of|between|out of)? ?(?:of )?){{a}},? (?:or|and) {{b}}"),
    ("smaller", rf"(?:one |number |fraction )?{_LESS}(?: ?[:,] ?| ?,? (?:number|value|one|of|between|out of)? ?(?:of )?){{a}},? (?:or|and) {{b}}"),
    ("larger", rf"(?:is )?{{a}} or {{b}} (?:is )?{_MORE}"),
    ("smaller", rf"(?:is )?{{a}} or {{b}} (?:is )?{_LESS}"),
    ("compared", r"compare {a} (?:and|with|to) {b}"),
    ("order:>=", r"(?:is )?{a} (?:is )?(?:at least(?: as (?:big|large|great) as)?|no (?:less|smaller) than) {b}"),
    ("order:<=", r"(?:is )?{a} (?:is )?(?:at most(?: as (?:big|large|great) as)?|no (?:more|bigger|greater|larger) than) {b}"),
    ("order:=", r"(?:do|does) {a} and {b} have(?: the)? same value"),
    ("order:!=", r"(?:do|does) {a} and {b} have different values"),
    ("order:=", r"(?:are )?{a} and {b} (?:equal|the same)(?: to each other)?"),
    ("order:!=", r"(?:are )?{a} and {b} (?:unequal|nonequal|different|not equal)"),
    ("order:!=", r"(?:is )?{a} (?:unequal|nonequal|not equal) to {b}"),
    ("order:=", r"(?:is )?{a} equal to {b}"),
    ("order:>", rf"is {{a}} {_MORE} than {{b}}"),
    ("order:<", rf"is {{a}} {_LESS} than {{b}}"),
    ("order:>=", rf"(?:is )?{{a}} {_MORE} than or equal to {{b}}"),
    ("order:<=", rf"(?:is )?{{a}} {_LESS} than or equal to {{b}}"),
    ("distance", r"(?:distance|absolute difference|difference) between {a} and {b}"),
]  # fmt: skip
_read_pair = pattern_reader(
    r"bigger|greater|larger|higher|more|smaller|less|lower|compare|at least|at most|same|equal|different|distance|difference between|no (?:more|less)",
    sorted(_PATTERNS, key=lambda pattern: "or equal" not in pattern[1]),
)


def read_pair(text: str, assumptions: list[str]) -> Request | None:
    """Two numbers compared, or how far they are apart."""
    noted: list[str] = []
    request = _read_pair(text, noted)
    if not isinstance(request, Ask) or any(_has_letters(node) for node in request.args):
        return None
    assumptions += noted
    left, right = request.args
    if request.name == "order":
        return Evaluate(Relation(request.words[0], left, right))
    if request.name == "distance":
        return Evaluate(Apply("abs", (Apply("+", (left, Apply("neg", (right,)))),)))
    return Ask("compared", request.args, (request.name,))


def _has_letters(node: Node) -> bool:
    return isinstance(node, Relation | Sequence) or bool(variables_of(node))


def read_ordering(text: str, assumptions: list[str]) -> Request | None:
    """A list sorted, its k-th largest, or the one nearest to a number."""
    if len(text) > _LONGEST:
        return None
    spaced = " ".join(text.split())
    for candidate in without_lead_ins(spaced, _LEAD):
        if request := _ordering(candidate, assumptions):
            return request
    return None


def _ordering(text: str, assumptions: list[str]) -> Request | None:
    if found := _NEAREST.fullmatch(text):
        target = _numbers(found["to"], assumptions)
        if target is None or len(target[0]) != 1:
            return None
        listed = _numbers(found["list"], assumptions)
        return None if listed is None else Ask("nearest", (*target[0], *listed[0]), tuple(listed[1]))
    if found := _KTH.fullmatch(text):
        named = found["nth"] is not None
        listed = _numbers(found["list"] if named else found["all"], assumptions)
        if listed is None or len(listed[0]) < 2:
            return None
        place = _ORDINALS[found["nth"].lower()] if named else 1
        most = found["most"] if named else found["top"]
        return Ask("kth", tuple(listed[0]), ("largest" if most else "smallest", str(place), *listed[1]))
    if found := _SORT.fullmatch(text) or _SORT_FIRST.fullmatch(text):
        listed = _numbers(found["list"], assumptions)
        if listed is None or len(listed[0]) < 2:
            return None
        down = found["down"] or found.groupdict().get("rest")
        return Ask("sorted", tuple(listed[0]), ("down" if down else "up",))
    return None


def _numbers(text: str, assumptions: list[str]) -> tuple[list[Node], list[str]] | None:
    """The numbers of a list, and their letters where it is `(a) 3 (b) -1`."""
    options = _OPTIONS.findall(text) if text.startswith("(a)") else []
    try:
        if options:
            nodes = [read_expression(value.rstrip(" ,;"), assumptions) for _, value in options]
            letters = [letter for letter, _ in options]
        else:
            nodes, letters = read_list(text, assumptions), []
    except ToolError:
        return None
    return None if any(_has_letters(node) for node in nodes) else (nodes, letters)


READERS: list[TextReader] = [read_ordering, read_pair]
