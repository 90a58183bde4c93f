"""What a person saw and when they clicked: the records that live rewards are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ....tools import ConfigError


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a reply and when it was on the screen.

    Args:
        message_id: of the reply.
        number: of the piece in it, from 0.
        shown_on: seconds, on the clock of the clicks, when it appeared.
        shown_off: when the next piece appeared, or the reply was left; after `shown_on`.
    """

    message_id: str
    number: int
    shown_on: float
    shown_off: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.shown_on) and math.isfinite(self.shown_off)) or self.shown_off <= self.shown_on:
            raise ConfigError(f"a segment must be shown for some time, got {self.shown_on} to {self.shown_off}.")


@dataclass(frozen=True, slots=True)
class Click:
    """A + or −.

    Args:
        time: seconds, on the clock of the segments.
        value: 1 or −1.
        rater: who clicked: `human:NAME`.
    """

    time: float
    value: Literal[-1, 1]
    rater: str

    def __post_init__(self) -> None:
        if not math.isfinite(self.time):
            raise ConfigError(f"a click's time must be a number of seconds, got {self.time}.")
        if self.value not in (-1, 1):
            raise ConfigError(f"a click is 1 or -1, got {self.value!r}.")
