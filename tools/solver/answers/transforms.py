"""Fourier and z transforms, Fourier series and convolutions; Laplace transforms are in `laplace`.

What is usual is transformed by rules here, since SymPy takes seconds for some of it; the rest goes to SymPy with a time
limit. Results are compared with numerical integrals or sums.
"""

from __future__ import annotations

import math
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from . import laplace
from .domain import Handler
from .laplace import CHECKED, FAULTS, positive_builder, sample_numbers, simplest_image
from .numeric import numeric_function, same_function
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import latex_of, plain
from .untyped import machine_numbers, sympy_library


def _fourier(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    builder = positive_builder(ask, reading)
    x, function = builder.symbol(ask.words[0]), builder.build(ask.args[0])
    omega = sympy.Symbol("omega", real=True)
    reading.assume("F(omega) is the integral of f(x)*e^(-i*omega*x) over all x")
    total: Any = sympy.Integer(0)
    for term in sympy.Add.make_args(sympy.expand(function)):
        total += _fourier_term(term, x, omega)
    verified = CHECKED if _fourier_agrees(function, total, x, omega) else None
    return reading.solution(total, verified=verified)


def _fourier_term(term: Any, x: Any, omega: Any) -> Any:
    sympy = sympy_library()

    constant, rest = term.as_independent(x, as_Add=False)
    a = sympy.Wild("a", exclude=[x], properties=[lambda value: value != 0])
    b = sympy.Wild("b", exclude=[x])
    image: Any = None
    if rest == 1:
        image = 2 * sympy.pi * sympy.DiracDelta(omega)
    elif (found := rest.match(sympy.exp(-a * x**2))) and found[a].is_positive:
        image = sympy.sqrt(sympy.pi / found[a]) * sympy.exp(-(omega**2) / (4 * found[a]))
    elif (found := rest.match(sympy.exp(-a * sympy.Abs(x)))) and found[a].is_positive:
        image = 2 * found[a] / (omega**2 + found[a] ** 2)
    elif (found := rest.match(sympy.exp(-a * x) * sympy.Heaviside(x))) and found[a].is_positive:
        image = 1 / (found[a] + sympy.I * omega)
    elif (found := rest.match(1 / (x**2 + a))) and found[a].is_positive:
        image = sympy.pi / sympy.sqrt(found[a]) * sympy.exp(-sympy.sqrt(found[a]) * sympy.Abs(omega))
    elif found := rest.match(sympy.DiracDelta(x + b)):
        image = sympy.exp(sympy.I * omega * found[b])
    elif found := rest.match(sympy.cos(a * x)):
        image = sympy.pi * (sympy.DiracDelta(omega - found[a]) + sympy.DiracDelta(omega + found[a]))
    elif found := rest.match(sympy.sin(a * x)):
        image = sympy.pi * sympy.I * (sympy.DiracDelta(omega + found[a]) - sympy.DiracDelta(omega - found[a]))
    return constant * (image if image is not None else _fourier_by_sympy(rest, x, omega))


def _fourier_by_sympy(function: Any, x: Any, omega: Any) -> Any:
    sympy = sympy_library()

    k = sympy.Symbol("k", real=True)
    try:
        value = within(0.7, lambda: sympy.fourier_transform(function, x, k), most=6.0)
    except (OutOfPatience, *FAULTS):
        value = None
    if value is None or value.has(sympy.FourierTransform, sympy.Integral):
        raise ToolError("no Fourier transform was found in closed form; the integral may diverge")
    return sympy.simplify(value.subs(k, omega / (2 * sympy.pi)))


def _fourier_agrees(function: Any, image: Any, x: Any, omega: Any) -> bool:
    import cmath

    fp = machine_numbers()

    numbers = sample_numbers(function, [x])
    try:
        start, plain_function = -math.inf, function.subs(numbers)
        sympy = sympy_library()

        if plain_function.has(sympy.Heaviside(x)):
            start, plain_function = 0.0, plain_function.subs(sympy.Heaviside(x), 1)
        values = numeric_function(plain_function, [x])
        for place in (0.7, 1.9):
            pieces = [piece for piece in (-40, -12, -4, -1, 0, 1, 4, 12, 40) if piece >= start]
            total = complex(fp.quad(lambda p, w=place: complex(values(p)) * cmath.exp(-1j * w * p), pieces))
            expected = complex(image.subs(numbers).subs(omega, place).evalf())
            if abs(total - expected) > 1e-5 * (1 + abs(expected)):
                return False
    except FAULTS:
        return False
    return True


def _inverse_fourier(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    builder = positive_builder(ask, reading)
    omega, image = builder.symbol(ask.words[0]), builder.build(ask.args[0])
    x = sympy.Symbol("x", real=True)
    reading.assume("f(x) is the integral of F(omega)*e^(i*omega*x)/(2*pi) over all omega")
    # The inverse transform is the transform at -x, divided by 2*pi.
    total = sum((_fourier_term(term, omega, x) for term in sympy.Add.make_args(sympy.expand(image))), sympy.Integer(0))
    verified = CHECKED if _fourier_agrees(image, total, omega, x) else None
    return reading.solution((total / (2 * sympy.pi)).subs(x, -x), verified=verified)


def _fourier_series(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    from sympy.simplify.fu import TR8

    builder = positive_builder(ask, reading)
    x, function = builder.symbol(ask.words[0]), builder.build(ask.args[0])
    lower, upper = (builder.build(node) for node in ask.args[1:])
    if not (lower.is_number and upper.is_number and lower.is_finite and upper.is_finite and lower < upper):
        raise ToolError("a Fourier series needs an interval of numbers: fourier series of x on [-pi, pi]")
    half = (upper - lower) / 2
    count = int(ask.words[1])

    def coefficient(wave: Any) -> Any:
        product = function * wave
        if function.has(sympy.sin, sympy.cos):
            product = TR8(sympy.expand(product))  # products of waves to sums, which are integrated at once
        return sympy.simplify(sympy.integrate(product, (x, lower, upper)) / half)

    try:
        mean = within(0.3, lambda: coefficient(sympy.Integer(1)) / 2, most=3.0)
        general = "" if function.has(sympy.sin, sympy.cos) else _general_coefficients(coefficient, half, x)
        terms = [mean]
        n = 0
        while len([term for term in terms if term != 0]) < count + (mean != 0) and n < 2 * count + 2:
            n += 1
            angle = n * sympy.pi * x / half
            pair = [within(0.5, lambda w=w: coefficient(w) * w, most=2.0) for w in (sympy.cos(angle), sympy.sin(angle))]
            terms += pair
    except (OutOfPatience, *FAULTS):
        raise ToolError("the coefficients of this Fourier series could not be integrated in closed form") from None
    if any(term.has(sympy.Integral) for term in terms):
        raise ToolError("the coefficients of this Fourier series could not be integrated in closed form")
    kept = [term for term in terms if term != 0]
    text = _signed_sum([plain(term) for term in kept])
    verified = CHECKED if _coefficients_agree(function, kept, x, lower, upper) else None
    total: Any = sympy.Add(*kept)
    finite = len(kept) < count + (mean != 0)
    shown = text if finite else f"{text} + ..."
    latex = latex_of(total) + ("" if finite else r" + \cdots")
    return reading.solution(total, text=f"{shown}{general}", exact=text, number="", latex=latex, verified=verified)


def _signed_sum(terms: list[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ") or "0"


def _general_coefficients(coefficient: Any, half: Any, x: Any) -> str:
    sympy = sympy_library()

    n = sympy.Symbol("n", integer=True, positive=True)
    angle = n * sympy.pi * x / half
    try:
        pair = [within(0.25, lambda w=w: coefficient(w), most=1.5) for w in (sympy.cos(angle), sympy.sin(angle))]
    except (OutOfPatience, *FAULTS):
        return ""
    named = [f"{name} = {plain(value)}" for name, value in zip(("a_n", "b_n"), pair, strict=True)]
    usable = not any(value.has(sympy.Integral, sympy.Piecewise) for value in pair)
    return f"; {', '.join(named)}" if usable else ""


def _coefficients_agree(function: Any, terms: list[Any], x: Any, lower: Any, upper: Any) -> bool:
    """Whether the remainder is orthogonal to each term that was kept."""
    fp = machine_numbers()

    try:
        values = numeric_function(function, [x])
        pieces = [float(lower) + k * float(upper - lower) / 8 for k in range(9)]
        for term in terms:
            wave = numeric_function(term, [x])
            inner = complex(fp.quad(lambda p, w=wave: complex(values(p)) * complex(w(p)), pieces))
            square = complex(fp.quad(lambda p, w=wave: complex(w(p)) ** 2, pieces))
            if abs(inner - square) > 1e-7 * (1 + abs(square)):
                return False
    except FAULTS:
        return False
    return True


def _z_transform(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    builder = positive_builder(ask, reading)
    n = builder.symbol(ask.words[0])
    function: Any = builder.build(ask.args[0])
    z = sympy.Symbol("z")

    reading.assume("the sum of x(n)*z^(-n) over n = 0, 1, 2, ...")
    function = function.replace(sympy.Heaviside, lambda *_: sympy.Integer(1))
    total: Any = sympy.Integer(0)
    for term in sympy.Add.make_args(sympy.expand(function)):
        total += _z_term(term, n, z)
    total = sympy.factor(total) if total.is_rational_function(z) else total
    numbers = sample_numbers(function, [n])
    place = 20.0
    series = sum(complex(function.subs(numbers).subs(n, k).evalf()) / place**k for k in range(40))
    agrees = abs(series - complex(total.subs(numbers).subs(z, place).evalf())) < 1e-7 * (1 + abs(series))
    return reading.solution(total, verified="checked by summing the series" if agrees else None)


def _z_term(term: Any, n: Any, z: Any) -> Any:
    sympy = sympy_library()

    constant, power, ratio, wave = sympy.Integer(1), 0, sympy.Integer(1), None
    for factor in sympy.Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if not factor.has(n):
            constant *= factor
        elif base == n and exponent.is_Integer and 0 < exponent <= 8:
            power += int(exponent)
        elif not base.has(n) and not sympy.expand(exponent).coeff(n).has(n):
            slope = sympy.expand(exponent).coeff(n)
            ratio *= base**slope
            constant *= base ** sympy.expand(exponent - slope * n)
        elif isinstance(factor, sympy.sin | sympy.cos) and wave is None:
            wave = factor
        else:
            raise ToolError("no z transform was found for this sequence; it may hold n^k, a^n, sin(b*n) and cos(b*n)")
    if constant.has(n):
        raise ToolError("no z transform was found for this sequence; it may hold n^k, a^n, sin(b*n) and cos(b*n)")
    if wave is None:
        image: Any = z / (z - ratio)
    else:
        b = wave.args[0].coeff(n)
        if sympy.expand(wave.args[0] - b * n) != 0:
            raise ToolError("no z transform was found for this sequence; waves are sin(b*n) and cos(b*n)")
        w = z / ratio
        upper = w * sympy.sin(b) if isinstance(wave, sympy.sin) else w * (w - sympy.cos(b))
        image = sympy.together(upper / (w**2 - 2 * w * sympy.cos(b) + 1))
    for _ in range(power):
        image = sympy.factor(-z * image.diff(z))
    return constant * image


def _inverse_z(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()

    builder = positive_builder(ask, reading)
    z, image = builder.symbol(ask.words[0]), builder.build(ask.args[0])
    if not image.is_rational_function(z):
        raise ToolError("the inverse z transform is found for quotients of polynomials: z/(z - 2)")
    n = sympy.Symbol("n", integer=True, nonnegative=True)
    total: Any = sympy.Integer(0)
    for part in sympy.Add.make_args(sympy.apart(sympy.together(image / z), z)):
        numerator, denominator = sympy.fraction(sympy.together(part))
        constant, factors = sympy.factor_list(denominator, z)
        if len(factors) != 1 or sympy.degree(factors[0][0], z) != 1 or numerator.has(z):
            raise ToolError("no inverse z transform was found; the denominator must have rational zeros")
        base, times = factors[0]
        lead, root = base.coeff(z), -base.subs(z, 0) / base.coeff(z)
        if root == 0:
            total += numerator / constant / lead**times * sympy.KroneckerDelta(n, times - 1)
            continue
        total += (
            numerator
            / (constant * lead**times)
            * sympy.binomial(n, times - 1).expand(func=True)
            * root ** (n - times + 1)
        )
    total = sympy.simplify(total)
    checked = same_function(_z_again(total, n, z), image) if not total.has(sympy.KroneckerDelta) else False
    return reading.solution(total, verified="checked by transforming back" if checked else None)


def _z_again(sequence: Any, n: Any, z: Any) -> Any:
    sympy = sympy_library()

    try:
        return sum((_z_term(term, n, z) for term in sympy.Add.make_args(sympy.expand(sequence))), sympy.Integer(0))
    except ToolError:
        return sympy.nan


def _convolution(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    fp = machine_numbers()

    builder = positive_builder(ask, reading)
    t = builder.symbol(ask.words[0])
    tau = sympy.Symbol("tau", positive=True)
    positive = sympy.Symbol(t.name, positive=True)
    first, second = (builder.build(node).subs(t, positive) for node in ask.args)
    reading.assume(f"the integral of f(tau)*g({t} - tau) from 0 to {t}")
    integrand = sympy.expand(first.subs(positive, tau) * sympy.expand_trig(second.subs(positive, positive - tau)))
    try:
        value = within(0.7, lambda: sympy.simplify(sympy.integrate(integrand, (tau, 0, positive))), most=6.0)
    except (OutOfPatience, *FAULTS):
        value = sympy.nan
    if value.has(sympy.Integral, sympy.nan):
        raise ToolError("no closed form was found for this convolution")
    value = simplest_image(sympy.expand_trig(value))
    checked = True
    numbers = sample_numbers(integrand, [positive, tau])
    try:
        for place in (0.8, 2.3):
            inner = numeric_function(integrand.subs(numbers).subs(positive, place), [tau])
            expected = complex(value.subs(numbers).subs(positive, place).evalf())
            checked &= abs(complex(fp.quad(inner, [0, place / 2, place])) - expected) < 1e-7 * (1 + abs(expected))
    except FAULTS:
        checked = False
    return reading.solution(value, verified=CHECKED if checked else None)


HANDLERS: dict[str, Handler] = {
    **laplace.HANDLERS,
    "fourier transform": _fourier,
    "inverse fourier transform": _inverse_fourier,
    "fourier series": _fourier_series,
    "z transform": _z_transform,
    "inverse z transform": _inverse_z,
    "convolution": _convolution,
}
