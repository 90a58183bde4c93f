"""Files of JSON lines that grow by a line at a time, for what must survive a program that is killed while it writes.

What is in them is private, so they and their folders are readable by their owner alone. Programs that write to one at
the same time wait for each other.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from ..json_lines import collect, parse_json, shown


class Journal:
    """A file of JSON objects.

    Args:
        path: need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[dict[str, Any]]:
        """All objects; none where there is no file. A last line that is cut off was never written.

        Raises:
            ConfigError: the file cannot be read, or a line in it is wrong; names the line.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(f"{str(self.path)!r} cannot be read: {error.strerror}.") from None
        lines = data[: data.rfind(b"\n") + 1].splitlines()
        numbered = ((number, _object(line)) for number, line in enumerate(lines, 1) if line.strip())
        return collect(str(self.path), "line", numbered, lambda _, value: value)

    def append(self, values: Iterable[dict[str, Any]]) -> None:
        """Writes objects behind those that are there, where the last write was cut off, in the place of what it left.

        Raises:
            ConfigError: the file cannot be written.
        """
        data = _lines(values)
        with self._told(), self._opened() as file:
            end = _end_of_last_line(file)
            if end < os.fstat(file).st_size:
                os.ftruncate(file, end)
            os.lseek(file, 0, os.SEEK_END)
            _write(file, data)

    def replace(self, values: Iterable[dict[str, Any]]) -> None:
        """Writes the file anew: it holds either all of these or what it held.

        Raises:
            ConfigError: the file cannot be written.
        """
        data = _lines(values)
        beside: str | None = None
        with self._told():
            try:
                self._make_folder()
                file, beside = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
                try:
                    _write(file, data)
                finally:
                    os.close(file)
                os.replace(beside, self.path)
            finally:
                if beside is not None:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(beside)

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Other programs that would lock it wait until this one is done.

        Raises:
            ConfigError: there is no place for the file.
        """
        with self._told():
            self._make_folder()
            lock = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            with contextlib.suppress(ImportError):  # not on Windows
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def stamp(self) -> tuple[int, int, int] | None:
        """Changes whenever the file does; `None` while there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _make_folder(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextlib.contextmanager
    def _opened(self) -> Generator[int]:
        self._make_folder()
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield file
        finally:
            os.close(file)

    @contextlib.contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigError(f"{str(self.path)!r} cannot be written: {error.strerror}.") from None


def _lines(values: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(value, ensure_ascii=True, allow_nan=False) + "\n" for value in values).encode()


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    os.fsync(file)


def _end_of_last_line(file: int) -> int:
    """Behind the last newline; a line is far shorter than what is looked at in one go."""
    end = os.fstat(file).st_size
    while end:
        start = max(0, end - 65_536)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _object(line: bytes) -> dict[str, Any] | ConfigError:
    try:
        value = parse_json(line.decode("utf-8"))
    except ValueError as error:
        return ConfigError(str(error))
    return value if isinstance(value, dict) else ConfigError(f"it must be a JSON object, got {shown(value)}")
