"""Does a policy hand each request to the right tool, and is the tool's answer right and restated?

    python -m pericles.evals.routing [--policy REF] [--engine ENGINE] [--limit N] [--failures]

The items (`suites/routing.yaml`) were written apart from the training templates and are never trained on. A first
small piece of the evaluation harness: one suite, run sample by sample.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from typing import Any

from ..agent import Agent, ToolCall, ToolCallFinished, ToolCallStarted, ToolResult
from ..policies import load_policy
from ..tools import ConfigError
from .statistics import wilson


@dataclass(frozen=True, slots=True)
class Sample:
    """One request.

    Args:
        id: unique in the suite.
        prompt: what the user says.
        tool: the tool that has to be called first, `None` for no call at all.
        expected: regular expression that the tool's result has to match, where it is known.
    """

    id: str
    prompt: str
    tool: str | None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy did with one sample.

    Args:
        sample: the request.
        called: the first tool it called, `None` for no call.
        argument: what it wrote for the tool.
        routed: whether that was the right tool.
        found: whether the tool's result matches what is expected; `None` where nothing is.
        restated: whether the answer gives the expected result again; `None` where nothing is expected.
        status: how the turn ended.
        answer: the answer's text.
    """

    sample: Sample
    called: str | None
    argument: str
    routed: bool
    found: bool | None
    restated: bool | None
    status: str
    answer: str


def load_suite() -> list[Sample]:
    """The samples that ship."""
    import yaml

    text = resources.files("pericles.evals").joinpath("suites/routing.yaml").read_text(encoding="utf-8")
    samples: list[Sample] = []
    for item in yaml.safe_load(text)["items"]:
        expected = item.get("expected")
        samples.append(
            Sample(str(item["id"]), item["prompt"], item["tool"], None if expected is None else str(expected))
        )
    return samples


async def judge(agent: Agent, sample: Sample) -> Outcome:
    """Runs one sample as a turn of its own."""
    calls: list[ToolCall] = []
    results: list[ToolResult] = []
    async with agent.stream(sample.prompt) as turn:
        async for event in turn:
            if isinstance(event, ToolCallStarted):
                calls.append(event.call)
            elif isinstance(event, ToolCallFinished):
                results.append(event.result)
    called = calls[0].name if calls else None
    answer = turn.result.output
    found = restated = None
    if sample.expected is not None:
        pattern = re.compile(sample.expected, re.IGNORECASE)
        found = any(not result.is_error and pattern.search(result.text) for result in results)
        restated = bool(pattern.search(answer))
    argument = str(calls[0].arguments.get("query", calls[0].arguments)) if calls else ""
    return Outcome(sample, called, argument, called == sample.tool, found, restated, turn.result.status, answer)


def report(outcomes: list[Outcome]) -> list[str]:
    """Lines of a table: counts with Wilson 95 % intervals, then the routing confusion."""

    def line(name: str, good: int, n: int) -> str:
        low, high = wilson(good, n)
        return f"{name:<28} {good:>4}/{n:<4} {good / n:6.1%}   [{low:.1%}, {high:.1%}]"

    lines = [line("routed to the right tool", sum(o.routed for o in outcomes), len(outcomes))]
    for tool in ("math", "search", None):
        part = [o for o in outcomes if o.sample.tool == tool]
        if part:
            lines.append(line(f"  {tool or 'no tool'}", sum(o.routed for o in part), len(part)))
    known = [o for o in outcomes if o.found is not None]
    if known:
        lines.append(line("tool found the answer", sum(bool(o.found) for o in known), len(known)))
        lines.append(line("answer restates it", sum(bool(o.restated) for o in known), len(known)))
    endings = Counter(o.status for o in outcomes)
    lines.append(f"endings: {dict(endings)}")
    return lines


async def run(policy_ref: str, engine: Any, limit: int | None) -> tuple[list[Outcome], float]:
    """Runs the suite and returns its outcomes and the seconds it took."""
    policy = load_policy(policy_ref, engine=engine)
    try:
        agent = Agent(policy, ["math", "search"])
        start = time.perf_counter()
        outcomes = [await judge(agent, sample) for sample in load_suite()[:limit]]
        return outcomes, time.perf_counter() - start
    finally:
        await policy.aclose()


def main() -> int:
    parser = argparse.ArgumentParser(description="Tool routing of a policy.")
    parser.add_argument("--policy", default="default")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--failures", action="store_true", help="print what went wrong")
    arguments = parser.parse_args()
    try:
        outcomes, seconds = asyncio.run(run(arguments.policy, arguments.engine, arguments.limit))
    except ConfigError as error:
        print(f"routing: {error}", file=sys.stderr)
        return 2
    print(f"routing, policy {arguments.policy}: {len(outcomes)} samples in {seconds:.0f} s, Wilson 95 % intervals")
    print("\n".join(report(outcomes)))
    for outcome in outcomes if arguments.failures else ():
        if not outcome.routed or outcome.found is False or outcome.restated is False:
            wanted = f"{outcome.sample.tool} {outcome.sample.expected or ''}"
            print(f"- {outcome.sample.id}: {outcome.sample.prompt!r} wanted {wanted.strip()}; {outcome.called} "
                  f"{outcome.argument!r} -> {outcome.answer[:160]!r}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
