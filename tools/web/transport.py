"""Connections for pages that strangers choose: each goes to an address that has been checked.

The name is resolved here, once, and what is checked is what is connected to, so a name server that answers differently
the second time (DNS rebinding) changes nothing. TLS and the pool still go by the name: certificates are verified for it
and a connection serves no other host.

The proxies of the environment are not used: a proxy resolves names itself, behind the check.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from ..errors import ToolError
from ..running import in_thread
from .addresses import AllowList, plain_host, refusal


class AddressRefused(ToolError):
    """A host's address may not be connected to."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the system's order.

    Raises:
        OSError: the name has none.
    """
    # In a daemon thread: a name server that does not answer holds up neither other calls nor the program's end.
    found = await in_thread(_looked_up, (host, port))
    addresses = [str(place[0]) for _, _, _, _, place in found]
    return list(dict.fromkeys(addresses))


def _looked_up(place: tuple[str, int]) -> list[Any]:
    return socket.getaddrinfo(*place, type=socket.SOCK_STREAM)


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only.

    Args:
        allow: what may be connected to besides the public Internet.
    """

    def __init__(self, allow: AllowList) -> None:
        self._allow = allow
        # Untyped in httpcore, which exports it as optional.
        self._backend: Any = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first of the host's addresses that answers.

        Raises:
            AddressRefused: any of the addresses is not allowed; a mixed answer is an attempt to get around this.
            httpcore.ConnectError, httpcore.ConnectTimeout: none answers.
        """
        addresses = await self._checked(host, port)
        error: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("pages are not fetched from a Unix socket.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = await resolve(plain_host(host), port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name cannot be resolved ({error})") from error
        for address in addresses:
            why = refusal(address)
            if why is not None and not self._allow.allows(host, port, address):
                raise AddressRefused(
                    f"{host} may not be fetched: its address {address} is {why}. "
                    "Only pages on the public Internet can be fetched."
                )
        return addresses


class CheckedTransport(httpx.AsyncHTTPTransport):
    """An httpx transport over `CheckedBackend`, with HTTP/2 where the server speaks it.

    Args:
        allow: what may be connected to besides the public Internet.
        verify: whom to trust; the certificates that come with httpx by default.
    """

    def __init__(self, allow: AllowList, verify: Any = None) -> None:
        context = httpx.create_ssl_context(trust_env=False) if verify is None else verify
        super().__init__(verify=context, trust_env=False, http2=True)
        # httpx has no argument for the backend; its pool is replaced before it has a connection.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=32,
            max_keepalive_connections=16,
            keepalive_expiry=15.0,
            http1=True,
            http2=True,
            network_backend=CheckedBackend(allow),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if response.status_code == 304:
            # It has no body. The cache would read to its end whatever a server sends for one.
            await response.aclose()
            return httpx.Response(304, headers=response.headers, extensions=response.extensions)
        return response
