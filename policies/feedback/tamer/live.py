"""What one person's clicks have taught, kept from one conversation to the next.

It belongs to its owner: it changes which replies that person is given and nobody else's. Others get what it has learned
only through training on kept clicks, and the gate.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import random
import re
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ....tools import ConfigError
from ....tools.locations import data_dir
from ...engines.messages import Message
from ..journal import Journal
from ..json_lines import check_keys
from .clicks import Click, Segment
from .combining import Combining, action_biased, control_shared
from .credit import Delay
from .head import staleness
from .learning import SeenClick, delay_of, head_of, refits, seen_click, teach
from .piece_features import ALWAYS, SURFACE_OF_PIECES, Features
from .records import ClickLog, records_of
from .segments import Piece

_HEADER = ("owner", "features")
_SURE_ENOUGH = 0.5
_NO_SPREAD = 1e-9  # replies that differ by rounding alone are equals


@dataclasses.dataclass(frozen=True, slots=True)
class Leaning:
    """How much an owner likes a feature.

    Args:
        name: of the feature.
        weight: expected click for one unit of it.
        uncertainty: standard deviation of that.
    """

    name: str
    weight: float
    uncertainty: float


class LiveSession:
    """The live head of one owner. Several threads may teach it at once.

    Args:
        owner: whose clicks these are; any text. Their files are named after it.
        folder: of all owners; `live` in the data folder by default.
        scale: how much the head counts beside a reward model where it is sure: 1 lets both count alike.
        features: what the head sees of replies.
        combining: how the head counts beside a reward model: by `action-biasing`, or by `control-sharing`, where it
            decides alone with the probability scale · u and not at all else.

    Raises:
        ConfigError: the owner has no name, or their file cannot be read.
    """

    def __init__(
        self,
        owner: str,
        *,
        folder: Path | None = None,
        scale: float = 1.0,
        features: Features = SURFACE_OF_PIECES,
        combining: Combining = "action-biasing",
    ) -> None:
        if not owner.strip():
            raise ConfigError("live reward needs an owner; the name is empty.")
        self.owner = owner
        self.scale = scale
        self.on = True
        self.combining: Combining = combining
        self._random = random.Random()
        self.features = features
        self.folder = (folder or data_dir() / "live") / owner_folder(owner)
        self.log = ClickLog(self.folder / "clicks.jsonl")
        self._journal = Journal(self.folder / "head.jsonl")
        self._stamp = self._journal.stamp()
        self._take(self._read())

    @property
    def clicks(self) -> int:
        """How many it has learned from."""
        return len(self._clicks)

    @property
    def delay(self) -> Delay:
        """Between seeing and clicking; its lag is fitted once there are enough clicks."""
        return self._delay

    @property
    def weights(self) -> np.ndarray:
        """Expected click for one unit of each feature, `(features,)`."""
        return self._head.weights

    def learn(
        self,
        clicks: Sequence[Click],
        segments: Sequence[Segment],
        pieces: Sequence[Piece],
        *,
        session: str | None = None,
        logprob: float | None = None,
    ) -> int:
        """Learns from the clicks on one reply, and keeps what it has learned.

        Args:
            clicks: on the clock of the segments.
            segments: when pieces of the reply were shown.
            pieces: all pieces of the reply.
            session: the name of a conversation that is kept: the clicks go into `log` as well, to be trained on.
            logprob: of the reply under the policy that said it, the mean over its tokens in nats, where it is known.

        Returns:
            How many it has learned from: a click before anything was shown says nothing.

        Raises:
            ConfigError: it cannot be written.
        """
        rows = self.features.of(pieces)
        found = [seen_click(click, segments, rows, logprob=logprob) for click in clicks]
        new = [one for one in found if one is not None]
        if not new:
            return 0
        with self._synced():
            fresh = self._journal.stamp() is None
            lines: list[dict[str, Any]] = [self._header()] if fresh else []
            for one in new:
                self._add(one)
                lines.append({**one.to_dict(self._delay), "session": session})
                self._sessions.append(session)
            self._journal.append(lines)
            if session is not None:
                self.log.append(
                    record for one in new for record in records_of(session, one.click, one.segments, one.logprob)
                )
        return len(new)

    def undo(self) -> bool:
        """Takes the last click back; everything is as it was before it, to the last bit.

        Returns:
            Whether there was one.
        """
        with self._synced():
            if not self._clicks:
                return False
            last, session = self._clicks[-1], self._sessions[-1]
            if session is not None:
                self.log.take_back(records_of(session, last.click, last.segments, last.logprob))
            self._take(list(zip(self._clicks[:-1], self._sessions[:-1], strict=True)))
            self._write()
        return True

    def reset(self) -> None:
        """Forgets everything. Clicks that were kept to train on stay kept."""
        with self._synced():
            self._take([])
            self._write()

    def refresh(self, logprobs: Mapping[str, float]) -> int:
        """Weighs clicks anew after the policy has changed: those on what it would hardly say any more count less.

        Args:
            logprobs: of replies under the policy as it is now, means over their tokens in nats, by `message_id`.

        Returns:
            How many clicks were weighed: those on these replies whose log-probability then is known.
        """
        with self._synced():
            weighed = 0
            kept: list[tuple[SeenClick, str | None]] = []
            for one, session in zip(self._clicks, self._sessions, strict=True):
                now = logprobs.get(one.segments[0].message_id)
                if now is not None and one.logprob is not None:
                    weighed += 1
                    kept.append((dataclasses.replace(one, weight=staleness(now, one.logprob)), session))
                else:
                    kept.append((one, session))
            if weighed:
                self._take(kept)
                self._write()
        return weighed

    def prefer(self, replies: Sequence[Sequence[Message]], rewards: Sequence[float] | None = None) -> int:
        """Which of several replies is said, by action biasing (Knox and Stone 2012): z(rewards) + scale · u · z(head).

        u is how much of what the head says of these replies is more than its own uncertainty. `combining` may name
        control sharing instead.

        Args:
            replies: the messages of each, to one prompt.
            rewards: of each by a reward model. Where there is none, action biasing lets the head decide alone, once
                what it says of these replies is more signal than noise; until then the first is said.

        Returns:
            Its index; of equals the first.
        """
        base = np.zeros(len(replies)) if rewards is None else np.array(rewards, dtype=float)
        seen = np.stack([self.features.of_reply(reply) for reply in replies])
        apart = seen - seen.mean(axis=0)
        live = self._head.reward(apart)
        spread = float(live.std())
        trust = self._trust(apart) if self.on and spread > _NO_SPREAD else 0.0
        if self.combining == "control-sharing":
            return control_shared(base, live, min(1.0, self.scale * trust), self._random.random())
        if rewards is None and trust < _SURE_ENOUGH:
            return 0
        return action_biased(base, trust * live / (spread or 1.0), self.scale)

    def leanings(self) -> list[Leaning]:
        """What the owner likes and does not, the largest first; features that no click was about are left out."""
        unsure = self._head.uncertainty(np.eye(len(self.features.names)))
        found = [
            Leaning(name, float(weight), float(sigma))
            for name, weight, sigma in zip(self.features.names, self.weights, unsure, strict=True)
            if name != ALWAYS and abs(weight) > 1e-9
        ]
        return sorted(found, key=lambda one: -abs(one.weight))

    def _trust(self, apart: np.ndarray) -> float:
        """The share of what the head says of differences between replies that is no noise, in [0, 1]."""
        signal = float(np.mean(self._head.reward(apart) ** 2))
        noise = float(np.mean(self._head.uncertainty(apart) ** 2))
        return signal / (signal + noise)  # never 0 / 0: a head is never quite sure of what differs

    def _add(self, click: SeenClick) -> None:
        self._clicks.append(click)
        if refits(len(self._clicks)):
            self._delay = delay_of(self._clicks)
            self._head = head_of(self._clicks, self._delay, len(self.features.names))
        else:
            teach(self._head, click, self._delay)

    def _take(self, kept: Sequence[tuple[SeenClick, str | None]]) -> None:
        self._clicks = [one for one, _ in kept]
        self._sessions = [session for _, session in kept]
        self._delay = delay_of(self._clicks)
        self._head = head_of(self._clicks, self._delay, len(self.features.names))

    @contextlib.contextmanager
    def _synced(self) -> Generator[None]:
        """While nobody else writes, and with what others have written since."""
        with self._journal.locked():
            if self._journal.stamp() != self._stamp:
                self._take(self._read())
            try:
                yield
            except BaseException:
                self._stamp = self._journal.stamp()
                self._take(self._read())  # nothing is learned that could not be kept
                raise
            self._stamp = self._journal.stamp()

    def _header(self) -> dict[str, Any]:
        return {"owner": self.owner, "features": list(self.features.names)}

    def _write(self) -> None:
        clicks = zip(self._clicks, self._sessions, strict=True)
        lines = [{**one.to_dict(self._delay), "session": session} for one, session in clicks]
        self._journal.replace([self._header(), *lines])

    def _read(self) -> list[tuple[SeenClick, str | None]]:
        lines = self._journal.read(lambda _, value: value)
        if not lines:
            return []
        header, *rest = lines
        check_keys(header, _HEADER, _HEADER, what=f"the first line of {self._journal.path}")
        if header["features"] != list(self.features.names):
            raise ConfigError(
                f"{self._journal.path} was learned with other features than this version has; move the file away to "
                "begin anew."
            )
        kept: list[tuple[SeenClick, str | None]] = []
        for number, line in enumerate(rest, 2):
            session = line.pop("session", None)
            try:
                kept.append((SeenClick.from_dict(line, len(self.features.names)), session))
            except ConfigError as error:
                raise ConfigError(f"{self._journal.path}: line {number}: {error}") from None
        return kept


def owner_folder(owner: str) -> str:
    """The name of an owner's folder: no path, whatever the owner is called, and another for every owner."""
    readable = re.sub(r"[^a-z0-9_-]+", "-", owner.lower()).strip("-")[:40]
    return f"{readable}-{hashlib.sha256(owner.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
