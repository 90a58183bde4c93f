"""What a back end is: something that is asked in plain words and answers with passages, best first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ..freshness import Freshness


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is asked.

    Args:
        text: plain words; nothing in it is query syntax.
        limit: greatest number of passages that are of use.
        freshness: how recent the words ask the answer to be, `None` where they do not.
    """

    text: str
    limit: int = 3
    freshness: Freshness | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A passage that a back end found.

    Args:
        title: how a reader would name the passage.
        locator: where it is found: a path, a URL or `collection/document#passage`.
        quote: the passage, verbatim.
        date: ISO 8601 date of the document (`2026`, `2026-01`, `2026-01-31`), empty when unknown.
        backend: name of the back end that found it, set by who asked.
        matched: words of the query that stand in the quote, with weights, for cutting a long quote.
    """

    title: str
    locator: str
    quote: str
    date: str = ""
    backend: str = ""
    matched: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a back end brings.

    Args:
        hits: best first; empty where nothing fits.
        problems: one line for each part that could not be searched.
    """

    hits: tuple[SearchHit, ...] = ()
    problems: tuple[str, ...] = ()


@runtime_checkable
class Backend(Protocol):
    """Where `search` looks.

    `search` may be called from several event loops and for several queries at once. It raises `ToolError` with one
    line where it cannot be searched now; that line reaches the policy and the log.
    """

    @property
    def name(self) -> str:
        """By which settings and messages call it."""
        ...

    async def search(self, query: SearchQuery) -> Answer:
        """The passages that answer a query.

        Raises:
            ToolError: it cannot be searched now.
        """
        ...
