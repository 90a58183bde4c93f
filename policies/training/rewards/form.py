"""Whether everything that a policy said is written as the chat template writes it."""

from __future__ import annotations

import functools
import json
import re
import unicodedata

from ...engines.chat_format import CONTROL_TAGS, ReplyReader, render, smollm2_template
from ...engines.messages import CallRead, Message, TextPiece
from .reply import Reply
from .turns import calls_of, is_forged

CANONICAL = 1.0
READABLE = 0.5
MENDED = 0.2

MAX_CHARS = 20_000
_MOST_TAGS = 64
_ASKED = Message("user", "?")
_CALL = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
_THOUGHT = re.compile(r"\A\s*<think>(?:(?!</?think>).)*</think>\s*", re.DOTALL)
# Marks of direction and joiners that scripts and emoji need.
_USUAL_CONTROLS = frozenset("\n\t\u200c\u200d\u200e\u200f\ufe0f")


def form(reply: Reply, *, template: str | None = None) -> float:
    """How well formed what the policy said is; the worst of all that it said counts.

    - 1: canonical. It ended with the stop token; what was read of it, rendered by the template, is its text again byte
      for byte, so that what is trained is what the agent sends.
    - 0.5: readable. It ended, and its calls are strict JSON between their tags, in other bytes (spaces, order of keys).
    - 0.2: mended. It was cut off, its JSON had to be mended, tags were missing or stray, or it has control characters.
    - 0: there is no answer, a call that no tool could take (unreadable, unknown tool, arguments that its schema
      forbids), a forged result, or more than 20,000 characters.

    A block of reasoning at the start is not looked at.

    Args:
        reply: the turn.
        template: the chat template; that of SmolLM2 by default.
    """
    if is_forged(reply) or not reply.output.strip() or not reply.raw:
        return 0.0
    if any(made.is_unfit for made in calls_of(reply)):
        return 0.0
    template = template or _default_template()
    names = sorted({call.name for message in reply.messages for call in message.tool_calls})
    return min(_mark(raw, ended, names, template) for raw, ended in zip(reply.raw, reply.ended, strict=True))


@functools.cache
def _default_template() -> str:
    return smollm2_template()


def _mark(raw: str, ended: bool, names: list[str], template: str) -> float:
    text = _THOUGHT.sub("", raw[: MAX_CHARS + 1], count=1)
    # Many tags would make the reader look through the rest of the text for each.
    if len(raw) > MAX_CHARS or len(CONTROL_TAGS.findall(text)) > _MOST_TAGS or not text.strip():
        return 0.0
    if not ended or any(map(_is_control, text)):
        return MENDED
    reader = ReplyReader(names, call_id=lambda: "call_0")
    events = [*reader.feed(text), *reader.finish()]
    said = "".join(event.text for event in events if isinstance(event, TextPiece)).strip()
    calls = tuple(event.call for event in events if isinstance(event, CallRead))
    if any(call.problem is not None for call in calls):
        return 0.0
    if CONTROL_TAGS.search(_CALL.sub("", text)):
        return MENDED
    if _rendered(Message("assistant", said, calls), template) == text:
        return CANONICAL
    strict = [body for body in _CALL.findall(text) if _is_call(body)]
    return READABLE if len(strict) == len(calls) else MENDED


def _rendered(message: Message, template: str) -> str:
    """What the template writes for a message of the assistant, without its stop token."""
    opening, closing = _around(template)
    whole = render(template, [_ASKED, message], add_generation_prompt=False)
    return whole[len(opening) : len(whole) - len(closing)] if whole.startswith(opening) else ""


@functools.lru_cache(maxsize=16)
def _around(template: str) -> tuple[str, str]:
    """What stands before and behind a message of the assistant."""
    opening = render(template, [_ASKED], add_generation_prompt=True)
    bare = render(template, [_ASKED, Message("assistant", "\x00")], add_generation_prompt=False)
    return opening, bare.partition("\x00")[2]


def _is_call(body: str) -> bool:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.keys() == {"name", "arguments"} and isinstance(value["arguments"], dict)


def _is_control(character: str) -> bool:
    return (
        character not in _USUAL_CONTROLS
        and not " " <= character <= "~"
        and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
