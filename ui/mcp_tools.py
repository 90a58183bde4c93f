"""MCP on the command line: `--mcp SERVER` brings tools in, `pericles mcp` hands them out."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..tools import ConfigError, ToolRegistry, load_tools
from ..tools.mcp import MCPServer, serve_mcp


def offer_servers(registry: ToolRegistry, servers: Iterable[str]) -> None:
    """Connects to MCP servers and adds their tools; they are closed when the program ends.

    A name that is taken already comes with its server's name in front.

    Args:
        registry: what the tools are added to.
        servers: commands and addresses.

    Raises:
        ConfigError: a server cannot be used.
    """
    for server in servers:
        connected = MCPServer(server).connect()
        named = zip(connected.tools, connected.tools_named(f"{connected.name}_"), strict=True)
        for tool, distinct in named:
            registry.register(distinct if tool.name in registry else tool)


def serve_tools(tools: list[str], *, http: str | None, port: int | None, builtin: bool) -> None:
    """Offers tools to MCP clients until they leave.

    Args:
        tools: Python files with tools, and names of built-in ones.
        http: `HOST:PORT` to listen on.
        port: port of 127.0.0.1 to listen on; without both, standard input and output are used.
        builtin: whether math and search are offered as well.

    Raises:
        ConfigError: a tool cannot be loaded, there is none, or the address is wrong.
    """
    if http is not None and port is not None:
        raise ConfigError("give --http HOST:PORT or --port N, not both.")
    with _quiet_output():
        registry = ToolRegistry(("math", "search") if builtin else ())
        for item in tools:
            for found in load_tools(item) if Path(item).suffix == ".py" else [item]:
                if not isinstance(found, str) or found not in registry:
                    registry.register(found)
    if not len(registry):
        raise ConfigError("there is no tool to offer: leave out --no-builtin, or name some with --tools FILE.")
    address = http if port is None else f"127.0.0.1:{port}"
    if address is None:
        # A blocked read of standard input would hold up an interrupt until the client's next line.
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    serve_mcp(registry, http=address, token=os.environ.get("PERICLES_MCP_TOKEN") or None)


@contextlib.contextmanager
def _quiet_output() -> Iterator[None]:
    """Sends what a tools file prints while it is loaded to standard error: standard output belongs to the protocol."""
    sys.stdout.flush()
    wire = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(wire, 1)
        os.close(wire)
