"""From OpenAI's messages, tools and options to ours.

System and developer messages, wherever they stand, become one text: many templates take a single system message, and
only at the start. Names of users are left out: ours have a meaning for the loop.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...policies.engines import GenerationConfig, Message
from ...tools import ToolCall
from .chat_request import ChatMessage, ChatRequest, ToolOffered
from .errors import invalid
from .json_body import check, require_few_values


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in our words.

    Args:
        instructions: of the client; empty where it gave none.
        messages: the conversation without them.
        tools: schemas of the client's tools; empty for a turn of the agent with its own.
        tool_choice: see `Policy.stream`.
        config: how to sample.
        one_call: whether at most one call may come back.
    """

    instructions: str
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...]
    tool_choice: str
    config: GenerationConfig
    one_call: bool = False

    @property
    def last_said(self) -> str:
        """The newest message of the user.

        Raises:
            ApiError: 400; there is none.
        """
        for message in reversed(self.messages):
            if message.role == "user":
                return message.content
        raise invalid("messages must have a user's message.", "messages")


def read_conversation(request: ChatRequest, defaults: GenerationConfig) -> Asked:
    """What a request asks.

    Args:
        request: whose form is right.
        defaults: where the request says nothing.

    Raises:
        ApiError: 400; names the field.
    """
    instructions, messages = _messages(request.messages)
    tools = _offered(request.tools or ())
    choice, tools = _choice(request.tool_choice, tools)
    config = _config(request, defaults)
    one_call = request.parallel_tool_calls is False
    if not request.pericles.session:
        if not messages or messages[-1].role not in ("user", "tool"):
            raise invalid("The last message must be of the user or a tool's.", "messages")
        if not any(message.role == "user" for message in messages):
            raise invalid("messages must have a user's message.", "messages")
    return Asked(instructions, messages, tools, choice, config, one_call)


def _messages(given: Sequence[ChatMessage]) -> tuple[str, tuple[Message, ...]]:
    instructions: list[str] = []
    messages: list[Message] = []
    open_calls: dict[str, str] = {}
    for at, message in enumerate(given):
        where = f"messages[{at}]"
        text = _text(message, where)
        if message.role == "tool":
            name = open_calls.pop(message.tool_call_id or "", None)
            if name is None:
                raise invalid(
                    "A tool's message must answer a call of the assistant's message before it, by its tool_call_id.",
                    f"{where}.tool_call_id",
                )
            messages.append(Message("tool", text, tool_call_id=message.tool_call_id, name=name))
            continue
        _require_answers(open_calls, where)
        if message.role in ("system", "developer"):
            instructions.append(text)
            continue
        if message.role == "user":
            if not text.strip():
                raise invalid("A user's message must not be empty.", f"{where}.content")
            messages.append(Message("user", text))
            continue
        calls = tuple(_call(call.id, call.function.name, call.function.arguments, where) for call in _calls(message))
        open_calls = {call.id: call.name for call in calls}
        if len(open_calls) < len(calls):
            raise invalid("Two calls have the same id.", f"{where}.tool_calls")
        messages.append(Message("assistant", text, calls))
    _require_answers(open_calls, "messages")
    return "\n\n".join(part for part in instructions if part.strip()), tuple(messages)


def _calls(message: ChatMessage) -> Sequence[Any]:
    return message.tool_calls or ()


def _require_answers(open_calls: dict[str, str], where: str) -> None:
    if open_calls:
        missing = ", ".join(open_calls)
        raise invalid(f"These calls have no tool message that answers them: {missing}.", where)


def _text(message: ChatMessage, where: str) -> str:
    content = message.content
    if content is None:
        if message.role != "assistant":
            raise invalid(f"A message of the role {message.role} needs content.", f"{where}.content")
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise invalid("content must be a text or a list of parts.", f"{where}.content")
    return "\n".join(_part(part, f"{where}.content[{at}]") for at, part in enumerate(content))


def _part(part: Any, where: str) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in ("text", "refusal"):
        shown = f"parts of the type {kind[:40]!r}" if isinstance(kind, str) else "parts without a type"
        raise invalid(f"Only text is understood here, not {shown}.", f"{where}.type", "unsupported_value")
    text = part.get(kind)
    if not isinstance(text, str):
        raise invalid("A part of text needs its text.", f"{where}.{kind}")
    return text


def _call(call_id: str, name: str, arguments: str, where: str) -> ToolCall:
    """A call as the client got it. What was unreadable then is unreadable now: the policy sees no arguments."""
    require_few_values(arguments.encode(), f"{where}.tool_calls")
    try:
        value = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return ToolCall(call_id, name, {}, "The arguments were not JSON.")
    check(value, f"{where}.tool_calls")
    if not isinstance(value, dict):
        return ToolCall(call_id, name, {}, "The arguments were no JSON object.")
    return ToolCall(call_id, name, value)


def _offered(tools: Sequence[ToolOffered]) -> tuple[dict[str, Any], ...]:
    names = [tool.function.name for tool in tools]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise invalid(f"Two tools are named {twice!r}.", "tools")
    return tuple(
        {
            "type": "function",
            "function": {
                "name": tool.function.name,
                "description": tool.function.description or "",
                "parameters": tool.function.parameters or {"type": "object", "properties": {}},
            },
        }
        for tool in tools
    )


def _choice(given: Any, tools: tuple[dict[str, Any], ...]) -> tuple[str, tuple[dict[str, Any], ...]]:
    """Every form of `tool_choice`: a word, one function, or some of the tools."""
    if given is None:
        return "auto", tools
    if given in ("auto", "none", "required"):
        return given, tools
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "function":
        return _known(_function_name(given, "tool_choice.function.name"), tools), tools
    if kind == "allowed_tools":
        allowed = given.get("allowed_tools")
        mode = allowed.get("mode") if isinstance(allowed, dict) else None
        named = allowed.get("tools") if isinstance(allowed, dict) else None
        if mode not in ("auto", "required") or not isinstance(named, list) or not named:
            raise invalid("allowed_tools needs a mode, auto or required, and a list of tools.", "tool_choice")
        where = "tool_choice.allowed_tools.tools"
        names = {_known(_function_name(item, where), tools, where) for item in named}
        if not tools:
            raise invalid("allowed_tools chooses among `tools`, and there are none.", "tool_choice")
        return mode, tuple(tool for tool in tools if tool["function"]["name"] in names)
    raise invalid(
        'tool_choice must be "auto", "none", "required", {"type": "function", …} or {"type": "allowed_tools", …}.',
        "tool_choice",
    )


def _function_name(value: Any, where: str) -> str:
    function = value.get("function") if isinstance(value, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str) or name in ("auto", "none", "required", ""):
        raise invalid('A function is named as {"type": "function", "function": {"name": …}}.', where)
    return name


def _known(name: str, tools: tuple[dict[str, Any], ...], where: str = "tool_choice.function.name") -> str:
    names = [tool["function"]["name"] for tool in tools]
    if tools and name not in names:
        raise invalid(f"There is no tool {name[:100]!r} among: {', '.join(names)}.", where)
    return name


def _config(request: ChatRequest, defaults: GenerationConfig) -> GenerationConfig:
    """Both names of the longest reply are upper bounds, so the smaller one holds."""
    bounds = [bound for bound in (request.max_tokens, request.max_completion_tokens) if bound is not None]
    changes: dict[str, Any] = {"max_new_tokens": min(bounds) if bounds else None}
    changes |= {"temperature": request.temperature, "top_p": request.top_p, "stop": request.stops}
    # Engines take 32 bits.
    changes["seed"] = None if request.seed is None else request.seed % 2**32
    if request.logprobs:
        changes["logprobs"] = request.top_logprobs or 0
    return dataclasses.replace(defaults, **{name: value for name, value in changes.items() if value is not None})
