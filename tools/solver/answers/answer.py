"""From a query to its solution, in this process.

This is what a worker runs. It reads text safely, but a query can still take any amount of time and memory: where
queries come from a model or from strangers, use `solve_query`, which does the same inside a worker that can be killed.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ...errors import ToolError
from ..reading.call_forms import request_from_call
from ..reading.names import TRIGONOMETRIC
from ..reading.plots import without_wish
from ..reading.queries import read_query
from ..reading.syntax import (
    Accumulate,
    Apply,
    Ask,
    Constant,
    Differentiate,
    Evaluate,
    Integrate,
    Limit,
    Node,
    Number,
    Request,
    Rewrite,
    Series,
    Solve,
    Statistic,
    ToBase,
    expressions_of,
    plain_number,
    variables_of,
    walk,
)
from ..solution import Solution
from .build import Builder
from .cost import TooLargeError, check_cost, is_decimal
from .extras import extended
from .magnitudes import magnitude
from .presenting import Reading

if TYPE_CHECKING:
    from sympy import Expr

MAX_PRECISION = 1000
_OURS = Path(__file__).parents[1]


def answer(query: str, *, precision: int = 15, steps: bool = False, plot: str = "") -> Solution:
    """Answer one query in this process, without limits of time and memory.

    Args:
        query: see `queries` for the grammar.
        precision: significant digits of decimals, 1 to 1000.
        steps: whether steps are wanted; words such as "step by step" ask for them too.
        plot: `png` or `svg` for a picture; empty for none unless the query asks to plot.

    Raises:
        ToolError: if the query cannot be read or has no answer, saying what to write instead.
    """
    if not 1 <= precision <= MAX_PRECISION:
        raise ToolError(f"precision is {precision}; it must be from 1 to {MAX_PRECISION} significant digits")
    from sympy.polys.polyerrors import BasePolynomialError

    try:
        text, worded = without_wish(query)
        request, assumptions = read_query(text)
        too_large: TooLargeError | None = None
        try:
            check_cost(request)
        except TooLargeError as refusal:
            too_large = refusal
        decimals = any(is_decimal(node) for node in expressions_of(request))
        reading = Reading(precision, assumptions, decimals, plot)
        if too_large:
            return magnitude(request, reading, too_large)
        _note_conventions(request, reading)
        return extended(request, answer_request(request, reading), steps=steps or worded, plot=plot)
    except RecursionError:
        raise ToolError("the formula nests too deeply; ask in parts") from None
    except MemoryError:
        raise ToolError("this needs too much memory; use smaller numbers or ask in parts") from None
    except OverflowError:
        raise ToolError("a number in this is too large to be computed; use smaller numbers") from None
    except BasePolynomialError:
        raise ToolError("this is done for polynomials, or quotients of them; write for example x^2 + 3*x") from None
    except NotImplementedError:
        raise ToolError("no method is known for this; ask for a simpler case or put in numbers") from None
    except ToolError:
        raise
    except Exception as error:
        if not _is_from_a_library(error):
            raise
        message = "this has no answer: a value in it is undefined, infinite, complex or of another kind than is needed"
        raise ToolError(message) from error


def _is_from_a_library(error: Exception) -> bool:
    """Whether SymPy or another library refused what it was given, rather than code of ours failing."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return not Path(frame.f_code.co_filename).is_relative_to(_OURS)


def read_question(text: str) -> tuple[Request, list[str]]:
    """Read a sentence of a longer question.

    Raises:
        ToolError: if it cannot be read, or holds further sentences.
    """
    request, assumptions = read_query(text)
    if isinstance(request, Ask) and request.name == "chain":
        raise ToolError(f"cannot read {text[:60]!r}; write each definition as a sentence of its own")
    return request, assumptions


def answer_request(request: Request, reading: Reading) -> Solution:
    """Answer a request that was read, and whose cost was checked."""
    from . import algebra, arithmetic, calculus, equations, matrices, registry

    if isinstance(request, Evaluate):
        if not request.at and request.form == "plain" and matrices.is_matrix(request.expression):
            return matrices.evaluate(request.expression, reading)
        return arithmetic.evaluate(request, reading)
    if isinstance(request, Solve):
        return equations.solve(request, reading)
    if isinstance(request, Differentiate):
        return calculus.differentiate(request, reading)
    if isinstance(request, Integrate):
        return calculus.integrate(request, reading)
    if isinstance(request, Limit):
        return calculus.limit(request, reading)
    if isinstance(request, Series):
        return calculus.series(request, reading)
    if isinstance(request, Accumulate):
        return calculus.accumulate(request, reading)
    if isinstance(request, Rewrite):
        return algebra.rewrite(request, reading)
    if isinstance(request, Statistic):
        return arithmetic.statistic(request, reading)
    if isinstance(request, ToBase):
        return arithmetic.to_base(request, reading)
    if isinstance(request, Ask):
        return registry.HANDLERS[request.name](request, reading)
    return arithmetic.is_prime(request, reading)


def value_of_call(node: Apply, builder: Builder) -> Expr:
    """The value of an operation that stands inside an expression, as in `2*diff(x^3, x)`.

    Raises:
        ToolError: if the operation has no single value that a formula could go on with.
    """
    from . import algebra, arithmetic, calculus, registry

    request = request_from_call(node.name, node.args)
    check_cost(request)
    if isinstance(request, Differentiate):
        return calculus.derivative_of(request, builder)
    if isinstance(request, Integrate):
        return calculus.integral_of(request, builder)
    if isinstance(request, Limit):
        return calculus.limit_of(request, builder)
    if isinstance(request, Accumulate):
        return calculus.accumulated(request, builder, Reading())
    if isinstance(request, Series):
        return calculus.series_of(request, builder)
    if isinstance(request, Rewrite) and request.kind != "divisors":
        return algebra.rewritten(request.kind, builder.build(request.expression))
    if isinstance(request, Statistic):
        return arithmetic.statistic_of(request, builder)
    if isinstance(request, Evaluate):
        return arithmetic.value_of(request, builder)
    if isinstance(request, Ask) and request.name in registry.VALUES:
        return registry.VALUES[request.name](request, builder)
    raise ToolError(f"{node.name} must stand alone; ask it as a question of its own")


def _note_conventions(request: Request, reading: Reading) -> None:
    """Say which of two readings of `sin(30)` and of `log` was taken."""
    trigonometric = {*TRIGONOMETRIC}
    for expression in expressions_of(request):
        for node in walk(expression):
            if not isinstance(node, Apply):
                continue
            if node.name == "log" and len(node.args) == 1:
                reading.assume("log is the natural logarithm; write log10(x) for base 10")
            if node.name == "^" and _is_odd_root(*node.args):
                reading.assume("a power of a negative number is its principal value; write cbrt(-8) for the real root")
            if node.name in trigonometric and _is_plain_angle(node):
                reading.assume("angles are in radians; write sin(30 degrees) for degrees")


def _is_odd_root(base: Node, exponent: Node) -> bool:
    """Whether a negative number is raised to a fraction with an odd denominator, as in `(-8)^(1/3)`."""
    negative, power = plain_number(base), plain_number(exponent)
    return (
        negative is not None and power is not None and negative < 0 and power.denominator % 2 == 1 < power.denominator
    )


def _is_plain_angle(node: Apply) -> bool:
    parts = [part for argument in node.args for part in walk(argument)]
    if variables_of(*node.args) or any(isinstance(part, Constant) for part in parts):
        return False
    return any(cast(Any, part).value != 0 for part in parts if isinstance(part, Number))
