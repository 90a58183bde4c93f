"""What a tool, or a function that writes the instructions, is told of the turn it works for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Deps = TypeVar("Deps")

MAX_PROGRESS_CHARS = 500


@dataclass(frozen=True)
class TurnContext(Generic[Deps]):
    """The turn that asks.

    Args:
        session_id: the conversation.
        deps: whatever the program handed to `Agent.run(..., deps=...)`: a database, a user, a clock.
    """

    session_id: str = ""
    deps: Deps = None  # pyright: ignore[reportAssignmentType] - a program that hands over nothing gets None


@dataclass(frozen=True)
class ToolContext(TurnContext[Deps]):
    """The call that asks; a tool takes it as its first parameter. The model never sees that parameter.

    Args:
        session_id: the conversation.
        deps: whatever the program handed to `Agent.run(..., deps=...)`. `None` in a tool with `isolate=True`: its
            process shares nothing with the program.
        call_id: unique within the conversation.
    """

    call_id: str = ""
    _report: Callable[[str, float | None], None] | None = field(default=None, repr=False)

    def emit(self, message: str, fraction: float | None = None) -> None:
        """Tells how far the tool is, from any thread. Nothing is told after the call has ended.

        Args:
            message: one line for a person; cut at 500 characters.
            fraction: how much is done, 0 to 1; `None` where it is not known.
        """
        if self._report is not None:
            done = None if fraction is None else min(1.0, max(0.0, float(fraction)))
            self._report(str(message)[:MAX_PROGRESS_CHARS], done)
