"""What comes in: the chunks of a streamed reply become policy events.

Servers with a reader of tool calls send them apart from the text, in pieces. What others leave in the text
(`<tool_call>`) is read as a local engine's replies are (`chat_format.ReplyReader`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from ....tools import PolicyError
from ..call_text import cut_off_call
from ..chat_format import ReplyReader
from ..messages import (
    CallRead,
    FinishReason,
    PolicyEvent,
    ReasoningPiece,
    ReplyFinished,
    TokenLogprob,
    ToolChoice,
    Usage,
)
from .call_pieces import CallCollector
from .dialects import Dialect
from .keys import Secrets
from .outgoing import whole_text

# A reply that ends so is not whole, and no limit of ours has cut it.
_BROKEN_ENDS = frozenset({"content_filter", "abort", "error"})


class ReplyBuilder:
    """Reads one reply.

    Args:
        place: names the server in messages.
        secrets: what must not stand in messages.
        tools: schemas in the OpenAI form.
        tool_choice: see `Policy.stream`.
        must_call: `tool_choice.tool_to_call` of it.
        wants_logprobs: whether they were asked for.
        dialect: how the server writes.
    """

    def __init__(
        self,
        place: str,
        secrets: Secrets,
        tools: Sequence[dict[str, Any]],
        tool_choice: ToolChoice,
        must_call: str | None,
        wants_logprobs: bool,
        dialect: Dialect,
    ) -> None:
        names = frozenset(str(tool["function"]["name"]) for tool in tools)
        self._place = place
        self._secrets = secrets
        self._must_call = must_call
        self._wants_logprobs = wants_logprobs
        self._dialect = dialect
        self._read_calls = tool_choice != "none"
        self._reader = ReplyReader(names, read_calls=self._read_calls)
        self._calls = CallCollector(names)
        self._halves: dict[str, str] = {}
        self._content: list[str] = []
        self._logprobs: list[TokenLogprob] = []
        self._usage = Usage()
        self._end: str | None = None
        self._called = 0
        self.began = False

    @property
    def ended(self) -> bool:
        """Whether the server has said why the reply ends; what may still come is its usage."""
        return self._end is not None

    def take(self, chunk: dict[str, Any]) -> list[PolicyEvent]:
        """Reads a chunk.

        Raises:
            PolicyError: a call is not the one that `tool_choice` demands.
        """
        if isinstance(chunk.get("usage"), dict):
            self._usage = _usage(chunk["usage"])
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return []
        self.began = True
        choice = cast("dict[str, Any]", choices[0])
        delta = choice.get("delta") or choice.get("message") or {}
        events = self._delta(cast("dict[str, Any]", delta)) if isinstance(delta, dict) else []
        self._logprobs += _logprobs(choice.get("logprobs"))
        if choice.get("finish_reason"):
            self._end = str(choice["finish_reason"])
        return self._checked(events)

    def finish(self) -> list[PolicyEvent]:
        """Ends the reply.

        Raises:
            PolicyError: it is not whole, or not what was asked for.
        """
        if self._end in _BROKEN_ENDS:
            what = "its content filter" if self._end == "content_filter" else "an error of its own"
            raise PolicyError(f"{self._place} ended the reply early by {what} ({self._end}).")
        cut = self._end == "length"
        events = self._text("content", "", final=True) + self._text("reasoning", "", final=True)
        events += [self._cut(event) if cut else event for event in self._reader.finish(cut_off=cut)]
        if self._read_calls:
            events += [CallRead(call) for call in self._calls.finish(cut=cut)]
        events = self._checked(events)
        self._check_done(cut)
        reason: FinishReason = "length" if cut else "tool_calls" if self._called else "stop"
        return [*events, ReplyFinished(reason, self._usage, tuple(self._logprobs) if self._wants_logprobs else ())]

    def _delta(self, delta: dict[str, Any]) -> list[PolicyEvent]:
        fields = self._dialect.reasoning_fields
        reasoning = next((delta[key] for key in fields if isinstance(delta.get(key), str) and delta[key]), "")
        events = self._text("reasoning", reasoning)
        events += self._text("content", _plain(delta.get("content")) or _plain(delta.get("refusal")))
        calls = delta.get("tool_calls")
        if isinstance(calls, list) and self._read_calls:
            events += self._calls.take(cast("list[Any]", calls), first=self._reader.calls)
        return events

    def _text(self, field: str, text: str, *, final: bool = False) -> list[PolicyEvent]:
        """Passes text on; half a character (servers that cut UTF-16) waits for its other half."""
        text = self._halves.pop(field, "") + text
        if text and "\ud800" <= text[-1] <= "\udbff" and not final:
            self._halves[field], text = text[-1], text[:-1]
        text = whole_text(text)
        if not text:
            return []
        if field == "reasoning":
            return [ReasoningPiece(text)]
        self._content.append(text)
        return self._reader.feed(text)

    def _cut(self, event: PolicyEvent) -> PolicyEvent:
        """A call without tags ends where the reply does, so it is whole only where its JSON is."""
        if not isinstance(event, CallRead) or event.call.problem is not None or self._ends_in_json():
            return event
        return CallRead(cut_off_call(event.call))

    def _ends_in_json(self) -> bool:
        text = "".join(self._content).rpartition("<tool_call>")[2].strip().removeprefix("```json").strip("`")
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return False
        return True

    def _checked(self, events: list[PolicyEvent]) -> list[PolicyEvent]:
        for event in events:
            if not isinstance(event, CallRead):
                continue
            self._called += 1
            if self._must_call and event.call.name != self._must_call:
                called = self._secrets.told(event.call.name)
                demand = f"tool_choice demands {self._must_call!r}"
                raise PolicyError(f"{self._place} called {called!r}, but {demand}{self._why()}.")
        return events

    def _check_done(self, cut: bool) -> None:
        if self._must_call is not None and not self._called:
            wanted = f"a call of {self._must_call!r}" if self._must_call else "a call of some tool"
            how = "was cut off by the limit of tokens before any" if cut else "calls none"
            raise PolicyError(f"tool_choice demands {wanted}, but the reply of {self._place} {how}{self._why()}.")
        # Usage tells whether there was a token to tell of; without it the events do.
        if self._wants_logprobs and not self._logprobs and self._usage.completion_tokens > 1:
            raise PolicyError(f"{self._place} told no log-probabilities although it was asked for them.")

    def _why(self) -> str:
        return f" ({self._dialect.title} does not honour tool_choice)" if self._dialect.required == "ignored" else ""


def _plain(content: Any) -> str:
    """Text of a content that may be a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text") or "") for part in _list(content) if isinstance(part, dict))


def _usage(value: dict[str, Any]) -> Usage:
    details = value.get("prompt_tokens_details")
    cached = cast("dict[str, Any]", details).get("cached_tokens") if isinstance(details, dict) else 0
    return Usage(*(_count(item) for item in (value.get("prompt_tokens"), cached, value.get("completion_tokens"))))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _logprobs(value: Any) -> list[TokenLogprob]:
    return [
        TokenLogprob(
            _token(item),
            float(item["logprob"]),
            tuple((_token(top), float(top["logprob"])) for top in _list(item.get("top_logprobs")) if _is_logprob(top)),
        )
        for item in _list(value.get("content") if isinstance(value, dict) else None)
        if _is_logprob(item)
    ]


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _is_logprob(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("logprob"), int | float)


def _token(value: dict[str, Any]) -> str:
    """A token's text: of its bytes where they are told, as the text of half a character is written in many ways."""
    raw = value.get("bytes")
    if isinstance(raw, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in raw):
        return bytes(raw).decode("utf-8", "replace")
    return whole_text(str(value.get("token", "")))
