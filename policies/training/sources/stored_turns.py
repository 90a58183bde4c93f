"""The turns of stored conversations, as a policy should learn them.

Of each conversation the active branch counts. Left out are turns without an answer or with half of one, summaries of
older turns, calls that could not be read with what they were told, and replies that the agent loop had corrected: a
policy learns the answer, not the mistake. Calls with a wrong name or argument that a tool refused stay, with the
refusal.
"""

from __future__ import annotations

import asyncio
import dataclasses
import difflib
from collections.abc import Sequence
from pathlib import Path

from ....agent import SessionStore
from ....agent.session_database import locate
from ....tools import ConfigError
from ...engines.messages import LOOP, Message
from ...feedback.message_lists import has_text, is_users
from ..recipe.data import Sessions

Turn = tuple[Message, ...]


def read_turns(source: Sessions) -> dict[str, list[Turn]]:
    """The turns of each session, oldest session first; a turn that was not answered has no answer at its end.

    Args:
        source: its `rows` is not looked at.

    Raises:
        ConfigError: there is no such store or session.
        SessionError: the store cannot be read.
    """
    address = locate(source.path)
    if isinstance(address, Path) and not address.is_file():
        raise ConfigError(f"there is no session store {source.path!r}; give the SQLite file or the URL of a database.")
    return asyncio.run(_read(SessionStore(address), source.ids))


def is_answered(turn: Turn) -> bool:
    """Whether a turn ends with words of the assistant."""
    return turn[-1].role == "assistant" and not turn[-1].tool_calls and has_text(turn[-1].content)


async def _read(store: SessionStore, ids: Sequence[str]) -> dict[str, list[Turn]]:
    listed = sorted(await store.list(), key=lambda info: (info.created, info.id))
    known = [info.id for info in listed]
    for id in ids:
        if id not in known:
            nearest = difflib.get_close_matches(id, known, n=1, cutoff=0.3)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"it has {len(known)} sessions."
            raise ConfigError(f"{store!r} has no session {id!r}; {hint}")
    return {id: _turns(await store.session(id).messages()) for id in ids or known}


def _turns(messages: Sequence[Message]) -> list[Turn]:
    turns: list[list[Message]] = []
    for message in messages:
        if is_users(message):
            turns.append([])
        if turns and message.role != "system":
            # Notes are not rendered, and may hold whole pictures.
            content = "" if message.meta.get("cut_off") else message.content
            turns[-1].append(dataclasses.replace(message, content=content, meta={}))
    return [tuple(_without_mistakes(turn)) for turn in turns if has_text(turn[0].content)]


def _without_mistakes(turn: Sequence[Message]) -> list[Message]:
    kept: list[Message] = []
    unreadable = False
    for message in turn:
        if message.role == "tool" and unreadable:
            continue
        unreadable = any(call.problem is not None for call in message.tool_calls)
        if message.name == LOOP and message.role == "user":
            if kept[-1].role == "assistant" and not kept[-1].tool_calls:
                kept.pop()
        elif not unreadable:
            kept.append(message)
    return kept
