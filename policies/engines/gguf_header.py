"""Reads the metadata of a GGUF file (version 2 and 3, little-endian) in a tenth of a second.

The `gguf` library indexes every string of the tokenizer, which takes over a second: too long before each chat.
Not covered: the tensors.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

from ...tools import ConfigError

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# Far above any real file's; a damaged one must not ask for all the memory there is.
_MAX_STRING_BYTES = 1 << 24
_MAX_ENTRIES = 1 << 24


def read_header(path: Path) -> dict[str, Any]:
    """Metadata by key: numbers, booleans, texts, arrays of numbers, and arrays of texts as lists of bytes.

    Raises:
        ConfigError: missing, or not a GGUF file.
    """
    if not path.is_file():
        raise ConfigError(f"there is no GGUF file {path}.")
    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ValueError("it does not begin with GGUF")
            version, _, entries = _unpack(file, "IQQ")
            if version not in (2, 3) or entries > _MAX_ENTRIES:
                raise ValueError(f"version {version} with {entries} entries is not supported")
            header: dict[str, Any] = {}
            for _ in range(entries):
                key = _string(file).decode("utf-8", "replace")
                header[key] = _value(file, _unpack(file, "I")[0])
            return header
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not a readable GGUF file: {error}.") from error


def _value(file: BinaryIO, kind: int) -> Any:
    if kind in _SCALARS:
        return _unpack(file, _SCALARS[kind])[0]
    if kind == _STRING:
        return _string(file).decode("utf-8", "replace")
    if kind != _ARRAY:
        raise ValueError(f"there is no type {kind}")
    item, count = _unpack(file, "IQ")
    if count > _MAX_ENTRIES:
        raise ValueError(f"an array has {count} items")
    if item == _STRING:
        return [_string(file) for _ in range(count)]
    if item not in _SCALARS:
        raise ValueError(f"arrays of type {item} are not supported")
    return _unpack(file, f"{count}{_SCALARS[item]}")


def _string(file: BinaryIO) -> bytes:
    (length,) = _unpack(file, "Q")
    if length > _MAX_STRING_BYTES:
        raise ValueError(f"a text has {length} bytes")
    return _read(file, length)


def _unpack(file: BinaryIO, form: str) -> tuple[Any, ...]:
    return struct.unpack(f"<{form}", _read(file, struct.calcsize(f"<{form}")))


def _read(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) != length:
        raise ValueError("it ends in the middle")
    return data
