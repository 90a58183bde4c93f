"""A ZIM file (offline Wikipedia and the like, as Kiwix publishes them), through its own full-text index.

Needs the extra `zim` (libzim). Pages are read by the same worker as the user's files; the passage that fits best is
quoted. A file without a full-text index is searched by its titles.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ConfigError, ToolError
from ..documents.files import Unreadable, passages_of
from ..passage_choice import choose_among
from ..passages import Passage
from .protocol import Answer, SearchHit, SearchQuery

_PAGES = 5
_PAGE_BYTES = 8_000_000
# libzim's searches share state inside an archive.
_searching = threading.Lock()


@dataclass(frozen=True, slots=True)
class ZimFile:
    """A file.

    Args:
        name: by which settings and messages call it.
        path: of the file.
    """

    name: str
    path: str

    async def search(self, query: SearchQuery) -> Answer:
        """See `Backend.search`."""
        return await asyncio.to_thread(self._search, query)

    def _search(self, query: SearchQuery) -> Answer:
        try:
            status = Path(self.path).expanduser().stat()
            archive = _opened(str(Path(self.path).expanduser()), status.st_mtime_ns, status.st_size)
        except (OSError, RuntimeError) as error:
            raise ToolError(f"{self.name}: the ZIM file {self.path} cannot be read ({error}).") from error
        date = _date(archive)
        hits = [self._hit(archive, path, query.text, date) for path in _found(archive, query.text)]
        return Answer(tuple(hit for hit in hits if hit is not None)[: query.limit])

    def _hit(self, archive: Any, path: str, query: str, date: str) -> SearchHit | None:
        with _searching:
            entry = archive.get_entry_by_path(path)
            item = entry.get_item()
            if item.size > _PAGE_BYTES or not item.mimetype.startswith("text/"):
                return None
            title, content = entry.title, bytes(item.content)
        kind = ".html" if "html" in item.mimetype else ".txt"
        try:
            passages = list(passages_of(Path(title.replace("/", " ") + kind), path, content, date))
        except Unreadable:
            return None
        best = choose_among([passage.body for passage in passages], query, about=title)
        if best is None:
            return None
        passage: Passage = passages[best.place]
        return SearchHit(passage.title, f"zim:{self.name}/{passage.locator}", passage.body, date, matched=best.matched)


@functools.lru_cache(maxsize=8)
def _opened(path: str, *_: int) -> Any:
    """The archive of a path; opened again when the file has another time or size."""
    try:
        from libzim.reader import Archive
    except ImportError:
        raise ConfigError("ZIM files need libzim: pip install 'pericles[zim]'.") from None
    return Archive(Path(path))


def _found(archive: Any, query: str) -> list[str]:
    with _searching:
        if archive.has_fulltext_index:
            from libzim.search import Query, Searcher

            found = list(Searcher(archive).search(Query().set_query(query)).getResults(0, _PAGES))
            if found:
                return found
        from libzim.suggestion import SuggestionSearcher

        from .mediawiki import plain_query

        return list(SuggestionSearcher(archive).suggest(plain_query(query)).getResults(0, _PAGES))


def _date(archive: Any) -> str:
    """The day that the file was made of its pages, where it says so."""
    from .json_shapes import date_of

    with _searching:
        if "Date" not in archive.metadata_keys:
            return ""
        return date_of(archive.get_metadata("Date").decode("utf-8", "replace"))
