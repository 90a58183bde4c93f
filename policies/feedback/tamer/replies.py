"""Finds the reply that clicks were about in a conversation that is kept."""

from __future__ import annotations

from collections.abc import Sequence

from ....agent import Entry
from ...engines.messages import Message
from ..message_lists import is_users


def newest_reply(branch: Sequence[Entry]) -> str | None:
    """The `message_id` of the last reply in a conversation; `None` where there is none."""
    return next((entry.id for entry in reversed(branch) if entry.message.role == "assistant"), None)


def reply_of(entries: Sequence[Entry], message_id: str) -> list[Message]:
    """The messages of the turn that a message belongs to, up to it: what was shown of the reply.

    Args:
        entries: of the conversation, all of them or one branch.
        message_id: of an assistant's message.

    Returns:
        The messages; none where no assistant's message in the conversation has that id.
    """
    by_id = {entry.id: entry for entry in entries}
    entry = by_id.get(message_id)
    if entry is None or entry.message.role != "assistant":
        return []
    found: list[Message] = []
    while entry is not None and not is_users(entry.message):
        found.insert(0, entry.message)
        entry = by_id.get(entry.parent_id) if entry.parent_id is not None else None
    return found
