"""A policy that remembers how its last reply ended: the agent's events do not say whether an answer was cut off."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import Any, cast

from ...policies.engines import GenerationConfig, Message, Policy, PolicyEvent, ReplyFinished, ToolChoice


class WatchedPolicy:
    """Speaks as another policy does.

    Args:
        policy: which one.
    """

    def __init__(self, policy: Policy) -> None:
        self.name = policy.name
        self.context_window = policy.context_window
        self.capabilities = policy.capabilities
        self.ended: ReplyFinished | None = None
        self._policy = policy

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: ToolChoice = "auto",
        config: GenerationConfig | None = None,
    ) -> AsyncGenerator[PolicyEvent]:
        pieces = self._policy.stream(messages, tools=tools, tool_choice=tool_choice, config=config)
        async with closing(pieces):
            async for piece in pieces:
                if isinstance(piece, ReplyFinished):
                    self.ended = piece
                yield piece

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        return await self._policy.count_tokens(messages, tools=tools)

    async def aclose(self) -> None:
        """Nothing: the policy belongs to the server, not to one turn."""


def closing(pieces: Any) -> contextlib.AbstractAsyncContextManager[Any]:
    """Stops a policy's stream where the block is left, if the stream can be stopped."""
    if hasattr(pieces, "aclose"):
        return contextlib.aclosing(cast("AsyncGenerator[Any]", pieces))
    return contextlib.nullcontext()
