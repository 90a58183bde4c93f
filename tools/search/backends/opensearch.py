"""An OpenSearch or Elasticsearch index, for collections that have outgrown one machine (`POST INDEX/_search`)."""

from __future__ import annotations

import base64
from typing import Any

from ...errors import ToolError
from ..passage_choice import choose_among
from ..passages import split_text
from ..settings import BackendSettings
from .json_shapes import date_of, items, text_of
from .protocol import Answer, SearchHit, SearchQuery


class OpenSearch:
    """An index.

    Args:
        name: by which settings and messages call it.
        url: of the index: `http://host:9200/INDEX`.
        settings: names of the index's fields; `key` is `USER:PASSWORD`, or an API key.
    """

    def __init__(self, name: str, url: str, settings: BackendSettings) -> None:
        self.name = name
        self._url = url
        self._settings = settings

    async def search(self, query: SearchQuery) -> Answer:
        """See `Backend.search`."""
        from ...web.client import request_json

        settings = self._settings
        wanted = {"query": query.text, "fields": [f"{settings.title_field}^3", settings.text_field]}
        body = {"size": query.limit, "query": {"multi_match": {**wanted, "type": "cross_fields"}}}
        found = await request_json(
            "POST", f"{self._url}/_search", headers=self._headers(), body=body, seconds=settings.seconds
        )
        outer = found.get("hits") if isinstance(found, dict) else None
        if not isinstance(outer, dict):
            raise ToolError(f"{self.name} did not answer as an OpenSearch index does.")
        hits = [self._hit(hit, query.text) for hit in items(outer.get("hits"))]
        return Answer(tuple(hit for hit in hits if hit is not None)[: query.limit])

    def _headers(self) -> dict[str, str]:
        if self._settings.key is None:
            return {}
        key = self._settings.key.get_secret_value()
        if ":" in key:
            return {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"}
        return {"Authorization": f"ApiKey {key}"}

    def _hit(self, hit: dict[str, Any], query: str) -> SearchHit | None:
        source = hit.get("_source")
        source = source if isinstance(source, dict) else {}
        settings = self._settings
        text = text_of(source.get(settings.text_field))
        passages = [text[start:end] for start, end in split_text(text)]
        number = f"{text_of(hit.get('_index')) or self.name}/{hit.get('_id', '')}"
        title = text_of(source.get(settings.title_field)) or number
        locator = text_of(source.get(settings.link_field)) or number
        best = choose_among(passages, query, about=title)
        if best is None:
            return None
        date = date_of(source.get(settings.date_field))
        return SearchHit(title, locator, passages[best.place], date, matched=best.matched)
