"""The one place that renders prompts and reads replies.

Rendering: messages and tool schemas become the text of a prompt by a chat template (Jinja, sandboxed). Text that
comes from users, tools and documents has the format's control tags broken first, so that it can neither end
its own message nor pose as a call or a result.

Reading: `ReplyReader` turns the streamed text of a reply into policy events. Tool calls are in the Hermes form,
`<tool_call>{"name": ..., "arguments": {...}}</tool_call>`, and are read forgivingly; what cannot be read
becomes a call with a `problem` that tells the model what was wrong. `<tool_response>` written by the model is
dropped: results only ever come from tools. Where the model forgot to close one, its first line is dropped.

Not covered: other families' own call formats (Llama's python tags, Mistral's control tokens).
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

from ...tools import PolicyError, ToolCall
from . import templates
from .call_text import JsonTexts, cut_off_call, is_json, new_call_id, read_calls
from .messages import CallPiece, CallRead, Message, PolicyEvent, ReasoningPiece, TextPiece
from .tools_as_text import system_as_user, tools_as_text

if TYPE_CHECKING:
    from jinja2.nodes import Node
    from jinja2.parser import Parser

CONTROL_TAGS = re.compile(
    # Of every family, since one template serves whatever model is loaded: <|im_start|>, <|eot_id|>, <|python_tag|>, …
    r"<(?=[|｜][\w ▁./:-]{1,40}[|｜]>)"
    r"|<(?=/?(?:tool_call|tool_response|tools|think|start_of_turn|end_of_turn|function_call|function_response)>)"
    r"|<(?=/?(?:bos|eos|s)>)",
    re.IGNORECASE,
)

_OPENINGS = {"<tool_call>": "call", "<tool_response>": "response", "<think>": "reasoning"}
_CLOSINGS = {"call": "</tool_call>", "response": "</tool_response>", "reasoning": "</think>"}
_STRAY = ("</tool_call>", "</tool_response>", "</think>", "<|im_end|>", "<|im_start|>", "<|endoftext|>")
_MARKS = tuple(_OPENINGS) + _STRAY
_LONGEST_MARK = max(map(len, _MARKS))
_UNTAGGED_NAME = re.compile(r'\{"name":"([^"]*)"')
_UNTAGGED_CALLS = ('{"name":', '```json{"name":', '```{"name":', '[{"name":', '```json[{"name":')


def smollm2_template() -> str:
    """Our chat template for SmolLM2: prefix-preserving, with tools."""
    return resources.files(templates).joinpath("smollm2.jinja").read_text(encoding="utf-8")


def break_control_tags(text: str) -> str:
    """Makes the format's tags in foreign text harmless: `<tool_call>` becomes `< tool_call>`."""
    return CONTROL_TAGS.sub("< ", text)


def to_template(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Message dicts as chat templates and TRL take them, with the control tags in foreign text broken.

    Only the calls themselves are exempt: the template writes their tags, and their values are JSON.
    """
    rendered: list[dict[str, Any]] = []
    for message in messages:
        value: dict[str, Any] = {"role": message.role, "content": break_control_tags(message.content)}
        if message.tool_calls:
            value["tool_calls"] = [
                {
                    "type": "function",
                    "id": call.id,
                    "function": {"name": break_control_tags(call.name), "arguments": _broken(call.arguments)},
                }
                for call in message.tool_calls
            ]
        if message.role == "tool":
            value["name"] = message.name or ""
            value["tool_call_id"] = message.tool_call_id or ""
        rendered.append(value)
    return rendered


def _broken(value: Any) -> Any:
    if isinstance(value, str):
        return break_control_tags(value)
    if isinstance(value, dict):
        return {break_control_tags(str(key)): _broken(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_broken(item) for item in value]
    return value


def render(
    template: str,
    messages: Sequence[Message],
    *,
    tools: Sequence[dict[str, Any]] = (),
    add_generation_prompt: bool = True,
    bos_token: str = "",
    eos_token: str = "",
) -> str:
    """The text of a prompt.

    Of a template that knows no tools, the tools and their calls and results become part of the texts.

    Raises:
        PolicyError: the template refuses these messages.
    """
    from jinja2 import TemplateError

    rendered = to_template(messages)
    offered: list[Any] = _broken(list(tools))
    if not _compiled(template).takes_tools and (offered or any(message.tool_calls for message in messages)):
        rendered, offered = tools_as_text(rendered, offered), []

    def filled(rendered: list[dict[str, Any]]) -> str:
        return _compiled(template).filled.render(
            messages=rendered,
            tools=offered or None,
            add_generation_prompt=add_generation_prompt,
            bos_token=bos_token,
            eos_token=eos_token,
        )

    try:
        text = filled(rendered)
    except TemplateError as error:
        # Some families have no system message; what it says is then said by the user.
        if rendered and rendered[0]["role"] == "system":
            with contextlib.suppress(TemplateError):
                return _without_surrogates(filled(system_as_user(rendered)))
        raise PolicyError(f"the model's chat template refused the conversation: {error}") from error
    return _without_surrogates(text)


def _without_surrogates(text: str) -> str:
    # Lone surrogates (a terminal's undecodable bytes) have no UTF-8 form and so no tokens.
    return text.encode("utf-8", "replace").decode("utf-8")


@dataclasses.dataclass(frozen=True)
class _Template:
    filled: Any
    takes_tools: bool


@functools.lru_cache(maxsize=16)
def _compiled(template: str) -> _Template:
    """Compiles with the conventions that Hugging Face templates rely on, in a sandbox: templates are data."""
    from jinja2 import TemplateError, meta, nodes
    from jinja2.ext import Extension
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """`{% generation %}` marks what the loss covers; for a prompt its body is all that matters."""

        tags = {"generation"}  # noqa: RUF012 - jinja2 declares it so

        def parse(self, parser: Parser) -> Node | list[Node]:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return nodes.Scope(body).set_lineno(line)

    def raise_exception(message: str) -> None:
        raise TemplateError(message)

    def tojson(value: Any, indent: int | None = None, **_: Any) -> str:
        return json.dumps(value, ensure_ascii=False, indent=indent)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = _strftime_now
    takes_tools = "tools" in meta.find_undeclared_variables(environment.parse(template))
    return _Template(environment.from_string(template), takes_tools)


def _strftime_now(pattern: str) -> str:
    from datetime import datetime

    return datetime.now().astimezone().strftime(pattern)


class ReplyReader:
    """Reads one streamed reply.

    Text is passed on as soon as it cannot be the start of a tag, so a stream is at most a tag's length behind.

    Args:
        tool_names: known tools; a reply that is a bare JSON call without tags counts only for these.
        read_calls: `False` (`tool_choice="none"`) drops calls instead of reading them.
        constrained: the reply follows a grammar (`grammar.reply_grammar`), so a call is JSON, and a tag inside one of
            its texts is text.
        call_id: makes ids for calls.
    """

    def __init__(
        self,
        tool_names: Iterable[str] = (),
        *,
        read_calls: bool = True,
        constrained: bool = False,
        call_id: Callable[[], str] = new_call_id,
    ) -> None:
        self.calls = 0
        self._names = frozenset(tool_names)
        self._read_calls = read_calls
        self._texts = JsonTexts() if constrained else None
        self._call_id = call_id
        self._state = "text"
        self._pending = ""
        self._block = ""
        self._said_anything = False
        self._tail = ""
        self._cut_off = False

    def feed(self, text: str) -> list[PolicyEvent]:
        """Takes the next piece of text and returns what can be told so far."""
        self._pending += text
        return self._advance(final=False)

    def finish(self, *, cut_off: bool = False) -> list[PolicyEvent]:
        """Ends the reply: an open call is read as far as it goes.

        Args:
            cut_off: the token limit ended the reply. An open call then lacks something that nobody knows, so it is
                never run: it becomes a call with a `problem`.
        """
        self._cut_off = cut_off
        return self._advance(final=True)

    def _advance(self, *, final: bool) -> list[PolicyEvent]:
        events: list[PolicyEvent] = []
        while self._text_step(events, final) if self._state == "text" else self._block_step(events, final):
            pass
        return events

    def _text_step(self, events: list[PolicyEvent], final: bool) -> bool:
        """Handles text up to the next mark. Returns whether there is more to do."""
        if not self._said_anything and self._names and self._untagged_call(events, final):
            return False
        found = [(self._pending.find(mark), mark) for mark in _MARKS] if "<" in self._pending else []
        position, mark = min(((p, m) for p, m in found if p >= 0), default=(-1, ""))
        if position >= 0:
            self._emit_text(events, self._pending[:position])
            if partial_mark(self._tail, _MARKS):
                self._emit_text(events, " ")  # dropping what stands between the halves of a tag must not join them
            self._pending = self._pending[position + len(mark) :]
            if mark in _OPENINGS:
                self._state, self._block = _OPENINGS[mark], ""
            return True
        held = 0 if final else partial_mark(self._pending, _MARKS)
        self._emit_text(events, self._pending[: len(self._pending) - held])
        self._pending = self._pending[len(self._pending) - held :]
        return False

    def _emit_text(self, events: list[PolicyEvent], text: str) -> None:
        if not self._said_anything:
            text = text.lstrip()
        if text:
            self._said_anything = True
            self._tail = (self._tail + text)[-_LONGEST_MARK:]
            events.append(TextPiece(text))

    def _untagged_call(self, events: list[PolicyEvent], final: bool) -> bool:
        """A reply that is nothing but a JSON call, fenced or bare. Returns whether the text is to be held."""
        start = "".join(self._pending.split()).replace("'", '"')
        if not start or not any(start.startswith(call) or call.startswith(start) for call in _UNTAGGED_CALLS):
            return False
        named = _UNTAGGED_NAME.search(start)
        if named and named[1] not in self._names:
            return False
        if not final:
            return True
        call = self._read(self._pending)
        if not all(item.problem is None and item.name in self._names for item in call):
            return False
        if self._cut_off and not is_json(self._pending):
            call = [cut_off_call(item) for item in call]
        self._pending = ""
        self._emit_calls(events, call)
        return True

    def _block_step(self, events: list[PolicyEvent], final: bool) -> bool:
        closing = _CLOSINGS[self._state]
        # A small model forgets closing tags: the next opening tag, or the reply's end, closes a call as well.
        ends = (closing, "<tool_call>", "<tool_response>", "<|im_end|>") if self._state == "call" else (closing,)
        if self._state == "call" and self._texts is not None:
            ends = (closing,)
            found = [(self._texts.find(self._pending, closing), closing)]
        else:
            found = [(self._pending.find(mark), mark) for mark in ends]
        position, mark = min(((p, m) for p, m in found if p >= 0), default=(-1, ""))
        if position < 0:
            held = 0 if final else partial_mark(self._pending, ends)
            self._take(events, self._pending[: len(self._pending) - held])
            self._pending = self._pending[len(self._pending) - held :]
            if final and self._state == "response":
                return self._after_open_result()
            if final:
                self._close(events, cut_off=self._cut_off)
            return False
        self._take(events, self._pending[:position])
        self._pending = self._pending[position + len(mark) if mark == closing else position :]
        self._close(events)
        return True

    def _after_open_result(self) -> bool:
        """The reply goes on behind the first line of a result that was never closed, or at the next tag."""
        block = self._block
        line = block.find("\n", len(block) - len(block.lstrip()))
        ends = [position for position in (line, *map(block.find, _MARKS)) if position >= 0]
        self._pending = block[min(ends, default=len(block)) :]
        self._state, self._block = "text", ""
        return bool(self._pending)

    def _take(self, events: list[PolicyEvent], text: str) -> None:
        if not text:
            return
        if self._texts is not None and self._state == "call":
            self._texts.pass_over(text)
        if self._state == "response":
            self._block += text
        elif self._state == "reasoning":
            events.append(ReasoningPiece(text))
        elif self._state == "call":
            self._block += text
            if self._read_calls:
                events.append(CallPiece(self.calls, text))

    def _close(self, events: list[PolicyEvent], *, cut_off: bool = False) -> None:
        if self._state == "call":
            calls = self._read(self._block)
            broken = cut_off and not is_json(self._block)  # where but the closing tag is missing, the call is whole
            self._emit_calls(events, [cut_off_call(call) for call in calls] if broken else calls)
        self._state, self._block = "text", ""

    def _emit_calls(self, events: list[PolicyEvent], calls: list[ToolCall]) -> None:
        if self._read_calls:
            self.calls += len(calls)
            events.extend(CallRead(call) for call in calls)

    def _read(self, text: str) -> list[ToolCall]:
        return read_calls(text, self._names, self._call_id)


def partial_mark(text: str, marks: tuple[str, ...]) -> int:
    """Length of the longest end of `text` that may be the start of a mark."""
    beginnings, longest = _beginnings(marks)
    end = text[-longest:] if longest else ""
    return next((len(end) - start for start in range(len(end)) if end[start:] in beginnings), 0)


@functools.lru_cache(maxsize=64)
def _beginnings(marks: tuple[str, ...]) -> tuple[frozenset[str], int]:
    """Every text that a mark goes on from, and the length of the longest."""
    found = frozenset(mark[:length] for mark in marks for length in range(1, len(mark)))
    return found, max(map(len, found), default=0)
