"""Sequences from their first terms: the simplest law that fits, which is an assumption and is named as one.

Laws are tried from the simplest: constant ratio, polynomials by differences (a polynomial of degree d needs d + 2
terms, so that one term checks it, or three terms for degree 1 and 2), sums of the two terms before, geometric
differences, and at last the polynomial through three or four terms.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .presenting import Reading
from .printing import latex_of, plain


class _Law(NamedTuple):
    """How a sequence goes on.

    Args:
        name: said as the assumption.
        term: the n-th term as a formula, if there is one.
        member: the term at a place, from 1.
    """

    name: str
    term: Callable[[Any], Any] | None
    member: Callable[[int], Any]


def _terms(ask: Ask, skip: int = 0) -> list[Any]:
    values: list[Any] = [Builder().build(node) for node in ask.args[skip:]]
    if not all(value.is_number for value in values):
        raise ToolError("a sequence needs numbers: next term in 3, 8, 15, 24")
    return values


def _law(terms: list[Any]) -> _Law:
    for find in (_polynomial_low, _geometric, _polynomial, _recurrent, _geometric_shifted, _through_all):
        if law := find(terms):
            return law
    raise ToolError("no law was found for this sequence; give more terms, or a formula")


def _differences(terms: list[Any]) -> list[list[Any]]:
    rows = [terms]
    while len(rows[-1]) > 1:
        rows.append([later - earlier for earlier, later in pairwise(rows[-1])])
    return rows


def _polynomial_low(terms: list[Any]) -> _Law | None:
    """Constant differences, or constant second differences seen at least twice."""
    return _by_differences(terms, most=1 if len(terms) < 4 else 2)


def _polynomial(terms: list[Any]) -> _Law | None:
    return _by_differences(terms, most=len(terms) - 2)


def _through_all(terms: list[Any]) -> _Law | None:
    return _by_differences(terms, most=len(terms) - 1) if len(terms) in (3, 4) else None


def _by_differences(terms: list[Any], most: int) -> _Law | None:
    import sympy

    rows = _differences(terms)
    degree = next((place for place, row in enumerate(rows) if all(value == row[0] for value in row)), len(rows))
    if degree > most:
        return None

    def term(n: Any) -> Any:
        total: Any = sympy.Integer(0)
        falling: Any = sympy.Integer(1)
        for place in range(degree + 1):
            total += rows[place][0] * falling / sympy.factorial(place)
            falling *= n - 1 - place
        return sympy.expand(total)

    names = {0: "all terms are equal", 1: f"each term is the one before plus {plain(rows[1][0])}" if degree else ""}
    return _Law(
        names.get(degree, f"the terms follow a polynomial of degree {degree}"), term, lambda n: term(sympy.Integer(n))
    )


def _geometric(terms: list[Any]) -> _Law | None:
    if any(value == 0 for value in terms) or len(terms) < 2:
        return None
    ratio = terms[1] / terms[0]
    if any(later != earlier * ratio for earlier, later in pairwise(terms)):
        return None

    def term(n: Any) -> Any:
        return terms[0] * ratio ** (n - 1)

    return _Law(f"each term is the one before times {plain(ratio)}", term, term)


def _recurrent(terms: list[Any]) -> _Law | None:
    """a(n) = p*a(n-1) + q*a(n-2), with p and q fixed by four terms and checked by a fifth; or the plain sum."""
    if len(terms) >= 4 and all(terms[k] == terms[k - 1] + terms[k - 2] for k in range(2, len(terms))):
        p, q = 1, 1
    elif len(terms) >= 5:
        (a, b, c, d), determinant = terms[:4], terms[1] ** 2 - terms[0] * terms[2]
        if determinant == 0:
            return None
        p, q = (b * c - a * d) / determinant, (b * d - c * c) / determinant
        if any(terms[k] != p * terms[k - 1] + q * terms[k - 2] for k in range(2, len(terms))):
            return None
    else:
        return None

    def member(n: int) -> Any:
        if n > 10_000:
            raise ToolError("terms up to the 10000th are computed for such a sequence")
        one, two = terms[0], terms[1]
        for _ in range(n - 1):
            one, two = two, p * two + q * one
        return one

    name = (
        "each term is the sum of the two before"
        if (p, q) == (1, 1)
        else f"a(n) = {plain(p)}*a(n-1) + {plain(q)}*a(n-2)"
    )
    return _Law(name, None, member)


def _geometric_shifted(terms: list[Any]) -> _Law | None:
    """A + b*r^n: the differences are geometric."""
    if len(terms) < 4:
        return None
    steps = [later - earlier for earlier, later in pairwise(terms)]
    law = _geometric(steps)
    if law is None or steps[1] == steps[0]:
        return None
    ratio = steps[1] / steps[0]

    def term(n: Any) -> Any:
        return terms[0] + steps[0] * (ratio ** (n - 1) - 1) / (ratio - 1)

    return _Law(f"the differences grow by the factor {plain(ratio)}", term, term)


def _next_terms(ask: Ask, reading: Reading) -> Solution:
    import sympy

    terms = _terms(ask)
    law = _law(terms)
    reading.assume(law.name)
    found = [law.member(len(terms) + k) for k in range(1, int(ask.words[0]) + 1)]
    if len(found) == 1:
        return reading.solution(sympy.nsimplify(found[0]) if found[0].is_Float else found[0])
    text = ", ".join(map(plain, found))
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=", ".join(map(latex_of, found)))


def _nth_term(ask: Ask, reading: Reading) -> Solution:
    terms = _terms(ask, skip=1)
    law = _law(terms)
    if law.term is None:
        raise ToolError(f"there is no simple formula; {law.name}. Ask for one term, such as the 10th")
    n: Any = Builder().build(ask.args[0])
    formula = law.term(n)
    holds = all(formula.subs(n, place) == value for place, value in enumerate(terms, 1))
    reading.assume(f"{law.name}; {plain(n)} starts at 1")
    return reading.solution(formula, verified="gives the terms back" if holds else None)


def _term_at(ask: Ask, reading: Reading) -> Solution:
    import sympy

    law = _law(_terms(ask))
    reading.assume(law.name)
    place = int(ask.words[0])
    if place > 100_000:
        raise ToolError("terms up to the 100000th are computed")
    return reading.solution(law.member(place) if law.term is None else law.term(sympy.Integer(place)))


def _count_terms(ask: Ask, reading: Reading) -> Solution:
    import sympy

    last: Any = Builder().build(ask.args[0])
    law = _law(_terms(Ask("", ask.args[1:])))
    if law.term is None:
        raise ToolError("terms are counted for sequences with a formula for the n-th term")
    n = sympy.Symbol("n", positive=True, integer=True)
    places = [place for place in sympy.solve(law.term(n) - last, n) if place.is_Integer]
    if not places:
        raise ToolError("the last number is no term of this sequence")
    reading.assume(law.name)
    holds = sympy.simplify(law.term(places[0]) - last) == 0
    return reading.solution(places[0], verified="checked by substitution" if holds else None)


def _progression(ask: Ask, reading: Reading) -> Solution:
    """An arithmetic or geometric sequence given by its first term and its step."""
    import sympy

    builder = Builder()
    first, step, *places = (builder.build(node) for node in ask.args)
    kind, wanted = ask.words
    if not places:
        if kind == "arithmetic" or not (abs(step) < 1) == True:  # noqa: E712  a SymPy relation may be undecided
            raise ToolError("the sum of infinitely many terms needs a ratio between -1 and 1; or say how many terms")
        return reading.solution(first / (1 - step))
    n: Any = places[0]
    if n.is_number and (not n.is_Integer or n < 1 or n > 10**6):
        raise ToolError("the number of the term must be a whole number from 1 to 1000000")
    if kind == "arithmetic":
        value: Any = first + (n - 1) * step if wanted == "term" else n * (2 * first + (n - 1) * step) / 2
    elif wanted == "term":
        value = first * step ** (n - 1)
    else:
        value = n * first if step == 1 else first * (1 - step**n) / (1 - step)
    return reading.solution(value if n.is_number else sympy.expand(value) if kind == "arithmetic" else value)


HANDLERS: dict[str, Handler] = {
    "next terms": _next_terms,
    "nth term": _nth_term,
    "term at": _term_at,
    "count terms": _count_terms,
    "progression": _progression,
}
