# ruff: noqa: E501  a pattern is read more easily on one line
"""The words of questions about figures: measures, units, small words, and wordings that are brought to simpler ones."""

from __future__ import annotations

import re

from .names import words

MEASURES: dict[str, str] = {
    "area": "area", "areas": "area", "total surface area": "surface area", "surface area": "surface area",
    "total area": "surface area", "surface": "surface area", "tsa": "surface area",
    "lateral surface area": "lateral area", "lateral area": "lateral area", "curved surface area": "lateral area",
    "curved area": "lateral area", "lateral surface": "lateral area", "csa": "lateral area", "lsa": "lateral area",
    "base area": "base area", "area of base": "base area", "area of the base": "base area",
    "perimeter": "perimeter", "circumference": "circumference", "volume": "volume", "capacity": "volume",
    "radius": "radius", "radii": "radius", "base radius": "radius", "diameter": "diameter", "base diameter": "diameter",
    "side": "side", "sides": "side", "side length": "side", "side lengths": "side", "length of side": "side",
    "length of each side": "side", "length of a side": "side", "length of one side": "side", "edge": "side",
    "edges": "side", "edge length": "side", "base edge": "base", "base side": "base", "base length": "base",
    "base side length": "base", "base edge length": "base",
    "length": "length", "lengths": "dimensions", "long": "length", "width": "width", "wide": "width",
    "breadth": "width", "height": "height", "heights": "height", "altitude": "height", "depth": "height",
    "tall": "height", "high": "height", "deep": "height", "perpendicular height": "height",
    "slant height": "slant height", "slant": "slant height", "slant length": "slant height",
    "diagonal": "diagonal", "diagonals": "diagonal", "space diagonal": "space diagonal",
    "body diagonal": "space diagonal", "main diagonal": "space diagonal", "long diagonal": "space diagonal",
    "face diagonal": "face diagonal", "apothem": "apothem", "circumradius": "circumradius", "inradius": "inradius",
    "radius of circumscribed circle": "circumradius", "radius of inscribed circle": "inradius",
    "radius of the circumscribed circle": "circumradius", "radius of the inscribed circle": "inradius",
    "radius of circumcircle": "circumradius", "radius of incircle": "inradius", "circumscribed radius": "circumradius",
    "radius of the circumcircle": "circumradius", "radius of the incircle": "inradius", "inscribed radius": "inradius",
    "circumcircle radius": "circumradius", "incircle radius": "inradius",
    "angle": "angle", "central angle": "angle", "included angle": "angle", "angles": "angle",
    "angle between them": "angle", "interior angle": "interior angle", "interior angles": "interior angle",
    "arc length": "arc length", "length of arc": "arc length", "length of the arc": "arc length",
    "length of an arc": "arc length",
    "chord": "chord", "chord length": "chord", "length of chord": "chord", "length of the chord": "chord",
    "arc": "arc length",
    "base": "base", "bases": "base", "parallel sides": "base", "parallel side": "base",
    "sagitta": "height", "hypotenuse": "hypotenuse", "leg": "leg", "legs": "leg", "other leg": "leg",
    "major axis": "major axis", "minor axis": "minor axis", "semi major axis": "semi-major axis",
    "semi minor axis": "semi-minor axis", "semimajor axis": "semi-major axis", "semiminor axis": "semi-minor axis",
    "semi axes": "semi-axes", "semiaxes": "semi-axes", "axes": "axes", "inner radius": "inner radius",
    "outer radius": "outer radius", "inside radius": "inner radius", "outside radius": "outer radius",
    "major radius": "outer radius", "minor radius": "inner radius", "tube radius": "inner radius",
    "inner diameter": "inner diameter", "outer diameter": "outer diameter",
    "top radius": "inner radius", "bottom radius": "outer radius", "dimensions": "dimensions",
    "midsegment": "midsegment", "eccentricity": "eccentricity", "thickness": "thickness",
    "area of the circle": "area", "third side": "third side", "other side": "third side", "missing side": "third side",
    "third angle": "third angle", "other angle": "third angle", "missing angle": "third angle", "median": "median",
    "remaining angle": "third angle",
    "opposite side": "opposite side", "opposite": "opposite side", "adjacent side": "adjacent side",
    "opposite leg": "opposite side", "adjacent leg": "adjacent side", "adjacent": "adjacent side",
    "medians": "median", "altitudes": "height", "base angle": "base angle", "base angles": "base angle",
    "vertex angle": "angle", "apex angle": "angle", "missing leg": "leg",
}  # fmt: skip
LISTED = frozenset(words("radii sides diagonals bases legs dimensions lengths axes semiaxes angles edges heights")) | {
    "parallel sides",
    "semi axes",
    "side lengths",
}
FILLERS = frozenset(
    words(
        "what whats is are the of a an and with whose which that has have having if given its it find calculate compute"
        " determine how much big large for me please in on to tell give get work out i need know want equal equals"
        " where when both each by be does do value s was would could can you respectively measuring measures measure"
        " being made there this was exact exactly using total their them formula equation my"
    )
)
SPOKEN = {word: number for number, word in enumerate(
    words("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
          " seventeen eighteen nineteen twenty")
)} | {word: 10 * (number + 3) for number, word in enumerate(words("thirty forty fifty sixty seventy eighty ninety"))}  # fmt: skip
_UNIT_TABLE = {
    "mm": "mm millimeter millimeters millimetre millimetres",
    "cm": "cm cms centimeter centimeters centimetre centimetres",
    "dm": "dm decimeter decimeters decimetre decimetres",
    "m": "m meter meters metre metres",
    "km": "km kms kilometer kilometers kilometre kilometres",
    "in": "in inch inches",
    "ft": "ft foot feet",
    "yd": "yd yds yard yards",
    "mi": "mi mile miles",
    "L": "liter liters litre litres l",
    "mL": "ml milliliter milliliters millilitre millilitres",
    "gal": "gallon gallons gal",
    "acre": "acre acres",
    "ha": "hectare hectares ha",
    "deg": "degree degrees deg",
    "rad": "radian radians rad",
    "unit": "unit units",
}
UNITS = {word: name for name, spellings in _UNIT_TABLE.items() for word in spellings.split()}
FIXED_POWERS = {"L": 3, "mL": 3, "gal": 3, "acre": 2, "ha": 2, "deg": 0, "rad": 0}
UNIT_POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
BREAKS = frozenset(words("with whose if given when where find what how calculate"))
MOSTLY_ASKED = frozenset(("area", "surface area", "lateral area", "volume", "perimeter", "circumference"))
_PART = r"(sides?|edges?|legs?|diagonals?|bases|parallel sides|hypotenuse|chord)"
_OBJECTS = (
    r"(?:field|garden|room|yard|lawn|pool|plot|table|tank|can|container|pond|plate|pizza|park|lot|floor|wall|window|box"
    r"|fish tank|aquarium|glass|cup|bucket|pipe|drum|farm|playground|land|poster|picture|frame|pen|region|fence|patio)"
)
REWORDED = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (
            r"\bhow many ((?:square |cubic )?[a-z]+) of (?:water|liquid|fuel|oil|milk|paint|juice|air|sand)\b",
            r"volume in \1",
        ),
        (r"\bhow much (?:water|liquid|fuel|oil|milk|juice|air|sand|space|soil|concrete)\b", "volume"),
        (r"\bhow much (?:fenc(?:e|ing)|border|trim|ribbon)\b|\bdistance around\b", "perimeter"),
        (r"\bhow much (?:carpet|tile|grass|sod|fabric|land)\b", "area"),
        (r"\b(\d[\d.]*) inch pizza\b", r"circle with diameter \1 inch"),
        (rf"\brectangular {_OBJECTS}\b", "rectangle"),
        (rf"\bsquare {_OBJECTS}\b", "square"),
        (rf"\bcircular {_OBJECTS}\b|\bpizza\b", "circle"),
        (rf"\bcylindrical {_OBJECTS}\b", "cylinder"),
        (rf"\b(?:spherical balloon|spherical {_OBJECTS})\b", "sphere"),
        (rf"\bconical {_OBJECTS}\b", "cone"),
        (r"'s\b", ""),
        (r"\bin terms of pi\b", ""),
        (
            r"\bhow many (square (?:feet|meters|metres|yards|inches|miles|cm)) (?:is|are in|are there in|does|has)\b",
            r"area in \1",
        ),
        (r"\bhow (?:long|big|large|wide) (?:is|are) (?:the|each|its)\b", "what is the"),
        (r"\bhow (?:tall|high|deep) (?:is|must|should|does)\b", "height"),
        (
            r"\b(?:the )?(?:two|three|one|all|both|all three)(?= (?:of (?:its|the) )?(?:equal )?(?:sides?|angles?|legs?|diagonals|edges)\b)",
            "",
        ),
        (r"(?<=[\d)])-(?=[A-Za-z]{2})", " "),
        (r"(?<=[A-Za-z]{2})-(?=[A-Za-z]{2})", " "),
        (r"\bsquare root of\b", "sqrt"),
        (rf"\b{_PART} (?:(?:of|with|has|have|having|are) )?(?:a |the )?lengths?\b", r"\1"),
        (rf"\blengths? of (?:the |its |each |a |one )?(?:of its )?{_PART}\b", r"\1"),
    )
)
