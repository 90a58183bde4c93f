"""How likely a model holds many texts, with everything that they share at their start computed once.

The texts form a tree of prefixes. Its nodes are computed depth first in bounded pieces, each one row: a token sees
its own ancestors alone, by the attention mask, and its place is its depth. Between two pieces only the keys and
values of the path to the next node are kept. So the work is that of the tree's nodes: of a five-shot question the
examples are read once for all questions that share them, and of four answers the question is read once. The mask is
that of tree attention (SpecInfer, Miao et al. 2024), here for scoring.

Not covered: models whose layers do not keep all keys and values; for these each text is computed alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .messages import TextScore

# Nodes of one piece. Larger ones waste work on pairs of tokens that do not see each other, smaller ones on overhead.
PIECE = 384


@dataclass(frozen=True, slots=True)
class Asked:
    """One text to be scored.

    Args:
        prompt: token ids before it, at least one.
        completion: its own token ids, at least one.
    """

    prompt: Sequence[int]
    completion: Sequence[int]


class TreeScorer:
    """Scores texts piece by piece.

    Args:
        model: a causal language model of `transformers`.
        device: where it lies.
        asked: the texts.
        shares: whether the model's cache allows what is described above.
    """

    def __init__(self, model: Any, device: str, asked: Sequence[Asked], *, shares: bool = True) -> None:
        self._model = model
        self._device = device
        self._asked = asked
        self._shares = shares
        self._sums = np.zeros(len(asked))
        self._greedy = np.ones(len(asked), dtype=bool)

    def scores(self) -> list[TextScore]:
        """What is known when `pieces` has ended."""
        found = zip(self._sums.tolist(), self._asked, self._greedy.tolist(), strict=True)
        return [TextScore(total, len(asked.completion), greedy) for total, asked, greedy in found]

    def pieces(self) -> Iterator[int]:
        """Does the work; yields after each piece how many tokens were computed."""
        if not self._shares:
            for number in range(len(self._asked)):
                yield self._compute_all(_Tree([self._asked[number]], [number]))
            return
        yield from self._walk(_Tree(self._asked, range(len(self._asked))))

    def _walk(self, tree: _Tree) -> Iterator[int]:
        from transformers import DynamicCache

        cache, cached = DynamicCache(), 0
        for start in range(0, len(tree.tokens), PIECE):
            end = min(len(tree.tokens), start + PIECE)
            mask = tree.mask(start, end, cached)
            self._note(tree, start, end, self._forward(tree, start, end, cache, mask))
            if end < len(tree.tokens):
                columns = tree.path_columns(end, start, cached)
                self._keep(cache, columns)
                cached = len(columns)
            yield end - start

    def _compute_all(self, tree: _Tree) -> int:
        """A single text without a cache."""
        end = len(tree.tokens)
        self._note(tree, 0, end, self._forward(tree, 0, end, None, None))
        return end

    def _forward(self, tree: _Tree, start: int, end: int, cache: Any, mask: np.ndarray | None) -> Any:
        """Logits behind the nodes that are asked about, float32, of shape (nodes, vocabulary)."""
        import torch

        wanted = tree.wanted(start, end)
        given: Any = None
        if mask is not None:
            given = torch.from_numpy(mask)[None, None].to(self._device)
            if self._model.config._attn_implementation != "sdpa":
                lowest = torch.finfo(self._model.dtype).min
                given = torch.zeros_like(given, dtype=self._model.dtype).masked_fill_(~given, lowest)
        with torch.inference_mode():
            return self._model(
                input_ids=torch.tensor([tree.tokens[start:end]], device=self._device),
                attention_mask=given,
                position_ids=torch.tensor([tree.depths[start:end]], device=self._device),
                past_key_values=cache,
                use_cache=cache is not None,
                # A piece of which nothing is asked still has to fill the cache.
                logits_to_keep=torch.tensor(wanted or [0], device=self._device),
            ).logits[0].float()  # fmt: skip

    def _keep(self, cache: Any, columns: np.ndarray) -> None:
        import torch

        kept = torch.from_numpy(columns).to(self._device)
        for layer in cache.layers:
            layer.keys = layer.keys.index_select(2, kept)
            layer.values = layer.values.index_select(2, kept)

    def _note(self, tree: _Tree, start: int, end: int, logits: Any) -> None:
        import torch

        rows, texts, targets = tree.questions(start, end)
        if not texts:
            return
        with torch.inference_mode():
            where, what = torch.tensor(rows, device=self._device), torch.tensor(targets, device=self._device)
            logprobs = torch.log_softmax(logits, -1)[where, what].double().cpu().numpy()
            likeliest = (logits.argmax(-1)[where] == what).cpu().numpy()
        np.add.at(self._sums, texts, logprobs)
        np.logical_and.at(self._greedy, texts, likeliest)


class _Tree:
    """The prefixes of some texts as nodes, numbered depth first.

    Args:
        asked: the texts.
        numbers: how each is called in the answers.
    """

    def __init__(self, asked: Sequence[Asked], numbers: Sequence[int]) -> None:
        self.tokens: list[int] = []
        self.depths: list[int] = []
        # Of each run of new nodes: its first node, and the nodes from the root to its end.
        self._firsts: list[int] = []
        self._paths: list[np.ndarray] = []
        # (node, text, token): what is asked.
        self._questions: list[tuple[int, int, int]] = []
        inputs = [[*one.prompt, *one.completion[:-1]] for one in asked]
        before: list[int] = []
        path = np.zeros(0, dtype=np.int64)
        for index in sorted(range(len(inputs)), key=inputs.__getitem__):
            ids = inputs[index]
            shared = _common(before, ids)
            if shared < len(ids):
                first = len(self.tokens)
                self.tokens += ids[shared:]
                self.depths += range(shared, len(ids))
                path = np.concatenate([path[:shared], np.arange(first, len(self.tokens))])
                self._firsts.append(first)
                self._paths.append(path)
                before = ids
            place = len(asked[index].prompt) - 1
            for offset, token in enumerate(asked[index].completion):
                self._questions.append((int(path[place + offset]), numbers[index], token))
        self._questions.sort()

    def _between(self, start: int, end: int) -> list[tuple[int, int, int]]:
        from bisect import bisect_left

        return self._questions[bisect_left(self._questions, (start,)) : bisect_left(self._questions, (end,))]

    def wanted(self, start: int, end: int) -> list[int]:
        """Places within a piece that something is asked about, in order."""
        return sorted({node - start for node, _, _ in self._between(start, end)})

    def questions(self, start: int, end: int) -> tuple[list[int], list[int], list[int]]:
        """Row among `wanted`, text and token of each question of a piece."""
        row = {place: number for number, place in enumerate(self.wanted(start, end))}
        asked = self._between(start, end)
        return [row[node - start] for node, _, _ in asked], [text for _, text, _ in asked], [tok for _, _, tok in asked]

    def mask(self, start: int, end: int, cached: int) -> np.ndarray | None:
        """Which keys each node of a piece sees, of shape (nodes, cached + nodes); `None` for plain causal attention."""
        from bisect import bisect_right

        run = bisect_right(self._firsts, start) - 1
        if not cached and self._end(run) >= end:
            return None
        seen = np.zeros((end - start, cached + end - start), dtype=bool)
        while run < len(self._firsts) and self._firsts[run] < end:
            path = self._columns(self._paths[run], start, cached)
            length = self._end(run) - self._firsts[run]
            low, high = max(self._firsts[run], start), min(self._end(run), end)
            # Depths of the nodes low and high of this run.
            first = len(path) - length + low - self._firsts[run]
            count = high - low
            rows = np.arange(low - start, high - start)
            seen[rows[:, None], path[None, :first]] = True
            seen[np.ix_(rows, path[first : first + count])] = np.tri(count, dtype=bool)
            run += 1
        return seen

    def path_columns(self, node: int, start: int, cached: int) -> np.ndarray:
        """Where the ancestors of a node stand among the keys of the piece before it."""
        from bisect import bisect_right

        run = bisect_right(self._firsts, node) - 1
        path = self._paths[run]
        depth = len(path) - (self._end(run) - node)
        return self._columns(path[:depth], start, cached)

    def _end(self, run: int) -> int:
        return int(self._paths[run][-1]) + 1

    def _columns(self, path: np.ndarray, start: int, cached: int) -> np.ndarray:
        # Whatever lies before the piece is an ancestor of its first node, and kept in order of depth.
        return np.where(path < start, np.arange(len(path)), path - start + cached)


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """Length of the common start."""
    length = min(len(first), len(second))
    for place in range(length):
        if first[place] != second[place]:
            return place
    return length
