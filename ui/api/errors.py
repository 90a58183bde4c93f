"""What a client is told when something goes wrong, in OpenAI's form.

{"error": {"message": ..., "type": ..., "param": ..., "code": ...}}
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any

from ...tools import ContextOverflow, PericlesError, PolicyTimeout, RateLimited, TurnCancelled

logger = logging.getLogger(__name__)


class ApiError(Exception):
    """A request that is not answered.

    Args:
        status: of HTTP.
        message: what was wrong and what to do; never a path, a traceback or another client's text.
        kind: OpenAI's `type`; by default what fits the status.
        param: the field that is wrong.
        code: for programs.
        headers: of the response.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str | None = None,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
        self.param = param
        self.code = code
        self.headers = dict(headers or {})

    def to_dict(self) -> dict[str, Any]:
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


def invalid(message: str, param: str | None = None, code: str = "invalid_value") -> ApiError:
    """A request that is wrong in itself."""
    return ApiError(400, message, param=param, code=code)


def shutting_down() -> ApiError:
    """The server's only 503: nothing was done, and a proxy may ask another server."""
    return ApiError(
        503, "The server is shutting down.", code="shutting_down", headers={"retry-after": "5", "connection": "close"}
    )


def session_busy() -> ApiError:
    return ApiError(
        409,
        "This conversation is answering another request: wait for its end.",
        param="pericles.session",
        code="session_busy",
    )


def cut_off() -> ApiError:
    """For a turn that has begun: unlike after a 503, asking again would do a part of it twice."""
    headers = {"x-should-retry": "false", "connection": "close"}
    return ApiError(500, "The server is shutting down and stopped the turn.", code="cut_off", headers=headers)


def too_slow(seconds: float) -> ApiError:
    # The official client would ask twice more, for as long each time.
    headers = {"x-should-retry": "false"}
    return ApiError(504, f"The turn took longer than {seconds:g} s and was stopped.", code="timeout", headers=headers)


def told(error: BaseException, request_id: str, seconds: float) -> ApiError:
    """What a client may know of the error that ended a turn.

    Args:
        error: what was raised.
        request_id: under which the log has it.
        seconds: the limit of a turn.
    """
    match error:
        case ApiError():
            return error
        case ContextOverflow():
            return invalid(str(error), "messages", "context_length_exceeded")
        case RateLimited():
            return ApiError(429, "The model's own server has too many requests.", kind="rate_limit_error", code="busy")
        case TurnCancelled() | TimeoutError():
            return too_slow(seconds)
        case PolicyTimeout():
            return ApiError(504, "The model did not answer in time.", code="timeout")
        case _:
            log(error, request_id)
            return ApiError(500, f"The server failed; its log says where, under {request_id}.", code="internal_error")


def log(error: BaseException, request_id: str) -> None:
    """Where an error was raised, without its text: that may hold what a user wrote."""
    cause = error.__cause__ if isinstance(error, PericlesError) and error.__cause__ is not None else error
    logger.error("request %s failed: %s\n%s", request_id, type(cause).__name__, frames(cause))


def frames(error: BaseException) -> str:
    """A traceback without the values and texts of the errors in it."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


class WithoutTexts(logging.Filter):
    """Takes the texts of exceptions out of what is logged anywhere in the process; where they happened stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            record.exc_text = frames(record.exc_info[1])
        return True
