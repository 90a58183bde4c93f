"""The back ends that the settings name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from ...errors import ConfigError
from ..settings import WIKIPEDIA, BackendSettings, SearchSettings
from .protocol import Backend


@dataclass(frozen=True, slots=True)
class Asked:
    """A back end with what the combination needs to know of it.

    Args:
        backend: what is asked.
        seconds: how long it is waited for.
        weight: of its ranks.
    """

    backend: Backend
    seconds: float
    weight: float = 1.0


def configured_backends(settings: SearchSettings) -> list[Asked]:
    """The back ends that the settings name, in their order.

    Raises:
        ConfigError: a name is unknown, or a back end lacks what it needs.
    """
    if not settings.backends:
        raise ConfigError("search.backends names no back end; the default is ['local'].")
    asked: list[Asked] = []
    for name in dict.fromkeys(settings.backends):
        found = settings.backend.get(name) or _known(settings).get(name)
        if found is None:
            known = [*dict.fromkeys([*_known(settings), *settings.backend])]
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}."
            raise ConfigError(f"search.backends names {name!r}, which is not known; {hint}")
        asked.append(Asked(_made(name, found), found.seconds, found.weight))
    return asked


def _known(settings: SearchSettings) -> dict[str, BackendSettings]:
    return {
        "local": BackendSettings(kind="local", seconds=10.0),
        "wikipedia": BackendSettings(kind="mediawiki", url=WIKIPEDIA),
        "tavily": BackendSettings(kind="tavily"),
    }


def _made(name: str, settings: BackendSettings) -> Backend:
    seconds = settings.seconds
    match settings.kind:
        case "local":
            from .local import LocalIndexes

            return LocalIndexes(name, settings.collections)
        case "mediawiki":
            from .mediawiki import MediaWiki

            return MediaWiki(name, _url(name, settings), seconds)
        case "searxng":
            from .searxng import SearXNG

            return SearXNG(name, _url(name, settings), seconds, settings.language)
        case "tavily":
            from .tavily import URL, Tavily, key_of

            key = settings.key.get_secret_value() if settings.key else None
            return Tavily(name, key_of(key, name), seconds, settings.url or URL)
        case "zim":
            from .zim import ZimFile

            if not settings.path:
                raise ConfigError(f"the back end {name!r} needs a path: set path in [search.backend.{name}].")
            return ZimFile(name, settings.path)
        case "opensearch":
            from .opensearch import OpenSearch

            return OpenSearch(name, _url(name, settings), settings)


def _url(name: str, settings: BackendSettings) -> str:
    if not settings.url:
        raise ConfigError(f"the back end {name!r} needs an address: set url in [search.backend.{name}].")
    return settings.url
