"""Conversations as token ids: the text that the engines send, and which of its tokens the policy said itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...tools import ConfigError
from ..engines.chat_format import render
from ..engines.messages import Message
from .trainers.packing import IGNORED, TokenRow


def render_text(tokenizer: Any, messages: Sequence[Message], tools: Sequence[dict[str, Any]], *, asks: bool) -> str:
    """The text of a conversation as an engine with this tokenizer makes it.

    Args:
        tokenizer: from `models.load_tokenizer`.
        messages: the conversation, with the system message.
        tools: schemas that are offered.
        asks: whether the text ends with the opening of a reply.
    """
    return render(
        tokenizer.chat_template,
        messages,
        tools=tools,
        add_generation_prompt=asks,
        bos_token=tokenizer.bos_token or "",
        eos_token=tokenizer.eos_token or "",
    )


def encode(tokenizer: Any, text: str) -> list[int]:
    """The ids of a text that holds its control tokens already."""
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def tokenize(
    tokenizer: Any, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = (), *, learn_from: int = 0
) -> TokenRow:
    """A conversation as ids and labels: the loss covers replies, calls and stop tokens.

    Each reply is tokenized by itself, as it is when a policy writes it. A template may show an earlier reply otherwise
    than it was written (families that drop earlier reasoning do); such a reply is not learned from.

    Args:
        tokenizer: from `models.load_tokenizer`.
        messages: the conversation.
        tools: schemas that are offered.
        learn_from: number of leading messages without loss.

    Raises:
        ConfigError: there is no reply to learn from.
    """
    whole = render_text(tokenizer, messages, tools, asks=False)
    ids: list[int] = []
    labels: list[int] = []
    done = 0
    for at, message in enumerate(messages):
        if message.role != "assistant" or at < learn_from:
            continue
        start, end = _reply(tokenizer, messages[: at + 1], tools)
        if start < done or not whole.startswith(end):
            continue
        opening = encode(tokenizer, whole[done:start])
        said = encode(tokenizer, whole[start : len(end)])
        ids += opening + said
        labels += [IGNORED] * len(opening) + said
        done = len(end)
    if not done:
        raise ConfigError("the conversation has no reply of the assistant to learn from.")
    rest = encode(tokenizer, whole[done:])
    return TokenRow(ids + rest, labels + [IGNORED] * len(rest), prefix=_prefix(ids, labels, tokenizer.eos_token_id))


def _reply(tokenizer: Any, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> tuple[int, str]:
    """Where the last message's own text starts (-1: nowhere), and the text up to the stop token behind it."""
    before = render_text(tokenizer, messages[:-1], tools, asks=True)
    text = render_text(tokenizer, messages, tools, asks=False)
    if not text.startswith(before):
        return -1, text
    stop = tokenizer.eos_token or ""
    end = text.rfind(stop, len(before)) if stop else -1
    return len(before), text[: end + len(stop)] if end >= 0 else text.rstrip("\n")


def _prefix(ids: list[int], labels: list[int], stop: int) -> int:
    """Length of the system message, which many conversations share."""
    learned = next((at for at, label in enumerate(labels) if label != IGNORED), len(ids))
    return ids.index(stop) + 1 if stop in ids[:learned] else 0
