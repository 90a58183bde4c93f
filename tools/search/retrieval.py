"""Search the embedded corpus and all of the user's collections at once."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigError
from ..locations import data_dir
from .corpus import corpus_folder, ensure_corpus, distrust_corpus
from .index import OpenIndex, forget_index, has_index, open_index
from .ranking import Hit, rank

CORPUS = "world-factbook"
_RETRY_SECONDS = 300.0
_log = logging.getLogger(__name__)
_not_before: dict[Path, tuple[float, str]] = {}


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought.

    Args:
        hits: best first.
        collections: names of the collections that were searched.
        problems: one line for each collection that could not be searched.
    """

    hits: list[Hit]
    collections: tuple[str, ...]
    problems: tuple[str, ...]


def find(query: str, limit: int) -> Found:
    """Search everything there is to search.

    The corpus is fetched at the first search; where that fails, it is tried again five minutes later, and the
    user's collections are searched all the same.

    Args:
        query: plain words.
        limit: greatest number of hits.

    Returns:
        Hits over all collections on one scale.
    """
    problems: list[str] = []
    folders: dict[str, Path] = {}
    corpus = _corpus(problems)
    if corpus is not None:
        folders[CORPUS] = corpus
    folders |= collection_folders()
    indexes: list[tuple[str, OpenIndex]] = []
    for name, folder in folders.items():
        try:
            index = open_index(folder)
            index.searcher()
            indexes.append((name, index))
        except (OSError, ValueError) as error:
            forget_index(folder)
            problems.append(f"The collection {name} cannot be read ({error}). Index it again.")
            _log.warning("%s", problems[-1])
    return Found(rank(query, indexes, limit), tuple(name for name, _ in indexes), tuple(problems))


def collections_folder() -> Path:
    """The folder of the user's own collections."""
    return data_dir() / "collections"


def collection_folders() -> dict[str, Path]:
    """The user's collections that hold an index, by name."""
    root = collections_folder()
    if not root.is_dir():
        return {}
    return {path.name: path for path in sorted(root.iterdir()) if has_index(path)}


def _corpus(problems: list[str]) -> Path | None:
    folder = corpus_folder()
    moment, reason = _not_before.get(folder, (0.0, ""))
    if time.monotonic() < moment:
        problems.append(reason)
        return None
    try:
        return ensure_corpus()
    except ConfigError as error:
        _not_before[folder] = (time.monotonic() + _RETRY_SECONDS, str(error))
        problems.append(str(error))
        _log.warning("The embedded corpus is not searched: %s", error)
        return None
