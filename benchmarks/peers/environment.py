"""The environment that the peers are installed into: in the cache, apart from ours, made when it is missing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from filelock import FileLock
from pericles.tools import ConfigError
from pericles.tools.locations import cache_dir

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def peers_python() -> Path:
    """The interpreter that has the peers.

    Raises:
        ConfigError: they could not be installed, most often for want of a network.
    """
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache_dir() / "benchmarks" / f"agent-peers-{key}"
    python, complete = folder / "bin" / "python", folder / "complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if not complete.exists():
            print(f"installing the peers into {folder} (once, about 200 MB)", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=False)
            _install(python)
            complete.touch()
    return python


def _install(python: Path) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--only-binary=:all:"]
    command += ["--no-input", "--disable-pip-version-check", "--quiet", "--retries", "2", "-r", str(REQUIREMENTS)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["pip said nothing"]
        raise ConfigError(f"the peers could not be installed: {lines[-1].strip()[:300]}. Check the network.")
