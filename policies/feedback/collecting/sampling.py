"""Replies of a policy that people are to rank: several to each prompt, through the agent, so with its tools."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Awaitable, Iterable, Sequence

from ....agent import Agent, InMemorySession
from ....tools import ConfigError, PericlesError, PolicyError, ToolRegistry
from ...engines.messages import GenerationConfig, Message, Policy
from ..message_lists import check_reply
from ..ranking import said_in
from .candidates import Candidate


async def sample_candidate(
    policy: Policy,
    id: str,
    prompt: Sequence[Message],
    *,
    tools: ToolRegistry,
    replies: int,
    name: str,
    config: GenerationConfig,
    seed: int = 0,
) -> Candidate | None:
    """Answers one prompt several times.

    Args:
        policy: what speaks.
        id: of the candidate.
        prompt: the conversation so far without the agent's system message; the user spoke last.
        tools: what is offered.
        replies: how many times, each with a seed of its own.
        name: of the policy, for the record.
        config: how replies are sampled; at temperature 0 they are all the same.
        seed: another one samples other replies.

    Returns:
        The different replies, whole, or `None` where there are fewer than two: turns that end in an error, wait for an
        approval or say nothing are no replies.

    Raises:
        PericlesError: what every turn ended with; the first.
    """
    seeds = [_seed(seed, id, number) for number in range(replies)]
    turns = [_tried(answer(policy, prompt, tools, dataclasses.replace(config, seed=one))) for one in seeds]
    ended = await asyncio.gather(*turns)
    different: dict[str, tuple[Message, ...]] = {}
    for reply in ended:
        if not isinstance(reply, PericlesError):
            different.setdefault(said_in(reply), reply)
    failures = [error for error in ended if isinstance(error, PericlesError)]
    if failures and not different:
        raise failures[0]
    if len(different) < 2:
        return None
    return Candidate(id, tuple(prompt), tuple(different.values()), tuple(tools.schemas()), name)


async def answer(
    policy: Policy, prompt: Sequence[Message], tools: ToolRegistry, config: GenerationConfig
) -> tuple[Message, ...]:
    """One turn of the agent, as files hold it.

    Raises:
        PericlesError: what ended the turn; `PolicyError` where it ended in no answer.
    """
    session = InMemorySession()
    await session.append(prompt, after=None)
    await Agent(policy, tools, config=config).run(None, session=session)
    reply = bare((await session.messages())[len(prompt) :])
    try:
        check_reply(reply, "its reply")
    except ConfigError as error:
        raise PolicyError(f"{policy.name} gave no answer: {error}") from None
    return reply


def bare(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Messages without the agent's notes, as files hold them."""
    return tuple(dataclasses.replace(message, meta={}) for message in messages)


async def _tried(turn: Awaitable[tuple[Message, ...]]) -> tuple[Message, ...] | PericlesError:
    try:
        return await turn
    except PericlesError as error:
        return error


def _seed(seed: int, id: str, number: int) -> int:
    digest = hashlib.sha256(f"{seed}\0{id}\0{number}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") >> 1
