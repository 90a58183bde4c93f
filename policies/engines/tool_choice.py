"""Makes a reply call a tool where `tool_choice` demands it, by writing the beginning of the call for the model.

Not covered: the arguments. A model that was not trained on calls may still write nonsense into them.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from typing import Any

from ...tools import ConfigError
from .messages import ToolChoice

# A reply that must call some tool begins with this; what the model writes behind it tells which one it means.
NAME_START = '<tool_call>{"name": "'
NAME_TOKENS = 24


def tool_to_call(tools: Sequence[dict[str, Any]], tool_choice: ToolChoice) -> str | None:
    """The tool that a reply must call by `tool_choice`; empty where it may be any, `None` where none must.

    Args:
        tools: schemas in the OpenAI form.
        tool_choice: see `Policy.stream`.

    Raises:
        ConfigError: there is no such tool.
    """
    if tool_choice in ("auto", "none"):
        return None
    names = [str(tool["function"]["name"]) for tool in tools]
    if tool_choice == "required":
        if not names:
            raise ConfigError("tool_choice 'required' needs tools, and there are none.")
        return names[0] if len(names) == 1 else ""
    if tool_choice not in names:
        near = difflib.get_close_matches(tool_choice, names, n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ConfigError(
            f"tool_choice {tool_choice!r} names no tool; there are: {', '.join(names) or 'none'}, besides auto, none "
            f"and required.{hint}"
        )
    return tool_choice


def named_tool(written: str, tools: Sequence[dict[str, Any]]) -> str:
    """The tool that a model means by what it wrote behind `NAME_START`: this one, or the most similar."""
    names = [str(tool["function"]["name"]) for tool in tools]
    written = written.partition('"')[0].strip()
    return difflib.get_close_matches(written, names, n=1, cutoff=0)[0]


def call_start(name: str, tools: Sequence[dict[str, Any]]) -> str:
    """What a reply begins with when it must call this tool: all that is certain beforehand.

    An engine reads it behind the prompt and feeds it to the `ReplyReader` first. It ends where a token ends in the
    texts that models are trained on: after a lone `{`, which they know only as a part of `{"`, they write nonsense.
    """
    function = next(tool["function"] for tool in tools if tool["function"]["name"] == name)
    parameters = function.get("parameters") or {}
    properties = parameters.get("properties") or {}
    required = [key for key in properties if key in (parameters.get("required") or ())]
    start = f'{NAME_START[:-1]}{json.dumps(name, ensure_ascii=False)}, "arguments":'
    if not properties and not parameters.get("additionalProperties"):
        return f"{start} {{}}}}</tool_call>"
    return f"{start} {{{json.dumps(required[0], ensure_ascii=False)}:" if required else start
