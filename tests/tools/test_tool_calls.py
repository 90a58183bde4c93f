"""Calls of a tool: whatever the model wrote and whatever the function does, a result comes back."""

import asyncio
import dataclasses
import datetime
import json
import logging
import threading
import time
from typing import Annotated, Literal

import pytest
from pericles.tools import InvalidArguments, Source, Tool, ToolCall, ToolError, ToolOutput, ToolRegistry, tool
from pydantic import BaseModel, Field


class Place(BaseModel):
    city: str
    floor: int = 0


@dataclasses.dataclass
class Range:
    low: float
    high: float


def run(made, arguments=None, **options):
    """The result of one call of a tool or of a function."""
    made = made if isinstance(made, Tool) else tool(**options)(made)
    return asyncio.run(made.run(ToolCall("c1", made.name, arguments or {})))


def test_every_violation_is_named_at_once():
    def f(a: int, b: Annotated[int, Field(ge=0)], c: Literal["x"]) -> str:
        """Does."""

    result = run(f, {"a": "one", "b": -1, "d": 0})
    assert result.is_error
    assert all(part in result.text for part in ("a: ", "b: ", "c: ", "d: ", "Expected: a, b, c."))
    with pytest.raises(InvalidArguments):
        tool(f).validate({})


def test_a_number_written_as_text_is_taken():
    def half(x: float) -> float:
        """Halves."""
        return x / 2

    assert run(half, {"x": "5"}).text == "2.5"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (42, "42"),
        (2.5, "2.5"),
        (True, "true"),
        (None, "done"),
        ([1, "é"], '[1,"é"]'),
        ({"a": (1, 2)}, '{"a":[1,2]}'),
        (float("nan"), '"NaN"'),
        (datetime.date(1815, 12, 10), '"1815-12-10"'),
        (Place(city="Rome"), '{"city":"Rome","floor":0}'),
        (Range(1, 2), '{"low":1,"high":2}'),
        ({3}, "[3]"),
    ],
    ids=str,
)
def test_a_returned_value_becomes_text(value, text):
    def f() -> str:
        """Does."""
        return value

    result = run(f)
    assert (result.text, result.is_error) == (text, False)
    json.dumps(result.to_dict(), allow_nan=False)


def test_detail_and_sources_pass_through():
    source = Source("A book", "book.txt#1", "It says so.")

    def f() -> ToolOutput:
        """Does."""
        return ToolOutput("short", {"long": (1, 2)}, (source,))

    result = run(f)
    assert (result.text, result.data, result.sources) == ("short", {"long": [1, 2]}, (source,))


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {"a": object()},
        threading.Lock(),
        ToolOutput("x", {"a": object()}),
        ToolOutput(5),
        ToolOutput("x", {}, ("y",)),
    ],
    ids=["object", "nested", "lock", "output data", "output text", "output sources"],
)
def test_what_is_not_json_is_an_error_result(value, caplog):
    def f() -> str:
        """Does."""
        return value

    result = run(f)
    assert result.is_error
    assert result.text.startswith("f failed: TypeError: ")


def test_a_value_that_contains_itself_is_an_error_result():
    def f() -> list:
        """Does."""
        value = []
        value.append(value)
        return value

    assert run(f).is_error


def test_a_tool_error_is_told_as_it_is(caplog):
    def f() -> str:
        """Does."""
        raise ToolError("write degrees, not radians")

    with caplog.at_level(logging.ERROR):
        result = run(f)
    assert (result.text, result.is_error) == ("write degrees, not radians", True)
    assert not caplog.records


async def fails_later() -> str:
    """Does."""
    await asyncio.sleep(0)
    raise RuntimeError("two\nlines")


def fails() -> str:
    """Does."""
    raise RuntimeError("two\nlines")


@pytest.mark.parametrize("function", [fails, fails_later])
def test_any_other_exception_is_one_line_for_the_model_and_a_traceback_in_the_log(function, caplog):
    with caplog.at_level(logging.ERROR):
        result = run(function)
    assert (result.text, result.is_error) == (f"{function.__name__} failed: RuntimeError: two lines", True)
    assert caplog.records[0].exc_info


@pytest.mark.parametrize(
    "raised", [StopIteration(), SystemExit(3), KeyError("x"), asyncio.CancelledError(), TimeoutError("slow")]
)
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_no_exception_of_a_tool_gets_out(raised, is_async, caplog):
    def f() -> str:
        """Does."""
        raise raised

    async def g() -> str:
        """Does."""
        raise raised

    result = run(g if is_async else f, timeout=5)
    assert result.is_error
    assert "did not finish" not in result.text
    assert result.seconds < 3


def test_a_slow_async_tool_is_given_up():
    async def slow() -> str:
        """Does."""
        await asyncio.sleep(30)

    result = run(slow, timeout=0.05)
    assert (result.text, result.is_error) == ("slow did not finish within 0.05 s.", True)


def test_a_slow_sync_tool_holds_up_neither_the_caller_nor_the_program():
    def slow() -> str:
        """Does."""
        time.sleep(3)

    start = time.monotonic()
    assert run(slow, timeout=0.05).is_error  # `asyncio.run` waits for the threads of its pool
    assert time.monotonic() - start < 1


def test_slow_sync_tools_do_not_starve_others():
    @tool(timeout=0.1)
    def slow() -> str:
        """Does."""
        time.sleep(2)

    @tool(timeout=1)
    def quick() -> str:
        """Does."""
        return "here"

    async def main():
        await asyncio.gather(*(slow.run(ToolCall(str(i), "slow")) for i in range(40)))
        return await quick.run(ToolCall("q", "quick"))

    assert asyncio.run(main()).text == "here"


def test_sync_tools_run_side_by_side():
    barrier = threading.Barrier(2, timeout=5)

    @tool
    def meet() -> str:
        """Waits for the other."""
        barrier.wait()
        return "met"

    async def main():
        return await asyncio.gather(*(meet.run(ToolCall(str(i), "meet")) for i in range(2)))

    assert [result.text for result in asyncio.run(main())] == ["met", "met"]


def test_cancelling_a_call_cancels_it():
    stopped = []

    @tool
    async def slow() -> str:
        """Does."""
        try:
            await asyncio.sleep(30)
        finally:
            stopped.append(True)

    async def main():
        task = asyncio.create_task(slow.run(ToolCall("c", "slow")))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert stopped


def test_a_long_result_is_cut_and_says_so():
    def f() -> str:
        """Does."""
        return "x" * 1000

    assert run(f, max_output_chars=10).text == "xxxxxxxxxx … [cut: 1000 characters, 10 shown]"


def test_a_long_error_is_cut_as_well():
    def f() -> str:
        """Does."""
        raise ToolError("x" * 100_000)

    assert len(run(f).text) < 5000


def test_the_time_of_a_call_is_reported():
    async def f() -> str:
        """Does."""
        await asyncio.sleep(0.05)

    assert 0.04 < run(f).seconds < 5


def test_the_registry_takes_a_plain_function():
    def f(x: int) -> int:
        """Does."""
        return x

    assert [item.name for item in ToolRegistry([f])] == ["f"]
