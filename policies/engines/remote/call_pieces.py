"""Tool calls that a server sends in pieces, several at once, become whole again.

The protocol says: each piece has the `index` of its call, the first one also `id` and `name`, and the arguments are
JSON text to be joined. What servers make of it: no index, or 0 for every call; no id; the name in pieces or again in
each; a call in one piece; arguments as an object.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

from ....tools import PolicyError, ToolCall
from ..call_text import cut_off_call, new_call_id, read_calls
from ..messages import CallPiece, PolicyEvent
from .outgoing import whole_text

MAX_CALLS = 128


@dataclass(eq=False)
class _Call:
    index: int | None
    id: str = ""
    name: str = ""
    parts: list[str] = field(default_factory=list[str])
    shown: bool = False

    @property
    def arguments(self) -> str:
        return "".join(self.parts)

    def is_whole(self) -> bool:
        """Whether the arguments are a JSON object to its last bracket."""
        text = self.arguments.strip()
        try:
            return text.endswith("}") and isinstance(json.loads(text), dict)
        except (ValueError, RecursionError):
            return False


class CallCollector:
    """Collects the calls of one reply.

    Args:
        tool_names: known tools.
    """

    def __init__(self, tool_names: frozenset[str]) -> None:
        self._names = tool_names
        self._calls: list[_Call] = []
        self._last: _Call | None = None

    def take(self, pieces: list[Any], *, first: int = 0) -> list[PolicyEvent]:
        """Reads the `tool_calls` of one delta.

        Args:
            pieces: its entries.
            first: how many calls of the reply were read from its text, for the index that is told.
        """
        events: list[PolicyEvent] = []
        for position, piece in enumerate(pieces):
            if not isinstance(piece, dict):
                continue
            value = cast("dict[str, Any]", piece)
            function = value.get("function")
            function = cast("dict[str, Any]", function) if isinstance(function, dict) else value
            name = function.get("name") if isinstance(function.get("name"), str) else ""
            call = self._call_of(value, name or "", position if len(pieces) > 1 else None)
            call.id = call.id or str(value.get("id") or "")
            call.name = self._joined(call.name, name or "")
            text = _as_text(function.get("arguments"))
            if text:
                call.parts.append(text)
                shown = whole_text(text) if call.shown else f"{self._opening(call)}{whole_text(text)}"
                call.shown = True
                events.append(CallPiece(first + self._calls.index(call), shown))
            self._last = call
        return events

    def finish(self, *, cut: bool) -> list[ToolCall]:
        """The calls in the order in which they were begun.

        Args:
            cut: whether the limit of tokens ended the reply, and so perhaps the call that was being written.
        """
        ids: set[str] = set()
        calls: list[ToolCall] = []
        for call in self._calls:
            call_id = whole_text(call.id)
            call_id = call_id if call_id and call_id not in ids else new_call_id()
            ids.add(call_id)
            text = json.dumps({"name": whole_text(call.name), "arguments": call.arguments})
            (read, *_) = read_calls(text, self._names, lambda made=call_id: made)
            calls.append(cut_off_call(read) if cut and not call.is_whole() else read)
        return calls

    def _call_of(self, value: dict[str, Any], name: str, position: int | None) -> _Call:
        """The call that a piece belongs to."""
        index, call_id = value.get("index"), str(value.get("id") or "")
        if isinstance(index, int) and not isinstance(index, bool):
            found = next((call for call in reversed(self._calls) if call.index == index), None)
            if found is None or not self._is_another(found, name, call_id):
                return found or self._new(index)
            return self._new(index)
        if call_id:
            found = next((call for call in self._calls if call.id == call_id), None)
            if found is not None:
                return found
            if self._last is not None and not self._last.id and not name:
                return self._last
            return self._new(None)
        if position is not None and name:
            return self._new(None)
        last = self._last
        if last is None or (name and last.name and last.is_whole()):
            return self._new(None)
        return last

    @staticmethod
    def _is_another(call: _Call, name: str, call_id: str) -> bool:
        """Whether a piece begins a further call although the server gives every call the same index."""
        return bool(name and call_id and call.id and call_id != call.id)

    def _new(self, index: int | None) -> _Call:
        if len(self._calls) >= MAX_CALLS:
            raise PolicyError(f"the reply calls more than {MAX_CALLS} tools at once.")
        self._calls.append(_Call(index))
        return self._calls[-1]

    def _joined(self, name: str, piece: str) -> str:
        if not piece or piece == name:
            return name
        if piece.startswith(name) and piece in self._names:
            return piece  # the whole name as far as it goes, each time
        if name in self._names and name + piece not in self._names:
            return name
        return (name + piece)[:256]

    @staticmethod
    def _opening(call: _Call) -> str:
        return f'{{"name": {json.dumps(call.name, ensure_ascii=False)}, "arguments": '


def _as_text(arguments: Any) -> str:
    if isinstance(arguments, str):
        return arguments
    try:
        return "" if arguments is None else json.dumps(arguments)
    except RecursionError:
        return "[too deep"  # no JSON, and told to the model as such
