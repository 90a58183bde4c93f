"""Environments that the peers are installed into: in the cache, apart from ours, made when they are missing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock
from pericles.tools import ConfigError
from pericles.tools.locations import cache_dir

FOLDER = Path(__file__).parent
# What these agents need besides is listed with them, so that none of it brings torch.
AGENTS = [["--no-deps", "-r", str(FOLDER / "requirements.txt")]]
# torch first: what depends on it would otherwise choose a build of its own.
EVALS = [["torch==2.13.0"], ["-c", str(FOLDER.parents[1] / "constraints.txt"), "-r", str(FOLDER / "evals.txt")]]


def peers_python(name: str, requirements: str, steps: Sequence[Sequence[str]], size: str) -> Path:
    """The interpreter that has some peers.

    Args:
        name: of the environment.
        requirements: the file in this folder that names them; another content makes another environment.
        steps: arguments of `pip install`, one call after the other.
        size: what people are told of it.

    Raises:
        ConfigError: they could not be installed, most often for want of a network.
    """
    key = hashlib.sha256((FOLDER / requirements).read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache_dir() / "benchmarks" / f"{name}-{key}"
    python, complete = folder / "bin" / "python", folder / "complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if not complete.exists():
            print(f"installing the peers into {folder} (once, about {size})", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=False)
            for step in steps:
                _install(python, step)
            complete.touch()
    return python


def _install(python: Path, what: Sequence[str]) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--quiet", "--retries", "2", *what]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["pip said nothing"]
        raise ConfigError(f"the peers could not be installed: {lines[-1].strip()[:300]}. Check the network.")
