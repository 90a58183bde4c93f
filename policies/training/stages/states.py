"""What a policy knows of replies: its hidden states, from which a stand-in for a reward model learns in a second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...feedback import Ranking
from ..models import Weights, load_model, load_tokenizer
from ..reply_rows import reply_row
from ..rewards.reward_model import batches_of


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
