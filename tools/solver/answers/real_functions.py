"""Functions of one real variable: where they are defined, where they vanish, which sign they have in between.

Zeros come from exact solving where that ends in time, else from sign changes; signs come from numbers put in between
neighbouring zeros and gaps. A periodic function is looked at over one period.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from dataclasses import dataclass
from typing import Any

from ...errors import ToolError
from .numeric import numeric_function, real_roots
from .patience import OutOfPatience, within
from .printing import decimal, plain
from .real_conditions import conditions, kinks, real_rooted
from .untyped import sympy_library

_MOST_ZEROS = 60
_MOST_NUMERIC = 20  # as many as `real_roots` looks for
_ENDLESS = "there are infinitely many such points; name an interval, such as on [0, 2*pi]"
_FAULTS = (ValueError, TypeError, ArithmeticError, NotImplementedError, AttributeError, KeyError, RecursionError)


@dataclass(frozen=True)
class Piece:
    """An interval without further zeros and gaps, and the sign of a function on it.

    Args:
        lower: its lower end, perhaps -infinity.
        upper: its upper end, perhaps infinity.
        sign: 1, 0 or -1.
    """

    lower: Any
    upper: Any
    sign: int


class RealFunction:
    """A formula as a function of one real variable.

    Args:
        value: the formula.
        x: the variable, a real symbol.
        lower: where the part that is looked at begins.
        upper: where it ends.
    """

    def __init__(self, value: Any, x: Any, lower: Any = None, upper: Any = None) -> None:
        sympy = sympy_library()
        self.value, self.x = value, x
        self.lower = -sympy.oo if lower is None else lower
        self.upper = sympy.oo if upper is None else upper
        self.period: Any = None
        if lower is None and value.has(sympy.sin, sympy.cos, sympy.tan, sympy.cot, sympy.sec, sympy.csc):
            self.period = period_of(value, x)
            if self.period is not None:
                self.lower, self.upper = sympy.S.Zero, self.period
        self.window = sympy.Interval(self.lower, self.upper)
        self._domain: Any = None

    @property
    def domain(self) -> Any:
        """Where the function is defined, inside the part that is looked at: a union of intervals and points."""
        if self._domain is None:
            self._domain = self._defined()
        return self._domain

    def number(self, value: Any, at: Any) -> float | None:
        """A formula's real value at a number; `None` where there is none."""
        return real_number(value, self.x, at)

    def _defined(self) -> Any:
        sympy = sympy_library()
        found: Any = self.window
        for kind, part in conditions(self.value, self.x):
            found = found.intersect(self.where(part, kind))
            if found is sympy.S.EmptySet:
                break
        return found

    def where(self, part: Any, kind: str) -> Any:
        """The part of the window where an expression is `> 0`, `>= 0`, `< 0` or `!= 0`, as a set."""
        sympy = sympy_library()
        if not part.has(self.x):
            number = real_number(part, self.x, sympy.S.Zero)
            holds = (
                number is not None and {">": number > 0, ">=": number >= 0, "<": number < 0, "!=": number != 0}[kind]
            )
            return self.window if holds else sympy.S.EmptySet
        zeros = self.zeros(part)
        if kind == "!=":
            return self.window - sympy.FiniteSet(*zeros)
        sign = -1 if kind == "<" else 1
        found: Any = sympy.S.EmptySet
        for piece in self.pieces(part, zeros, window=self.window):
            if piece.sign == sign:
                found = found.union(sympy.Interval.open(piece.lower, piece.upper))
        ends = [end for end in (self.lower, self.upper) if end.is_finite]
        closed = zeros if kind == ">=" else []
        closed = [*closed, *(end for end in ends if sign * (real_number(part, self.x, end) or 0.0) > 0)]
        return found.union(sympy.FiniteSet(*closed))

    def zeros(self, part: Any) -> list[Any]:
        """The zeros of an expression in the window, in ascending order.

        Raises:
            ToolError: if there are infinitely many.
        """
        sympy = sympy_library()
        numerator = sympy.fraction(sympy.together(part))[0]
        found: list[Any] = []
        for factor in _factors(numerator, self.x):
            found += self._zeros_of_factor(factor)
        kept: list[Any] = []
        for point in sorted(found, key=float):
            inside = float(self.lower) - 1e-12 <= float(point) <= float(self.upper) + 1e-12
            if inside and not any(abs(float(point) - float(other)) < 1e-9 * (1 + abs(float(other))) for other in kept):
                kept.append(point)
        if len(kept) > _MOST_ZEROS:
            raise ToolError("there are too many points; ask for a shorter interval")
        return kept

    def _zeros_of_factor(self, factor: Any) -> list[Any]:
        sympy = sympy_library()
        if factor.is_polynomial(self.x):
            polynomial = sympy.Poly(factor, self.x)
            if polynomial.degree() < 1:
                return []
            return _polynomial_zeros(polynomial)
        bounded = self.lower.is_finite and self.upper.is_finite
        endless = False
        with contextlib.suppress(OutOfPatience, *_FAULTS):
            region = self.window if bounded else sympy.S.Reals
            found = within(0.3, lambda: sympy.solveset(factor, self.x, region), most=2.5)
            points = _listed(found)
            if points is None and found.has(sympy.ImageSet) and not found.has(sympy.ConditionSet):
                endless = True
            if points is not None:
                return [
                    p for p in points if p.is_extended_real is not False and p.is_finite and _is_zero(factor, self.x, p)
                ]
        if endless and not bounded:
            raise ToolError(_ENDLESS)
        return self._numeric_zeros(factor)

    def _numeric_zeros(self, factor: Any) -> list[Any]:
        sympy = sympy_library()
        lower, upper = float(self.lower), float(self.upper)
        if not (math.isfinite(lower) and math.isfinite(upper)):
            try:
                found = real_roots(factor, self.x, 18)
            except _FAULTS:
                raise ToolError("the points could not be found for this function; ask for a simpler one") from None
            if len(found) >= _MOST_NUMERIC:
                raise ToolError(_ENDLESS)
            found = [sympy.S.Zero if abs(float(root)) < 1e-15 else root for root in found]
            return [root for root in found if lower <= float(root) <= upper]
        steps = 400
        points = [lower + (upper - lower) * (k + 0.0137) / (steps + 0.03) for k in range(steps + 1)]
        values = [real_number(factor, self.x, sympy.Float(point)) for point in points]
        found = []
        for k in range(steps):
            first, second = values[k], values[k + 1]
            if first is not None and second is not None and (first < 0) != (second < 0):
                root = self._bisected(factor, points[k], points[k + 1], first < 0)
                if abs(real_number(factor, self.x, root) or 0.0) < 1e-9:
                    found.append(root)
        return found

    def _bisected(self, factor: Any, lower: float, upper: float, rises: bool) -> Any:
        sympy = sympy_library()
        for _ in range(60):
            middle = (lower + upper) / 2
            value = real_number(factor, self.x, sympy.Float(middle))
            if value is None or value == 0.0:
                break
            lower, upper = (middle, upper) if (value < 0) == rises else (lower, middle)
        return sympy.Float((lower + upper) / 2, 15)

    def pieces(self, part: Any, zeros: list[Any] | None = None, window: Any = None) -> list[Piece]:
        """The signs of an expression between its zeros and gaps, within the domain."""
        region = self.domain if window is None else window
        zeros = self.zeros(part) if zeros is None else zeros
        breaks: list[Any] = []
        for point in sorted([*zeros, *self.gaps(part)], key=float):
            if not breaks or float(point) - float(breaks[-1]) > 1e-12 * (1 + abs(float(point))):
                breaks.append(point)
        found: list[Piece] = []
        for lower, upper in intervals_of(region):
            ends = [lower, *(point for point in breaks if float(lower) < float(point) < float(upper)), upper]
            for first, second in itertools.pairwise(ends):
                sign = self._sign(part, first, second)
                if sign is not None:
                    found.append(Piece(first, second, sign))
        return found

    def gaps(self, part: Any) -> list[Any]:
        """Where an expression may change its sign without vanishing."""
        points: list[Any] = []
        for kind, condition in conditions(part, self.x):
            if kind == "!=":
                points += self.zeros(condition)
        for kink in kinks(part, self.x):
            points += self.zeros(kink)
        return points

    def _sign(self, part: Any, lower: Any, upper: Any) -> int | None:
        for sample in between(lower, upper):
            value = self.number(part, sample)
            if value is not None:
                return 0 if abs(value) < 1e-13 else 1 if value > 0 else -1
        return None


def between(lower: Any, upper: Any) -> list[Any]:
    """A few numbers inside an interval."""
    sympy = sympy_library()
    first, last = float(lower), float(upper)
    if math.isinf(first) and math.isinf(last):
        numbers = [0.37, 1.71, -2.3]
    elif math.isinf(last):
        numbers = [first + step * (1 + abs(first) * 0.1) for step in (0.71, 2.3, 0.013)]
    elif math.isinf(first):
        numbers = [last - step * (1 + abs(last) * 0.1) for step in (0.71, 2.3, 0.013)]
    else:
        numbers = [first + (last - first) * share for share in (0.47, 0.21, 0.83)]
    return [sympy.Float(value) for value in numbers]


def real_number(value: Any, x: Any, at: Any) -> float | None:
    """The real value of a formula at a number, odd roots of negative numbers being real; `None` where there is none."""
    try:
        point = float(at)
        result = complex(numeric_function(real_rooted(value), [x])(point))
    except (OverflowError, ZeroDivisionError, *_FAULTS):
        try:
            result = complex(real_rooted(value).subs(x, at).evalf(15))
        except (OverflowError, *_FAULTS):
            return None
    if getattr(at, "is_irrational", None) and value.subs(x, at).has(*_undefined()):
        return None  # rounding hides a pole at an exact place such as pi/2
    if not math.isfinite(result.real) or abs(result.imag) > 1e-10 * (1 + abs(result)):
        return None
    return result.real


def _undefined() -> tuple[Any, ...]:
    sympy = sympy_library()
    return sympy.zoo, sympy.nan, sympy.oo, -sympy.oo


def all_vanish(value: Any, x: Any, points: list[Any]) -> bool:
    """Whether a formula is zero at each of these points, with the numbers put in."""
    heights = [real_number(value, x, point) for point in points]
    return all(height is not None and abs(height) < 1e-6 for height in heights)


def period_of(value: Any, x: Any) -> Any:
    """The smallest positive period, checked at sample points; `None` if there is none."""
    sympy = sympy_library()
    try:
        period = within(0.3, lambda: sympy.periodicity(value, x), most=2.0)
    except (OutOfPatience, *_FAULTS):
        return None
    if period is None or not period.is_number or period == 0:
        return None
    period = sympy.Abs(period)
    for divisor in (4, 3, 2):  # the method may give a multiple of the smallest period
        if _repeats(value, x, period / divisor):
            return period / divisor
    return period if _repeats(value, x, period) else None


def _repeats(value: Any, x: Any, period: Any) -> bool:
    agreed = 0
    for start in (0.13, 0.57, 1.19, 2.31, -0.83, 3.7):
        first, second = real_number(value, x, start), real_number(value, x, start + float(period))
        if first is None or second is None:
            continue
        if abs(first - second) > 1e-8 * (1 + abs(first)):
            return False
        agreed += 1
    return agreed >= 2


def intervals_of(region: Any) -> list[tuple[Any, Any]]:
    """The ends of the intervals of a set, in ascending order; single points are left out."""
    sympy = sympy_library()
    parts = region.args if isinstance(region, sympy.Union) else [region]
    found = [(part.start, part.end) for part in parts if isinstance(part, sympy.Interval)]
    if region is sympy.S.Reals:
        found = [(-sympy.oo, sympy.oo)]
    return sorted(found, key=lambda ends: float(ends[0]))


def _factors(value: Any, x: Any) -> list[Any]:
    """Factors whose zeros are looked for one by one; powers without their exponents."""
    sympy = sympy_library()
    try:
        value = within(0.2, lambda: sympy.factor(value), most=1.0)
    except (OutOfPatience, *_FAULTS):
        pass
    found: list[Any] = []
    for factor in sympy.Mul.make_args(value):
        base = factor.base if factor.is_Pow and factor.exp.is_positive else factor
        if base.has(x) and not (factor.is_Pow and factor.exp.has(x)) and not isinstance(base, sympy.exp):
            found.append(base)
    return found


def _polynomial_zeros(polynomial: Any) -> list[Any]:
    sympy = sympy_library()
    try:
        real = polynomial.real_roots(multiple=False)
    except _FAULTS:
        return [root for root in sympy.roots(polynomial) if root.is_real]
    return [_readable(root) for root, _ in real]


def _readable(root: Any) -> Any:
    """A root in radicals, or as a decimal number where it has none in short."""
    sympy = sympy_library()
    return root.evalf(20) if root.has(sympy.CRootOf) or root.count_ops() > 40 else root


def _listed(found: Any) -> list[Any] | None:
    """The points of a set; `None` if it is not finite, or not known."""
    sympy = sympy_library()
    if found is sympy.S.EmptySet:
        return []
    if isinstance(found, sympy.FiniteSet):
        return list(found.args)
    if isinstance(found, sympy.Union):
        parts = [_listed(part) for part in found.args]
        return None if any(part is None for part in parts) else [point for part in parts for point in part or ()]
    if isinstance(found, sympy.Complement | sympy.Intersection) and isinstance(found.args[0], sympy.FiniteSet):
        return list(found.args[0].args)
    return None


def _is_zero(value: Any, x: Any, at: Any) -> bool:
    number = real_number(value, x, at)
    return number is None or abs(number) < 1e-7


def limit_at(value: Any, x: Any, point: Any, side: str = "+-") -> Any:
    """A limit, exact where that ends in time; `None` if it was not found."""
    sympy = sympy_library()
    try:
        found = within(0.3, lambda: sympy.limit(value, x, point, side), most=2.0)
    except (OutOfPatience, *_FAULTS):
        return None
    if found is None or found.has(sympy.nan, sympy.Limit) or found.free_symbols:
        return None
    if found.has(sympy.zoo, sympy.I):
        return None
    return found


def set_notation(region: Any) -> str:
    """A union of intervals and points: `(-infinity, -2) U (2, infinity)`."""
    sympy = sympy_library()
    if region is sympy.S.EmptySet:
        return "empty"
    if region is sympy.S.Reals:
        return "(-infinity, infinity)"
    if isinstance(region, sympy.FiniteSet):
        return "{" + ", ".join(plain(point) for point in sorted(region.args, key=float)) + "}"
    if isinstance(region, sympy.Union):
        return " U ".join(set_notation(part) for part in sorted(region.args, key=lambda part: float(part.inf)))
    left, right = "(" if region.left_open else "[", ")" if region.right_open else "]"
    return f"{left}{shown_number(region.start)}, {shown_number(region.end)}{right}"


def shown_number(value: Any) -> str:
    """A number in short: exact where it is short, else as a decimal."""
    sympy = sympy_library()
    if value.has(sympy.Float):
        return decimal(value, 10) or plain(value)
    text = plain(value)
    return text if len(text) <= 40 else decimal(value, 10) or text
