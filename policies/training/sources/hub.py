"""Rows of data sets that the `datasets` library reads. No code of a data set is run."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from ....tools import ConfigError
from ...feedback.json_lines import collect
from ..recipe.data import HubDataset
from .naming import name_of

T = TypeVar("T")


def read_hub(source: HubDataset, make: Callable[[int, dict[str, Any]], T]) -> list[T]:
    """Makes something of every row.

    Args:
        source: a folder that `Dataset.save_to_disk` wrote, or a name on the hub.
        make: gets the row's number from 1 and its columns, and raises `ConfigError` where they are wrong. Objects
            inside of columns come without the keys that are null.

    Raises:
        ConfigError: the data set cannot be had, or rows are wrong; names up to ten of them.
    """
    return collect(name_of(source), "row", _rows(source), make)


def column_of(row: dict[str, Any], name: str, *, option: bool = False) -> Any:
    """A column that must be there.

    Args:
        row: the columns.
        name: which one.
        option: whether the source's `column` could have named another.

    Raises:
        ConfigError: it is not; says which are.
    """
    if name in row:
        return row[name]
    nearest = difflib.get_close_matches(name, row, n=1, cutoff=0.6)
    hint = f", did you mean {nearest[0]!r}?" if nearest else ";"
    remedy = " Name it as `column`." if option else ""
    raise ConfigError(f"there is no column {name!r}{hint} There are: {', '.join(row) or 'none'}.{remedy}")


def _without_nulls(value: Any) -> Any:
    # A table gives every object the keys of all.
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _rows(source: HubDataset) -> Iterator[tuple[int, dict[str, Any]]]:
    data = _loaded(source)
    for number in range(min(len(data), source.rows or len(data))):
        yield number + 1, {column: _without_nulls(value) for column, value in data[number].items()}


def _loaded(source: HubDataset) -> Any:
    try:
        import httpx
        from datasets import DatasetDict, load_dataset, load_from_disk
        from datasets.exceptions import DatasetsError
    except ImportError as error:
        raise ConfigError(f"reading {name_of(source)} needs the package {error.name}: pip install datasets.") from None
    folder = Path(source.name).expanduser()
    if not folder.is_dir() and (folder.exists() or source.name.startswith(("/", ".", "~"))):
        raise ConfigError(f"{source.name!r} is no folder; give one that Dataset.save_to_disk wrote, or a hub name.")
    # It tells of each attempt; people are told once, by the error.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        if folder.is_dir():
            loaded: Any = load_from_disk(str(folder))
        else:
            loaded = load_dataset(source.name, source.config, split=source.split)
    # Offline, no such split, a gated set: all of them are the user's to mend, and each says what it is.
    except (OSError, ValueError, RuntimeError, httpx.HTTPError, DatasetsError) as error:
        reason = (" ".join(str(error).split())[:300] or type(error).__name__).rstrip(".")
        remedy = (
            "Write it with Dataset.save_to_disk."
            if folder.is_dir()
            else "Where it lies on this machine, name its folder (Dataset.save_to_disk)."
        )
        raise ConfigError(
            f"the data set {name_of(source)!r} (split {source.split!r}) cannot be read: {reason}. {remedy}"
        ) from None
    if isinstance(loaded, DatasetDict):
        if source.split not in loaded:
            raise ConfigError(
                f"{source.name!r} has no split {source.split!r}; there are: {', '.join(map(str, loaded))}."
            )
        loaded = loaded[source.split]
    return loaded
