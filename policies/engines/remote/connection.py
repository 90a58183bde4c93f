"""HTTP to one server: connections that are kept, requests that are tried again, events as they come.

Everything here runs on the web's own event loop (`tools.web.io_loop`), where connections outlive the loops of callers.
HTTP/1.1 only: the HTTP/2 library logs headers, and with them keys, at its debug level.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import httpx

from ....tools import ConfigError, PericlesError, PolicyError, PolicyTimeout, RateLimited
from ....tools.web.io_loop import loop_resource
from ....tools.web.places import user_agent
from ....tools.web.retries import retry_after
from .addresses import Place
from .dialects import UNKNOWN, Dialect
from .failures import Refusal, RefusedError, read_refusal, refusal_of, told
from .keys import Secrets
from .sse import BrokenStreamError, EventReader, ServerEvent

LONGEST_WAIT = 60.0
MAX_REPLY_BYTES = 64_000_000
MAX_ANSWER_BYTES = 16_000_000
MAX_ERROR_BYTES = 100_000
_FIRST_WAIT = 0.25
_REDIRECTS = 3
_DONE = "[DONE]"
_LAST_BYTES = 0.25
# What these write about connections can repeat what a server sends, and a server can send the key back.
_LOGGERS = ("httpx", "httpcore.http11", "httpcore.connection")


class UnreachableError(PolicyError):
    """Nothing listens at the address, or there is no such host."""


class AgainError(Exception):
    """A request that may be sent once more.

    Args:
        error: what is told where it is not.
        refusal: the server's answer, where there was one.
    """

    def __init__(self, error: PericlesError, refusal: Refusal | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of waiting, and how often a request is sent at most."""

    connect: float
    read: float
    total: float
    attempts: int


class Connection:
    """One server's HTTP client.

    Args:
        place: the server.
        secrets: sent along with every request.
        limits: how long and how often.
    """

    def __init__(self, place: Place, secrets: Secrets, limits: Limits) -> None:
        self.place = place
        self.secrets = secrets
        self.limits = limits
        self.dialect: Dialect = UNKNOWN
        self._opened: tuple[asyncio.AbstractEventLoop | None, int] = (None, 0)

    async def json(self, method: str, url: str, body: Any = None) -> tuple[Any, httpx.Headers]:
        """Asks for a JSON value, again where that helps.

        Raises:
            RefusedError: the server answered with an error.
            PericlesError: there is no answer, or none that can be used.
        """
        attempts = Attempts(self.limits)
        async with self.deadline():
            while True:
                try:
                    async with self._answer(method, url, body, "application/json") as response:
                        content = await self._whole(response, MAX_ANSWER_BYTES)
                        return self._value(response, content), response.headers
                except AgainError as again:
                    await attempts.wait(again)
        raise AssertionError("unreachable")

    async def chunks(self, url: str, body: Any) -> AsyncGenerator[dict[str, Any]]:
        """Sends a request once and yields the chunks of the reply; a reply in one piece is one chunk.

        Raises:
            AgainError: it broke off, and may be sent again where nothing of it has been told.
            RefusedError: the server answered with an error.
            PericlesError: there is no reply, or none that can be read.
        """
        async with self._answer("POST", url, body, "text/event-stream") as response:
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind == "application/json":
                content = await self._whole(response, MAX_REPLY_BYTES)
                yield self._chunk(ServerEvent(content.decode("utf-8", "surrogateescape")))
                return
            if kind not in ("text/event-stream", "text/plain", "application/octet-stream", ""):
                shown = self.secrets.told(kind)
                raise PolicyError(f"{self.place.name} answered with {shown}, not with a stream of events.")
            async with contextlib.aclosing(self._events(response)) as events:
                async for event in events:
                    if event.data.strip() == _DONE:
                        await _read_out(events)
                        return
                    yield self._chunk(event)
        raise AgainError(PolicyError(f"{self.place.name} ended the reply without saying that it is whole."))

    def deadline(self) -> contextlib.AbstractAsyncContextManager[None]:
        """Bounds the time of everything inside.

        Raises:
            PolicyTimeout: it took longer.
        """
        return _deadline(self.place.name, self.limits.total)

    async def aclose(self) -> None:
        client = _clients().pop(id(self), None)
        if client is not None:
            await client.aclose()
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self.secrets.absent_from)

    def close_later(self) -> None:
        """Closes without waiting, from any thread; for a policy that nobody closed."""
        loop, pid = self._opened
        if loop is not None and pid == os.getpid() and not loop.is_closed():
            loop.call_soon_threadsafe(lambda: loop.create_task(self.aclose()))

    def _client(self) -> httpx.AsyncClient:
        self._opened = (asyncio.get_running_loop(), os.getpid())
        clients = _clients()
        if id(self) not in clients:
            clients[id(self)] = self._new_client()
            for name in _LOGGERS:
                logging.getLogger(name).addFilter(self.secrets.absent_from)
        return clients[id(self)]

    def _new_client(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            headers={"user-agent": user_agent(), "accept-encoding": "gzip, identity", **self.secrets.headers},
            timeout=httpx.Timeout(self.limits.read, connect=self.limits.connect, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=15.0),
            # A proxy of the environment is for the Internet; it cannot know what stands in one's own network.
            trust_env=not self.place.private,
            verify=_trusted(self.place.encrypted),
        )
        client.cookies.jar.set_policy(_no_cookies())
        return client

    @contextlib.asynccontextmanager
    async def _answer(self, method: str, url: str, body: Any, accept: str) -> AsyncIterator[httpx.Response]:
        """The answer to one request, with its body unread; closed at the end, whatever happens."""
        with self._told_errors():
            content = None if body is None else json.dumps(body).encode()
            headers = {"accept": accept, **({} if content is None else {"content-type": "application/json"})}
            for _ in range(_REDIRECTS + 1):
                request = self._client().build_request(method, url, content=content, headers=headers)
                response = await self._client().send(request, stream=True)
                try:
                    if not response.has_redirect_location:
                        await self._check(response)
                        yield response
                        return
                    url = self._redirected(response, method)
                finally:
                    await response.aclose()
        raise ConfigError(f"{self.place.name} redirects more than {_REDIRECTS} times: check the address.")

    def _redirected(self, response: httpx.Response, method: str) -> str:
        try:
            target = response.request.url.join(response.headers.get("location", ""))
        except httpx.InvalidURL:
            raise ConfigError(f"{self.place.name} redirects to an address that cannot be read.") from None
        here = response.request.url
        if (target.scheme, target.host, target.port) != (here.scheme, here.host, here.port):
            shown = self.secrets.told(
                f"{target.scheme}://{target.netloc.decode('ascii', 'replace').rpartition('@')[2]}"
            )
            raise ConfigError(
                f"{self.place.name} redirects to another place, {shown}: write that address if it is the server's."
            )
        if method != "GET" and response.status_code not in (307, 308):
            raise ConfigError(f"{self.place.name} redirects a request that cannot be: check the address.")
        return str(target)

    async def _check(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        content = b""
        with contextlib.suppress(httpx.HTTPError, PolicyError):
            content = await self._whole(response, MAX_ERROR_BYTES)
        refusal = read_refusal(response.status_code, response.headers, content)
        if refusal.final:
            raise RefusedError(refusal)
        raise AgainError(told(refusal, self.place, self.dialect, self.secrets), refusal)

    async def _whole(self, response: httpx.Response, max_bytes: int) -> bytes:
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > max_bytes:
                raise PolicyError(f"{self.place.name} sent more than {max_bytes:,} bytes, the most that is read.")
        return bytes(content)

    async def _events(self, response: httpx.Response) -> AsyncGenerator[ServerEvent]:
        reader, size = EventReader(), 0
        try:
            async for piece in response.aiter_bytes():
                size += len(piece)
                if size > MAX_REPLY_BYTES:
                    raise PolicyError(f"{self.place.name} sent a reply of more than {MAX_REPLY_BYTES:,} bytes.")
                for event in reader.feed(piece):
                    yield event
            for event in reader.finish():
                yield event
        except BrokenStreamError as error:
            raise AgainError(PolicyError(f"{self.place.name} sent no stream of events: {error}.")) from None

    def _chunk(self, event: ServerEvent) -> dict[str, Any]:
        try:
            value: Any = json.loads(event.data.encode("utf-8"))
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            shown = self.secrets.told(event.data[:200])
            error = PolicyError(f'{self.place.name} sent a piece of a reply that is not JSON: "{shown}".')
            raise AgainError(error)
        chunk = cast("dict[str, Any]", value)
        if event.name == "error" or chunk.get("error") or chunk.get("object") == "error":
            refusal = refusal_of(chunk)
            if refusal.final:
                raise RefusedError(refusal)
            raise AgainError(told(refusal, self.place, self.dialect, self.secrets), refusal)
        return chunk

    def _value(self, response: httpx.Response, content: bytes) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            kind = self.secrets.told(response.headers.get("content-type", "").partition(";")[0]) or "something else"
            raise ConfigError(
                f"{self.place.name} answered with {kind} where JSON was expected: check the address."
            ) from None

    def _reason(self, error: Exception) -> str:
        text = " ".join(str(error.__cause__ or error).split()).rstrip(".")
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return "its certificate is not valid"
        return self.secrets.told(text) or type(error).__name__

    @contextlib.contextmanager
    def _told_errors(self):  # noqa: ANN202 - a context manager's type says nothing more
        name = self.place.name
        try:
            yield
        except httpx.ConnectTimeout:
            late = f"there was no connection to {name} within {self.limits.connect:g} s"
            raise AgainError(PolicyTimeout(f"{late}: is the server running?")) from None
        except httpx.TimeoutException:
            raise PolicyTimeout(
                f"{name} sent nothing for {self.limits.read:g} s (read_timeout in [remote] of pericles.toml)."
            ) from None
        except (httpx.ConnectError, httpx.ProxyError) as error:
            raise AgainError(UnreachableError(f"{name} cannot be reached: {self._reason(error)}.")) from None
        except httpx.LocalProtocolError:
            # Its text quotes the header, which may be a key.
            raise PolicyError(f"the request to {name} is not valid HTTP: check its headers.") from None
        except httpx.TransportError as error:
            raise AgainError(PolicyError(f"{name} broke the connection off: {self._reason(error)}.")) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise PolicyError(f"{name} sent an answer that cannot be read ({type(error).__name__}).") from None


class Attempts:
    """Counts the attempts of one request and waits between them."""

    def __init__(self, limits: Limits) -> None:
        self._left = limits.attempts - 1
        self._longest = min(LONGEST_WAIT, limits.total)
        self._wait = _FIRST_WAIT

    async def wait(self, again: AgainError) -> None:
        """Waits as long as the server asks, else a little longer each time.

        Raises:
            PericlesError: there are no more attempts, or the server asks for more time than anybody waits.
        """
        asked = retry_after(again.refusal.retry_after) if again.refusal and again.refusal.retry_after else None
        if asked is not None and asked > self._longest:
            wanted = f"{str(again.error).removesuffix('.')}; it asks to wait {asked:.0f} s."
            raise (RateLimited if isinstance(again.error, RateLimited) else PolicyError)(wanted) from None
        if self._left < 1:
            raise again.error from None
        self._left -= 1
        await asyncio.sleep(max(asked or 0.0, self._wait * random.uniform(0.5, 1.0)))
        self._wait *= 2


@contextlib.asynccontextmanager
async def _deadline(name: str, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise PolicyTimeout(
            f"{name} took longer than {seconds:g} s in all (total_timeout in [remote] of pericles.toml)."
        ) from None


async def _read_out(events: AsyncGenerator[ServerEvent]) -> None:
    """Reads the last bytes behind the end, so that the connection can serve again; a server that idles is left."""
    with contextlib.suppress(TimeoutError, AgainError, PericlesError, httpx.HTTPError):
        async with asyncio.timeout(_LAST_BYTES):
            async for _ in events:
                pass


def _clients() -> dict[int, httpx.AsyncClient]:
    """The clients of this process; a forked one starts with none, as its loop is another."""
    return loop_resource("remote policies", dict[int, httpx.AsyncClient])


def _trusted(encrypted: bool) -> ssl.SSLContext:
    """The authorities that are trusted, `SSL_CERT_FILE` included; none, which is quickly made, where none is asked."""
    return httpx.create_ssl_context() if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _no_cookies() -> Any:
    from http.cookiejar import DefaultCookiePolicy

    return DefaultCookiePolicy(allowed_domains=[])
