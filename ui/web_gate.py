"""What stands between the network and Gradio.

Gradio answers on some sixty routes, of which the page needs about ten. The others serve files by path, take uploads,
fetch from other servers or run functions by name; here they do not exist. What a page sends must be plain values: in
any object with a "path" Gradio sees a file, which it copies or, given a URL, downloads before a listener is asked.

Against other sites open in the same browser: a request must name this server as its host (DNS rebinding) and may not
come from a page of another origin. Against what a model may write: the Content-Security-Policy admits only scripts
that carry this response's nonce and no connection, image or form that leaves this server.

Not covered: sign-in. Whoever reaches the port may chat.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, MutableMapping
from typing import Any

from .asgi import (
    App,
    Receive,
    Scope,
    Send,
    comes_from_elsewhere,
    headers_of,
    names_this_server,
    whole_body,
    with_headers,
)

MAX_BODY_BYTES = 1_000_000

_ROUTES = {
    "GET": re.compile(
        r"/|/config/?|/theme\.css|/favicon\.ico|/manifest\.json|/(?:assets|static)/.+"
        r"|/gradio_api/(?:info/?|startup-events|theme\.css|queue/data|heartbeat/\w+)"
    ),
    "POST": re.compile(r"/gradio_api/(?:queue/join|cancel|reset)/?"),
}
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'nonce-{nonce}'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class Gate:
    """Lets through what the page needs.

    Args:
        app: what answers.
        hosts: the names under which this server may be called, without a port; `None` allows any.
    """

    def __init__(self, app: App, *, hosts: Iterable[str] | None) -> None:
        self._app = app
        self._hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope["method"], scope["path"], headers_of(scope))
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        if scope["method"] == "POST":
            body = await whole_body(receive, MAX_BODY_BYTES)
            if body is None:
                return
            refusal = _unwanted(body)
            if refusal is not None:
                await _refuse(send, *refusal)
                return
            receive = _replaying(body, receive)
        if scope["path"] == "/":
            await self._front_page(scope, receive, send)
            return
        await self._app(scope, receive, with_headers(send, _HEADERS))

    def _refusal(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, str] | None:
        if not names_this_server(headers, self._hosts):
            return 421, "This server is not called by that name."
        if comes_from_elsewhere(headers):
            return 403, "Requests from other sites are refused."
        routes = _ROUTES.get("GET" if method == "HEAD" else method)
        if routes is None or ".." in path or not routes.fullmatch(path):
            return 404, "There is no such page."
        if method == "POST" and not headers.get("content-type", "").startswith("application/json"):
            return 415, "Only JSON is accepted."  # the one type that other sites cannot send without asking
        return None

    async def _front_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gives every script that the page itself brings along this response's nonce."""
        # Uncompressed, so that it can be written to.
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        nonce = secrets.token_urlsafe(16)
        policy = {"content-security-policy": _POLICY.format(nonce=nonce), "cache-control": "no-store"}
        start: MutableMapping[str, Any] = {}
        body = bytearray()

        async def collect(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            whole = re.sub(rb"<script(?=[\s>])", f'<script nonce="{nonce}"'.encode(), bytes(body))
            start["headers"] = [
                (name, str(len(whole)).encode() if name.lower() == b"content-length" else value)
                for name, value in start["headers"]
            ]
            await with_headers(send, {**_HEADERS, **policy})(start)
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else whole})

        await self._app({**scope, "headers": plain}, receive, collect)


def _replaying(body: bytes, receive: Receive) -> Receive:
    left: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> MutableMapping[str, Any]:
        return left.pop() if left else await receive()

    return receiving


def _unwanted(body: bytes) -> tuple[int, str] | None:
    if len(body) > MAX_BODY_BYTES:
        return 413, f"A request may have at most {MAX_BODY_BYTES:,} bytes."
    try:
        values = json.loads(body).get("data") or []
    except (ValueError, AttributeError, RecursionError):
        return 422, "A request must be a JSON object."
    if not isinstance(values, list) or any(isinstance(value, dict | list) for value in values):
        return 422, "Data must be a list of plain values."
    return None


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = sentence.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
