"""Numbers of ways, with the formula that counted them."""

from __future__ import annotations

from ..reading.syntax import Ask
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .presenting import Reading


def _count(ask: Ask, reading: Reading) -> Solution:
    reading.assume(f"counted as {ask.words[0]}")
    return reading.solution(Builder().build(ask.args[0]))


HANDLERS: dict[str, Handler] = {"count": _count}
