"""The text of one tool call: read the way small models write it, or told as a call with a `problem`."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
from collections.abc import Callable
from typing import Any

from ...tools import ToolCall
from .tolerant_json import read_json

MAX_QUOTED = 120


def new_call_id() -> str:
    """An id that no other call has."""
    return f"call_{secrets.token_hex(6)}"


def read_calls(text: str, tool_names: frozenset[str], call_id: Callable[[], str] = new_call_id) -> list[ToolCall]:
    """Reads the inside of a `<tool_call>` block. Never raises; always returns at least one call."""
    body = re.sub(r"^```[a-z_]*", "", text.strip()).removesuffix("```")
    try:
        value = read_json(body[_start_of_json(body) :])
    except ValueError as error:
        return [_problem(call_id(), _guess_name(body, tool_names), f"is not valid JSON: {error}", text)]
    values = value if isinstance(value, list) and value else [value]
    return [_to_call(item, tool_names, call_id(), text) for item in values]


def _start_of_json(body: str) -> int:
    starts = [position for position in (body.find("{"), body.find("[")) if position >= 0]
    return min(starts, default=0)


def _to_call(value: Any, tool_names: frozenset[str], call_id: str, text: str) -> ToolCall:
    if isinstance(value, dict) and isinstance(value.get("function"), dict):
        value = value["function"]
    if not isinstance(value, dict):
        return _problem(call_id, _guess_name(text, tool_names), "is not a JSON object", text)
    name = value.get("name") or value.get("tool") or value.get("function")
    if name is None and len(value) == 1 and next(iter(value)) in tool_names:
        name, arguments = next(iter(value.items()))
    else:
        beside = {key: item for key, item in value.items() if key not in ("name", "tool", "function", "id")}
        arguments = next((value[key] for key in ("arguments", "parameters", "args", "input") if key in value), beside)
    if arguments is None or arguments == "":
        arguments = {}  # a tool without parameters
    if not isinstance(name, str) or not name.strip():
        return _problem(call_id, _guess_name(text, tool_names), 'has no "name"', text)
    if isinstance(arguments, str):
        try:
            arguments = read_json(arguments)
        except ValueError:
            arguments = None
    if not isinstance(arguments, dict):
        return _problem(call_id, _clean(name.strip())[:64], 'has no "arguments" object', text)
    return ToolCall(call_id, _clean(name.strip())[:64], _clean(arguments))


def _problem(call_id: str, name: str, what: str, text: str) -> ToolCall:
    quoted = _clean(" ".join(text.split()))[:MAX_QUOTED]
    return ToolCall(
        call_id,
        name,
        {},
        f'The tool call {what}. You wrote: {quoted} Write {{"name": "...", "arguments": {{...}}}} between the tags.',
    )


def is_json(text: str) -> bool:
    """Whether a text is a whole JSON value."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def cut_off_call(call: ToolCall) -> ToolCall:
    """A call that the token limit ended before it was whole: told to the model, never run."""
    problem = "The tool call was cut off: the reply is as long as it may be. Write a shorter call."
    return dataclasses.replace(call, arguments={}, problem=problem)


def _guess_name(text: str, tool_names: frozenset[str]) -> str:
    return next((name for name in sorted(tool_names) if re.search(rf"\b{re.escape(name)}\b", text)), "")


def _clean(value: Any) -> Any:
    """Makes a decoded value safe to store and send: no lone surrogates, no infinite numbers."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and value - value != 0:
        return str(value)
    if isinstance(value, dict):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


class JsonTexts:
    """Knows whether a place in a JSON value that is read piece by piece lies inside one of its texts."""

    def __init__(self) -> None:
        self._inside = False
        self._escaped = False

    def pass_over(self, text: str) -> None:
        """Goes on behind this piece."""
        for character in text:
            if self._escaped:
                self._escaped = False
            elif self._inside and character == "\\":
                self._escaped = True
            elif character == '"':
                self._inside = not self._inside

    def find(self, text: str, mark: str) -> int:
        """Where the mark first stands outside all texts in what comes next; -1 where it does not."""
        ahead = JsonTexts()
        ahead._inside, ahead._escaped = self._inside, self._escaped
        start = 0
        while (position := text.find(mark, start)) >= 0:
            ahead.pass_over(text[start:position])
            if not ahead._inside:
                return position
            ahead.pass_over(mark)
            start = position + len(mark)
        return -1
