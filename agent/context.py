"""Keeps a conversation inside the policy's context window."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..policies.engines import GenerationConfig, Message, Policy
from ..tools import ContextOverflow

# What a message costs besides its text: role, tags, call ids.
_TOKENS_PER_MESSAGE = 32


async def fit(
    messages: Sequence[Message], tools: Sequence[dict[str, Any]], policy: Policy, config: GenerationConfig
) -> list[Message]:
    """Drops the oldest whole turns until a reply has room.

    A turn is dropped with all its calls and results, never a part of it. The system message and the newest
    turn always stay.

    Raises:
        ContextOverflow: the newest turn alone is too large; says how large and what fits.
    """
    room = policy.context_window - min(config.max_new_tokens, policy.context_window // 4)
    # A token is at least one byte of text, so most conversations need no counting at all.
    bound = len(json.dumps(tools)) + sum(_bytes(message) for message in messages)
    if bound <= room:
        return list(messages)
    head, turns = _turns(messages)

    def without(dropped: int) -> list[Message]:
        return [*head, *(message for turn in turns[dropped:] for message in turn)]

    if await policy.count_tokens(messages, tools=tools) <= room:
        return list(messages)
    newest = await policy.count_tokens(without(len(turns) - 1), tools=tools)
    if newest > room:
        raise ContextOverflow(
            f"this message and what belongs to it take {newest} tokens, but {policy.name} has room for {room}: "
            "shorten it."
        )
    too_few, enough = 0, len(turns) - 1
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if await policy.count_tokens(without(middle), tools=tools) <= room:
            enough = middle
        else:
            too_few = middle
    return without(min(len(turns) - 1, _rounded_up(enough, (len(turns) - enough) // 4)))


def _rounded_up(dropped: int, slack: int) -> int:
    """Dropping up to `slack` turns more, at fixed places, keeps the start of the prompt the same for several turns."""
    grid = 1 << max(0, slack.bit_length() - 1)
    return -(-dropped // grid) * grid


def _bytes(message: Message) -> int:
    calls = sum(len(json.dumps(call.to_dict())) + _TOKENS_PER_MESSAGE for call in message.tool_calls)
    return len(message.content.encode("utf-8", "replace")) + calls + _TOKENS_PER_MESSAGE


def _turns(messages: Sequence[Message]) -> tuple[list[Message], list[list[Message]]]:
    head = [message for message in messages[:1] if message.role == "system"]
    turns: list[list[Message]] = []
    for message in messages[len(head) :]:
        if message.role == "user" or not turns:
            turns.append([])
        turns[-1].append(message)
    return head, turns
