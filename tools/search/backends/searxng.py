"""A SearXNG instance, through its JSON search API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import ToolError
from ..passage_choice import matched_words
from .json_shapes import date_of, items, text_of
from .mediawiki import without_tags
from .protocol import Answer, SearchHit, SearchQuery

# SearXNG knows no week.
_RANGES = {"day": "day", "week": "month", "month": "month", "year": "year"}


@dataclass(frozen=True, slots=True)
class SearXNG:
    """An instance.

    Args:
        name: by which settings and messages call it.
        url: of the instance, without `/search`.
        seconds: how long a request may take.
        language: of the answers, empty for the instance's own.
    """

    name: str
    url: str
    seconds: float
    language: str = ""

    async def search(self, query: SearchQuery) -> Answer:
        """See `Backend.search`."""
        from ...web.client import request_json

        params: dict[str, Any] = {"q": query.text, "format": "json"}
        if self.language:
            params["language"] = self.language
        if query.freshness is not None:
            params["time_range"] = _RANGES[query.freshness.span]
        try:
            found = await request_json("GET", f"{self.url}/search", params=params, seconds=self.seconds)
        except ToolError as error:
            if "403" in str(error):
                raise ToolError(
                    f"{self.name}: the instance gives no JSON; its settings.yml must list json under search.formats."
                ) from error
            raise
        results = items(found.get("results")) if isinstance(found, dict) else None
        if results is None:
            raise ToolError(f"{self.name} did not answer as a SearXNG instance does.")
        hits = [self._hit(result, query.text) for result in results]
        return Answer(tuple(hit for hit in hits if hit is not None)[: query.limit])

    def _hit(self, result: dict[str, Any], query: str) -> SearchHit | None:
        url, body = text_of(result.get("url")), without_tags(text_of(result.get("content")))
        if not url.startswith(("http://", "https://")) or not body:
            return None
        title = without_tags(text_of(result.get("title"))) or url
        return SearchHit(title, url, body, date_of(result.get("publishedDate")), matched=matched_words(body, query))
