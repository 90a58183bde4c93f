"""Stored conversations beside what people said about them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ....agent import SessionStore
from .feedback_log import FeedbackLog
from .records import Edit, Given, Thumb
from .regenerations import Question, StoredReply, questions

if TYPE_CHECKING:
    from ..tamer.records import LiveClick

NO_CONSENT = "no consent"
NO_CONVERSATION = "the conversation is not stored any more"
NO_REPLY = "the reply is not stored, or broke off"


@dataclass(frozen=True)
class Opinion:
    """What one rater said about the replies to one question.

    Args:
        thumbs: by the replies' ids.
        edits: by the replies' ids.
        clicked: replies whose thumb is the sum of clicks on their parts.
    """

    thumbs: dict[str, Thumb] = field(default_factory=dict[str, Thumb])
    edits: dict[str, Edit] = field(default_factory=dict[str, Edit])
    clicked: set[str] = field(default_factory=set[str])


@dataclass(frozen=True)
class RatedQuestion:
    """A question, and what was said about its replies with consent.

    Args:
        question: with its replies.
        opinions: by rater.
    """

    question: Question
    opinions: dict[str, Opinion]


@dataclass(frozen=True)
class RatedChat:
    """A conversation of which something was said.

    Args:
        session: its id.
        questions: all of them, also those of which nothing was said.
        newest: the newest record about it, whose consent counts for what the user did without saying so.
    """

    session: str
    questions: tuple[RatedQuestion, ...]
    newest: Given


def read_chats(
    store: SessionStore, log: FeedbackLog, clicks: Sequence[LiveClick] = ()
) -> tuple[list[RatedChat], Counter[str]]:
    """The conversations of which something was said.

    Clicks carry no consent of their own: that of the newest record about their conversation counts.

    Returns:
        Them, in the order of their first record, and how many records are left out, by reason.

    Raises:
        ConfigError: the log cannot be read.
        SessionError: the store cannot be read.
    """
    records: dict[str, list[Given]] = {}
    for record in log.current():
        records.setdefault(record.session, []).append(record)
    sums = _summed(clicks)
    left_out: Counter[str] = Counter()
    stored = asyncio.run(_stored(store, list(records))) if records else {}
    chats: list[RatedChat] = []
    for session, given in records.items():
        if session not in stored:
            left_out[NO_CONVERSATION] += len(given)
            sums.pop(session, None)
            continue
        chats.append(_rated(session, stored[session], given, sums.pop(session, {}), left_out))
    left_out[NO_CONSENT] += sum(len(replies) for replies in sums.values())
    return chats, +left_out


def _summed(clicks: Sequence[LiveClick]) -> dict[str, dict[tuple[str, str], int]]:
    """By conversation, then by reply and rater, the sum of the clicks."""
    sums: dict[str, dict[tuple[str, str], int]] = {}
    # A click has a record for each part of the reply that it may be about.
    for session, message_id, rater, _, value in dict.fromkeys(
        (click.session, click.message_id, click.rater, click.click_time, click.value) for click in clicks
    ):
        replies = sums.setdefault(session, {})
        replies[message_id, rater] = replies.get((message_id, rater), 0) + value
    return sums


async def _stored(store: SessionStore, sessions: Sequence[str]) -> dict[str, list[Question]]:
    known = {info.id for info in await store.list()}
    found: dict[str, list[Question]] = {}
    for id in sessions:
        if id in known:
            session = store.session(id)
            found[id] = questions(await session.entries(), await session.branch())
    return found


def _rated(
    session: str,
    found: Sequence[Question],
    given: Sequence[Given],
    sums: dict[tuple[str, str], int],
    left_out: Counter[str],
) -> RatedChat:
    rated = [RatedQuestion(question, {}) for question in found]
    owners: dict[str, list[tuple[RatedQuestion, StoredReply]]] = {}
    for one in rated:
        for reply in one.question.replies:
            for id in reply.entry_ids:
                owners.setdefault(id, []).append((one, reply))
    for record in given:
        if not isinstance(record, Thumb | Edit):
            continue
        if not record.consent:
            left_out[NO_CONSENT] += 1
        elif record.message_id not in owners:
            left_out[NO_REPLY] += 1
        else:
            for one, reply in owners[record.message_id]:
                opinion = one.opinions.setdefault(record.rater, Opinion())
                if isinstance(record, Thumb):
                    opinion.thumbs[reply.id] = record
                else:
                    opinion.edits[reply.id] = record
    newest = given[-1]
    for (message_id, rater), value in sums.items():
        if not newest.consent:
            left_out[NO_CONSENT] += 1
        elif message_id not in owners:
            left_out[NO_REPLY] += 1
        elif value:
            one, reply = owners[message_id][0]
            opinion = one.opinions.setdefault(rater, Opinion())
            if reply.id not in opinion.thumbs:
                sign = 1 if value > 0 else -1
                opinion.thumbs[reply.id] = Thumb(
                    session=session, message_id=reply.id, rater=rater, consent=True, created=newest.created, value=sign
                )
                opinion.clicked.add(reply.id)
    return RatedChat(session, tuple(rated), newest)
