"""The `@tool` decorator: a Python function becomes something a model can call.

The JSON schema comes from the signature through pydantic, the descriptions from the docstring. A function
that cannot be described fails here, when it is registered, and not when a model first calls it.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import dataclasses
import functools
import inspect
import json
import logging
import re
import threading
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, cast, overload

from .calls import Source, ToolCall, ToolOutput, ToolResult
from .errors import ConfigError, InvalidArguments, ToolError, ToolTimeout

logger = logging.getLogger(__name__)

NAME_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
DEFAULT_TIMEOUT = 30.0
DEFAULT_MAX_OUTPUT_CHARS = 4000
JSON_TYPES = "write str, int, float, bool, list, dict, a Literal, an Enum, a dataclass or a pydantic model"


@dataclass(frozen=True)
class Tool:
    """A function that a model may call. Stays callable as the function it was made of.

    Args:
        name: what the model writes; letters, digits, `_` and `-`.
        description: what the model reads; one or two sentences.
        parameters: JSON schema of the arguments (an object schema).
        function: the Python function, sync or async.
        timeout: seconds after which a call is given up. A thread cannot be killed: a sync function goes on
            in the background, its result is discarded.
        max_output_chars: a longer text is cut, and the model is told so.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    function: Callable[..., Any] = field(repr=False)
    timeout: float = DEFAULT_TIMEOUT
    max_output_chars: int = DEFAULT_MAX_OUTPUT_CHARS
    _arguments_model: Any = field(repr=False, compare=False, kw_only=True)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def schema(self) -> dict[str, Any]:
        """The OpenAI form: `{"type": "function", "function": {name, description, parameters}}`."""
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": self.parameters},
        }

    def validate(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Checks and converts the arguments of a call.

        Raises:
            InvalidArguments: names every violation at once.
        """
        from pydantic import ValidationError

        try:
            checked = self._arguments_model.model_validate(arguments)
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(str(part) for part in problem['loc']) or 'arguments'}: {problem['msg']}"
                for problem in error.errors()
            )
            expected = ", ".join(self.parameters.get("properties", {})) or "no arguments"
            raise InvalidArguments(f"{self.name}: {problems}. Expected: {expected}.") from None
        fields: dict[str, Any] = self._arguments_model.model_fields
        return {field.alias: getattr(checked, name) for name, field in fields.items()}

    async def run(self, call: ToolCall) -> ToolResult:
        """Runs one call. Whatever the model wrote and whatever the function does, this returns a result.

        Only cancellation of the awaiting task passes through.
        """
        clock = asyncio.get_running_loop().time
        start = clock()
        output, problem = ToolOutput(""), None
        limit = asyncio.timeout(self.timeout)
        try:
            async with limit:
                output = _as_output(await self._invoke(self.validate(call.arguments)))
        except ToolError as error:
            problem = str(error) or type(error).__name__
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            if isinstance(error, TimeoutError) and limit.expired():
                problem = str(ToolTimeout(f"{self.name} did not finish within {self.timeout:g} s."))
            else:
                logger.exception("tool %r failed", self.name)
                problem = f"{self.name} failed: {_one_line(error)}"
        text = self._bounded(output.text if problem is None else problem)
        seconds = round(clock() - start, 6)
        return ToolResult(call.id, call.name, text, output.data, output.sources, problem is not None, seconds)

    async def _invoke(self, arguments: dict[str, Any]) -> Any:
        if inspect.iscoroutinefunction(self.function):
            return await self.function(**arguments)
        result = await _in_thread(self.function, arguments)
        return await result if inspect.isawaitable(result) else result

    def _bounded(self, text: str) -> str:
        if len(text) <= self.max_output_chars:
            return text
        return f"{text[: self.max_output_chars]} … [cut: {len(text)} characters, {self.max_output_chars} shown]"


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    max_output_chars: int = DEFAULT_MAX_OUTPUT_CHARS,
) -> Callable[[Callable[..., Any]], Tool]: ...


def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    max_output_chars: int = DEFAULT_MAX_OUTPUT_CHARS,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Makes a `Tool` of a function, sync or async.

    Args:
        function: typed, with a docstring; each parameter becomes a property of the JSON schema.
        name: what the model writes; the function's name by default.
        description: what the model reads; the docstring's first part by default.
        timeout: seconds after which a call is given up.
        max_output_chars: longer text results are cut.

    Raises:
        ConfigError: the function cannot be described to a model; says which parameter and what to write.
    """
    if function is None:
        return functools.partial(
            _make_tool, name=name, description=description, timeout=timeout, max_output_chars=max_output_chars
        )
    return _make_tool(function, name=name, description=description, timeout=timeout, max_output_chars=max_output_chars)


def _make_tool(
    function: Callable[..., Any],
    *,
    name: str | None,
    description: str | None,
    timeout: float,
    max_output_chars: int,
) -> Tool:
    if not callable(function):
        raise ConfigError(f"@tool needs a function, got {function!r}.")
    name = name or str(getattr(function, "__name__", ""))
    if not NAME_PATTERN.fullmatch(name):
        raise ConfigError(
            f"a tool's name must be letters, digits, '_' or '-' and not start with a digit, got {name!r}: "
            "write @tool(name='...')."
        )
    if not timeout > 0 or max_output_chars < 1:
        raise ConfigError(f"tool {name!r}: timeout and max_output_chars must be positive.")
    doc_description, doc_parameters = _docstring(function)
    description = description or doc_description
    if not description:
        raise ConfigError(f"tool {name!r} has no docstring: write one sentence that tells the model what it does.")
    arguments_model = _arguments_model(function, name, doc_parameters)
    schema = arguments_model.model_json_schema()
    return Tool(
        name,
        description,
        _without_titles(schema),
        function,
        timeout,
        max_output_chars,
        _arguments_model=arguments_model,
    )


def _docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """Splits a Google, NumPy or reST docstring into the description and the parameters' descriptions."""
    import docstring_parser

    parsed = docstring_parser.parse(inspect.getdoc(function) or "")
    description = " ".join((parsed.description or "").split())
    return description, {p.arg_name: " ".join((p.description or "").split()) for p in parsed.params}


def _arguments_model(function: Callable[..., Any], name: str, descriptions: dict[str, str]) -> Any:
    from pydantic import Field

    hints, parameters = _signature(function, name)
    fields: dict[str, Any] = {}
    for parameter in parameters:
        where = f"tool {name!r}, parameter {parameter.name!r}"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise ConfigError(f"{where}: {parameter.kind.description} parameters cannot be described; name each one.")
        if parameter.name not in hints:
            raise ConfigError(f"{where} has no type: write for instance `{parameter.name}: str`.")
        if _mentions_path(hints[parameter.name]):
            raise ConfigError(f"{where}: a model must not choose a path; take a str and look it up yourself.")
        if parameter.name.startswith("_"):
            raise ConfigError(f"{where}: a name that starts with '_' cannot be shown to a model; rename it.")
        default = ... if parameter.default is parameter.empty else parameter.default
        # Aliases, because a parameter may be called like a method of pydantic's models (`json`, `copy`, ...).
        described: dict[str, Any] = {"alias": parameter.name}
        if parameter.name in descriptions:
            described["description"] = descriptions[parameter.name]
        field_ = (hints[parameter.name], Field(default, **described))
        _described_model(name, {"argument": field_}, f"{where}: its type has no JSON form; {JSON_TYPES}")
        fields[f"argument_{len(fields)}"] = field_
    return _described_model(name, fields, f"tool {name!r}: its parameters have no JSON form; {JSON_TYPES}")


def _signature(function: Callable[..., Any], name: str) -> tuple[dict[str, Any], list[inspect.Parameter]]:
    try:
        return typing.get_type_hints(function, include_extras=True), [*inspect.signature(function).parameters.values()]
    except (NameError, AttributeError, SyntaxError) as error:
        raise ConfigError(f"tool {name!r}: a type in its signature is not defined: {_one_line(error)}.") from error
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"tool {name!r}: its signature cannot be read ({_one_line(error)}); wrap it in a function of your own."
        ) from error


def _described_model(name: str, fields: dict[str, Any], what: str) -> Any:
    """A pydantic model of these fields whose JSON schema can be written down."""
    from pydantic import ConfigDict, create_model
    from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

    try:
        model = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        model.model_json_schema()
    except (PydanticSchemaGenerationError, PydanticUserError, NameError) as error:
        raise ConfigError(f"{what}.") from error
    return model


def _mentions_path(hint: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, PurePath):
        return True
    return any(_mentions_path(part) for part in typing.get_args(hint))


def _without_titles(schema: Any) -> Any:
    """Drops pydantic's generated titles: tokens that tell the model nothing."""
    if isinstance(schema, list):
        return [_without_titles(item) for item in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in cast("dict[str, Any]", schema).items():
        if key == "title" and isinstance(value, str):
            continue
        if key in ("properties", "$defs"):
            kept[key] = {name: _without_titles(item) for name, item in value.items()}
        else:
            kept[key] = _without_titles(value)
    return kept


def _as_output(value: Any) -> ToolOutput:
    """Any return value becomes text for the model; what is not JSON is an error of the tool's author."""
    if isinstance(value, str):
        return ToolOutput(value)
    if value is None:
        return ToolOutput("done")
    from pydantic_core import PydanticSerializationError, to_json

    try:
        text = to_json(value.data if isinstance(value, ToolOutput) else value, inf_nan_mode="strings").decode()
    except PydanticSerializationError as error:
        raise TypeError(f"its result is not JSON: {_one_line(error)}") from error
    data = json.loads(text)
    if not isinstance(value, ToolOutput):
        return ToolOutput(text, {"value": data})
    told: Any = value.text
    sources: list[Any] = list(value.sources)
    if not isinstance(told, str) or not all(isinstance(source, Source) for source in sources):
        raise TypeError("a ToolOutput needs a str as its text and Source objects as its sources")
    return dataclasses.replace(value, data=data, sources=tuple(sources))


async def _in_thread(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Runs a sync function in a daemon thread of its own.

    Unlike a pool's, a thread whose call was given up holds up neither later calls nor the program's end.
    """
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    outcome: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()

    def deliver(value: Any, error: BaseException | None) -> None:
        if not outcome.done():
            outcome.set_result((value, error))

    def work() -> None:
        value, error = None, None
        try:
            value = context.run(function, **arguments)
        except BaseException as raised:  # noqa: BLE001 - raised again in the caller's task
            error = raised
        # A loop that has been closed meanwhile has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(deliver, value, error)

    threading.Thread(target=work, name="tool", daemon=True).start()
    value, error = await outcome
    if error is None:
        return value
    if isinstance(error, Exception):
        raise error
    # No signal reaches this thread, so an exit or a cancellation in it is the function's own doing.
    raise RuntimeError(_one_line(error)) from error


def _is_cancelled() -> bool:
    """Whether somebody cancelled the task that runs, rather than something that it awaited."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
