"""How a place on the web, an answer's kind and a failure are named in messages: never with a query or a key."""

from __future__ import annotations

import asyncio
import functools
import importlib.metadata
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus

import httpx

from ..errors import ToolError, ToolTimeout


def place_name(url: httpx.URL) -> str:
    """A URL's host, with the port where it is not the scheme's own."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return host if url.port is None else f"{host}:{url.port}"


def media_type_of(content_type: str) -> str:
    """The media type of a `Content-Type` header, lower case and without parameters."""
    return content_type.partition(";")[0].strip().lower()[:100]


@functools.cache
def user_agent() -> str:
    """`pericles/VERSION`."""
    try:
        return f"pericles/{importlib.metadata.version('pericles')}"
    except importlib.metadata.PackageNotFoundError:
        return "pericles"


def status_message(host: str, status: int) -> str:
    """What is told of an answer that is an error."""
    if status == 429:
        return f"{host} limits how often it may be asked, and does not say for how long. Try again later."
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    hint = {401: ": it wants an API key, or another one", 403: ": access is not allowed"}.get(status, "")
    return f"{host} answered {status}{phrase}{hint}."


@asynccontextmanager
async def time_limit(host: str, seconds: float) -> AsyncIterator[None]:
    """Bounds the time of a call as a whole.

    Raises:
        ToolTimeout: it took longer.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise ToolTimeout(f"{host} did not answer within {seconds:g} s.") from None


@contextmanager
def told_errors(host: str) -> Iterator[None]:
    """Makes one line of whatever httpx raises.

    Raises:
        ToolError: the host cannot be reached or breaks the protocol.
    """
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        raise ToolError(f"{host} cannot be reached: {_reason(error)}.") from None
    except httpx.LocalProtocolError:
        # Its text quotes the header, which may be a key.
        raise ToolError(f"the request to {host} is not valid HTTP: check its headers.") from None
    except httpx.HTTPError as error:
        raise ToolError(f"{host} broke off: {_reason(error)}.") from None


def _reason(error: Exception) -> str:
    text = " ".join(str(error.__cause__ or error).split()).rstrip(".")
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not valid"
    return text[:200] or type(error).__name__
