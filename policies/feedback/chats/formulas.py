"""Whether a number stands in a formula."""

from __future__ import annotations

_OPERATORS = frozenset("*×·⋅/÷^√−%<>≤≥≈∑∏")
_NEAR = 4


def in_formula(text: str, start: int, end: int) -> bool:
    """Whether what stands around a number reckons with it.

    Args:
        text: in which the number stands.
        start: of the number.
        end: of the number.
    """
    before = text[max(0, start - _NEAR) : start].rstrip(" $\\")
    after = text[end : end + _NEAR].lstrip(" $\\")
    if before[-1:] in _OPERATORS or after[:1] in _OPERATORS or before.endswith("**"):
        return True
    if before[-1:] == "=":
        # The result of a sum, not the value of a field.
        return before[:-1].rstrip()[-1:].isdigit() or before[:-1].rstrip()[-1:] in (")", "]", "!") or "==" in before
    if before[-1:] in ("+", "-"):
        left = before[:-1].rstrip()[-1:]
        return left.isalnum() or left in (")", "]")
    return after[:1] in ("=", "+")
