"""The agent: a policy, its tools and its instructions. It holds no conversation."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..policies.engines import GenerationConfig, Message, Policy
from ..tools import ConfigError, Tool, ToolCall, ToolRegistry, TurnContext
from .approval import Decisions, pending
from .compaction import DEFAULT_COMPACTION, Compaction
from .loop import Request
from .sessions import InMemorySession, Session, complete, waiting
from .structured import output_reader
from .turn import Turn, TurnResult

INSTRUCTIONS = "You are pericles, a helpful assistant."
TOOL_INSTRUCTIONS = "Use math for calculations and search for facts."

Instructions = str | Callable[[TurnContext[Any]], str | Awaitable[str]]


@dataclass(frozen=True)
class Agent:
    """Answers messages with a policy that may call tools. One agent serves every session at once.

    Args:
        policy: what speaks.
        tools: `Tool` objects, functions, names of built-in or installed tools, or a registry.
        instructions: the system message: a text, or a function of the `TurnContext`, sync or async, that is asked
            at the start of each turn. By default a short text that fits the tools.
        examples: turns that the policy is shown before the conversation: `(question, answer)` pairs, or messages
            where an example has tool calls. They are never stored.
        reasoning: asks the policy to think between `<think>` tags first; streamed as `ReasoningDelta`.
        output_type: what the answer must be: anything pydantic validates. The value is in `TurnResult.value`; a
            policy that misses the form is told what is wrong and may try twice more.
        max_steps: steps of one turn in which tools are called.
        on_max_steps: when these are used up, `"answer"` lets the policy answer without tools (status `max_steps`),
            `"error"` ends the turn with `MaxStepsExceeded`.
        max_parallel_calls: calls of one step that run at the same time, at most.
        compaction: what is tried in turn when a conversation no longer fits the policy's context window.
        config: how replies are sampled.
        restates: whether an answer that misstates the result of an exact tool (`@tool(exact=True)`, as `math` is) is
            replaced by that result, from the first sentence with a number that nobody has said (`restating`).
        judge: a policy that is asked of each sentence whether its sources support it; by default their words are
            compared. See `SourcesResolved.support`.
        name: in traces.

    Raises:
        ConfigError: an argument is wrong, a tool cannot be described, or two have one name.
    """

    policy: Policy
    tools: ToolRegistry = field(default_factory=ToolRegistry)
    instructions: Instructions = ""
    examples: tuple[Message, ...] = ()
    reasoning: bool = False
    output_type: Any = None
    max_steps: int = 6
    on_max_steps: Literal["answer", "error"] = "answer"
    max_parallel_calls: int = 8
    compaction: tuple[Compaction, ...] = DEFAULT_COMPACTION
    config: GenerationConfig = field(default_factory=GenerationConfig)
    restates: bool = True
    judge: Policy | None = None
    name: str = "pericles"

    def __init__(
        self,
        policy: Policy,
        tools: ToolRegistry | Iterable[Tool | Callable[..., Any] | str] = (),
        instructions: Instructions | None = None,
        *,
        examples: Sequence[Message | tuple[str, str]] = (),
        reasoning: bool = False,
        output_type: Any = None,
        max_steps: int = 6,
        on_max_steps: Literal["answer", "error"] = "answer",
        max_parallel_calls: int = 8,
        compaction: Sequence[Compaction] = DEFAULT_COMPACTION,
        config: GenerationConfig | None = None,
        restates: bool = True,
        judge: Policy | None = None,
        name: str = "pericles",
    ) -> None:
        if not isinstance(policy, Policy):  # pyright: ignore[reportUnnecessaryIsInstance] - not everybody type checks
            raise ConfigError(f"policy must be a Policy, got {policy!r}: use load_policy('default').")
        if judge is not None and not isinstance(judge, Policy):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError(f"judge must be a Policy, got {judge!r}: use load_policy(…).")
        for option, value in (("max_steps", max_steps), ("max_parallel_calls", max_parallel_calls)):
            if value < 1:
                raise ConfigError(f"{option} must be at least 1, got {value}.")
        if on_max_steps not in ("answer", "error"):
            raise ConfigError(f"on_max_steps must be 'answer' or 'error', got {on_max_steps!r}.")
        if isinstance(tools, str):
            raise ConfigError(f"tools must be a list, got the text {tools!r}: write [{tools!r}].")
        if instructions is not None and not isinstance(instructions, str) and not callable(instructions):
            raise ConfigError(f"instructions must be a text or a function, got {instructions!r}.")
        if output_type is not None:
            output_reader(output_type)
        registry = tools if isinstance(tools, ToolRegistry) else ToolRegistry(tools)
        values = {
            "policy": policy,
            "tools": registry,
            "instructions": _default(registry) if instructions is None else instructions,
            "examples": _examples(examples),
            "reasoning": reasoning,
            "output_type": output_type,
            "max_steps": max_steps,
            "on_max_steps": on_max_steps,
            "max_parallel_calls": max_parallel_calls,
            "compaction": tuple(compaction),
            "config": config or GenerationConfig(),
            "restates": restates,
            "judge": judge,
            "name": name,
        }
        for option, value in values.items():
            object.__setattr__(self, option, value)

    def stream(
        self,
        asked: str | Decisions | None,
        *,
        session: Session | None = None,
        deps: Any = None,
        tool_choice: str = "auto",
        deadline: float | None = None,
    ) -> Turn:
        """Starts a turn and streams its events.

        Args:
            asked: what the user says; `Decisions` about the calls that the session's last turn waits for; or `None`
                to answer what the session ends with (once more, after `Session.switch`).
            session: the conversation to continue; a new one by default.
            deps: handed to the tools and the instructions in their context.
            tool_choice: for the first step: `"auto"`, `"none"`, `"required"` (some tool must be called), or the name
                of the tool that must be called.
            deadline: seconds after which the turn is cancelled.

        Returns:
            A `Turn`: enter it with `async with`, then iterate.

        Raises:
            ConfigError: an argument is wrong.
        """
        if isinstance(asked, str) and not asked.strip():
            raise ConfigError("a message must be text and must not be empty.")
        if asked is not None and not isinstance(asked, str | Decisions):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError(f"a message must be text and must not be empty, got {asked!r}.")
        if tool_choice not in ("auto", "none"):
            self._check_choice(tool_choice)
        if deadline is not None and not 0 < deadline < math.inf:
            raise ConfigError(f"deadline must be a positive number of seconds, got {deadline}.")
        session = InMemorySession() if session is None else session
        return Turn(self, session, Request(asked, deps, tool_choice), deadline)

    async def run(
        self,
        asked: str | Decisions | None,
        *,
        session: Session | None = None,
        deps: Any = None,
        tool_choice: str = "auto",
        deadline: float | None = None,
    ) -> TurnResult:
        """One turn to its end: the same events as `stream`, folded.

        Raises:
            PericlesError: what ended the turn: `TurnResult.error`.
        """
        turn = self.stream(asked, session=session, deps=deps, tool_choice=tool_choice, deadline=deadline)
        async with turn:
            async for _ in turn:
                pass
        if turn.result.error is not None:
            raise turn.result.error
        return turn.result

    def run_sync(
        self,
        asked: str | Decisions | None,
        *,
        session: Session | None = None,
        deps: Any = None,
        tool_choice: str = "auto",
        deadline: float | None = None,
    ) -> TurnResult:
        """`run` for programs without an event loop."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            turn = self.run(asked, session=session, deps=deps, tool_choice=tool_choice, deadline=deadline)
            return asyncio.run(turn)
        raise ConfigError("run_sync was called inside an event loop: write `await agent.run(...)` there.")

    async def pending(self, session: Session) -> tuple[ToolCall, ...]:
        """The calls that a session waits for a decision about, also after the program was started again."""
        return pending(await session.messages())

    def _check_choice(self, choice: str) -> None:
        if choice == "required" and len(self.tools):
            return
        if choice not in self.tools:
            known = ", ".join(tool.name for tool in self.tools) or "none"
            raise ConfigError(
                f"tool_choice must be 'auto', 'none', 'required' or the name of a tool, got {choice!r}. Tools: {known}."
            )


def _examples(given: Sequence[Message | tuple[str, str]]) -> tuple[Message, ...]:
    messages: list[Message] = []
    for example in given:
        if isinstance(example, Message):
            messages.append(example)
            continue
        try:
            question, answer = example
        except (TypeError, ValueError):
            raise ConfigError(f"an example must be a (question, answer) pair or a Message, got {example!r}.") from None
        messages += [Message("user", question), Message("assistant", answer)]
    if any(message.role == "system" for message in messages):
        raise ConfigError("an example cannot be a system message: put it into the instructions.")
    if complete(messages) != messages or waiting(messages):
        raise ConfigError("every tool call in the examples needs its result, directly behind it.")
    return tuple(messages)


def _default(tools: ToolRegistry) -> str:
    return f"{INSTRUCTIONS} {TOOL_INSTRUCTIONS}" if "math" in tools and "search" in tools else INSTRUCTIONS
