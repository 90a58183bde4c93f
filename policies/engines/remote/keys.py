"""API keys: where they come from, which server they go to, and how they are kept out of every text.

A key is read from the environment or the system's keyring when a policy is loaded. It goes to the origin that the
policy's reference names and nowhere else, and unencrypted only within one's own network.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ....tools import ConfigError
from ....tools.untrusted import clean
from .addresses import Place
from .settings import VARIABLE, HostSettings

ANY_HOST = "PERICLES_API_KEY"
OPENAI_HOST = "api.openai.com"
OPENAI = "OPENAI_API_KEY"
MAX_TOLD = 300


@dataclass(frozen=True)
class Secrets:
    """What proves who we are.

    Args:
        headers: what is sent along.
        looked_at: where a key was looked for, for messages.
    """

    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    looked_at: str = ANY_HOST

    def told(self, text: str) -> str:
        """A server's text as it may stand in our messages: one line, bounded, without controls and without a key."""
        text = " ".join(clean(text[: 20 * MAX_TOLD]).split())
        for secret in self._values():
            text = text.replace(secret, "[key]")
        return text if len(text) <= MAX_TOLD else f"{text[:MAX_TOLD]}…"

    def absent_from(self, record: logging.LogRecord) -> bool:
        """Whether a line of a log is without a key; a filter for the loggers of libraries."""
        message = record.getMessage()
        return not any(secret in message for secret in self._values())

    def _values(self) -> list[str]:
        values = [value.removeprefix("Bearer ") for value in self.headers.values()]
        return [value for value in values if len(value) > 3]  # a shorter one is a word like any other


def find_secrets(place: Place, settings: HostSettings) -> Secrets:
    """Looks the key and further headers of a server up.

    Raises:
        ConfigError: what the settings name is not there or cannot be sent, or would travel unencrypted.
    """
    key, looked_at = _key(place, settings)
    for name, variable in settings.headers_env.items():
        if not re.fullmatch(VARIABLE, variable):
            raise ConfigError(
                f"remote.headers_env: {name[:60]!r} takes the name of an environment variable in capitals."
            )
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise ConfigError(f"remote.headers_env: {name[:60]!r} is no header's name.")
    headers = {name: _from_environment(variable) for name, variable in settings.headers_env.items()}
    if key:
        headers = {"authorization": f"Bearer {key}", **headers}
    if headers and not place.encrypted and not place.private and not settings.allow_http:
        raise ConfigError(
            f"a key is set ({looked_at}) and would travel unencrypted to {place.name}: use https://, or set "
            f'allow_http = true in [remote."{place.name}"] of pericles.toml.'
        )
    return Secrets(headers, looked_at)


def _key(place: Place, settings: HostSettings) -> tuple[str, str]:
    """The key, empty where there is none, and where it was looked for."""
    if settings.key_env:
        return _from_environment(settings.key_env), settings.key_env
    if settings.keyring:
        return _from_keyring(settings.keyring), f"the keyring's {settings.keyring}"
    openai = place.host == OPENAI_HOST and place.encrypted
    variables = (OPENAI, ANY_HOST) if openai else (ANY_HOST,)
    for variable in variables:
        if os.environ.get(variable, "").strip():
            return _from_environment(variable), variable
    return "", " and ".join(variables)


def _from_environment(variable: str) -> str:
    value = os.environ.get(variable, "").strip()
    if not value:
        raise ConfigError(f"the environment variable {variable}, which [remote] of pericles.toml names, is not set.")
    return _sendable(value, f"the environment variable {variable}")


def _from_keyring(entry: str) -> str:
    service, _, user = entry.partition("/")
    try:
        keyring: Any = importlib.import_module("keyring")
    except ImportError:
        raise ConfigError(
            f"remote.keyring names {entry!r}, but the package keyring is not installed: pip install keyring, or use "
            "key_env."
        ) from None
    try:
        value: str | None = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 - each back end of keyring has errors of its own
        # Without the text: it may quote what the back end read.
        raise ConfigError(f"the keyring cannot be asked for {entry!r}: {type(error).__name__}.") from None
    if not value:
        raise ConfigError(f"the keyring has no entry {entry!r}: keyring set {service} {user}")
    return _sendable(value.strip(), f"the keyring's entry {entry!r}")


def _sendable(value: str, where: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ConfigError(f"{where} holds signs that no HTTP header can carry.")
    return value
