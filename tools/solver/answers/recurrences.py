"""Recurrences in closed form by SymPy's `rsolve`, checked against the terms that the recurrence itself gives."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Number, Relation, Sequence, variables_of
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .numeric import vanishes
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import latex_of, plain
from .untyped import sympy_library

_FAULTS = (ArithmeticError, AssertionError, AttributeError, KeyError, NotImplementedError, TypeError, ValueError)
_SHOWN = 6
_CHECKED = 10
_MOST_BITS = 100_000


class _Recurrence:
    def __init__(self, ask: Ask) -> None:
        self.letter, index, *shifts = ask.words
        self.shifts = [int(shift) for shift in shifts]
        self.first, self.last = self.shifts[0], self.shifts[-1]
        names = [name for name in variables_of(*ask.args) if "_R" not in name and name != index]
        self.builder = Builder(integers=(index,), positive=tuple(names))
        self.parameters = names
        self.n = self.builder.symbol(index)
        relation: Any = ask.args[0]
        assert isinstance(relation, Relation)
        self.equation = self.builder.build(relation.left) - self.builder.build(relation.right)
        self.initial: dict[int, Any] = {}
        self.places: list[int] = []
        for node in ask.args[1:]:
            assert isinstance(node, Sequence)
            assert isinstance(node.items[0], Number)
            at = int(node.items[0].value)
            if len(node.items) == 2:
                self.initial[at] = self.builder.build(node.items[1])
            else:
                self.places.append(at)

    def term(self, shift: int) -> Any:
        return self.builder.symbol(f"{self.letter}_R{'m' if shift < 0 else 'p'}{abs(shift)}")

    @property
    def order(self) -> int:
        return self.last - self.first

    @property
    def is_started(self) -> bool:
        """Whether the initial values determine all following terms."""
        places = sorted(self.initial)
        return len(places) >= self.order and places[: self.order] == list(range(places[0], places[0] + self.order))

    def terms(self, until: int) -> dict[int, Any]:
        """The terms up to an index, by the recurrence itself."""
        sympy = sympy_library()

        found = sympy.solve(self.equation, self.term(self.last))
        if len(found) != 1:
            raise ToolError("the recurrence does not determine its next term; write it as a(n) = ...")
        values = dict(self.initial)
        start = min(values)
        for place in range(start + self.order, until + 1):
            if place in values:
                continue
            base = place - self.last
            known = {self.term(shift): values[base + shift] for shift in range(self.first, self.last)}
            value = sympy.expand(found[0].subs({**known, self.n: base}))
            if value.is_Integer and int(value).bit_length() > _MOST_BITS:
                raise ToolError("the terms become too large to be written out; ask for an earlier one")
            values[place] = value
        return values


def _recurrence(ask: Ask, reading: Reading) -> Solution:
    problem = _Recurrence(ask)
    if problem.parameters:
        reading.assume(f"constants: {', '.join(f'{name} > 0' for name in problem.parameters)}")
    if problem.places and problem.is_started:
        place = problem.places[0]
        value = within(0.8, lambda: problem.terms(place), most=7.0)[place]
        closed = _closed(problem)
        verified = (
            "checked with the closed form" if closed is not None and _same(closed, problem.n, place, value) else None
        )
        return reading.solution(value, text=f"{problem.letter}({place}) = {reading.shown(value)}", verified=verified)
    closed = _closed(problem)
    if closed is None:
        if not problem.is_started:
            raise ToolError(
                "no closed form was found for this recurrence; give first terms and ask for one: find a(10)"
            )
        terms = problem.terms(min(problem.initial) + _SHOWN)
        reading.assume("no closed form was found")
        text = f"first terms: {', '.join(plain(value) for _, value in sorted(terms.items()))}"
        return reading.solution(list(terms.values())[-1], text=text, exact=text, number="", latex="")
    name = f"{problem.letter}({problem.n})"
    note, verified = "", None
    if problem.is_started:
        start = min(problem.initial)
        terms = problem.terms(start + _CHECKED)
        matched = all(_same(closed, problem.n, place, value) for place, value in terms.items())
        if not matched:
            raise ToolError("no closed form was found that meets these first terms; check them")
        verified = f"checked for {len(terms)} terms"
        listed = ", ".join(plain(terms[start + k]) for k in range(_SHOWN))
        note = f" (from {problem.n} = {start}: {listed}, ...)"
    else:
        moved = {problem.term(shift): closed.subs(problem.n, problem.n + shift) for shift in problem.shifts}
        constants = sorted(str(symbol) for symbol in closed.free_symbols if str(symbol)[0] == "C")
        reading.assume(f"{', '.join(constants)}: arbitrary constants")
        residual = problem.equation.subs(moved)
        if all(vanishes(residual.subs(problem.n, place)) for place in (7, 8)):
            verified = "checked by substitution"
    text = f"{name} = {plain(closed)}{note}"
    return reading.solution(closed, text=text, latex=f"{name} = {latex_of(closed)}", verified=verified)


def _same(closed: Any, n: Any, place: int, value: Any) -> bool:
    difference = closed.subs(n, place) - value
    if difference == 0:
        return True
    if difference.free_symbols:
        return vanishes(difference)
    scale = 1 + abs(complex(value.evalf()))
    return abs(complex(difference.evalf(30, maxn=400))) < 1e-9 * scale


def _closed(problem: _Recurrence) -> Any:
    """The closed form, `None` if none was found."""
    sympy = sympy_library()

    function: Any = sympy.Function("unknown")
    n = sympy.Symbol(problem.n.name, integer=True)
    if problem.order == 1 and (simple := _first_order(problem)) is not None:
        return simple
    terms = {problem.term(shift): function(n + shift) for shift in problem.shifts}
    equation = problem.equation.subs(problem.n, n).subs(terms)
    start = {function(place): value for place, value in problem.initial.items()}
    try:
        found = within(
            0.6, lambda: sympy.rsolve(equation, function(n), start if problem.is_started else None), most=5.0
        )
        if found is None or found.has(function, sympy.Sum):
            return None
        simple = within(0.4, lambda: sympy.powsimp(sympy.expand_power_base(sympy.simplify(found))), most=2.0)
    except (OutOfPatience, *_FAULTS):
        return None
    shortest = min((found, simple, sympy.expand(found)), key=lambda form: form.count_ops())
    return shortest.subs(n, problem.n)


def _first_order(problem: _Recurrence) -> Any:
    """a(n+1) = q*a(n) + p(n) with constant q and constant p, which needs no search."""
    sympy = sympy_library()

    new, old = problem.term(problem.last), problem.term(problem.first)
    solved = sympy.solve(problem.equation, new)
    if len(solved) != 1:
        return None
    q = sympy.expand(solved[0]).coeff(old)
    p = sympy.expand(solved[0] - q * old)
    if q.has(problem.n, old) or p.has(problem.n, old) or q == 0:
        return None
    n, start = problem.n, min(problem.initial, default=0)
    first = problem.initial.get(start, sympy.Symbol("C0"))
    if q == 1:
        return sympy.expand(first + p * (n - start))
    fixed = p / (1 - q)
    return sympy.powsimp((first - fixed) * q ** (n - start)) + fixed


HANDLERS: dict[str, Handler] = {"recurrence": _recurrence}
