"""The section `[api]` of the settings."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from ...tools.settings import Section

# Names become labels of metrics and the first part of a session's id, which ends at the next colon.
KEY_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or text != f"{parts.scheme}://{parts.netloc}".lower():
        raise ValueError("an origin is written as the browser sends it, such as https://app.example.org")
    return text


class KeySettings(Section):
    """One client.

    Args:
        sha256: of its key, as 64 hexadecimal digits; the key itself is nowhere on the server.
        requests_per_minute: how often it may ask; by default what `[api]` says.
    """

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    requests_per_minute: int | None = Field(default=None, ge=1)


class ApiSettings(Section):
    """How the server behaves.

    Args:
        keys: the clients by name. Without any, only this machine may ask.
        requests_per_minute: for every key that does not say otherwise, and for a server without keys; `None` does not
            limit.
        max_running: turns at the same time.
        max_queued: requests that wait for their turn; more are refused.
        seconds: the longest turn, without the waiting.
        shutdown_seconds: how long running turns may go on once the server is told to stop.
        drain_seconds: how long new requests are then still answered with a 503 before the address is closed, so that a
            proxy in front learns of it.
        max_body_bytes: the longest request.
        origins: web pages that may ask, such as `https://app.example.org`; they need a key as everybody does.
        hosts: further names by which the server is called, such as that of a proxy in front of it.
    """

    keys: dict[str, KeySettings] = Field(default_factory=dict)
    requests_per_minute: int | None = Field(default=None, ge=1)
    max_running: int = Field(default=16, ge=1, le=10_000)
    max_queued: int = Field(default=64, ge=0, le=100_000)
    seconds: float = Field(default=600.0, gt=0, le=86_400, allow_inf_nan=False)
    shutdown_seconds: float = Field(default=30.0, ge=0, le=3_600, allow_inf_nan=False)
    drain_seconds: float = Field(default=0.0, ge=0, le=3_600, allow_inf_nan=False)
    max_body_bytes: int = Field(default=4_000_000, ge=1_000)
    origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    hosts: tuple[str, ...] = ()

    @field_validator("keys")
    @classmethod
    def _named_well(cls, keys: dict[str, KeySettings]) -> dict[str, KeySettings]:
        for name in keys:
            if not KEY_NAME.fullmatch(name):
                raise ValueError(f"a key's name has 1 to 40 letters, digits, - and _, got {name!r}")
        if len({key.sha256 for key in keys.values()}) < len(keys):
            raise ValueError("two names have the same key")
        return keys

    @model_validator(mode="after")
    def _others_need_keys(self) -> ApiSettings:
        if (self.origins or self.hosts) and not self.keys:
            raise ValueError("origins and hosts need at least one key, or everybody there could ask without one")
        return self
