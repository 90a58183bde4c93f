"""Digits, divisibility, tests, continued fractions, bits: facts about single whole numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .integers import MAX_BITS, factors, listing, number, verdict, whole
from .presenting import Reading
from .printing import clipped, integer_text, plain

_MOST_QUOTIENTS = 20


def _parts(ask: Ask) -> tuple[str, list[int], list[Node]]:
    """What kind of number is asked about, its parts (base and exponent of a power), and the other arguments."""
    count = {"power": 2, "factorial": 1}.get(ask.words[0] if ask.words else "", 1)
    kind = ask.words[0] if ask.words else ""
    least = 0 if kind else None
    numbers = [whole(node, "this", least=least if place else None) for place, node in enumerate(ask.args[:count])]
    if kind == "factorial" and numbers[0] < 0:
        raise ToolError("factorials are defined for whole numbers from 0")
    return kind, numbers, list(ask.args[count:])


def _digit_sum(ask: Ask, reading: Reading) -> Solution:
    return number(sum(map(int, str(abs(whole(ask.args[0], "a sum of digits"))))), reading)


def _digit_product(ask: Ask, reading: Reading) -> Solution:
    return number(math.prod(map(int, str(abs(whole(ask.args[0], "a product of digits"))))), reading)


def _digital_root(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "the digital root", least=0)
    return number(1 + (value - 1) % 9 if value else 0, reading)


def _count_digits(ask: Ask, reading: Reading) -> Solution:
    import mpmath

    kind, numbers, _ = _parts(ask)
    if kind == "power" and abs(numbers[0]) > 1 and numbers[1] > 0:
        with mpmath.workdps(60 + len(integer_text(numbers[1]))):
            return number(int(mpmath.floor(numbers[1] * mpmath.log10(abs(numbers[0])))) + 1, reading)
    if kind == "factorial" and numbers[0] > 1500:
        with mpmath.workdps(60 + len(integer_text(numbers[0]))):
            return number(int(mpmath.floor(mpmath.loggamma(numbers[0] + 1) / mpmath.log(10))) + 1, reading)
    return number(len(str(abs(_value(kind, numbers)))), reading)


def _value(kind: str, numbers: list[int]) -> int:
    if kind == "power":
        return int(numbers[0] ** numbers[1]) if abs(numbers[0]) < 2 else _bounded_power(*numbers)
    return math.factorial(numbers[0]) if kind == "factorial" else numbers[0]


def _bounded_power(base: int, exponent: int) -> int:
    if base.bit_length() * exponent > MAX_BITS:
        raise ToolError("this power has too many digits to be written out; use a smaller one")
    return int(base**exponent)


def _trailing_zeros(ask: Ask, reading: Reading) -> Solution:
    kind, numbers, _ = _parts(ask)
    if kind == "factorial":
        count, power = 0, 5
        while power <= numbers[0]:
            count, power = count + numbers[0] // power, power * 5
        return number(count, reading, "counted by the factors 5")
    if kind == "power" and numbers[0] % 10 and numbers[0] % 5 and numbers[1] > 0:
        return number(0, reading)
    digits = str(abs(_value(kind, numbers)))
    return number(len(digits) - len(digits.rstrip("0")) if digits != "0" else 1, reading)


def _last_digits(ask: Ask, reading: Reading) -> Solution:
    kind, numbers, rest = _parts(ask)
    count = whole(rest[0], "the last digits", least=1, most=1000) if rest else 1
    if kind == "power":
        value = pow(abs(numbers[0]), numbers[1], 10**count)
    elif kind == "factorial" and numbers[0] >= 5 * count:
        value = 0
    else:
        value = abs(_value(kind, numbers)) % 10**count
    return number(value, reading, text=str(value).rjust(count, "0"))


def _first_digits(ask: Ask, reading: Reading) -> Solution:
    value, *rest = ask.args
    count = whole(rest[0], "the first digits", least=1, most=1000) if rest else 1
    return number(int(str(abs(whole(value, "the first digits")))[:count]), reading)


def _reversed(ask: Ask, reading: Reading) -> Solution:
    return number(int(str(abs(whole(ask.args[0], "reversing")))[::-1]), reading)


def _palindrome(ask: Ask, reading: Reading) -> Solution:
    digits = str(abs(whole(ask.args[0], "a palindrome")))
    return verdict(digits == digits[::-1], reading, f"backwards it reads {digits[::-1]}")


def _root_test(ask: Ask, reading: Reading, degree: int) -> Solution:
    import sympy

    value: Any = Builder().build(ask.args[0])
    if not value.is_Rational:
        raise ToolError("only numbers are tested for being a power: is 49 a perfect square")
    root, exact = sympy.integer_nthroot(abs(int(value)), degree) if value.is_Integer else (0, False)
    holds = bool(exact) and (degree % 2 == 1 or value >= 0)
    root = -int(root) if value < 0 else int(root)
    told = f"{integer_text(root)}^{degree} = {plain(value)}" if holds else "its root is not a whole number"
    return verdict(holds, reading, told)


def _perfect_power(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "a perfect power", least=2)
    degree = math.gcd(*(power for _, power in factors(value)))
    root = math.prod(prime ** (power // degree) for prime, power in factors(value))
    return verdict(degree > 1, reading, f"{value} = {root}^{degree}" if degree > 1 else f"{value} is no power")


def _power_of(ask: Ask, reading: Reading) -> Solution:
    value, base = whole(ask.args[0], "a power", least=1), whole(ask.args[1], "a power", least=2)
    exponent, rest = 0, value
    while rest % base == 0:
        exponent, rest = exponent + 1, rest // base
    return verdict(
        rest == 1, reading, f"{value} = {base}^{exponent}" if rest == 1 else f"{value} is no power of {base}"
    )


def _parity(ask: Ask, reading: Reading) -> Solution:
    import sympy

    value = whole(ask.args[0], "even or odd")
    kind = "odd" if value % 2 else "even"
    text = f"{integer_text(value)} is {kind}"
    return reading.solution(sympy.S.One, text=clipped(text), exact=kind, number="", latex=rf"\text{{{kind}}}")


def _coprime(ask: Ask, reading: Reading) -> Solution:
    divisor = math.gcd(whole(ask.args[0]), whole(ask.args[1]))
    return verdict(divisor == 1, reading, f"their greatest common divisor is {integer_text(divisor)}")


def _divides(ask: Ask, reading: Reading) -> Solution:
    first, second = whole(ask.args[0], "divisibility"), whole(ask.args[1], "divisibility")
    value, divisor = (first, second) if "multiple" in ask.words else (second, first)
    if divisor == 0:
        raise ToolError("no number is divisible by 0")
    quotient, rest = divmod(value, divisor)
    told = f"{integer_text(value)} = {integer_text(divisor)} * {integer_text(quotient)}"
    return verdict(rest == 0, reading, told + (f" + {integer_text(rest)}" if rest else ""))


def _rational_test(ask: Ask, reading: Reading) -> Solution:
    import sympy

    value: Any = sympy.simplify(Builder().build(ask.args[0]))
    if value.is_rational is None:
        raise ToolError("whether this number is rational could not be decided")
    kind = "rational" if value.is_rational else "irrational"
    text = f"{plain(value)} is {kind}"
    if ask.words:
        return verdict(kind == ask.words[0], reading, text)
    return reading.solution(sympy.S.One, text=text, exact=kind, number="", latex=rf"\text{{{kind}}}")


def _member(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "this", least=0)
    if ask.words[0] == "triangular":
        root = math.isqrt(8 * value + 1)
        holds = root * root == 8 * value + 1
        told = f"it is 1 + 2 + ... + {(root - 1) // 2}" if holds else "no sum 1 + 2 + ... is equal to it"
        return verdict(holds, reading, told)
    holds = any(math.isqrt(5 * value * value + sign) ** 2 == 5 * value * value + sign for sign in (4, -4))
    told = f"5*{value}^2 + 4 or - 4 is a square" if holds else f"neither 5*{value}^2 + 4 nor - 4 is a square"
    return verdict(holds, reading, told)


def _collatz(ask: Ask, reading: Reading) -> Solution:
    import sympy

    value = whole(ask.args[0], "the Collatz sequence", least=1, most=10**60)
    steps = [value]
    while value != 1 and len(steps) < 20_000:
        value = 3 * value + 1 if value % 2 else value // 2
        steps.append(value)
    shown = [*map(str, steps)] if len(steps) <= 60 else [*map(str, steps[:20]), "...", *map(str, steps[-20:])]
    text = ", ".join(shown)
    told = f"{len(steps) - 1} steps: {text}"
    return reading.solution(sympy.Integer(len(steps) - 1), text=clipped(told))


def _multiples(ask: Ask, reading: Reading) -> Solution:
    step = whole(ask.args[0], "multiples", least=1)
    if "below" in ask.words:
        most = whole(ask.args[1], "multiples", most=step * 1000)
        return listing(list(range(step, most, step)), reading)
    count = whole(ask.args[1], "multiples", least=1, most=1000)
    return listing([step * factor for factor in range(1, count + 1)], reading)


def _division(ask: Ask, reading: Reading) -> Solution:
    """Quotient and remainder, or the remainder alone, of numbers or polynomials."""
    import sympy

    upper, lower = (Builder().build(node) for node in ask.args)
    if lower == 0:
        raise ToolError("a remainder by 0 is not defined")
    if upper.is_Integer and lower.is_Integer:
        quotient, rest = divmod(int(upper), int(lower))
    elif upper.free_symbols | lower.free_symbols and (upper.is_polynomial() and lower.is_polynomial()):
        quotient, rest = sympy.div(upper, lower)
    else:
        quotient = sympy.floor(upper / lower)
        rest = sympy.nsimplify(upper - quotient * lower)
    checked = sympy.expand(quotient * lower + rest - upper) == 0
    verified = "checked by multiplication" if checked else None
    if ask.name == "remainder":
        return reading.solution(sympy.S.Zero + rest, verified=verified)
    text = f"quotient {plain(sympy.S.Zero + quotient)}, remainder {plain(sympy.S.Zero + rest)}"
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=rf"\text{{{text}}}", verified=verified)


def _quotients(value: Any) -> tuple[list[int], list[int]]:
    """Partial quotients: those at the beginning, and the period of a quadratic irrational."""
    import sympy

    if value.is_Rational:
        return [int(part) for part in sympy.continued_fraction_iterator(value)], []
    try:
        expansion: Any = sympy.continued_fraction(value)
    except (ValueError, TypeError, NotImplementedError):
        return _numeric_quotients(value), []
    if expansion and isinstance(expansion[-1], list):
        return [int(part) for part in expansion[:-1]], [int(part) for part in expansion[-1]]
    return [int(part) for part in expansion], []


def _numeric_quotients(value: Any) -> list[int]:
    import mpmath

    with mpmath.workdps(80):
        rest = mpmath.mpf(str(value.evalf(80)))
        found: list[int] = []
        for _ in range(_MOST_QUOTIENTS):
            part = int(mpmath.floor(rest))
            found.append(part)
            if rest - part < mpmath.mpf(10) ** -50:
                break
            rest = 1 / (rest - part)
    return found


def _continued_fraction(ask: Ask, reading: Reading) -> Solution:
    value: Any = Builder().build(ask.args[0])
    if not (value.is_number and value.is_real):
        raise ToolError("a continued fraction needs a real number: continued fraction of sqrt(2)")
    start, period = _quotients(value)
    shown = start[:_MOST_QUOTIENTS]
    more = len(start) > len(shown) or (not value.is_rational and not period)
    head, tail = str(shown[0]), ", ".join(map(str, shown[1:]))
    text = f"[{head}; " + ", ".join(
        part for part in (tail, f"({', '.join(map(str, period))})" if period else "") if part
    )
    if not tail and not period:
        text = f"[{head}"
    text += ", ...]" if more else "]"
    if period:
        reading.assume("the part in brackets goes round for ever")
    return reading.solution(value, text=text, exact=text, latex=rf"\text{{{text}}}")


def _convergents(ask: Ask, reading: Reading) -> Solution:
    value: Any = Builder().build(ask.args[0])
    if not (value.is_number and value.is_real):
        raise ToolError("convergents need a real number: convergents of sqrt(2)")
    start, period = _quotients(value)
    quotients = (start + period * _MOST_QUOTIENTS)[:10] if period else start[:10]
    before, last = (0, 1), (1, 0)
    found: list[str] = []
    for quotient in quotients:
        before, last = last, (quotient * last[0] + before[0], quotient * last[1] + before[1])
        found.append(f"{last[0]}/{last[1]}" if last[1] != 1 else str(last[0]))
    text = ", ".join(found)
    return reading.solution(value, text=text, exact=text, latex=text)


def _egyptian(ask: Ask, reading: Reading) -> Solution:
    value: Any = Builder().build(ask.args[0])
    if not value.is_Rational or not 0 < value < 1000:
        raise ToolError("an Egyptian fraction needs a positive fraction: egyptian fraction of 4/13")
    rest, parts = Fraction(int(value.p), int(value.q)), []
    if rest >= 1:
        parts.append(str(int(rest)))
        rest -= int(rest)
    while rest and len(parts) < 30:
        unit = -(-rest.denominator // rest.numerator)
        parts.append(f"1/{unit}")
        rest -= Fraction(1, unit)
    text = " + ".join(parts)
    return reading.solution(value, text=text, exact=text, verified="checked by addition")


def _bits(ask: Ask, reading: Reading) -> Solution:
    left, right = whole(ask.args[0], "bits"), whole(ask.args[1], "bits")
    kind = ask.words[0]
    if kind in ("left", "right") and not 0 <= right <= 10_000:
        raise ToolError("bits are shifted by 0 to 10000 places")
    value = {
        "xor": lambda: left ^ right,
        "and": lambda: left & right,
        "or": lambda: left | right,
        "left": lambda: left << right,
        "right": lambda: left >> right,
    }[kind]()
    return number(value, reading)


HANDLERS: dict[str, Handler] = {
    "digit sum": _digit_sum,
    "digit product": _digit_product,
    "digital root": _digital_root,
    "count digits": _count_digits,
    "trailing zeros": _trailing_zeros,
    "last digits": _last_digits,
    "first digits": _first_digits,
    "reversed": _reversed,
    "palindrome": _palindrome,
    "square test": lambda ask, reading: _root_test(ask, reading, 2),
    "cube test": lambda ask, reading: _root_test(ask, reading, 3),
    "power test": _perfect_power,
    "power of test": _power_of,
    "parity": _parity,
    "coprime": _coprime,
    "divides": _divides,
    "rational test": _rational_test,
    "member": _member,
    "collatz": _collatz,
    "multiples": _multiples,
    "remainder": _division,
    "quotient and remainder": _division,
    "continued fraction": _continued_fraction,
    "convergents": _convergents,
    "egyptian": _egyptian,
    "bits": _bits,
}
