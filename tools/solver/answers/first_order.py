"""Differential equations of first order that are linear or separable, solved by integrating."""

from __future__ import annotations

from typing import Any

from .patience import OutOfPatience, within
from .untyped import sympy_library


def first_order_solutions(equation: Any, symbols: list[Any], x: Any) -> tuple[list[Any], Any] | None:
    """The general solution.

    Args:
        equation: what is zero.
        symbols: the unknown and the symbol of its derivative.
        x: the independent variable.

    Returns:
        The explicit solutions and an implicit one (a SymPy equation) where there is no explicit one; or `None`.
    """
    sympy = sympy_library()

    y, slope = symbols
    if sympy.degree(sympy.expand(equation), slope) != 1 if equation.is_polynomial(slope) else True:
        return None
    expanded = sympy.collect(sympy.expand(equation), slope)
    factor = expanded.coeff(slope)
    right = sympy.together(-(expanded - factor * slope).expand() / factor)
    return _linear(right, y, x) or _bernoulli(right, y, x) or _separable(right, y, x)


def _linear(right: Any, y: Any, x: Any) -> tuple[list[Any], None] | None:
    """Y' = a(x)*y + b(x)."""
    sympy = sympy_library()

    a = sympy.simplify(right.diff(y))
    if a.has(y):
        return None
    solution = _linear_solution(a, sympy.simplify(right - a * y), x)
    return None if solution is None else ([solution], None)


def _linear_solution(a: Any, b: Any, x: Any) -> Any:
    sympy = sympy_library()

    constant = sympy.Symbol("C1")
    exponent = sympy.integrate(a, x)
    growth = sympy.simplify(sympy.exp(exponent))
    inner = sympy.integrate(sympy.expand(sympy.simplify(b / growth)), x) if b != 0 else sympy.Integer(0)
    if inner.has(sympy.Integral) or growth.has(sympy.Integral):
        return None
    return constant * growth + sympy.expand(sympy.simplify(growth * inner))


def _bernoulli(right: Any, y: Any, x: Any) -> tuple[list[Any], None] | None:
    """Y' = a(x)*y + b(x)*y^n, by u = y^(1-n)."""
    sympy = sympy_library()

    terms = sympy.collect(sympy.expand(right), y, evaluate=False)
    if y not in terms or len(terms) != 2:
        return None
    ((power, b),) = [(key, value) for key, value in terms.items() if key != y]
    base, n = power.as_base_exp()
    if base != y or n.has(x, y) or any(value.has(y) for value in terms.values()):
        return None
    if not (n.is_Rational and n not in (0, 1)):
        return None
    solution = _linear_solution((1 - n) * terms[y], (1 - n) * b, x)
    if solution is None:
        return None
    root: Any = sympy.Integer(1) / (1 - n)
    explicit = sympy.simplify(solution**root)
    return ([-explicit, explicit] if root.is_Rational and root.q % 2 == 0 else [explicit]), None


def _separable(right: Any, y: Any, x: Any) -> tuple[list[Any], Any] | None:
    """Y' = f(x)*g(y)."""
    sympy = sympy_library()

    parts = sympy.separatevars(sympy.factor(right), symbols=[x, y], dict=True)
    if not parts:
        return None
    left = sympy.integrate(sympy.apart(1 / parts[y], y) if parts[y].is_rational_function(y) else 1 / parts[y], y)
    across = sympy.integrate(parts["coeff"] * parts[x], x)
    if left.has(sympy.Integral) or across.has(sympy.Integral):
        return None
    constant = sympy.Symbol("C1")
    left = sympy.logcombine(sympy.expand(left), force=True)
    relation = sympy.Eq(left, across + constant)
    try:
        solutions = within(0.3, lambda: sympy.solve(left - across - constant, y), most=1.5)
    except (NotImplementedError, OutOfPatience):
        solutions = []
    if sum(solution.count_ops() for solution in solutions) > 6 * relation.count_ops():
        solutions = []  # an equation says more than so long a formula
    renamed = [_renamed(solution, constant, x) for solution in solutions if not solution.has(y)]
    return renamed, relation


def _renamed(solution: Any, constant: Any, x: Any) -> Any:
    """The solution with e^C1 written as a constant of its own, where C1 appears in no other way."""
    sympy = sympy_library()

    expanded = solution.replace(
        lambda part: isinstance(part, sympy.exp) and part.args[0].has(constant),
        lambda part: sympy.Mul(*(sympy.exp(term) for term in sympy.Add.make_args(sympy.expand(part.args[0])))),
    )
    powers = [part for part in expanded.atoms(sympy.exp) if part.has(constant)]
    if len(powers) != 1 or not (powers[0].args[0] / constant).is_number:
        return solution
    fresh = sympy.Dummy("C")
    replaced = expanded.subs(powers[0], fresh)
    return solution if replaced.has(constant) or x in fresh.free_symbols else replaced.subs(fresh, constant)
