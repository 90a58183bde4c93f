"""Numbers that are too long to be written out, by their first digits: `7^(10^10)` is about 1.389e8450980400.

Computed with mpmath, whose exponents have no bound; what would need an exponent of more than 50 bits is refused.
"""

from __future__ import annotations

from typing import Any

from ..reading.syntax import Apply, Constant, Evaluate, Node, Number, Request
from ..solution import Solution
from .cost import TooLargeError
from .presenting import Reading
from .untyped import sympy_library

_MOST_LOG2 = 1e15
_GUARD_DIGITS = 25


def magnitude(request: Request, reading: Reading, refusal: TooLargeError) -> Solution:
    """The first digits of a value that is too long.

    Raises:
        TooLargeError: the refusal, if the request is no plain number or its value is out of reach.
    """
    if not isinstance(request, Evaluate) or request.at or request.form != "plain":
        raise refusal
    from mpmath import log, mp, nstr

    sympy = sympy_library()
    with mp.workdps(reading.precision + _GUARD_DIGITS):
        value = _value(request.expression, refusal)
        if not value or mp.isinf(value) or mp.isnan(value):
            raise refusal
        digits = int(log(abs(value), 10)) + 1
        figures = str(nstr(value, reading.precision, strip_zeros=True))
        written = figures.replace("e+", "e").replace(".0e", "e").removesuffix(".0")
    large = digits > reading.precision
    reading.assume("the exact value is too long to be written out")
    text = f"about {written} ({digits} digits before the point)" if large else f"about {written}"
    mantissa, _, power = written.partition("e")
    latex = rf"\approx {mantissa} \times 10^{{{power}}}" if power else rf"\approx {mantissa}"
    return reading.solution(sympy.S.One, text=text, exact=f"about {written}", number=written, latex=latex)


def _value(node: Node, refusal: TooLargeError) -> Any:
    from mpmath import e, factorial, log, mpf, pi, sqrt

    if isinstance(node, Number):
        return mpf(node.value.numerator) / node.value.denominator
    if isinstance(node, Constant) and node.name in ("pi", "e"):
        return +(pi if node.name == "pi" else e)
    if not isinstance(node, Apply):
        raise refusal
    parts = [_value(part, refusal) for part in node.args]
    match node.name:
        case "+":
            return sum(parts)
        case "*":
            product = mpf(1)
            for part in parts:
                product *= part
            return product
        case "neg":
            return -parts[0]
        case "reciprocal" if parts[0]:
            return 1 / parts[0]
        case "^" | "exp":
            base, exponent = parts if node.name == "^" else (mpf(e), parts[0])
            if base <= 0 and (base == 0 or exponent != int(exponent)):
                raise refusal
            if abs(exponent) * max(abs(log(abs(base), 2)), 1) > _MOST_LOG2:
                raise refusal
            return base ** (int(exponent) if exponent == int(exponent) else exponent)
        case "!" | "factorial" if 0 <= parts[0] < _MOST_LOG2 / 64:
            return factorial(parts[0])
        case "ln" | "log" if len(parts) == 1 and parts[0] > 0:
            return log(parts[0])
        case "log10" if parts[0] > 0:
            return log(parts[0], 10)
        case "sqrt" if parts[0] >= 0:
            return sqrt(parts[0])
        case _:
            raise refusal
