"""The objects that OpenAI's API answers with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...policies.engines import TokenLogprob, Usage
from .answering import Called, Ended, Happened, Said
from .json_body import write_json

DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": waiting\n\n"


def line(value: dict[str, Any]) -> bytes:
    """An object as an event of a stream."""
    return b"data: " + write_json(value) + b"\n\n"


@dataclass(frozen=True, slots=True)
class Shape:
    """Gives one answer its form.

    Args:
        id: of the answer.
        model: as the client calls it.
        usage: whether a stream ends with the tokens.
        events: whether the client wants the agent's events.
        logprobs: whether the client wants them.
    """

    id: str
    model: str
    usage: bool = False
    events: bool = False
    logprobs: bool = False
    created: int = field(default_factory=lambda: int(time.time()))

    def opening(self) -> bytes:
        """The first chunk: who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def piece(self, item: Said | Called | Happened) -> bytes:
        """The chunks of one piece; nothing for an event that the client did not ask for."""
        match item:
            case Said(text):
                return self._chunk({"content": text})
            case Called(index, call_id, name, arguments):
                function = {"name": name, "arguments": ""}
                begun = {"index": index, "id": call_id, "type": "function", "function": function}
                rest = {"index": index, "function": {"arguments": arguments}}
                return self._chunk({"tool_calls": [begun]}) + self._chunk({"tool_calls": [rest]})
            case Happened(event):
                return self._chunk({}, pericles={"event": event.to_dict()}) if self.events else b""

    def closing(self, ended: Ended) -> bytes:
        """The last chunks of an answer that came to its end."""
        chunks = b""
        if self.logprobs:
            # They are known at the end alone; clients join those of all chunks.
            chunks = self._chunk({"content": ""}, logprobs=_logprobs(ended.logprobs))
        named = None if ended.message_id is None else {"message_id": ended.message_id}
        chunks += self._chunk({}, reason=ended.reason, pericles=named)
        if self.usage:
            chunks += line({**self._head("chat.completion.chunk"), "choices": [], "usage": usage_of(ended.usage)})
        return chunks + DONE

    def whole(self, items: Sequence[Said | Called | Happened], ended: Ended) -> dict[str, Any]:
        """The answer in one object."""
        calls = [_call(item) for item in items if isinstance(item, Called)]
        message: dict[str, Any] = {"role": "assistant", "content": ended.output or None if calls else ended.output}
        message["refusal"] = None
        if calls:
            message["tool_calls"] = calls
        choice = {
            "index": 0,
            "message": message,
            "finish_reason": ended.reason,
            "logprobs": _logprobs(ended.logprobs) if self.logprobs else None,
        }
        value = {**self._head("chat.completion"), "choices": [choice], "usage": usage_of(ended.usage)}
        ours: dict[str, Any] = {}
        if self.events:
            ours["events"] = [item.event.to_dict() for item in items if isinstance(item, Happened)]
        if ended.message_id is not None:
            ours["message_id"] = ended.message_id
        return {**value, "pericles": ours} if ours else value

    def _chunk(
        self,
        delta: dict[str, Any],
        *,
        reason: str | None = None,
        logprobs: dict[str, Any] | None = None,
        pericles: dict[str, Any] | None = None,
    ) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": logprobs}
        value: dict[str, Any] = {**self._head("chat.completion.chunk"), "choices": [choice]}
        if self.usage:
            value["usage"] = None
        if pericles is not None:
            value["pericles"] = pericles
        return line(value)

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def usage_of(usage: Usage) -> dict[str, Any]:
    """Tokens in OpenAI's words."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def _call(item: Called) -> dict[str, Any]:
    return {"id": item.call_id, "type": "function", "function": {"name": item.name, "arguments": item.arguments}}


def _logprobs(tokens: Sequence[TokenLogprob]) -> dict[str, Any]:
    return {"content": [_token(token) for token in tokens], "refusal": None}


def _token(token: TokenLogprob) -> dict[str, Any]:
    top = [{"token": text, "logprob": value, "bytes": _bytes(text)} for text, value in token.top]
    return {"token": token.token, "logprob": token.logprob, "bytes": _bytes(token.token), "top_logprobs": top}


def _bytes(text: str) -> list[int] | None:
    """The token's bytes; of half a character they are not known."""
    return None if "\ufffd" in text else list(text.encode("utf-8", "replace"))
