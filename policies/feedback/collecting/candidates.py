"""What people are asked to rank: prompts with two or more replies each, whoever wrote these.

A line is `{"id": …, "prompt": …, "replies": […]}`, where the prompt and each reply are a text or a list of messages; it
may have `tools`, `policy` and `safety`. A line of a rankings file will do as well: its ranks are passed over.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from ...engines.messages import Message, Role
from ..json_lines import check_keys, read_json_lines, shown
from ..message_lists import check_prompt, check_reply, read_messages, read_tools
from ..ranking import MAX_REPLIES, MIN_REPLIES, Ranking, said_in

_KEYS = ("id", "prompt", "replies", "tools", "policy", "safety")


@dataclass(frozen=True)
class Candidate:
    """One prompt and the replies that are to be put in order.

    Args:
        id: names it; a ranking of it and the queue go by it.
        prompt: the conversation so far; the user spoke last.
        replies: 2 to 9 of them.
        tools: schemas of the tools that were offered, in the OpenAI form.
        policy: what the replies are from. Raters are not shown it.
        safety: whether the prompt is about safety, so that people should see it first.

    Raises:
        ConfigError: an argument is wrong.
    """

    id: str
    prompt: tuple[Message, ...]
    replies: tuple[tuple[Message, ...], ...]
    tools: tuple[dict[str, Any], ...] = ()
    policy: str | None = None
    safety: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id.strip():
            raise ConfigError(f"a candidate's id must be text that is not empty, got {shown(self.id)}.")
        check_prompt(self.prompt, "prompt")
        if not MIN_REPLIES <= len(self.replies) <= MAX_REPLIES:
            raise ConfigError(f"a candidate has {MIN_REPLIES} to {MAX_REPLIES} replies, got {len(self.replies)}.")
        for at, reply in enumerate(self.replies):
            check_reply(reply, f"replies[{at}]")
        if self.policy is not None and not isinstance(self.policy, str):
            raise ConfigError(f"policy must be text or null, got {shown(self.policy)}.")
        if not isinstance(self.safety, bool):
            raise ConfigError(f"safety must be true or false, got {shown(self.safety)}.")

    @property
    def different(self) -> tuple[int, ...]:
        """Indices of the replies that say something that none before them says."""
        first: dict[str, int] = {}
        for at, reply in enumerate(self.replies):
            first.setdefault(said_in(reply), at)
        return tuple(first.values())

    @property
    def content_key(self) -> str:
        """What tells candidates apart whatever their ids: a hash of prompt and replies, 64 hexadecimal digits."""
        said = [said_in(self.prompt), *(said_in(reply) for reply in self.replies)]
        return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        value: dict[str, Any] = {
            "id": self.id,
            "prompt": [message.to_dict() for message in self.prompt],
            "replies": [[message.to_dict() for message in reply] for reply in self.replies],
        }
        if self.tools:
            value["tools"] = list(self.tools)
        if self.policy is not None:
            value["policy"] = self.policy
        if self.safety:
            value["safety"] = True
        return value

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Candidate:
        """Reads a candidate, or what a ranking ranks.

        Raises:
            ConfigError: it is wrong; names the key.
        """
        if "ranks" in value or "rater" in value:
            return cls.of_ranking(Ranking.from_dict(value))
        check_keys(value, _KEYS, ("id", "prompt", "replies"), what="a candidate")
        replies = value["replies"]
        if not isinstance(replies, list | tuple):
            raise ConfigError(f"replies must be a list, got {shown(replies)}.")
        return cls(
            value["id"],
            _messages(value["prompt"], "user", "prompt"),
            tuple(_messages(reply, "assistant", f"replies[{at}]") for at, reply in enumerate(replies)),
            read_tools(value.get("tools") or (), "tools"),
            value.get("policy"),
            value.get("safety", False),
        )

    @classmethod
    def of_ranking(cls, ranking: Ranking) -> Candidate:
        return cls(ranking.id, ranking.prompt, ranking.replies, ranking.tools, ranking.policy)


def read_candidates(path: str | Path) -> list[Candidate]:
    """The candidates of a file, each once: several rankings of the same replies are one thing to rank.

    Args:
        path: JSON lines of candidates or of rankings, gzipped or not.

    Raises:
        ConfigError: the file cannot be read, or lines are wrong; names up to ten lines and says how many more.
    """
    read = read_json_lines(path, lambda _, value: Candidate.from_dict(value), id_of=lambda candidate: candidate.id)
    once: dict[str, Candidate] = {}
    for candidate in read:
        once.setdefault(candidate.content_key, candidate)
    return list(once.values())


def _messages(value: Any, role: Role, what: str) -> tuple[Message, ...]:
    return (Message(role, value),) if isinstance(value, str) else read_messages(value, what)
