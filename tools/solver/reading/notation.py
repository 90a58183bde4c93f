# ruff: noqa: E501  a pattern is read more easily on one line
"""How a value is written: scientific notation, expanded form, significant figures, an angle in degrees; constants of physics.

`0.00012 in scientific notation`, `expanded form of 3456`, `arctan(1) in degrees`, `planck constant`.
"""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader, read_expression, without_lead_ins
from .syntax import Apply, Ask, Number, Request, walk

_LEAD = re.compile(
    r"(?:what(?:'s| is| are)?|find|calculate|compute|give|write|express|convert|put|tell me|state|show|the|(?:exact )?value of(?: the)?|number)\s+",
    re.IGNORECASE,
)
_FORM = r"(?P<form>scientific notation|standard (?:index )?form|engineering notation|index form|e notation)"
_WRITTEN = re.compile(
    rf"(?P<a>.+?) (?:in|to|into|as|using) {_FORM}|{_FORM.replace('form>', 'first>')} (?:of|for) (?P<b>.+)",
    re.IGNORECASE,
)
_EXPANDED = re.compile(
    r"expanded (?:form|notation)(?: (?:of|for))? (?P<a>[\d.]+)|(?P<b>[\d.]+) in expanded (?:form|notation)",
    re.IGNORECASE,
)
_SIGNIFICANT = re.compile(
    r"(?:how many|number of|count(?: the)?) (?:significant (?:figures|digits)|sig\.? ?figs?)(?: (?:are|does|do))?(?: there)?(?: in| of| for)?(?: the number)? (?P<a>-?[\d.]+(?:e-?\d+)?)(?: have)?",
    re.IGNORECASE,
)
_ANGLE = re.compile(
    r"(?P<a>.*\b(?:a(?:rc)?(?:sin|cos|tan)|(?:sin|cos|tan) ?\^ ?\(? ?-1).*) in (?P<unit>degrees|radians)", re.IGNORECASE
)
_RADIANS = re.compile(r"(?P<a>[\d\s+*/().-]*(?<![a-z])pi\b[\d\s+*/().-]*?)\s+(?:to|in|into) degrees", re.IGNORECASE)
_HINT = re.compile(r"notation|standard (?:index )?form|index form|expanded form|significant|sig|\b(?:in|to|into) (?:degrees|radians)|constant|mass|charge|speed of|number|golden|permittivity|permeability|gravity|radius|magneton", re.IGNORECASE)  # fmt: skip
# Names that people use, and those of the CODATA table.
CONSTANTS = {
    r"speed of light(?: in (?:a )?vacuum)?": "speed of light in vacuum",
    r"planck(?:'?s)? constant": "Planck constant",
    r"reduced planck(?:'?s)? constant|dirac(?:'?s)? constant|h[- ]?bar": "reduced Planck constant",
    r"(?:newton(?:'?s)? |newtonian |universal )?(?:gravitational constant|constant of gravitation)": "Newtonian constant of gravitation",
    r"(?:standard )?(?:acceleration (?:of|due to) gravity|gravitational acceleration)(?: on earth)?|standard gravity": "standard acceleration of gravity",
    r"avogadro(?:'?s)? (?:number|constant)": "Avogadro constant",
    r"boltzmann(?:'?s)? constant": "Boltzmann constant",
    r"stefan[- ]boltzmann constant": "Stefan-Boltzmann constant",
    r"(?:ideal |universal |molar )*gas constant": "molar gas constant",
    r"elementary charge|(?:electron charge|charge of (?:an|the) electron)": "elementary charge",
    r"electron mass|mass of (?:an|the) electron": "electron mass",
    r"proton mass|mass of (?:a|the) proton": "proton mass",
    r"neutron mass|mass of (?:a|the) neutron": "neutron mass",
    r"(?:vacuum permittivity|permittivity of (?:free space|vacuum)|electric constant)": "vacuum electric permittivity",
    r"(?:vacuum permeability|permeability of (?:free space|vacuum)|magnetic constant)": "vacuum mag. permeability",
    r"coulomb(?:'?s)? constant": "coulomb",
    r"fine[- ]structure constant": "fine-structure constant",
    r"rydberg constant": "Rydberg constant",
    r"faraday(?:'?s)? constant": "Faraday constant",
    r"bohr radius": "Bohr radius",
    r"bohr magneton": "Bohr magneton",
    r"atomic mass (?:unit|constant)": "atomic mass constant",
}
_GOLDEN = re.compile(r"golden ratio|golden mean", re.IGNORECASE)


def read_notation(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    if len(text) > 200 or not _HINT.search(text):
        return None
    for candidate in without_lead_ins(" ".join(text.split()), _LEAD):
        if request := _read(candidate, assumptions):
            return request
    return None


def _read(text: str, assumptions: list[str]) -> Request | None:
    if found := _WRITTEN.fullmatch(text):
        form = "engineering" if "engineering" in text.lower() else "scientific"
        node = _expression(found["a"] or found["b"], assumptions)
        return Ask("notation", (node,), (form,)) if node else None
    if found := _EXPANDED.fullmatch(text):
        node = _expression(found["a"] or found["b"], assumptions)
        return Ask("expanded form", (node,)) if isinstance(node, Number) else None
    if found := _SIGNIFICANT.fullmatch(text):
        return Ask("significant figures", (), (found["a"],))
    if found := _ANGLE.fullmatch(text):
        node = _expression(found["a"], assumptions)
        inverse = node and any(isinstance(part, Apply) and part.name.startswith("a") for part in walk(node))
        return Ask("angle in", (node,), (found["unit"].lower(),)) if node and inverse else None
    if found := _RADIANS.fullmatch(text):
        node = _expression(found["a"], assumptions)
        return Ask("angle in", (node,), ("degrees",)) if node else None
    if _GOLDEN.fullmatch(text):
        return Ask("golden ratio")
    for pattern, name in CONSTANTS.items():
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return Ask("constant", (), (name,))
    return None


def _expression(text: str, assumptions: list[str]):  # noqa: ANN202
    try:
        return read_expression(text, assumptions)
    except ToolError:
        return None


READERS: list[TextReader] = [read_notation]
