"""Files of JSON lines that grow by a line at a time, for what must survive a program that is killed while it writes.

What is in them is private, so they and the folders made for them are readable by their owner alone. Threads and
programs that write to one wait for each other; on Windows only threads that share a `Journal` do.

One rule for what a crash leaves: a last line that was cut off was never written, so a journal passes it over and the
next append puts its own in its place (`read_json_lines`, for files that are handed on, finds it wrong). A last line
that lacks its end alone counts. Every other line that is no JSON object is an error. Only what looks like a line of
such a file is cut off: other text, in a file named by mistake, stays.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

from ...tools import ConfigError
from .json_lines import T, collect, json_line, parse_object, write_json_lines

_BLOCK = 65_536  # bytes; a line is far shorter than some of these
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would write other ends of lines


class Journal:
    """A file of JSON objects, one a line.

    Args:
        path: need not be there, nor need its folder.
        errors: how halves of characters (lone surrogates) are written: `backslashreplace` as they are; `replace` as a
            question mark, for a file that `read_json_lines` shall read.
    """

    def __init__(self, path: Path, *, errors: str = "backslashreplace") -> None:
        self.path = path
        self._errors = errors
        self._mutex = threading.RLock()
        self._held = False

    def read(self, make: Callable[[int, dict[str, Any]], T], *, id_of: Callable[[T], str] | None = None) -> list[T]:
        """Makes something of every line; none where there is no file.

        Args:
            make: gets the line's number and object, and raises `ConfigError` where the object is wrong.
            id_of: what must differ between lines.

        Raises:
            ConfigError: the file cannot be read, or lines in it are wrong; names the lines.
        """
        return collect(str(self.path), "line", self.objects(), make, id_of=id_of)

    def objects(self) -> Iterator[tuple[int, dict[str, Any] | ConfigError]]:
        """Every line that is not blank with its number, or why it cannot be read; none where there is no file.

        Raises:
            ConfigError: the file cannot be read.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise ConfigError(f"{str(self.path)!r} cannot be read: {error.strerror}.") from None
        *lines, last = data.split(b"\n")
        if not _is_torn(last, data[:_BLOCK]):
            lines.append(last)
        yield from ((number, parse_object(line)) for number, line in enumerate(lines, 1) if line.strip())

    def append(self, values: Iterable[dict[str, Any]]) -> None:
        """Writes objects behind those that are there, all of them or none. They are on the disk when this returns.

        Raises:
            ConfigError: the file cannot be written.
        """
        data = "".join(f"{json_line(value)}\n" for value in values).encode("utf-8", self._errors)
        with self.locked(), self._told():
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY, 0o600)
            try:
                start, last = last_line(file)
                if _is_torn(last, _block(file, 0)):
                    os.ftruncate(file, start)
                elif last:
                    data = b"\n" + data
                _write(file, data)
            finally:
                os.close(file)

    def replace(self, values: Iterable[dict[str, Any]]) -> None:
        """Writes the file anew: it holds either all of these or what it held.

        Raises:
            ConfigError: the file cannot be written.
        """
        with self.locked():
            write_json_lines(self.path, values, errors=self._errors)

    def remove(self) -> None:
        """Deletes the file, if there is one.

        Raises:
            ConfigError: it cannot be deleted.
        """
        with self.locked(), self._told():
            self.path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Keeps others from writing, so that what was read stays so until it is changed; writing does so by itself.

        Raises:
            ConfigError: there is no place for the file.
        """
        with self._mutex:
            if self._held:
                yield
                return
            with self._told():
                _make_private(self.path.parent)
                # A file of its own, as replacing makes the file another.
                lock = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                with self._told(), contextlib.suppress(ImportError):  # not on Windows
                    import fcntl

                    fcntl.flock(lock, fcntl.LOCK_EX)
                self._held = True
                yield
            finally:
                self._held = False
                os.close(lock)

    def stamp(self) -> tuple[int, int, int] | None:
        """Changes whenever the file does; `None` while there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    @contextlib.contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigError(f"{str(self.path)!r} cannot be written: {error.strerror}.") from None


def last_line(file: int) -> tuple[int, bytes]:
    """What stands behind the last end of a line, and where that begins; looks at no more of the file than that.

    Args:
        file: a descriptor that can be read.
    """
    end = start = os.fstat(file).st_size
    blocks: list[bytes] = []
    while start:
        start = max(0, start - _BLOCK)
        block = _block(file, start)[: end - start]
        found = block.rfind(b"\n") + 1
        blocks.append(block[found:])
        if found:
            start += found
            break
        end = start
    return start, b"".join(reversed(blocks))


def _block(file: int, start: int) -> bytes:
    os.lseek(file, start, os.SEEK_SET)
    return os.read(file, _BLOCK)


def _is_torn(last: bytes, head: bytes) -> bool:
    """Whether this is the beginning of an object, in a file that begins with one."""
    if last[:2] not in (b"{", b'{"') or head.lstrip()[:1] != b"{":
        return False
    try:
        json.loads(last)
    except RecursionError:
        return False
    except ValueError:
        return True
    return False


def _write(file: int, data: bytes) -> None:
    """Writes behind the end; where that fails, the file is as it was."""
    size = os.fstat(file).st_size
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    except BaseException:
        os.ftruncate(file, size)
        raise


def _make_private(folder: Path) -> None:
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
