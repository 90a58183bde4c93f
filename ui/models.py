"""`pericles models`: what is in the cache, and getting it there."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from ..policies.engines import DEFAULT_POLICY
from ..policies.engines.gguf_files import KINDS
from ..policies.engines.load import DEFAULT_KIND, export_gguf, read_run, resolved
from ..policies.engines.promoted import SHIPPED
from ..policies.engines.weights import (
    EMBEDDED,
    SMOLLM2_135M,
    merged_gguf,
    models_dir,
    require_adapter,
    retrained_gguf,
    transformers_folder,
)
from ..tools import ConfigError


def gguf_path(name: str) -> Path:
    """The GGUF file that llama.cpp loads for a named policy, made if need be.

    Raises:
        ConfigError: there is no such model, or it cannot be fetched.
    """
    if resolved(name).startswith("run:"):
        run = read_run(resolved(name).removeprefix("run:"))
        if run.base in EMBEDDED:
            made = retrained_gguf(run.base, run.model, DEFAULT_KIND) if run.model else None
            return made or merged_gguf(run.base, run.adapter, DEFAULT_KIND)
        raise ConfigError(f"{name} was trained on {run.base}, of which this version makes no GGUF file.")
    if name in (DEFAULT_POLICY, SHIPPED):
        return merged_gguf(SMOLLM2_135M.name, require_adapter(), DEFAULT_KIND)
    if name not in EMBEDDED:
        raise ConfigError(f"there is no model {name!r}; there are: {', '.join((DEFAULT_POLICY, SHIPPED, *EMBEDDED))}.")
    return merged_gguf(name, None, DEFAULT_KIND)


def pull(name: str, *, for_transformers: bool) -> None:
    """Fetches and prepares a model, telling what is done."""
    console = Console(stderr=True, highlight=False)
    known = (models_dir() / SMOLLM2_135M.name / "gguf").exists()
    console.print(f"{name}: {'checking' if known else 'fetching 93 MB and preparing the weights'} …", markup=False)
    path = gguf_path(name)
    if for_transformers:
        transformers_folder(SMOLLM2_135M.name if name in (DEFAULT_POLICY, SHIPPED) else name)
    console.print(f"{name} is ready: {path} ({path.stat().st_size / 1e6:.0f} MB)", markup=False, soft_wrap=True)


def export(ref: str, file: Path, kind: str) -> None:
    """Writes a policy as a GGUF file and says how large it is.

    Raises:
        ConfigError: there is no such kind or policy, or the file cannot be written.
    """
    if kind not in KINDS:
        raise ConfigError(f"there are no weights of kind {kind!r}; there are: {', '.join(KINDS)}.")
    export_gguf(ref, file, kind)
    print(f"{file} ({file.stat().st_size / 1e6:.0f} MB)")


def show() -> None:
    """Prints a table of the models and the folders they take."""
    table = Table("name", "what", "licence", "cached")
    for model in EMBEDDED.values():
        folder = models_dir() / model.name
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.exists() else 0
        cached = f"{size / 1e6:.0f} MB in {folder}" if size else "no"
        table.add_row(DEFAULT_POLICY, f"{model.name} with the adapter that ships", model.licence, "with its base")
        table.add_row(model.name, f"{model.parameters / 1e6:.0f} M parameters, base", model.licence, cached)
    Console().print(table)
