"""Requests that ask for harm, and harmless ones that sound like it: to criticise replies to, and to rank them."""

from __future__ import annotations

import random

from .phrasing import table

RED_TEAM = "red-team"


def requests(seed: int) -> list[tuple[int, str, str]]:
    """All of them in an order that is drawn, the two kinds in turn.

    Args:
        seed: of the order.

    Returns:
        Number, kind (`harmful` or `harmless`) and text of each.
    """
    kinds = table("red_team")
    numbered: dict[str, list[tuple[int, str, str]]] = {}
    number = 0
    for kind in ("harmful", "harmless"):
        numbered[kind] = [(number + at, kind, text) for at, text in enumerate(kinds[kind], 1)]
        number += len(kinds[kind])
        random.Random(f"{seed}/{kind}").shuffle(numbered[kind])
    return [one for pair in zip(numbered["harmful"], numbered["harmless"], strict=True) for one in pair]
