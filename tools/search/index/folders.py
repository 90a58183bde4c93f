"""Where the user's collections stand, and how one may be called."""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import ConfigError
from ...locations import data_dir
from .store import has_index

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def collections_folder() -> Path:
    """The folder of the user's own collections."""
    return data_dir() / "collections"


def collection_folders() -> dict[str, Path]:
    """The user's collections that hold an index, by name."""
    root = collections_folder()
    if not root.is_dir():
        return {}
    return {path.name: path for path in sorted(root.iterdir()) if _NAME.fullmatch(path.name) and has_index(path)}


def collection_folder(name: str) -> Path:
    """The folder of a collection that is or may be made.

    Raises:
        ConfigError: a collection cannot be called so.
    """
    from ..corpora.corpus import CORPORA

    if not _NAME.fullmatch(name):
        raise ConfigError(f"A collection is named with letters, digits, '-' and '_' (64 at most), not {name!r}.")
    if name in {corpus.name for corpus in CORPORA}:
        raise ConfigError(f"The collection name {name!r} is taken by an embedded corpus; choose another.")
    return collections_folder() / name


def known_collection(name: str) -> Path:
    """The folder of a collection that there is.

    Raises:
        ConfigError: there is no such collection.
    """
    folders = collection_folders()
    if name not in folders:
        raise ConfigError(f"There is no collection {name!r}; there are: {', '.join(folders) or 'none'}.")
    return folders[name]
