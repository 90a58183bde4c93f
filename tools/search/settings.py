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
        collections: the only collections and corpora that `local` searches; all by default.
        title_field, text_field, link_field, date_field: an OpenSearch index's names of these.
    """

    kind: Kind
    url: str = ""
    path: str = ""
    key: SecretStr | None = None
    seconds: float = Field(default=4.0, gt=0, le=60)
    weight: float = Field(default=1.0, gt=0, le=100)
    language: str = Field(default="", pattern=r"^([a-z]{2,3}(-[A-Za-z]{2,4})?)?$")
    collections: tuple[str, ...] = ()
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


class HybridSettings(Section):
    """An embedding model that has a say in the order of what words have found on this machine.

    Args:
        model: `http://HOST:PORT/v1#MODEL`, `dir:PATH` or `hf:ORG/NAME`; empty for none. See `embeddings`.
        key: for a server that wants one.
        seconds: how long the model may take for a search; afterwards the order by words counts. Less than the limit of
            the back end `local`.
        candidates: passages of running text that are put in order, the best by words.
        weight: of the ranks by meaning; those by words have 1.
        query_prefix, passage_prefix: what the model was trained to see before a text: `"query: "` and `"passage: "`
            for E5.
    """

    model: str = ""
    key: SecretStr | None = None
    seconds: float = Field(default=3.0, gt=0, le=60)
    candidates: int = Field(default=50, ge=2, le=500)
    weight: float = Field(default=1.0, gt=0, le=100)
    query_prefix: str = ""
    passage_prefix: str = ""

    @field_validator("model")
    @classmethod
    def _names_a_model(cls, model: str) -> str:
        from .embeddings import reference_fault

        fault = reference_fault(model) if model else ""
        if fault:
            raise ValueError(fault)
        return model


class SearchSettings(Section):
    """What `search` does.

    Args:
        backends: names of those that are asked; of equal ranks the one named first comes first.
        hits: passages that a policy is told of, at most.
        backend: their settings by name.
        hybrid: the embedding model that orders what `local` finds, none by default.
    """

    backends: tuple[str, ...] = ("local",)
    hits: int = Field(default=3, ge=1, le=20)
    backend: dict[str, BackendSettings] = Field(default_factory=dict[str, BackendSettings])
    hybrid: HybridSettings = Field(default_factory=HybridSettings)


def search_settings() -> SearchSettings:
    """The settings as files and environment have them now.

    Raises:
        ConfigError: a key or a value is wrong.
    """
    return load_section("search", SearchSettings)
