"""What a person decides about calls that need approval.

A turn whose policy asks for such a call ends with `awaiting_approval` before anything of that step has run. The
calls stay at the end of the stored conversation, so that the decision may come from another process, days later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ..policies.engines import Message
from ..tools import ConfigError, ToolCall
from .sessions import waiting

NOT_ALLOWED = "The user did not allow this call"
NOT_ASKED = "This call needs the user's approval, which was not asked for: call it again."
WENT_ON = "Error: The user did not allow this call and went on with something else."


@dataclass(frozen=True)
class Decisions:
    """Answers to the calls that a turn waits for: `agent.run(Decisions({call_id: True}), session=session)`.

    Args:
        by_call: by call id: `True` runs the call; `False`, or a reason that the policy is told, refuses it.
        rest: the same for every waiting call that `by_call` does not name; `None` makes that an error.

    Raises:
        ConfigError: a decision is neither a bool nor a reason.
    """

    by_call: Mapping[str, bool | str] = field(default_factory=lambda: MappingProxyType({}))
    rest: bool | str | None = None

    def __post_init__(self) -> None:
        for decision in (*self.by_call.values(), *(() if self.rest is None else (self.rest,))):
            if not isinstance(decision, bool | str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ConfigError(f"a decision must be True, False or a reason in words, got {decision!r}.")

    def refusals(self, call_ids: Sequence[str]) -> dict[str, str]:
        """Why each refused call is refused, by call id.

        Raises:
            ConfigError: a call is undecided, or a decision is about a call that does not wait.
        """
        strange = [call_id for call_id in self.by_call if call_id not in call_ids]
        if strange:
            raise ConfigError(f"no call {strange[0]!r} waits for approval; there wait: {', '.join(call_ids)}.")
        refused: dict[str, str] = {}
        for call_id in call_ids:
            decision = self.by_call.get(call_id, self.rest)
            if decision is None:
                raise ConfigError(f"the call {call_id!r} is undecided: add it to Decisions, or set rest=True or False.")
            if decision is not True:
                refused[call_id] = f"{NOT_ALLOWED}: {decision}" if decision else f"{NOT_ALLOWED}."
        return refused


def pending(messages: Sequence[Message]) -> tuple[ToolCall, ...]:
    """The calls at the end of a conversation that wait for a decision."""
    ids = waiting(messages)
    return tuple(call for call in messages[-1].tool_calls if call.id in ids) if ids else ()
