"""How a person would have answered: replies that they write, correct or play, to learn from.

A demonstration is one line of a file that the source `jsonl` of the stage `sft` reads. A person's calls are really run,
and their results stand in it as the agent would write them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ....agent import Agent
from ....agent.citations import number_sources
from ....tools import ConfigError, InvalidArguments, Source, ToolCall, ToolContext, ToolRegistry, ToolResult
from ...engines.call_text import new_call_id
from ...engines.messages import Message
from ...engines.scripted import ScriptedPolicy
from ..json_lines import check_keys, parse_json, read_json_lines, shown
from ..message_lists import check_conversation, has_text, is_users, read_messages, read_tools
from ..ranking import Ranking, said_in

CALL = "/call"
_KEYS = ("id", "messages", "tools", "rater", "consent", "created")


@dataclass(frozen=True)
class Demonstration:
    """A conversation in which a person wrote what the assistant says.

    Args:
        id: names it.
        messages: the conversation, with the agent's system message.
        tools: schemas of the tools that were offered, in the OpenAI form.
        rater: `human:NAME`.
        consent: whether they agreed that it is trained on.
        created: when it was written, ISO 8601.

    Raises:
        ConfigError: it is no conversation that can be learned from.
    """

    id: str
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...]
    rater: str
    consent: bool
    created: str

    def __post_init__(self) -> None:
        check_conversation(self.messages, "messages")
        offered = [schema["function"]["name"] for schema in self.tools]
        for call in (call for message in self.messages for call in message.tool_calls):
            if call.name not in offered:
                raise ConfigError(
                    f"the tool {call.name!r} is called and not offered: {', '.join(offered) or 'none is'}."
                )
        if not isinstance(self.consent, bool):
            raise ConfigError(f"consent must be true or false, got {shown(self.consent)}.")
        for name in ("id", "rater", "created"):
            if not isinstance(value := getattr(self, name), str) or not value:
                raise ConfigError(f"{name} must be text that is not empty, got {shown(value)}.")

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "messages": [message.to_dict() for message in self.messages],
            "tools": list(self.tools),
            "rater": self.rater,
            "consent": self.consent,
            "created": self.created,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Demonstration:
        check_keys(value, _KEYS, _KEYS, what="a demonstration")
        return cls(
            value["id"],
            read_messages(value["messages"], "messages"),
            read_tools(value["tools"], "tools"),
            value["rater"],
            value["consent"],
            value["created"],
        )


def read_demonstrations(path: str | Path) -> list[Demonstration]:
    """The demonstrations of a file.

    Raises:
        ConfigError: the file cannot be read, or lines are wrong; names up to ten lines and says how many more.
    """
    return read_json_lines(path, lambda _, value: Demonstration.from_dict(value), id_of=lambda one: one.id)


class Draft:
    """A conversation while a person writes it.

    Args:
        prompt: how it begins; the agent's system message is added where it has none.
        tools: what can be called.
        schemas: what is said to be offered; those of the tools by default.
    """

    def __init__(
        self, prompt: Sequence[Message], tools: ToolRegistry, schemas: Sequence[dict[str, Any]] | None = None
    ) -> None:
        has_system = bool(prompt) and prompt[0].role == "system"
        self.messages: list[Message] = [*([] if has_system else _opening(tools)), *prompt]
        self.tools = tools
        self.schemas = tuple(tools.schemas() if schemas is None else schemas)
        self._sources: dict[int, Source] = {}

    def ask(self, text: str) -> None:
        """What the user says next."""
        self._sources = {}
        self.messages.append(Message("user", _told(text, "the user's message")))

    def answer(self, text: str) -> None:
        """What the assistant says in the end of its turn."""
        self.messages.append(Message("assistant", _told(text, "the answer")))

    def take_over(self, reply: Sequence[Message]) -> None:
        """Adds a turn that somebody else has written."""
        self.messages += reply

    async def call(self, name: str, arguments: dict[str, Any], text: str = "") -> ToolResult:
        """Runs a tool. The call and its result become messages, also where the result is an error.

        Args:
            name: of the tool.
            arguments: of the call.
            text: what the assistant says beside the call.

        Raises:
            ConfigError: there is no such tool, or it takes other arguments; nothing was added.
        """
        chosen = self.tools.subset([name])[name]
        try:
            chosen.validate(json.loads(json.dumps(arguments)))
        except InvalidArguments as error:
            raise ConfigError(str(error)) from None
        call = ToolCall(new_call_id(), name, arguments)
        result = await self.tools.execute(call, ToolContext(call_id=call.id))
        result = number_sources(result, self._sources)
        said = f"Error: {result.text}" if result.is_error else result.text
        self.messages += [
            Message("assistant", text.strip(), (call,)),
            Message("tool", said, tool_call_id=call.id, name=name),
        ]
        return result

    def take_back(self) -> bool:
        """Removes the last call with its result. Returns whether there was one since the user spoke."""
        if self.messages and self.messages[-1].role == "tool":
            del self.messages[-2:]
            return True
        return False

    def reply(self) -> tuple[Message, ...]:
        """What has been said since the user spoke last."""
        return _last_turn(self.messages)

    def demonstration(self, id: str, rater: str, *, consent: bool = True, now: datetime | None = None) -> Demonstration:
        """The record.

        Args:
            id: of what was answered; the rater's name is put behind it.
            rater: `human:NAME`.
            consent: whether it may be trained on.
            now: when it was written; now by default.

        Raises:
            ConfigError: the conversation is not at its end yet.
        """
        messages = tuple(self.messages)
        return Demonstration(f"{id}/{rater}", messages, self.schemas, rater, consent, _time(now))


def correction(
    demonstration: Demonstration,
    prompt: Sequence[Message],
    original: Sequence[Message],
    policy: str | None = None,
) -> Ranking | None:
    """The corrected reply above the one that was corrected; `None` where nothing was changed.

    Args:
        demonstration: whose last turn is the corrected reply.
        prompt: what was asked, as it was given.
        original: the reply that was corrected.
        policy: what the original is from.
    """
    corrected = _last_turn(demonstration.messages)
    if said_in(corrected) == said_in(original):
        return None
    return Ranking(
        id=demonstration.id,
        prompt=tuple(prompt),
        replies=(corrected, tuple(original)),
        ranks=(1, 2),
        rater=demonstration.rater,
        consent=demonstration.consent,
        policy=policy,
        created=demonstration.created,
        tools=demonstration.tools,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a reply as a person writes it.

    Args:
        text: what is said.
        call: the tool and its arguments, for a call.
    """

    text: str
    call: tuple[str, dict[str, Any]] | None = None


def read_call(line: str) -> tuple[str, dict[str, Any]] | None:
    """Reads `/call NAME {"argument": …}`; `None` for a line that says something else.

    Raises:
        ConfigError: the arguments are no JSON object.
    """
    word, _, rest = line.strip().partition(" ")
    if word != CALL:
        return None
    name, _, text = rest.strip().partition(" ")
    if not name:
        raise ConfigError(f'a call is written {CALL} NAME {{"argument": "value"}}.')
    form = f'write {CALL} {name} {{"argument": "value"}}.'
    try:
        arguments = parse_json(text) if text.strip() else {}
    except ValueError as error:
        raise ConfigError(f"the arguments of {name} are {error}; {form}") from None
    if not isinstance(arguments, dict):
        raise ConfigError(f"the arguments of {name} must be a JSON object, got {shown(arguments)}; {form}")
    return name, arguments


def read_steps(text: str) -> list[Step]:
    """Reads a whole reply: lines `/call NAME {…}` are calls, what stands between them is said.

    A line that begins with two slashes is said, without the first.

    Raises:
        ConfigError: a call is wrong.
    """
    steps: list[Step] = []
    lines: list[str] = []
    for line in text.split("\n"):
        if (call := read_call(line)) is not None:
            steps.append(Step("\n".join(lines).strip(), call))
            lines = []
        else:
            lines.append(unescaped(line))
    said = "\n".join(lines).strip()
    return [*steps, Step(said)] if said else steps


def write_steps(reply: Sequence[Message]) -> str:
    """A reply as `read_steps` reads it. Results are left out: they come with the calls."""
    parts: list[str] = []
    for message in reply:
        if message.role != "assistant":
            continue
        if message.content:
            parts += [
                f"/{line}" if line.startswith("//") or _is_call(line) else line for line in message.content.split("\n")
            ]
        parts += [f"{CALL} {call.name} {json.dumps(call.arguments, ensure_ascii=False)}" for call in message.tool_calls]
    return "\n".join(parts)


def unescaped(line: str) -> str:
    """A line as it is said."""
    return line[1:] if line.startswith("//") else line


def _last_turn(messages: Sequence[Message]) -> tuple[Message, ...]:
    last = max((at for at, message in enumerate(messages) if is_users(message)), default=-1)
    return tuple(messages[last + 1 :])


def _is_call(line: str) -> bool:
    return line.strip().partition(" ")[0] == CALL


def _opening(tools: ToolRegistry) -> list[Message]:
    """The agent's own system message, so that what is learned is what is served."""
    given = Agent(ScriptedPolicy(["."]), tools).instructions
    return [Message("system", given)] if isinstance(given, str) and given else []


def _told(text: str, what: str) -> str:
    if not has_text(text):
        raise ConfigError(f"{what} is empty.")
    return text.strip()


def _time(now: datetime | None) -> str:
    return (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
