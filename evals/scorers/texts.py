"""Scorers that compare texts: the same, containing, matching."""

from __future__ import annotations

import re
import string
from typing import Any, Literal

from pydantic import Field, field_validator

from ..samples import Reply, Score
from .scorer import Of, Scorer, Scoring, text_of, verdict

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation + "。，、；：？！“”‘’（）《》", " "))


def normalised(text: str) -> str:
    """Lower case, without punctuation, articles and runs of space (as Rajpurkar et al. 2016 compare answers)."""
    return " ".join(_ARTICLES.sub(" ", text.casefold().translate(_PUNCTUATION)).split())


class Exact(Scorer):
    """The answer is one of these texts.

    Args:
        expected: a text or several.
        normalise: whether case, punctuation, articles and space are ignored.
    """

    kind: Literal["exact"] = "exact"
    expected: str | list[str]
    normalise: bool = True

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        wanted = [self.expected] if isinstance(self.expected, str) else self.expected
        form = normalised if self.normalise else str.strip
        return verdict(form(reply.answer) in {form(text) for text in wanted})


class Contains(Scorer):
    """The answer holds one of these texts (or all of them) as whole words, and none that is forbidden.

    Args:
        expected: a text or several; case is ignored. Letters and digits must not go on before or behind it.
        all: whether every one of them is needed.
        forbidden: texts that must not occur.
        of: where to look: `answer`, `results` (of the tools) or `both`.
    """

    kind: Literal["contains"] = "contains"
    expected: str | list[str] = Field(default_factory=list[str])
    all: bool = False
    forbidden: str | list[str] = Field(default_factory=list[str])
    of: Of = "answer"

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        text = _folded(text_of(reply, self.of))
        wanted = [self.expected] if isinstance(self.expected, str) else self.expected
        found = [_stands_in(text, word) for word in wanted]
        if found and not (all(found) if self.all else any(found)):
            missing = ", ".join(word for word, there in zip(wanted, found, strict=True) if not there)
            return verdict(False, "missing", f"missing: {missing}")
        banned = [self.forbidden] if isinstance(self.forbidden, str) else self.forbidden
        said = [word for word in banned if _stands_in(text, word)]
        return verdict(not said, "forbidden" if said else "", f"forbidden: {', '.join(said)}" if said else "")


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())


def _stands_in(text: str, word: str) -> bool:
    word = _folded(word)
    # Chinese and Japanese put no space between words, so only letters of an alphabet and digits have edges.
    before = r"(?<![a-z0-9])" if word[:1].isascii() and word[:1].isalnum() else ""
    behind = r"(?![a-z0-9])" if word[-1:].isascii() and word[-1:].isalnum() else ""
    return re.search(before + re.escape(word) + behind, text) is not None


class Matches(Scorer):
    """The answer matches a regular expression (Python's `re.search`), and not a forbidden one.

    Args:
        expected: the pattern; case is ignored.
        forbidden: a pattern that must not match.
        of: where to look.
    """

    kind: Literal["matches"] = "matches"
    expected: str | None = None
    forbidden: str | None = None
    of: Of = "answer"

    @field_validator("expected", "forbidden")
    @classmethod
    def _is_pattern(cls, value: Any) -> Any:
        if isinstance(value, str):
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"is not a regular expression: {error}") from None
        return value

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        text = text_of(reply, self.of)
        if self.expected is not None and not re.search(self.expected, text, re.IGNORECASE):
            return verdict(False, "missing")
        if self.forbidden is not None and (said := re.search(self.forbidden, text, re.IGNORECASE)):
            return verdict(False, "forbidden", f"forbidden: {said[0][:80]}")
        return verdict(True)


class Nonempty(Scorer):
    """The turn completed and the answer is not empty."""

    kind: Literal["nonempty"] = "nonempty"

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        return verdict(reply.status == "completed" and bool(reply.answer.strip()))
