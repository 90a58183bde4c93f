"""Conversations as trees: every message knows the one before it, so that an edit, another reply to the same question
or one of K replies is a branch. This module has the protocol and the conversation that ends with the process;
`sql_sessions` has those that last.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

from ..policies.engines import Message
from ..tools import SessionError


@dataclass(frozen=True, slots=True)
class Entry:
    """A message and its place in the conversation.

    Args:
        id: unique in the store.
        parent_id: the entry before it; `None` for the first.
        message: what was said.
        created: when it was written (UTC).
    """

    id: str
    parent_id: str | None
    message: Message
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def to_dict(self) -> dict[str, Any]:
        created = self.created.isoformat()
        return {"id": self.id, "parent_id": self.parent_id, "created": created, "message": self.message.to_dict()}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Entry:
        created = datetime.fromisoformat(value["created"])
        return cls(str(value["id"]), value["parent_id"], Message.from_dict(value["message"]), created)


@runtime_checkable
class Session(Protocol):
    """A conversation that an agent reads and continues.

    One branch of the tree is the active one: it ends at the entry that was written or chosen last.
    """

    id: str

    async def entries(self) -> list[Entry]:
        """Every message of every branch, in the order of writing."""
        ...

    async def branch(self) -> list[Entry]:
        """The active branch, oldest first."""
        ...

    async def messages(self) -> list[Message]:
        """What a policy may be sent: the active branch with every call answered.

        A call that has no result because the process died gets one that says so (`complete`).
        """
        ...

    async def append(self, messages: Sequence[Message], *, after: str | None) -> list[Entry]:
        """Writes messages behind an entry, all of them or none; the last becomes the end of the active branch.

        Args:
            messages: what was said, in order.
            after: the entry that the first of them follows; `None` starts at the root.

        Raises:
            SessionError: there is no such entry, or the store cannot be written.
        """
        ...

    async def switch(self, entry_id: str | None) -> None:
        """Makes the branch that ends at this entry the active one; `None` goes back to before the first message.

        Raises:
            SessionError: there is no such entry.
        """
        ...

    async def clear(self) -> None:
        """Deletes every message of every branch."""
        ...


class InMemorySession:
    """A conversation that ends with the process."""

    def __init__(self, id: str | None = None) -> None:
        self.id = id or secrets.token_hex(8)
        self._entries: dict[str, Entry] = {}
        self._head: str | None = None

    async def entries(self) -> list[Entry]:
        return list(self._entries.values())

    async def branch(self) -> list[Entry]:
        return branch_of(self._entries, self._head)

    async def messages(self) -> list[Message]:
        return complete([entry.message for entry in await self.branch()])

    async def append(self, messages: Sequence[Message], *, after: str | None) -> list[Entry]:
        if after is not None and after not in self._entries:
            raise SessionError(f"session {self.id!r} has no entry {after!r}.")
        written: list[Entry] = []
        for message in messages:
            written.append(Entry(secrets.token_hex(12), after, message))
            after = written[-1].id
        self._entries.update((entry.id, entry) for entry in written)
        self._head = after
        return written

    async def switch(self, entry_id: str | None) -> None:
        if entry_id is not None and entry_id not in self._entries:
            raise SessionError(f"session {self.id!r} has no entry {entry_id!r}.")
        self._head = entry_id

    async def clear(self) -> None:
        self._entries.clear()
        self._head = None


def branch_of(entries: dict[str, Entry], head: str | None) -> list[Entry]:
    """The entries from the root to `head`."""
    branch: list[Entry] = []
    entry = entries.get(head) if head is not None else None
    while entry is not None:
        branch.append(entry)
        entry = entries.get(entry.parent_id) if entry.parent_id is not None else None
    return branch[::-1]


def newest_leaf(entries: Sequence[Entry], entry_id: str) -> str:
    """The end of the branch through an entry that was written last: what to `switch` to, to show that branch."""
    inside = {entry_id}
    leaf = entry_id
    for entry in entries:
        if entry.parent_id in inside:
            inside.add(entry.id)
            leaf = entry.id
    return leaf


# The call id of the message that marks a decision as being carried out. It answers no call, so no policy sees it.
DECISION = "decision"
INTERRUPTED = "Error: interrupted before it finished."


def complete(messages: Sequence[Message]) -> list[Message]:
    """Gives every call exactly one result, in the order of the calls.

    A dangling call breaks the next request on every real server. One is left only where a process died while its
    tools ran; it is answered with an error. Calls at the end that wait for approval stay as they are until a decision
    is carried out (`DECISION`). Results that answer no call are left out.
    """
    whole: list[Message] = []
    position = 0
    while position < len(messages):
        message = messages[position]
        position += 1
        if message.role == "tool":
            continue
        whole.append(message)
        if not message.tool_calls:
            continue
        results: dict[str | None, list[Message]] = {}
        while position < len(messages) and messages[position].role == "tool":
            results.setdefault(messages[position].tool_call_id, []).append(messages[position])
            position += 1
        answered = DECISION in results or any(call.id in results for call in message.tool_calls)
        if position == len(messages) and not answered and waiting([message]):
            break
        for call in message.tool_calls:
            found = results.get(call.id)
            whole.append(found.pop(0) if found else Message("tool", INTERRUPTED, tool_call_id=call.id, name=call.name))
    return whole


def waiting(messages: Sequence[Message]) -> tuple[str, ...]:
    """Ids of the calls at the end of a conversation that wait for a person's approval."""
    if not messages or messages[-1].role != "assistant":
        return ()
    asked: Any = messages[-1].meta.get("approvals") or ()
    return tuple(call.id for call in messages[-1].tool_calls if call.id in asked)
