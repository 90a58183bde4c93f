"""Numbers in an answer: the last one, or any, against what is expected."""

from __future__ import annotations

import math
import re
from typing import Any, Literal

from pydantic import Field, field_validator

from ..samples import Reply, Score
from .scorer import Of, Scorer, Scoring, text_of, verdict

# 1,234.5  -3  .5  2/3  6.02e23  1.5 × 10^8
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])[-−+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?:\s*(?:[×x*·]|\\times)\s*10\s*\^?\s*\{?([-−+]?\d+)\}?|[eE]([-+]?\d+)|\s*/\s*(\d+(?:\.\d+)?))?(?![\d])"
)
_BEFORE = re.compile(r"[-−+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)")
_FRACTION = re.compile(r"\\d?frac\{\s*([-−]?\d+)\s*\}\{\s*(\d+)\s*\}")
# A mark such as [1] cites a source and is no number of the answer.
_MARK = re.compile(r"\[\d+(?:\s*,\s*\d+)*\]")
MAX_CHARS = 20_000


def numbers_in(text: str) -> list[float]:
    """The numbers of a text, in order: decimals, thousands with commas, fractions, powers of ten, LaTeX fractions."""
    text = _MARK.sub(" ", text[-MAX_CHARS:])
    text = _FRACTION.sub(r"\1/\2", text)
    found: list[float] = []
    for match in _NUMBER.finditer(text):
        before = _BEFORE.match(match[0])
        assert before is not None
        value = float(before[0].replace(",", "").replace("−", "-"))
        power = (match[1] or match[2] or "").replace("−", "-")
        if power and abs(int(power)) <= 300:
            value *= 10.0 ** int(power)
        if match[3] and float(match[3]):
            value /= float(match[3])
        found.append(value)
    return found


class Numeric(Scorer):
    """A number of the answer is the expected one.

    Args:
        expected: the number, or several of which one will do. A text such as `1/3` or `1,200` is read as a number.
        tolerance: relative error that is allowed.
        absolute: absolute error that is allowed.
        take: which number of the text counts: the `last`, the `first`, or `any`.
        of: where to look.
    """

    kind: Literal["numeric"] = "numeric"
    expected: float | str | list[float | str]
    tolerance: float = Field(1e-6, ge=0)
    absolute: float = Field(0.0, ge=0)
    take: Literal["last", "first", "any"] = "any"
    of: Of = "answer"

    @field_validator("expected")
    @classmethod
    def _are_numbers(cls, value: Any) -> Any:
        _read(value)
        return value

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        found = numbers_in(text_of(reply, self.of))
        if not found:
            return verdict(False, "no number")
        looked = {"last": found[-1:], "first": found[:1], "any": found}[self.take]
        holds = any(self._equal(number, wanted) for number in looked for wanted in _read(self.expected))
        return verdict(holds, "" if holds else "wrong number", "" if holds else f"got {looked[-1]:g}")

    def _equal(self, number: float, wanted: float) -> bool:
        # A value that the answer rounds, such as 0.333 for 1/3, needs a tolerance that says so.
        return abs(number - wanted) <= max(self.absolute, self.tolerance * abs(wanted), 1e-12)


def _read(expected: Any) -> list[float]:
    wanted: list[float] = []
    for value in expected if isinstance(expected, list) else [expected]:
        read = [float(value)] if isinstance(value, int | float) else numbers_in(value)
        if len(read) != 1 or not math.isfinite(read[0]):
            raise ValueError("must be a number")
        wanted.append(read[0])
    return wanted
