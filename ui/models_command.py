"""The options of `pericles models`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The embedded models in the cache.")


@app.command("pull")
def models_pull(
    name: Annotated[str, typer.Argument(help="default or smollm2-135m.")] = "default",
    for_transformers: Annotated[
        bool, typer.Option("--transformers", help="Convert for the transformers engine too (540 MB).")
    ] = False,
) -> None:
    """Fetch a model and prepare it, so that the first chat starts at once."""
    from .models import pull

    pull(name, for_transformers=for_transformers)


@app.command("list")
def models_list() -> None:
    """Show the models and what is in the cache."""
    from .models import show

    show()


@app.command("path")
def models_path(name: Annotated[str, typer.Argument(help="default or smollm2-135m.")] = "default") -> None:
    """Print the path of a model's GGUF file, fetching it if need be."""
    from .models import gguf_path

    typer.echo(gguf_path(name))


@app.command("export")
def models_export(
    policy: Annotated[str, typer.Argument(help="default, smollm2-135m or run:RUN_DIR.")],
    file: Annotated[Path, typer.Argument(help="A new .gguf file.")],
    kind: Annotated[str, typer.Option(help="F32, BF16, Q8_0, Q4_1 or Q4_0.")] = "Q8_0",
) -> None:
    """Write a policy as one GGUF file, for llama.cpp, Ollama and whatever else reads them."""
    from .models import export

    export(policy, file, kind)
