"""The Model Context Protocol, both ways: any server's tools for our agents, our tools for any client."""

from .client import MCPServer
from .server import build_server, serve_mcp

__all__ = ["MCPServer", "build_server", "serve_mcp"]
