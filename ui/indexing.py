"""`pericles index`: progress and reports of what search can find."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..tools.search import (
    IndexReport,
    collection_files,
    ensure_corpora,
    index_path,
    list_collections,
    list_corpora,
    rebuild_collection,
    rebuild_path,
)
from .terminal import printable

_SHOWN_SKIPPED = 10


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar with rate and time left, fed by (phrase, done, total)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def update(phrase: str, done: int, total: int) -> None:
            bar.update(task, description=phrase, completed=done, total=total or None)

        yield update


def add(source: str, collection: str) -> None:
    """Indexes a file, a folder or a page and prints what was read and what was left out."""
    with _progress() as update:
        report = index_path(source, collection=collection, progress=update)
    _tell(report)


def rebuild(names: list[str]) -> None:
    """Reads all of these collections, files, folders or pages again; all collections when nothing is named."""
    collections = [info.name for info in list_collections()]
    for name in names or collections:
        with _progress() as update:
            if name in collections or not ("/" in name or Path(name).exists()):
                reports = [rebuild_collection(name, progress=update)]
            else:
                reports = rebuild_path(name, progress=update)
        for report in reports:
            _tell(report)


def _tell(report: IndexReport) -> None:
    console = Console(highlight=False)
    console.print(
        f"{report.collection}: {report.added} files added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.removed} removed; {report.passages} passages in {report.seconds:.1f} s",
        markup=False,
        soft_wrap=True,
    )
    for name, reason in list(report.skipped.items())[:_SHOWN_SKIPPED]:
        console.print(f"  left out {printable(name)}: {reason}", markup=False, soft_wrap=True)
    if len(report.skipped) > _SHOWN_SKIPPED:
        console.print(f"  left out {len(report.skipped) - _SHOWN_SKIPPED} more files")


def build_corpora() -> None:
    """Fetches and builds the embedded corpora, and says which cannot be had."""
    with _progress() as update:
        reasons = ensure_corpora(progress=update)
    console = Console(highlight=False)
    for name, reason in reasons.items():
        console.print(f"{name}: {reason or 'ready'}", markup=False, soft_wrap=True)


def show(collection: str | None, *, as_json: bool) -> None:
    """Prints a line for each collection and embedded corpus, or for each file of one collection."""
    if collection is not None:
        files = collection_files(collection)
        _print_lines(
            [{"name": name, "passages": passages} for name, passages in files.items()],
            [f"{printable(name)}: {passages} passages" for name, passages in files.items()],
            as_json,
        )
        return
    found = [*list_corpora(), *list_collections()]
    lines = [
        f"{info.name}: {info.problem}"
        if info.problem
        else f"{info.name}: {f'{info.files} files' if info.files else 'embedded'}, {info.passages} passages,"
        f" {info.size / 1e6:.1f} MB, {info.updated}"
        for info in found
    ]
    if not list_collections():
        lines.append("no collections of your own yet; add files with: pericles index PATH")
    _print_lines([{**dataclasses.asdict(info), "folder": str(info.folder)} for info in found], lines, as_json)


def _print_lines(values: list[dict[str, Any]], lines: list[str], as_json: bool) -> None:
    console = Console(highlight=False)
    for line in [json.dumps(values, ensure_ascii=False, indent=1)] if as_json else lines:
        console.print(line, markup=False, soft_wrap=True)
