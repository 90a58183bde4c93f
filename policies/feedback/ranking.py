"""A ranking: one prompt, K replies and who put them in which order. The one record for every kind of feedback.

The record as JSON stands in DESIGN.md. A ranking is checked when it is made, be it from a file or in a program.
"""

from __future__ import annotations

import hashlib
import json
import math
import numbers
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import combinations
from typing import Any, TypeVar

from ...tools import ConfigError
from ..engines.messages import Message
from .json_lines import check_keys, shown
from .message_lists import check_prompt, check_reply, is_users, read_messages, read_tools

T = TypeVar("T")
MIN_REPLIES, MAX_REPLIES = 2, 9
_RATER = re.compile(r"(human|ai|rule):[^\s\x00-\x1f]([^\x00-\x1f]{0,198}[^\s\x00-\x1f])?")


@dataclass(frozen=True)
class Pair:
    """What a judge said of two replies when it was asked in both orders.

    Args:
        i: index of one reply.
        j: index of the other.
        p_ij: probability that reply i is better, asked with i first.
        p_ji: probability that reply j is better, asked with j first.
        principle: by which principle it judged; `None` for none in particular.
        accepted: whether this label may be trained on.
    """

    i: int
    j: int
    p_ij: float
    p_ji: float
    principle: str | None
    accepted: bool

    def __post_init__(self) -> None:
        for name in ("i", "j"):
            object.__setattr__(self, name, _whole(getattr(self, name), f"a pair's {name}", least=0))
        if self.i == self.j:
            raise ConfigError(f"a pair must be of two replies, got i = j = {self.i}.")
        for name in ("p_ij", "p_ji"):
            value = _number(getattr(self, name), f"a pair's {name}")
            if not 0 <= value <= 1:
                raise ConfigError(f"a pair's {name} must lie in 0..1, got {value}.")
            object.__setattr__(self, name, value)
        if self.principle is not None and not isinstance(self.principle, str):
            raise ConfigError(f"a pair's principle must be text or null, got {shown(self.principle)}.")
        if not isinstance(self.accepted, bool):
            raise ConfigError(f"a pair's accepted must be true or false, got {shown(self.accepted)}.")

    @property
    def p(self) -> float:
        """Probability that reply i is better: the mean over both orders, which cancels a liking for the first."""
        return (self.p_ij + 1 - self.p_ji) / 2

    @property
    def flips(self) -> bool:
        """Whether the two orders contradict each other: in both, the reply that came first is preferred, or last."""
        return (self.p_ij - 0.5) * (self.p_ji - 0.5) > 0

    def to_dict(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_dict(cls, value: Any) -> Pair:
        if not isinstance(value, dict):
            raise ConfigError(f"a pair must be an object, got {shown(value)}.")
        names = [field.name for field in fields(cls)]
        check_keys(value, names, names, what="a pair")
        return cls(**value)


@dataclass(frozen=True)
class Comparison:
    """Two replies of a ranking.

    Args:
        i: index of one reply.
        j: index of the other, greater than i.
        target: probability that reply i is better.
        weight: of this pair in the loss; those of one ranking sum to at most weight × confidence of the ranking.
    """

    i: int
    j: int
    target: float
    weight: float


@dataclass(frozen=True)
class Ranking:
    """K replies to one prompt, in order.

    Args:
        id: names the ranking.
        prompt: the conversation so far; the user spoke last. With a system message only where it is not the agent's.
        replies: K of them, 2 to 9, each with its calls and results, the answer last.
        ranks: of each reply; 1 is best, equal ranks are ties. There is a rank 1 and none above K; gaps mean nothing.
        rater: `human:NAME` (a person ranked it, nothing else), `ai:JUDGE` or `rule:VERIFIER`.
        confidence: of the rater, in (0, 1].
        pairs: what an AI judge said of each two replies.
        weight: of the ranking in the loss; 0 switches it off.
        all_bad: the rater found none of the replies good. The ranks hold all the same.
        comment: of the rater.
        consent: whether the rater agreed that it is trained on.
        policy: what the replies are from: a policy's reference or the hash of its weights.
        created: when it was ranked, ISO 8601.
        tools: schemas of the tools that were offered, in the OpenAI form.

    Raises:
        ConfigError: an argument is wrong, or identical replies have different ranks.
    """

    id: str
    prompt: tuple[Message, ...]
    replies: tuple[tuple[Message, ...], ...]
    ranks: tuple[int, ...]
    rater: str
    confidence: float = 1.0
    pairs: tuple[Pair, ...] = ()
    weight: float = 1.0
    all_bad: bool = False
    comment: str | None = None
    consent: bool = True
    policy: str | None = None
    created: str | None = None
    tools: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        self._set("prompt", tuple(self.prompt))
        self._set("replies", tuple(tuple(reply) for reply in self.replies))
        self._set("tools", read_tools(self.tools, "tools"))
        self._check_texts()
        self._check_replies()
        self._set("ranks", self._checked_ranks())
        self._set("confidence", _number(self.confidence, "confidence"))
        self._set("weight", _number(self.weight, "weight"))
        if not 0 < self.confidence <= 1:
            raise ConfigError(f"confidence must lie above 0 and at most at 1, got {self.confidence}.")
        if self.weight < 0:
            raise ConfigError(f"weight must not be negative, got {self.weight}; 0 switches a ranking off.")
        self._set("pairs", self._checked_pairs())

    def comparisons(self) -> list[Comparison]:
        """Each two replies once, with the probability that the first of them is better.

        It is 1, 0 or ½ by the ranks. In a ranking of an AI that says which pairs it judged, these count instead:
        accepted ones with their probability, the mean over the principles. Others are left out.

        Returns:
            Comparisons of weight `weight` × `confidence` / C(K, 2) (Ouyang et al. 2022, equation 1).
        """
        judged: dict[tuple[int, int], list[Pair]] = {}
        if self.rater.startswith("ai:"):
            for pair in self.pairs:
                judged.setdefault((min(pair.i, pair.j), max(pair.i, pair.j)), []).append(pair)
        weight = self.weight * self.confidence / math.comb(len(self.replies), 2)
        found: list[Comparison] = []
        for i, j in combinations(range(len(self.replies)), 2):
            if (i, j) in judged:
                accepted = [pair.p if pair.i == i else 1 - pair.p for pair in judged[i, j] if pair.accepted]
                if accepted:
                    found.append(Comparison(i, j, math.fsum(accepted) / len(accepted), weight))
            elif not judged:
                better, worse = self.ranks[i] < self.ranks[j], self.ranks[i] > self.ranks[j]
                found.append(Comparison(i, j, 1.0 if better else 0.0 if worse else 0.5, weight))
        return found

    def to_dict(self) -> dict[str, Any]:
        value = {field.name: getattr(self, field.name) for field in fields(self)}
        value["prompt"] = [message.to_dict() for message in self.prompt]
        value["replies"] = [[message.to_dict() for message in reply] for reply in self.replies]
        value["ranks"] = list(self.ranks)
        value["pairs"] = [pair.to_dict() for pair in self.pairs]
        value["tools"] = list(self.tools)
        return value if self.tools else {key: item for key, item in value.items() if key != "tools"}

    @classmethod
    def from_dict(cls, value: Any) -> Ranking:
        """Reads the record.

        Raises:
            ConfigError: it is wrong; names the key, and the nearest known key to an unknown one.
        """
        if not isinstance(value, dict):
            raise ConfigError(f"a ranking must be an object, got {shown(value)}.")
        check_keys(value, [field.name for field in fields(cls)], _REQUIRED, what="a ranking")
        for key in ("replies", "ranks", "pairs"):
            if not isinstance(value.get(key, []), list | tuple):
                raise ConfigError(f"{key} must be a list, got {shown(value[key])}.")
        return cls(
            **{
                **value,
                "prompt": read_messages(value["prompt"], "prompt"),
                "replies": tuple(read_messages(reply, f"replies[{at}]") for at, reply in enumerate(value["replies"])),
                "ranks": tuple(value["ranks"]),
                "pairs": tuple(Pair.from_dict(pair) for pair in value.get("pairs", ())),
            }
        )

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _check_texts(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            raise ConfigError(f"a ranking's id must be text that is not empty, got {shown(self.id)}.")
        if not isinstance(self.rater, str) or not _RATER.fullmatch(self.rater):
            raise ConfigError(f"rater must be human:NAME, ai:JUDGE or rule:VERIFIER, got {shown(self.rater)}.")
        for name in ("comment", "policy", "created"):
            if not isinstance(getattr(self, name), str | None):
                raise ConfigError(f"{name} must be text or null, got {shown(getattr(self, name))}.")
        for name in ("all_bad", "consent"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"{name} must be true or false, got {shown(getattr(self, name))}.")
        if self.created is not None:
            try:
                datetime.fromisoformat(self.created)
            except ValueError:
                raise ConfigError(f"created must be a time as in ISO 8601, got {shown(self.created)}.") from None

    def _check_replies(self) -> None:
        check_prompt(self.prompt, "prompt")
        if not MIN_REPLIES <= len(self.replies) <= MAX_REPLIES:
            raise ConfigError(f"a ranking has {MIN_REPLIES} to {MAX_REPLIES} replies, got {len(self.replies)}.")
        for at, reply in enumerate(self.replies):
            check_reply(reply, f"replies[{at}]")

    def _checked_ranks(self) -> tuple[int, ...]:
        if len(self.ranks) != len(self.replies):
            raise ConfigError(f"there must be a rank for each of the {len(self.replies)} replies, got {self.ranks!r}.")
        ranks = tuple(_whole(rank, "a rank", least=1) for rank in self.ranks)
        if max(ranks) > len(ranks):
            raise ConfigError(
                f"ranks of {len(ranks)} replies lie in 1..{len(ranks)}, 1 the best, got {list(ranks)}; are they scores?"
            )
        if min(ranks) > 1:
            raise ConfigError(f"the best reply must have rank 1, got {list(ranks)}; is a reply missing?")
        first: dict[str, int] = {}
        for at, reply in enumerate(self.replies):
            same = first.setdefault(said_in(reply), at)
            if ranks[same] != ranks[at]:
                raise ConfigError(
                    f"replies {same} and {at} are the same, yet they have the ranks {ranks[same]} and {ranks[at]}."
                )
        return ranks

    def _checked_pairs(self) -> tuple[Pair, ...]:
        pairs = tuple(self.pairs)
        seen: set[tuple[int, int, str | None]] = set()
        for pair in pairs:
            if max(pair.i, pair.j) >= len(self.replies):
                raise ConfigError(
                    f"the pair ({pair.i}, {pair.j}) names a reply that is not there; the replies are 0 to "
                    f"{len(self.replies) - 1}."
                )
            key = (min(pair.i, pair.j), max(pair.i, pair.j), pair.principle)
            if key in seen:
                raise ConfigError(f"the pair ({pair.i}, {pair.j}) is there twice for the principle {pair.principle!r}.")
            seen.add(key)
        return pairs


_REQUIRED = ("id", "prompt", "replies", "ranks", "rater")


def prompt_key(messages: Iterable[Message]) -> str:
    """What tells prompts apart in splits: a hash of what the user said in them.

    Case and white space do not count, nor do the replies in between: what is worded alike falls on one side.

    Returns:
        SHA-256, 64 hexadecimal digits.
    """
    said = " ".join(message.content for message in messages if is_users(message))
    return hashlib.sha256(" ".join(said.lower().split()).encode()).hexdigest()


def split_by_prompt(
    items: Sequence[T], share: float, seed: int, key: Callable[[T], Iterable[Message]] | None = None
) -> tuple[list[T], list[T]]:
    """Keeps about a share of the prompts from training.

    Which side a prompt falls on depends on the seed and on itself alone: it is the same in every file, and stays the
    same when others are added.

    Args:
        items: rankings, or anything else with a prompt.
        share: of the prompts that are held out, in [0, 1).
        seed: another one holds out other prompts.
        key: the messages of an item's prompt; its `prompt` by default.

    Returns:
        The items to train on and those held out, in their order.
    """
    if not 0 <= share < 1:
        raise ConfigError(f"the share that is held out must lie in [0, 1), got {share}.")
    train: list[T] = []
    held_out: list[T] = []
    for item in items:
        name = prompt_key(key(item) if key is not None else operator.attrgetter("prompt")(item))
        digest = hashlib.sha256(f"{seed}\0{name}".encode()).digest()
        place = int.from_bytes(digest[:8], "big") / 2**64
        (held_out if place < share else train).append(item)
    return train, held_out


def said_in(reply: Sequence[Message]) -> str:
    """What a policy reads of a reply, as text: ids of calls and notes are not a part of it."""
    said = [
        (message.role, message.content, [(call.name, call.arguments) for call in message.tool_calls])
        for message in reply
    ]
    return json.dumps(said, sort_keys=True, default=str)


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise ConfigError(f"{what} must be a number, got {shown(value)}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ConfigError(f"{what} must be a finite number, got {shown(value)}.")
    return number


def _whole(value: Any, what: str, *, least: int) -> int:
    number = _number(value, what)
    if number != int(number) or number < least:
        raise ConfigError(f"{what} must be a whole number of at least {least}, got {shown(value)}.")
    return int(number)
