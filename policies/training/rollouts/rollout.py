"""Runs turns of the agent as a training needs them: many at once, with ids and log-probabilities of what was said.

Every turn goes through `pericles.agent`, so the prompts of a training are what the agent sends when it is used. What is
learned from is one sequence: the first prompt, and behind it replies and tool results as they followed each other, with
a mask that leaves out what the policy did not say. An agent writes what it read from a reply into its next prompt;
where that differs from the reply by a byte (a call with other spaces, say), the sequence ends with that reply, so that
no prompt is learned from that nobody would send. The turn itself goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ....agent import Agent, InMemorySession
from ....tools import PericlesError, ToolRegistry
from ...engines.chat_format import ReplyReader
from ...engines.messages import GenerationConfig, Message, PolicyEvent, ReplyFinished, Usage
from ..rewards.reply import Reply
from ..sources.prompt import Prompt
from ..tokens import encode, render_text
from .decoder import Asked, Decoder, Generated, Kept
from .server import ServerDecoder


@dataclass
class Trajectory:
    """What is learned from, of one turn.

    Args:
        prompt_ids: of the first prompt.
        completion_ids: of all that followed.
        logprobs: the sampler's, of each token of the completion; 0 where the policy did not speak.
        mask: 1 where the policy spoke, 0 for tool results and everything else.
        text: of prompt and completion.
        whole: whether the sequence holds all that the policy said.
    """

    prompt_ids: list[int] = field(default_factory=list[int])
    completion_ids: list[int] = field(default_factory=list[int])
    logprobs: list[float] = field(default_factory=list[float])
    mask: list[int] = field(default_factory=list[int])
    text: str = ""
    whole: bool = True


@dataclass(frozen=True)
class Rollout:
    """One sampled turn.

    Args:
        reply: for the rewards.
        trajectory: for the loss.
        sent: the text of every prompt that the agent sent.
    """

    reply: Reply
    trajectory: Trajectory
    sent: tuple[str, ...]


class Lockstep:
    """Lets turns speak in step: a batch is decoded when every turn that is not over waits for a reply.

    So what is in a batch does not depend on how long tools take.
    """

    def __init__(self, decoder: Decoder | ServerDecoder, turns: int) -> None:
        self._decoder = decoder
        self._turns = turns
        self.failure: Exception | None = None
        self._waiting: list[tuple[int, Asked, asyncio.Future[Generated]]] = []

    async def ask(self, number: int, asked: Asked) -> Generated:
        """The reply of one turn."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((number, asked, future))
        self._decode_if_all_wait()
        return await future

    def leave(self) -> None:
        """One turn is over."""
        self._turns -= 1
        self._decode_if_all_wait()

    def _decode_if_all_wait(self) -> None:
        if not self._waiting or len(self._waiting) < self._turns:
            return
        waiting = sorted(self._waiting, key=lambda item: item[0])
        self._waiting = []
        try:
            found = self._decoder.generate([asked for _, asked, _ in waiting])
        except Exception as error:  # noqa: BLE001 - told to everyone who waits, and raised in the end
            self.failure = error
            for _, _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, _, future), generated in zip(waiting, found, strict=True):
            if not future.done():
                future.set_result(generated)


class RolloutPolicy:
    """The policy of one turn of a training. It notes what it was sent and what it said."""

    def __init__(self, number: int, lockstep: Lockstep, tokenizer: Any, config: GenerationConfig, window: int) -> None:
        self.name = "training"
        self.context_window = window
        self.capabilities = frozenset[str]()
        self.trajectory = Trajectory()
        self.sent: list[str] = []
        self.raw: list[str] = []
        self.ended: list[bool] = []
        self._number = number
        self._lockstep = lockstep
        self._tokenizer = tokenizer
        self._config = config
        self._kept: Kept | None = None

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: str = "auto",
        config: GenerationConfig | None = None,
    ) -> AsyncGenerator[PolicyEvent]:
        """See `Policy.stream`. Replies are free of any grammar, so that the log-probabilities are the policy's own."""
        text = render_text(self._tokenizer, messages, tools, asks=True)
        ids = self._prompt_ids(text)
        self.sent.append(text)
        seed = ((self._config.seed or 0) * 64 + len(self.raw)) % (1 << 63)
        asked = Asked(ids, seed, self._config.temperature, self._config.max_new_tokens, self._kept)
        generated = await self._lockstep.ask(self._number, asked)
        self._kept = generated.kept
        said, raw = self._note(generated)
        self.raw.append(raw)
        self.ended.append(generated.ended)
        reader = ReplyReader([tool["function"]["name"] for tool in tools], read_calls=tool_choice != "none")
        for event in (*reader.feed(said), *reader.finish(cut_off=not generated.ended)):
            yield event
        reason = "length" if not generated.ended else "tool_calls" if reader.calls else "stop"
        yield ReplyFinished(reason, Usage(len(ids), 0, len(generated.ids)))

    def _prompt_ids(self, text: str) -> list[int]:
        path = self.trajectory
        if not self.sent:
            path.prompt_ids, path.text = encode(self._tokenizer, text), text
            return path.prompt_ids
        if not path.whole or not text.startswith(path.text):
            path.whole = False
            return encode(self._tokenizer, text)
        new = encode(self._tokenizer, text[len(path.text) :])
        path.completion_ids += new
        path.logprobs += [0.0] * len(new)
        path.mask += [0] * len(new)
        path.text = text
        return path.prompt_ids + path.completion_ids

    def _note(self, generated: Generated) -> tuple[str, str]:
        """Adds a reply to what is learned from. Returns its text as an engine reads it, and as it was written."""
        ids = generated.ids[:-1] if generated.ended else generated.ids
        said = self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        raw = self._tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        path = self.trajectory
        if path.whole:
            path.completion_ids += generated.ids
            path.logprobs += generated.logprobs
            path.mask += [1] * len(generated.ids)
            end = self._tokenizer.decode(generated.ids[-1:], skip_special_tokens=False) if generated.ended else ""
            path.text += raw + end
            # Half a character has no text to come back from.
            path.whole = "\ufffd" not in raw
        return said, raw

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        """Length of the prompt in tokens."""
        return len(encode(self._tokenizer, render_text(self._tokenizer, messages, tools, asks=True)))

    async def aclose(self) -> None:
        """Nothing is held."""


def roll_out(
    prompts: Sequence[Prompt],
    decoder: Decoder | ServerDecoder,
    tokenizer: Any,
    tools: ToolRegistry,
    *,
    seeds: Sequence[int],
    temperature: float,
    max_new_tokens: int,
    max_steps: int,
    window: int,
    instructions: str | None = None,
) -> list[Rollout]:
    """Lets the agent answer prompts, each in a conversation of its own.

    Args:
        prompts: the same prompt may occur several times.
        decoder: the policy.
        tokenizer: from `models.load_tokenizer`.
        tools: what the agent has.
        seeds: one for each prompt.
        temperature: 0 is greedy.
        max_new_tokens: of each thing that the policy says.
        max_steps: steps of a turn in which tools are called.
        window: the policy's context window in tokens.
        instructions: the system message; the agent's own by default.
    """
    registries = {names: _subset(tools, names) for names in {prompt.tools for prompt in prompts}}
    lockstep = Lockstep(decoder, len(prompts))

    async def one(number: int, prompt: Prompt) -> Rollout:
        config = GenerationConfig(max_new_tokens=max_new_tokens, temperature=temperature, seed=seeds[number])
        policy = RolloutPolicy(number, lockstep, tokenizer, config, window)
        # What the policy itself says is learned from.
        agent = Agent(
            policy, registries[prompt.tools], instructions, max_steps=max_steps, config=config, restates=False
        )
        session = InMemorySession()
        *history, asked = prompt.messages
        try:
            if history:
                await session.append(history, after=None)
            result = await agent.run(asked.content, session=session)
            status: str = result.status
            messages = result.messages[1:]
        except PericlesError:
            status = "error"
            entries = await session.branch()
            messages = tuple(entry.message for entry in entries[len(prompt.messages) :])
        finally:
            lockstep.leave()
        reply = Reply(prompt, messages, tuple(policy.raw), tuple(policy.ended), status)
        return Rollout(reply, policy.trajectory, tuple(policy.sent))

    async def all_of_them() -> list[Rollout]:
        return list(await asyncio.gather(*(one(number, prompt) for number, prompt in enumerate(prompts))))

    found = asyncio.run(all_of_them())
    if lockstep.failure is not None:
        raise lockstep.failure
    return found


def _subset(tools: ToolRegistry, names: tuple[str, ...] | None) -> ToolRegistry:
    return tools if names is None else ToolRegistry([tool for tool in tools if tool.name in names])
