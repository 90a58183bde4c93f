"""Runs the tool calls of one step: side by side up to a cap, results in the order of the calls.

A call that was made before in the same turn is answered from memory. One that failed may be tried once more.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from ..policies.engines import Message
from ..tools import Source, ToolCall, ToolContext, ToolResult
from .citations import number_sources
from .events import Event, ToolCallFinished, ToolCallStarted, ToolProgress
from .telemetry import call_span

if TYPE_CHECKING:
    from ..tools import ToolRegistry

ASKED_BEFORE = "(You asked this before.) "
TRIES_OF_A_FAILING_CALL = 2


def _call_key(call: ToolCall) -> str:
    try:
        return json.dumps([call.name, call.arguments, call.problem], sort_keys=True, default=str)
    except (TypeError, ValueError):  # keys of several types, or a circle: nothing that JSON could have held
        return repr((call.name, call.arguments, call.problem))


@dataclass(slots=True)
class Memory:
    """What the calls of one turn have brought so far.

    Args:
        sources: found so far, by the number that an answer cites them with.
        by_id: the results of finished calls, by call id.
        tool_seconds: wall-clock time of all calls, summed.
    """

    sources: dict[int, Source] = field(default_factory=dict[int, Source])
    by_id: dict[str, ToolResult] = field(default_factory=dict[str, ToolResult])
    tool_seconds: float = 0.0
    _results: dict[str, ToolResult] = field(default_factory=dict[str, ToolResult])
    _failures: dict[str, int] = field(default_factory=dict[str, int])

    def recall(self, call: ToolCall) -> ToolResult | None:
        """The remembered answer to a call; `None` where it has to be run."""
        if not self._results:
            return None
        key = _call_key(call)
        known = self._results.get(key)
        if known is None or (known.is_error and self._failures[key] < TRIES_OF_A_FAILING_CALL):
            return None
        return dataclasses.replace(known, call_id=call.id, text=ASKED_BEFORE + known.text, seconds=0.0)

    def restore(self, calls: Iterable[ToolCall], messages: Iterable[Message]) -> None:
        """Takes up what a turn that goes on has brought before it waited.

        Args:
            calls: of the turn so far.
            messages: their results.
        """
        by_id = {call.id: call for call in calls}
        for message in messages:
            call = by_id.get(message.tool_call_id or "")
            stored = cast("dict[str, Any] | None", message.meta.get("result"))
            if call is None or stored is None:
                continue
            text = message.content.removeprefix("Error: ") if stored.get("is_error") else message.content
            value = {**stored, "call_id": call.id, "name": call.name, "text": text}
            result = ToolResult.from_dict(value)
            self.by_id[call.id] = result
            if not text.startswith(ASKED_BEFORE):
                self.sources.update(enumerate(result.sources, start=result.first_source))
                self.keep(call, result)

    def keep(self, call: ToolCall, result: ToolResult) -> None:
        key = _call_key(call)
        self._results[key] = result
        if result.is_error:
            self._failures[key] = self._failures.get(key, 0) + 1


@dataclass(frozen=True, slots=True)
class Caller:
    """Runs calls for one turn.

    Args:
        tools: what may be called.
        limit: calls that run at the same time, at most.
        emit: takes the events.
        session_id: for the tools' context.
        deps: for the tools' context.
        memory: of the turn.
    """

    tools: ToolRegistry
    limit: int
    emit: Callable[[Event], None]
    session_id: str
    deps: Any
    memory: Memory

    async def results(self, calls: Sequence[ToolCall], refused: Mapping[str, str]) -> AsyncGenerator[list[ToolResult]]:
        """Yields the calls' results in the order of the calls, each as soon as all before it are there.

        Args:
            calls: of one step.
            refused: by call id, why a call must not run; this becomes its result.
        """
        free = asyncio.Semaphore(self.limit)
        for group in self._groups(calls):
            if len(group) == 1:
                yield [await self._run(group[0], refused, free)]
                continue
            tasks = [asyncio.create_task(self._run(call, refused, free), name=f"call-{call.id}") for call in group]
            try:
                position = 0
                while position < len(tasks):
                    ready = [await tasks[position]]
                    ready += [task.result() for task in itertools.takewhile(_is_done, tasks[position + 1 :])]
                    position += len(ready)
                    yield ready
            finally:
                await _stop(tasks)

    def _groups(self, calls: Sequence[ToolCall]) -> list[list[ToolCall]]:
        """Calls that may run side by side; one of a `sequential` tool runs alone."""
        groups: list[list[ToolCall]] = []
        alone = True
        for call in calls:
            sequential = self.tools.is_sequential(call.name)
            if alone or sequential:
                groups.append([])
            groups[-1].append(call)
            alone = sequential
        return groups

    async def _run(self, call: ToolCall, refused: Mapping[str, str], free: asyncio.Semaphore) -> ToolResult:
        async with free:
            self.emit(ToolCallStarted(call))
            if call.id in refused:
                result = ToolResult(call.id, call.name, refused[call.id], is_error=True)
            else:
                result = self.memory.recall(call) or await self._execute(call)
            self.memory.by_id[call.id] = result
            self.memory.tool_seconds += result.seconds
            self.emit(ToolCallFinished(result))
            return result

    async def _execute(self, call: ToolCall) -> ToolResult:
        with call_span(call) as span:
            context = ToolContext(self.session_id, self.deps, call.id, self._reporter(call.id))
            result = number_sources(await self.tools.execute(call, context), self.memory.sources)
            self.memory.keep(call, result)
            span.finish(result)
        return result

    def _reporter(self, call_id: str) -> Callable[[str, float | None], None]:
        return lambda message, fraction: self.emit(ToolProgress(call_id, message, fraction))


def _is_done(task: asyncio.Task[ToolResult]) -> bool:
    return task.done()


async def _stop(tasks: Sequence[asyncio.Task[ToolResult]]) -> None:
    """Ends what still runs, so that nothing of a step outlives it."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    # A cancellation that arrives meanwhile must not leave them behind.
    interrupted = False
    while running:
        try:
            _, left = await asyncio.wait(running)
            running = list(left)
        except asyncio.CancelledError:
            interrupted = True
    if interrupted:
        raise asyncio.CancelledError
