"""OpenTelemetry spans of turns, replies and tool calls, by the semantic conventions for generative AI.

A program that has configured an OpenTelemetry SDK gets, for each turn, an `invoke_agent` span with a `chat` span for
each reply and an `execute_tool` span for each call inside. Without one nothing is recorded, sent or even imported.

What was said, arguments, results and the texts of errors are recorded only where
`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is `true`, `span_only` or `span_and_event`.

Not covered: metrics, log events (`event_only` records no content).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from ..policies.engines import GenerationConfig, Message, Policy, Usage
from ..tools import ToolCall, ToolResult, TurnCancelled

if TYPE_CHECKING:
    from opentelemetry.trace import Span as OpenTelemetrySpan

CAPTURE_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_CAPTURING = ("true", "span_only", "span_and_event")
_PROVIDER = "OTEL_PYTHON_TRACER_PROVIDER"
_CANCELLED = "cancelled"

Self = TypeVar("Self", bound="Span")


class Span:
    """A span as a context manager: an exception that leaves the block marks it as failed, a cancellation as well.

    Where no SDK is configured, it does nothing.
    """

    __slots__ = ("_current", "_failed", "_span")

    def __init__(self, name: str, attributes: Mapping[str, Any] | None) -> None:
        self._span: OpenTelemetrySpan | None = None
        self._current: Any = None
        self._failed = False
        if attributes is not None:
            self._span = _start(name, attributes)

    def __enter__(self: Self) -> Self:
        if self._span is not None:
            from opentelemetry import context, trace

            self._current = context.attach(trace.set_span_in_context(self._span))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._span is None:
            return
        from opentelemetry import context

        context.detach(self._current)
        if error is not None and not self._failed:
            self.fail(error)
        self._span.end()

    def fail(self, error: BaseException) -> None:
        """Marks the span as failed; a cancellation is told apart by its `error.type`."""
        import asyncio

        if self._span is not None:
            stopped = isinstance(error, asyncio.CancelledError | GeneratorExit | TurnCancelled)
            self._fail(_CANCELLED if stopped else type(error).__name__, str(error))

    def _fail(self, error_type: str, text: str) -> None:
        if self._span is None:
            return
        from opentelemetry.trace import StatusCode

        self._failed = True
        self._span.set_attribute("error.type", error_type)
        self._span.set_status(StatusCode.ERROR, text if text and captures_content() else error_type)

    def _note(self, attributes: Mapping[str, Any]) -> None:
        if self._span is not None:
            self._span.set_attributes(attributes)


class TurnSpan(Span):
    """One turn; see `turn_span`."""

    __slots__ = ()

    def finish(self, status: str, usage: Usage, error: BaseException | None = None) -> None:
        """Notes how the turn ended.

        Args:
            status: see `TurnFinished`.
            usage: tokens of the whole turn.
            error: what ended it, if anything did.
        """
        if self._span is None:
            return
        self._note({"pericles.turn.status": status, **_usage(usage)})
        if status == _CANCELLED:
            self._fail(_CANCELLED, "")
        elif error is not None:
            self.fail(error)


class ReplySpan(Span):
    """One reply of the policy; see `reply_span`."""

    __slots__ = ()

    def finish(self, reason: str, usage: Usage, text: str = "", calls: Sequence[ToolCall] = ()) -> None:
        """Notes how the reply ended.

        Args:
            reason: see `ReplyFinished`.
            usage: tokens of the reply.
            text: what was said; recorded only where content is.
            calls: what was called; recorded only where content is.
        """
        if self._span is None:
            return
        self._note({"gen_ai.response.finish_reasons": [_FINISH_REASONS.get(reason, reason)], **_usage(usage)})
        if captures_content() and (text or calls):
            said = {**_parts(Message("assistant", text, tuple(calls))), "finish_reason": reason}
            self._note({"gen_ai.output.messages": _json([said])})


class CallSpan(Span):
    """One tool call; see `call_span`."""

    __slots__ = ()

    def finish(self, result: ToolResult) -> None:
        """Notes what came back."""
        if self._span is None:
            return
        if captures_content():
            self._note({"gen_ai.tool.call.result": _json(result.text)})
        if result.is_error:
            self._fail("tool_error", result.text)


def turn_span(agent_name: str, session_id: str) -> TurnSpan:
    """The span of one turn (`invoke_agent`)."""
    if not _recording():
        return TurnSpan("", None)
    name = f"invoke_agent {agent_name}" if agent_name else "invoke_agent"
    attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": session_id}
    if agent_name:
        attributes["gen_ai.agent.name"] = agent_name
    return TurnSpan(name, {**attributes, "gen_ai.provider.name": "pericles"})


def reply_span(policy: Policy, config: GenerationConfig, messages: Sequence[Message] = ()) -> ReplySpan:
    """The span of one reply (`chat`).

    Args:
        policy: what speaks.
        config: how it is sampled.
        messages: what it is sent; recorded only where content is.
    """
    if not _recording():
        return ReplySpan("", None)
    attributes: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "pericles",
        "gen_ai.request.model": policy.name,
        "gen_ai.request.max_tokens": config.max_new_tokens,
        "gen_ai.request.temperature": config.temperature,
        "gen_ai.request.top_p": config.top_p,
        "gen_ai.request.stream": True,
        "gen_ai.response.model": policy.name,
    }
    if config.seed is not None:
        attributes["gen_ai.request.seed"] = config.seed
    if config.stop:
        attributes["gen_ai.request.stop_sequences"] = list(config.stop)
    if messages and captures_content():
        system = [{"type": "text", "content": message.content} for message in messages if message.role == "system"]
        if system:
            attributes["gen_ai.system_instructions"] = _json(system)
        said = [_parts(message) for message in messages if message.role != "system"]
        attributes["gen_ai.input.messages"] = _json(said)
    return ReplySpan(f"chat {policy.name}", attributes)


def call_span(call: ToolCall, description: str = "") -> CallSpan:
    """The span of one tool call (`execute_tool`).

    Args:
        call: what is asked.
        description: of the tool.
    """
    if not _recording():
        return CallSpan("", None)
    attributes: dict[str, Any] = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": call.name,
        "gen_ai.tool.call.id": call.id,
        "gen_ai.tool.type": "function",
    }
    if description:
        attributes["gen_ai.tool.description"] = description
    if captures_content():
        attributes["gen_ai.tool.call.arguments"] = _json(call.arguments)
    return CallSpan(f"execute_tool {call.name}", attributes)


def captures_content() -> bool:
    """Whether the user wants what was said to be recorded."""
    return os.environ.get(CAPTURE_CONTENT, "").strip().lower() in _CAPTURING


# The conventions' word for a reply that ends with calls has no plural.
_FINISH_REASONS = {"tool_calls": "tool_call"}


def _recording() -> bool:
    """Whether somebody has configured an SDK. Nobody can have where the API was never imported."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None and _PROVIDER not in os.environ:
        return False
    from opentelemetry.trace import NoOpTracerProvider, ProxyTracerProvider, get_tracer_provider

    return not isinstance(get_tracer_provider(), ProxyTracerProvider | NoOpTracerProvider)


def _start(name: str, attributes: Mapping[str, Any]) -> OpenTelemetrySpan:
    from opentelemetry.trace import SpanKind, get_tracer

    kind = SpanKind.CLIENT if attributes["gen_ai.operation.name"] == "chat" else SpanKind.INTERNAL
    return get_tracer("pericles").start_span(name, kind=kind, attributes=attributes)


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "gen_ai.usage.input_tokens": usage.prompt_tokens,
        "gen_ai.usage.output_tokens": usage.completion_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
    }


def _parts(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        answer = {"type": "tool_call_response", "id": message.tool_call_id, "response": message.content}
        return {"role": "tool", "parts": [answer]}
    parts: list[dict[str, Any]] = [{"type": "text", "content": message.content}] if message.content else []
    parts += [
        {"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments}
        for call in message.tool_calls
    ]
    return {"role": message.role, "parts": parts}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode("utf-8")
