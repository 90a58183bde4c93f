"""How the two processes speak: JSON with its length in front; plain data by value, anything else by number."""

from __future__ import annotations

import builtins
import json
import os
import struct
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

MAX_MESSAGE = 16 * 1024 * 1024
HEADER = struct.Struct(">I")


class Gone(BaseException):
    """The other process has ended, or does not keep to the protocol; no `except Exception` of a test may hide it."""


class Peer:
    """Speaks with the other process; each question may be answered by a question, as calls nest.

    Args:
        read: descriptor to read from.
        write: descriptor to write to.
        handle: answers a question of the other side.
    """

    def __init__(self, read: int, write: int, handle: Callable[[list[Any]], list[Any]]) -> None:
        self._read = read
        self._write = write
        self._handle = handle
        self.gone = ""

    def send(self, message: Sequence[Any]) -> None:
        data = json.dumps(message).encode()
        if len(data) > MAX_MESSAGE:
            raise ValueError("a value is too large to be handed over")
        self._write_all(HEADER.pack(len(data)) + data)

    def _write_all(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._write, data) :]
            except OSError as error:
                self._end(str(error))

    def receive(self) -> list[Any]:
        (length,) = HEADER.unpack(self._exactly(HEADER.size))
        if length > MAX_MESSAGE:
            self._end("a value is too large")
        try:
            message = json.loads(self._exactly(length))
        except (ValueError, RecursionError) as error:
            self._end(str(error))
        if not isinstance(message, list) or not message:
            self._end("no message")
        return message

    def ask(self, *question: Any) -> list[Any]:
        self.send(question)
        while (got := self.receive())[0] not in ("value", "raised"):
            self.answer(got)
        return got

    def answer(self, question: list[Any]) -> None:
        answer = self._handle(question)
        try:
            self.send(answer)
        except (ValueError, RecursionError, MemoryError) as error:
            self.send(["raised", [type(error).__name__], str(error)])

    def _exactly(self, length: int) -> bytes:
        pieces: list[bytes] = []
        while length:
            piece = os.read(self._read, min(length, 1 << 16))
            if not piece:
                self._end("it has ended")
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def _end(self, reason: str) -> NoReturn:
        self.gone = reason
        raise Gone(reason)


def packed(value: Any, other: Callable[[Any], list[Any]]) -> Any:
    """A value as JSON: plain data by value, anything else as what `other` makes of it."""
    # What the reply's own classes derive from must not hide their methods.
    if type(value).__module__ == "reply":
        return other(value)
    if value is None or isinstance(value, bool | str):
        return str.__str__(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value) if -(2**53) < value < 2**53 else ["int", hex(value)]
    if isinstance(value, float):
        return float(value)
    if isinstance(value, complex):
        return ["complex", value.real, value.imag]
    if isinstance(value, bytes | bytearray):
        return [type(value).__name__, value.hex()]
    if isinstance(value, range):
        return ["range", value.start, value.stop, value.step]
    if isinstance(value, dict):
        return ["dict", *([packed(key, other), packed(held, other)] for key, held in value.items())]
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            return [kind.__name__, *(packed(one, other) for one in value)]
    return other(value)


def unpacked(value: Any, other: Callable[[list[Any]], Any]) -> Any:
    """The value that was packed."""
    if not isinstance(value, list):
        return value
    tag, *rest = value
    if tag == "int":
        return int(rest[0], 16)
    if tag == "complex":
        return complex(*rest)
    if tag in ("bytes", "bytearray"):
        return {"bytes": bytes, "bytearray": bytearray}[tag].fromhex(rest[0])
    if tag == "range":
        return range(*rest)
    if tag == "dict":
        return {unpacked(key, other): unpacked(held, other) for key, held in rest}
    if tag in ("list", "tuple", "set", "frozenset"):
        return getattr(builtins, tag)(unpacked(one, other) for one in rest)
    return other(value)


def is_free(name: str) -> bool:
    """Whether the reply may give the asserts this name: `__builtins__`, or a `len` of its own, would change them."""
    return not name.startswith("__") and not hasattr(builtins, name)


def error_of(kinds: Sequence[str], text: str) -> BaseException:
    """The nearest built-in exception."""
    for name in kinds:
        kind = getattr(builtins, str(name), None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            try:
                error = kind(text)
            except TypeError:  # those of Unicode take five arguments
                error = ValueError(text)
            error.__dict__["from_reply"] = True
            return error
    error = RuntimeError(text)
    error.__dict__["from_reply"] = True
    return error
