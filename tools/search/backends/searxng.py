"""A SearXNG instance, through its JSON search API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import ToolError
from .json_shapes import items, web_hits
from .protocol import Answer, SearchQuery

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
        return Answer(web_hits(results, query.text, date_key="publishedDate")[: query.limit])
