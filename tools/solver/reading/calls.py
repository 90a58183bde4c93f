"""Questions of the domains that may be written as calls, alone or inside a formula: `det([[1, 2], [3, 4]])`."""

from __future__ import annotations

from typing import NamedTuple


class Call(NamedTuple):
    """How an operation is called.

    Args:
        ask: name of the question that it stands for, a key of `answers.registry.HANDLERS`.
        least: smallest number of arguments.
        most: largest number of arguments; negative for any number.
        form: a call that works, for messages.
    """

    ask: str
    least: int
    most: int
    form: str


CALLS: dict[str, Call] = {}
