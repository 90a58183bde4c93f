"""The slope of a curve that an equation gives."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .algebra import shortest_form
from .build import Builder
from .domain import Handler
from .numeric import vanishes
from .presenting import Reading
from .printing import latex_of, plain
from .untyped import sympy_library

_SUBSTITUTED = "checked by substitution"
_SHIFT = 1e-4
_MOST_SHOWN = 8
_STEPS = (-9.3, -0.7, 0.4, 8.1)


def _implicit(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    order, kind, *names = ask.words
    builder = Builder()
    x, y = (builder.symbol(name) for name in names)
    relation: Any = ask.args[0]
    curve = builder.build(relation.left) - builder.build(relation.right)
    place: dict[Any, Any] = dict(zip((x, y), (builder.build(node) for node in ask.args[1:]), strict=False))
    if curve.diff(y) == 0:
        raise ToolError(f"{names[1]} does not occur in this equation")
    if place and not vanishes(curve.subs(place)):
        raise ToolError(f"the point does not lie on the curve {plain(curve)} = 0")
    slope = _quotient(-curve.diff(x) / curve.diff(y), curve)
    value = slope if order == "1" else _quotient(slope.diff(x) + slope.diff(y) * slope, curve)
    checked = _along_curve(curve, slope, x, y)
    if place:
        value = value.subs(place)
        if value.has(sympy.zoo, sympy.nan):
            raise ToolError(
                "the curve has a vertical tangent or a singular point there, so the derivative is not defined"
            )
        value = shortest_form(value)
    verified = "checked by a difference quotient" if checked else None
    if kind == "tangent" and place:
        line = sympy.Eq(y, sympy.expand(place[y] + value * (x - place[x])))
        return reading.solution(
            line.rhs, text=plain(line), exact=plain(line), number="", latex=latex_of(line), verified=verified
        )
    reading.assume(f"{names[1]} is a function of {names[0]}")
    name = f"d{names[1]}/d{names[0]}" if order == "1" else f"d^2{names[1]}/d{names[0]}^2"
    return reading.solution(value, text=f"{name} = {reading.shown(value)}", verified=verified)


def _quotient(value: Any, curve: Any) -> Any:
    """A quotient in its shortest form, where the equation of the curve may be used."""
    sympy = sympy_library()

    simple = sympy.factor(sympy.simplify(value))
    numerator, denominator = sympy.fraction(sympy.together(simple))
    if numerator.is_polynomial() and curve.is_polynomial():
        rest = sympy.factor(sympy.reduced(sympy.expand(numerator), [curve])[1])
        if rest.count_ops() < numerator.count_ops():
            numerator = rest
    if numerator.could_extract_minus_sign():
        return -(-numerator / denominator)
    return numerator / denominator


def _along_curve(curve: Any, slope: Any, x: Any, y: Any) -> bool:
    """Whether a small step along the slope stays on a level of the curve's function, at sample points."""
    agreed = 0
    others = dict.fromkeys(curve.free_symbols - {x, y}, 1.3)
    for start in ((0.7, 1.1), (1.3, 0.6), (0.4, 2.2)):
        at = {**others, x: start[0], y: start[1]}
        try:
            rate = complex(slope.subs(at).evalf())
            ahead, behind = (
                complex(curve.subs({**others, x: start[0] + h, y: start[1] + h * rate.real}).evalf())
                for h in (_SHIFT, -_SHIFT)
            )
        except (TypeError, ValueError, ArithmeticError):
            continue
        if abs(rate.imag) > 1e-9 or abs(ahead - behind) / _SHIFT > 1e-4 * (1 + abs(ahead)):
            return False
        agreed += 1
    return agreed > 0


HANDLERS: dict[str, Handler] = {"implicit derivative": _implicit}
