"""One request and its response, over ASGI."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable

from ..asgi import Receive, Scope, Send, headers_of, whole_body
from .errors import ApiError, invalid
from .json_body import write_json

JSON = "application/json"
BODY_SECONDS = 30.0
REST_SECONDS = 5.0
WRITE_SECONDS = 60.0
CLIENT_LEFT = 499  # nginx's number for it; told to the metrics alone

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class Exchange:
    """Reads the body, writes the response.

    Args:
        scope: of the request.
        receive: where the body comes from.
        send: where the response goes.
        on_begin: called with the status before the client can know of it.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, on_begin: Callable[[int], None]) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = headers_of(scope)
        self.id = f"req_{secrets.token_hex(12)}"
        self.status = CLIENT_LEFT
        self.sent_headers = {**_HEADERS, "x-request-id": self.id}
        self._receive = receive
        self._send = send
        self._on_begin = on_begin
        # Bytes of the body that are read and thrown away after a refusal: a client that is still sending when the
        # connection closes does not see why.
        self._unread = 0

    @property
    def begun(self) -> bool:
        """Whether the response is on its way."""
        return self.status != CLIENT_LEFT

    async def body(self, limit: int) -> bytes:
        """The body of at most `limit` bytes.

        Raises:
            ApiError: 415, 413 or 408; 400 where it did not come whole.
        """
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise ApiError(415, f"Only {JSON} is accepted.", code="unsupported_media_type")
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise ApiError(415, "Compressed bodies are not accepted.", code="unsupported_media_type")
        length = self.headers.get("content-length", "")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = b"" if length.isdigit() and int(length) > limit else await whole_body(self._receive, limit)
        except TimeoutError:
            close = {"connection": "close"}
            raise ApiError(408, "The body did not come in time.", code="timeout", headers=close) from None
        if body is None:
            raise invalid("The body did not come whole.")
        if len(body) > limit or (length.isdigit() and int(length) > limit):
            self._unread = 8 * limit
            close = {"connection": "close"}
            raise ApiError(413, f"A request may have at most {limit:,} bytes.", code="too_large", headers=close)
        return body

    async def gone(self) -> None:
        """Waits until the client has left."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def begin(self, status: int, headers: dict[str, str]) -> None:
        self.status = status
        self._on_begin(status)
        told = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in {**self.sent_headers, **headers}.items()
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": told})

    async def write(self, data: bytes, *, more: bool) -> None:
        """Sends a part of the body.

        Raises:
            TimeoutError: the client does not read.
        """
        async with asyncio.timeout(WRITE_SECONDS):
            await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def answer(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        """A whole response: an object as JSON, or bytes as they are."""
        data = value if isinstance(value, bytes) else write_json(value)
        kind = {} if isinstance(value, bytes) else {"content-type": JSON}
        await self.begin(status, {**kind, **(headers or {}), "content-length": str(len(data))})
        if self._unread:
            await self.write(data, more=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REST_SECONDS):
                    await whole_body(self._receive, self._unread)
            data = b""
        await self.write(b"" if self.method == "HEAD" else data, more=False)

    async def refuse(self, error: ApiError) -> None:
        await self.answer(error.status, error.to_dict(), error.headers)
