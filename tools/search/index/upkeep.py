"""What collections there are, what is in them, and how they are taken away or built anew."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...errors import ConfigError
from ..corpora.corpus import CORPORA, is_built
from ..passages import Progress
from .folders import collection_folders, known_collection
from .indexing import IndexReport, alone, is_under, records_of, writing
from .store import PARTLY, IndexWriter, OpenIndex, forget_index, has_index, index_errors, open_index
from .urls import is_url
from .walk import readable_name


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """A collection as `list_collections` tells it.

    Args:
        name: its name.
        folder: where its index stands.
        files, passages: how many it holds.
        size: bytes on disk.
        updated: ISO 8601 time of the last commit, UTC.
        problem: why it cannot be searched, empty when it can.
    """

    name: str
    folder: Path
    files: int
    passages: int
    size: int
    updated: str
    problem: str = ""


def remove_path(path: str | Path, *, collection: str | None = None) -> int:
    """Take a page, a file, or all files under a folder, out of the collections. The files themselves are not touched.

    Args:
        path: file or folder, which need not exist any more, or a page's address.
        collection: a name, or `None` for all collections.

    Returns:
        Number of files and pages taken out.

    Raises:
        ConfigError: there is no such collection.
    """
    top = _top(path)
    removed = 0
    folders = collection_folders() if collection is None else {collection: known_collection(collection)}
    for name, folder in folders.items():
        with alone(name), index_errors(folder, 0):
            inside = [file for file in _sources(folder) if is_under(file, top)]
            if inside:
                writer = IndexWriter(folder, threads=1)
                for file in inside:
                    writer.delete_file(file)
                writer.commit()
                writer.close()
                removed += len(inside)
    return removed


def list_collections() -> list[CollectionInfo]:
    """The user's collections, by name."""
    return [_info(name, folder) for name, folder in collection_folders().items()]


def list_corpora() -> list[CollectionInfo]:
    """The embedded corpora, built or not."""
    found: list[CollectionInfo] = []
    for corpus in CORPORA:
        if is_built(corpus):
            found.append(_info(corpus.name, corpus.folder))
        else:
            found.append(CollectionInfo(corpus.name, corpus.folder, 0, 0, 0, "", "not built: pericles index corpus"))
    return found


def collection_files(name: str) -> dict[str, int]:
    """The files and pages of a collection with their numbers of passages, by name.

    Raises:
        ConfigError: there is no such collection, or its index cannot be read.
    """
    found = records_of(known_collection(name))
    return {name.removesuffix(PARTLY): found[name].passages for name in sorted(found)}


def rebuild_collection(name: str, *, progress: Progress | None = None) -> IndexReport:
    """Read all files and pages of a collection again into a new index, which then takes the old one's place.

    An index that another version of pericles has written can be rebuilt too. What is gone from the disk is left out. A
    run that is stopped goes on where it was.

    Args:
        name: the collection.
        progress: see `index_path`.

    Returns:
        What was done.

    Raises:
        ConfigError: there is no such collection, or a file or page that is still there cannot be read now; the old
            index stays.
    """
    started = time.monotonic()
    folder = known_collection(name)
    names = sorted(_names_in(folder))
    beside = folder.with_name(f".{name}.rebuilt")
    if has_index(beside) and not _is_readable(beside):
        shutil.rmtree(beside)
    report = IndexReport(name)
    with writing(name, beside, report, progress) as run:
        failed = run.again(names)
    if failed:
        first, reason = next(iter(failed.items()))
        raise ConfigError(
            f"The old index of {name!r} stays: {len(failed)} of its files or pages cannot be read now, the first is"
            f" {first} ({reason}). Run it again later, or take them out with: pericles index remove"
        )
    with alone(name):
        forget_index(folder)
        forget_index(beside)
        old = folder.with_name(f".{name}.dropped")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        beside.rename(folder)
        shutil.rmtree(old)
    report.seconds = time.monotonic() - started
    return report


def rebuild_path(path: str | Path, *, progress: Progress | None = None) -> list[IndexReport]:
    """Read a page, a file, or all files under a folder again, changed or not, in every collection that has it.

    Args:
        path: file or folder, or a page's address, as it was added. What is gone from the disk is taken out.
        progress: see `index_path`.

    Returns:
        What was done, for each collection.

    Raises:
        ConfigError: no collection has it, or a file or page that is still there cannot be read now; what the index has
            of it stays.
    """
    top = _top(path)
    reports: list[IndexReport] = []
    for name, folder in collection_folders().items():
        inside = sorted(source for source in _sources(folder) if is_under(source, top))
        if not inside:
            continue
        started = time.monotonic()
        report = IndexReport(name)
        with writing(name, folder, report, progress) as run:
            failed = run.again(inside, unchanged_too=True)
        if failed:
            first, reason = next(iter(failed.items()))
            raise ConfigError(f"{len(failed)} of {len(inside)} cannot be read now, the first is {first} ({reason}).")
        report.seconds = time.monotonic() - started
        reports.append(report)
    if not reports:
        raise ConfigError(f"No collection has {str(path)!r}; see: pericles index list COLLECTION")
    return reports


def _top(path: str | Path) -> str:
    """A path or address as an index has it."""
    return str(path) if is_url(str(path)) else readable_name(os.path.abspath(Path(path).expanduser()))


def _names_in(folder: Path) -> list[str]:
    try:
        found = OpenIndex(folder, any_format=True).records()
        return list({name.removesuffix(PARTLY) for name in found})
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The index in {folder} is damaged ({error}). Drop it with pericles index drop {folder.name}, and add its"
            " files again."
        ) from error


def _sources(folder: Path) -> set[str]:
    """The files and pages of a collection, those included that have been read in part."""
    return {name.removesuffix(PARTLY) for name in records_of(folder)}


def _is_readable(folder: Path) -> bool:
    try:
        records_of(folder)
    except ConfigError:
        return False
    return True


def drop_collection(name: str) -> None:
    """Delete a collection's index. The indexed files themselves are not touched.

    Args:
        name: the collection.

    Raises:
        ConfigError: there is no such collection.
    """
    folder = known_collection(name)
    with alone(name):
        forget_index(folder)
        beside = folder.with_name(f".{name}.dropped")
        shutil.rmtree(beside, ignore_errors=True)
        folder.rename(beside)
        shutil.rmtree(beside)


def _info(name: str, folder: Path) -> CollectionInfo:
    updated = datetime.fromtimestamp((folder / "meta.json").stat().st_mtime, UTC).isoformat(timespec="seconds")
    size = sum(entry.stat().st_size for entry in os.scandir(folder))
    try:
        records = records_of(folder)
        files = len(_sources(folder))
        passages = open_index(folder).searcher().num_docs - len(records)
    except ConfigError as error:
        return CollectionInfo(name, folder, 0, 0, size, updated, str(error))
    return CollectionInfo(name, folder, files, passages, size, updated)
