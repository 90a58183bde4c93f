r"""Whether a reply's final answer is the expected one: tuples, intervals, sets, matrices and units besides formulas.

What the scorer `symbolic` says of one formula, this says of answers that are made of several: `(3, \pi/2)` is
`\left(3, \frac{\pi}{2}\right)`, `-2, 1` is `1,-2`, `90` is `90^\circ`. Nothing of a reply is evaluated in this process.
"""

from __future__ import annotations

import re

from ..samples import Reply, Score
from ..scorers import Scorer, Scoring
from ..scorers.scorer import verdict
from ..scorers.symbolic import boxed, equal

MAX_CHARS = 300
MAX_PARTS = 24
_SPACING = re.compile(r"(?<!\\)\\[,;:! ]|\\q?quad\b|~|\\(?:left|right|[bB]igg?[lr]?)(?![a-zA-Z])|\\displaystyle\b")
_WORDS = re.compile(r"\\(?:text(?:rm|bf|it)?|mbox|mathrm|mathbf|operatorname)\s*\{([^{}]*)\}(?:\s*\^\s*\{?\d\}?)?")
_BRACED = re.compile(r"([_^])\{(\w)\}")
_DEGREES = re.compile(r"\^?\{?\\(?:circ|degree)\}?|°")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
# Units are known words: `2xy` is a formula.
_UNIT = re.compile(
    r"(.*[\d}])\s*(?:(?:square|cubic|sq\.?)\s+)?(?:[mck]?m|ft|in|inch(?:es)?|feet|foot|yards?|miles?|(?:centi|kilo|milli)?met(?:er|re)s?"
    r"|degrees?|units?|dollars?|cents?|percent|seconds?|minutes?|hours?|days?|weeks?|months?|years?|people|points?)\.?"
    r"(?:\s*\^\s*\{?\d\}?)?"
)
# `137 \frac{1}{2}` is a sum.
_MIXED = re.compile(r"^(-?)(\d+)\s*\\frac\s*\{(\d+)\}\s*\{(\d+)\}$")
_NAMED = re.compile(r"[a-zA-Z](?:\([a-zA-Z]\))?\s*(?:=|\\in(?![a-z]))(?!.*=)\s*")
_MATRIX = re.compile(r"\\begin\{[pbvB]?matrix\}(.*)\\end\{[pbvB]?matrix\}", re.DOTALL)
_UNION = re.compile(r"\\cup(?![a-z])|∪")
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_SAID = re.compile(r"\banswer(?:\s+is\b\s*:?|\s*:)\s*(.+)", re.IGNORECASE)
_OPEN, _CLOSE = "([{", ")]}"


def final_answers(text: str) -> list[str]:
    r"""What may be meant as the final answer: what is boxed; else what follows `the answer is`, or the last line."""
    box = boxed(text)
    if box is not None:
        return [box]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return []
    said = [re.split(r"\.(?:\s|$)", match[1])[0] for line in lines if (match := _SAID.search(line))]
    last = said[-1] if said else lines[-1]
    formulas = [next(part for part in match.groups() if part) for match in _FORMULA.finditer(last)]
    found = [formulas[-1]] if formulas else [last, re.split(r"\bis\b|:|≈", last)[-1]]
    found += [part.rpartition("=")[2] for part in found if "=" in part]
    return list(dict.fromkeys(part.strip(" *`$").rstrip(".;, ") for part in found))


def tidied(text: str) -> str:
    """A formula without spacing, units, currency and other signs that do not change what it says."""
    text = text[:MAX_CHARS].replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac").replace("−", "-")
    text = _SPACING.sub(" ", re.sub(r",\s*\\!\s*", ",", text)).replace("\\{", "{").replace("\\}", "}")
    text = _DEGREES.sub("", text).replace("\\$", "").replace("$", "").replace("\\%", "").replace("%", "")
    without = _WORDS.sub(" ", text).strip()
    # Words alone are the answer; behind a formula they are its unit.
    text = without if re.search(r"[\w\\]", without) else _WORDS.sub(r"\1", text)
    text = _BRACED.sub(r"\1\2", " ".join(text.split())).rstrip(" .;")
    text = _NAMED.sub("", text, count=1) if _NAMED.match(text) else text
    unit = _UNIT.fullmatch(text)
    text = unit[1] if unit else text
    text = _MIXED.sub(r"\1(\2+\\frac{\3}{\4})", text)
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


def split(text: str) -> list[str]:
    """The parts between commas that stand in no brackets."""
    parts, depth, start = list[str](), 0, 0
    for place, sign in enumerate(text):
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if sign == "," and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]


def bracketed(text: str) -> tuple[str, str, str] | None:
    """Bracket, inside and bracket, where the first sign's bracket closes with the last sign."""
    if len(text) < 2 or text[0] not in _OPEN or text[-1] not in _CLOSE:
        return None
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if depth == 0:
            return (text[0], text[1:-1], text[-1]) if place == len(text) - 1 else None
    return None


async def same_answer(given: str, wanted: str) -> bool:
    """Whether two final answers are the same.

    Tuples and intervals are compared part by part with their brackets; sets, unions and plain lists in any order.
    """
    given, wanted = tidied(given), tidied(wanted)
    if not given or not wanted:
        return False
    if _bare(given) == _bare(wanted):
        return True
    matrices = _MATRIX.fullmatch(given), _MATRIX.fullmatch(wanted)
    if matrices[0] and matrices[1]:
        return await _in_order(_cells(matrices[0][1]), _cells(matrices[1][1]))
    unions = _UNION.split(given), _UNION.split(wanted)
    if len(unions[1]) > 1 or len(unions[0]) > 1:
        return await _in_any_order(*unions)
    boxes = bracketed(given), bracketed(wanted)
    if boxes[0] and boxes[1] and len(split(boxes[1][1])) > 1:
        parts = split(boxes[0][1]), split(boxes[1][1])
        if boxes[0][0] == boxes[1][0] == "{":
            return await _in_any_order(_signed(parts[0]), _signed(parts[1]))
        return boxes[0][::2] == boxes[1][::2] and await _in_order(*parts)
    bare = [box[1] if box and box[0] == "{" else text for box, text in zip(boxes, (given, wanted), strict=True)]
    lists = [_signed(split(text)) for text in bare]
    if len(lists[0]) > 1 or len(lists[1]) > 1:
        return await _in_any_order(*lists)
    return await _same_formula(given, wanted)


def _bare(text: str) -> str:
    """For comparing letters: `(C)` is `C`, and space and case do not matter in words."""
    bare = "".join(text.split())
    letter = re.fullmatch(r"\(([A-Za-z])\)", bare)
    return (letter[1] if letter else bare).casefold() if letter or bare.isalpha() else bare


def _signed(parts: list[str]) -> list[str]:
    r"""`1 \pm \sqrt{2}` stands for two values."""
    found: list[str] = []
    for part in parts:
        part = part.replace("±", "\\pm")
        twofold = len(re.findall(r"\\pm(?![a-z])", part)) == 1
        found += [re.sub(r"\\pm(?![a-z])", sign, part) for sign in "+-"] if twofold else [part]
    return found


def _cells(matrix: str) -> list[str]:
    rows = [row for row in matrix.split("\\\\") if row.strip()]
    # The shape is compared with the cells.
    return [f"{len(rows)}", *(cell.strip() for row in rows for cell in row.split("&"))]


async def _in_order(given: list[str], wanted: list[str]) -> bool:
    if len(given) != len(wanted) or len(wanted) > MAX_PARTS:
        return False
    for one, other in zip(given, wanted, strict=True):
        if not await same_answer(one, other):
            return False
    return True


async def _in_any_order(given: list[str], wanted: list[str]) -> bool:
    if len(given) != len(wanted) or len(wanted) > MAX_PARTS:
        return False
    left = list(given)
    for want in wanted:
        for place, one in enumerate(left):
            if await same_answer(one, want):
                del left[place]
                break
        else:
            return False
    return True


async def _same_formula(given: str, wanted: str) -> bool:
    sides = given.split("="), wanted.split("=")
    if len(sides[0]) == len(sides[1]) == 2:
        first, second = (f"({left}) - ({right})" for left, right in sides)
        return await equal(first, second) or await equal(f"-({first})", second)
    if len(sides[0]) > 1 or len(sides[1]) > 1:
        return False
    return await equal(given, wanted)


class MathAnswer(Scorer):
    r"""The final answer is mathematically the expected one.

    Args:
        expected: the answer, in LaTeX or plain.
    """

    kind: str = "math-answer"
    expected: str

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        found = final_answers(reply.answer)
        if not found:
            return verdict(False, "no answer")
        for answer in found:
            if await same_answer(answer, self.expected):
                return verdict(True)
        return verdict(False, "not equal", f"got {found[0][:80]}")
