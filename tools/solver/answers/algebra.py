"""Rewriting: simplify, expand, factor, divisors."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ...errors import ToolError
from ..reading.syntax import Rewrite
from ..solution import Solution
from .build import Builder
from .numeric import same_function
from .patience import OutOfPatience, within
from .presenting import Reading, check_defined
from .printing import integer_text, plain

if TYPE_CHECKING:
    from sympy import Expr

_MAX_DIVISORS = 200


def rewrite(request: Rewrite, reading: Reading) -> Solution:
    """An expression in another form, checked at sample points."""
    value = Builder().build(request.expression)
    check_defined(value)
    if value.is_Rational and request.kind in ("factor", "divisors"):
        return _integer(request, value, reading)
    kind = "factor" if request.kind == "divisors" else request.kind
    result = rewritten(kind, value)
    agrees = bool(value.free_symbols) and same_function(value, result)
    text = None
    if kind == "factor" and result == value and value.free_symbols and not result.is_Mul and not result.is_Pow:
        text = f"{plain(result)} (does not factor over the rational numbers)"
    return reading.solution(result, text=text, verified="checked at sample points" if agrees else None)


def rewritten(kind: str, value: Expr) -> Expr:
    """`value` simplified, expanded or factored."""
    import sympy

    if kind == "expand":
        expanded: Any = sympy.expand(value)
        return expanded
    if kind == "factor":
        factored: Any = sympy.factor(value)
        return factored
    simpler: Any = sympy.simplify(value)
    return simpler if simpler.count_ops() <= value.count_ops() else value


def shortest_form(value: Any) -> Any:
    """The shorter of the value as it came, expanded, factored and simplified."""
    import sympy

    forms = [value]
    if value.count_ops() < 200:
        forms += [sympy.expand(value), sympy.factor_terms(value)]
        if not value.is_polynomial():
            with contextlib.suppress(OutOfPatience):
                forms.append(within(0.2, lambda: sympy.simplify(value), most=1.0))
    return min(forms, key=lambda form: form.count_ops())


def _integer(request: Rewrite, value: Any, reading: Reading) -> Solution:
    if not value.is_Integer:
        raise ToolError("only whole numbers and polynomials have factors: factor 360 or factor x^2 - 4")
    if value == 0:
        raise ToolError("0 has no factorisation; every number divides it")
    if request.kind == "divisors":
        return _divisors(int(value), value, reading)
    return _prime_factors(int(value), value, reading)


def _prime_factors(number: int, value: Any, reading: Reading) -> Solution:
    from sympy import factorint, isprime

    factors = factorint(abs(number))
    complete = all(isprime(prime) for prime in factors)
    parts = [f"{integer_text(prime)}^{power}" if power > 1 else integer_text(prime) for prime, power in factors.items()]
    text = ("-" if number < 0 else "") + (" * ".join(parts) or "1")
    latex = text.replace(" * ", r" \cdot ")
    if len(factors) == 1 and list(factors.values()) == [1]:
        text += " (prime)" if number > 0 else ""
    return reading.solution(
        value, text=text, exact=text, latex=latex, verified="factors are prime and multiply back" if complete else None
    )


def _divisors(number: int, value: Any, reading: Reading) -> Solution:
    from sympy import divisor_count, divisors

    count = int(divisor_count(abs(number)))
    if count > _MAX_DIVISORS:
        raise ToolError(f"{number} has {count} divisors, too many to list; ask for its prime factors: factor {number}")
    text = ", ".join(str(divisor) for divisor in divisors(abs(number)))
    return reading.solution(value, text=text, exact=text, latex=text)
