"""Units: exact conversion of quantities, sums and products of quantities, comparisons.

Every conversion that pint knows is checked by pint's own way back. Not done: currencies.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

from ..reading.syntax import Ask
from ..reading.unit_expressions import Powers, powers_of
from ..reading.unit_names import YEAR
from ..solution import Solution
from .domain import Handler
from .presenting import Reading
from .printing import decimal, finite_decimal, fixed, latex_of, plain
from .quantities import (
    OFFSETS,
    SI,
    Dimensions,
    Machine,
    Quantity,
    combined_dimensions,
    factor_of,
    incompatible,
    key_of,
    note_units,
    pint_factor,
    registry,
    scale_of,
    si_units,
    unit_of,
    unit_text,
)

__all__ = ["HANDLERS", "registry"]

_TIME = (("[time]", Fraction(1)),)
_TEXTS = ("text", "exact", "decimal")
_SHORT = 11  # characters of a fraction that is shown beside the decimal


def amount_text(value: Any, powers: Powers, reading: Reading) -> tuple[str, str, str]:
    """A value with its unit: as a model reads it, exact, and the number alone as a decimal."""
    import sympy

    finite = finite_decimal(value, reading.precision)
    exact = finite if finite is not None else plain(value)
    number = finite if finite is not None else decimal(value, reading.precision)
    unit = unit_text(powers, value)
    space = " " if unit else ""
    text = f"{number}{space}{unit}"
    if finite is None and value.has(sympy.pi) and len(exact) <= 2 * _SHORT:
        text = f"{exact}{space}{unit} = {text}"
    elif finite is None and len(exact) <= _SHORT and not reading.decimals:
        text = f"{text} (exactly {exact})"
    bracketed = f"({exact})" if any(sign in exact for sign in " +") else exact
    return text, f"{bracketed}{space}{unit}", number


def _targets(request: Ask) -> list[Powers]:
    return [powers_of(word) for word in request.words if word.startswith("to ")]


def _converted(quantity: Quantity, powers: Powers, reading: Reading) -> Any:
    """The value of a quantity in a unit.

    Raises:
        ToolError: if they measure different things.
    """
    import sympy

    factor, dimensions = factor_of(powers)
    note_units(powers, reading)
    scale = scale_of(powers)
    if not powers and quantity.dimensions == (("*count", Fraction(1)),):
        return quantity.value
    if quantity.dimensions != dimensions:
        return _related(quantity, powers, factor, dimensions, reading)
    value = quantity.value / factor
    if scale:
        zero = OFFSETS[scale][1]
        value -= sympy.Rational(zero.numerator, zero.denominator)
    return value


def _related(quantity: Quantity, powers: Powers, factor: Any, dimensions: Dimensions, reading: Reading) -> Any:
    """What is no conversion but meant: miles per gallon to litres per 100 km, turns per second to hertz."""
    import sympy

    if quantity.dimensions and combined_dimensions(quantity.dimensions, dimensions) == () and quantity.value != 0:
        reading.assume("the reciprocal was taken")
        return 1 / (quantity.value * factor)
    without = tuple(part for part in quantity.dimensions if part[0] != "*angle")
    target = tuple(part for part in dimensions if part[0] != "*angle")
    if without == target and without:
        turns = dict(quantity.dimensions).get("*angle", 0) - dict(dimensions).get("*angle", 0)
        if abs(turns) == 1 and key_of(target) == "[time]^-1":
            reading.assume("one turn is one cycle")
            return quantity.value / factor / (2 * sympy.pi) ** int(turns)
    raise incompatible(quantity, Quantity(sympy.S.One, dimensions, powers), "converted")


def answer_units(request: Ask, reading: Reading) -> Solution:
    """A quantity in the units that were asked for, or else in its own or in SI units."""
    request = _settled(request)
    quantity = Machine(request, reading).stack[0]
    targets = _targets(request)
    _note_years(request, reading)
    if not targets and "and" in request.words and quantity.combined:
        parts = {factor_of(powers_of(word))[0]: powers_of(word) for word in request.words if word.startswith("unit ")}
        if (mixed := _mixed(quantity, [parts[size] for size in sorted(parts, reverse=True)], reading)) is not None:
            return mixed
    if not targets:
        return _shown(quantity, _own_units(quantity, reading), reading, request)
    if len(targets) > 1 and (mixed := _mixed(quantity, targets, reading)) is not None:
        return mixed
    if len(targets) > 1:
        parts = [_shown(quantity, powers, reading, request) for powers in targets]
        texts, exacts, numbers = ("; ".join(getattr(part, name) for part in parts) for name in _TEXTS)
        latex = r",\ ".join(part.latex for part in parts)
        return reading.solution(
            quantity.value, text=texts, exact=exacts, number=numbers, latex=latex, verified=parts[0].verified
        )
    return _shown(quantity, targets[0], reading, request)


_FLUID = {"oz": "fluid_ounce", "ounce": "fluid_ounce", "ounces": "fluid_ounces"}


def _settled(request: Ask) -> Ask:
    """Ounces beside a volume are fluid ounces; degrees beside a temperature are degrees Celsius."""
    names = [name for word in request.words for name in (powers_of(word) if word.startswith(("unit ", "to ")) else ())]
    kinds = {key_of(factor_of({name: 1})[1]) for name in names if name not in _FLUID}
    change: dict[str, str] = {}
    if any(name in _FLUID for name in names) and "[length]^3" in kinds and "[mass]" not in kinds:
        change = _FLUID
    elif "[temperature]" in kinds and any(name in ("degrees", "degree", "deg") for name in names):
        change = {"degrees": "celsius", "degree": "celsius", "deg": "celsius"}
    if not change:
        return request
    words = [
        " ".join([word.split()[0], *(f"{change.get(name, name)}^{power}" for name, power in powers_of(word).items())])
        if word.startswith(("unit ", "to ")) else word
        for word in request.words
    ]  # fmt: skip
    return Ask(request.name, request.args, tuple(words))


def _note_years(request: Ask, reading: Reading) -> None:
    """How long a year is matters only beside something else to measure time by."""
    names = {name for word in request.words if word.startswith(("unit ", "to ")) for name in powers_of(word)}
    clocks = {part for name in names for part, _ in unit_of(name).parts if pint_factor(part)[1] == _TIME}
    if "common_year" in clocks and len(clocks) > 1:
        reading.assume(YEAR)


def _own_units(quantity: Quantity, reading: Reading) -> Powers:
    """The units of a result where none were asked for."""
    key = key_of(quantity.dimensions)
    if not quantity.combined or (len(quantity.powers) > 1 and key in SI):
        chosen = si_units(quantity.dimensions)
        if chosen != quantity.powers and chosen:
            reading.assume("no unit to convert to was named; the SI unit is used")
        return chosen
    return quantity.powers if factor_of(quantity.powers)[1] == quantity.dimensions else si_units(quantity.dimensions)


def _shown(quantity: Quantity, powers: Powers, reading: Reading, request: Ask) -> Solution:
    value = _converted(quantity, powers, reading)
    text, exact, number = amount_text(value, powers, reading)
    for word in request.words:
        if word.startswith(("places ", "digits ")):
            number = _rounded(value, word)
            text = f"{number} {unit_text(powers, value)}".strip()
        if word.startswith("share ") and not quantity.dimensions:
            text = f"{decimal(value * 100, 10)}%" if word == "share percent" else plain(value)
    unit = unit_text(powers, value)
    latex = latex_of(value) + (rf"\ \text{{{unit}}}" if unit else "")
    verified = "checked by converting back" if _converts_back(quantity, powers, value) else None
    return reading.solution(value, text=text, exact=exact, number=number, latex=latex, verified=verified)


def _rounded(value: Any, word: str) -> str:
    kind, _, count = word.partition(" ")
    return decimal(value, max(1, int(count))) if kind == "digits" else fixed(value, int(count))


def _converts_back(quantity: Quantity, powers: Powers, value: Any) -> bool:
    """Whether pint, going from the result to SI units in its own way, finds the quantity again."""
    import sympy

    parts = [(unit_of(name), power) for name, power in powers.items()]
    own = any(part.startswith("*") for unit, _ in parts for part, _ in unit.parts)
    if not isinstance(value, sympy.Rational) or own or any(unit.pi for unit, _ in parts) or not powers:
        return False
    if dict(factor_of(powers)[1]) != dict(quantity.dimensions):
        return False
    if abs(value.p).bit_length() + value.q.bit_length() > 2000 or not isinstance(quantity.value, sympy.Rational):
        return False
    pint = registry()
    scale = scale_of(powers)
    names = {"celsius": "degree_Celsius", "fahrenheit": "degree_Fahrenheit", "rankine": "degree_Rankine"}
    if scale:
        found = pint.Quantity(Fraction(value.p, value.q), names[scale]).to("kelvin").magnitude
        return abs(float(found) - float(quantity.value)) < 1e-9 * (1 + abs(float(quantity.value)))
    made = pint.Quantity(Fraction(value.p, value.q), "")
    for unit, power in parts:
        for name, times in unit.parts:
            made = made * pint.Quantity(Fraction(1), name) ** (power * times)
        made = made * unit.factor**power
    back = made.to_base_units().magnitude
    return Fraction(back) == Fraction(int(quantity.value.p), int(quantity.value.q))


def _mixed(quantity: Quantity, targets: list[Powers], reading: Reading) -> Solution | None:
    """`5 ft 10 in`: whole numbers of all units but the last; `None` if the units do not divide each other."""
    import sympy

    sizes = []
    for powers in targets:
        factor, dimensions = factor_of(powers)
        note_units(powers, reading)
        if dimensions != quantity.dimensions or scale_of(powers):
            return None
        sizes.append(factor)
    if not all((big / small).is_Integer and big > small for big, small in itertools.pairwise(sizes)):
        return None
    rest, parts, sign = abs(quantity.value), [], "-" if quantity.value.is_negative else ""
    for position, (size, powers) in enumerate(zip(sizes, targets, strict=True)):
        count = rest / size if position == len(sizes) - 1 else sympy.floor(rest / size)
        rest -= count * size
        finite = finite_decimal(count, reading.precision) or decimal(count, reading.precision)
        parts.append(f"{finite} {unit_text(powers, count)}")
    text = sign + " ".join(parts)
    number = finite_decimal(quantity.value / sizes[0], reading.precision) or ""
    return reading.solution(sympy.S.One, text=text, exact=text, number=number, latex=rf"\text{{{text}}}")


def compare(request: Ask, reading: Reading) -> Solution:
    """`is 5 km longer than 3 miles`, `which is larger, 5 km or 3 miles`."""
    import sympy

    machine = Machine(request, reading)
    left, right = machine.stack
    if left.dimensions != right.dimensions:
        raise incompatible(left, right, "compared")
    kind, relation = request.words[-1].split(" ")
    sign = "=" if left.value == right.value else ">" if sympy.simplify(left.value - right.value).is_positive else "<"
    firsts = amount_text(_converted(left, left.powers, reading), left.powers, reading)[0]
    seconds = amount_text(_converted(right, right.powers, reading), right.powers, reading)[0]
    beside = amount_text(_converted(right, left.powers, reading), left.powers, reading)[0].partition(" (")[0]
    fact = f"{firsts} {sign} {seconds}" + (f" = {beside}" if left.powers != right.powers else "")
    if kind == "is":
        text = f"{'yes' if sign == relation else 'no'}: {fact}"
        exact = "true" if sign == relation else "false"
    else:
        exact = "equal" if sign == "=" else firsts if sign == relation else seconds
        text = f"{exact} ({fact})"
    return reading.solution(sympy.S.One, text=text, exact=exact, number="", latex="")


HANDLERS: dict[str, Handler] = {"units": answer_units, "compare quantities": compare}
