"""Listens for MCP clients on a socket.

Against web pages in a browser on this machine: a request must name this machine as its host and come from no other
origin (DNS rebinding), as the SDK checks it. Against the network: beyond this machine only with a token.

Not covered: encryption. Beyond this machine, put a server that speaks TLS in front.
"""

from __future__ import annotations

import hmac
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError

if TYPE_CHECKING:
    from mcp.server import Server

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - recognised here, so that it can be refused without a token
MIN_TOKEN_CHARS = 16
SECONDS_TO_FINISH = 1


def listen(server: Server[Any], address: str, token: str | None) -> None:
    """Serves until interrupted; says on standard error where.

    Args:
        server: what answers.
        address: `HOST:PORT` or `PORT`.
        token: what clients must send; `None` where only this machine may connect.

    Raises:
        ConfigError: the address makes no sense, is taken, or is open to the network without a token.
    """
    import uvicorn

    host, port = read_address(address)
    if host not in LOOPBACK and token is None:
        raise ConfigError(
            f"{host} can be reached from the network: give a token (PERICLES_MCP_TOKEN), or listen on 127.0.0.1."
        )
    if token is not None and len(token) < MIN_TOKEN_CHARS:
        raise ConfigError(f"the token has {len(token)} characters; at least {MIN_TOKEN_CHARS} are needed.")
    app = build_app(server, host, token)
    with _bound(host, port) as bound:
        shown = f"[{host}]" if ":" in host else host
        print(f"MCP server on http://{shown}:{bound.getsockname()[1]}/mcp", file=sys.stderr, flush=True)
        config = uvicorn.Config(
            app,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
        )
        uvicorn.Server(config).run(sockets=[bound])


def build_app(server: Server[Any], host: str, token: str | None) -> App:
    """The server as an ASGI application behind its checks."""
    from mcp.server.transport_security import TransportSecuritySettings

    # A page that rebinds a name does not know the token, and under which names 0.0.0.0 is reached is not known here.
    checked = host not in ANY_ADDRESS
    names = LOOPBACK if host in LOOPBACK else (host,)
    hosts = [f"[{name}]" if ":" in name else name for name in names]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=checked,
        allowed_hosts=[form for name in hosts for form in (name, f"{name}:*")],
        allowed_origins=[form for name in hosts for form in (f"http://{name}", f"http://{name}:*")],
    )
    app: App = server.streamable_http_app(host=host, transport_security=security)
    return app if token is None else _token_gate(app, token)


def read_address(address: str) -> tuple[str, int]:
    """Splits `HOST:PORT`, `[::1]:PORT` or `PORT`; the host is 127.0.0.1 by default.

    Raises:
        ConfigError: it is none of them.
    """
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"{address!r} is no address to listen on: write HOST:PORT or PORT, such as 127.0.0.1:8765.")
    return host, int(port)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # asyncio does this for sockets of its own making alone; without it a response in two pieces takes 40 ms longer.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}.") from error
    return bound


def _token_gate(app: App, token: str) -> App:
    expected = f"Bearer {token}".encode()

    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            sent = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(sent, expected):
                headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 401, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
        await app(scope, receive, send)

    return gate
