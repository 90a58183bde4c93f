"""Testing an agent without a model: scripted policies, calls as a model writes them, histories that must be valid.

With pytest there is a fixture, `scripted_agent`; see `pytest_plugin`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..policies.engines import Message, ScriptedPolicy
from ..policies.engines.function_policy import FunctionPolicy
from ..tools import ToolCall
from .agent import Agent
from .approval import Decisions
from .sessions import DECISION, InMemorySession, Session, waiting
from .turn import Turn, TurnResult

__all__ = ["FunctionPolicy", "ScriptedAgent", "ScriptedPolicy", "ToolCall", "call", "chat", "check_history"]


def call(name: str, /, **arguments: Any) -> str:
    """A tool call as a model writes it: `call("area", radius=2)` as a reply of a scripted policy.

    Several of these, and text before them, may be joined with `+`.
    """
    written = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    # An argument that holds the format's own tags must not end the call.
    return f"<tool_call>{written.replace('<', chr(92) + 'u003c')}</tool_call>"


def chat(agent: Agent, *asked: str, session: Session | None = None, **options: Any) -> list[TurnResult]:
    """Says one thing after the other in one session.

    Args:
        agent: who answers.
        asked: what the user says, turn by turn.
        session: the conversation to continue; a new one by default.
        options: for every turn, as in `Agent.run`.

    Raises:
        PericlesError: what ended a turn.
    """
    session = InMemorySession() if session is None else session
    return [agent.run_sync(text, session=session, **options) for text in asked]


def check_history(messages: Sequence[Message]) -> None:
    """Checks that every call has exactly one result, right behind its message and in the order of the calls.

    Calls at the end that wait for approval need none yet.

    Raises:
        AssertionError: says which message is wrong.
    """
    unanswered: list[str] = []
    for position, message in enumerate(messages):
        if message.role == "tool":
            if not unanswered or message.tool_call_id != unanswered[0]:
                raise AssertionError(f"message {position} is a result that no call waits for: {message}")
            unanswered.pop(0)
            continue
        if unanswered:
            raise AssertionError(f"message {position} comes before the result of the call {unanswered[0]!r}: {message}")
        unanswered = [call.id for call in message.tool_calls]
    if unanswered and not waiting(messages):
        raise AssertionError(f"the conversation ends without the result of the call {unanswered[0]!r}.")


class ScriptedAgent(Agent):
    """An agent that says what it was told to say, and remembers the sessions it was used with.

    Args:
        replies: see `ScriptedPolicy`; each is used once, in the order of asking.
        options: as for `Agent`.
    """

    policy: ScriptedPolicy
    sessions: list[Session]

    def __init__(self, replies: Sequence[Any], tools: Any = (), **options: Any) -> None:
        super().__init__(ScriptedPolicy(replies, strict=True), tools, **options)
        object.__setattr__(self, "sessions", [])

    def stream(
        self,
        asked: str | Decisions | None,
        *,
        session: Session | None = None,
        deps: Any = None,
        tool_choice: str = "auto",
        deadline: float | None = None,
    ) -> Turn:
        """Starts a turn; see `Agent.stream`."""
        session = InMemorySession() if session is None else session
        if not any(known is session for known in self.sessions):
            self.sessions.append(session)
        return super().stream(asked, session=session, deps=deps, tool_choice=tool_choice, deadline=deadline)

    async def check(self, *, all_used: bool = True) -> None:
        """Checks that every session is valid and that every reply was used.

        Raises:
            AssertionError: says what is wrong.
        """
        for session in self.sessions:
            stored = [entry.message for entry in await session.branch()]
            # The mark of a decision answers no call.
            check_history([message for message in stored if message.tool_call_id != DECISION])
        left = self.policy.unused
        if all_used and left:
            raise AssertionError(
                f"{left} of the scripted replies were never asked for: the agent stopped sooner than expected. "
                "Write all_used=False where that is meant."
            )
