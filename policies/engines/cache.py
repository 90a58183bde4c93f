"""Folders in the cache that are built once and checked every time.

A folder is built beside its place and renamed, so a killed process, a full disk or a lost network never leaves
half of one. A manifest holds the SHA-256 of every file; a file that no longer fits makes the folder be built
again. Processes that need the same folder at once wait for one of them to build it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ...tools import ConfigError
from ...tools.wheels import sha256_of

MANIFEST = "manifest.json"
LOCK_TIMEOUT = 900.0


def build_once(folder: Path, build: Callable[[Path], None], *, needs_bytes: int, inputs: str = "") -> Path:
    """Returns `folder`, after building it if it is missing or damaged.

    Args:
        folder: where the result belongs.
        build: writes all files into the empty folder that it is given.
        needs_bytes: free space that building takes.
        inputs: what the result depends on besides its place; another value makes it be built again.

    Raises:
        ConfigError: no space, no permission, or another process holds the lock for too long.
    """
    from filelock import FileLock, Timeout

    if is_intact(folder, inputs):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock", timeout=LOCK_TIMEOUT):
            if not is_intact(folder, inputs):
                _build(folder, build, needs_bytes, inputs)
    except Timeout:
        raise ConfigError(f"another process has been building {folder} for {LOCK_TIMEOUT:g} s; stop it.") from None
    except OSError as error:
        raise _explained(error, folder, needs_bytes) from error
    return folder


def is_intact(folder: Path, inputs: str = "") -> bool:
    """Whether the folder was built from these inputs and every file still has the content it was built with."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"].items()
        return manifest["inputs"] == inputs and all(sha256_of(folder / name) == digest for name, digest in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _build(folder: Path, build: Callable[[Path], None], needs_bytes: int, inputs: str) -> None:
    # The lock is ours, so whatever a killed process left half built belongs to nobody.
    for orphan in folder.parent.glob(f".{folder.name}.building-*"):
        shutil.rmtree(orphan, ignore_errors=True)
    free = shutil.disk_usage(folder.parent).free
    if free < needs_bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.building-", dir=folder.parent))
    try:
        build(beside)
        files = sorted(path for path in beside.rglob("*") if path.is_file() and not path.name.startswith("."))
        digests = {str(path.relative_to(beside)): sha256_of(path) for path in files}
        manifest = {"inputs": inputs, "files": digests}
        (beside / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        beside.chmod(0o755)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _explained(error: OSError, folder: Path, needs_bytes: int) -> ConfigError:
    where = folder.parent
    # NumPy tells of a disk that is full without its number: "8192 requested and 0 written".
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or "requested and" in str(error):
        return ConfigError(
            f"no space left for {folder.name}: {needs_bytes / 1e6:.0f} MB are needed in {where}. "
            "Free some, or set PERICLES_CACHE_DIR to a folder on another disk."
        )
    return ConfigError(
        f"{where} cannot be written ({error.strerror or error}); set PERICLES_CACHE_DIR to another folder."
    )
