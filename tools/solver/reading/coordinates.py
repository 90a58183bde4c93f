# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about points, lines, circles, conics and vectors: `distance between (1, 2) and (4, 6)`.

Points and vectors are lists in brackets, lines and curves are equations in x and y. What is asked is told by a few
words; every other word must be one of a list, or the question is about something else. Intersections are systems of
equations and are solved as such.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .names import words
from .syntax import Apply, Ask, Node, Number, Relation, Request, Sequence, Solve, Variable, variables_of, walk

_WORDS = frozenset(
    words(
        "what whats is are the of an and with whose which that has have having if given its it find calculate compute"
        " determine how for me please in on to tell give get work out where when do does be by at as from into onto between"
        " distance far apart point points midpoint middle halfway slope gradient line lines straight segment joining"
        " join joins connecting passing passes pass through going goes containing contains perpendicular parallel normal"
        " bisector equation form intercept standard general vector vectors direction intersection intersect intersections"
        " meet cross crossing curves curve circle circles center centre centered centred radius diameter endpoints"
        " ends end sphere passing ellipse parabola hyperbola conic section sections foci focus focal directrix vertices"
        " vertex eccentricity asymptotes asymptote axis axes major minor semi type kind classify identify latus rectum"
        " length area perimeter polygon triangle quadrilateral pentagon hexagon rectangle square parallelogram corners"
        " centroid barycenter center circumcenter circumcentre orthocenter orthocentre collinear lie same three two"
        " angle projection project component scalar unit magnitude norm absolute value modulus size orthogonal right"
        " angles triple product plane planes coordinates coordinate cartesian rectangular polar spherical cylindrical"
        " convert change write express rotate rotated rotation rotating clockwise counterclockwise counter anticlockwise anti"
        " about around over across reflect reflected reflection reflecting mirror image translate translated translation"
        " shift shifted units unit up down left right origin degrees degree radians ratio divide divides dividing divided"
        " internally externally split splits spanned formed foot one other each this these exact equals equal after under"
        " not drawn determined determine lying points normal dimension dimensional space euclidean manhattan taxicab"
        " move moved upward sqrt pi sin cos tan both using there describe describes draw vertical horizontal shortest xy tetrahedron"
        " parallelepiped volume box graph graphs circumscribed opposite along diagonal its intersects hit touch"
        " linearly dependent independent line's point's segment's normalize normalized normalise cosine similarity who"
    )
)
_WORD = re.compile(r"[A-Za-z]+")
_LABEL = re.compile(r"(?:\b[A-Z][12]?\s*=?\s*|\b[uvwabpqmn][12]?\s*=\s*|\bv(?:ector)?\s+[uvw]\s*=\s*)$")
_NUMBER = r"(-?(?:\d+(?:\.\d+)?|sqrt\(?\d+\)?)(?:/\d+)?)"
_SLOPE = re.compile(rf"\b(?:slope|gradient)\s*(?:m\s*)?(?:of|=|is|equal to|equals)?\s*{_NUMBER}")
_RADIUS = re.compile(rf"\bradius\s*(?:r\s*)?(?:of|=|is|equal to|equals)?\s*{_NUMBER}")
_DIAMETER = re.compile(rf"\bdiameter\s*(?:of|=|is|equal to|equals)?\s*{_NUMBER}(?!\s*@)")
_INTERCEPT = re.compile(rf"\by[- ]?intercept\s*(?:of|=|is|at)?\s*{_NUMBER}")
_RATIO = re.compile(r"\b(\d{1,6})\s*(?::|to)\s*(\d{1,6})\b")
_TURN = re.compile(
    rf"(?:by|through|of|rotate[d]?|@\d+)\s*(?:an angle of\s*)?{_NUMBER}\s*(degrees|deg|radians|rad)?(?!\s*@)"
)
_ANGLE_PI = re.compile(r"(?:by|through)\s*((?:\d+\s*\*?\s*)?pi(?:\s*/\s*\d+)?)")
_STEPS = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(?:units?)?\s*(?:to the\s*)?(left|right|up|down)\b")
_PLACE = re.compile(r"@(\d+)")
_IJK = re.compile(
    r"(?<![A-Za-z0-9])(?P<first>-?\s*(?:\d+(?:\.\d+)?|sqrt\(\d+\))?\s*\*?\s*i)\s*(?P<second>[-+]\s*(?:\d+(?:\.\d+)?|sqrt\(\d+\))?\s*\*?\s*j)?\s*(?P<third>[-+]\s*(?:\d+(?:\.\d+)?|sqrt\(\d+\))?\s*\*?\s*k)?(?![A-Za-z])"
)
_BARS = re.compile(r"(?:what is |find )?\|{1,2}\s*([(<\[][^|]{3,80}[)>\]])\s*\|{1,2}", re.IGNORECASE)
_SUBJECT = re.compile(
    r"\b(?:distance|how far|midpoint|middle|halfway|slope|gradient|line|lines|segment|bisector|intersect\w*|meet|cross|circle|sphere"
    r"|ellipse|parabola|hyperbola|conic|foci|focus|directrix|vertices|eccentricity|asymptotes?|polygon|triangle|quadrilateral|centroid"
    r"|collinear|angle|projection|project|unit vector|vectors?|magnitude|norm|length|orthogonal|perpendicular|parallel|plane|polar|cartesian"
    r"|rectangular|spherical|cylindrical|rotat\w*|reflect\w*|translat\w*|shift\w*|divides?|dividing|circumcent\w*|orthocent\w*|normali[sz]e"
    r"|triple product|mirror|move|component|modulus|parallelogram|parallelepiped|tetrahedron|latus rectum|cosine similarity|area|cent(?:er|re)|radius|perimeter)\b"
)


class _Told:
    """The points, equations and words of a question."""

    def __init__(self, text: str, assumptions: list[str]) -> None:
        self.points: list[Node] = []
        self.relations: list[Relation] = []
        self.in_degrees = "degrees" in text
        self.text = self._without_points(text, assumptions)
        self._take_equations(assumptions)

    def _without_points(self, text: str, assumptions: list[str]) -> str:
        """The text with `@0`, `@1`, ... for what stands in brackets."""
        kept, place = "", 0
        while place < len(text):
            end = _closing(text, place) if text[place] in "([<" else -1
            parts = _parts(text[place + 1 : end]) if end > place else []
            if len(parts) < 2 or (kept and (kept[-1].isalnum() and not _LABEL.search(kept))):
                kept += text[place]
                place += 1
                continue
            node = Sequence(tuple(read_expression(part.strip(), assumptions) for part in parts))
            kept = _LABEL.sub("", kept) + f" @{len(self.points)} "
            self.points.append(node)
            place = end + 1
        return kept

    def _take_equations(self, assumptions: list[str]) -> None:
        for piece in re.split(r"\b(?!sqrt\b|pi\b)[A-Za-z]{2,}\b|[,;:@]", self.text):
            if piece.count("=") == 1 and len(piece) > 2:
                piece = re.sub(r"^\s*[A-Z]\s(?=.*=)", "", piece)
                left, right = piece.split("=")
                if not left.strip() or not right.strip():
                    continue
                if left.strip() in ("m", "r", "d"):
                    continue
                left, right = re.sub(r"^\s*a\s+(?=[a-z\d])", "", left), right
                self.relations.append(
                    Relation(
                        "=",
                        read_expression(left.strip(), assumptions),
                        read_expression(right.strip().rstrip("."), assumptions),
                    )
                )

    def has(self, pattern: str) -> bool:
        return re.search(rf"\b(?:{pattern})\b", self.text) is not None

    def number(self, pattern: re.Pattern[str]) -> Node | None:
        found = pattern.search(self.text)
        return read_expression(found[1], []) if found else None

    @property
    def dimension(self) -> int:
        sizes = {len(point.items) for point in self.points if isinstance(point, Sequence)}
        return sizes.pop() if len(sizes) == 1 else 0


def _closing(text: str, start: int) -> int:
    closing = {"(": ")", "[": "]", "<": ">"}[text[start]]
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == text[start]) - (text[place] == closing)
        if depth == 0:
            return place
    return -1


def _parts(inside: str) -> list[str]:
    parts, depth, last = [], 0, 0
    for place, sign in enumerate(inside):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append(inside[last:place])
            last = place + 1
    return [*parts, inside[last:]]


def _vector_of_letters(found: re.Match[str]) -> str:
    if not found["second"] and not found["third"]:
        return found[0]
    parts = []
    for name, letter in (("first", "i"), ("second", "j"), ("third", "k")):
        share = (found[name] or "").replace(" ", "").replace("*", "").rstrip(letter)
        if name == "third" and not found["third"]:
            continue
        parts.append({"": "1" if found[name] else "0", "+": "1", "-": "-1"}.get(share, share.lstrip("+")))
    return "(" + ", ".join(parts) + ")"


def read_coordinates(text: str, assumptions: list[str]) -> Request | None:
    """Read a question of coordinate geometry; `None` for everything else."""
    if found := _BARS.fullmatch(text):
        text = f"magnitude of {found[1]}"
    lowered = text.replace("⟨", "<").replace("⟩", ">").replace("‖", "")
    lowered = re.sub(r"\b([A-Z][a-z]+|[A-Z]{2,})\b", lambda found: found[0].lower(), lowered)
    if not _SUBJECT.search(lowered) or not re.search(
        r"[(\[<=]|\d\s*\*?\s*[ij]\b|\b[ij]\b|\bslope\b.*\bintercept\b", lowered
    ):
        return None
    lowered = re.sub(r"\bxy\b", "x*y", re.sub(r"\bformula\b", "", lowered))
    if (
        re.search(r"\bvectors?\b|projection|orthogonal|perpendicular|magnitude|angle between", lowered)
        and "=" not in lowered
    ):
        lowered = _IJK.sub(_vector_of_letters, lowered)
    if not _is_plain(lowered):
        return None
    try:
        told = _Told(lowered, noted := [])
    except ToolError:
        return None
    for question in _QUESTIONS:
        if request := question(told):
            assumptions += noted
            return request
    return None


def _is_plain(text: str) -> bool:
    """Whether all words are known, the labels of points such as A and PQ and single letters besides."""
    return all(
        len(word) == 1 or word.lower() in _WORDS or (word.isupper() and len(word) == 2) for word in _WORD.findall(text)
    )


def _ask(kind: str, *nodes: Node | None, words: tuple[str, ...] = ()) -> Request:
    return Ask("coordinates", tuple(node for node in nodes if node is not None), (kind, *words))


def _transformation(told: _Told) -> Request | None:
    if not told.points:
        return None
    first, rest = told.points[0], told.points[1:]
    if told.has("rotat(?:e|ed|ing|ion)"):
        angle = told.number(_ANGLE_PI)
        found = _TURN.search(told.text)
        if angle is None and found:
            angle = read_expression(found[1], [])
        if angle is None:
            return None
        degrees = not _ANGLE_PI.search(told.text) and not (found and (found[2] or "").startswith("rad"))
        clockwise = told.has("clockwise") and not re.search(r"anti[- ]?clockwise|counter[- ]?clockwise", told.text)
        tags = ("degrees" if degrees else "radians", "clockwise" if clockwise else "counterclockwise")
        return _ask("rotate", first, angle, *rest[:1], words=tags)
    if told.has("reflect(?:ed|ing|ion)?|mirror"):
        if told.relations:
            return _ask("reflect", first, told.relations[0])
        axis = re.search(r"\b([xy])[- ]?axis\b", told.text)
        if axis or told.has("origin"):
            return _ask("reflect", first, words=(axis[1] if axis else "origin",))
        return _ask("reflect", first, rest[0]) if rest else None
    if told.has("translat(?:e|ed|ion)|shift(?:ed)?|move(?:d)?"):
        if rest:
            return _ask("translate", first, rest[0])
        steps = {word: Fraction(count) for count, word in _STEPS.findall(told.text)}
        across = steps.get("right", Fraction(0)) - steps.get("left", Fraction(0))
        up = steps.get("up", Fraction(0)) - steps.get("down", Fraction(0))
        return _ask("translate", first, Sequence((Number(across), Number(up)))) if steps else None
    return None


def _conversion(told: _Told) -> Request | None:
    if len(told.points) != 1:
        return None
    systems = re.findall(r"\b(polar|cartesian|rectangular|spherical|cylindrical)\b", told.text)
    if not systems or told.has("equation"):
        return None
    systems = ["cartesian" if system == "rectangular" else system for system in systems]
    place = told.text.index("@")
    target = re.search(
        r"\b(?:to|into|in|as)\s+(?:the\s+)?(polar|cartesian|rectangular|spherical|cylindrical)\b", told.text[place:]
    )
    if target:
        into = "cartesian" if target[1] == "rectangular" else target[1]
    elif re.search(r"\b(?:to|into)\b", told.text[:place]):
        into = systems[-1]
    else:
        into = systems[0]
    start = next((system for system in systems if system != into), "cartesian" if into != "cartesian" else "polar")
    degrees = "degrees" if told.in_degrees else ""
    return _ask("convert", told.points[0], words=(start, into, degrees))


def _distance(told: _Told) -> Request | None:
    if not told.has("distance|how far|length of (?:the )?(?:line )?(?:segment|line)|length of @"):
        return None
    if len(told.points) == 2 and not told.relations:
        metric = "manhattan" if told.has("manhattan|taxicab") else "euclidean"
        return _ask("distance", *told.points, words=(metric,))
    if len(told.points) == 1 and not told.relations and told.has("origin"):
        return _ask("distance", told.points[0], words=("origin",))
    if len(told.points) == 1 and len(told.relations) == 1:
        return _ask("distance to", told.points[0], told.relations[0])
    if not told.points and len(told.relations) == 2:
        return _ask("distance of lines", *told.relations)
    return None


def _on_segment(told: _Told) -> Request | None:
    if len(told.points) != 2 or told.relations:
        return None
    if told.has("midpoint|middle point|middle|halfway"):
        return _ask("midpoint", *told.points)
    if told.has("divides?|dividing|divided|splits?|ratio") and (found := _RATIO.search(told.text)):
        ratio = tuple(Number(Fraction(int(found[group]))) for group in (1, 2))
        return _ask("section", *told.points, *ratio, words=("externally" if told.has("externally") else "internally",))
    return None


def _line(told: _Told) -> Request | None:
    points, relations = told.points, told.relations
    if told.has("perpendicular bisector") and len(points) == 2:
        return _ask("bisector", *points)
    if told.has("planes?") and not told.has("distance"):
        return _plane(told)
    if (
        re.match(r"\s*(?:is|does|do|check|determine|verify)\b", told.text)
        and len(points) == len(relations) == 1
        and told.has("on|lie|lies")
    ):
        return _ask("on curve", points[0], relations[0])
    slope = told.number(_SLOPE)
    related = told.has("parallel|perpendicular") and len(relations) == 2
    if related or (
        told.has("line|lines|slope|gradient|equation|segment")
        and not told.has("circles?|sphere|ellipse|parabola|hyperbola|triangle|polygon|angle|vectors|collinear")
    ):
        related = "perpendicular" if told.has("perpendicular|normal") else "parallel" if told.has("parallel") else ""
        if len(points) == 1 and len(relations) == 1 and related and _is_line(relations[0]):
            return _ask("line by line", points[0], relations[0], words=(related,))
        if len(points) == 1 and slope is not None:
            return _ask("line by slope", points[0], slope)
        if not points and slope is not None and (height := told.number(_INTERCEPT)) is not None:
            return _ask("line by slope", Sequence((Number(Fraction(0)), height)), slope)
        if len(points) == 1 and not relations and not related and told.has("origin"):
            points = [Sequence((Number(Fraction(0)), Number(Fraction(0)))), *points]
        if len(points) == 2 and not relations and not related:
            if (found := re.search(r"\b([xy])[- ]intercept\b(?! form)", told.text)) and not told.has("equation"):
                return _ask("intercept", *points, words=(found[1],))
            asked_slope = told.has("slope|gradient") and not told.has("equation|intercept form")
            return _ask("slope" if asked_slope else "line", *points)
        if len(relations) == 1 and not points and told.has("slope|gradient") and not related and _is_line(relations[0]):
            return _ask("slope of line", relations[0])
        if len(relations) == 1 and not points and related and told.has("slope|gradient") and _is_line(relations[0]):
            return _ask("slope of line", relations[0], words=(related,))
        if (
            len(relations) == 2
            and not points
            and related
            and re.match(r"\s*(?:are|is|do)\b|.*\bor\b|.*whether", told.text)
        ):
            return _ask("lines related", *relations, words=(related,))
    return None


def _is_line(relation: Relation) -> bool:
    """Whether this is an equation of a line by its looks: no powers and no functions."""
    plain = all(not isinstance(node, Apply) or node.name in ("+", "*", "neg", "reciprocal") for node in walk(relation))
    return plain and bool(variables_of(relation)) and set(variables_of(relation)) <= {"x", "y"}


def _plane(told: _Told) -> Request | None:
    if told.dimension != 3:
        return None
    if len(told.points) == 3:
        return _ask("plane", *told.points)
    if len(told.points) == 2 and told.has("normal|perpendicular"):
        normal_first = re.search(r"(?:normal|perpendicular)\D*@0", told.text) is not None
        through, normal = (told.points[1], told.points[0]) if normal_first else (told.points[0], told.points[1])
        return _ask("plane by normal", through, normal)
    return None


def _intersection(told: _Told) -> Request | None:
    if (
        told.has("intersect(?:ion|ions|s)?|meet|cross|intersection points?")
        and len(told.relations) >= 2
        and not told.points
    ):
        names = variables_of(*told.relations)
        if len(names) == len(told.relations):
            return Solve(tuple(told.relations), tuple(sorted(names)))
    return None


def _circle(told: _Told) -> Request | None:
    both = told.has("cent(?:er|re)|radius") and len(told.relations) == 1
    both = both and not told.points and not told.has("ellipse|hyperbola|parabola|conic")
    if not told.has("circles?|sphere|circumcircle") and not both:
        return None
    points, relations = told.points, told.relations
    if len(relations) == 1 and not points:
        asked = [
            name
            for name, pattern in (
                ("center", "cent(?:er|re)"),
                ("radius", "radius"),
                ("area", "area"),
                ("diameter", "diameter"),
                ("circumference", "circumference"),
            )
            if told.has(pattern)
        ]
        return _ask("circle of equation", relations[0], words=tuple(asked))
    if relations or not told.has("equation|circle|sphere"):
        return None
    radius, diameter = told.number(_RADIUS), told.number(_DIAMETER)
    if len(points) == 1 and radius is not None:
        return _ask("circle", points[0], radius, words=("radius",))
    if len(points) == 1 and diameter is not None:
        return _ask("circle", points[0], diameter, words=("diameter",))
    if not points and radius is not None and told.has("origin"):
        zero = Number(Fraction(0))
        return _ask("circle", Sequence((zero,) * (3 if told.has("sphere") else 2)), radius, words=("radius",))
    if len(points) == 1 and told.has("origin"):
        return _ask("circle", Sequence((Number(Fraction(0)),) * max(told.dimension, 2)), points[0], words=("through",))
    if len(points) == 2 and told.has("diameter|endpoints|ends"):
        return _ask("circle on diameter", *points)
    if len(points) == 2 and told.has("cent(?:er|re|ered|red)"):
        center_second = re.search(r"cent(?:er|re|ered|red)\D*@1", told.text) and not re.search(
            r"cent(?:er|re|ered|red)\D*@0", told.text
        )
        first, second = (points[1], points[0]) if center_second else (points[0], points[1])
        return _ask("circle", first, second, words=("through",))
    if len(points) == 3 and told.dimension == 2:
        return _ask("circle through", *points)
    return None


def _conic(told: _Told) -> Request | None:
    parts = {
        "foci": "foci|focus", "directrix": "directrix", "vertices": "vertices|vertex", "eccentricity": "eccentricity",
        "asymptotes": "asymptotes?", "center": "cent(?:er|re)", "latus rectum": "latus rectum", "major axis": "major axis",
        "minor axis": "minor axis", "area": "area",
    }  # fmt: skip
    if (
        len(told.relations) != 1
        or told.points
        or not told.has(
            "ellipse|parabola|hyperbola|conic|foci|focus|directrix|curve|eccentricity|classify|identify|asymptotes?"
        )
    ):
        return None
    relation = told.relations[0]
    asked = tuple(name for name, pattern in parts.items() if told.has(pattern))
    if not asked and not told.has("conic|kind|type|classify|identify"):
        return None
    if not set(variables_of(relation)) <= {"x", "y"} or len(variables_of(relation)) != 2:
        return None
    if (
        asked == ("asymptotes",)
        and not (_is_squared(relation, "y") and _is_squared(relation, "x"))
        and not told.has("hyperbola|conic|ellipse|parabola")
    ):
        return None  # of a function
    return _ask("conic", relation, words=asked)


def _is_squared(relation: Relation, name: str) -> bool:
    return any(
        isinstance(node, Apply) and node.name == "^" and node.args[0] == Variable(name) for node in walk(relation)
    )


def _polygon(told: _Told) -> Request | None:
    points = told.points
    if told.relations or len(points) < 2:
        return None
    if told.has("collinear|same line|same straight line") and len(points) >= 3:
        return _ask("collinear", *points)
    if len(points) >= 3 and told.dimension in (2, 3):
        for kind, pattern in (
            ("centroid", "centroid|barycenter|center of gravity"),
            ("circumcenter", "circumcent(?:er|re)"),
            ("orthocenter", "orthocent(?:er|re)"),
        ):
            if told.has(pattern):
                return _ask(kind, *points)
        if told.has("triangle|polygon|quadrilateral|pentagon|hexagon|rectangle|square|vertices|parallelogram|corners"):
            if told.has("area"):
                return _ask("polygon area", *points)
            if told.has("perimeter"):
                return _ask("polygon perimeter", *points)
    if told.has("area") and len(points) == 2 and told.has("parallelogram|triangle|vectors"):
        return _ask("spanned area", *points, words=("triangle" if told.has("triangle") else "parallelogram",))
    if told.has("volume") and len(points) in (3, 4) and told.dimension == 3:
        return _ask("spanned volume", *points, words=("tetrahedron" if told.has("tetrahedron") else "box",))
    return None


def _vectors(told: _Told) -> Request | None:
    points = told.points
    if told.relations and told.has("angle") and len(told.relations) == 2 and not points:
        return _ask("angle of lines", *told.relations)
    if told.relations or not points:
        return None
    if len(points) == 1:
        if told.has("unit vector|normali[sz]ed?|unit"):
            return _ask("unit vector", points[0])
        if told.has("magnitude|norm|length|modulus|absolute value|size"):
            return _ask("norm", points[0])
        return None
    if len(points) == 3 and told.has("triple product"):
        return _ask("triple product", *points)
    if len(points) != 2:
        return None
    if told.has("projection|project|component"):
        scalar = (
            "scalar"
            if told.has("scalar|component") and not told.has("vector projection|vector component")
            else "vector"
        )
        swapped = re.search(r"\bonto\s+(?:the\s+)?(?:vector\s+)?@0", told.text) is not None
        pair = reversed(points) if swapped else points
        return _ask("projection", *pair, words=(scalar,))
    if told.has("angle"):
        return _ask("angle", *points)
    if told.has("cosine similarity"):
        return _ask("cosine", *points)
    if told.has("orthogonal|perpendicular|parallel|right angles?"):
        return _ask("related", *points, words=("parallel" if told.has("parallel") else "orthogonal",))
    return None


_QUESTIONS: tuple[Callable[[_Told], Request | None], ...] = (
    _transformation, _conversion, _distance, _on_segment, _intersection, _circle, _conic, _polygon, _line, _vectors,
)  # fmt: skip
READERS: list[TextReader] = [read_coordinates]
