"""Steps of linear and quadratic equations and of linear systems of two and three unknowns."""

from __future__ import annotations

from typing import Any

from .printing import plain


def equation(left: Any, right: Any, x: Any) -> list[str]:
    """Steps of an equation of the first or second degree; none for others."""
    import sympy

    if not ((left - right).is_polynomial(x)):
        return []
    lines = [f"{plain(left)} = {plain(right)}"]
    expanded = sympy.expand(left), sympy.expand(right)
    if expanded != (left, right):
        lines.append(f"expand: {plain(expanded[0])} = {plain(expanded[1])}")
    polynomial = sympy.Poly(expanded[0] - expanded[1], x)
    if polynomial.degree() == 1:
        return lines + _linear(polynomial, x, expanded)
    if polynomial.degree() == 2:
        return lines + _quadratic(polynomial, x)
    return []


def _linear(polynomial: Any, x: Any, sides: tuple[Any, Any]) -> list[str]:
    import sympy

    a, b = polynomial.all_coeffs()
    lines = []
    if sides != (a * x, -b):
        lines.append(f"collect {x} on the left and the rest on the right: {plain(a * x)} = {plain(-b)}")
    if a != 1:
        lines.append(f"divide by {plain(a)}: {x} = {plain(sympy.cancel(-b / a))}")
    return lines or [f"{x} = {plain(-b)}"]


def _quadratic(polynomial: Any, x: Any) -> list[str]:
    import sympy

    a, b, c = polynomial.all_coeffs()
    lines = [f"bring everything to one side: {plain(polynomial.as_expr())} = 0"]
    lines.append(f"a = {plain(a)}, b = {plain(b)}, c = {plain(c)}")
    discriminant: Any = sympy.expand(b**2 - 4 * a * c)
    lines.append(f"discriminant: b^2 - 4*a*c = {plain(discriminant)}")
    if discriminant.is_number and discriminant.is_negative:
        lines.append("the discriminant is negative, so there is no real solution, only two complex ones")
    root = f"sqrt({plain(discriminant)})"
    lines.append(
        f"x = (-b +- sqrt(b^2 - 4*a*c))/(2*a) = ({plain(-b)} +- {root})/{_factor(2 * a)}".replace("x =", f"{x} =", 1)
    )
    values: list[Any] = [sympy.simplify((-b + sign * sympy.sqrt(discriminant)) / (2 * a)) for sign in (-1, 1)]
    if discriminant == 0:
        lines.append(f"the discriminant is 0, so both are the same: {x} = {plain(values[0])}")
    else:
        lines += [
            f"{x} = ({plain(-b)} {'-+'[place]} {root})/{_factor(2 * a)} = {plain(v)}" for place, v in enumerate(values)
        ]
    if discriminant != 0 and values[0].is_Rational:
        lines.append(f"so {plain(polynomial.as_expr())} = {plain(sympy.factor(polynomial.as_expr()))}")
    return lines


def _factor(value: Any) -> str:
    text = plain(value)
    return text if value.is_Integer and value > 0 else f"({text})"


def system(sides: list[tuple[Any, Any]], unknowns: list[Any]) -> list[str]:
    """Elimination, then substitution back; none where the system is not linear or has no unique solution."""
    import sympy
    from sympy.solvers.solveset import NonlinearError

    residuals: list[Any] = [sympy.expand(left - right) for left, right in sides]
    try:
        matrix, constants = sympy.linear_eq_to_matrix(residuals, unknowns)
    except NonlinearError:
        return []
    entries: list[Any] = [*matrix, *constants]
    if matrix.det() == 0 or any(not entry.is_Rational for entry in entries):
        return []
    rows = [[*matrix.row(place), constants[place]] for place in range(len(residuals))]
    lines = [f"({place + 1}) {_row(row, unknowns)}" for place, row in enumerate(rows)]
    count = len(unknowns)
    for place in range(count):
        pivot = next(other for other in range(place, count) if rows[other][place] != 0)
        if pivot != place:
            rows[place], rows[pivot] = rows[pivot], rows[place]
            lines.append(f"swap ({place + 1}) and ({pivot + 1})")
        for other in range(place + 1, count):
            times = rows[other][place] / rows[place][place]
            if times:
                rows[other] = [b - times * a for a, b in zip(rows[place], rows[other], strict=True)]
                lines.append(_subtraction(other, place, times) + _row(rows[other], unknowns))
    known: dict[Any, Any] = {}
    for place in reversed(range(count)):
        rest = rows[place][-1] - sum(rows[place][k] * known[unknowns[k]] for k in range(place + 1, count))
        known[unknowns[place]] = rest / rows[place][place]
        lines.append(f"from ({place + 1}): {unknowns[place]} = {plain(known[unknowns[place]])}")
    return lines


def _subtraction(other: int, place: int, times: Any) -> str:
    sign = "-" if times > 0 else "+"
    size = abs(times)
    factor = "" if size == 1 else f"{plain(size) if size.is_Integer else f'({plain(size)})'}*"
    return f"({other + 1}) {sign} {factor}({place + 1}): "


def _row(row: list[Any], unknowns: list[Any]) -> str:
    return f"{plain(sum(a * u for a, u in zip(row, unknowns, strict=False)))} = {plain(row[-1])}"
