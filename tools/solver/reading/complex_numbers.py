# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about complex numbers: `modulus of 3 + 4i`, `1 + i in polar form`, `cube roots of -8`, `2∠60°`.

The unit is written i, or j where no i stands. Plain calculations such as `(2 + 3i)*(1 - i)` are formulas and read
elsewhere, except powers, which are multiplied out here. `cube root of -8` is the real root; `cube roots of -8` are all
three.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .names import words
from .syntax import Apply, Ask, Constant, Node, Number, Relation, Request, Sequence, variables_of, walk
from .wording import ORDINALS

_LEAD = re.compile(
    r"^(?:(?:what is|what are|what's|find|calculate|compute|determine|give|get|write|express|convert|put|evaluate|show|tell me|simplify|all|the|a|number|complex number|of|state|change|represent|rewrite|list)\s+)+",
    re.IGNORECASE,
)
_PARTS = {
    "modulus": "modulus|magnitude|absolute value|mod|abs|norm|size|length|amplitude",
    "argument": "principal argument|argument|phase angle|phase|arg|angle",
    "conjugate": "complex conjugate|conjugate",
    "real": "real part|re|real component",
    "imaginary": "imaginary part|im|imaginary component",
    "reciprocal": "reciprocal|multiplicative inverse|inverse",
}
_KIND_OF = {word: kind for kind, spellings in _PARTS.items() for word in spellings.split("|")}
_PART = "(?:" + "|".join(sorted(_KIND_OF, key=lambda word: -len(word))) + ")"
_ASKED_PARTS = re.compile(
    rf"(?P<parts>{_PART}(?:\s*(?:,|and|&|, and)\s+(?:the\s+)?{_PART}){{0,4}})\s+(?:of|for)\s+(?P<number>.+)",
    re.IGNORECASE,
)
_IF_Z = re.compile(
    rf"(?:if|let|given|for)\s+(?:that\s+)?z\s*=\s*(?P<number>[^,;]+?)[,;.]?\s+(?:then\s+)?(?:find|what is|what are|calculate|compute|determine)\s+(?:the\s+)?(?:its\s+)?(?P<parts>\|z\||{_PART}(?:\s*(?:,|and)\s+(?:the\s+)?(?:its\s+)?{_PART}){{0,4}})(?:\s+of\s+z|\s*\(z\))?",
    re.IGNORECASE,
)
_FORMS = {
    "polar": r"polar|trigonometric|trig|modulus[- ]argument|phasor|r cis theta|cis",
    "exponential": r"exponential|euler|euler's|e\^\(i\s*theta\)",
    "rectangular": r"rectangular|cartesian|algebraic|standard|a\s*\+\s*b\s*\*?i|a\+ib|x\s*\+\s*i?yi?|binomial",
}
_FORM = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _FORMS.items())
_IN_FORM = re.compile(
    rf"(?P<number>.+?)\s*,?\s+(?:in|to|into|as|using)\s+(?:a\s+|an\s+|its\s+|the\s+)?(?:form\s+)?(?:{_FORM})(?:\s+(?:form|notation|coordinates|representation))?",
    re.IGNORECASE,
)
_FORM_OF = re.compile(rf"(?:{_FORM})\s+(?:form|notation|representation)\s+(?:of|for)\s+(?P<number>.+)", re.IGNORECASE)
_ROOTS = re.compile(
    r"(?:all\s+|the\s+)*(?:(?:two|three|four|five|six|seven|eight|2|3|4|5|6|7|8|complex|distinct)\s+)*(?P<degree>square|cube|cubic|[a-z]+th|third|\d{1,2}(?:st|nd|rd|th))\s+(?:complex\s+)?roots\s+of\s+(?P<number>.+)",
    re.IGNORECASE,
)
_ROOT_OF_COMPLEX = re.compile(
    r"(?:(?:principal|complex)\s+)?(?P<degree>square)\s+root\s+of\s+(?P<number>.+)", re.IGNORECASE
)
_DEGREES = re.compile(
    r"\s*,?\s*\(?(?:(?:the\s+)?angle\s+)?\b(?:in|using)\s+(?P<unit>degrees|radians|rad|deg)\)?$", re.IGNORECASE
)
_PHASOR = re.compile(
    r"(?P<size>-?\d+(?:\.\d+)?|-?sqrt\(\d+\))?\s*(?:∠|\bcis\b|(?<=\d)cis\b)\s*\(?\s*(?P<angle>-?[\d.]+(?:\s*\*?\s*pi)?(?:\s*/\s*\d+)?|-?pi(?:\s*/\s*\d+)?)\s*(?P<unit>degrees|deg|radians|rad)?\s*\)?"
)
_PHASOR_SIGN = re.compile(r"∠|(?<![a-z])cis\b|(?<=\d)cis\b")
_LETTER_I = re.compile(r"(?<![A-Za-z])(?:([abdkmnqrtuvwyz])i|i([abdkmnqrtuvwxyz]))(?![A-Za-z])")
_NUMBER_WORD = re.compile(r"^(?:the\s+)?(?:complex\s+)?(?:number\s+)?(?:z\s*=\s*)?", re.IGNORECASE)
_IMAGINARY = re.compile(r"(?<![A-Za-z])(?:i|I)(?![A-Za-z])")
_UNIT_J = re.compile(r"(?<=[\d)])j\b|\bj(?=\d)|(?<=[-+*/ (^])j\b(?!\s*=)")
_UNSPOKEN = frozenset(words("unity"))


def read_complex(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about a complex number; `None` for everything else."""
    if len(text) > 200:
        return None
    degrees = ""
    body = text
    if found := _DEGREES.search(body):
        degrees, body = "degrees" if found["unit"].lower().startswith("deg") else "radians", body[: found.start()]
    body = _phasors(body, noted := [])
    if found := _IF_Z.fullmatch(body.strip()):
        parts = ["modulus"] if "|" in found["parts"] else _parts(found["parts"])
        return _told(tuple(parts), found["number"], degrees, assumptions, noted)
    body = _LEAD.sub("", body.strip(), count=1)
    if found := _ROOTS.fullmatch(body):
        return _roots(found, assumptions, noted)
    if (found := _ROOT_OF_COMPLEX.fullmatch(body)) and (re.search(r"\di|[+-]\s*i\b", found["number"])):
        return _roots(found, assumptions, noted)
    if found := _ASKED_PARTS.fullmatch(body):
        return _told(tuple(_parts(found["parts"])), found["number"], degrees, assumptions, noted)
    if found := (_FORM_OF.fullmatch(body) or _IN_FORM.fullmatch(body)):
        form = next(name for name in _FORMS if found[name])
        return _told((form,), found["number"], degrees, assumptions, noted)
    if _PHASOR_SIGN.search(text):
        return _told(("rectangular",), body.strip(), degrees, assumptions, noted)
    return _power(body, assumptions)


def _phasors(text: str, noted: list[str]) -> str:
    """`2∠60°` and `2 cis 60°` as exponentials."""

    def exponential(found: re.Match[str]) -> str:
        unit, angle = (found["unit"] or "")[:3].lower(), found["angle"]
        if not unit and "pi" not in angle and (abs(float(re.split(r"[*/ ]", angle)[0])) > 7 or "∠" in found[0]):
            unit = "deg"
            noted.append("the angle is taken in degrees")
        return f"(({found['size'] or 1})*e^(i*({angle}){' degrees' if unit == 'deg' else ''})) "

    return _PHASOR.sub(exponential, text) if _PHASOR_SIGN.search(text) else text


def _parts(text: str) -> list[str]:
    names = [part.strip() for part in re.split(r",|&|\band\b", text.lower())]
    names = [re.sub(r"^(?:the|its)\s+", "", name) for name in names]
    return list(dict.fromkeys(_KIND_OF[name] for name in names if name))


def _read(number: str, assumptions: list[str]) -> Node | None:
    number = _NUMBER_WORD.sub("", number.strip(), count=1).strip()
    if not _IMAGINARY.search(number) and _UNIT_J.search(number):
        number = _UNIT_J.sub("*i*" if re.search(r"\bj(?=\d)", number) else "i", number)
        number = re.sub(r"(?<=[-+*/ (^])\*i|^\*i", "i", number).replace("i*)", "i)").rstrip("*")
        assumptions.append("j is the imaginary unit")
    number = _LETTER_I.sub(lambda found: f"{found[1]}*i" if found[1] else f"i*{found[2]}", number)
    try:
        return read_expression(number, assumptions)
    except ToolError:
        return None


def _is_complex(node: Node) -> bool:
    return any(isinstance(part, Constant) and part.name == "i" for part in walk(node))


def _told(
    kinds: tuple[str, ...], number: str, degrees: str, assumptions: list[str], noted: list[str]
) -> Request | None:
    node = _read(number, noted)
    if node is None:
        return None
    of_reals = len(kinds) > 1 or set(kinds).isdisjoint(("reciprocal", "modulus", "rectangular"))
    if not _is_complex(node) and (variables_of(node) or not of_reals):
        return None
    if any(isinstance(part, Sequence | Relation) for part in walk(node)) or {"j", "k"} & set(variables_of(node)):
        return None  # 3i + 4j is a vector
    assumptions += noted
    return Ask("complex", (node,), (*kinds, *((degrees,) if degrees else ())))


def _roots(found: re.Match[str], assumptions: list[str], noted: list[str]) -> Request | None:
    spelled = found["degree"].lower()
    known = {"square": 2, "cube": 3, "cubic": 3} | ORDINALS
    degree = known.get(spelled) or (int(re.sub(r"\D", "", spelled)) if spelled[0].isdigit() else 0)
    if not degree:
        return None
    number = found["number"].strip()
    node = Number(Fraction(1)) if number.lower() in _UNSPOKEN else _read(number, noted)
    if node is None or variables_of(node) or any(isinstance(part, Sequence | Relation) for part in walk(node)):
        return None
    assumptions += noted
    return Ask("complex roots", (node, Number(Fraction(degree))))


def _power(text: str, assumptions: list[str]) -> Request | None:
    """A whole power of a complex number, `(1 + i)^10`, which is multiplied out."""
    if not re.fullmatch(r"\(\s*[^()=,]{0,40}\bi|\(\s*[^()=,]{0,40}\di", text[:45]) and not re.match(
        r"\([^()=,]{0,40}i[^()=,]{0,40}\)\s*\^\s*\(?-?\d{1,4}\)?$", text
    ):
        return None
    node = _read(text, noted := [])
    if not (isinstance(node, Apply) and node.name == "^" and _is_complex(node) and not variables_of(node)):
        return None
    assumptions += noted
    return Ask("complex", (node,), ("rectangular",))


READERS: list[TextReader] = [read_complex]
