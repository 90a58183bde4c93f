"""The web's own event loop."""

import asyncio
import threading

import pytest
from pericles.tools.web.io_loop import loop_resource, on_io_loop, run_on_io_loop


async def thread_name():
    return threading.current_thread().name


async def fail():
    raise LookupError("no")


def test_from_any_loop_and_from_none():
    assert asyncio.run(on_io_loop(thread_name())) == "web-io"
    assert run_on_io_loop(thread_name()) == "web-io"


def test_from_itself():
    async def nested():
        return await on_io_loop(thread_name())

    assert run_on_io_loop(nested()) == "web-io"


def test_waiting_on_itself_is_an_error():
    async def blocked():
        run_on_io_loop(thread_name())

    with pytest.raises(RuntimeError, match="await the coroutine there"):
        run_on_io_loop(blocked())


def test_errors_pass_through():
    with pytest.raises(LookupError, match="no"):
        asyncio.run(on_io_loop(fail()))
    with pytest.raises(LookupError, match="no"):
        run_on_io_loop(fail())


def test_cancelling_passes_through():
    ended = threading.Event()

    async def wait():
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    async def limited():
        async with asyncio.timeout(0.05):
            await on_io_loop(wait())

    with pytest.raises(TimeoutError):
        asyncio.run(limited())
    assert ended.wait(5)


def test_resources_live_on():
    async def resource():
        return loop_resource("test", object)

    assert run_on_io_loop(resource()) is asyncio.run(on_io_loop(resource()))
    with pytest.raises(RuntimeError, match="use on_io_loop"):
        loop_resource("test", object)
