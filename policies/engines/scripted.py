"""A policy whose replies are written down beforehand: for tests, demonstrations and load."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from ...tools import ConfigError
from .chat_format import ReplyReader
from .messages import GenerationConfig, Message, PolicyEvent, ReplyFinished, ToolChoice, Usage


class ScriptedPolicy:
    """Answers from a list, through the same reader as a model's text.

    The reply is chosen by the number of assistant messages in the conversation (starting over after the last),
    so one policy serves any number of conversations at once.

    Args:
        replies: raw texts, tool calls in the Hermes form.
        seconds_per_piece: pause before each piece of text; 0 streams without pauses.
        piece_chars: length of a streamed piece in characters.
    """

    def __init__(
        self,
        replies: Sequence[str],
        *,
        name: str = "script",
        seconds_per_piece: float = 0.0,
        piece_chars: int = 16,
        context_window: int = 8192,
    ) -> None:
        if not replies:
            raise ConfigError("a script needs at least one reply.")
        self.name = name
        self.context_window = context_window
        self.capabilities: frozenset[str] = frozenset()
        self._replies = tuple(replies)
        self._pause = seconds_per_piece
        self._piece = piece_chars

    @classmethod
    def from_file(cls, path: Path) -> ScriptedPolicy:
        """Reads a YAML or JSON list of texts, or a mapping `{replies: [...], seconds_per_piece: 0.05}`.

        Raises:
            ConfigError: the file is missing or is something else.
        """
        import yaml

        try:
            script = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"the script {path} cannot be read: {error.strerror}.") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ConfigError(f"the script {path} is not YAML: {' '.join(str(error).split())}") from error
        settings = script if isinstance(script, dict) else {"replies": script}
        replies, pause = settings.get("replies"), settings.get("seconds_per_piece", 0.0)
        if not isinstance(replies, list) or not all(isinstance(reply, str) for reply in replies):
            raise ConfigError(f"the script {path} must be a list of texts, one for each reply.")
        if not isinstance(pause, int | float) or pause < 0:
            raise ConfigError(f"the script {path}: seconds_per_piece must be a number of seconds, got {pause!r}.")
        return cls(replies, name=f"script:{path.name}", seconds_per_piece=float(pause))

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: ToolChoice = "auto",
        config: GenerationConfig | None = None,
    ) -> AsyncGenerator[PolicyEvent]:
        said = sum(message.role == "assistant" for message in messages)
        text = self._replies[said % len(self._replies)]
        reader = ReplyReader([tool["function"]["name"] for tool in tools], read_calls=tool_choice != "none")
        for start in range(0, len(text), self._piece):
            if self._pause:
                await asyncio.sleep(self._pause)
            for event in reader.feed(text[start : start + self._piece]):
                yield event
        for event in reader.finish():
            yield event
        usage = Usage(await self.count_tokens(messages, tools=tools), 0, len(text.split()))
        yield ReplyFinished("tool_calls" if reader.calls else "stop", usage)

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        """A stand-in: one token a word."""
        return sum(len(message.content.split()) for message in messages)

    async def aclose(self) -> None:
        return None
