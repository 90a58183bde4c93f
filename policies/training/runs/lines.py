"""Files with one JSON value a line, which a process that is killed in mid-line leaves readable."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from ...feedback.journal import last_line


def write_atomically(path: Path, text: str) -> None:
    """Replaces a file: whoever reads it, and whatever is killed, it is the old one or the new one, whole."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def plain(value: Any) -> Any:
    """A value as strict JSON: numbers of numpy and torch as Python's, those that are not finite as `None`."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Sequence):
        return [plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Adds a line; half a line that a killed process left before it is cut off."""
    line = json.dumps(plain(value), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"
    with path.open("a+b") as file:
        _mend(file.fileno())
        file.write(line)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """All lines but a torn last one; none where there is no file.

    Raises:
        ConfigError: another line is no JSON object.
        OSError: the file cannot be read.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    lines = text.split(b"\n")
    found: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        value = _value(line)
        if value is not None:
            found.append(value)
        elif number < len(lines):
            raise ConfigError(f"{path}, line {number} is no JSON object: {line[:60].decode('utf-8', 'replace')!r}.")
    return found


def keep_lines(path: Path, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Rewrites a file with those lines only that are wanted; nothing where there is no file."""
    if not path.exists():
        return
    kept = [line for line in read_lines(path) if wanted(line)]
    write_atomically(path, "".join(json.dumps(plain(line), ensure_ascii=False) + "\n" for line in kept))


def _value(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _mend(file: int) -> None:
    """Ends the file with a whole line."""
    start, last = last_line(file)
    if last and _value(last) is None:
        os.ftruncate(file, start)
    elif last:
        os.write(file, b"\n")
