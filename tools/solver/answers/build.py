"""From the inert tree to SymPy objects. Only ever called inside a worker, on a tree whose cost was checked.

No string reaches SymPy: numbers come as integers, names of symbols were matched by `letters.is_variable`, functions are
looked up in the allow-list of `names`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import ToolError
from ..reading.letters import is_variable
from ..reading.names import FUNCTIONS, is_operation
from ..reading.syntax import Apply, Constant, Node, Number, Relation, Sequence, Variable
from .cost import is_decimal, needs_float

if TYPE_CHECKING:
    from sympy import Expr, Symbol

_FLOAT_DIGITS = 50


class Builder:
    """Builds SymPy objects.

    Args:
        real: whether variables stand for real numbers. Equations are solved over the complex numbers, while
            derivatives, integrals and limits of |x| or sqrt(x^2) only have a simple form over the reals.
        integers: names of variables that stand for integers, such as the index of a sum.
        positive: names of variables that stand for positive numbers.
    """

    def __init__(self, *, real: bool = True, integers: tuple[str, ...] = (), positive: tuple[str, ...] = ()) -> None:
        self.real = real
        self.integers = integers
        self.positive = positive

    def symbol(self, name: str) -> Symbol:
        from sympy import Symbol

        if not is_variable(name):
            raise ToolError(f"{name!r} is not a variable; write a letter such as x")
        if name in self.integers:
            return Symbol(name, integer=True)
        if name in self.positive:
            return Symbol(name, positive=True)
        return Symbol(name, real=True) if self.real else Symbol(name)

    def build(self, node: Node) -> Expr:
        """The SymPy expression of a tree.

        Raises:
            ToolError: if the tree holds a relation or a list where a value is needed.
        """
        import sympy

        if isinstance(node, Number):
            return sympy.Rational(node.value.numerator, node.value.denominator)
        if isinstance(node, Constant):
            return {"pi": sympy.pi, "e": sympy.E, "i": sympy.I, "infinity": sympy.oo}[node.name]
        if isinstance(node, Variable):
            return self.symbol(node.name)
        if isinstance(node, Apply):
            return self._apply(node)
        if isinstance(node, Sequence):
            raise ToolError("a list cannot stand here; matrices are added and multiplied: [[1, 2], [3, 4]]*[[5], [6]]")
        raise ToolError("an equation cannot stand inside an expression; write solve x^2 = 4")

    def relation(self, node: Relation) -> Any:
        """The SymPy relation, which may already be true or false."""
        import sympy

        kinds = {"=": sympy.Eq, "!=": sympy.Ne, "<": sympy.Lt, "<=": sympy.Le, ">": sympy.Gt, ">=": sympy.Ge}
        left, right = self.build(node.left), self.build(node.right)
        if node.op not in ("=", "!=") and (_is_complex(left) or _is_complex(right)):
            raise ToolError("complex numbers are neither larger nor smaller; compare abs(...) of them")
        return kinds[node.op](left, right)

    def _apply(self, node: Apply) -> Expr:
        import sympy

        if is_operation(node.name):
            from .answer import value_of_call

            return value_of_call(node, self)
        if node.name == "^":
            return self._power(node)
        if node.name == "mod":
            return self._modulo(node)
        args = [self.build(part) for part in self._flattened(node)]
        match node.name:
            case "+":
                return sympy.Add(*args)
            case "*":
                return sympy.Mul(*args)
            case "neg":
                return -args[0]
            case "reciprocal":
                return sympy.Pow(args[0], -1)
            case "percent":
                return args[0] / 100
            case "!":
                return sympy.factorial(args[0])
            case "!!":
                return sympy.factorial2(args[0])
            case "cbrt":
                return _root(args[0], sympy.Integer(3))
            case "root":
                return _root(args[0], args[1])
            case "round":
                return _rounded(*args)
            case "log":
                return _logarithm(*args)
            case "gcd" | "lcm":
                divisor: Any = (sympy.gcd if node.name == "gcd" else sympy.lcm)(args)
                return divisor
            case "prime":
                return _nth_prime(args[0])
        return getattr(sympy, FUNCTIONS[node.name].sympy)(*args)

    def _flattened(self, node: Apply) -> tuple[Node, ...]:
        listed = node.name in FUNCTIONS and FUNCTIONS[node.name].most != 1
        items = node.args
        while listed and len(items) == 1 and isinstance(items[0], Sequence):
            items = items[0].items
        return items

    def _power(self, node: Apply) -> Expr:
        import sympy

        base, exponent = (self.build(part) for part in node.args)
        if needs_float(node):
            return sympy.Pow(base.evalf(_FLOAT_DIGITS), exponent)
        return sympy.Pow(base, exponent)

    def _modulo(self, node: Apply) -> Expr:
        import sympy

        power, modulus = node.args[0], self.build(node.args[1])
        if modulus == 0:
            raise ToolError("a remainder by 0 is not defined")
        if isinstance(power, Apply) and power.name == "^" and not is_decimal(node):
            base, exponent = (self.build(part) for part in power.args)
            whole = all(isinstance(part, sympy.Integer) for part in (base, exponent, modulus))
            if whole and exponent >= 0:
                return sympy.Integer(pow(int(base), int(exponent), int(modulus)))
        return sympy.Mod(self.build(power), modulus)


def _is_complex(value: Expr) -> bool:
    from sympy import I

    return value.is_number and value.has(I) and value.expand(complex=True).is_extended_real is not True


def _root(value: Expr, degree: Expr) -> Expr:
    import sympy

    sign: Any = sympy.Integer(-1)
    if value.is_number and value.is_negative and degree.is_Integer and degree % 2 == 1:
        return sign * sympy.root(-value, degree)  # people mean the real root
    return sympy.root(value, degree)


def _nth_prime(index: Expr) -> Expr:
    import sympy

    if not (index.is_Integer and index.is_positive):
        raise ToolError("primes are counted by whole numbers from 1: prime(100)")
    return sympy.Integer(sympy.prime(int(index)))


def _rounded(value: Expr, digits: Expr | None = None) -> Expr:
    import sympy

    scale = sympy.Integer(10) ** (digits if digits is not None else 0)
    return sympy.sign(value) * sympy.floor(abs(value) * scale + sympy.Rational(1, 2)) / scale


def _logarithm(value: Expr, base: Expr | None = None) -> Expr:
    import sympy

    if base is None:
        return sympy.log(value)
    if base in (0, 1):
        raise ToolError(f"there is no logarithm to base {base}")
    return sympy.log(value, base)
