# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about triangles given by sides and angles: `area of a triangle with sides 3, 4, 5`, `a = 5, b = 7, C = 60°`.

Right and isosceles triangles, and those with a base and a height, are figures of `answers.shape_formulas`. Not read:
triangles by the coordinates of their corners (`coordinates`) and similar triangles.
"""

from __future__ import annotations

import re
from fractions import Fraction

from .clauses import TextReader
from .figure_text import Amount, FigureText, read_figure_text
from .names import words
from .syntax import Ask, Node, Number, Request, Variable

_ABOUT = re.compile(
    r"\btriangles?\b|\bhypotenuse\b|pythagor|\btriple\b|\blaw of (?:co)?sines?\b|\b(?:co)?sine rule\b|\bheron",
    re.IGNORECASE,
)
_NOUNS = {
    "triangle": "triangle", "triangles": "triangle", "scalene triangle": "triangle", "acute triangle": "triangle",
    "obtuse triangle": "triangle", "right triangle": "right triangle", "right angled triangle": "right triangle",
    "right angle triangle": "right triangle", "rightangled triangle": "right triangle",
    "isosceles triangle": "isosceles triangle", "isosceles right triangle": "isosceles right triangle",
    "right isosceles triangle": "isosceles right triangle", "pythagorean theorem": "right triangle",
    "pythagoras theorem": "right triangle", "pythagoras": "right triangle", "pythagorean triple": "triple",
    "law of cosines": "triangle", "law of sines": "triangle", "cosine rule": "triangle", "sine rule": "triangle",
    "heron formula": "triangle", "herons formula": "triangle", "heron": "triangle", "sine law": "triangle",
    "cosine law": "triangle", "equilateral triangle": "equilateral triangle", "isosceles": "isosceles triangle", "equilateral": "equilateral triangle",
}  # fmt: skip
_MORE_WORDS = frozenset(
    words(
        "right angled isosceles scalene equilateral acute obtuse type kind sort can form make exist exists possible"
        " valid does there between included including opposite solve using by heron formula law cosines sines classify"
        " abc enclosed these numbers true whether form forms side respectively pythagorean triple or any other two"
        " one another they an up cosine sine rule impossible could have largest smallest biggest longest shortest greatest least equal not"
    )
)
_SIDE_LETTERS = {"AB": "c", "BA": "c", "BC": "a", "CB": "a", "AC": "b", "CA": "b"}
_SIDES_OF = re.compile(r"\b(?:side |length )?(AB|BA|BC|CB|AC|CA)\b")
_CORNER = re.compile(r"\bangles? ([A-Z])([A-Z])([A-Z])\b")
_NAMED_ANGLE = re.compile(r"(?:\bangle |∠ ?)([A-C])\b")
_NAMED_SIDE = re.compile(r"\bside ([a-c])\b(?= *=| *is|[.?]?$|,| and)")
_LETTER_IS = re.compile(r"\b([a-cA-C]) (?:is|equals) (?=\d)")
_OPPOSITE = re.compile(
    r"\bangle (?:that is )?opposite (?:to )?(?:the )?(?:side )?(?:of )?(?:length )?(\d{1,9}(?:\.\d{1,9})?)(?: side)?",
    re.IGNORECASE,
)
_HYPHENATED = re.compile(r"\b(\d{1,6}) ?- ?(\d{1,6}) ?- ?(\d{1,6}) (?:right )?triangle\b", re.IGNORECASE)
_EXISTS = frozenset(words("exist exists possible valid form forms make impossible can could"))
_LARGEST = frozenset(words("largest biggest longest greatest"))
_SMALLEST = frozenset(words("smallest shortest least"))
_KINDS = frozenset(words("type kind sort classify"))


def read_triangle(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about one triangle; `None` for everything else."""
    if not _ABOUT.search(text) or ("(" in text and re.search(r"\(\s*-?[\d.]+\s*,\s*-?[\d.]+\s*\)", text)):
        return None
    if re.search(r"^(?:is|are) ", text, re.IGNORECASE) or "triple" in text.lower():
        text = text.replace("(", " ").replace(")", " ")
    if found := _OPPOSITE.search(text):
        text = text.replace(found[0], "angle")
    opposite = found[1] if found else ""
    text = _HYPHENATED.sub(_named_by_numbers, text)
    text = _CORNER.sub(lambda found: f"angle {found[2]}", text)
    text = _SIDES_OF.sub(lambda found: _SIDE_LETTERS[found[1]], text)
    text = re.sub(r"\btriangle ABC\b", "triangle", text)
    text = _LETTER_IS.sub(r"\1 = ", _NAMED_SIDE.sub(r"\1", _NAMED_ANGLE.sub(r"\1", text)))
    told = read_figure_text(text, _NOUNS, noted := [], _MORE_WORDS)
    if told is None or not (told.nouns or "hypotenuse" in told.asked):
        return None
    request = _opposite(told, opposite) if opposite else _right_or_not(told) or _figure(told) or _general(told)
    if request is not None:
        assumptions += noted
    return request


def _named_by_numbers(found: re.Match[str]) -> str:
    """`3-4-5 triangle` by its sides, `30-60-90 triangle` by its angles."""
    numbers = sorted(int(found[place]) for place in (1, 2, 3))
    if sum(numbers) == 180:
        right = numbers[2] == 90
        return (
            f"right triangle with angle {numbers[0]} degrees"
            if right
            else f"triangle with angles {numbers[0]} degrees, {numbers[1]} degrees"
        )
    return f"triangle with sides {found[1]}, {found[2]}, {found[3]}"


def _opposite(told: FigureText, side: str) -> Request | None:
    """The angle opposite one of three sides."""
    sides = _amounts(told, "side")
    place = next(
        (
            n
            for n, amount in enumerate(sides)
            if isinstance(amount.node, Number) and amount.node.value == Fraction(side)
        ),
        -1,
    )
    if len(sides) != 3 or place < 0:
        return None
    tags = (*(f"side {_tag(amount)}" for amount in sides), f"asked {'ABC'[place]}")
    return Ask("triangle", tuple(amount.node for amount in sides), tags)


def _amounts(told: FigureText, *measures: str) -> list[Amount]:
    bare = [("angle" if amount.unit in ("deg", "rad") else "side", amount) for amount in told.bare]
    return [amount for measure, amount in [*told.given, *bare] if measure in measures]


def _tag(amount: Amount) -> str:
    return f"{amount.unit}/{amount.power}"


def _right_or_not(told: FigureText) -> Request | None:
    """`is 3, 4, 5 a right triangle`, `can sides 1, 2, 3 form a triangle`, `what type of triangle has sides ...`."""
    sides = _amounts(told, "side", "leg", "dimensions", "length")
    if told.asked == ["angle"] and "right" in told.words and {"does", "do", "have", "is"} & told.words:
        told.asked.clear()  # has it a right angle?
    if len(sides) != 3 or told.asked or told.letters:
        return None
    nodes = tuple(amount.node for amount in sides)
    if any(isinstance(node, Variable) for node in nodes):
        return None
    tags = tuple(_tag(amount) for amount in sides)
    if "triple" in told.nouns or "triple" in told.words:
        return Ask("triangle kind", nodes, ("triple", *tags))
    if _EXISTS & told.words and "right" not in told.words and "right triangle" not in told.nouns:
        return Ask("triangle kind", nodes, ("exists", *tags))
    if _KINDS & told.words:
        return Ask("triangle kind", nodes, ("kind", *tags))
    kinds = [kind for kind in told.nouns if kind != "triangle"] + [
        word for word in ("right", "isosceles", "equilateral", "scalene", "acute", "obtuse") if word in told.words
    ]
    if kinds:
        return Ask("triangle kind", nodes, (f"is {kinds[0].split()[0]}", *tags))
    return None


def _figure(told: FigureText) -> Request | None:
    """A right or isosceles triangle, or one with a base and a height."""
    kinds = [kind for kind in told.nouns if kind not in ("triangle", "triple")]
    measures = {measure for measure, _ in told.given}
    if not kinds and ({"hypotenuse", "leg"} & (measures | set(told.asked))):
        kinds = ["right triangle"]
    if not kinds and "right" in told.words and not _amounts(told, "angle"):
        kinds = ["right triangle"]
    if (
        not kinds
        and not (measures & {"side", "angle", "leg"} or told.letters or told.bare)
        and set(told.asked) <= {"area", "base", "height"}
    ):
        kinds = ["triangle"]
    if not kinds or (
        not told.asked
        and not (kinds == ["right triangle"] and len(told.given) + len(told.letters) + len(told.bare) == 2)
    ):
        return None
    if kinds[0] == "isosceles right triangle":
        told.given.append(("angle", Amount(Number(Fraction(45)), "deg", 0)))
        kinds = ["right triangle"]
    if kinds[0] in ("right triangle", "isosceles triangle") and len(_amounts(told, "side")) == 3:
        return None
    given = list(told.given)
    asked = list(dict.fromkeys(told.asked))
    for letter, amount in told.letters:
        measure = {"a": "leg", "b": "leg", "c": "hypotenuse", "h": "height", "A": "angle"}.get(letter)
        if measure is None:
            return None
        given.append((measure, amount))
    unknown = [measure for measure, amount in given if isinstance(amount.node, Variable) and told.letters]
    given = [(measure, amount) for measure, amount in given if not (isinstance(amount.node, Variable) and told.letters)]
    asked += unknown
    if not asked:
        asked = ["leg" if "hypotenuse" in {measure for measure, _ in given} else "hypotenuse"]
    if kinds[0] == "isosceles triangle":
        given = [
            ("base angle" if measure == "angle" and "base" in told.words else measure, amount)
            for measure, amount in given
        ]
    given += [("angle" if amount.unit in ("deg", "rad") else "", amount) for amount in told.bare]
    if kinds[0] == "right triangle":
        asked = _right_asked(asked, {measure for measure, _ in given})
    tags = [f"shape {kinds[0]}"]
    tags += [f"given {measure}/{amount.unit}/{amount.power}" for measure, amount in given]
    tags += [f"asked {measure}" for measure in asked]
    if told.output:
        tags.append(f"output {told.output}/{told.output_word}")
    return Ask("shape", tuple(amount.node for _, amount in given), tuple(tags))


def _right_asked(asked: list[str], given: set[str]) -> list[str]:
    """The third side is a leg if the hypotenuse is known; both angles are told."""
    found: list[str] = []
    for measure in asked:
        if measure == "angle" and "angle" not in given:
            found += ["angle", "angle 2"]
        elif measure in ("third side", "side") and "hypotenuse" in given:
            found.append("leg")
        elif measure == "side":
            found.append("hypotenuse")
        else:
            found.append(measure)
    return found


def _general(told: FigureText) -> Request | None:
    sides, angles = _amounts(told, "side", "base", "length"), _amounts(told, "angle", "interior angle")
    letters = [(letter, amount) for letter, amount in told.letters]
    asked = list(dict.fromkeys(told.asked))
    if letters:
        asked += [amount.node.name for amount in (*sides, *angles) if isinstance(amount.node, Variable)]
        sides = [amount for amount in sides if not isinstance(amount.node, Variable)]
        angles = [amount for amount in angles if not isinstance(amount.node, Variable)]
    if sum(map(len, (sides, angles, letters))) != len(told.given) + len(told.bare) + len(told.letters) - (
        len(asked) - len(set(told.asked)) if letters else 0
    ):
        return None
    if any(letter not in ("a", "b", "c", "A", "B", "C") for letter, _ in letters):
        return None
    if not asked and "solve" not in told.words and not letters and len(sides) + len(angles) < 3:
        return None
    nodes: list[Node] = []
    tags: list[str] = []
    for kind, amounts in (("side", sides), ("angle", angles)):
        for amount in amounts:
            nodes.append(amount.node)
            tags.append(f"{kind} {_tag(amount)}")
    for letter, amount in letters:
        nodes.append(amount.node)
        tags.append(f"={letter} {_tag(amount)}")
    if not nodes:
        return None
    tags += [f"asked {measure}" for measure in asked]
    tags += ["largest"] if _LARGEST & told.words else ["smallest"] if _SMALLEST & told.words else []
    if {"between", "included", "including", "enclosed"} & told.words or re.search("between", " ".join(told.words)):
        tags.append("included")
    return Ask("triangle", tuple(nodes), tuple(tags))


READERS: list[TextReader] = [read_triangle]
