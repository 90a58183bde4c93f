# ruff: noqa: E501  a pattern is read more easily on one line
"""Angles and diagonals of polygons: `sum of the interior angles of a hexagon`, `how many diagonals has an octagon`."""

from __future__ import annotations

import re
from fractions import Fraction

from .clauses import TextReader
from .syntax import Ask, Number, Request

_NAMES = {
    "triangle": 3, "quadrilateral": 4, "square": 4, "rectangle": 4, "pentagon": 5, "hexagon": 6, "heptagon": 7,
    "septagon": 7, "octagon": 8, "nonagon": 9, "decagon": 10, "hendecagon": 11, "dodecagon": 12, "icosagon": 20,
}  # fmt: skip
_POLYGON = rf"(?:an?\s+)?(?:regular\s+|convex\s+)?(?:(?P<name>{'|'.join(_NAMES)})s?|(?P<sides>\d{{1,6}})[- ](?:sided\s+(?:regular\s+)?polygon|gon)|polygon\s+(?:with|of|that has|having)\s+(?P<sides2>\d{{1,6}})\s+(?:sides|vertices))"
_LEAD = r"(?:(?:what is|what's|what are|find|calculate|compute|determine|give)\s+)?(?:the\s+)?"
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            "interior sum",
            rf"{_LEAD}(?:sum|total) of (?:the |all |all the )?(?:measures of (?:the )?)?(?:interior |inside |internal )?angles (?:of|in) {_POLYGON}",
        ),
        (
            "interior sum",
            rf"(?:what do )?(?:the )?(?:interior )?angles (?:of|in) {_POLYGON} (?:add up to|sum to)(?: what)?",
        ),
        (
            "interior sum",
            rf"how many degrees (?:are )?(?:there )?(?:in|does) (?:the (?:interior )?angles of )?{_POLYGON}(?: have)?",
        ),
        (
            "exterior sum",
            rf"{_LEAD}sum of (?:the |all |all the )?(?:measures of (?:the )?)?(?:exterior|external|outside) angles (?:of|in) {_POLYGON}",
        ),
        (
            "interior",
            rf"{_LEAD}(?:measure of |size of )?(?:each |an |one |every )?(?:of the )?(?:interior |inside |internal )angles? (?:of|in) {_POLYGON}",
        ),
        (
            "exterior",
            rf"{_LEAD}(?:measure of |size of )?(?:each |an |one |every )?(?:of the )?(?:exterior |external )angles? (?:of|in) {_POLYGON}",
        ),
        ("central", rf"{_LEAD}(?:measure of |size of )?(?:each |the )?central angles? (?:of|in) {_POLYGON}"),
        (
            "diagonals",
            rf"(?:how many diagonals (?:does |do |are (?:there )?in |can be drawn in |has |in )?{_POLYGON}(?: have)?|{_LEAD}number of diagonals (?:of|in) {_POLYGON.replace('?P<name>', '?P<name2>').replace('?P<sides>', '?P<sides3>').replace('?P<sides2>', '?P<sides4>')})",
        ),
        (
            "sides of interior",
            r"how many sides (?:does |has )?a (?:regular )?polygon (?:have )?(?:with|have if|if) (?:an? |each |its )?interior angles? (?:of |is |measures? )?(?P<angle>\d{1,3}(?:\.\d+)?)\s*(?:degrees)?(?: have)?",
        ),
        (
            "sides of exterior",
            r"how many sides (?:does |has )?a (?:regular )?polygon (?:have )?(?:with|have if|if) (?:an? |each |its )?exterior angles? (?:of |is |measures? )?(?P<angle>\d{1,3}(?:\.\d+)?)\s*(?:degrees)?(?: have)?",
        ),
        (
            "sides of sum",
            r"how many sides (?:does |has )?a (?:regular )?polygon (?:have )?(?:with|have if|if) (?:the |its )?(?:interior angles? )?(?:angle )?sum (?:of (?:the )?(?:its )?interior angles )?(?:of |is |equal to )?(?P<angle>\d{3,7})\s*(?:degrees)?(?: have)?",
        ),
    )
)


def read_polygon(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about the angles or diagonals of a polygon; `None` for everything else."""
    if not re.search(r"angle|diagonal|how many (?:sides|degrees)", text, re.IGNORECASE):
        return None
    spaced = " ".join(text.split())
    for kind, pattern in _PATTERNS:
        found = pattern.fullmatch(spaced)
        if not found:
            continue
        groups = found.groupdict()
        if groups.get("angle"):
            return Ask("polygon", (Number(Fraction(groups["angle"])),), (kind,))
        name = groups.get("name") or groups.get("name2")
        sides = next((groups[key] for key in ("sides", "sides2", "sides3", "sides4") if groups.get(key)), "")
        count = _NAMES[name.lower()] if name else int(sides)
        return Ask("polygon", (Number(Fraction(count)),), (kind,))
    return None


READERS: list[TextReader] = [read_polygon]
