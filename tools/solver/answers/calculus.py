"""Derivatives, integrals, limits, series, sums and products, each checked where that is cheap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, cast

from ...errors import ToolError
from ..reading.syntax import Accumulate, Differentiate, Integrate, Limit, Series, variables_of
from ..solution import Solution
from .antiderivatives import antiderivative as antiderivative_of
from .arithmetic import tidy
from .build import Builder
from .numeric import quadrature, same_function
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import decimal, latex_of, plain

if TYPE_CHECKING:
    from sympy import Expr

# Of the time that is left, for an exact value; what remains is enough for a number.
_SYMBOLIC_SHARE = 0.6
_SIDES: tuple[Literal["-", "+"], ...] = ("-", "+")
_NO_ANTIDERIVATIVE = "no antiderivative in known functions was found; give bounds for a number: integrate f from 0 to 1"


def differentiate(request: Differentiate, reading: Reading) -> Solution:
    names = variables_of(request.expression)
    if not request.variables and len(names) > 1:
        reading.choose(names, "differentiated with respect to")
    builder = Builder()
    derivative = derivative_of(request, builder)
    for name, value in request.at:
        derivative = derivative.subs(builder.symbol(name), builder.build(value))
    return reading.solution(tidy(derivative) if request.at else derivative)


def derivative_of(request: Differentiate, builder: Builder) -> Expr:
    from ..reading.clauses import preferred

    names = request.variables or (preferred(variables_of(request.expression)),) * request.order
    function = derivative = builder.build(request.expression)
    for name in names:
        derivative = derivative.diff(builder.symbol(name))
        if derivative.count_ops() > 20_000:
            raise ToolError("the derivative becomes too long to be written out; ask for a lower order")
    return _tidy_derivative(derivative, function)


def _tidy_derivative(derivative: Any, function: Any) -> Any:
    """A derivative as a book prints it; simplifying in full takes longer than all the rest, so only where it pays."""
    from sympy import Pow, expand, factor

    size = derivative.count_ops()
    if size > 80 or derivative.is_number:
        return derivative if size > 80 else tidy(derivative)
    if derivative.is_polynomial():
        return min(derivative, expand(derivative), key=lambda form: form.count_ops())
    if derivative.is_rational_function():
        return min(derivative, factor(derivative), key=lambda form: form.count_ops())
    divides = any(part.exp.could_extract_minus_sign() and part.base.is_Add for part in derivative.atoms(Pow))
    return tidy(derivative) if divides or size > 2 * function.count_ops() + 6 else derivative


def integrate(request: Integrate, reading: Reading) -> Solution:
    from sympy import Piecewise

    builder = Builder()
    limits = _integration_limits(request, reading)
    if any(lower is not None for _, lower, _ in limits):
        return _definite(request, limits, builder, reading)
    integrand = builder.build(request.expression)
    if len(limits) == 1:
        found = antiderivative_of(request.expression, limits[0][0])
    else:
        found = _integrated(integrand, limits, builder)
    if found is None or found.has(*_unevaluated()):
        raise ToolError(_NO_ANTIDERIVATIVE)
    antiderivative, condition = _generic(found)
    if condition:
        reading.assume(f"for {condition}")
    derivative = antiderivative
    for name, _, _ in limits:
        derivative = derivative.diff(builder.symbol(name))
    verified = "checked by differentiation" if same_function(derivative, integrand) else None
    text = plain(antiderivative)
    text = f"({text}) + C" if antiderivative.has(Piecewise) else f"{text} + C"
    latex = latex_of(antiderivative)
    return reading.solution(
        antiderivative, text=text, exact=text, number="", latex=f"{latex} + C" if latex else "", verified=verified
    )


def _integration_limits(request: Integrate, reading: Reading) -> list[tuple[str, Any, Any]]:
    names = variables_of(request.expression)
    if not request.limits:
        return [(reading.choose(names, "integrated with respect to"), None, None)]
    return [
        (name or reading.choose(names, "integrated with respect to"), lower, upper)
        for name, lower, upper in request.limits
    ]


def integral_of(request: Integrate, builder: Builder) -> Expr:
    """The value of an integral inside an expression, without a constant of integration."""
    limits = _integration_limits(request, Reading())
    value = _generic(_integrated(builder.build(request.expression), limits, builder))[0]
    if value.has(*_unevaluated()):
        raise ToolError(_NO_ANTIDERIVATIVE)
    return value


def _integrated(integrand: Expr, limits: list[tuple[str, Any, Any]], builder: Builder) -> Any:
    import sympy

    ranges: list[Any] = []
    for name, lower, upper in limits:
        symbol = builder.symbol(name)
        ranges.append(symbol if lower is None else (symbol, builder.build(lower), builder.build(upper)))
    return sympy.integrate(integrand, *ranges)


def _unevaluated() -> tuple[Any, ...]:
    import sympy

    return sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit, sympy.Derivative


def _generic(value: Any) -> tuple[Any, str]:
    """The branch of a case distinction that holds in general, and its condition in words."""
    from sympy import Ne, Piecewise, piecewise_fold

    if not value.has(Piecewise):
        return value, ""
    folded: Any = piecewise_fold(value)
    if not isinstance(folded, Piecewise):
        return value, ""
    branch, condition = cast(Any, folded).args[0]
    # "n != -1" holds in general and is only noted; "x <= 0" is half of the answer and stays.
    if branch.has(*_unevaluated()) or not isinstance(condition, Ne):
        return value, ""
    return branch, plain(condition)


def _definite(request: Integrate, limits: list[tuple[str, Any, Any]], builder: Builder, reading: Reading) -> Solution:
    from sympy import Piecewise, nan

    integrand = builder.build(request.expression)
    try:
        value, condition = within(_SYMBOLIC_SHARE, lambda: _generic(_integrated(integrand, limits, builder)))
    except OutOfPatience:
        return _approximated(None, _numeric_value(integrand, limits, builder), reading)
    parameters = tuple(set(variables_of(request.expression)) - {name for name, _, _ in limits})
    if parameters and (condition or value.has(Piecewise, *_unevaluated())):
        builder = Builder(positive=parameters)
        integrand = builder.build(request.expression)
        value, condition = _generic(_integrated(integrand, limits, builder))
        reading.assume(f"for {', '.join(f'{name} > 0' for name in sorted(parameters))}")
    if condition:
        reading.assume(f"for {condition}")
    numeric = _numeric_value(integrand, limits, builder)
    if value is nan or value.has(nan):
        raise ToolError("this integral does not converge")
    if value.is_infinite:
        return reading.solution(value, text=f"diverges ({plain(value)})")
    if value.has(*_unevaluated()) or value.has(_accumulation_bounds()):
        return _approximated(value, numeric, reading)
    value = tidy(value)
    verified = None
    if numeric is not None and value.is_number:
        expected = complex(value.evalf(15))
        tolerance = max(1e-6 * (1 + abs(expected)), 10 * numeric[1])
        if abs(expected - numeric[0]) <= tolerance:
            verified = "checked by numerical integration"
    return reading.solution(value, verified=verified)


def _numeric_value(integrand: Expr, limits: list[tuple[str, Any, Any]], builder: Builder) -> tuple[float, float] | None:
    """A single integral between real numbers by quadrature; `None` for every other one."""
    name, lower, upper = limits[0]
    bounds = [builder.build(bound) for bound in (lower, upper) if bound is not None]
    single = len(limits) == 1 and all(bound.is_number and bound.is_extended_real for bound in bounds)
    return quadrature(integrand, builder.symbol(name), *bounds) if single else None


def _accumulation_bounds() -> Any:
    from sympy import AccumBounds

    return AccumBounds


def _approximated(value: Any, numeric: tuple[float, float] | None, reading: Reading) -> Solution:
    """A number where there is no closed form."""
    from sympy import Float

    if numeric is None or numeric[1] > 1e-6 * (1 + abs(numeric[0])):
        raise ToolError("no closed form was found for this integral, and no reliable number either")
    digits = min(reading.precision, 12)
    text = decimal(Float(numeric[0], 17), digits)
    reading.assume("no closed form was found; computed numerically")
    return reading.solution(Float(numeric[0], 17), text=f"approximately {text}", exact="", number=text, latex=text)


def limit(request: Limit, reading: Reading) -> Solution:
    from sympy import AccumBounds, zoo

    builder = Builder()
    try:
        value = limit_of(request, builder)
    except ValueError:  # SymPy: the limits from both sides differ
        value = zoo
    if value is zoo:
        sides = [limit_of(Limit(request.expression, request.variable, request.point, side), builder) for side in _SIDES]
        left, right = (plain(side) for side in sides)
        text = f"the limit does not exist: {left} from the left, {right} from the right"
        return reading.solution(sides[0], text=text, exact="does not exist", number="", latex=r"\text{does not exist}")
    if isinstance(value, AccumBounds):
        text = f"the limit does not exist: the values swing between {plain(value.min)} and {plain(value.max)}"
        return reading.solution(value, text=text, exact="does not exist", number="", latex=r"\text{does not exist}")
    return reading.solution(tidy(value) if value.is_finite else value)


def limit_of(request: Limit, builder: Builder) -> Any:
    import sympy

    expression, point = builder.build(request.expression), builder.build(request.point)
    side = "+" if point.is_infinite else "+-" if request.side == "both" else request.side
    value = sympy.limit(expression, builder.symbol(request.variable), point, side)
    if value.has(*_unevaluated()):
        raise ToolError("this limit could not be found; try it from one side: as x -> 0+")
    return value


def series(request: Series, reading: Reading) -> Solution:
    names = variables_of(request.expression)
    if not request.variable and len(names) > 1:
        reading.choose(names, "expanded in")
    builder = Builder()
    at_zero, symbol, point = _shifted_series(request, builder)
    text, latex = plain(at_zero), latex_of(at_zero)
    if point != 0:
        name = re.escape(str(symbol))
        text = re.sub(rf"\b{name}\b", f"({plain(symbol - point)})", text)
        latex = re.sub(rf"(?<![\\\w]){name}\b", lambda _: rf"\left({latex_of(symbol - point)}\right)", latex)
    value = at_zero.removeO().subs(symbol, symbol - point)
    return reading.solution(value, text=text, exact=text, number="", latex=latex)


def series_of(request: Series, builder: Builder) -> Any:
    """The Taylor polynomial, for use inside an expression."""
    at_zero, symbol, point = _shifted_series(request, builder)
    return at_zero.removeO().subs(symbol, symbol - point)


def _shifted_series(request: Series, builder: Builder) -> tuple[Any, Any, Any]:
    """The series in the distance from the point, which keeps its terms in order; the variable and the point."""
    from ..reading.clauses import preferred

    symbol = builder.symbol(request.variable or preferred(variables_of(request.expression)))
    expression: Any = builder.build(request.expression)
    point = builder.build(request.point)
    if point.is_infinite or not point.is_number:
        raise ToolError("a series is taken around a number: series of ln(x) around 1")
    value = expression.subs(symbol, symbol + point).series(symbol, 0, request.order + 1)
    if value.has(*_unevaluated()):
        raise ToolError("no series was found at this point; try another: series of ln(x) around 1")
    return value, symbol, point


def accumulate(request: Accumulate, reading: Reading) -> Solution:
    builder = Builder()
    value = accumulated(request, builder, reading)
    if value.is_infinite:
        return reading.solution(value, text=f"diverges ({plain(value)})")
    return reading.solution(value)


def accumulated(request: Accumulate, builder: Builder, reading: Reading) -> Any:
    """The value of a sum or product.

    Raises:
        ToolError: if it does not converge or no value was found.
    """
    import sympy

    names = (request.variable, *variables_of(request.lower, request.upper))
    builder = Builder(real=builder.real, integers=(*builder.integers, *names))
    term, symbol = builder.build(request.expression), builder.symbol(request.variable)
    bounds = (symbol, builder.build(request.lower), builder.build(request.upper))
    operation = sympy.summation if request.kind == "sum" else sympy.product
    value = operation(term, bounds)
    value = _generic(value)[0]
    if value.has(sympy.nan, sympy.zoo, sympy.AccumBounds):
        raise ToolError(f"this {request.kind} does not converge")
    if value.has(sympy.Sum, sympy.Product) and value.is_number:
        reading.assume("no closed form was found; computed numerically")
        value = value.evalf(20)
    if value.has(*_unevaluated()):
        raise ToolError(f"no closed form was found for this {request.kind}; give numbers as bounds")
    if value.free_symbols:
        value = sympy.factor(value) if value.is_polynomial() else tidy(value)
    return value
