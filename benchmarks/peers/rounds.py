"""What every driver shares: the conversation that is measured, and the measuring. Standard library alone.

A driver is a process that holds one framework. It reads orders, one JSON object a line, and answers each with one line.
An order names a scenario and how often to run it; the answer has the time of every turn, or bytes per idle session.

Every turn is the first one of a fresh conversation, and its answer and the number of tool calls are checked: a
framework that skips work is found out.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.metadata
import inspect
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INSTRUCTIONS = "You are a helpful assistant."
QUESTION = "What is two and three?"
ANSWER = "The sum is 5."
PIECE_CHARS = 16
IDLE_MESSAGES = 10


@dataclass(frozen=True)
class Scenario:
    """One kind of turn.

    Args:
        calls: tool calls in the turn.
        together: whether they are made in one step, rather than in a step each.
        sync_tool: whether the tool is a plain function, rather than a coroutine function.
        streamed: whether the reply comes in pieces of `PIECE_CHARS` and each event is read as it comes; else the reply
            comes whole and the result is awaited.
    """

    calls: int = 1
    together: bool = False
    sync_tool: bool = False
    streamed: bool = False

    def steps(self) -> list[list[dict[str, int]]]:
        """The arguments of the calls, step by step; no two calls are equal."""
        arguments = [{"a": number, "b": 5 - number} for number in range(self.calls)]
        if self.together:
            return [arguments] if arguments else []
        return [[one] for one in arguments]


# A turn is asked with nothing and answers with its text; one without `async` where a framework has no async form.
TurnFunction = Callable[[], Awaitable[str]] | Callable[[], str]


class CountingTool:
    """The tool in both forms, and how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

        async def add(a: int, b: int) -> int:
            """Adds two whole numbers.

            Args:
                a: the first number.
                b: the second number.
            """
            self.runs += 1
            return a + b

        def add_sync(a: int, b: int) -> int:
            """Adds two whole numbers.

            Args:
                a: the first number.
                b: the second number.
            """
            self.runs += 1
            return a + b

        add_sync.__name__ = "add"
        self.add_async = add
        self.add_sync = add_sync

    def function(self, scenario: Scenario) -> Callable[..., Any]:
        return self.add_sync if scenario.sync_tool else self.add_async


def serve(
    distribution: str,
    make_turn: Callable[[Scenario, CountingTool], TurnFunction],
    make_idle: Callable[[str], Awaitable[Callable[[], Awaitable[object]]]],
) -> None:
    """Answers orders until the input ends.

    Args:
        distribution: the framework's name on the package index.
        make_turn: prepares a scenario, so that only the turn itself is timed.
        make_idle: given the name of a store, prepares a function that makes one idle session with `IDLE_MESSAGES`
            messages and returns what a program has to keep of it.
    """
    counter = CountingTool()
    # One loop for the life of the process, as in a server.
    with asyncio.Runner() as runner:
        print(json.dumps({"version": importlib.metadata.version(distribution)}), flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            if "store" in order:
                found: Any = runner.run(_idle_bytes(make_idle, order["store"], order["sessions"]))
            else:
                scenario = Scenario(**order["scenario"])
                turn = make_turn(scenario, counter)
                found = runner.run(_times(turn, scenario, counter, order["turns"], order["warm_up"]))
            print(json.dumps(found), flush=True)


async def _times(
    turn: TurnFunction, scenario: Scenario, counter: CountingTool, turns: int, warm_up: int
) -> list[float]:
    """Seconds of each turn after the warm-up."""
    times: list[float] = []
    # Every framework begins with a clean heap; collections during the turns count, as they do in a program.
    gc.collect()
    for number in range(warm_up + turns):
        before = counter.runs
        start = time.perf_counter()
        answer = turn()
        if inspect.isawaitable(answer):
            answer = await answer
        if number >= warm_up:
            times.append(time.perf_counter() - start)
        if answer != ANSWER or counter.runs - before != scenario.calls:
            raise SystemExit(f"{scenario}: {counter.runs - before} calls ran, and the answer was {answer!r}")
    return times


async def _idle_bytes(
    make_idle: Callable[[str], Awaitable[Callable[[], Awaitable[object]]]], store: str, sessions: int
) -> float:
    """Growth of the resident set, in bytes for each idle session."""
    make_one = await make_idle(store)
    kept = [await make_one() for _ in range(50)]
    gc.collect()
    before = _resident()
    kept += [await make_one() for _ in range(sessions)]
    gc.collect()
    return (_resident() - before) / sessions


def _resident() -> int:
    """Bytes of memory that this process holds."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
