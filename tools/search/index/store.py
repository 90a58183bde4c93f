"""One tantivy index on disk: its fields, its words, how it is opened and how it is written.

A folder holds the passages of one collection. Beside each indexed file's passages stands one record of the file itself,
so that passages and the list of what has been read are committed together: a killed process leaves the last commit.
"""

from __future__ import annotations

import errno
import functools
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ConfigError
from ..passages import Passage
from .words import analyzer, spaced_analyzer, unspaced_words, words

if TYPE_CHECKING:
    import tantivy

FORMAT = 2
"""Raised when the fields or the analysis change: an index of another format is built again."""

FORMAT_FILE = "pericles.json"
TEXT_FIELDS = ("title", "keywords", "body")
_ANALYZER = "pericles_english"
_SPACED = "pericles_spaced"
_RECORD = "file"
PARTLY = "\0partly"
"""Behind a file's name: the record of how far a large file has been read."""
_HEAP_BYTES = 128_000_000
_LEAST_HEAP_BYTES = 15_000_000
_opened: dict[Path, OpenIndex] = {}
_opening = threading.Lock()


class OpenIndex:
    """An index opened for reading, reloaded when somebody has committed to it.

    Args:
        folder: the index folder.
        any_format: opens an index of another version too, whose records alone are read.

    Attributes:
        has_subjects: whether passages declare names of subjects, or terms that they explain.

    Raises:
        ValueError, OSError: the folder holds no readable index.
    """

    def __init__(self, folder: Path, *, any_format: bool = False) -> None:
        import tantivy

        self._tantivy = tantivy
        self.folder = folder
        manifest = _manifest(folder)
        found = manifest.get("format")
        if found != FORMAT and not any_format:
            raise ValueError(f"it has format {found}, this version of pericles reads {FORMAT}")
        self.has_subjects = bool(manifest.get("subjects"))
        self._stamp = _stamp(folder)
        self._index = tantivy.Index.open(str(folder))
        _register(self._index)
        self._index.config_reader("manual")
        self._index.reload()
        self.schema = self._index.schema
        self._searcher = self._index.searcher()

    def searcher(self) -> tantivy.Searcher:
        """A searcher over the last commit; one `stat` when nothing has changed."""
        stamp = _stamp(self.folder)
        if stamp != self._stamp:
            self._index.reload()
            self._searcher = self._index.searcher()
            self._stamp = stamp
        return self._searcher

    def records(self) -> dict[str, str]:
        """The record of each indexed file, by the file's name."""
        searcher = self.searcher()
        query = self._tantivy.Query.term_query(self.schema, "kind", _RECORD, index_option="basic")
        limit = max(1, searcher.doc_freq("kind", _RECORD))
        found = (searcher.doc(address).to_dict() for _, address in searcher.search(query, limit, count=False).hits)
        return {document["file"][0]: document["record"][0] for document in found}


def open_index(folder: Path) -> OpenIndex:
    """The process's one `OpenIndex` of a folder."""
    with _opening:
        index = _opened.get(folder)
        if index is None:
            index = _opened[folder] = OpenIndex(folder)
        return index


def forget_index(folder: Path) -> None:
    """Let go of a folder that is about to be replaced or deleted."""
    with _opening:
        _opened.pop(folder, None)


def has_index(folder: Path) -> bool:
    """Whether an index has been committed to the folder."""
    return (folder / "meta.json").is_file()


def write_manifest(folder: Path, **more: Any) -> None:
    """Say beside an index how it is written.

    Args:
        folder: the index folder.
        more: what else is told; `subjects` says that passages have names or terms.
    """
    (folder / FORMAT_FILE).write_text(json.dumps({"format": FORMAT, **more}))


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / FORMAT_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class IndexWriter:
    """Adds and deletes passages; nothing is seen by readers, or survives a crash, before `commit`.

    Args:
        folder: the index folder, made when missing. The caller holds the collection's lock.
        threads: writer threads; one keeps the order of passages.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        import tantivy

        self._tantivy = tantivy
        folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(schema(), path=str(folder))
        _register(self._index)
        self._writer: Any = self._index.writer(heap_size=_HEAP_BYTES, num_threads=threads)

    def add(self, passage: Passage, file: str = "") -> None:
        document = self._tantivy.Document()
        # What an entry is called and says is found by fields of its own: as running text a dictionary's many entries
        # would hide what is told elsewhere with the same words.
        document.add_text("heading" if passage.terms else "title", storable(passage.title))
        document.add_text("meaning" if passage.terms else "body", storable(passage.body))
        unspaced = unspaced_words(f"{passage.title} {passage.body}")
        if unspaced:
            document.add_text("unspaced", unspaced)
        document.add_text("locator", passage.locator)
        document.add_text("date", passage.date)
        if passage.keywords:
            document.add_text("keywords", passage.keywords)
        if file:
            document.add_text("file", file)
        for name in passage.names:
            document.add_text("names", name_key(name))
        for term in passage.terms:
            document.add_text("terms", " ".join(words(term)))
        self._writer.add_document(document)

    def add_record(self, file: str, record: str) -> None:
        document = self._tantivy.Document()
        document.add_text("file", file)
        document.add_text("kind", _RECORD)
        document.add_text("record", record)
        self._writer.add_document(document)

    def delete_file(self, file: str) -> None:
        """Delete a file's passages and its records."""
        self._writer.delete_documents_by_term("file", file)
        self.delete_note(file)

    def delete_note(self, file: str) -> None:
        """Delete the record of how far a file has been read, and keep its passages."""
        self._writer.delete_documents_by_term("file", f"{file}{PARTLY}")

    def rollback(self) -> None:
        """Drop what was not committed and go on."""
        self._writer.rollback()

    def commit(self) -> None:
        self._writer.commit()

    def close(self) -> None:
        """Wait for merges; the writer cannot be used afterwards."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.wait_merging_threads()

    def abandon(self) -> None:
        """Drop what was not committed, and its files."""
        self._writer = None
        with suppress(OSError, ValueError):  # on a full disk the next writer clears up
            sweeper = self._index.writer(heap_size=_LEAST_HEAP_BYTES, num_threads=1)
            sweeper.garbage_collect_files()
            sweeper.wait_merging_threads()


@functools.cache
def schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    for field in (*TEXT_FIELDS, "meaning"):
        builder.add_text_field(field, stored=True, tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_text_field("unspaced", stored=False, tokenizer_name=_SPACED, index_option="freq")
    # Each name is one term, so that "Guinea" is not "Papua New Guinea".
    builder.add_text_field("names", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("terms", stored=True, tokenizer_name="raw", index_option="basic")
    for field in ("heading", "locator", "date", "record"):
        builder.add_text_field(field, stored=True, tokenizer_name="raw", index_option="basic")
    for field in ("file", "kind"):
        builder.add_text_field(field, stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


@contextmanager
def index_errors(folder: Path, needed: int) -> Iterator[None]:
    """Turn what tantivy and the system say about a full or unwritable disk into a `ConfigError`.

    Args:
        folder: the index folder, named in the message.
        needed: a rough count of the bytes that the index takes.
    """
    try:
        yield
    except (OSError, ValueError) as error:
        # Of a writer thread that met a full disk, tantivy says only that it was killed.
        killed = "index writer was killed" in str(error)
        full = "No space left" in str(error) or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        if full or killed:
            raise ConfigError(
                f"The disk that holds {folder} is full{'' if full else ' or failing'}: about {needed:,} bytes are"
                " needed. What was committed is kept; free some space and run it again."
            ) from error
        if isinstance(error, OSError):
            raise ConfigError(f"The index in {folder} cannot be written: {error.strerror or error}.") from error
        raise


def name_key(name: str) -> str:
    """How a name is indexed: its words; one that begins with `^` as it is spelled, see `Passage.names`."""
    return name.casefold() if name.startswith("^") else " ".join(words(name))


def storable(text: str) -> str:
    """A text without unpaired surrogates, which JSON can spell and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def _register(index: tantivy.Index) -> None:
    index.register_tokenizer(_ANALYZER, analyzer())
    index.register_tokenizer(_SPACED, spaced_analyzer())


def writer_threads() -> int:
    return max(1, min(4, os.cpu_count() or 1))


def _stamp(folder: Path) -> tuple[int, int, int]:
    status = (folder / "meta.json").stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
