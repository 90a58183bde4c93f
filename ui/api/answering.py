"""The two ways of answering: a turn of the agent, and one reply of its policy to a client that runs its own tools.

Both hand on what is said as it comes (`Emit`) and return how it ended.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...agent import (
    Agent,
    AnswerCorrected,
    ApprovalRequested,
    ConfigError,
    Decisions,
    Event,
    InMemorySession,
    Message,
    MessageCompleted,
    ReasoningDelta,
    Session,
    SourcesResolved,
    TextDelta,
    ToolCallFinished,
    ToolCallStarted,
    ToolProgress,
    Turn,
    TurnContext,
    TurnFinished,
    TurnResult,
    Usage,
)
from ...agent.agent import Instructions
from ...policies.engines import CallPiece, CallRead, Policy, ReplyFinished, TextPiece, TokenLogprob
from ...tools import PolicyError, ToolCall, ToolResult
from .conversation import Asked
from .errors import invalid
from .watched import WatchedPolicy, closing

NOBODY_TO_ASK = "nobody can be asked for approval here. Do without it, or tell the user to do it elsewhere."
_TOLD = (
    AnswerCorrected,
    ApprovalRequested,
    ReasoningDelta,
    SourcesResolved,
    ToolCallFinished,
    ToolCallStarted,
    ToolProgress,
    TurnFinished,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """A call for the client to run.

    Args:
        index: which of the reply's calls.
        call_id: to answer it by.
        name: of the client's tool.
        arguments: JSON; what the model wrote where that is none.
    """

    index: int
    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the agent, for clients that asked for them."""

    event: Event


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended.

    Args:
        reason: OpenAI's `finish_reason`.
        usage: tokens of all replies together.
        output: the whole answer, checked against its sources.
        logprobs: of the reply's tokens, where they were asked for.
        message_id: of the answer, in a conversation that the server keeps.
    """

    reason: str
    usage: Usage
    output: str
    logprobs: tuple[TokenLogprob, ...] = ()
    message_id: str | None = None


Emit = Callable[[Said | Called | Happened], None]


@dataclass(slots=True)
class _Spoken:
    """Hands text on without the white space around it, with an empty line between two replies."""

    emit: Emit
    _held: str = ""
    _begun: bool = False
    _parted: bool = False

    def say(self, text: str) -> None:
        if self._parted or not self._begun:
            text = text.lstrip()
            if not text:
                return
            self._held = "\n\n" if self._begun else ""
            self._parted = False
        whole = self._held + text
        shown = whole.rstrip()
        self._held = whole[len(shown) :]
        if shown:
            self._begun = True
            self.emit(Said(shown))

    def part(self) -> None:
        self._parted = True


async def agent_turn(
    agent: Agent, asked: Asked, session: Session | None, seconds: float, emit: Emit, ran: Callable[[ToolResult], None]
) -> Ended:
    """A turn of the agent with its own tools.

    Args:
        agent: who answers.
        asked: the request.
        session: a conversation that the server keeps, of which the request has the newest message alone; `None` takes
            all of the request's messages.
        seconds: the longest that it may take.
        emit: takes what is said and what happens.
        ran: takes the result of each call.

    Raises:
        ApiError: the request is wrong.
        PericlesError: what ended the turn.
    """
    policy = WatchedPolicy(agent.policy)
    agent = dataclasses.replace(
        agent, policy=policy, config=asked.config, instructions=_on_top(agent.instructions, asked.instructions)
    )
    question: str | Decisions | None = asked.last_said if session is not None else None
    kept = session
    if session is None:
        session = InMemorySession()
        await session.append(asked.messages, after=None)
    try:
        turn = agent.stream(question, session=session, tool_choice=asked.tool_choice, deadline=seconds)
    except ConfigError as error:
        raise invalid(str(error), "tool_choice") from None
    spoken = _Spoken(emit)
    usage = Usage()
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        result = await _followed(turn, spoken, emit, ran)
        usage += result.usage
        if result.status != "awaiting_approval":
            break
        decisions = Decisions(rest=NOBODY_TO_ASK)
        turn = agent.stream(decisions, session=session, deadline=max(0.001, end - loop.time()))
    if result.error is not None:
        raise result.error
    if result.status == "cancelled":
        raise PolicyError("the turn was stopped by something in it.")
    reason = "content_filter" if result.status == "blocked" else "stop"
    ended = policy.ended or ReplyFinished("stop")
    if ended.reason == "length":
        reason = "length"
    branch = [] if kept is None else await kept.branch()
    return Ended(reason, usage, result.output, ended.logprobs, branch[-1].id if branch else None)


async def _followed(turn: Turn, spoken: _Spoken, emit: Emit, ran: Callable[[ToolResult], None]) -> TurnResult:
    async with turn:
        async for event in turn:
            match event:
                case TextDelta(text):
                    spoken.say(text)
                case ToolCallFinished(result):
                    ran(result)
                case MessageCompleted(message) if message.role == "assistant":
                    spoken.part()
                case _:
                    pass
            waits = isinstance(event, TurnFinished) and event.status == "awaiting_approval"
            if isinstance(event, _TOLD) and not waits:
                emit(Happened(event))
    return turn.result


def _on_top(own: Instructions, given: str) -> Instructions:
    """The client's instructions behind the agent's own, which tell the policy of its tools."""
    if not given:
        return own
    if isinstance(own, str):
        return f"{own}\n\n{given}" if own else given
    make = own

    async def both(context: TurnContext[Any]) -> str:
        made = make(context)
        text = await made if inspect.isawaitable(made) else made
        return f"{text}\n\n{given}" if text else given

    return both


async def passed_through(policy: Policy, asked: Asked, seconds: float, emit: Emit) -> Ended:
    """One reply of the policy to the client's own messages and tools.

    Raises:
        PericlesError: the policy failed.
        TimeoutError: it took longer than `seconds`.
    """
    messages = list(asked.messages)
    if asked.instructions:
        messages.insert(0, Message("system", asked.instructions))
    reading = _Calls(emit, one=asked.one_call)
    spoken = _Spoken(emit)
    said: list[str] = []
    ended = ReplyFinished("stop")
    async with asyncio.timeout(seconds):
        pieces = policy.stream(messages, tools=asked.tools, tool_choice=asked.tool_choice, config=asked.config)
        async with closing(pieces):
            async for piece in pieces:
                match piece:
                    case TextPiece(text):
                        said.append(text)
                        spoken.say(text)
                    case CallPiece(index, text):
                        reading.write(index, text)
                    case CallRead(call) if asked.tool_choice != "none":
                        unreadable = reading.read(call)
                        said.append(unreadable)
                        spoken.say(unreadable)
                    case ReplyFinished():
                        ended = piece
                    case _:
                        pass
    reason = "length" if ended.reason == "length" else "tool_calls" if reading.made else "stop"
    return Ended(reason, ended.usage, "".join(said).strip(), ended.logprobs)


@dataclass(slots=True)
class _Calls:
    """The calls of a reply.

    What the model wrote in place of JSON is handed on as the arguments: clients of OpenAI's API check them. Where not
    even the tool's name can be read, it is text.
    """

    emit: Emit
    one: bool
    made: int = 0
    _written: dict[int, str] = field(default_factory=dict[int, str])
    _read: int = 0

    def write(self, index: int, text: str) -> None:
        self._written[index] = self._written.get(index, "") + text

    def read(self, call: ToolCall) -> str:
        """Hands a call on. Returns what is to be said instead."""
        written = self._written.get(self._read, "")
        self._read += 1
        if not call.name:
            return written or call.problem or ""
        if self.made and self.one:
            return ""
        if call.problem is None:
            written = json.dumps(call.arguments, ensure_ascii=False, default=str)
        self.emit(Called(self.made, call.id, call.name, written))
        self.made += 1
        return ""
