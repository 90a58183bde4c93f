"""Conversations that open with the same tokens share them in one training sequence.

The system message with its tool schemas is most of a short conversation: 160 of 240 tokens here. A *pack* holds it
once, followed by many conversations that each see that prefix and themselves and nothing else, at the positions
that they have alone. The prefix carries no loss, so losses and gradients are those of the separate conversations
(a test compares them); only the work of reading the prefix again is saved.

Not covered: flash-attention kernels, which take no mask of this shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...tools import ConfigError

if TYPE_CHECKING:
    import torch

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
    """Pads packs to one length and builds positions and the attention mask.

    Args:
        pad_token_id: fills the end of shorter packs.
    """

    pad_token_id: int

    def __call__(self, packs: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        import torch

        size = max(len(p["input_ids"]) for p in packs)
        batch = len(packs)
        input_ids = torch.full((batch, size), self.pad_token_id)
        labels = torch.full((batch, size), IGNORED)
        positions = torch.zeros((batch, size), dtype=torch.long)
        mask = torch.zeros((batch, 1, size, size), dtype=torch.bool)
        for index, item in enumerate(packs):
            length = len(item["input_ids"])
            input_ids[index, :length] = torch.tensor(item["input_ids"])
            labels[index, :length] = torch.tensor(item["labels"])
            groups, parts, places = (torch.tensor(value) for value in _layout(item["seq_lengths"]))
            positions[index, :length] = places
            same_group = groups[:, None] == groups[None, :]
            visible = (parts[:, None] == parts[None, :]) | (parts[None, :] == 0)
            mask[index, 0, :length, :length] = (same_group & visible).tril()
        # A padding token sees itself, else its softmax would have nothing to sum over.
        mask |= torch.eye(size, dtype=torch.bool)
        return {"input_ids": input_ids, "labels": labels, "position_ids": positions, "attention_mask": mask}


def _layout(lengths: list[list[int]]) -> tuple[list[int], list[int], list[int]]:
    """For every token of a pack its group, its part within the group (0: the prefix) and its position."""
    groups: list[int] = []
    parts: list[int] = []
    places: list[int] = []
    for group, (prefix, *rest) in enumerate(lengths):
        for part, length in enumerate([prefix, *rest]):
            groups += [group] * length
            parts += [part] * length
            start = prefix if part else 0
            places += range(start, start + length)
    return groups, parts, places
