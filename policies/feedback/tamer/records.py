"""Live clicks as they are kept to train on: on which piece of which reply, and when.

A click is written once for each piece that it can have been about, so that its credits can be computed again with
another delay: lines of one reply with one `click_time` are one click. What was taken back stays in the file, with a
line that says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from ....tools import ConfigError
from ..journal import Journal
from ..json_lines import check_keys, shown
from .clicks import Click, Segment

SECONDS_SEEN = 4.0  # a piece that was left longer ago is not what a click is about

_HUMAN = re.compile(r"human:[^\s\x00-\x1f]([^\x00-\x1f]{0,198}[^\s\x00-\x1f])?")
_TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class LiveClick:
    """A click, and a piece that it can have been about.

    Args:
        session: the conversation's name.
        message_id: of the reply's last message in it.
        segment: the piece's number in the reply, see `cut_reply`.
        shown_on, shown_off: seconds, on the clock of the click, from when until when the piece was the newest.
        click_time: seconds.
        value: 1 or −1.
        rater: who clicked: `human:NAME`.
        logprob: of the reply under the policy that said it, the mean over its tokens in nats; `None` where it is not
            known.

    Raises:
        ConfigError: an argument is wrong.
    """

    session: str
    message_id: str
    segment: int
    shown_on: float
    shown_off: float
    click_time: float
    value: Literal[-1, 1]
    rater: str
    logprob: float | None = None

    def __post_init__(self) -> None:
        for name in ("session", "message_id"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise ConfigError(f"a live click's {name} must be text that is not empty, got {shown(value)}.")
        if isinstance(self.segment, bool) or not isinstance(self.segment, int) or self.segment < 0:
            raise ConfigError(
                f"a live click's segment must be a whole number of at least 0, got {shown(self.segment)}."
            )
        for name in ("shown_on", "shown_off", "click_time"):
            object.__setattr__(self, name, _number(getattr(self, name), name, "a number of seconds"))
        if isinstance(self.value, bool) or self.value not in (-1, 1):
            raise ConfigError(f"a live click's value must be 1 or -1, got {shown(self.value)}.")
        object.__setattr__(self, "value", int(self.value))
        if not isinstance(self.rater, str) or not _HUMAN.fullmatch(self.rater):
            raise ConfigError(f"a live click's rater must be human:NAME, got {shown(self.rater)}.")
        Segment(self.message_id, self.segment, self.shown_on, self.shown_off)
        if self.logprob is not None:
            object.__setattr__(self, "logprob", _number(self.logprob, "logprob", "a number of nats or null"))

    @property
    def shown(self) -> Segment:
        """The piece and when it was shown."""
        return Segment(self.message_id, self.segment, self.shown_on, self.shown_off)

    @property
    def click(self) -> Click:
        """The click."""
        return Click(self.click_time, self.value, self.rater)

    def to_dict(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_dict(cls, value: Any) -> LiveClick:
        """Reads the record.

        Raises:
            ConfigError: it is wrong; names the key.
        """
        if not isinstance(value, dict):
            raise ConfigError(f"a live click must be an object, got {shown(value)}.")
        names = [field.name for field in fields(cls)]
        check_keys(value, names, names, what="a live click")
        return cls(**value)


class ClickLog:
    """A file of live clicks. It only grows.

    Args:
        path: need not be there.
    """

    def __init__(self, path: str | Path) -> None:
        self._journal = Journal(Path(path).expanduser())

    def append(self, clicks: Iterable[LiveClick]) -> None:
        """Writes clicks.

        Raises:
            ConfigError: the file cannot be written.
        """
        self._journal.append([click.to_dict() for click in clicks])

    def take_back(self, clicks: Iterable[LiveClick]) -> None:
        """Says that clicks which were written do not count.

        Raises:
            ConfigError: the file cannot be written.
        """
        self._journal.append([{_TAKEN_BACK: click.to_dict()} for click in clicks])

    def read(self) -> list[LiveClick]:
        """The clicks that count, in their order; none where there is no file.

        Raises:
            ConfigError: the file cannot be read, or lines in it are wrong; names them.
        """
        found: dict[LiveClick, None] = {}
        for click, counts in self._journal.read(lambda _, value: _read(value)):
            if counts:
                found[click] = None
            else:
                found.pop(click, None)
        return list(found)


def records_of(
    session: str, click: Click, segments: Sequence[Segment], logprob: float | None = None
) -> list[LiveClick]:
    """A click as it is kept: one record for each segment that it can have been about."""
    value, rater = click.value, click.rater
    return [
        LiveClick(session, one.message_id, one.number, one.shown_on, one.shown_off, click.time, value, rater, logprob)
        for one in about(click.time, segments)
    ]


def about(time: float, segments: Sequence[Segment]) -> list[Segment]:
    """The segments that a click at a time can have been about: shown before it, and not left too long ago."""
    return [one for one in segments if one.shown_on < time < one.shown_off + SECONDS_SEEN]


def _read(value: dict[str, Any]) -> tuple[LiveClick, bool]:
    if _TAKEN_BACK in value:
        return LiveClick.from_dict(value[_TAKEN_BACK]), False
    return LiveClick.from_dict(value), True


def _number(value: Any, name: str, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"a live click's {name} must be {what}, got {shown(value)}.")
    return float(value)
