"""The questions of a stored conversation, and the replies that each of them got.

A conversation is a tree (`agent.sessions`). Several turns of the assistant behind one entry of the user are
regenerations: replies to the same prompt. A user's message that was edited is another entry, and so another prompt.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....agent import Entry, Message
from ....agent.sessions import branch_of, complete
from ....tools import ConfigError
from ..message_lists import check_prompt, check_reply, is_users


@dataclass(frozen=True)
class StoredReply:
    """One turn of the assistant.

    Args:
        id: of the entry that answers.
        entry_ids: of all its entries.
        messages: its calls, results and answer, without notes.
        continued: the user went on from here.
        active: the active branch goes through it.
    """

    id: str
    entry_ids: frozenset[str]
    messages: tuple[Message, ...]
    continued: bool = False
    active: bool = False

    def edited(self, text: str) -> tuple[Message, ...]:
        """The reply with another answer."""
        return (*self.messages[:-1], dataclasses.replace(self.messages[-1], content=text))


@dataclass(frozen=True)
class Question:
    """What the user said in one place, and what was replied.

    Args:
        entry_id: of the user's message.
        prompt: the conversation up to it, without notes.
        replies: those that are whole, in the order of writing.
    """

    entry_id: str
    prompt: tuple[Message, ...]
    replies: tuple[StoredReply, ...]


def questions(entries: Sequence[Entry], active: Sequence[Entry]) -> list[Question]:
    """The questions of a conversation whose prompt is sound, in the order of writing.

    Left out are replies that broke off, wait for a decision or have no words at their end, and what stands behind
    prompts that cannot be sent. Summaries that the agent wrote of older turns are no part of a prompt.

    Args:
        entries: of every branch, a parent before its children.
        active: those of the active branch.
    """
    by_id = {entry.id: entry for entry in entries}
    children: dict[str | None, list[Entry]] = {}
    for entry in entries:
        children.setdefault(entry.parent_id, []).append(entry)
    shown = {entry.id for entry in active}
    found: list[Question] = []
    for entry in entries:
        if not is_users(entry.message):
            continue
        prompt = _spoken(branch_of(by_id, entry.id))
        try:
            check_prompt(prompt)
        except ConfigError:
            continue
        paths = _turns(entry, children)
        replies = [_reply(path, children, shown) for path in paths]
        found.append(Question(entry.id, prompt, tuple(reply for reply in replies if reply is not None)))
    return found


def preferred(replies: Sequence[StoredReply]) -> tuple[StoredReply, bool] | None:
    """The one of several replies that the user kept, and whether they went on from it.

    Returns:
        `None` where the user went on from several, or where none of them is on the active branch.
    """
    continued = [reply for reply in replies if reply.continued]
    if continued:
        return (continued[0], True) if len(continued) == 1 else None
    kept = [reply for reply in replies if reply.active]
    return (kept[0], False) if len(kept) == 1 else None


def _turns(question: Entry, children: Mapping[str | None, Sequence[Entry]]) -> list[list[Entry]]:
    """The paths from a question to where the user speaks again or nobody does."""
    paths: list[list[Entry]] = []
    growing: list[list[Entry]] = [[entry] for entry in reversed(_others(question, children))]
    while growing:
        path = growing.pop()
        following = _others(path[-1], children)
        if not following:
            paths.append(path)
        growing.extend([*path, entry] for entry in reversed(following))
    return paths


def _others(entry: Entry, children: Mapping[str | None, Sequence[Entry]]) -> list[Entry]:
    return [child for child in children.get(entry.id, ()) if not is_users(child.message)]


def _reply(
    path: Sequence[Entry], children: Mapping[str | None, Sequence[Entry]], shown: set[str]
) -> StoredReply | None:
    answer = path[-1]
    messages = _spoken(path)
    if answer.message.meta.get("cut_off"):
        return None
    try:
        check_reply(messages, "a reply")
    except ConfigError:
        return None
    return StoredReply(
        answer.id,
        frozenset(entry.id for entry in path),
        messages,
        continued=any(is_users(child.message) for child in children.get(answer.id, ())),
        active=answer.id in shown,
    )


def _spoken(entries: Sequence[Entry]) -> tuple[Message, ...]:
    # Notes may hold whole results and pictures, and no policy sees them.
    nothing: dict[str, Any] = {}
    whole = complete([entry.message for entry in entries if entry.message.role != "system"])
    return tuple(dataclasses.replace(message, meta=nothing) for message in whole)
