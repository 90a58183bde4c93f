"""The options of `pericles feedback`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import chat_export_command, judge_command

app = typer.Typer(no_args_is_help=True, help="What people and judges have said: compared and converted.")


@app.command("agree")
def feedback_agree(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Rankings.")],
    seed: Annotated[int, typer.Option(help="Of the intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how far people agree beyond chance: κ of each two on the pairs that both have ranked."""
    from .feedback_files import agree

    agree(files, seed=seed, as_json=as_json)


@app.command("convert")
def feedback_convert(
    file: Annotated[Path, typer.Argument(help="Rankings, or a file of HH-RLHF.")],
    to: Annotated[str, typer.Option(help="hh-rlhf or rankings.")],
    out: Annotated[Path, typer.Option(help="A new file.")],
) -> None:
    """Write rankings as pairs of HH-RLHF, or these as rankings."""
    from .feedback_files import convert

    convert(file, to=to, out=out)


app.command("export")(chat_export_command.export)
app.command("judge")(judge_command.judge)
app.command("report")(judge_command.report)
