"""The agent: a policy, its tools and its instructions. It holds no conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..policies.engines import GenerationConfig, Policy
from ..tools import ConfigError, Tool, ToolRegistry
from .sessions import InMemorySession, Session
from .turn import Turn, TurnResult

INSTRUCTIONS = "You are pericles, a helpful assistant."
TOOL_INSTRUCTIONS = "Use math for calculations and search for facts."


@dataclass(frozen=True)
class Agent:
    """Answers messages with a policy that may call tools. One agent serves every session at once.

    Args:
        policy: what speaks.
        tools: `Tool` objects, functions, names of built-in tools, or a registry.
        instructions: the system message; a short default that fits the tools.
        max_steps: replies of the policy in one turn. The last one may not call tools, so that a turn ends with
            an answer.
        config: how replies are sampled.

    Raises:
        ConfigError: an argument is wrong, a tool cannot be described, or two have one name.
    """

    policy: Policy
    tools: ToolRegistry = field(default_factory=ToolRegistry)
    instructions: str = ""
    max_steps: int = 6
    config: GenerationConfig = field(default_factory=GenerationConfig)

    def __init__(
        self,
        policy: Policy,
        tools: ToolRegistry | Iterable[Tool | Callable[..., Any] | str] = (),
        instructions: str | None = None,
        max_steps: int = 6,
        config: GenerationConfig | None = None,
    ) -> None:
        if not isinstance(policy, Policy):  # pyright: ignore[reportUnnecessaryIsInstance] - not everybody type checks
            raise ConfigError(f"policy must be a Policy, got {policy!r}: use load_policy('default').")
        if max_steps < 1:
            raise ConfigError(f"max_steps must be at least 1, got {max_steps}.")
        if isinstance(tools, str):
            raise ConfigError(f"tools must be a list, got the text {tools!r}: write [{tools!r}].")
        registry = tools if isinstance(tools, ToolRegistry) else ToolRegistry(tools)
        object.__setattr__(self, "policy", policy)
        object.__setattr__(self, "tools", registry)
        object.__setattr__(self, "instructions", _default(registry) if instructions is None else instructions)
        object.__setattr__(self, "max_steps", max_steps)
        object.__setattr__(self, "config", config or GenerationConfig())

    def stream(self, text: str, *, session: Session | None = None) -> Turn:
        """Starts a turn and streams its events.

        Args:
            text: what the user says.
            session: the conversation to continue; a new one by default.

        Returns:
            A `Turn`: enter it with `async with`, then iterate.
        """
        if not isinstance(text, str) or not text.strip():  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError("a message must be text and must not be empty.")
        return Turn(self, text, InMemorySession() if session is None else session)

    async def run(self, text: str, *, session: Session | None = None) -> TurnResult:
        """One turn to its end: the same events as `stream`, folded.

        Raises:
            PericlesError: what ended the turn with status `error`.
        """
        async with self.stream(text, session=session) as turn:
            async for _ in turn:
                pass
        if turn.result.error is not None:
            raise turn.result.error
        return turn.result

    def run_sync(self, text: str, *, session: Session | None = None) -> TurnResult:
        """`run` for programs without an event loop."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.run(text, session=session))
        raise ConfigError("run_sync was called inside an event loop: write `await agent.run(...)` there.")


def _default(tools: ToolRegistry) -> str:
    return f"{INSTRUCTIONS} {TOOL_INSTRUCTIONS}" if "math" in tools and "search" in tools else INSTRUCTIONS
