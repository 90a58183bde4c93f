"""`pericles index`: progress and reports of what search can find."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..tools.search import ensure_corpora, index_path, list_collections
from .terminal import printable

_SHOWN_SKIPPED = 10


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar with rate and time left, fed by (phrase, done, total)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def update(phrase: str, done: int, total: int) -> None:
            bar.update(task, description=phrase, completed=done, total=total or None)

        yield update


def add(path: Path, collection: str) -> None:
    """Indexes a file or folder and prints what was read and what was left out."""
    with _progress() as update:
        report = index_path(path, collection=collection, progress=update)
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


def show() -> None:
    """Prints a line for each collection."""
    console = Console(highlight=False)
    collections = list_collections()
    for info in collections:
        console.print(
            f"{info.name}: {info.files} files, {info.passages} passages, {info.size / 1e6:.1f} MB, {info.updated}",
            markup=False,
            soft_wrap=True,
        )
    if not collections:
        console.print("no collections yet; add files with: pericles index PATH")
