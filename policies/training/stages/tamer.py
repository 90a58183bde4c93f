"""The stage `tamer`: live clicks become a head that rewards replies (Knox and Stone 2009; TAMER+RL, 2010)."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ....agent import SessionStore
from ....tools import ConfigError, TrainingError
from ...engines.messages import Message
from ...feedback.message_lists import is_users
from ...feedback.tamer.learning import FittedHead, head_from_clicks
from ...feedback.tamer.piece_features import SURFACE_OF_PIECES
from ...feedback.tamer.records import ClickLog, LiveClick
from ..recipe import TamerStage
from ..rows import write_rows
from .context import Context, Outcome

HEAD = "live_head.json"
FOLDS = 5
SHOWN = 5


def run_tamer(context: Context, stage: TamerStage) -> Outcome:
    """Leaves `live_head.json`, which `rl` takes as the reward `live`.

    Raises:
        ConfigError: there are no clicks, or the conversations cannot be read.
        TrainingError: none of the clicks is on a reply that is still there.
    """
    records = [record for path in stage.clicks for record in ClickLog(path).read()]
    if not records:
        raise ConfigError(f"stage {context.name}: there are no live clicks in {', '.join(stage.clicks)}.")
    replies = asyncio.run(_replies(stage.sessions, {record.session for record in records}))
    found = head_from_clicks(records, replies)
    if not found.head.clicks:
        raise TrainingError(
            f"stage {context.name}: none of the {found.left_out} clicks is on a reply in {stage.sessions}."
        )
    write_rows(context.folder / "clicks.jsonl", [record.to_dict() for record in records])
    weights = dict(zip(found.features.names, found.head.weights.tolist(), strict=True))
    told = {"weights": weights, "delay": asdict(found.delay), "clicks": found.head.clicks}
    (context.folder / HEAD).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    right, of = _agreement(records, replies)
    largest = sorted(weights.items(), key=lambda item: -abs(item[1]))[:SHOWN]
    return Outcome(
        {
            "clicks": found.head.clicks,
            "left_out": found.left_out,
            "lag": found.delay.lag,
            "largest": {name: round(weight, 4) for name, weight in largest},
            "held_out_agreement": round(right / of, 4) if of else None,
            "held_out_replies": of,
        }
    )


class LiveReward:
    """The reward `live`: what the head expects people to click on a reply, the mean over its pieces.

    Args:
        file: a stage's `live_head.json`.

    Raises:
        ConfigError: the head saw other features than there are now.
    """

    def __init__(self, file: Path) -> None:
        weights = json.loads(file.read_text(encoding="utf-8"))["weights"]
        if tuple(weights) != tuple(SURFACE_OF_PIECES.names):
            raise ConfigError(f"{file} was made for other features of replies; run the stage tamer again.")
        self._weights = np.array(list(weights.values()))

    def score(self, replies: Sequence[Sequence[Message]]) -> list[float]:
        """The reward of each reply."""
        return [float(SURFACE_OF_PIECES.of_reply(reply) @ self._weights) for reply in replies]


async def _replies(path: str, sessions: set[str]) -> dict[str, tuple[Message, ...]]:
    """Every turn of these conversations by the id of its last message, in all branches."""
    store = SessionStore(path)
    found: dict[str, tuple[Message, ...]] = {}
    for session in sorted(sessions):
        entries = {entry.id: entry for entry in await store.session(session).entries()}
        for entry in entries.values():
            turn: list[Message] = []
            here = entry
            while not is_users(here.message) and here.message.role != "system":
                turn.append(here.message)
                if here.parent_id is None:
                    break
                here = entries[here.parent_id]
            if turn:
                found[entry.id] = tuple(reversed(turn))
    return found


def _agreement(records: Sequence[LiveClick], replies: Mapping[str, Sequence[Message]]) -> tuple[int, int]:
    """On how many replies a head that has not seen their clicks says what most of them said; and of how many."""
    clicks: dict[str, set[tuple[float, int]]] = {}
    for record in records:
        clicks.setdefault(record.message_id, set()).add((record.click_time, record.value))
    right = of = 0
    for number in range(FOLDS):
        inside = {name for name in clicks if hashlib.sha256(name.encode()).digest()[0] % FOLDS == number}
        learned = [record for record in records if record.message_id not in inside]
        fitted: FittedHead = head_from_clicks(learned, replies)
        for name in sorted(inside & set(replies)):
            wanted = Counter(value for _, value in clicks[name])
            if wanted[1] != wanted[-1] and fitted.head.clicks:
                of += 1
                right += (fitted.rewards([replies[name]])[0] > 0) == (wanted[1] > wanted[-1])
    return right, of
