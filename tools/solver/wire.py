"""Messages between the pool and its workers: a length of four bytes, then JSON in UTF-8."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

from ..errors import PericlesError

_LENGTH = struct.Struct(">I")
MAX_BYTES = 4 * 1024 * 1024


class Hangup(PericlesError):
    """The other side is gone, or it sent what is no message."""


def encode(message: dict[str, Any]) -> bytes:
    """The bytes of a message."""
    body = json.dumps(message).encode()
    return _LENGTH.pack(len(body)) + body


def decode(read: Callable[[int], bytes]) -> dict[str, Any]:
    """The next message.

    Args:
        read: returns at most so many bytes, at least one, and none when the other side has hung up.

    Raises:
        Hangup: if the other side is gone.
    """
    (length,) = _LENGTH.unpack(_exactly(read, _LENGTH.size))
    if length > MAX_BYTES:
        raise Hangup(f"a message of {length} bytes; at most {MAX_BYTES} are read")
    message = json.loads(_exactly(read, length))
    if not isinstance(message, dict):
        raise Hangup("a message that is no JSON object")
    return message


def _exactly(read: Callable[[int], bytes], count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        part = read(count)
        if not part:
            raise Hangup("the other side closed the connection")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
