"""Whether two formulas are the same, as our solver decides: nothing of a reply is ever evaluated in this process."""

from __future__ import annotations

import re
from typing import Literal

from ...tools import ToolError
from ..samples import Reply, Score
from .scorer import Of, Scorer, Scoring, text_of, verdict

SECONDS = 5.0
MAX_CANDIDATES = 8
_MATH = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_END = re.compile(r"[.;,\s]+$")


def boxed(text: str) -> str | None:
    r"""The content of the last `\boxed{…}`, with its braces matched."""
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    depth, begin = 0, start + len("\\boxed")
    for place in range(begin, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return text[begin + 1 : place]
    return None


def candidates(text: str) -> list[str]:
    """What may be the answer in a text: what is boxed; formulas, the last first; what stands behind `=` or `is`."""
    box = boxed(text)
    if box is not None:
        return [box]
    found = [next(part for part in match.groups() if part) for match in _MATH.finditer(text)][::-1]
    for line in reversed([line for line in text.splitlines() if line.strip()][-3:]):
        found += [part for part in re.split(r"\bis\b|:|=|≈", line)[::-1] if part.strip()]
        found.append(line)
    cleaned = [_END.sub("", part.strip(" *`$")) for part in found]
    return list(dict.fromkeys(part for part in cleaned if part and len(part) <= 300))[:MAX_CANDIDATES]


async def equal(first: str, second: str) -> bool:
    """Whether two formulas have the same value, sets of solutions included.

    The solver reads them in a process of its own, with a limit of time.
    """
    from ...tools.solver import solve_query_async

    if " ".join(first.split()) == " ".join(second.split()):
        return True
    try:
        solution = await solve_query_async(f"simplify ({_side(first)}) - ({_side(second)})", timeout=SECONDS)
    except ToolError:
        return False
    return solution.exact.strip() == "0"


def _side(text: str) -> str:
    """`x = 3` and `y = 2*x` are compared by their right sides."""
    parts = text.split("=")
    return parts[-1].strip() if len(parts) == 2 and re.fullmatch(r"\s*\w(?:\(\w\)|')?\s*", parts[0]) else text


class Symbolic(Scorer):
    r"""The answer is mathematically the expected formula.

    What is compared is what stands in `\boxed{}`, else the answer's formulas and what stands behind `=` or `is`.

    Args:
        expected: a formula, plain or LaTeX; several solutions are separated by ` or `.
        of: where to look.
    """

    kind: Literal["symbolic"] = "symbolic"
    expected: str
    of: Of = "answer"

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        text = text_of(reply, self.of)
        wanted = [part.strip() for part in re.split(r"\s+or\s+", self.expected)]
        if len(wanted) > 1:
            return await self._several(text, wanted)
        for candidate in candidates(text):
            if await equal(candidate, wanted[0]):
                return verdict(True)
        return verdict(False, "not equal")

    async def _several(self, text: str, wanted: list[str]) -> Score:
        parts = [part for part in re.split(r"\bor\b|\band\b|,|;|\n", boxed(text) or text) if part.strip()]
        for want in wanted:
            shown = [candidate for part in parts for candidate in candidates(part)]
            if not any([await equal(candidate, want) for candidate in shown[:MAX_CANDIDATES]]):
                return verdict(False, "missing", f"missing: {want}")
        return verdict(True)
