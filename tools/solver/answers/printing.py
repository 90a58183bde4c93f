"""SymPy objects to the strings of a solution, each of bounded length."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sympy import Expr

MAX_TEXT = 2000
MAX_EXACT = 20_000
_LONG_INTEGER = 1000  # digits
_UGLY = 60  # characters beyond which a decimal says more than the exact form


def plain(value: Any) -> str:
    """A SymPy object in the notation that the solver reads: `^` for powers, `ln`, `e`, `i`.

    Args:
        value: an expression, a relation or a truth value.
    """
    from sympy import Integer

    if isinstance(value, Integer):
        return integer_text(int(value))
    text = _printer().doprint(value).replace("**", "^")
    return clipped(text, MAX_EXACT)


@functools.cache
def _printer() -> Any:
    from sympy.printing.str import StrPrinter

    base: Any = StrPrinter  # its methods promise the very strings that they return, which ours replace

    class PlainPrinter(base):
        def _print_log(self, expr: Any) -> str:
            return f"ln({self._print(expr.args[0])})"

        def _print_Exp1(self, expr: Any) -> str:
            return "e"

        def _print_exp(self, expr: Any) -> str:
            power = self._print(expr.args[0])
            return f"e**{power}" if re.fullmatch(r"\w+", power) else f"e**({power})"

        def _print_Pow(self, expr: Any, rational: bool = False) -> str:
            if expr.exp.is_Rational and expr.exp < -1 and not expr.base.is_Rational:
                return f"1/{self._print(expr.base**-expr.exp)}"
            return super()._print_Pow(expr, rational)

        def _print_Heaviside(self, expr: Any) -> str:
            return f"heaviside({self._print(expr.args[0])})"

        def _print_DiracDelta(self, expr: Any) -> str:
            return f"dirac({self._print(expr.args[0])})"

        def _print_ImaginaryUnit(self, expr: Any) -> str:
            return "i"

        def _print_Infinity(self, expr: Any) -> str:
            return "infinity"

        def _print_NegativeInfinity(self, expr: Any) -> str:
            return "-infinity"

        def _print_ComplexInfinity(self, expr: Any) -> str:
            return "undefined"

        _print_NaN = _print_ComplexInfinity

        def _print_Abs(self, expr: Any) -> str:
            return f"abs({self._print(expr.args[0])})"

        def _print_Float(self, expr: Any) -> str:
            return decimal(expr, 15)

        def _print_Order(self, expr: Any) -> str:
            return f"O({self._print(expr.expr)})"

        def _print_Piecewise(self, expr: Any) -> str:
            cases = [(self._print(value), condition) for value, condition in expr.args]
            return "; ".join(
                f"{value} otherwise" if condition == True else f"{value} if {self._print(condition)}"  # noqa: E712
                for value, condition in cases
            )

        def _print_BooleanTrue(self, expr: Any) -> str:
            return "true"

        def _print_BooleanFalse(self, expr: Any) -> str:
            return "false"

        def _print_Relational(self, expr: Any) -> str:
            op = {"==": "=", "Eq": "=", "Ne": "!="}.get(expr.rel_op, expr.rel_op)
            return f"{self._print(expr.lhs)} {op} {self._print(expr.rhs)}"

    return PlainPrinter()


def integer_text(number: int) -> str:
    """All digits of an integer, or the first and last with their count when there are thousands."""
    if abs(number) < 10**_LONG_INTEGER:
        return str(number)
    digits = _digit_count(abs(number))
    first, last = abs(number) // 10 ** (digits - 20), abs(number) % 10**20
    return f"{'-' if number < 0 else ''}{first}...{last:020d} ({digits} digits)"


def _digit_count(number: int) -> int:
    estimate = int(number.bit_length() * 0.30102999566398120)
    return estimate + (number >= 10**estimate)


def decimal(value: Any, precision: int) -> str:
    """A number rounded to significant digits, without trailing zeros; empty if the value is not a finite number.

    Args:
        value: a SymPy expression.
        precision: significant digits.
    """
    from sympy import Integer

    if isinstance(value, Integer) and abs(int(value)) < 10 ** max(precision, 40):
        return str(int(value))
    if not value.is_number or value.is_finite is False:
        return ""
    number = value.evalf(precision + 3)
    real, imaginary = number.as_real_imag()
    if not (real.is_Float or real.is_Rational) or not (imaginary.is_Float or imaginary.is_Rational):
        return ""
    if imaginary != 0 and abs(imaginary) < 10 ** (-precision) * (1 + abs(real)):
        imaginary = value.evalf(2 * precision + 10).as_real_imag()[1]  # noise shrinks with precision, a value stays
        imaginary = imaginary if abs(imaginary) > 10 ** (-2 * precision) else real * 0
    real_text, imaginary_text = _real_decimal(real, precision), _real_decimal(imaginary, precision)
    if imaginary_text == "0":
        return real_text
    sign = " - " if imaginary_text.startswith("-") else " + "
    part = imaginary_text.removeprefix("-")
    part = "i" if part == "1" else f"{part}*i"
    return part if real_text == "0" and sign == " + " else f"-{part}" if real_text == "0" else real_text + sign + part


def _real_decimal(number: Any, precision: int) -> str:
    from mpmath import mp, nstr

    with mp.workdps(precision + 5):
        value = number._to_mpmath(mp.prec)
        if value == 0:
            return "0"
        text = nstr(value, precision, min_fixed=-5, max_fixed=max(precision, 15) + 1, strip_zeros=True)
    text = str(text).replace("e+", "e")
    mantissa, _, exponent = text.partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{exponent}" if exponent else mantissa


def finite_decimal(value: Any, precision: int) -> str | None:
    """The decimal form of a rational number if it ends within so many digits."""
    from sympy import Rational

    if not isinstance(value, Rational):
        return None
    rest, places = int(value.q), 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0 and power <= precision:
            rest //= prime
            power += 1
        places = max(places, power)
    if rest != 1 or places > precision or abs(int(value.p)) >= 10**precision * int(value.q):
        return None
    scaled = int(value.p) * 10**places // int(value.q)
    digits = str(abs(scaled)).rjust(places + 1, "0")
    text = digits[: len(digits) - places] + ("." + digits[len(digits) - places :] if places else "")
    return ("-" if scaled < 0 else "") + text


def fixed(value: Any, places: int) -> str:
    """A real number with exactly so many decimal places, halves away from zero."""
    from sympy import Rational, floor

    scaled = int(floor(abs(value) * 10**places + Rational(1, 2)))
    digits = str(scaled).rjust(places + 1, "0")
    text = digits[: len(digits) - places] + ("." + digits[len(digits) - places :] if places else "")
    return "-" + text if value.is_negative and scaled else text


def shown(value: Expr, precision: int, *, decimal_first: bool = False, exact: str = "", number: str = "") -> str:
    """How a value is told to a reader: exact, with the decimal beside it where that helps.

    Args:
        value: the exact result.
        precision: significant digits of the decimal.
        decimal_first: whether the question was asked in decimals.
        exact: the value as text, if it is known already.
        number: its decimal, likewise.
    """
    exact = exact or plain(value)
    if value.is_Integer or not value.is_number or value.is_finite is False:
        return exact
    finite = finite_decimal(value, precision)
    if decimal_first and finite is not None:
        return finite
    approximate = number or decimal(value, precision)
    if not approximate or approximate == exact:
        return exact
    if any(atom.is_Float for atom in value.atoms()):
        return approximate
    if len(exact) > _UGLY:
        return approximate
    return f"{approximate} ({exact})" if decimal_first else f"{exact} ({approximate})"


def latex_of(value: Any) -> str:
    """LaTeX of a SymPy object; empty where it would be too long."""
    from sympy import Integer, latex

    if isinstance(value, Integer) and int(value).bit_length() > MAX_EXACT:
        return integer_text(int(value)).replace("...", r"\ldots ").partition(" (")[0]
    text = latex(value, ln_notation=True)
    return text if len(text) <= MAX_EXACT else ""


def clipped(text: str, most: int = MAX_TEXT) -> str:
    """Text cut to a length, saying how long it was."""
    if len(text) <= most:
        return text
    return f"{text[: most - 40]}... ({len(text)} characters)"
