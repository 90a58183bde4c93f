"""Where a remote policy lives, as its reference says."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from ....tools import ConfigError

FORM = "http://HOST:PORT/v1#MODEL"
# Names that resolve inside one's own network only (RFC 6762, RFC 8375, ICANN's .internal).
_PRIVATE_NAMES = (".localhost", ".local", ".lan", ".internal", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Place:
    """A server and what is asked of it.

    Args:
        base: address of the OpenAI-compatible part, without a slash at the end (`http://127.0.0.1:8000/v1`).
        model: what the reference names behind `#`, empty where it names none.
        host: host name or address, without brackets.
        port: the port, the scheme's own where none is written.
    """

    base: str
    model: str
    host: str
    port: int

    @property
    def root(self) -> str:
        """What lies above `/v1`: the servers' own endpoints."""
        return self.base.removesuffix("/v1")

    @property
    def name(self) -> str:
        """How messages and the settings name it: `HOST:PORT`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def encrypted(self) -> bool:
        return self.base.startswith("https:")

    @property
    def private(self) -> bool:
        """Whether the host is this machine or one of its own network, by its name alone: nothing is resolved."""
        try:
            address = ipaddress.ip_address(self.host.partition("%")[0])
        except ValueError:
            return "." not in self.host or self.host.endswith(_PRIVATE_NAMES)
        return address.is_private or address.is_loopback or address.is_link_local


def read_place(ref: str) -> Place:
    """Reads `http://HOST:PORT/v1#MODEL`; a missing path is `/v1`.

    Raises:
        ConfigError: it is no such address. Userinfo and queries may hold secrets and are not repeated.
    """
    address, _, model = ref.partition("#")
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        # The library's message quotes the address, which may hold a password.
        raise ConfigError(f"the policy's address cannot be read: write it as {FORM}.") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "a policy's address must not hold a user name or password: put the key into PERICLES_API_KEY, or name its "
            "variable in [remote] of pericles.toml."
        )
    if parts.query or address.endswith("?"):
        raise ConfigError(f"a policy's address must not have a query (?…): write it as {FORM}.")
    if parts.scheme not in ("http", "https") or not host or not _is_plain(host) or not _is_plain(parts.path):
        raise ConfigError(f"the policy's address cannot be read: write it as {FORM}.")
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise ConfigError(f"the policy's address names a host that cannot be one: write it as {FORM}.") from None
    port = port or (443 if parts.scheme == "https" else 80)
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    named = f"[{host}]" if ":" in host else host
    usual = port == (443 if parts.scheme == "https" else 80)
    return Place(f"{parts.scheme}://{named}{'' if usual else f':{port}'}{path}", model.strip(), host, port)


def _is_plain(text: str) -> bool:
    return text.isprintable() and not any(sign in text for sign in ' \\"<>^`{|}')
