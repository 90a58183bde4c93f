"""The stage `tamer`: live clicks become a head that rewards replies (Knox and Stone 2009; TAMER+RL, 2010)."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from ....agent import SessionStore
from ....tools import ConfigError, TrainingError
from ...engines.messages import Message
from ...feedback.message_lists import is_users
from ...feedback.tamer.head import staleness
from ...feedback.tamer.learning import FittedHead, head_from_clicks
from ...feedback.tamer.records import ClickLog, LiveClick
from ..recipe import TamerStage
from ..rows import write_rows
from .agents import schemas_of, system_message
from .arguments import set_threads
from .context import Context, Outcome
from .live_reward import HEAD
from .states import mean_logprobs

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
    turns = asyncio.run(_turns(stage.sessions, {record.session for record in records}))
    replies = {name: turn for name, (_, turn) in turns.items()}
    fresh = _freshness(context, records, turns)
    found = head_from_clicks(records, replies, weights=fresh)
    if not found.head.clicks:
        raise TrainingError(
            f"stage {context.name}: none of the {found.left_out} clicks is on a reply in {stage.sessions}."
        )
    write_rows(context.folder / "clicks.jsonl", [record.to_dict() for record in records])
    weights = dict(zip(found.features.names, found.head.weights.tolist(), strict=True))
    told = {"weights": weights, "delay": asdict(found.delay), "clicks": found.head.clicks}
    (context.folder / HEAD).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    right, of = _agreement(records, replies, fresh)
    largest = sorted(weights.items(), key=lambda item: -abs(item[1]))[:SHOWN]
    return Outcome(
        {
            "clicks": found.head.clicks,
            "left_out": found.left_out,
            "lag": found.delay.lag,
            "mean_freshness": round(sum(fresh.values()) / len(fresh), 4) if fresh else None,
            "largest": {name: round(weight, 4) for name, weight in largest},
            "held_out_agreement": round(right / of, 4) if of else None,
            "held_out_replies": of,
        }
    )


def _freshness(
    context: Context, records: Sequence[LiveClick], turns: Mapping[str, tuple[list[Message], tuple[Message, ...]]]
) -> dict[str, float]:
    """How much clicks on a reply still count for the policy as it now is; see `staleness`.

    Of replies whose log-probability was kept with the clicks. The prompt is what the recipe's agent would send, which
    comes close to what was sent where the chat had other instructions or tools.
    """
    then = {record.message_id: record.logprob for record in records if record.logprob is not None}
    asked = {name: turns[name] for name in then if name in turns}
    if not asked:
        return {}
    set_threads(context)
    opening = system_message(context.recipe)
    system = [Message("system", opening)] if opening else []
    conversations = [([*system, *before], turn) for before, turn in asked.values()]
    now = mean_logprobs(context.policy, conversations, schemas_of(context.recipe))
    known = {name: value for name, value in zip(asked, now, strict=True) if value is not None}
    return {name: staleness(value, then[name]) for name, value in known.items()}


async def _turns(path: str, sessions: set[str]) -> dict[str, tuple[list[Message], tuple[Message, ...]]]:
    """What stands before every turn of these conversations, and the turn, by the id of its last message."""
    store = SessionStore(path)
    found: dict[str, tuple[list[Message], tuple[Message, ...]]] = {}
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
                before = [] if turn[-1] is here.message else [here.message]
                while before and here.parent_id is not None:
                    here = entries[here.parent_id]
                    before.append(here.message)
                found[entry.id] = list(reversed(before)), tuple(reversed(turn))
    return found


def _agreement(
    records: Sequence[LiveClick], replies: Mapping[str, Sequence[Message]], fresh: Mapping[str, float]
) -> tuple[int, int]:
    """On how many replies a head that has not seen their clicks says what most of them said; and of how many."""
    clicks: dict[str, set[tuple[float, int]]] = {}
    for record in records:
        clicks.setdefault(record.message_id, set()).add((record.click_time, record.value))
    right = of = 0
    for number in range(FOLDS):
        inside = {name for name in clicks if hashlib.sha256(name.encode()).digest()[0] % FOLDS == number}
        learned = [record for record in records if record.message_id not in inside]
        fitted: FittedHead = head_from_clicks(learned, replies, weights=fresh)
        for name in sorted(inside & set(replies)):
            wanted = Counter(value for _, value in clicks[name])
            if wanted[1] != wanted[-1] and fitted.head.clicks:
                of += 1
                right += (fitted.rewards([replies[name]])[0] > 0) == (wanted[1] > wanted[-1])
    return right, of
