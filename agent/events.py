"""What a turn tells while it runs.

A stream of these ends in exactly one `TurnFinished`. They are frozen and JSON-able: `to_dict` gives an object
with the event's name under `type`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, cast

from ..policies.engines import Message, Usage
from ..tools import Source, ToolCall, ToolResult
from .support import SentenceSupport

TurnStatus = Literal["completed", "max_steps", "awaiting_approval", "blocked", "cancelled", "error"]


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""

    @property
    def type(self) -> str:
        return type(self).__name__

    def to_dict(self) -> dict[str, Any]:
        values = {field.name: _json(getattr(self, field.name)) for field in dataclasses.fields(self)}
        return {"type": self.type, **values}


@dataclass(frozen=True, slots=True)
class TurnStarted(Event):
    """A turn begins.

    Args:
        turn_id: unique.
        session_id: the conversation it belongs to.
    """

    turn_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class TextDelta(Event):
    """A piece of the answer's text, as the policy writes it.

    The answer itself is in the last `MessageCompleted` and in `TurnFinished.output`: it lacks the marks and quotations
    that had no source.
    """

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta(Event):
    """A piece of the reasoning, which is never part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta(Event):
    """Raw text of a call while it is written; for display only."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class ToolCallStarted(Event):
    """A call is complete and starts to run."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class ApprovalRequested(Event):
    """A call waits until a person allows it; the turn ends with `awaiting_approval`. See `Decisions`."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class ToolProgress(Event):
    """How far a running tool is.

    Args:
        call_id: the `ToolCall.id`.
        message: one line from the tool, for a person.
        fraction: how much is done, 0 to 1; `None` where it is not known.
    """

    call_id: str
    message: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class ToolCallFinished(Event):
    """A call has its result, an error included."""

    result: ToolResult


@dataclass(frozen=True, slots=True)
class MessageCompleted(Event):
    """A message is whole and stored in the session."""

    message: Message


@dataclass(frozen=True, slots=True)
class SourcesResolved(Event):
    """What the sources say of the answer. Comes where the turn had sources or something had to be taken out.

    Args:
        sources: what the answer's marks stand for, by number.
        removed_marks: how many marks had no source and were taken out.
        removed_quotes: how many quotations did not stand in their sources; `[…]` is in their place.
        support: of each sentence of the answer, whether the sources support it.
    """

    sources: dict[int, Source]
    removed_marks: int = 0
    removed_quotes: int = 0
    support: tuple[SentenceSupport, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerCorrected(Event):
    """The answer misstated the result of an exact tool, and the result was said in its place.

    Args:
        said: what the policy said from there on, which was not shown.
    """

    said: str


@dataclass(frozen=True, slots=True)
class UsageUpdated(Event):
    """Tokens of the turn so far, and seconds spent in tools."""

    usage: Usage
    tool_seconds: float


@dataclass(frozen=True, slots=True)
class TurnFinished(Event):
    """The end of a turn, always the last event and always exactly one.

    Args:
        status: how it ended. `max_steps`: every step was used for calls, `output` is what the policy said after
            that without tools. `awaiting_approval`: the turn goes on when `Agent.stream` is given `Decisions`.
        output: the answer, checked against its sources; what had been said so far where the turn did not complete.
        usage: tokens of the whole turn.
        error: what went wrong; `None` for a turn that completed, waits or was cancelled by `Turn.cancel`.
    """

    status: TurnStatus
    output: str
    usage: Usage
    error: str | None = None


def _json(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in cast("list[Any]", value)]
    return value
