"""The HTTP client of pericles: `request_json` for back ends that the operator has named, `get_page` for any page.

Both work on the web's own event loop (`io_loop`), so connections are kept between calls of any loop. Import this module
where it is needed and not before: httpx and hishel are slow to import.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpx
from hishel.httpx import AsyncCacheClient

from ..errors import ToolError
from ..locations import cache_dir
from .body import ACCEPT_ENCODING, read_body
from .http_cache import RULES, FolderStorage, cache_key
from .io_loop import loop_resource, on_io_loop
from .pages import Page, get_page
from .places import media_type_of, place_name, status_message, time_limit, told_errors, user_agent
from .retries import send_with_retries

__all__ = ["Page", "get_page", "request_json"]

_MAX_REDIRECTS = 5


async def request_json(
    method: str,
    url: str,
    *,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    seconds: float = 10.0,
    max_bytes: int = 5_000_000,
) -> Any:
    """Asks a back end whose address the operator has set, which may be on this machine.

    Redirects are followed to the same origin only, so that a key in a header goes nowhere else. The environment's
    proxies are used. Answers are cached as their headers say, for each set of headers apart.

    Args:
        method: HTTP method. One that changes something (POST) is sent again only where the server has not acted on it.
        url: `http://` or `https://`.
        params: the query.
        headers: sent along, such as an API key; never logged, told or written to disk.
        body: JSON value of the request's body, `None` for no body.
        seconds: time limit of the whole call, with retries.
        max_bytes: most bytes of the answer, on the wire as well as decompressed.

    Returns:
        The answer's JSON value.

    Raises:
        ToolError: there is no answer, or none that can be used; one line that names the host.
    """
    return await on_io_loop(_request_json(method.upper(), url, params, headers, body, seconds, max_bytes))


async def _request_json(
    method: str,
    url: str,
    params: Mapping[str, Any] | None,
    headers: Mapping[str, str] | None,
    body: Any,
    seconds: float,
    max_bytes: int,
) -> Any:
    own = {"accept": "application/json", "accept-encoding": ACCEPT_ENCODING, "user-agent": user_agent()}
    client = loop_resource(("json", cache_dir()), _json_client)
    try:
        request = client.build_request(method, url, params=params, headers={**own, **(headers or {})}, json=body)
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError) as error:
        # The error's text may quote a header.
        raise ToolError(
            f"the request cannot be written as HTTP ({type(error).__name__}): check address and headers."
        ) from None
    if request.url.scheme not in ("http", "https") or not request.url.host:
        raise ToolError("the back end's address must begin with http:// or https:// and name a host.")
    host = place_name(request.url)
    async with time_limit(host, seconds):
        deadline = asyncio.get_running_loop().time() + seconds
        credentials = json.dumps(sorted((headers or {}).items()))
        with told_errors(host):
            response = await _sent(client, request, host, deadline, credentials)
            try:
                content = await read_body(response, max_bytes, host)
            finally:
                await response.aclose()
        return _json(response, content, host)


async def _sent(
    client: httpx.AsyncClient, request: httpx.Request, host: str, deadline: float, credentials: str
) -> httpx.Response:
    origin = _origin(request.url)
    for _ in range(_MAX_REDIRECTS + 1):

        async def send(request: httpx.Request = request) -> httpx.Response:
            request.extensions["caching"] = {"key": cache_key(str(request.url), "json", credentials)}
            return await client.send(request, stream=True)

        response = await send_with_retries(send, method=request.method, host=host, deadline=deadline)
        if not response.has_redirect_location:
            return response
        target = response.headers.get("location", "")
        await response.aclose()
        try:
            following = request.url.join(target).copy_with(fragment=None)
        except httpx.InvalidURL:
            raise ToolError(f"{host} redirects to an address that cannot be read.") from None
        if _origin(following) != origin:
            raise ToolError(
                f"{host} redirects to another place, {place_name(following)}: set that as the back end's address."
            )
        request = _redirected(client, request, following, response.status_code)
    raise ToolError(f"{host} redirects more than {_MAX_REDIRECTS} times.")


def _redirected(client: httpx.AsyncClient, request: httpx.Request, url: httpx.URL, status: int) -> httpx.Request:
    headers = request.headers.copy()
    # Other methods than GET become GET but where 307 and 308 say that they stay (RFC 9110, 15.4).
    if status in (307, 308) or request.method in ("GET", "HEAD"):
        return client.build_request(request.method, url, headers=headers, content=request.content or None)
    for name in ("content-length", "content-type"):
        headers.pop(name, None)
    return client.build_request("GET", url, headers=headers)


def _json(response: httpx.Response, content: bytes, host: str) -> Any:
    if not response.is_success:
        raise ToolError(status_message(host, response.status_code))
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        kind = media_type_of(response.headers.get("content-type", "")) or "something else"
        raise ToolError(f"{host} answered with {kind}, which is not the JSON that was expected.") from None


def _json_client() -> httpx.AsyncClient:
    client = AsyncCacheClient(
        storage=FolderStorage(cache_dir() / "http"),
        rfc=RULES,
        http2=True,
        timeout=None,  # one limit over everything: `seconds`
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=15.0),
    )
    # A cookie of one key's session must not travel with another key.
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
