"""Vectors of passages on disk, so that a passage is embedded once: one SQLite file that every process may share.

It is a cache: what is wrong with the file costs the time to embed again and a line in the log, and nothing else. So
writes are not forced to the disk; a file that a power cut has damaged is deleted and begun anew.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..locations import cache_dir

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")

MAX_BYTES = 1_000_000_000
_EVICTED_SHARE = 10
_LOCK_SECONDS = 1.0
# Names a form of the file: another form gets another file.
_FILE = "passages-1.sqlite"
_TABLE = "create table if not exists vectors (number integer primary key, key blob not null unique, vector blob)"
_log = logging.getLogger(__name__)


def vector_key(model: str, text: str) -> bytes:
    """Under what a passage's vector is kept.

    Args:
        model: `Embedder.name`.
        text: the passage as it was embedded.
    """
    return hashlib.sha256(f"{model}\0{text}".encode("utf-8", "surrogatepass")).digest()


def default_file() -> Path:
    """Where vectors are kept."""
    return cache_dir() / "embeddings" / _FILE


@dataclass(frozen=True, slots=True)
class VectorStore:
    """Vectors in half precision: an error of 0.001 in a cosine, which no order of passages depends on.

    Args:
        file: the SQLite file, made when missing.
        max_bytes: beyond this the vectors that were written first make room.
    """

    file: Path
    max_bytes: int = MAX_BYTES

    def read(self, keys: Iterable[bytes], size: int) -> dict[bytes, np.ndarray]:
        """The vectors that are there.

        Args:
            keys: of `vector_key`.
            size: d; a vector of another length is of another model and counts as missing.

        Returns:
            (d,) float16 by key.
        """
        import numpy as np

        def look_up(connection: sqlite3.Connection) -> dict[bytes, np.ndarray]:
            found: dict[bytes, np.ndarray] = {}
            for key in keys:
                row = connection.execute("select vector from vectors where key = ?", (key,)).fetchone()
                if row is not None and isinstance(row[0], bytes) and len(row[0]) == 2 * size:
                    vector = np.frombuffer(row[0], "<f2")
                    if np.isfinite(vector).all():
                        found[key] = vector
            return found

        return self._with_file(look_up, {})

    def write(self, vectors: Mapping[bytes, np.ndarray]) -> None:
        """Keeps vectors; the oldest make room for them where the file is full.

        Args:
            vectors: (d,) by key.
        """

        def insert(connection: sqlite3.Connection) -> None:
            rows = [(key, vector.astype("<f2").tobytes()) for key, vector in vectors.items()]
            connection.executemany("insert or replace into vectors (key, vector) values (?, ?)", rows)
            self._make_room(connection)

        self._with_file(insert, None)

    def _make_room(self, connection: sqlite3.Connection) -> None:
        pages, free, page_bytes = (
            connection.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * page_bytes <= self.max_bytes:
            return
        # Several at once, so that not every write has to; the pages are used again and the file grows no further.
        connection.execute(
            "delete from vectors where number in (select number from vectors order by number limit"
            " (select count(*) / ? + 1 from vectors))",
            (_EVICTED_SHARE,),
        )

    def _with_file(self, use: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Does something with the file; a damaged one is begun anew, and where that fails there is no cache."""
        for _ in range(2):
            try:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                with closing(sqlite3.connect(self.file, timeout=_LOCK_SECONDS)) as connection, connection:
                    connection.execute("pragma synchronous = off")
                    connection.execute(_TABLE)
                    return use(connection)
            except sqlite3.Error as error:
                if not _is_damage(error):
                    _log.warning("embeddings are not kept: %s: %s", self.file, error)
                    return otherwise
                _log.warning("%s is damaged (%s) and is made again", self.file, error)
                self._delete()
            except OSError as error:
                _log.warning("embeddings are not kept: %s", error)
                return otherwise
        return otherwise

    def _delete(self) -> None:
        for file in (self.file, self.file.with_name(f"{self.file.name}-journal")):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                _log.warning("%s cannot be deleted: %s", file, error)


def _is_damage(error: sqlite3.Error) -> bool:
    # The low byte is the kind of error, the rest what exactly. A locked file or a full disk is no damage.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
