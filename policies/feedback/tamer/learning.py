"""From clicks to a head: what is kept of each click, and the head and the delay that follow from all of them.

The head is a function of the list of clicks and of nothing else, so it can be made again, bit for bit, after a click is
taken back or a program is started anew.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....tools import ConfigError
from ...engines.messages import Message
from ..json_lines import check_keys, shown
from .clicks import Click, Segment
from .credit import CLICK_DELAY, Delay, credits, fit_lag
from .head import LiveHead
from .piece_features import SURFACE_OF_PIECES, Features
from .records import LiveClick, about
from .segments import cut_reply

ENOUGH_FOR_LAG = 24  # clicks
_REFIT_EVERY = 8
_RECENT = 200


@dataclass(frozen=True, eq=False)
class SeenClick:
    """A click, and the pieces of a reply that it can have been about.

    Args:
        click: when it came, and what it was.
        segments: the pieces, by when they were shown.
        features: `(segments, features)`.
        weight: how fresh it is, in [0, 1].
        logprob: mean over the reply's tokens, in nats, under the policy that said it; `None` where it is not known.
    """

    click: Click
    segments: tuple[Segment, ...]
    features: np.ndarray
    weight: float = 1.0
    logprob: float | None = None

    def credits(self, delay: Delay) -> np.ndarray:
        """How much of the click each segment gets, `(segments,)`."""
        return credits(self.click.time, self.segments, delay)

    def to_dict(self, delay: Delay) -> dict[str, Any]:
        return {
            "time": self.click.time,
            "value": self.click.value,
            "rater": self.click.rater,
            "message_id": self.segments[0].message_id,
            "shown": [[one.number, one.shown_on, one.shown_off] for one in self.segments],
            "features": self.features.tolist(),
            "credits": self.credits(delay).tolist(),
            "weight": self.weight,
            "logprob": self.logprob,
        }

    @classmethod
    def from_dict(cls, value: Any, features: int) -> SeenClick:
        """Reads what `to_dict` has written; the credits in it are for people to read.

        Raises:
            ConfigError: it is wrong.
        """
        if not isinstance(value, dict):
            raise ConfigError(f"a click must be an object, got {shown(value)}.")
        check_keys(value, _KEYS, _KEYS, what="a click")
        try:
            click = Click(float(value["time"]), value["value"], str(value["rater"]))
            message_id = str(value["message_id"])
            segments = tuple(Segment(message_id, int(at), float(on), float(off)) for at, on, off in value["shown"])
            seen = np.array(value["features"], dtype=float)
            weight = float(value["weight"])
            logprob = None if value["logprob"] is None else float(value["logprob"])
        except (TypeError, ValueError):
            raise ConfigError(f"a click must hold numbers as they were written, got {shown(value)}.") from None
        if not segments or seen.shape != (len(segments), features) or not np.isfinite(seen).all():
            raise ConfigError(f"a click must hold {features} features of each segment, got {shown(value['features'])}.")
        if not 0 <= weight <= 1:
            raise ConfigError(f"a click's weight must lie in 0..1, got {weight}.")
        return cls(click, segments, seen, weight, logprob)


_KEYS = ("time", "value", "rater", "message_id", "shown", "features", "credits", "weight", "logprob")


def seen_click(
    click: Click, segments: Sequence[Segment], features: np.ndarray, *, logprob: float | None = None
) -> SeenClick | None:
    """A click with what it can have been about; `None` where nothing was to be seen yet.

    Args:
        click: the click.
        segments: of the reply, any of them.
        features: `(pieces, features)` of all pieces of the reply.
        logprob: see `SeenClick`.
    """
    meant = tuple(about(click.time, segments))
    return SeenClick(click, meant, features[[one.number for one in meant]], logprob=logprob) if meant else None


def delay_of(clicks: Sequence[SeenClick]) -> Delay:
    """The delay with the lag that explains the latest clicks best, once there are enough of them."""
    counted = len(clicks) // _REFIT_EVERY * _REFIT_EVERY
    if counted < ENOUGH_FOR_LAG:
        return CLICK_DELAY
    return fit_lag([([one.click], one.segments, one.features) for one in clicks[max(0, counted - _RECENT) : counted]])


def refits(count: int) -> bool:
    """Whether the lag is fitted again at this many clicks."""
    return count >= ENOUGH_FOR_LAG and count % _REFIT_EVERY == 0


def head_of(clicks: Sequence[SeenClick], delay: Delay, features: int) -> LiveHead:
    """The head that has learned from these clicks, in their order."""
    head = LiveHead(features)
    for one in clicks:
        teach(head, one, delay)
    return head


def teach(head: LiveHead, click: SeenClick, delay: Delay) -> None:
    """Learns from one more click."""
    head.learn(click.credits(delay) @ click.features, click.click.value, click.weight)


@dataclass(frozen=True, eq=False)
class FittedHead:
    """What stored clicks say.

    Args:
        head: the head; `head.clicks` says of how many.
        delay: between seeing and clicking, by which the credits were given.
        features: what the head sees of replies.
        left_out: clicks on replies whose text is not there, or is not cut as it was when it was shown.
    """

    head: LiveHead
    delay: Delay
    features: Features
    left_out: int

    def rewards(self, replies: Sequence[Sequence[Message]]) -> np.ndarray:
        """Expected click on each reply, the mean over its pieces, `(replies,)`."""
        return self.head.reward(np.stack([self.features.of_reply(reply) for reply in replies]))


def head_from_clicks(
    records: Sequence[LiveClick],
    replies: Mapping[str, Sequence[Message]],
    *,
    features: Features = SURFACE_OF_PIECES,
    weights: Mapping[str, float] | None = None,
) -> FittedHead:
    """The head that stored clicks give, to train with.

    Args:
        records: of any number of conversations, as `ClickLog.read` returns them.
        replies: the messages of each reply by the `message_id` of its clicks.
        features: what the head sees of replies.
        weights: how fresh the clicks on a reply are, by `message_id`, in [0, 1] (`staleness`); 1 by default.
    """
    by_click: dict[tuple[str, str, float, int, str], list[LiveClick]] = {}
    for record in records:
        key = (record.session, record.message_id, record.click_time, record.value, record.rater)
        by_click.setdefault(key, []).append(record)
    seen: dict[str, np.ndarray] = {}
    clicks: list[SeenClick] = []
    for (_, message_id, *_), parts in by_click.items():
        if message_id not in seen:
            seen[message_id] = features.of(cut_reply(replies.get(message_id, ())))
        numbers = [part.segment for part in parts]
        if max(numbers) < len(seen[message_id]):
            segments = tuple(part.shown for part in parts)
            click = SeenClick(parts[0].click, segments, seen[message_id][numbers], logprob=parts[0].logprob)
            clicks.append(dataclasses.replace(click, weight=(weights or {}).get(message_id, 1.0)))
    delay = delay_of(clicks)
    head = head_of(clicks, delay, len(features.names))
    return FittedHead(head, delay, features, len(by_click) - len(clicks))
