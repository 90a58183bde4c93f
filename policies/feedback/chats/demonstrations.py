"""Replies that people called good, and those that they corrected, as demonstrations to learn from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ....agent import Message, SessionStore
from ....tools import ConfigError
from ...engines.messages import LOOP
from ..collecting.demonstrations import Demonstration
from ..message_lists import check_conversation
from ..ranking import said_in
from .exporting import NOT_JSON, can_be_written
from .feedback_log import FeedbackLog
from .rated_chats import Opinion, RatedQuestion, read_chats
from .records import Edit, Thumb
from .redaction import redact_messages
from .regenerations import StoredReply

CORRECTED = "the agent had told the policy what was wrong"
OTHER_TOOLS = "a call of a tool whose schema is not known"
BAD_BEFORE = "an earlier reply of the conversation was called bad"
LONGER = "a longer demonstration begins with it"
UNSOUND = "no conversation that can be learned from"


@dataclass(frozen=True)
class ChatDemonstrations:
    """What people showed in conversations.

    Args:
        demonstrations: redacted.
        left_out: how many good and corrected replies are not among them, by reason.
        redacted: how often each of `redaction.LABELS` stands for something.
    """

    demonstrations: list[Demonstration]
    left_out: dict[str, int] = field(default_factory=dict[str, int])
    redacted: dict[str, int] = field(default_factory=dict[str, int])


def chat_demonstrations(
    store: SessionStore, log: FeedbackLog, *, tools: Sequence[dict[str, Any]] = (), instructions: str | None = None
) -> ChatDemonstrations:
    """Conversations that end with a reply that somebody called good, or as somebody corrected it, with their consent.

    Args:
        store: the conversations.
        log: what was said about them.
        tools: schemas of the tools that they had, which are not stored with them.
        instructions: the system message, which is not stored either.

    Raises:
        ConfigError: the log cannot be read.
        SessionError: the store cannot be read.
    """
    chats, _ = read_chats(store, log)
    left_out: Counter[str] = Counter()
    found: list[tuple[Demonstration, Counter[str]]] = []
    opening = () if instructions is None else (Message("system", instructions),)
    names = {tool["function"]["name"] for tool in tools}
    for chat in chats:
        bad = _called_bad(chat.questions)
        for rated in chat.questions:
            for rater, opinion in rated.opinions.items():
                for reply in rated.question.replies:
                    record = _shows(reply, opinion)
                    if record is None:
                        continue
                    answer = reply.edited(record.text) if isinstance(record, Edit) else reply.messages
                    spoken = (*rated.question.prompt, *answer)
                    if reason := _unfit(spoken, rated.question.prompt, names, bad):
                        left_out[reason] += 1
                        continue
                    clean, counts = redact_messages((*opening, *spoken))
                    parts = (chat.session, reply.id, record.type, rater)
                    id = f"chat-{hashlib.sha256(chr(0).join(parts).encode('utf-8', 'replace')).hexdigest()[:24]}"
                    made = Demonstration(id, clean, tuple(tools), rater, True, record.created)
                    if can_be_written(made.to_dict()):
                        found.append((made, counts))
                    else:
                        left_out[NOT_JSON] += 1
    kept = [(one, counts) for one, counts in found if not _is_inside(one, [other for other, _ in found])]
    if len(kept) < len(found):
        left_out[LONGER] += len(found) - len(kept)
    redacted = sum((counts for _, counts in kept), Counter[str]())
    return ChatDemonstrations([one for one, _ in kept], dict(left_out), dict(redacted))


def _shows(reply: StoredReply, opinion: Opinion) -> Thumb | Edit | None:
    """Why a reply is to be learned from; a correction counts before the thumb."""
    if reply.id in opinion.edits:
        return opinion.edits[reply.id]
    thumb = opinion.thumbs.get(reply.id)
    return thumb if thumb is not None and thumb.value > 0 else None


def _called_bad(questions: Sequence[RatedQuestion]) -> frozenset[str]:
    """Prompts with the replies to them that anybody called bad, as text."""
    return frozenset(
        said_in((*rated.question.prompt, *reply.messages))
        for rated in questions
        for opinion in rated.opinions.values()
        for reply in rated.question.replies
        if reply.id in opinion.thumbs and opinion.thumbs[reply.id].value < 0
    )


def _unfit(spoken: Sequence[Message], prompt: Sequence[Message], names: set[str], bad: frozenset[str]) -> str | None:
    """Why a conversation is not to be learned from."""
    if any(message.role == "user" and message.name == LOOP for message in spoken):
        return CORRECTED
    if any(call.name not in names for message in spoken for call in message.tool_calls):
        return OTHER_TOOLS
    # The policy learns every reply of a demonstration, not the last alone.
    if bad and any(said_in(prompt[:end]) in bad for end in range(1, len(prompt))):
        return BAD_BEFORE
    try:
        check_conversation(spoken)
    except ConfigError:
        return UNSOUND
    return None


def _is_inside(one: Demonstration, others: Sequence[Demonstration]) -> bool:
    """Whether another demonstration goes on from this one: what both hold would be learned twice."""
    size = len(one.messages)
    return any(len(other.messages) > size and other.messages[:size] == one.messages for other in others)
