"""A run: the folder that a recipe's training leaves, from which a killed training goes on.

- `recipe.yaml`: the recipe with every default written out.
- `run.json`: what is known of the run; replaced whole, never half written.
- `metrics.jsonl`: a line for each log of each stage; `samples.jsonl`: replies over time.
- `STAGE/`: a stage's data, `stage.json` and checkpoints.
- `adapter/` or `model/`: the policy; `plots/`, `README.md`: made from the rest.

One process trains in a folder at a time; any number may read it meanwhile.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....tools import ConfigError
from .environment import environment
from .lines import append_line, keep_lines, plain, read_lines, write_atomically

if TYPE_CHECKING:
    from ..recipe import Recipe

RECIPE, RUN, METRICS, SAMPLES, LOCK = "recipe.yaml", "run.json", "metrics.jsonl", "samples.jsonl", ".lock"
PLOTS, CARD = "plots", "README.md"
# What is shown of a run that says that it is running while no process holds its lock.
KILLED = "killed"
# Whoever lists runs holds the lock for a moment: a training waits that long, and not for another training.
_LOCK_SECONDS = 1.0


def written_out(recipe: Recipe) -> str:
    """A recipe as YAML with every default in it: what `recipe.yaml` holds."""
    import yaml

    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


class RunFolder:
    """A run's folder; nothing is read or made before `create` or `open`.

    Args:
        path: of the folder.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def create(self, recipe: Recipe) -> RunFolder:
        """Makes the folder, or opens the one that an earlier call made of the same recipe.

        Args:
            recipe: what is trained.

        Raises:
            ConfigError: the folder holds a run of another recipe, or files of something else.
            ConfigError: the folder cannot be written, or its `run.json` is broken.
        """
        text = written_out(recipe)
        with self._writing():
            if (self.path / RECIPE).is_file():
                self._require_same(recipe)
            elif self.path.is_dir() and any(file.name != LOCK for file in self.path.iterdir()):
                raise ConfigError(f"{self.path} holds files that are no run: choose another folder with --out.")
            self.path.mkdir(parents=True, exist_ok=True)
            if not (self.path / RECIPE).is_file():
                write_atomically(self.path / RECIPE, text)
            if not (self.path / RUN).is_file():
                self._write(self._first(recipe, text))
        return self.open()

    def open(self) -> RunFolder:
        """Checks that the folder holds a run.

        Raises:
            ConfigError: it holds none, or its `run.json` is broken.
        """
        if not self.path.is_dir():
            raise ConfigError(f"there is no run {str(self.path)!r}; see: pericles runs list.")
        for name in (RECIPE, RUN):
            if not (self.path / name).is_file():
                raise ConfigError(f"{str(self.path)!r} is no run: it has no {name}.")
        self.read()
        return self

    def read(self) -> dict[str, Any]:
        """What `run.json` holds: `name`, `base`, `seed`, `status`, `error`, `created`, `updated`, `stages`, `policy`,
        `recipe_sha256`, `base_sha256`, `environment`, and what `update` added.

        Raises:
            ConfigError: it is broken.
        """
        file = self.path / RUN
        try:
            value = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"{file} cannot be read: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{file} is no JSON: {' '.join(str(error).split())}.") from error
        if not isinstance(value, dict):
            raise ConfigError(f"{file} must be a JSON object, got {str(value)[:60]!r}.")
        stages = value.setdefault("stages", [])
        if not isinstance(stages, list) or not all(isinstance(stage, dict) for stage in stages):
            raise ConfigError(f"{file}: stages must be a list of objects, got {str(stages)[:60]!r}.")
        return value

    @property
    def recipe_text(self) -> str:
        """The recipe with every default written out, as YAML.

        Raises:
            ConfigError: it cannot be read.
        """
        try:
            return (self.path / RECIPE).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.path / RECIPE} cannot be read: {error}.") from error

    @property
    def status(self) -> str:
        """`running`, `finished`, `failed`, `stopped`, `killed` (it says running, and nobody trains in it), or
        `unknown`.
        """
        status = str(self.read().get("status") or "unknown")
        return KILLED if status == "running" and not self.is_locked() else status

    def update(self, **fields: Any) -> None:
        """Sets fields of `run.json`; the file is replaced whole.

        Args:
            fields: new values by name; the others stay.

        Raises:
            ConfigError: the folder cannot be written.
        """
        with self._writing():
            self._write(self.read() | fields | {"updated": _now()})

    def append_metrics(self, line: Mapping[str, Any]) -> None:
        """Adds a line to `metrics.jsonl`.

        Args:
            line: `stage`, `step`, `of` (steps of the stage), `seconds` (that the stage has taken), and figures by name;
                those that are not finite are written as null.

        Raises:
            ConfigError: the folder cannot be written.
        """
        with self._writing():
            append_line(self.path / METRICS, line)

    def metrics(self, stage: str | None = None) -> list[dict[str, Any]]:
        """The lines of `metrics.jsonl`, but for a last one that a killed process left unfinished.

        Args:
            stage: of this stage alone.

        Raises:
            ConfigError: a line is broken, or the file cannot be read.
        """
        return self._lines(METRICS, stage)

    def append_sample(self, line: Mapping[str, Any]) -> None:
        """Adds a reply to `samples.jsonl`.

        Args:
            line: `stage`, `step`, `prompt` (messages), `messages` (the reply), `rewards` (each by name), `reward`.

        Raises:
            ConfigError: the folder cannot be written.
        """
        with self._writing():
            append_line(self.path / SAMPLES, line)

    def samples(self, stage: str | None = None) -> list[dict[str, Any]]:
        """The lines of `samples.jsonl`; see `metrics`."""
        return self._lines(SAMPLES, stage)

    def drop_metrics_after(self, stage: str, step: int) -> None:
        """Forgets what a stage logged after the checkpoint from which it goes on.

        Args:
            stage: whose metrics and samples.
            step: the last that stays; -1 forgets all.

        Raises:
            ConfigError: a line is broken, or the folder cannot be written.
        """
        with self._writing():
            for name in (METRICS, SAMPLES):
                keep_lines(
                    self.path / name,
                    lambda line: line.get("stage") != stage or not _is_after(line.get("step"), step),
                )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps other processes from training in this folder; it ends with the process, whatever kills it.

        Raises:
            ConfigError: another process trains in it, or the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / LOCK)
        with self._writing():
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=_LOCK_SECONDS)
            except Timeout:
                raise ConfigError(
                    f"another process trains in {self.path}: wait until it ends, or choose another folder with --out."
                ) from None
        try:
            yield
        finally:
            lock.release()

    def is_locked(self) -> bool:
        """Whether a process trains in this folder."""
        from filelock import FileLock, Timeout

        if not (self.path / LOCK).is_file():
            return False
        try:
            with FileLock(self.path / LOCK, timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # somebody else's folder: whether its lock is held cannot be tried
            return True

    def _first(self, recipe: Recipe, text: str) -> dict[str, Any]:
        now = _now()
        return {
            "name": recipe.name,
            "base": recipe.base,
            "seed": recipe.seed,
            "status": "running",
            "error": None,
            "created": now,
            "updated": now,
            "stages": [],
            "policy": None,
            "recipe_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "base_sha256": None,
            "environment": environment(),
        }

    def _require_same(self, recipe: Recipe) -> None:
        from ..recipe import load_recipe

        # Compared as recipes: 1 and 1.0 are written otherwise and mean the same.
        if load_recipe(self.path / RECIPE) != recipe:
            raise ConfigError(
                f"{self.path} holds a run of another recipe: choose another folder with --out, or remove that run with "
                f"pericles runs rm {self.path}."
            )

    def _write(self, value: Mapping[str, Any]) -> None:
        write_atomically(self.path / RUN, json.dumps(plain(value), ensure_ascii=False, indent=1) + "\n")

    def _lines(self, name: str, stage: str | None) -> list[dict[str, Any]]:
        try:
            lines = read_lines(self.path / name)
        except OSError as error:
            raise ConfigError(f"{self.path / name} cannot be read: {error.strerror}.") from error
        return lines if stage is None else [line for line in lines if line.get("stage") == stage]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be written: {error.strerror or error}.") from error


def _is_after(found: Any, step: int) -> bool:
    return isinstance(found, int | float) and found > step


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
