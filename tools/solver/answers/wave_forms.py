"""Amplitude, period, phase and midline of sine and cosine functions."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Apply, Ask, Node, Sequence, Variable
from ..solution import Solution
from .build import Builder
from .function_questions import question_of, told
from .presenting import Reading
from .printing import plain
from .real_functions import period_of
from .untyped import sympy_library

_MARKS = ("w_1", "w_2", "w_3")


def wave(ask: Ask, reading: Reading) -> Solution:
    """What was asked about a periodic function."""
    question = question_of(ask)
    value, x = question.value, question.x
    wanted = question.words
    listed = ask.args[0]
    node = listed.items[0] if isinstance(listed, Sequence) else listed
    if len(wanted) == 1 and ("period" in wanted[0] or "frequency" in wanted[0] or wanted[0] == "wavelength"):
        return _period(node, value, x, wanted[0], reading)
    parts = _sine_parts(node, x)
    found: dict[str, Any] = {}
    for name in wanted:
        found[name] = _part(name, parts, reading)
    if len(found) == 1:
        return reading.solution(next(iter(found.values())))
    text = ", ".join(f"{name} {reading.shown(amount)}" for name, amount in found.items())
    exact = ", ".join(f"{name} {plain(amount)}" for name, amount in found.items())
    return told(reading, text, exact=exact)


def _period(node: Node, value: Any, x: Any, wanted: str, reading: Reading) -> Solution:
    sympy = sympy_library()
    if value.free_symbols == {x}:
        period = period_of(value, x)
        verified = "checked at sample points" if period is not None else None
    else:
        parts = _sine_parts(node, x)
        period, verified = 2 * sympy.pi / sympy.Abs(parts["speed"]), None
    if period is None:
        return told(reading, "not periodic" if wanted != "periodic" else "no, it is not periodic", exact="not periodic")
    if wanted == "periodic":
        return told(reading, f"yes, with period {plain(period)}", exact="yes", verified=verified)
    result = period
    if "angular" in wanted:
        result = 2 * sympy.pi / period
    elif "frequency" in wanted:
        result = 1 / period
    return reading.solution(sympy.simplify(result), verified=verified)


def _sine_parts(node: Node, x: Any) -> dict[str, Any]:
    """height*sin(speed*x + phase) + middle, as it was written: SymPy would turn sin(x - pi) into -sin(x).

    Raises:
        ToolError: if the function is not of that form.
    """
    sympy = sympy_library()
    wrong = ToolError("an amplitude needs a function such as 3*sin(2x + 1) + 4")
    builder = Builder()
    waves: dict[str, Apply] = {}
    outer = _marked(node, waves)
    value = sympy.expand(builder.build(outer))
    marks = {name: builder.symbol(name) for name in waves}
    heights = {name: value.coeff(mark) for name, mark in marks.items()}
    middle = sympy.expand(value - sum(heights[name] * mark for name, mark in marks.items()))
    if not waves or any(part.has(x, *marks.values()) for part in (middle, *heights.values())):
        raise wrong
    angles = [sympy.expand(builder.build(wave.args[0])) for wave in waves.values()]
    if any(not angle.is_polynomial(x) or sympy.degree(angle, x) != 1 for angle in angles):
        raise wrong
    speeds = [angle.coeff(x, 1) for angle in angles]
    phases = [angle.coeff(x, 0) for angle in angles]
    names = [wave.name for wave in waves.values()]
    if len(waves) == 1:
        height = next(iter(heights.values()))
        return {"height": height, "speed": speeds[0], "phase": phases[0], "middle": middle, "name": names[0]}
    if len(waves) != 2 or speeds[0] != speeds[1] or any(phases) or set(names) != {"sin", "cos"}:
        raise wrong
    by_kind = dict(zip(names, heights.values(), strict=True))
    height = sympy.sqrt(by_kind["sin"] ** 2 + by_kind["cos"] ** 2)
    phase = sympy.atan2(by_kind["cos"], by_kind["sin"])
    return {"height": height, "speed": speeds[0], "phase": phase, "middle": middle, "name": "sin"}


def _marked(node: Node, waves: dict[str, Apply]) -> Node:
    """The tree with a letter for each sine and cosine."""
    if isinstance(node, Apply) and node.name in ("sin", "cos") and len(waves) < len(_MARKS):
        name = next((known for known, wave in waves.items() if wave == node), _MARKS[len(waves)])
        waves[name] = node
        return Variable(name)
    return Apply(node.name, tuple(_marked(part, waves) for part in node.args)) if isinstance(node, Apply) else node


def _part(name: str, parts: dict[str, Any], reading: Reading) -> Any:
    sympy = sympy_library()
    if "amplitude" in name:
        return sympy.Abs(parts["height"])
    if "period" in name or name == "wavelength":
        return 2 * sympy.pi / sympy.Abs(parts["speed"])
    if "angular" in name:
        return sympy.Abs(parts["speed"])
    if "frequency" in name:
        return sympy.Abs(parts["speed"]) / (2 * sympy.pi)
    if "midline" in name or "mid-line" in name or "vertical" in name:
        if "midline" in name or "mid-line" in name:
            reading.assume("the midline is y = this value")
        return parts["middle"]
    reading.assume(f"shift of {parts['name']}({plain(parts['speed'])}*x) along x; positive to the right")
    return sympy.simplify(-parts["phase"] / parts["speed"])
