"""Anthropic's HH-RLHF (Bai et al. 2022, arXiv:2204.05862): pairs of transcripts of which a person chose one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...tools import ConfigError
from ..engines.messages import Message
from .json_lines import read_json_lines, shown
from .message_lists import has_text, is_users
from .ranking import Ranking

RATER = "human:hh-rlhf"
_SPEAKER = re.compile(r"\n\n(Human|Assistant):")


class LeftOut(ValueError):
    """A record that is sound but of no use; its text is the reason, one of few."""


@dataclass(frozen=True)
class ReadRankings:
    """Rankings that were made of other data.

    Args:
        rankings: those of the records that are of use.
        left_out: how many of the others, by reason.
    """

    rankings: list[Ranking]
    left_out: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class ReadDemonstrations:
    """Conversations that were made of other data.

    Args:
        conversations: by id, those of the records that are of use.
        left_out: how many of the others, by reason.
    """

    conversations: dict[str, tuple[Message, ...]]
    left_out: dict[str, int] = field(default_factory=dict[str, int])


def read_hh_rlhf(path: str | Path, rows: int | None = None) -> ReadRankings:
    """The pairs of a file as rankings: the transcripts up to the last human turn are the prompt.

    Left out are pairs that are the same, that do not share the prompt, or of which a reply is empty.

    Args:
        path: lines of `{"chosen": …, "rejected": …}`, gzipped or not.
        rows: so many lines from the start; all by default.

    Raises:
        ConfigError: the file cannot be read, or lines are not of this form.
    """
    name = _stem(path)
    left_out: Counter[str] = Counter()

    def make(number: int, value: dict[str, Any]) -> Ranking | None:
        chosen, rejected = _text(value, "chosen"), _text(value, "rejected")
        try:
            return rank_pair(f"{name}-{number:05}", transcript(chosen), transcript(rejected), RATER)
        except LeftOut as reason:
            left_out[str(reason)] += 1
            return None

    made = read_json_lines(path, make, rows=rows)
    return ReadRankings([ranking for ranking in made if ranking is not None], dict(left_out))


def read_hh_demonstrations(path: str | Path, rows: int | None = None) -> ReadDemonstrations:
    """The chosen transcripts of a file; see `read_hh_rlhf`."""
    name = _stem(path)
    left_out: Counter[str] = Counter()

    def make(number: int, value: dict[str, Any]) -> tuple[str, tuple[Message, ...]] | None:
        text = _text(value, "chosen")
        try:
            messages = transcript(text)
            if not all(has_text(message.content) for message in messages):
                raise LeftOut("a message is empty")
        except LeftOut as reason:
            left_out[str(reason)] += 1
            return None
        return f"{name}-{number:05}", messages

    made = read_json_lines(path, make, rows=rows)
    return ReadDemonstrations(dict(pair for pair in made if pair is not None), dict(left_out))


def transcript(text: str) -> tuple[Message, ...]:
    r"""Reads `\n\nHuman: … \n\nAssistant: …`.

    Messages of one speaker in a row are joined, since no chat template takes them apart.

    Raises:
        LeftOut: it does not begin with the human or end with the assistant.
    """
    before, *parts = _SPEAKER.split(text)
    messages: list[Message] = []
    for speaker, said in zip(parts[::2], parts[1::2], strict=True):
        role = "user" if speaker == "Human" else "assistant"
        if messages and messages[-1].role == role:
            messages[-1] = Message(role, f"{messages[-1].content}\n\n{said.strip()}".strip())
        else:
            messages.append(Message(role, said.strip()))
    if before.strip() or len(messages) < 2 or messages[0].role != "user" or messages[-1].role != "assistant":
        raise LeftOut("a transcript does not go from the human to the assistant")
    return tuple(messages)


def rank_pair(
    id: str,
    chosen: Sequence[Message],
    rejected: Sequence[Message],
    rater: str,
    tools: Sequence[dict[str, Any]] = (),
) -> Ranking:
    """Two whole conversations as a ranking: what they share, up to the last thing that the user says, is the prompt.

    Raises:
        LeftOut: they are the same, or do not share the prompt, or a reply or a message before it is empty.
        ConfigError: a conversation is wrong.
    """
    if list(chosen) == list(rejected):
        raise LeftOut("chosen and rejected are the same")
    shared = 0
    while shared < min(len(chosen), len(rejected)) and chosen[shared] == rejected[shared]:
        shared += 1
    asked = max((at + 1 for at in range(shared) if is_users(chosen[at])), default=0)
    replies = (tuple(chosen[asked:]), tuple(rejected[asked:]))
    if not asked or any(is_users(message) for reply in replies for message in reply):
        raise LeftOut("chosen and rejected do not share the prompt")
    if not all(reply and (reply[-1].tool_calls or has_text(reply[-1].content)) for reply in replies):
        raise LeftOut("a reply is empty")
    if not all(message.role == "tool" or message.tool_calls or has_text(message.content) for message in chosen[:asked]):
        raise LeftOut("a message of the prompt is empty")
    return Ranking(id, tuple(chosen[:asked]), replies, (1, 2), rater, tools=tuple(tools))


def _stem(path: str | Path) -> str:
    """What ids begin with: the folder tells the sets of HH-RLHF apart, whose files have the same names."""
    path = Path(path)
    return f"{path.parent.name or 'hh-rlhf'}/{path.name.removesuffix('.gz').removesuffix('.jsonl')}"


def _text(value: dict[str, Any], key: str) -> str:
    if not isinstance(value.get(key), str):
        raise ConfigError(
            f"a line of HH-RLHF has two transcripts, 'chosen' and 'rejected'; {key} is {shown(value.get(key))}."
        )
    return value[key]
