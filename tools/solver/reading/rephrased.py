# ruff: noqa: E501  a pattern is read more easily on one line
"""Wordings that say the same as another one, put into that one and read again.

`solve cos x = 1/2 for x in degrees between 0 and 360`, `binary 1101 + 1011`, `eigenvalues and eigenvectors of [[4, 1], [2, 3]]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .clauses import TextReader
from .syntax import Request

_BASES = {"binary": 2, "octal": 8, "hex": 16, "hexadecimal": 16}
_TRIGONOMETRIC = r"(?<![a-z])(sin|cos|tan|sec|csc|cot)"


def _in_degrees(found: re.Match[str]) -> str | None:
    """The argument of every trigonometric function is marked, so that the unknown is a number of degrees."""
    equation, name = found["equation"], found["name"] or found["named"] or "x"
    marked = re.sub(rf"{_TRIGONOMETRIC}((?: ?\^ ?\(?-?\d+\)?)?)\s*\(([^()]*)\)", r"\1\2((\3) degrees)", equation)
    marked = re.sub(
        rf"{_TRIGONOMETRIC}((?: ?\^ ?\(?-?\d+\)?)?)\s*(\d*\s*{name})(?![a-z(])", r"\1\2((\3) degrees)", marked
    )
    if marked == equation:
        return None
    low, high = found["low"] or found["least"], found["high"] or found["most"]
    return f"solve {marked} for {name} on [{low}, {high}]"


_ANGLE = r"(-?\d+(?:\.\d+)?)\s*(?:degrees?)?"
_RULES: tuple[tuple[str, str | Callable[[re.Match[str]], str | None], str], ...] = (
    (r"(?:find |evaluate |calculate )?(?:the )?improper integral (?:of )?(.+)", r"integral of \1", ""),
    (r"(?:find |calculate )?dy/dx:? (?:of |for )?(?=y\s*=)(.+)", r"dy/dx if \1", ""),
    (
        r"(?:find |calculate |what are )?(?:the )?eigenvalues and (?:the )?(?:corresponding )?eigenvectors (?:of|for) (.+)",
        r"eigenvectors of \1",
        "",
    ),
    (
        rf"(?:what is |calculate |add )?(?:in )?({'|'.join(_BASES)}):? ([0-9a-f]+(?: ?[-+*] ?[0-9a-f]+)+)",
        lambda found: f"{found[2]} in base {_BASES[found[1].lower()]}",
        "",
    ),
    (
        rf"(?:solve )?(?P<equation>[^,]*{_TRIGONOMETRIC}[^,]*=[^,<>]*?),? (?:for (?P<name>[a-z]|theta) )?in degrees,? (?:for |with |where |from |between |on |in )*(?:\[?(?P<low>{_ANGLE[1:5]}\d*)\D{{0,12}}(?:<=?|to|and|,)(?:\s*(?P<named>[a-z]|theta)\s*<=?)?\s*(?P<high>\d+)(?: degrees?)?\]?)(?P<least>)(?P<most>)",
        _in_degrees,
        "angles in degrees",
    ),
    (
        rf"(?:solve )?(?P<equation>[^,]*{_TRIGONOMETRIC}[^,]*=[^,<>]*?),? (?:for |where |with )?(?P<low>-?\d+) degrees? ?<=? ?(?P<name>[a-z]|theta) ?<=? ?(?P<high>\d+) degrees?(?P<named>)(?P<least>)(?P<most>)",
        _in_degrees,
        "angles in degrees",
    ),
)


_HINT = re.compile(r"improper|dy/dx|eigenvalues and|binary|octal|hex|degrees", re.IGNORECASE)


def read_rephrased(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    if not _HINT.search(text):
        return None
    spaced = " ".join(text.split())
    for pattern, written, assumed in _RULES:
        found = re.fullmatch(pattern, spaced, re.IGNORECASE)
        rephrased = None if not found else found.expand(written) if isinstance(written, str) else written(found)
        if rephrased and rephrased != spaced:
            from .queries import read_query

            request, noted = read_query(rephrased)
            assumptions += [*([assumed] if assumed else []), *noted]
            return request
    return None


READERS: list[TextReader] = [read_rephrased]
