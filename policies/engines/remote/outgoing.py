"""What goes out: messages, tools and options as a server takes them.

Text of users, tools and documents has the control tags broken (`chat_format.to_template`): servers turn them into
tokens of the conversation's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ....tools import ConfigError
from ..chat_format import break_control_tags, to_template
from ..messages import GenerationConfig, Message, ToolChoice
from .dialects import Dialect

_NAME = re.compile(r"[^a-zA-Z0-9_-]")


def request_messages(
    messages: Sequence[Message], tools: Sequence[dict[str, Any]], dialect: Dialect
) -> list[dict[str, Any]]:
    """Messages in the OpenAI form: arguments as JSON text, and an id for every call and result.

    Ids that are missing are made from the place in the conversation, so that the same conversation is the same prompt.
    """
    names = {str(tool["function"]["name"]) for tool in tools}
    rendered = [_without_surrogates(message) for message in to_template(messages)]
    for position, message in enumerate(rendered):
        if message["role"] == "assistant" and "tool_calls" in message:
            _fill_ids(rendered, position)
    for position, message in enumerate(rendered):
        for call in message.get("tool_calls", ()):
            function = call["function"]
            function["arguments"] = json.dumps(function["arguments"], ensure_ascii=False)
            if function["name"] not in names:
                # What the model called by a name that is none: servers refuse a conversation with it.
                function["name"] = _NAME.sub("_", function["name"])[:64] or "unknown_tool"
        if message["role"] == "tool":
            message["tool_call_id"] = message["tool_call_id"] or f"call_{position}"
            if not dialect.tool_name or not message["name"]:
                del message["name"]
    return rendered


def _fill_ids(messages: list[dict[str, Any]], position: int) -> None:
    """Gives an assistant's calls and the results behind them ids that fit together, in their order."""
    calls = messages[position]["tool_calls"]
    results: list[dict[str, Any]] = []
    for message in messages[position + 1 :]:
        if message["role"] != "tool":
            break
        results.append(message)
    known = {call["id"] for call in calls}
    spare = [result["tool_call_id"] for result in results if result["tool_call_id"] not in known]
    spare = [result_id for result_id in spare if result_id]
    for number, call in enumerate(calls):
        if not call["id"]:
            call["id"] = spare.pop(0) if spare else f"call_{position}_{number}"
    answered = {result["tool_call_id"] for result in results}
    open_ids = [call["id"] for call in calls if call["id"] not in answered]
    for result in results:
        if not result["tool_call_id"] and open_ids:
            result["tool_call_id"] = open_ids.pop(0)


def request_body(
    model: str,
    messages: Sequence[Message],
    tools: Sequence[dict[str, Any]],
    tool_choice: ToolChoice,
    must_call: str | None,
    config: GenerationConfig,
    dialect: Dialect,
) -> dict[str, Any]:
    """The body of a chat-completions request.

    Args:
        model: its name at the server.
        messages: the conversation.
        tools: schemas in the OpenAI form.
        tool_choice: see `Policy.stream`.
        must_call: `tool_choice.tool_to_call` of it.
        config: how to sample.
        dialect: what the server takes.

    Raises:
        ConfigError: the server cannot do what `config` asks for.
    """
    check(config, tools, dialect)
    body: dict[str, Any] = {
        "model": model,
        "messages": request_messages(messages, tools, dialect),
        "stream": True,
        dialect.max_tokens: config.max_new_tokens,
        "temperature": config.temperature,
        "top_p": config.top_p,
        **dialect.sampling,
    }
    if dialect.usage_option:
        body["stream_options"] = {"include_usage": True}
    if config.seed is not None and dialect.seed:
        body["seed"] = config.seed
    if config.stop:
        body["stop"] = [_without_surrogates(text) for text in config.stop]
    if config.logprobs is not None:
        body |= {"logprobs": True, "top_logprobs": config.logprobs}
    if tools:
        body |= _tool_fields(tools, tool_choice, must_call, dialect)
    return body


def check(config: GenerationConfig, tools: Sequence[dict[str, Any]], dialect: Dialect) -> None:
    """Refuses what a server cannot do before it is asked.

    Raises:
        ConfigError: says what it cannot do.
    """
    title = dialect.title
    if config.temperature > dialect.max_temperature:
        raise ConfigError(f"{title} takes a temperature up to {dialect.max_temperature:g}, got {config.temperature:g}.")
    if dialect.max_stops is not None and len(config.stop) > dialect.max_stops:
        raise ConfigError(f"{title} takes at most {dialect.max_stops} stop texts, got {len(config.stop)}.")
    if config.logprobs is not None and dialect.logprobs == "no":
        raise ConfigError(f"{title} does not tell log-probabilities: leave GenerationConfig.logprobs at None.")
    if config.logprobs is not None and tools and dialect.logprobs == "without_tools":
        raise ConfigError(
            f"{title} tells log-probabilities only where no tools are offered: leave the tools out, or "
            "GenerationConfig.logprobs at None."
        )


def _tool_fields(
    tools: Sequence[dict[str, Any]], tool_choice: ToolChoice, must_call: str | None, dialect: Dialect
) -> dict[str, Any]:
    offered = list(tools)
    choice: Any = None
    if tool_choice == "none":
        choice = "none" if dialect.none else None
    elif must_call is not None:
        named = tool_choice not in ("required",)
        if named and dialect.named == "object":
            choice = {"type": "function", "function": {"name": must_call}}
        else:
            if named:
                offered = [tool for tool in tools if tool["function"]["name"] == must_call]
            choice = "required" if dialect.required == "honoured" else None
    fields: dict[str, Any] = {"tools": [harmless(tool) for tool in offered]}
    return fields if choice is None else {**fields, "tool_choice": choice}


def harmless(value: Any) -> Any:
    """A schema whose texts may come from afar (MCP), with the control tags in them broken."""
    if isinstance(value, str):
        return break_control_tags(_without_surrogates(value))
    if isinstance(value, dict):
        return {harmless(str(key)): harmless(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(item) for item in value]
    return value


def _without_surrogates(value: Any) -> Any:
    """The same JSON value as any server can read it: half a character has no UTF-8 form, NaN none in JSON."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, float) and value - value != 0:
        return str(value)
    if isinstance(value, dict):
        return {whole_text(str(key)): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value


def whole_text(text: str) -> str:
    """A text with its surrogates joined, and U+FFFD for the halves that are alone."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
