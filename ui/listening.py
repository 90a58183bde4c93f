"""The socket that a server listens on, and how its address is called."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket

from ..tools import ConfigError
from .asgi import LOOPBACK_NAMES


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens already, so that a taken port is told before anything slow begins.

    Args:
        host: name or address.
        port: 0 takes any free one.

    Raises:
        ConfigError: the address cannot be listened on; names the port.
    """
    if not 0 <= port <= 65535:
        raise ConfigError(f"a port must lie in 0..65535, got {port}.")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.create_server(address[:2], family=family, backlog=256)
        # Handed down to every connection. asyncio sets it by itself for sockets of its own making alone; without it a
        # response in two pieces takes 40 ms longer.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound
    except socket.gaierror as error:
        raise ConfigError(f"there is no address {host!r}: {error.strerror}.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"port {port} on {host} is in use: choose another (0 takes any free one), or stop what uses it."
            ) from None
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ConfigError(f"port {port} on {host} cannot be listened on: {reason}.") from None


def bound_name(bound: socket.socket) -> str:
    """The address that a socket listens on, as it stands in a URL."""
    address = bound.getsockname()[0]
    return f"[{address}]" if ":" in address else address


def is_loopback(bound: socket.socket) -> bool:
    """Whether only programs on this machine can reach a socket."""
    return ipaddress.ip_address(bound.getsockname()[0]).is_loopback


def address_of(bound: socket.socket) -> str:
    """The URL of what listens on a socket, without a slash at its end."""
    name = bound_name(bound)
    return f"http://{'localhost' if name in ('0.0.0.0', '[::]') else name}:{bound.getsockname()[1]}"  # noqa: S104


def loopback_names(bound: socket.socket) -> tuple[str, ...]:
    """The names by which programs on this machine may call what listens on a loopback address."""
    return (*LOOPBACK_NAMES, bound_name(bound))
