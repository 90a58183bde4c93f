"""Fetches a page from an address that a stranger may have chosen.

Every hop is checked: scheme, port, and each address of the host (`transport`). Nothing that belongs to the user goes
along: no cookies, no credentials, no referrer, no proxy of the environment. Time and size are bounded as a whole.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import hishel.httpx
import httpx

from ..errors import ToolError
from ..locations import cache_dir
from ..reading.decoding import BOMS, decoded
from .addresses import AllowList
from .body import ACCEPT_ENCODING, read_body
from .http_cache import RULES, FolderStorage, cache_key
from .io_loop import loop_resource, on_io_loop
from .places import media_type_of, place_name, status_message, time_limit, told_errors, user_agent
from .retries import send_with_retries
from .settings import FetchSettings
from .transport import CheckedTransport

ACCEPTED = (
    "text/*",
    "application/xhtml+xml",
    "application/pdf",
    "application/json",
    "application/xml",
    "application/*+json",
    "application/*+xml",
)
_ACCEPT = "text/html, application/xhtml+xml, application/pdf, text/*;q=0.9, application/json;q=0.9, */*;q=0.1"
_MAX_REDIRECTS = 5
_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_MAX_URL_CHARS = 4_000
# Ports of services that are not the web (the Fetch standard's list, and databases): a request must not talk to them.
_BAD_PORTS = frozenset(
    (
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104),
        *(109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515),
        *(526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049),
        *(3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669),
        *(6679, 6697, 10080, 11211, 27017),
    )
)


@dataclass(frozen=True, slots=True)
class Page:
    """What was fetched.

    Args:
        url: where it was found in the end, after redirects.
        media_type: such as `text/html`; sniffed where the server names none.
        content: the decompressed body.
        text: the decoded body, `None` for a PDF.
        charset: the charset that the body was decoded by.
        fetched: ISO 8601 date of the request.
        date: ISO 8601 date of the last change as the server tells it.
    """

    url: str
    media_type: str
    content: bytes
    text: str | None
    charset: str | None
    fetched: str
    date: str | None


async def get_page(url: str, *, settings: FetchSettings, accept: tuple[str, ...] = ACCEPTED) -> Page:
    """Fetches a page.

    Args:
        url: `http://` or `https://`, without a user name.
        settings: limits, and what may be fetched besides the public Internet.
        accept: media types that are read; `*` stands for any part.

    Raises:
        ToolError: the address is refused, or there is no page that can be read; one line that says what to do.
        ConfigError: an entry of `settings.allow` cannot be read.
    """
    return await on_io_loop(_get_page(url, settings, accept))


async def _get_page(url: str, settings: FetchSettings, accept: tuple[str, ...]) -> Page:
    target = _checked_url(url)
    transport = loop_resource(("pages", settings.allow, cache_dir()), lambda: _transport(settings))
    first = place_name(target)
    async with time_limit(first, settings.seconds):
        deadline = asyncio.get_running_loop().time() + settings.seconds
        for _ in range(_MAX_REDIRECTS + 1):
            with told_errors(place_name(target)):
                response = await _sent(transport, target, settings, deadline)
                try:
                    if not response.has_redirect_location:
                        return await _read(response, target, settings.max_bytes, accept)
                finally:
                    await response.aclose()
            target = _redirect(target, response.headers.get("location", ""))
    raise ToolError(f"{first} redirects more than {_MAX_REDIRECTS} times. Try another page.")


async def _sent(
    transport: httpx.AsyncBaseTransport, url: httpx.URL, settings: FetchSettings, deadline: float
) -> httpx.Response:
    headers = {"accept": _ACCEPT, "accept-encoding": ACCEPT_ENCODING, "accept-language": "en, *;q=0.5"}

    async def send() -> httpx.Response:
        # Straight to the transport: a client would keep cookies.
        request = httpx.Request("GET", url, headers={**headers, "user-agent": user_agent()})
        request.extensions["caching"] = {"key": cache_key(str(url), "page", *settings.allow)}
        response = await transport.handle_async_request(request)
        response.request = request
        return response

    return await send_with_retries(send, method="GET", host=place_name(url), deadline=deadline)


def _transport(settings: FetchSettings) -> httpx.AsyncBaseTransport:
    storage = FolderStorage(cache_dir() / "http")
    checked = CheckedTransport(AllowList.read(settings.allow))
    return hishel.httpx.AsyncCacheTransport(checked, storage=storage, rfc=RULES)


def _checked_url(url: str) -> httpx.URL:
    if len(url) > _MAX_URL_CHARS:
        raise ToolError(f"the address is longer than {_MAX_URL_CHARS} characters.")
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError, TypeError):
        raise ToolError(f"{url[:200]!r} is no web address. Write one such as https://example.org/page") from None
    if parsed.scheme not in ("http", "https") or not _HOST.fullmatch(parsed.raw_host):
        raise ToolError(f"{url[:200]!r} is no web address: it must begin with https:// or http:// and name a host.")
    if parsed.userinfo:
        raise ToolError(f"the address of {place_name(parsed)} holds a user name or password: write it without.")
    if parsed.port is not None and (parsed.port in _BAD_PORTS or parsed.port == 0):
        raise ToolError(f"port {parsed.port} of {parsed.host} is not a web server's: only web pages can be fetched.")
    return parsed.copy_with(fragment=None)


def _redirect(before: httpx.URL, location: str) -> httpx.URL:
    try:
        following = before.join(location)
    except (httpx.InvalidURL, ValueError):
        raise ToolError(f"{place_name(before)} redirects to an address that cannot be read.") from None
    if before.scheme == "https" and following.scheme == "http":
        raise ToolError(f"{place_name(before)} redirects from https to http, which is not followed.")
    try:
        return _checked_url(str(following))
    except ToolError as error:
        raise ToolError(f"{place_name(before)} redirects to a place that is refused: {error}") from None


async def _read(response: httpx.Response, url: httpx.URL, max_bytes: int, accept: tuple[str, ...]) -> Page:
    host = place_name(url)
    if not response.is_success:
        raise ToolError(status_message(host, response.status_code))
    declared = response.headers.get("content-type", "")
    media_type = media_type_of(declared)
    sniffed = media_type in ("", "application/octet-stream", "application/x-download", "unknown/unknown")
    if not sniffed and not _is_accepted(media_type, accept):
        raise ToolError(f"{host} sent {media_type}, which cannot be read as text. Fetch a web page or a PDF.")
    content = await read_body(response, max_bytes, host)
    if sniffed:
        media_type = _sniffed(content)
        if media_type is None or not _is_accepted(media_type, accept):
            raise ToolError(f"{host} sent a file of an unknown kind. Fetch a web page or a PDF.")
    elif content.startswith(b"%PDF-") and _is_accepted("application/pdf", accept):
        media_type = "application/pdf"  # a PDF that is declared as text
    text = charset = None
    if media_type != "application/pdf":
        text, charset = decoded(content, declared)
    now = datetime.now(UTC)
    date = _iso_date(response.headers.get("last-modified", ""))
    return Page(str(url), media_type, content, text, charset, now.date().isoformat(), date)


def _is_accepted(media_type: str, accept: tuple[str, ...]) -> bool:
    return any(re.fullmatch(re.escape(kind).replace(r"\*", "[^/]+"), media_type) for kind in accept)


def _sniffed(content: bytes) -> str | None:
    start = content[:1024].lstrip()
    if start.startswith(b"%PDF-"):
        return "application/pdf"
    if any(content.startswith(mark) for mark, _ in BOMS):
        return "text/html" if b"<" in start else "text/plain"
    if b"\0" in content[:4096]:
        return None
    if re.match(rb"<\?xml", start, re.IGNORECASE):
        return "text/html" if b"<html" in content[:2048].lower() else "application/xml"
    if re.match(rb"<(!doctype html|!--|html|head|body|title|meta|div|h1|p|article|table)\b", start, re.IGNORECASE):
        return "text/html"
    return "text/html" if start.startswith(b"<!") else "text/plain"


def _iso_date(header: str) -> str | None:
    try:
        return parsedate_to_datetime(header).date().isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
