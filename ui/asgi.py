"""What our servers share: the types of ASGI, the checks of Host and Origin, and the reading of a body.

Against other sites open in a browser on this machine: a request must name this server as its host (DNS rebinding), and
one that a page of another origin has sent is known by its `Origin`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers of a request by their names in lower case; of one that comes twice, both with a comma."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def name_in(host: str) -> str:
    """The name in a Host header, without its port."""
    return re.sub(r":\d+$", "", host).lower()


def names_this_server(headers: Mapping[str, str], names: Collection[str] | None) -> bool:
    """Whether a request calls this server by one of its names; `None` allows any."""
    return names is None or name_in(headers.get("host", "")) in names


def comes_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether a page of another origin has sent a request."""
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host", "")


async def whole_body(receive: Receive, limit: int) -> bytes | None:
    """The body of a request, or a little more than `limit` bytes of one that is longer.

    Returns:
        `None` where the client has left before it was sent.
    """
    body = bytearray()
    while len(body) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body.extend(message.get("body", b""))
        if not message.get("more_body"):
            break
    return bytes(body)


def with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    """Sets headers of every response, over those that it has."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            added = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
            kept = [pair for pair in message["headers"] if pair[0].decode("latin-1").lower() not in headers]
            message = {**message, "headers": [*kept, *added]}
        await send(message)

    return sending
