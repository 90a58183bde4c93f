"""Whether an answer says what its sources say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..samples import Reply, Score
from .scorer import Scorer, Scoring, verdict
from .texts import Contains


class Cited(Scorer):
    """The answer cites a source for what it claims, and the source supports it.

    Args:
        expected: a text or several; the answer must hold one of them. Without it, only the citation is looked at.
        source: a text that the locator of a cited source must hold, such as `world-factbook/pe`.
        support: whether every sentence that cites must share its words with what it cites. Support by words misses
            figures that were rounded and sentences in another language than their source.
    """

    kind: Literal["cited"] = "cited"
    expected: str | list[str] = Field(default_factory=list[str])
    source: str | None = None
    support: bool = True

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        said = await Contains(expected=self.expected).score(reply, scoring)
        if not said.value:
            return verdict(False, "wrong answer", said.detail)
        if not reply.sources:
            return verdict(False, "not cited")
        if self.source is not None and not any(self.source in source.locator for source in reply.sources.values()):
            locators = ", ".join(source.locator for source in reply.sources.values())
            return verdict(False, "wrong source", locators)
        if self.support and not (reply.supported and all(reply.supported)):
            return verdict(False, "not supported")
        return verdict(True, "cited")
