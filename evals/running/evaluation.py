"""Runs an evaluation in a folder, where it can be resumed after whatever ended it.

The folder holds `evaluation.json` (what is evaluated, and how), `samples.jsonl` (the log: what was asked and said) and
`judge.jsonl` (what a judge said); `reports` writes the rest beside them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...policies.engines import Policy, TextLevel
from ...tools import ConfigError, PericlesError, PolicyError, Tool
from ..reports.report import Report, SampleResult, SuiteResult
from ..samples import Suite, content_hash
from .choosing import listed_question, scored
from .conversing import converse, failure
from .judging import JudgeLog
from .log import HEAD, JUDGE, SAMPLES, Log
from .options import Options
from .planning import Task, Unit, plan, units
from .scoring import question_hash, score_record, scorer_hash

logger = logging.getLogger(__name__)

# Of policies that do not say how many replies they work on at once.
DEFAULT_CONCURRENCY = 16
# When so many samples in a row could not be run, something is wrong with the policy, not with the samples.
MAX_FAILURES = 20

Progress = Callable[["Step"], None]


@dataclass(frozen=True, slots=True)
class Step:
    """How far an evaluation is.

    Args:
        done: samples that are done, those of an earlier start included.
        total: all samples.
        failed: samples that could not be run.
        resumed: samples that an earlier start has done.
        tokens: tokens written and read since this start.
    """

    done: int
    total: int
    failed: int
    resumed: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of an evaluation: every unit of work whose number is `index` modulo `count`."""

    index: int
    count: int

    def __post_init__(self) -> None:
        if self.count < 1 or not 0 <= self.index < self.count:
            raise ConfigError(f"a shard is written i/n with 0 <= i < n, got {self.index}/{self.count}.")


@dataclass
class Evaluation:
    """One policy on some suites, in one folder.

    Args:
        policy: what is evaluated.
        suites: on what.
        folder: where it is kept.
        options: how.
        ref: how the user named the policy.
        tools: further tools that every sample is offered.
        judge: the policy that grades where a suite asks for it.
        concurrency: conversations at a time; as many as the policy works on at once by default.
        shard: which part is run.
        progress: told after each sample.
    """

    policy: Policy
    suites: Sequence[Suite]
    folder: Path
    options: Options = field(default_factory=Options)
    ref: str = ""
    tools: Sequence[Tool] = ()
    judge: Policy | None = None
    concurrency: int | None = None
    shard: Shard | None = None
    progress: Progress | None = None
    fingerprint: str = ""

    def __post_init__(self) -> None:
        self._parts = {suite.name: suite.part for suite in self.suites}
        self._tasks = plan(self.suites, self.options, self.policy, [tool.schema() for tool in self.tools])
        self._by_key = {task.key: task for task in self._tasks}
        self._places = {task.key: place for place, task in enumerate(self._tasks)}
        needs_judge = [
            task.suite for task in self._tasks for check in task.sample.checks if "judge" in check.scorer.needs
        ]
        if needs_judge and self.judge is None:
            raise ConfigError(f"the suite {needs_judge[0]} is graded by a judge: name one with --judge.")
        self._done = self._failed = self._resumed = self._tokens = self._failures = 0

    async def run(self) -> Report:
        """Runs what is not done yet.

        Raises:
            ConfigError: the folder holds another evaluation, or another process is at work in it.
            PolicyError: the policy fails on every sample.
        """
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / ".lock", timeout=0):
                self._open()
                return await self._run()
        except Timeout:
            raise ConfigError(f"another process is at work in {self.folder}.") from None
        except OSError as error:
            raise ConfigError(f"{self.folder} cannot be written: {error.strerror}.") from None

    def _open(self) -> None:
        head = self.head()
        file = self.folder / HEAD
        if file.exists():
            try:
                found = json.loads(file.read_text(encoding="utf-8"))
            except ValueError:
                raise ConfigError(f"{file} is no evaluation.") from None
            for key, value in head.items():
                if key not in ("created", "suites", "pericles") and found.get(key) != value:
                    raise ConfigError(
                        f"{self.folder} holds another evaluation ({key}: {found.get(key)!r}, now {value!r}): choose "
                        "another --out."
                    )
            head["created"] = found.get("created", head["created"])
        beside = file.with_suffix(".new")
        beside.write_text(json.dumps(head, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        beside.replace(file)

    def head(self) -> dict[str, Any]:
        """What the folder says of itself."""
        return {
            "policy": {
                "ref": self.ref or self.policy.name,
                "name": self.policy.name,
                "engine": type(self.policy).__name__,
                "fingerprint": self.fingerprint,
            },
            "options": self.options.to_dict(),
            "tools": [tool.name for tool in self.tools],
            "judge": None if self.judge is None else self.judge.name,
            "shard": None if self.shard is None else f"{self.shard.index}/{self.shard.count}",
            "suites": {
                suite.name: content_hash([sample.request() for sample in suite.samples]) for suite in self.suites
            },
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "pericles": version("pericles"),
        }

    async def _run(self) -> Report:
        log = Log(self.folder / SAMPLES)
        try:
            work = [
                unit
                for number, unit in enumerate(units(self._tasks))
                if self.shard is None or number % self.shard.count == self.shard.index
            ]
            mine = {task.key for unit in work for task in unit.tasks}
            left = [unit for unit in work if any(not self._has(log, task) for task in unit.tasks)]
            self._resumed = self._done = len(mine) - sum(
                not self._has(log, task) for unit in left for task in unit.tasks
            )
            self._total = len(mine)
            self._tell()
            await self._work(left, log)
            return await self._report([task for task in self._tasks if task.key in mine], log)
        finally:
            log.close()

    def _has(self, log: Log, task: Task) -> bool:
        """Whether a sample is done; one that failed is tried again."""
        record = log.records.get(task.key)
        return record is not None and record["request"] == task.request and record["error"] is None

    async def _work(self, left: list[Unit], log: Log) -> None:
        waiting = iter(left)

        async def worker() -> None:
            for unit in waiting:
                await self._unit(unit, log)

        # Batches keep every core busy by themselves: they come last, and one at a time.
        talks = [unit for unit in left if not unit.is_batch]
        batches = [unit for unit in left if unit.is_batch]
        for part, workers in ((talks, self._room), (batches, 1)):
            waiting = iter(part)
            async with _all_or_none() as group:
                for _ in range(min(workers, len(part))):
                    group.create_task(worker())

    async def _unit(self, unit: Unit, log: Log) -> None:
        start = time.perf_counter()
        if unit.is_batch:
            assert isinstance(self.policy, TextLevel)
            # The whole batch again, also where part of it is done: another batch would round otherwise.
            results = await self._scored(unit)
            seconds = (time.perf_counter() - start) / len(unit.tasks)
            records = [
                self._scored_record(task, result, seconds) for task, result in zip(unit.tasks, results, strict=True)
            ]
            records = [record for record in records if not self._has(log, self._task(record))]
        else:
            records = [await self._conversation(unit.tasks[0], log)]
        log.write(records)
        for record in records:
            self._count(record)

    @property
    def _room(self) -> int:
        """Conversations at a time."""
        return self.concurrency or getattr(self.policy, "slots", DEFAULT_CONCURRENCY)

    def _task(self, record: dict[str, Any]) -> Task:
        return self._by_key[record["suite"], record["id"], record["repeat"]]

    async def _scored(self, unit: Unit) -> list[dict[str, Any] | Exception]:
        assert isinstance(self.policy, TextLevel)
        try:
            return await scored(self.policy, unit.tasks)
        except ConfigError:
            raise
        except PericlesError as error:
            return [error] * len(unit.tasks)

    def _scored_record(self, task: Task, result: dict[str, Any] | Exception, seconds: float) -> dict[str, Any]:
        failed = isinstance(result, Exception)
        tokens = 0 if failed else sum(result["tokens"])
        return {
            **self._head_of(task, seconds),
            "scores": None if failed else result,
            "usage": {"prompt_tokens": tokens, "cached_tokens": 0, "completion_tokens": 0},
            "error": failure(result) if failed else None,
        }

    async def _conversation(self, task: Task, log: Log) -> dict[str, Any]:
        same = log.same(task.request, task.repeat)
        if same is not None:
            return {**same, **self._head_of(task, same["seconds"])}
        start = time.perf_counter()
        if self._room == 1 and hasattr(self.policy, "forget"):
            await self.policy.forget()  # pyright: ignore[reportAttributeAccessIssue] - llama.cpp's
        turns: list[list[dict[str, Any]]] = []
        usage: dict[str, int] = {"prompt_tokens": 0, "cached_tokens": 0, "completion_tokens": 0}
        error = None
        try:
            asked = task
            if task.method == "generate":
                asked = _asking_aloud(task)
            turns, used = await converse(self.policy, asked, self.options, self.tools)
            usage = used.to_dict()
        except ConfigError:
            raise
        except Exception as raised:
            # One sample that cannot be run is told, and is not the end of the others.
            logger.warning("sample %s of %s failed", task.sample.id, task.suite, exc_info=raised)
            error = failure(raised)
        return {
            **self._head_of(task, time.perf_counter() - start),
            "turns": turns,
            "usage": usage,
            "error": error,
        }

    def _head_of(self, task: Task, seconds: float) -> dict[str, Any]:
        return {
            "suite": task.suite,
            "id": task.sample.id,
            "repeat": task.repeat,
            "request": task.request,
            "asked": {"turns": list(task.sample.turns), "shots": task.shown, "method": task.method},
            "seconds": round(seconds, 4),
            "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }

    def _count(self, record: dict[str, Any]) -> None:
        self._done += 1
        self._tokens += record["usage"]["prompt_tokens"] + record["usage"]["completion_tokens"]
        failed = record["error"] is not None
        self._failed += failed
        self._failures = self._failures + 1 if failed else 0
        self._tell()
        if self._failures >= MAX_FAILURES:
            raise PolicyError(
                f"{self._failures} samples in a row could not be run; the last: {record['error']} Nothing is lost: the "
                "same command goes on."
            )

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(Step(self._done, self._total, self._failed, self._resumed, self._tokens))

    async def _report(self, tasks: list[Task], log: Log) -> Report:
        judge = None
        if self.judge is not None:
            judge = JudgeLog(
                self.judge,
                self.folder / JUDGE,
                concurrency=self.concurrency or getattr(self.judge, "slots", DEFAULT_CONCURRENCY),
            )
        room = asyncio.Semaphore(16)

        async def one(task: Task) -> SampleResult:
            async with room:
                return await self._result(task, log.records[task.key], judge)

        results = await asyncio.gather(*(one(task) for task in tasks))
        by_suite: dict[str, list[SampleResult]] = {suite.name: [] for suite in self.suites}
        for task, result in zip(tasks, results, strict=True):
            by_suite[task.suite].append(result)
        suites = [_suite_result(suite, by_suite[suite.name], tasks) for suite in self.suites if by_suite[suite.name]]
        head = json.loads((self.folder / HEAD).read_text(encoding="utf-8"))
        return Report(head["policy"], head["options"], suites, head)

    async def _result(self, task: Task, record: dict[str, Any], judge: JudgeLog | None) -> SampleResult:
        sample = task.sample
        common: dict[str, Any] = {
            "id": sample.id,
            "repeat": task.repeat,
            "cluster": sample.cluster or sample.id,
            "tags": list(sample.tags),
            "request": task.request,
            "question": question_hash(sample),
            "place": self._places[task.key],
            "scorer": scorer_hash(sample, self._parts[task.suite]),
            "seconds": record["seconds"],
            "tokens": record["usage"],
        }
        if record["error"] is not None:
            return SampleResult(**common, score=None, status="failed", detail=record["error"])
        ask = None if judge is None else judge.ask
        try:
            found = await score_record(task, self._parts[task.suite], record, ask)
        except ConfigError:
            raise
        except Exception as raised:
            logger.warning("sample %s of %s could not be scored", sample.id, task.suite, exc_info=raised)
            return SampleResult(**common, score=None, status="failed", detail=f"scorer: {failure(raised)}")
        status = "scored" if found.score is not None else "unscored" if found.parts and not found.label else "undecided"
        return SampleResult(
            **common, score=found.score, status=status, parts=found.parts, label=found.label, detail=found.detail,
            gold=[list(pair) for pair in found.gold], nats=found.nats,
        )  # fmt: skip


def _asking_aloud(task: Task) -> Task:
    """A choice that is put as a question."""
    import dataclasses

    choices = task.sample.choices
    assert choices is not None
    return dataclasses.replace(
        task, sample=dataclasses.replace(task.sample, turns=(listed_question(task.sample.turns[0], choices),))
    )


def _suite_result(suite: Suite, samples: list[SampleResult], tasks: list[Task]) -> SuiteResult:
    mine = [task for task in tasks if task.suite == suite.name]
    methods = {task.method for task in mine if task.method}
    measure = "bits per byte" if mine[0].sample.task == "text" else "score"
    kinds = sorted({check.scorer.kind for task in mine for check in task.sample.checks})
    return SuiteResult(
        suite.name, suite.description, samples, measure, next(iter(methods), None), kinds, list(suite.skipped),
        list(suite.tags), sorted({task.sample.form for task in mine}),
    )  # fmt: skip


@contextlib.asynccontextmanager
async def _all_or_none() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group whose first error is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        first: BaseException = errors
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
