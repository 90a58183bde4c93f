"""Equations and systems of equations, with every solution put back into its equation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import ToolError
from ..reading.syntax import Apply, Node, Number, Relation, Solve, variables_of, walk
from ..solution import Solution
from .build import Builder
from .inequalities import solve_inequalities
from .numeric import real_roots, vanishes
from .presenting import Reading
from .printing import decimal, latex_of, plain

if TYPE_CHECKING:
    from sympy import Expr, Symbol

_REAL_FUNCTIONS = frozenset(("abs", "sign", "floor", "ceiling", "max", "min", "round", "heaviside"))
_CHECKED = "checked by substitution"
_MAX_DEGREE = 100


def solve(request: Solve, reading: Reading) -> Solution:
    """Solve equations or inequalities for one or several variables."""
    relations = [_as_relation(node, reading) for node in request.relations]
    if not relations:
        raise ToolError("there is no equation; write solve x^2 = 4")
    names = variables_of(*relations)
    for name in request.variables:
        if name not in names:
            raise ToolError(f"the variable {name!r} does not occur in the equation")
    if not names:
        raise ToolError("there is no unknown in the equation; write a letter for it: solve 2x + 3 = 7")
    inequalities = [relation for relation in relations if relation.op != "="]
    equations = [relation for relation in relations if relation.op == "="]
    if inequalities or (len(equations) == 1 and _is_real_only(equations[0])):
        name = request.variables[0] if request.variables else reading.choose(names, "solved for")
        return solve_inequalities(relations, name, reading)
    builder = Builder(real=False)
    residuals = [builder.build(relation.left) - builder.build(relation.right) for relation in equations]
    if len(residuals) == 1 and len(request.variables) <= 1:
        name = request.variables[0] if request.variables else reading.choose(names, "solved for")
        return _one(residuals[0], builder.symbol(name), reading)
    unknowns = request.variables or tuple(sorted(names))
    symbols = [builder.symbol(name) for name in unknowns]
    if len(unknowns) < len(residuals) == len(names):
        # `for x` with two equations and two unknowns: both are solved for, and x is told.
        return _system(residuals, [builder.symbol(name) for name in sorted(names)], reading, told=symbols)
    return _system(residuals, symbols, reading)


def _as_relation(node: Node, reading: Reading) -> Relation:
    from fractions import Fraction

    if isinstance(node, Relation):
        return node
    reading.assume("the expression is set equal to 0")
    return Relation("=", node, Number(Fraction(0)))


def _is_real_only(relation: Relation) -> bool:
    return any(isinstance(part, Apply) and part.name in _REAL_FUNCTIONS for part in walk(relation))


def _one(residual: Expr, x: Symbol, reading: Reading) -> Solution:
    import sympy

    if x not in residual.free_symbols or sympy.expand(residual) == 0:
        zero = sympy.simplify(residual) == 0
        text = f"true for every {x}" if zero else "no solution"
        return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=rf"\text{{{text}}}")
    if steepest := max((abs(power.exp) for power in residual.atoms(sympy.Pow) if _is_power_of(power, x)), default=0):
        _check_degree(int(steepest))
    if residual.is_polynomial(x):
        roots = _polynomial_roots(sympy.Poly(residual, x), reading)
    elif residual.has(sympy.core.function.Function) and _is_periodic(residual, x):
        return _periodic(residual, x, reading)
    else:
        roots = _closed_roots(residual, x)
        roots = None if roots is None else _without_periods(residual, x, roots, reading)
    if roots is None:
        return _numeric(residual, x, reading)
    return roots_solution(residual, x, roots, reading)


def _is_power_of(power: Any, x: Symbol) -> bool:
    return power.base.has(x) and power.exp.is_Integer


def _check_degree(degree: int) -> None:
    if degree > _MAX_DEGREE:
        raise ToolError(f"polynomials up to degree {_MAX_DEGREE} can be solved, not {degree}")


def _is_periodic(residual: Expr, x: Symbol) -> bool:
    from sympy.functions.elementary.trigonometric import TrigonometricFunction

    return any(x in part.free_symbols for part in residual.atoms(TrigonometricFunction))


def _polynomial_roots(polynomial: Any, reading: Reading) -> list[Any]:
    """All roots over the complex numbers: exact where radicals exist, numbers where not."""
    import sympy

    _check_degree(polynomial.degree())
    if polynomial.free_symbols_in_domain:
        return sympy.solve(polynomial.as_expr(), polynomial.gen)
    if polynomial.degree() > 1 and _has_roots_of_its_own(polynomial):
        roots: list[Any] = []
        for factor, _ in polynomial.factor_list()[1]:
            exact = sympy.roots(factor) if _has_simple_radicals(factor) else {}
            if sum(exact.values()) == factor.degree():
                roots += exact
            else:
                reading.assume("some roots have no simple closed form; they are given as decimals")
                roots += factor.nroots(n=max(reading.precision, 15), maxsteps=200)
        return roots
    return list(sympy.roots(polynomial)) or sympy.solve(polynomial.as_expr(), polynomial.gen)


def _has_roots_of_its_own(polynomial: Any) -> bool:
    return bool(polynomial.domain.is_ZZ or polynomial.domain.is_QQ)


def _has_simple_radicals(factor: Any) -> bool:
    """Whether radicals are worth finding: the general quartic has them, but nobody can read them."""
    coefficients = factor.all_coeffs()
    symmetric = coefficients == coefficients[::-1]
    even = all(power[0] % 2 == 0 for power in factor.monoms())
    return factor.degree() <= 3 or (len(coefficients) <= 12 and (symmetric or even or len(factor.terms()) == 2))


def _closed_roots(residual: Expr, x: Symbol) -> list[Any] | None:
    """Roots in closed form, `None` where SymPy knows no method."""
    import sympy

    try:
        roots = sympy.solve(residual, x)
    except NotImplementedError:
        return None
    if not roots and residual.has(sympy.Function, sympy.exp):
        return None
    if any(x in root.free_symbols for root in roots):
        return None
    return roots


def _without_periods(residual: Expr, x: Symbol, roots: list[Any], reading: Reading) -> list[Any]:
    """Only the real roots of an equation with x in an exponent: of the complex ones, without end, SymPy names a few."""
    import sympy

    real = [root for root in roots if root.is_real]
    if not real or len(real) == len(roots) or residual.free_symbols != {x}:
        return roots
    if not any(x in power.exp.free_symbols for power in residual.atoms(sympy.Pow, sympy.exp)):
        return roots
    reading.assume("real solutions only")
    return real


def roots_solution(residual: Expr, x: Symbol, roots: list[Any], reading: Reading) -> Solution:
    """The solution that lists roots, verified if each of them holds when it is put into the equation."""
    from sympy import S

    sides: Any = residual
    checked = [(root, vanishes(sides.subs(x, root))) for root in _ordered(roots)]
    kept = [root for root, _ in checked]
    if not kept:
        return reading.solution(S.One, text="no solution", exact="no solution", number="", latex=r"\text{no solution}")
    verified = _CHECKED if all(holds for _, holds in checked) else None
    written = [(plain(root), decimal(root, reading.precision)) for root in kept]
    return reading.solution(
        kept[0],
        text=" or ".join(
            f"{x} = {reading.shown(root, exact=exact, number=number)}"
            for root, (exact, number) in zip(kept, written, strict=True)
        ),
        exact=" or ".join(f"{x} = {exact}" for exact, _ in written),
        number=" or ".join(f"{x} = {number}" for _, number in written) if all(number for _, number in written) else "",
        latex=r" \text{ or } ".join(f"{latex_of(x)} = {latex_of(root)}" for root in kept),
        verified=verified,
    )


def _ordered(roots: list[Any]) -> list[Any]:
    """Real roots in ascending order, then the others; roots with parameters as they come."""
    unique = list(dict.fromkeys(roots))
    if any(root.free_symbols for root in unique):
        return unique

    def place(root: Any) -> tuple[bool, float, float]:
        value = complex(root.evalf(15))
        real = abs(value.imag) < 1e-12 * (1 + abs(value))
        return not real, round(value.real, 9), value.imag

    return sorted(unique, key=place)


def _periodic(residual: Any, x: Symbol, reading: Reading) -> Solution:
    """Real solutions of a trigonometric equation, with all their repetitions."""
    import sympy

    real = sympy.Symbol(x.name, real=True)
    try:
        found = sympy.solveset(residual.subs(x, real), real, sympy.S.Reals)
        cases = _periodic_cases(found)
    except NotImplementedError:
        cases = None
    if cases is None:
        return _numeric(residual, x, reading)
    if not cases:
        return reading.solution(
            sympy.S.One, text="no real solution", exact="no real solution", number="", latex=r"\text{no real solution}"
        )
    n = sympy.Symbol("n", integer=True)
    holds = all(vanishes(residual.subs(x, case.subs(n, turn))) for case in cases for turn in (0, 1, -2))
    suffix = " (n any integer)" if any(n in case.free_symbols for case in cases) else ""
    reading.assume("only real solutions are listed")
    text = " or ".join(f"{x} = {plain(case)}" for case in cases) + suffix
    return reading.solution(
        cases[0],
        text=text,
        exact=text,
        number="",
        latex=r" \text{ or } ".join(f"{latex_of(x)} = {latex_of(case)}" for case in cases),
        verified=_CHECKED if holds else None,
    )


def _periodic_cases(found: Any) -> list[Any] | None:
    """The expressions of a union of `{expr(n) : n integer}` and points; `None` for any other set."""
    import sympy

    n = sympy.Symbol("n", integer=True)
    if found is sympy.S.EmptySet:
        return []
    if isinstance(found, sympy.FiniteSet):
        return list(found.args)
    if isinstance(found, sympy.ImageSet) and found.base_sets == (sympy.S.Integers,):
        return [sympy.expand(found.lamda(n))]
    if isinstance(found, sympy.Union):
        parts = [_periodic_cases(part) for part in found.args]
        if any(part is None for part in parts):
            return None
        return sorted((case for part in parts if part for case in part), key=lambda case: case.subs(n, 0).evalf())
    return None


def _numeric(residual: Expr, x: Symbol, reading: Reading) -> Solution:
    """Real roots as numbers where there is no closed form."""
    if residual.free_symbols != {x}:
        raise ToolError(f"no closed form for {x} was found; give numbers for the other letters")
    roots = real_roots(residual, x, max(reading.precision, 15))
    if not roots:
        raise ToolError("no closed form was found, and no real solution between -1000 and 1000")
    reading.assume("no closed form was found; real solutions between -1000 and 1000, computed numerically")
    return roots_solution(residual, x, roots, reading)


def _system(residuals: list[Any], unknowns: list[Any], reading: Reading, told: list[Any] | None = None) -> Solution:
    import sympy

    found: list[dict[Any, Any]] = sympy.solve(residuals, unknowns, dict=True)
    if not found:
        return reading.solution(
            sympy.S.One, text="no solution", exact="no solution", number="", latex=r"\text{no solution}"
        )
    if any(len(case) < len(unknowns) for case in found):
        reading.assume("there are more unknowns than equations; some stay free")
    found.sort(key=lambda case: [str(case.get(unknown, "")) for unknown in unknowns])
    holds = all(vanishes(residual.subs(case)) for residual in residuals for case in found)
    unknowns = told or unknowns
    texts = [", ".join(f"{name} = {reading.shown(case[name])}" for name in unknowns if name in case) for case in found]
    exact = [", ".join(f"{name} = {plain(case[name])}" for name in unknowns if name in case) for case in found]
    numbers = [_numbers(case, unknowns, reading) for case in found]
    latex = [", ".join(f"{latex_of(n)} = {latex_of(case[n])}" for n in unknowns if n in case) for case in found]
    return reading.solution(
        sympy.S.One,
        text=_cases(texts),
        exact=_cases(exact),
        number=_cases(numbers) if all(numbers) else "",
        latex=r" \text{ or } ".join(latex),
        verified=_CHECKED if holds else None,
    )


def _numbers(case: dict[Any, Any], unknowns: list[Any], reading: Reading) -> str:
    values = [(name, decimal(case[name], reading.precision)) for name in unknowns if name in case]
    return ", ".join(f"{name} = {value}" for name, value in values) if all(value for _, value in values) else ""


def _cases(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else " or ".join(f"({text})" for text in texts)
