"""The log of an evaluation: one line of JSON for each sample that is done, written once and never changed.

A line is written in one call after its sample is done, so that a process that is killed loses what was under way and
no more; a line that was cut off is dropped when the log is opened again. Where a sample has several lines, the last
counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ...tools import ConfigError

HEAD = "evaluation.json"
SAMPLES = "samples.jsonl"
JUDGE = "judge.jsonl"


class Log:
    """Records by `(suite, id, repeat)`.

    Args:
        file: where they are kept; made where it is not there.

    Raises:
        ConfigError: the file cannot be written, or holds something else.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.records: dict[tuple[str, str, int], dict[str, Any]] = {}
        self._by_request: dict[tuple[str, int], dict[str, Any]] = {}
        try:
            whole = 0
            for end, record in read_lines(file):
                self._take(record)
                whole = end
            self._out: BinaryIO = file.open("ab")
            if file.stat().st_size > whole:
                self._out.truncate(whole)
        except OSError as error:
            raise ConfigError(f"the log {file} cannot be written: {error.strerror}.") from None
        except (KeyError, TypeError):
            raise ConfigError(f"{file} is no log of an evaluation.") from None

    def _take(self, record: dict[str, Any]) -> None:
        self.records[record["suite"], record["id"], record["repeat"]] = record
        if record["error"] is None:
            self._by_request[record["request"], record["repeat"]] = record

    def same(self, request: str, repeat: int) -> dict[str, Any] | None:
        """A record of the same request, of whatever sample."""
        return self._by_request.get((request, repeat))

    def write(self, records: Sequence[dict[str, Any]]) -> None:
        """Appends records, all in one call."""
        text = "".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for record in records)
        data = text.encode("utf-8", "surrogatepass")
        try:
            self._out.write(data)
            self._out.flush()
            os.fsync(self._out.fileno())
        except OSError as error:
            raise ConfigError(f"the log {self._file} cannot be written: {error.strerror}.") from None
        for record in records:
            self._take(record)

    def close(self) -> None:
        self._out.close()


def read_lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The whole lines of a log, each with the place behind it; a last line that was cut off is passed over.

    Raises:
        ConfigError: a line in the middle is no JSON.
    """
    if not file.exists():
        return
    place = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            place += len(line)
            if not line.endswith(b"\n"):
                return
            try:
                value = json.loads(line.decode("utf-8", "surrogatepass"))
            except ValueError:
                raise ConfigError(f"{file}, line {number}: not JSON: the log was changed by something else.") from None
            yield place, value
