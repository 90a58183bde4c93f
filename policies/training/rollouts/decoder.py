"""Decodes many replies side by side, the same way every time.

The engines join replies as they are asked for, so how a batch is made up, and with it how sums are rounded, depends on
the clock. Here a batch is given whole: the same weights, prompts and seeds give the same tokens. The states of a
conversation are kept for its next step, and the beginning that all prompts share is read once.

Not covered: models whose cache is not plain keys and values (sliding windows, recurrent layers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ...engines.torch_cache import RowCache

# Prompt tokens that are read at once; more would only cost memory.
READ_TOKENS = 4096
# Texts are read together when the longest is at most so many times as long as the shortest: the rest is padding.
READ_SPREAD = 1.5
# A batch is made smaller when so large a share of its rows has ended.
DROP_SHARE = 0.2


@dataclass(frozen=True)
class Kept:
    """The states of a text, to go on from.

    Args:
        ids: of the text.
        states: keys and values of each layer, of shape `(key heads, tokens, size)`.
    """

    ids: list[int]
    states: list[tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True)
class Asked:
    """A reply that is wanted.

    Args:
        ids: of the prompt.
        seed: of the drawing.
        temperature: 0 is greedy.
        max_new_tokens: of the reply.
        kept: states of the beginning of `ids`.
    """

    ids: list[int]
    seed: int
    temperature: float
    max_new_tokens: int
    kept: Kept | None = None


@dataclass(frozen=True)
class Generated:
    """A reply.

    Args:
        ids: its tokens, with the stop token where there is one.
        logprobs: natural logarithm of each token's probability at the temperature it was drawn with (1 if greedy).
        ended: whether a stop token ended it.
        kept: states of prompt and reply but for the last token, whose states nobody needed.
    """

    ids: list[int]
    logprobs: list[float]
    ended: bool
    kept: Kept | None


class Decoder:
    """A model that decodes batches.

    Args:
        model: a causal language model; it is put into evaluation mode while it decodes.
        stop_ids: tokens that end a reply.
        batch: replies that are decoded at once; more are done in turn.
    """

    def __init__(self, model: Any, stop_ids: Sequence[int], batch: int = 64) -> None:
        self._model = model
        self._stop = torch.tensor(sorted(stop_ids))
        self._batch = batch

    @torch.inference_mode()
    def generate(self, asked: Sequence[Asked]) -> list[Generated]:
        """The replies, in the order in which they were asked for."""
        training = self._model.training
        self._model.eval()
        try:
            start = self._common_start(asked)
            found: list[Generated] = []
            for first in range(0, len(asked), self._batch):
                found += self._generate(asked[first : first + self._batch], start)
            return found
        finally:
            self._model.train(training)

    def _common_start(self, asked: Sequence[Asked]) -> Kept | None:
        """The states of what all fresh prompts begin with."""
        fresh = [one.ids for one in asked if one.kept is None]
        if len(fresh) < 2:
            return None
        first, last = min(fresh), max(fresh)
        length = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
        # Of equal prompts something must be left to read: its logits are what decoding starts from.
        length = min(length, min(map(len, fresh)) - 1)
        if length < 1:
            return None
        _, cache, mask = self._read([first[:length]], [None])
        return Kept(first[:length], _states(cache, 0, mask[0]))

    def _generate(self, asked: Sequence[Asked], start: Kept | None) -> list[Generated]:
        # Equal prompts are read once.
        texts: dict[tuple[tuple[int, ...], int], int] = {}
        which: list[int] = []
        for one in asked:
            key = (tuple(one.ids), id(one.kept))
            which.append(texts.setdefault(key, len(texts)))
        firsts = [which.index(number) for number in range(len(texts))]
        logits, cache, mask = self._read([asked[at].ids for at in firsts], [asked[at].kept or start for at in firsts])
        rows = torch.tensor(which)
        cache.keep(which, cache.length)
        return self._decode(asked, logits[rows], cache, mask[rows])

    def _read(self, texts: list[list[int]], kept: list[Kept | None]) -> tuple[torch.Tensor, RowCache, torch.Tensor]:
        """Reads texts behind what is kept of them; logits behind the last token of each, states, and which count."""
        known = [0 if one is None else _usable(one, ids) for one, ids in zip(kept, texts, strict=True)]
        groups = _alike([len(ids) - have for ids, have in zip(texts, known, strict=True)])
        parts = [
            self._read_rows([texts[at] for at in group], [kept[at] for at in group], [known[at] for at in group])
            for group in groups
        ]
        if len(parts) == 1:
            return parts[0]
        logits, cache, mask = _joined(parts)
        read = [at for group in groups for at in group]
        places = sorted(range(len(read)), key=read.__getitem__)
        cache.keep(places, cache.length)
        return logits[places], cache, mask[places]

    def _read_rows(
        self, texts: list[list[int]], kept: list[Kept | None], known: list[int]
    ) -> tuple[torch.Tensor, RowCache, torch.Tensor]:
        device = self._model.get_input_embeddings().weight.device
        width = max(len(ids) - have for ids, have in zip(texts, known, strict=True))
        cache, mask = _stacked(kept, known, device)
        ids = torch.zeros(len(texts), width, dtype=torch.long)
        counts = torch.zeros(len(texts), width, dtype=torch.long)
        places = torch.zeros(len(texts), width, dtype=torch.long)
        for row, (text, have) in enumerate(zip(texts, known, strict=True)):
            new = len(text) - have
            ids[row, width - new :] = torch.tensor(text[have:])
            counts[row, width - new :] = 1
            places[row, width - new :] = torch.arange(have, len(text))
        mask = torch.cat((mask, counts), dim=1)
        logits = self._forward(ids, mask, places, cache)
        return logits, cache, mask

    def _forward(self, ids: torch.Tensor, mask: torch.Tensor, places: torch.Tensor, cache: RowCache) -> torch.Tensor:
        device = self._model.get_input_embeddings().weight.device
        output = self._model(
            input_ids=ids.to(device), attention_mask=mask.to(device), position_ids=places.to(device),
            past_key_values=cache, use_cache=True, logits_to_keep=1,
        )  # fmt: skip
        return output.logits[:, -1].float()

    def _decode(
        self, asked: Sequence[Asked], logits: torch.Tensor, cache: RowCache, mask: torch.Tensor
    ) -> list[Generated]:
        count = len(asked)
        longest = max(one.max_new_tokens for one in asked)
        draws = torch.stack([_uniform(one.seed, longest) for one in asked])
        temperatures = torch.tensor([one.temperature for one in asked])
        limits = torch.tensor([one.max_new_tokens for one in asked])
        places = torch.tensor([len(one.ids) for one in asked])
        written: list[list[int]] = [[] for _ in asked]
        logprobs: list[list[float]] = [[] for _ in asked]
        kept: list[Kept | None] = [None] * count
        ended = [False] * count
        rows = torch.arange(count)  # which reply each row of the cache is
        alive = torch.ones(count, dtype=torch.bool)
        for step in range(longest):
            tokens, scores = _draw(logits.cpu(), draws[rows, step], temperatures[rows])
            stopped = torch.isin(tokens, self._stop)
            finished = stopped | (step + 1 >= limits[rows])
            for at, (row, token, score) in enumerate(zip(rows.tolist(), tokens.tolist(), scores.tolist(), strict=True)):
                if not alive[at]:
                    continue
                written[row].append(token)
                logprobs[row].append(score)
                if finished[at]:
                    ended[row] = bool(stopped[at])
                    kept[row] = Kept([*asked[row].ids, *written[row][:-1]], _states(cache, at, mask[at]))
            alive &= ~finished
            if not alive.any():
                break
            if alive.sum() <= (1 - DROP_SHARE) * len(alive):
                left = alive.nonzero().squeeze(-1)
                rows, tokens, mask, alive = rows[left], tokens[left], mask[left], alive[left]
                cache.keep(left.tolist(), cache.length)
            mask = torch.cat((mask, torch.ones(len(rows), 1, dtype=torch.long)), dim=1)
            logits = self._forward(tokens[:, None], mask, (places[rows] + step)[:, None], cache)
        return [
            Generated(written[at], logprobs[at], ended[at], state) for at, state in enumerate(kept) if state is not None
        ]


def _alike(lengths: Sequence[int]) -> list[list[int]]:
    """Texts that are read together, by their places; one group in their order where little would be padding."""
    if max(lengths) * len(lengths) <= min(READ_TOKENS, READ_SPREAD * sum(lengths)):
        return [list(range(len(lengths)))]
    groups: list[list[int]] = []
    for at in sorted(range(len(lengths)), key=lambda place: lengths[place]):
        group = groups[-1] if groups else []
        fits = lengths[at] * (len(group) + 1) <= READ_TOKENS
        if group and fits and lengths[at] <= READ_SPREAD * lengths[group[0]]:
            group.append(at)
        else:
            groups.append([at])
    return groups


def _usable(kept: Kept, ids: list[int]) -> int:
    """How many leading tokens of a text are known; the last one is always read."""
    pairs = zip(kept.ids, ids, strict=False)
    same = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(kept.ids), len(ids)))
    return min(same, len(ids) - 1)


def _stacked(kept: Sequence[Kept | None], known: Sequence[int], device: Any) -> tuple[RowCache, torch.Tensor]:
    """One cache of the kept states, aligned at their ends, and which of its places count."""
    cache = RowCache()
    length = max(known)
    mask = torch.zeros(len(kept), length, dtype=torch.long)
    if not length:
        return cache, mask
    for row, have in enumerate(known):
        mask[row, length - have :] = 1
    some = next(one for one, have in zip(kept, known, strict=True) if one is not None and have)
    for layer, (keys, values) in enumerate(some.states):
        both: list[torch.Tensor] = []
        for kind, like in enumerate((keys, values)):
            stack = like.new_zeros(len(kept), like.shape[0], length, like.shape[2], device=device)
            for row, (one, have) in enumerate(zip(kept, known, strict=True)):
                if one is not None and have:
                    stack[row, :, length - have :] = one.states[layer][kind][:, :have]
            both.append(stack)
        cache.update(both[0], both[1], layer)
    return cache, mask


def _states(cache: RowCache, row: int, mask: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    places = mask.nonzero().squeeze(-1)
    return [(layer.keys[row][:, places], layer.values[row][:, places]) for layer in cache.layers]  # pyright: ignore


def _joined(parts: list[tuple[torch.Tensor, RowCache, torch.Tensor]]) -> tuple[torch.Tensor, RowCache, torch.Tensor]:
    length = max(mask.shape[1] for _, _, mask in parts)
    masks = [torch.nn.functional.pad(mask, (length - mask.shape[1], 0)) for _, _, mask in parts]
    cache = parts[0][1]
    for _, other, _ in parts[1:]:
        cache.join(other)
    return torch.cat([logits for logits, _, _ in parts]), cache, torch.cat(masks)


def _uniform(seed: int, number: int) -> torch.Tensor:
    return torch.rand(number, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _draw(logits: torch.Tensor, draws: torch.Tensor, temperatures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """One token of each row by inversion of the cumulative distribution, and its log-probability."""
    scale = torch.where(temperatures > 0, temperatures, 1.0)
    logprobs = torch.log_softmax(logits / scale[:, None], dim=-1)
    tokens = logprobs.argmax(-1)
    if bool((sampled := temperatures > 0).any()):
        cumulative = logprobs[sampled].exp().cumsum(-1)
        # Rounding leaves the last sum a little off one; the draw is scaled to it.
        wanted = draws[sampled, None].to(cumulative.dtype) * cumulative[:, -1:]
        drawn = torch.searchsorted(cumulative, wanted, right=True).squeeze(-1)
        tokens[sampled] = drawn.clamp(max=logits.shape[1] - 1)
    return tokens, logprobs.gather(1, tokens[:, None]).squeeze(1)
