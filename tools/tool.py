"""The `@tool` decorator: a Python function becomes something a model can call.

The JSON schema comes from the signature through pydantic, the descriptions from the docstring. A function
that cannot be described fails here, when it is registered, and not when a model first calls it.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import re
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, overload

from .calls import ToolCall, ToolOutput, ToolResult
from .errors import ConfigError, InvalidArguments, ToolError, ToolTimeout

logger = logging.getLogger(__name__)

NAME_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
DEFAULT_TIMEOUT = 30.0
DEFAULT_MAX_OUTPUT_CHARS = 4000


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
            model = self._arguments_model.model_validate(arguments)
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(str(part) for part in problem['loc']) or 'arguments'}: {problem['msg']}"
                for problem in error.errors()
            )
            expected = ", ".join(self.parameters.get("properties", {})) or "no arguments"
            raise InvalidArguments(f"{self.name}: {problems}. Expected: {expected}.") from None
        return {name: getattr(model, name) for name in type(model).model_fields}

    async def run(self, call: ToolCall) -> ToolResult:
        """Runs one call. Whatever the model wrote and whatever the function does, this returns a result.

        Only cancellation of the awaiting task passes through.
        """
        start = asyncio.get_running_loop().time()
        try:
            output = _as_output(await asyncio.wait_for(self._invoke(self.validate(call.arguments)), self.timeout))
            text, is_error = output.text, False
        except ToolError as error:
            output, text, is_error = ToolOutput(""), str(error) or type(error).__name__, True
        except TimeoutError:
            late = ToolTimeout(f"{self.name} did not finish within {self.timeout:g} s.")
            output, text, is_error = ToolOutput(""), str(late), True
        except Exception as error:
            logger.exception("tool %r failed", self.name)
            output, text, is_error = ToolOutput(""), f"{self.name} failed: {_one_line(error)}", True
        seconds = asyncio.get_running_loop().time() - start
        return ToolResult(
            call.id, call.name, self._bounded(text), output.data, output.sources, is_error, round(seconds, 6)
        )

    async def _invoke(self, arguments: dict[str, Any]) -> Any:
        if inspect.iscoroutinefunction(self.function):
            return await self.function(**arguments)
        result = await asyncio.to_thread(self.function, **arguments)
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
    from pydantic import ConfigDict, Field, create_model
    from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise ConfigError(f"tool {name!r}: a type in its signature is not defined: {error}.") from error
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
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
        fields[parameter.name] = (
            hints[parameter.name],
            Field(default, description=descriptions.get(parameter.name) or None),
        )
    try:
        model = create_model(name, __config__=ConfigDict(extra="forbid", protected_namespaces=()), **fields)
        model.model_json_schema()
    except (PydanticSchemaGenerationError, PydanticUserError, NameError) as error:
        raise ConfigError(f"tool {name!r}: a type has no JSON form: {_one_line(error)}") from error
    return model


def _mentions_path(hint: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, PurePath):
        return True
    return any(_mentions_path(part) for part in typing.get_args(hint))


def _without_titles(schema: Any) -> Any:
    """Drops pydantic's generated titles: tokens that tell the model nothing."""
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key == "title" and isinstance(value, str):
            continue
        if key in ("properties", "$defs"):
            kept[key] = {name: _without_titles(item) for name, item in value.items()}
        else:
            kept[key] = _without_titles(value)
    return kept


def _as_output(value: Any) -> ToolOutput:
    """Any return value becomes text for the model; what is not JSON is an error of the tool's author."""
    if isinstance(value, ToolOutput):
        return value
    if isinstance(value, str):
        return ToolOutput(value)
    if value is None:
        return ToolOutput("done")
    from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

    try:
        text = to_json(value, inf_nan_mode="strings").decode()
    except PydanticSerializationError as error:
        raise TypeError(f"its result is not JSON: {_one_line(error)}") from error
    return ToolOutput(text, {"value": to_jsonable_python(value, inf_nan_mode="strings")})


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
