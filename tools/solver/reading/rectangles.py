# ruff: noqa: E501  a pattern is read more easily on one line
"""Rectangles of which the length and the width are compared: `perimeter 30 and length twice the width; find its area`.

Those with given sides are read by `shapes`, which is asked first.
"""

from __future__ import annotations

from fractions import Fraction

from ...errors import ToolError
from .story_text import (
    N,
    Scan,
    Story,
    compiled,
    exactly,
    minus,
    number,
    over,
    plain_story,
    plus,
    power,
    times,
    value_of,
)
from .syntax import Node, Request, Variable

_UNIT = r"(?:feet|foot|ft|met(?:er|re)s?|m|cm|centimet(?:er|re)s?|km|miles?|yards?|yd|inch(?:es)?|in|units?)(?![a-z])"
_SQUARE = rf"(?: ?(?:(?:square|sq\.?) {_UNIT}|{_UNIT}(?: ?\^ ?2| squared)))"
_NAMED = r"(?:rectang(?:le|ular)(?: (?:garden|field|room|lawn|yard|plot|pool|lot|floor|park|table|court|playground))?|garden|field|room|lawn|yard|pool|playground)"
_SIDE = r"(?:(?:its|the|a|his|her|whose) )?(?P<{0}>length|width)(?: of (?:the|a|this) " + _NAMED + r")?"
_OTHER = r"(?:(?:its|the|of its|of the|of) )*(?P<b>length|width)(?: of (?:the|a|this) " + _NAMED + r")?"
_IS = r"(?: (?:that |which )?(?:is|was|of|=|equals|be|equal to|equal))*"
_TIMES = rf"(?P<t>(?:{N})(?: times| of|(?= (?:its|the) ))|twice|double|thrice|triple|half(?: of)?|a third(?: of)?)"
_MORE = rf"(?P<n>{N})(?: ?{_UNIT})? (?P<sign>more|less|longer|greater|larger|shorter|wider|narrower|fewer|smaller|bigger) than(?: or equal)?"
_RELATIONS = (
    rf"{_SIDE.format('a')}{_IS} {_MORE}(?: {_TIMES})? {_OTHER}",
    rf"{_SIDE.format('a')}{_IS} {_TIMES}(?: as (?:long|wide|big|large) as| that of)? {_OTHER}(?: (?P<plus>plus|minus|increased by|decreased by) (?P<n>{N})(?: ?{_UNIT})?)?",
    rf"{_SIDE.format('a')} (?P<sign>exceeds) {_OTHER} by (?P<n>{N})(?: ?{_UNIT})?",
)
_AS_LONG = (
    rf"(?:(?:that |which |it )?is )?{_TIMES} as (?P<a>long|wide) as (?:it is )?(?:wide|long|its width|its length)"
)
_LONGER = rf"(?:(?:that |which |it )?is )?(?P<n>{N})(?: ?{_UNIT})? (?P<a>longer|wider) than (?:it is )?(?:wide|long)"
_RATIO = rf"(?:(?:the )?(?:ratio of (?:the |its )?(?P<a>length|width) to (?:the |its )?(?:length|width)(?: of (?:the|a|this) {_NAMED})?|(?:its |the )?(?P<c>length) and (?:its |the )?width)(?: are in (?:the |a )?ratio(?: of)?| is| =| of)*) (?P<x>{N}) ?(?::|to|/) ?(?P<y>{N})"
_FACTORS = {
    "twice": Fraction(2),
    "double": Fraction(2),
    "thrice": Fraction(3),
    "triple": Fraction(3),
    "half": Fraction(1, 2),
    "a third": Fraction(1, 3),
}
_FORM = "write for example: a rectangle has perimeter 26 and its length is 3 more than its width; find the area"


def read_rectangle(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about a rectangle whose sides are compared; `None` for everything else."""
    text = plain_story(text)
    if not compiled(rf"\b{_NAMED}\b").search(text) or not compiled(r"\blength|\bwidth|\blong|\bwide").search(text):
        return None
    scan = Scan(text)
    story = Story("lengths")
    sides = {"length": story.amount("the length"), "width": story.amount("the width")}
    if not _compared(scan, story, sides):
        return None
    units: list[str] = []
    sizes = {
        "perimeter": times(exactly(2), plus(*sides.values())),
        "area": times(*sides.values()),
        "diagonal": power(plus(*(power(side, exactly(2)) for side in sides.values())), over(exactly(1), exactly(2))),
    }
    known = 0
    for name, size in sizes.items():
        unit = _SQUARE if name == "area" else rf"(?: ?{_UNIT})"
        found = scan.take(rf"(?:(?:with|has|have|an?|the|its|whose) )*{name}(?: of (?:the|a|this|its) {_NAMED})?{_IS}(?: an?)? (?P<v>{N})(?P<u>{unit})?") or scan.take(rf"(?P<v>{N})(?P<u>{unit})? (?:in )?{name}")  # fmt: skip
        if found and name == "diagonal":
            story.same(
                plus(*(power(side, exactly(2)) for side in sides.values())), power(number(found["v"]), exactly(2))
            )
        elif found:
            story.same(size, number(found["v"]))
        if found:
            known += 1
            units += compiled(_UNIT).findall(found["u"] or "")
    fence = scan.take(rf"(?P<v>{N})(?: ?(?P<u>{_UNIT}))? of (?:fencing|fence|wire)") if not known else None
    if fence:
        story.same(sizes["perimeter"], number(fence["v"]))
        known, units = 1, [fence["u"] or ""]
    if known != 1:
        return None
    wanted = _wanted(scan)
    if not wanted:
        return None
    scan.take_all(rf"\b(?:{_NAMED}|perimeter|area)\b")
    if not scan.harmless(longest=14) or scan.has(r"\b(?:square|path|border|surround|increased|decreased|path|walk)"):
        return None
    unit = _one_unit(units)
    for name in wanted:
        after = f" {unit}" if unit and name != "area" else f" {unit}^2" if unit else ""
        story.ask(sides[name] if name in sides else sizes[name], f"{name} " if len(wanted) > 1 else "", after)
    return story.request()


def _one_unit(units: list[str]) -> str:
    spelled = {unit.lower() for unit in units if unit}
    if len(spelled) > 1:
        raise ToolError(f"lengths are in {' and '.join(sorted(spelled))}; write all in one unit")
    return spelled.pop() if spelled else ""


def _factor(said: str | None) -> Node:
    if not said:
        return exactly(1)
    bare = compiled(r" (?:of|times)$").sub("", said.strip().lower())
    return exactly(_FACTORS[bare]) if bare in _FACTORS else number(bare)


def _compared(scan: Scan, story: Story, sides: dict[str, Variable]) -> bool:
    """Take out how the sides compare."""
    for form in _RELATIONS:
        if found := scan.take(form):
            if found["a"].lower() == found["b"].lower():
                return False
            named = found.groupdict()
            left = sides[found["a"].lower()]
            right = times(_factor(named.get("t")), sides[found["b"].lower()])
            if named.get("n"):
                less = (named.get("sign") or named.get("plus") or "").lower() in ("less", "shorter", "narrower", "fewer", "smaller", "minus", "decreased by")  # fmt: skip
                right = minus(right, number(found["n"])) if less else plus(right, number(found["n"]))
            story.same(left, right)
            return True
    if found := scan.take(_AS_LONG) or scan.take(_LONGER):
        first, second = ("length", "width") if found["a"].lower().startswith("long") else ("width", "length")
        named = found.groupdict()
        other = sides[second]
        right = times(_factor(named["t"]), other) if "t" in named else plus(other, number(named["n"] or "0"))
        story.same(sides[first], right)
        return True
    if found := scan.take(_RATIO):
        first, second = ("width", "length") if (found["a"] or "length").lower() == "width" else ("length", "width")
        if value_of(found["y"]) == 0:
            raise ToolError(f"a part of this ratio is 0; {_FORM}")
        story.same(times(sides[first], number(found["y"])), times(sides[second], number(found["x"])))
        return True
    return False


def _wanted(scan: Scan) -> list[str]:
    """What is asked for."""
    asks = r"(?:find|what is|what are|what's|calculate|determine|compute|give|how (?:long|wide|large)(?: is)?)"
    found = scan.take(rf"{asks} (?P<what>(?:(?:the|its|both|of|and|a|is|it|sides?|this|that|dimensions?|lengths?|width|area|perimeter|diagonal|{_NAMED})(?: |,|$))+)") or scan.take(rf"{asks} (?P<what>[a-z ,]*)")  # fmt: skip
    if not found:
        found = scan.take(r"^ ?(?P<what>(?:the )?(?:dimensions?|area|perimeter|length|width|diagonal)) (?=of|if)") or scan.take(r"[|;:,.?] ?(?P<what>(?:its |the )?(?:dimensions|area|perimeter|length|width|diagonal))(?: ?\?)?$")  # fmt: skip
    if not found:
        return []
    said = found["what"].lower()
    if compiled(r"dimensions?|sides|length and (?:the |its )?width|width and (?:the |its )?length").search(said):
        return ["length", "width"] + (["area"] if "area" in said else [])
    return [name for name in ("length", "width", "area", "perimeter", "diagonal") if name in said]
