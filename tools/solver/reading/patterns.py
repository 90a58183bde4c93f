"""Questions told by a pattern for the whole text: `next prime after {a}` with formulas where the letters stand.

A domain lists (name, pattern) pairs. In a pattern `{a}` to `{e}` are expressions, `{list}` is a list of them, and the
name may hold words after a colon, which tell cases of one question apart: `"count primes:below"`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from ...errors import ToolError
from .clauses import TextReader, read_expression, read_list, without_lead_ins
from .syntax import Ask, Node, Request

_LEAD = re.compile(
    r"(?:(?:what|which)(?: is| are| was| were|'s)?|whats|who is|find|calculate|compute|determine|evaluate|give|tell"
    r"|show|list|state|work out|name|get|return|print|output|generate|please|can you|could you|would you|me|us|i want"
    r"|i need|the|all|value of|result of|check|test|decide|verify|whether|if|do you know|how do i find|how to find"
    r"|how to)\s+",
    re.IGNORECASE,
)
_SLOT = re.compile(r"\{(\w+)\}")
_LONGEST = 200  # characters; several open slots in a longer text would take too long


def pattern_reader(hint: str, patterns: Sequence[tuple[str, str]]) -> TextReader:
    """A reader of whole texts.

    Args:
        hint: a regular expression, some part of which is in every text that is meant; keeps the rest away cheaply.
        patterns: (name, pattern), tried in order; a space in a pattern stands for any white space, ` ?` for none or
            some.
    """
    hinted = re.compile(hint, re.IGNORECASE)

    @cache
    def compiled() -> list[tuple[str, tuple[str, ...], re.Pattern[str]]]:
        found: list[tuple[str, tuple[str, ...], re.Pattern[str]]] = []
        for name, pattern in patterns:
            ask, _, words = name.partition(":")
            found.append((ask, tuple(words.split()), re.compile(_spelled(pattern), re.IGNORECASE)))
        return found

    def read(text: str, assumptions: list[str]) -> Request | None:
        if len(text) > _LONGEST or not hinted.search(text):
            return None
        for candidate in _candidates(text):
            for ask, words, pattern in compiled():
                found = pattern.fullmatch(candidate)
                args = None if found is None else _arguments(found, assumptions)
                if args is not None:
                    return Ask(ask, args, words)
        return None

    return read


def _spelled(pattern: str) -> str:
    pattern = pattern.replace(" ?", r"\s*").replace(" ", r"\s+")
    return _SLOT.sub(lambda found: rf"(?P<{found[1]}>\S(?:.*?\S)??)", pattern)


def _candidates(text: str) -> list[str]:
    """The text without articles, then without its first words one by one."""
    text = re.sub(r"\bthe\s+", "", " ".join(text.split()), flags=re.IGNORECASE)
    return without_lead_ins(text, _LEAD)


def _arguments(found: re.Match[str], assumptions: list[str]) -> tuple[Node, ...] | None:
    noted: list[str] = []
    args: list[Node] = []
    readers: dict[str, Callable[[str], Sequence[Node]]] = {"list": lambda text: read_list(text, noted)}
    for name in sorted(found.re.groupindex):
        if found[name] is None:
            continue
        try:
            read = readers.get(name)
            args += read(found[name]) if read else [read_expression(found[name], noted)]
        except ToolError:
            return None
    assumptions += noted
    return tuple(args)
