"""Complex numbers: modulus, argument, conjugate, parts, polar, exponential and rectangular form, all n-th roots.

Roots are checked by raising them to the power again, forms by comparing them with the number in decimals.
"""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .domain import Handler
from .presenting import Reading, check_defined
from .printing import decimal, latex_of, plain

_MOST_ROOTS = 24
_LONG = 40  # characters of a root beyond which only the decimal is told


def _value(request: Ask) -> Any:
    value = Builder().build(request.args[0])
    check_defined(value)
    return value


def parts_of(value: Any) -> tuple[Any, Any]:
    """Real and imaginary part, simplified."""
    import sympy

    whole: Any = value
    if value.is_Pow and value.exp.is_Integer and abs(value.exp) > 4:
        whole = _power(value.base, int(value.exp))
    real, imaginary = sympy.expand(whole, complex=True).as_real_imag()
    return tidy(real), tidy(imaginary)


def _power(base: Any, exponent: int) -> Any:
    """A whole power by repeated squaring, which stays small where the binomial formula does not."""
    import sympy

    result: Any = sympy.S.One
    factor = sympy.expand(base if exponent > 0 else 1 / sympy.expand(base, complex=True), complex=True)
    for bit in bin(abs(exponent))[2:]:
        result = sympy.expand(result * result)
        if bit == "1":
            result = sympy.expand(result * factor)
    return result


def modulus_of(value: Any) -> Any:
    """The absolute value, simplified."""
    import sympy

    real, imaginary = parts_of(value)
    return tidy(sympy.sqrt(sympy.expand(real**2 + imaginary**2)))


def argument_of(value: Any) -> Any:
    """The argument in (-pi, pi].

    Raises:
        ToolError: for zero, which has none.
    """
    import sympy

    real, imaginary = parts_of(value)
    if real == 0 and imaginary == 0:
        raise ToolError("the number 0 has no argument")
    found = tidy(sympy.atan2(imaginary, real))
    nice = (
        sympy.nsimplify((found / sympy.pi).evalf(30), rational=True, tolerance=sympy.Rational(1, 10**20))
        if found.is_number
        else None
    )
    if nice is not None and nice.is_Rational and nice.q <= 120 and abs((nice * sympy.pi - found).evalf(40)) < 1e-25:
        return nice * sympy.pi
    return found


def _rectangular(value: Any) -> Any:
    import sympy

    real, imaginary = parts_of(value)
    return real + imaginary * sympy.I


def _degrees(angle: Any) -> Any:
    import sympy

    return tidy(angle * 180 / sympy.pi)


def _angle_text(angle: Any, reading: Reading, *, degrees: bool) -> str:
    if angle.free_symbols:
        return plain(angle)
    turned = decimal(_degrees(angle), reading.precision)
    if degrees:
        return f"{turned}°"
    exact, number = plain(angle), decimal(angle, reading.precision)
    return f"{exact} ({number}, {turned}°)" if exact != number else f"{exact} ({turned}°)"


def _complex(request: Ask, reading: Reading) -> Solution:
    value = _value(request)
    degrees = "degrees" in request.words
    kinds = [word for word in request.words if word not in ("degrees", "radians")]
    if value.free_symbols:
        reading.assume("the letters stand for real numbers")
    if len(kinds) == 1 and kinds[0] in _FORMS:
        return _FORMS[kinds[0]](value, reading, degrees)
    told = [(kind, _part(kind, value)) for kind in kinds]
    if len(told) == 1:
        kind, found = told[0]
        if kind == "argument":
            text = _angle_text(found, reading, degrees=degrees)
            if degrees:
                turned = _degrees(found)
                return reading.solution(turned, text=text, exact=f"{plain(turned)}°")
            return reading.solution(found, text=text, verified=_checked_angle(found, value))
        return reading.solution(found, verified=_checked_part(kind, found, value))
    texts = [
        f"{kind} {_angle_text(found, reading, degrees=degrees) if kind == 'argument' else reading.shown(found)}"
        for kind, found in told
    ]
    exacts = [f"{kind} {plain(found)}" for kind, found in told]
    numbers = [decimal(found, reading.precision) for _, found in told]
    return reading.solution(
        told[0][1], text=", ".join(texts), exact=", ".join(exacts), number=", ".join(numbers) if all(numbers) else "",
        latex=r",\ ".join(latex_of(found) for _, found in told),
    )  # fmt: skip


def _part(kind: str, value: Any) -> Any:
    """One of the parts that can be asked for."""
    import sympy

    if kind == "modulus":
        return modulus_of(value)
    if kind == "argument":
        return argument_of(value)
    real, imaginary = parts_of(value)
    if kind == "conjugate":
        return real - imaginary * sympy.I
    if kind == "real":
        return real
    if kind == "imaginary":
        return imaginary
    if real == 0 and imaginary == 0:
        raise ToolError("the number 0 has no reciprocal")
    square = real**2 + imaginary**2
    return tidy(real / square) - tidy(imaginary / square) * sympy.I


def _checked_angle(angle: Any, value: Any) -> str | None:
    import cmath

    if value.free_symbols:
        return None
    return "checked in decimals" if abs(cmath.phase(complex(value)) - float(angle)) < 1e-9 else None


def _checked_part(kind: str, found: Any, value: Any) -> str | None:
    if value.free_symbols:
        return None
    number = complex(value.evalf(20))
    wanted = {
        "modulus": abs(number), "conjugate": number.conjugate(), "real": number.real, "imaginary": number.imag,
        "reciprocal": 1 / number if number else 0,
    }[kind]  # fmt: skip
    return "checked in decimals" if abs(complex(found) - wanted) < 1e-9 * (1 + abs(wanted)) else None


def _back(modulus: Any, angle: Any, value: Any) -> str | None:
    import cmath

    if value.free_symbols:
        return None
    number = complex(value.evalf(20))
    again = cmath.rect(float(modulus), float(angle))
    return "checked by converting back" if abs(again - number) < 1e-9 * (1 + abs(number)) else None


def _polar(value: Any, reading: Reading, degrees: bool) -> Solution:
    modulus: Any = modulus_of(value)
    angle: Any = argument_of(value)
    shown = (
        f"{decimal(_degrees(angle), reading.precision)}°"
        if degrees or (not angle.has(_pi()) and angle != 0)
        else plain(angle)
    )
    factor = _factor(modulus)
    spelled = shown if shown.endswith("°") else plain(angle)
    text = f"{factor}(cos({spelled}) + i*sin({spelled}))"
    exact = f"{factor}(cos({plain(angle)}) + i*sin({plain(angle)}))"
    also = f"; r = {reading.shown(modulus)}, theta = {_angle_text(angle, reading, degrees=degrees)}"
    latex = rf"{latex_of(modulus)}\left(\cos {latex_of(angle)} + i\sin {latex_of(angle)}\right)"
    number = decimal(modulus, reading.precision)
    return reading.solution(
        modulus, text=text + also, exact=exact, latex=latex, verified=_back(modulus, angle, value),
        number=f"r = {number}, theta = {decimal(angle, reading.precision)}" if number else "",
    )  # fmt: skip


def _factor(modulus: Any) -> str:
    if modulus == 1:
        return ""
    return f"({plain(modulus)})*" if modulus.is_Add else f"{plain(modulus)}*"


def _pi() -> Any:
    import sympy

    return sympy.pi


def _exponential(value: Any, reading: Reading, degrees: bool) -> Solution:
    modulus, angle = modulus_of(value), argument_of(value)
    factor = _factor(modulus)
    number = decimal(angle, reading.precision)
    nice = angle.has(_pi()) or angle.free_symbols or angle == 0
    exact = f"{factor}e^({_times_i(angle)})" if angle != 0 else plain(modulus)
    text = exact if nice else f"{factor}e^({number}*i)"
    latex = rf"{latex_of(modulus) if modulus != 1 else ''} e^{{i {latex_of(angle)}}}"
    return reading.solution(
        modulus, text=text, exact=exact, latex=latex,
        number=f"{decimal(modulus, reading.precision)}*e^({number}*i)" if number else "",
        verified=_back(modulus, angle, value),
    )  # fmt: skip


def _times_i(angle: Any) -> str:
    negative = angle.could_extract_minus_sign()
    return f"-i*{plain(-angle)}" if negative else f"i*{plain(angle)}"


def _to_rectangular(value: Any, reading: Reading, degrees: bool) -> Solution:
    found = _rectangular(value)
    holds = not value.free_symbols and abs(complex((found - value).evalf(20))) <= 1e-9 * (
        1 + abs(complex(value.evalf(20)))
    )
    return reading.solution(found, verified="checked in decimals" if holds else None)


_FORMS = {"polar": _polar, "exponential": _exponential, "rectangular": _to_rectangular}


def roots_of(value: Any, degree: int) -> list[Any]:
    """All n-th roots, counterclockwise from the principal one."""
    import sympy

    modulus, angle = modulus_of(value), argument_of(value)
    size = tidy(sympy.root(modulus, degree))
    found = []
    for turn in range(degree):
        direction = (angle + 2 * sympy.pi * turn) / degree
        real, imaginary = size * sympy.cos(direction), size * sympy.sin(direction)
        found.append(tidy(real) + tidy(imaginary) * sympy.I)
    return found


def _roots(request: Ask, reading: Reading) -> Solution:
    value, degree = _value(request), int(Builder().build(request.args[1]))
    if not 2 <= degree <= _MOST_ROOTS:
        raise ToolError(f"roots of degree 2 to {_MOST_ROOTS} are listed, not of degree {degree}")
    if value == 0:
        return reading.solution(value)
    roots = _square_roots(value) if degree == 2 and not value.is_Rational else roots_of(value, degree)
    number = complex(value.evalf(20))
    holds = all(abs(complex(root.evalf(20)) ** degree - number) < 1e-9 * (1 + abs(number)) for root in roots)
    decimals = [decimal(root, reading.precision) for root in roots]
    short = [decimal(root, 6) for root in roots]
    texts = [_root_text(root, number, reading) for root, number in zip(roots, short, strict=True)]
    return reading.solution(
        roots[0], text=", ".join(texts), exact=", ".join(plain(root) for root in roots), number=", ".join(decimals),
        latex=r",\ ".join(latex_of(root) for root in roots),
        verified=f"checked by raising to the power {degree}" if holds else None,
    )  # fmt: skip


def _root_text(root: Any, number: str, reading: Reading) -> str:
    exact = plain(root)
    if exact == number or len(exact) < 6:
        return exact
    return f"{exact} ({number})" if len(exact) <= _LONG else number


def _square_roots(value: Any) -> list[Any]:
    import sympy

    real, imaginary = parts_of(value)
    modulus = modulus_of(value)
    first, second = tidy(sympy.sqrt((modulus + real) / 2)), tidy(sympy.sqrt((modulus - real) / 2))
    sign: Any = -1 if imaginary.is_negative else 1
    root = first + sign * second * sympy.I
    return [root, -root]


HANDLERS: dict[str, Handler] = {"complex": _complex, "complex roots": _roots}
