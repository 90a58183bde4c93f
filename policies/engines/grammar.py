"""The grammar of a reply: text, or calls of known tools with arguments of the right types.

One llguidance grammar (Lark syntax) serves both local engines. A reply is free text until it contains `<tool_call>`;
from there on it can only be a call that `chat_format.ReplyReader` reads and the tool's schema allows, in the form of
`json.dumps`, and after calls nothing but more calls. `tool_choice` is part of it: `"none"` has no calls, `"required"`
no text, a tool's name that tool alone.

Not covered: other families' own call forms (Llama's python tags, Mistral's control tokens).
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...tools import ConfigError, PolicyError
from ...tools.constraints import WRITTEN_AS, constrained
from .messages import ToolChoice
from .tool_choice import tool_to_call

logger = logging.getLogger(__name__)

MAX_CALLS = 8
_OPENING = "<tool_call>"
_CLOSING = "</tool_call>"
_SHORTEST = 64


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a grammar must know of a model's tokens.

    Args:
        end_ids: tokens that end a reply; empty where the engine knows them itself.
        call_tag: how `<tool_call>` is written: by several tokens (`"text"`), by one that is text (`"token"`), or by a
            control token (`"control"`).
    """

    end_ids: tuple[int, ...] = ()
    call_tag: Literal["text", "token", "control"] = "text"


def reply_grammar(
    tools: Sequence[dict[str, Any]],
    tool_choice: ToolChoice,
    *,
    max_new_tokens: int,
    vocabulary: Vocabulary,
) -> str | None:
    """The grammar of a reply; `None` where anything goes.

    Args:
        tools: schemas in the OpenAI form.
        tool_choice: see `Policy.stream`.
        max_new_tokens: length of the reply in tokens, which bounds texts and lists in the arguments.
        vocabulary: the model's tokens.

    Raises:
        ConfigError: `tool_choice` cannot be fulfilled, or a schema is nested too deeply.
        PolicyError: there is no grammar for these tools at all.
    """
    tool_to_call(tools, tool_choice)  # refuses what cannot be
    if not tools:
        return None
    # Powers of two, so that a conversation's last and shorter replies need no grammar of their own.
    length = max(_SHORTEST, 1 << (max_new_tokens - 1).bit_length())
    try:
        offered = json.dumps([tool["function"] for tool in tools], default=str)
    except RecursionError:
        raise ConfigError("a tool's schema is nested too deeply.") from None
    return _grammar(offered, tool_choice, length, vocabulary)


@functools.lru_cache(maxsize=32)
def _grammar(offered: str, tool_choice: ToolChoice, max_new_tokens: int, vocabulary: Vocabulary) -> str:
    functions = [item for item in json.loads(offered) if tool_choice in ("auto", "required", item["name"])]
    if tool_choice == "none":
        return _checked(_text_alone(vocabulary))
    calls = [_call(number, function, max_new_tokens) for number, function in enumerate(functions)]
    try:
        return _checked(_text_or_calls(calls, tool_choice == "auto", vocabulary))
    except PolicyError as error:
        # Every tool was tried alone, so together they are too much.
        logger.warning("the grammar is too large, so calls may have any arguments: %s", error)
    calls = [_call(number, {"name": function["name"]}, max_new_tokens) for number, function in enumerate(functions)]
    return _checked(_text_or_calls(calls, tool_choice == "auto", vocabulary))


def _checked(grammar: str) -> str:
    """llama.cpp ignores a grammar that it cannot read, and says so in its log alone."""
    from llguidance import LLMatcher

    grammar = grammar.encode("utf-8", "replace").decode()  # a surrogate alone has no UTF-8 form
    failed, messages = LLMatcher.validate_grammar_with_warnings(grammar)
    if failed:
        raise PolicyError(f"these tools have no grammar: {' '.join(messages[0].split())[:300]}")
    return grammar


def _text_or_calls(calls: Sequence[str], may_say: bool, vocabulary: Vocabulary) -> str:
    control = vocabulary.call_tag == "control"
    opening, closing = (tag if control else _quoted(tag) for tag in (_OPENING, _CLOSING))
    some = f"call (gap {opening} call){{0,{MAX_CALLS - 1}}}"
    lines = ["%llguidance {}"]
    if may_say:
        # Lazy: the first tag ends the text, so that no text has a tag in it.
        lines += [f"start: (SAID | before {some}){_end(vocabulary)}", r"SAID: /(?s:.*)/"]
        lines += [f"before{'' if control else '[lazy]'}: SAID {opening}"]
    else:
        lines += [f"start: {opening} {some}{_end(vocabulary)}"]
    names = " | ".join(f"call{number}" for number in range(len(calls)))
    return "\n".join((*lines, r"gap: /\n?/", f"call: gap ({names}) gap {closing}", *calls, ""))


def _text_alone(vocabulary: Vocabulary) -> str:
    """Text without a call. Where a tag is several tokens, a reply that starts like one would end up with half of it."""
    start = r"/([^<\s](?s:.*))?/" if vocabulary.call_tag == "text" else r"/(?s:.*)/"
    said = rf"SAID: {start} & ~/(?s:.*)<tool_call(?s:.*)/"
    return "\n".join(("%llguidance {}", f"start: SAID{_end(vocabulary)}", said, ""))


def _end(vocabulary: Vocabulary) -> str:
    return f" <[{','.join(map(str, vocabulary.end_ids))}]>" if vocabulary.end_ids else ""


def _call(number: int, function: dict[str, Any], max_new_tokens: int) -> str:
    start = f'{{"name": {json.dumps(function["name"], ensure_ascii=False)}, "arguments": '
    parameters = function.get("parameters", {"type": "object"})
    if isinstance(parameters, dict) and parameters.get("properties") == {}:
        parameters = {"additionalProperties": False, **parameters}
    found = constrained(json.dumps(parameters), max_new_tokens)
    schema = json.dumps({**found.schema, "x-guidance": WRITTEN_AS}, ensure_ascii=False)
    return f'call{number}: {_quoted(start)} %json {schema} "}}"'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
