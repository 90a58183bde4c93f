"""What a server's refusals mean: one of our errors, in one line.

A server's own words are data: they are bounded, cleaned and stand in quotation marks, and a key in them is struck out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from ....tools import ConfigError, ContextOverflow, PericlesError, PolicyError, PolicyTimeout, RateLimited
from .addresses import Place
from .dialects import Dialect
from .keys import Secrets

RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_NO_SUCH = frozenset({404, 405, 501})


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is an error, or an error inside a stream.

    Args:
        status: HTTP status; 0 inside a stream that does not say.
        message: the server's words.
        codes: `code` and `type` of the error.
        param: the field of the request that it is about.
        retry_after: the header's text.
        media_type: of an answer that is no JSON.
    """

    status: int
    message: str = ""
    codes: frozenset[str] = frozenset()
    param: str = ""
    retry_after: str = ""
    media_type: str = ""

    @property
    def final(self) -> bool:
        """Whether asking again cannot help."""
        return self.status not in RETRIED or "insufficient_quota" in self.codes


class RefusedError(Exception):
    """Carries a `Refusal` to where it is known what to do about it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"refused with {refusal.status}")
        self.refusal = refusal


def read_refusal(status: int, headers: Mapping[str, str], content: bytes) -> Refusal:
    """Reads an answer that is an error; never raises."""
    retry_after = headers.get("retry-after", "")
    try:
        value: Any = json.loads(content)
    except (ValueError, RecursionError):
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()[:60]
        return Refusal(status, retry_after=retry_after, media_type=kind or "something else")
    return refusal_of(value, status, retry_after)


def refusal_of(value: Any, status: int = 0, retry_after: str = "") -> Refusal:
    """Reads an error's JSON value in any of the forms that servers write.

    Args:
        value: `{"error": {...}}`, `{"error": "..."}`, `{"object": "error", ...}` (older vLLM) or `{"detail": ...}`.
        status: HTTP status; 0 takes the error's own `code` where it is one.
        retry_after: the header's text.
    """
    error: Any = value.get("error", value) if isinstance(value, dict) else value
    if not isinstance(error, dict):
        return Refusal(status, str(error), retry_after=retry_after)
    fields = cast("dict[str, Any]", error)
    message = next((fields[key] for key in ("message", "detail", "error") if fields.get(key)), "")
    codes = frozenset(str(fields[key]) for key in ("code", "type") if fields.get(key))
    code = fields.get("code")
    if not status and re.fullmatch("[45][0-9][0-9]", str(code)):
        status = int(str(code))
    message = message if isinstance(message, str) else json.dumps(message)[:2000]
    return Refusal(status, message, codes, str(fields.get("param") or ""), retry_after)


def is_overflow(refusal: Refusal, dialect: Dialect) -> bool:
    """Whether a refusal says that the conversation, or what is asked for besides, is too long."""
    if refusal.status not in (0, 400, 413, 422, 500):
        return False
    message = refusal.message.lower()
    return bool(refusal.codes & dialect.overflow_codes) or any(part in message for part in dialect.overflow_phrases)


def told(refusal: Refusal, place: Place, dialect: Dialect, secrets: Secrets) -> PericlesError:
    """The error of ours that a refusal is."""
    quoted = secrets.told(refusal.message)
    kind = secrets.told(refusal.media_type)
    says = f': it says "{quoted}"' if quoted else f" with {kind}" if kind else ""
    if is_overflow(refusal, dialect):
        return ContextOverflow(
            f"the conversation does not fit into the context window at {place.name}: start a new one or shorten it"
            f"{says}."
        )
    status = refusal.status
    if status in (401, 403):
        what = "the key was refused" if secrets.headers else "it wants a key and none is set"
        return ConfigError(
            f"{place.name} answered {status}: {what}. The key is looked for in {secrets.looked_at}; other places are "
            f'named in [remote."{place.name}"] of pericles.toml.'
        )
    if status == 429:
        return RateLimited(f"{place.name} takes no more requests for now (429){says}.")
    if status in (408, 504):
        return PolicyTimeout(f"{place.name} gave up waiting for its model ({status}){says}.")
    if status in _NO_SUCH:
        return ConfigError(f"{place.name} has nothing at {place.base} ({status}): check the address{says}.")
    return PolicyError(f"{place.name} answered {_named(status)}{says}.")


def _named(status: int) -> str:
    if not status:
        return "with an error"
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
