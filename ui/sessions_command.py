"""The options of `pericles sessions`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import StoreOption

app = typer.Typer(no_args_is_help=True, help="The stored conversations.")


@app.command("list")
def sessions_list(
    store: StoreOption = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Show the conversations, those that changed last first."""
    from .conversations import show_list

    show_list(store, limit=limit, as_json=as_json)


@app.command("show")
def sessions_show(
    id: Annotated[str, typer.Argument(help="Name of a conversation.")], store: StoreOption = None
) -> None:
    """Print a conversation."""
    from .conversations import show

    show(store, id)


@app.command("export")
def sessions_export(
    file: Annotated[str, typer.Argument(help="A new file; '-' is standard output.")],
    session: Annotated[list[str] | None, typer.Option("--session", "-s", help="This one; all by default.")] = None,
    store: StoreOption = None,
) -> None:
    """Write conversations, with all their branches, as lines of JSON."""
    from .conversations import export

    export(store, file, session)


@app.command("import")
def sessions_import(
    file: Annotated[str, typer.Argument(help="What export has written; '-' is standard input.")],
    replace: Annotated[bool, typer.Option("--replace", help="Delete what is stored under the same names.")] = False,
    store: StoreOption = None,
) -> None:
    """Read conversations, each whole or not at all."""
    from .conversations import load

    load(store, file, replace=replace)


@app.command("delete")
def sessions_delete(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Names of conversations.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    store: StoreOption = None,
) -> None:
    """Delete conversations for good."""
    from .conversations import delete

    delete(store, ids, yes=yes)
