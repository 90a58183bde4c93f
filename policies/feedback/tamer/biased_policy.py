"""A policy that says what a person's clicks prefer: of several sampled replies the one that their live head likes best.

It learns nothing itself, and is the wrapped policy again as soon as the head is switched off. It costs as many replies
as it samples, and the first word comes when all of them are written.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, cast

from ....tools import ConfigError
from ...engines.messages import (
    CallRead,
    GenerationConfig,
    Message,
    Policy,
    PolicyEvent,
    ReplyFinished,
    TextPiece,
    ToolChoice,
    Usage,
)
from ..message_lists import has_text
from .live import LiveSession

# The rewards of replies to a conversation, by a reward model.
Rewards = Callable[[Sequence[Message], Sequence[Sequence[Message]]], Awaitable[Sequence[float]]]

CANDIDATES = 4
TEMPERATURE = 0.8
_SHOWN_AT_ONCE = 8  # characters


class LivePolicy:
    """See the module.

    Before the first click, and while the head is off, replies are the wrapped policy's own, as they come.

    Args:
        policy: who speaks.
        live: whose clicks decide.
        candidates: how many replies are sampled, the first as the policy would be asked without the head.
        rewards: of a reward model, which the head is added to; the head decides alone by default.
        temperature: of the others, where the request's own is lower.
        pace: characters a second at which the chosen reply is shown, so that it can be clicked on while it grows; all
            of it at once by default.
        tells_logprob: whether `take_logprob` is wanted, of policies that run here; servers refuse too often to tell.

    Raises:
        ConfigError: there are fewer than two candidates, or the temperature is 0.
    """

    def __init__(
        self,
        policy: Policy,
        live: LiveSession,
        *,
        candidates: int = CANDIDATES,
        rewards: Rewards | None = None,
        temperature: float = TEMPERATURE,
        pace: float | None = None,
        tells_logprob: bool = False,
    ) -> None:
        if candidates < 2:
            raise ConfigError(f"a live head needs at least 2 candidates to choose from, got {candidates}.")
        if temperature <= 0:
            raise ConfigError(f"the candidates' temperature must be above 0, or all are the same; got {temperature}.")
        self.name = policy.name
        self.context_window = policy.context_window
        self.capabilities = policy.capabilities & {"logprobs"}
        self.wrapped = policy
        self._live = live
        self._candidates = candidates
        self._rewards = rewards
        self._temperature = temperature
        self._pace = pace
        self._said: list[float] = []
        local = bool(policy.capabilities & {"texts", "token_ids"})
        self._asks_logprobs = tells_logprob and local and "logprobs" in policy.capabilities

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: ToolChoice = "auto",
        config: GenerationConfig | None = None,
    ) -> AsyncGenerator[PolicyEvent]:
        """Streams one reply; see `Policy.stream`. The usage is that of all candidates."""
        wanted = config is not None and config.logprobs is not None
        if self._asks_logprobs and not wanted:
            config = dataclasses.replace(config or GenerationConfig(), logprobs=0)

        def told(event: PolicyEvent) -> PolicyEvent:
            if not isinstance(event, ReplyFinished):
                return event
            self._said += [token.logprob for token in event.logprobs]
            return event if wanted else dataclasses.replace(event, logprobs=())

        def asked(how: GenerationConfig | None) -> AsyncIterator[PolicyEvent]:
            return self.wrapped.stream(messages, tools=tools, tool_choice=tool_choice, config=how)

        if not self._live.on or not self._live.clicks:
            events = asked(config)
            async with _closing(events):
                async for event in events:
                    yield told(event)
            return
        written = await _all([_written(asked(how)) for how in self._ways(config)])
        sound = [events for events in written if _is_sound(events)] or written
        replies = [[_message(events)] for events in sound]
        rewards = await self._rewards(messages, replies) if self._rewards is not None else None
        chosen = sound[self._live.prefer(replies, rewards)]
        async for event in self._paced(chosen, _usage(written)):
            yield told(event)

    def take_logprob(self) -> float | None:
        """How likely what was said since this was last asked was to the policy: the mean over its tokens, in nats.

        `None` where nothing was said, or the policy does not tell.
        """
        said, self._said = self._said, []
        return sum(said) / len(said) if said else None

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        return await self.wrapped.count_tokens(messages, tools=tools)

    async def aclose(self) -> None:
        await self.wrapped.aclose()

    def _ways(self, config: GenerationConfig | None) -> list[GenerationConfig | None]:
        """How each candidate is sampled."""
        asked = config or GenerationConfig()
        warm = max(asked.temperature, self._temperature)
        return [
            config,
            *(
                dataclasses.replace(asked, temperature=warm, seed=None if asked.seed is None else asked.seed + number)
                for number in range(1, self._candidates)
            ),
        ]

    async def _paced(self, events: Sequence[PolicyEvent], usage: Usage) -> AsyncGenerator[PolicyEvent]:
        for event in events:
            if isinstance(event, ReplyFinished):
                yield dataclasses.replace(event, usage=usage)
            elif isinstance(event, TextPiece) and self._pace is not None:
                for start in range(0, len(event.text), _SHOWN_AT_ONCE):
                    part = event.text[start : start + _SHOWN_AT_ONCE]
                    await asyncio.sleep(len(part) / self._pace)
                    yield TextPiece(part)
            else:
                yield event


async def _all(replies: Sequence[Coroutine[Any, Any, list[PolicyEvent]]]) -> list[list[PolicyEvent]]:
    """All at once; where one fails or the reader leaves, none goes on."""
    tasks = [asyncio.create_task(reply) for reply in replies]
    try:
        return await asyncio.gather(*tasks)  # a TaskGroup would raise a group of errors, which nobody here expects
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _written(events: AsyncIterator[PolicyEvent]) -> list[PolicyEvent]:
    async with _closing(events):
        return [event async for event in events]


def _closing(events: AsyncIterator[PolicyEvent]) -> contextlib.AbstractAsyncContextManager[Any]:
    if hasattr(events, "aclose"):
        return contextlib.aclosing(cast("AsyncGenerator[PolicyEvent]", events))
    return contextlib.nullcontext()


def _message(events: Sequence[PolicyEvent]) -> Message:
    text = "".join(event.text for event in events if isinstance(event, TextPiece))
    return Message("assistant", text, tuple(event.call for event in events if isinstance(event, CallRead)))


def _is_sound(events: Sequence[PolicyEvent]) -> bool:
    """Says or calls something, and calls nothing that cannot be read: how it is said comes after that."""
    message = _message(events)
    readable = all(call.problem is None for call in message.tool_calls)
    return readable and (bool(message.tool_calls) or has_text(message.content))


def _usage(written: Sequence[Sequence[PolicyEvent]]) -> Usage:
    ends = [event.usage for events in written for event in events if isinstance(event, ReplyFinished)]
    return sum(ends, Usage())
