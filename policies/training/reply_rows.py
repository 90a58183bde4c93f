"""Replies to a prompt as a reward model reads them: the prompt once, and each reply up to its stop token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...tools import ConfigError
from ..engines.messages import Message
from .tokens import encode, render_text


def reply_row(
    tokenizer: Any, prompt: Sequence[Message], replies: Sequence[Sequence[Message]], tools: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Token ids of a prompt and of its replies.

    Args:
        tokenizer: from `models.load_tokenizer`.
        prompt: with the system message; the last message is the user's.
        replies: what the assistant said and the tools answered.
        tools: schemas that were offered.

    Returns:
        `prompt` and `replies`, lists of token ids.

    Raises:
        ConfigError: the chat template shows a prompt otherwise once there is a reply.
    """
    before = render_text(tokenizer, prompt, tools, asks=True)
    stop = tokenizer.eos_token or ""
    rows: list[list[int]] = []
    for reply in replies:
        text = render_text(tokenizer, [*prompt, *reply], tools, asks=False)
        if not text.startswith(before):
            raise ConfigError(
                "this model's chat template rewrites a prompt when a reply follows: no reply can be scored."
            )
        end = text.rfind(stop, len(before)) if stop else -1
        rows.append(encode(tokenizer, text[len(before) : end + len(stop) if end >= 0 else None]))
    return {"prompt": encode(tokenizer, before), "replies": rows}
