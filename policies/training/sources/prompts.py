"""Prompts that replies are sampled for, from wherever a recipe says they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from ...engines.messages import Message
from ...feedback.hh_rlhf import read_hh_demonstrations
from ...feedback.json_lines import check_keys, read_json_lines, shown
from ...feedback.message_lists import check_prompt, has_text, is_users, read_messages
from ..data import MIX, Split, generate
from ..data.red_team import RED_TEAM, requests
from ..recipe.data import HHRLHF, Generated, HubDataset, JsonLines, PromptSource, RedTeam, Sessions
from .hub import column_of, read_hub
from .naming import name_of
from .patterns import check_pattern
from .prompt import Expected, Prompt
from .stored_turns import is_answered, read_turns

BUILT_IN = ("math", "search")
_KEYS = ("prompt", "id", "tools", "expect", "kind")
_DECIMAL = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
_BOTH_FORMS = re.compile(rf"(?P<first>.+) \((?P<second>{_DECIMAL}|-?\d+/\d+)\)")
_NAME = re.compile(r"[A-Za-z_]|pi|sqrt|ln|log|exp|abs|sign|a?(?:sin|cos|tan)h?|sec|csc|cot")


def read_prompts(sources: Sequence[PromptSource], split: Split = "train") -> list[Prompt]:
    """The prompts of all sources, in their order.

    Args:
        sources: where they are.
        split: of the generated ones.

    Returns:
        Prompts without a system message, which the agent adds.

    Raises:
        ConfigError: a source cannot be read, holds no prompt, or holds one that is wrong; names up to ten lines.
    """
    prompts: list[Prompt] = []
    for source in sources:
        match source:
            case Generated():
                found = _generated(source, split)
            case JsonLines():
                found = _json_lines(source)
            case HubDataset():
                found = _hub(source)
            case Sessions():
                found = _sessions(source)
            case HHRLHF():
                found = _hh_rlhf(source)
            case RedTeam():
                found = _red_team(source)
        if not found:
            raise ConfigError(f"{name_of(source)} holds no prompt.")
        prompts += found
    return prompts


def plain_value(text: str) -> str | None:
    """A result of the solver as a number or an expression that stands for one value; `None` where it is more.

    Of a result in two forms, the exact one: `1/8 (0.125)` and `0.1333 (2/15)` give `1/8` and `2/15`.
    """
    if both := _BOTH_FORMS.fullmatch(text):
        fraction = "/" in both["second"] and re.fullmatch(_DECIMAL, both["first"])
        text = both["second"] if fraction else both["first"]
    if re.fullmatch(_DECIMAL, text):
        return text
    # Signs that make it more than a value, and two words or numbers side by side: a unit, a sentence.
    if not re.fullmatch(r"[\w.+\-*/^() ]+", text) or re.search(r"[\w.)] +[\w.(]|\d[A-Za-z_]|[A-Z]|\d\.\.", text):
        return None
    words = re.findall(r"[A-Za-z_]\w*", text)
    return text if all(map(_NAME.fullmatch, words)) else None


def _generated(source: Generated, split: Split) -> list[Prompt]:
    # A tool that is made up cannot be run, so nothing would answer the calls of these conversations.
    mix = {kind: share for kind, share in (source.mix or MIX).items() if kind != "custom_tool"}
    if not mix:
        raise ConfigError("prompts of the kind 'custom_tool' have no tool that could be run; name other kinds in mix.")
    return [_of_row(row) for row in generate(split, source.seed, source.rows, mix)]


def _of_row(row: dict[str, Any]) -> Prompt:
    messages = [Message.from_dict(message) for message in row["messages"] if message["role"] != "system"]
    last = max(at for at, message in enumerate(messages) if is_users(message))
    names = tuple(tool["function"]["name"] for tool in row["tools"])
    return Prompt(
        row["id"],
        tuple(messages[: last + 1]),
        _expected(messages[last + 1 :]),
        None if names == BUILT_IN else names,
        row["kind"],
    )


def _expected(reply: Sequence[Message]) -> Expected:
    if not reply[0].tool_calls:
        return Expected(tool="")
    call = reply[0].tool_calls[0]
    answer = plain_value(reply[1].content) if call.name == "math" else None
    return Expected(tool=call.name, query=call.arguments["query"], answer=answer)


def _json_lines(source: JsonLines) -> list[Prompt]:
    name = Path(source.path).name

    def make(number: int, value: dict[str, Any]) -> Prompt:
        check_keys(value, _KEYS, ("prompt",), what="a prompt")
        id = value.get("id", f"{name}:{number}")
        if isinstance(id, bool) or not isinstance(id, str | int) or id == "":
            raise ConfigError(f"id must be text or a whole number, got {shown(id)}.")
        kind = value.get("kind", "")
        if not isinstance(kind, str):
            raise ConfigError(f"kind must be text, got {shown(kind)}.")
        return Prompt(
            str(id), _messages(value["prompt"]), _expect(value.get("expect")), _tool_names(value.get("tools")), kind
        )

    return read_json_lines(source.path, make, rows=source.rows, id_of=lambda prompt: prompt.id)


def _hub(source: HubDataset) -> list[Prompt]:
    def make(number: int, row: dict[str, Any]) -> Prompt:
        text = column_of(row, source.column or "prompt", option=True)
        return Prompt(f"{name_of(source)}:{number}", _messages(text))

    return read_hub(source, make)


def _sessions(source: Sessions) -> list[Prompt]:
    prompts: list[Prompt] = []
    for id, turns in read_turns(source).items():
        history: tuple[Message, ...] = ()
        for number, turn in enumerate(turns, 1):
            prompts.append(Prompt(f"{id}:{number}", (*history, turn[0])))
            if is_answered(turn):
                history += turn
    return prompts[: source.rows]


def _hh_rlhf(source: HHRLHF) -> list[Prompt]:
    read = read_hh_demonstrations(source.path, source.rows)
    return [Prompt(id, messages[:-1]) for id, messages in read.conversations.items()]


def _red_team(source: RedTeam) -> list[Prompt]:
    drawn = requests(source.seed)[: source.rows]
    return [Prompt(f"{RED_TEAM}:{number}", (Message("user", text),), kind=kind) for number, kind, text in drawn]


def _messages(value: Any) -> tuple[Message, ...]:
    if isinstance(value, str):
        if not has_text(value):
            raise ConfigError(f"prompt is empty, got {shown(value)}.")
        return (Message("user", value),)
    messages = read_messages(value, "prompt")
    if messages[0].role == "system":
        raise ConfigError("prompt begins with a system message; the recipe's instructions take its place, remove it.")
    check_prompt(messages, "prompt")
    return messages


def _tool_names(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise ConfigError(f"tools must be a list of names of tools, got {shown(value)}.")
    return tuple(dict.fromkeys(value))


def _expect(value: Any) -> Expected:
    if value is None:
        return Expected()
    if not isinstance(value, dict):
        raise ConfigError(f"expect must be an object, got {shown(value)}.")
    check_keys(value, ("tool", "query", "answer", "pattern"), what="expect")
    known = {key: item for key, item in value.items() if item is not None}
    if isinstance(known.get("answer"), int | float) and not isinstance(known["answer"], bool):
        known["answer"] = str(known["answer"])
    for key, item in known.items():
        if not isinstance(item, str) or not (item.strip() or key == "tool"):
            raise ConfigError(f"expect.{key} must be text that is not empty, got {shown(item)}.")
    if "query" in known and not known.get("tool", "a tool"):
        raise ConfigError("expect has a query and the tool '', which stands for no call; remove one of them.")
    if "pattern" in known:
        if "answer" in known:
            raise ConfigError("expect has an answer and a pattern; a pattern takes the answer's place, remove one.")
        check_pattern(known["pattern"])
    return Expected(**known)
