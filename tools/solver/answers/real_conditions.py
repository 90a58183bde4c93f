"""What must hold for a formula to be a real number, and where it may have a corner."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from .untyped import sympy_library


def real_rooted(value: Any) -> Any:
    """The formula with x^(1/3) read as the real root: sign(x)*|x|^(1/3)."""
    sympy = sympy_library()

    def is_odd_root(part: Any) -> bool:
        return (
            part.is_Pow
            and part.exp.is_Rational
            and part.exp.q % 2 == 1
            and part.exp.q > 1
            and bool(part.base.free_symbols)
        )

    if not any(is_odd_root(part) for part in value.atoms(sympy.Pow)):
        return value
    return value.replace(
        is_odd_root,
        lambda part: (sympy.sign(part.base) if part.exp.p % 2 else 1) * sympy.Abs(part.base) ** part.exp,
    )


def conditions(value: Any, x: Any) -> list[tuple[str, Any]]:
    """What must hold for a formula to have a real value: (`> 0`, `>= 0` or `!= 0`, expression)."""
    sympy = sympy_library()
    found: list[tuple[str, Any]] = []
    for part in sympy.preorder_traversal(value):
        if not part.has(x):
            continue
        if part.is_Pow and not part.base.has(x):
            if part.base.is_positive is not True:
                found.append((">", part.base))
        elif part.is_Pow:
            found += _power_conditions(part.base, part.exp)
        elif isinstance(part, sympy.log):
            found.append((">", part.args[0]))
        elif isinstance(part, sympy.asin | sympy.acos):
            found += [(">=", 1 - part.args[0]), (">=", 1 + part.args[0])]
        elif isinstance(part, sympy.tan | sympy.sec):
            found.append(("!=", sympy.cos(part.args[0])))
        elif isinstance(part, sympy.cot | sympy.csc):
            found.append(("!=", sympy.sin(part.args[0])))
        elif isinstance(part, sympy.acosh):
            found.append((">=", part.args[0] - 1))
        elif isinstance(part, sympy.atanh):
            found += [(">", 1 - part.args[0]), (">", 1 + part.args[0])]
        elif isinstance(part, sympy.factorial | sympy.gamma | sympy.zeta):
            raise ToolError("this is done for elementary functions, not for factorials")
    return list(dict.fromkeys(found))


def _power_conditions(base: Any, exponent: Any) -> list[tuple[str, Any]]:
    if exponent.is_Integer:
        return [("!=", base)] if exponent.is_negative else []
    if exponent.is_Rational and exponent.q % 2 == 1:
        return [("!=", base)] if exponent.is_negative else []
    if exponent.is_number and exponent.is_positive:
        return [(">=", base)]
    return [(">", base)]


def kinks(value: Any, x: Any) -> list[Any]:
    """Expressions at whose zeros a formula may have a corner or a jump."""
    sympy = sympy_library()
    found: list[Any] = []
    for part in sympy.preorder_traversal(value):
        if isinstance(part, sympy.Abs | sympy.sign | sympy.Heaviside) and part.has(x):
            found.append(part.args[0])
        elif part.is_Pow and part.base.has(x) and part.exp.is_Rational and not part.exp.is_Integer:
            found.append(part.base)
    return list(dict.fromkeys(found))
