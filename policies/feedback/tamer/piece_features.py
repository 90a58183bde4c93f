"""What a head sees of the pieces of a reply: their surface, and how long the reply has become by then."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...engines.messages import Message
from ..features import SURFACE, sentence_count, text_features
from .segments import Piece, cut_reply

_LENGTH = SURFACE.index("length")
_SENTENCES = SURFACE.index("sentences")
_SHORT = 150.0  # characters
ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Features:
    """A frozen view of replies.

    Args:
        names: of the features, for people to read.
        of: makes `(pieces, features)` of the pieces of one reply, from its first on. What it says of a piece depends
            on nothing that comes later.
    """

    names: tuple[str, ...]
    of: Callable[[Sequence[Piece]], np.ndarray]

    def of_reply(self, messages: Sequence[Message]) -> np.ndarray:
        """The mean over the pieces of a whole reply, `(features,)`; zeros where nothing is said."""
        found = self.of(cut_reply(messages))
        return found.mean(axis=0) if len(found) else np.zeros(len(self.names))


def surface_of_pieces(pieces: Sequence[Piece]) -> np.ndarray:
    """The features of `SURFACE_OF_PIECES`.

    Length is that of the reply up to the end of the piece, and sentences are those before it: how long a piece is says
    how it was cut, and a person who finds a reply too long clicks when it has become so. Both are near 0 at a reply's
    start, which long replies and short ones have alike: a click there must not pass for one on short replies. The last
    feature is 1: how somebody clicks whatever is said must not pass for a liking of what most replies are.
    """
    rows = np.ones((len(pieces), len(SURFACE) + 1))
    characters = sentences = 0
    for row, piece in zip(rows, pieces, strict=True):
        characters += len(piece.text) + 1
        row[:-1] = text_features(_plain(piece), tool_calls=int(piece.kind == "call"))
        row[_LENGTH] = math.log1p(characters / _SHORT)
        row[_SENTENCES] = sentence_count(sentences)
        sentences += piece.kind in ("sentence", "item")
    return rows


SURFACE_OF_PIECES = Features((*SURFACE, ALWAYS), surface_of_pieces)


def _plain(piece: Piece) -> str:
    if piece.kind == "code":
        return "```\n```"  # a part of a block of code may lack its fences
    return piece.text if piece.kind != "call" else ""
