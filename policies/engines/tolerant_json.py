"""Reads JSON the way small models write it.

Accepts single quotes, trailing and missing commas, unquoted keys, Python's `True`/`False`/`None`, raw line
breaks in strings, and text that stops in the middle. It reads data and evaluates nothing; depth and number
length are bounded so that no input can exhaust the interpreter.
"""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 32
MAX_DIGITS = 300

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_BARE = re.compile(r"[^\s,:{}\[\]\"'“”]+")
_WORDS = {"true": True, "false": False, "null": None, "none": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_CLOSING_QUOTE = {'"': '"', "'": "'", "“": "”"}


def read_json(text: str) -> Any:
    """Decodes the first JSON value in `text`.

    Raises:
        ValueError: there is no value, or it is nested deeper than `MAX_DEPTH`; the message says where.
    """
    stripped = text.strip()
    try:
        value = json.loads(stripped, parse_constant=str, parse_int=_integer)
    except (ValueError, RecursionError):
        return _Reader(stripped).read()
    _check_depth(value, 0)
    return value


def _check_depth(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        _check_depth(item, depth + 1)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def read(self) -> Any:
        self._skip_space()
        if self.position == len(self.text):
            raise ValueError("it is empty")
        return self._value(0)

    def _skip_space(self) -> None:
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1

    def _peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def _value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
        self._skip_space()
        start = self._peek()
        if start == "{":
            return self._object(depth)
        if start == "[":
            return self._array(depth)
        if start in _CLOSING_QUOTE and start:
            return self._string(start)
        number = _NUMBER.match(self.text, self.position)
        if number and not _BARE.match(self.text, number.end()):
            self.position = number.end()
            return _number(number.group())
        bare = _BARE.match(self.text, self.position)
        if bare is None:
            raise ValueError(f"a value is missing at character {self.position + 1}")
        self.position = bare.end()
        return _WORDS.get(bare.group().lower(), bare.group())

    def _object(self, depth: int) -> dict[str, Any]:
        self.position += 1
        result: dict[str, Any] = {}
        while True:
            self._skip_separators()
            if self._at_end_of("}"):
                return result
            key = self._value(depth + 1)
            if not isinstance(key, str | int | float | bool | None):
                raise ValueError(f"a key must be text, near character {self.position}")
            self._skip_space()
            if self._peek() != ":":
                if self.position == len(self.text):
                    return result  # cut off inside a key: keep what is whole
                raise ValueError(f"':' expected at character {self.position + 1}")
            self.position += 1
            self._skip_space()
            if self.position == len(self.text):
                return result
            if self._peek() in ("}", ","):
                raise ValueError(f"a value is missing at character {self.position + 1}")
            result[str(key)] = self._value(depth + 1)

    def _array(self, depth: int) -> list[Any]:
        self.position += 1
        result: list[Any] = []
        while True:
            self._skip_separators()
            if self._at_end_of("]"):
                return result
            result.append(self._value(depth + 1))

    def _skip_separators(self) -> None:
        while self.position < len(self.text) and (self._peek().isspace() or self._peek() == ","):
            self.position += 1

    def _at_end_of(self, closing: str) -> bool:
        """Whether the container ends here: at its bracket, at another one, or with the text."""
        if self._peek() == closing:
            self.position += 1
            return True
        return self._peek() in ("", "}", "]")

    def _string(self, opening: str) -> str:
        closing = _CLOSING_QUOTE[opening]
        self.position += 1
        parts: list[str] = []
        while self.position < len(self.text):
            character = self.text[self.position]
            self.position += 1
            if character == "\\":
                parts.append(self._escape())
            elif character == closing and self._ends_string(closing):
                break
            else:
                parts.append(character)
        return "".join(parts)

    def _ends_string(self, closing: str) -> bool:
        """An apostrophe inside a single-quoted string ('it's') is followed by a letter, a real end is not."""
        return closing != "'" or not self._peek().isalnum()

    def _escape(self) -> str:
        character = self._peek()
        self.position += 1
        if character != "u":
            return _ESCAPES.get(character, character)
        digits = self.text[self.position : self.position + 4]
        if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
            return ""
        self.position += 4
        return chr(int(digits, 16))


def _number(digits: str) -> int | float | str:
    if len(digits) > MAX_DIGITS:
        return digits
    try:
        return int(digits)
    except ValueError:
        return float(digits)
