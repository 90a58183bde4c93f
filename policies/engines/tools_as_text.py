"""For chat templates that know no tools: what they are, what was called and what came back, said in the texts.

The form is the one that `chat_format.ReplyReader` reads and `grammar` demands, so any instruction-tuned model can be
given tools. Whether it calls them sensibly is another matter.
"""

from __future__ import annotations

import json
from typing import Any

INSTRUCTIONS = """Tools, as JSON schemas:
{tools}
To call one, answer with <tool_call>{{"name": ..., "arguments": {{...}}}}</tool_call> and nothing else. \
The result comes back between <tool_response> tags; then answer from it."""


def tools_as_text(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with everything about tools in their contents, and no two of one role in a row.

    Args:
        messages: dicts as chat templates take them, control tags in foreign text broken.
        tools: schemas in the OpenAI form; none where only earlier calls are to be told.
    """
    said: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] == "tool":
            _add(said, "user", f"<tool_response>{message['content']}</tool_response>")
            continue
        calls = [
            "<tool_call>" + json.dumps(call["function"], ensure_ascii=False) + "</tool_call>"
            for call in message.get("tool_calls", ())
        ]
        _add(said, message["role"], "\n".join([*([message["content"]] if message["content"] else []), *calls]))
    if not tools:
        return said
    listed = "\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in tools)
    instructions = INSTRUCTIONS.format(tools=listed)
    if said and said[0]["role"] == "system":
        return [{"role": "system", "content": f"{said[0]['content']}\n\n{instructions}"}, *said[1:]]
    return [{"role": "system", "content": instructions}, *said]


def system_as_user(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with the first, a system message, said by the user."""
    system, *rest = messages
    if rest and rest[0]["role"] == "user":
        return [{**rest[0], "content": f"{system['content']}\n\n{rest[0]['content']}"}, *rest[1:]]
    return [{"role": "user", "content": system["content"]}, *rest]


def _add(said: list[dict[str, Any]], role: str, content: str) -> None:
    if said and said[-1]["role"] == role and role != "system":
        said[-1] = {"role": role, "content": f"{said[-1]['content']}\n{content}"}
    else:
        said.append({"role": role, "content": content})
