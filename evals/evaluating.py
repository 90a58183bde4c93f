"""`evaluate`: a policy on some suites, from Python."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ..policies.engines import Policy, load_policy
from ..tools import ConfigError, Tool, ToolRegistry
from ..tools.locations import data_dir
from .catalogue import find_suites
from .python_suites import suite_of
from .reports.report import REPORT, Report
from .reports.writing import write_all
from .running.evaluation import Evaluation, Progress, Shard
from .running.options import Options
from .samples import Suite, content_hash

SuiteLike = str | Path | Suite | Callable[[], Any]


async def evaluate_async(
    suites: SuiteLike | Iterable[SuiteLike],
    policy: Policy | str = "default",
    *,
    engine: str = "auto",
    out: str | Path | None = None,
    tools: Iterable[Tool | Callable[..., Any] | str] = (),
    judge: Policy | str | None = None,
    concurrency: int | None = None,
    shard: Shard | None = None,
    progress: Progress | None = None,
    options: Options | None = None,
    **more: Any,
) -> Report:
    """`evaluate` for programs with an event loop."""
    if options is not None and more:
        raise ConfigError("write either options, or single ones such as limit.")
    options = options if options is not None else _options(more)
    listed = suites_of(suites, options)
    ref = policy if isinstance(policy, str) else policy.name
    opened: list[Policy] = []
    try:
        # Unless many conversations at a time are asked for, none may change another's reply.
        speaker = _opened(policy, engine, opened, repeatable=concurrency in (None, 1))
        grader = None if judge is None else _opened(judge, "auto", opened, repeatable=False)
        folder = default_folder(listed, ref, engine, options) if out is None else _path(out)
        running = Evaluation(
            speaker, listed, folder, options, ref, list(ToolRegistry(tools)), grader, concurrency, shard, progress,
            fingerprint(ref) if isinstance(policy, str) else "",
        )  # fmt: skip
        report = await running.run()
        write_all(report, folder, listed)
        return report
    finally:
        for one in opened:
            await one.aclose()


def evaluate(suites: SuiteLike | Iterable[SuiteLike], policy: Policy | str = "default", **options: Any) -> Report:
    """Runs a policy on suites and returns the report.

    Args:
        suites: names of suites, files, `Suite` objects, functions under `@suite`; one or several.
        policy: a policy, or what `load_policy` takes.
        options: `out` (a folder, where an evaluation that was stopped goes on), `tools` (offered to every sample),
            `judge` (a policy that grades), `concurrency`, `engine`, `progress`, `shard`, and those of `Options`:
            `limit`, `seed`, `repeat`, `temperature`, `max_new_tokens`, `shots`, `wording`, `form`, `choices`,
            `without_tools`, `deadline`.

    Raises:
        ConfigError: a suite, the policy or an option is wrong, or the policy cannot do what a suite asks.
        PolicyError: the policy fails on every sample.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(evaluate_async(suites, policy, **options))
    raise ConfigError("evaluate was called inside an event loop: write `await evaluate_async(...)` there.")


def _path(folder: str | Path) -> Path:
    return Path(folder).expanduser()


def suites_of(suites: SuiteLike | Iterable[SuiteLike], options: Options) -> list[Suite]:
    """The suites that are named, each once."""
    single = isinstance(suites, str | Path | Suite) or callable(suites)
    found: list[Suite] = []
    for one in [suites] if single else list(suites):  # pyright: ignore[reportArgumentType, reportGeneralTypeIssues]
        if isinstance(one, Suite):
            found.append(one)
        elif isinstance(one, str | Path):
            found += find_suites(str(one), form=options.form)
        else:
            found.append(suite_of(one))  # pyright: ignore[reportArgumentType]
    unique = list({suite.name: suite for suite in found}.values())
    if not unique:
        raise ConfigError("no suite was named.")
    return unique


def _options(given: dict[str, Any]) -> Options:
    try:
        return Options(**given)
    except TypeError:
        import difflib

        known = [*Options.__dataclass_fields__, "out", "engine", "tools", "judge", "concurrency", "shard", "progress"]
        wrong = next(key for key in given if key not in Options.__dataclass_fields__)
        near = difflib.get_close_matches(wrong, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}."
        raise ConfigError(f"evaluate has no option {wrong!r}; {hint}") from None


def _opened(policy: Policy | str, engine: str, opened: list[Policy], *, repeatable: bool) -> Policy:
    if not isinstance(policy, str):
        return policy
    made = load_policy(policy, engine=engine, repeatable=repeatable)  # pyright: ignore[reportArgumentType]
    opened.append(made)
    return made


def default_folder(suites: Sequence[Suite], ref: str, engine: str, options: Options) -> Path:
    """Where an evaluation is kept that names no folder: the same for the same evaluation until it is finished."""
    what = content_hash([[suite.name for suite in suites], ref, engine, options.to_dict()])[:8]
    names = suites[0].name if len(suites) == 1 else f"{suites[0].name}-and-{len(suites) - 1}-more"
    base = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{names}-{ref}").strip("-")[:80] + f"-{what}"
    place = data_dir() / "evals" / base
    number = 1
    while (place / REPORT).exists():
        number += 1
        place = data_dir() / "evals" / f"{base}-{number}"
    return place


def fingerprint(ref: str) -> str:
    """A hash of a local policy's files, which tells two contents under one reference apart; empty for a server."""
    import hashlib

    from ..policies.engines.load import weights_files

    files = weights_files(ref)
    if not files:
        return ""
    digest = hashlib.sha256()
    for file in sorted(files):
        # Of large files the size and both ends: reading gigabytes at every start would tell little more.
        size = file.stat().st_size
        digest.update(f"{file.name}:{size}:".encode())
        with file.open("rb") as data:
            digest.update(data.read(1 << 20))
            if size > 1 << 20:
                data.seek(-min(size, 1 << 20), 2)
                digest.update(data.read())
    return f"sha256:{digest.hexdigest()[:32]}"
