"""A policy whose replies are written down beforehand: for tests, demonstrations and load."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...tools import ConfigError, PolicyError, ToolCall
from .call_text import new_call_id
from .chat_format import ReplyReader
from .messages import CallPiece, CallRead, GenerationConfig, Message, PolicyEvent, ReplyFinished, ToolChoice, Usage

# A text (tool calls in the Hermes form), calls that are made as they stand, or both.
Reply = str | ToolCall | Sequence[ToolCall] | Message

PIECE_CHARS = 16


@dataclass(frozen=True, slots=True)
class Sent:
    """What a policy was asked.

    Args:
        messages: the conversation.
        tools: schemas in the OpenAI form.
        tool_choice: see `Policy.stream`.
    """

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...]
    tool_choice: ToolChoice


class ScriptedPolicy:
    """Answers from a list, through the same reader as a model's text.

    The reply is chosen by the number of assistant messages in the conversation, examples included (starting over after
    the last), so one policy serves any number of conversations at once. With `strict=True` it is one list for all that
    is asked, in the order of asking, for a test of one agent.

    Args:
        replies: texts (tool calls in the Hermes form), `ToolCall`s, lists of these, or `Message`s; an exception is
            raised when its place is reached.
        seconds_per_piece: pause before each piece of text; 0 streams without pauses.
        piece_chars: length of a streamed piece in characters.
        context_window: in words, which is what it counts.
        strict: replies are used once each, and `requests` keeps what was sent for each.

    Raises:
        ConfigError: there is no reply, or one is something else.
    """

    def __init__(
        self,
        replies: Sequence[Reply | Exception],
        *,
        name: str = "script",
        seconds_per_piece: float = 0.0,
        piece_chars: int = PIECE_CHARS,
        context_window: int = 8192,
        strict: bool = False,
    ) -> None:
        if isinstance(replies, str):
            raise ConfigError(f"replies must be a list, got the text {replies!r}: write [{replies!r}].")
        if not replies:
            raise ConfigError("a script needs at least one reply.")
        for reply in replies:
            if not isinstance(reply, Exception):
                check_reply(reply)
        self.name = name
        self.context_window = context_window
        self.capabilities: frozenset[str] = frozenset()
        self.requests: list[Sent] = []
        self._replies = tuple(replies)
        self._pause = seconds_per_piece
        self._piece = piece_chars
        self._strict = strict

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
        reply = self._next(Sent(tuple(messages), tuple(tools), tool_choice))
        if isinstance(reply, Exception):
            raise reply
        prompt_tokens = await self.count_tokens(messages, tools=tools)
        spoken = speak(reply, tools, tool_choice, prompt_tokens, pause=self._pause, piece_chars=self._piece)
        async for event in spoken:
            yield event

    @property
    def unused(self) -> int:
        """How many replies of a strict script have not been asked for yet."""
        return len(self._replies) - len(self.requests) if self._strict else 0

    def _next(self, sent: Sent) -> Reply | Exception:
        if not self._strict:
            said = sum(message.role == "assistant" for message in sent.messages)
            return self._replies[said % len(self._replies)]
        if not self.unused:
            raise PolicyError(f"the script has {len(self._replies)} replies, and one more was asked for.")
        self.requests.append(sent)
        return self._replies[len(self.requests) - 1]

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        """A stand-in: one token a word."""
        return count_words(messages)

    async def aclose(self) -> None:
        return None


def count_words(messages: Sequence[Message]) -> int:
    return sum(len(message.content.split()) for message in messages)


def check_reply(reply: object) -> None:
    """Refuses what is no `Reply`.

    Raises:
        ConfigError: says what it got.
    """
    if isinstance(reply, str | ToolCall | Message):
        return
    if not isinstance(reply, list | tuple) or not reply or not all(isinstance(call, ToolCall) for call in reply):
        raise ConfigError(f"a reply must be a text, a ToolCall, a list of these, or a Message, got {reply!r}.")


async def speak(
    reply: Reply,
    tools: Sequence[dict[str, Any]],
    tool_choice: ToolChoice,
    prompt_tokens: int,
    *,
    pause: float = 0.0,
    piece_chars: int = PIECE_CHARS,
) -> AsyncGenerator[PolicyEvent]:
    """Streams a reply as a model would write it.

    Args:
        reply: what to say.
        tools: schemas in the OpenAI form.
        tool_choice: `"none"` drops the calls.
        prompt_tokens: for the usage.
        pause: seconds before each piece.
        piece_chars: length of a piece in characters.
    """
    text, calls = _parts(reply)
    reader = ReplyReader([tool["function"]["name"] for tool in tools], read_calls=tool_choice != "none")
    for start in range(0, len(text), piece_chars):
        if pause:
            await asyncio.sleep(pause)
        for event in reader.feed(text[start : start + piece_chars]):
            yield event
    for event in reader.finish():
        yield event
    made = reader.calls
    for call in calls if tool_choice != "none" else ():
        written = json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False, default=str)
        yield CallPiece(made, written)
        yield CallRead(call if call.id else dataclasses.replace(call, id=new_call_id()))
        made += 1
    words = len(text.split()) + sum(len(json.dumps(call.arguments, default=str).split()) for call in calls)
    yield ReplyFinished("tool_calls" if made else "stop", Usage(prompt_tokens, 0, words))


def _parts(reply: Reply) -> tuple[str, tuple[ToolCall, ...]]:
    match reply:
        case str():
            return reply, ()
        case ToolCall():
            return "", (reply,)
        case Message():
            return reply.content, reply.tool_calls
        case _:
            return "", tuple(reply)
