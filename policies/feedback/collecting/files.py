"""Files that grow while a person works, so that Ctrl-C or a crash loses nothing that was given.

Their readers are their owners alone, as conversations are private. People who work at the same time take a file each:
taking something back rewrites the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from ....tools import ConfigError
from ..json_lines import write_whole
from ..ranking import Ranking
from ..ranking_files import read_rankings, write_rankings


def append_line(path: Path, value: dict[str, Any]) -> None:
    """Adds a JSON object to a file, which is made where there is none; it is on the disk when this returns.

    Half a line that a crash left at the end is cut off first.

    Raises:
        ConfigError: the file cannot be written.
    """
    line = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            _mend(file)
            file.seek(0, os.SEEK_END)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigError(f"{str(path)!r} cannot be written: {error.strerror}.") from None


def mend(path: Path) -> None:
    """Cuts off half a line at the end of a file; nothing where there is no file.

    Raises:
        ConfigError: the file cannot be written.
    """
    if not path.exists():
        return
    try:
        with path.open("r+b") as file:
            _mend(file)
    except OSError as error:
        raise ConfigError(f"{str(path)!r} cannot be written: {error.strerror}.") from None


def write_lines(path: Path, values: Iterable[dict[str, Any]]) -> None:
    """Writes a file of JSON lines whole, or leaves the one that is there.

    Raises:
        ConfigError: the file cannot be written.
    """
    write_whole(path, (json.dumps(value, ensure_ascii=False, allow_nan=False) for value in values))


class RankingLog:
    """The rankings file that a person works on.

    Args:
        path: read where it is there, made at the first ranking where not.

    Raises:
        ConfigError: it cannot be read, or holds something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rankings: list[Ranking] = self._read()

    def of(self, rater: str) -> list[Ranking]:
        """A rater's rankings, in the order in which they were given."""
        return [ranking for ranking in self._rankings if ranking.rater == rater]

    def add(self, ranking: Ranking) -> None:
        """Writes a ranking behind the others.

        Raises:
            ConfigError: there is one of this id already, or the file cannot be written.
        """
        if any(known.id == ranking.id for known in self._rankings):
            raise ConfigError(f"{self.path} has a ranking of the id {ranking.id!r} already.")
        append_line(self.path, ranking.to_dict())
        self._rankings.append(ranking)

    def take_back(self, rater: str) -> Ranking | None:
        """Removes the last ranking of a rater and returns it; `None` where there is none.

        Raises:
            ConfigError: the file cannot be written.
        """
        self._rankings = self._read()
        last = next((ranking for ranking in reversed(self._rankings) if ranking.rater == rater), None)
        if last is None:
            return None
        self._rankings.remove(last)
        if self._rankings:
            write_rankings(self.path, self._rankings)
        else:
            self.path.unlink()
        return last

    def _read(self) -> list[Ranking]:
        mend(self.path)
        # An empty file is one of which everything was taken back.
        return read_rankings(self.path) if self.path.exists() and self.path.stat().st_size else []


def _mend(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    if not size:
        return
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return
    file.seek(0)
    start = file.read().rfind(b"\n") + 1
    file.seek(start)
    last = file.read()
    try:
        json.loads(last)
    except ValueError:
        file.seek(0)
        if not (last.startswith(b"{") and file.read(1) == b"{"):
            return  # not a file of ours: reading it tells what is wrong
        file.truncate(start)
    else:
        file.write(b"\n")
