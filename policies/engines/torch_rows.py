"""Decodes several replies together on one thread: rows of one batch that join and leave at any token.

A row's text does not depend on its neighbours: in float32 it is what the row would say alone. In bfloat16 rounding
decides near-ties, and it differs with the shape of the batch.

A new prompt is read whole, and the others wait meanwhile: for many short waits beside long prompts there is llama.cpp.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .messages import GenerationConfig

if TYPE_CHECKING:
    import torch

    from .torch_cache import RowCache
    from .torch_sampling import Sampler

READ_TOGETHER = 2048


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a reply.

    Args:
        id: its number.
        logprob: natural logarithm of its probability by the model, before temperature and top-p; 0 if not asked for.
        top: the likeliest ids with their log-probabilities.
    """

    id: int
    logprob: float = 0.0
    top: tuple[tuple[int, float], ...] = ()


@dataclass(eq=False)
class Row:
    """One reply that is asked for.

    Args:
        prompt: token ids.
        config: how it is sampled; `max_new_tokens` leaves the model's context window alone.
        tell: gets each token, then `None`, or the exception that ended it. Called on the decoding thread.
        sampler: made on the decoding thread; draws the tokens.
        likeliest: how many of the likeliest tokens to tell for each; `None` for no log-probabilities at all.
    """

    prompt: Sequence[int]
    config: GenerationConfig
    tell: Callable[[Token | BaseException | None], None]
    sampler: Callable[[], Sampler]
    likeliest: int | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    length: int = 0
    written: int = 0
    last: int = 0
    drawing: Any = None


class Rows:
    """A model's decoding thread.

    Args:
        model: a causal language model of `transformers`.
        device: where it lies.
        stop_ids: tokens that end a reply.
        most: rows that are decoded at once; 1 for models whose cache is not a `RowCache`.
    """

    def __init__(self, model: Any, device: str, stop_ids: set[int], most: int) -> None:
        self._model: Any = model
        self._device = device
        self._stop_ids = stop_ids
        self._most = most
        self._asked: queue.SimpleQueue[Row | Callable[[], None] | None] = queue.SimpleQueue()
        self._rows: list[Row] = []
        self._cache: Any = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="transformers", daemon=True)
        self._thread.start()

    def add(self, row: Row) -> None:
        """Asks for a reply."""
        self._asked.put(row)

    def call(self, function: Callable[[], None]) -> None:
        """Runs a function on the decoding thread, between two tokens. It must not raise."""
        self._asked.put(function)

    def close(self) -> None:
        """Ends every reply and the thread."""
        self._closing.set()
        self._asked.put(None)
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._take_in()
                if self._rows:
                    self._step()
            except Exception as error:  # noqa: BLE001 - told to whoever waits for these rows
                rows, self._rows, self._cache = self._rows, [], None
                for row in rows:
                    row.tell(error)
        with contextlib.suppress(queue.Empty):
            while True:
                item = self._asked.get_nowait()
                if isinstance(item, Row):
                    self._rows.append(item)
                elif item is not None:
                    item()
        for row in self._rows:
            row.tell(None)
        self._rows, self._cache, self._model = [], None, None

    def _take_in(self) -> None:
        """Reads the prompts of new rows, as many as there is room for; waits while there is nothing to do."""
        new: list[Row] = []
        while len(self._rows) + len(new) < self._most:
            try:
                item = self._asked.get(block=not (self._rows or new))
            except queue.Empty:
                break
            if item is None:
                break
            if isinstance(item, Row):
                if item.stop.is_set():
                    item.tell(None)
                else:
                    new.append(item)
            else:
                item()
        # Rows of like length are read together, so that little of the work is padding.
        new.sort(key=lambda row: len(row.prompt))
        while new:
            count = max(1, min(len(new), READ_TOGETHER // len(new[0].prompt)))
            while count > 1 and len(new[count - 1].prompt) > 2 * len(new[0].prompt):
                count -= 1
            group, new = new[:count], new[count:]
            try:
                self._read(group)
            except Exception as error:  # noqa: BLE001 - told to whoever waits for these rows
                for row in group:
                    row.tell(error)

    def _read(self, group: list[Row]) -> None:
        import torch

        longest = max(len(row.prompt) for row in group)
        ids = torch.zeros(len(group), longest, dtype=torch.long)
        for index, row in enumerate(group):
            ids[index, longest - len(row.prompt) :] = torch.tensor(row.prompt)
            row.length = len(row.prompt)
            row.drawing = row.sampler()
        cache = self._new_cache()
        logits = self._forward(ids, group, cache)
        if self._rows:
            self._cache.join(cache)
        else:
            self._cache = cache
        self._rows += group
        self._draw(group, logits)

    def _new_cache(self) -> RowCache | Any:
        if self._most > 1:
            from .torch_cache import RowCache

            return RowCache()
        from transformers import DynamicCache

        return DynamicCache(config=self._model.config)

    def _forward(self, ids: torch.Tensor, rows: list[Row], cache: Any) -> torch.Tensor:
        """Logits behind the last token of each row, float32, of shape (rows, vocabulary)."""
        import torch

        new = ids.shape[1]
        length = cache.get_seq_length() + new
        lengths = torch.tensor([row.length for row in rows])
        positions = (torch.arange(length - new, length)[None] - (length - lengths)[:, None]).clamp(min=0)
        # Without padding no mask is needed, and attention is faster.
        padded = bool((lengths < length).any())
        mask = torch.arange(length)[None] >= (length - lengths)[:, None] if padded else None
        with torch.inference_mode():
            return (
                self._model(
                    input_ids=ids.to(self._device),
                    attention_mask=None if mask is None else mask.long().to(self._device),
                    position_ids=positions.to(self._device),
                    past_key_values=cache,
                    use_cache=True,
                    logits_to_keep=1,
                )
                .logits[:, -1]
                .float()
            )

    def _step(self) -> None:
        """One token more for every row."""
        import torch

        self._drop([row for row in self._rows if row.stop.is_set()])
        if not self._rows:
            return
        for row in self._rows:
            row.length += 1
        ids = torch.tensor([[row.last] for row in self._rows])
        self._draw(self._rows, self._forward(ids, self._rows, self._cache))

    def _draw(self, rows: list[Row], logits: torch.Tensor) -> None:
        import torch

        likeliest: list[int] = logits.argmax(-1).tolist()
        done: list[Row] = []
        for index, row in enumerate(rows):
            try:
                token = likeliest[index] if row.drawing.is_plain else row.drawing.draw(logits[index])
            except Exception as error:  # noqa: BLE001 - this row's own; the others go on
                row.tell(error)
                row.stop.set()
                done.append(row)
                continue
            told = Token(token)
            if row.likeliest is not None:
                logprobs = torch.log_softmax(logits[index], -1)
                top = logprobs.topk(row.likeliest) if row.likeliest else None
                pairs = () if top is None else tuple(zip(top.indices.tolist(), top.values.tolist(), strict=True))
                told = Token(token, float(logprobs[token]), pairs)
            row.last = token
            row.written += 1
            row.tell(told)
            if token in self._stop_ids or row.written >= row.config.max_new_tokens:
                row.tell(None)
                done.append(row)
        self._drop(done)

    def _drop(self, done: list[Row]) -> None:
        """Takes rows out of the batch; those that were stopped from outside have not been told of their end yet."""
        if not done:
            return
        gone = set(map(id, done))
        kept = [index for index, row in enumerate(self._rows) if id(row) not in gone]
        for row in done:
            if row.stop.is_set():
                row.tell(None)
        self._rows = [self._rows[index] for index in kept]
        if not kept:
            self._cache = None
        elif self._most > 1:
            self._cache.keep(kept, max(row.length for row in self._rows))
