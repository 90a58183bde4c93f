"""Find the files under a path, the same ones in the same order each time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Walk:
    """What a walk over a folder found.

    Args:
        files: `(path, status)` of each regular file, sorted by path; a file with two names is listed once.
        skipped: path → why it was passed over.
        unread: folders that could not be listed; nothing is known about the files in them.
    """

    files: list[tuple[str, os.stat_result]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def walk(root: Path) -> Walk:
    """List the files under `root`, or `root` itself when it is a file.

    Hidden files and folders are left out; links to folders are followed once, so that a loop ends.

    Args:
        root: an existing file or folder.

    Returns:
        The files and what was passed over.
    """
    found = Walk()
    seen: set[tuple[int, int]] = set()
    if root.is_dir():
        _enter(os.path.abspath(root), found, seen)
    else:
        _note(os.path.abspath(root), found, seen)
    found.files.sort(key=lambda item: item[0])
    return found


def readable_name(path: str) -> str:
    """A path as text that can be stored: undecodable bytes are written as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _enter(top: str, found: Walk, seen: set[tuple[int, int]]) -> None:
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            names = sorted(os.listdir(folder))
        except OSError as error:
            found.unread.append(readable_name(folder))
            found.skipped[readable_name(folder)] = f"folder cannot be read: {error.strerror}"
            continue
        inside = [os.path.join(folder, name) for name in names if not name.startswith(".")]
        folders += reversed(list(_folders_of(inside, found, seen)))


def _folders_of(paths: list[str], found: Walk, seen: set[tuple[int, int]]) -> Iterator[str]:
    for path in paths:
        if os.path.isdir(path):
            yield path
        else:
            _note(path, found, seen)


def _note(path: str, found: Walk, seen: set[tuple[int, int]]) -> None:
    try:
        status = os.stat(path)
    except OSError as error:
        found.skipped[readable_name(path)] = f"cannot be read: {error.strerror}"
        return
    if not stat.S_ISREG(status.st_mode):
        found.skipped[readable_name(path)] = "not a regular file"
    elif (status.st_dev, status.st_ino) not in seen:
        seen.add((status.st_dev, status.st_ino))
        found.files.append((path, status))
