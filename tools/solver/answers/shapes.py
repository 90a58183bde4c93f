"""Measures of figures, from any measures that determine them, in the units of the question.

Where a formula has to be solved for what is asked, the result is put back into all the formulas that it occurs in.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Variable, walk
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .domain import Handler
from .plane_shapes import PLANE_SHAPES, regular_polygon
from .presenting import Reading, check_defined
from .printing import decimal, finite_decimal, latex_of, plain
from .shape_formulas import ANGLES, AREAS, PURE, SUBJECTS, VOLUMES, Measures, Shape
from .solid_shapes import SOLID_SHAPES

METRES = {
    "mm": Fraction(1, 1000), "cm": Fraction(1, 100), "dm": Fraction(1, 10), "m": Fraction(1), "km": Fraction(1000),
    "in": Fraction(254, 10000), "ft": Fraction(3048, 10000), "yd": Fraction(9144, 10000),
    "mi": Fraction(1609344, 1000),
}  # fmt: skip
_SIZED = {
    "L": Fraction(1, 1000), "mL": Fraction(1, 10**6), "gal": Fraction(3785411784, 10**12),
    "acre": Fraction(40468564224, 10**7), "ha": Fraction(10**4),
}  # fmt: skip
_MATCHING = {"L": "cm", "mL": "cm", "gal": "in", "acre": "ft", "ha": "m"}
_SOLVED = "checked by putting the result back into the formulas"


@functools.cache
def shape_named(name: str) -> Shape | None:
    """The figure of a name; `regular polygon 6` has six sides."""
    head, _, count = name.rpartition(" ")
    if head == "regular polygon" and count.isdigit():
        return regular_polygon(int(count)) if 3 <= int(count) <= 1000 else None
    return PLANE_SHAPES.get(name) or SOLID_SHAPES.get(name)


def unit_size(unit: str, power: int) -> Fraction:
    """What one of a unit is in metres, square metres or cubic metres."""
    return _SIZED[unit] if unit in _SIZED else METRES[unit] ** power


def _shape(request: Ask, reading: Reading) -> Solution:
    import sympy

    tags = [word.partition(" ") for word in request.words]
    name = next(rest for kind, _, rest in tags if kind == "shape")
    shape = shape_named(name)
    if shape is None:
        raise ToolError(
            "a regular polygon needs its number of sides (3 to 1000): area of a regular hexagon with side 4"
        )
    given = [rest.split("/") for kind, _, rest in tags if kind == "given"]
    asked = [rest for kind, _, rest in tags if kind == "asked"]
    output, _, output_word = next((rest for kind, _, rest in tags if kind == "output"), "").partition("/")
    builder = Builder(
        positive=tuple(part.name for node in request.args for part in walk(node) if isinstance(part, Variable))
    )
    measures = Measures()
    equations = shape.equations(measures, sympy.pi)
    length_unit = _length_unit(given, output)
    for kind, _, rest in tags:
        if kind == "relation":  # the length is so many times the width plus so much
            left, right, times, more = rest.split("/")
            factor, summand = (sympy.Rational(Fraction(part)) for part in (times, more))
            equations = [*equations, (getattr(measures, left), factor * getattr(measures, right) + summand)]
    known: dict[Any, Any] = {}
    symbols = {symbol.name: symbol for equation in equations for side in equation for symbol in side.free_symbols}
    for (measure, unit, power), node in zip(given, request.args, strict=True):
        target = _place(shape, measure, symbols, known, name)
        value = builder.build(node)
        check_defined(value)
        _check_positive(value, measure or "size")
        known[symbols[target]] = _in_base(value, target, unit, int(power), length_unit, reading)
    if not known:
        known = _lettered(shape, symbols, asked, equations)
        formula = True
    else:
        formula = False
    found: list[tuple[str, Any]] = []
    solved = False
    for measure in _all_asked(shape, asked):
        target = _asked_place(shape, measure, symbols, known, name)
        solved |= _find(symbols[target], known, equations, f"{measure} of this {_spoken(name)}")
        found.append((target, known[symbols[target]]))
    consistent = _consistent(known, equations, name)
    verified = _SOLVED if solved and consistent else None
    return _told(found, length_unit, (output, output_word), formula, verified, reading)


def _spoken(name: str) -> str:
    return {"general pyramid": "pyramid"}.get(name, name)


def _length_unit(given: list[list[str]], output: str) -> str:
    for _, unit, _ in given:
        if unit in METRES:
            return unit
    for _, unit, _ in given:
        if unit in _MATCHING:
            return output if output in METRES else _MATCHING[unit]
    return ""


def _place(shape: Shape, measure: str, symbols: dict[str, Any], known: dict[Any, Any], name: str) -> str:
    """The measure of the figure that a given value stands for."""
    if not measure:
        places = [place for place in shape.order if symbols[place] not in known]
    elif measure in shape.repeated:
        places = [place for place in shape.repeated[measure] if symbols[place] not in known]
    else:
        places = [shape.also.get(measure, measure.replace(" ", "_").replace("-", "_"))]
    if not places or places[0] not in symbols:
        wanted = ", ".join(
            place.replace("_", " ") for place in symbols if place not in ("base_2", "diagonal_2", "side_2")
        )
        article = "an" if name[0] in "aeio" else "a"
        raise ToolError(
            f"{article} {_spoken(name)} is described by its {wanted}; the {measure or 'values'} given cannot be used"
        )
    return places[0]


def _all_asked(shape: Shape, asked: list[str]) -> list[str]:
    """`dimensions` and, where no side bears that name, `sides` stand for all of them."""
    found: list[str] = []
    for name in asked:
        everything = name == "dimensions" or (name == "side" and "side" not in shape.repeated.get(name, ("side",)))
        parts = shape.repeated.get(name, (name,)) if everything else (name,)
        found += [part.replace("_", " ") for part in parts]
    return found


def _asked_place(shape: Shape, measure: str, symbols: dict[str, Any], known: dict[Any, Any], name: str) -> str:
    if measure in shape.repeated and measure.replace(" ", "_") not in symbols:
        return _place(shape, measure, symbols, known, name)
    if measure in shape.repeated:
        return next(
            (place for place in shape.repeated[measure] if symbols[place] not in known), shape.repeated[measure][0]
        )
    return _place(shape, measure, symbols, known, name)


def _check_positive(value: Any, measure: str) -> None:
    if _is_no_size(value):
        raise ToolError(f"the {measure} of a figure must be a positive number, not {plain(value)}")


def power_of(measure: str) -> int:
    """Whether a measure is a length (1), an area (2), a volume (3) or a plain number (0)."""
    return 2 if measure in AREAS else 3 if measure in VOLUMES else 0 if measure in ANGLES | PURE else 1


def _in_base(value: Any, measure: str, unit: str, power: int, base: str, reading: Reading) -> Any:
    """A value in the unit that all is computed in; angles become radians."""
    import sympy

    wanted = power_of(measure)
    spoken = measure.replace("_", " ")
    if measure in ANGLES:
        if unit == "deg" or (not unit and not value.has(sympy.pi) and value.is_number and value > 7):
            if not unit:
                reading.assume(f"the {spoken} is taken in degrees")
            return value * sympy.pi / 180
        if not unit:
            reading.assume(f"the {spoken} is taken in radians")
        return value
    if unit in ("deg", "rad"):
        raise ToolError(f"the {spoken} is no angle; give it as a length such as 5 cm")
    if unit in ("", "unit"):
        if base:
            reading.assume(f"the {spoken} is taken in {_unit(base, wanted)} as well")
        return value
    if unit in _SIZED and power != wanted:
        raise ToolError(f"the {spoken} cannot be given in this unit; write a value such as 5 {_unit('cm', wanted)}")
    if unit in METRES and power != wanted:
        if power != 1:
            raise ToolError(f"the {spoken} must be given in {_unit(unit, wanted)}, not in {_unit(unit, power)}")
        reading.assume(f"the {spoken} is taken in {_unit(unit, wanted)}")
        power = wanted
    factor = unit_size(unit, power) / METRES[base] ** wanted
    return value * sympy.Rational(factor.numerator, factor.denominator)


def _lettered(shape: Shape, symbols: dict[str, Any], asked: list[str], equations: Any) -> dict[Any, Any]:
    """The usual letters for the measures that the formula is made of."""
    import sympy

    return {
        symbols[measure]: sympy.Symbol(letter, positive=True)
        for measure, letter in shape.letters.items()
        if measure in symbols
    }


def _find(target: Any, known: dict[Any, Any], equations: Any, spoken: str) -> bool:
    """Add the value of a measure to the known ones; whether an equation had to be solved for it."""
    solved = False
    while target not in known:
        if _insert(known, equations):
            continue
        if not (_solve_one(known, equations) or _solve_two(known, equations)):
            raise ToolError(f"the {spoken} cannot be found from what is given; give more of its measures")
        solved = True
    return solved


def _unknowns(equation: Any, known: dict[Any, Any]) -> set[Any]:
    return {symbol for side in equation for symbol in side.free_symbols if symbol not in known}


def _insert(known: dict[Any, Any], equations: Any) -> bool:
    for left, right in equations:
        if left not in known and not _unknowns((right,), known):
            known[left] = tidy(right.subs(known))
            return True
    return False


def _solve_one(known: dict[Any, Any], equations: Any) -> bool:
    import sympy

    for equation in equations:
        unknown = _unknowns(equation, known)
        if len(unknown) != 1:
            continue
        symbol = unknown.pop()
        difference = (equation[0] - equation[1]).subs(known)
        try:
            roots = [tidy(root) for root in sympy.solve(difference, symbol)]
        except NotImplementedError:
            roots = _numeric_roots(difference, symbol)
        roots = [root for root in roots if not _is_no_size(root)]
        if not roots:
            raise ToolError("there is no such figure: no positive size fits the values given")
        known[symbol] = min(roots, key=lambda root: float(root)) if all(root.is_number for root in roots) else roots[0]
        return True
    return False


def _numeric_roots(difference: Any, symbol: Any) -> list[Any]:
    from .numeric import real_roots

    return (
        [root for root in real_roots(difference, symbol, 15) if root > 0] if difference.free_symbols == {symbol} else []
    )


def _is_no_size(value: Any) -> bool:
    return value.is_number and not (value.is_real and value > 0)


def _solve_two(known: dict[Any, Any], equations: Any) -> bool:
    """Two equations with the same two unknowns, as for a rectangle of which area and perimeter are known."""
    import itertools

    import sympy

    for first, second in itertools.combinations(equations, 2):
        unknown = sorted(_unknowns(first, known) | _unknowns(second, known), key=lambda symbol: symbol.name)
        if len(unknown) != 2:
            continue
        system = [(left - right).subs(known) for left, right in (first, second)]
        solutions = sympy.solve(system, unknown, dict=True)
        pairs = [[tidy(found[symbol]) for symbol in unknown] for found in solutions if set(found) == set(unknown)]
        pairs = [pair for pair in pairs if not any(part.has(*unknown) or _is_no_size(part) for part in pair)]
        if pairs:
            numbers = all(part.is_number for pair in pairs for part in pair)
            best = max(pairs, key=lambda pair: float(pair[0])) if numbers else pairs[0]
            known.update(zip(unknown, best, strict=True))
            return True
    return False


def _consistent(known: dict[Any, Any], equations: Any, name: str) -> bool:
    """Whether all equations hold between the known measures.

    Raises:
        ToolError: if they do not, because the values given contradict each other.
    """
    for left, right in equations:
        if _unknowns((left, right), known):
            continue
        difference = (left - right).subs(known)
        if difference.free_symbols or left.subs(known).free_symbols:
            continue
        size = abs(complex(left.subs(known).evalf(20)))
        if abs(complex(difference.evalf(20))) > 1e-9 * (1 + size):
            raise ToolError(f"the values given contradict each other: there is no such {_spoken(name)}")
    return True


def _unit(unit: str, power: int) -> str:
    return unit if power == 1 or unit in _SIZED else f"{unit}^{power}"


def amount_text(value: Any, unit: str, reading: Reading) -> str:
    """A value as a model reads it, with its unit."""
    import sympy

    text = decimal(value, reading.precision) if value.has(sympy.elliptic_e) else reading.shown(value)
    if not unit:
        return text
    exact, number = plain(value), decimal(value, reading.precision)
    finite = finite_decimal(value, reading.precision)
    if value.is_Integer or not number or text == finite:
        return f"{text} {unit}"
    if "(" in text and text.endswith(")"):
        return f"{number} {unit} ({exact} {unit})" if reading.decimals else f"{exact} {unit} ({number} {unit})"
    return f"{text} {unit}"


_POWERS = {"L": 3, "mL": 3, "gal": 3, "acre": 2, "ha": 2, "deg": 0, "rad": 0}


def _told(
    found: list[tuple[str, Any]], base: str, wanted: tuple[str, str], formula: bool, verified: str | None,
    reading: Reading,
) -> Solution:  # fmt: skip
    """The measures found, in the unit that is wanted: its name and the word it was written with."""
    import sympy

    output, output_word = wanted
    texts, exacts, numbers, latex = [], [], [], []
    for measure, value in found:
        power = power_of(measure)
        unit = ""
        if measure in ANGLES:
            value, unit = (value, "rad") if output == "rad" else (tidy(value * 180 / sympy.pi), "degrees")
        elif base and power:
            unit = base
            if _POWERS.get(output, power) != power:
                raise ToolError(f"the {measure.replace('_', ' ')} cannot be told in {output_word or output}")
            if output:
                factor = METRES[base] ** power / unit_size(output, power)
                value, unit = value * sympy.Rational(factor.numerator, factor.denominator), output
            unit = output_word if output in _SIZED and output_word else _unit(unit, power)
        value = sympy.nsimplify(value) if value.is_Float and value == int(value) else value
        written = decimal(value, reading.precision) if value.has(sympy.elliptic_e) else plain(value)
        suffix = f" {unit}" if unit else ""
        label = f"{measure.replace('_', ' ')} " if len(found) > 1 else ""
        if formula:
            text = f"{SUBJECTS.get(measure, measure.replace('_', ' '))} = {written}"
        else:
            text = label + amount_text(value, unit, reading)
        texts.append(text)
        exacts.append(f"({written}){suffix}" if unit and any(sign in written for sign in " +") else written + suffix)
        numbers.append(decimal(value, reading.precision))
        latex.append(latex_of(value) + (rf"\ \mathrm{{{unit}}}" if unit else ""))
    return reading.solution(
        found[0][1],
        text="; ".join(texts),
        exact="; ".join(exacts),
        number=", ".join(numbers) if all(numbers) else "",
        latex=r",\ ".join(latex),
        verified=verified,
    )


HANDLERS: dict[str, Handler] = {"shape": _shape}
