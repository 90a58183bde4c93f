"""Conversations that come from files: read from JSON, and checked before anything is trained on them.

Forms of other tools are read as well: a call's arguments as JSON text (as the OpenAI API writes them), calls and
results without ids (as TRL writes them), and content as a list of text parts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ...tools import ConfigError, ToolCall
from ..engines.messages import LOOP, ROLES, Message
from .json_lines import check_keys, parse_json, shown

_MESSAGE_KEYS = ("role", "content", "tool_calls", "tool_call_id", "name", "meta")
_CALL_KEYS = ("id", "type", "function", "problem")


def read_messages(value: Any, what: str) -> tuple[Message, ...]:
    """A list of messages from JSON. Whether they make a conversation is for the checks below.

    Args:
        value: a list of objects with `role`, `content`, `tool_calls`, `tool_call_id`, `name`, `meta`.
        what: how errors call it.

    Raises:
        ConfigError: it is not a list of messages, or it is empty.
    """
    if not isinstance(value, list | tuple) or not value:
        raise ConfigError(f"{what} must be a list of messages that is not empty, got {shown(value)}.")
    messages: list[Message] = []
    calls = 0
    open_calls: list[ToolCall] = []
    for at, item in enumerate(value):
        message = _message(item, f"{what}[{at}]", calls)
        if message.role == "tool":
            message = _answering(message, open_calls)
        else:
            open_calls = list(message.tool_calls)
        calls += len(message.tool_calls)
        messages.append(message)
    return tuple(messages)


def read_tools(value: Any, what: str) -> tuple[dict[str, Any], ...]:
    """Schemas of tools in the OpenAI form, from JSON or from the text of it.

    Raises:
        ConfigError: they are not, or two have one name.
    """
    if isinstance(value, str):
        try:
            value = parse_json(value) if value.strip() else []
        except ValueError as error:
            raise ConfigError(f"{what} is {error}.") from None
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{what} must be a list of tool schemas, got {shown(value)}.")
    for at, tool in enumerate(value):
        function = tool.get("function") if isinstance(tool, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(name, str) or not name:
            raise ConfigError(
                f"{what}[{at}] must be {{'type': 'function', 'function': {{'name': …, 'description': …, "
                f"'parameters': …}}}}, got {shown(tool)}."
            )
    names = [tool["function"]["name"] for tool in value]
    if twice := next((name for at, name in enumerate(names) if name in names[:at]), None):
        raise ConfigError(f"{what} has two tools of the name {twice!r}.")
    return tuple(value)


def has_text(text: str) -> bool:
    """Whether there is anything to see: neither white space nor characters of no width alone."""
    return any(not character.isspace() and unicodedata.category(character) not in ("Cc", "Cf") for character in text)


def check_prompt(messages: Sequence[Message], what: str = "the prompt") -> None:
    """Raises `ConfigError` unless a reply can follow: the user spoke last, and every call before has its result."""
    if not messages:
        raise ConfigError(f"{what} is empty; it needs at least the user's message.")
    if messages[-1].role != "user":
        raise ConfigError(f"{what} must end with a user message, it ends with one of role {messages[-1].role!r}.")
    _check_each(messages, what)


def check_reply(messages: Sequence[Message], what: str) -> None:
    """Raises `ConfigError` unless these answer a user: calls, their results, and an answer in words at the end."""
    if not messages:
        raise ConfigError(f"{what} is empty; it needs at least one assistant message.")
    if messages[0].role != "assistant":
        raise ConfigError(f"{what} must begin with an assistant message, it begins with {messages[0].role!r}.")
    if any(message.role == "system" or is_users(message) for message in messages):
        raise ConfigError(f"{what} must be one turn: assistant and tool messages, and nothing that the user says.")
    last = messages[-1]
    if last.role != "assistant" or last.tool_calls or not has_text(last.content):
        raise ConfigError(f"{what} must end with an assistant message that has text and makes no call.")
    _check_each(messages, what)


def check_conversation(messages: Sequence[Message], what: str = "the conversation") -> None:
    """Raises `ConfigError` unless a policy can be trained on it.

    The system message, if any, comes first, then the user; users and assistants take turns; every call but those of
    the last message has its result; the assistant speaks last.
    """
    spoken = messages[1:] if messages and messages[0].role == "system" else messages
    if not any(message.role == "assistant" for message in spoken):
        raise ConfigError(f"{what} has no assistant message, so there is nothing to learn.")
    if spoken[0].role != "user":
        raise ConfigError(f"{what} must begin with a user message, it begins with {spoken[0].role!r}.")
    if spoken[-1].role != "assistant":
        raise ConfigError(f"{what} must end with an assistant message, it ends with {spoken[-1].role!r}.")
    for before, message in pairwise(spoken):
        if before.role == message.role and message.role != "tool":
            raise ConfigError(f"{what} has two {message.role} messages in a row; join them.")
        if before.role == "tool" and message.role == "user" and message.name != LOOP:
            raise ConfigError(f"{what} has a tool's result that the assistant does not answer.")
    _check_each(messages, what, open_end=True)


def is_users(message: Message) -> bool:
    """Whether the user said it, and not the agent loop in their place."""
    return message.role == "user" and message.name != LOOP


def _check_each(messages: Sequence[Message], what: str, *, open_end: bool = False) -> None:
    """Texts are not empty, and each call has exactly one result behind it; `open_end`: the last message's need none."""
    waiting: dict[str, str] = {}
    for at, message in enumerate(messages):
        place = f"{what}[{at}]"
        if message.role == "tool":
            if waiting.pop(message.tool_call_id or "", None) is None:
                raise ConfigError(
                    f"{place} answers the call {message.tool_call_id!r}, which waits for no result there."
                )
            continue
        if waiting:
            id, name = next(iter(waiting.items()))
            raise ConfigError(f"{place} comes before the result of the call {id!r} of {name!r}; add a tool message.")
        if message.role == "system" and at:
            raise ConfigError(f"{place} is a system message; only the first may be one.")
        if not has_text(message.content) and not message.tool_calls:
            raise ConfigError(f"{place} is an empty {message.role} message.")
        waiting = {call.id: call.name for call in message.tool_calls}
        if len(waiting) < len(message.tool_calls):
            raise ConfigError(f"{place} has two calls of one id.")
    if waiting and not open_end:
        id, name = next(iter(waiting.items()))
        raise ConfigError(f"{what} ends before the result of the call {id!r} of {name!r}.")


def _message(value: Any, what: str, calls: int) -> Message:
    if not isinstance(value, dict):
        raise ConfigError(f"{what} must be an object with role and content, got {shown(value)}.")
    # Tables fill up with nulls, so a null is a key that is not there.
    value = {key: item for key, item in value.items() if item is not None}
    check_keys(value, _MESSAGE_KEYS, ("role",), what=what)
    role = value["role"]
    if role not in ROLES:
        raise ConfigError(f"{what} has the role {shown(role)}; a role is one of {', '.join(ROLES)}.")
    tool_calls = value.get("tool_calls") or []
    if not isinstance(tool_calls, list | tuple):
        raise ConfigError(f"{what}.tool_calls must be a list, got {shown(tool_calls)}.")
    if tool_calls and role != "assistant":
        raise ConfigError(f"{what} is a {role} message with tool_calls; only the assistant calls tools.")
    if "tool_call_id" in value and role != "tool":
        raise ConfigError(f"{what} is a {role} message with tool_call_id; only a tool message answers a call.")
    for key in ("tool_call_id", "name"):
        if not isinstance(value.get(key, ""), str):
            raise ConfigError(f"{what}.{key} must be text, got {shown(value[key])}.")
    meta = value.get("meta") or {}
    if not isinstance(meta, dict):
        raise ConfigError(f"{what}.meta must be an object, got {shown(meta)}.")
    return Message(
        role,
        _content(value.get("content", ""), f"{what}.content"),
        tuple(_call(call, f"{what}.tool_calls[{at}]", calls + at) for at, call in enumerate(tool_calls)),
        value.get("tool_call_id"),
        value.get("name"),
        meta,
    )


def _content(value: Any, what: str) -> str:
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list | tuple) else [value]
    texts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in parts]
    if not all(isinstance(text, str) for text in texts):
        raise ConfigError(f"{what} must be text or a list of text parts, got {shown(value)}.")
    return "".join(text for text in texts if text is not None)


def _call(value: Any, what: str, number: int) -> ToolCall:
    if not isinstance(value, dict):
        raise ConfigError(f"{what} must be an object with function, got {shown(value)}.")
    value = {key: item for key, item in value.items() if item is not None}
    check_keys(value, _CALL_KEYS, ("function",), what=what)
    function = value["function"]
    if not isinstance(function, dict):
        raise ConfigError(f"{what}.function must be an object with name and arguments, got {shown(function)}.")
    check_keys(function, ("name", "arguments"), ("name",), what=f"{what}.function")
    name, arguments = function["name"], function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = parse_json(arguments)
        except ValueError as error:
            raise ConfigError(f"{what}.function.arguments is {error}.") from None
    if arguments is not None and not isinstance(arguments, dict):
        raise ConfigError(f"{what}.function.arguments must be an object, got {shown(arguments)}.")
    id, problem = value.get("id", f"call_{number}"), value.get("problem")
    if not all(isinstance(text, str) for text in (name, id, problem or "")):
        raise ConfigError(f"{what} must have texts for id, name and problem, got {shown(value)}.")
    return ToolCall(id, name, arguments or {}, problem)


def _answering(message: Message, waiting: list[ToolCall]) -> Message:
    """A result takes its call off the list; one without an id answers the first call of its tool that waits."""
    if message.tool_call_id is not None:
        waiting[:] = [call for call in waiting if call.id != message.tool_call_id]
        return message
    for at, call in enumerate(waiting):
        if message.name in (None, call.name):
            del waiting[at]
            return Message("tool", message.content, (), call.id, call.name, message.meta)
    return message
