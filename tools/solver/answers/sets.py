"""Finite sets of numbers, letters and formulas; two elements are the same if their difference is zero."""

from __future__ import annotations

import itertools
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Apply, Ask, Node, Sequence
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .integers import number, verdict
from .presenting import Reading
from .printing import clipped, latex_of, plain

_MOST_PAIRS = 400
_MOST_SUBSETS = 256

_Set = tuple[Any, ...]


def _set(node: Node, builder: Builder) -> _Set:
    if isinstance(node, Sequence):
        return tuple(dict.fromkeys(_element(item, builder) for item in node.items))
    assert isinstance(node, Apply)
    left, right = (_set(part, builder) for part in node.args)
    match node.name:
        case "set union":
            return tuple(dict.fromkeys((*left, *right)))
        case "set intersection":
            return tuple(item for item in left if item in right)
        case "set difference":
            return tuple(item for item in left if item not in right)
        case "set symmetric":
            return tuple(item for item in left if item not in right) + tuple(item for item in right if item not in left)
        case _:
            if len(left) * len(right) > _MOST_PAIRS:
                raise ToolError(f"the product has {len(left) * len(right)} pairs; at most {_MOST_PAIRS} are listed")
            return tuple(itertools.product(left, right))


def _element(node: Node, builder: Builder) -> Any:
    if isinstance(node, Sequence):
        return tuple(_element(item, builder) for item in node.items)
    return builder.build(node)


def _text(item: Any) -> str:
    return f"({', '.join(map(_text, item))})" if isinstance(item, tuple) else plain(item)


def _latex(item: Any) -> str:
    return rf"\left({', '.join(map(_latex, item))}\right)" if isinstance(item, tuple) else latex_of(item)


def _ordered(items: _Set) -> list[Any]:
    """Numbers by size before everything else, which stays in the order of the question."""
    plainly = [item for item in items if not isinstance(item, tuple) and item.is_real and item.is_number]
    return sorted(plainly, key=lambda item: item.evalf()) + [item for item in items if item not in plainly]


def _braced(items: _Set) -> str:
    return "{" + ", ".join(map(_text, _ordered(items))) + "}"


def _listed(ask: Ask, reading: Reading) -> Solution:
    import sympy

    items = _set(ask.args[0], Builder())
    latex = r"\left\{" + ", ".join(map(_latex, _ordered(items))) + r"\right\}" if items else r"\emptyset"
    text = _braced(items) if items else "{} (the empty set)"
    return reading.solution(sympy.S.One, text=clipped(text), exact=_braced(items), number="", latex=latex)


def _power_set(ask: Ask, reading: Reading) -> Solution:
    import sympy

    items = _ordered(_set(ask.args[0], Builder()))
    if 2 ** len(items) > _MOST_SUBSETS:
        raise ToolError(f"there are 2^{len(items)} = {2 ** len(items)} subsets; at most {_MOST_SUBSETS} are listed")
    subsets = [case for size in range(len(items) + 1) for case in itertools.combinations(items, size)]
    text = "{" + ", ".join(_braced(case) for case in subsets) + "}"
    latex = r"\left\{" + ", ".join(r"\{" + ", ".join(map(_latex, case)) + r"\}" for case in subsets) + r"\right\}"
    told = f"{text} ({len(subsets)} subsets)"
    return reading.solution(sympy.S.One, text=clipped(told), exact=text, number="", latex=latex)


def _size(ask: Ask, reading: Reading) -> Solution:
    return number(len(_set(ask.args[0], Builder())), reading)


def _count_subsets(ask: Ask, reading: Reading) -> Solution:
    return number(2 ** len(_set(ask.args[0], Builder())), reading)


def _compared(ask: Ask, reading: Reading) -> Solution:
    builder = Builder()
    left, right = (_set(part, builder) for part in ask.args)
    extra = [item for item in left if item not in right]
    missing = [item for item in right if item not in left]
    match ask.name:
        case "set subset" | "set proper subset":
            if extra:
                return verdict(False, reading, f"{_text(extra[0])} is only in the first set")
            if ask.name == "set proper subset" and not missing:
                return verdict(False, reading, "the sets are equal")
            return verdict(True, reading, "each element of the first set is in the second")
        case "set equal":
            odd = [*extra, *missing]
            return verdict(not odd, reading, f"{_text(odd[0])} is in one set only" if odd else "same elements")
        case _:
            shared = [item for item in left if item in right]
            reason = f"{_text(shared[0])} is in both" if shared else "no element is in both"
            return verdict(not shared, reading, reason)


def _member(ask: Ask, reading: Reading) -> Solution:
    builder = Builder()
    item, items = _element(ask.args[0], builder), _set(ask.args[1], builder)
    inside = item in items
    told = f"{_text(item)} is {'' if inside else 'not '}in {_braced(items)}"
    return verdict(inside if ask.name == "set member" else not inside, reading, told)


def _sizes(ask: Ask, reading: Reading) -> Solution:
    value = int(ask.words[0])
    if value < 0:
        raise ToolError("these sizes contradict each other: the result would be negative")
    reading.assume("by n(A union B) = n(A) + n(B) - n(A intersection B)")
    return number(value, reading)


HANDLERS: dict[str, Handler] = {
    "set list": _listed,
    "set power set": _power_set,
    "set size": _size,
    "set count subsets": _count_subsets,
    "set subset": _compared,
    "set proper subset": _compared,
    "set disjoint": _compared,
    "set equal": _compared,
    "set member": _member,
    "set not member": _member,
    "set sizes": _sizes,
}
