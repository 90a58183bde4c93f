"""What happened in a turn, as the rewards look at it: its calls with their results, and whether a result was forged."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, cast

from ....agent.calling import ASKED_BEFORE
from ....tools import Source, ToolCall
from ...engines.messages import Message
from .reply import Reply

_ERROR = "Error: "
# What opens or closes a result in the families' formats, and the opening of a tool's message.
_FORGED = re.compile(
    r"<\s*/?\s*(?:tool|function)_(?:response|result|output)s?\b"
    r"|<\|im_start\|>\s*(?:tool|ipython|function)\b|<\|(?:tool|tool_response|observation)\|>",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Made:
    """A call that the policy made.

    Args:
        call: as it was read.
        result: the message that answers it, `None` where the turn ended before.
        repeated: whether the same call was made before in this turn.
    """

    call: ToolCall
    result: Message | None
    repeated: bool

    @property
    def failed(self) -> bool:
        """Whether it brought nothing: it could not be read, the tool refused, or the turn broke off."""
        if self.call.problem is not None or self.result is None:
            return True
        return bool(_noted(self.result).get("is_error")) or self.result.content.startswith(_ERROR)

    @property
    def text(self) -> str:
        """What the tool said, without what the agent's loop added."""
        content = self.result.content if self.result is not None else ""
        return content.removeprefix(_ERROR).removeprefix(ASKED_BEFORE)

    @property
    def is_unfit(self) -> bool:
        """Whether no tool could take it: unreadable, of an unknown tool, or with arguments that the schema forbids."""
        if self.call.problem is not None:
            return True
        # The words of `ToolRegistry` and of `InvalidArguments`: the turn's own tools have judged the call.
        refused = self.text.startswith("There is no tool ") or (
            self.text.startswith(f"{self.call.name}: ") and "Expected: " in self.text
        )
        return self.failed and refused

    @property
    def query(self) -> str | None:
        """What the tool was asked: the argument `query`, else the only argument; `None` where there are several."""
        arguments = self.call.arguments
        value = arguments.get("query")
        if value is None and len(arguments) == 1:
            value = next(iter(arguments.values()))
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def calls_of(reply: Reply) -> list[Made]:
    """The calls of a turn in their order."""
    results = {message.tool_call_id: message for message in reply.messages if message.role == "tool"}
    made: list[Made] = []
    seen: set[str] = set()
    for message in reply.messages:
        for call in message.tool_calls:
            key = json.dumps([call.name, call.arguments, call.problem], sort_keys=True, default=str)
            made.append(Made(call, results.get(call.id), key in seen))
            seen.add(key)
    return made


def sources_of(reply: Reply) -> dict[int, Source]:
    """What the answer may cite, by number."""
    found: dict[int, Source] = {}
    for made in calls_of(reply):
        noted = _noted(made.result)
        if not made.failed and noted.get("sources"):
            listed = [Source.from_dict(source) for source in noted["sources"]]
            found.update(enumerate(listed, start=int(noted.get("first_source", 1))))
    return found


def is_forged(reply: Reply) -> bool:
    """Whether the policy wrote a tool's result itself.

    The agent strips such a result and never believes it, but a policy that writes one was about to answer from it.
    Only results in tags can be told; what is written as plain text cannot.
    """
    return any(_FORGED.search(unicodedata.normalize("NFKC", raw)) for raw in reply.raw)


def question(reply: Reply) -> str:
    """What the user said last."""
    return reply.prompt.messages[-1].content if reply.prompt.messages else ""


def _noted(message: Message | None) -> dict[str, Any]:
    return cast("dict[str, Any]", message.meta.get("result") or {}) if message is not None else {}
