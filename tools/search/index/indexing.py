"""The user's own collections: index a path, again and again, and only what changed is read.

A file counts as unchanged by its modification time and size. Work is committed every so many passages and between files
only, so a killed or interrupted run leaves whole files and the next run goes on from there.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ...errors import ConfigError
from ..documents.files import Unreadable, passages_of, refuse_by_name
from ..passages import Progress
from .folders import collection_folder, collection_folders, collections_folder, known_collection
from .store import (
    IndexWriter,
    forget_index,
    has_index,
    index_errors,
    open_index,
    write_manifest,
    writer_threads,
)
from .walk import Walk, readable_name, walk

_COMMIT_PASSAGES = 50_000
_LOCK_SECONDS = 600


@dataclass(slots=True)
class IndexReport:
    """What one run of `index_path` did.

    Args:
        collection: the collection's name.
        added, updated, unchanged, removed: numbers of files.
        passages: number of passages written.
        skipped: path → why it was not read.
        seconds: wall-clock time.
    """

    collection: str
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    passages: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


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


def index_path(path: str | Path, *, collection: str = "documents", progress: Progress | None = None) -> IndexReport:
    """Index a file or all files under a folder.

    Args:
        path: file or folder; `~` is the home folder.
        collection: letters, digits, `-` and `_`.
        progress: called per file as `progress("reading NAME", files done, files in all)`. What it raises stops the run;
            the files read so far are kept.

    Returns:
        What was done.

    Raises:
        ConfigError: no such path, a bad collection name, a full disk, or another process that does not finish.
    """
    started = time.monotonic()
    root = Path(path).expanduser()
    if not root.exists():
        raise ConfigError(f"There is no file or folder {str(path)!r} to index.")
    folder = collection_folder(collection)
    found = walk(root)
    report = IndexReport(collection, skipped=dict(found.skipped))
    with _alone(collection), index_errors(folder, sum(status.st_size for _, status in found.files)):
        records = _records(folder)
        writer = IndexWriter(folder, threads=writer_threads())
        write_manifest(folder)
        try:
            _Run(writer, records, report, progress).over(root, found)
        except BaseException:
            writer.abandon()
            raise
        writer.close()
    report.seconds = time.monotonic() - started
    return report


def remove_path(path: str | Path, *, collection: str | None = None) -> int:
    """Take a file, or all files under a folder, out of the collections. The files themselves are not touched.

    Args:
        path: file or folder; it need not exist any more.
        collection: a name, or `None` for all collections.

    Returns:
        Number of files taken out.

    Raises:
        ConfigError: there is no such collection.
    """
    top = readable_name(os.path.abspath(Path(path).expanduser()))
    removed = 0
    folders = collection_folders() if collection is None else {collection: known_collection(collection)}
    for name, folder in folders.items():
        with _alone(name), index_errors(folder, 0):
            inside = [file for file in _records(folder) if _is_under(file, top)]
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


def drop_collection(name: str) -> None:
    """Delete a collection's index. The indexed files themselves are not touched.

    Args:
        name: the collection.

    Raises:
        ConfigError: there is no such collection.
    """
    folder = known_collection(name)
    with _alone(name):
        forget_index(folder)
        beside = folder.with_name(f".{name}.dropped")
        shutil.rmtree(beside, ignore_errors=True)
        folder.rename(beside)
        shutil.rmtree(beside)


def _info(name: str, folder: Path) -> CollectionInfo:
    updated = datetime.fromtimestamp((folder / "meta.json").stat().st_mtime, UTC).isoformat(timespec="seconds")
    size = sum(entry.stat().st_size for entry in os.scandir(folder))
    try:
        files = len(_records(folder))
        passages = open_index(folder).searcher().num_docs - files
    except ConfigError as error:
        return CollectionInfo(name, folder, 0, 0, size, updated, str(error))
    return CollectionInfo(name, folder, files, passages, size, updated)


class _Run:
    def __init__(
        self, writer: IndexWriter, records: dict[str, Record], report: IndexReport, progress: Progress | None
    ) -> None:
        self._writer = writer
        self._records = records
        self._report = report
        self._progress = progress
        self._uncommitted = 0

    def over(self, root: Path, found: Walk) -> None:
        name = ""
        try:
            for done, (path, status) in enumerate(found.files):
                name = readable_name(path)
                self._tell(f"reading {Path(name).name}", done, len(found.files))
                self._visit(Path(path), name, status, asked_for=root.is_file())
                if self._uncommitted >= _COMMIT_PASSAGES:
                    self._writer.commit()
                    self._uncommitted = 0
            self._tell("writing the index", len(found.files), len(found.files))
            self._forget_missing(readable_name(os.path.abspath(root)), found)
        except BaseException:
            # The file that was being read is half written; all before it are whole and are kept, if the disk allows.
            with suppress(OSError, ValueError, RuntimeError):
                self._writer.delete_file(name)
                self._writer.commit()
            raise
        self._writer.commit()

    def _visit(self, path: Path, name: str, status: os.stat_result, *, asked_for: bool) -> None:
        known = self._records.get(name)
        stamp = (status.st_mtime_ns, status.st_size)
        reason = refuse_by_name(path, status.st_size, asked_for=asked_for)
        if reason is None and known is not None and known.stamp == stamp:
            self._report.unchanged += 1
            return
        try:
            content = b"" if reason else path.read_bytes()
        except OSError as error:  # it is still there: what is known of it is kept
            self._report.skipped[name] = f"cannot be read: {error.strerror}"
            return
        self._writer.delete_file(name)
        try:
            if reason:
                raise Unreadable(reason)
            self._add(path, name, content, stamp)
        except Unreadable as error:
            self._report.skipped[name] = str(error)
            self._report.removed += known is not None
            return
        if known is None:
            self._report.added += 1
        else:
            self._report.updated += 1

    def _add(self, path: Path, name: str, content: bytes, stamp: tuple[int, int]) -> None:
        date = datetime.fromtimestamp(stamp[0] / 1e9, UTC).date().isoformat()
        passages = 0
        for passage in passages_of(path, name, content, date):
            self._writer.add(passage, name)
            passages += 1
        self._writer.add_record(name, Record(stamp, passages).to_json())
        self._report.passages += passages
        self._uncommitted += passages

    def _forget_missing(self, top: str, found: Walk) -> None:
        present = {readable_name(path) for path, _ in found.files} | found.skipped.keys()
        for name in self._records:
            if name in present or not _is_under(name, top) or any(_is_under(name, folder) for folder in found.unread):
                continue
            self._writer.delete_file(name)
            self._report.removed += 1

    def _tell(self, what: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(what, done, total)


@dataclass(frozen=True, slots=True)
class Record:
    """What the index remembers of a file.

    Args:
        stamp: modification time in nanoseconds and size in bytes, when it was read.
        passages: number of passages made of it.
    """

    stamp: tuple[int, int]
    passages: int

    def to_json(self) -> str:
        return json.dumps({"stamp": self.stamp, "passages": self.passages})

    @classmethod
    def from_json(cls, text: str) -> Record:
        value = json.loads(text)
        return cls(tuple(value["stamp"]), value["passages"])


def _records(folder: Path) -> dict[str, Record]:
    if not has_index(folder):
        return {}
    try:
        return {file: Record.from_json(text) for file, text in open_index(folder).records().items()}
    except (OSError, ValueError) as error:
        forget_index(folder)
        raise ConfigError(
            f"The collection in {folder} cannot be read ({error}). Drop it and index its files again."
        ) from error


def _is_under(file: str, top: str) -> bool:
    return file == top or file.startswith(top.rstrip("/") + "/")


@contextmanager
def _alone(collection: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    root = collections_folder()
    with index_errors(root, 0):
        root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / f".{collection}.lock", timeout=_LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout:
        raise ConfigError(
            f"Another process has been writing the collection {collection!r} for {_LOCK_SECONDS} seconds; try later."
        ) from None
    try:
        yield
    finally:
        lock.release()
