"""Conversation in the terminal: `pericles chat` and `pericles ask`."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import sys
import unicodedata
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from ..agent import (
    Agent,
    AnswerCorrected,
    ApprovalRequested,
    ConfigError,
    Decisions,
    Event,
    InMemorySession,
    Message,
    PericlesError,
    Session,
    SourcesResolved,
    SQLSession,
    TextDelta,
    ToolCall,
    ToolCallFinished,
    ToolCallStarted,
    ToolProgress,
    TurnFinished,
    TurnResult,
)
from ..policies.engines import LOOP
from ..tools.locations import data_dir
from . import chat_feedback
from .answer_notes import answer_notes, correction_note

if TYPE_CHECKING:
    from rich.status import Status

    from .live_chat import LiveChat

MakeAgent = Callable[[str], Agent]

HELP = f"""/tools          the tools and what they are for
/policy [REF]   the policy, or change to another one
/reset          forget the conversation
/save FILE      write the conversation to a file (.json, or Markdown)
{chat_feedback.HELP}
/live [WHAT]    with --live: what your clicks have taught; undo, off, on or reset
/help           this
/quit           leave (or Ctrl-D)
Ctrl-C stops an answer."""

_MAX_SHOWN = 600


def printable(text: str) -> str:
    """Text of a model or a tool without control characters: a terminal obeys them."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Cf"))


class TurnPrinter:
    """Shows the events of one turn as they come.

    Args:
        answer: where the answer goes.
        steps: where tool calls, sources and states go.
    """

    def __init__(self, answer: Console, steps: Console) -> None:
        self._answer = answer
        self._steps = steps
        self._line_open = False
        self._status: Status | None = None

    def start(self) -> None:
        self._wait("reading …")

    def show(self, event: Event) -> None:
        if isinstance(event, TextDelta):
            self._stop_waiting()
            self._answer.print(Text(printable(event.text)), end="", soft_wrap=True)
            self._answer.file.flush()
            self._line_open = True
        elif isinstance(event, ToolCallStarted):
            self._step(f"▸ {_one_line(event.call)}", "cyan")
            self._wait("working …")
        elif isinstance(event, ToolProgress):
            done = "" if event.fraction is None else f"{event.fraction:.0%} "
            self._wait(printable(f"{done}{' '.join(event.message.split())}")[:_MAX_SHOWN])
        elif isinstance(event, ApprovalRequested):
            self._step(f"? {_one_line(event.call)}", "yellow")
        elif isinstance(event, ToolCallFinished):
            style = "red" if event.result.is_error else "dim"
            self._step(f"  {event.result.text}", style)
            self._wait("reading …")
        elif isinstance(event, SourcesResolved):
            for number, source in event.sources.items():
                self._step(f"[{number}] {source.title} ({source.locator})", "dim")
            for note in answer_notes(event):
                self._step(note, "dim")
        elif isinstance(event, AnswerCorrected):
            self._step(correction_note(event), "dim")
        elif isinstance(event, TurnFinished):
            self._finish(event)

    def close(self) -> None:
        """Leaves the terminal tidy, also after an interruption."""
        self._stop_waiting()
        self._end_line()

    def _finish(self, event: TurnFinished) -> None:
        self.close()
        if event.status == "error":
            self._step(f"error: {event.error}", "red")
        elif event.status == "cancelled":
            self._step("stopped", "yellow")
        elif event.status == "max_steps":
            self._step(event.error or "stopped after the last allowed step", "yellow")

    def _step(self, text: str, style: str) -> None:
        self._stop_waiting()
        self._end_line()
        text = printable(text)
        if len(text) > _MAX_SHOWN:
            text = f"{text[:_MAX_SHOWN]} …"
        self._steps.print(Text(text, style=style), soft_wrap=True)

    def _end_line(self) -> None:
        if self._line_open:
            self._answer.print()
            self._line_open = False

    def _wait(self, what: str) -> None:
        self._stop_waiting()
        if self._steps.is_terminal:
            self._status = self._steps.status(Text(what), spinner="dots")
            self._status.start()

    def _stop_waiting(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def _one_line(call: ToolCall) -> str:
    query = call.arguments.get("query") if len(call.arguments) == 1 else None
    shown = query if isinstance(query, str) else json.dumps(call.arguments, ensure_ascii=False)
    return f"{call.name or 'unreadable call'}: {shown}"


async def _show_turn(agent: Agent, asked: str | Decisions | None, session: Session, printer: TurnPrinter) -> TurnResult:
    """Runs one turn; Ctrl-C cancels this coroutine, and the turn leaves a valid history behind."""
    printer.start()
    try:
        async with agent.stream(asked, session=session) as turn:
            async for event in turn:
                printer.show(event)
    finally:
        printer.close()
    return turn.result


class Terminal:
    """The chat loop.

    Args:
        make_agent: makes an agent of a policy reference.
        policy: the first policy's reference.
        session: name of a stored conversation; a new one that ends with the program by default.
        live: whose clicks are read while answers stream, and choose what is said.
    """

    def __init__(self, make_agent: MakeAgent, policy: str, session: str | None, live: LiveChat | None = None) -> None:
        self._make = make_agent
        self._live = live
        self._ref = policy
        self._console = Console(highlight=False)
        self._session: Session = SQLSession(session) if session else InMemorySession()
        self._agent = self._load(policy)
        self._feedback = chat_feedback.ChatFeedback(self._session, self._console, self._ask)

    def run(self) -> None:
        """Reads and answers until the user leaves."""
        self._enable_history()
        with asyncio.Runner() as runner:
            try:
                self._greet(runner)
                self._ask_pending(runner)
                while (line := self._read()) not in (None, "/quit", "/exit"):
                    self._handle(line, runner)
            finally:
                runner.run(self._agent.policy.aclose())

    def _greet(self, runner: asyncio.Runner) -> None:
        told = len(runner.run(self._session.messages()))
        self._console.print(f"pericles — policy {self._ref}. /help shows the commands, Ctrl-D leaves.", markup=False)
        if told:
            self._console.print(f"continuing {self._session.id}: {told} messages", style="dim", markup=False)

    def _ask_pending(self, runner: asyncio.Runner) -> None:
        """A conversation that was left while it waited for a decision goes on with it."""
        try:
            calls = runner.run(self._agent.pending(self._session))
            decisions = self._decide(calls) if calls else None
            if decisions is not None:
                self._answer(decisions, runner)
        except KeyboardInterrupt:
            self._console.print("stopped", style="yellow")

    def _load(self, ref: str) -> Agent:
        with self._console.status(f"loading {ref} …") if self._console.is_terminal else contextlib.nullcontext():
            agent = self._make(ref)
            return self._live.over(agent) if self._live is not None else agent

    def _enable_history(self) -> None:
        if not sys.stdin.isatty():
            return
        with contextlib.suppress(ImportError):
            import atexit
            import readline

            file = data_dir() / "history"
            with contextlib.suppress(OSError):
                readline.read_history_file(file)
            readline.set_history_length(1000)

            def save() -> None:
                with contextlib.suppress(OSError):
                    readline.write_history_file(file)

            atexit.register(save)

    def _read(self) -> str | None:
        while True:
            try:
                return input("\n> " if sys.stdin.isatty() else "").strip()
            except EOFError:
                self._console.print()
                return None
            except KeyboardInterrupt:
                self._console.print("\n/quit or Ctrl-D leaves", style="dim")

    def _handle(self, line: str, runner: asyncio.Runner) -> None:
        if not line:
            return
        try:
            if line.startswith("/"):
                self._command(line, runner)
            else:
                self._answer(line, runner)
        except KeyboardInterrupt:
            self._console.print("stopped", style="yellow")
        except PericlesError as error:
            self._console.print(f"error: {error}", style="red", markup=False)

    def _answer(self, asked: str | Decisions | None, runner: asyncio.Runner) -> None:
        """One turn, and on after each decision that it waits for."""
        result = runner.run(self._turn(asked))
        while result.pending and (decisions := self._decide(result.pending)) is not None:
            result = runner.run(self._turn(decisions))

    def _turn(self, asked: str | Decisions | None) -> Coroutine[Any, Any, TurnResult]:
        if self._live is not None:
            show = functools.partial(_show_turn, self._agent, asked, self._session)
            return self._live.turn(show, asked, self._session)
        return _show_turn(self._agent, asked, self._session, TurnPrinter(self._console, self._console))

    def _decide(self, calls: tuple[ToolCall, ...]) -> Decisions | None:
        """What the user decides; `None` where nobody is there to answer, and the calls go on waiting."""
        decided: dict[str, bool | str] = {}
        for call in calls:
            self._console.print(Text(printable(f"allow {_one_line(call)}? [y/N] "), style="yellow"), end="")
            try:
                decided[call.id] = input().strip().lower() in ("y", "yes")
            except EOFError:
                self._console.print()
                return None
        return Decisions(decided)

    def _command(self, line: str, runner: asyncio.Runner) -> None:
        name, _, rest = line.partition(" ")
        rest = rest.strip()
        if name == "/help":
            self._console.print(HELP, markup=False)
        elif name == "/tools":
            for tool in self._agent.tools:
                self._console.print(f"{tool.name}: {tool.description}", markup=False)
            if not len(self._agent.tools):
                self._console.print("no tools")
        elif name == "/reset":
            runner.run(self._session.clear())
            self._feedback.forget()
            self._console.print("forgotten")
        elif name == "/policy":
            self._change_policy(rest, runner)
        elif name == "/save":
            self._save(rest, runner)
        elif name == "/again":
            self._again(runner)
        elif name in chat_feedback.COMMANDS:
            self._feedback.command(name, rest, runner)
        elif name == "/live":
            self._command_live(rest)
        else:
            raise ConfigError(f"there is no command {name}; /help shows them.")

    def _command_live(self, what: str) -> None:
        if self._live is None:
            raise ConfigError("clicks are not read here; start with: pericles chat --live")
        self._live.command(what)

    def _again(self, runner: asyncio.Runner) -> None:
        own = self._agent
        with self._feedback.another(own, runner) as self._agent:
            try:
                self._answer(None, runner)
            finally:
                self._agent = own

    def _ask(self, prompt: str) -> str | None:
        try:
            return input(prompt if sys.stdin.isatty() else "")
        except EOFError:
            self._console.print()
            return None

    def _change_policy(self, ref: str, runner: asyncio.Runner) -> None:
        if not ref:
            self._console.print(self._ref, markup=False)
            return
        agent = self._load(ref)
        runner.run(self._agent.policy.aclose())
        self._agent, self._ref = agent, ref
        self._console.print(f"policy {ref}", markup=False)

    def _save(self, target: str, runner: asyncio.Runner) -> None:
        if not target:
            raise ConfigError("write a file name: /save chat.md or /save chat.json")
        path = Path(target).expanduser()
        messages = runner.run(self._session.messages())
        text = _as_json(messages) if path.suffix == ".json" else _as_markdown(messages)
        try:
            # "x": a conversation never overwrites a file.
            with path.open("x", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except FileExistsError:
            raise ConfigError(f"{path} exists already; choose another name.") from None
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
        self._console.print(f"saved {len(messages)} messages to {path}", markup=False)


def _as_json(messages: list[Message]) -> str:
    return json.dumps([message.to_dict() for message in messages], indent=1) + "\n"


def _as_markdown(messages: list[Message]) -> str:
    parts: list[str] = []
    for message in messages:
        for call in message.tool_calls:
            parts.append(f"*calls {call.name}:* `{json.dumps(call.arguments, ensure_ascii=False)}`")
        if message.name == LOOP:
            continue
        if message.role == "tool":
            parts.append(f"*{message.name} answers:*\n\n```\n{message.content}\n```")
        elif message.content:
            parts.append(f"**{message.role}:** {message.content}")
    return "\n\n".join(parts) + "\n"


def ask_once(make_agent: MakeAgent, policy: str, question: str, *, as_json: bool) -> int:
    """Answers one question on standard output.

    Args:
        make_agent: makes an agent of a policy reference.
        policy: the policy's reference.
        question: what is asked.
        as_json: prints every event as a line of JSON instead of the answer.

    Returns:
        The exit code: 0, or 1 when the turn ended in an error or waits for an approval, which only a chat can ask.
    """

    async def turn() -> TurnResult:
        session = InMemorySession()
        try:
            if not as_json:
                printer = TurnPrinter(Console(highlight=False), Console(stderr=True, highlight=False))
                return await _show_turn(agent, question, session, printer)
            async with agent.stream(question, session=session) as running:
                async for event in running:
                    print(json.dumps(event.to_dict()), flush=True)
            return running.result
        finally:
            await agent.policy.aclose()

    agent = make_agent(policy)
    result = asyncio.run(turn())
    if result.pending and not as_json:
        print("pericles: a tool call needs your approval: use `pericles chat`.", file=sys.stderr)
    return 1 if result.error is not None or result.pending else 0
