"""The file of what people say about replies: a journal, to which a server and terminals may write at once.

A deleted record is gone from the file.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from ....tools.locations import data_dir
from ..journal import Journal
from .records import Again, Given, read_given

FILE_NAME = "feedback.jsonl"
ENVIRONMENT = "PERICLES_FEEDBACK"


class FeedbackLog:
    """What people say about replies.

    Args:
        path: the file, which need not be there yet. By default what the environment variable `PERICLES_FEEDBACK` names,
            else `feedback.jsonl` in the data folder, beside the conversations.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path or os.environ.get(ENVIRONMENT) or data_dir() / FILE_NAME).expanduser().absolute()
        self._journal = Journal(self.path)

    def add(self, record: Given) -> None:
        """Writes a record behind the others; it is on the disk when this returns.

        Raises:
            ConfigError: the file cannot be written; then nothing of the record is in it.
        """
        self._journal.append([record.to_dict()])

    def records(self) -> list[Given]:
        """Every record that was written whole, in the order of writing; none where there is no file.

        Raises:
            ConfigError: the file cannot be read, or a line is no record; names up to ten lines.
        """
        return self._journal.read(lambda _, value: read_given(value))

    def current(self) -> list[Given]:
        """What holds now: of one kind, one rater and one entry, the newest record alone.

        Raises:
            ConfigError: see `records`.
        """
        newest: dict[tuple[str, str, str, str], Given] = {}
        for record in self.records():
            key = (record.type, record.session, record.message_id, record.rater)
            newest.pop(key, None)
            newest[key] = record
        return list(newest.values())

    def withdraw(self, session: str, message_id: str, rater: str) -> int:
        """Deletes what a rater has said about an entry.

        Returns:
            How many records that were.

        Raises:
            ConfigError: the file cannot be read or written.
        """

        def left(record: Given) -> Given | None:
            same = (record.session, record.message_id, record.rater) == (session, message_id, rater)
            return None if same and not isinstance(record, Again) else record

        return self._rewrite(left)

    def forget(self, sessions: Iterable[str]) -> int:
        """Deletes what was said about conversations.

        Returns, Raises:
            See `withdraw`.
        """
        gone = frozenset(sessions)
        return self._rewrite(lambda record: None if record.session in gone else record)

    def revoke(self, rater: str) -> int:
        """Takes a rater's consent back from all that they have said.

        Returns, Raises:
            See `withdraw`.
        """

        def left(record: Given) -> Given | None:
            return dataclasses.replace(record, consent=False) if record.rater == rater else record

        return self._rewrite(left)

    def _rewrite(self, change: Callable[[Given], Given | None]) -> int:
        """Puts the changed records in place of the old ones. Returns how many differ."""
        if not self.path.exists():
            return 0
        with self._journal.locked():
            before = self.records()
            after = [change(record) for record in before]
            differing = sum(old != new for old, new in zip(before, after, strict=True))
            if differing:
                self._journal.replace(record.to_dict() for record in after if record is not None)
        return differing
