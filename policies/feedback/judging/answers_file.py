"""What a judge has answered, kept in a file, so that a killed job goes on and nothing is asked twice."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from ...engines.messages import Message
from .choosing import Choice


class AnswersFile:
    """Answers by question; one JSON object a line, readable by its owner alone.

    A line that a crash left half-written is passed over, and asked again.

    Args:
        path: is made when the first answer comes; `None` keeps answers in memory alone.

    Raises:
        ConfigError: the file cannot be read.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, Choice | None] = {}
        if path is None or not path.exists():
            return
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
        for line in lines:
            try:
                value = json.loads(line)
                told = value["answer"]
                self._known[value["key"]] = None if told is None else Choice(tuple(told["p"]), told["mass"])
            except (ValueError, KeyError, TypeError):
                continue

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def get(self, key: str) -> Choice | None:
        """The answer, `None` where it was none of the choices."""
        return self._known[key]

    def put(self, key: str, choice: Choice | None) -> None:
        """Keeps an answer."""
        self._known[key] = choice
        if self._path is None:
            return
        told = None if choice is None else {"p": list(choice.probabilities), "mass": choice.mass}
        # It begins with an end of line, too: what a crash left before it must not swallow it.
        line = f"\n{json.dumps({'key': key, 'answer': told})}\n".encode()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def key_of(judge: str, messages: Sequence[Message], choices: Sequence[str], **how: Any) -> str:
    """What tells questions apart: who is asked, what, and how the answer is read. 64 hexadecimal digits."""
    asked = [judge, [message.to_dict() for message in messages], list(choices), how]
    return hashlib.sha256(
        json.dumps(asked, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ).hexdigest()
