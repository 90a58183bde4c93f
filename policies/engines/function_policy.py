"""A policy that is a Python function: for tests whose replies depend on what was said."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from ...tools import ConfigError
from .messages import GenerationConfig, Message, PolicyEvent, ToolChoice
from .scripted import PIECE_CHARS, Reply, check_reply, count_words, speak


class FunctionPolicy:
    """Says what a function returns, through the same reader as a model's text.

    Args:
        function: called with the messages and the tools' schemas (OpenAI form), and with `tool_choice=` where it has
            such a parameter; sync or async. It returns a text (tool calls in the Hermes form), a `ToolCall`, a list of
            these, or a `Message`. What it raises is raised by `stream`.
        name: what to call the policy.
        context_window: in words, which is what it counts.
        piece_chars: length of a streamed piece in characters.

    Raises:
        ConfigError: it is no function.
    """

    def __init__(
        self,
        function: Callable[..., Reply | Awaitable[Reply]],
        *,
        name: str = "function",
        context_window: int = 8192,
        piece_chars: int = PIECE_CHARS,
    ) -> None:
        if not callable(function):
            raise ConfigError(f"a FunctionPolicy needs a function of (messages, tools), got {function!r}.")
        self.name = name
        self.context_window = context_window
        self.capabilities: frozenset[str] = frozenset()
        self._function = function
        self._piece = piece_chars
        parameters = inspect.signature(function).parameters.values()
        self._takes_choice = any(
            parameter.name == "tool_choice" or parameter.kind is parameter.VAR_KEYWORD for parameter in parameters
        )

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: ToolChoice = "auto",
        config: GenerationConfig | None = None,
    ) -> AsyncGenerator[PolicyEvent]:
        """Streams one reply; see `Policy.stream`."""
        options = {"tool_choice": tool_choice} if self._takes_choice else {}
        returned = self._function(list(messages), list(tools), **options)
        reply: Any = await returned if inspect.isawaitable(returned) else returned
        check_reply(reply)
        prompt_tokens = await self.count_tokens(messages, tools=tools)
        async for event in speak(reply, tools, tool_choice, prompt_tokens, piece_chars=self._piece):
            yield event

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        """A stand-in: one token a word."""
        return count_words(messages)

    async def aclose(self) -> None:
        return None
