"""`pericles policies`: which policy is the default here, what is known of it, and another in its place."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from ..tools import ConfigError
from .terminal import printable

app = typer.Typer(no_args_is_help=True, help="The default policy, its card, and another in its place.")


@app.command("list")
def policies_list() -> None:
    """Show what was promoted; the last is the default."""
    from ..policies.engines.promoted import promotions

    found = promotions()
    lines = ["shipped  the policy that comes with the package"]
    lines += [f"{one.when}  {one.run}  sha256 {one.sha256[:16]}" for one in found]
    typer.echo(printable("\n".join([*lines[:-1], f"{lines[-1]}  (the default)"])))


@app.command("card")
def policies_card(
    policy: Annotated[str, typer.Argument(help="default, shipped, or run:RUN_DIR.")] = "default",
) -> None:
    """Print a policy's model card: lineage, data, figures, limits."""
    typer.echo(printable(_card(policy).read_text(encoding="utf-8")).rstrip("\n"))


@app.command("promote")
def policies_promote(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A finished run: its folder, or its name in runs/.", show_default=False)
    ] = "",
    gate: Annotated[
        Path | None, typer.Option(help="What it must hold against the present default; a gate ships (`--show-gate`).")
    ] = None,
    suite: Annotated[
        list[str] | None, typer.Option(help="Suites to run where the gate names files or none. Repeatable.")
    ] = None,
    show_gate: Annotated[bool, typer.Option("--show-gate", help="Print the gate and stop.")] = False,
) -> None:
    """Make a run the default on this machine, if it passes the gate against the present default."""
    from ..evals.reports.gate import read_gate
    from ..evals.running.options import Options
    from ..policies.engines.promoted import promote
    from ..policies.training.runs import locate_run
    from . import evaluating, toolbox

    place = gate or Path(str(resources.files("pericles.evals").joinpath("promotion.yaml")))
    if show_gate:
        typer.echo(place.read_text(encoding="utf-8").rstrip("\n"))
        return
    if not run:
        raise ConfigError("name the run to promote: its folder, or its name in runs/.")
    folder = locate_run(run)
    if folder.read().get("status") != "finished":
        raise ConfigError(f"{folder.path} is not finished: pericles train resume {folder.path}")
    suites = suite or list(read_gate(place).suites)
    if not suites:
        raise ConfigError(f"{place} names no suites: add --suite.")
    code = evaluating.run(
        suites, policy=f"run:{folder.path}", engine="auto", options=Options(), tools=toolbox.offered((), builtin=False),
        judge=None, out=None, concurrency=None, shard=None, gate=place, baseline=None, against="default", slices=False,
        as_json=False,
    )  # fmt: skip
    if code:
        typer.echo("not promoted: the gate has to pass.", err=True)
        raise typer.Exit(code)
    made = promote(folder.path, (f"passed {place.name} on {', '.join(suites)}",))
    typer.echo(printable(f"{made.run} is the default now; back with: pericles policies rollback"))


@app.command("rollback")
def policies_rollback() -> None:
    """Make the default before the last promotion the default again."""
    from ..policies.engines.promoted import promotions, roll_back

    gone, left = roll_back(), promotions()
    typer.echo(printable(f"{gone.run} is the default no longer; it is {left[-1].run if left else 'what ships'} again."))


def _card(policy: str) -> Path:
    from ..policies.engines.promoted import SHIPPED, promoted_run

    promoted = promoted_run() if policy == "default" else None
    if policy in ("default", SHIPPED) and promoted is None:
        return Path(str(resources.files("pericles.policies.default").joinpath("card.md")))
    scheme, _, rest = policy.partition(":")
    if promoted is None and (scheme != "run" or not rest):
        raise ConfigError(f"there is no card of {policy!r}; there are: default, shipped, run:RUN_DIR.")
    card = (promoted or Path(rest).expanduser()) / "README.md"
    if not card.is_file():
        raise ConfigError(f"{card.parent} has no card: it is no training run, or not finished.")
    return card
