"""What an answer costs that is too long."""

from __future__ import annotations

from .reply import Reply

LONGEST = 600
"""L_max in characters: what is longer costs all."""
CACHE = 300
"""L_cache in characters: over so many before the longest, the cost rises. The generated answers have 174 at most."""


def length(reply: Reply, *, longest: int = LONGEST, cache: int = CACHE) -> float:
    """The soft overlong punishment of DAPO (Yu et al. 2025, equation 13), -1 to 0.

    0 up to `longest - cache`, then falling in a straight line to -1 at `longest`. |y| is the longest of all that the
    policy said in the turn, in characters as it was sampled. Calls are included, so that an answer cannot hide in a
    query. What was cut off at the token limit counts as longer than the longest.

    It is a cost and nothing to be earned, so a forged result does not spare it.

    Args:
        reply: the turn.
        longest: L_max in characters.
        cache: L_cache in characters.
    """
    if not all(reply.ended):
        return -1.0
    said = max(map(len, reply.raw), default=0)
    over = (said - (longest - cache)) / cache
    return round(max(-1.0, min(0.0, -over)), 4)
