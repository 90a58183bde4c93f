"""Turns and rows: what a generator of conversations puts together, with the tools' real results."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ....tools import ToolCall, ToolRegistry
from ...engines.messages import Message

INSTRUCTIONS = "You are pericles, a helpful assistant. Use math for calculations and search for facts."
WITHOUT_BUILT_IN = "You are pericles, a helpful assistant."


class Unusable(Exception):
    """A drawn example whose tool failed or whose result cannot be retold; another is drawn."""


@dataclass(frozen=True)
class Turn:
    """One user message and all that answers it.

    Args:
        messages: user, calls and results, answer.
        kind: which generator it comes from.
        operation: what within the kind.
        learned: whether its replies are to be learned from; a mistake that a later turn puts right is not.
    """

    messages: tuple[Message, ...]
    kind: str
    operation: str = ""
    learned: bool = True

    @property
    def prompt(self) -> str:
        return self.messages[0].content


@dataclass(frozen=True)
class Found:
    """A tool's result."""

    text: str
    is_error: bool = False
    titles: tuple[str, ...] = field(default=())


@cache
def use(name: str, query: str) -> Found:
    """Runs the built-in `math` or `search` tool, the way that the agent's loop does."""
    result = asyncio.run(_registry(name).execute(ToolCall("call_0", name, {"query": query})))
    return Found(result.text, result.is_error, tuple(source.title for source in result.sources))


@cache
def _registry(name: str) -> ToolRegistry:
    return ToolRegistry([name])


@cache
def built_in_schemas(names: tuple[str, ...] = ("math", "search")) -> list[dict[str, Any]]:
    return ToolRegistry(list(names)).schemas()


def instructions_for(schemas: Sequence[dict[str, Any]]) -> str:
    """The system message that the agent has with these tools: it names `math` and `search` where both are offered."""
    names = {schema["function"]["name"] for schema in schemas}
    return INSTRUCTIONS if names >= {"math", "search"} else WITHOUT_BUILT_IN


def asks(prompt: str) -> Message:
    return Message("user", prompt)


def calls(name: str, /, **arguments: Any) -> Message:
    # Ids are not rendered, so one is as good as another; a fixed one keeps the data's hash.
    return Message("assistant", "", (ToolCall("call_0", name, arguments),))


def returns(name: str, text: str) -> Message:
    return Message("tool", text, tool_call_id="call_0", name=name)


def says(text: str) -> Message:
    return Message("assistant", text)


def tool_turn(prompt: str, name: str, query: str, answer: str, kind: str, operation: str = "") -> Turn:
    """A turn with one call of a built-in tool; `answer` may hold `{text}`, the result."""
    found = use(name, query)
    return Turn((asks(prompt), calls(name, query=query), returns(name, found.text), says(answer)), kind, operation)


def row(turns: Sequence[Turn], tools: Sequence[dict[str, Any]], system: str | None = INSTRUCTIONS) -> dict[str, Any]:
    """One row of the data: a whole conversation and the schemas of the tools that it has.

    Up to the last turn that is not learned from, the messages are counted by `learn_from` and have no loss.
    """
    opening = (Message("system", system),) if system is not None else ()
    messages = [m.to_dict() for m in (*opening, *(m for turn in turns for m in turn.messages))]
    kinds = [turn.kind for turn in turns]
    body = {
        "kind": kinds[0] if len(kinds) == 1 else "dialogue",
        "parts": [f"{turn.kind}/{turn.operation}" for turn in turns],
        "messages": messages,
        "tools": list(tools),
    }
    unlearned = max((at for at, turn in enumerate(turns, 1) if not turn.learned), default=0)
    if unlearned:
        body["learn_from"] = len(opening) + sum(len(turn.messages) for turn in turns[:unlearned])
    identity = hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
    return {"id": identity, **body}
