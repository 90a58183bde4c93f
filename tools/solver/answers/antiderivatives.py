"""Antiderivatives: SymPy's first, then rules of our own for what it leaves, all of them under one limit of time.

Our rules are the two that a course teaches: substitution (roots, trigonometric functions by Bioche's rules, powers of
e, logarithms) and parts (a logarithm or an inverse function against the rest), each leading to an integral that is
searched again. What they find is kept only if its derivative is the integrand at sample points, so that a rule may be
bold.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from ..reading.syntax import Node, variables_of
from .build import Builder
from .numeric import same_function
from .patience import OutOfPatience, within
from .real_forms import real_form

# SymPy's methods raise anything on integrands that they were not made for.
_FAULTS = Exception
_DEPTH = 4
_MOST_OPERATIONS = 150


def antiderivative(expression: Node, name: str) -> Any | None:
    """A function whose derivative is the integrand, in real symbols, or `None`.

    SymPy finds different ones for a complex, a real and a positive variable, and none for some of them. What it finds
    at all it mostly finds soon, so our rules have their turn before it is given the rest of the time.

    Args:
        expression: the integrand.
        name: the variable of integration.
    """
    from sympy import integrate
    from sympy.integrals.manualintegrate import manualintegrate

    attempts = _Attempts(expression, name)
    anything, real = Builder(real=False), Builder()
    found = attempts.take(integrate, anything, 0.25)
    late = attempts.late
    if found is None and not anything.build(expression).is_rational_function():
        found = attempts.take(search, real, 0.4)
        if found is None:
            found = attempts.take(manualintegrate, anything, 0.1)
    for builder in (anything,) if late else (real, Builder(positive=attempts.letters)):
        if found is None:
            found = attempts.take(integrate, builder, 0.9)
    return next((one for one in (found, attempts.complex, attempts.unchecked) if one is not None), None)


class _Attempts:
    """One method after the other on an integrand.

    Args:
        expression: the integrand.
        name: the variable.
    """

    def __init__(self, expression: Node, name: str) -> None:
        self.expression = expression
        self.name = name
        self.letters = tuple({name: None, **dict.fromkeys(variables_of(expression))})
        self.late = False
        self.complex: Any = None
        self.unchecked: Any = None

    def take(self, method: Callable[[Any, Any], Any], builder: Builder, share: float) -> Any | None:
        """What a method finds in a share of the time left, if its derivative is the integrand.

        Sets `late` to whether it was cut off; keeps in `complex` what has the imaginary unit although the integrand has
        not, and in `unchecked` what could not be compared in numbers.
        """
        from sympy import I

        integrand = builder.build(self.expression)
        self.late = False
        try:
            found = within(share, lambda: method(integrand, builder.symbol(self.name)))
        except OutOfPatience:
            self.late = True
            return None
        except _FAULTS:
            return None
        if found is None or _is_unfinished(found):
            return None
        real = Builder()
        found = found.xreplace({builder.symbol(letter): real.symbol(letter) for letter in self.letters})
        wanted, x = real.build(self.expression), real.symbol(self.name)
        for form in dict.fromkeys((real_form(found, wanted, x), found)):
            if same_function(form.diff(x), wanted):
                if form.has(I) and not wanted.has(I):
                    self.complex = form if self.complex is None else self.complex
                    return None
                return form
        if self.unchecked is None and method is not search:
            self.unchecked = found
        return None


def _is_unfinished(value: Any) -> bool:
    from sympy import Derivative, Integral, Limit, Product, Sum, nan, zoo

    return value.has(Integral, Derivative, Limit, Sum, Product, nan, zoo)


def search(integrand: Any, x: Any) -> Any | None:
    """An antiderivative by substitution and parts, found without a check; `None` if the rules lead nowhere."""
    return _Search().find(integrand, x, _DEPTH)


class _Search:
    """One search; it meets the same integrals again and again, and remembers them."""

    def __init__(self) -> None:
        from sympy import Dummy

        self._known: dict[Any, Any] = {}
        self._anything = Dummy()

    def find(self, integrand: Any, x: Any, depth: int) -> Any | None:
        if not integrand.has(x):
            return integrand * x
        if depth == 0 or integrand.count_ops() > _MOST_OPERATIONS:
            return None
        key = integrand.xreplace({x: self._anything})
        if key in self._known:
            before, found = self._known[key]
            if found is not None or before >= depth:
                return None if found is None else found.xreplace({self._anything: x})
        found = self._find(integrand, x, depth)
        self._known[key] = depth, None if found is None else found.xreplace({x: self._anything})
        return found

    def _find(self, integrand: Any, x: Any, depth: int) -> Any | None:
        import sympy

        constant, rest = integrand.as_independent(x, as_Add=False)
        if isinstance(rest, sympy.Add):
            parts: list[Any] = [self.find(term, x, depth) for term in rest.args]
            if all(part is not None for part in parts):
                return constant * sympy.Add(*parts)
        rules: tuple[Callable[[], Any | None], ...] = (
            lambda: _basic(rest, x),
            lambda: _by_euler(rest, x),
            lambda: next(self._by_parts(rest, x, depth), None),
            lambda: next(self._by_substitution(rest, x, depth), None),
        )
        for rule in rules:
            with contextlib.suppress(_FAULTS):
                if (found := rule()) is not None and not _is_unfinished(found):
                    return constant * found
        return None

    def _by_substitution(self, integrand: Any, x: Any, depth: int) -> Iterator[Any]:
        """Every antiderivative that a new variable t leads to."""
        import sympy

        t = sympy.Dummy("t", positive=True)
        for old, new, speed in _substitutions(integrand, x, t):
            try:
                replaced = _simplified(old * speed)
            except _FAULTS:
                continue
            longer = 0 if new.is_Pow and not replaced.is_rational_function(t) else 15
            if replaced.has(x) or replaced.count_ops() > integrand.count_ops() + longer:
                continue
            found = self.find(replaced, t, depth - 1)
            if found is not None:
                yield found.subs(t, new)

    def _by_parts(self, integrand: Any, x: Any, depth: int) -> Iterator[Any]:
        """Every antiderivative by parts: u is a logarithm or an inverse function, dv the rest."""
        import sympy

        factors = sympy.Mul.make_args(integrand)
        hard = [factor for factor in factors if _is_hard(factor, x)]
        if not hard:
            return
        u = sympy.Mul(*hard)
        v = self.find(sympy.Mul(*(factor for factor in factors if factor not in hard)), x, depth - 1)
        if v is None:
            return
        left = _simplified(v * sympy.diff(u, x))
        again = _simplified(left / integrand)
        if not again.has(x):
            if again != -1:
                yield u * v / (1 + again)
            return
        left = sympy.expand(left, deep=False)
        terms: list[Any] = [self.find(_simplified(term), x, depth - 1) for term in sympy.Add.make_args(left)]
        if all(term is not None for term in terms):
            yield u * v - sympy.Add(*terms)


def _basic(integrand: Any, x: Any) -> Any | None:
    """What SymPy does quickly."""
    from sympy import integrate
    from sympy.integrals.manualintegrate import manualintegrate

    if integrand.is_rational_function(x):
        found: Any = integrate(integrand, x)
    else:
        try:
            found = within(0.3, lambda: manualintegrate(integrand, x), most=0.4)
        except OutOfPatience:
            return None
    return None if _is_unfinished(found) else found


def _substitutions(integrand: Any, x: Any, t: Any) -> Iterator[tuple[Any, Any, Any]]:
    """(integrand in t, t in x, dx/dt) for each substitution that may help."""
    import sympy
    from sympy.functions.elementary.trigonometric import TrigonometricFunction

    angles = {part.args[0] for part in integrand.atoms(TrigonometricFunction) if part.has(x)}
    if angles and all((angle / x).is_number for angle in angles):
        yield from _trigonometric(integrand, x, t)
    raised = [part for part in integrand.atoms(sympy.Pow) if not part.base.has(x) and part.exp.has(x)]
    if raised and all((part.exp / x).is_Rational and part.base == raised[0].base for part in raised):
        unit = sympy.gcd_list([part.exp / x for part in raised])
        steepness = unit * sympy.log(raised[0].base)
        yield (
            integrand.subs({part: t ** (part.exp / x / unit) for part in raised}).subs(x, sympy.log(t) / steepness),
            raised[0].base ** (unit * x),
            1 / (steepness * t),
        )
    powers = {part.args[0] for part in integrand.atoms(sympy.exp) if part.has(x)}
    if powers and all((power / x).is_Rational for power in powers):
        unit = sympy.gcd_list([power / x for power in powers])
        yield integrand.subs(x, sympy.log(t) / unit), sympy.exp(unit * x), 1 / (unit * t)
    if integrand.has(sympy.log(x)):
        yield integrand.subs(x, sympy.exp(t)), sympy.log(x), sympy.exp(t)
    for root in sorted((part for part in integrand.atoms(sympy.Pow) if _is_root(part, x)), key=sympy.count_ops):
        inside, degree = root.base, root.exp.q
        a, c, power = _binomial(inside, x)
        if power is not None:
            old = ((t**degree - c) / a) ** sympy.Rational(1, power)
            yield (
                integrand.subs(inside, t**degree).subs(x, old),
                inside ** sympy.Rational(1, degree),
                sympy.diff(old, t),
            )
    for root in integrand.atoms(sympy.Pow):
        if (ends := _quotient_of_lines(root, x)) is not None:
            (a, b), (c, d), degree = *ends, root.exp.q
            old = (d * t**degree - b) / (a - c * t**degree)
            yield (
                integrand.subs(root.base, t**degree).subs(x, old),
                root.base ** sympy.Rational(1, degree),
                sympy.diff(old, t),
            )
    if integrand.is_algebraic_expr(x):
        for power in (2, 3, 4, -1):
            old = t ** sympy.Rational(1, power)
            yield integrand.subs(x, old), x**power, sympy.diff(old, t)


def _by_euler(integrand: Any, x: Any) -> Any | None:
    """Euler's substitutions, which make a rational function of one of x and the root of a quadratic."""
    import sympy
    from sympy import sqrt

    roots = {part.base for part in integrand.atoms(sympy.Pow) if _is_root(part, x)}
    inside = roots.pop() if len(roots) == 1 else sympy.S.Zero
    t, mark = sympy.Dummy("t"), sympy.Dummy()
    marked = integrand.replace(
        lambda part: part.is_Pow and part.base == inside and part.exp.is_Rational and part.exp.q == 2,
        lambda part: mark ** (2 * part.exp),
    )
    coefficients = sympy.Poly(inside, x).all_coeffs() if inside.is_polynomial(x) else []
    if len(coefficients) != 3 or not marked.is_rational_function(x, mark):
        return None
    a, b, c = coefficients
    if a.is_positive:
        old, new = (t**2 - c) / (b + 2 * sqrt(a) * t), sqrt(inside) + sqrt(a) * x
        root = t - sqrt(a) * old
    elif c.is_positive:
        old, new = (2 * sqrt(c) * t - b) / (a - t**2), (sqrt(inside) - sqrt(c)) / x
        root = old * t + sqrt(c)
    else:
        return None
    rational = sympy.cancel(marked.subs({x: old, mark: root}) * sympy.diff(old, t))
    found: Any = sympy.integrate(rational, t)
    return None if _is_unfinished(found) else found.subs(t, new)


def _is_root(part: Any, x: Any) -> bool:
    return bool(part.has(x) and part.exp.is_Rational and part.exp.q > 1 and part.base.is_polynomial(x))


def _quotient_of_lines(root: Any, x: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]] | None:
    """(a, b) and (c, d) of a root of (a x + b)/(c x + d); `None` for anything else."""
    import sympy

    if not (root.exp.is_Rational and root.exp.q > 1 and root.base.has(x) and root.base.is_rational_function(x)):
        return None
    sides = [sympy.Poly(side, x) for side in sympy.fraction(sympy.together(root.base))]
    if any(side.degree() > 1 for side in sides) or sides[1].degree() == 0:
        return None
    (a, b), (c, d) = ((side.coeff_monomial(x), side.coeff_monomial(1)) for side in sides)
    return (a, b), (c, d)


def _binomial(polynomial: Any, x: Any) -> tuple[Any, Any, int | None]:
    """a, c and n of a x^n + c; n is `None` for any other polynomial."""
    from sympy import Poly

    terms = dict(Poly(polynomial, x).as_dict())
    c = terms.pop((0,), 0)
    if len(terms) != 1:
        return None, None, None
    ((power,), a) = next(iter(terms.items()))
    return a, c, power


def _trigonometric(integrand: Any, x: Any, t: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Bioche's rules: what leaves f(x) dx unchanged says which of cos x, sin x and tan x to take for t."""
    import sympy
    from sympy import cos, pi, sin, sqrt, tan

    form = sympy.expand_trig(_in_sine_and_cosine(integrand))
    if same_function(integrand, -integrand.subs(x, -x)):
        yield form.subs({sin(x): sqrt(1 - t**2), cos(x): t}), cos(x), -1 / sqrt(1 - t**2)
    if same_function(integrand, -integrand.subs(x, pi - x)):
        yield form.subs({cos(x): sqrt(1 - t**2), sin(x): t}), sin(x), 1 / sqrt(1 - t**2)
    if same_function(integrand, integrand.subs(x, x + pi)):
        yield form.subs({sin(x): t / sqrt(1 + t**2), cos(x): 1 / sqrt(1 + t**2)}), tan(x), 1 / (1 + t**2)
    half = {sin(x): 2 * t / (1 + t**2), cos(x): (1 - t**2) / (1 + t**2)}
    yield form.subs(half), tan(x / 2), 2 / (1 + t**2)


def _in_sine_and_cosine(form: Any) -> Any:
    import sympy
    from sympy import cos, sin

    return form.replace(sympy.tan, lambda angle: sin(angle) / cos(angle)).replace(
        sympy.cot, lambda angle: cos(angle) / sin(angle)
    ).replace(sympy.sec, lambda angle: 1 / cos(angle)).replace(sympy.csc, lambda angle: 1 / sin(angle))  # fmt: skip


def _is_hard(factor: Any, x: Any) -> bool:
    import sympy
    from sympy.functions.elementary.trigonometric import InverseTrigonometricFunction

    base = factor.base if factor.is_Pow and factor.exp.is_Integer and factor.exp > 0 else factor
    kinds = (sympy.log, InverseTrigonometricFunction, sympy.asinh, sympy.acosh, sympy.atanh)
    return isinstance(base, kinds) and base.has(x)


def _simplified(value: Any) -> Any:
    import sympy

    return sympy.simplify(sympy.powdenest(value, force=True))
