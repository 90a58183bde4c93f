"""Identities with counterexamples, factors, surds, remainders, variation, and further forms of expressions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Apply, Ask, Node, Relation
from ..solution import Solution
from . import variation
from .build import Builder
from .domain import Handler
from .function_questions import check_size, told
from .integers import divisors
from .numeric import same_function, vanishes
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import decimal, latex_of, plain
from .real_functions import RealFunction, real_number
from .untyped import sympy_library

_SAME = "checked at sample points"
_TRIED = (2, 3, 1, -1, 5, -2)
_MOST_POWER = 200


def _sides(ask: Ask) -> tuple[Any, Any]:
    builder = Builder()
    first = ask.args[0]
    nodes: tuple[Node, ...] = (first.left, first.right) if isinstance(first, Relation) else ask.args[:2]
    left, right = (builder.build(node) for node in nodes)
    return left, right


def _identity(ask: Ask, reading: Reading) -> Solution:
    """Whether two expressions are equal wherever both are defined; else a place where they differ."""
    sympy = sympy_library()
    left, right = _sides(ask)
    if not left.free_symbols | right.free_symbols:
        holds = vanishes(left - right)
        return told(
            reading,
            f"{'yes' if holds else 'no'}: {plain(left)} {'=' if holds else '!='} {plain(right)}",
            exact="true" if holds else "false",
        )
    sampled = same_function(left, right)
    place = _counterexample(left, right)
    if place is not None:
        at, one, two = place
        where = ", ".join(f"{symbol} = {plain(value)}" for symbol, value in at.items())
        text = (
            f"no, false: for {where} the left side is {reading.shown(one)} and the right side is {reading.shown(two)}"
        )
        return told(reading, text, exact="false", verified="checked by substitution")
    proved = _proved(left - right)
    if not (sampled or proved):
        raise ToolError("whether these are equal was not decided; put in numbers")
    reading.assume("wherever both sides are defined")
    text = (
        "yes, true: both sides are equal for all values"
        if proved
        else "yes: equal at all sampled values, though not proved symbolically"
    )
    return told(
        reading,
        text,
        exact="true",
        latex=rf"{latex_of(left)} = {latex_of(right)}" if left != right else latex_of(sympy.true),
        verified=_SAME if sampled else None,
    )


def _proved(difference: Any) -> bool:
    sympy = sympy_library()
    ways = (
        lambda: sympy.expand(difference),
        lambda: sympy.cancel(sympy.together(difference)),
        lambda: sympy.simplify(difference),
        lambda: sympy.simplify(sympy.expand_trig(difference)),
        lambda: sympy.trigsimp(sympy.expand(difference.rewrite(sympy.exp))),
    )
    for way in ways:
        try:
            if within(0.25, way, most=1.5) == 0:
                return True
        except (
            OutOfPatience,
            ValueError,
            TypeError,
            NotImplementedError,
            RecursionError,
            AttributeError,
            ArithmeticError,
        ):
            continue
    return False


def _counterexample(left: Any, right: Any) -> tuple[dict[Any, Any], Any, Any] | None:
    sympy = sympy_library()
    symbols = sorted(left.free_symbols | right.free_symbols, key=str)
    trigonometric = left.has(sympy.sin, sympy.cos, sympy.tan) or right.has(sympy.sin, sympy.cos, sympy.tan)
    tried: list[Any] = [sympy.pi / 2, sympy.pi / 3, sympy.pi / 4] if trigonometric else []
    for start in (*tried, *map(sympy.Integer, _TRIED)):
        at = {
            symbol: start if not place else sympy.Integer(abs(_TRIED[(place + 1) % 6]))
            for place, symbol in enumerate(symbols)
        }
        values = [side.subs(at) for side in (left, right)]
        if any(value.is_finite is not True or value.has(sympy.zoo, sympy.nan) for value in values):
            continue
        first, second = (complex(value.evalf(20)) for value in values)
        if abs(first.imag) + abs(second.imag) < 1e-12 and abs(first - second) > 1e-9 * (1 + abs(first)):
            return at, values[0], values[1]
    return None


def _factor_test(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    factor, value = (Builder().build(node) for node in ask.args)
    symbols = sorted((factor.free_symbols | value.free_symbols), key=str)
    try:
        rest = (
            sympy.Poly(value, *symbols).rem(sympy.Poly(factor, *symbols))
            if len(symbols) == 1
            else sympy.reduced(value, [factor])[1]
        )
    except sympy.PolynomialError:
        raise ToolError("factors are tested for polynomials: is x - 2 a factor of x^3 - 8") from None
    rest = rest.as_expr() if hasattr(rest, "as_expr") else rest
    if rest == 0:
        quotient = sympy.factor(sympy.cancel(value / factor))
        holds = sympy.expand(quotient * factor - value) == 0
        return told(
            reading,
            f"yes: {plain(value)} = ({plain(factor)})*({plain(quotient)})",
            exact="yes",
            verified="multiplied back" if holds else None,
        )
    return told(reading, f"no: the remainder is {plain(rest)}", exact="no")


def _common_factor_out(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value = Builder().build(ask.args[0])
    content = sympy.gcd_terms(sympy.expand(value))
    agrees = same_function(value, content)
    return reading.solution(content, verified=_SAME if agrees else None)


def _greatest_factor(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    values = [Builder().build(node) for node in ask.args]
    if len(values) == 1:
        values = list(sympy.Add.make_args(sympy.expand(values[0])))
    found = sympy.gcd_list(values) if ask.words != ("lcm",) else sympy.lcm_list(values)
    divides = all(
        sympy.cancel(value / found if ask.words != ("lcm",) else found / value).is_polynomial() for value in values
    )
    return reading.solution(
        sympy.factor(found) if ask.words == ("lcm",) else found, verified="divides all of them" if divides else None
    )


def _rational_roots(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value = Builder().build(ask.args[0])
    if len(value.free_symbols) != 1 or not value.is_polynomial():
        raise ToolError("this needs a polynomial in one variable")
    polynomial = sympy.Poly(sympy.expand(value))
    polynomial = sympy.Poly(polynomial.clear_denoms()[1], *polynomial.gens)
    coefficients = [int(c) for c in polynomial.all_coeffs() if c.is_Integer]
    if len(coefficients) != polynomial.degree() + 1:
        raise ToolError("the coefficients must be whole numbers or fractions")
    if ask.words == ("possible",):
        last = next(c for c in reversed(coefficients) if c)
        found = sorted(
            {Fraction(p, q) for p in divisors(abs(last), 2000) for q in divisors(abs(coefficients[0]), 2000)}
        )
        text = ", ".join(f"+-{fraction}" for fraction in found)
        return told(reading, text + (", 0" if not coefficients[-1] else ""), latex=text.replace("+-", r"\pm "))
    roots = list(sympy.roots(polynomial, filter="Q"))
    holds = all(vanishes(polynomial.as_expr().subs(polynomial.gen, root)) for root in roots)
    text = " or ".join(f"{polynomial.gen} = {plain(root)}" for root in sorted(roots)) or "no rational roots"
    return told(reading, text, verified="checked by substitution" if roots and holds else None)


def _irreducible(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value = Builder().build(ask.args[0])
    if not value.is_polynomial() or not value.free_symbols:
        raise ToolError("this is asked about polynomials: is x^2 + 1 irreducible")
    reading.assume("over the rational numbers")
    factored = sympy.factor(value)
    polynomial = sympy.Poly(value)
    holds = bool(polynomial.is_irreducible)
    return told(
        reading, "yes: it is irreducible" if holds else f"no: it is {plain(factored)}", exact="yes" if holds else "no"
    )


def _real_root_count(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    left, right = _sides(ask)
    symbols = sorted((left - right).free_symbols, key=str)
    if len(symbols) != 1:
        raise ToolError("this needs an equation in one variable")
    function = RealFunction(left - right, symbols[0])
    if function.period is not None and not (left - right).is_polynomial():
        reading.assume(
            f"in one period of length {plain(function.period)}; without bounds there are infinitely many or none"
        )
    found = [root for root in function.zeros(left - right) if real_number(left - right, symbols[0], root) is not None]
    listed = ", ".join(f"{symbols[0]} = {plain(root) if root.is_Rational else decimal(root, 8)}" for root in found)
    places = f": {listed}" if found else ""
    return reading.solution(sympy.Integer(len(found)), text=f"{len(found)}{places}")


def _surd(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    value = Builder().build(ask.args[0])
    forms = [value, sympy.sqrtdenest(value), sympy.radsimp(sympy.sqrtdenest(value)), sympy.simplify(value)]
    found = min(forms, key=lambda form: form.count_ops()) if value.is_number else sympy.simplify(value)
    if value.is_number:
        return reading.solution(found, verified="same number" if vanishes(found - value) else None)
    return reading.solution(found, verified=_SAME if same_function(found, value) else None)


def _trigonometric_sum(ask: Ask, reading: Reading) -> Solution:
    """Products and powers of sines and cosines as sums: by exponentials, which works for every such polynomial."""
    sympy = sympy_library()
    value = Builder().build(ask.args[0])
    if not value.has(sympy.sin, sympy.cos):
        raise ToolError("write a product or power of sines and cosines, such as sin(x)^4")
    found: Any = sympy.S.Zero
    for term in sympy.Add.make_args(sympy.expand(value.rewrite(sympy.exp), power_exp=True)):
        found += sympy.powsimp(term)
    found = sympy.expand(sympy.powsimp(sympy.expand(found)).rewrite(sympy.cos))
    found = sympy.expand(sympy.re(found)) if found.has(sympy.I) else found
    if not same_function(found, value):
        found = (
            sympy.expand(
                sympy.fourier_series(value, (next(iter(value.free_symbols)), -sympy.pi, sympy.pi)).truncate(12)
            )
            if len(value.free_symbols) == 1
            else sympy.trigsimp(value)
        )
    return reading.solution(found, verified=_SAME if same_function(found, value) else None)


def _multiple_angle(ask: Ask, reading: Reading) -> Solution:
    """cos(3x) in powers of cos(x)."""
    sympy = sympy_library()
    builder = Builder()
    value, target = (builder.build(node) for node in ask.args)
    found = sympy.expand(sympy.expand_trig(value))
    if isinstance(target, sympy.cos):
        found = sympy.expand(_even_powers(found, sympy.sin(target.args[0]), 1 - target**2))
    elif isinstance(target, sympy.sin):
        found = sympy.expand(_even_powers(found, sympy.cos(target.args[0]), 1 - target**2))
    return reading.solution(found, verified=_SAME if same_function(found, value) else None)


def _even_powers(value: Any, wave: Any, square: Any) -> Any:
    return value.replace(
        lambda part: part.is_Pow and part.base == wave and part.exp.is_Integer and part.exp > 1,
        lambda part: square ** (part.exp // 2) * wave ** (part.exp % 2),
    )


def _substituted(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    builder = Builder()
    value = builder.build(ask.args[0])
    for name, node in zip(ask.words, ask.args[1:], strict=True):
        value = value.subs(builder.symbol(name), builder.build(node))
    value = sympy.expand(value) if value.free_symbols and value.is_polynomial() else value
    return reading.solution(value)


def _binomial_place(ask: Ask, reading: Reading) -> Solution:
    """A term of (a + b)^n by its place, from the front, from the back, in the middle, or the one without x."""
    sympy = sympy_library()
    builder = Builder()
    value: Any = builder.build(ask.args[0])
    if not (
        value.is_Pow
        and value.base.is_Add
        and len(value.base.args) == 2
        and value.exp.is_Integer
        and 0 < value.exp <= _MOST_POWER
    ):
        raise ToolError("a term of a binomial expansion needs (a + b)^n")
    n = int(value.exp)
    first, second = _written_order(ask.args[0], builder) or value.base.as_ordered_terms()
    word = ask.words[0]
    if word == "middle":
        places = [n // 2 + 1] if n % 2 == 0 else [(n + 1) // 2, (n + 3) // 2]
    else:
        place = int(word) if word != "last" else n + 1
        if not 1 <= place <= n + 1:
            raise ToolError(f"the expansion has {n + 1} terms")
        places = [place]
    reading.assume(f"ordered by falling powers of {plain(first)}")
    terms = [
        sympy.expand(sympy.binomial(n, place - 1) * first ** (n - place + 1) * second ** (place - 1))
        for place in places
    ]
    if len(terms) == 1:
        return reading.solution(terms[0])
    text = " and ".join(plain(term) for term in terms)
    return told(reading, text, latex=r" \text{ and } ".join(latex_of(term) for term in terms))


def _written_order(node: Node, builder: Builder) -> tuple[Any, Any] | None:
    if isinstance(node, Apply) and node.name == "^":
        base = node.args[0]
        if isinstance(base, Apply) and base.name == "+" and len(base.args) == 2:
            first, second = (builder.build(part) for part in base.args)
            return first, second
    return None


def _root_facts(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    left, right = _sides(ask) if isinstance(ask.args[0], Relation) else (Builder().build(ask.args[0]), sympy.S.Zero)
    value = sympy.expand(left - right)
    symbol = Builder().symbol(reading.choose(sorted(map(str, value.free_symbols)), "taken as a polynomial in"))
    if not value.is_polynomial(symbol):
        raise ToolError("sums and products of roots are told for polynomials")
    coefficients = sympy.Poly(value, symbol).all_coeffs()
    if len(coefficients) < 2:
        raise ToolError("a constant has no roots")
    degree = len(coefficients) - 1
    total, product = -coefficients[1] / coefficients[0], (-1) ** degree * coefficients[-1] / coefficients[0]
    reading.assume("complex roots count, and multiple roots as often as they occur")
    if len(ask.words) == 1:
        return reading.solution(total if ask.words[0] == "sum" else product)
    text = f"sum {plain(total)}, product {plain(product)}"
    return told(reading, text)


def _square_completer(ask: Ask, reading: Reading) -> Solution:
    """The letter that makes a quadratic a perfect square."""
    sympy = sympy_library()
    builder = Builder()
    value, letter = builder.build(ask.args[0]), builder.symbol(ask.words[0])
    others = sorted(value.free_symbols - {letter}, key=str)
    if len(others) != 1 or not value.is_polynomial(others[0]) or sympy.degree(value, others[0]) != 2:
        raise ToolError("this needs a quadratic in one variable, such as x^2 + 6x + c")
    found = sympy.solve(sympy.discriminant(value, others[0]), letter)
    if not found:
        raise ToolError("no value makes it a perfect square")
    text = " or ".join(f"{letter} = {plain(root)}" for root in found)
    forms = ", ".join(plain(sympy.factor(value.subs(letter, root))) for root in found)
    exact = text
    return told(reading, f"{text}, then it is {forms}", exact=exact)


def _limited(handler: Handler) -> Handler:
    """The handler for formulas of moderate size."""

    def limited(ask: Ask, reading: Reading) -> Solution:
        parts = [
            side for node in ask.args for side in ((node.left, node.right) if isinstance(node, Relation) else (node,))
        ]
        check_size(*parts)
        return handler(ask, reading)

    return limited


_HANDLERS: dict[str, Handler] = {
    "identity": _identity,
    "polynomial factor test": _factor_test,
    "common factor out": _common_factor_out,
    "polynomial gcd": _greatest_factor,
    "rational roots": _rational_roots,
    "irreducible": _irreducible,
    "real root count": _real_root_count,
    "surd": _surd,
    "trigonometric sum": _trigonometric_sum,
    "multiple angle": _multiple_angle,
    "substituted": _substituted,
    "binomial place": _binomial_place,
    "root facts": _root_facts,
    "square completer": _square_completer,
    **variation.HANDLERS,
}
HANDLERS: dict[str, Handler] = {name: _limited(handler) for name, handler in _HANDLERS.items()}
