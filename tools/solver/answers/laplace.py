"""Laplace transforms and their inverses.

Sums of t^n*e^(at)*cos(bt) and the like, with steps and impulses, are transformed by rules here, since SymPy takes
seconds for some of them; the rest goes to SymPy with a time limit. Results are compared with numerical integrals.
"""

from __future__ import annotations

import math
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, variables_of
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .numeric import numeric_function
from .patience import OutOfPatience, within
from .presenting import Reading
from .untyped import machine_numbers, sympy_library

FAULTS = (ArithmeticError, AssertionError, AttributeError, KeyError, NotImplementedError, TypeError, ValueError)
_PARAMETER_VALUES = (0.7291, 1.1172, 0.5639, 1.4741)
CHECKED = "checked by numerical integration"


def positive_builder(ask: Ask, reading: Reading) -> Builder:
    names = tuple(name for name in variables_of(*ask.args) if name not in ask.words[:1])
    if names:
        reading.assume(f"for {', '.join(f'{name} > 0' for name in names)}")
    return (
        Builder(positive=(*names, *ask.words[:1]))
        if ask.name.endswith("laplace transform")
        else Builder(positive=names)
    )


def sample_numbers(expression: Any, kept: list[Any]) -> Any:
    """Sample numbers for the parameters."""
    others = sorted(expression.free_symbols - set(kept), key=str)
    return {symbol: _PARAMETER_VALUES[place % 4] for place, symbol in enumerate(others)}


def _laplace(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    builder = positive_builder(ask, reading)
    t, function = builder.symbol(ask.words[0]), builder.build(ask.args[0])
    s = sympy.Symbol("s", positive=True)
    if s.name in variables_of(*ask.args):
        raise ToolError("the Laplace transform is a function of s; name the variable of the function t")
    value = _laplace_of(function, t, s)
    verified = CHECKED if _agrees(function, value, t, s) else None
    return reading.solution(value, verified=verified)


def _laplace_of(function: Any, t: Any, s: Any) -> Any:
    sympy = sympy_library()
    from sympy.simplify.fu import TR8

    prepared = function
    if prepared.has(sympy.sin, sympy.cos) and not prepared.has(sympy.Heaviside, sympy.DiracDelta):
        prepared = TR8(sympy.expand(sympy.expand_trig(prepared) if _has_phase(prepared, t) else prepared))
    total: Any = sympy.Integer(0)
    delayed: dict[Any, Any] = {}
    for term in sympy.Add.make_args(sympy.expand(prepared)):
        step = next((f for f in sympy.Mul.make_args(term) if isinstance(f, sympy.Heaviside | sympy.DiracDelta)), None)
        if step is not None:
            delayed[step] = delayed.get(step, 0) + term / step
            continue
        found = _laplace_term(term, t, s)
        if found is None:
            return _laplace_by_sympy(function, t, s)
        total += found
    for step, rest in delayed.items():
        start = t - step.args[0]
        if start.has(t) or start.is_negative:
            return _laplace_by_sympy(function, t, s)
        if isinstance(step, sympy.DiracDelta):
            total += sympy.exp(-start * s) * rest.subs(t, start)
        else:
            total += sympy.exp(-start * s) * _laplace_of(sympy.expand(rest.subs(t, t + start)), t, s)
    return _tidy_quotient(total)


def _has_phase(function: Any, t: Any) -> bool:
    sympy = sympy_library()

    return any(wave.args[0].subs(t, 0) != 0 for wave in function.atoms(sympy.sin, sympy.cos))


def _tidy_quotient(total: Any) -> Any:
    sympy = sympy_library()

    if not total.is_Add:
        return total
    joined = sympy.factor(sympy.together(total))
    return joined if joined.count_ops() <= 1.2 * total.count_ops() and not total.has(sympy.exp) else total


def _laplace_term(term: Any, t: Any, s: Any) -> Any:
    """The transform of a product of powers, exponentials and waves; `None` for all else."""
    sympy = sympy_library()

    constant: Any = sympy.Integer(1)
    power: Any = sympy.Integer(0)
    growth: Any = sympy.Integer(0)
    wave: Any = None
    for factor in sympy.Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if not factor.has(t):
            constant *= factor
        elif base == t and not exponent.has(t):
            power += exponent
        elif not base.has(t):
            slope = sympy.expand(exponent * sympy.log(base)).coeff(t)
            rest = sympy.expand(exponent * sympy.log(base) - slope * t)
            if slope.has(t) or rest.has(t):
                return None
            growth += slope
            constant *= sympy.exp(rest)
        elif isinstance(factor, sympy.sin | sympy.cos | sympy.sinh | sympy.cosh) and wave is None:
            wave = factor
        else:
            return None
    image = _wave_image(wave, t, s, power)
    if image is None:
        return None
    if power.is_Integer and power >= 0 and wave is not None:
        image = sympy.factor((-1) ** power * image.diff(s, power))
    return constant * image.subs(s, s - growth)


def _wave_image(wave: Any, t: Any, s: Any, power: Any) -> Any:
    sympy = sympy_library()

    if wave is None:
        return sympy.gamma(power + 1) / s ** (power + 1) if power.is_number and power > -1 else None
    frequency = wave.args[0].coeff(t)
    if (
        sympy.expand(wave.args[0] - frequency * t) != 0
        or frequency.has(t)
        or not (power.is_Integer and 0 <= power <= 10)
    ):
        return None
    sign = 1 if isinstance(wave, sympy.sin | sympy.cos) else -1
    return (s if isinstance(wave, sympy.cos | sympy.cosh) else frequency) / (s**2 + sign * frequency**2)


def _laplace_by_sympy(function: Any, t: Any, s: Any) -> Any:
    sympy = sympy_library()

    try:
        value = within(0.7, lambda: sympy.laplace_transform(function, t, s, noconds=True), most=6.0)
    except (OutOfPatience, *FAULTS):
        value = None
    if value is None or value.has(sympy.LaplaceTransform, sympy.Integral):
        raise ToolError(
            "no Laplace transform was found in closed form; it may not exist, because the integral diverges"
        )
    return sympy.simplify(value)


def _agrees(function: Any, image: Any, t: Any, s: Any) -> bool:
    """Whether the integral of f(t)*e^(-st) has the value that the transform says, at two places."""
    sympy = sympy_library()

    numbers = sample_numbers(function, [t])
    function, image = function.subs(numbers), image.subs(numbers)
    agreed = 0
    for place in (4.3, 7.9):
        total = 0.0
        try:
            for term in sympy.Add.make_args(sympy.expand(function)):
                total += _laplace_integral(term, t, place)
            expected = complex(image.subs(s, place).evalf())
        except FAULTS:
            return False
        if abs(total - expected) > 1e-6 * (1 + abs(expected)):
            return False
        agreed += 1
    return agreed == 2


def _laplace_integral(term: Any, t: Any, place: float) -> float:
    sympy = sympy_library()
    fp = machine_numbers()

    start = 0.0
    for factor in sympy.Mul.make_args(term):
        if isinstance(factor, sympy.DiracDelta):
            at = t - factor.args[0]
            return float((term / factor).subs(t, at).evalf()) * math.exp(-place * float(at))
        if isinstance(factor, sympy.Heaviside):
            start = max(start, float((t - factor.args[0]).evalf()))
            term = term / factor
    function = numeric_function(term, [t])
    pieces = [start, start + 0.5, start + 2, start + 6, start + 14]
    return float(complex(fp.quad(lambda x: complex(function(x)) * math.exp(-place * x), pieces)).real)


def _inverse_laplace(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    builder = positive_builder(ask, reading)
    s, image = builder.symbol(ask.words[0]), builder.build(ask.args[0])
    t = sympy.Symbol("t", positive=True)
    total: Any = sympy.Integer(0)
    for term in sympy.Add.make_args(sympy.expand(image)) if image.has(sympy.exp) else (image,):
        total += _inverse_term(term, s, t)
    total = simplest_image(total)
    verified = CHECKED if _agrees(total, image, t, s) else None
    return reading.solution(total, verified=verified)


def simplest_image(value: Any) -> Any:
    sympy = sympy_library()

    if value.has(sympy.Heaviside):
        return value
    expanded = sympy.expand(value)
    shortest = min((value, sympy.factor_terms(value)), key=lambda form: (form.count_ops(), len(str(form))))
    return expanded if expanded.count_ops() <= 1.5 * shortest.count_ops() + 2 else shortest


def _inverse_term(term: Any, s: Any, t: Any) -> Any:
    sympy = sympy_library()

    delay, rest = sympy.Integer(0), term
    for factor in sympy.Mul.make_args(term):
        if isinstance(factor, sympy.exp) and factor.has(s):
            slope = sympy.expand(factor.args[0]).coeff(s)
            if slope.has(s) or sympy.expand(factor.args[0] - slope * s).has(s) or slope.is_positive:
                raise ToolError("no inverse Laplace transform was found for this exponential")
            delay, rest = delay - slope, rest / sympy.exp(slope * s)
    rest = sympy.simplify(rest)
    if not rest.is_rational_function(s):
        found = _inverse_by_sympy(rest, s, t)
    else:
        parts = sympy.apart(rest, s) if len(rest.free_symbols) <= 2 else rest
        found: Any = sum((_inverse_fraction(part, s, t) for part in sympy.Add.make_args(parts)), sympy.Integer(0))
    if delay == 0:
        return found
    return sympy.Heaviside(t - delay) * found.subs(t, t - delay)


def _inverse_fraction(part: Any, s: Any, t: Any) -> Any:
    """The inverse of c/(s - a)^n or of (b*s + c) over a quadratic, the rest by SymPy."""
    sympy = sympy_library()

    numerator, denominator = sympy.fraction(sympy.together(part))
    constant, factors = sympy.factor_list(denominator, s)
    if not denominator.has(s):
        degree = sympy.degree(numerator, s) if numerator.has(s) else 0
        return (
            part * sympy.DiracDelta(sympy.Symbol(t.name, real=True)) if degree == 0 else _inverse_by_sympy(part, s, t)
        )
    if len(factors) == 1:
        base, times = factors[0]
        poly = sympy.Poly(base, s)
        if poly.degree() == 1 and not numerator.has(s):
            lead, root = poly.LC(), -poly.coeff_monomial(1) / poly.LC()
            scale = numerator / (constant * lead**times)
            return scale * t ** (times - 1) * sympy.exp(root * t) / sympy.factorial(times - 1)
        if poly.degree() == 2 and times == 1:
            return _inverse_quadratic(numerator / constant, poly, s, t)
    return _inverse_by_sympy(part, s, t)


def _inverse_quadratic(numerator: Any, poly: Any, s: Any, t: Any) -> Any:
    sympy = sympy_library()

    lead, linear, free = poly.all_coeffs()
    upper = sympy.Poly(numerator, s)
    b, c = upper.coeff_monomial(s) / lead, upper.coeff_monomial(1) / lead
    shift = -linear / (2 * lead)
    square = sympy.simplify(free / lead - shift**2)
    if square == 0:
        return (b + (c + b * shift) * t) * sympy.exp(shift * t)
    if square.is_negative or square.could_extract_minus_sign():
        root, even, odd = sympy.sqrt(-square), sympy.cosh, sympy.sinh
    else:
        root, even, odd = sympy.sqrt(square), sympy.cos, sympy.sin
    return sympy.exp(shift * t) * (b * even(root * t) + sympy.simplify((c + b * shift) / root) * odd(root * t))


def _inverse_by_sympy(image: Any, s: Any, t: Any) -> Any:
    sympy = sympy_library()

    try:
        value = within(0.7, lambda: sympy.inverse_laplace_transform(image, s, t), most=6.0)
    except (OutOfPatience, *FAULTS):
        value = None
    if value is None or value.has(sympy.InverseLaplaceTransform, sympy.Integral):
        raise ToolError("no inverse Laplace transform was found in closed form")
    return sympy.simplify(value)


HANDLERS: dict[str, Handler] = {
    "laplace transform": _laplace,
    "inverse laplace transform": _inverse_laplace,
}
