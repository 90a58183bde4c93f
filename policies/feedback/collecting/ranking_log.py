"""The rankings that people give, on the disk as soon as they are given, and taken back one by one."""

from __future__ import annotations

from pathlib import Path

from ....tools import ConfigError
from ..journal import Journal
from ..ranking import Ranking


class RankingLog:
    """The rankings file that people work on, several at the same time if they like.

    Args:
        path: read where it is there, made at the first ranking where not.

    Raises:
        ConfigError: it cannot be read, or holds something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._journal = Journal(path, errors="replace")
        self._read()

    def of(self, rater: str) -> list[Ranking]:
        """A rater's rankings, in the order in which they were given."""
        return [ranking for ranking in self._rankings if ranking.rater == rater]

    def add(self, ranking: Ranking) -> None:
        """Writes a ranking behind the others.

        Raises:
            ConfigError: there is one of this id already, or the file cannot be read or written.
        """
        with self._journal.locked():
            if self._journal.stamp() != self._stamp:
                self._read()
            if any(known.id == ranking.id for known in self._rankings):
                raise ConfigError(f"{self.path} has a ranking of the id {ranking.id!r} already.")
            self._journal.append([ranking.to_dict()])
            self._rankings.append(ranking)
            self._stamp = self._journal.stamp()

    def take_back(self, rater: str) -> Ranking | None:
        """Removes the last ranking of a rater and returns it; `None` where there is none.

        Raises:
            ConfigError: the file cannot be read or written.
        """
        with self._journal.locked():
            self._read()
            last = next((ranking for ranking in reversed(self._rankings) if ranking.rater == rater), None)
            if last is not None:
                left = [ranking for ranking in self._rankings if ranking is not last]
                if left:
                    self._journal.replace(ranking.to_dict() for ranking in left)
                else:
                    self._journal.remove()
                self._rankings, self._stamp = left, self._journal.stamp()
        return last

    def _read(self) -> None:
        self._stamp = self._journal.stamp()
        self._rankings = self._journal.read(lambda _, value: Ranking.from_dict(value), id_of=lambda ranking: ranking.id)
