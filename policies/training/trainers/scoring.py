"""Log-probabilities of sampled tokens, with what replies to one prompt have in common read once.

The stock way pads: eight replies to a prompt of 240 tokens read it eight times. Here the prompt stands once in front of
its replies (attention.py), and logits are made at the places that predict a token of a reply and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from .attention import positions

# Rows of logits whose entropy is taken at once: a row of 50,000 logits is 200 kB.
ENTROPY_ROWS = 512


@dataclass(frozen=True)
class Packed:
    """A padded batch as one sequence.

    Args:
        inputs: of the model: `input_ids`, `position_ids`, `seq_lengths`, and as `logits_to_keep` the place that
            predicts each token of a reply.
        targets: `(tokens,)` those tokens.
        rows, columns: `(tokens,)` where each stands in the padded batch of replies.
    """

    inputs: dict[str, Any]
    targets: torch.Tensor
    rows: torch.Tensor
    columns: torch.Tensor


def packed(input_ids: torch.Tensor, attention_mask: torch.Tensor, width: int) -> Packed:
    """Packs a padded batch, replies to the same prompt behind it.

    Args:
        input_ids: `(replies, tokens)`, prompts padded on the left and replies on the right.
        attention_mask: like it.
        width: of the padded replies, in tokens.
    """
    groups: dict[tuple[int, ...], list[int]] = {}
    prompts = zip(input_ids[:, :-width], attention_mask[:, :-width], strict=True)
    for row, (prompt, mask) in enumerate(prompts):
        groups.setdefault(tuple(prompt[mask > 0].tolist()), []).append(row)
    ids: list[int] = []
    lengths: list[list[int]] = []
    predicting: list[int] = []
    rows: list[int] = []
    columns: list[int] = []
    for prompt, members in groups.items():
        ids += prompt
        end_of_prompt = len(ids) - 1
        lengths.append([len(prompt)])
        for row in members:
            places = attention_mask[row, -width:].nonzero().squeeze(-1)
            start = len(ids)
            ids += input_ids[row, -width:][places].tolist()
            lengths[-1].append(len(places))
            predicting += [end_of_prompt, *range(start, start + len(places) - 1)][: len(places)]
            rows += [row] * len(places)
            columns += places.tolist()
    device = input_ids.device
    place = torch.tensor([rows, columns], device=device)
    return Packed(
        {
            "input_ids": torch.tensor([ids], device=device),
            "position_ids": torch.tensor([positions(lengths)], device=device),
            "seq_lengths": lengths,
            "logits_to_keep": torch.tensor(predicting, device=device),
        },
        input_ids[:, -width:][place[0], place[1]],
        place[0],
        place[1],
    )


def padded(input_ids: torch.Tensor, attention_mask: torch.Tensor, width: int) -> Packed:
    """The same batch as it stands, for models and machines on which prompts are not shared."""
    rows, columns = attention_mask[:, -width:].nonzero(as_tuple=True)
    return Packed(
        {
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "position_ids": (attention_mask.cumsum(1) - 1).clamp(min=0),
            "logits_to_keep": width + 1,
        },
        input_ids[:, -width:][rows, columns],
        rows,
        columns,
    )


def at_targets(batch: Packed, values: torch.Tensor) -> torch.Tensor:
    """Of what a model gives for each place that it keeps, `(texts, places, …)`, what belongs to each target."""
    return values[0] if "seq_lengths" in batch.inputs else values[batch.rows, batch.columns]


def chosen_logprobs(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Log-probability of each target (nats); logits `(tokens, vocabulary)` in float32."""
    return logits.gather(-1, targets[:, None]).squeeze(-1) - logits.logsumexp(-1)


@torch.no_grad()
def entropies_of(logits: torch.Tensor) -> torch.Tensor:
    """Entropy of each row's distribution (nats)."""
    found: list[torch.Tensor] = []
    for rows in logits.split(ENTROPY_ROWS):
        logprobs = torch.log_softmax(rows, dim=-1)
        found.append(-(logprobs.exp() * logprobs).sum(-1))
    return torch.cat(found)
