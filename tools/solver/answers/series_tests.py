"""The tests by which an infinite series is seen to converge or to diverge."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .numeric import numeric_function
from .patience import OutOfPatience, within
from .printing import plain
from .untyped import sympy_library

_FAULTS = (ValueError, TypeError, ArithmeticError, NotImplementedError, AttributeError, KeyError, RecursionError)


@dataclass(frozen=True)
class Verdict:
    """What a test says.

    Args:
        converges: the answer.
        test: the name of the test.
        reason: what the test found.
        manner: `absolutely` or `conditionally`, or empty where the terms are positive.
    """

    converges: bool
    test: str
    reason: str = ""
    manner: str = ""

    def word(self) -> str:
        if not self.converges:
            return "diverges"
        return f"converges {self.manner}" if self.manner else "converges"

    def text(self) -> str:
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.word()} by the {self.test}{reason}"


def judged(term: Any, n: Any) -> Verdict | None:
    """The verdict of the first test that decides; `None` if none does."""
    if not term.has(n):
        return Verdict(bool(term == 0), "n-th term test", "the terms do not go to 0")
    for test in (_geometric, _power_law, _nth_term, _alternating, _positive, _growing):
        verdict = test(term, n)
        if verdict is not None:
            return verdict
    return None


def _limit(value: Any, n: Any) -> Any:
    """A limit at infinity; `None` if it was not found."""
    sympy = sympy_library()
    real = sympy.Symbol("real_index", positive=True)
    value = value.subs(n, real)
    for find in (
        lambda: sympy.limit(value, real, sympy.oo),
        lambda: sympy.limit(sympy.simplify(sympy.gammasimp(value)), real, sympy.oo),
    ):
        try:
            found = within(0.2, find, most=1.5)
        except (OutOfPatience, *_FAULTS):
            continue
        if not found.has(sympy.Limit, sympy.nan, real):
            return found
    return None


def _ratio(term: Any, n: Any) -> Any:
    sympy = sympy_library()
    try:
        return within(0.2, lambda: sympy.simplify(sympy.combsimp(term.subs(n, n + 1) / term)), most=1.5)
    except (OutOfPatience, *_FAULTS):
        return term.subs(n, n + 1) / term


def _geometric(term: Any, n: Any) -> Verdict | None:
    sympy = sympy_library()
    ratio = _ratio(term, n)
    if ratio.has(n) or not ratio.is_number or not ratio.is_real:
        return None
    size = sympy.Abs(ratio)
    if bool(size < 1):
        manner = "absolutely" if ratio.is_negative else ""
        return Verdict(True, "geometric series test", f"|r| = {plain(size)} < 1", manner)
    return Verdict(False, "geometric series test", f"|r| = {plain(size)} >= 1")


def _power_law(term: Any, n: Any) -> Verdict | None:
    """c/n^p."""
    sympy = sympy_library()
    _, rest = sympy.powsimp(term).as_independent(n, as_Add=False)
    base, exponent = rest.as_base_exp()
    while base.is_Pow:
        base, exponent = base.base, base.exp * exponent
    if base == n and exponent.is_number and exponent.is_negative:
        power = -exponent
        comparison = "> 1" if power > 1 else "<= 1"
        name = "p-series test (harmonic series)" if power == 1 else "p-series test"
        return Verdict(bool(power > 1), name, f"p = {plain(power)} {comparison}")
    return None


def parts_of_signs(term: Any, n: Any) -> tuple[Any, bool]:
    """The size of the terms, and whether they alternate in sign."""
    sympy = sympy_library()
    size, alternates = sympy.S.One, False
    for factor in sympy.Mul.make_args(sympy.powsimp(sympy.factor_terms(term))):
        base, exponent = factor.as_base_exp()
        if base.is_number and base.is_negative and exponent.has(n):
            steps = exponent.coeff(n)
            alternates ^= bool(steps.is_Integer and steps % 2 == 1)
            size *= (-base) ** exponent
        elif factor.func is sympy.cos and _is_half_turn(factor.args[0], n):
            alternates = not alternates
        else:
            size *= factor
    if size.could_extract_minus_sign() and not size.is_Add:
        size = -size
    return size, alternates


def _is_half_turn(angle: Any, n: Any) -> bool:
    sympy = sympy_library()
    return bool(angle == sympy.pi * n)


def limit_of_terms(term: Any, n: Any) -> Any:
    """The limit of a sequence; a pair where it swings between two values, `None` if it was not found."""
    sympy = sympy_library()
    size, alternates = parts_of_signs(term, n)
    if alternates:
        found = _limit(size, n)
        if found is None or isinstance(found, sympy.AccumBounds):
            return None
        return sympy.S.Zero if found == 0 else (-sympy.Abs(found), sympy.Abs(found))
    if _has_swinging_power(term, n):
        pair = [_limit(_power_fixed(term, n, sign), n) for sign in (1, -1)]
        if None in pair:
            return None
        return pair[0] if pair[0] == pair[1] else tuple(sorted(pair, key=float))
    found = _limit(term, n)
    if isinstance(found, sympy.AccumBounds):
        return (found.min, found.max)
    return found


def _has_swinging_power(term: Any, n: Any) -> bool:
    sympy = sympy_library()
    return any(part.base == -1 and part.exp.has(n) for part in term.atoms(sympy.Pow))


def _power_fixed(term: Any, n: Any, sign: int) -> Any:
    return term.replace(lambda part: part.is_Pow and part.base == -1 and part.exp.has(n), lambda part: sign)


def _nth_term(term: Any, n: Any) -> Verdict | None:
    sympy = sympy_library()
    found = limit_of_terms(term, n)
    if found is None:
        return None
    if isinstance(found, tuple):
        return Verdict(False, "n-th term test", "the terms do not go to 0")
    if found.is_zero or not found.is_number:
        return None
    shown = "infinity" if found in (sympy.oo, -sympy.oo) else plain(found)
    return Verdict(False, "n-th term test", f"the terms go to {shown}, not to 0")


def _alternating(term: Any, n: Any) -> Verdict | None:
    size, alternates = parts_of_signs(term, n)
    if not alternates:
        return None
    absolute = _positive(size, n) or _power_law(size, n)
    law = _power_law(size, n)
    absolute = law or absolute
    if absolute is not None and absolute.converges:
        return Verdict(
            True,
            absolute.test,
            f"the series of absolute values converges{'; ' + absolute.reason if absolute.reason else ''}",
            "absolutely",
        )
    limit = _limit(size, n)
    if limit is None or limit != 0 or not _falls(size, n):
        return None
    manner = "conditionally" if absolute is not None else ""
    reason = "the sizes of the terms fall to 0"
    if absolute is not None:
        reason += f", while the series of absolute values diverges by the {absolute.test}"
    return Verdict(True, "alternating series test", reason, manner)


def _falls(size: Any, n: Any) -> bool:
    function = numeric_function(size, [n])
    try:
        values = [abs(complex(function(index))) for index in (20, 21, 22, 50, 51, 100, 101, 1000, 1001)]
    except (OverflowError, *_FAULTS):
        return False
    return all(later < earlier for earlier, later in pairwise(values))


def _positive(term: Any, n: Any) -> Verdict | None:
    """Tests for series whose terms keep one sign, or for absolute values."""
    for test in (_ratio_test, _root_test, _bounded, _power_comparison, _logarithmic):
        verdict = test(term, n)
        if verdict is not None:
            return verdict
    return None


def _growing(term: Any, n: Any) -> Verdict | None:
    """Terms that are seen to grow in size, where no formula for their limit was found."""
    import mpmath

    sizes: list[Any] = []
    try:
        with mpmath.workdps(30):
            precise = numeric_function(term, [n], mpmath.mp)
            sizes = [abs(precise(mpmath.mpf(index))) for index in (50, 100, 200, 400, 800, 1600)]
    except (OverflowError, *_FAULTS):
        return None
    if all(later > 1.1 * earlier > 0 for earlier, later in pairwise(sizes)):
        return Verdict(False, "n-th term test", "the sizes of the terms grow, as computed up to n = 1600")
    return None


def _ratio_test(term: Any, n: Any) -> Verdict | None:
    sympy = sympy_library()
    if term.has(sympy.sin, sympy.cos):
        return None
    return _compared(_limit(sympy.Abs(_ratio(term, n)), n), "ratio test", "|a(n+1)/a(n)|")


def _root_test(term: Any, n: Any) -> Verdict | None:
    sympy = sympy_library()
    if not any(part.is_Pow and part.exp.has(n) and part.base.has(n) for part in sympy.preorder_traversal(term)):
        return None
    root = sympy.powdenest(sympy.expand_power_base(sympy.Abs(term) ** (1 / n), force=True), force=True)
    return _compared(_limit(root, n), "root test", "|a(n)|^(1/n)")


def _compared(found: Any, test: str, name: str) -> Verdict | None:
    if found is None or not found.is_extended_real or found == 1:
        return None
    if found.is_infinite or bool(found > 1):
        return Verdict(False, test, f"{name} goes to {plain(found)} > 1")
    return Verdict(True, test, f"{name} goes to {plain(found)} < 1")


def _bounded(term: Any, n: Any) -> Verdict | None:
    """A sine or cosine factor lies between -1 and 1."""
    sympy = sympy_library()
    waves = [factor for factor in sympy.Mul.make_args(term) if factor.as_base_exp()[0].func in (sympy.sin, sympy.cos)]
    waves = [factor for factor in waves if factor.as_base_exp()[1].is_positive and factor.has(n)]
    if not waves:
        return None
    rest = term / sympy.Mul(*waves)
    found = _power_law(rest, n) or _geometric(rest, n) or _positive(rest, n)
    if found is None or not found.converges:
        return None
    return Verdict(
        True, "comparison test", f"the terms are at most {plain(rest)} in size, whose series converges", "absolutely"
    )


def _power_comparison(term: Any, n: Any) -> Verdict | None:
    """Comparison with 1/n^p, where the size of the terms goes like such a power."""
    sympy = sympy_library()
    if term.has(sympy.sin, sympy.cos) and not any(part.args[0].has(1 / n) for part in term.atoms(sympy.sin, sympy.cos)):
        return None
    m = sympy.Symbol("positive_index", positive=True)
    inside = term.subs(n, m)
    power: Any = None
    if inside.is_rational_function(m):
        upper, lower = sympy.fraction(sympy.together(inside))
        power = sympy.degree(lower, m) - sympy.degree(upper, m)
    else:
        power = _limit(-m * sympy.diff(inside, m) / inside, m)
    if power is None or not power.is_number or not power.is_extended_real:
        return None
    power = sympy.S.Zero + power
    if power == 1:
        constant = _limit(sympy.Abs(inside) * m, m)
        if constant is None or not constant.is_positive:
            return None
        return Verdict(False, "limit comparison test", "the terms go like 1/n, whose series diverges")
    word = "converges" if power > 1 else "diverges"
    shown = f"1/n^{plain(power) if power.is_Integer else '(' + plain(power) + ')'}"
    if power.is_infinite:
        return Verdict(bool(power > 0), "comparison test", "the terms fall faster than any power of n")
    return Verdict(
        bool(power > 1), "limit comparison test", f"the terms go like {shown} in powers of n, whose series {word}"
    )


def _logarithmic(term: Any, n: Any) -> Verdict | None:
    """1/(n ln(n)^p): the integral test, with u = ln(n)."""
    sympy = sympy_library()
    u = sympy.Symbol("u", positive=True)
    m = sympy.Symbol("positive_index", positive=True)
    inside = sympy.simplify(term.subs(n, m))
    if not inside.has(sympy.log):
        return None
    changed = sympy.simplify((inside * m).subs(m, sympy.exp(u)))
    power = _limit(-u * sympy.diff(changed, u) / changed, u)
    if power is None or not power.is_number or not power.is_extended_real:
        return None
    if power == 1 and (_limit(changed * u, u) or sympy.S.Zero) == 0:
        return None
    comparison = "> 1" if power > 1 else "<= 1"
    return Verdict(
        bool(power > 1),
        "integral test",
        f"with u = ln(n) the integrand goes like 1/u^p with p = {plain(power)} {comparison}",
    )
