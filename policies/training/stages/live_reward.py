"""The reward `live`, from the head that a stage `tamer` has fitted to people's clicks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ....tools import ConfigError
from ...engines.messages import Message
from ...feedback.tamer.combining import potential_shaped
from ...feedback.tamer.piece_features import SURFACE_OF_PIECES
from ...feedback.tamer.segments import Piece, cut_reply
from ..rollouts import Rollout

HEAD = "live_head.json"


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

    def shaping(self, rollout: Rollout, tokenizer: Any) -> list[float]:
        """Rewards of single tokens that guide without changing which policy is best, by differences of potentials.

        The potential behind a piece is what the reply would be worth if it ended there (Ng, Harada and Russell 1999,
        with a discount of 1), so they sum to 0.

        Args:
            rollout: a reply with its tokens.
            tokenizer: of the policy.

        Returns:
            For each token of the completion; not 0 at the last token of a piece alone.
        """
        path = rollout.trajectory
        found = [0.0] * len(path.completion_ids)
        said = [message for message in rollout.reply.messages if message.role == "assistant"]
        pieces = cut_reply(said)
        if not pieces:
            return found
        values = SURFACE_OF_PIECES.of(pieces) @ self._weights
        potentials = np.cumsum(values) / np.arange(1, len(values) + 1)
        ends = _ends(pieces, _spans(path.mask), path.completion_ids, tokenizer)
        for end, reward in zip(ends, potential_shaped(potentials), strict=True):
            found[end] += float(reward)
        return found


def _spans(mask: Sequence[int]) -> list[tuple[int, int]]:
    """First and last token of each message of the policy."""
    starts = [at for at, spoke in enumerate(mask) if spoke and (at == 0 or not mask[at - 1])]
    ends = [at for at, spoke in enumerate(mask) if spoke and (at + 1 == len(mask) or not mask[at + 1])]
    return list(zip(starts, ends, strict=True))


def _ends(pieces: Sequence[Piece], spans: Sequence[tuple[int, int]], ids: Sequence[int], tokenizer: Any) -> list[int]:
    """The token with which each piece ends, in rising order; what cannot be found ends where its message does."""
    found: list[int] = []
    span, since = 0, 0
    texts = [tokenizer.decode(ids[first : last + 1]) for first, last in spans]
    for piece in pieces:
        at = -1
        if piece.kind != "call":
            for number in range(span, len(spans)):
                at = texts[number].find(piece.text, since if number == span else 0)
                if at >= 0:
                    since = at + len(piece.text)
                    span = number
                    break
        first, last = spans[span]
        found.append(_token_at(ids, first, last, since, tokenizer) if at >= 0 else last)
        if piece.kind == "call" and span + 1 < len(spans):
            span, since = span + 1, 0
    return list(np.maximum.accumulate(found))


def _token_at(ids: Sequence[int], first: int, last: int, characters: int, tokenizer: Any) -> int:
    """The token up to which a message has so many characters."""
    start = first
    while first < last:
        middle = (first + last) // 2
        if len(tokenizer.decode(ids[start : middle + 1])) >= characters:
            last = middle
        else:
            first = middle + 1
    return first
