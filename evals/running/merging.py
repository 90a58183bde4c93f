"""Joins the parts of an evaluation that ran in shards, exactly to what one run would have left."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...tools import ConfigError
from ..reports.report import Report, SampleResult, load_report
from .log import HEAD, JUDGE, SAMPLES, read_lines


def merge_shards(folders: Sequence[Path], out: Path) -> Report:
    """Writes the logs of all shards into one folder, and returns the report of all.

    Args:
        folders: one of each shard, all finished.
        out: a folder that does not exist, or is empty.

    Raises:
        ConfigError: a shard is missing, unfinished, twice there or of another evaluation, or the folder is not empty.
    """
    if out.exists() and any(out.iterdir()):
        raise ConfigError(f"{out} is not empty: choose a new folder.")
    reports = [load_report(folder) for folder in folders]
    whole = _checked(folders, [report.head for report in reports])
    out.mkdir(parents=True, exist_ok=True)
    for name in (SAMPLES, JUDGE):
        records = [record for folder in folders for _, record in read_lines(folder / name)]
        if records:
            lines = "".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for record in records)
            (out / name).write_text(lines, encoding="utf-8", errors="surrogatepass")
    head = {**whole, "shard": None, "created": min(report.head["created"] for report in reports)}
    (out / HEAD).write_text(json.dumps(head, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return _joined(reports, head)


def _checked(folders: Sequence[Path], heads: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What all shards say alike."""
    whole = {key: value for key, value in heads[0].items() if key not in ("shard", "created")}
    seen: dict[int, Path] = {}
    count = 0
    for folder, head in zip(folders, heads, strict=True):
        if head["shard"] is None:
            raise ConfigError(f"{folder} is no shard: it was run as a whole.")
        for key, value in whole.items():
            if head.get(key) != value:
                raise ConfigError(f"{folder} is a shard of another evaluation ({key} differs from {folders[0]}).")
        index, _, total = head["shard"].partition("/")
        if int(index) in seen:
            raise ConfigError(f"{folder} and {seen[int(index)]} are the same shard {head['shard']}.")
        if count and int(total) != count:
            raise ConfigError(f"{folder} is one of {total} shards, {folders[0]} one of {count}.")
        seen[int(index)], count = folder, int(total)
    missing = [f"{index}/{count}" for index in range(count) if index not in seen]
    if missing:
        raise ConfigError(f"shards are missing: {', '.join(missing)}.")
    return whole


def _joined(reports: Sequence[Report], head: dict[str, Any]) -> Report:
    samples: dict[str, list[SampleResult]] = {name: [] for name in head["suites"]}
    templates = {suite.name: suite for report in reports for suite in report.suites}
    for report in reports:
        for suite in report.suites:
            samples[suite.name] += suite.samples
    suites = [
        dataclasses.replace(templates[name], samples=sorted(found, key=lambda sample: sample.place))
        for name, found in samples.items()
        if found
    ]
    return Report(reports[0].policy, reports[0].options, suites, head)
