"""A web page as a source of passages: fetched and read as by the `fetch` tool."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...errors import ConfigError
from ..documents.pieces import Heading, sections
from ..passages import Passage

if TYPE_CHECKING:
    from ...web import Document

_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page that was fetched and read.

    Args:
        url: as it was asked for.
        document: its text.
        date: ISO 8601 date of the page, or of the day when it was fetched.
    """

    url: str
    document: Document
    date: str

    @property
    def stamp(self) -> tuple[int, int]:
        """What tells whether the page has changed: a hash of its text, and its length in characters."""
        digest = hashlib.sha256(f"{self.document.title}\n{self.document.text}".encode("utf-8", "replace")).digest()
        return int.from_bytes(digest[:6]), len(self.document.text)

    def passages(self) -> Iterator[Passage]:
        """The passages of the page, in order."""
        text = self.document.text
        headings = [
            Heading(offset, (text.find("\n", offset) + 1) or len(text), words)
            for offset, words in self.document.headings
        ]
        title = self.document.title or urlsplit(self.url).netloc
        for piece in sections(title, text, headings):
            yield Passage(piece.title, piece.body, f"{self.url}#chars={piece.place}", self.date)


def is_url(name: str) -> bool:
    """Whether a name is a page's address and not a path."""
    return name.lower().startswith(("http://", "https://"))


def _host_and_port(url: str) -> str:
    try:
        place = urlsplit(url)
        host, port = place.hostname or "", place.port
    except ValueError as error:
        raise ConfigError(f"{url[:200]!r} is no web address ({error}).") from None
    if not host:
        raise ConfigError(f"{url[:200]!r} is no web address: it names no host.")
    port = port or (443 if place.scheme == "https" else 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def read_page(url: str) -> ReadPage:
    """Fetch and read a page.

    Whoever names an address to be indexed allows it: a page of one's own machine or network can be read too. Where it
    redirects to, is checked as always.

    Args:
        url: `http://…` or `https://…`.

    Raises:
        ConfigError: it is no address.
        ToolError: it cannot be fetched or read.
    """
    from ...settings import load_section
    from ...web import FetchSettings, read_document_sync
    from ...web.client import get_page
    from ...web.io_loop import run_on_io_loop

    settings = load_section("fetch", FetchSettings)
    named = _host_and_port(url)
    settings = settings.model_copy(update={"allow": (*settings.allow, named), "seconds": _SECONDS})
    page = run_on_io_loop(get_page(url, settings=settings))
    document = read_document_sync(page.content, page.media_type, url=page.url, charset=page.charset)
    return ReadPage(url, document, document.date or page.date or page.fetched[:10])
