"""The program that runs one call of a tool with `isolate=True`; started by `isolation`, never by hand.

One line of JSON comes in on a socket, lines of JSON go out: progress, then one answer. When the other end closes, the
program that asked is gone, and this process and all that it started end at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn

from . import isolation
from .context import ToolContext
from .errors import ToolError
from .isolation import Address
from .outputs import as_output
from .plugins import module_from_file
from .running import one_line, text_of
from .tool import Tool, tool

Send = Callable[[dict[str, Any]], None]


def main(descriptor: int) -> None:
    """Answers the one request that comes in on this socket.

    Args:
        descriptor: number of the inherited file.
    """
    os.set_inheritable(descriptor, False)
    channel = socket.socket(fileno=descriptor)
    lines = channel.makefile("rb")
    line = lines.readline()
    if not line:
        return
    request = json.loads(line)
    threading.Thread(target=_end_with_the_program, args=(lines,), daemon=True).start()
    _bound_processor_time(request["cpu_seconds"])
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        with lock:
            channel.sendall(json.dumps(message).encode() + b"\n")

    answer = _answer(request, send)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    send(answer)


def _answer(request: dict[str, Any], send: Send) -> dict[str, Any]:
    address = Address(**request["address"])
    try:
        made = _find(address, send)
    except BaseException as error:  # noqa: BLE001 - told to the program that asked
        failed = f"{address.file or address.module} cannot be loaded in a process of its own: {one_line(error)}"
        return {"failed": failed, "traceback": traceback.format_exc()}
    context: ToolContext[Any] = ToolContext(
        request["session_id"],
        None,
        request["call_id"],
        lambda message, fraction: send({"progress": [message, fraction]}),
    )
    try:
        value = made.invoke(made.validate(request["arguments"]), context)
        output = as_output(asyncio.run(_awaited(value)) if inspect.isawaitable(value) else value)
    except ToolError as error:
        return {"told": text_of(error) or type(error).__name__}
    except BaseException as error:  # noqa: BLE001 - told to the program that asked
        return {"failed": one_line(error), "traceback": traceback.format_exc()}
    return {
        "output": {
            "text": output.text,
            "data": output.data,
            "sources": [source.to_dict() for source in output.sources],
            "images": [image.to_dict() for image in output.images],
        }
    }


async def _awaited(value: Any) -> Any:
    return await value


def _find(address: Address, send: Send) -> Tool:
    def refuse() -> NoReturn:
        what = (
            f"{address.file or address.module} starts work when it is loaded: put what it runs under "
            '`if __name__ == "__main__":`'
        )
        send({"failed": what})
        os._exit(1)

    isolation.on_work_while_loading = refuse
    try:
        if address.file is None:
            found: Any = importlib.import_module(address.module)
        else:
            found = module_from_file(address.file, address.module)
    finally:
        isolation.on_work_while_loading = None
    for part in address.qualname.split("."):
        found = getattr(found, part)
    if isinstance(found, Tool):
        return found
    return tool(name="isolated", description="Runs in a process of its own.")(found)


def _end_with_the_program(lines: BinaryIO) -> None:
    with contextlib.suppress(OSError):
        lines.read()
    os.killpg(0, signal.SIGKILL)


def _bound_processor_time(seconds: int) -> None:
    """Ends even a process that is stuck in foreign code, where no thread of Python's gets to run."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or hard > seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
