"""Linear differential equations with constant coefficients, by their characteristic polynomial.

The right side may be a sum of x^k*e^(ax)*cos(bx) and the like, for which a particular solution is found by comparing
coefficients; everything else is left to other methods.
"""

from __future__ import annotations

from typing import Any

from .untyped import sympy_library


def constant_coefficients(equation: Any, symbols: list[Any], x: Any) -> tuple[list[Any], None] | None:
    """The general solution.

    Args:
        equation: what is zero.
        symbols: the unknown and the symbols of its derivatives, by order.
        x: the independent variable.

    Returns:
        A list of the one solution, and nothing; or `None` if the equation is of another kind.
    """
    sympy = sympy_library()

    expanded = sympy.expand(equation)
    coefficients = [expanded.coeff(symbol) for symbol in symbols]
    rest = sympy.expand(expanded - sum(c * s for c, s in zip(coefficients, symbols, strict=True)))
    if rest.has(*symbols) or any(c.has(x, *symbols) for c in coefficients) or coefficients[-1] == 0:
        return None
    r = sympy.Dummy("r")
    roots: dict[Any, int] = sympy.roots(sympy.Poly([*reversed(coefficients)], r))
    if sum(roots.values()) != len(symbols) - 1:
        return None
    functions = _independent(roots, x)
    particular = _particular(coefficients, -rest, roots, x)
    if particular is None:
        return None
    constants = sympy.symbols(f"C1:{len(functions) + 1}")
    return [sum((c * f for c, f in zip(constants, functions, strict=True)), particular)], None


def _independent(roots: dict[Any, int], x: Any) -> list[Any]:
    """Real solutions of the homogeneous equation."""
    sympy = sympy_library()

    functions: list[Any] = []
    for root, times in sorted(roots.items(), key=lambda item: sympy.default_sort_key(item[0])):
        real, imaginary = (sympy.simplify(part) for part in root.as_real_imag())
        if imaginary == 0:
            kinds = [sympy.exp(real * x)]
        elif imaginary.is_negative or imaginary.could_extract_minus_sign():
            continue  # its conjugate gives both
        else:
            kinds = [sympy.exp(real * x) * sympy.cos(imaginary * x), sympy.exp(real * x) * sympy.sin(imaginary * x)]
        functions += [x**power * kind for power in range(times) for kind in kinds]
    if len(functions) != sum(roots.values()):
        raise NotImplementedError("roots that are not conjugate in pairs")
    return functions


def _particular(coefficients: list[Any], right: Any, roots: dict[Any, int], x: Any) -> Any:
    """A solution of the inhomogeneous equation, `None` if the right side is of another form."""
    sympy = sympy_library()

    total: Any = sympy.Integer(0)
    if right == 0:
        return total
    groups: dict[tuple[Any, Any], tuple[int, Any]] = {}
    prepared: Any = right
    for rewrite in (sympy.sinh, sympy.cosh, sympy.tanh):
        if prepared.has(rewrite):
            prepared = prepared.rewrite(sympy.exp)
    if prepared.has(sympy.sin, sympy.cos):
        from sympy.simplify.fu import TR8

        prepared = TR8(sympy.expand(prepared))  # products of sines and cosines to sums
    for term in sympy.Add.make_args(sympy.powsimp(sympy.expand(prepared))):
        kind = _kind(term, x)
        if kind is None:
            return None
        power, growth, frequency = kind
        before, sum_before = groups.get((growth, frequency), (0, sympy.Integer(0)))
        groups[growth, frequency] = (max(power, before), sum_before + term)
    for (growth, frequency), (power, terms) in groups.items():
        found = _matched(coefficients, terms, growth, frequency, power, roots, x)
        if found is None:
            return None
        total += found
    return total


def _kind(term: Any, x: Any) -> tuple[int, Any, Any] | None:
    """(k, a, b) of a multiple of x^k*e^(ax)*cos(bx) or x^k*e^(ax)*sin(bx)."""
    sympy = sympy_library()

    power, growth, frequency = 0, sympy.Integer(0), sympy.Integer(0)
    for factor in sympy.Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if not factor.has(x):
            continue
        if factor == x or (base == x and exponent.is_Integer and exponent > 0):
            power += int(exponent) if base == x else 1
        elif not base.has(x) and exponent.has(x):
            logarithm = sympy.expand(exponent * sympy.log(base))
            slope = logarithm.coeff(x)
            if (logarithm - slope * x).has(x) or slope.has(x):
                return None
            growth += slope
        elif isinstance(factor, sympy.sin | sympy.cos) and frequency == 0:
            frequency = sympy.expand(factor.args[0]).coeff(x)
            if frequency.has(x) or sympy.expand(factor.args[0] - frequency * x) != 0:
                return None
        else:
            return None
    return (power, growth, frequency) if power <= 12 else None


def _matched(coefficients: list[Any], terms: Any, growth: Any, frequency: Any, power: int, roots: Any, x: Any) -> Any:
    """The particular solution whose unknown coefficients make the equation true."""
    sympy = sympy_library()

    critical = growth + sympy.I * frequency
    shift = next((times for root, times in roots.items() if sympy.simplify(root - critical) == 0), 0)
    waves = (sympy.Integer(1),) if frequency == 0 else (sympy.cos(frequency * x), sympy.sin(frequency * x))
    pairs = [(x ** (shift + n), wave) for n in range(power + 1) for wave in waves]
    unknowns = sympy.symbols(f"q0:{len(pairs)}", cls=sympy.Dummy)
    trial: Any = sum(q * p * w for q, (p, w) in zip(unknowns, pairs, strict=True)) * sympy.exp(growth * x)
    applied = sum(c * trial.diff(x, order) for order, c in enumerate(coefficients))
    residual = sympy.expand(sympy.expand((applied - terms) * sympy.exp(-growth * x)))
    residual = sympy.expand(sympy.powsimp(residual).subs(sympy.exp(growth * x), sympy.exp(growth * x)))
    places = [wave for wave in waves if wave != 1]
    names = sympy.symbols(f"w0:{len(places)}", cls=sympy.Dummy)
    residual = residual.subs(dict(zip(places, names, strict=True)))
    equations = sympy.Poly(residual, x, *names).coeffs()
    found = sympy.solve(equations, unknowns, dict=True)
    return trial.subs(found[0]) if found and not trial.subs(found[0]).has(*unknowns) else None
