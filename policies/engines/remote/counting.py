"""How long a prompt is, in tokens: asked of the server where it can tell, estimated elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from ....tools import ConfigError, PolicyError
from ..messages import Message
from .connection import Connection
from .failures import RefusedError
from .outgoing import harmless, request_messages

# English prose has about 4.5 bytes to a token, code and other languages fewer.
BYTES_PER_TOKEN = 3.5
TOKENS_PER_MESSAGE = 5


async def counted(
    connection: Connection, model: str, messages: Sequence[Message], tools: Sequence[dict[str, Any]]
) -> int | None:
    """Length of the prompt by the server's own count; `None` where it does not count.

    Raises:
        PolicyError: the server does not answer.
    """
    dialect, root = connection.dialect, connection.place.root
    sent = request_messages(messages, tools, dialect)
    offered: dict[str, Any] = {"tools": harmless(tools)} if tools else {}
    try:
        if dialect.counting == "vllm":
            body = {"model": model, "messages": sent, "add_generation_prompt": True, **offered}
            return _size((await connection.json("POST", f"{root}/tokenize", body))[0], "count")
        if dialect.counting == "llama-server":
            rendered, _ = await connection.json("POST", f"{root}/apply-template", {"messages": sent, **offered})
            text = str(cast("dict[str, Any]", rendered).get("prompt", "")) if isinstance(rendered, dict) else ""
            body = {"content": text, "add_special": True, "parse_special": True}
            return _size((await connection.json("POST", f"{root}/tokenize", body))[0], "tokens")
    except (RefusedError, ConfigError):
        return None  # a gateway that passes the chat endpoint alone
    return None


def estimated(messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> int:
    """Length of the prompt by its bytes: rather too long than too short, and never exact."""
    size = sum(len(message.content.encode("utf-8", "replace")) for message in messages)
    size += sum(len(json.dumps(call.arguments)) + len(call.name) for message in messages for call in message.tool_calls)
    size += len(json.dumps(list(tools))) if tools else 0
    return round(size / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE * (len(messages) + 1)


def _size(value: Any, key: str) -> int:
    found = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    if isinstance(found, list):
        return len(cast("list[Any]", found))
    if isinstance(found, int):
        return found
    raise PolicyError(f"the server was asked for the number of tokens and told none under {key!r}.")
