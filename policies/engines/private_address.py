"""Where an embedded llama.cpp server listens, reachable by this process alone.

On a Unix socket in a folder that only this user can open, so no TCP port exists. Where there are no Unix sockets it is
a loopback port. Either way it wants a random key under a random path, and answers no other web origin.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import tempfile
import weakref
from pathlib import Path
from typing import Any


class PrivateAddress:
    """The address, and a client for it. `remove` deletes the socket's folder."""

    def __init__(self) -> None:
        self._key = secrets.token_urlsafe(32)
        self._prefix = f"/{secrets.token_urlsafe(16)}"
        # mkdtemp makes the folder 0700; a socket's path may be at most about 100 bytes long.
        self._folder = Path(tempfile.mkdtemp(prefix="pericles-")) if hasattr(socket, "AF_UNIX") else None
        # Runs at the program's end as well, for whoever does not close the policy.
        self.remove = weakref.finalize(self, _remove_folder, self._folder)

    def apply(self, params: Any) -> None:
        """Sets the server's parameters (`xllamacpp.CommonParams`)."""
        params.api_keys = [self._key]
        params.api_prefix = self._prefix
        params.cors_origins = params.cors_methods = params.cors_headers = ""
        params.cors_credentials = False
        params.ui = False
        params.endpoint_slots = False
        params.endpoint_props = False
        params.endpoint_metrics = False
        if self._folder is not None:
            params.hostnames = [str(self._folder / "llama.sock")]

    def client(self, listening_address: str) -> Any:
        """An HTTP client that holds the key; only the tokenizer is used through it."""
        import httpx

        transport = httpx.HTTPTransport(uds=None if self._folder is None else str(self._folder / "llama.sock"))
        base = "http://localhost" if self._folder is not None else listening_address
        return httpx.Client(
            transport=transport,
            base_url=base + self._prefix,
            headers={"Authorization": f"Bearer {self._key}"},
            timeout=60,
            trust_env=False,
        )


def _remove_folder(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
