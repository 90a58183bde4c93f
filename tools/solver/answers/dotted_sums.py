"""Sums written with dots, `1 + 1/2 + 1/4 + ...` and `2 + 5 + 8 + ... + 50`, by the simplest law of their terms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .function_questions import told
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import plain
from .series_tests import judged
from .untyped import sympy_library

_MOST_TERMS = 10**7


class _Law(NamedTuple):
    """The n-th term, from n = 1, and how it is told."""

    name: str
    term: Any


def _dotted(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    builder = Builder()
    values = [builder.build(node) for node in ask.args]
    kind = ask.words[0]
    last = values.pop() if kind == "finite" else None
    n = sympy.Symbol("n", integer=True, positive=True)
    law = _law(values, n, finite=last is not None)
    reading.assume(law.name)
    if last is not None:
        return _finite(law, n, last, values, reading)
    verdict = judged(law.term, n)
    if verdict is None:
        raise ToolError("whether this sum converges was not decided; write it as: sum of 1/n^2 from n = 1 to infinity")
    if not verdict.converges:
        if kind == "converges":
            return told(reading, verdict.text(), exact="diverges")
        return told(reading, f"{verdict.text()}; it has no sum", exact="diverges")
    total = _total(law.term, n)
    text = None
    if kind == "converges":
        text = verdict.text() + (f"; its sum is {reading.shown(total)}" if total is not None else "")
    if total is None:
        return told(reading, text or verdict.text(), exact=verdict.word())
    return reading.solution(total, text=text, verified=_checked(law.term, n, total))


def _total(term: Any, n: Any) -> Any:
    sympy = sympy_library()
    ratio = sympy.simplify(term.subs(n, n + 1) / term)
    if ratio.is_number:
        return term.subs(n, 1) / (1 - ratio)
    try:
        found = within(0.3, lambda: sympy.summation(term, (n, 1, sympy.oo)), most=3.0)
    except (OutOfPatience, NotImplementedError, ValueError, TypeError):
        return None
    return sympy.simplify(found) if found.is_number and found.is_finite and not found.has(sympy.Sum) else None


def _checked(term: Any, n: Any, total: Any) -> str | None:
    partial, size = 0.0, 0.0
    for index in range(1, 2001):
        size = float(term.subs(n, index))
        partial += size
        if abs(size) < 1e-15:
            break
    return "checked with a partial sum" if abs(partial - float(total)) < max(2000 * abs(size), 1e-9) else None


def _finite(law: _Law, n: Any, last: Any, values: list[Any], reading: Reading) -> Solution:
    sympy = sympy_library()
    count = _place(law.term, n, last)
    if count is None or count < len(values):
        raise ToolError(f"{plain(last)} is no term of this sum: {law.name}")
    upper = sympy.Symbol("upper", integer=True, positive=True)
    total = sympy.summation(law.term, (n, 1, upper)).subs(upper, count)
    total = sympy.simplify(total)
    verified = None
    if count <= 3000:
        added = sum(law.term.subs(n, index) for index in range(1, count + 1))
        verified = "added term by term" if sympy.simplify(added - total) == 0 else None
    reading.assume(f"{count} terms")
    return reading.solution(total, verified=verified)


def _place(term: Any, n: Any, last: Any) -> int | None:
    """Which term has that value."""
    if not term.has(n):
        return None
    low, high = 1, 1
    rising = bool(abs(term.subs(n, 3)) > abs(term.subs(n, 2)))

    def before(index: int) -> bool:
        value = abs(term.subs(n, index))
        return bool(value < abs(last)) if rising else bool(value > abs(last))

    while before(high):
        low, high = high, high * 2
        if high > _MOST_TERMS:
            return None
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if before(middle) else (low, middle)
    return low if term.subs(n, low) == last else None


def _law(values: list[Any], n: Any, *, finite: bool = False) -> _Law:
    """The simplest law of the terms.

    Raises:
        ToolError: if none fits.
    """
    if not all(value.is_Rational for value in values):
        raise ToolError("a sum with dots needs numbers; write it as: sum of 1/n^2 from n = 1 to infinity")
    terms = [Fraction(int(value.p), int(value.q)) for value in values]
    alternates = len(terms) > 1 and all(a * b < 0 for a, b in pairwise(terms))
    laws: tuple[Callable[..., _Law | None], ...] = (_geometric, _polynomial, _reciprocal, _fraction, _factorial)
    for find in laws:
        if law := find(terms, n):
            return law
        if alternates and (law := find([abs(term) for term in terms], n)):
            sign = (-1) ** (n + 1) if terms[0] > 0 else (-1) ** n
            return _Law(f"{law.name}, with alternating signs", sign * law.term)
    if finite and len(terms) > 2 and (law := _polynomial(terms, n, spare=1)):  # the last term checks it
        return law
    raise ToolError("no law was seen in these terms; write the sum as: sum of 1/n^2 from n = 1 to infinity")


def _rational(value: Fraction) -> Any:
    return sympy_library().Rational(value.numerator, value.denominator)


def _geometric(terms: list[Fraction], n: Any) -> _Law | None:
    if 0 in terms or (len(terms) < 3 and terms[1] - terms[0] == 1):
        return None
    ratio = terms[1] / terms[0]
    if ratio == 1 or any(b != a * ratio for a, b in pairwise(terms)):
        return None
    name = f"each term is the one before times {ratio}"
    return _Law(name, _rational(terms[0]) * _rational(ratio) ** (n - 1))


def _polynomial(terms: list[Fraction], n: Any, *, spare: int = 2) -> _Law | None:
    rows = [terms]
    while len(rows[-1]) > 1 and any(rows[-1]):
        rows.append([b - a for a, b in pairwise(rows[-1])])
    degree = next((place for place, row in enumerate(rows) if len(set(row)) == 1), len(rows))
    if degree > max(len(terms) - spare, 1):
        return None
    sympy = sympy_library()
    total: Any = sympy.S.Zero
    falling: Any = sympy.S.One
    for place in range(degree + 1):
        total += _rational(rows[place][0]) * falling / sympy.factorial(place)
        falling *= n - 1 - place
    total = sympy.expand(total)
    name = f"each term is the one before plus {rows[1][0]}" if degree == 1 else f"the n-th term is {plain(total)}"
    return _Law(name, total)


def _reciprocal(terms: list[Fraction], n: Any) -> _Law | None:
    if 0 in terms or len(terms) < 3:
        return None
    law = _polynomial([1 / term for term in terms], n)
    return None if law is None else _Law(f"the n-th term is {plain(1 / law.term)}", 1 / law.term)


def _fraction(terms: list[Fraction], n: Any) -> _Law | None:
    """Numerators and denominators each by a law of their own."""
    if len(terms) < 3:
        return None
    upper = _polynomial([Fraction(term.numerator) for term in terms], n)
    lowers = [Fraction(term.denominator) for term in terms]
    lower = _polynomial(lowers, n) or _geometric(lowers, n)
    if upper is None or lower is None:
        return None
    value = upper.term / lower.term
    return _Law(f"the n-th term is {plain(value)}", value)


def _factorial(terms: list[Fraction], n: Any) -> _Law | None:
    sympy = sympy_library()
    for shift in (0, -1):
        value = 1 / sympy.factorial(n + shift)
        if len(terms) >= 4 and all(value.subs(n, place) == _rational(term) for place, term in enumerate(terms, 1)):
            return _Law(f"the n-th term is {plain(value)}", value)
    return None


def _geometric_sum(ask: Ask, reading: Reading) -> Solution:
    first, ratio = (Builder().build(node) for node in ask.args)
    if ratio.is_number and not bool(abs(ratio) < 1):
        raise ToolError("the sum to infinity needs a ratio between -1 and 1; this series diverges")
    if not ratio.is_number:
        reading.assume(f"|{plain(ratio)}| < 1")
    return reading.solution(first / (1 - ratio))


def _sum_to_a_letter(ask: Ask, reading: Reading) -> Solution:
    """The sum up to the n-th term in closed form, and whether a claim about it holds."""
    sympy = sympy_library()
    builder = Builder()
    index, count = ask.words[0], int(ask.words[1])
    letter = builder.symbol(index)
    terms = [builder.build(node) for node in ask.args[:count]]
    last, *claimed = [builder.build(node) for node in ask.args[count:]]
    k = sympy.Dummy("k", integer=True, positive=True)
    starts = [
        start
        for start in (0, 1, 2)
        if all(sympy.simplify(last.subs(letter, start + place) - term) == 0 for place, term in enumerate(terms))
    ]
    if not starts:
        raise ToolError(f"the terms before the dots do not follow {plain(last)} for {index} = 1, 2, 3, ...")
    upper = sympy.Symbol(index, integer=True, positive=True)
    total = sympy.summation(last.subs(letter, k), (k, starts[0], upper))
    total = sympy.factor(sympy.simplify(total)).subs(upper, letter)
    if total.has(sympy.Sum):
        raise ToolError("no closed form of this sum was found")
    checked = all(
        sympy.simplify(total.subs(letter, n) - sum(last.subs(letter, j) for j in range(starts[0], n + 1))) == 0
        for n in (starts[0] + 3, starts[0] + 6)
    )
    reading.assume(f"the term for {index} is {plain(last)}, from {index} = {starts[0]}")
    verified = "checked by adding up the first terms" if checked else None
    if not claimed:
        return reading.solution(total, verified=verified)
    holds = sympy.simplify(sympy.expand(total - claimed[0])) == 0
    text = f"yes, true: the sum is {plain(total)}" if holds else f"no, false: the sum is {plain(total)}"
    return told(reading, text, exact="true" if holds else "false")


HANDLERS: dict[str, Handler] = {
    "sum to a letter": _sum_to_a_letter,
    "dotted sum": _dotted,
    "geometric sum": _geometric_sum,
}
