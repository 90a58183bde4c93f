"""Collects what is wrong with every tool of a file, where one error would stop at the first."""

from __future__ import annotations

import contextlib
import contextvars
import inspect
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from .errors import ConfigError


@dataclass(frozen=True)
class Problem:
    """One function that cannot be a tool.

    Args:
        name: the function's name.
        file: where it is defined; `None` where that is not known.
        line: in that file.
        text: what is wrong and what to write.
    """

    name: str
    file: str | None
    line: int | None
    text: str


_collected: contextvars.ContextVar[list[Problem] | None] = contextvars.ContextVar("problems", default=None)


@contextlib.contextmanager
def collecting() -> Generator[list[Problem]]:
    """Inside, `@tool` adds its problems to the list instead of raising them."""
    found: list[Problem] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def collect(function: Any, error: ConfigError) -> bool:
    """Keeps a problem; `False` where nobody collects them."""
    found = _collected.get()
    if found is None:
        return False
    inner = inspect.unwrap(getattr(function, "__func__", function)) if callable(function) else function
    code = getattr(inner, "__code__", None)
    file, line = getattr(code, "co_filename", None), getattr(code, "co_firstlineno", None)
    found.append(Problem(str(getattr(inner, "__name__", inner)), file, line, str(error)))
    return True
