"""What `tool_choice` demands of a reply."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from ...tools import ConfigError
from .messages import ToolChoice


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
