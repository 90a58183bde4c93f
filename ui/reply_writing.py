"""A person writes one reply, in their editor or line by line, with the tools at hand."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import typer

from ..policies.engines import Message
from ..policies.feedback.collecting import Draft
from ..policies.feedback.collecting.demonstrations import CALL, read_call, read_steps, unescaped, write_steps
from ..tools import ConfigError
from .showing import show_text
from .terminal import printable
from .typing_in import END, edit, read_line

HELP = f"""A line with only a dot ends the text. Other lines are what is said, but for
{CALL} NAME {{"argument": "value"}}   call a tool; the result is shown, and you go on
/undo    forget what you have typed here, or else the last call
/skip    leave this one
/quit    stop (or Ctrl-D); what is written is kept, and the same command goes on there
/help    this
What looks like one of these and is meant as text is written with one more dot or slash: .. or //call"""

Ended = Literal["written", "unchanged", "skipped", "left"]


def write_reply(
    draft: Draft, runner: asyncio.Runner, original: tuple[Message, ...] | None, *, in_editor: bool
) -> Ended:  # fmt: skip
    """Fills a draft with a reply.

    Args:
        draft: a conversation in which the user spoke last.
        runner: of the tools.
        original: the reply that is corrected, if any.
        in_editor: whether the person's editor is used where there is one; line by line else.

    Returns:
        How it ended. A draft that was skipped or left may hold half a reply.
    """
    start = write_steps(original) if original is not None else ""
    if in_editor and (text := edit(start)) is not None:
        return _take_edited(draft, runner, original, start, text)
    if original is None:
        typer.echo("\nYour reply; a line with only a dot ends it.")
    else:
        typer.echo("\nThe corrected reply; a line with only a dot ends it, and a dot at once leaves it as it is.")
    return _take_lines(draft, runner, original)


def _take_edited(
    draft: Draft, runner: asyncio.Runner, original: tuple[Message, ...] | None, start: str, text: str | None
) -> Ended:  # fmt: skip
    begun = list(draft.messages)
    while text is not None:
        if original is not None and text == start.strip():
            draft.take_over(original)
            return "unchanged"
        if not text:
            return "skipped"
        try:
            for step in read_steps(text):
                if step.call is None:
                    draft.answer(step.text)
                    return "written"
                _call(draft, runner, *step.call, step.text)
            raise ConfigError("the reply ends with a call: add the answer, now that you see the result.")
        except ConfigError as error:
            draft.messages = list(begun)
            typer.echo(printable(str(error)))
        line = read_line("Enter edits it again, s skips it, q stops: ")
        if line is None or line.strip().lower() == "q":
            return "left"
        if line.strip().lower() == "s":
            return "skipped"
        text = edit(text)
    return "left"


def _take_lines(draft: Draft, runner: asyncio.Runner, original: tuple[Message, ...] | None) -> Ended:
    begun = len(draft.messages)
    lines: list[str] = []
    while (line := read_line("")) is not None:
        word = line.strip()
        try:
            if word == END:
                text = "\n".join(lines).strip()
                if not text and len(draft.messages) == begun and original is not None:
                    draft.take_over(original)
                    return "unchanged"
                draft.answer(text)
                return "written"
            if word == "/help":
                typer.echo(HELP)
            elif word == "/quit":
                return "left"
            elif word == "/skip":
                return "skipped"
            elif word == "/undo":
                typer.echo("forgotten" if lines or draft.take_back() else "there is nothing to take back")
                lines = []
            elif (call := read_call(line)) is not None:
                _call(draft, runner, *call, "\n".join(lines))
                lines = []
            else:
                lines.append(_said(line))
        except ConfigError as error:
            typer.echo(printable(f"{error} (/help shows what you can type)"))
    return "left"


def read_text() -> str | None:
    """A text of several lines; `None` where the person leaves."""
    lines: list[str] = []
    while (line := read_line("")) is not None:
        if line.strip() == END:
            return "\n".join(lines).strip()
        if line.strip() == "/quit":
            return None
        if line.strip() == "/help":
            typer.echo(HELP)
        else:
            lines.append(_said(line))
    return None


def _said(line: str) -> str:
    return line[1:] if line.startswith("..") and not line.strip(". ") else unescaped(line)


def _call(draft: Draft, runner: asyncio.Runner, name: str, arguments: dict[str, Any], text: str) -> None:
    result = runner.run(draft.call(name, arguments, text))
    show_text(f"  {'Error: ' if result.is_error else ''}{result.text}")
