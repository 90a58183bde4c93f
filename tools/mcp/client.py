"""Tools of an MCP server as tools of our agents.

A server's names, descriptions and schemas are data that somebody else wrote: names are mapped to what a model may
write, descriptions are shown as they are, results are never followed. What a server says of itself (that a tool is
harmless) is not checked: connect only to servers that you would run yourself.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..calls import ToolOutput
from ..context import ToolContext
from ..errors import ConfigError
from ..tool import DEFAULT_MAX_OUTPUT_CHARS, Tool
from .connection import Connection
from .names import safe_names
from .results import to_output
from .text import clean, one_line, sendable
from .transports import ChildProcess, HttpAddress, split_command

if TYPE_CHECKING:
    import mcp_types

logger = logging.getLogger(__name__)

Approval = Literal["destructive", "always", "never"]
MAX_DESCRIPTION_CHARS = 2000


class MCPServer:
    """A server whose tools an agent may use. Connected by `with`, `async with` or `connect()`.

    Args:
        server: a command, as a list or as one would type it (split like a shell does, never run by one), or the
            `http://` or `https://` address of a streamable HTTP server.
        name: how messages call it.
        prefix: put before the name of each tool, to keep two servers apart: `prefix="git_"`.
        env: variables for a command. It sees no other variables of this process but PATH, HOME, USER, LOGNAME,
            SHELL and TERM.
        cwd: working folder of a command.
        headers: for an address: sent with every request, such as `{"Authorization": "Bearer …"}`.
        approval: which calls wait for a person: `"destructive"`, those of tools that the server itself marks so
            (`destructiveHint`); `"always"`; or `"never"`.
        connect_timeout: seconds within which it must answer and list its tools.
        timeout: seconds after which a call is given up.
        max_output_chars: longer texts are cut.

    Raises:
        ConfigError: an option makes no sense.
    """

    def __init__(
        self,
        server: str | Sequence[str],
        *,
        name: str | None = None,
        prefix: str = "",
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        headers: Mapping[str, str] | None = None,
        approval: Approval = "destructive",
        connect_timeout: float = 30.0,
        timeout: float = 60.0,
        max_output_chars: int = DEFAULT_MAX_OUTPUT_CHARS,
    ) -> None:
        if approval not in ("destructive", "always", "never"):
            raise ConfigError(f"approval must be 'destructive', 'always' or 'never', got {approval!r}.")
        if not connect_timeout > 0 or not timeout > 0:
            raise ConfigError(f"timeouts must be positive, got {connect_timeout!r} and {timeout!r}.")
        if isinstance(server, str) and server.startswith(("http://", "https://")):
            if env is not None or cwd is not None:
                raise ConfigError(f"env and cwd are for a command; {server!r} is an address.")
            target: ChildProcess | HttpAddress = HttpAddress(server, name, headers, timeout + 30.0)
        else:
            if headers is not None:
                raise ConfigError(f"headers are for an address that starts with http:// or https://, got {server!r}.")
            target = ChildProcess(split_command(server) if isinstance(server, str) else server, name, env, cwd)
        self.name = target.label
        self.prefix = prefix
        self._target = target
        self._approval: Approval = approval
        self._connect_timeout = connect_timeout
        self._timeout = timeout
        self._max_output_chars = max_output_chars
        self._connection: Connection | None = None
        self._listed: list[mcp_types.Tool] = []

    @property
    def tools(self) -> list[Tool]:
        """The server's tools as they were when it was connected."""
        return self.tools_named(self.prefix)

    def tools_named(self, prefix: str) -> list[Tool]:
        """The tools with another prefix than the server's own.

        Raises:
            ConfigError: it is not connected.
        """
        if self._connection is None:
            raise ConfigError(f"the MCP server {self.name} is not connected: write `with MCPServer(…) as server:`.")
        listed = {tool.name: tool for tool in reversed(self._listed)}
        names = safe_names((tool.name for tool in reversed(listed.values())), prefix)
        made = (self._made(listed[original], name, self._connection) for original, name in names.items())
        return [tool for tool in made if tool is not None]

    def connect(self) -> MCPServer:
        """Starts or reaches the server; blocks until it has listed its tools.

        Raises:
            ConfigError: it cannot be reached; says what failed.
        """
        if self._connection is not None:
            raise ConfigError(f"the MCP server {self.name} is connected already.")
        connection = Connection(self._target, self._connect_timeout)
        opening = connection.open()
        try:
            self._listed = opening.result()
        except BaseException:
            opening.cancel()
            connection.close()
            raise
        self._connection = connection
        return self

    def close(self) -> None:
        """Ends the connection and a command with all that it started. A second call does nothing."""
        if self._connection is not None:
            self._connection.close()

    def __enter__(self) -> MCPServer:
        return self.connect()

    def __exit__(self, *error: object) -> None:
        self.close()

    async def __aenter__(self) -> MCPServer:
        work = asyncio.ensure_future(asyncio.to_thread(self.connect))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # A thread cannot be cancelled: what it opens is closed once it has.
            work.add_done_callback(lambda done: None if done.cancelled() or done.exception() else self.close())
            raise

    async def __aexit__(self, *error: object) -> None:
        await asyncio.to_thread(self.close)

    def _made(self, listed: mcp_types.Tool, name: str, connection: Connection) -> Tool | None:
        async def function(arguments: dict[str, Any], context: ToolContext[Any]) -> ToolOutput:
            result = await connection.call(listed.name, sendable(arguments), _progress_to(context))
            return to_output(result)

        description = clean(listed.description or listed.title or "").strip()[:MAX_DESCRIPTION_CHARS]
        try:
            return Tool.from_schema(
                name,
                description or f"{one_line(listed.name, 100)}, a tool of {self.name}.",
                listed.input_schema,
                function,
                timeout=self._timeout,
                requires_approval=self._needs_approval(listed),
                max_output_chars=self._max_output_chars,
            )
        except ConfigError as error:
            # One tool that cannot be described must not cost the others.
            logger.warning("a tool of the MCP server %s is left out: %s", self.name, one_line(error, 500))
            return None

    def _needs_approval(self, listed: mcp_types.Tool) -> bool:
        marked = listed.annotations is not None and listed.annotations.destructive_hint is True
        return self._approval == "always" or (self._approval == "destructive" and marked)


def _progress_to(context: ToolContext[Any]) -> Any:
    async def tell(progress: float, total: float | None, message: str | None) -> None:
        known = total is not None and math.isfinite(progress) and math.isfinite(total) and total > 0
        fraction = progress / total if known and total is not None else None
        context.emit(one_line(message, 500) if message else "working", fraction)

    return tell
