"""The steps of a turn: the policy speaks, its calls run, their results go back, until there is an answer.

Every message is stored as soon as it is whole, so that a process that dies loses at most the one being written.
What a policy does wrong is told back to it, in a user message under the name `LOOP`, and never ends the turn at once.

Results are data: a call that stands in one is refused (`injection`). What an exact tool found is said right
(`restating`). The answer is checked against its sources before it is stored (`resolving`), so it may lack marks and
quotations that were streamed.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import inspect
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from ..policies.engines import (
    LOOP,
    CallPiece,
    CallRead,
    Message,
    ReasoningPiece,
    ReplyFinished,
    TextPiece,
    Usage,
)
from ..policies.engines.call_text import new_call_id
from ..tools import ConfigError, MaxStepsExceeded, PolicyError, ToolCall, ToolResult, TurnContext
from .approval import NOT_ASKED, WENT_ON, Decisions
from .calling import ASKED_BEFORE, Caller, Memory
from .compaction import fit
from .events import (
    AnswerCorrected,
    ApprovalRequested,
    Event,
    MessageCompleted,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    TurnStatus,
    UsageUpdated,
)
from .injection import IN_A_RESULT, ResultCalls, user_said
from .resolving import Resolved, resolve
from .restating import LONGEST_RESULT, Restating
from .sessions import DECISION, complete, newest_leaf, waiting
from .structured import output_reader
from .telemetry import reply_span

if TYPE_CHECKING:
    from .agent import Agent
    from .sessions import Session

# How often a reply that breaks a demand (a call that must be made, the form of the output) may be written again.
CORRECTIONS = 2
# Steps in a row that only repeat earlier calls; after these the policy has to answer without tools.
REPEATED_STEPS = 2
# How long a turn reads from its policy before it lets others run, in seconds.
LONGEST_SLICE = 0.0001
THINK_FIRST = "Think step by step between <think> and </think> before you call a tool or answer."
CANCELLED = "Error: cancelled before it finished."


@dataclass(frozen=True, slots=True)
class Request:
    """What `Agent.stream` was asked for.

    Args:
        asked: what the user says, decisions about waiting calls, or `None` to answer what the session ends with.
        deps: for tools and instructions.
        tool_choice: for the first step.
    """

    asked: str | Decisions | None
    deps: Any
    tool_choice: str


@dataclass(slots=True)
class Reply:
    """What the policy has said in the present step."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    reason: str = "stop"
    replaced: str = ""


@dataclass(slots=True)
class Progress:
    """What the turn has reached.

    Args:
        stored: messages that the turn has added to the session.
        reply: what the policy is saying.
        memory: of the calls.
        usage: tokens so far.
        output: the answer's text.
        value: the answer as a value of `output_type`.
    """

    stored: list[Message] = field(default_factory=list[Message])
    reply: Reply = field(default_factory=Reply)
    memory: Memory = field(default_factory=Memory)
    usage: Usage = field(default_factory=Usage)
    output: str = ""
    value: Any = None


class Loop:
    """Runs one turn.

    Args:
        agent: whose policy and tools.
        session: the conversation.
        request: what is asked.
        emit: takes the events.
    """

    def __init__(self, agent: Agent, session: Session, request: Request, emit: Callable[[Event], None]) -> None:
        self.progress = Progress()
        self._agent = agent
        self._session = session
        self._request = request
        self._emit = emit
        self._reader = None if agent.output_type is None else output_reader(agent.output_type)
        self._schemas = agent.tools.schemas()
        self._head: list[Message] = []
        self._history: list[Message] = []
        self._current: list[Message] = []
        self._after: str | None = None
        self._ids: set[str] = set()
        self._in_results = ResultCalls()
        memory = self.progress.memory
        self._caller = Caller(agent.tools, agent.max_parallel_calls, emit, session.id, request.deps, memory)

    async def run(self) -> TurnStatus:
        """All steps.

        Raises:
            PericlesError: what ended the turn.
        """
        branch = await self._session.branch()
        self._after = branch[-1].id if branch else None
        self._history = complete([entry.message for entry in branch])
        self._ids = {call.id for message in self._history for call in message.tool_calls}
        self._head = [Message("system", await self._instructions()), *self._agent.examples]
        asked = self._request.asked
        if isinstance(asked, Decisions):
            await self._decided(asked)
        elif asked is not None:
            await self._user_said(asked)
        elif waiting(self._history):
            raise ConfigError("the session waits for Decisions about its last calls.")
        else:
            self._reopen()
        return await self._steps()

    async def end(self) -> None:
        """After a cancellation or an error: stores what was said and gives every call a result."""
        progress = self.progress
        left = self._unanswered()
        reply = progress.reply
        if left:
            await self._store([_result(progress.memory.by_id.get(call.id), call) for call in left])
        elif reply.calls:
            calls = self._fresh(reply.calls)
            progress.reply = Reply()
            await self._store([_said(reply, calls), *(_result(None, call) for call in calls)])
        elif reply.text.strip():
            progress.output = reply.text.strip()
            progress.reply = Reply()
            await self._store([_said(reply, cut_off=True)])

    async def _instructions(self) -> str:
        given = self._agent.instructions
        if callable(given):
            told = given(TurnContext(self._session.id, self._request.deps))
            given = await told if inspect.isawaitable(told) else told
            if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ConfigError(f"the instructions function must return a str, got {type(given).__name__}.")
        parts = [given, THINK_FIRST if self._agent.reasoning else "", self._reader.instructions if self._reader else ""]
        return "\n\n".join(part for part in parts if part)

    async def _user_said(self, text: str) -> None:
        if waiting(self._history):
            # The calls that waited are answered, so that the conversation can go on without them.
            await self._store([_tool_message(call, WENT_ON) for call in self._history[-1].tool_calls])
            self._history, self._current = [*self._history, *self._current], []
        await self._store([Message("user", text)])

    async def _decided(self, decisions: Decisions) -> None:
        ids = waiting(self._history)
        if not ids:
            raise ConfigError(f"no call in session {self._session.id!r} waits for approval.")
        refused = decisions.refusals(ids)
        self._reopen()
        await self._claim()
        asked, memory = self._current[-1], self.progress.memory
        refused.update(asked.meta.get("refused") or {})
        for call in asked.tool_calls:
            # A tool may have become one that asks since this step was written.
            known = call.id in refused or call.id in ids or memory.recall(call) is not None
            if not known and self._agent.tools.needs_approval(call):
                refused[call.id] = NOT_ASKED
        await self._run_calls(asked.tool_calls, refused)

    async def _claim(self) -> None:
        """Makes sure that a decision is carried out once, whichever processes hear of it at the same time.

        Raises:
            ConfigError: somebody else carries one out already.
        """
        session, before = self._session, self._after
        (mark,) = await session.append([Message("tool", "", tool_call_id=DECISION)], after=before)
        entries = await session.entries()
        first = next(entry.id for entry in entries if entry.parent_id == before)
        if first != mark.id:
            self._current = []
            # Back to the other's branch, which may grow meanwhile.
            leaf, newest = "", newest_leaf(entries, first)
            while leaf != newest:
                leaf = newest
                await session.switch(leaf)
                newest = newest_leaf(await session.entries(), first)
            raise ConfigError(f"another decision in session {session.id!r} is being carried out already.")
        self._after = mark.id

    def _reopen(self) -> None:
        """Goes on with the newest turn of the history: its messages belong to this turn."""
        starts = [at for at, message in enumerate(self._history) if message.role == "user" and message.name != LOOP]
        if not starts or (self._history[-1].role == "assistant" and not waiting(self._history)):
            raise ConfigError("there is nothing to answer: the session must end with a user's message.")
        self._current = [message for message in self._history[starts[-1] :] if message.role != "system"]
        summaries = [message for message in self._history[starts[-1] :] if message.role == "system"]
        self._history = self._history[: starts[-1]] + summaries
        calls = [call for message in self._current for call in message.tool_calls]
        results = [message for message in self._current if message.role == "tool"]
        self.progress.memory.restore(calls, results)

    async def _steps(self) -> TurnStatus:
        agent, memory = self._agent, self.progress.memory
        choice = self._request.tool_choice if len(agent.tools) else "none"
        repeated = corrections = 0
        steps = sum(1 for message in self._current if message.tool_calls)
        while True:
            used_up = steps >= agent.max_steps
            if used_up or repeated >= REPEATED_STEPS:
                choice = "none"
            reply = await self._speak(choice)
            if reply.calls:
                calls = self._fresh(reply.calls)
                repeated = repeated + 1 if all(memory.recall(call) for call in calls) else 0
                refused = _others(calls, choice)
                if not await self._make_calls(reply, calls, refused):
                    return "awaiting_approval"
                steps += 1
                problem = f"it must call {choice}."
                if len(refused) == len(calls):
                    corrections += 1
                else:
                    choice, corrections = "auto", 0
            else:
                problem = self._problem(reply, choice, corrected=corrections > 0)
                if problem is None:
                    await self._answer(reply)
                    return "max_steps" if used_up else "completed"
                corrections += 1
                await self._store([_said(reply), Message("user", problem, name=LOOP)])
            if corrections > CORRECTIONS:
                raise PolicyError(f"{agent.policy.name} was corrected {CORRECTIONS} times in vain: {problem}")
            if steps >= agent.max_steps and agent.on_max_steps == "error":
                raise MaxStepsExceeded(f"the turn used all its {agent.max_steps} steps without an answer.")

    async def _speak(self, choice: str) -> Reply:
        progress, agent = self.progress, self._agent
        policy, config = agent.policy, agent.config
        messages = await self._fitting()
        reply = progress.reply = Reply()
        restating = self._restating()

        def say(text: str) -> None:
            if text:
                reply.text += text
                self._emit(TextDelta(text))

        with reply_span(policy, config, messages) as span:
            pieces = policy.stream(messages, tools=self._schemas, tool_choice=choice, config=config)
            async with contextlib.AsyncExitStack() as stack:
                if hasattr(pieces, "aclose"):
                    stack.push_async_callback(cast("AsyncGenerator[Any]", pieces).aclose)
                resumed = time.perf_counter()
                async for piece in pieces:
                    # A policy may have many pieces ready at once; hundreds of turns that read theirs without a pause
                    # would block the event loop for long.
                    if time.perf_counter() - resumed > LONGEST_SLICE:
                        await asyncio.sleep(0)
                        resumed = time.perf_counter()
                    match piece:
                        case TextPiece(text):
                            say(text if restating is None else restating.write(text))
                        case ReasoningPiece(text):
                            reply.reasoning += text
                            self._emit(ReasoningDelta(text))
                        case CallPiece(index, text):
                            self._emit(ToolCallDelta(index, text))
                        case CallRead(call) if choice != "none":
                            reply.calls += (call,)
                        case CallRead():
                            pass  # a policy that calls although it may not: its text is all that counts
                        case ReplyFinished(reason, usage):
                            if restating is not None:
                                say(restating.end(answers=not reply.calls))
                                reply.replaced = restating.replaced.strip()
                            reply.reason = reason
                            progress.usage += usage
                            self._emit(UsageUpdated(progress.usage, progress.memory.tool_seconds))
                            span.finish(reason, usage, reply.text, reply.calls)
        _stop_if_cancelled()
        return reply

    def _restating(self) -> Restating | None:
        """What checks the next reply against the turn's exact results; `None` where there are none."""
        agent, memory = self._agent, self.progress.memory
        if not agent.restates or self._reader is not None:
            return None
        exact = [
            result.text.removeprefix(ASKED_BEFORE)
            for result in memory.by_id.values()
            if not result.is_error and agent.tools.is_exact(result.name) and len(result.text) <= LONGEST_RESULT
        ]
        last = next((message for message in reversed(self._current) if message.role == "tool"), None)
        if not exact or last is None or last.content.removeprefix(ASKED_BEFORE) != exact[-1]:
            return None
        return Restating(exact, [message.content for message in (*self._history, *self._current)])

    async def _fitting(self) -> list[Message]:
        agent = self._agent
        fitted = await fit(
            self._head, self._history, self._current, self._schemas, agent.policy, agent.config, agent.compaction
        )
        self.progress.usage += fitted.usage
        if fitted.summary is not None:
            await self._write([fitted.summary])
            self._history.append(fitted.summary)
        return fitted.messages

    def _problem(self, reply: Reply, choice: str, *, corrected: bool) -> str | None:
        """What is wrong with a reply that makes no call; `None` for an answer."""
        if choice == "required":
            return f"Answer by a tool call. Tools: {', '.join(tool.name for tool in self._agent.tools)}."
        if choice not in ("auto", "none"):
            return f"Answer by a call of the tool {choice}."
        text = reply.text.strip()
        if self._reader is not None:
            try:
                if reply.reason == "length":
                    raise ValueError("it was cut off because it is too long")
                self.progress.value = self._reader.read(text)
            except ValueError as error:
                return f"Your answer cannot be read: {error}. Answer again with the JSON value alone."
        elif not text and reply.reasoning and not corrected:
            return "You have not answered yet. Write the answer after </think>."
        return None

    async def _answer(self, reply: Reply) -> None:
        progress = self.progress
        resolved = await resolve(
            reply.text.strip(),
            progress.memory.sources,
            history=self._history,
            said=user_said(self._current),
            judge=self._agent.judge,
            # A value is what its reader made of it: to take something out would part the two.
            keep=self._reader is not None,
            # What is known when a cancellation comes is what is stored.
            tell=lambda text: setattr(reply, "text", text),
        )
        progress.output = resolved.text
        replaced = reply.replaced
        await self._store([_said(reply, resolved=resolved)])
        if replaced:
            self._emit(AnswerCorrected(replaced))
        if resolved.event is not None:
            self._emit(resolved.event)

    async def _make_calls(self, reply: Reply, calls: tuple[ToolCall, ...], refused: Mapping[str, str]) -> bool:
        """Stores and runs the calls of a step. Returns `False` where a person has to allow one first."""
        memory, tools = self.progress.memory, self._agent.tools
        refused = {**self._injected(calls), **refused}
        asking = [
            call
            for call in calls
            if call.id not in refused and memory.recall(call) is None and tools.needs_approval(call)
        ]
        # What is refused now stays refused when a person has decided about the rest.
        kept = dict(refused) if asking else dict[str, str]()
        await self._store([_said(reply, calls, approvals=[call.id for call in asking], refused=kept)])
        if asking:
            for call in asking:
                self._emit(ApprovalRequested(call))
            return False
        await self._run_calls(calls, refused)
        return True

    def _injected(self, calls: Sequence[ToolCall]) -> dict[str, str]:
        """By call id, why the calls that stand in a result are refused."""
        self._in_results.read([*self._history, *self._current])
        asked = user_said(self._current)
        return {call.id: IN_A_RESULT for call in calls if self._in_results.hold(call, asked)}

    async def _run_calls(self, calls: Sequence[ToolCall], refused: Mapping[str, str]) -> None:
        by_id = {call.id: call for call in calls}
        async with contextlib.aclosing(self._caller.results(calls, refused)) as results:
            async for ready in results:
                await self._store([_result(result, by_id[result.call_id]) for result in ready])

    def _fresh(self, calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
        """The calls with ids that the conversation does not have yet: results are matched by them."""
        fresh: list[ToolCall] = []
        for call in calls:
            known = not call.id or call.id in self._ids
            fresh.append(dataclasses.replace(call, id=new_call_id()) if known else call)
            self._ids.add(fresh[-1].id)
        return tuple(fresh)

    def _unanswered(self) -> list[ToolCall]:
        """The calls of the newest message that have no result in the session yet."""
        answered: set[str | None] = set()
        for message in reversed(self._current):
            if message.role != "tool":
                return [call for call in message.tool_calls if call.id not in answered]
            answered.add(message.tool_call_id)
        return []

    async def _store(self, messages: Sequence[Message]) -> None:
        self.progress.reply = Reply()
        await self._write(messages, self._current)

    async def _write(self, messages: Sequence[Message], to: list[Message] | None = None) -> None:
        """Adds messages to the session; a cancellation meanwhile takes effect afterwards."""
        storing = asyncio.ensure_future(self._session.append(messages, after=self._after))
        cancelled = await finished(storing)
        self._after = storing.result()[-1].id
        self.progress.stored.extend(messages)
        if to is not None:
            to.extend(messages)
        for message in messages:
            self._emit(MessageCompleted(message))
        if cancelled:
            raise asyncio.CancelledError


def _stop_if_cancelled() -> None:
    """A policy may swallow a cancellation and go on to speak; the turn does not."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def finished(task: asyncio.Future[Any]) -> bool:
    """Waits until a task is done, cancelled or not. Returns whether the waiting was cancelled meanwhile."""
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    return cancelled


def _said(
    reply: Reply,
    calls: tuple[ToolCall, ...] = (),
    *,
    approvals: Sequence[str] = (),
    refused: Mapping[str, str] = MappingProxyType({}),
    resolved: Resolved | None = None,
    cut_off: bool = False,
) -> Message:
    meta: dict[str, Any] = {}
    if cut_off:
        meta["cut_off"] = True
    if reply.reasoning:
        meta["reasoning"] = reply.reasoning
    if approvals:
        meta["approvals"] = list(approvals)
    if refused:
        meta["refused"] = dict(refused)
    if reply.replaced:
        meta["replaced"] = reply.replaced
    if resolved is not None:
        meta.update(resolved.meta())
    return Message("assistant", reply.text.strip(), calls, meta=meta)


def _result(result: ToolResult | None, call: ToolCall) -> Message:
    if result is None:
        return _tool_message(call, CANCELLED)
    text = f"Error: {result.text}" if result.is_error else result.text
    meta = result.to_dict()
    for implied in ("call_id", "name", "text"):
        del meta[implied]
    return _tool_message(call, text, {"result": meta})


def _tool_message(call: ToolCall, text: str, meta: dict[str, Any] | None = None) -> Message:
    return Message("tool", text, tool_call_id=call.id, name=call.name, meta=meta or {})


def _others(calls: Sequence[ToolCall], choice: str) -> dict[str, str]:
    """By call id, why the calls of other tools are refused where one tool was demanded."""
    if choice in ("auto", "none", "required"):
        return {}
    return {call.id: f"Only {choice} may be called now." for call in calls if call.name != choice}
