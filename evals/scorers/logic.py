"""Scorers made of scorers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import PrivateAttr

from ..samples import Reply, Score
from .registry import make_scorer
from .scorer import Scorer, Scoring


class Not(Scorer):
    """Holds where another scorer does not.

    Args:
        scorer: its name, or a mapping with its options.
        expected: what it expects.
    """

    kind: Literal["not"] = "not"
    scorer: str | dict[str, Any]
    expected: Any = None
    _inner: Scorer = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        self._inner = make_scorer(self.scorer, self.expected, given="expected" in self.model_fields_set)

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        inner = await self._inner.score(reply, scoring)
        return Score(None if inner.value is None else 1.0 - inner.value, inner.label, inner.detail)


class AnyOf(Scorer):
    """Holds where one of several scorers does.

    Args:
        scorers: mappings, each with `kind` and its options, `expected` among them.
    """

    kind: Literal["any"] = "any"
    scorers: list[dict[str, Any]]
    _inner: list[Scorer] = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        self._inner = [make_scorer(options, None, given=False) for options in self.scorers]

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        scores = [await inner.score(reply, scoring) for inner in self._inner]
        known = [score for score in scores if score.value is not None]
        return max(known, key=lambda score: score.value or 0.0) if known else Score(None, "undecided")
