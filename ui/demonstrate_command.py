"""The options of `pericles demonstrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import EngineOption, MaxTokensOption, NoToolsOption, ToolsOption
from .rank_command import NoConsentOption, RaterOption


def demonstrate(
    file: Annotated[
        Path | None, typer.Argument(help="Prompts to answer, or candidates of which a reply is corrected.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", "-p", help="Let this policy answer the prompts first, and correct it.")
    ] = None,
    both: Annotated[bool, typer.Option("--both", help="Write whole conversations: the user's side, too.")] = False,
    rater: RaterOption = None,
    out: Annotated[Path, typer.Option(help="Where demonstrations are added.")] = Path("demonstrations.jsonl"),
    rankings: Annotated[
        Path, typer.Option(help="Where corrections are added, as rankings: the corrected reply above the original.")
    ] = Path("corrections.jsonl"),
    engine: EngineOption = "auto",
    tools: ToolsOption = None,
    no_tools: NoToolsOption = False,
    max_new_tokens: MaxTokensOption = 512,
    no_consent: NoConsentOption = False,
) -> None:
    """Write replies, or correct those of a policy, to train on. Run again, it goes on where you stopped.

    In a terminal, $EDITOR is used where it is set; elsewhere a line with a single dot ends a text. A line
    `/call math {"query": "2+2"}` calls a tool.
    """
    from .demonstrating import demonstrate as ask

    ask(
        file, policy=policy, engine=engine, both=both, rater=rater, out=out, rankings=rankings, tools=tools or (),
        builtin=not no_tools, max_new_tokens=max_new_tokens, consent=not no_consent,
    )  # fmt: skip
