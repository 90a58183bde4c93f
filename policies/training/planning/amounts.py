"""Numbers as people write them, and the ranges in which a plan makes sense."""

from __future__ import annotations

import re

from ....tools import ConfigError

_WRITTEN = re.compile(r"([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([kmbt]?)", re.IGNORECASE)
_FACTORS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}


def read_amount(text: str, name: str) -> float:
    """A number such as `175e9`, `175B`, `1.5T`, `7b` or `300_000_000`.

    Args:
        text: as it was written; k, m, b and t stand for 10³, 10⁶, 10⁹ and 10¹².
        name: what it is, for the error.

    Raises:
        ConfigError: it is not such a number.
    """
    found = _WRITTEN.fullmatch(text.strip().replace("_", ""))
    if found is None:
        raise ConfigError(f"{name} must be a number such as 175e9, 175B or 7b; got {text!r}.")
    return float(found[1]) * _FACTORS[found[2].lower()]


def within(value: float, name: str, low: float, high: float) -> None:
    """Checks that a number lies in a range.

    Raises:
        ConfigError: it does not, or it is not a number.
    """
    if not low <= value <= high:  # so written that nan fails too
        raise ConfigError(f"{name} must be between {_shown(low)} and {_shown(high)}; got {_shown(value)}.")


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value == round(value, 0) and abs(value) <= 1e9 else f"{value:g}"
