"""Numbers compared and sorted exactly."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node
from ..solution import Solution
from .build import Builder
from .cost import is_decimal
from .domain import Handler
from .presenting import Reading
from .printing import clipped, finite_decimal, latex_of, plain


def _values(nodes: tuple[Node, ...]) -> list[Any]:
    values = [Builder().build(node) for node in nodes]
    if not all(value.is_number and value.is_real for value in values):
        raise ToolError("only real numbers can be compared: which is bigger, 2/3 or 3/5")
    return values


def _shown(value: Any, node: Node) -> str:
    """The number as it was written, in decimals or as a fraction."""
    return (finite_decimal(value, 30) if is_decimal(node) else None) or plain(value)


def _sign(left: Any, right: Any) -> int:
    """1, 0 or -1 for the order of two real numbers, decided exactly."""
    difference = left - right
    if difference.is_zero or difference.equals(0):
        return 0
    return 1 if difference.evalf(30) > 0 else -1


def _compared(ask: Ask, reading: Reading) -> Solution:
    left, right = _values(ask.args)
    first, second = (_shown(value, node) for value, node in zip((left, right), ask.args, strict=True))
    sign = _sign(left, right)
    if sign == 0:
        return reading.solution(left, text=f"they are equal: {first} = {second}")
    if ask.words[0] == "compared":
        return reading.solution(max(left, right), text=f"{first} {'>' if sign > 0 else '<'} {second}")
    wants_larger = ask.words[0] == "larger"
    is_first = (sign > 0) == wants_larger
    chosen, other = (first, second) if is_first else (second, first)
    text = f"{chosen} ({chosen} {'>' if wants_larger else '<'} {other})"
    return reading.solution(left if is_first else right, text=text)


def _ordered(values: list[Any]) -> list[int]:
    """Places of the numbers from the smallest to the largest; equal ones keep their order."""
    places: list[int] = []
    for place, value in enumerate(values):
        at = next((at for at, other in enumerate(places) if _sign(value, values[other]) < 0), len(places))
        places.insert(at, place)
    return places


def _sorted(ask: Ask, reading: Reading) -> Solution:
    import sympy

    values = _values(ask.args)
    places = _ordered(values)
    if ask.words[0] == "down":
        places.reverse()
    text = ", ".join(_shown(values[place], ask.args[place]) for place in places)
    latex = ", ".join(latex_of(values[place]) for place in places)
    return reading.solution(sympy.S.One, text=clipped(text), exact=text, number="", latex=latex)


def _chosen(
    place: int, values: list[Any], nodes: tuple[Node, ...], letters: tuple[str, ...], reading: Reading
) -> Solution:
    text = _shown(values[place], nodes[place])
    return reading.solution(values[place], text=f"({letters[place]}) {text}" if letters else text)


def _kth(ask: Ask, reading: Reading) -> Solution:
    kind, nth, *letters = ask.words
    values = _values(ask.args)
    if int(nth) > len(values):
        raise ToolError(f"there are only {len(values)} numbers")
    places = _ordered(values)
    place = places[-int(nth)] if kind == "largest" else places[int(nth) - 1]
    return _chosen(place, values, ask.args, tuple(letters), reading)


def _nearest(ask: Ask, reading: Reading) -> Solution:
    target, *values = _values(ask.args)
    distances = [abs(value - target) for value in values]
    return _chosen(_ordered(distances)[0], values, ask.args[1:], ask.words, reading)


HANDLERS: dict[str, Handler] = {"compared": _compared, "sorted": _sorted, "kth": _kth, "nearest": _nearest}
