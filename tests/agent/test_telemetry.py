"""OpenTelemetry spans: those of the conventions where an SDK is configured, nothing at all otherwise."""

import asyncio
import json
import subprocess
import sys
import time

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from pericles.agent import Agent, GenerationConfig, InMemorySession, Message, PolicyError, Usage
from pericles.agent.telemetry import CAPTURE_CONTENT, call_span, reply_span, turn_span
from pericles.agent.testing import FunctionPolicy, ScriptedAgent, call
from pericles.policies import ScriptedPolicy
from pericles.tools import ToolCall, ToolResult, tool

POLICY, CONFIG = ScriptedPolicy(["x"], name="smol"), GenerationConfig(seed=7, stop=("END",))
CALL = ToolCall("c1", "math", {"query": "my secret"})
RESULT = ToolResult("c1", "math", "secret 4")


@pytest.fixture
def spans(monkeypatch):
    """What was recorded so far, by name, as a program with an SDK sees it; a list with `every=True`."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: provider)
    monkeypatch.delenv(CAPTURE_CONTENT, raising=False)

    def recorded(*, every=False):
        found = exporter.get_finished_spans()
        return list(found) if every else {span.name: span for span in found}

    yield recorded
    provider.shutdown()


def test_a_turn_is_a_trace(spans, math_tool):
    session = InMemorySession()
    agent = Agent(ScriptedPolicy([call("math", query="1"), "One."]), tools=[math_tool], name="helper")
    agent.run_sync("hello", session=session)
    found = spans()
    assert set(found) == {"invoke_agent helper", "chat script", "execute_tool math"}
    turn = found["invoke_agent helper"]
    assert turn.parent is None
    assert turn.attributes["gen_ai.operation.name"] == "invoke_agent"
    assert turn.attributes["gen_ai.agent.name"] == "helper"
    assert turn.attributes["gen_ai.conversation.id"] == session.id
    assert turn.attributes["gen_ai.usage.output_tokens"] > 0
    assert turn.status.status_code is StatusCode.UNSET
    for name in ("chat script", "execute_tool math"):
        assert found[name].parent.span_id == turn.context.span_id
    assert found["execute_tool math"].attributes["gen_ai.tool.call.id"].startswith("call_")


def test_a_reply_tells_how_it_was_made(spans):
    with reply_span(POLICY, CONFIG, [Message("user", "hello")]) as span:
        span.finish("tool_calls", Usage(10, 4, 3))
    found = spans()["chat smol"]
    assert found.kind is SpanKind.CLIENT
    assert dict(found.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "pericles",
        "gen_ai.request.model": "smol",
        "gen_ai.request.max_tokens": 512,
        "gen_ai.request.temperature": 0.0,
        "gen_ai.request.top_p": 1.0,
        "gen_ai.request.seed": 7,
        "gen_ai.request.stop_sequences": ("END",),
        "gen_ai.request.stream": True,
        "gen_ai.response.model": "smol",
        "gen_ai.response.finish_reasons": ("tool_call",),
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cache_read.input_tokens": 4,
    }


def test_names_are_those_of_the_conventions(spans):
    from opentelemetry.semconv._incubating.attributes import error_attributes, gen_ai_attributes

    values = (*vars(gen_ai_attributes).values(), *vars(error_attributes).values())
    known = {value for value in values if isinstance(value, str)}
    with turn_span("a", "s") as turn, reply_span(POLICY, CONFIG) as reply, call_span(CALL, "Calculates.") as called:
        called.finish(RESULT)
        reply.finish("stop", Usage())
        turn.finish("error", Usage(), PolicyError("x"))
    names = {name for span in spans().values() for name in span.attributes}
    assert names - known == {"pericles.turn.status"}


def test_what_was_said_is_recorded_only_on_demand(spans, monkeypatch):
    def record():
        with turn_span("a", "s") as turn:
            messages = [Message("system", "secret rule"), Message("user", "secret wish")]
            with reply_span(POLICY, CONFIG, messages) as reply:
                reply.finish("tool_calls", Usage(), "secret answer", [CALL])
            with call_span(CALL) as called:
                called.finish(ToolResult("c1", "math", "secret failure", is_error=True))
            turn.finish("error", Usage(), PolicyError("secret error"))
        return spans()

    for setting in (None, "false", "NO_CONTENT", "event_only"):
        if setting is not None:
            monkeypatch.setenv(CAPTURE_CONTENT, setting)
        for span in record().values():
            assert "secret" not in span.to_json()
    for setting in ("true", "SPAN_ONLY", "span_and_event"):
        monkeypatch.setenv(CAPTURE_CONTENT, setting)
        found = record()
        chat, made = found["chat smol"].attributes, found["execute_tool math"].attributes
        assert json.loads(chat["gen_ai.system_instructions"]) == [{"type": "text", "content": "secret rule"}]
        assert json.loads(chat["gen_ai.input.messages"])[0]["parts"][0]["content"] == "secret wish"
        (said,) = json.loads(chat["gen_ai.output.messages"])
        assert [part["type"] for part in said["parts"]] == ["text", "tool_call"]
        assert json.loads(made["gen_ai.tool.call.arguments"]) == CALL.arguments
        assert json.loads(made["gen_ai.tool.call.result"]) == "secret failure"
        assert found["invoke_agent a"].status.description == "secret error"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PolicyError("down"), "PolicyError"),
        (asyncio.CancelledError(), "cancelled"),
        (ValueError("x"), "ValueError"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_what_leaves_the_block_marks_the_span(spans, error, kind):
    with pytest.raises(type(error)), reply_span(POLICY, CONFIG):
        raise error
    found = spans()["chat smol"]
    assert (found.status.status_code, found.attributes["error.type"]) == (StatusCode.ERROR, kind)


def test_a_tool_that_fails_marks_its_call_alone(spans):
    @tool
    def broken() -> str:
        """Fails."""
        raise RuntimeError("a bug")

    Agent(ScriptedPolicy([call("broken"), "Sorry."]), tools=[broken]).run_sync("hello")
    found = spans()
    assert found["execute_tool broken"].attributes["error.type"] == "tool_error"
    assert found["invoke_agent pericles"].status.status_code is StatusCode.UNSET


def test_a_turn_that_fails_is_marked(spans):
    with pytest.raises(PolicyError):
        ScriptedAgent([PolicyError("down")]).run_sync("hello")
    found = spans()
    for name in ("invoke_agent pericles", "chat script"):
        assert found[name].status.status_code is StatusCode.ERROR
        assert found[name].attributes["error.type"] == "PolicyError"


def test_a_cancelled_turn_is_marked(spans):
    async def main():
        async def slow(messages, tools):
            await asyncio.sleep(60)

        async with Agent(FunctionPolicy(slow)).stream("hello") as turn:
            await asyncio.sleep(0.02)
            turn.cancel()
            async for _ in turn:
                pass

    asyncio.run(main())
    for name in ("invoke_agent pericles", "chat function"):
        assert spans()[name].attributes["error.type"] == "cancelled"


def test_turns_at_once_have_traces_of_their_own(spans, math_tool):
    agent = Agent(ScriptedPolicy([call("math", query="1") * 2, "One."], seconds_per_piece=0.001), tools=[math_tool])

    async def main():
        await asyncio.gather(*(agent.run("hello", session=InMemorySession(f"s{number}")) for number in range(5)))

    asyncio.run(main())
    found = spans(every=True)
    turns = {span.context.trace_id: span for span in found if span.parent is None}
    assert len(turns) == 5
    for span in found:
        if span.parent is not None:
            assert span.parent.span_id == turns[span.context.trace_id].context.span_id


def test_without_an_sdk_nothing_is_imported():
    script = (
        "import sys; from pericles.agent import Agent; from pericles.policies import ScriptedPolicy;"
        "Agent(ScriptedPolicy(['x'])).run_sync('hello');"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_without_an_sdk_the_spans_of_a_turn_cost_next_to_nothing():
    def turn():
        with turn_span("a", "s") as spoken:
            for _ in range(2):
                with reply_span(POLICY, CONFIG) as span:
                    span.finish("stop", Usage())
            with call_span(CALL) as span:
                span.finish(RESULT)
            spoken.finish("completed", Usage())

    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        for _ in range(100):
            turn()
        seconds.append((time.perf_counter() - start) / 100)
    assert min(seconds) < 30e-6
