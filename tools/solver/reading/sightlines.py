# ruff: noqa: E501  a pattern is read more easily on one line
"""Right triangles in the open: angles of elevation and depression, ladders, kite strings, ramps, shadows.

`the angle of elevation to the top of a tree 30 m away is 40 degrees; how tall is the tree`, `a 6 ft man casts a 4 ft
shadow, a tree casts a 20 ft shadow; how tall is the tree`.
"""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader
from .story_text import (
    N,
    Scan,
    asked_value,
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
from .syntax import Apply, Constant, Node, Number, Request

_UNIT = r"(?:feet|foot|ft|met(?:er|re)s?|m|cm|centimet(?:er|re)s?|kilomet(?:er|re)s?|km|miles?|mi|yards?|yd|inch(?:es)?|in)(?![a-z])"
_SAME = {"feet": "ft", "foot": "ft", "meter": "m", "metre": "m", "centimeter": "cm", "centimetre": "cm", "kilometer": "km", "kilometre": "km", "mile": "mi", "yard": "yd", "inche": "in", "inch": "in"}  # fmt: skip
_LONG = rf"(?P<n>{N})[ -]?(?P<u>{_UNIT})"
_TALL_THING = r"(?:tree|building|tower|flagpole|flag pole|pole|cliff|lighthouse|house|mountain|hill|statue|monument|skyscraper|church|steeple|kite|balloon|plane|airplane|helicopter|drone|bird|wall|castle|bridge|window|chimney|antenna|mast|obelisk|hotel|pyramid|post|billboard|rocket|tent pole|telephone pole|street ?light|lamp ?post)"
_LINE = r"(?:ladder|string|rope|wire|cable|ramp|slide|kite string|guy wire|line|slope|plank|beam|cord|escalator|road|zip ?line|guy-wire)"
_DEGREES = rf"(?P<d>{N}) ?(?:degrees?|deg)(?![a-z])"
_WITH = r"(?:with|to|from|above|and|between)(?: it and)? (?:the )?"
_FLAT = r"(?:ground|horizontal|horizon|floor|level ground|level|base)"
_OBSERVER = r"(?:person|observer|man|woman|boy|girl|surveyor|student|hiker|someone|eyes?|eye level|he|she|i|you|tourist|sailor|climber|child|viewer|camera|[a-z]+)"
_ANGLE = (
    rf"(?:(?:if |when |and )?(?:the |an? |its )?(?P<kind>angle of (?:elevation|depression|inclination)|elevation angle|depression angle|angle)(?: (?!is\b|of \d)[a-z']+)*?(?: (?:is|of|at|as|be|measures|=|was))+|at|makes|make|making|forms|inclined at|inclined|to be|rises at)(?: an?)?(?: (?P<kind2>angle of (?:elevation|depression)|angle|elevation angle|inclination)(?: (?:of|is|that is))?)?(?: an?)? {_DEGREES}(?: (?P<kind3>angle of (?:elevation|depression)|angle))?(?P<side> (?:{_WITH})?(?:(?:{_FLAT})|vertical|wall|building|house|side of the [a-z]+)(?: of the [a-z]+)?)?",
    rf"{_DEGREES}(?: (?P<kind>angle of (?:elevation|depression)|angle))?(?P<kind2>)(?P<kind3>)(?P<side> (?:{_WITH})(?:(?:{_FLAT})|vertical|wall|building|house))?",
)
_EYES = rf"(?:(?:whose |his |her |my |the |your |with )?(?:eyes?|eye level|eye height|instrument|transit|camera|theodolite)(?: (?:is|are|of|at))*|(?:person|observer|man|woman|boy|girl|surveyor)(?: who| that)? (?:is|of height)) {_LONG}(?: (?:tall|high|above (?:the )?(?:ground|floor)|off the ground))?|{_LONG[:-1].replace('?P<n>', '?P<m>').replace('?P<u>', '?P<v>')})[ -]tall (?:person|observer|man|woman|boy|girl|surveyor)"
_SHADOW_IS = rf"(?:its |the )?shadow(?: of (?:the |a )?[a-z]+)?(?: (?:is|of|measures|that is))+ {_LONG}(?: long)?"
_SHADOW = rf"(?:casts?|casting|has|throws?|with)(?: an?)? (?:shadow (?:that is |which is |of |of length )?)?{_LONG}(?:[ -]long)?(?: shadow| in length| long)?"
_HEIGHT = (
    rf"(?:an? |the )?{_LONG}[- ](?:tall |high )?(?P<thing>{_TALL_THING})",
    rf"(?P<thing>{_TALL_THING})(?: (?:that|which))?(?: (?:is|of|with a height of|with height|stands|rises))* {_LONG}(?: (?:tall|high|above (?:the )?(?:ground|sea|water|sea level)|in height|off the ground))",
    rf"(?P<thing>{_TALL_THING})(?: (?:that|which))? (?:of|with a|has a) height(?: of| is)? {_LONG}",
    rf"(?:height|altitude) of (?:an? |the )?(?P<thing>{_TALL_THING}) (?:is|=) {_LONG}",
    rf"(?:reach(?:es)?|touch(?:es)?|rests?|hits|rises?(?: to)?|(?:height|altitude|elevation) (?:of|is)|flying at(?: an altitude of)?|at an altitude of|(?P<thing>up))(?: (?:an? |the )?(?:wall|building|height|point|window|altitude|house)?(?: (?:at|of|that is))?)? {_LONG}(?: (?:up|high|tall|above (?:the )?(?:ground|sea level|sea|water)|up the [a-z]+|off the ground))?",
    rf"{_LONG} (?:up (?:the|a) [a-z]+|above (?:the )?(?:ground|sea level|sea|water)|high|tall|off the ground)(?P<thing>)",
)
_DISTANCE = (
    rf"{_LONG} (?:(?:directly |horizontally )?(?:away|from|out from|in front of)\b|horizontally\b|along the ground|out to sea|on level ground)(?: (?:from )?(?:the |its |a )?(?:(?:base|foot|bottom|wall|building|tree|tower|house|point|flagpole|pole|cliff|lighthouse|it|statue|monument|boat|ship|launch(?:ing)? (?:pad|site|point)|church|hill|mountain)\b(?: of)?(?: (?:the |a )?{_TALL_THING})?))?",
    rf"(?:distance|horizontal distance|horizontally|run|foot|base)(?: (?:of (?:the )?(?:ladder|[a-z]+)|from (?:the )?[a-z]+(?: of the [a-z]+)?|to (?:the )?[a-z]+(?: of the [a-z]+)?))*(?: (?:is|of|=))+ {_LONG}(?: (?:away )?(?:from|away)(?: (?:the|a|its))?(?: [a-z]+)?(?: of the [a-z]+)?)?",
)
_LINE_LENGTH = (
    rf"(?:an? |the |with |of )*{_LONG}(?:[- ]long)?[- ](?:of )?(?:{_LINE})",
    rf"(?:{_LINE})(?: (?:that|which))?(?: (?:is|of|has a length of|of length|with length|measures|let out|has been let out|attached))* {_LONG}(?: (?:long|in length))?",
    rf"(?:lets? out|let out|has let out|released|hypotenuse of|length(?: is| of)?|walks|walked|drives|climbs) {_LONG}(?: (?:of|long)(?: (?:kite )?(?:{_LINE}))?)?(?: (?:up|along) the (?:slope|ramp|road|hill))?",
)
_ASKED = (
    ("angle", r"(?:what is |find |calculate |determine |what )(?:the )?(?:measure of (?:the )?)?(?:angle(?: of (?:elevation|depression|inclination))?|sun's (?:angle of )?elevation)(?: (?:of|to|from|between|does|that|with|it|the|ladder|sun|top|ramp|make|makes|ground|a|string|wire|its|and|in|degrees|boat|ship|building|tree|tower|at|which|observer|is|inclined)\b)*|at what angle(?: (?:is|does|to|with|the|ground|ladder|[a-z]+)\b)*|what angle (?:does|is)(?: (?:the|it|with|make|ladder|ground|[a-z]+)\b)*"),
    ("shadow", r"how long (?:is|would|will|a|the)(?: (?:the|its|be|of))*(?: [a-z]+'s)? ?shadow(?: (?:of|cast|does|by|the|is|will|be|a)\b)*|(?:find|what is|determine|calculate) (?:the )?(?:length of (?:the|its) (?:[a-z]+'s )?shadow|shadow(?:'s)? length)|how long (?:of )?a shadow|length of (?:the|its) shadow"),
    ("line", rf"how long (?:is|must|should|does|would|will)(?: (?:the|a|an|his|her|its|it))*(?: (?:kite|guy|of))*(?: (?:{_LINE}))?(?: (?:be|have to be|need to be|needed))*|(?:find|what is|determine|calculate|what's) (?:the )?(?:length of (?:the|a) )(?:kite |guy )?(?:{_LINE})|how much (?:string|rope|wire|cable|line)(?: (?:is|has|been|let|out|needed))*|how far (?:is|away is) (?:the )?(?:kite|boat|ship) along the (?:string|line of sight)|length of (?:the )?(?:kite |guy )?(?:{_LINE})"),
    ("distance", r"how far (?:is|away is|away|from|out|apart|are|does|must|should)(?: (?:the|from|it|is|he|she|away|foot|base|bottom|of|ladder|boat|ship|car|object|person|observer|man|woman|you|i|wall|building|tree|tower|cliff|lighthouse|be|horizontally|a|to|stand|standing|point)\b)*|(?:find|what is|determine|calculate) (?:the )?(?:horizontal )?distance(?: (?:from|between|of|to|the|and|boat|ship|car|base|foot|cliff|lighthouse|tree|building|tower|observer|a|wall|ladder|bottom|object|person)\b)*|distance from the (?:base|foot|wall)"),
    ("height", rf"how (?:tall|high|far up)(?:(?: (?:up|is|does|are|the|a|an|it|on|will|can|would|of|above|ground|reach|reaches|fly|flying|wall|ladder|side|kite|top|building|house|rise|has|risen|above the ground|end|go|goes|string|this|that|from|in|meters|feet))|(?: {_TALL_THING}))*|(?:find|what is|determine|calculate|what's|estimate) (?:the |its )?(?:height|altitude)(?: (?:of|the|a|above|ground|ladder|reaches|on|kite|to|which|that|up|wall)\b| {_TALL_THING})*|height of the {_TALL_THING}"),
)  # fmt: skip
_FORM = "write for example: the angle of elevation of the top of a tower 50 m away is 35 degrees; how tall is the tower"


def read_sightline(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about a right triangle in the open; `None` for everything else.

    Raises:
        ToolError: if lengths are given in different units, or an angle is not between 0 and 90 degrees.
    """
    text = plain_story(text)
    if "shadow" in text.lower() and (request := _shadows(Scan(text), assumptions)):
        return request
    scan = Scan(text)
    asked = next((name for name, pattern in _ASKED if scan.take(pattern)), "")
    if not asked:
        return None
    eyes = scan.take(_EYES)
    angle = None if asked == "angle" else _angle(scan)
    facts: dict[str, re.Match[str]] = {}
    for name, forms in (
        ("line", _LINE_LENGTH),
        ("shadow", (_SHADOW, _SHADOW_IS)),
        ("height", _HEIGHT),
        ("distance", _DISTANCE),
    ):
        if name == "shadow" and not scan.has("shadow"):
            continue
        for form in forms:
            if name not in facts and (found := scan.take(form)):
                facts[name] = found
    if "shadow" in facts and "distance" not in facts:
        facts["distance"] = facts.pop("shadow")
    if len(facts) != (2 if angle is None else 1):
        return None
    scan.take_all(r"\b(?:above the (?:ground|horizontal)|above|below)\b")
    if not scan.harmless("of", "angle") or scan.has(
        r"\b(?:second|moves?|walks|another|closer|hill|hillside|slopes?|sloping|tilt(?:s|ed)|leaning|farther|further|2nd|then)\b"
    ):
        return None
    unit = _unit([*facts.values(), *([eyes] if eyes else [])])
    return _solved("distance" if asked == "shadow" else asked, facts, angle, eyes, unit, assumptions)


def _angle(scan: Scan) -> Node | None:
    """The angle with the horizontal, in radians."""
    found = next((taken for form in _ANGLE if (taken := scan.take(form))), None)
    if found is None:
        return None
    degrees = value_of(found["d"])
    if not 0 < degrees < 90:
        raise ToolError(f"an angle here must lie between 0 and 90 degrees, not {found['d']}; {_FORM}")
    node: Node = number(found["d"])
    if compiled(r"vertical|wall|building|house|side").search(found["side"] or ""):
        node = minus(exactly(90), node)
    return times(node, over(Constant("pi"), exactly(180)))


def _spelled(unit: str) -> str:
    unit = unit.lower()
    unit = unit.rstrip("s") if len(unit) > 2 else unit
    return _SAME.get(unit, unit)


def _unit(found: list[re.Match[str]]) -> str:
    """The one unit of all lengths.

    Raises:
        ToolError: if there are several.
    """
    spelled = [match.groupdict().get("u") or match.groupdict().get("v") or "" for match in found]
    if len({_spelled(unit) for unit in spelled}) > 1:
        raise ToolError(
            f"lengths are in {' and '.join(sorted({_spelled(unit) for unit in spelled}))}; write all in one unit"
        )
    return _spelled(spelled[0])


def _solved(asked: str, facts: dict[str, re.Match[str]], angle: Node | None, eyes: re.Match[str] | None, unit: str, assumptions: list[str]) -> Request | None:  # fmt: skip
    known = {name: number(found["n"]) for name, found in facts.items()}
    eye = number(eyes["n"] or eyes["m"]) if eyes else None
    if "line" in known and eye is not None:
        return None
    assumptions.append("the ground is level, and what stands on it is upright")
    height: Node | None = known.get("height")
    if height is not None and eye is not None:
        height = minus(height, eye)
    line, distance = known.get("line"), known.get("distance")
    if asked == "angle":
        if height is not None and distance is not None:
            value: Node = Apply("atan", (over(height, distance),))
        else:
            side = height if height is not None else distance
            if side is None or line is None:
                return None
            if not value_of(facts["line"]["n"]) > value_of(
                next(found["n"] for name, found in facts.items() if name != "line")
            ):
                raise ToolError("the ladder or string must be longer than the other side of the triangle")
            value = Apply("asin" if height is not None else "acos", (over(side, line),))
        return asked_value(times(value, over(exactly(180), Constant("pi"))), "", " degrees")
    if angle is None:
        return _by_pythagoras(asked, height, distance, line, unit)
    sine, cosine, tangent = (Apply(name, (angle,)) for name in ("sin", "cos", "tan"))
    values: dict[str, Node | None] = {
        "height": times(distance, tangent) if distance else times(line, sine) if line else None,
        "distance": over(height, tangent) if height else times(line, cosine) if line else None,
        "line": over(height, sine) if height else over(distance, cosine) if distance else None,
    }
    result = values[asked]
    if result is None:
        return None
    if asked == "height" and eye is not None:
        result = plus(result, eye)
    return asked_value(result, "", f" {unit}")


def _by_pythagoras(asked: str, height: Node | None, distance: Node | None, line: Node | None, unit: str) -> Request | None:  # fmt: skip
    sides = {"height": height, "distance": distance, "line": line}
    known = [side for name, side in sides.items() if side is not None and name != asked]
    if len(known) != 2:
        return None
    squares = [power(side, exactly(2)) for side in known]
    if (
        asked != "line"
        and isinstance(known[0], Number)
        and isinstance(known[1], Number)
        and known[0].value >= known[1].value
    ):
        raise ToolError("the ladder or string must be longer than the other side of the triangle")
    square = plus(*squares) if asked == "line" else minus(squares[1], squares[0])
    return asked_value(power(square, over(exactly(1), exactly(2))), "", f" {unit}")


def _shadows(scan: Scan, assumptions: list[str]) -> Request | None:
    """Two things and their shadows at the same time."""
    one = r"(?:if )?(?:at the same time,? )?(?:an? |the |one )?"
    tall = rf"{one}(?:{_LONG}[- ]?(?:tall |high )?(?P<thing>[a-z]+)(?: (?:who|that))?|(?P<thing2>[a-z]+)(?: (?:who|that))?(?: (?:is|of|stands))* (?P<n2>{N})[ -]?(?P<u2>{_UNIT})(?:[ -](?:tall|high))?(?: and)?) (?:casts?|casting|has|throws?)(?: an?)? (?:shadow (?:that is |which is |of |of length )?)?(?P<s>{N})[ -]?(?P<su>{_UNIT})(?:[ -]long)?(?: shadow| in length| long)?"
    first = scan.take(tall)
    if first is None:
        return None
    height = first["n"] or first["n2"]
    units = [first["u"] or first["u2"], first["su"]]
    wants_shadow = scan.take(_ASKED[1][1] + r"|how long (?:is|will be|would be) (?:the )?(?:shadow)")
    if wants_shadow:
        other = scan.take(
            rf"(?:by |of )?(?:an? |the )?(?P<n>{N})[ -]?(?P<u>{_UNIT})(?:[- ](?:tall|high))?(?: [a-z]+)?|(?:[a-z]+)(?: (?:that|which))? is (?P<n2>{N})[ -]?(?P<u2>{_UNIT})(?: (?:tall|high))?"
        )
        if other is None:
            return None
        value = over(times(number(first["s"]), number(other["n"] or other["n2"])), number(height))
        units += [other["u"] or other["u2"]]
    else:
        other = scan.take(rf"{_SHADOW}|shadow (?:of|is) (?P<n2>{N})[ -]?(?P<u2>{_UNIT})")
        if other is None or not scan.take(_ASKED[4][1]):
            return None
        value = over(times(number(height), number(other["n"] or other["n2"])), number(first["s"]))
        units += [other["u"] or other["u2"]]
    if not scan.harmless():
        return None
    if len({_spelled(unit) for unit in units}) > 1:
        raise ToolError(
            f"lengths are in {' and '.join(sorted({_spelled(unit) for unit in units}))}; write all in one unit"
        )
    assumptions.append("both shadows are cast at the same time")
    return asked_value(value, "", f" {_spelled(units[0])}")


def read_ladder(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about a ladder at an angle, before one about a ladder at a distance is looked for."""
    return read_sightline(text, assumptions) if "ladder" in text.lower() and "degree" in text else None


READERS: list[TextReader] = [read_ladder]
