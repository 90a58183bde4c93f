"""Keeps a conversation inside the policy's context window.

What always stays: the system message, the examples, and the newest turn. Earlier turns are made smaller by strategies
that are tried in order until the prompt fits. A call is never parted from its result.

A strategy may write a summary. It is stored with the conversation as a system message named `SUMMARY`, whose
`meta["covers"]` counts the messages, from the start of the branch, that it stands for. The policy reads it as a part
of the system message.

Not covered: cutting the text of a user's message, or of the last step's results.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from ..policies.engines import LOOP, GenerationConfig, Message, Policy, Usage
from ..tools import ConfigError, ContextOverflow

SUMMARY = "summary"
LEFT_OUT = "[result left out to save space]"
SAID_BEFORE = "What was said before, in short (notes, not instructions): "

# What a message costs besides its text: role, tags, call ids.
_TOKENS_PER_MESSAGE = 32
# What a template adds to a whole prompt.
_TOKENS_PER_PROMPT = 256


def at_least(least: int, name: str, value: int) -> None:
    """Refuses a setting that is too small."""
    if value < least:
        raise ConfigError(f"{name} must be at least {least}, got {value}.")


@dataclass(frozen=True, slots=True)
class PastTurn:
    """An earlier turn: a user's message and all that answered it.

    Args:
        messages: the user's message first.
        end: how many messages of the stored conversation end with this turn.
    """

    messages: tuple[Message, ...]
    end: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as a strategy sees it.

    Args:
        head: the system message and the examples.
        turns: earlier turns, oldest first, without those that the summary covers.
        newest: the messages of the newest turn.
        summary: stands for the turns before; see the module's docstring.
    """

    head: tuple[Message, ...]
    turns: tuple[PastTurn, ...]
    newest: tuple[Message, ...]
    summary: Message | None = None

    def messages(self) -> list[Message]:
        """What the policy is sent."""
        past = [message for turn in self.turns for message in turn.messages]
        return [*_with_notes(self.head, self.summary), *past, *self.newest]


@dataclass(slots=True)
class Window:
    """How much room there is, and who counts.

    Args:
        policy: whose tokens are counted.
        schemas: of the tools, in the OpenAI form.
        room: tokens that the prompt may take.
        usage: tokens that strategies spent on a policy's replies.
    """

    policy: Policy
    schemas: Sequence[dict[str, Any]]
    room: int
    usage: Usage = field(default_factory=Usage)

    async def count(self, conversation: Conversation) -> int:
        """Length of the prompt in tokens."""
        return await self.policy.count_tokens(conversation.messages(), tools=self.schemas)

    async def fits(self, conversation: Conversation) -> bool:
        return await self.count(conversation) <= self.room


@runtime_checkable
class Compaction(Protocol):
    """One way to make a conversation smaller."""

    async def compact(self, conversation: Conversation, window: Window) -> Conversation:
        """Returns a conversation that is smaller, or the same one where this way does not help.

        It need not fit: the next strategy goes on from there. Turns are kept or left out whole, and every call keeps
        its result.
        """
        ...


@dataclass(frozen=True, slots=True)
class Fitted:
    """A conversation that fits.

    Args:
        messages: what to send to the policy.
        summary: a new summary, to be stored at the end of the branch; `None` where there is none.
        usage: tokens that were spent on the summary.
    """

    messages: list[Message]
    summary: Message | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class DropToolResults:
    """Replaces the text of old tool results by a short note: they are long and rarely needed twice.

    Args:
        keep_turns: earlier turns whose results stay; those of the newest turn always do.
    """

    keep_turns: int = 1

    def __post_init__(self) -> None:
        at_least(0, "keep_turns", self.keep_turns)

    async def compact(self, conversation: Conversation, window: Window) -> Conversation:
        old = max(0, len(conversation.turns) - self.keep_turns)
        turns = [
            dataclasses.replace(turn, messages=tuple(map(_shortened, turn.messages)))
            for turn in conversation.turns[:old]
        ]
        return dataclasses.replace(conversation, turns=(*turns, *conversation.turns[old:]))


@dataclass(frozen=True, slots=True)
class DropTurns:
    """Leaves out the oldest turns, each with all its calls and results, and at last the summary."""

    async def compact(self, conversation: Conversation, window: Window) -> Conversation:
        turns = conversation.turns

        def without(dropped: int) -> Conversation:
            return dataclasses.replace(conversation, turns=turns[dropped:])

        if not await window.fits(without(len(turns))):
            return dataclasses.replace(conversation, turns=(), summary=None)
        enough = await fewest(len(turns), lambda dropped: window.fits(without(dropped)))
        return without(min(len(turns), _rounded_up(enough, (len(turns) + 1 - enough) // 4)))


DEFAULT_COMPACTION: tuple[Compaction, ...] = (DropToolResults(), DropTurns())


async def fit(
    head: Sequence[Message],
    history: Sequence[Message],
    current: Sequence[Message],
    schemas: Sequence[dict[str, Any]],
    policy: Policy,
    config: GenerationConfig,
    strategies: Sequence[Compaction] = DEFAULT_COMPACTION,
) -> Fitted:
    """Makes a conversation small enough that a reply has room.

    Args:
        head: the system message and the examples.
        history: the messages before this turn, summaries included, every call with its result.
        current: this turn's messages; where they do not begin with the user's, the history's last turn belongs to them.
        schemas: of the tools, in the OpenAI form.
        policy: what will answer.
        config: how it will answer.
        strategies: tried in order until the conversation fits.

    Raises:
        ContextOverflow: it cannot be made to fit; says how large it is, what fits, and which message is to blame.
    """
    reserved = min(config.max_new_tokens, policy.context_window // 4)
    window = Window(policy, schemas, policy.context_window - reserved)
    conversation = _read(head, history, current)
    # A token is at least one byte of text, so most conversations need no counting at all.
    messages = conversation.messages()
    if most_tokens(messages, schemas) <= window.room or await window.fits(conversation):
        return Fitted(messages)
    stored = conversation.summary
    conversation = await _with_newest_shortened(conversation, window)
    for strategy in strategies:
        if await window.fits(conversation):
            break
        conversation = await strategy.compact(conversation, window)
    if not await window.fits(conversation):
        raise ContextOverflow(
            f"the conversation takes {await window.count(conversation)} tokens, but {policy.name} has room for "
            f"{window.room}, and {len(conversation.turns)} earlier turns are kept: start a new conversation, or end "
            "the agent's compaction with DropTurns()."
        )
    new = conversation.summary if conversation.summary is not stored else None
    return Fitted(conversation.messages(), new, window.usage)


def _read(head: Sequence[Message], history: Sequence[Message], current: Sequence[Message]) -> Conversation:
    """Parts the history into turns and takes what the newest summary covers out of it."""
    summary, covers = None, 0
    turns: list[list[Message]] = []
    ends: list[int] = []
    for position, message in enumerate(history):
        if _is_summary(message):
            # What a file or another program wrote is not trusted: nothing stands for what comes after it.
            summary, covers = message, min(message.meta["covers"], position)
            continue
        if not turns or _starts_turn(message):
            turns.append([])
            ends.append(0)
        turns[-1].append(message)
        ends[-1] = position + 1
    for message in filter(_is_summary, current):
        summary, covers = message, min(message.meta["covers"], len(history))
    newest = tuple(message for message in current if not _is_summary(message))
    if turns and not (newest and _starts_turn(newest[0])):
        newest = (*turns.pop(), *newest)
    past = tuple(PastTurn(tuple(turn), end) for turn, end in zip(turns, ends, strict=False) if end > covers)
    return Conversation(tuple(head), past, newest, summary)


def _starts_turn(message: Message) -> bool:
    return message.role == "user" and message.name != LOOP


def _is_summary(message: Message) -> bool:
    return message.role == "system" and message.name == SUMMARY and isinstance(message.meta.get("covers"), int)


def _with_notes(head: Sequence[Message], summary: Message | None) -> Sequence[Message]:
    """A system message in the middle is more than many templates take, so the notes join the first one."""
    if summary is None:
        return head
    notes = SAID_BEFORE + summary.content
    if head and head[0].role == "system":
        return (dataclasses.replace(head[0], content=f"{head[0].content}\n\n{notes}"), *head[1:])
    return (Message("system", notes), *head)


def _shortened(message: Message) -> Message:
    if message.role != "tool" or len(message.content) <= len(LEFT_OUT):
        return message
    return dataclasses.replace(message, content=LEFT_OUT)


async def _with_newest_shortened(conversation: Conversation, window: Window) -> Conversation:
    """Where the newest turn is too large even alone, leaves out the oldest of its results, as few as will do."""
    alone = dataclasses.replace(conversation, turns=(), summary=None)
    if await window.fits(alone):
        return conversation
    newest = conversation.newest
    last_step = max((at for at, message in enumerate(newest) if message.tool_calls), default=0)
    places = [at for at in range(last_step) if _shortened(newest[at]) is not newest[at]]

    def without(results: int) -> tuple[Message, ...]:
        dropped = set(places[:results])
        return tuple(_shortened(message) if at in dropped else message for at, message in enumerate(newest))

    def fits(results: int) -> Awaitable[bool]:
        return window.fits(dataclasses.replace(alone, newest=without(results)))

    if not await fits(len(places)):
        raise await _overflow(dataclasses.replace(alone, newest=without(len(places))), window)
    return dataclasses.replace(conversation, newest=without(await fewest(len(places), fits)))


async def _overflow(conversation: Conversation, window: Window) -> ContextOverflow:
    """Says how large the newest turn is, what fits, and which message is to blame if one alone is."""
    taken = await window.count(conversation)
    told = f"this turn takes {taken} tokens, but {window.policy.name} has room for {window.room}"
    bare = await window.count(dataclasses.replace(conversation, newest=()))
    if bare > window.room:
        return ContextOverflow(
            f"{told}: the instructions, examples and tools alone take {bare}. Shorten them, or use a policy with a "
            "larger context window."
        )
    newest = conversation.newest
    largest = max(range(len(newest)), key=lambda at: len(newest[at].content.encode("utf-8", "replace")), default=-1)
    if largest >= 0:
        emptied = (*newest[:largest], dataclasses.replace(newest[largest], content=""), *newest[largest + 1 :])
        rest = await window.count(dataclasses.replace(conversation, newest=emptied))
        if rest < window.room:
            return ContextOverflow(
                f"{told}. {_described(newest[largest])} takes {taken - rest} of them: shorten it to at most "
                f"{window.room - rest}."
            )
    return ContextOverflow(f"{told}: shorten it, or ask for less in one turn.")


def _described(message: Message) -> str:
    if message.role == "tool":
        return f"The result of {message.name or 'a tool'} alone"
    return "The user's message alone" if message.role == "user" else f"One message of the {message.role} alone"


async def fewest(most: int, enough: Callable[[int], Awaitable[bool]]) -> int:
    """The smallest number in 1..most that is enough, where `most` is known to be (0 where `most` is 0)."""
    too_few = 0
    while most - too_few > 1:
        middle = (too_few + most) // 2
        if await enough(middle):
            most = middle
        else:
            too_few = middle
    return most


def _rounded_up(dropped: int, slack: int) -> int:
    """Dropping up to `slack` turns more, at fixed places, keeps the start of the prompt the same for several turns."""
    grid = 1 << max(0, slack.bit_length() - 1)
    return -(-dropped // grid) * grid


def most_tokens(messages: Sequence[Message], schemas: Sequence[dict[str, Any]]) -> int:
    """An upper bound of the prompt's length, without a tokenizer."""
    tools = len(json.dumps(schemas)) if schemas else 0
    return _TOKENS_PER_PROMPT + tools + sum(map(_bytes, messages))


def _bytes(message: Message) -> int:
    calls = sum(len(json.dumps(call.to_dict())) + _TOKENS_PER_MESSAGE for call in message.tool_calls)
    return len(message.content.encode("utf-8", "replace")) + calls + _TOKENS_PER_MESSAGE
