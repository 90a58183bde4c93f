"""Word problems: shares in a ratio, proportions, work done together, consecutive numbers, two numbers by two facts."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Number
from ..solution import Solution
from .arithmetic import tidy
from .domain import Handler
from .presenting import Reading
from .printing import decimal, finite_decimal, latex_of, plain

_MOST_CONSECUTIVE = 50


def _values(request: Ask) -> list[Fraction]:
    return [node.value for node in request.args if isinstance(node, Number)]


def _exact(value: Fraction) -> Any:
    import sympy

    return sympy.Rational(value.numerator, value.denominator)


def _listed(values: list[Any], reading: Reading, verified: str | None, *, sign: str = ", ") -> Solution:
    numbers = [decimal(value, reading.precision) for value in values]
    return reading.solution(
        values[0], text=sign.join(_short(value, reading) for value in values),
        exact=sign.join(plain(value) for value in values), number=", ".join(numbers),
        latex=",\\ ".join(latex_of(value) for value in values), verified=verified,
    )  # fmt: skip


def _short(value: Any, reading: Reading) -> str:
    finite = finite_decimal(value, 6)
    return finite if finite is not None else reading.shown(value)


def _divide(request: Ask, reading: Reading) -> Solution:
    total, *ratio = _values(request)
    if sum(ratio) == 0:
        raise ToolError("the parts of a ratio cannot all be 0")
    shares = [total * part / sum(ratio) for part in ratio]
    verified = "checked: the shares add up to the whole" if sum(shares) == total else None
    return _listed([_exact(share) for share in shares], reading, verified)


def _simplify(request: Ask, reading: Reading) -> Solution:
    parts = _values(request)
    if not any(parts):
        raise ToolError("the parts of a ratio cannot all be 0")
    whole = math.lcm(*(part.denominator for part in parts))
    counts = [int(part * whole) for part in parts]
    common = math.gcd(*counts)
    text = ":".join(str(count // common) for count in counts)
    return reading.solution(_exact(parts[0]), text=text, exact=text, number="", latex=text)


def _share(request: Ask, reading: Reading) -> Solution:
    count, known, wanted = _values(request)
    if known == 0:
        raise ToolError("a part of this ratio is 0, so the other cannot be found from it")
    return reading.solution(_exact(count * wanted / known))


def _share_of_all(request: Ask, reading: Reading) -> Solution:
    count, first, second, wanted = _values(request)
    if first + second == 0:
        raise ToolError("the parts of a ratio cannot all be 0")
    return reading.solution(_exact(count * wanted / (first + second)))


def _proportion(request: Ask, reading: Reading) -> Solution:
    amount, count, wanted = _values(request)
    if count == 0:
        raise ToolError("nothing can be concluded from 0 things; give how much one or more of them are")
    reading.assume("the amount is taken to be proportional")
    value = _exact(amount * wanted / count)
    return reading.solution(value, text=_short(value, reading))


def _per_one(request: Ask, reading: Reading) -> Solution:
    amount, count = _values(request)
    if count == 0:
        raise ToolError("nothing can be concluded from 0 things; give how much one or more of them are")
    value = _exact(amount / count)
    return reading.solution(value, text=_short(value, reading))


def _timed(value: Fraction, unit: str, reading: Reading, verified: str | None) -> Solution:
    exact = _exact(value)
    spoken = unit if value == 1 else f"{unit}s"
    text = f"{_short(exact, reading)} {spoken}"
    if unit == "hour" and value.denominator != 1 and (value * 60).denominator == 1:
        hours, minutes = divmod(int(value * 60), 60)
        text += f" = {hours} h {minutes} min" if hours else f" = {minutes} min"
    return reading.solution(exact, text=text, exact=f"{exact} {spoken}", verified=verified)


def _together(request: Ask, reading: Reading) -> Solution:
    times = _values(request)
    if 0 in times:
        raise ToolError("nobody does the work in no time; give the times as positive numbers")
    rates = [1 / time for time in times]
    if "drain" in request.words:
        rates[-1] = -rates[-1]
        reading.assume("the last time is that of emptying")
    if sum(rates) <= 0:
        raise ToolError("it is emptied at least as fast as it is filled, so it never becomes full")
    found = 1 / sum(rates, Fraction(0))
    done = sum(found * rate for rate in rates)
    return _timed(
        found, request.words[1], reading, "checked: the parts add up to the whole work" if done == 1 else None
    )


def _round_trip(request: Ask, reading: Reading) -> Solution:
    there, back = _values(request)
    if there * back == 0:
        raise ToolError("with the speed 0 nobody arrives; give two positive speeds")
    value, unit = _exact(2 * there * back / (there + back)), request.words[1]
    return reading.solution(value, text=f"{_short(value, reading)} {unit}", exact=f"{value} {unit}")


def _kinetic_energy(request: Ask, reading: Reading) -> Solution:
    mass, speed = _values(request)
    value = _exact(mass * speed**2 / 2)
    return reading.solution(value, text=f"{_short(value, reading)} J", exact=f"{value} J")


def _workers(request: Ask, reading: Reading) -> Solution:
    count, time, others = _values(request)
    if others == 0:
        raise ToolError("without workers the work is never done")
    reading.assume("all work equally fast: the time is inversely proportional to their number")
    return _timed(count * time / others, request.words[1], reading, None)


def _consecutive(request: Ask, reading: Reading) -> Solution:
    import sympy

    count, total = (int(value) for value in _values(request))
    _, measure, parity, sign, minus = request.words
    total = -total if minus else total
    step = 1 if parity == "any" else 2
    if not 2 <= count <= _MOST_CONSECUTIVE:
        raise ToolError(f"2 to {_MOST_CONSECUTIVE} consecutive numbers can be found, not {count}")
    spoken = "consecutive integers" if parity == "any" else f"consecutive {parity} integers"
    starts: list[int] = []
    if measure == "sum":
        start = Fraction(total - step * count * (count - 1) // 2, count)
        starts = [int(start)] if start.denominator == 1 else []
    else:
        near = sympy.integer_nthroot(abs(total), count)[0]
        for candidate in range(near - step * count - 2, near + 3):
            for start in (candidate, -candidate - step * (count - 1)):
                if math.prod(start + step * place for place in range(count)) == total and start not in starts:
                    starts.append(start)
    starts = [start for start in starts if parity == "any" or start % 2 == (parity == "odd")]
    if sign:
        starts = [start for start in starts if start >= 0]
    if not starts:
        raise ToolError(f"there are no {count} {spoken} with the {measure} {total}")
    runs = [[start + step * place for place in range(count)] for start in sorted(starts, reverse=True)]
    text = " or ".join(", ".join(map(str, run)) for run in runs)
    add = sum if measure == "sum" else math.prod
    verified = f"checked: their {measure} is {total}" if all(add(run) == total for run in runs) else None
    return reading.solution(
        sympy.Integer(runs[0][0]), text=text, exact=text, number=text, latex=text, verified=verified
    )


def _two_numbers(request: Ask, reading: Reading) -> Solution:
    """Two numbers of which two of sum, difference, product and quotient are known."""
    import sympy

    known = dict(zip(request.words[1:], (_exact(value) for value in _values(request)), strict=True))
    x, y = sympy.symbols("x y")
    facts = {"sum": x + y, "difference": x - y, "product": x * y}
    equations: list[Any] = [facts[name] - value for name, value in known.items() if name in facts]
    if "times" in known:
        equations.append(x - known["times"] * y)
    pairs = sympy.solve(equations, [x, y], dict=True)
    found: list[tuple[Any, Any]] = []
    for pair in pairs:
        if set(pair) != {x, y}:
            continue
        values = (tidy(pair[x]), tidy(pair[y]))
        if values not in found and values[::-1] not in found:
            found.append(values)
    if not found:
        raise ToolError("there are no two such numbers; check the facts that are given")
    holds = all(
        all(tidy(equation.subs({x: first, y: second})) == 0 for equation in equations) for first, second in found
    )
    found = [_ordered(pair) for pair in found]
    text = " or ".join(f"{reading.shown(first)} and {reading.shown(second)}" for first, second in found)
    exact = " or ".join(f"{plain(first)} and {plain(second)}" for first, second in found)
    numbers = [decimal(value, reading.precision) for value in found[0]]
    return reading.solution(
        found[0][0], text=text, exact=exact, number=", ".join(numbers), latex=",\\ ".join(map(latex_of, found[0])),
        verified="checked by substitution" if holds else None,
    )  # fmt: skip


def _ordered(pair: tuple[Any, Any]) -> tuple[Any, Any]:
    if all(value.is_real for value in pair) and pair[0] < pair[1]:
        return pair[1], pair[0]
    return pair


def _heads(request: Ask, reading: Reading) -> Solution:
    import sympy

    heads, legs = _values(request)
    four = legs / 2 - heads
    if four < 0 or four > heads or four.denominator != 1:
        raise ToolError("no numbers of animals with two and four legs fit these heads and legs")
    text = f"{heads - four} with two legs and {four} with four legs"
    return reading.solution(sympy.Integer(int(four)), text=text, exact=text, number="", latex=rf"\text{{{text}}}",
                            verified="checked: heads and legs add up")  # fmt: skip


_KINDS: dict[str, Callable[[Ask, Reading], Solution]] = {
    "divide": _divide, "simplify": _simplify, "share": _share, "share of all": _share_of_all,
    "proportion": _proportion, "per one": _per_one, "together": _together, "workers": _workers,
    "consecutive": _consecutive, "two numbers": _two_numbers, "heads": _heads, "round trip": _round_trip,
    "kinetic energy": _kinetic_energy,
}  # fmt: skip


def _word_problem(request: Ask, reading: Reading) -> Solution:
    return _KINDS[request.words[0]](request, reading)


HANDLERS: dict[str, Handler] = {"word problem": _word_problem}
