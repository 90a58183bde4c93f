"""What a judge has answered, kept in a file, so that a killed job goes on and nothing is asked twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from ...engines.messages import Message
from ..journal import Journal
from .choosing import Choice


class AnswersFile:
    """Answers by question, in a journal.

    A line that cannot be read is passed over, and asked again: nothing is lost by that but time.

    Args:
        path: is made when the first answer comes; `None` keeps answers in memory alone.

    Raises:
        ConfigError: the file cannot be read.
    """

    def __init__(self, path: Path | None) -> None:
        self._journal = Journal(path) if path is not None else None
        self._known: dict[str, Choice | None] = {}
        for _, value in self._journal.objects() if self._journal is not None else ():
            if isinstance(value, ConfigError):
                continue
            try:
                told = value["answer"]
                self._known[value["key"]] = None if told is None else Choice(tuple(told["p"]), told["mass"])
            except (KeyError, TypeError):
                continue

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def get(self, key: str) -> Choice | None:
        """The answer, `None` where it was none of the choices."""
        return self._known[key]

    def put(self, key: str, choice: Choice | None) -> None:
        """Keeps an answer; it is on the disk when this returns.

        Raises:
            ConfigError: the file cannot be written.
        """
        self._known[key] = choice
        if self._journal is not None:
            told = None if choice is None else {"p": list(choice.probabilities), "mass": choice.mass}
            self._journal.append([{"key": key, "answer": told}])


def key_of(judge: str, messages: Sequence[Message], choices: Sequence[str], **how: Any) -> str:
    """What tells questions apart: who is asked, what, and how the answer is read. 64 hexadecimal digits."""
    asked = [judge, [message.to_dict() for message in messages], list(choices), how]
    return hashlib.sha256(
        json.dumps(asked, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ).hexdigest()
