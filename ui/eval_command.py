"""The options of `pericles eval` and `pericles compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import EngineOption, PolicyOption

EVAL_HELP = "Run evaluation suites: `pericles eval SUITE… --policy REF`; `list` shows the suites."
app = typer.Typer(no_args_is_help=True, help=EVAL_HELP)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
GateOption = Annotated[
    Path | None,
    typer.Option(help="File with margins and minimums. Exit code 0: passed, 3: failed, 4: the data cannot tell."),
]


@app.command("run")
def eval_run(
    suites: Annotated[
        list[str], typer.Argument(metavar="SUITE…", help="Names, groups, public sets (NAME:PATH) or files.")
    ],
    policy: PolicyOption = "default",
    engine: EngineOption = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="So many samples of each suite, drawn by the seed.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw, the order of choices, and sampling.")] = 0,
    repeat: Annotated[int, typer.Option(min=1, help="How often each sample is run; needs a temperature.")] = 1,
    temperature: Annotated[float, typer.Option(min=0.0, max=10.0, help="0 is greedy.")] = 0.0,
    max_new_tokens: Annotated[int | None, typer.Option(min=1, help="Longest reply; the suite's by default.")] = None,
    shots: Annotated[
        int | None, typer.Option(min=0, help="Solved examples shown before; the suite's by default.")
    ] = None,
    wording: Annotated[str, typer.Option(help="Which wording of items that have several, from 0; or all.")] = "all",
    form: Annotated[str | None, typer.Option(help="chat, or completion: the bare text, as for base models.")] = None,
    choices: Annotated[
        str, typer.Option(help="loglik, generate, or auto: log-likelihoods where they are known.")
    ] = "auto",
    without_tools: Annotated[
        bool, typer.Option("--without-tools", help="Offer no tools, whatever the suite says.")
    ] = False,
    tools: Annotated[
        list[str] | None,
        typer.Option("--tools", "-t", help="Offer these to every sample: a name, or a file that is run."),
    ] = None,
    mcp: Annotated[list[str] | None, typer.Option("--mcp", help="Offer an MCP server's tools to every sample.")] = None,
    judge: Annotated[str | None, typer.Option(help="The policy that grades, where a suite asks for one.")] = None,
    deadline: Annotated[float | None, typer.Option(min=0.01, help="Seconds after which a turn is given up.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Conversations at a time; what the policy works on at once.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; an evaluation that was stopped goes on in it.")] = None,
    shards: Annotated[
        str | None, typer.Option(metavar="i/n", help="Run this part alone, for `merge`; with --ray how many.")
    ] = None,
    ray: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run the shards on a Ray cluster; `local` starts one here.")
    ] = None,
    gate: GateOption = None,
    baseline: Annotated[Path | None, typer.Option(help="Report of what is in use, to compare with.")] = None,
    against: Annotated[str | None, typer.Option(help="Run this policy as well, and compare.")] = None,
    slices: Annotated[bool, typer.Option("--slices", help="Show every tag's figures.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run suites, print the report, and write it to a folder."""
    from ..evals.running.options import Options
    from . import evaluating, toolbox

    offered = toolbox.offered(tools or (), builtin=False)
    if mcp:
        from .mcp_tools import offer_servers

        offer_servers(offered, mcp)
    options = Options(
        limit, seed, repeat, temperature, max_new_tokens, shots, evaluating.wording_of(wording),
        form, choices, without_tools, deadline,  # pyright: ignore[reportArgumentType] - checked there
    )  # fmt: skip
    code = evaluating.run(
        suites, policy=policy, engine=engine, options=options, tools=offered, judge=judge, out=out,
        concurrency=concurrency, shard=shards, ray=ray, gate=gate, baseline=baseline, against=against, slices=slices,
        as_json=as_json,
    )  # fmt: skip
    raise typer.Exit(code)


@app.command("tax")
def eval_tax(
    suites: Annotated[
        list[str] | None, typer.Argument(metavar="[SUITE…]", help="The group general by default.")
    ] = None,
    policy: PolicyOption = "default",
    base: Annotated[str | None, typer.Option(help="What it was trained from; known for default and run:DIR.")] = None,
    engine: EngineOption = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="So many samples of each suite.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 0,
    judge: Annotated[str | None, typer.Option(help="The policy that grades, where a suite asks for one.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Conversations at a time; what the policy works on at once.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; an evaluation that was stopped goes on in it.")] = None,
    gate: GateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Alignment tax: what a policy's training cost it, against its base on general suites, without tools."""
    from ..evals.running.options import Options
    from . import evaluating, toolbox

    code = evaluating.run(
        suites or ["general"], policy=policy, engine=engine, options=Options(limit, seed, without_tools=True),
        tools=toolbox.offered((), builtin=False), judge=judge, out=out, concurrency=concurrency, shard=None, gate=gate,
        baseline=None, against=base or evaluating.base_of(policy), slices=False, as_json=as_json,
    )  # fmt: skip
    raise typer.Exit(code)


@app.command("merge")
def eval_merge(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR…", help="The finished shards.")],
    out: Annotated[Path, typer.Option(help="A new folder.")],
) -> None:
    """Join shards to the report that one run would have left."""
    from .evaluating import merge

    merge(folders, out)


@app.command("list")
def eval_list(as_json: JsonOption = False) -> None:
    """Show the suites that ship and the public sets that can be read."""
    from .evaluating import show_list

    show_list(as_json=as_json)


@app.command("show")
def eval_show(
    suite: Annotated[str, typer.Argument(help="A suite's name, a public set, or a file.")],
    limit: Annotated[int, typer.Option(min=0, help="So many items.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Show what a suite measures and its items; a file is checked."""
    from .evaluating import show_suite

    show_suite(suite, limit=limit, as_json=as_json)


def compare(
    first: Annotated[str, typer.Argument(metavar="REPORT_A", help="What is in use: a folder or its report.json.")],
    second: Annotated[str, typer.Argument(metavar="REPORT_B", help="What may replace it.")],
    gate: GateOption = None,
    flips: Annotated[int, typer.Option(min=0, help="Show so many flipped samples of each suite.")] = 10,
    html: Annotated[Path | None, typer.Option(help="Write a page into this folder.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say who is better on which suite, by how much, and whether the data can tell."""
    from .evaluating import show_comparison

    raise typer.Exit(show_comparison(first, second, gate=gate, flips=flips, html=html, as_json=as_json))
