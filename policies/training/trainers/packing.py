"""Conversations that open with the same tokens share them in one training sequence.

The system message with its tool schemas is most of a short conversation: 160 of 240 tokens here. A *pack* holds it
once, followed by many conversations that each see that prefix and themselves and nothing else, at the positions
that they have alone. The prefix carries no loss, so losses and gradients are those of the separate conversations
(a test compares them); only the work of reading the prefix again is saved.

Attention runs part by part (`attention.shared_prefix_attention`): one masked call over the whole pack took 40 % of a
step, since a mask saves no arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ....tools import ConfigError

IGNORED = -100
OPEN_PACKS = 24  # how many unfinished packs are tried for each conversation


@dataclass(frozen=True)
class TokenRow:
    """One conversation as token ids.

    Args:
        input_ids: `(length,)` token ids.
        labels: `(length,)` the id where the loss counts, else -100.
        prefix: how many leading tokens hold the system message; without loss.
    """

    input_ids: list[int]
    labels: list[int]
    prefix: int


@dataclass
class _Pack:
    groups: dict[tuple[int, ...], list[TokenRow]] = field(default_factory=dict)
    length: int = 0

    def growth(self, key: tuple[int, ...], row: TokenRow) -> int:
        return len(row.input_ids) - (row.prefix if key in self.groups else 0)

    def add(self, key: tuple[int, ...], row: TokenRow) -> None:
        self.length += self.growth(key, row)
        self.groups.setdefault(key, []).append(row)

    def to_dict(self) -> dict[str, list[Any]]:
        ids: list[int] = []
        labels: list[int] = []
        lengths: list[list[int]] = []
        for prefix, rows in self.groups.items():
            ids += prefix
            labels += [IGNORED] * len(prefix)
            for row in rows:
                ids += row.input_ids[row.prefix :]
                labels += row.labels[row.prefix :]
            lengths.append([len(prefix), *(len(row.input_ids) - row.prefix for row in rows)])
        return {"input_ids": ids, "labels": labels, "seq_lengths": lengths}


def pack(rows: Sequence[TokenRow], max_tokens: int) -> list[dict[str, list[Any]]]:
    """Packs conversations in the given order, first fit.

    Args:
        rows: conversations, already shuffled.
        max_tokens: length of a pack in tokens.

    Returns:
        Packs with `input_ids`, `labels` and `seq_lengths`: for each shared prefix `[prefix, part, part, ...]`.

    Raises:
        ConfigError: a conversation is longer than a pack.
    """
    done: list[_Pack] = []
    open_packs: list[_Pack] = []
    for row in rows:
        if len(row.input_ids) > max_tokens:
            raise ConfigError(
                f"a conversation has {len(row.input_ids)} tokens, a pack {max_tokens}: raise pack_tokens."
            )
        key = tuple(row.input_ids[: row.prefix])
        fitting = [p for p in open_packs if p.length + p.growth(key, row) <= max_tokens]
        if fitting:
            # Preferring a pack that has the prefix is what saves the work.
            chosen = min(fitting, key=lambda p: p.growth(key, row))
        else:
            chosen = _Pack()
            open_packs.append(chosen)
            if len(open_packs) > OPEN_PACKS:
                fullest = max(open_packs[:-1], key=lambda p: p.length)
                open_packs.remove(fullest)
                done.append(fullest)
        chosen.add(key, row)
    return [p.to_dict() for p in done + open_packs]


@dataclass(frozen=True)
class PackCollator:
    """Strings the packs of one step together into one sequence: there is no padding.

    Returns `input_ids`, `labels` and `position_ids` of shape `(1, tokens)`, and the packs' `seq_lengths` for
    `shared_prefix_attention`.
    """

    def __call__(self, packs: list[dict[str, Any]]) -> dict[str, Any]:
        import torch

        from .attention import positions

        lengths = [group for item in packs for group in item["seq_lengths"]]
        return {
            "input_ids": torch.tensor([[token for item in packs for token in item["input_ids"]]]),
            "labels": torch.tensor([[label for item in packs for label in item["labels"]]]),
            "position_ids": torch.tensor([positions(lengths)]),
            "seq_lengths": lengths,
        }


@dataclass(frozen=True)
class PaddedCollator:
    """Pads the conversations of a step: for models and machines on which prefixes are not shared.

    Args:
        pad: id of the padding token.

    Returns `input_ids`, `labels` and `attention_mask` of shape `(conversations, tokens)`.
    """

    pad: int

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        import torch

        width = max(len(row["input_ids"]) for row in rows)

        def padded(values: list[int], filler: int) -> list[int]:
            return values + [filler] * (width - len(values))

        return {
            "input_ids": torch.tensor([padded(row["input_ids"], self.pad) for row in rows]),
            "labels": torch.tensor([padded(row["labels"], IGNORED) for row in rows]),
            "attention_mask": torch.tensor([padded([1] * len(row["input_ids"]), 0) for row in rows]),
        }
