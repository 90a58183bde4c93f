"""Conversations as people read them before they judge them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import typer

from ..policies.engines import LOOP, Message
from .terminal import printable

MARGIN = "│ "


def show_messages(messages: Iterable[Message]) -> None:
    """Prints a conversation, each message under who said it."""
    for message in messages:
        if message.role == "tool" or message.tool_calls:
            show_turn([message])
        else:
            typer.echo(f"{_speaker(message)}:")
            show_text(message.content)


def show_turn(messages: Sequence[Message]) -> None:
    """Prints what an assistant said, called and was answered."""
    for message in messages:
        if message.role == "tool":
            show_text(f"  {message.name or 'tool'}: {message.content}")
        elif message.name == LOOP:
            show_text(f"  ({message.content})")
        elif message.content:
            show_text(message.content)
        for call in message.tool_calls:
            show_text(f"▸ {call.name}: {json.dumps(call.arguments, ensure_ascii=False)}")


def show_text(text: str) -> None:
    """Prints a text behind a margin, so that nothing in it can pass for what this program says."""
    for line in printable(text).split("\n"):
        typer.echo(f"{MARGIN}{line}")


def _speaker(message: Message) -> str:
    return "instructions" if message.role == "system" else message.role
