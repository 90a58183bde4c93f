"""How many throws of several dice give each value of their sum, product, highest, lowest or difference."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import ToolError

_MOST_STEPS = 2_000_000
_JOINS: dict[str, Callable[[int, int], int]] = {
    "sum": lambda a, b: a + b,
    "product": lambda a, b: a * b,
    "highest": max,
    "lowest": min,
    "difference": lambda a, b: abs(a - b),
}


def quantity_ways(name: str, dice: int, sides: int) -> dict[int, int]:
    """How many throws give each value of a quantity of the dice.

    Raises:
        ToolError: if there are too many values.
    """
    if name == "difference" and dice != 2:
        raise ToolError("the difference is that of two dice")
    ways = dict.fromkeys(range(1, sides + 1), 1)
    steps = 0
    for _ in range(dice - 1):
        steps += len(ways) * sides
        if steps > _MOST_STEPS:
            raise ToolError("there are too many cases to be counted; ask about fewer dice or fewer sides")
        thrown: dict[int, int] = {}
        for value, count in ways.items():
            for face in range(1, sides + 1):
                joined = _JOINS[name](value, face)
                thrown[joined] = thrown.get(joined, 0) + count
        ways = thrown
    return ways
