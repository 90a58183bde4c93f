# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about figures: `area of a circle with radius 5 cm`, `height of a cylinder with volume 100 and radius 2`.

Which measures a figure has and how they hang together is in `answers.shape_formulas`. Triangles with more than a base
and a height are read by `triangles`, figures given by coordinates by `coordinates`.
"""

from __future__ import annotations

import re

from .clauses import TextReader
from .figure_text import Amount, FigureText, read_figure_text
from .names import words
from .syntax import Ask, Node, Request

_POLYGONS = {
    "pentagon": 5, "hexagon": 6, "heptagon": 7, "septagon": 7, "octagon": 8, "nonagon": 9, "decagon": 10,
    "dodecagon": 12,
}  # fmt: skip
_SPELLINGS = {
    "circle": "circle, circular disk, circular disc, disk, disc",
    "semicircle": "semicircle, half circle, semi circle",
    "quarter circle": "quarter circle, quadrant of a circle, quarter of a circle, quadrant",
    "sector": "sector, circular sector, sector of a circle, sector of circle, circle sector",
    "segment": "circular segment, segment of a circle, segment of circle, circle segment",
    "annulus": "annulus, circular ring, ring",
    "ellipse": "ellipse, oval",
    "square": "square",
    "rectangle": "rectangle, room, garden, lawn, yard, rectangular field, oblong",
    "parallelogram": "parallelogram",
    "trapezoid": "trapezoid, trapezium",
    "rhombus": "rhombus, diamond",
    "kite": "kite",
    "equilateral triangle": "equilateral triangle, regular triangle",
    "regular polygon": "regular polygon",
    "cube": "cube",
    "box": "box, cuboid, rectangular prism, rectangular box, rectangular solid, rectangular parallelepiped, brick,"
    " rectangular cuboid, rectangular tank, right rectangular prism",
    "cylinder": "cylinder, right cylinder, circular cylinder, right circular cylinder, cylindrical tank,"
    " cylindrical can",
    "cone": "cone, right cone, circular cone, right circular cone",
    "sphere": "sphere, ball, spherical ball",
    "hemisphere": "hemisphere, half sphere, semisphere",
    "spherical cap": "spherical cap",
    "pyramid": "square pyramid, square based pyramid, pyramid with a square base, pyramid with square base,"
    " right square pyramid, regular square pyramid",
    "rectangular pyramid": "rectangular pyramid, pyramid with a rectangular base, pyramid with rectangular base",
    "general pyramid": "pyramid, triangular pyramid, hexagonal pyramid",
    "tetrahedron": "tetrahedron, regular tetrahedron",
    "octahedron": "octahedron, regular octahedron",
    "dodecahedron": "dodecahedron, regular dodecahedron",
    "icosahedron": "icosahedron, regular icosahedron",
    "torus": "torus, donut, doughnut",
    "frustum": "frustum, frustum of a cone, frustum of cone, conical frustum, truncated cone, cone frustum",
    "prism": "prism, triangular prism, right prism",
    "ellipsoid": "ellipsoid",
    "capsule": "capsule, spherocylinder",
}
_NOUNS = {spelling.strip(): name for name, spellings in _SPELLINGS.items() for spelling in spellings.split(",")} | {
    spelling: f"regular polygon {sides}" for name, sides in _POLYGONS.items() for spelling in (name, f"regular {name}")
}
_SOME_NOUN = re.compile(
    "|".join(
        sorted(
            {noun.split()[-1] for noun in _NOUNS}
            | {"pyramid", "prism", "rectangular", "circular", "cylindrical", "spherical", "conical", "pizza"},
            key=lambda word: (-len(word), word),
        )
    ),
    re.IGNORECASE,
)
_SIDED = re.compile(
    r"\bregular (?:polygon (?:with|of|that has|having) )?(\d{1,4})[- ](?:sided polygon|gon|sides)\b,?", re.IGNORECASE
)
_MORE_WORDS = frozenset(
    words(
        "flat closed open solid right circular regular formula equation formulas two between fit hold contain needed need required around cover enclose go can will be surround it inside holds"
    )
)
_TIMES = {"twice": "2", "double": "2", "two": "2", "three": "3", "triple": "3", "four": "4", "five": "5", "half": "1/2"}
_RELATION = re.compile(
    r"\b(?:the |its )?(?P<left>length|width) (?:of (?:a|the|this) rectangle )?(?:is|that is|which is) (?:(?P<more>\d{1,9}(?:\.\d{1,6})?)(?: [a-z]{1,12})? (?P<sign>more|less|longer|greater|larger|shorter|wider|narrower) than )?"
    r"(?P<times>twice|double|triple|half(?: of)?|(?:two|three|four|five|\d{1,6}(?:\.\d{1,6})?) times)? ?(?:as long as )?(?:its|the|of its) (?:width|length)\b(?: of a rectangle)?",
    re.IGNORECASE,
)
_LETTERS = {
    "r": "radius", "R": "radius", "d": "diameter", "D": "diameter", "h": "height", "H": "height", "s": "side",
    "l": "length", "L": "length", "w": "width", "W": "width", "b": "base", "B": "base", "a": "side", "A": "area",
    "V": "volume", "v": "volume", "theta": "angle", "c": "circumference", "C": "circumference", "P": "perimeter",
}  # fmt: skip
_OF_ARCS = frozenset(("angle", "arc length", "chord"))
_MAIN_MEASURES = frozenset(("area", "volume", "surface area", "perimeter", "circumference", "lateral area"))


def read_shape(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about one figure; `None` for everything else."""
    if not _SOME_NOUN.search(text):
        return None
    sides = ""
    if found := _SIDED.search(text):
        sides = f" {found[1]}"
        text = text[: found.start()] + " regular polygon " + text[found.end() :]
    relation = ""
    if found := _RELATION.search(text):
        kept = " rectangle " if "rectangle" in found[0].lower() else " "
        relation, text = _related(found), text[: found.start()] + kept + text[found.end() :]
    told = read_figure_text(text, _NOUNS, noted := [], _MORE_WORDS)
    if told is None or not told.nouns:
        return None
    noun = _the_noun(told)
    if noun is None:
        return None
    given: list[tuple[str, Amount]] = []
    for measure, amount in told.given:
        if amount.unit == "deg" and measure in ("arc length", "chord", "area"):
            told.asked.append(measure)  # an arc of 40 degrees
            measure = "angle"
        given.append((measure, amount))
    for letter, amount in told.letters:
        if letter not in _LETTERS:
            return None
        given.append((_LETTERS[letter], amount))
    given += [("angle" if amount.unit in ("deg", "rad") else "", amount) for amount in told.bare]
    if noun == "circle" and _OF_ARCS & ({measure for measure, _ in given} | set(told.asked)):
        noun = "sector"
    if not told.asked or (not given and not _MAIN_MEASURES & set(told.asked) and "formula" not in told.words):
        return None
    assumptions += noted
    if relation and noun != "rectangle":
        return None
    return _request(noun + sides, told, given, relation)


def _related(found: re.Match[str]) -> str:
    """The measure, the other measure, how many times that, and how much more."""
    times = _TIMES.get((found["times"] or "").split()[0].lower(), found["times"] or "1") if found["times"] else "1"
    more = found["more"] or "0"
    sign = "-" if (found["sign"] or "").lower() in ("less", "shorter", "narrower") else ""
    left, right = found["left"].lower(), "width" if found["left"].lower() == "length" else "length"
    return f"{left}/{right}/{times.split()[0]}/{sign}{more}"


def _the_noun(told: FigureText) -> str | None:
    kinds = list(dict.fromkeys(told.nouns))
    if len(kinds) == 1:
        return kinds[0]
    if set(kinds) == {"sector", "circle"} or set(kinds) == {"segment", "circle"}:
        return next(kind for kind in kinds if kind != "circle")
    if set(kinds) == {"general pyramid", "square"}:
        return "pyramid"
    if set(kinds) == {"general pyramid", "rectangle"}:
        return "rectangular pyramid"
    return None


def _request(noun: str, told: FigureText, given: list[tuple[str, Amount]], relation: str) -> Request:
    values: list[Node] = []
    tags = [f"shape {noun}"]
    for measure, amount in given:
        values.append(amount.node)
        tags.append(f"given {measure}/{amount.unit}/{amount.power}")
    tags += [f"asked {measure}" for measure in dict.fromkeys(told.asked)]
    if told.output:
        tags.append(f"output {told.output}/{told.output_word}")
    if relation:
        tags.append(f"relation {relation}")
    if "formula" in told.words:
        tags.append("formula")
    return Ask("shape", tuple(values), tuple(tags))


READERS: list[TextReader] = [read_shape]
