"""The back end `local`: the embedded corpora and all of the user's collections, on disk, at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import ConfigError, ToolError
from ..corpora.corpus import CORPORA, Corpus, distrust_corpus, ensure_corpus
from ..hybrid import configured_hybrid
from ..index.folders import collection_folders, collections_folder
from ..index.ranking import Hit, rank
from ..index.store import OpenIndex, forget_index, open_index
from .protocol import Answer, SearchHit, SearchQuery

_RETRY_SECONDS = 300.0
# Further passages are told only when they come near the best: each costs the model reading time.
# Of named subjects (an encyclopaedia's entries) the best answers; in running text the answer may stand in any of three.
_NEAR_THE_BEST_NAMED = 0.95
_NEAR_THE_BEST = 0.6
_log = logging.getLogger(__name__)
_not_before: dict[Path, tuple[float, str]] = {}


@dataclass(frozen=True, slots=True)
class LocalIndexes:
    """Everything that is indexed on this machine.

    Args:
        name: by which settings and messages call it.
        collections: the only collections and corpora that are searched; all when empty.
    """

    name: str = "local"
    collections: tuple[str, ...] = ()

    async def search(self, query: SearchQuery) -> Answer:
        """See `Backend.search`."""
        hybrid = configured_hybrid()
        limit = max(query.limit, hybrid.candidates) if hybrid else query.limit
        found = await asyncio.to_thread(find, query.text, limit, self.collections)
        if not found.collections:
            reason = f" {found.problems[0]}" if found.problems else ""
            raise ToolError(f"There is nothing to search in yet. Add documents with: pericles index PATH.{reason}")
        best = found.hits[0].score if found.hits else 0.0
        near = [
            hit for hit in found.hits if hit.score >= best * (_NEAR_THE_BEST_NAMED if hit.named else _NEAR_THE_BEST)
        ]
        problems = found.problems
        if hybrid:
            near, more = await hybrid.reordered(query.text, found.hits, near)
            problems += more
        told = near[: query.limit]
        hits = (SearchHit(hit.title, hit.locator, hit.body, hit.date, matched=hit.matched) for hit in told)
        return Answer(tuple(hits), problems)


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


def find(query: str, limit: int, only: Sequence[str] = ()) -> Found:
    """Search everything there is to search.

    The corpora are fetched at the first search; where that fails, it is tried again five minutes later, and what is
    there is searched all the same.

    Args:
        query: plain words.
        limit: greatest number of hits.
        only: names of the collections and corpora that are searched; all when empty.

    Returns:
        Hits over all collections on one scale.

    Raises:
        ToolError: an index cannot be read.
    """
    for attempt in range(2):
        problems: list[str] = []
        indexes = _open_all(problems, only)
        try:
            return Found(rank(query, indexes, limit), tuple(name for name, _ in indexes), tuple(problems))
        except (OSError, ValueError) as error:  # an index was replaced under our hands
            for _, index in indexes:
                forget_index(index.folder)
            if attempt:
                raise ToolError(f"The search index cannot be read ({error}). Index the documents again.") from error
    raise AssertionError


def _open_all(problems: list[str], only: Sequence[str] = ()) -> list[tuple[str, OpenIndex]]:
    folders: dict[str, Path] = {}
    by_folder: dict[Path, Corpus] = {}
    for corpus in CORPORA:
        if only and corpus.name not in only:
            continue
        folder = _corpus_folder(corpus, problems)
        if folder is not None:
            folders[corpus.name] = folder
            by_folder[folder] = corpus
    try:
        own = collection_folders()
        folders |= {name: folder for name, folder in own.items() if not only or name in only}
    except OSError as error:
        problems.append(f"The collections in {collections_folder()} cannot be read: {error.strerror}.")
    problems += [f"There is no collection {name!r}." for name in only if name not in folders]
    indexes: list[tuple[str, OpenIndex]] = []
    for name, folder in folders.items():
        try:
            index = open_index(folder)
            index.searcher()
            indexes.append((name, index))
        except (OSError, ValueError) as error:
            forget_index(folder)
            if folder in by_folder:
                distrust_corpus(by_folder[folder])
            problems.append(f"The collection {name} cannot be read ({error}). Try: pericles index rebuild {name}")
            _log.warning("%s", problems[-1])
    return indexes


def _corpus_folder(corpus: Corpus, problems: list[str]) -> Path | None:
    folder = corpus.folder
    moment, reason = _not_before.get(folder, (0.0, ""))
    if time.monotonic() >= moment:
        try:
            return ensure_corpus(corpus)
        except ConfigError as error:
            reason = str(error)
            _not_before[folder] = (time.monotonic() + _RETRY_SECONDS, reason)
            _log.warning("%s is not searched: %s", corpus.label, reason)
    if corpus.required:
        problems.append(reason)
    return None
