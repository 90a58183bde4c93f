"""Index files and web pages, again and again, and only what changed is read.

A file counts as unchanged by its modification time and size, a page by its content. Work is committed every so many
passages and between files only, so a killed or interrupted run leaves whole files and the next run goes on from there.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ...errors import ConfigError, ToolError
from ..documents.files import Unreadable, passages_of, refuse_by_name
from ..documents.large import is_large, large_blocks
from ..passages import Passage, Progress
from .folders import collection_folder, collections_folder
from .store import (
    PARTLY,
    IndexWriter,
    forget_index,
    has_index,
    index_errors,
    open_index,
    write_manifest,
    writer_threads,
)
from .urls import is_url, read_page
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


def index_path(path: str | Path, *, collection: str = "documents", progress: Progress | None = None) -> IndexReport:
    """Index a file, all files under a folder, or a web page.

    Args:
        path: file or folder (`~` is the home folder), or the address of a page: `https://…`.
        collection: letters, digits, `-` and `_`.
        progress: called per file as `progress("reading NAME", files done, files in all)`. What it raises stops the run;
            the files read so far are kept.

    Returns:
        What was done.

    Raises:
        ConfigError: no such path, a bad collection name, a full disk, or another process that does not finish.
        ToolError: the page cannot be fetched or read.
    """
    started = time.monotonic()
    folder = collection_folder(collection)
    report = IndexReport(collection)
    if is_url(str(path)):
        with writing(collection, folder, report, progress) as run:
            run.visit_page(str(path))
    else:
        root = Path(path).expanduser()
        if not root.exists():
            raise ConfigError(f"There is no file or folder {str(path)!r} to index.")
        found = walk(root)
        report.skipped.update(found.skipped)
        needed = sum(status.st_size for _, status in found.files)
        with writing(collection, folder, report, progress, needed=needed) as run:
            run.over(root, found)
    report.seconds = time.monotonic() - started
    return report


@contextmanager
def writing(
    collection: str, folder: Path, report: IndexReport, progress: Progress | None, *, needed: int = 0
) -> Iterator[Run]:
    """A run that writes a collection, alone; what it has read is kept however it ends.

    Args:
        collection: whose lock is held.
        folder: where the index is written.
        report: what is done is counted here.
        progress: see `index_path`.
        needed: a rough count of the bytes that the index takes.
    """
    with alone(collection), index_errors(folder, needed):
        records = records_of(folder)
        writer = IndexWriter(folder, threads=writer_threads())
        write_manifest(folder)
        try:
            yield Run(writer, records, report, progress)
        except BaseException:
            writer.abandon()
            raise
        writer.close()


class Run:
    """One run over files or pages.

    Args:
        writer: of the collection.
        records: what the collection has, by name.
        report: what is done is counted here.
        progress: see `index_path`.
    """

    def __init__(
        self, writer: IndexWriter, records: dict[str, Record], report: IndexReport, progress: Progress | None
    ) -> None:
        self._writer = writer
        self._records = records
        self._report = report
        self._progress = progress
        self._uncommitted = 0
        self._half = ""
        self._place = (0, 0)

    def over(self, root: Path, found: Walk) -> None:
        """Reads what a walk has found, and forgets what is gone."""
        with self._kept():
            for done, (path, status) in enumerate(found.files):
                self._tell(f"reading {Path(path).name}", done, len(found.files))
                self._visit(Path(path), status, asked_for=root.is_file())
            self._tell("writing the index", len(found.files), len(found.files))
            self._forget_missing(readable_name(os.path.abspath(root)), found)

    def visit_page(self, url: str) -> None:
        """Fetches and reads one page."""
        with self._kept():
            self._tell(f"reading {url[:60]}", 0, 1)
            self._page(url)
            self._tell("writing the index", 1, 1)

    def again(self, names: Sequence[str], *, unchanged_too: bool = False) -> dict[str, str]:
        """Reads sources by the names that an index has of them.

        Args:
            names: of files and pages.
            unchanged_too: whether what has not changed is read as well.

        Returns:
            By name, why a source that is still there cannot be read now.
        """
        failed: dict[str, str] = {}
        if unchanged_too:
            for name in names:
                self._records.pop(name, None)
        with self._kept():
            for done, name in enumerate(names):
                self._tell(f"reading {Path(name).name}", done, len(names))
                try:
                    if is_url(name):
                        self._page(name)
                    else:
                        self._visit(Path(name), os.stat(name), asked_for=True)
                except FileNotFoundError:
                    self._writer.delete_file(name)
                    self._report.removed += 1
                except (OSError, ToolError) as error:
                    failed[name] = str(error)
                if self._report.skipped.get(name, "").startswith("cannot be read"):
                    failed[name] = self._report.skipped[name]
            self._tell("writing the index", len(names), len(names))
        return failed

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Commits at the end, and at a failure what was read before it."""
        try:
            yield
        except BaseException:
            # What is half written goes; all before it is whole and is kept, if the disk allows.
            with suppress(OSError, ValueError, RuntimeError):
                if f"{self._half}{PARTLY}" in self._records:
                    self._writer.rollback()  # to the end of the last block that is noted
                elif self._half:
                    self._writer.delete_file(self._half)
                self._writer.commit()
            raise
        self._writer.commit()

    def _visit(self, path: Path, status: os.stat_result, *, asked_for: bool) -> None:
        name = readable_name(str(path))
        known = self._records.get(name)
        stamp = (status.st_mtime_ns, status.st_size)
        reason = refuse_by_name(path, status.st_size, asked_for=asked_for)
        if reason is None and known is not None and known.stamp == stamp:
            self._report.unchanged += 1
            return
        if reason is None and is_large(path, status.st_size):
            self._large(path, name, stamp)
            return
        try:
            content = b"" if reason else path.read_bytes()
        except OSError as error:  # it is still there: what is known of it is kept
            self._report.skipped[name] = f"cannot be read: {error.strerror}"
            return
        self._begin(name)
        try:
            if reason:
                raise Unreadable(reason)
            date = datetime.fromtimestamp(status.st_mtime, UTC).date().isoformat()
            self._add(name, stamp, passages_of(path, name, content, date))
        except Unreadable as error:
            self._report.skipped[name] = str(error)
            self._report.removed += known is not None
            return
        self._count(known)

    def _large(self, path: Path, name: str, stamp: tuple[int, int]) -> None:
        """Reads a large file block by block; what has been read of it is committed with a note of how far that is."""
        known, note = self._records.get(name), f"{name}{PARTLY}"
        partly = self._records.get(note)
        self._half = name
        if partly is None or partly.stamp != stamp:
            self._begin(name)
            self._records.pop(note, None)
            partly = Record(stamp, 0)
        date = datetime.fromtimestamp(stamp[0] / 1e9, UTC).date().isoformat()
        passages = partly.passages
        try:
            for block in large_blocks(path, name, date, start=partly.part):
                if passages - partly.passages >= _COMMIT_PASSAGES:
                    partly = Record(stamp, passages, block.start)
                    self._writer.delete_note(name)
                    self._writer.add_record(note, partly.to_json())
                    self._writer.commit()
                    self._records[note], self._uncommitted = partly, 0
                before = passages
                for passage in block.passages:
                    self._writer.add(passage, name)
                    passages += 1
                self._report.passages += passages - before
                self._uncommitted += passages - before
                self._tell(f"reading {path.name}: {passages:,} passages", *self._place)
        except (Unreadable, OSError) as error:
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
                raise
            self._begin(name)
            self._records.pop(note, None)
            self._half = ""
            self._report.skipped[name] = (
                f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
            )
            self._report.removed += known is not None
            return
        self._writer.delete_note(name)
        self._records.pop(note, None)
        self._writer.add_record(name, Record(stamp, passages).to_json())
        self._half = ""
        self._count(known)

    def _page(self, url: str) -> None:
        page = read_page(url)
        known = self._records.get(url)
        if known is not None and known.stamp == page.stamp:
            self._report.unchanged += 1
            return
        self._begin(url)
        self._add(url, page.stamp, page.passages())
        self._count(known)

    def _begin(self, name: str) -> None:
        """From here on what the index has of a file or page is half of it."""
        self._half = name
        self._writer.delete_file(name)

    def _add(self, name: str, stamp: tuple[int, int], found: Iterable[Passage]) -> None:
        passages = 0
        for passage in found:
            self._writer.add(passage, name)
            passages += 1
        self._writer.add_record(name, Record(stamp, passages).to_json())
        self._half = ""
        self._report.passages += passages
        self._uncommitted += passages
        if self._uncommitted >= _COMMIT_PASSAGES:
            self._writer.commit()
            self._uncommitted = 0

    def _count(self, known: Record | None) -> None:
        if known is None:
            self._report.added += 1
        else:
            self._report.updated += 1

    def _forget_missing(self, top: str, found: Walk) -> None:
        present = {readable_name(path) for path, _ in found.files} | found.skipped.keys()
        for name in {name.removesuffix(PARTLY) for name in self._records}:
            if name in present or not is_under(name, top) or any(is_under(name, folder) for folder in found.unread):
                continue
            self._writer.delete_file(name)
            self._report.removed += 1

    def _tell(self, what: str, done: int, total: int) -> None:
        self._place = (done, total)
        if self._progress is not None:
            self._progress(what, done, total)


@dataclass(frozen=True, slots=True)
class Record:
    """What the index remembers of a file.

    Args:
        stamp: modification time in nanoseconds and size in bytes, when it was read.
        passages: number of passages made of it.
        part: how far a large file has been read, in characters; 0 for a file that has been read whole.
    """

    stamp: tuple[int, int]
    passages: int
    part: int = 0

    def to_json(self) -> str:
        return json.dumps({"stamp": self.stamp, "passages": self.passages, "part": self.part})

    @classmethod
    def from_json(cls, text: str) -> Record:
        value = json.loads(text)
        return cls(tuple(value["stamp"]), value["passages"], value.get("part", 0))


def records_of(folder: Path) -> dict[str, Record]:
    """What a collection has, by the name of the file or page.

    Raises:
        ConfigError: the index cannot be read.
    """
    if not has_index(folder):
        return {}
    try:
        return {file: Record.from_json(text) for file, text in open_index(folder).records().items()}
    except (OSError, ValueError) as error:
        forget_index(folder)
        raise ConfigError(
            f"The collection in {folder} cannot be read ({error}). Try pericles index rebuild {folder.name}; if that"
            f" fails, drop it with pericles index drop {folder.name} and add its files again."
        ) from error


def is_under(file: str, top: str) -> bool:
    """Whether a file is this file or lies in this folder, by their names."""
    return file == top or file.startswith(top.rstrip("/") + "/")


@contextmanager
def alone(collection: str) -> Iterator[None]:
    """Holds a collection's lock."""
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
