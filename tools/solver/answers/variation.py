"""Direct, inverse and joint variation, chains of ratios, and terms of progressions."""

from __future__ import annotations

import math
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .function_questions import told
from .integers import whole
from .presenting import Reading
from .printing import latex_of, plain
from .untyped import sympy_library


def _progression_fact(ask: Ask, reading: Reading) -> Solution:
    """a(n) or the sum of n terms, from the first term and the difference or ratio."""
    sympy = sympy_library()
    first, step = (Builder().build(node) for node in ask.args[:2])
    kind, wanted = ask.words
    n = whole(ask.args[2], "the number of the term", least=1, most=10**6)
    if kind == "arithmetic":
        value = first + (n - 1) * step if wanted == "term" else n * (2 * first + (n - 1) * step) / 2
    elif wanted == "term":
        value = first * step ** (n - 1)
    else:
        value = n * first if step == 1 else first * (1 - step**n) / (1 - step)
    return reading.solution(sympy.simplify(value))


def _variation(ask: Ask, reading: Reading) -> Solution:
    """The law y = k * u^p * v^q ... with k from one case; then another case, or a letter of it."""
    sympy = sympy_library()
    builder = Builder(real=False)
    law: Any
    law, height, *values = (builder.build(node) for node in ask.args)
    unknown, wanted, *names = ask.words
    split = names.index("|")
    known, asked_for = names[:split], names[split + 1 :]
    at: dict[Any, Any] = {builder.symbol(name): value for name, value in zip(known, values[: len(known)], strict=True)}
    scale = law.subs(at)
    if scale.free_symbols:
        raise ToolError("say the values of all quantities in the known case")
    if scale == 0 or scale.has(sympy.zoo):
        raise ToolError("the constant of variation is not determined by a case with zero")
    k = sympy.simplify(height / scale)
    if wanted == "constant":
        return reading.solution(k, text=f"k = {reading.shown(k)}")
    if wanted == "equation":
        value = k * law
        return told(reading, f"{unknown} = {plain(value)}", latex=f"{unknown} = {latex_of(value)}")
    given: dict[Any, Any] = {
        builder.symbol(name): value for name, value in zip(asked_for, values[len(known) :], strict=True)
    }
    reading.assume(f"{unknown} = {plain(k * law)}")
    if wanted == unknown:
        result = (k * law).subs(given)
        if result.free_symbols:
            raise ToolError("say the values of all quantities in the new case")
        return reading.solution(sympy.simplify(result))
    height_given = given.pop(builder.symbol(unknown), None)
    if height_given is None:
        raise ToolError(f"say the value of {unknown} in the new case")
    target = builder.symbol(wanted)
    solutions = sympy.solve((k * law).subs(given) - height_given, target)
    real = [value for value in solutions if value.is_real]
    positive = [value for value in real if value.is_positive] or real
    if not positive:
        raise ToolError("there is no real value for that")
    if len(real) > 1:
        reading.assume("the positive value is meant")
    return reading.solution(positive[0])


def _ratio_chain(ask: Ask, reading: Reading) -> Solution:
    """a:b = 2:3 and b:c = 4:5 as a:b:c."""
    one, two, three, four = (Builder().build(node) for node in ask.args)
    parts: list[Any] = [one * three, two * three, two * four]
    if not all(part.is_Rational for part in parts):
        raise ToolError("ratios are joined for numbers")
    scale = math.lcm(*(int(part.q) for part in parts))
    numbers = [int(part * scale) for part in parts]
    common = math.gcd(*numbers) or 1
    text = ":".join(str(number // common) for number in numbers)
    return told(reading, text, latex=text)


HANDLERS: dict[str, Handler] = {
    "progression fact": _progression_fact,
    "variation": _variation,
    "ratio chain": _ratio_chain,
}
