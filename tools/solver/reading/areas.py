# ruff: noqa: E501  a pattern is read more easily on one line
"""Areas, volumes and surfaces of revolution, meeting points, sums over strips, and curves by parameters or angles.

`area between y = x^2 and y = 2x`, `volume of y = sqrt(x) rotated about the x-axis from 0 to 4`, `where do x^2 and x + 2
meet`, `trapezoidal rule for x^2 from 0 to 1 with n = 4`, `dy/dx if x = t^2, y = t^3`, `area inside r = 1 + cos(theta)`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from .clauses import TextReader
from .function_text import LONGEST, Clauses, Function, read_curve, read_function, vertical_line, without_clauses
from .functions import asked, normal_forms
from .syntax import Node, Request, variables_of

_AREA = re.compile(
    r"area (?:of )?(?:a |finite )?(?:region |part |space |shape |figure )?(?:that is |which is |lying |contained |in )*(?:between|bounded (?:by|between)|enclosed (?:by|between|within|inside)|under(?:neath)?|below|beneath|trapped (?:between|by)|inside|formed by|delimited by|limited by|above)\s(?P<f>.+)"
    r"|(?:region |part )?(?:between|bounded by|enclosed by|under)\s(?P<g>.+?),? (?:has|find|what|calculate|compute)(?: (?:is|its|what))* area",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:by|curves?|graphs?|functions?|parabolas?|lines?|of|region|area|between|bounded|enclosed|under|both|the|two|loops?|one|petal|when|if|a|is|that|is|formed|generated|obtained|produced|from(?= rotating| revolving)|rotating|revolving|rotation|revolution|rotate|revolve|results?|resulting|solids?|volume|surface|created|spinning|below|about(?= rotating)|inside|in|polar)\s+|:\s*)+",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    r"(?:volume|solid)(?: of)?(?: a)?(?: solid)?(?: of)? (?P<f>.+)|(?P<g>.+?)[,.;]? (?:and )?(?:then )?(?:find|what is|calculate|compute|determine|give)(?: the)?(?: resulting)? volume(?: of.{0,60})?|(?:rotate|revolve) (?P<h>.+?)(?:,|;| and find| to find|:) ?volume",
    re.IGNORECASE,
)
_METHOD_FIRST = re.compile(
    r"^(?:method of )?(?:cylindrical )?(?:shells?|dis[ck]s?|washers?)(?: method)?[,:]? (?:to )?(?:find|calculate|compute|determine)? ?",
    re.IGNORECASE,
)
_SURFACE = re.compile(r"(?:surface area|area of (?:a )?surface|surface)(?: of)? (?P<f>.+)", re.IGNORECASE)
_TURNED = re.compile(r"rotat|revol|axis|about|around|spin|dis[ck]|shell|washer", re.IGNORECASE)
_MEET = re.compile(
    r"(?:points? of )?intersections?(?: points?)? (?:of|between|for) (?P<f>.+)"
    r"|(?:where|when|at (?:what|which) (?:points?|values? of x|x)|for (?:what|which) (?:values? of )?x) (?:do|does|will|would) (?P<g>.+?) (?:intersect|meet|cross|equal)(?: each other)?"
    r"|points where (?P<h>.+?) (?:intersect|meet|cross)(?: each other)?",
    re.IGNORECASE,
)
_RULE = re.compile(
    r"(?:(?:using|with|by|use|apply|via|employ|through|of)\s+)?(?:a\s+|an\s+|composite\s+|compound\s+|\d+[- ]point\s+)*"
    r"(?:(?P<trapezoid>trapezoid(?:al|s)?|trapezium)|(?P<eighth>simpson(?:'?s)?\s+3/8(?:ths?)?)|(?P<simpson>simpson(?:'?s)?(?:\s+(?:1/3|one[- ]third))?)"
    r"|(?P<midpoint>mid-?points?)|(?P<left>left)|(?P<right>right))"
    r"(?:[- ](?:hand|side))?(?:[- ](?:rule|riemann|sums?|method|approximation|endpoints?|rectangles?|rectangle|end-?points?|riemann sums?|formula|estimate|point))*(?=\s|$|,|:)",
    re.IGNORECASE,
)
_COUNTED_SIDE = re.compile(
    r"\b(?P<count>\d{1,6}|two|three|four|five|six|eight|ten) (?P<side>left|right|mid-?point)(?:[- ](?:hand|endpoint))? (?:rectangles|rectangle|sums?)",
    re.IGNORECASE,
)
_RULE_HINT = re.compile(r"trapez|simpson|mid-?point|riemann|rectangle|endpoint|left|right", re.IGNORECASE)
_RULE_FILLER = re.compile(
    r"^(?:(?:riemann sums?|of|for|to|on|from(?= function)|approximate|approximat\w*|estimate|evaluate|find|integral|definite|integrate|area|under|curve|value|compute|calculate|and|rule|sum|method|function|integration|numerically|numerical|with respect to x|use)\s+|[:,]\s*)+",
    re.IGNORECASE,
)
_LEADING_COUNT = re.compile(
    r"^(?:(?:with|using|and|for|on)\s+)*(?P<count>n\s*=\s*\d{1,6}|(?:\d{1,6}|two|three|four|five|six|eight|ten)\s+(?:equal\s+)?(?:sub-?intervals|intervals|rectangles|trapezoids|strips|steps|subdivisions|partitions))\s*,?\s*(?P<rest>.+)$",
    re.IGNORECASE,
)
_LEADING_RANGE = re.compile(
    r"^(?P<range>(?:from|on|over|between)\s+(?:\[[^\]]{1,40}\]|\S{1,20}\s+(?:to|and)\s+\S{1,20}))\s+(?:of|for)\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_PARAMETRIC = re.compile(
    r"(?P<before>.*?)\bx\s?(?:\((?:t|theta|u|s)\))?\s?=\s?(?P<x>[^=]+?)\s*(?:,\s*(?:and\s+)?|;\s*|\s+and\s+)y\s?(?:\((?:t|theta|u|s)\))?\s?=\s?(?P<y>[^=].*)$"
)
_QUESTION = re.compile(
    r",?\s+(?:then\s+)?(?:find|what is|calculate|compute|determine|what's)\s+(?P<question>.+)$", re.IGNORECASE
)
_POLAR = re.compile(r"(?P<before>.*?)\br\s?(?:\((?:t|theta)\))?\s?=\s?(?P<r>.+)$")


def read_region(text: str) -> tuple[list[Function], Clauses] | None:
    """Up to two curves with the vertical lines and clauses that bound a region."""
    for piece, clauses in without_clauses(_LEADING.sub("", text.strip())):
        if region := _pieces(piece, clauses, swapped=False) or _pieces(piece, clauses, swapped=True):
            return region
    return None


def _pieces(text: str, clauses: Clauses, *, swapped: bool) -> tuple[list[Function], Clauses] | None:
    curves: list[Function] = []
    bounds: list[Node] = []
    for part in re.split(r",\s*(?:and\s+)?|;|\s+and\s+", text):
        part = _LEADING.sub("", part.strip())
        if not part:
            continue
        part = _swap(part) if swapped else part
        bound = vertical_line(part)
        if bound is not None:
            bounds.append(bound)
            continue
        curve = read_curve(part)
        if curve is None or (curve.variable not in ("x", "t") and variables_of(curve.node)):
            return None
        curves.append(curve)
    if not 1 <= len(curves) <= 2 or len(bounds) > 2 or (bounds and clauses.interval):
        return None
    if not any(variables_of(curve.node) for curve in curves):
        return None
    if bounds:
        clauses = replace(clauses, interval=tuple(bounds))
    if swapped:
        axis = {"x": "y", "y": "x"}.get(clauses.axis, "")
        clauses = replace(clauses, axis=axis)
    return curves, clauses


def _swap(text: str) -> str:
    """X and y exchanged, for regions beside the y-axis."""
    return re.sub(r"(?<![A-Za-z])[xy](?![A-Za-z])", lambda found: "y" if found[0] == "x" else "x", text)


def read_area_question(text: str, assumptions: list[str]) -> Request | None:
    """Areas, volumes, surfaces, meeting points and sums over strips; `None` for everything else."""
    if len(text) > LONGEST:
        return None
    for candidate in normal_forms(text):
        for read in (_rule, _parametric, _polar, _surface, _volume, _area, _meeting):
            if request := read(candidate, assumptions):
                return request
    return None


def _first(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group)


def _area(text: str, assumptions: list[str]) -> Request | None:
    found = _AREA.fullmatch(text)
    region = read_region(_first(found)) if found else None
    if region is None or region[1].axis:
        return None
    return asked("area", region[0], region[1])


def _volume(text: str, assumptions: list[str]) -> Request | None:
    if not _TURNED.search(text) or not re.search(r"volume|solid", text, re.IGNORECASE):
        return None
    text = _METHOD_FIRST.sub("", text)
    found = _VOLUME.fullmatch(text)
    region = read_region(_first(found)) if found else None
    return asked("volume", region[0], region[1]) if region else None


def _surface(text: str, assumptions: list[str]) -> Request | None:
    if not _TURNED.search(text) or "surface" not in text.lower():
        return None
    found = _SURFACE.fullmatch(text)
    region = read_region(_first(found)) if found else None
    return asked("surface", region[0], region[1]) if region and len(region[1].interval) == 2 else None


def _meeting(text: str, assumptions: list[str]) -> Request | None:
    found = _MEET.fullmatch(text)
    if found is None or (found["f"] and len(re.findall(r"\by\s?=", text)) > 1):
        return None
    region = read_region(_first(found))
    if region is None or len(region[0]) != 2:
        return None
    return asked("intersections", region[0], region[1])


def _rule(text: str, assumptions: list[str]) -> Request | None:
    text = re.sub(r"\b(\d{1,6}) midpoints\b", r"midpoint rectangles with \1 rectangles", text)
    text = _COUNTED_SIDE.sub(r"\g<side> rectangles with \g<count> rectangles", text)
    found = _RULE.search(text) if _RULE_HINT.search(text) else None
    if found is None:
        return None
    plain_side = found.lastgroup in ("left", "right") and not re.search(
        r"riemann|rectangle|endpoint|end-point|sum|approximation|rule", text, re.IGNORECASE
    )
    if plain_side or (
        found.lastgroup == "midpoint"
        and not re.search(r"rule|sum|approximat|rectangle|riemann|estimate", text, re.IGNORECASE)
    ):
        return None
    rest = re.sub(r"\s+d[xt](?=\s|$|,)", " ", f"{text[: found.start()]} {text[found.end() :]}")
    rest = re.sub(r"\briemann sums?\b|\bwith (?=and\b|$)", " ", " ".join(rest.split()), flags=re.IGNORECASE)
    rest = " ".join(rest.split()).strip(" ,")
    for _ in range(4):
        rest = _RULE_FILLER.sub("", rest)
        if moved := _LEADING_COUNT.match(rest):
            rest = f"{_RULE_FILLER.sub('', moved['rest'])} with {moved['count']}"
        elif moved := _LEADING_RANGE.match(rest):
            rest = f"{moved['rest']} {moved['range']}"
        else:
            break
    rule = "simpson 3/8" if found.lastgroup == "eighth" else str(found.lastgroup)
    for piece, clauses in without_clauses(rest):
        function = read_function(piece)
        if function is not None and len(clauses.interval) == 2:
            return asked("rule", [function], clauses, (rule,))
    return None


def _wanted(text: str) -> tuple[str, tuple[str, ...]] | None:
    lowered = text.lower()
    if re.search(r"d\^?\(?2\)?y/dx|second derivative|concavity", lowered):
        return "parametric slope", ("second",)
    if re.search(r"\btangent\b", lowered) and not re.search(r"slope|gradient", lowered):
        return "parametric tangent", ()
    if re.search(r"dy/dx|slope|derivative|gradient|dy by dx", lowered):
        return "parametric slope", ()
    if re.search(r"length|distance travel|perimeter", lowered):
        return "parametric length", ()
    return ("parametric area", ()) if re.search(r"\barea\b|enclosed", lowered) else None


def _parametric(text: str, assumptions: list[str]) -> Request | None:
    found = _PARAMETRIC.fullmatch(text)
    if found is None:
        return None
    second, asked_after = found["y"], ""
    if question := _QUESTION.search(second):
        second, asked_after = second[: question.start()], question["question"]
    wanted = _wanted(f"{found['before']} {asked_after}")
    if wanted is None:
        return None
    place = re.search(r"\s(?:at|from|for|on|between|over)\s.+$", asked_after)
    early = re.search(
        r"\s(?:at|from|for|on|between|over)\s(?!x|y|curve|parametric).*?(?=\s(?:if|of|for|when|where|given|to)\b)",
        found["before"],
    )
    clause_text = (place[0] if place else "") or (early[0] if early else "")
    for piece, clauses in without_clauses(second + clause_text):
        curves = [read_function(found["x"]), read_function(piece)]
        known = [curve for curve in curves if curve is not None]
        names = {name for curve in known for name in variables_of(curve.node)}
        if len(known) == 2 and len(names) == 1 and not names & {"x", "y"}:
            return _located(wanted, known, clauses)
    return None


def _polar(text: str, assumptions: list[str]) -> Request | None:
    found = _POLAR.fullmatch(text)
    if found is None or re.search(r"\bx\s?=|\by\s?=", text):
        return None
    radius, asked_after = found["r"], ""
    if question := _QUESTION.search(radius):
        radius, asked_after = radius[: question.start()], question["question"]
    wanted = _wanted(f"{found['before']} {asked_after}")
    if wanted is None:
        return None
    place = re.search(r"\s(?:at|from|for|on|between|over)\s.+$", asked_after)
    for piece, clauses in without_clauses(radius + (place[0] if place else "")):
        curve = read_function(piece)
        if curve is not None and variables_of(curve.node) in (["theta"], ["t"]):
            return _located(wanted, [curve], clauses)
    return None


def _located(wanted: tuple[str, tuple[str, ...]], curves: list[Function], clauses: Clauses) -> Request | None:
    kind, words = wanted
    if (kind == "parametric tangent" and not clauses.point) or (
        len(curves) == 2 and kind in ("parametric length", "parametric area") and len(clauses.interval) != 2
    ):
        return None
    return asked(kind, curves, clauses, words)


READERS: list[TextReader] = [read_area_question]
