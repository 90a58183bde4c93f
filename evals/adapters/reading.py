"""Where the records of a public set come from: files in any of their usual forms, or the Hugging Face hub.

A record that cannot be read never ends a load: it is listed with the file and the line, see `gather`.
"""

from __future__ import annotations

import csv
import gzip
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, cast

from ...tools import ConfigError
from ..marked_yaml import read_json_lines
from ..samples import Check, Sample
from ..scorers import make_scorer
from ..suite_files import MAX_BYTES

TABLES = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
TEXTS = (".txt", ".tokens", ".raw")
# Under these keys a JSON file holds its records where it is no list itself.
_LISTS = ("data", "examples", "example", "rows", "questions")
_SHOWN = 12


class BadRecord(ValueError):
    """A record that cannot be read; says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record.

    Args:
        where: how messages call it: file and line, or hub and row.
        number: from 1, over all files of the set; bad records count, so that ids stay the same without them.
        value: by column.
        file: the file it stands in, relative to the folder; empty for the hub.
    """

    where: str
    number: int
    value: dict[str, Any]
    file: str = ""

    def get(self, *names: str) -> Any:
        """The first of these columns that is there and not empty, else `None`."""
        return next((value for name in names if (value := self.value.get(name)) is not None and value != ""), None)

    def need(self, name: str, *others: str) -> Any:
        """The first of these columns that is there.

        Raises:
            BadRecord: none is, or it is empty.
        """
        value = self.get(name, *others)
        if value is not None:
            return value
        if any(one in self.value for one in (name, *others)):
            raise BadRecord(f"{name} is empty")
        instead = f" (or {', '.join(others)})" if others else ""
        there = ", ".join(list(self.value)[:_SHOWN]) or "none"
        raise BadRecord(f"there is no column {name!r}{instead}; there are: {there}")

    def text(self, name: str, *others: str) -> str:
        """A column that must hold a text; see `need`."""
        value = self.need(name, *others)
        if not isinstance(value, str) or not value.strip():
            raise BadRecord(f"{name} must be a text, got {value!r:.60}")
        return value

    def texts(self, name: str, *others: str) -> list[str]:
        """A column that must hold a list of texts, which CSV files write with semicolons; see `need`."""
        value = self.need(name, *others)
        if isinstance(value, str):
            return [part.strip() for part in value.split(";") if part.strip()]
        listed = cast("list[Any]", value) if isinstance(value, list) else []
        if not listed or not all(isinstance(part, str) for part in listed):
            raise BadRecord(f"{name} must be a list of texts, got {value!r:.60}")
        return cast("list[str]", listed)


@dataclass(frozen=True, slots=True)
class Rows:
    """Records in the order of the files.

    Args:
        rows: those that could be read.
        broken: the others, each as `file, line N: what is wrong`.
        told: how messages and the report's source call where they come from.
    """

    rows: tuple[Row, ...]
    broken: tuple[str, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a set is to be read from.

    Args:
        name: the set's.
        path: a file, or a folder with the set's files; `None` for the hub.
        hub: `ORG/NAME` or `ORG/NAME:config`; `None` where the hub has no copy that can be read.
        split: which part of it.
    """

    name: str
    path: Path | None
    hub: str | None
    split: str

    def rows(self, *patterns: str, columns: Sequence[str] = ()) -> Rows:
        """The records of the split.

        Args:
            patterns: names that its files may have in a folder, the likeliest first; `{split}` is filled in. The forms
                of a hub snapshot are always tried behind them.
            columns: what the columns of a CSV file without a header are.

        Raises:
            ConfigError: there is no such file, it cannot be read, or the hub cannot be reached.
        """
        if self.path is None:
            return self._from_hub(self.split)
        if self.path.is_file():
            return read_files([self.path], self.path.parent, columns)
        if not self.path.is_dir():
            raise ConfigError(f"{self.path} does not exist: give a file of {self.name}, or the folder with its files.")
        found = self._find(self.path, self.split, patterns) or _only_table(self.path)
        if not found:
            wanted = ", ".join(pattern.replace("{split}", self.split) for pattern in (*patterns, "{split}.jsonl"))
            there = ", ".join(sorted(entry.name for entry in self.path.iterdir())[:_SHOWN]) or "nothing"
            raise ConfigError(
                f"{self.path} holds no file of {self.name} (split {self.split!r}): looked for {wanted}; there is "
                f"{there}. Give the file itself, or another split."
            )
        return read_files(found, self.path, columns)

    def beside(self, split: str, *patterns: str, columns: Sequence[str] = ()) -> Rows | None:
        """Records that go with the split, such as solved examples; `None` where they are not there."""
        if self.path is None:
            return self._from_hub(split) if split else None
        folder = self.path if self.path.is_dir() else self.path.parent
        found = self._find(folder, split, patterns)
        return read_files(found, folder, columns) if found else None

    def _find(self, folder: Path, split: str, patterns: Sequence[str]) -> list[Path]:
        config = (self.hub or "").partition(":")[2]
        snapshot = ["{split}" + suffix for suffix in (*TABLES, ".jsonl.gz", "-*.parquet")]
        snapshot += [f"{config}/{{split}}-*.parquet"] * bool(config) + ["data/{split}-*.parquet", "*/{split}-*.parquet"]
        for pattern in (*patterns, *(snapshot if split else ())):
            found = sorted(path for path in folder.glob(pattern.replace("{split}", split)) if path.is_file())
            if found:
                return found
        return []

    def _from_hub(self, split: str) -> Rows:
        if self.hub is None:
            raise ConfigError(f"{self.name} cannot be read from the hub: give the folder with its files.")
        return read_hub(self.hub, split, self.name)


def read_hub(hub: str, split: str, name: str) -> Rows:
    """Records of a data set on the Hugging Face hub, or in its local cache; no code of the data set is run.

    Raises:
        ConfigError: it cannot be had; says how to give a path instead.
    """
    remedy = f"Where it lies on this machine, give the path of its file or folder ({name})."
    try:
        import httpx
        from datasets import load_dataset
        from datasets.exceptions import DatasetsError
    except ImportError as error:
        raise ConfigError(f"reading {hub} needs the package {error.name}: pip install datasets. {remedy}") from None
    repository, _, config = hub.partition(":")
    # It tells of each attempt; people are told once, by the error.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        loaded: Any = load_dataset(repository, config or None, split=split, streaming=False)
        values: list[dict[str, Any]] = [dict(value) for value in loaded]
    # Offline, no such split, a gated set: all of them are the user's to mend, and each says what it is.
    except (OSError, ValueError, RuntimeError, httpx.HTTPError, DatasetsError) as error:
        reason = (" ".join(str(error).split())[:300] or type(error).__name__).rstrip(".")
        raise ConfigError(f"{hub} (split {split!r}) cannot be read from the hub: {reason}. {remedy}") from None
    rows = tuple(Row(f"{hub}, row {number}", number, value) for number, value in enumerate(values, 1))
    return Rows(rows, (), f"hub: {hub}, {split}")


def read_files(paths: Sequence[Path], folder: Path, columns: Sequence[str] = ()) -> Rows:
    """Records of several files.

    Args:
        paths: JSON lines, JSON, CSV, TSV, Parquet, or plain text (a record for each line, in the column `text`);
            gzipped ones too.
        folder: what messages call the files relative to.
        columns: of CSV files without a header.

    Raises:
        ConfigError: a file cannot be read at all.
    """
    rows: list[Row] = []
    broken: list[str] = []
    numbers = count(1)
    for path in paths:
        name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
        for where, value, problem in _records(path, name, columns):
            number = next(numbers)
            if problem:
                broken.append(f"{where}: {problem}")
            elif isinstance(value, dict):
                rows.append(Row(where, number, cast("dict[str, Any]", value), name))
            else:
                broken.append(f"{where}: a record must be an object with columns, got {value!r:.60}.")
    names = sorted({row.file for row in rows}) or [paths[0].name]
    return Rows(tuple(rows), tuple(broken), ", ".join(names[:3]) + (" and others" if len(names) > 3 else ""))


def _only_table(folder: Path) -> list[Path]:
    """The one data file of a folder, whatever it is called."""
    # A file that is named after a split is not the one of another.
    other = ("train", "test", "dev", "val", "dataset_info")
    tables = [path for path in folder.iterdir() if path.suffix in TABLES and not path.name.startswith(other)]
    return tables if len(tables) == 1 else []


# Where a record stands, what it is, and what is wrong with it.
_Record = tuple[str, Any, str]


def _records(path: Path, name: str, columns: Sequence[str]) -> Iterable[_Record]:
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if suffix == ".parquet":
        return _parquet(path, name)
    text = _text(path, name)
    if suffix == ".jsonl":
        return _json_lines(text, name)
    if suffix == ".json":
        return _json(text, name)
    if suffix in (".csv", ".tsv"):
        return _csv(text, name, "\t" if suffix == ".tsv" else ",", columns)
    if suffix in TEXTS:
        lines = text.split("\n")
        return [(f"{name}, line {number}", {"text": line + "\n"}, "") for number, line in enumerate(lines, 1)]
    raise ConfigError(f"{name}: {suffix or 'no ending'} is none of {', '.join((*TABLES, *TEXTS))}.")


def _text(path: Path, name: str) -> str:
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                data = stream.read(MAX_BYTES + 1)
        else:
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{name} is larger than {MAX_BYTES // 1024**2} MiB: split it.")
    try:
        # Excel writes a mark before UTF-8.
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}, line {data[: error.start].count(10) + 1}: not UTF-8.") from None


def _json_lines(text: str, name: str) -> Iterable[_Record]:
    lines, broken = read_json_lines(text, name)
    found: list[tuple[int, Any, str]] = [(marked.line(()), marked.value, "") for marked in lines]
    for said in broken:
        line, _, problem = said.removeprefix(f"{name}, line ").partition(": ")
        found.append((int(line), None, problem))
    return [(f"{name}, line {line}", value, problem) for line, value, problem in sorted(found, key=lambda one: one[0])]


def _json(text: str, name: str) -> Iterable[_Record]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        # Many sets name files of JSON lines `.json`.
        return _json_lines(text, name)
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        value = next((held[key] for key in _LISTS if isinstance(held.get(key), list)), [held])
    if not isinstance(value, list):
        raise ConfigError(f"{name}: must hold a list of records, got {value!r:.60}.")
    return [(f"{name}, item {number}", item, "") for number, item in enumerate(cast("list[Any]", value), 1)]


def _csv(text: str, name: str, delimiter: str, columns: Sequence[str]) -> Iterable[_Record]:
    # A long article in one field is no fault.
    before = csv.field_size_limit(MAX_BYTES)
    try:
        lines = text.split("\n")
        reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
        header: list[str] = list(columns)
        start = 1
        found: list[_Record] = []
        for fields in reader:
            where, start = f"{name}, line {start}", reader.line_num + 1
            if not fields:
                continue
            names = [field.strip() for field in fields]
            if not header or (not found and columns and set(columns) <= set(names)):
                header = names
            elif len(fields) != len(header):
                found.append((where, None, f"{len(fields)} fields, but there are {len(header)} columns."))
            else:
                found.append((where, dict(zip(header, fields, strict=True)), ""))
    except csv.Error as error:
        raise ConfigError(f"{name}: not CSV: {error}.") from None
    finally:
        csv.field_size_limit(before)
    return found


def _parquet(path: Path, name: str) -> Iterable[_Record]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ConfigError(f"reading {name} needs the package pyarrow: pip install pyarrow.") from None
    try:
        values: list[Any] = parquet.read_table(path).to_pylist()
    except (OSError, pyarrow.ArrowException) as error:
        raise ConfigError(f"{name} is no Parquet file: {' '.join(str(error).split())[:200]}") from None
    return [(f"{name}, row {number}", value, "") for number, value in enumerate(values, 1)]


@dataclass(slots=True)
class Gathered:
    """Samples made of records.

    Args:
        samples: in the order of the records.
        skipped: records that no sample could be made of, each as `file, line N: what is wrong`.
    """

    samples: list[Sample] = field(default_factory=list[Sample])
    skipped: list[str] = field(default_factory=list[str])


def gather(rows: Rows, make: Callable[[Row], Sample | Iterable[Sample]]) -> Gathered:
    """Makes a sample, or several, of each record.

    Args:
        rows: the records.
        make: raises `BadRecord`, or the `ConfigError` of a scorer, where it cannot.

    Raises:
        ConfigError: of no record a sample could be made.
    """
    found = Gathered(skipped=list(rows.broken))
    seen: set[str] = set()
    for row in rows.rows:
        try:
            made = make(row)
            new = [made] if isinstance(made, Sample) else list(made)
            twice = next((sample.id for sample in new if sample.id in seen), None)
            if twice is not None:
                raise BadRecord(f"the id {twice!r} was there before")
        except (BadRecord, ConfigError) as error:
            found.skipped.append(f"{row.where}: {str(error).rstrip('.')}.")
            continue
        seen.update(sample.id for sample in new)
        found.samples += new
    if not found.samples:
        first = f" The first: {found.skipped[0]}" if found.skipped else ""
        raise ConfigError(f"{rows.told}: none of the {len(found.skipped)} records can be read.{first}")
    return found


def check(name: str, scorer: str | dict[str, Any], expected: Any = None, *, turn: int = -1) -> Check:
    """A check of a reply; see `make_scorer` for the arguments."""
    return Check(name, make_scorer(scorer, expected, given=expected is not None), turn)
