"""Which back ends `search` asks: the section `[search]` of the settings.

    [search]
    backends = ["local", "wikipedia", "searx"]

    [search.backend.searx]
    kind = "searxng"
    url = "http://localhost:8888"

`local` and `wikipedia` are known without a table of their own; a table of that name changes them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from ..settings import Section, load_section

Kind = Literal["local", "mediawiki", "searxng", "tavily", "zim", "opensearch"]
WIKIPEDIA = "https://en.wikipedia.org/w/api.php"


class BackendSettings(Section):
    """One back end.

    Args:
        kind: what it speaks to.
        url: where: a wiki's `api.php`, a SearXNG instance, an OpenSearch index (`http://host:9200/INDEX`). Not
            restricted to public addresses: it is the operator who writes it.
        path: of a ZIM file.
        key: for services that want one. `TAVILY_API_KEY` in the environment is used where it is not set here.
        seconds: how long it may take; what comes later is not waited for.
        weight: of its ranks in the combined ranking.
        language: of the answers where a service can tell languages apart: `en`, `zh`.
        title_field, text_field, link_field, date_field: an OpenSearch index's names of these.
    """

    kind: Kind
    url: str = ""
    path: str = ""
    key: SecretStr | None = None
    seconds: float = Field(default=4.0, gt=0, le=60)
    weight: float = Field(default=1.0, gt=0, le=100)
    language: str = Field(default="", pattern=r"^([a-z]{2,3}(-[A-Za-z]{2,4})?)?$")
    title_field: str = "title"
    text_field: str = "text"
    link_field: str = "url"
    date_field: str = "date"

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("a url starts with http:// or https://")
        return url.rstrip("/")


class SearchSettings(Section):
    """What `search` does.

    Args:
        backends: names of those that are asked; of equal ranks the one named first comes first.
        hits: passages that a policy is told of, at most.
        backend: their settings by name.
    """

    backends: tuple[str, ...] = ("local",)
    hits: int = Field(default=3, ge=1, le=20)
    backend: dict[str, BackendSettings] = Field(default_factory=dict[str, BackendSettings])


def search_settings() -> SearchSettings:
    """The settings as files and environment have them now.

    Raises:
        ConfigError: a key or a value is wrong.
    """
    return load_section("search", SearchSettings)
