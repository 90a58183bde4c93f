"""`pericles eval` and `pericles compare`: what they print, and with which code they end."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ..evals import Report, Suite, compare, evaluate_async, find_suites, load_report
from ..evals.catalogue import GROUPS, shipped, shipped_names
from ..evals.evaluating import default_folder, suites_of
from ..evals.reports.comparison import Comparison, comparison_table
from ..evals.reports.gate import EXIT_CODES, gate_outcome, gate_table, judge_gate, read_gate
from ..evals.reports.table import report_table
from ..evals.reports.writing import write_all, write_comparison
from ..evals.running.evaluation import Shard, Step
from ..evals.running.options import Options, Wording
from ..evals.samples import Check
from ..tools import ConfigError, ToolRegistry
from .terminal import printable


def run(
    refs: Sequence[str],
    *,
    policy: str,
    engine: str,
    options: Options,
    tools: ToolRegistry,
    judge: str | None,
    out: Path | None,
    concurrency: int | None,
    shard: str | None,
    ray: str | None = None,
    gate: Path | None,
    baseline: Path | None,
    against: str | None,
    slices: bool,
    as_json: bool,
) -> int:
    """Runs an evaluation, prints its report, and holds it against a gate.

    Returns:
        The exit code: 0, or what the gate says.
    """
    demands = None if gate is None else read_gate(gate)
    if gate is not None and baseline is None and against is None and _needs_baseline(demands):
        raise ConfigError("the gate has margins, which need something to compare with: add --baseline or --against.")
    before = None if baseline is None else load_report(baseline)
    listed = suites_of(refs, options)
    if ray is not None:
        if gate is not None or baseline is not None or against is not None:
            raise ConfigError("--ray leaves a report; hold it against a gate with `pericles compare A B --gate FILE`.")
        return _on_ray(listed, policy, engine, options, tools, judge, out, concurrency, shard, ray, slices)
    part = _shard(shard)

    def one(ref: str, folder: Path | None) -> tuple[Report, Path]:
        place = folder or default_folder(listed, ref, engine, options)
        return _evaluated(listed, ref, engine, options, tools, judge, place, concurrency, part), place

    if against is not None:
        before, place = one(against, None if out is None else out / "against")
        _say(f"against: {place}")
    report, place = one(policy, out)
    comparison = None if before is None else compare(before, report)
    if comparison is not None:
        write_comparison(comparison, place, margin=None if demands is None else demands.margin)
    findings = [] if demands is None else judge_gate(demands, report, comparison)
    if as_json:
        value: dict[str, Any] = {"report": report.to_dict(), "folder": str(place)}
        if comparison is not None:
            value["comparison"] = comparison.to_dict()
        if demands is not None:
            value["gate"] = gate_outcome(findings)
        _print_json(value)
    else:
        _print(report_table(report, slices=slices))
        if comparison is not None:
            _print(["", *comparison_table(comparison)])
        if demands is not None:
            _print(["", *gate_table(findings)])
        _print(["", f"report: {place / 'report.html'}"])
    return 0 if demands is None else EXIT_CODES[gate_outcome(findings)]


def _on_ray(
    listed: Sequence[Suite], policy: str, engine: str, options: Options, tools: ToolRegistry,
    judge: str | None, out: Path | None, concurrency: int | None, shard: str | None, address: str, slices: bool,
) -> int:  # fmt: skip
    from ..evals.running.ray_shards import evaluate_on_ray

    if len(tools) or judge is not None:
        raise ConfigError(
            "--ray runs suites with their own tools and without a judge; leave --tools, --mcp and --judge."
        )
    if shard is None or not shard.isdigit():
        raise ConfigError(f"--ray needs --shards N, how many parts there are, got {shard!r}.")
    place = out or default_folder(listed, policy, engine, options)
    report = evaluate_on_ray(
        listed, policy, place, shards=int(shard), options=options, engine=engine, concurrency=concurrency,
        address=address, progress=lambda done, total: _say(f"{done} of {total} shards are done"),
    )  # fmt: skip
    write_all(report, place / "merged", listed)
    _print(report_table(report, slices=slices))
    _print(["", f"report: {place / 'merged' / 'report.html'}"])
    return 0


def merge(folders: Sequence[Path], out: Path) -> None:
    """Joins shards and prints the report of all."""
    from ..evals.running.merging import merge_shards

    report = merge_shards(folders, out)
    write_all(report, out)
    _print(report_table(report))
    _print(["", f"report: {out / 'report.html'}"])


def base_of(policy: str) -> str:
    """What a policy was trained from.

    Raises:
        ConfigError: that is not known.
    """
    from ..policies.engines.load import base_of as known

    base = known(policy)
    if base is None:
        raise ConfigError(f"it is not known what {policy} was trained from: name it with --base.")
    return base


def _needs_baseline(demands: Any) -> bool:
    return demands.margin is not None or any(one and one.margin is not None for one in demands.suites.values())


def _evaluated(
    listed: Any, ref: str, engine: str, options: Options, tools: ToolRegistry, judge: str | None, place: Path,
    concurrency: int | None, shard: Shard | None,
) -> Report:  # fmt: skip
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    # Progress is for whoever watches: what is piped or parsed stays clean.
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(printable(ref)[:30], total=None, rate="")

        def show(step: Step) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            fresh = step.done - step.resumed
            rate = f"{fresh / elapsed:.1f}/s" if elapsed and fresh else ""
            failed = f" {step.failed} failed" if step.failed else ""
            bar.update(task, completed=step.done, total=step.total, rate=rate + failed)
            if step.resumed and step.done == step.resumed:
                bar.console.print(f"going on in {place}: {step.resumed} of {step.total} samples are done")

        running = evaluate_async(
            listed, ref, engine=engine, out=place, tools=list(tools), judge=judge, concurrency=concurrency, shard=shard,
            progress=show, options=options,
        )  # fmt: skip
        try:
            return asyncio.run(running)
        except KeyboardInterrupt:
            _say(f"stopped; nothing is lost: the same command with --out {place} goes on")
            raise


def _shard(text: str | None) -> Shard | None:
    if text is None:
        return None
    index, _, count = text.partition("/")
    if not (index.isdigit() and count.isdigit()):
        raise ConfigError(f"--shards must be i/n, such as 0/4, got {text!r}.")
    return Shard(int(index), int(count))


def wording_of(text: str) -> Wording:
    """What --wording says."""
    if text == "all":
        return "all"
    if not text.isdigit():
        raise ConfigError(f"--wording must be 'all' or a number from 0, got {text!r}.")
    return int(text)


def show_list(*, as_json: bool) -> None:
    """Prints the suites that there are."""
    from ..evals.adapters import ADAPTERS

    suites = [shipped(name) for name in shipped_names()]
    if as_json:
        listed = [
            {
                "name": suite.name,
                "samples": len(suite.samples),
                "tags": list(suite.tags),
                "description": suite.description,
            }
            for suite in suites
        ]
        public = [
            {"name": one.name, "description": one.description, "licence": one.licence} for one in ADAPTERS.values()
        ]
        _print_json({"suites": listed, "groups": GROUPS, "public": public})
        return
    width = max(len(name) for name in (*shipped_names(), *ADAPTERS))
    lines = [f"{suite.name:<{width}} {len(suite.samples):>5}  {suite.description}" for suite in suites]
    lines += ["", "groups: " + "; ".join(f"{name} ({what})" for name, what in GROUPS.items()) + "; all"]
    lines += ["", "public sets, as NAME (from the hub) or NAME:PATH (their own files):"]
    lines += [f"{one.name:<{width}}        {one.description} {one.licence}." for one in ADAPTERS.values()]
    _print(lines)


def show_suite(ref: str, *, limit: int, as_json: bool) -> None:
    """Prints a suite: what it measures and its first items."""
    for suite in find_suites(ref):
        if as_json:
            items = [{"id": sample.id, "tags": list(sample.tags), **sample.request()} for sample in suite.samples]
            _print_json({"name": suite.name, "description": suite.description, "items": items})
            continue
        clusters = len({sample.cluster for sample in suite.samples})
        count = f"{len(suite.samples)} samples" + (f" in {clusters} clusters" if clusters < len(suite.samples) else "")
        lines = [f"{suite.name}: {count}. {suite.description}", f"licence: {suite.licence}. {suite.source}".rstrip()]
        tags: dict[str, int] = {}
        for sample in suite.samples:
            for tag in sample.tags:
                tags[tag] = tags.get(tag, 0) + 1
        if tags:
            lines.append("tags: " + ", ".join(f"{tag} {count}" for tag, count in tags.items()))
        for sample in suite.samples[:limit]:
            lines += ["", f"{sample.id} [{', '.join(sample.tags)}]"]
            lines += [f"  {text}" for turn in sample.turns for text in turn.splitlines()]
            if sample.choices is not None:
                right = set(sample.choices.right)
                lines += [
                    f"  {'*' if index in right else '-'} {text}" for index, text in enumerate(sample.choices.texts)
                ]
            lines += [f"  {_told(check)}" for check in sample.checks]
        lines += [f"skipped: {why}" for why in suite.skipped]
        _print(lines)


def _told(check: Check) -> str:
    """A check in the words of a suite file."""
    scorer = check.scorer
    options = scorer.model_dump(exclude={"kind", "function"}, exclude_defaults=True)
    name = "" if check.name == scorer.kind else f"{check.name}:"
    function = getattr(getattr(scorer, "function", None), "__name__", "")
    given = json.dumps(options, ensure_ascii=False, default=str) if options else ""
    return " ".join(part for part in (name, scorer.kind, function, given) if part)


def show_comparison(first: str, second: str, *, gate: Path | None, flips: int, html: Path | None, as_json: bool) -> int:
    """Prints who is better where.

    Returns:
        The exit code: 0, or what the gate says.
    """
    demands = None if gate is None else read_gate(gate)
    before, report = load_report(first), load_report(second)
    comparison: Comparison = compare(before, report)
    findings = [] if demands is None else judge_gate(demands, report, comparison)
    if html is not None:
        write_comparison(comparison, html)
    if as_json:
        value = comparison.to_dict()
        if demands is not None:
            value["gate"] = gate_outcome(findings)
        _print_json(value)
    else:
        _print(comparison_table(comparison, flips=flips))
        if demands is not None:
            _print(["", *gate_table(findings)])
    return 0 if demands is None else EXIT_CODES[gate_outcome(findings)]


def _print(lines: Sequence[str]) -> None:
    print(printable("\n".join(lines)))


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1))


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr)
