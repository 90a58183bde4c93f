"""What goes into a policy and what comes out of it.

`Message` is the shape that chat templates and TRL take. `Policy` only speaks; `Scoring` and `TokenLevel` are
what training needs besides, and not every engine has them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from ...tools import ConfigError, ToolCall

Role = Literal["system", "user", "assistant", "tool"]
# "auto", "none", "required" (some tool must be called), or the name of the one tool that must be called.
ToolChoice = str
FinishReason = Literal["stop", "length", "tool_calls"]

LOOP = "pericles"
ROLES = ("system", "user", "assistant", "tool")
MAX_LOGPROBS = 20


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    Args:
        role: `system`, `user`, `assistant` or `tool`.
        content: the text.
        tool_calls: what an assistant message asks for.
        tool_call_id: which call a tool message answers.
        name: the tool that a tool message comes from; `LOOP` on a user message that the agent loop wrote, to tell
            the policy what was wrong with its reply.
        meta: JSON-able notes that no policy sees. The loop writes `result` (what a tool message was made of:
            `ToolResult.to_dict()` without its text), `approvals` (ids of the calls that wait for a person),
            `covers` (how many messages from the start of the conversation a summary stands for) and `cut_off` (of an
            answer that a cancellation or an error broke off).
    """

    role: Role
    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None
    meta: dict[str, Any] = field(default_factory=dict[str, Any], compare=False)

    def to_dict(self) -> dict[str, Any]:
        value: dict[str, Any] = {"role": self.role, "content": self.content}
        if self.tool_calls:
            value["tool_calls"] = [call.to_dict() for call in self.tool_calls]
        if self.tool_call_id is not None:
            value["tool_call_id"] = self.tool_call_id
        if self.name is not None:
            value["name"] = self.name
        if self.meta:
            value["meta"] = self.meta
        return value

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Message:
        role = value.get("role")
        if role not in ROLES:
            raise ConfigError(f"a message's role must be one of {', '.join(ROLES)}, got {role!r}.")
        content = value.get("content") or ""
        if not isinstance(content, str):
            raise ConfigError(f"a message's content must be text, got {type(content).__name__}.")
        return cls(
            role=role,
            content=content,
            tool_calls=tuple(ToolCall.from_dict(call) for call in value.get("tool_calls") or ()),
            tool_call_id=value.get("tool_call_id"),
            name=value.get("name"),
            meta=dict(value.get("meta") or {}),
        )


@dataclass(frozen=True, slots=True)
class GenerationConfig:
    """How a reply is sampled.

    Args:
        max_new_tokens: upper bound on the reply's length in tokens.
        temperature: 0 is greedy.
        top_p: nucleus sampling (Holtzman et al. 2020); 1 keeps the whole distribution.
        seed: makes sampling repeatable on one engine; `None` draws a fresh one.
        stop: the reply ends before any of these texts.
        logprobs: how many of the likeliest tokens to tell for each place of the reply; 0 tells of the chosen one alone,
            `None` of none. A policy whose capabilities lack `"logprobs"` refuses it.
    """

    max_new_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    logprobs: int | None = None

    def __post_init__(self) -> None:
        if self.max_new_tokens < 1:
            raise ConfigError(f"max_new_tokens must be at least 1, got {self.max_new_tokens}.")
        if not 0 <= self.temperature <= 10:
            raise ConfigError(f"temperature must lie in 0..10, got {self.temperature}.")
        if not 0 < self.top_p <= 1:
            raise ConfigError(f"top_p must lie in (0, 1], got {self.top_p}.")
        if isinstance(self.stop, str) or not all(self.stop):
            raise ConfigError(f"stop must be a tuple of texts that are not empty, got {self.stop!r}.")
        if self.logprobs is not None and not 0 <= self.logprobs <= MAX_LOGPROBS:
            raise ConfigError(f"logprobs must lie in 0..{MAX_LOGPROBS}, got {self.logprobs}.")


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one reply: read (of these, taken from the kept prefix), and written."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
        )

    def to_dict(self) -> dict[str, int]:
        return {
            "prompt_tokens": self.prompt_tokens,
            "cached_tokens": self.cached_tokens,
            "completion_tokens": self.completion_tokens,
        }


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Text of the answer."""

    type: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPiece:
    """Text of the reasoning, never part of the answer."""

    type: ClassVar[str] = "reasoning"
    text: str


@dataclass(frozen=True, slots=True)
class CallPiece:
    """Raw text of a tool call while it is being written; for display only."""

    type: ClassVar[str] = "call_text"
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class CallRead:
    """A tool call that is complete, readable or not (see `ToolCall.problem`)."""

    type: ClassVar[str] = "call"
    call: ToolCall


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One token of a reply and how likely it was by the model's own distribution, before temperature and top-p.

    Args:
        token: its text; half a character is told as U+FFFD.
        logprob: natural logarithm of its probability.
        top: the likeliest tokens at this place with their log-probabilities, the likeliest first.
    """

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """The end of a reply; always the last event.

    Args:
        reason: `"length"` where the reply was cut off, inside a call as well; else `"tool_calls"` where it calls tools.
        usage: what was read and written.
        logprobs: of every token written, calls included, where `GenerationConfig.logprobs` asked for them.
    """

    type: ClassVar[str] = "finished"
    reason: FinishReason
    usage: Usage = field(default_factory=Usage)
    logprobs: tuple[TokenLogprob, ...] = ()


PolicyEvent = TextPiece | ReasoningPiece | CallPiece | CallRead | ReplyFinished


@runtime_checkable
class Policy(Protocol):
    """A model that speaks.

    `capabilities` names what it can do besides: `"score"` (`Scoring`), `"token_ids"` (`TokenLevel`), `"texts"`
    (`TextLevel`), `"logprobs"` (`GenerationConfig.logprobs`).
    """

    name: str
    context_window: int
    capabilities: frozenset[str]

    def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: ToolChoice = "auto",
        config: GenerationConfig | None = None,
    ) -> AsyncIterator[PolicyEvent]:
        """Streams one reply. Closing the iterator stops the generation.

        Args:
            messages: the conversation so far.
            tools: schemas in the OpenAI form.
            tool_choice: `"auto"`; `"none"` keeps the tools in the prompt but reads no calls from the reply;
                `"required"`: the reply calls some tool; a tool's name: it calls this one.
            config: how to sample; greedy by default.

        Raises:
            ContextOverflow: the prompt leaves no room for a reply.
            PolicyError: the engine failed.
        """
        ...

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        """Length in tokens of the prompt that `stream` would read."""
        ...

    async def aclose(self) -> None:
        """Frees the engine's memory, threads and ports. May be called twice."""
        ...


@runtime_checkable
class Scoring(Protocol):
    """A policy that can tell how likely a reply is."""

    async def score(self, messages: Sequence[Message], completions: Sequence[str]) -> list[float]:
        """Summed log-probability (nats) of each completion, stop token included, after the same prompt."""
        ...


@dataclass(frozen=True, slots=True)
class TextScore:
    """How likely a text is behind another.

    Args:
        logprob: summed natural logarithms of its tokens' probabilities.
        tokens: how many tokens it has.
        greedy: whether each of its tokens is the likeliest at its place.
    """

    logprob: float
    tokens: int
    greedy: bool


@runtime_checkable
class TextLevel(Protocol):
    """A policy that reads bare texts, as base models are measured; `"texts"` among its capabilities."""

    async def prompt_text(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> str:
        """The text that `stream` would read."""
        ...

    async def complete(self, prompt: str, config: GenerationConfig | None = None) -> tuple[str, Usage]:
        """What the model writes behind a text, up to a stop token or one of `config.stop`."""
        ...

    async def score_texts(self, texts: Sequence[tuple[str, str]]) -> list[TextScore]:
        """How likely the second text of each pair is behind the first; no stop token is added.

        An empty first text stands for the start of a document. What texts share at their start is computed once.

        Raises:
            ContextOverflow: a pair is longer than the context window.
        """
        ...


@runtime_checkable
class TokenLevel(Protocol):
    """A policy that generates token ids, for rollouts that must never be re-tokenised."""

    async def generate_ids(
        self, prompt_ids: Sequence[int], config: GenerationConfig | None = None
    ) -> tuple[list[int], list[float]]:
        """Ids of the completion (stop token included where it came) and each id's log-probability (nats)."""
        ...
