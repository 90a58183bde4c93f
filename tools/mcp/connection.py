"""A connection to one MCP server that any event loop, and no event loop at all, can call through.

It lives in a thread of its own with its own event loop: the SDK's cancel scopes stay in the one task that opened them,
a turn that awaits a call blocks nobody, and programs that run several event loops share the one connection. A server
that has gone is started again once for the next call; the call that it died in is not repeated, because nobody knows
what it had done already.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import importlib.metadata
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ConfigError, ToolError
from .text import one_line
from .transports import Target

if TYPE_CHECKING:
    import mcp
    import mcp_types
    from mcp.shared.dispatcher import ProgressFnT

T = TypeVar("T")

MAX_PAGES = 100
MAX_TOOLS = 1000
MAX_JUNK = 50
# The SDK gives a child 2 s to end, 2 s after SIGTERM and 2 s after SIGKILL.
SECONDS_TO_END = 8.0
SESSION_TERMINATED = "Session terminated"


@dataclass
class _Open:
    """One time that the server was reached."""

    task: asyncio.Task[None]
    leave: asyncio.Event
    client: mcp.Client
    tools: list[mcp_types.Tool]


class Connection:
    """A lasting connection to a server.

    Args:
        target: how the server is reached.
        timeout: seconds within which it must be connected and have listed its tools.
    """

    def __init__(self, target: Target, timeout: float) -> None:
        self.label = target.label
        self._target = target
        self._timeout = timeout
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"mcp-{target.label}", daemon=True)
        self._guard = threading.Lock()
        self._closed = False
        # From here on touched in the background loop only.
        self._now: _Open | None = None
        self._lost = False
        self._closing = False
        self._junk = 0
        self._turn = asyncio.Lock()
        self._calls: set[asyncio.Task[Any]] = set()

    def open(self) -> concurrent.futures.Future[list[mcp_types.Tool]]:
        """Starts the thread and connects; the future gives the server's tools or a `ConfigError`."""
        self._thread.start()
        atexit.register(self.close)
        return self._submit(self._opened())

    async def call(
        self, name: str, arguments: dict[str, Any], progress: ProgressFnT | None
    ) -> mcp_types.CallToolResult:
        """Calls a tool from any event loop. Cancelling the caller cancels the request at the server.

        Raises:
            ToolError: the server refused, answered nonsense, has gone, or was closed.
        """
        with self._guard:
            if self._closed:
                raise ToolError(self._was_closed())
            future = self._submit(self._call(name, arguments, progress))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Ends the server and the thread; a second call does nothing."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
        atexit.unregister(self.close)
        try:
            self._submit(self._shut()).result(timeout=2 * SECONDS_TO_END)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=SECONDS_TO_END)

    def _submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            asyncio.set_event_loop(None)
            self._loop.close()

    async def _opened(self) -> list[mcp_types.Tool]:
        async with self._turn:
            return (await self._connect()).tools

    async def _connect(self) -> _Open:
        self._lost, self._junk = False, 0
        leave = asyncio.Event()
        ready: asyncio.Future[tuple[mcp.Client, list[mcp_types.Tool]]] = self._loop.create_future()
        task = self._loop.create_task(self._hold(ready, leave))
        spoiled = self._loop.create_task(leave.wait())
        try:
            await asyncio.wait((task, ready, spoiled), timeout=self._timeout, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                self._now = _Open(task, leave, *ready.result())
                return self._now
            if task.done():
                raise ConfigError(self._refusal(_first_leaf(task.exception())))
            if spoiled.done():
                raise ConfigError(f"cannot use the MCP server {self.label}{self._junk_hint()}.")
            raise ConfigError(
                f"the MCP server {self.label} did not answer within {self._timeout:g} s{self._junk_hint()}."
            )
        finally:
            spoiled.cancel()
            if not ready.done():
                await _ended(task)

    async def _hold(self, ready: asyncio.Future[Any], leave: asyncio.Event) -> None:
        """Opens and closes the connection in one task, as the SDK's cancel scopes want it."""
        import mcp

        identity = mcp.types.Implementation(name="pericles", version=importlib.metadata.version("pericles"))
        transport = self._target.streams(self._on_end)
        async with mcp.Client(
            transport, client_info=identity, message_handler=self._on_message(leave), cache=None
        ) as client:
            tools = await _all_tools(client)
            ready.set_result((client, tools))
            await leave.wait()

    def _on_end(self) -> None:
        self._lost = True

    def _on_message(self, leave: asyncio.Event) -> Any:
        async def receive(message: Any) -> None:
            if isinstance(message, Exception):
                self._junk += 1
                if self._junk > MAX_JUNK:
                    self._lost = True
                    leave.set()

        return receive

    async def _call(
        self, name: str, arguments: dict[str, Any], progress: ProgressFnT | None
    ) -> mcp_types.CallToolResult:
        import mcp
        from pydantic import ValidationError

        task = asyncio.current_task()
        assert task is not None  # run_coroutine_threadsafe makes one
        self._calls.add(task)
        try:
            client = (await self._ready()).client
            return await client.call_tool(name, arguments, progress_callback=progress)
        except asyncio.CancelledError:
            if self._closing:
                raise ToolError(self._was_closed()) from None
            raise
        except mcp.MCPError as error:
            raise ToolError(self._fault(error)) from None
        except ValidationError:
            raise ToolError(f"the MCP server {self.label} answered with something that is no MCP result.") from None
        except RuntimeError as error:  # the SDK's word for an answer that does not fit the tool's own output schema
            raise ToolError(f"the MCP server {self.label} answered wrongly: {one_line(error)}") from None
        finally:
            self._calls.discard(task)

    async def _ready(self) -> _Open:
        """The open connection, made again if the last one has gone."""
        async with self._turn:
            if self._now is not None and not self._lost and not self._now.task.done():
                return self._now
            await self._let_go()
            try:
                return await self._connect()
            except ConfigError as error:
                self._lost = True
                raise ToolError(f"the MCP server {self.label} has gone; tried again: {error}") from None

    def _fault(self, error: mcp.MCPError) -> str:
        gone = self._lost or self._now is None or self._now.task.done()
        if error.message == SESSION_TERMINATED:
            self._lost = gone = True
        if not gone:
            return f"the MCP server {self.label} says: {one_line(error.message, 1000)}"
        why = _first_leaf(self._now.task.exception() if self._now and _failed(self._now.task) else None)
        return (
            f"the MCP server {self.label} has gone: {self._target.explain(why)}. "
            "Whether the call took effect is not known."
        )

    async def _shut(self) -> None:
        self._closing = True
        calls = [*self._calls]
        for task in calls:
            task.cancel()
        if calls:
            await asyncio.wait(calls, timeout=SECONDS_TO_END)
        async with self._turn:
            await self._let_go()

    async def _let_go(self) -> None:
        if self._now is not None:
            self._now.leave.set()
            await asyncio.wait((self._now.task,), timeout=SECONDS_TO_END)
            await _ended(self._now.task)
            self._now = None

    def _refusal(self, error: BaseException | None) -> str:
        import mcp
        import mcp_types
        from pydantic import ValidationError

        why = self._target.explain(error)
        spoke = isinstance(error, mcp.MCPError) and error.code != mcp_types.CONNECTION_CLOSED
        if spoke and not why.startswith("it answered HTTP"):
            why = f"it says: {one_line(error)}"
        elif isinstance(error, ValidationError):
            why = f"it answered with something that is no MCP ({one_line(error)})"
        return f"cannot use the MCP server {self.label}: {why}{self._junk_hint()}."

    def _junk_hint(self) -> str:
        return "; it writes text that is no MCP to its standard output" if self._junk else ""

    def _was_closed(self) -> str:
        return f"the MCP server {self.label} has gone: the program closed the connection."


async def _all_tools(client: mcp.Client) -> list[mcp_types.Tool]:
    tools: list[mcp_types.Tool] = []
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools.extend(page.tools)
        cursor = page.next_cursor
        if cursor is None or len(tools) > MAX_TOOLS:
            break
    return tools[:MAX_TOOLS]


async def _ended(task: asyncio.Task[None]) -> None:
    """Waits for the task's end, made to end if need be; what it ended with has been told already."""
    task.cancel()
    await asyncio.wait((task,), timeout=SECONDS_TO_END)
    if task.done() and not task.cancelled():
        task.exception()


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled()


def _first_leaf(error: BaseException | None) -> BaseException | None:
    """The error inside the groups that task groups wrap around it."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error
