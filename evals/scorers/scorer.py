"""What every scorer is: data that a suite file can hold, and a verdict on one reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from ..samples import Reply, Sample, Score

# Where a scorer looks: the answer, what the tools gave back, or both.
Of = Literal["answer", "results", "both"]


@dataclass(frozen=True, slots=True)
class Scoring:
    """What a scorer is told besides the reply.

    Args:
        sample: the sample.
        replies: of all turns so far, this one last.
        ask: asks the judge policy, where there is one: `(key, system, question) -> answer`. Answers are logged under
            their key, and never asked for twice.
    """

    sample: Sample
    replies: tuple[Reply, ...]
    ask: Callable[[str, str, str], Awaitable[str]] | None = None


class Scorer(BaseModel):
    """Base of the scorers. The fields of a subclass are the keys that a suite file may write.

    A scorer of your own is a function of a `Reply` that returns a number from 0 to 1, a bool or a `Score`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    kind: Any
    # What the scorer needs that not every policy or machine has; `judge` is a second policy.
    needs: ClassVar[frozenset[str]] = frozenset()

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        """Judges one turn."""
        raise NotImplementedError


def text_of(reply: Reply, of: Of) -> str:
    """The text that a scorer looks at."""
    results = "\n".join(result.text for result in reply.results if not result.is_error)
    return {"answer": reply.answer, "results": results, "both": f"{results}\n{reply.answer}"}[of]


def verdict(holds: bool, label: str = "", detail: str = "") -> Score:
    """A score of 1 or 0."""
    return Score(1.0 if holds else 0.0, label, detail)
