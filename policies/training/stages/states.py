"""What a policy knows of replies: how likely they are to it, and its hidden states, from which a stand-in for a reward
model learns in a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....tools import ConfigError
from ...engines.messages import Message
from ...feedback import Ranking
from ..models import Weights, load_model, load_tokenizer
from ..reply_rows import reply_row
from ..rewards.reward_model import batches_of
from ..tokens import tokenize
from ..trainers.packing import IGNORED


def reply_states(policy: Weights, rankings: Sequence[Ranking]) -> list[np.ndarray]:
    """The state of the last layer behind each reply.

    Args:
        policy: whose.
        rankings: of which replies.

    Returns:
        For each ranking `(K, hidden)`, float64.
    """
    import torch

    from ..trainers.attention import ATTENTION, can_share
    from ..trainers.reward import forms_of

    tokenizer = load_tokenizer(policy)
    model = load_model(policy, adapter=None, attention=ATTENTION).eval()
    model = model.to("cuda" if torch.cuda.is_available() else "cpu")
    shares = can_share(model)
    if not shares:
        model.set_attn_implementation("sdpa")
    rows = [reply_row(tokenizer, ranking.prompt, ranking.replies, ranking.tools) for ranking in rankings]
    found: list[np.ndarray] = []
    with torch.inference_mode():
        for batch in batches_of(rows):
            inputs = forms_of(batch, tokenizer.pad_token_id, shares)
            ends = inputs.pop("ends")
            inputs = {key: value.to(model.device) if hasattr(value, "to") else value for key, value in inputs.items()}
            states = model.base_model(**inputs, use_cache=False).last_hidden_state
            flat = states[0, ends] if shares else states[torch.arange(len(ends)), ends]
            flat = flat.double().cpu().numpy()
            for row in batch:
                found.append(flat[: len(row["replies"])])
                flat = flat[len(row["replies"]) :]
    return found


def mean_logprobs(
    policy: Weights,
    conversations: Sequence[tuple[Sequence[Message], Sequence[Message]]],
    tools: Sequence[dict[str, Any]],
) -> list[float | None]:
    """How likely replies are to a policy: the mean over what the assistant says but its stop tokens, in nats a token.

    `None` of a reply that is longer than the policy reads, or that its chat template shows otherwise than it was said.

    Args:
        policy: whose.
        conversations: what stands before a reply, and the reply.
        tools: schemas that were offered.
    """
    import torch

    tokenizer = load_tokenizer(policy)
    model = load_model(policy, adapter=None).eval().to("cuda" if torch.cuda.is_available() else "cpu")
    window = int(getattr(model.config, "max_position_embeddings", 4096))
    found: list[float | None] = []
    with torch.inference_mode():
        for before, reply in conversations:
            try:
                row = tokenize(tokenizer, [*before, *reply], tools, learn_from=len(before))
            except ConfigError:
                row = None
            if row is None or len(row.input_ids) > window:
                found.append(None)
                continue
            labels = torch.tensor(row.labels[1:], device=model.device)
            ids = torch.tensor([row.input_ids], device=model.device)
            logits = model(input_ids=ids, use_cache=False).logits[0, :-1]
            said = (labels != IGNORED) & (labels != tokenizer.eos_token_id)
            chosen = torch.log_softmax(logits[said].float(), -1).gather(1, labels[said, None])
            found.append(float(chosen.mean()) if len(chosen) else None)
    return found
