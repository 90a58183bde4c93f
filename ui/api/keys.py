"""Who may ask: keys, known here by their SHA-256 alone."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping

from ...tools import ConfigError
from .settings import KEY_NAME, KeySettings

PREFIX = "pk-"


def holder_of(authorization: str, keys: Mapping[str, KeySettings]) -> str | None:
    """The name of the client whose key a request carries.

    Args:
        authorization: the header, `Bearer KEY`.
        keys: the clients.

    Returns:
        `None` for an unknown key. How long it takes does not depend on how much of the key is right.
    """
    scheme, _, key = authorization.partition(" ")
    digest = hashlib.sha256(key.strip().encode("utf-8", "replace")).hexdigest()
    found = None
    for name, known in keys.items():
        if hmac.compare_digest(digest, known.sha256):
            found = name
    return found if scheme.lower() == "bearer" else None


def new_key(name: str) -> str:
    """A fresh key, shown once, and the lines that make the server accept it.

    Raises:
        ConfigError: the name cannot be one.
    """
    if not KEY_NAME.fullmatch(name):
        raise ConfigError(f"a key's name has 1 to 40 letters, digits, - and _, got {name!r}.")
    key = PREFIX + secrets.token_urlsafe(32)
    digest = hashlib.sha256(key.encode()).hexdigest()
    return (
        f"The key of {name}, which is not shown again:\n\n{key}\n\n"
        f'Put into pericles.toml:\n\n[api.keys.{name}]\nsha256 = "{digest}"\nrequests_per_minute = 60'
    )
