"""Values written in another way, and constants of physics.

The constants are CODATA's recommended values as scipy carries them; an uncertain one is told with its uncertainty.
"""

from __future__ import annotations

import dataclasses
import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Number
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .presenting import Reading, check_defined
from .printing import decimal
from .untyped import sympy_library


def _notation(ask: Ask, reading: Reading) -> Solution:
    value: Any = Builder().build(ask.args[0])
    check_defined(value)
    if not value.is_number or not value.is_real or not value.is_finite:
        raise ToolError("scientific notation is for real numbers, such as 123456 in scientific notation")
    if value == 0:
        return reading.solution(value)
    digits = decimal(value, reading.precision)
    number = Context(prec=min(reading.precision, 30)).create_decimal(digits).normalize()
    sign, figures, _ = number.as_tuple()
    power = number.adjusted()
    shift = power % 3 if ask.words[0] == "engineering" else 0
    all_figures = "".join(map(str, figures)).ljust(shift + 1, "0")
    mantissa = all_figures[: shift + 1] + ("." + all_figures[shift + 1 :] if all_figures[shift + 1 :] else "")
    text = f"{'-' if sign else ''}{mantissa}*10^{power - shift}"
    latex = rf"{'-' if sign else ''}{mantissa} \times 10^{{{power - shift}}}"
    return reading.solution(value, text=text, latex=latex)


def _expanded(ask: Ask, reading: Reading) -> Solution:
    (node,) = ask.args
    if not isinstance(node, Number) or node.value <= 0:
        raise ToolError("the expanded form is written for a positive number, such as 3456")
    value: Any = Builder().build(node)
    number = Decimal(node.value.numerator) / Decimal(node.value.denominator)
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(digits) > 25:
        raise ToolError("the expanded form is written for at most 25 digits")
    places = [(digit, exponent + len(digits) - 1 - place) for place, digit in enumerate(digits) if digit]
    terms = [f"{Decimal(digit).scaleb(power):f}" for digit, power in places]
    return reading.solution(value, text=" + ".join(terms), latex=" + ".join(terms))


def _significant(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    written = ask.words[0].lower().lstrip("-").partition("e")[0]
    if not re.fullmatch(r"\d+\.?\d*|\.\d+", written):
        raise ToolError("write one number, such as: how many significant figures in 0.00450")
    figures = written.replace(".", "").lstrip("0")
    if "." not in written:
        if figures.endswith("0"):
            reading.assume("zeros at the end of a whole number are not significant")
        figures = figures.rstrip("0")
    return reading.solution(sympy.Integer(len(figures)))


def _angle(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value: Any = Builder().build(ask.args[0])
    check_defined(value)
    if not value.is_number or not value.is_real:
        raise ToolError("an angle in degrees needs a real value, such as arctan(1) in degrees")
    if ask.words[0] == "radians":
        return reading.solution(value)
    degrees = sympy.simplify(value * 180 / sympy.pi)
    solution = reading.solution(degrees if degrees.is_Rational else degrees.evalf(reading.precision))
    return dataclasses.replace(solution, text=f"{solution.text}°", latex=rf"{solution.latex}^\circ")


def _golden(ask: Ask, reading: Reading) -> Solution:
    return reading.solution((1 + sympy_library().sqrt(5)) / 2)


def _constant(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value, unit, error = _codata(ask.words[0])
    text = _power_of_ten(value)
    units = unit.replace(" ", "*")
    if error:
        reading.assume(f"standard uncertainty {_power_of_ten(float(f'{error:.2g}'))} {units}".rstrip())
    written = f"{text} {units}".strip()
    latex = text.replace("*10^", r" \times 10^{") + ("}" if "*10^" in text else "")
    spelled = re.sub(r"\^(-?\d+)", r"^{\1}", unit).replace(" ", r"\,")
    latex += rf"\ \mathrm{{{spelled}}}" if unit else ""
    return reading.solution(
        sympy.Float(repr(value), 15), text=written, exact=written, number=text.replace("*10^", "e"), latex=latex
    )


def _codata(name: str) -> tuple[float, str, float]:
    from scipy.constants import physical_constants

    if name == "coulomb":
        permittivity, _, error = physical_constants["vacuum electric permittivity"]
        value = 1 / (4 * math.pi * permittivity)
        places = 9 - math.floor(math.log10(value))
        return round(value, places), "N m^2 C^-2", value * error / permittivity
    return physical_constants[name]


def _power_of_ten(value: float) -> str:
    """`6.62607015*10^-34`; numbers of usual size without a power."""
    number = Decimal(repr(value))
    if 1e-4 <= abs(value) < 1e9:
        return f"{number.normalize():f}"
    power = number.adjusted()
    mantissa = number.scaleb(-power).quantize(Decimal("1e-12"), rounding=ROUND_HALF_EVEN).normalize()
    return f"{mantissa:f}*10^{power}"


HANDLERS: dict[str, Handler] = {
    "notation": _notation,
    "expanded form": _expanded,
    "significant figures": _significant,
    "angle in": _angle,
    "golden ratio": _golden,
    "constant": _constant,
}
