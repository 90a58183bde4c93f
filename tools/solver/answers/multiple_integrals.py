"""Double and triple integrals: in closed form, and by Gauss quadrature as a check or where there is no closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Sequence, Variable
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .numeric import numeric_function
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import decimal
from .untyped import sympy_library

_FAULTS = (ArithmeticError, AssertionError, AttributeError, KeyError, NotImplementedError, TypeError, ValueError)


def _integral(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    builder = Builder()
    integrand: Any = builder.build(ask.args[0])
    limits: list[tuple[Any, Any, Any]] = []
    for node in ask.args[1:]:
        assert isinstance(node, Sequence)
        name, lower, upper = node.items
        assert isinstance(name, Variable)
        limits.append((builder.symbol(name.name), builder.build(lower), builder.build(upper)))
    outer = limits[-1]
    if any(bound.has(*(symbol for symbol, _, _ in limits)) for bound in outer[1:]):
        raise ToolError("the outer bounds hold a variable of integration; write the integral over constants last")
    numeric = _quadrature(integrand, limits)
    try:
        value = within(0.7, lambda: _iterated(integrand, limits), most=6.0)
    except (OutOfPatience, *_FAULTS):
        value = None
    if value is None or value.has(sympy.Integral, sympy.nan, sympy.zoo):
        return _approximate(numeric, reading)
    if value.is_infinite:
        return reading.solution(value, text="diverges (infinity)" if value.is_positive else "diverges")
    verified = None
    if numeric is not None and value.is_number:
        exact = complex(value.evalf(15))
        verified = "checked by numerical integration" if abs(exact - numeric[0]) <= 1e-3 * (1 + abs(exact)) else None
    return reading.solution(value, verified=verified)


def _iterated(integrand: Any, limits: list[tuple[Any, Any, Any]]) -> Any:
    sympy = sympy_library()

    value = integrand
    for symbol, lower, upper in limits:
        value = sympy.integrate(sympy.expand(value) if value.is_polynomial() else value, (symbol, lower, upper))
    return sympy.simplify(value) if value.free_symbols or value.count_ops() > 12 else value


def _approximate(numeric: tuple[float, float] | None, reading: Reading) -> Solution:
    from sympy import Float

    if numeric is None or numeric[1] > 1e-6 * (1 + abs(numeric[0])):
        raise ToolError("no closed form was found for this integral, and no reliable number either")
    text = decimal(Float(numeric[0], 17), min(reading.precision, 9))
    reading.assume("no closed form was found; computed numerically")
    return reading.solution(Float(numeric[0], 17), text=f"approximately {text}", exact="", number=text, latex=text)


def _quadrature(integrand: Any, limits: list[tuple[Any, Any, Any]]) -> tuple[float, float] | None:
    """The integral by Gauss quadrature with two numbers of points, and their difference."""
    symbols = [symbol for symbol, _, _ in reversed(limits)]  # from the outside in
    try:
        function = numeric_function(integrand, symbols)
        bounds = [
            tuple(numeric_function(bound, symbols[:place]) for bound in limits[-1 - place][1:])
            for place in range(len(limits))
        ]
        counts = (40, 24) if len(limits) == 2 else (16, 10)
        fine, coarse = (_summed(function, bounds, count) for count in counts)
    except (*_FAULTS, KeyError):
        return None
    return (fine, abs(fine - coarse)) if math.isfinite(fine) else None


def _summed(function: Callable[..., Any], bounds: list[Any], count: int) -> float:
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(count)
    pairs = list(zip(nodes.tolist(), weights.tolist(), strict=True))

    def level(place: int, outer: tuple[float, ...]) -> float:
        if place == len(bounds):
            return complex(function(*outer)).real
        lower, upper = (float(complex(bound(*outer)).real) for bound in bounds[place])
        half, middle = (upper - lower) / 2, (upper + lower) / 2
        return half * sum(weight * level(place + 1, (*outer, middle + half * node)) for node, weight in pairs)

    return level(0, ())


HANDLERS: dict[str, Handler] = {"multiple integral": _integral}
