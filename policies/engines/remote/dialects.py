"""In what the servers differ: one row each, and a careful one for those that are not known.

A row is data. What is done with it stands in `outgoing` (requests), `incoming` (replies), `discovery` (what a server
is) and `failures` (its errors).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .settings import DialectName

# OpenAI's own answers; most others took the words over.
_OVERFLOW_PHRASES = ("maximum context length", "context length exceeded", "exceeds the context", "context window")
# vLLM's, also behind a gateway: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser …'
_PARSERLESS = ("--enable-auto-tool-choice", "--tool-call-parser")


@dataclass(frozen=True)
class Dialect:
    """How one kind of server wants to be spoken to.

    Args:
        name: how the settings name it.
        title: how messages name it.
        hosts: host names that are certainly this.
        owned_by: `owned_by` in its list of models.
        server_header: beginning of its `Server` header, lower case.
        max_tokens: the request's field for the longest reply.
        seed: whether it takes `seed`.
        max_stops: how many `stop` texts it takes; 0 for none, `None` for any number.
        max_temperature: the highest `temperature` it takes.
        usage_option: whether it takes `stream_options: {"include_usage": true}`.
        sampling: further fields, so that the distribution is the one `GenerationConfig` speaks of: servers cut it by
            defaults of their own.
        required: how it takes `tool_choice: "required"`: `honoured`, or `ignored` and then not sent.
        named: how it takes one tool's name: as an `object`; `only`: not at all, so that it is offered that tool alone.
        none: whether it takes `tool_choice: "none"`; calls are dropped in any case.
        tool_name: whether a tool message may name its tool.
        logprobs: whether it tells log-probabilities; `without_tools`: only where no tools are offered.
        reasoning_fields: where reasoning stands in a message, the first that holds text counts.
        optional: fields that are left out when the server refuses them.
        parserless: what an error says when the server was started without a reader of tool calls; the request is then
            sent with `tool_choice: "none"`, and calls are read from the text.
        window: where the context window is told; `assumed` where nowhere.
        assumed_window: tokens, where the server does not tell.
        counting: which endpoints count tokens; `estimate` where none does.
        counts_room: whether a request for more tokens than the window leaves is refused as a whole.
        truncates: whether it drops the beginning of a conversation that is too long, without saying so.
        overflow_codes: `code` or `type` of the error that the conversation is too long.
        overflow_phrases: what such an error's message contains, lower case.
        any_model: whether a server of one model answers whatever name it is asked for.
    """

    name: DialectName
    title: str
    hosts: tuple[str, ...] = ()
    owned_by: frozenset[str] = frozenset()
    server_header: str = ""
    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    seed: bool = True
    max_stops: int | None = None
    max_temperature: float = 10.0
    usage_option: bool = True
    sampling: Mapping[str, Any] = field(default_factory=dict[str, Any])
    required: Literal["honoured", "ignored"] = "honoured"
    named: Literal["object", "only"] = "object"
    none: bool = True
    tool_name: bool = False
    logprobs: Literal["yes", "without_tools", "no"] = "no"
    reasoning_fields: tuple[str, ...] = ("reasoning_content", "reasoning")
    optional: tuple[str, ...] = ()
    parserless: tuple[str, ...] = ()
    window: Literal["max_model_len", "n_ctx", "ollama", "assumed"] = "assumed"
    assumed_window: int = 8192
    counting: Literal["vllm", "llama-server", "estimate"] = "estimate"
    counts_room: bool = False
    truncates: bool = False
    overflow_codes: frozenset[str] = frozenset({"context_length_exceeded"})
    overflow_phrases: tuple[str, ...] = _OVERFLOW_PHRASES
    any_model: bool = False


VLLM = Dialect(
    "vllm",
    "vLLM",
    owned_by=frozenset({"vllm"}),
    max_tokens="max_completion_tokens",
    max_stops=4,
    max_temperature=2.0,
    # Without these a model's own generation_config.json counts.
    sampling={"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0},
    tool_name=True,
    logprobs="yes",
    # `reasoning_content` until 0.11, both for a while, then `reasoning`.
    reasoning_fields=("reasoning", "reasoning_content"),
    parserless=_PARSERLESS,
    window="max_model_len",
    counting="vllm",
    counts_room=True,
    overflow_phrases=(*_OVERFLOW_PHRASES, "longer than the maximum model length", "maximum model length"),
)

LLAMA_SERVER = Dialect(
    "llama-server",
    "llama-server",
    owned_by=frozenset({"llamacpp"}),
    server_header="llama.cpp",
    sampling={"top_k": 0, "min_p": 0.0},
    # An object is read as "auto" there. "required" binds where the server knows the template's form of calls.
    named="only",
    tool_name=True,
    # "logprobs is not supported with tools + stream"
    logprobs="without_tools",
    window="n_ctx",
    assumed_window=4096,
    counting="llama-server",
    overflow_codes=frozenset({"exceed_context_size_error"}),
    overflow_phrases=("exceeds the available context size",),
    any_model=True,
)

OLLAMA = Dialect(
    "ollama",
    "Ollama",
    owned_by=frozenset({"library"}),
    required="ignored",
    named="only",
    none=False,
    tool_name=True,
    reasoning_fields=("reasoning", "reasoning_content"),
    window="ollama",
    assumed_window=4096,
    truncates=True,
    overflow_phrases=(*_OVERFLOW_PHRASES, "exceeds maximum context", "input length exceeds"),
)

OPENAI = Dialect(
    "openai",
    "OpenAI",
    hosts=("api.openai.com",),
    owned_by=frozenset({"system", "openai-internal"}),
    max_tokens="max_completion_tokens",
    max_stops=4,
    max_temperature=2.0,
    logprobs="yes",
    # Its reasoning models refuse how to sample.
    optional=("temperature", "top_p", "seed"),
    assumed_window=128_000,
)

UNKNOWN = Dialect(
    "unknown",
    "the server",
    parserless=_PARSERLESS,
    optional=("temperature", "top_p", "seed", "stream_options"),
    overflow_phrases=(*_OVERFLOW_PHRASES, "prompt is too long", "context size", "too many tokens"),
)

DIALECTS: dict[str, Dialect] = {row.name: row for row in (VLLM, LLAMA_SERVER, OLLAMA, OPENAI, UNKNOWN)}


def recognised(host: str, owners: frozenset[str], server_header: str) -> Dialect:
    """Which row a server's own words point to.

    Args:
        host: its host name.
        owners: every `owned_by` in its list of models.
        server_header: its `Server` header.
    """
    for row in DIALECTS.values():
        if host in row.hosts or row.owned_by & owners:
            return row
        if row.server_header and server_header.lower().startswith(row.server_header):
            return row
    return UNKNOWN
