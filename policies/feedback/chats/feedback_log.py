"""The file of what people say about replies: one record a line, written whole or not at all.

Several processes may write to it at once: a server and terminals. A deleted record is gone from the file.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

from ....tools import ConfigError
from ....tools.locations import data_dir
from ..collecting.files import write_lines
from ..json_lines import SHOWN_PROBLEMS, parse_json, shown
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

    def add(self, record: Given) -> None:
        """Writes a record behind the others; it is on the disk when this returns.

        Raises:
            ConfigError: the file cannot be written; then nothing of the record is in it.
        """
        # ASCII: half characters are stored and read back as they came.
        line = json.dumps(record.to_dict()).encode() + b"\n"
        with self._locked():
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    line = b"\n" + line  # a crash left half a line, which must not swallow this one
                try:
                    if os.write(descriptor, line) < len(line):
                        raise OSError(28, "No space left on device")
                    os.fsync(descriptor)
                except OSError:
                    os.ftruncate(descriptor, size)
                    raise
            finally:
                os.close(descriptor)

    def records(self) -> list[Given]:
        """Every record that was written whole, in the order of writing; none where there is no file.

        Raises:
            ConfigError: the file cannot be read, or a line is JSON and no record; names up to ten lines.
        """
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(f"{str(self.path)!r} cannot be read: {error.strerror}.") from None
        found: list[Given] = []
        wrong: list[str] = []
        for number, line in enumerate(lines, start=1):
            try:
                value = parse_json(line.decode())
            except ValueError:
                continue  # a blank line, or half of one that a crash left
            try:
                if not isinstance(value, dict):
                    raise ConfigError(f"a record is an object, got {shown(value)}.")
                found.append(read_given(value))
            except ConfigError as error:
                wrong.append(f"line {number}: {str(error).rstrip('.')}")
        if wrong:
            more = f"; and {len(wrong) - SHOWN_PROBLEMS} more" if len(wrong) > SHOWN_PROBLEMS else ""
            raise ConfigError(f"{self.path}: {'; '.join(wrong[:SHOWN_PROBLEMS])}{more}.")
        return found

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
        with self._locked():
            before = self.records()
            after = [change(record) for record in before]
            differing = sum(old != new for old, new in zip(before, after, strict=True))
            if differing:
                write_lines(self.path, (record.to_dict() for record in after if record is not None))
        return differing

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        """Keeps other processes and threads out. The lock is a file of its own, as rewriting replaces the log."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise ConfigError(f"{str(self.path)!r} cannot be written: {error.strerror}.") from None
