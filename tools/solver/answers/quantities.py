"""Quantities: values in SI base units with their dimensions, made by the program of a request about units.

The factors come from pint, as exact fractions, looked up by the constant names of `reading.unit_names`; angles, data,
money and counts have factors of their own.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Apply, Ask, Node
from ..reading.unit_expressions import Powers, powers_of
from ..reading.unit_names import NOTES, Unit, unit_spelled
from .build import Builder
from .presenting import Reading, check_defined
from .printing import finite_decimal

Dimensions = tuple[tuple[str, Fraction], ...]
OFFSETS = {
    "celsius": (Fraction(1), Fraction(27315, 100)),
    "fahrenheit": (Fraction(5, 9), Fraction(45967, 100)),
    "rankine": (Fraction(5, 9), Fraction(0)),
}  # kelvins in one degree, and degrees between absolute zero and the zero of the scale
_MEASURES = {
    "length": "[length]", "area": "[length]^2", "volume": "[length]^3", "mass": "[mass]", "time": "[time]",
    "temperature": "[temperature]", "speed": "[length] [time]^-1", "acceleration": "[length] [time]^-2",
    "force": "[length] [mass] [time]^-2", "energy": "[length]^2 [mass] [time]^-2",
    "power": "[length]^2 [mass] [time]^-3", "pressure": "[length]^-1 [mass] [time]^-2", "frequency": "[time]^-1",
    "density": "[length]^-3 [mass]", "electric current": "[current]", "electric charge": "[current] [time]",
    "voltage": "[current]^-1 [length]^2 [mass] [time]^-3", "an angle": "*angle", "an amount of data": "*data",
    "money": "*money", "a number of things": "", "a count": "*count", "flow": "[length]^3 [time]^-1",
    "data per time": "*data [time]^-1", "amount of substance": "[substance]", "fuel economy": "[length]^-2",
    "resistance": "[current]^-2 [length]^2 [mass] [time]^-3",
    "capacitance": "[current]^2 [length]^-2 [mass]^-1 [time]^4",
}  # fmt: skip
SI = {
    "[length] [mass] [time]^-2": "N", "[length]^2 [mass] [time]^-2": "J", "[length]^2 [mass] [time]^-3": "W",
    "[length]^-1 [mass] [time]^-2": "Pa", "[time]^-1": "Hz", "[current] [time]": "C", "*angle": "rad", "*data": "bit",
    "[current]^-1 [length]^2 [mass] [time]^-3": "V", "[current]^-2 [length]^2 [mass] [time]^-3": "ohm", "*money": "USD",
    "[current]^2 [length]^-2 [mass]^-1 [time]^4": "F", "*count": "",
}  # fmt: skip
_BASES = {"[length]": "m", "[mass]": "kg", "[time]": "s", "[current]": "A", "[temperature]": "K", "[substance]": "mol",
          "[luminosity]": "cd", "*angle": "rad", "*data": "bit", "*money": "USD",
          "*solid": "sr", "*count": ""}  # fmt: skip
_SINGULAR = {"feet": "foot", "inches": "inch", "centuries": "century", "millennia": "millennium", "henries": "henry"}
_PLURAL = {singular: plural for plural, singular in _SINGULAR.items()}
_SHOWN = {"mi/h": "mph", "rev/min": "rpm", "mi/gal": "mpg"}


@functools.cache
def registry() -> Any:
    """Pint's registry with exact fractions; building it takes a quarter of a second, and importing pint the same."""
    import pint

    make: Any = pint.UnitRegistry  # its annotation forgets fractions, which it documents
    return make(non_int_type=Fraction, cache_folder=None)


@functools.cache
def pint_factor(name: str) -> tuple[Fraction, Dimensions]:
    """What one of a unit of pint's is in SI base units, and its dimensions."""
    if name.startswith("*"):
        return Fraction(1), ((name, Fraction(1)),)
    factor, base = registry().get_base_units(name)
    return Fraction(factor), tuple(sorted((key, Fraction(power)) for key, power in base.dimensionality.items()))


def combined_dimensions(left: Dimensions, right: Dimensions, power: int = 1) -> Dimensions:
    total = dict(left)
    for name, times in right:
        total[name] = total.get(name, Fraction(0)) + times * power
    return tuple(sorted((name, times) for name, times in total.items() if times))


def _measure_of(unit: Unit) -> tuple[Fraction, Dimensions]:
    factor, dimensions = unit.factor, ()
    for name, power in unit.parts:
        one, its_dimensions = pint_factor(name)
        factor *= one**power
        dimensions = combined_dimensions(dimensions, its_dimensions, power)
    if unit.scale:
        factor *= OFFSETS[unit.scale][0]
    return factor, dimensions


def unit_of(name: str) -> Unit:
    unit = unit_spelled(name)
    if unit is None:
        raise ToolError("a unit in this is not known; write for example: convert 5 miles to km")
    return unit


def factor_of(powers: Powers) -> tuple[Any, Dimensions]:
    """The SymPy factor from a compound unit to SI base units, and its dimensions."""
    import sympy

    factor, pi, dimensions = Fraction(1), 0, ()
    for name, power in powers.items():
        unit = unit_of(name)
        one, its_dimensions = _measure_of(unit)
        factor *= one**power
        pi += unit.pi * power
        dimensions = combined_dimensions(dimensions, its_dimensions, power)
    return sympy.Rational(factor.numerator, factor.denominator) * sympy.pi**pi, dimensions


def scale_of(powers: Powers) -> str:
    """The scale of a temperature that stands alone, empty for everything else."""
    return unit_of(next(iter(powers))).scale if list(powers.values()) == [1] else ""


@dataclass
class Quantity:
    """A value in SI base units, and the units that it was written in."""

    value: Any
    dimensions: Dimensions = ()
    powers: Powers = field(default_factory=dict)
    scale: str = ""
    combined: bool = False  # by a sum, a product or a quotient that was asked for


class Machine:
    """Runs the program of a request about units; see `reading.unit_expressions`."""

    def __init__(self, request: Ask, reading: Reading) -> None:
        builder = Builder()
        self.values = [(builder.build(node), _is_multiple(node)) for node in request.args]
        self.reading = reading
        self.stack: list[Quantity] = []
        for value, _ in self.values:
            check_defined(value)
        for word in request.words:
            self._run(word)

    def _run(self, word: str) -> None:
        import sympy

        deed = word.split(" ", 1)[0]
        if deed == "push":
            value, multiple = self.values.pop(0)
            self.stack.append(Quantity(value, combined=multiple))
        elif deed == "unit":
            self._measure(self.stack[-1], powers_of(word))
        elif deed == "neg":
            self.stack[-1].value = -self.stack[-1].value
        elif deed == "power":
            base = self.stack[-1]
            for _ in range(int(word.split()[1]) - 1):
                self.stack[-1] = _multiplied(self.stack[-1], base, "*")
        elif deed == "twice":
            self.stack[-1].value = sympy.Integer(2) * self.stack[-1].value
        elif deed in ("+", "-", "*", "/", "and", "swap-"):
            right, left = self.stack.pop(), self.stack.pop()
            if deed == "swap-":
                left, right, deed = right, left, "-"
            self.stack.append(
                _added(left, right, deed) if deed in ("+", "-", "and") else _multiplied(left, right, deed)
            )

    def _measure(self, quantity: Quantity, powers: Powers) -> None:
        import sympy

        factor, dimensions = factor_of(powers)
        note_units(powers, self.reading)
        quantity.scale, quantity.powers, quantity.dimensions = scale_of(powers), dict(powers), dimensions
        if quantity.scale:
            zero = OFFSETS[quantity.scale][1]
            kelvins = (quantity.value + sympy.Rational(zero.numerator, zero.denominator)) * factor
            quantity.value = kelvins
            if kelvins.is_negative:
                self.reading.assume("this is below absolute zero, which no temperature is")
        else:
            quantity.value = quantity.value * factor


def _is_multiple(node: Node) -> bool:
    """Whether a number is the product of what was asked for, as in `2 * 3 km` and `10% of 50 km`, and no fraction."""
    return (
        isinstance(node, Apply)
        and node.name == "*"
        and not any(isinstance(part, Apply) and part.name == "reciprocal" for part in node.args)
    )


def note_units(powers: Powers, reading: Reading) -> None:
    """Say which of several units of one name is taken."""
    for name in powers:
        unit = unit_of(name)
        plain_name = unit.name.split()[0].rstrip("s") not in ("us", "short", "american", "avoirdupois", "u", "food")
        for part, _ in unit.parts:
            if part in NOTES and plain_name:
                reading.assume(NOTES[part])
        if unit.parts == (("*data", 1),) and unit.factor % 1000 == 0 and unit.factor > 8:
            reading.assume("kB, MB and GB are powers of 1000; KiB, MiB and GiB are powers of 1024")


def _added(left: Quantity, right: Quantity, deed: str) -> Quantity:
    if left.dimensions != right.dimensions:
        raise incompatible(left, right, "added")
    if left.scale in ("celsius", "fahrenheit") or right.scale in ("celsius", "fahrenheit"):
        raise ToolError(
            "temperatures in degrees Celsius or Fahrenheit cannot be added up; convert them to kelvin first"
        )
    value = left.value - right.value if deed == "-" else left.value + right.value
    powers = left.powers
    if deed != "and" and finite_decimal(value / factor_of(powers)[0], 12) is None:
        powers = right.powers  # 1 hour - 20 minutes is 40 minutes
    return Quantity(value, left.dimensions, powers, combined=deed != "and" or left.combined)


def _multiplied(left: Quantity, right: Quantity, deed: str) -> Quantity:
    if left.scale in ("celsius", "fahrenheit") or right.scale in ("celsius", "fahrenheit"):
        raise ToolError(
            "temperatures in degrees Celsius or Fahrenheit cannot be multiplied; convert them to kelvin first"
        )
    sign = -1 if deed == "/" else 1
    if sign < 0 and right.value == 0:
        raise ToolError("a quantity cannot be divided by zero")
    powers = dict(left.powers)
    for name, power in right.powers.items():
        alike = next((known for known in powers if factor_of({known: 1})[1] == factor_of({name: 1})[1]), name)
        powers[alike] = powers.get(alike, 0) + sign * power
    powers = {name: power for name, power in powers.items() if power}
    value = left.value / right.value if sign < 0 else left.value * right.value
    return Quantity(value, combined_dimensions(left.dimensions, right.dimensions, sign), powers, combined=True)


def measure_name(dimensions: Dimensions) -> str:
    """What a quantity measures, in words."""
    key = key_of(dimensions)
    return next((name for name, known in _MEASURES.items() if known == key), "") or unit_text(si_units(dimensions))


def key_of(dimensions: Dimensions) -> str:
    return " ".join(name if power == 1 else f"{name}^{power}" for name, power in dimensions)


def incompatible(left: Quantity, right: Quantity, deed: str) -> ToolError:
    """The error for quantities that cannot be compared, converted or added."""
    first, second = (unit_text(side.powers) or "a plain number" for side in (left, right))
    kinds = measure_name(left.dimensions), measure_name(right.dimensions)
    told = {"added": "added", "compared": "compared"}.get(deed, "converted into each other")
    return ToolError(f"{first} and {second} measure different things ({kinds[0]} and {kinds[1]}) and cannot be {told}")


def si_units(dimensions: Dimensions) -> Powers:
    key = key_of(dimensions)
    if key in SI:
        return {SI[key]: 1} if SI[key] else {}
    ordered = sorted(dimensions, key=lambda part: (part[1] < 0, part[0] != "[mass]", part[0]))
    return {_BASES[name]: int(power) for name, power in ordered if _BASES[name]}


def unit_text(powers: Powers, value: Any = None) -> str:
    """Units as they are shown: `m/s`, `miles`, `kg m/s^2`."""
    if list(powers.values()) == [1]:
        name = unit_of(next(iter(powers))).name
        if value is not None and len(name) > 3:
            return _numbered(name, value == 1)
        return name
    over = [_powered(name, power) for name, power in powers.items() if power > 0]
    under = [_powered(name, -power) for name, power in powers.items() if power < 0]
    if not over and under:
        return " ".join(f"{unit_of(name).symbol}^{power}" for name, power in powers.items())
    below = under[0] if len(under) == 1 else f"({' '.join(under)})"
    text = " ".join(over) + (f"/{below}" if under else "")
    return _SHOWN.get(text, text)


def _powered(name: str, power: int) -> str:
    symbol = unit_of(name).symbol
    return symbol if power == 1 else f"{symbol}^{power}"


def _numbered(name: str, one: bool) -> str:
    """The name of a unit in the singular or plural, where both are known."""
    other = _SINGULAR.get(name, name[:-1] if name.endswith("s") else "") if one else _PLURAL.get(name, name + "s")
    if other and unit_spelled(other.replace(" ", "_")) is not None:
        return other
    return name
