"""Arithmetic modulo a number, and equations in whole numbers."""

from __future__ import annotations

import itertools
import math
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node, variables_of
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .integers import is_prime, listing, number, verdict, whole
from .presenting import Reading
from .printing import clipped, integer_text, plain

_MOST_TRIED = 200_000
_MOST_LISTED = 200


def _told(text: str, reading: Reading, verified: str | None = None) -> Solution:
    import sympy

    return reading.solution(
        sympy.S.One, text=clipped(text), exact=text, number="", latex=rf"\text{{{text}}}", verified=verified
    )


def _modulus(node: Node) -> int:
    return whole(node, "a modulus", least=1)


def _modular_inverse(ask: Ask, reading: Reading) -> Solution:
    value, modulus = whole(ask.args[0], "a modular inverse"), _modulus(ask.args[1])
    divisor = math.gcd(value, modulus)
    if divisor != 1:
        raise ToolError(f"{value} has no inverse modulo {modulus}: both are divisible by {divisor}")
    inverse = pow(value, -1, modulus)
    checked = value * inverse % modulus == 1 % modulus
    return number(inverse, reading, "checked by multiplication" if checked else None)


def _order(ask: Ask, reading: Reading) -> Solution:
    import sympy

    value, modulus = whole(ask.args[0], "an order"), _modulus(ask.args[1])
    if math.gcd(value, modulus) != 1:
        raise ToolError(f"{value} has no order modulo {modulus}, because they have a common factor")
    found = int(sympy.n_order(value % modulus, modulus)) if modulus > 1 else 1
    return number(found, reading, "checked by a power" if pow(value, found, modulus) == 1 % modulus else None)


def _primitive_root(ask: Ask, reading: Reading) -> Solution:
    import sympy

    modulus = _modulus(ask.args[0])
    found = sympy.primitive_root(modulus) if modulus > 1 else None
    if found is None:
        raise ToolError(f"there is no primitive root modulo {modulus}")
    return number(int(found), reading)


def _primitive_roots(ask: Ask, reading: Reading) -> Solution:
    import sympy

    modulus = whole(ask.args[0], "primitive roots", least=2, most=5000)
    first = sympy.primitive_root(modulus)
    if first is None:
        raise ToolError(f"there is no primitive root modulo {modulus}")
    phi = int(sympy.totient(modulus))
    found = sorted(pow(int(first), power, modulus) for power in range(1, phi + 1) if math.gcd(power, phi) == 1)
    return listing(found, reading)


def _discrete_logarithm(ask: Ask, reading: Reading) -> Solution:
    value, base, modulus = whole(ask.args[0]), whole(ask.args[1]), _modulus(ask.args[2])
    return number(_logarithm(value, base, modulus), reading, "checked by a power")


def _logarithm(value: int, base: int, modulus: int) -> int:
    from sympy.ntheory.residue_ntheory import discrete_log

    try:
        found = int(discrete_log(modulus, value % modulus, base % modulus))
    except ValueError:
        found = -1
    if found < 0 or pow(base, found, modulus) != value % modulus:
        raise ToolError(f"no power of {base} is {value} modulo {modulus}")
    return found


def _quadratic_residue(ask: Ask, reading: Reading) -> Solution:
    from sympy.ntheory.residue_ntheory import sqrt_mod

    value, modulus = whole(ask.args[0]), _modulus(ask.args[1])
    root = sqrt_mod(value % modulus, modulus) if modulus > 1 else 0
    if root is None:
        return verdict(False, reading, f"no square is {value} modulo {modulus}")
    return verdict(True, reading, f"{root}^2 is {value % modulus} modulo {modulus}")


def _quadratic_residues(ask: Ask, reading: Reading) -> Solution:
    modulus = whole(ask.args[0], "quadratic residues", least=2, most=3000)
    reading.assume("0 is left out")
    return listing(sorted({root * root % modulus for root in range(modulus)} - {0}), reading)


def _jacobi(ask: Ask, reading: Reading) -> Solution:
    import flint

    upper, lower = whole(ask.args[0]), whole(ask.args[1], "this symbol", least=3)
    if lower % 2 == 0:
        raise ToolError("the Legendre and Jacobi symbols need an odd number below")
    return number(int(flint.fmpz(upper % lower).jacobi(flint.fmpz(lower))), reading)


def _congruent(ask: Ask, reading: Reading) -> Solution:
    left, right, modulus = whole(ask.args[0]), whole(ask.args[1]), _modulus(ask.args[2])
    return verdict((left - right) % modulus == 0, reading, f"the difference leaves {(left - right) % modulus}")


def _congruences(ask: Ask, reading: Reading) -> Solution:
    """`(left, right, modulus)` one after the other, in one unknown."""
    name = variables_of(*ask.args)[0]
    groups = [ask.args[place : place + 3] for place in range(0, len(ask.args), 3)]
    moduli = [_modulus(modulus) for _, _, modulus in groups]
    if len(groups) == 1 and (base := _exponential(groups[0], name)) is not None:
        power = _logarithm(whole(groups[0][1]), base, moduli[0])
        return _told(f"{name} = {power}", reading, "checked by a power")
    found = [_residues(left, right, modulus, name) for (left, right, _), modulus in zip(groups, moduli, strict=True)]
    residues, modulus = found[0]
    for more, other in found[1:]:
        residues, modulus = _combined(residues, modulus, more, other)
    if not residues:
        raise ToolError("these congruences have no common solution" if len(groups) > 1 else "there is no solution")
    parts = ", ".join(integer_text(residue) for residue in residues[:_MOST_LISTED])
    checked = all(_holds(group, name, residues[0], own) for group, own in zip(groups, moduli, strict=True))
    return _told(
        f"{name} = {parts} (mod {integer_text(modulus)})", reading, "checked by substitution" if checked else None
    )


def _exponential(group: tuple[Node, ...], name: str) -> int | None:
    left: Any = Builder().build(group[0])
    if left.is_Pow and left.base.is_Integer and left.exp == Builder().symbol(name):
        return int(left.base)
    return None


def _holds(group: tuple[Node, ...], name: str, value: int, modulus: int) -> bool:
    builder = Builder()
    left, right = (builder.build(node).subs(builder.symbol(name), value) for node in group[:2])
    return bool((left - right) % modulus == 0)


def _residues(left: Node, right: Node, modulus: int, name: str) -> tuple[list[int], int]:
    """The residues that solve one congruence, and what they are residues of."""
    import sympy

    builder = Builder()
    x = builder.symbol(name)
    difference: Any = sympy.expand(builder.build(left) - builder.build(right))
    if not difference.is_polynomial(x):
        raise ToolError("congruences are solved for polynomials with whole coefficients: 3x = 4 mod 7")
    polynomial = sympy.Poly(difference, x)
    if not all(coefficient.is_Integer for coefficient in polynomial.all_coeffs()):
        raise ToolError("congruences are solved for polynomials with whole coefficients: 3x = 4 mod 7")
    coefficients = [int(coefficient) % modulus for coefficient in polynomial.all_coeffs()]
    if len(coefficients) == 2:
        a, b = coefficients
        divisor = math.gcd(a, modulus)
        if b % divisor:
            return [], modulus
        smaller = modulus // divisor
        return [(-b // divisor * pow(a // divisor, -1, smaller)) % smaller if smaller > 1 else 0], smaller
    if modulus > _MOST_TRIED:
        raise ToolError(f"congruences that are not linear are solved modulo numbers up to {_MOST_TRIED}")
    found: list[int] = []
    for value in range(modulus):
        total = 0
        for coefficient in coefficients:
            total = (total * value + coefficient) % modulus
        if total == 0:
            found.append(value)
    return found, modulus


def _combined(first: list[int], modulus: int, second: list[int], other: int) -> tuple[list[int], int]:
    """Chinese remainders, also for moduli with a common factor."""
    common = math.gcd(modulus, other)
    together = modulus // common * other
    found: list[int] = []
    for a, b in itertools.product(first[:1000], second[:1000]):
        if (b - a) % common == 0:
            step = (b - a) // common * pow(modulus // common, -1, other // common) if other // common > 1 else 0
            found.append((a + modulus * step) % together)
    return sorted(set(found)), together


def _bezout(ask: Ask, reading: Reading) -> Solution:
    a, b = whole(ask.args[0], "the Euclidean algorithm"), whole(ask.args[1], "the Euclidean algorithm")
    x, y, divisor = _euclid(a, b)
    text = f"gcd({a}, {b}) = {divisor} = {a}*({x}) + {b}*({y})"
    return _told(text, reading, "checked by multiplication" if a * x + b * y == divisor else None)


def _euclid(a: int, b: int) -> tuple[int, int, int]:
    x, next_x, y, next_y = 1, 0, 0, 1
    rest, divisor = b, a
    while rest:
        quotient = divisor // rest
        divisor, rest = rest, divisor - quotient * rest
        x, next_x = next_x, x - quotient * next_x
        y, next_y = next_y, y - quotient * next_y
    return (x, y, divisor) if divisor >= 0 else (-x, -y, -divisor)


def _integer_solutions(ask: Ask, reading: Reading) -> Solution:
    import sympy

    builder = Builder()
    names = variables_of(*ask.args)
    equation: Any = sympy.expand(builder.build(ask.args[0]) - builder.build(ask.args[1]))
    symbols = [builder.symbol(name) for name in names]
    if not equation.is_polynomial(*symbols):
        raise ToolError("equations in whole numbers must be polynomials: integer solutions of 3x + 5y = 1")
    polynomial = sympy.Poly(equation, *symbols)
    if not all(coefficient.is_Rational for coefficient in polynomial.coeffs()):
        raise ToolError("equations in whole numbers need whole coefficients: integer solutions of 3x + 5y = 1")
    positive = "positive" in ask.words
    if len(names) == 2 and polynomial.total_degree() == 1:
        return _linear(polynomial, names, positive, reading)
    return _diophantine(equation, symbols, names, positive, reading)


def _linear(polynomial: Any, names: list[str], positive: bool, reading: Reading) -> Solution:
    _, cleared = polynomial.clear_denoms(convert=True)
    a, b, c = (int(cleared.coeff_monomial(monomial)) for monomial in ((1, 0), (0, 1), (0, 0)))
    x, y, divisor = _euclid(a, b)
    if c % divisor:
        raise ToolError(f"there is no solution: the left side is always divisible by {divisor}, the right side is not")
    x, y = x * (-c // divisor), y * (-c // divisor)
    step_x, step_y = b // divisor, -a // divisor
    if step_x < 0 or (step_x == 0 and step_y < 0):
        step_x, step_y = -step_x, -step_y
    shift = -(x // step_x) if step_x else -(y // step_y)
    x, y = x + shift * step_x, y + shift * step_y
    if positive and a * b > 0:
        found = [(x + n * step_x, y + n * step_y) for n in range(_MOST_LISTED)]
        found = [pair for pair in found if min(pair) > 0]
        if not found:
            raise ToolError("there is no solution in positive whole numbers")
        return _told(
            "; ".join(f"{names[0]} = {u}, {names[1]} = {v}" for u, v in found), reading, "checked by substitution"
        )
    reading.assume("n is any whole number")
    text = ", ".join(
        f"{name} = {_with_steps(start, step)}"
        for name, start, step in zip(names, (x, y), (step_x, step_y), strict=True)
    )
    checked = a * x + b * y + c == 0 and a * step_x + b * step_y == 0
    return _told(text, reading, "checked by substitution" if checked else None)


def _with_steps(start: int, step: int) -> str:
    if step == 0:
        return str(start)
    moved = f"{'-' if step < 0 else ''}{abs(step) if abs(step) != 1 else ''}n"
    if start == 0:
        return moved
    return f"{start} {'-' if step < 0 else '+'} {moved.lstrip('-')}"


def _diophantine(equation: Any, symbols: list[Any], names: list[str], positive: bool, reading: Reading) -> Solution:
    import sympy

    whole_symbols = [sympy.Symbol(f"_{place}", integer=True) for place in range(len(symbols))]
    renamed: Any = equation.xreplace(dict(zip(symbols, whole_symbols, strict=True)))
    if len(symbols) == 1:
        roots = sorted(int(root) for root in sympy.roots(sympy.Poly(renamed, *whole_symbols)) if root.is_Integer)
        roots = [root for root in roots if root > 0 or not positive]
        if not roots:
            raise ToolError("there is no whole number that solves this")
        return _told(" or ".join(f"{names[0]} = {root}" for root in roots), reading, "checked by substitution")
    if len(symbols) == 2 and (pell := _pell(renamed, whole_symbols, names, reading)):
        return pell
    try:
        found: Any = sympy.diophantine(renamed, permute=True)
    except (NotImplementedError, TypeError):
        raise ToolError("no method is known for this equation in whole numbers") from None
    order = sorted(range(len(symbols)), key=lambda place: str(whole_symbols[place]))
    finite = sorted(values for values in found if all(value.is_Integer for value in values))
    if positive:
        finite = [values for values in finite if all(value > 0 for value in values)]
    others = [values for values in found if not all(value.is_Integer for value in values)]
    if not finite and not others:
        raise ToolError("there is no solution in whole numbers")
    texts = [
        ", ".join(f"{names[place]} = {plain(values[place])}" for place in order) for values in finite[:_MOST_LISTED]
    ]
    texts += [", ".join(f"{names[place]} = {plain(values[place])}" for place in order) for values in others[:6]]
    if others:
        reading.assume("the letters on the right are any whole numbers")
    checked = all(
        sympy.expand(renamed.subs(dict(zip(whole_symbols, values, strict=True)))) == 0 for values in finite[:50]
    )
    return _told("; ".join(texts), reading, "checked by substitution" if checked and not others else None)


def _pell(equation: Any, symbols: list[Any], names: list[str], reading: Reading) -> Solution | None:
    """x^2 - D y^2 = N with D no square: the least solutions, from which all others follow."""
    import sympy
    from sympy.solvers.diophantine.diophantine import diop_DN

    polynomial = sympy.Poly(equation, *symbols)
    terms = {monomial: int(value) for monomial, value in polynomial.terms() if value.is_Integer}
    if set(terms) - {(2, 0), (0, 2), (0, 0)} or terms.get((2, 0)) != 1 or terms.get((0, 2), 0) >= 0:
        return None
    d, right = -terms[(0, 2)], -terms.get((0, 0), 0)
    if math.isqrt(d) ** 2 == d or right == 0:
        return None
    least = sorted((abs(int(x)), abs(int(y))) for x, y in diop_DN(d, right))
    unit = next(((int(x), int(y)) for x, y in diop_DN(d, 1)), None)
    if not least or unit is None:
        raise ToolError("there is no solution in whole numbers")
    reading.assume(f"all others follow by multiplying x + y*sqrt({d}) by powers of {unit[0]} + {unit[1]}*sqrt({d})")
    text = "; ".join(f"{names[0]} = {x}, {names[1]} = {y}" for x, y in dict.fromkeys(least))
    checked = all(x * x - d * y * y == right for x, y in least)
    return _told(text, reading, "checked by substitution" if checked else None)


def _two_squares(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "a sum of two squares", least=0, most=10**12)
    pairs = [
        (a, math.isqrt(value - a * a))
        for a in range(math.isqrt(value // 2) + 1)
        if math.isqrt(value - a * a) ** 2 == value - a * a
    ]
    if not pairs:
        raise ToolError(f"{value} is not a sum of two squares")
    return _told("; ".join(f"{value} = {a}^2 + {b}^2" for a, b in pairs), reading, "checked by squaring")


def _goldbach(ask: Ask, reading: Reading) -> Solution:
    value = whole(ask.args[0], "a sum of two primes", least=4, most=10**12)
    first = next((p for p in range(2, value // 2 + 1) if is_prime(p) and is_prime(value - p)), None)
    if first is None:
        raise ToolError(f"{value} is not a sum of two primes")
    return _told(f"{value} = {first} + {value - first}", reading, "both are prime")


HANDLERS: dict[str, Handler] = {
    "modular inverse": _modular_inverse,
    "multiplicative order": _order,
    "primitive root": _primitive_root,
    "primitive roots": _primitive_roots,
    "discrete logarithm": _discrete_logarithm,
    "quadratic residue": _quadratic_residue,
    "quadratic residues": _quadratic_residues,
    "jacobi": _jacobi,
    "congruent": _congruent,
    "congruences": _congruences,
    "bezout": _bezout,
    "integer solutions": _integer_solutions,
    "two squares": _two_squares,
    "goldbach": _goldbach,
}
