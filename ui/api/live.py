"""Live reward over the API: `POST /v1/live/clicks`, `POST /v1/live/undo` and `GET /v1/live`.

Each key has a head of its own, taught by its own clicks on its own conversations, and followed in its own requests with
`{"pericles": {"live": true}}`. A server without keys has one head for all of this machine.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ...agent import Session
from ...policies.engines import Policy
from ...policies.feedback.tamer import Click, LivePolicy, LiveSession, Segment, cut_reply
from ...policies.feedback.tamer.replies import reply_of
from .about_reply import AboutReply, read_form
from .chat_request import Form
from .errors import ApiError, invalid

LIVE = "/v1/live"
CLICKS = "/v1/live/clicks"
UNDO = "/v1/live/undo"

MAX_CLICKS = 200  # on one reply
MAX_SHOWN = 5000
_LATEST = 1e12  # seconds: clients may take the time of day, in milliseconds or not


class Shown(Form, extra="forbid"):
    """When a piece of the reply was the newest on the client's screen.

    Args:
        segment: its number, from 0: the reply's sentences, list items, parts of code and calls.
        on, off: seconds, on the client's clock.
    """

    segment: int = Field(ge=0, lt=MAX_SHOWN)
    on: float = Field(ge=-_LATEST, le=_LATEST)
    off: float = Field(ge=-_LATEST, le=_LATEST)

    @model_validator(mode="after")
    def _for_some_time(self) -> Shown:
        if self.off <= self.on:
            raise ValueError("off must come after on")
        return self


class Clicked(Form, extra="forbid"):
    """A + or −.

    Args:
        time: seconds, on the clock of `Shown`.
        value: 1 or −1.
    """

    time: float = Field(ge=-_LATEST, le=_LATEST)
    value: Literal[-1, 1]


class ClicksRequest(AboutReply):
    """Clicks on one reply; `read_clicks` makes one.

    Args:
        shown: when its pieces were shown.
        clicks: on it.
    """

    shown: list[Shown] = Field(min_length=1, max_length=MAX_SHOWN)
    clicks: list[Clicked] = Field(min_length=1, max_length=MAX_CLICKS)

    @field_validator("shown")
    @classmethod
    def _once(cls, shown: list[Shown]) -> list[Shown]:
        if len({one.segment for one in shown}) < len(shown):
            raise ValueError("a segment must be there once")
        return sorted(shown, key=lambda one: one.segment)


def read_clicks(value: dict[str, Any]) -> ClicksRequest:
    """Checks a request; see `read_form`.

    Raises:
        ApiError: 400; names the field.
    """
    return read_form(ClicksRequest, value)


class LiveHeads:
    """The live heads of a server's clients, read when they are first needed."""

    def __init__(self) -> None:
        self._heads: dict[str | None, LiveSession] = {}

    def over(self, policy: Policy, key: str | None) -> LivePolicy:
        """The policy, saying what the holder of a key prefers."""
        return LivePolicy(policy, self._of(key))

    async def take(self, request: ClicksRequest, session: Session, key: str | None) -> dict[str, Any]:
        """Learns from clicks.

        Args:
            request: the clicks.
            session: the client's conversation.
            key: the client's.

        Returns:
            What it is told.

        Raises:
            ApiError: 404, it has no such conversation, or no such reply is in it; 400, the reply has no such segment.
        """
        reply = reply_of(await session.entries(), request.message_id)
        if not reply:
            raise ApiError(
                404,
                "There is no such reply in a conversation of this key.",
                param="message_id",
                code="message_not_found",
            )
        pieces = cut_reply(reply)
        if request.shown[-1].segment >= len(pieces):
            raise invalid(f"The reply has the segments 0 to {len(pieces) - 1}.", "shown")
        segments = [Segment(request.message_id, one.segment, one.on, one.off) for one in request.shown]
        clicks = [Click(one.time, one.value, _rater(key)) for one in request.clicks]
        live = self._of(key)
        kept = session.id if request.consent else None
        learned = await asyncio.to_thread(live.learn, clicks, segments, pieces, session=kept)
        return {**self.told(key), "learned": learned}

    async def undo(self, key: str | None) -> dict[str, Any]:
        """Takes a client's last click back, and says whether there was one."""
        undone = await asyncio.to_thread(self._of(key).undo)
        return {**self.told(key), "undone": undone}

    def told(self, key: str | None) -> dict[str, Any]:
        """What a client's head has learned."""
        live = self._of(key)
        return {
            "object": "live",
            "clicks": live.clicks,
            "lag": live.delay.lag,
            "leanings": [
                {"name": one.name, "weight": one.weight, "uncertainty": one.uncertainty} for one in live.leanings()
            ],
        }

    def _of(self, key: str | None) -> LiveSession:
        if key not in self._heads:
            self._heads[key] = LiveSession(_rater(key))
        return self._heads[key]


def _rater(key: str | None) -> str:
    # Apart from the people of this machine, who may have the same names.
    return f"human:api:{key or 'anybody'}"
