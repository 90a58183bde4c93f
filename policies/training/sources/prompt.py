"""A prompt that replies are sampled for, and what is known about the right reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...engines.messages import Message


@dataclass(frozen=True)
class Expected:
    """What a verifier knows; what is `None` is not known and earns nothing, either way.

    Args:
        tool: the tool that should be called first, `""` for none at all.
        query: what the tool should be asked: the call's only argument, or its `query`.
        answer: what the reply must say: a number or an expression, which the solver compares, or words.
        pattern: a regular expression that the reply must match, in place of `answer`.
    """

    tool: str | None = None
    query: str | None = None
    answer: str | None = None
    pattern: str | None = None

    def to_dict(self) -> dict[str, Any]:
        values = {"tool": self.tool, "query": self.query, "answer": self.answer, "pattern": self.pattern}
        return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True)
class Prompt:
    """A conversation that waits for a reply.

    Args:
        id: names it in samples and errors.
        messages: the conversation without the agent's own system message; the last is the user's.
        expected: what is known about the right reply.
        tools: names of the tools that are offered, of those that the recipe has; `None` for all.
        kind: what it is counted under.
    """

    id: str
    messages: tuple[Message, ...]
    expected: Expected = field(default_factory=Expected)
    tools: tuple[str, ...] | None = None
    kind: str = ""
