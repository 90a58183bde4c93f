"""Values of expressions, averages, number bases and primes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import ToolError
from ..reading.syntax import Evaluate, IsPrime, Relation, Statistic, ToBase, variables_of
from ..solution import Solution
from .build import Builder
from .cost import expanded_terms
from .presenting import Reading, check_defined
from .printing import clipped, decimal, finite_decimal, integer_text, latex_of, plain

if TYPE_CHECKING:
    from sympy import Expr

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MAX_SIMPLIFIED_TERMS = 200
_PREFIXES = {2: "0b", 8: "0o", 16: "0x"}


def evaluate(request: Evaluate, reading: Reading) -> Solution:
    """The value of an expression, or whether a statement is true."""
    builder = Builder()
    if isinstance(request.expression, Relation):
        return _truth(request.expression, builder, reading)
    value = value_of(request, builder)
    if request.form == "plain":
        # Simplifying multiplies out on its way, which takes seconds for (x+1)^1000.
        is_long = not value.is_number and expanded_terms(request.expression) > _MAX_SIMPLIFIED_TERMS
        return reading.solution(value if is_long else tidy(value))
    check_defined(value)
    if not value.is_number or value.is_infinite:
        raise ToolError("only numbers can be shown in this form; give values for the variables: x^2 at x = 3")
    return _formed(request, tidy(value), reading)


def value_of(request: Evaluate, builder: Builder) -> Expr:
    """The expression with the given values put in."""
    value = builder.build(request.expression)
    for name, replacement in request.at:
        if name in variables_of(request.expression):
            value = value.subs(builder.symbol(name), builder.build(replacement))
        else:
            raise ToolError(f"the variable {name!r} does not occur in the expression")
    return value


def tidy(value: Expr) -> Expr:
    """The simplest form that is found quickly."""
    from sympy import simplify, sqrtdenest

    if value.is_Rational or value.is_Float or value.count_ops() > 200 or _is_tidy(value):
        return value
    if value.is_number:
        denested = sqrtdenest(value)
        if denested.is_Rational or denested.count_ops() <= 3:
            return denested
        value = denested
    simpler = simplify(value)
    return simpler if simpler.count_ops() <= value.count_ops() else value


def _is_tidy(value: Any) -> bool:
    """Whether a number is a sum of fractions, roots, pi and e with factors, which nothing makes simpler."""
    from sympy import Add

    terms: Any = Add.make_args(value)
    for term in terms:
        factors = term.as_ordered_factors()
        if not all(
            factor.is_Rational
            or factor.is_NumberSymbol
            or (factor.is_Pow and factor.base.is_Integer and factor.exp.is_Rational)
            for factor in factors
        ):
            return False
    return True


def _truth(relation: Relation, builder: Builder, reading: Reading) -> Solution:
    from sympy import S, simplify

    holds = builder.relation(relation)
    if holds not in (S.true, S.false):
        holds = simplify(holds)
    if holds not in (S.true, S.false):
        raise ToolError("whether this holds could not be decided; ask for the value of each side")
    return reading.solution(S.One, exact=plain(holds), text=plain(holds), number="", latex=rf"\text{{{plain(holds)}}}")


def _formed(request: Evaluate, value: Expr, reading: Reading) -> Solution:
    from sympy import Rational, nsimplify

    if request.form == "percent":
        percentage = value * 100
        text = (finite_decimal(percentage, reading.precision) or decimal(percentage, reading.precision)) + "%"
        return reading.solution(value, text=text)
    if request.form == "fraction":
        fraction = value if value.is_Rational else nsimplify(value, rational=True, tolerance=1e-12)
        if not isinstance(fraction, Rational):
            raise ToolError("this number is not a fraction; ask for it as a decimal")
        return reading.solution(fraction, text=plain(fraction))
    if request.form == "places":
        digits = len(integer_text(abs(int(value.evalf(20))))) if value.is_real else 20
        text = _fixed(value, request.digits) if value.is_real and digits < 1000 else decimal(value, request.digits)
        return reading.solution(value, text=text, number=text)
    digits = max(request.digits, 1) if request.form == "digits" else reading.precision
    text = decimal(value, digits)
    return reading.solution(value, text=text or reading.shown(value), number=text)


def _fixed(value: Expr, places: int) -> str:
    """Rounded to so many places, halves away from zero."""
    from sympy import Rational, floor

    scaled = int(floor(abs(value) * 10**places + Rational(1, 2)))
    digits = str(scaled).rjust(places + 1, "0")
    text = digits[: len(digits) - places] + ("." + digits[len(digits) - places :] if places else "")
    return "-" + text if value.is_negative and scaled else text


def statistic(request: Statistic, reading: Reading) -> Solution:
    """An average or a measure of spread of a list of numbers."""
    if request.kind in ("variance", "standard deviation"):
        reading.assume("of a sample: divided by n - 1")
    if request.kind == "mode":
        return _mode(request, reading)
    return reading.solution(statistic_of(request, Builder()))


def statistic_of(request: Statistic, builder: Builder) -> Expr:
    """The value of a statistic."""
    from sympy import Add, Integer, sqrt

    items = [builder.build(item) for item in request.items]
    if not all(item.is_number for item in items):
        raise ToolError(f"the {request.kind} needs numbers: {request.kind} of 3, 5, 8")
    count = len(items)
    mean = Add(*items) / Integer(count)
    if request.kind == "mean":
        return mean
    if request.kind in ("variance", "standard deviation"):
        if count < 2:
            raise ToolError(f"the {request.kind} needs at least two numbers")
        variance = Add(*((item - mean) ** 2 for item in items)) / Integer(count - 1)
        return variance if request.kind == "variance" else sqrt(variance)
    ordered = sorted(items, key=lambda item: item.evalf(20))
    if request.kind == "range":
        return ordered[-1] - ordered[0]
    if request.kind == "median":
        return (ordered[(count - 1) // 2] + ordered[count // 2]) / Integer(2)
    raise ToolError(f"{request.kind} must stand alone; ask it as a question of its own")


def _mode(request: Statistic, reading: Reading) -> Solution:
    from collections import Counter

    builder = Builder()
    counts = Counter(builder.build(item) for item in request.items)
    most = max(counts.values())
    modes: list[Any] = sorted((item for item, count in counts.items() if count == most), key=lambda item: item.evalf())
    if len(modes) == 1:
        return reading.solution(modes[0])
    text = ", ".join(plain(mode) for mode in modes)
    latex = ", ".join(latex_of(mode) for mode in modes)
    return reading.solution(modes[0], text=text, exact=text, number="", latex=latex)


def to_base(request: ToBase, reading: Reading) -> Solution:
    """A whole number written in another base."""
    value = Builder().build(request.expression)
    if not value.is_Integer:
        raise ToolError("only whole numbers can be written in another base: convert 255 to hex")
    number = int(value)
    if number.bit_length() > 4000:
        raise ToolError("this number is too long to be written in another base")
    digits, rest = "", abs(number)
    while rest or not digits:
        rest, digit = divmod(rest, request.base)
        digits = _DIGITS[digit] + digits
    text = ("-" if number < 0 else "") + _PREFIXES.get(request.base, "") + digits
    if request.base not in (*_PREFIXES, 10):
        text += f" (base {request.base})"
    return reading.solution(value, text=text, exact=text)


def is_prime(request: IsPrime, reading: Reading) -> Solution:
    """Whether a whole number is prime, with a divisor where it is not."""
    from sympy import Integer, factorint, isprime

    value = Builder().build(request.expression)
    if not value.is_Integer:
        raise ToolError("only whole numbers are prime or not: is 97 prime")
    number = int(value)
    if number.bit_length() > 20_000:
        raise ToolError("this number is too long to be tested for being prime")
    prime = isprime(number)
    verdict = "is prime" if prime else "is not prime"
    text = f"{'yes' if prime else 'no'}: {integer_text(number)} {verdict}"
    if not prime and number > 1:
        small = sorted(factor for factor in factorint(number, limit=100_000) if isprime(factor))
        if small and small[0] < number:
            text += f" ({small[0]} * {integer_text(number // int(small[0]))})"
    return reading.solution(
        Integer(number), text=clipped(text), exact="true" if prime else "false", number="", latex=rf"\text{{{verdict}}}"
    )
