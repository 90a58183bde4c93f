"""Rows of training data as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON-lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Writes rows beside the target and renames, so that a killed run leaves no half file."""
    beside = path.with_suffix(".partial")
    with beside.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    beside.replace(path)


def kept_rows(path: Path, make: Callable[[], Iterable[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The rows of a file that is made when it is missing: a stage that goes on sees what it saw before.

    Of processes that train together, the first makes it and the others wait.
    """
    from accelerate.state import PartialState

    state = PartialState()
    with state.main_process_first():
        if not path.is_file():
            write_rows(path, make())
    return read_rows(path)
