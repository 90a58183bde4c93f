"""A sampled reply: everything that the policy said and the tools answered in one turn."""

from __future__ import annotations

from dataclasses import dataclass

from ...engines.messages import Message
from ..sources.prompt import Prompt


@dataclass(frozen=True)
class Reply:
    """What a reward looks at.

    Args:
        prompt: what was asked.
        messages: what the turn added after the user's message, as the agent stored it: assistant and tool messages.
            The last assistant message's `meta` holds its citations (`agent.resolving.Resolved.meta`).
        raw: the text of each thing that the policy said, as sampled, before it was read.
        ended: of each, whether it ended with the stop token rather than at the length limit.
        status: how the turn ended (`completed`, `max_steps`, `error`).
    """

    prompt: Prompt
    messages: tuple[Message, ...]
    raw: tuple[str, ...]
    ended: tuple[bool, ...]
    status: str

    @property
    def output(self) -> str:
        """The answer: the text of the last assistant message that makes no call; empty where there is none."""
        last = self.messages[-1] if self.messages else None
        return last.content if last is not None and last.role == "assistant" and not last.tool_calls else ""
