"""`pericles sessions`: stored conversations to list, show, export, import and delete."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from ..agent import ConfigError, Message
from ..agent.session_database import locate
from ..agent.session_store import SessionInfo, SessionStore
from .chat_feedback import forget_feedback
from .terminal import printable


def show_list(store: str | None, *, limit: int, as_json: bool) -> None:
    """Prints a line for each conversation, the one that changed last first."""
    infos = asyncio.run(_existing(store).list(limit=limit))
    if as_json:
        typer.echo(json.dumps([info.to_dict() for info in infos]))
        return
    for info in infos:
        updated = info.updated.astimezone().strftime("%Y-%m-%d %H:%M")
        typer.echo(f"{updated}  {info.messages:5} messages  {_one_line(info.id)}")
    if not infos:
        typer.echo("no conversations yet; keep one with: pericles chat --session NAME", err=True)


def show(store: str | None, id: str) -> None:
    """Prints the active branch of a conversation."""
    opened = _existing(store)
    _require(opened, [id])
    for message in asyncio.run(opened.session(id).messages()):
        for line in _shown(message):
            typer.echo(printable(line))


def export(store: str | None, file: str, ids: Sequence[str] | None) -> None:
    """Writes conversations to a new file; `-` is standard output."""
    count = asyncio.run(_existing(store).export(sys.stdout.buffer if file == "-" else file, ids or None))
    typer.echo(f"exported {count} conversations", err=True)


def load(store: str | None, file: str, *, replace: bool) -> None:
    """Reads conversations from a file; `-` is standard input."""
    loaded = asyncio.run(SessionStore(store).load(sys.stdin.buffer if file == "-" else file, replace=replace))
    typer.echo(f"imported {len(loaded)} conversations", err=True)


def delete(store: str | None, ids: Sequence[str], *, yes: bool) -> None:
    """Deletes conversations for good, after a question."""
    opened = _existing(store)
    infos = _require(opened, ids)
    if not yes:
        count = sum(info.messages for info in infos)
        names = ", ".join(_one_line(info.id) for info in infos)
        try:
            sure = typer.confirm(f"Delete {names} ({count} messages) for good?", err=True)
        except typer.Abort:
            if sys.stdin.isatty():
                raise
            raise ConfigError("nobody answered, and nothing was deleted; --yes deletes without a question.") from None
        if not sure:
            typer.echo("nothing was deleted", err=True)
            return
    asyncio.run(opened.delete(*ids))
    if locate(store) == locate():  # what is said about the conversations of other stores is kept elsewhere, if at all
        forget_feedback(ids)
    typer.echo(f"deleted {len(infos)} conversations", err=True)


def _existing(store: str | None) -> SessionStore:
    """A store to read from: a mistyped path is an error, and no new file."""
    if store is not None:
        address = locate(store)
        if isinstance(address, Path) and not address.exists():
            raise ConfigError(f"there is no session store {address}.")
    return SessionStore(store)


def _require(store: SessionStore, ids: Sequence[str]) -> Sequence[SessionInfo]:
    known = {info.id: info for info in asyncio.run(store.list())}
    for id in ids:
        if id not in known:
            raise ConfigError(f"there is no session {id!r}; see: pericles sessions list.")
    return [known[id] for id in dict.fromkeys(ids)]


def _shown(message: Message) -> list[str]:
    if message.role == "tool":
        return [f"  {message.name or 'tool'}: {message.content}"]
    lines = [f"{message.role}: {message.content}"] if message.content or not message.tool_calls else []
    for call in message.tool_calls:
        lines.append(f"▸ {call.name or 'unreadable call'}: {json.dumps(call.arguments, ensure_ascii=False)}")
    return lines


def _one_line(id: str) -> str:
    return printable(id).replace("\n", " ").replace("\t", " ")
