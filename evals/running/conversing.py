"""Runs a reply sample: the turns of one conversation, as an agent or as a bare text that is continued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...agent import Agent, GenerationConfig, InMemorySession, Message, PericlesError
from ...policies.engines import Policy, TextLevel, Usage
from ...tools import ConfigError, Tool, ToolRegistry
from ..samples import Sample
from ..suite_files import as_tool
from .options import Options
from .planning import Task

# What the log leaves out: pieces of what other events tell as a whole.
_KEPT = ("ToolCallStarted", "ToolCallFinished", "SourcesResolved", "TurnFinished")


async def converse(
    policy: Policy, task: Task, options: Options, tools: Sequence[Tool] = ()
) -> tuple[list[list[dict[str, Any]]], Usage]:
    """Runs the turns of a sample.

    Returns:
        The events of each turn that the log keeps, and the tokens.

    Raises:
        PericlesError: a turn failed; what the policy says wrong never does.
    """
    sample = task.sample
    config = GenerationConfig(
        max_new_tokens=sample.max_new_tokens,
        temperature=options.temperature,
        seed=options.seed + task.repeat,
        stop=sample.stop if sample.form == "completion" else (),
    )
    if sample.form == "completion":
        return await _continued(policy, task, config)
    agent = agent_for(policy, sample, task.shown, config, () if options.without_tools else tools)
    session = InMemorySession()
    if sample.history:
        await session.append(sample.history, after=None)
    turns: list[list[dict[str, Any]]] = []
    usage = Usage()
    for text in sample.turns:
        events: list[dict[str, Any]] = []
        async with agent.stream(text, session=session, deadline=options.deadline) as turn:
            async for event in turn:
                if event.type in _KEPT:
                    events.append(_without_pictures(event.to_dict()))
        usage += turn.result.usage
        if turn.result.error is not None:
            raise turn.result.error
        turns.append(events)
    return turns, usage


def agent_for(policy: Policy, sample: Sample, shown: int, config: GenerationConfig, tools: Sequence[Tool]) -> Agent:
    """The agent that a sample asks for."""
    registry = ToolRegistry(tool if isinstance(tool, str) else as_tool(tool) for tool in sample.tools)
    for tool in tools:
        if tool.name not in registry:
            registry.register(tool)
    return Agent(policy, registry, sample.system, examples=sample.shots[:shown], config=config)


def bare_text(sample: Sample, shown: int) -> str:
    """The text that is continued in the completion form."""
    if len(sample.turns) != 1 or sample.history:
        raise ConfigError(f"{sample.id}: only a single question without history can be asked as a bare text.")
    shots = "".join(f"{question}{answer}\n\n" for question, answer in sample.shots[:shown])
    return f"{sample.preamble}{shots}{sample.turns[0]}"


async def _continued(policy: Policy, task: Task, config: GenerationConfig) -> tuple[list[list[dict[str, Any]]], Usage]:
    if not isinstance(policy, TextLevel):
        raise ConfigError(f"{policy.name} cannot continue a bare text.")
    text, usage = await policy.complete(bare_text(task.sample, task.shown), config)
    ended = {"type": "TurnFinished", "status": "completed", "output": text, "usage": usage.to_dict(), "error": None}
    return [[ended]], usage


def _without_pictures(event: dict[str, Any]) -> dict[str, Any]:
    result = event.get("result")
    if isinstance(result, dict) and result.get("images"):
        result["images"] = []
    return event


def question_messages(sample: Sample, shown: int, question: str) -> list[Message]:
    """A single question as messages: system, shots, history, question."""
    from ...agent.agent import INSTRUCTIONS

    messages = [Message("system", INSTRUCTIONS if sample.system is None else sample.system)]
    for asked, answer in sample.shots[:shown]:
        messages += [Message("user", asked), Message("assistant", answer)]
    return [*messages, *sample.history, Message("user", question)]


def failure(error: PericlesError | Exception) -> str:
    """One line on why a sample could not be run."""
    text = " ".join(str(error).split())
    return text if isinstance(error, PericlesError) else f"{type(error).__name__}: {text}"
