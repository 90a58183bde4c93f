# ruff: noqa: E501  a pattern is read more easily on one line
"""A number that is missing from an average: `what do I need on my 4th test to average 90 if I have 85, 92, 88`."""

from __future__ import annotations

from fractions import Fraction

from ...errors import ToolError
from .story_text import N, Scan, asked_value, compiled, exactly, minus, number, over, plain_story, plus, times, value_of
from .syntax import Node, Request
from .wording import ORDINALS

_THING = r"(?:tests?|exams?|quiz(?:zes)?|scores?|games?|rounds?|numbers?|papers?|assignments?|marks?|subjects?|grades?|assessments?|values?|integers?|observations?|data points?|people|students?|boys|girls|items?|friends|days|months|matches|innings)"
_ORDINAL = rf"(?:{'|'.join(ORDINALS)}|\d{{1,3}}(?:st|nd|rd|th))"
_LIST = rf"(?:{N} ?%?(?:,? and |, ?| )){{0,40}}{N} ?%?"
_ON_NEXT = rf"(?:(?:on|in|for|from|of) )?(?:my|the|his|her|a|their|your|our|one|of)? ?(?:(?P<which>{_ORDINAL})|next|final|last|upcoming|remaining|missing|other|another|1 more)(?: (?:of the )?(?:{_THING}))?(?![a-z])"
_TARGET = rf"(?:(?:overall |class |new |test |final )*(?:average|mean)(?: (?:score|grade|mark)s?)?(?: (?:over|of|for) (?:all|the) (?P<all>{N}) {_THING})?(?: (?:to be|is|be|of|at least|equal to|equals|becomes|up to|to|exactly|will be))* (?P<t>{N}) ?%?|(?:an? )?(?P<u>{N})(?: ?%| points?)? (?:average|mean)(?! of)|(?:raise|bring|increase|lower|get|keep) (?:my|the|his|her|their|your) (?:average|mean|grade)(?: score)?(?: up)? (?:to|at) (?:at least )?(?P<v>{N}) ?%?)"
_COUNTED = rf"(?:average|mean)(?: (?:score|age|weight|height|mark|grade|of the scores))?(?: (?:of|on|for|over|after|in|from))+ (?:the |my |his |her |these |first )*(?P<n>{N}) (?:different |positive |other )?{_THING}(?: (?:is|was|=|are|equals|has been))? (?P<m>{N})"
_COUNTED_LATE = rf"(?P<n>{N}) {_THING} (?:have|has|had|with|averag(?:e|ed|ing)) (?:an? )?(?:(?:average|mean)(?: score)?(?: of)? )?(?P<m>{N})(?! {_THING})|averag(?:es|ed|e|ing) (?P<o>{N}) (?:on|over|after|for|in) (?:the |my |his |her )?(?:first )?(?P<k>{N}) {_THING}"
_NEED = r"\b(?:need|needs|needed|must|should|required?|have to|has to|to get|do i get|minimum|in order)\b"
_WEIGHT = rf"(?:final(?: exam)?|exam|last test)(?: that)? (?:is|counts(?: for| as)?|worth|makes up|weighs|weighted(?: at)?|is weighted(?: at)?|carries)(?: worth| for)? (?P<w>{N}) ?%|worth (?P<x>{N}) ?%"


def read_score(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about the missing part of an average; `None` for everything else."""
    if not compiled(r"need|must|should|have to|removed|missing|other|added|sum|find|final|what").search(text):
        return None
    text = compiled(r"(?<=\d) ?per ?cent\b").sub("%", plain_story(text, thousands=False))
    return _weighted(Scan(text), assumptions) or _missing(Scan(text)) or _needed(Scan(text), assumptions)


def _needed(scan: Scan, assumptions: list[str]) -> Request | None:
    """The score that brings an average to a target."""
    if not scan.has(_NEED) or not scan.has(rf"\b(?:next|final|last|another|one more|1 more|{_ORDINAL})\b"):
        return None
    which = scan.take(rf"{_ON_NEXT}")
    counted = scan.take(_COUNTED) or scan.take(_COUNTED_LATE)
    target = scan.take(_TARGET)
    if target is None:
        return None
    goal = next(value for value in (target["t"], target["u"], target["v"]) if value)
    listed = None if counted else scan.take(rf"(?<![\d.])(?P<l>{_LIST})")
    scan.take(rf"(?:(?:on|of|in|for|after) )?(?:my|the|his|her|first|previous|other|last)* ?(?P<c>{N}) (?:other |previous )?{_THING}(?! average)") if counted else None  # fmt: skip
    of_first = None if counted else scan.take(rf"(?:on|of|in|for|after) (?:my|the|his|her|first|previous|other|last| )*(?P<c>{N}) (?:other |previous )?{_THING}|(?:on|of|in) (?:my |the |his |her )first (?P<e>{N})")  # fmt: skip
    of_all = scan.take(rf"(?:for|of|over|on|in) (?:all|the) (?:the )?(?P<c>{N})(?: {_THING})?|(?P<d>{N}) {_THING}")
    if not scan.harmless("average", "remaining", "least", "another", "negative"):
        return None
    if counted:
        known = value_of(counted["n"] if "n" in counted.groupdict() and counted["n"] else counted["k"])
        mean = number(counted["m"] or counted["o"])
        total: Node = times(mean, exactly(known))
    elif listed:
        values = [number(part) for part in compiled(N).findall(listed["l"])]
        known, total = Fraction(len(values)), plus(*values)
        if of_first and value_of(of_first["c"] or of_first["e"]) != known:
            raise ToolError(f"{of_first['c'] or of_first['e']} scores are spoken of, but {known} are given")
    else:
        return None
    every = value_of(of_all["c"] or of_all["d"]) if of_all else value_of(target["all"]) if target["all"] else None
    place = _place(which["which"]) if which and which["which"] else None
    for said in (every, place):
        if said is not None and said != known + 1:
            raise ToolError(f"{known} scores are given, so the missing one is number {known + 1}, not {said}; give all scores but one")  # fmt: skip
    assumptions.append("all scores count equally")
    return asked_value(minus(times(number(goal), exactly(known + 1)), total))


def _place(word: str) -> int:
    return ORDINALS.get(word.lower()) or int(word[:-2])


def _missing(scan: Scan) -> Request | None:
    """The number that is missing where the average of all is known; the sum of all; a number taken away or added."""
    counted = scan.take(_COUNTED) or scan.take(_COUNTED_LATE)
    if counted is None or scan.has(_NEED):
        return None
    named = counted.groupdict()
    size, mean = value_of(named.get("n") or named["k"]), number(named.get("m") or named["o"])
    if scan.take(
        r"(?:what is|find|what's|calculate|determine) (?:the|their) (?:sum|total)(?: of (?:the|these|all)(?: the)?(?: [a-z]+)?)?"
    ):
        return asked_value(times(exactly(size), mean)) if scan.harmless() else None
    changed = scan.take(rf"(?:if )?(?:an?|one|1|a new|another) {_THING} is (?P<how>removed|taken (?:out|away)|excluded|dropped|added|included|left out)|(?:removing|excluding|dropping|adding|including) (?:an?|one|another) {_THING}")  # fmt: skip
    if changed:
        after = scan.take(rf"(?:the )?(?:new |resulting )?(?:average|mean)(?: of the (?:remaining|other)(?: {N})?(?: {_THING})?)? (?:becomes|is|is now|drops to|falls to|rises to|changes to|will be) (?P<m>{N})")  # fmt: skip
        scan.take(rf"(?:what is|find|what was|what's|determine|which is) the (?:removed|added|excluded|new|dropped)? ?{_THING}(?: (?:that )?(?:was|is)? ?(?:removed|added|excluded|dropped))?")  # fmt: skip
        if after is None or not scan.harmless("another"):
            return None
        step = 1 if compiled(r"add|includ").search(changed[0]) else -1
        difference = minus(times(exactly(size + step), number(after["m"])), times(exactly(size), mean))
        return asked_value(difference if step == 1 else times(exactly(-1), difference))
    listed = scan.take(rf"(?:(?P<c>{N})|the others?|the other (?P<d>{N})|the rest)(?: of (?:them|the (?:numbers|scores|tests|values)|these))?(?: {_THING})? (?:are|is|being|have scores of)[: ]+(?P<l>{_LIST})") or scan.take(rf"(?:if )?(?:(?P<c>)(?P<d>))?(?P<l>{N}(?:(?:,? and |, ?| ){N})+)(?: are (?P<e>{N}) of (?:them|the (?:numbers|scores)))?")  # fmt: skip
    if listed is None:
        return None
    values = [number(part) for part in compiled(N).findall(listed["l"])]
    said = listed.groupdict().get("c") or listed.groupdict().get("d") or listed.groupdict().get("e")
    if said and value_of(said) != len(values):
        raise ToolError(f"{said} numbers are spoken of, but {len(values)} are given")
    if size != len(values) + 1:
        raise ToolError(f"{len(values)} of {size} numbers are given; all but one are needed to find that one")
    which = scan.take(_ON_NEXT)
    if not which or (which["which"] and _place(which["which"]) != size) or not scan.harmless("remaining"):
        return None
    return asked_value(minus(times(exactly(size), mean), plus(*values)))


def _weighted(scan: Scan, assumptions: list[str]) -> Request | None:
    """A final exam that counts for a part of the grade."""
    weight = scan.take(_WEIGHT)
    if weight is None or not scan.has(_NEED):
        return None
    share = over(number(weight["w"] or weight["x"]), exactly(100))
    now = scan.take(rf"(?:current(?:ly)?(?: have)?(?: an?)?(?: grade| average| score)?(?: is| of)?|(?:grade|average)(?: so far| before the final)?(?: is| of)|i have(?: an?)?|has(?: an?)?|with(?: an?)?)(?: currently| now)? (?P<v>{N}) ?%?(?: (?:right )?now| average| grade| in the class)*")  # fmt: skip
    goal = scan.take(rf"(?:to (?:get|have|finish with|end (?:up )?with|earn|keep|reach|achieve|pass with)|for|want)(?: an?| at least| an overall| a final| overall)* (?:(?:final |overall )?(?:grade|average) of )?(?P<v>{N}) ?%?(?: (?:overall|final|course)| (?:grade|average)| in the (?:class|course)| for the (?:class|course))*")  # fmt: skip
    if now is None or goal is None or not scan.harmless("least", "average"):
        return None
    assumptions.append("the grade so far counts for the rest of the grade")
    rest = times(minus(exactly(1), share), number(now["v"]))
    return asked_value(over(minus(number(goal["v"]), rest), share), "", "%")
