"""A call from its start to its end: the context, progress, approval, limits, and functions that will not stop."""

import asyncio
import contextvars
import logging
import threading
import time

import pytest
from pericles.tools import ConfigError, InvalidArguments, Tool, ToolCall, ToolContext, ToolError, ToolRegistry, tool


def run(made, context=None, **arguments):
    made = made if isinstance(made, Tool) else tool(made)
    return asyncio.run(made.run(ToolCall("c1", made.name, arguments), context))


def told_to(messages):
    return ToolContext("s1", {"user": "ann"}, "c1", lambda message, fraction: messages.append((message, fraction)))


def sync_context(ctx: ToolContext[dict], x: int) -> str:
    """Does."""
    ctx.emit("half way", 0.5)
    return f"{ctx.session_id} {ctx.deps['user']} {ctx.call_id} {x}"


async def async_context(ctx: ToolContext[dict], x: int) -> str:
    """Does."""
    ctx.emit("half way", 0.5)
    return f"{ctx.session_id} {ctx.deps['user']} {ctx.call_id} {x}"


@pytest.mark.parametrize("function", [sync_context, async_context])
def test_the_context_is_the_first_parameter_and_stays_hidden(function):
    messages = []
    assert list(tool(function).parameters["properties"]) == ["x"]
    assert run(function, told_to(messages), x=3).text == "s1 ann c1 3"
    assert messages == [("half way", 0.5)]


def test_a_model_cannot_fill_in_the_context():
    result = run(async_context, told_to([]), x=1, ctx={"deps": {"user": "root"}})
    assert result.is_error
    assert "ctx" in result.text


def test_without_a_context_there_is_an_empty_one():
    def f(ctx: ToolContext) -> str:
        """Does."""
        ctx.emit("nobody listens")
        return f"{ctx.session_id!r} {ctx.deps} {ctx.call_id}"

    assert run(f).text == "'' None c1"


def test_progress_arrives_in_the_loops_thread_and_in_order():
    threads, messages = [], []

    def f(ctx: ToolContext) -> str:
        """Does."""
        for number in range(100):
            ctx.emit(str(number))
        return "done"

    def listen(message, fraction):
        threads.append(threading.get_ident())
        messages.append(message)

    run(f, ToolContext("s", None, "c", listen))
    assert messages == [str(number) for number in range(100)]
    assert set(threads) == {threading.get_ident()}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_progress_after_the_end_is_ignored():
    messages = []
    kept = []

    async def f(ctx: ToolContext) -> str:
        """Does."""
        kept.append(ctx)
        return "done"

    async def main():
        await tool(f).run(ToolCall("c", "f"), told_to(messages))
        kept[0].emit("too late")
        await asyncio.to_thread(kept[0].emit, "too late, from a thread")
        await asyncio.sleep(0.01)

    asyncio.run(main())
    kept[0].emit("after the loop")
    thread = threading.Thread(target=kept[0].emit, args=("after the loop, from a thread",))
    thread.start()
    thread.join()
    assert messages == []


def test_a_listener_that_fails_does_not_harm_the_call(caplog):
    def f(ctx: ToolContext) -> str:
        """Does."""
        ctx.emit("hello")
        return "done"

    def listen(message, fraction):
        raise RuntimeError("broken")

    assert run(f, ToolContext("s", None, "c", listen)).text == "done"


def test_context_variables_reach_the_function():
    variable = contextvars.ContextVar("variable", default="unset")

    def f() -> str:
        """Does."""
        return variable.get()

    async def g() -> str:
        """Does."""
        return variable.get()

    variable.set("set")
    assert (run(f).text, run(g).text) == ("set", "set")


# Functions that will not stop.


def stubborn(seconds):
    async def f() -> str:
        """Ignores every cancellation."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                await asyncio.sleep(end - time.monotonic())
            except asyncio.CancelledError:
                continue
        return "at last"

    return f


def test_a_function_that_swallows_its_cancellation_cannot_outlast_its_timeout(caplog):
    async def main():
        start = time.monotonic()
        result = await tool(timeout=0.1)(stubborn(1.5)).run(ToolCall("c", "f"))
        return result, time.monotonic() - start

    loop = asyncio.new_event_loop()
    result, seconds = loop.run_until_complete(main())
    assert result.text == "f did not finish within 0.1 s."
    assert seconds < 1.2
    assert "goes on although it was cancelled" in caplog.text
    loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop)))
    loop.close()


def test_a_function_that_swallows_its_cancellation_cannot_hold_a_cancelled_turn(caplog):
    async def main():
        task = asyncio.create_task(tool(stubborn(1.5)).run(ToolCall("c", "f")))
        await asyncio.sleep(0.05)
        start = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - start

    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(main()) < 1
    loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop)))
    loop.close()


def test_a_function_that_answers_its_cancellation_is_still_late():
    @tool(timeout=0.05)
    async def f() -> str:
        """Does."""
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            return "just in time"

    assert run(f).text == "f did not finish within 0.05 s."


def test_a_function_that_fails_while_it_is_cancelled_is_still_late():
    @tool(timeout=0.05)
    async def f() -> str:
        """Does."""
        try:
            await asyncio.sleep(10)
        finally:
            raise RuntimeError("tidying up failed")

    assert run(f).text == "f did not finish within 0.05 s."


def test_a_tool_that_cancels_itself_is_an_error_and_not_a_cancelled_turn(caplog):
    async def f() -> str:
        """Does."""
        asyncio.current_task().cancel()
        await asyncio.sleep(1)

    result = run(f)
    assert result.is_error
    assert "CancelledError" in result.text


@pytest.mark.parametrize(
    "raised", [SystemExit(1), GeneratorExit(), BaseException("odd"), BaseExceptionGroup("g", [SystemExit()])]
)
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_no_base_exception_gets_out(raised, is_async, caplog):
    def f() -> str:
        """Does."""
        raise raised

    async def g() -> str:
        """Does."""
        raise raised

    assert run(g if is_async else f).is_error


def test_an_exception_whose_text_cannot_be_made_is_an_error_as_well(caplog):
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    def f() -> str:
        """Does."""
        raise Odd

    with caplog.at_level(logging.CRITICAL):
        assert run(f).is_error


def test_an_error_with_no_text_names_its_kind():
    def f() -> str:
        """Does."""
        raise ToolError

    assert run(f).text == "ToolError"


def test_recursion_without_end_is_an_error(caplog):
    def f() -> str:
        """Does."""
        return f()

    assert "RecursionError" in run(f).text


@pytest.mark.parametrize(
    "arguments", [{"x": [[[]]]}, {"x": None}, {"": 1}, {"x": 1, "x ": 1}, {"x": 10**400}, {"x": "\ud800"}]
)
def test_strange_arguments_are_answered(arguments):
    def f(x: int) -> int:
        """Does."""
        return 1

    assert run(f, **arguments).text


def test_very_deep_arguments_are_answered(caplog):
    def f(x: list) -> int:
        """Does."""
        return 1

    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert run(f, x=deep).is_error


def test_many_wrong_arguments_are_told_briefly():
    def f(x: list[int]) -> int:
        """Does."""
        return 1

    result = run(f, x=["a"] * 10_000)
    assert "and 9980 more" in result.text
    assert len(result.text) < 4100


# Approval.


def test_approval_may_always_be_needed():
    made = tool(requires_approval=True)(sync_context)
    assert made.needs_approval({"x": 1})
    assert not tool(sync_context).needs_approval({"x": 1})


def test_a_call_that_cannot_work_needs_no_approval():
    assert not tool(requires_approval=True)(sync_context).needs_approval({"x": "one"})


def test_a_predicate_gets_the_checked_arguments():
    def pay(amount: int, currency: str = "EUR") -> str:
        """Pays."""

    seen = []

    def expensive(arguments):
        seen.append(arguments)
        return arguments["amount"] > 100

    made = tool(requires_approval=expensive)(pay)
    assert not made.needs_approval({"amount": "50"})
    assert made.needs_approval({"amount": 500})
    assert seen[0] == {"amount": 50, "currency": "EUR"}


@pytest.mark.parametrize("returned", [None, 1, "no", [], RuntimeError("broken"), ToolError("broken")], ids=str)
def test_a_predicate_that_fails_asks(returned, caplog):
    def predicate(arguments):
        if isinstance(returned, Exception):
            raise returned
        return returned

    assert tool(requires_approval=predicate)(sync_context).needs_approval({"x": 1})
    assert "a person is asked" in caplog.text


def test_a_registry_knows_who_needs_approval_and_who_runs_alone():
    made = tool(requires_approval=True, sequential=True)(sync_context)
    registry = ToolRegistry([made])
    assert registry.needs_approval(ToolCall("c", "sync_context", {"x": 1}))
    assert not registry.needs_approval(ToolCall("c", "sync_context", {"x": 1}, "unreadable"))
    assert not registry.needs_approval(ToolCall("c", "unknown"))
    assert registry.is_sequential("sync_context")
    assert not registry.is_sequential("unknown")


# Tools made of a schema.

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"enum": ["x", "y"]}},
    "required": ["a"],
    "additionalProperties": False,
}


async def echo(arguments, context):
    return {"got": arguments, "session": context.session_id}


def test_a_tool_of_a_schema_takes_a_dict_and_the_context():
    made = Tool.from_schema("echo", "Echoes.", SCHEMA, echo)
    assert run(made, ToolContext("s9"), a=1).data == {"value": {"got": {"a": 1}, "session": "s9"}}
    assert made.schema()["function"]["parameters"] == SCHEMA


def test_every_violation_of_a_schema_is_told_at_once():
    made = Tool.from_schema("echo", "Echoes.", SCHEMA, echo)
    result = run(made, a="one", b="z", c=3)
    assert result.is_error
    assert all(
        part in result.text for part in ("a: 'one' is not", "b: 'z' is not", "'c' was unexpected", "Expected: a, b.")
    )
    with pytest.raises(InvalidArguments):
        made.validate({})


def test_a_function_of_a_schema_cannot_change_the_call():
    async def change(arguments, context):
        arguments["list"].append(1)

    call = ToolCall("c", "change", {"list": []})
    asyncio.run(Tool.from_schema("change", "Changes.", {}, change).run(call))
    assert call.arguments == {"list": []}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "array"}, "must be an object schema"),
        ({"type": "object", "properties": 5}, "no JSON schema"),
        ({"properties": {"a": {"type": "integr"}}}, "no JSON schema"),
        ({"properties": {"a": {"$ref": "https://example.org/schema.json"}}}, "points outside itself"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "points outside itself"),
    ],
)
def test_a_schema_that_is_none_is_refused(schema, message):
    with pytest.raises(ConfigError, match=message):
        Tool.from_schema("echo", "Echoes.", schema, echo)


def test_a_schema_may_point_inside_itself():
    schema = {"$defs": {"n": {"type": "integer"}}, "properties": {"a": {"$ref": "#/$defs/n"}}}
    made = Tool.from_schema("echo", "Echoes.", schema, echo)
    assert run(made, a="x").is_error
    assert not run(made, a=1).is_error


def test_a_reference_that_leads_nowhere_is_an_error_result(caplog):
    made = Tool.from_schema("echo", "Echoes.", {"properties": {"a": {"$ref": "#/$defs/gone"}}}, echo)
    assert run(made, a=1).is_error


def test_a_tool_of_a_schema_can_need_approval():
    made = Tool.from_schema("echo", "Echoes.", SCHEMA, echo, requires_approval=True, sequential=True, timeout=3)
    assert made.needs_approval({"a": 1})
    assert not made.needs_approval({"a": "x"})
    assert (made.sequential, made.timeout) == (True, 3)


def test_a_call_costs_far_less_than_a_third_of_a_millisecond():
    @tool
    async def add(a: int, b: int = 2) -> int:
        """Adds."""
        return a + b

    async def main():
        times = []
        for _ in range(300):
            start = time.perf_counter()
            await add.run(ToolCall("c", "add", {"a": 1}), ToolContext("s"))
            times.append(time.perf_counter() - start)
        return sorted(times)[len(times) // 2]

    assert asyncio.run(main()) < 0.0003
