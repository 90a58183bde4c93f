"""The web through Tavily, a paid search service for agents (`POST /search`, a key in the Authorization header)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from ...errors import ConfigError, ToolError
from .json_shapes import items, web_hits
from .protocol import Answer, SearchQuery

URL = "https://api.tavily.com"
KEY_VARIABLE = "TAVILY_API_KEY"


@dataclass(frozen=True, slots=True)
class Tavily:
    """The service.

    Args:
        name: by which settings and messages call it.
        key: the account's.
        seconds: how long a request may take.
        url: of the service.
    """

    name: str
    key: str = field(repr=False)
    seconds: float
    url: str = URL

    async def search(self, query: SearchQuery) -> Answer:
        """See `Backend.search`."""
        from ...web.client import request_json

        body: dict[str, Any] = {"query": query.text[:400], "max_results": max(1, min(20, query.limit))}
        if query.freshness is not None:
            body["time_range"] = query.freshness.span
            body["topic"] = "news" if query.freshness.span in ("day", "week") else "general"
        found = await request_json(
            "POST",
            f"{self.url}/search",
            headers={"Authorization": f"Bearer {self.key}"},
            body=body,
            seconds=self.seconds,
        )
        results = items(found.get("results")) if isinstance(found, dict) else None
        if results is None:
            raise ToolError(f"{self.name} did not answer as Tavily does.")
        return Answer(web_hits(results, query.text, date_key="published_date")[: query.limit])


def key_of(configured: str | None, name: str) -> str:
    """The key from the settings, or from the environment.

    Raises:
        ConfigError: there is none.
    """
    key = configured or os.environ.get(KEY_VARIABLE, "")
    if not key:
        raise ConfigError(f"the back end {name!r} needs a key: set {KEY_VARIABLE}, or key in [search.backend.{name}].")
    return key
