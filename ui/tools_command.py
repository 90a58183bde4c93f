"""The options of `pericles tools`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import ToolsOption

app = typer.Typer(no_args_is_help=True, help="The tools that an agent may call.")


@app.command("list")
def tools_list(
    tools: ToolsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list that a model is sent.")] = False,
) -> None:
    """Show the tools, with the schema that a model sees."""
    from .toolbox import show

    show(tools or [], as_json=as_json)


@app.command("check")
def tools_check(
    items: Annotated[list[str], typer.Argument(metavar="FILE.py|NAME…", help="Files, which are run, or tools' names.")],
) -> None:
    """Read tools as an agent would, and show every mistake. Exit code 2 when there is one."""
    from .toolbox import check

    raise typer.Exit(check(items))


@app.command("call")
def tools_call(
    name: Annotated[str, typer.Argument(help="The tool's name.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[JSON|KEY=VALUE…]", help="The arguments; '-' reads JSON from stdin.")
    ] = None,
    tools: ToolsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for approval.")] = False,
) -> None:
    """Run a tool without a model. Exit code 1 when its result is an error."""
    from .toolbox import call

    raise typer.Exit(call(name, arguments or [], tools or [], as_json=as_json, allowed=yes))
