"""Conversations for supervised fine-tuning, from wherever a recipe says they are."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from ...engines.messages import Message
from ...feedback.hh_rlhf import read_hh_demonstrations
from ...feedback.json_lines import read_json_lines, shown
from ...feedback.message_lists import check_conversation, read_messages, read_tools
from ..data import Split, generate
from ..recipe.data import HHRLHF, ConversationSource, EarlierStage, Generated, HubDataset, JsonLines, Sessions
from .hub import column_of, read_hub
from .naming import name_of
from .stored_turns import is_answered, read_turns

logger = logging.getLogger(__name__)


def read_conversations(
    sources: Sequence[ConversationSource],
    *,
    tools: Sequence[dict[str, Any]] = (),
    instructions: str | None = None,
    split: Split = "train",
) -> list[dict[str, Any]]:
    """The conversations of all sources, in their order.

    Args:
        sources: where they are.
        tools: schemas of the tools that stored sessions had, which are not stored with them.
        instructions: the system message of sessions and HH-RLHF transcripts, which come without one. The other sources
            have their own.
        split: of the generated conversations.

    Returns:
        Rows `{"id": text, "messages": Message.to_dict of each, "tools": schemas in the OpenAI form}`.

    Raises:
        ConfigError: a source cannot be read, holds no conversation, or holds one that is wrong; names up to ten lines.
    """
    rows: list[dict[str, Any]] = []
    for source in sources:
        match source:
            case Generated():
                made = generate(split, source.seed, source.rows, source.mix)
                kept = ("id", "messages", "tools", "learn_from")
                found = [{key: row[key] for key in kept if key in row} for row in made]
            case JsonLines():
                found = _json_lines(source)
            case HubDataset():
                found = _hub(source)
            case HHRLHF():
                found = _hh_rlhf(source, instructions)
            case Sessions():
                found = _sessions(source, tools, instructions)
            case EarlierStage():
                raise ConfigError("the source 'stage' is read inside a run: it has no conversations of its own.")
        if not found:
            raise ConfigError(f"{name_of(source)} holds no conversation.")
        rows += found
    return rows


def _json_lines(source: JsonLines) -> list[dict[str, Any]]:
    name = Path(source.path).name
    first: dict[str, tuple[int, dict[str, Any]]] = {}

    def make(number: int, value: dict[str, Any]) -> dict[str, Any] | None:
        if "messages" not in value:
            keys = ", ".join(repr(key) for key in list(value)[:8]) or "no key"
            raise ConfigError(f"a conversation has the key 'messages', here is {keys}.")
        id = value.get("id", f"{name}:{number}")
        if isinstance(id, bool) or not isinstance(id, str | int) or id == "":
            raise ConfigError(f"id must be text or a whole number, got {shown(id)}.")
        row = _checked(str(id), value["messages"], value.get("tools"))
        if "learn_from" in value:
            row["learn_from"] = _place(value["learn_from"], len(row["messages"]))
        line, same = first.setdefault(row["id"], (number, row))
        # The generator says some things twice, under one id: what is repeated counts twice.
        if same != row:
            raise ConfigError(f"the id {row['id']!r} is that of another conversation already, in line {line}.")
        return row if _agreed(value) else None

    read = read_json_lines(source.path, make, rows=source.rows)
    rows = [row for row in read if row is not None]
    if len(rows) < len(read):
        logger.warning(
            "%s: %d are left out: who wrote them did not agree to training.", source.path, len(read) - len(rows)
        )
    return rows


def _agreed(value: dict[str, Any]) -> bool:
    """Whether it may be trained on: a person who writes a demonstration can say no."""
    consent = value.get("consent", True)
    if not isinstance(consent, bool):
        raise ConfigError(f"consent must be true or false, got {shown(consent)}.")
    return consent


def _place(value: Any, messages: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < messages:
        raise ConfigError(f"learn_from must be a number of messages, 0 to {messages - 1}, got {shown(value)}.")
    return value


def _hub(source: HubDataset) -> list[dict[str, Any]]:
    def make(number: int, row: dict[str, Any]) -> dict[str, Any]:
        column = source.column or "messages"
        return _checked(f"{name_of(source)}:{number}", column_of(row, column, option=True), row.get("tools"))

    return read_hub(source, make)


def _checked(id: str, messages: Any, tools: Any) -> dict[str, Any]:
    conversation = read_messages(messages, "messages")
    check_conversation(conversation, "messages")
    offered = read_tools(tools or [], "tools")
    names = [tool["function"]["name"] for tool in offered]
    for call in (call for message in conversation for call in message.tool_calls):
        if call.name not in names:
            there = ", ".join(names) or "none"
            raise ConfigError(f"the tool {call.name!r} is called but not among the row's tools ({there}).")
    return _row(id, conversation, offered)


def _hh_rlhf(source: HHRLHF, instructions: str | None) -> list[dict[str, Any]]:
    read = read_hh_demonstrations(source.path, source.rows)
    for reason, count in read.left_out.items():
        logger.warning("%s: %d of its transcripts are left out: %s.", source.path, count, reason)
    return [_row(id, _opened(messages, instructions), ()) for id, messages in read.conversations.items()]


def _sessions(source: Sessions, tools: Sequence[dict[str, Any]], instructions: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for id, turns in read_turns(source).items():
        messages = [message for turn in turns if is_answered(turn) for message in turn]
        if messages:
            check_conversation(messages, f"session {id!r}")
            rows.append(_row(id, _opened(messages, instructions), tools))
    return rows[: source.rows]


def _opened(messages: Sequence[Message], instructions: str | None) -> Sequence[Message]:
    return (Message("system", instructions), *messages) if instructions else messages


def _row(id: str, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"id": id, "messages": [message.to_dict() for message in messages], "tools": list(tools)}
