"""What requests about a reply in a kept conversation have in common."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import Field, ValidationError, field_validator

from ...agent.sql_sessions import check_id
from ...tools import ConfigError
from .chat_request import MAX_NAME, Form, wrong_field

R = TypeVar("R", bound="AboutReply")


class AboutReply(Form, extra="forbid"):
    """A reply, and whether what is said about it may be trained on.

    Args:
        session: the conversation's name, as `pericles.session` of the requests in it.
        message_id: of the reply, as the answer told it.
        consent: whether whoever says something agrees that it, and the conversation up to there, is trained on.
    """

    session: str = Field(min_length=1, max_length=MAX_NAME)
    message_id: str = Field(min_length=1, max_length=MAX_NAME)
    consent: bool = False

    @field_validator("session")
    @classmethod
    def _storable(cls, name: str) -> str:
        try:
            check_id(name)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return name


def read_form(form: type[R], value: dict[str, Any]) -> R:
    """Checks the form of a request. A null is a field that is not there; `conversation` is read as `session`.

    Raises:
        ApiError: 400; names the field.
    """
    given = {name: item for name, item in value.items() if item is not None}
    if "conversation" in given and "session" not in given:
        given["session"] = given.pop("conversation")
    try:
        return form.model_validate(given)
    except ValidationError as error:
        raise wrong_field(error) from None
