"""Recurrences: `solve the recurrence a_n = 3a_(n-1), a_0 = 2`, `a(n) = a(n-1) + a(n-2), a(0) = 0, a(1) = 1`.

A shifted term becomes a variable of its own, `a_Rm1` for a(n-1). Not read: recurrences that divide the index, such as
T(n) = 2T(n/2) + n.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .syntax import Ask, Node, Number, Relation, Request, Sequence

MAX_SHIFT = 6
MAX_INDEX = 10_000

_SHIFTED = re.compile(
    r"(?<![A-Za-z])([a-zA-Z])\s?(?:_?[(\[{]\s?([nk])\s?(?:([-+])\s?(\d))?\s?[)\]}]|_([nk])(?![a-z0-9]))"
)
_LOOSE = re.compile(r"(?<![A-Za-z])([a-zA-Z])_([nk])([-+])(\d)(?!\w)")
_CUE = re.compile(r"\brecurrence|\brecursion|\brecursive|difference equation", re.IGNORECASE)
_HINT = re.compile(r"(?<![A-Za-z])[a-zA-Z]\s?_?[(\[{]?\s?[nk]\s?[-+]\s?\d")
_LEAD_INS = re.compile(
    r"^(?:(?:solve|find|what is|determine|compute|give|the|a|an|closed|form|explicit|formula|general|solution|term|of|to|for"  # noqa: E501
    r"|following|linear|homogeneous|recurrence|recursion|recursive|difference|relation|equation|sequence|defined|by|with"
    r"|rsolve|if|given|let|nth|n-th|that|satisfies|satisfying)(?:[ :,]+))*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"[,;](?![^(\[{]*[)\]}])|\b(?:and|with|where|given|if|for|initial conditions?|initial values?|such that|when)\b",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"^([a-zA-Z])\s?(?:_?[(\[{]\s?(\d{1,3})\s?[)\]}]|_?(\d{1,3}))\s?=\s?([^=]+)$")
_PLACE = re.compile(
    r"^(?:(?:find|what is|then|compute|calculate|evaluate|the|value|of|term) )*([a-zA-Z])\s?(?:_?[(\[{]\s?(\d{1,5})\s?[)\]}]|_?(\d{1,5}))$",  # noqa: E501
    re.IGNORECASE,
)
_RANGE = re.compile(r"^(?:all )?(?:integers? )?[nk] ?(?:>=|>) ?\d+$|^$", re.IGNORECASE)


def _read(text: str, assumptions: list[str]) -> Request | None:
    if "=" not in text or not (_HINT.search(text) or _CUE.search(text) or "(n/" in text):
        return None
    if re.search(r"(?<![A-Za-z])([A-Za-z])\(n\) = .*\1\(n/\d\)", text):
        raise ToolError("recurrences that divide the index cannot be solved; write a(n) with a(n-1), a(n-2), ...")
    text = text.replace("'", "")
    body = _LEAD_INS.sub("", text)
    pieces = [piece.strip(" .:") for piece in _SEPARATOR.split(body)]
    equations, initial, places = [], [], []
    for piece in pieces:
        if found := _INITIAL.match(piece):
            initial.append((found[1], int(found[2] or found[3]), found[4]))
        elif found := _PLACE.match(piece):
            places.append((found[1], int(found[2] or found[3])))
        elif not _RANGE.match(piece):
            equations.append(piece)
    if len(equations) != 1 or equations[0].count("=") != 1:
        return None
    return _request(equations[0], initial, places, assumptions)


def _request(
    equation: str, initial: list[tuple[str, int, str]], places: list[tuple[str, int]], assumptions: list[str]
) -> Request | None:
    shifts: set[int] = set()
    letters: set[str] = set()
    indices: set[str] = set()

    def shifted(letter: str, index: str, sign: str | None, distance: str | None) -> str:
        shift = int(distance or 0) * (-1 if sign == "-" else 1)
        shifts.add(shift)
        letters.add(letter)
        indices.add(index)
        return f" {letter}_R{'m' if shift < 0 else 'p'}{abs(shift)} "

    text = (
        _LOOSE.sub(lambda found: shifted(found[1], found[2], found[3], found[4]), equation)
        if not re.search(r"[(\[{]\s?[nk]\s?[-+]", equation)
        else equation
    )
    text = _SHIFTED.sub(lambda found: shifted(found[1], found[2] or found[5], found[3], found[4]), text)
    if len(letters) != 1 or len(indices) != 1 or len(shifts) < 2:
        return None
    (letter,), (index,) = letters, indices
    if any(name != letter for name, *_ in [*initial, *places]):
        return None
    if max(shifts) - min(shifts) > MAX_SHIFT:
        raise ToolError(f"recurrences over at most {MAX_SHIFT} steps are solved")
    text = re.sub(rf"(?<=\d){letter}_R", f" {letter}_R", text)
    left, right = (read_expression(side.strip(), assumptions) for side in text.split("="))
    listed: list[Node] = []
    for _, place, value in initial:
        listed.append(Sequence((_number(place), read_expression(value, assumptions))))
    for _, place in places:
        if place > MAX_INDEX:
            raise ToolError(f"terms up to number {MAX_INDEX} are computed")
        listed.append(Sequence((_number(place),)))
    words = (letter, index, *(str(shift) for shift in sorted(shifts)))
    return Ask("recurrence", (Relation("=", left, right), *listed), words)


def _number(value: int) -> Number:
    return Number(Fraction(value))


READERS: list[TextReader] = [_read]
