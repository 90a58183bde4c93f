"""`POST /v1/feedback`: what a client says about a reply in a conversation that the server keeps for it."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import Field, ValidationError, field_validator

from ...agent import Session
from ...agent.sql_sessions import check_id
from ...policies.feedback.chats import Edit, FeedbackLog, Thumb
from ...policies.feedback.chats.records import (
    MAX_COMMENT_CHARS,
    MAX_EDIT_CHARS,
    MAX_REASON_CHARS,
    MAX_REASONS,
)
from ...policies.feedback.message_lists import has_text
from ...tools import ConfigError
from .chat_request import MAX_NAME, Form, wrong_field
from .errors import ApiError, invalid

FEEDBACK = "/v1/feedback"


class FeedbackRequest(Form, extra="forbid"):
    """A request; `read_feedback` makes one.

    Args:
        session: the conversation's name, as `pericles.session` of the requests in it.
        message_id: of the reply, as the answer told it.
        value: 1 good, −1 bad, 0 takes back whatever was said about the reply.
        reasons: short texts.
        comment: a longer one.
        edit: what the reply should have said.
        consent: whether whoever says this agrees that it, and the conversation up to there, is trained on.
    """

    session: str = Field(min_length=1, max_length=MAX_NAME)
    message_id: str = Field(min_length=1, max_length=MAX_NAME)
    value: int | None = Field(default=None, ge=-1, le=1)
    reasons: list[str] = Field(default_factory=list, max_length=MAX_REASONS)
    comment: str | None = Field(default=None, max_length=MAX_COMMENT_CHARS)
    edit: str | None = Field(default=None, max_length=MAX_EDIT_CHARS)
    consent: bool = False

    @field_validator("session")
    @classmethod
    def _storable(cls, name: str) -> str:
        try:
            check_id(name)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return name

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
    """Checks the form of a request. A null is a field that is not there; `conversation` is read as `session`.

    Raises:
        ApiError: 400; names the field.
    """
    given = {name: item for name, item in value.items() if item is not None}
    if "conversation" in given and "session" not in given:
        given["session"] = given.pop("conversation")
    try:
        request = FeedbackRequest.model_validate(given)
    except ValidationError as error:
        raise wrong_field(error) from None
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
