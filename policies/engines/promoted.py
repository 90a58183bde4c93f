"""Which policy `default` is on this machine: the one that ships, or a training run that was promoted in its place.

A promoted run is copied into the data folder, so that it stays when the run's own folder goes. What was promoted before
stays as well, to go back to.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...tools import ConfigError
from ...tools.locations import data_dir
from ...tools.wheels import sha256_of

SHIPPED = "shipped"
_FILES = ("run.json", "recipe.yaml", "README.md")
_PARTS = ("adapter", "model")


@dataclass(frozen=True)
class Promotion:
    """A run that was made the default.

    Args:
        name: of its folder among the promoted.
        run: where it was promoted from.
        when: UTC, ISO 8601.
        sha256: of its weights.
        evidence: what the gate saw, for people to read.
    """

    name: str
    run: str
    when: str
    sha256: str
    evidence: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where it lies; `run:FOLDER` names it as well."""
        return _folder() / self.name


def promotions() -> list[Promotion]:
    """What was promoted and not rolled back, the first first; the last is the default.

    Raises:
        ConfigError: the list cannot be read.
    """
    path = _folder() / "promotions.json"
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
        found = [Promotion(**{**one, "evidence": tuple(one["evidence"])}) for one in listed]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{path} cannot be read: {error}. Move it away to use the policy that ships.") from None
    for one in found:
        if not isinstance(one.name, str) or Path(one.name).name != one.name or not one.folder.is_dir():
            raise ConfigError(
                f"{path} names {one.name!r}, which is not there. Move it away to use the policy that ships."
            )
    return found


def promoted_run() -> Path | None:
    """The folder of the run that is the default; `None` where that is the policy that ships.

    Raises:
        ConfigError: see `promotions`.
    """
    found = promotions()
    return found[-1].folder if found else None


def promote(run: Path, evidence: tuple[str, ...] = ()) -> Promotion:
    """Makes a finished run the default of this machine.

    Args:
        run: its folder.
        evidence: what speaks for it.

    Raises:
        ConfigError: there is nothing to promote, or it cannot be copied.
    """
    parts = [part for part in _PARTS if (run / part).is_dir()]
    weights = [file for part in parts for file in sorted((run / part).glob("*.safetensors"))]
    if not weights:
        raise ConfigError(f"{run} has no policy to promote: it has neither adapter/ nor model/ with weights.")
    promotions()  # a list that cannot be read is told before anything is copied
    when = datetime.now(UTC)
    made = Promotion(
        f"{when:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", str(run.absolute()), f"{when:%Y-%m-%dT%H:%M:%SZ}",
        sha256_of(weights[0]), evidence,
    )  # fmt: skip
    try:
        made.folder.mkdir(parents=True)
        for part in parts:
            shutil.copytree(run / part, made.folder / part)
        for name in _FILES:
            if (run / name).is_file():
                shutil.copyfile(run / name, made.folder / name)
        with _alone():
            _write([*promotions(), made])
    except OSError as error:
        shutil.rmtree(made.folder, ignore_errors=True)
        raise ConfigError(f"{run} cannot be copied to {made.folder}: {error.strerror}.") from None
    return made


def roll_back() -> Promotion:
    """Makes what was the default before the last promotion the default again. The promoted copy is deleted.

    Returns:
        What is the default no longer.

    Raises:
        ConfigError: nothing is promoted, or the list cannot be written.
    """
    if not promotions():
        raise ConfigError("there is nothing to roll back: the default is the policy that ships.")
    try:
        with _alone():
            found = promotions()
            _write(found[:-1])
    except OSError as error:
        raise ConfigError(f"{_folder()} cannot be written: {error.strerror}.") from None
    if not found:
        raise ConfigError("there is nothing to roll back: another program has just done it.")
    shutil.rmtree(found[-1].folder, ignore_errors=True)
    return found[-1]


def _folder() -> Path:
    return data_dir() / "policies"


def _alone() -> AbstractContextManager[Any]:
    """While no other program changes the list."""
    from filelock import FileLock

    return FileLock(_folder() / ".promotions.lock")


def _write(listed: list[Promotion]) -> None:
    values: list[dict[str, Any]] = [asdict(one) for one in listed]
    path = _folder() / "promotions.json"
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    beside.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    os.replace(beside, path)
