"""Functions in pieces: values, one-sided limits, continuity, derivatives, integrals, letters that join them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Sequence
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .domain import Handler
from .presenting import Reading, check_defined
from .printing import latex_of, plain
from .untyped import sympy_library


@dataclass
class Piece:
    """A formula on an interval; its ends, and whether they belong to it."""

    formula: Any
    low: Any
    high: Any
    with_low: bool
    with_high: bool

    def holds(self, at: Any) -> bool:
        return bool(
            self.low < at < self.high or (at == self.low and self.with_low) or (at == self.high and self.with_high)
        )


class Pieces:
    """The pieces of a function in order of their intervals, without overlap."""

    def __init__(self, ask: Ask) -> None:
        self.builder = Builder()
        self.x = self.builder.symbol(ask.words[1])
        marks = ask.words[2].split(",")
        self.pieces: list[Piece] = []
        rest: Any = None
        for node, mark in zip(ask.args, marks, strict=False):
            assert isinstance(node, Sequence)
            formula, *bounds = (self.builder.build(item) for item in node.items)
            check_defined(formula)
            if mark == "else":
                rest = formula
            else:
                self._add(formula, [self._number(bound) for bound in bounds], mark)
        self.pieces.sort(key=lambda piece: (piece.low, piece.high))
        self._check()
        if rest is not None:
            self._fill(rest)
        self.bounds = [self.builder.build(node) for node in ask.args[len(marks) :]]
        for bound in self.bounds:
            check_defined(bound)

    def _number(self, bound: Any) -> Any:
        check_defined(bound)
        if not bound.is_number or not bound.is_extended_real:
            raise ToolError("the pieces of a function must be told apart by numbers, such as x < 1")
        return bound

    def _add(self, formula: Any, bounds: list[Any], mark: str) -> None:
        oo = sympy_library().oo
        first = bounds[0]
        if mark == "=":
            self.pieces.append(Piece(formula, first, first, True, True))
        elif mark == "!=":
            self.pieces += [Piece(formula, -oo, first, False, False), Piece(formula, first, oo, False, False)]
        elif len(bounds) == 2:
            left, right = mark.split()
            if not first <= bounds[1]:
                raise ToolError("the lower end of an interval comes first, as in 0 < x < 1")
            self.pieces.append(Piece(formula, first, bounds[1], "=" in left, "=" in right))
        elif mark[0] == "<":
            self.pieces.append(Piece(formula, -oo, first, False, "=" in mark))
        else:
            self.pieces.append(Piece(formula, first, oo, "=" in mark, False))

    def _check(self) -> None:
        for left, right in zip(self.pieces, self.pieces[1:], strict=False):
            both = left.high == right.low and left.with_high and right.with_low
            if left.high > right.low or (both and tidy((left.formula - right.formula).subs(self.x, left.high)) != 0):
                raise ToolError("the intervals of the pieces overlap, so the function has two values there")

    def _fill(self, formula: Any) -> None:
        """Give what no piece covers to the formula that is meant for all the rest."""
        oo = sympy_library().oo
        filled: list[Piece] = []
        low, with_low = -oo, False
        for piece in self.pieces:
            if low < piece.low or (low == piece.low and with_low and not piece.with_low):
                filled.append(Piece(formula, low, piece.low, with_low, not piece.with_low and piece.low != oo))
            filled.append(piece)
            low, with_low = piece.high, not piece.with_high
        if low < oo:
            filled.append(Piece(formula, low, oo, with_low, False))
        self.pieces = filled

    def value(self, at: Any) -> Any:
        """The value at a point; `None` where the function is not defined."""
        return next((tidy(piece.formula.subs(self.x, at)) for piece in self.pieces if piece.holds(at)), None)

    def limit(self, at: Any, side: str, *, derived: bool = False) -> Any:
        """The limit from one side; `None` where the function is not defined on that side."""
        sympy = sympy_library()
        for piece in self.pieces:
            if piece.low < piece.high and (
                piece.low <= at < piece.high if side == "+" else piece.low < at <= piece.high
            ):
                formula = sympy.diff(piece.formula, self.x) if derived else piece.formula
                direct = formula.subs(self.x, at)
                found = direct if direct.is_finite else sympy.limit(formula, self.x, at, side)
                return tidy(found)
        return None

    def joints(self) -> list[Any]:
        """Where one piece ends and the next begins."""
        oo = sympy_library().oo
        ends = {end for piece in self.pieces for end in (piece.low, piece.high) if end not in (-oo, oo)}
        return sorted(ends)


def _point(pieces: Pieces) -> Any:
    (at,) = pieces.bounds
    if not at.is_number or not at.is_extended_real:
        raise ToolError("name a point as a number, for example: is f continuous at 1")
    return at


def _values(pieces: Pieces, ask: Ask, reading: Reading) -> Solution:
    if not all(bound.is_number and bound.is_real for bound in pieces.bounds):
        raise ToolError("name the points as numbers, for example f(-2)")
    values = [pieces.value(bound) for bound in pieces.bounds]
    if any(value is None for value in values):
        raise ToolError("the function is not defined there: no piece contains this point")
    if len(values) == 1:
        return reading.solution(values[0])
    told = ", ".join(
        f"f({plain(at)}) = {reading.shown(value)}" for at, value in zip(pieces.bounds, values, strict=True)
    )
    return reading.solution(sympy_library().S.One, text=told, exact=told, number="")


def _verdict(holds: bool, why: str, reading: Reading) -> Solution:
    word = "true" if holds else "false"
    text = f"{'yes' if holds else 'no'}: {why}"
    return reading.solution(sympy_library().S.One, text=text, exact=word, number="", latex=rf"\text{{{word}}}")


def _told(value: Any) -> str:
    return "none" if value is None else plain(value)


def _continuous_at(pieces: Pieces, ask: Ask, reading: Reading) -> Solution:
    at = _point(pieces)
    holds, why = _join(pieces, at)
    return _verdict(holds, why, reading)


def _join(pieces: Pieces, at: Any) -> tuple[bool, str]:
    """Whether the function is continuous at a point, and why."""
    left, right, value = pieces.limit(at, "-"), pieces.limit(at, "+"), pieces.value(at)
    if value is not None and left is not None and right is not None and _equal(left, right) and _equal(left, value):
        return True, f"the limits from both sides and the value at {plain(at)} are {plain(value)}"
    what = f"limit from the left {_told(left)}, from the right {_told(right)}, value {_told(value)} at {plain(at)}"
    return False, what


def _equal(left: Any, right: Any) -> bool:
    return bool(left.is_finite) and bool(right.is_finite) and tidy(left - right) == 0


def _continuous(pieces: Pieces, ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    reasons = [why for at in pieces.joints() for holds, why in [_join(pieces, at)] if not holds]
    for piece in pieces.pieces:
        if piece.low < piece.high:
            inside = sympy.Interval.open(piece.low, piece.high)
            poles = sympy.singularities(piece.formula, pieces.x, inside)
            reasons += [f"{plain(piece.formula)} has a pole at {plain(at)}" for at in poles]
    if reasons:
        return _verdict(False, "; ".join(reasons), reading)
    joints = ", ".join(plain(at) for at in pieces.joints())
    return _verdict(True, f"the pieces are continuous and meet at {joints}", reading)


def _differentiable_at(pieces: Pieces, ask: Ask, reading: Reading) -> Solution:
    at = _point(pieces)
    holds, why = _join(pieces, at)
    if not holds:
        return _verdict(False, f"it is not continuous there ({why})", reading)
    left, right = pieces.limit(at, "-", derived=True), pieces.limit(at, "+", derived=True)
    if left is not None and right is not None and _equal(left, right):
        return _verdict(True, f"the slopes from both sides are {plain(left)}", reading)
    return _verdict(False, f"the slope from the left is {_told(left)}, from the right {_told(right)}", reading)


def _limit(pieces: Pieces, ask: Ask, reading: Reading) -> Solution:
    at = _point(pieces)
    if ask.words[3:]:
        found = pieces.limit(at, "-" if ask.words[3] == "left" else "+")
        if found is None:
            raise ToolError("the function is not defined on that side")
        return reading.solution(found)
    left, right = pieces.limit(at, "-"), pieces.limit(at, "+")
    if left is None or right is None or tidy(left - right) != 0:
        text = f"does not exist: from the left {_told(left)}, from the right {_told(right)}"
        return reading.solution(sympy_library().S.One, text=text, exact=text, number="", latex=rf"\text{{{text}}}")
    return reading.solution(left)


def _integral(pieces: Pieces, ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    low, high = pieces.bounds
    if not all(bound.is_number and bound.is_extended_real for bound in (low, high)):
        raise ToolError("an integral over pieces needs numbers as bounds")
    sign = 1
    if low > high:
        low, high, sign = high, low, -1
    total, covered = sympy.Integer(0), sympy.S.EmptySet
    for piece in pieces.pieces:
        start, end = max(low, piece.low), min(high, piece.high)
        if start < end:
            total += sympy.integrate(piece.formula, (pieces.x, start, end))
            covered = covered + sympy.Interval(start, end)
    if covered != sympy.Interval(low, high):
        raise ToolError("the function is not defined on the whole of this interval")
    value = tidy(sign * total)
    if value.has(sympy.Integral, sympy.zoo, sympy.nan):
        raise ToolError("no closed form of this integral was found")
    return reading.solution(value)


def _interval(x: Any, low: Any, high: Any, signs: tuple[str, str]) -> str:
    oo = sympy_library().oo
    if low == -oo and high == oo:
        return "all x"
    if low == -oo:
        return f"{x} {signs[1]} {plain(high)}"
    if high == oo:
        return f"{x} {signs[0].replace('<', '>')} {plain(low)}"
    return f"{plain(low)} {signs[0]} {x} {signs[1]} {plain(high)}"


def _derivative(pieces: Pieces, ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    told, latex = [], []
    for piece in pieces.pieces:
        if piece.low < piece.high:
            slope = tidy(sympy.diff(piece.formula, pieces.x))
            check_defined(slope)
            told.append(f"{plain(slope)} for {_interval(pieces.x, piece.low, piece.high, ('<', '<'))}")
            latex.append(rf"{latex_of(slope)} & {_interval(pieces.x, piece.low, piece.high, ('<', '<'))}")
    for at in pieces.joints():
        if _join(pieces, at)[0]:
            left, right = pieces.limit(at, "-", derived=True), pieces.limit(at, "+", derived=True)
            if _equal(left, right):
                told.append(f"{plain(left)} at {pieces.x} = {plain(at)}")
    text = "; ".join(told)
    cases = r"\begin{cases}" + r" \\ ".join(latex).replace("<=", r"\le") + r"\end{cases}"
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=cases)


def _parameter(pieces: Pieces, ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    wanted, *letters = ask.words[3:]
    symbols = [pieces.builder.symbol(letter) for letter in letters]
    equations: list[Any] = []
    for at in pieces.joints():
        sides = [part for part in (pieces.limit(at, "-"), pieces.limit(at, "+"), pieces.value(at)) if part is not None]
        equations += [part - sides[0] for part in sides[1:]]
        if wanted == "smooth":
            slopes = [pieces.limit(at, side, derived=True) for side in ("-", "+")]
            if None not in slopes:
                equations.append(slopes[1] - slopes[0])
    equations = [equation for equation in map(sympy.expand, equations) if equation != 0]
    solutions = sympy.solve(equations, symbols, dict=True) if equations else []
    if not solutions or any(set(solution) != set(symbols) for solution in solutions):
        raise ToolError("the pieces do not determine these letters")
    told = " or ".join(", ".join(f"{plain(s)} = {plain(tidy(solution[s]))}" for s in symbols) for solution in solutions)
    latex = r"\ \text{or}\ ".join(
        ", ".join(f"{latex_of(s)} = {latex_of(solution[s])}" for s in symbols) for solution in solutions
    )
    checked = all(tidy(equation.subs(solution)) == 0 for solution in solutions for equation in equations)
    return reading.solution(
        sympy.S.One,
        text=told,
        exact=told,
        number="",
        latex=latex,
        verified="checked by substitution" if checked else None,
    )


def _equation(pieces: Pieces, ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    (wanted,) = pieces.bounds
    roots: set[Any] = set()
    for piece in pieces.pieces:
        if piece.low == piece.high:
            if tidy(piece.formula - wanted) == 0:
                roots.add(piece.low)
            continue
        found = sympy.solveset(piece.formula - wanted, pieces.x, sympy.Interval(piece.low, piece.high))
        if not isinstance(found, sympy.FiniteSet):
            if found is sympy.S.EmptySet:
                continue
            raise ToolError("this equation has no finite list of solutions")
        roots |= {root for root in found if piece.holds(root)}
    ordered = sorted(roots)
    text = " or ".join(f"{pieces.x} = {reading.shown(root)}" for root in ordered) or "no solution"
    exact = " or ".join(f"{pieces.x} = {plain(root)}" for root in ordered) or "no solution"
    return reading.solution(sympy.S.One, text=text, exact=exact, number="")


_ANSWERS = {
    "values": _values,
    "continuous at": _continuous_at,
    "continuous": _continuous,
    "differentiable at": _differentiable_at,
    "limit": _limit,
    "integral": _integral,
    "derivative": _derivative,
    "parameter": _parameter,
    "equation": _equation,
}


def _piecewise(ask: Ask, reading: Reading) -> Solution:
    return _ANSWERS[ask.words[0]](Pieces(ask), ask, reading)


HANDLERS: dict[str, Handler] = {"piecewise": _piecewise}
