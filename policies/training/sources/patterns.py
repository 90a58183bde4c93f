"""Regular expressions from files, checked at the door.

A reply is matched against them thousands of times, so what can take exponential time on a short text is refused: a
repeat inside of a repeat, or alternatives inside of one, as in `(a+)+` and `(a|aa)*`. Not found are patterns that are
slow on long texts only (`.*.*.*x`); replies are short.
"""

from __future__ import annotations

import re

from ....tools import ConfigError

MAX_PATTERN_CHARS = 500
_PART = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]"  # an escape, a class of characters
    r"|\(\?#[^)]*\)|\(\?P=\w+\)|\(\?[a-zA-Z]+\)"  # a comment, a reference, flags
    r"|\((?:\?(?:P<\w+>|<[=!]|[:=!>]|\(\w+\)|[a-zA-Z-]+:))?"  # what opens a group
    r"|[*+?]|\{\d*,?\d*\}|.",
    re.DOTALL,
)
_BOUNDS = re.compile(r"\{(\d*)(,?)(\d*)\}")


def check_pattern(pattern: str) -> None:
    """Refuses a pattern that is no regular expression, is longer than 500 characters, or may never come to an end.

    Raises:
        ConfigError: says what to write instead.
    """
    if len(pattern) > MAX_PATTERN_CHARS:
        raise ConfigError(f"a pattern has at most {MAX_PATTERN_CHARS} characters, this one has {len(pattern)}.")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ConfigError(f"{pattern!r} is no regular expression: {error}.") from None
    if _nests_repeats(pattern):
        raise ConfigError(
            f"the pattern {pattern!r} repeats a part that holds a repeat or alternatives, which can take forever; "
            "write it without, [ab]+ in place of (a|b)+."
        )


def _nests_repeats(pattern: str) -> bool:
    # Of every group that is open: whether it may match in several ways.
    open_groups = [False]
    last_is_varied = False
    for part in _PART.findall(pattern):
        if part.startswith("(?(") or (part.startswith("(") and not part.endswith(")")):
            open_groups.append(False)
        elif part == ")":
            last_is_varied = open_groups.pop()
            open_groups[-1] |= last_is_varied
            continue
        elif part == "|":
            open_groups[-1] = True
        elif bounds := _bounds(part):
            least, most = bounds
            if most > 1 and last_is_varied:
                return True
            if least != most:
                open_groups[-1] = True
            continue  # a second mark (`a+?`, `a++`) belongs to the same repeat
        last_is_varied = False
    return False


def _bounds(part: str) -> tuple[int, float] | None:
    """How often a quantifier repeats what is before it; `None` where the part is no quantifier."""
    if part in ("*", "+", "?"):
        return {"*": (0, float("inf")), "+": (1, float("inf")), "?": (0, 1)}[part]
    match = _BOUNDS.fullmatch(part)
    if match is None or not (match[1] or match[3]):
        return None
    least = int(match[1] or 0)
    return least, (float(match[3]) if match[3] else float("inf")) if match[2] else least
