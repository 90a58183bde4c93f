"""The `[remote]` section of the settings.

[remote]
read_timeout = 60

[remote."api.example.com:443"]
key_env = "EXAMPLE_KEY"
context_window = 32768
"""

from __future__ import annotations

from typing import Any, Literal, cast

from pydantic import Field, model_validator

from ....tools.settings import Section, load_section
from .addresses import Place

# So narrow that a key which somebody writes in its place is refused, and not repeated as a name that is unknown.
VARIABLE = r"^[A-Z_][A-Z0-9_]{0,63}$"
DialectName = Literal["vllm", "llama-server", "ollama", "openai", "unknown"]


class HostSettings(Section):
    """What holds for one server, named `HOST:PORT`; `HOST` alone stands for all of its ports.

    Args:
        key_env: environment variable that holds the API key.
        keyring: `SERVICE/USER` of the key in the system's keyring (needs `pip install keyring`).
        headers_env: further headers, by the environment variable that holds each value.
        dialect: what the server is, where it is not recognised.
        context_window: tokens, where the server does not tell.
        allow_http: whether a key may travel unencrypted to a host that is not in one's own network.
        connect_timeout: seconds until there is a connection.
        read_timeout: seconds without a byte until the server counts as stuck.
        total_timeout: seconds that one reply may take, with retries.
        attempts: how often a request is sent at most.
    """

    key_env: str | None = Field(default=None, pattern=VARIABLE)
    keyring: str | None = Field(default=None, pattern=r"^[^/]+/.+$")
    headers_env: dict[str, str] = Field(default_factory=dict[str, str])
    dialect: DialectName | None = None
    context_window: int | None = Field(default=None, ge=16)
    allow_http: bool | None = None
    connect_timeout: float | None = Field(default=None, gt=0, le=3600)
    read_timeout: float | None = Field(default=None, gt=0, le=3600)
    total_timeout: float | None = Field(default=None, gt=0, le=86400)
    attempts: int | None = Field(default=None, ge=1, le=20)


class RemoteSettings(Section):
    """The section: limits for every server, and a table for each that needs more.

    Args:
        connect_timeout: seconds until there is a connection.
        read_timeout: seconds without a byte until the server counts as stuck.
        total_timeout: seconds that one reply may take, with retries.
        attempts: how often a request is sent at most.
        hosts: settings by `HOST:PORT` or `HOST`; written `[remote."HOST:PORT"]`.
    """

    connect_timeout: float = Field(default=10.0, gt=0, le=3600)
    read_timeout: float = Field(default=60.0, gt=0, le=3600)
    total_timeout: float = Field(default=600.0, gt=0, le=86400)
    attempts: int = Field(default=4, ge=1, le=20)
    hosts: dict[str, HostSettings] = Field(default_factory=dict[str, HostSettings])

    @model_validator(mode="before")
    @classmethod
    def _tables_are_hosts(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        section = cast("dict[str, Any]", values)
        hosts = {key.lower(): value for key, value in section.items() if isinstance(value, dict) and key != "hosts"}
        plain = {key: value for key, value in section.items() if not isinstance(value, dict)}
        return {**plain, "hosts": {**section.get("hosts", {}), **hosts}}

    def of(self, place: Place) -> HostSettings:
        """What holds for a server, with the section's own limits where its table sets none."""
        found = self.hosts.get(place.name) or self.hosts.get(place.host) or HostSettings()
        unset = {
            key: getattr(self, key)
            for key in ("connect_timeout", "read_timeout", "total_timeout", "attempts")
            if getattr(found, key) is None
        }
        return found.model_copy(update=unset)


def host_settings(place: Place) -> HostSettings:
    """The settings of a server.

    Raises:
        ConfigError: the settings file or an environment variable is wrong.
    """
    return load_section("remote", RemoteSettings).of(place)
