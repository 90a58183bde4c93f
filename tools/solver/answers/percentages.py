"""Changes from one value to another in percent of the first."""

from __future__ import annotations

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .presenting import Reading
from .printing import decimal, finite_decimal, plain


def _percent_change(ask: Ask, reading: Reading) -> Solution:
    """`ask.words[0]`: change, increase, decrease, difference or error; the last three are told without a sign."""
    old, new = (Builder().build(node) for node in ask.args)
    kind = ask.words[0]
    if old == 0:
        raise ToolError("a change from 0 has no percentage; name a first value other than 0")
    share = (new - old) / abs(old)
    if kind == "error" or (kind == "decrease" and share < 0) or (kind == "difference" and share < 0):
        share = abs(share)
    elif kind in ("increase", "decrease") and share != 0:
        kind = "increase" if share > 0 else "decrease"
    if kind == "difference" and old + new != 0:
        mean = abs(new - old) / abs(old + new) * 200
        reading.assume(f"in percent of the first value; of the mean of both it is {reading.shown(mean)}%")
    hundreds = share * 100
    told = (finite_decimal(hundreds, reading.precision) or decimal(hundreds, reading.precision)) + "%"
    if ask.words[0] in ("increase", "decrease") and kind != ask.words[0]:
        told += f" ({'an increase' if kind == 'increase' else 'a decrease'})"
    return reading.solution(share, text=told, exact=plain(share))


HANDLERS: dict[str, Handler] = {"percent change": _percent_change}
