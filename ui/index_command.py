"""The options of `pericles index`."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="What `search` can find: `pericles index PATH` adds a file or folder.")


@app.command("add")
def index_add(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH|URL…", help="Files, folders or pages: text, Markdown, HTML, PDF, DOCX, CSV, JSON lines."
        ),
    ],
    collection: Annotated[str, typer.Option(help="Name of the collection.")] = "documents",
) -> None:
    """Make files and web pages searchable. Run again, it reads only what changed."""
    from .indexing import add

    for source in sources:
        add(source, collection)


@app.command("list")
def index_list(
    collection: Annotated[str | None, typer.Argument(help="Show the files of this one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Show what search can find: the embedded corpora and the collections."""
    from .indexing import show

    show(collection, as_json=as_json)


@app.command("remove")
def index_remove(
    source: Annotated[str, typer.Argument(metavar="PATH|URL", help="A file, folder or page that was added.")],
    collection: Annotated[str | None, typer.Option(help="Only from this one.")] = None,
) -> None:
    """Take files out of the index; the files themselves stay."""
    from ..tools.search import remove_path

    typer.echo(f"removed {remove_path(source, collection=collection)} files from the index")


@app.command("rebuild")
def index_rebuild(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COLLECTION|PATH|URL…]", help="What to read again; all collections by default."),
    ] = None,
) -> None:
    """Read files and pages again, changed or not. A collection's old index is used until the new one is whole."""
    from .indexing import rebuild

    rebuild(names or [])


@app.command("drop")
def index_drop(collection: Annotated[str, typer.Argument(help="Name of a collection.")]) -> None:
    """Delete a collection's index; the files themselves stay."""
    from ..tools.search import drop_collection

    drop_collection(collection)
    typer.echo(f"dropped {collection}")


@app.command("corpus")
def index_corpus() -> None:
    """Fetch and build the embedded corpora: the World Factbook, the elements, WordNet."""
    from .indexing import build_corpora

    build_corpora()
