"""`pericles demonstrate`: a person writes what the assistant should have said."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from ..policies import load_policy
from ..policies.engines import GenerationConfig, Message, Policy
from ..policies.feedback.collecting import (
    Candidate,
    Demonstration,
    Draft,
    RankingLog,
    RankingTask,
    correction,
    human_rater,
    read_candidates,
)
from ..policies.feedback.collecting.sampling import answer
from ..policies.feedback.journal import Journal
from ..policies.feedback.json_lines import read_json_lines
from ..tools import ConfigError, PericlesError, ToolRegistry
from .reply_writing import read_text, write_reply
from .showing import show_messages, show_turn
from .terminal import printable
from .toolbox import offered
from .typing_in import read_line


@dataclass(frozen=True)
class _Task:
    """What is to be answered.

    Args:
        id: names it.
        prompt: what was asked.
        tools: that can be called.
        schemas: of those that were offered.
        candidate: whose replies can be corrected.
    """

    id: str
    prompt: tuple[Message, ...]
    tools: ToolRegistry
    schemas: tuple[dict[str, Any], ...]
    candidate: Candidate | None = None


def demonstrate(
    file: Path | None, *, policy: str | None, engine: str, both: bool, rater: str | None, out: Path, rankings: Path,
    tools: Sequence[str], builtin: bool, max_new_tokens: int, consent: bool,
) -> None:  # fmt: skip
    """Asks a person for demonstrations, and writes each to a file at once.

    Raises:
        ConfigError: an option or a file is wrong.
    """
    if both and (file is not None or policy is not None):
        raise ConfigError("with --both you write everything: leave the file and --policy.")
    if file is None and not both:
        raise ConfigError("name a file of prompts or of candidates, or write whole conversations with --both.")
    name = human_rater(rater)
    registry = offered(tools, builtin=builtin)
    tasks = [] if file is None else _tasks(file, registry)
    if policy is not None and any(task.candidate is not None for task in tasks):
        raise ConfigError(f"{file} holds replies to correct already: leave --policy.")
    desk = _Desk(name, out, rankings, consent)
    told = "may be used for training (--no-consent says no)" if consent else "will not be trained on"
    typer.echo(printable(f"You write as {name}; what you write {told}. /help shows what you can type."))
    with asyncio.Runner() as runner:
        if both:
            desk.play_both(registry, runner)
        elif policy is None:
            desk.work_through(tasks, runner, lambda task: _chosen(task, name))
        else:
            speaker = load_policy(policy, engine=engine)  # pyright: ignore[reportArgumentType] - checked there
            config = GenerationConfig(max_new_tokens=max_new_tokens)
            try:
                desk.work_through(tasks, runner, lambda task: _answered(task, runner, speaker, config), policy)
            finally:
                runner.run(speaker.aclose())


def _tasks(file: Path, registry: ToolRegistry) -> list[_Task]:
    (has_replies,) = read_json_lines(file, lambda _, value: "replies" in value, rows=1)
    if has_replies:
        return [_of_candidate(candidate, registry) for candidate in read_candidates(file)]
    from ..policies.training.recipe.data import JsonLines
    from ..policies.training.sources import read_prompts

    tasks: list[_Task] = []
    for prompt in read_prompts([JsonLines(source="jsonl", path=str(file))]):
        tools = registry if prompt.tools is None else registry.subset(prompt.tools)
        tasks.append(_Task(prompt.id, prompt.messages, tools, tuple(tools.schemas())))
    return tasks


def _of_candidate(candidate: Candidate, registry: ToolRegistry) -> _Task:
    names = [schema["function"]["name"] for schema in candidate.tools]
    tools = registry.subset([name for name in names if name in registry]) if names else registry
    return _Task(candidate.id, candidate.prompt, tools, candidate.tools or tuple(tools.schemas()), candidate)


def _chosen(task: _Task, rater: str) -> tuple[Message, ...] | None:
    """The reply that the person wants to correct; who wrote it is not shown."""
    if task.candidate is None:
        return None
    shown = RankingTask(task.candidate, rater).shown
    if len(shown) > 1:
        for letter, reply in shown.items():
            typer.echo(f"\n{letter}")
            show_turn(reply)
        typer.echo(f"\nWhich one do you correct? {', '.join(shown)}; Enter takes A.")
    else:
        typer.echo("\nassistant:")
        show_turn(shown["A"])
        return shown["A"]
    while (line := read_line()) is not None:
        letter = line.strip().upper() or "A"
        if letter in shown:
            return shown[letter]
        typer.echo(f"one of {', '.join(shown)}")
    raise EOFError


def _answered(
    task: _Task, runner: asyncio.Runner, policy: Policy, config: GenerationConfig
) -> tuple[Message, ...] | None:
    """What the policy says; where it fails, the person writes the reply from nothing."""
    try:
        reply = runner.run(answer(policy, task.prompt, task.tools, config))
    except PericlesError as error:
        typer.echo(printable(f"{policy.name} failed: {' '.join(str(error).split())}"))
        return None
    typer.echo("assistant:")
    show_turn(reply)
    return reply


class _Desk:
    """Where a person writes.

    Args:
        rater: `human:NAME`.
        out: the file of demonstrations.
        rankings: the file of corrections.
        consent: whether what is written may be trained on.
    """

    def __init__(self, rater: str, out: Path, rankings: Path, consent: bool) -> None:
        self._out = Journal(out, errors="replace")
        self._done = set(self._out.read(lambda _, value: Demonstration.from_dict(value).id, id_of=str))
        self._rater = rater
        self._corrections = RankingLog(rankings)
        self._consent = consent
        self._written = 0

    def work_through(
        self,
        tasks: Sequence[_Task],
        runner: asyncio.Runner,
        original_of: Callable[[_Task], tuple[Message, ...] | None],
        policy: str | None = None,
    ) -> None:
        """One task after the other.

        Args:
            tasks: those that this person has done already are passed over.
            runner: of the tools.
            original_of: the reply that is corrected, if any; shows it.
            policy: what it is from, where the task does not say.
        """
        left = [task for task in tasks if f"{task.id}/{self._rater}" not in self._done]
        corrected = {ranking.id for ranking in self._corrections.of(self._rater)}
        if known := next((task.id for task in left if f"{task.id}/{self._rater}" in corrected), None):
            raise ConfigError(
                f"{self._corrections.path} has your correction of {known!r} and {self._out.path} no reply: "
                "name other files."
            )
        try:
            for number, task in enumerate(left, len(tasks) - len(left) + 1):
                typer.echo(f"\n── {number} of {len(tasks)} ──")
                show_messages(task.prompt)
                try:
                    original = original_of(task)
                except EOFError:
                    break
                draft = Draft(task.prompt, task.tools, task.schemas)
                ended = write_reply(draft, runner, original, in_editor=True)
                if ended == "left":
                    break
                if ended != "skipped":
                    self._keep(draft, task, original, task.candidate.policy if task.candidate else policy)
        finally:
            self._tell()

    def play_both(self, registry: ToolRegistry, runner: asyncio.Runner) -> None:
        """Whole conversations, until the person begins one with nothing."""
        typer.echo("You write both sides; a line with only a dot ends a message, and alone the conversation.")
        try:
            while self._play(Draft((), registry), runner):
                pass
        finally:
            self._tell()

    def _play(self, draft: Draft, runner: asyncio.Runner) -> bool:
        """One conversation. Returns whether there may be another."""
        whole = list(draft.messages)
        opened = len(whole)
        going_on = True
        try:
            while going_on:
                typer.echo("\nuser:")
                asked = read_text()
                if not asked:
                    going_on = asked is not None and len(whole) > opened
                    break
                draft.ask(asked)
                typer.echo("assistant:")
                ended = write_reply(draft, runner, None, in_editor=False)
                going_on = ended != "left"
                if ended == "written":
                    whole = list(draft.messages)
                else:
                    draft.messages = list(whole)
        finally:
            # Also after Ctrl-C: turns that are whole are kept.
            if len(whole) > opened:
                draft.messages = whole
                self._append(draft.demonstration(secrets.token_hex(6), self._rater, consent=self._consent))
        return going_on

    def _keep(self, draft: Draft, task: _Task, original: tuple[Message, ...] | None, policy: str | None) -> None:
        try:
            demonstration = draft.demonstration(task.id, self._rater, consent=self._consent)
            ranking = None if original is None else correction(demonstration, task.prompt, original, policy)
        except ConfigError as error:
            typer.echo(printable(f"this cannot be a demonstration: {error}"))
            return
        self._append(demonstration)
        if ranking is not None:
            self._corrections.add(ranking)
        elif original is not None:
            typer.echo("unchanged: a demonstration, and no ranking")

    def _append(self, demonstration: Demonstration) -> None:
        self._out.append([demonstration.to_dict()])
        self._written += 1

    def _tell(self) -> None:
        corrected = len(self._corrections.of(self._rater))
        told = f"; corrections in {self._corrections.path}: {corrected}" if corrected else ""
        typer.echo(printable(f"\n{self._written} written to {self._out.path}{told}"))
