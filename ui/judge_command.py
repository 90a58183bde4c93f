"""`pericles feedback judge` and `report`: what an AI says of replies, and whether it may be believed."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..tools import ConfigError
from .terminal import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from ..policies.feedback.judging import Judge, ToJudge
    from ..policies.feedback.ranking import Ranking
    from ..policies.feedback.trust import FeedbackReport, PairTable


def judge(
    file: Annotated[Path, typer.Argument(help="Candidates, or rankings, whose ranks are not shown.")],
    out: Annotated[Path, typer.Option(help="Where the judge's rankings go.")],
    policy: Annotated[str, typer.Option("--judge", help="The policy that judges.")] = "default",
    constitution: Annotated[str, typer.Option(help="A YAML file, or the name of one that ships.")] = "default",
    scope: Annotated[list[str] | None, typer.Option(help="Only principles of this scope. Repeatable.")] = None,
    principles: Annotated[int, typer.Option(min=1, help="How many are drawn for each pair.")] = 1,
    reasoning: Annotated[bool, typer.Option("--reasoning", help="Ask for reasons before the answer.")] = False,
    order: Annotated[
        Literal["round-robin", "merge"], typer.Option(help="Compare each two replies, or sort them by merging.")
    ] = "round-robin",
    concurrency: Annotated[int, typer.Option(min=1, help="Questions that are under way at the same time.")] = 4,
    seed: Annotated[int, typer.Option(help="Of the principles that are drawn.")] = 0,
) -> None:
    """Let a policy compare replies under a constitution. What it has answered is kept: a killed job goes on."""
    from ..policies.feedback import write_rankings
    from ..policies.feedback.constitution import load_constitution
    from ..policies.feedback.judging import Judge
    from ..policies.feedback.judging.loading import identity_of, load_judge_policy

    items = _items(file)
    principled = load_constitution(constitution)
    principled = principled.within(scope) if scope else principled
    if not out.parent.is_dir():
        raise ConfigError(f"there is no folder {str(out.parent)!r}.")
    judging = Judge(
        load_judge_policy(policy), principled, identity=identity_of(policy), principles=principles, reasoning=reasoning,
        concurrency=concurrency, answers=out.with_name(f"{out.name}.answers"), seed=seed,
    )  # fmt: skip
    found = asyncio.run(_judged(judging, items, order))
    write_rankings(out, found)
    pairs = [pair for ranking in found for pair in ranking.pairs]
    flips = sum(pair.flips for pair in pairs)
    unreadable = f"; {judging.unreadable} of {judging.asked} answers could not be read" if judging.unreadable else ""
    typer.echo(
        printable(
            f"{judging.rater}: {len(pairs)} pairs of {len(found)} prompts, orders contradict in {flips}{unreadable}\n"
            f"{out}: to see whether it may be believed: pericles feedback report --ai {out} --human FILE"
        )
    )


def _items(file: Path) -> list[ToJudge]:
    """What is to be judged: candidates, or what rankings rank; the same replies once."""
    from ..policies.feedback import Ranking
    from ..policies.feedback.collecting import Candidate
    from ..policies.feedback.json_lines import read_json_lines
    from ..policies.feedback.judging import ToJudge

    def made(_: int, value: dict[str, Any]) -> tuple[Candidate, bool]:
        if "ranks" in value or "rater" in value:
            ranking = Ranking.from_dict(value)
            return Candidate.of_ranking(ranking), ranking.consent
        return Candidate.from_dict(value), True

    read = read_json_lines(file, made, id_of=lambda one: one[0].id)
    once = {one.content_key: (one, consent) for one, consent in reversed(read)}
    return [
        ToJudge(one.id, one.prompt, one.replies, one.tools, one.policy, consent)
        for one, consent in reversed(once.values())
    ]


async def _judged(judging: Judge, items: Sequence[ToJudge], order: Literal["round-robin", "merge"]) -> list[Ranking]:
    shown = sys.stderr.isatty()

    def tell(done: int, of: int) -> None:
        if shown:
            print(f"\r{done}/{of} prompts", end="\n" if done == of else "", file=sys.stderr, flush=True)

    try:
        return await judging.rank_all(items, order, tell)
    finally:
        await judging.policy.aclose()


def report(
    ai: Annotated[Path, typer.Option(help="A judge's rankings, as `pericles feedback judge` leaves them.")],
    human: Annotated[list[Path], typer.Option(help="People's rankings of the same replies. Repeatable.")],
    audit: Annotated[
        Path | None, typer.Option(help="What people were asked and why, as `pericles rank` notes it.")
    ] = None,
    constitution: Annotated[str | None, typer.Option(help="By which the judge judged, for its hash.")] = None,
    human_fraction: Annotated[
        float | None, typer.Option(help="Force people's share of the weight, for experiments.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the rankings that may be trained on.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as an HTML page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say whether a judge has earned it that its labels are used, where, and how much each counts."""
    from ..policies.feedback import prompt_key, read_rankings, write_rankings
    from ..policies.feedback.collecting.queue import audit_slice, read_queue
    from ..policies.feedback.constitution import load_constitution
    from ..policies.feedback.trust import decide, mixed_rankings, pair_table
    from ..policies.feedback.trust import report as made
    from ..policies.feedback.trust.page import page

    people = [ranking for file in human for ranking in read_rankings(file)]
    consenting = [ranking for ranking in people if ranking.consent]
    table = pair_table(read_rankings(ai), consenting)
    audited = None
    if audit is not None:
        audited = {prompt_key(ranking.prompt) for ranking in audit_slice(consenting, read_queue(audit))}
        if not audited:
            raise ConfigError(f"{audit} names no ranking of the uniform slice that is among those of people.")
    decision = decide(table, _inputs(table), audit=audited, human_fraction=human_fraction)
    found = made(decision, None if constitution is None else load_constitution(constitution).sha256)
    if out is not None:
        write_rankings(out, mixed_rankings(decision, consenting))
    if html is not None:
        try:
            html.write_text(page(found), encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{html} cannot be written: {error.strerror}.") from error
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    else:
        typer.echo(printable(_text(found)))


def _inputs(table: PairTable) -> np.ndarray:
    """What replies look like, from which a stand-in for a reward model learns; a recipe uses the policy's states."""
    import numpy as np

    from ..policies.feedback.features import surface_features

    return np.stack([
        surface_features(pair.ranking.replies[pair.i]) - surface_features(pair.ranking.replies[pair.j])
        for pair in table.pairs
    ])  # fmt: skip


def _text(found: FeedbackReport) -> str:
    from ..policies.feedback.trust.page import lines, principle_rows, slice_rows

    rows = lines(found)
    width = max(len(label) for label, _ in rows)
    told = [found.verdict, "", *(f"{label:<{width}}  {text}" for label, text in rows)]
    told += ["", "agreement with people by principle (share of the used labels before it)"]
    told += [f"  {name}: {f'{used}, ' if used else ''}{agreed}" for name, used, agreed in principle_rows(found)]
    told += ["", "agreement of the calibrated judge by slice"]
    told += [f"  {name} {label}: {agreed}" for name, label, agreed in slice_rows(found)]
    return "\n".join(told)
