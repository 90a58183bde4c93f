"""Which addresses a page may be fetched from: those that are reachable from the whole Internet, and what is allowed.

A page, or whoever talks to the model, chooses the address that is connected to. Without this check it could reach what
only this machine reaches: a router, a database, a cloud's metadata service.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from ..errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# RFC 6890 and its registries. Written out: `is_global` of the library has changed between versions of Python.
_REFUSED = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carrier-grade NAT",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.31.196.0/24": "AS112",
    "192.52.193.0/24": "AMT",
    "192.88.99.0/24": "6to4 relay",
    "192.168.0.0/16": "private",
    "192.175.48.0/24": "AS112",
    "198.18.0.0/15": "benchmark",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    # Azure's and some hosters' metadata and DNS service, although the address is public.
    "168.63.129.16/32": "metadata service",
}
_ALLOWED_6 = ipaddress.IPv6Network("2000::/3")  # global unicast; everything else is special
# Inside it. Those that carry an IPv4 address (6to4, Teredo) are refused whatever they carry.
_REFUSED_6 = {
    "2001::/23": "protocol assignments (Teredo, ORCHID, benchmark)",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "2620:4f:8000::/48": "AS112",
    "3ffe::/16": "6bone",
    "3fff::/20": "documentation",
    "5f00::/16": "segment routing",
}
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?\.?")


@cache
def _refused_networks() -> tuple[tuple[Network, str], ...]:
    return tuple((ipaddress.ip_network(text), why) for text, why in (*_REFUSED.items(), *_REFUSED_6.items()))


def refusal(address: str) -> str | None:
    """Why an address may not be connected to.

    Args:
        address: an IP address in text.

    Returns:
        A word for what it is (`loopback`, `private`, ...), or `None` for an address that the whole Internet reaches.
    """
    if "%" in address:
        return "of one network interface"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "no IP address"
    if parsed.version == 6 and parsed not in _ALLOWED_6:
        return _special_6(parsed)
    for network, why in _refused_networks():
        if parsed.version == network.version and parsed in network:
            return why
    return None


def _special_6(address: ipaddress.IPv6Address) -> str:
    if address.ipv4_mapped is not None:
        return "IPv4 in an IPv6 address"
    if address.is_unspecified or address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link-local"
    return "multicast" if address.is_multicast else "private" if address.is_private else "reserved"


@dataclass(frozen=True, slots=True)
class AllowList:
    """What the operator allows although it is not reachable from the whole Internet.

    Args:
        names: host names, lower case, for any port.
        places: host names or addresses with a port.
        networks: CIDR networks, for any name and port.
    """

    names: frozenset[str] = frozenset()
    places: frozenset[tuple[str, int]] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, entries: Iterable[str]) -> AllowList:
        """Reads `wiki.lan`, `wiki.lan:8080`, `[fd00::1]:8080`, `10.1.0.0/16` and `10.1.2.3`.

        Raises:
            ConfigError: an entry is none of these.
        """
        names: set[str] = set()
        places: set[tuple[str, int]] = set()
        networks: list[Network] = []
        for entry in entries:
            text = entry.strip().lower()
            try:
                networks.append(ipaddress.ip_network(text.strip("[]")))
                continue
            except ValueError as error:
                if "/" in text:
                    raise _unreadable(entry, f"; {error}") from None
            host, colon, port = text.rpartition(":")
            host = plain_host(host if colon else text)
            if not _NAME.fullmatch(host) and not _is_address(host):
                raise _unreadable(entry)
            if not colon:
                names.add(host)
            elif port.isascii() and port.isdigit() and 0 < int(port) < 65536:
                places.add((host, int(port)))
            else:
                raise _unreadable(entry)
        return cls(frozenset(names), frozenset(places), tuple(networks))

    def allows(self, host: str, port: int, address: str) -> bool:
        """Whether the operator allows this address under this name.

        Args:
            host: the host as the URL names it.
            port: the port that is connected to.
            address: what the name was resolved to.
        """
        host = plain_host(host)
        if host in self.names or (host, port) in self.places or (address, port) in self.places:
            return True
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed.version == network.version and parsed in network for network in self.networks)


def plain_host(host: str) -> str:
    """A host as it is compared: lower case, without brackets and a final dot."""
    return host.lower().strip("[]").removesuffix(".")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _unreadable(entry: str, why: str = "") -> ConfigError:
    return ConfigError(
        f"fetch.allow: {entry!r} is no host name, HOST:PORT or CIDR network{why}. Write for example 'wiki.lan', "
        "'localhost:8080' or '10.1.0.0/16'."
    )
