"""`pericles feedback agree|convert`: files of rankings compared and converted."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from ..policies.feedback import read_hh_rlhf, read_rankings, write_rankings
from ..policies.feedback.collecting import write_hh_rlhf
from ..policies.feedback.collecting.agreement import consensus, human_votes, pairwise
from ..tools import ConfigError
from .terminal import printable

FORMS = ("hh-rlhf", "rankings")


def agree(files: Sequence[Path], *, seed: int, as_json: bool) -> None:
    """Prints how far the people in rankings files agree.

    Raises:
        ConfigError: a file is wrong, or no two people have ranked the same.
    """
    votes = human_votes(ranking for file in files for ranking in read_rankings(file))
    found = pairwise(votes, seed=seed)
    if not found:
        raters = len({vote.rater for vote in votes})
        raise ConfigError(
            f"no two people have ranked the same replies: there are {len(votes)} pairs of {raters} "
            f"{'person' if raters == 1 else 'people'}."
        )
    together = consensus(votes)
    if as_json:
        value = {
            "agreement": [{"raters": list(raters), **dataclasses.asdict(one)} for raters, one in found.items()],
            "consensus": None if together is None else dataclasses.asdict(together),
        }
        print(json.dumps(value, ensure_ascii=False, indent=1))
        return
    width = max(len(f"{one} – {other}") for one, other in found)
    typer.echo(printable(f"{'raters':{width}}  {'pairs':>5}  {'agree':>6}  κ (95 %)"))
    for (one, other), agreement in found.items():
        kappa = "– (both say the same of everything)" if agreement.kappa is None else f"{agreement.kappa:.2f}"
        interval = "" if agreement.low is None else f" ({agreement.low:.2f} to {agreement.high:.2f})"
        names = f"{one} – {other}"
        typer.echo(printable(f"{names:{width}}  {agreement.n:5}  {agreement.share:6.0%}  {kappa}{interval}"))
    if together is None:
        return
    typer.echo(f"\nconsensus (Dawid–Skene) on {together.pairs} pairs, sure (≥ 0.9) of {together.sure}:")
    for name, skill in together.skill.items():
        typer.echo(printable(f"  {name}: {skill:.0%} of {together.votes[name]} votes agree with it"))


def convert(file: Path, *, to: str, out: Path) -> None:
    """Writes a file in another form, and says what could not be written.

    Raises:
        ConfigError: a file or the form is wrong, `out` is there, or nothing is left.
    """
    if to not in FORMS:
        raise ConfigError(f"--to must be {' or '.join(FORMS)}, got {to!r}.")
    if out.exists():
        raise ConfigError(f"{out} exists already; choose another name.")
    if to == "hh-rlhf":
        made = write_hh_rlhf(out, read_rankings(file))
        count, what, left_out = len(made.pairs), "pairs", made.left_out
    else:
        read = read_hh_rlhf(file)
        count, what, left_out = len(read.rankings), "rankings", read.left_out
        if read.rankings:
            write_rankings(out, read.rankings)
    if not count:
        raise ConfigError(f"{file} has nothing that could be written as {to}: {_told(left_out)}.")
    typer.echo(printable(f"{count} {what} in {out}{f'; left out: {_told(left_out)}' if left_out else ''}"))


def _told(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{count} ({reason})" for reason, count in left_out.items()) or "it is empty"
