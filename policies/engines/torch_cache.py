"""Keys and values of conversations that are decoded together, as rows that can join and leave.

transformers' own dynamic cache copies everything for each token; a static one must know its length beforehand and
computes over all of it. Here the tensors have room at the end, which is filled in place and doubled when it runs out.
Rows are aligned at their ends, so a shorter one has padding on the left, which the attention mask hides.

Not covered: caches of other shapes (sliding windows, recurrent layers). Such models are decoded one at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transformers.cache_utils import Cache, DynamicLayer

if TYPE_CHECKING:
    import torch

ROOM = 64


class RoomyLayer(DynamicLayer):
    """One layer's keys and values, each of shape (rows, heads, length, head size), with room for more behind them."""

    def __init__(self) -> None:
        super().__init__()
        self._whole: tuple[Any, Any] | None = None
        self._length = 0

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Appends the states of new tokens; returns all of them."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        new = key_states.shape[-2]
        if self._whole is None or self._length + new > self._whole[0].shape[-2]:
            self._make_room(key_states, value_states, self._length + new)
        assert self._whole is not None
        for whole, states in zip(self._whole, (key_states, value_states), strict=True):
            whole[:, :, self._length : self._length + new] = states
        self._length += new
        self._show()
        return self.keys, self.values  # pyright: ignore[reportReturnType] - declared optional for empty layers

    def _make_room(self, key_states: torch.Tensor, value_states: torch.Tensor, needed: int) -> None:
        size = needed + max(ROOM, needed // 2)
        larger = tuple(
            states.new_empty(*states.shape[:2], size, states.shape[-1]) for states in (key_states, value_states)
        )
        if self._whole is not None:
            for target, source in zip(larger, self._whole, strict=True):
                target[:, :, : self._length] = source[:, :, : self._length]
        self._whole = (larger[0], larger[1])

    def _show(self) -> None:
        assert self._whole is not None
        self.keys, self.values = (whole[:, :, : self._length] for whole in self._whole)

    def keep(self, rows: list[int], length: int) -> None:
        """Keeps these rows, and of each its last `length` tokens."""
        assert self._whole is not None
        start = self._length - length
        kept = tuple(whole[rows][:, :, start:] for whole in self._whole)
        self._whole, self._length = (kept[0], kept[1]), length
        self._show()

    def join(self, other: RoomyLayer) -> None:
        """Adds the rows of another layer."""
        assert self._whole is not None
        assert other._whole is not None
        length = max(self._length, other._length)
        joined: list[torch.Tensor] = []
        for mine, theirs in zip(self._whole, other._whole, strict=True):
            size = length + max(ROOM, length // 2)
            # Zeros, not what memory holds: a hidden NaN would still spoil the sum it is multiplied into.
            both = mine.new_zeros(mine.shape[0] + theirs.shape[0], mine.shape[1], size, mine.shape[-1])
            both[: mine.shape[0], :, length - self._length : length] = mine[:, :, : self._length]
            both[mine.shape[0] :, :, length - other._length : length] = theirs[:, :, : other._length]
            joined.append(both)
        self._whole, self._length = (joined[0], joined[1]), length
        self._show()


class RowCache(Cache):
    """The layers of a model. `length` is that of the longest row."""

    def __init__(self) -> None:
        super().__init__(layer_class_to_replicate=RoomyLayer)

    @property
    def length(self) -> int:
        return self.get_seq_length()

    def keep(self, rows: list[int], length: int) -> None:
        """Keeps these rows, and of each its last `length` tokens."""
        for layer in self.layers:
            layer.keep(rows, length)  # pyright: ignore[reportAttributeAccessIssue] - they are RoomyLayers

    def join(self, other: RowCache) -> None:
        """Adds the rows of another cache of the same model."""
        for mine, theirs in zip(self.layers, other.layers, strict=True):
            mine.join(theirs)  # pyright: ignore[reportAttributeAccessIssue]
