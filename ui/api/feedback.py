"""`POST /v1/feedback`: what a client says about a reply in a conversation that the server keeps for it."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import Field, field_validator

from ...agent import Session
from ...policies.feedback.chats import Edit, FeedbackLog, Thumb
from ...policies.feedback.chats.records import (
    MAX_COMMENT_CHARS,
    MAX_EDIT_CHARS,
    MAX_REASON_CHARS,
    MAX_REASONS,
)
from ...policies.feedback.message_lists import has_text
from .about_reply import AboutReply, read_form
from .errors import ApiError, invalid

FEEDBACK = "/v1/feedback"


class FeedbackRequest(AboutReply):
    """A request; `read_feedback` makes one.

    Args:
        value: 1 good, −1 bad, 0 takes back whatever was said about the reply.
        reasons: short texts.
        comment: a longer one.
        edit: what the reply should have said.
    """

    value: int | None = Field(default=None, ge=-1, le=1)
    reasons: list[str] = Field(default_factory=list, max_length=MAX_REASONS)
    comment: str | None = Field(default=None, max_length=MAX_COMMENT_CHARS)
    edit: str | None = Field(default=None, max_length=MAX_EDIT_CHARS)

    @field_validator("reasons")
    @classmethod
    def _short(cls, reasons: list[str]) -> list[str]:
        if not all(1 <= len(reason) <= MAX_REASON_CHARS for reason in reasons):
            raise ValueError(f"a reason has 1 to {MAX_REASON_CHARS} characters")
        return reasons

    @field_validator("edit")
    @classmethod
    def _says_something(cls, edit: str | None) -> str | None:
        if edit is not None and not has_text(edit):
            raise ValueError("an edit must not be empty")
        return edit


def read_feedback(value: dict[str, Any]) -> FeedbackRequest:
    """Checks a request; see `read_form`.

    Raises:
        ApiError: 400; names the field.
    """
    request = read_form(FeedbackRequest, value)
    if request.value is None and request.edit is None:
        raise invalid("Feedback needs a value or an edit.", "value", "missing_required_parameter")
    if request.value == 0 and request.edit is not None:
        raise invalid("The value 0 takes everything back: leave out edit.", "edit")
    return request


async def take_feedback(request: FeedbackRequest, session: Session, log: FeedbackLog, rater: str) -> dict[str, Any]:
    """Keeps what a client says.

    Args:
        request: what it says.
        session: its conversation.
        log: where it is kept.
        rater: `human:NAME`, whose it is.

    Returns:
        What it is told.

    Raises:
        ApiError: 404; it has no such conversation, or no such reply is in it.
    """
    entries = {entry.id: entry for entry in await session.entries()}
    entry = entries.get(request.message_id)
    if entry is None or entry.message.role != "assistant":
        raise ApiError(
            404, "There is no such reply in a conversation of this key.", param="message_id", code="message_not_found"
        )
    named = {"session": session.id, "message_id": entry.id, "rater": rater}
    if request.value == 0:
        await asyncio.to_thread(log.withdraw, **named)
    elif request.value is not None:
        thumb = Thumb(
            **named,
            consent=request.consent,
            value=request.value,
            reasons=tuple(request.reasons),
            comment=request.comment,
        )
        await asyncio.to_thread(log.add, thumb)
    if request.edit is not None:
        await asyncio.to_thread(log.add, Edit(**named, consent=request.consent, text=request.edit))
    return {
        "object": "feedback",
        "session": request.session,
        "message_id": entry.id,
        "value": request.value,
        "edited": request.edit is not None,
        "consent": request.consent,
    }
