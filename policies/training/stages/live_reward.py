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
        spans = _spans(path.mask)
        said = [message for message in rollout.reply.messages if message.role == "assistant"]
        pieces = cut_reply(said)
        if not pieces or not spans:
            return found
        values = SURFACE_OF_PIECES.of(pieces) @ self._weights
        potentials = np.cumsum(values) / np.arange(1, len(values) + 1)
        ends = _ends(pieces, said, spans, path.completion_ids, tokenizer)
        for end, reward in zip((*ends, spans[-1][1]), potential_shaped(potentials), strict=True):
            found[end] += float(reward)
        return found


def _spans(mask: Sequence[int]) -> list[tuple[int, int]]:
    """First and last token of each message of the policy."""
    starts = [at for at, spoke in enumerate(mask) if spoke and (at == 0 or not mask[at - 1])]
    ends = [at for at, spoke in enumerate(mask) if spoke and (at + 1 == len(mask) or not mask[at + 1])]
    return list(zip(starts, ends, strict=True))


def _ends(
    pieces: Sequence[Piece],
    said: Sequence[Message],
    spans: Sequence[tuple[int, int]],
    ids: Sequence[int],
    tokenizer: Any,
) -> list[int]:
    """The token with which each piece ends; calls, and what cannot be found, end where their message does."""
    found: list[int] = []
    for number in range(len(said)):
        # A message's pieces do not change when others follow. Of a sequence that was cut the last span stands for all
        # messages behind it.
        first, last = spans[min(number, len(spans) - 1)]
        text = _text(ids[first : last + 1], tokenizer)
        since = 0
        for piece in pieces[len(found) : len(cut_reply(said[: number + 1]))]:
            at = -1 if piece.kind == "call" or number >= len(spans) else text.find(piece.text, since)
            if at >= 0:
                since = at + len(piece.text)
            found.append(last if at < 0 else _token_at(ids, first, last, since, tokenizer))
    return found


def _token_at(ids: Sequence[int], first: int, last: int, characters: int, tokenizer: Any) -> int:
    """The token up to which a message has so many characters."""
    start = first
    while first < last:
        middle = (first + last) // 2
        if len(_text(ids[start : middle + 1], tokenizer)) >= characters:
            last = middle
        else:
            first = middle + 1
    return first


def _text(ids: Sequence[int], tokenizer: Any) -> str:
    return tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
