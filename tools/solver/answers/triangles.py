"""Triangles from three of their sides and angles, by the laws of cosines and sines; both where there are two.

Every triangle found is checked by the law that did not find it: its angles add up to 180 degrees and its sides are as
the sines of the opposite angles.
"""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Variable, walk
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .domain import Handler
from .presenting import Reading, check_defined
from .printing import decimal, latex_of, plain
from .shapes import METRES, amount_text

_SIDES, _ANGLES = "abc", "ABC"
_NO_TRIANGLE = "there is no such triangle"
_VERIFIED = "checked: the angles add up to 180 degrees and the law of sines holds"
Triangle = dict[str, Any]


def _triangle(request: Ask, reading: Reading) -> Solution:
    names = [part.name for node in request.args for part in walk(node) if isinstance(part, Variable)]
    builder = Builder(positive=tuple(names))
    unit = ""
    sides: list[Any] = []
    angles: list[Any] = []
    known: Triangle = {}
    for tag, node in zip(request.words, request.args, strict=False):
        kind, _, rest = tag.partition(" ")
        written = rest.split("/")[0]
        value = builder.build(node)
        check_defined(value)
        if value.is_number and not (value.is_real and value.is_finite):
            raise ToolError(f"sides and angles of a triangle are real numbers, not {plain(value)}")
        is_angle = kind == "angle" or (kind.startswith("=") and kind[1].isupper())
        if is_angle:
            value = _radians(value, written, reading)
        else:
            value, unit = _length(value, written, unit)
        if kind.startswith("="):
            known[kind[1]] = value
        else:
            (angles if is_angle else sides).append(value)
    asked = [tag.removeprefix("asked ") for tag in request.words if tag.startswith("asked ")]
    if not sides and not known and len(angles) in (1, 2) and set(asked) <= {"third angle", "angle"}:
        return _third_angle(angles, reading)
    known |= _placed(sides, angles, known, "included" in request.words, reading)
    found = solved(known)
    verified = _VERIFIED if all(_holds(triangle) for triangle in found) else None
    extreme = next((word for word in ("largest", "smallest") if word in request.words), "")
    return _told(found, known, asked, unit, verified, reading, extreme)


def _radians(value: Any, unit: str, reading: Reading) -> Any:
    import sympy

    if unit == "rad" or (unit != "deg" and value.has(sympy.pi)):
        return value
    if unit != "deg":
        reading.assume("angles are in degrees")
    return value * sympy.pi / 180


def _length(value: Any, unit: str, base: str) -> tuple[Any, str]:
    import sympy

    if value.is_number and not (value.is_real and value > 0):
        raise ToolError(f"a side of a triangle must be a positive number, not {plain(value)}")
    if unit in ("", "unit"):
        return value, base
    if unit not in METRES:
        raise ToolError("a side of a triangle must be a length such as 5 cm")
    if not base:
        return value, unit
    factor = METRES[unit] / METRES[base]
    return value * sympy.Rational(factor.numerator, factor.denominator), base


def _third_angle(angles: list[Any], reading: Reading) -> Solution:
    import sympy

    rest = tidy(180 - sum(angles) * 180 / sympy.pi)
    if len(angles) == 1 or not rest.is_positive:
        raise ToolError(
            "two angles with a sum below 180 degrees give the third: third angle of a triangle with angles 50 and 60"
        )
    return reading.solution(rest, text=f"{plain(rest)} degrees", exact=f"{plain(rest)} degrees")


def _placed(sides: list[Any], angles: list[Any], named: Triangle, included: bool, reading: Reading) -> Triangle:
    """Which side and angle the values without letters are."""
    count = len(sides) + len(angles)
    if not count:
        return {}
    if named:
        free_sides = [name for name in _SIDES if name not in named]
        free_angles = [name for name in _ANGLES if name not in named]
        return dict(zip(free_sides, sides, strict=False)) | dict(zip(free_angles, angles, strict=False))
    if len(sides) == 3 and not angles:
        return dict(zip(_SIDES, sides, strict=True))
    if len(sides) == 2 and len(angles) == 1:
        if not included:
            reading.assume("the angle is taken to be between the two sides; write a = 5, b = 7, A = 30° for another")
        return {"a": sides[0], "b": sides[1], "C": angles[0]}
    if len(sides) == 1 and len(angles) == 2:
        if included:
            return {"A": angles[0], "B": angles[1], "c": sides[0]}
        reading.assume("the side is taken to be opposite the first angle; write a = 5, B = 40°, C = 60° for another")
        return {"A": angles[0], "B": angles[1], "a": sides[0]}
    raise ToolError("a triangle is determined by three values, one of them a side: triangle with sides 3, 4, 5")


def solved(known: Triangle) -> list[Triangle]:
    """All triangles with the sides a, b, c and opposite angles A, B, C (in radians) given.

    Raises:
        ToolError: if there is none, or infinitely many.
    """
    import sympy

    angles = [name for name in _ANGLES if name in known]
    sides = [name for name in _SIDES if name in known]
    if len(sides) + len(angles) < 3 or not sides:
        raise ToolError("a triangle is determined by three values, one of them a side: a = 5, b = 7, C = 60°")
    if any(known[name].is_number and not 0 < float(known[name]) < 3.14159265358979 for name in angles):
        raise ToolError(f"{_NO_TRIANGLE}: each angle is between 0 and 180 degrees")
    if len(sides) == 3:
        return [_from_sides(known)]
    if len(angles) >= 2:
        rest = next(name for name in _ANGLES if name not in angles[:2])
        full = {name: known[name] for name in angles[:2]}
        full[rest] = tidy(sympy.pi - sum(full.values()))
        if full[rest].is_number and not float(full[rest]) > 1e-12:
            raise ToolError(f"{_NO_TRIANGLE}: the angles are together 180 degrees or more")
        side = sides[0]
        size = known[side] / sympy.sin(full[side.upper()])
        return [full | {name: tidy(size * sympy.sin(full[name.upper()])) for name in _SIDES}]
    angle = angles[0]
    opposite = angle.lower()
    if opposite not in known:
        first, second = sides
        square = known[first] ** 2 + known[second] ** 2 - 2 * known[first] * known[second] * sympy.cos(known[angle])
        return [_from_sides(known | {opposite: tidy(sympy.sqrt(square))})]
    return _ambiguous(known, angle)


def _from_sides(known: Triangle) -> Triangle:
    import sympy

    lengths = [known[name] for name in _SIDES]
    if all(length.is_number for length in lengths):
        ordered = sorted(lengths, key=float)
        if not (ordered[0] + ordered[1] - ordered[2]).evalf(20) > 1e-15:
            raise ToolError(f"{_NO_TRIANGLE}: two sides together must be longer than the third")
    triangle: Triangle = {name: known[name] for name in _SIDES}
    for name in _SIDES:
        first, second = (triangle[other] for other in _SIDES if other != name)
        cosine = sympy.nsimplify((first**2 + second**2 - triangle[name] ** 2) / (2 * first * second))
        triangle[name.upper()] = known.get(name.upper(), sympy.acos(sympy.radsimp(sympy.simplify(cosine))))
    return triangle


def _ambiguous(known: Triangle, angle: str) -> list[Triangle]:
    """Two sides and the angle opposite one of them: none, one or two triangles."""
    import sympy

    opposite = angle.lower()
    other = next(name for name in _SIDES if name in known and name != opposite)
    third = next(name for name in _SIDES if name not in (opposite, other))
    cosine = known[other] * sympy.cos(known[angle])
    rest = known[opposite] ** 2 - known[other] ** 2 * sympy.sin(known[angle]) ** 2
    rest = sympy.simplify(rest)
    if rest.is_number and rest.evalf(20) < -1e-15:
        raise ToolError(f"{_NO_TRIANGLE}: the side {opposite} is too short for these values")
    lengths = dict.fromkeys(tidy(cosine + sign * sympy.sqrt(rest)) for sign in (1, -1))
    fitting = [length for length in lengths if not length.is_number or length.evalf(20) > 1e-15]
    if not fitting:
        raise ToolError(f"{_NO_TRIANGLE}: the side {opposite} is too short for these values")
    return [_from_sides(known | {third: length}) for length in fitting]


def _holds(triangle: Triangle) -> bool:
    if any(value.free_symbols for value in triangle.values()):
        return False
    import math

    numbers = {name: float(value) for name, value in triangle.items()}
    if not all(math.sin(numbers[name]) for name in _ANGLES):
        return False
    ratios = [numbers[name] / math.sin(numbers[name.upper()]) for name in _SIDES]
    total = sum(numbers[name] for name in _ANGLES)
    heron, by_angle = float(_area(triangle)), numbers["a"] * numbers["b"] * math.sin(numbers["C"]) / 2
    if abs(heron - by_angle) > 1e-9 * heron:
        return False
    return abs(total - math.pi) < 1e-9 and max(ratios) - min(ratios) < 1e-9 * max(ratios)


def _half(triangle: Triangle) -> Any:
    return sum(triangle[name] for name in _SIDES) / 2


def _area(triangle: Triangle) -> Any:
    import sympy

    first, second, angle = triangle["a"], triangle["b"], triangle["C"]
    if angle.has(sympy.acos):
        half = _half(triangle)
        product = half * (half - first) * (half - second) * (half - triangle["c"])
        return tidy(sympy.sqrt(product if product.free_symbols else sympy.simplify(product)))
    return tidy(first * second * sympy.sin(angle) / 2)


def _measures(triangle: Triangle, measure: str, known: Triangle) -> list[tuple[str, Any, int]]:
    """What is asked of a triangle: name, value, and power of the unit (0 for an angle)."""
    import sympy

    if measure in triangle:
        return [(measure, triangle[measure], 0 if measure.isupper() else 1)]
    if measure in ("angle", "interior angle", "third angle"):
        names = [name for name in _ANGLES if name not in known]
        return [(name, triangle[name], 0) for name in names]
    if measure in ("third side", "side", "length"):
        names = [name for name in _SIDES if name not in known] or list(_SIDES)
        return [(name, triangle[name], 1) for name in names]
    if measure == "area":
        return [("area", _area(triangle), 2)]
    if measure == "perimeter":
        return [("perimeter", tidy(2 * _half(triangle)), 1)]
    if measure == "inradius":
        return [("inradius", tidy(_area(triangle) / _half(triangle)), 1)]
    if measure in ("circumradius", "radius"):
        product = triangle["a"] * triangle["b"] * triangle["c"]
        return [("circumradius", tidy(product / (4 * _area(triangle))), 1)]
    if measure == "height":
        return [(f"h_{name}", tidy(2 * _area(triangle) / triangle[name]), 1) for name in _SIDES]
    if measure == "median":
        found = []
        for name in _SIDES:
            first, second = (triangle[other] for other in _SIDES if other != name)
            square = 2 * first**2 + 2 * second**2 - triangle[name] ** 2
            found.append((f"m_{name}", tidy(sympy.sqrt(square) / 2), 1))
        return found
    raise ToolError(
        f"the {measure} of a triangle cannot be computed here; ask for its area, perimeter, sides or angles"
    )


def _told(
    found: list[Triangle],
    known: Triangle,
    asked: list[str],
    unit: str,
    verified: str | None,
    reading: Reading,
    extreme: str,
) -> Solution:
    names = asked or [name for name in _SIDES + _ANGLES if name not in known] + ["area"]
    texts, exacts, numbers, latex = [], [], [], []
    for triangle in found:
        parts = [part for name in dict.fromkeys(names) for part in _measures(triangle, name, known)]
        if extreme and all(part[1].is_number for part in parts):
            choose = max if extreme == "largest" else min
            parts = [choose(parts, key=lambda part: float(part[1]))]
        alone = len(parts) == 1
        told = [_part(*part, unit, reading) for part in parts]
        texts.append(
            ", ".join(text if alone else f"{part[0]} = {text}" for part, (text, _) in zip(parts, told, strict=True))
        )
        exacts.append(
            ", ".join(exact if alone else f"{part[0]} = {exact}" for part, (_, exact) in zip(parts, told, strict=True))
        )
        numbers.append(
            ", ".join(decimal(_in_degrees(part[1]) if part[2] == 0 else part[1], reading.precision) for part in parts)
        )
        latex.append(r",\ ".join(f"{part[0]} = {latex_of(part[1])}" for part in parts))
    if len(found) > 1:
        reading.assume("two triangles fit these values; both are given")
    return reading.solution(
        next(iter(found[0].values())),
        text=" or ".join(texts),
        exact=" or ".join(exacts),
        number=" or ".join(numbers) if all(numbers) else "",
        latex=r"\ \text{or}\ ".join(latex),
        verified=verified,
    )


def _in_degrees(value: Any) -> Any:
    import sympy

    return tidy(value * 180 / sympy.pi)


def _part(name: str, value: Any, power: int, unit: str, reading: Reading) -> tuple[str, str]:
    if power == 0:
        degrees = _in_degrees(value)
        number = decimal(degrees, reading.precision)
        return (f"{number or plain(degrees)}°", f"{plain(degrees)}°")
    spelled = (unit if power == 1 else f"{unit}^{power}") if unit else ""
    return amount_text(value, spelled, reading), plain(value) + (f" {spelled}" if spelled else "")


def _kind(request: Ask, reading: Reading) -> Solution:
    """What kind of triangle three sides form, if any."""
    import sympy

    question, *tags = request.words
    unit, lengths = "", []
    for tag, node in zip(tags, request.args, strict=True):
        value, unit = _length(Builder().build(node), tag.split("/")[0], unit)
        lengths.append(value)
    if any(length.free_symbols for length in lengths):
        raise ToolError("give three numbers: is 3, 4, 5 a right triangle")
    short, middle, long = sorted(lengths, key=float)
    exists = bool((short + middle - long).evalf(20) > 1e-15)
    difference = sympy.nsimplify(short**2 + middle**2 - long**2)
    angled = "right" if tidy(difference) == 0 else "acute" if difference.evalf(20) > 0 else "obtuse"
    sided = (
        "equilateral"
        if tidy(long - short) == 0
        else "isosceles"
        if 0 in (tidy(middle - short), tidy(long - middle))
        else "scalene"
    )
    a, b, c = (plain(side) for side in (short, middle, long))
    if not exists:
        text = f"no: {a} + {b} is not more than {c}, so there is no such triangle"
    elif question == "exists":
        text = f"yes: {a} + {b} > {c}"
    elif question == "kind":
        text = f"{angled} {sided} triangle" if sided != "equilateral" else "equilateral triangle"
    elif question == "triple" or question == "is right":
        sign = "=" if angled == "right" else "!="
        total = "" if angled == "right" else f" {plain(tidy(short**2 + middle**2))}"
        text = f"{'yes' if angled == 'right' else 'no'}: {a}^2 + {b}^2 ={total} {sign} {plain(tidy(long**2))} = {c}^2"
        text = text.replace("=  =", "=").replace("= = ", "= ")
        if question == "triple" and angled == "right" and not all(length.is_Integer for length in lengths):
            text = "no: a Pythagorean triple is made of whole numbers"
    else:
        wanted = question.removeprefix("is ")
        holds = wanted in (angled, sided) or (wanted == "isosceles" and sided == "equilateral")
        text = f"{'yes' if holds else 'no'}: it is {'an' if angled[0] in 'ao' else 'a'} {angled} {sided} triangle"
    return reading.solution(
        sympy.S.One, text=text, exact=text.partition(":")[0], number="", latex=rf"\text{{{text.partition(':')[0]}}}"
    )


HANDLERS: dict[str, Handler] = {"triangle": _triangle, "triangle kind": _kind}
