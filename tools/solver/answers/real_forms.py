"""Antiderivatives as a book prints them for real variables: ln|x - 1|, and no imaginary unit where none was asked."""

from __future__ import annotations

from typing import Any


def real_form(found: Any, integrand: Any, x: Any) -> Any:
    """The same antiderivative, up to a constant on each interval, for real x.

    Logarithms that stand alone in the sum take the absolute value; of a case distinction the one case without the
    imaginary unit stays. The result must be checked by differentiation: neither step is right in general.
    """
    import sympy

    if integrand.has(sympy.I):
        return found
    if found.has(sympy.Piecewise) and found.has(sympy.I):
        found = _real_case(sympy.piecewise_fold(found))
    known = {part.args[0] for part in integrand.atoms(sympy.log)}
    return sympy.Add(*(_with_absolute_value(term, x, known) for term in sympy.Add.make_args(found)))


def _real_case(folded: Any) -> Any:
    import sympy

    if not isinstance(folded, sympy.Piecewise):
        return folded
    cases: Any = folded.args
    real = [value for value, _ in cases if not value.has(sympy.I)]
    return real[0] if len(real) == 1 else folded


def _with_absolute_value(term: Any, x: Any, known: set[Any]) -> Any:
    """From c ln(u) to c ln|u|, where u may be negative and the integrand has no such logarithm itself."""
    import sympy

    constant, rest = term.as_independent(x, as_Add=False)
    if not isinstance(rest, sympy.log):
        return term
    inside = rest.args[0]
    if inside in known or inside.is_nonnegative or inside.has(sympy.I, sympy.Abs) or _is_sum_of_squares(inside, x):
        return term
    return constant * sympy.log(sympy.Abs(inside))


def _is_sum_of_squares(inside: Any, x: Any) -> bool:
    """Whether a quadratic in x has no real root and is positive, so that it needs no absolute value."""
    import sympy

    if not inside.is_polynomial(x) or sympy.degree(inside, x) != 2:
        return False
    leading = sympy.Poly(inside, x).LC()
    return bool(leading.is_positive and sympy.discriminant(inside, x).is_negative)
