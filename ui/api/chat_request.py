"""The form of a request to `/v1/chat/completions`, as far as it is understood here.

A field that does not change the answer is let through unread. One that would, and that is not supported, is refused
unless it has the value that changes nothing.
"""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ...agent.sql_sessions import check_id
from ...tools import ConfigError
from .errors import ApiError, invalid

MAX_STOPS = 16
MAX_TOOLS = 256
MAX_MESSAGES = 5000
MAX_NAME = 100
MAX_TOP_LOGPROBS = 20

# Fields that would change the answer, with the values that do not; null never does.
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "modalities": (["text"],),
    "response_format": ({"type": "text"},),
    "best_of": (1,),
    "top_k": (-1, 0),
    "min_p": (0,),
    "typical_p": (1,),
    "repetition_penalty": (1,),
    "repeat_penalty": (1,),
    "length_penalty": (1,),
    "min_tokens": (0,),
    "ignore_eos": (False,),
    "use_beam_search": (False,),
    "echo": (False,),
    "continue_final_message": (False,),
    **dict.fromkeys(
        (
            "audio",
            "prediction",
            "web_search_options",
            "functions",
            "function_call",
            "suffix",
            "grammar",
            "guided_json",
            "guided_regex",
            "guided_choice",
            "guided_grammar",
            "structured_outputs",
            "bad_words",
            "chat_template",
        ),
        (),
    ),
}
_INSTEAD = {
    "functions": "use `tools`",
    "function_call": "use `tool_choice`",
    "n": "ask several times",
    "response_format": 'only {"type": "text"} is supported',
    "modalities": 'only ["text"] is supported',
}


# Named, because some are so similar to fields that are read.
_HARMLESS = frozenset(
    (
        "user",
        "metadata",
        "store",
        "service_tier",
        "reasoning_effort",
        "verbosity",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "reasoning",
        "include_reasoning",
    )
)


class Form(BaseModel):
    """Base of the parts: what is not named is let through, and texts are no numbers."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, hide_input_in_errors=True)


class FunctionCalled(Form):
    name: str = Field(min_length=1, max_length=MAX_NAME)
    arguments: str


class CallMade(Form):
    id: str = Field(min_length=1, max_length=200)
    type: Literal["function"] = "function"
    function: FunctionCalled


class ChatMessage(Form):
    """One message of the conversation that the client keeps. What was said in older forms would be lost: no values."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Any = None
    tool_calls: list[CallMade] | None = None
    tool_call_id: str | None = Field(default=None, min_length=1, max_length=200)
    function_call: None = None
    audio: None = None


class FunctionOffered(Form):
    name: str = Field(pattern="^[a-zA-Z0-9_-]{1,64}$")
    description: str | None = None
    parameters: dict[str, Any] | None = None

    @field_validator("parameters")
    @classmethod
    def _schema_of_an_object(cls, parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        if not parameters:
            return None
        if parameters.get("type", "object") != "object":
            raise ValueError("the schema must be of an object")
        if not isinstance(parameters.get("properties", {}), dict):
            raise ValueError("properties must be an object")
        required = parameters.get("required", [])
        if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
            raise ValueError("required must be a list of names")
        return parameters


class ToolOffered(Form):
    type: Literal["function"]
    function: FunctionOffered


class StreamOptions(Form):
    include_usage: bool | None = None


class Extension(Form):
    """What this server can do besides: `extra_body={"pericles": {...}}`.

    Args:
        events: tell what tools do and which sources the answer has.
        session: the name of a conversation that the server keeps.
        live: let the client's live head choose what is said.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    events: bool = False
    session: str | None = Field(default=None, min_length=1, max_length=MAX_NAME)
    live: bool = False

    @field_validator("session")
    @classmethod
    def _storable(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                check_id(name)
            except ConfigError as error:
                raise ValueError(str(error)) from None
        return name


class ChatRequest(Form):
    """A request; `read_request` makes one."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=2**31)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=2**31)
    temperature: float | None = Field(default=None, ge=0, le=2, allow_inf_nan=False)
    top_p: float | None = Field(default=None, gt=0, le=1, allow_inf_nan=False)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**64)
    stop: Any = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=MAX_TOP_LOGPROBS)
    tools: Annotated[list[ToolOffered], Field(max_length=MAX_TOOLS)] | None = None
    tool_choice: Any = None
    parallel_tool_calls: bool | None = None
    pericles: Extension = Extension()

    @property
    def stops(self) -> tuple[str, ...] | None:
        """Where the reply ends; `None` where the client does not say."""
        return None if self.stop is None else tuple([self.stop] if isinstance(self.stop, str) else self.stop)

    @field_validator("stop")
    @classmethod
    def _texts(cls, stop: Any) -> Any:
        texts = [stop] if isinstance(stop, str) else stop
        if stop is not None and not (isinstance(texts, list) and all(isinstance(item, str) and item for item in texts)):
            raise ValueError("stop must be a text or a list of texts that are not empty")
        if stop is not None and len(texts) > MAX_STOPS:
            raise ValueError(f"stop may have at most {MAX_STOPS} texts")
        return stop


def read_request(value: dict[str, Any]) -> ChatRequest:
    """Checks the form of a request.

    Raises:
        ApiError: 400; names the field.
    """
    for name, given in value.items():
        _refuse_unsupported(name, given)
    given = {name: item for name, item in value.items() if name != "pericles" or item is not None}
    try:
        request = ChatRequest.model_validate(given)
    except ValidationError as error:
        raise wrong_field(error) from None
    if request.top_logprobs is not None and not request.logprobs:
        raise invalid("top_logprobs needs logprobs to be true.", "top_logprobs")
    return request


def _refuse_unsupported(name: str, given: Any) -> None:
    if name in _NEUTRAL:
        neutral = _NEUTRAL[name]
        if given is None or any(
            given == item and isinstance(given, bool) == isinstance(item, bool) for item in neutral
        ):
            return
        only = f"leave it out or at {neutral[0]!r}" if neutral else "leave it out"
        raise invalid(f"{name} is not supported: {_INSTEAD.get(name, only)}.", name, "unsupported_value")
    if name in ChatRequest.model_fields or name in _HARMLESS or given is None:
        return
    near = difflib.get_close_matches(name, ChatRequest.model_fields, n=1, cutoff=0.8)
    if near:
        raise invalid(f"There is no field {name!r}: did you mean {near[0]!r}?", name[:MAX_NAME], "unknown_parameter")


def wrong_field(error: ValidationError) -> ApiError:
    """What a client is told of the first field that is wrong."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    param = ""
    for part in first["loc"]:
        param += f"[{part}]" if isinstance(part, int) else f".{part}" if param else str(part)
    param = param[: 2 * MAX_NAME]
    if first["type"] == "missing":
        return invalid(f"{param} is missing.", param, "missing_required_parameter")
    reason = "it must be an object" if first["type"] == "model_type" else first["msg"].removeprefix("Value error, ")
    return invalid(f"{param}: {reason[:1].lower()}{reason[1:]}.", param)
