"""The options of `pericles rank`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import EngineOption, MaxTokensOption, NoToolsOption, PolicyOption, ToolsOption

app = typer.Typer(no_args_is_help=True, help="Put replies in order: `pericles rank FILE`; `sample` makes such a file.")

RaterOption = Annotated[str | None, typer.Option(help="Your name in the records; the login name by default.")]
NoConsentOption = Annotated[bool, typer.Option("--no-consent", help="What you say may not be trained on.")]


@app.command("run")
def rank_run(
    file: Annotated[Path, typer.Argument(help="Candidates or rankings, one JSON object a line.")],
    rater: RaterOption = None,
    out: Annotated[Path, typer.Option(help="Where rankings are added.")] = Path("rankings.jsonl"),
    budget: Annotated[int | None, typer.Option(min=1, help="So many in all; every candidate by default.")] = None,
    ai: Annotated[
        Path | None, typer.Option(help="Rankings of a judge: where it is unsure, people are asked first.")
    ] = None,
    constitution: Annotated[str, typer.Option(help="Whose principles the judge went by.")] = "default",
    seed: Annotated[int, typer.Option(help="Of the audit slice and of the order of replies.")] = 0,
    no_consent: NoConsentOption = False,
) -> None:
    """Rank the replies of a file, blind: who wrote them is not shown. Run again, it goes on where you stopped."""
    from .ranking import rank

    rank(
        file, rater=rater, out=out, budget=budget, judged=ai, constitution=constitution, seed=seed,
        consent=not no_consent,
    )  # fmt: skip


@app.command("sample")
def rank_sample(
    prompts: Annotated[Path, typer.Argument(help='Lines of {"prompt": text or messages, "id": …}.')],
    policy: PolicyOption = "default",
    engine: EngineOption = "auto",
    replies: Annotated[int, typer.Option("--replies", "-k", min=2, max=9, help="To each prompt.")] = 4,
    out: Annotated[Path, typer.Option(help="Where candidates are added.")] = Path("candidates.jsonl"),
    tools: ToolsOption = None,
    no_tools: NoToolsOption = False,
    max_new_tokens: MaxTokensOption = 512,
    temperature: Annotated[float, typer.Option(min=0.01, max=10.0, help="How much replies differ.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the sampling.")] = 0,
) -> None:
    """Let a policy answer prompts several times. Run again, it goes on where it was stopped."""
    from .sampling import sample

    raise typer.Exit(
        sample(
            prompts, policy=policy, engine=engine, replies=replies, out=out, tools=tools or (), builtin=not no_tools,
            max_new_tokens=max_new_tokens, temperature=temperature, seed=seed,
        )
    )  # fmt: skip
