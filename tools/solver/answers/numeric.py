"""Numbers out of SymPy expressions, fast enough to check every answer: closures over mpmath, never generated code."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..reading.names import words

if TYPE_CHECKING:
    from sympy import Expr, Symbol

_SAMPLES = (0.3718, 1.2247, 2.7081, -0.8315, 0.0917)
_PARAMETERS = (1.3172, 0.7291, 2.1347, 1.7741, 0.5639, 3.2191)
_NUMERIC_FAULTS = (ArithmeticError, ValueError, TypeError, NotImplementedError)


def numeric_function(expr: Expr, symbols: Sequence[Symbol], context: Any = None) -> Callable[..., Any]:
    """A function of numbers that computes an expression.

    Args:
        expr: free of anything but `symbols`.
        symbols: in the order of the arguments.
        context: an mpmath context; by default `mpmath.fp`, machine numbers.

    Raises:
        NotImplementedError: if the expression holds a function that mpmath has not.
    """
    from mpmath import fp

    return _compiled(expr, {symbol: place for place, symbol in enumerate(symbols)}, context or fp)


def _compiled(expr: Any, places: dict[Any, int], context: Any) -> Callable[..., Any]:
    import sympy
    from mpmath import fp, mp

    if expr in places:
        place = places[expr]
        return lambda *values: values[place]
    if expr.is_Number or expr.is_NumberSymbol or expr is sympy.I:
        number = _constant(expr, context)
        return lambda *values: number
    if isinstance(expr, sympy.Piecewise):
        return _cases(expr, places, context)
    if not isinstance(expr, sympy.Add | sympy.Mul | sympy.Pow | sympy.Function | sympy.exp):
        raise NotImplementedError(type(expr).__name__)
    parts = [_compiled(part, places, context) for part in expr.args]
    if isinstance(expr, sympy.Add):
        return lambda *values: sum(part(*values) for part in parts)
    if isinstance(expr, sympy.Mul):
        return lambda *values: math.prod((part(*values) for part in parts), start=context.one)
    if isinstance(expr, sympy.Pow):
        base, exponent = parts
        if expr.exp.is_Integer:
            whole = int(expr.exp)
            return lambda *values: base(*values) ** whole
        return lambda *values: context.power(base(*values), exponent(*values))
    name = _mpmath_name(type(expr).__name__)
    if context is fp and name in _NOT_IN_FP:
        return lambda *values: complex(getattr(mp, name)(*(part(*values) for part in parts)))
    function = getattr(context, name)
    return lambda *values: function(*(part(*values) for part in parts))


def _cases(expr: Any, places: dict[Any, int], context: Any) -> Callable[..., Any]:
    """The branch of a case distinction whose condition holds in numbers."""
    import sympy

    cases = []
    branches: Any = expr.args
    for value, condition in branches:
        certain = condition in (sympy.true, sympy.false)
        if not certain and not condition.is_Relational:
            raise NotImplementedError("conditions that are put together")
        sides = None if certain else _compiled(condition.lhs - condition.rhs, places, context)
        cases.append((_compiled(value, places, context), type(condition), sides))

    def choose(*values: Any) -> Any:
        for value, kind, sides in cases:
            if sides is None or _HOLDS[kind.__name__](complex(sides(*values)).real):
                return value(*values)
        raise ValueError("no case holds")

    return choose


_HOLDS: dict[str, Callable[[float], bool]] = {
    "StrictLessThan": lambda value: value < 0,
    "LessThan": lambda value: value <= 0,
    "StrictGreaterThan": lambda value: value > 0,
    "GreaterThan": lambda value: value >= 0,
    "Equality": lambda value: value == 0,
    "Unequality": lambda value: value != 0,
}


def _constant(expr: Any, context: Any) -> Any:
    import sympy

    if expr is sympy.I:
        return context.mpc(0, 1)
    if expr.is_Integer:
        return context.mpf(int(expr))
    if expr.is_Rational:
        return context.mpf(int(expr.p)) / context.mpf(int(expr.q))
    value = expr._to_mpmath(max(context.prec, 53))
    return context.convert(value) if context.prec > 53 else float(value)


_MPMATH = {
    **{name: name for name in words("sin cos tan cot sec csc asin acos atan acot asec acsc sinh cosh tanh coth")},
    **{name: name for name in words("asinh acosh atanh exp gamma factorial erf erfc zeta floor sign re im beta")},
    **{"log": "ln", "Abs": "fabs", "ceiling": "ceil", "LambertW": "lambertw", "conjugate": "conj", "arg": "arg"},
    **{"Ei": "ei", "Si": "si", "Ci": "ci", "li": "li", "sech": "sech", "csch": "csch", "atan2": "atan2"},
    **{"fresnels": "fresnels", "fresnelc": "fresnelc", "erfi": "erfi"},
}
_NOT_IN_FP = ("asinh", "acosh", "atanh")


def _mpmath_name(name: str) -> str:
    if name not in _MPMATH:
        raise NotImplementedError(name)
    return _MPMATH[name]


def same_function(left: Expr, right: Expr) -> bool:
    """Whether two expressions agree at sample points, with numbers put in for all variables."""
    symbols: list[Any] = sorted(left.free_symbols | right.free_symbols, key=str)
    try:
        functions = [numeric_function(side, symbols) for side in (left, right)]
    except _NUMERIC_FAULTS:
        return False
    agreed = 0
    for sample in _SAMPLES:
        values = [sample + shift for shift in (0.0, *_PARAMETERS)[: len(symbols)]]
        try:
            first, second = (complex(function(*values)) for function in functions)
        except _NUMERIC_FAULTS:
            continue
        if not (math.isfinite(abs(first)) and math.isfinite(abs(second))):
            continue
        if abs(first - second) > 1e-7 * (1 + abs(first)):
            return False
        agreed += 1
    return agreed >= 2


def vanishes(expr: Expr) -> bool:
    """Whether an expression is zero, checked in numbers and, with variables left, at sample points."""
    from sympy import S

    if expr.free_symbols:
        return same_function(expr, S.Zero)
    value = expr.evalf(20, maxn=60)
    return bool(value.is_number and abs(complex(value)) < 1e-9)


def quadrature(expr: Expr, symbol: Symbol, lower: Any, upper: Any) -> tuple[float, float] | None:
    """A definite integral by tanh-sinh quadrature on machine numbers.

    Returns:
        The value and an estimate of its error, or `None` where it could not be computed.
    """
    from mpmath import fp

    try:
        function = numeric_function(expr, [symbol])
        bounds = [_bound(lower), _bound(upper)]
        value, error = fp.quad(function, bounds, error=True)
        value = complex(value)
    except _NUMERIC_FAULTS:
        return None
    if not math.isfinite(abs(value)) or abs(value.imag) > 1e-9 * (1 + abs(value)):
        return None
    return value.real, float(error)


def _bound(value: Any) -> float:
    if value.is_infinite:
        return math.inf if value.is_extended_positive else -math.inf
    return float(value)


def real_roots(expr: Expr, symbol: Symbol, digits: int) -> list[Any]:
    """Real zeros between -1000 and 1000, found by changes of sign.

    Args:
        expr: free of anything but `symbol`.
        symbol: the unknown.
        digits: significant digits of the roots.

    Returns:
        At most 20 SymPy floats in ascending order. Zeros without a change of sign are not found.
    """
    from mpmath import mp
    from sympy import Float

    function = numeric_function(expr, [symbol])
    brackets = [pair for pair in _sign_changes(function) if not _is_pole(function, *pair)]
    found: list[Any] = []
    with mp.workdps(digits + 10):
        precise = numeric_function(expr, [symbol], mp)
        for lower, upper in brackets[:20]:
            try:
                root = mp.findroot(precise, (mp.mpf(lower), mp.mpf(upper)), solver="anderson", verify=False)
            except _NUMERIC_FAULTS:
                continue
            if lower <= root <= upper and abs(precise(root)) < mp.mpf(10) ** (-digits // 2):
                found.append(Float(root, digits))
    return found


def _sign_changes(function: Callable[..., Any]) -> list[tuple[float, float]]:
    near = [0.0137 + step * 0.05 for step in range(-400, 400)]
    far = [1.03**step for step in range(101, 235)]
    points = [-point for point in reversed(far)] + near + far
    changes: list[tuple[float, float]] = []
    previous: tuple[float, float] | None = None
    for point in points:
        value = _real_value(function, point)
        if value is None:
            previous = None
            continue
        if previous is not None and (value < 0) != (previous[1] < 0):
            changes.append((previous[0], point))
        previous = (point, value)
    return changes


def _real_value(function: Callable[..., Any], point: float) -> float | None:
    try:
        value = complex(function(point))
    except _NUMERIC_FAULTS:
        return None
    return value.real if math.isfinite(value.real) and abs(value.imag) < 1e-12 * (1 + abs(value)) else None


def _is_pole(function: Callable[..., Any], lower: float, upper: float) -> bool:
    """Whether the sign changes because the function passes through infinity."""
    start = abs(_real_value(function, lower) or 0.0)
    for _ in range(30):
        middle = (lower + upper) / 2
        value, first = _real_value(function, middle), _real_value(function, lower)
        if value is None or first is None:
            return True
        lower, upper = (middle, upper) if (value < 0) == (first < 0) else (lower, middle)
    return abs(_real_value(function, lower) or 0.0) > 10 * (1 + start)
