"""Reads files of JSON lines to the end, says in one error what is wrong with which line, and writes them whole.

Nothing is half-read: one wrong line, and the error names up to ten of them and nothing is returned.
"""

from __future__ import annotations

import contextlib
import difflib
import gzip
import itertools
import json
import math
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any, TypeVar

from ...tools import ConfigError

T = TypeVar("T")
SHOWN_PROBLEMS = 10
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_json_lines(
    path: str | Path,
    make: Callable[[int, dict[str, Any]], T],
    *,
    rows: int | None = None,
    id_of: Callable[[T], str] | None = None,
) -> list[T]:
    """Makes something of every line of a file; blank lines are passed over.

    Args:
        path: one JSON object a line, UTF-8, gzipped or not; a byte order mark is passed over.
        make: gets the line's number and object, and raises `ConfigError` where the object is wrong.
        rows: so many objects from the start; the rest of the file is not read.
        id_of: what must differ between lines.

    Returns:
        What was made, in the order of the lines.

    Raises:
        ConfigError: the file cannot be read, is blank, or has lines that are wrong; names the lines.
    """
    found = collect(str(path), "line", _objects(path), make, rows=rows, id_of=id_of)
    if not found:
        raise ConfigError(f"{path} is blank; it must hold one JSON object a line.")
    return found


def collect(
    name: str,
    unit: str,
    objects: Iterable[tuple[int, dict[str, Any] | ConfigError]],
    make: Callable[[int, dict[str, Any]], T],
    *,
    rows: int | None = None,
    id_of: Callable[[T], str] | None = None,
) -> list[T]:
    """Makes something of every object, or says in one error which are wrong.

    Args:
        name: how errors call the file or data set.
        unit: how they call one object (`line`, `row`).
        objects: each with its number, or with why it cannot be read.
        make, rows, id_of: see `read_json_lines`.

    Raises:
        ConfigError: at least one object is wrong.
    """
    found: list[T] = []
    first: dict[str, int] = {}
    told: list[str] = []
    wrong = 0
    for number, value in itertools.islice(objects, rows):
        try:
            if isinstance(value, ConfigError):
                raise value
            found.append(make(number, value))
            if id_of is not None and first.setdefault(id := id_of(found[-1]), number) != number:
                raise ConfigError(f"the id {id!r} is that of {unit} {first[id]} already")
        except ConfigError as error:
            wrong += 1
            if wrong <= SHOWN_PROBLEMS:
                told.append(f"{unit} {number}: {str(error).rstrip('.')}")
    if wrong:
        more = f"; and {wrong - SHOWN_PROBLEMS} more" if wrong > SHOWN_PROBLEMS else ""
        raise ConfigError(f"{name}: {'; '.join(told)}{more}. Nothing was read.")
    return found


def write_json_lines(path: Path, values: Iterable[dict[str, Any]], *, errors: str = "replace") -> None:
    """Writes a file of JSON objects; see `write_whole`."""
    write_whole(path, map(json_line, values), errors=errors)


def json_line(value: dict[str, Any]) -> str:
    """An object as it stands in a file, without the end of the line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def write_whole(path: Path, lines: Iterable[str], *, errors: str = "replace") -> None:
    """Writes a file of lines: what is there stays as it is until the new one is whole. Its owner alone can read it.

    Args:
        path: of the file; its folder is there.
        lines: without their ends.
        errors: how halves of characters (lone surrogates) are written: `replace`, or `backslashreplace` as in JSON.

    Raises:
        ConfigError: it cannot be written.
    """
    beside: str | None = None
    try:
        descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors=errors, newline="\n") as out:
            out.writelines(f"{line}\n" for line in lines)
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise ConfigError(f"{str(path)!r} cannot be written: {error.strerror}.") from None
    finally:
        if beside is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside)


def open_bytes(path: str | Path) -> gzip.GzipFile | BufferedReader:
    """Opens a file to read, gzipped or not.

    Raises:
        ConfigError: it cannot be opened.
    """
    file = Path(path).expanduser()
    try:
        with file.open("rb") as stream:
            zipped = stream.read(2) == b"\x1f\x8b"  # not by its name: people rename files
        return gzip.open(file) if zipped else file.open("rb")
    except (OSError, ValueError) as error:
        raise ConfigError(f"{str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def parse_json(text: str) -> Any:
    """Strict JSON: no key twice, no NaN, no number beyond the floating-point range.

    Raises:
        ValueError: it is not; says why.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise ValueError("not JSON that can be read: it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None


def parse_object(line: bytes) -> dict[str, Any] | ConfigError:
    """A line's JSON object, or why it is none."""
    line = line.removeprefix(_BOM)
    if b"\0" in line:
        return ConfigError("there are NUL bytes, as in a UTF-16 file; save it as UTF-8")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return ConfigError(f"byte {error.start + 1} (0x{line[error.start]:02x}) is not UTF-8; save the file as UTF-8")
    try:
        value = parse_json(text)
    except ValueError as error:
        return ConfigError(str(error))
    if not isinstance(value, dict):
        return ConfigError(f"each line must be a JSON object, got {shown(value)}")
    return value


def check_keys(value: dict[str, Any], known: Sequence[str], required: Sequence[str] = (), *, what: str) -> None:
    """Raises `ConfigError` where an object has a key that is not known, or lacks one that is required."""
    for key in value:
        if key not in known:
            nearest = difflib.get_close_matches(str(key), known, n=1, cutoff=0.0)
            raise ConfigError(
                f"{what} has the unknown key {shown(key)}, did you mean {nearest[0]!r}? Known: {', '.join(known)}."
            )
    for key in required:
        if key not in value:
            there = ", ".join(repr(one) for one in list(value)[:8]) or "no key"
            raise ConfigError(f"{what} lacks the key {key!r}; there is {there}.")


def shown(value: Any) -> str:
    """A value as errors quote it."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        text = f"a {type(value).__name__} that is too long to show"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _objects(path: str | Path) -> Iterator[tuple[int, dict[str, Any] | ConfigError]]:
    number = 0
    with open_bytes(path) as stream:
        try:
            for line in stream:
                number += 1
                if number == 1 and line.startswith(_UTF_16):
                    yield number, ConfigError("the file is UTF-16, not UTF-8; save it as UTF-8")
                    return
                if line.removeprefix(_BOM).strip():
                    yield number, _whole_text(line)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield number + 1, ConfigError(f"the compressed data is cut off or damaged ({error}); fetch it again")
        except OSError as error:
            raise ConfigError(f"{str(path)!r} cannot be read: {error.strerror}.") from None


def _whole_text(line: bytes) -> dict[str, Any] | ConfigError:
    value = parse_object(line)
    if isinstance(value, dict) and b"\\ud" in line.lower() and _has_lone_surrogate(value):
        return ConfigError(r"a text holds half a character (a lone \ud800 to \udfff); remove it")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for at, key in enumerate(keys) if key in keys[:at])
        raise ValueError(f"the key {twice!r} is there twice")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _has_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
