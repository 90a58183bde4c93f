"""Whether a reply follows instructions that a program can check, as in IFEval (Zhou et al. 2023, arXiv:2311.07911)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..samples import Reply, Score
from .constraint_checks import Constraint
from .scorer import Scorer, Scoring

Mode = Literal["strict", "loose"]


def variants(reply: str) -> list[str]:
    """What the loose mode looks at: the reply without its first line, its last line, both or none, asterisks or not.

    They forgive an introduction such as "Sure, here it is:", a closing remark, and emphasis.
    """
    lines = reply.splitlines()
    parts = ["\n".join(part).strip() for part in (lines, lines[1:], lines[:-1], lines[1:-1])]
    return list(dict.fromkeys([reply, *parts, *(part.replace("*", "") for part in parts)]))


def follows(constraint: Constraint, reply: str, mode: Mode = "strict") -> bool:
    """Whether a reply follows one instruction; an empty one follows none.

    Args:
        constraint: the instruction.
        reply: the text.
        mode: `strict`: the reply as it is. `loose`: any of its `variants`.
    """
    looked = [reply] if mode == "strict" else variants(reply)
    return any(constraint.holds(text) for text in looked if text.strip())


class Constraints(Scorer):
    """The answer follows every one of several instructions.

    The label is the kind of the first that it does not follow; the detail lists all.

    Args:
        expected: mappings of `kind` and the kind's arguments, by the names that IFEval gives them.
        mode: `strict`: the answer as it is. `loose`: an introducing or closing line and asterisks are forgiven.
    """

    kind: Literal["constraints"] = "constraints"
    expected: Annotated[list[Constraint], Field(min_length=1)]
    mode: Mode = "strict"

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        held = [follows(constraint, reply.answer, self.mode) for constraint in self.expected]
        listed = list(zip((constraint.kind for constraint in self.expected), held, strict=True))
        detail = ", ".join(f"{kind} {'holds' if holds else 'fails'}" for kind, holds in listed)
        first = next((kind for kind, holds in listed if not holds), "")
        return Score(float(not first), first, detail)
