"""Search the embedded corpus and all of the user's collections at once."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from ...errors import ConfigError, ToolError
from ...locations import data_dir
from ..corpora.corpus import corpus_folder, distrust_corpus, ensure_corpus
from ..index.ranking import Hit, rank
from ..index.store import OpenIndex, forget_index, has_index, open_index

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

    Raises:
        ToolError: an index cannot be read.
    """
    for attempt in range(2):
        problems: list[str] = []
        indexes = _open_all(problems)
        try:
            return Found(rank(query, indexes, limit), tuple(name for name, _ in indexes), tuple(problems))
        except (OSError, ValueError) as error:  # an index was replaced under our hands
            for _, index in indexes:
                forget_index(index.folder)
            if attempt:
                raise ToolError(f"The search index cannot be read ({error}). Index the documents again.") from error
    raise AssertionError


def _open_all(problems: list[str]) -> list[tuple[str, OpenIndex]]:
    folders: dict[str, Path] = {}
    corpus = _corpus(problems)
    if corpus is not None:
        folders[CORPUS] = corpus
    try:
        folders |= collection_folders()
    except OSError as error:
        problems.append(f"The collections in {collections_folder()} cannot be read: {error.strerror}.")
    indexes: list[tuple[str, OpenIndex]] = []
    for name, folder in folders.items():
        try:
            index = open_index(folder)
            index.searcher()
            indexes.append((name, index))
        except (OSError, ValueError) as error:
            forget_index(folder)
            if name == CORPUS:
                distrust_corpus()
            problems.append(f"The collection {name} cannot be read ({error}). Drop it and index its files again.")
            _log.warning("%s", problems[-1])
    return indexes


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
