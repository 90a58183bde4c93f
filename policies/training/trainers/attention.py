"""Causal attention in which texts that open alike share the states of what they have in common.

One sequence holds a prefix once and behind it many parts, each of which sees the prefix and itself. Scores and
gradients are those of the separate texts (tests compare them); only the work of reading the prefix again is saved.
"""

from __future__ import annotations

import functools
import warnings
from typing import Any

import torch
from transformers import AttentionInterface

ATTENTION = "pericles_shared_prefix"


def shared_prefix_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    seq_lengths: list[list[int]] | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention in which every part of a pack sees its group's prefix and itself.

    Args:
        module: the attention layer.
        query: `(1, heads, tokens, size)`.
        key: `(1, key heads, tokens, size)`.
        value: like `key`.
        attention_mask: unused; `seq_lengths` says all.
        scaling: of the products; 1/√size by default.
        seq_lengths: `[prefix, part, part, ...]` for each group, in tokens; one part of all tokens by default.

    Returns:
        `(1, tokens, heads, size)`, and no weights.
    """
    lengths = seq_lengths or [[0, query.shape[2]]]
    repeats = query.shape[1] // key.shape[1]
    sizes = [length for group in lengths for length in group]
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    # One split has one concatenation as its backward pass; slices would each fill a whole tensor with zeros.
    queries = (query[0] * scale).to(value.dtype).split(sizes, dim=1)
    keys = key[0].to(value.dtype).repeat_interleave(repeats, dim=0).split(sizes, dim=1)
    values = value[0].repeat_interleave(repeats, dim=0).split(sizes, dim=1)
    outputs: list[torch.Tensor] = []
    with torch.autocast(query.device.type, enabled=False):
        for group in lengths:
            first = len(outputs)
            outputs.append(_attend(queries[first], keys[first], values[first], 0) if group[0] else queries[first])
            for part in range(first + 1, first + len(group)):
                joined_keys = torch.cat((keys[first], keys[part]), dim=1)
                joined_values = torch.cat((values[first], values[part]), dim=1)
                outputs.append(_attend(queries[part], joined_keys, joined_values, group[0]))
    return torch.cat(outputs, dim=1).transpose(0, 1).unsqueeze(0).contiguous(), None


def _attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, prefix: int) -> torch.Tensor:
    """Causal attention of one part whose keys begin with `prefix` tokens; all `(heads, tokens, size)`.

    Written out because PyTorch's fused kernel for the CPU takes four times as long at these sizes, most of it in
    its backward pass.
    """
    mask = _causal_mask(prefix, query.shape[1], query.dtype, query.device)
    scores = torch.baddbmm(mask.expand(query.shape[0], -1, -1), query, key.transpose(-1, -2))
    return torch.bmm(torch.softmax(scores, dim=-1), value)


@functools.lru_cache(maxsize=1024)
def _causal_mask(prefix: int, part: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    mask = torch.full((part, prefix + part), float("-inf"), dtype=dtype, device=device)
    return mask.triu(prefix + 1)


AttentionInterface.register(ATTENTION, shared_prefix_attention)


def positions(lengths: list[list[int]]) -> list[int]:
    """The place of each token in the text that it belongs to."""
    found: list[int] = []
    for prefix, *parts in lengths:
        found += range(prefix)
        for part in parts:
            found += range(prefix, prefix + part)
    return found


@torch.no_grad()
def can_share(model: Any) -> bool:
    """Whether a model gives the same scores in this form as it does alone.

    Windows, soft caps and other attention of their own would be lost; so it is tried, on a few tokens.

    Args:
        model: loaded with `attn_implementation=ATTENTION`.
    """
    training = model.training
    model.eval()
    own = model.config._attn_implementation
    vocabulary = model.get_input_embeddings().num_embeddings
    prefix, parts = [3, 5, 7, 11, 2], [[13, 17, 4, 19, 23, 6], [29, 31, 8]]
    texts = [[token % vocabulary for token in prefix + part] for part in parts]
    lengths = [[len(prefix), *map(len, parts)]]
    packed = texts[0] + texts[1][len(prefix) :]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            together = _hidden(model, packed, position_ids=torch.tensor([positions(lengths)]), seq_lengths=lengths)
            model.set_attn_implementation("eager")
            alone = [_hidden(model, text) for text in texts]
    except (TypeError, ValueError, RuntimeError, IndexError):
        return False
    finally:
        model.set_attn_implementation(own)
        model.train(training)
    wanted = torch.cat((alone[0], alone[1][len(prefix) :]))
    return torch.allclose(together, wanted, rtol=1e-3, atol=1e-3 * float(wanted.abs().max()))


def _hidden(model: Any, ids: list[int], **inputs: Any) -> torch.Tensor:
    device = model.get_input_embeddings().weight.device
    inputs = {key: value.to(device) if isinstance(value, torch.Tensor) else value for key, value in inputs.items()}
    output = model(input_ids=torch.tensor([ids], device=device), use_cache=False, output_hidden_states=True, **inputs)
    return output.hidden_states[-1][0].float()
