"""Forms of polynomials, fractions and formulas, each compared with the original where it is a rewriting."""

from __future__ import annotations

import math
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node, Relation, Sequence, variables_of
from ..solution import Solution
from .algebra import shortest_form
from .build import Builder
from .cost import MAX_TERMS, expanded_terms
from .domain import Handler
from .integers import is_prime, number, whole
from .numeric import same_function, vanishes
from .presenting import Reading
from .printing import latex_of, plain
from .untyped import sympy_library

_SAME = "checked at sample points"
_MOST_DEGREE = 200


def _side(node: Node) -> Node:
    """The expression of `x^2 - 4 = 0`, which a question about a polynomial may have been asked with."""
    return node.left if isinstance(node, Relation) else node


def _check_terms(ask: Ask) -> None:
    if expanded_terms(ask.args[0]) > MAX_TERMS:
        raise ToolError(f"multiplied out this has more than {MAX_TERMS} terms; use a smaller power")


def _polynomial(ask: Ask, reading: Reading, place: int = 0, *, degree: int | None = None) -> tuple[Any, Any]:
    """A polynomial of the query in its chosen variable, and that variable."""
    sympy = sympy_library()
    node = _side(ask.args[place])
    x = Builder().symbol(reading.choose(list(variables_of(node)), "taken as a polynomial in"))
    value = Builder().build(node)
    try:
        polynomial = sympy.Poly(sympy.expand(value), x)
    except sympy.PolynomialError:
        raise ToolError(f"{plain(value)} is no polynomial in {plain(x)}") from None
    if degree is not None and polynomial.degree() != degree:
        raise ToolError(f"this needs a polynomial of degree {degree}; {plain(value)} has degree {polynomial.degree()}")
    if polynomial.degree() > _MOST_DEGREE:
        raise ToolError(f"polynomials up to degree {_MOST_DEGREE} are treated")
    return polynomial, x


def _rewriting(before: Any, after: Any, reading: Reading, text: str | None = None) -> Solution:
    agrees = bool(before.free_symbols) and same_function(before, after)
    return reading.solution(after, text=text, verified=_SAME if agrees else None)


def _partial_fractions(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value = Builder().build(ask.args[0])
    x = Builder().symbol(reading.choose(list(variables_of(ask.args[0])), "decomposed in"))
    return _rewriting(value, sympy.apart(sympy.together(value), x), reading)


def _completed_square(ask: Ask, reading: Reading) -> Solution:
    polynomial, x = _polynomial(ask, reading, degree=2)
    a, b, c = polynomial.all_coeffs()
    h, k = -b / (2 * a), c - b**2 / (4 * a)
    form = a * (x - h) ** 2 + k
    return _rewriting(polynomial.as_expr(), form, reading)


def _vertex(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    polynomial, x = _polynomial(ask, reading, degree=2)
    a, b, c = polynomial.all_coeffs()
    h, k = -b / (2 * a), c - b**2 / (4 * a)
    if ask.words:
        text = f"{plain(x)} = {plain(h)}"
        return reading.solution(h, text=text, latex=f"{latex_of(x)} = {latex_of(h)}")
    kind = "minimum" if a.is_positive else "maximum" if a.is_negative else "turning point"
    text = f"({plain(h)}, {plain(k)})"
    latex = rf"\left({latex_of(h)}, {latex_of(k)}\right)"
    return reading.solution(sympy.S.One, text=f"{text} ({kind})", exact=text, number="", latex=latex)


def _discriminant(ask: Ask, reading: Reading) -> Solution:
    polynomial, _ = _polynomial(ask, reading)
    if polynomial.degree() < 2:
        raise ToolError("a discriminant needs a polynomial of degree 2 or more")
    if ask.words == ("count",):
        return number(len(set(polynomial.real_roots())), reading)
    value = polynomial.discriminant()
    if ask.words != ("nature",) and polynomial.degree() > 2:
        return reading.solution(value)
    nature = ""
    if value.is_number and polynomial.degree() == 2:
        nature = "two real roots" if value > 0 else "one double real root" if value == 0 else "two complex roots"
    return reading.solution(value, text=f"{plain(value)}: {nature}" if nature else None)


def _division(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    polynomial, x = _polynomial(ask, reading)
    divisor = sympy.Poly(Builder().build(ask.args[1]), x)
    if divisor.is_zero:
        raise ToolError("a polynomial cannot be divided by zero")
    quotient, rest = (part.as_expr() for part in polynomial.div(divisor))
    back = sympy.expand(quotient * divisor.as_expr() + rest - polynomial.as_expr())
    verified = "multiplied back" if back == 0 else None
    if ask.words:
        return reading.solution(quotient if ask.words[0] == "quotient" else rest, verified=verified)
    text = f"{plain(quotient)}, remainder {plain(rest)}"
    latex = rf"{latex_of(quotient)}, \text{{ remainder }} {latex_of(rest)}"
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=latex, verified=verified)


def _coefficient(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    _check_terms(ask)
    value: Any = sympy.expand(Builder().build(ask.args[0]))
    if len(ask.args) > 1:
        monomial: Any = Builder().build(ask.args[1])
        if monomial.is_number:
            raise ToolError("name the power whose coefficient is wanted: coefficient of x^2 in (1 + x)^5")
        found = value
        for base, power in monomial.as_powers_dict().items():
            found = found.coeff(base, power)
        others = monomial.free_symbols
        if others and found.has(*others):
            found = found.subs(dict.fromkeys(others, 0))
        return reading.solution(found)
    if ask.words == ("constant",):
        found = value
        for symbol in value.free_symbols:
            found = found.coeff(symbol, 0)
        return reading.solution(found)
    polynomial, _ = _polynomial(ask, reading)
    if ask.words == ("leading",):
        return reading.solution(polynomial.LC())
    text = ", ".join(map(plain, polynomial.all_coeffs()))
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=text)


def _degree(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value = Builder().build(_side(ask.args[0]))
    if not value.is_polynomial():
        raise ToolError(f"{plain(value)} is no polynomial")
    return number(int(sympy.Poly(value).total_degree()), reading)


def _collected(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    _check_terms(ask)
    value = Builder().build(ask.args[0])
    if len(ask.args) > 1:
        return _rewriting(value, sympy.collect(sympy.expand(value), Builder().build(ask.args[1])), reading)
    return _rewriting(value, sympy.expand(value), reading)


def _rationalized(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value = Builder().build(ask.args[0])
    result = sympy.radsimp(value)
    if value.is_number:
        return reading.solution(result, verified="same number" if vanishes(result - value) else None)
    return _rewriting(value, result, reading)


def _simplified_positive(ask: Ask, reading: Reading) -> Solution:
    """Powers of positive variables, which may be split and joined freely."""
    sympy = sympy_library()
    value: Any = Builder().build(ask.args[0])
    positive = {symbol: sympy.Symbol(symbol.name, positive=True) for symbol in value.free_symbols}
    result = sympy.powsimp(sympy.powdenest(value.subs(positive), force=True))
    result = sympy.simplify(result) if result.count_ops() > 6 else result
    back = {new: old for old, new in positive.items()}
    agrees = same_function(value.subs(positive), result)
    return reading.solution(result.subs(back), verified=_SAME if agrees else None)


def _matched(ask: Ask, reading: Reading) -> Solution:
    """The value of a letter of a form, by comparing coefficients."""
    sympy = sympy_library()
    builder = Builder()
    value, form, wanted = (builder.build(node) for node in ask.args)
    shared = [symbol for symbol in value.free_symbols if symbol in form.free_symbols]
    letters = [symbol for symbol in form.free_symbols if symbol not in value.free_symbols]
    try:
        equations = sympy.Poly(sympy.expand(value - form), *shared).coeffs() if shared else [value - form]
    except sympy.PolynomialError:
        raise ToolError("coefficients are compared for polynomials only") from None
    found = sympy.solve(equations, letters, dict=True)
    if len(found) != 1 or wanted not in found[0]:
        raise ToolError(f"{plain(value)} does not have the form {plain(form)}, or not in one way only")
    agrees = same_function(value, form.subs(found[0])) if shared else None
    return reading.solution(found[0][wanted], verified="coefficients compared" if agrees else None)


def _roots_given(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    x = Builder().symbol("x")
    roots = [Builder(real=False).build(node) for node in ask.args]
    result = sympy.expand(math.prod(x - root for root in roots))
    reading.assume("with leading coefficient 1")
    holds = all(vanishes(result.subs(x, root)) for root in roots)
    return reading.solution(result, verified="checked by substitution" if holds else None)


def _interpolated(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    points = [tuple(Builder().build(part) for part in node.items) for node in ask.args if isinstance(node, Sequence)]
    if len(points) != len(ask.args) or any(len(point) != 2 for point in points) or not 1 < len(points) <= 20:
        raise ToolError("write the points as pairs: polynomial through (1, 2), (2, 3), (3, 6)")
    if len({point[0] for point in points}) < len(points):
        raise ToolError("two points have the same x")
    x = Builder().symbol("x")
    result = sympy.expand(sympy.interpolate(points, x))
    holds = all(vanishes(result.subs(x, at) - value) for at, value in points)
    return reading.solution(result, verified="goes through the points" if holds else None)


def _trigonometry(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value = Builder().build(ask.args[0])
    return _rewriting(value, sympy.expand(sympy.expand_trig(value)), reading)


def _logarithms(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value: Any = Builder().build(ask.args[0])
    positive = {symbol: sympy.Symbol(symbol.name, positive=True) for symbol in value.free_symbols}
    inner = value.subs(positive)
    rewrite = sympy.expand_log if ask.words[0] == "expand" else sympy.logcombine
    result: Any = rewrite(inner, force=True)
    reading.assume("all variables are positive")
    agrees = same_function(inner, result) if positive else vanishes(inner - result)
    return reading.solution(
        result.subs({new: old for old, new in positive.items()}), verified=_SAME if agrees else None
    )


def _factored_modulo(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    polynomial, x = _polynomial(ask, reading)
    modulus = whole(ask.args[1], "the modulus", least=2, most=10**9)
    if not is_prime(modulus):
        raise ToolError(f"the modulus must be a prime number; {modulus} is not")
    result = sympy.factor(polynomial.as_expr(), modulus=modulus)
    back = sympy.Poly(sympy.expand(result - polynomial.as_expr()), x, modulus=modulus)
    return reading.solution(result, verified="multiplied back" if back.is_zero else None)


def _factored_over(ask: Ask, reading: Reading) -> Solution:
    """Linear factors over the complex numbers, or linear and quadratic ones over the reals."""
    sympy = sympy_library()
    polynomial, x = _polynomial(ask, reading)
    free = sympy.Symbol(str(x))
    roots = sympy.roots(sympy.Poly(polynomial.as_expr().subs(x, free), free))
    if sum(roots.values()) != polynomial.degree():
        raise ToolError("the roots of this polynomial have no closed form, so it cannot be split further")
    result: Any = polynomial.LC()
    pending: dict[Any, int] = dict(roots)
    while pending:
        root, count = pending.popitem()
        partner = sympy.conjugate(root)
        if ask.words[0] == "complex" or root.is_real:
            result *= (x - sympy.simplify(root)) ** count
        else:
            partner = next((other for other in pending if vanishes(other - partner)), None)
            if partner is None:
                raise ToolError("the roots come in no conjugate pairs; factor over the complex numbers")
            del pending[partner]
            real, square = sympy.simplify(root + partner), sympy.simplify(sympy.expand(root * partner))
            result *= (x**2 - real * x + square) ** count
    agrees = same_function(polynomial.as_expr(), result)
    return reading.solution(result, verified=_SAME if agrees else None)


def _number_of_terms(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    _check_terms(ask)
    return number(len(sympy.Add.make_args(sympy.expand(Builder().build(ask.args[0])))), reading)


def _ratio_share(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    total = Builder().build(ask.args[0])
    parts = [int(part) for part in ask.words]
    if not sum(parts):
        raise ToolError("the parts of a ratio cannot all be 0")
    shares = [total * part / sum(parts) for part in parts]
    text = ", ".join(map(reading.shown, shares))
    exact = ", ".join(map(plain, shares))
    return reading.solution(sympy.S.One, text=text, exact=exact, number="", latex=", ".join(map(latex_of, shares)))


def _ratio_simplified(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    parts = [int(part) for part in ask.words]
    common = math.gcd(*parts) or 1
    text = ":".join(str(part // common) for part in parts)
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=text)


def _subject(ask: Ask, reading: Reading) -> Solution:
    """A formula solved for one of its letters, all others standing for positive numbers if that decides a root."""
    sympy = sympy_library()
    builder = Builder(real=False)
    relation = ask.args[0]
    assert isinstance(relation, Relation)
    x = builder.symbol(ask.words[0])
    left: Any = builder.build(relation.left)
    right: Any = builder.build(relation.right)
    positive = {
        symbol: sympy.Symbol(symbol.name, positive=True) for symbol in (left - right).free_symbols if symbol != x
    }
    back = {new: old for old, new in positive.items()}
    found = sympy.solve((left - right).subs(positive), x)
    if not found:
        found, back = sympy.solve(left - right, x), {}
    if not found:
        raise ToolError(f"no closed form for {ask.words[0]} was found")
    real = [value for value in found if not value.has(sympy.I)]
    solutions = [shortest_form(value.subs(back)) for value in real or found]
    if len(solutions) > 1 and positive:
        reading.assume("the other letters stand for positive numbers")
    residual = left - right
    holds = all(vanishes(residual.subs(x, value).subs(_sample(residual.free_symbols, x))) for value in solutions)
    text = " or ".join(f"{ask.words[0]} = {plain(value)}" for value in solutions)
    latex = r" \text{ or } ".join(f"{latex_of(x)} = {latex_of(value)}" for value in solutions)
    verified = "checked by substitution" if holds else None
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=latex, verified=verified)


def _sample(symbols: Any, unknown: Any) -> dict[Any, Any]:
    sympy = sympy_library()
    ordered = sorted((symbol for symbol in symbols if symbol != unknown), key=str)
    return {symbol: sympy.Rational(3 + 2 * place, 2) for place, symbol in enumerate(ordered)}


HANDLERS: dict[str, Handler] = {
    "partial fractions": _partial_fractions,
    "completed square": _completed_square,
    "vertex": _vertex,
    "discriminant": _discriminant,
    "polynomial division": _division,
    "coefficient": _coefficient,
    "degree": _degree,
    "collected": _collected,
    "rationalized": _rationalized,
    "simplified positive": _simplified_positive,
    "matched": _matched,
    "roots given": _roots_given,
    "interpolated": _interpolated,
    "trigonometry": _trigonometry,
    "logarithms": _logarithms,
    "factored modulo": _factored_modulo,
    "factored over": _factored_over,
    "number of terms": _number_of_terms,
    "ratio share": _ratio_share,
    "ratio simplified": _ratio_simplified,
    "subject": _subject,
}
