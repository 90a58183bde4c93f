"""What Prometheus is told. Labels hold names that the server knows, never what a client sent."""

from __future__ import annotations

from collections.abc import Collection

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from ...policies.engines import Usage
from ...tools import ToolResult
from .limits import Line

CONTENT_TYPE = CONTENT_TYPE_LATEST
OTHER = "other"
NO_KEY = "none"

_FIRST_TOKEN = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_EACH_TOKEN = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
_TURN = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


class Metrics:
    """The server's counters, in a registry of their own.

    Args:
        line: whose length is told.
        tools: names that calls are counted under; all others are one.
    """

    def __init__(self, line: Line, tools: Collection[str]) -> None:
        self._registry = registry = CollectorRegistry()
        self._tools = frozenset(tools)
        self._requests = Counter(
            "pericles_requests", "Requests answered.", ("route", "status", "key"), registry=registry
        )
        self._refused = Counter("pericles_refused", "Requests refused.", ("reason",), registry=registry)
        self._tokens = Counter(
            "pericles_tokens", "Tokens: read (cached ones included), cached, written.", ("kind",), registry=registry
        )
        self._calls = Counter(
            "pericles_tool_calls", "Calls of the server's tools.", ("tool", "outcome"), registry=registry
        )
        self._first = Histogram(
            "pericles_first_token_seconds",
            "From the request to the first text.",
            registry=registry,
            buckets=_FIRST_TOKEN,
        )
        self._each = Histogram(
            "pericles_token_seconds", "From token to token, by turn.", registry=registry, buckets=_EACH_TOKEN
        )
        self._turn = Histogram(
            "pericles_turn_seconds", "A turn, without the waiting.", ("outcome",), registry=registry, buckets=_TURN
        )
        Gauge("pericles_running", "Turns that run.", registry=registry).set_function(lambda: line.running)
        Gauge("pericles_queued", "Requests that wait.", registry=registry).set_function(lambda: line.queued)

    def answered(self, route: str, status: int, key: str | None) -> None:
        self._requests.labels(route, str(status), key or NO_KEY).inc()

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()

    def tool_ran(self, result: ToolResult) -> None:
        tool = result.name if result.name in self._tools else OTHER
        self._calls.labels(tool, "error" if result.is_error else "ok").inc()

    def first_token(self, seconds: float) -> None:
        self._first.observe(seconds)

    def turn_ended(self, outcome: str, seconds: float) -> None:
        self._turn.labels(outcome).observe(seconds)

    def written(self, usage: Usage, seconds: float | None) -> None:
        """Counts tokens.

        Args:
            usage: of a turn.
            seconds: from its first token to its last; `None` where it said nothing.
        """
        self._tokens.labels("read").inc(usage.prompt_tokens)
        self._tokens.labels("cached").inc(usage.cached_tokens)
        self._tokens.labels("written").inc(usage.completion_tokens)
        if seconds is not None and usage.completion_tokens > 1:
            self._each.observe(seconds / (usage.completion_tokens - 1))

    def page(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._registry)
