"""`pericles constitution`: the principles of AI feedback, to check and to read."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from typing import Annotated

import typer

from .terminal import printable

app = typer.Typer(no_args_is_help=True, help="The principles of AI feedback.")

FileArgument = Annotated[str, typer.Argument(help="A YAML file, or the name of one that ships.")]


@app.command("check")
def constitution_check(file: FileArgument = "default") -> None:
    """Say whether a constitution can be used, and what is wrong with it."""
    from ..policies.feedback.constitution import load_constitution

    found = load_constitution(file)
    scopes = Counter(principle.scope for principle in found.principles)
    told = ", ".join(f"{scope} {number}" for scope, number in scopes.items())
    typer.echo(printable(f"{found.name}: {len(found.principles)} principles ({told})\nsha256:{found.sha256}"))


@app.command("show")
def constitution_show(
    file: FileArgument = "default",
    scope: Annotated[list[str] | None, typer.Option(help="Only principles of this scope. Repeatable.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the principles of a constitution."""
    from ..policies.feedback.constitution import load_constitution

    found = load_constitution(file)
    if scope:
        found = found.within(scope)
    if as_json:
        principles = [dataclasses.asdict(principle) for principle in found.principles]
        print(json.dumps({"name": found.name, "principles": principles}, ensure_ascii=False, indent=1))
        return
    for principle in found.principles:
        lines = [f"{principle.id}  ({principle.scope}, weight {principle.weight:g})", f"  {principle.text}"]
        lines += [f"  critique: {principle.critique}", f"  revision: {principle.revision}"]
        for example in principle.examples:
            lines += [f"  example:  {example.prompt}", f"    better: {example.better}", f"    worse:  {example.worse}"]
        typer.echo(printable("\n".join(lines)))
