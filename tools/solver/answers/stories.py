"""Stories: conditions on unknown amounts are solved together, and what is found is put back into them."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Relation, Variable
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .domain import Handler
from .presenting import Reading
from .printing import decimal, finite_decimal, latex_of, plain

_SHORT = 20  # characters of a fraction that is shown beside its decimal
_PLACES = 9  # of a decimal that needs no fraction beside it
_NOTHING_FITS = {
    "ages": "no ages fit all that is said",
    "counts": "no whole numbers fit all that is said",
    "amounts": "no amounts fit all that is said",
    "lengths": "no lengths fit all that is said",
}


def _story(request: Ask, reading: Reading) -> Solution:
    """Solve the conditions and tell what is asked."""
    kind, *tags = request.words
    conditions = [node for node in request.args if isinstance(node, Relation)]
    builder = Builder(real=False)
    values = [builder.build(node) for node in request.args if not isinstance(node, Relation)]
    told = list(zip(tags, values, strict=True))
    bounded = [(tag.removeprefix("bounded "), value) for tag, value in told if tag.startswith("bounded ")]
    asked = [(tag.partition(" ")[2], value) for tag, value in told if tag.startswith("asked ")]
    also = [(tag.partition(" ")[2], value) for tag, value in told if tag.startswith("also ")]
    balances = [builder.build(node.left) - builder.build(node.right) for node in conditions]
    unknowns = list(dict.fromkeys(builder.symbol(node.name) for node in request.args if isinstance(node, Variable)))
    found = _fitting(balances, unknowns, kind, bounded)
    if any(value.subs(case).free_symbols for case in found for _, value in asked):
        raise ToolError("too little is said to find this; one more fact is needed")
    verified = None
    if balances:
        holds = all(tidy(balance.subs(case)) == 0 for case in found for balance in balances)
        verified = "checked: the conditions hold for what was found" if holds else None
    texts: list[str] = []
    for case in found:
        parts = [_told(tag, _plain_value(value.subs(case)), reading) for tag, value in asked]
        parts += [_told(tag, _plain_value(value.subs(case)), reading) for tag, value in also]
        if (text := ", ".join(parts)) not in texts:
            texts.append(text)
    found_values = [[_plain_value(value.subs(case)) for _, value in asked] for case in found]
    exact = " or ".join(dict.fromkeys(", ".join(plain(value) for value in values) for values in found_values))
    results = found_values[0]
    numbers = [_decimal(value, reading) for value in results]
    return reading.solution(
        results[0], text=" or ".join(texts), exact=exact,
        number=", ".join(numbers), latex=",\\ ".join(latex_of(value) for value in results), verified=verified,
    )  # fmt: skip


def _fitting(
    balances: list[Any], unknowns: list[Any], kind: str, bounded: list[tuple[str, Any]]
) -> list[dict[Any, Any]]:
    """The solutions of the conditions that a story allows.

    Raises:
        ToolError: if there is none, saying which amount would be impossible.
    """
    import sympy

    cases: list[dict[Any, Any]] = sympy.solve(balances, unknowns, dict=True) if balances else [{}]
    if not cases:
        raise ToolError(f"{_NOTHING_FITS[kind]}; check the numbers")
    refused = ""
    allowed: list[dict[Any, Any]] = []
    for case in cases:
        trouble = _trouble(case, kind, bounded)
        refused = refused or trouble
        if not trouble:
            allowed.append(case)
    if not allowed:
        raise ToolError(f"{_NOTHING_FITS[kind]}: {refused}; check the numbers")
    return allowed


def _trouble(case: dict[Any, Any], kind: str, bounded: list[tuple[str, Any]]) -> str:
    """What makes a solution impossible; empty if nothing does."""
    for label, amount in bounded:
        value = tidy(amount.subs(case))
        if value.free_symbols:
            continue
        if value.is_real is False:
            return f"{label} would be no real number"
        if value.is_negative:
            return f"{label} would be {plain(value)}"
        if kind == "counts" and not value.is_Integer:
            return f"{label} would be {plain(value)}, which is not whole"
        if kind == "lengths" and value.is_zero:
            return f"{label} would be 0"
    return ""


def _plain_value(value: Any) -> Any:
    """A value in its simplest form; quotients of logarithms are simple as they are."""
    from sympy import log

    return value if value.has(log) else tidy(value)


def _decimal(value: Any, reading: Reading) -> str:
    finite = finite_decimal(value, reading.precision)
    return finite if finite is not None else decimal(value, reading.precision)


def _told(tag: str, value: Any, reading: Reading) -> str:
    """A value between the words that belong to it, exact where that is short."""
    before, _, after = tag.partition("|")
    shown = finite_decimal(value, _PLACES) or (
        reading.shown(value) if value.is_Rational and len(plain(value)) <= _SHORT else _decimal(value, reading)
    )
    return f"{before}{shown}{after}"


HANDLERS: dict[str, Handler] = {"story": _story}
