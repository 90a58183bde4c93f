"""One request, tried again where that helps and where the server wants it.

`httpx-retries` does not do what is wanted here: it cuts a long `Retry-After` down to its own limit and asks again too
early, where the caller should hear at once that there is no answer in time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from ..errors import ToolError

ATTEMPTS = 4
RETRIED = frozenset({429, 500, 502, 503, 504})
# The server has not acted on the request, whatever its method.
_NOT_DONE = frozenset({429, 503})
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
_FIRST_WAIT = 0.25
_LONGEST_TOLD = 7 * 24 * 3600


async def send_with_retries(
    send: Callable[[], Awaitable[httpx.Response]], *, method: str, host: str, deadline: float
) -> httpx.Response:
    """Sends a request up to `ATTEMPTS` times: on 429, 500, 502, 503, 504 and on a broken connection.

    Args:
        send: sends it once; the answer's body is unread.
        method: a request that changes something is sent again only where the server has certainly not acted on it.
        host: named in messages.
        deadline: time of the event loop at which the caller gives up.

    Returns:
        The last answer, which may still be one of these statuses.

    Raises:
        ToolError: the server asks to wait longer than until the deadline.
        httpx.TransportError: it could not be sent.
    """
    clock = asyncio.get_running_loop().time
    wait = 0.0
    for attempt in range(1, ATTEMPTS + 1):
        await asyncio.sleep(wait)
        wait = _FIRST_WAIT * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)
        try:
            response = await send()
        except httpx.TransportError as error:
            if attempt == ATTEMPTS or not _may_retry_after(error, method) or clock() + wait >= deadline:
                raise
            continue
        status = response.status_code
        if status not in RETRIED or (method not in _IDEMPOTENT and status not in _NOT_DONE):
            return response
        asked = retry_after(response.headers.get("retry-after", ""))
        if asked:
            wait = max(wait, asked)
            if attempt == ATTEMPTS or clock() + wait >= deadline:
                await response.aclose()
                raise ToolError(_too_long(host, status, asked, deadline - clock()))
        if attempt == ATTEMPTS or clock() + wait >= deadline:
            return response
        await response.aclose()
    raise AssertionError("unreachable")


def retry_after(value: str) -> float | None:
    """The seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3), `None` where it cannot be read.

    Args:
        value: a number of seconds or an HTTP date.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9]) if len(value) > 9 else float(value)
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _may_retry_after(error: httpx.TransportError, method: str) -> bool:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return True
    # A kept connection that the server has closed meanwhile.
    return method in _IDEMPOTENT and isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError)


def _too_long(host: str, status: int, asked: float, left: float) -> str:
    wait = f"{asked:.0f} s" if asked < _LONGEST_TOLD else "more than a week"
    what = "limits how often it may be asked" if status == 429 else f"is not available ({status})"
    late = f", and this call ends in {max(0.0, left):.0f} s" if asked > left else ""
    return f"{host} {what}: it asks to wait {wait}{late}. Try again later."
