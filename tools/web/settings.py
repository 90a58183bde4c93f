"""The `[fetch]` section of the settings."""

from __future__ import annotations

from pydantic import Field

from ..settings import Section


class FetchSettings(Section):
    """How pages are fetched.

    Args:
        allow: what may be fetched besides the public Internet: host names (`wiki.lan`), `HOST:PORT` and CIDR networks
            (`10.1.0.0/16`).
        seconds: time limit of one call, with name look-up, redirects, retries and the reading of the page.
        max_bytes: most bytes of a page, on the wire as well as decompressed.
        max_chars: most characters of a page that are told in one call.
    """

    allow: tuple[str, ...] = ()
    seconds: float = Field(default=10.0, gt=0, le=300)
    max_bytes: int = Field(default=5_000_000, ge=1_000, le=100_000_000)
    max_chars: int = Field(default=2_000, ge=200, le=20_000)
