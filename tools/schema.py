"""From a function's signature and docstring to what a model is shown of it, and what checks the arguments.

Whatever cannot be described is refused here, with the parameter's name and what to write instead.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import json
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from .context import ToolContext, TurnContext
from .errors import ConfigError, InvalidArguments

# Limits that pydantic passes on although it has no check for them: under its own name, or on a type without a length.
_LIMITS = {"ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length"}
_LENGTHS = {"minLength", "maxLength", "pattern"}
JSON_TYPES = "write str, int, float, bool, list, dict, a Literal, an Enum, a dataclass or a pydantic model"
PATH_FORMATS = ("path", "file-path", "directory-path")
_NAMED_PROBLEMS = 20
_SHOWN_CHARS = 300


class ArgumentReader(Protocol):
    """Checks and converts the arguments of a call."""

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments as the function takes them.

        Raises:
            InvalidArguments: names every violation at once.
        """
        ...


@dataclass(frozen=True)
class Described:
    """What a model is shown of a function.

    Args:
        description: the docstring's first part.
        parameters: JSON schema of the arguments.
        reader: checks arguments against the signature.
        takes_context: whether the first parameter is a `ToolContext`, which is not shown.
    """

    description: str
    parameters: dict[str, Any]
    reader: ArgumentReader
    takes_context: bool


def describe(function: Callable[..., Any], name: str, *, skip_first: bool = False) -> Described:
    """Reads a function's signature and docstring.

    Args:
        function: what will be called.
        name: the tool's name, for messages.
        skip_first: the first parameter is `self` or `cls`.

    Raises:
        ConfigError: the function cannot be described; says which parameter and what to write.
    """
    description, documented = docstring(function)
    parameters = _signature(function, name)
    _check_documented(documented, parameters, name)
    if skip_first:
        parameters = parameters[1:]
    bound = _bound_names(function)
    parameters = [parameter for parameter in parameters if parameter.name not in bound]
    takes_context = False
    fields: dict[str, Any] = {}
    for position, parameter in enumerate(parameters):
        where = f"tool {name!r}, parameter {parameter.name!r}"
        hint = _hint(function, parameter, where)
        if _mentions(hint, TurnContext):
            _check_context(hint, parameter, position, where)
            takes_context = True
            continue
        fields[f"argument_{len(fields)}"] = _field(parameter, hint, documented, where)
    model = _model(name, fields, f"tool {name!r}: its parameters have no JSON form; {JSON_TYPES}")
    return Described(description, _schema_of(model), _PydanticReader(name, model), takes_context)


def docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """Splits a Google, NumPy or reST docstring into the description and the parameters' descriptions."""
    import docstring_parser

    text = inspect.getdoc(_documented(function)) or ""
    try:
        parsed = docstring_parser.parse(text)
    except docstring_parser.ParseError:
        return " ".join(text.split()), {}
    described: dict[str, str] = {}
    for item in parsed.params:
        if item.args and item.args[0] == "attribute":
            continue
        for parameter in item.arg_name.split(","):
            described[parameter.strip().lstrip("*")] = " ".join((item.description or "").split())
    return " ".join((parsed.description or "").split()), described


class JsonSchemaReader:
    """Checks arguments against a JSON schema that somebody else wrote.

    Args:
        name: the tool's name, for messages.
        schema: an object schema; references only inside itself, so that a check never reaches for the network.

    Raises:
        ConfigError: the schema is not one.
    """

    def __init__(self, name: str, schema: dict[str, Any]) -> None:
        from jsonschema import SchemaError
        from jsonschema.validators import Draft202012Validator, validator_for
        from referencing import Registry

        if schema.get("type", "object") != "object":
            raise ConfigError(f"tool {name!r}: its parameters must be an object schema, got {_shown(schema)}.")
        kind: Any = validator_for(schema, default=Draft202012Validator)
        try:
            kind.check_schema(schema)
        except SchemaError as error:
            raise ConfigError(
                f"tool {name!r}: its parameters are no JSON schema: {_one_line(error.message)}."
            ) from None
        for reference in _references(schema):
            if not reference.startswith("#"):
                raise ConfigError(f"tool {name!r}: its schema points outside itself: {reference[:100]!r}.")
        self._name = name
        self._properties: list[str] = list(schema.get("properties", {}))
        empty = Registry()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - their own generics
        self._validator: Any = kind(schema, registry=empty)

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        problems = [
            (".".join(str(part) for part in error.absolute_path) or "arguments", error.message[:_SHOWN_CHARS])
            for error in self._validator.iter_errors(arguments)
        ]
        if problems:
            raise _invalid(self._name, problems, self._properties)
        return arguments


class _PydanticReader:
    def __init__(self, name: str, model: Any) -> None:
        self._name = name
        self._model = model
        self._names: dict[str, str] = {key: field.alias for key, field in model.model_fields.items()}

    def read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        from pydantic import ValidationError

        try:
            checked = self._model.model_validate(arguments)
        except ValidationError as error:
            problems = [
                (".".join(str(part) for part in problem["loc"]) or "arguments", problem["msg"])
                for problem in error.errors(include_url=False, include_context=False, include_input=False)
            ]
            raise _invalid(self._name, problems, list(self._names.values())) from None
        return {name: getattr(checked, key) for key, name in self._names.items()}


def _invalid(name: str, problems: list[tuple[str, str]], expected: list[str]) -> InvalidArguments:
    told = "; ".join(f"{where}: {what}" for where, what in problems[:_NAMED_PROBLEMS])
    if len(problems) > _NAMED_PROBLEMS:
        told += f"; and {len(problems) - _NAMED_PROBLEMS} more"
    return InvalidArguments(f"{name}: {told}. Expected: {', '.join(expected) or 'no arguments'}.")


def _documented(function: Callable[..., Any]) -> Any:
    """What carries the docstring: a partial and an object with `__call__` have their class's own."""
    if isinstance(function, functools.partial):
        return _documented(function.func)
    if inspect.isroutine(function):
        return function
    return type(function).__call__


def _signature(function: Callable[..., Any], name: str) -> list[inspect.Parameter]:
    try:
        return [*inspect.signature(function).parameters.values()]
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"tool {name!r}: its signature cannot be read ({_one_line(error)}); wrap it in a function of your own."
        ) from error


def _check_documented(documented: dict[str, str], parameters: list[inspect.Parameter], name: str) -> None:
    names = [parameter.name for parameter in parameters]
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return  # refused later, for its own reason
    for unknown in (item for item in documented if item not in names):
        near = difflib.get_close_matches(unknown, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(names) or 'none'}."
        raise ConfigError(f"tool {name!r}: its docstring describes {unknown!r}, which is not a parameter; {hint}")


def _hint(function: Callable[..., Any], parameter: inspect.Parameter, where: str) -> Any:
    """The parameter's type, with names in quotes looked up."""
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
        raise ConfigError(f"{where}: {parameter.kind.description} parameters cannot be described; name each one.")
    if parameter.annotation is parameter.empty:
        raise ConfigError(f"{where} has no type: write for instance `{parameter.name}: str`.")
    # A holder of this one annotation, so that another parameter's mistake is not blamed on this one.
    holder = types.SimpleNamespace(__annotations__={parameter.name: parameter.annotation})
    try:
        hints = typing.get_type_hints(holder, globalns=_globals_of(function), include_extras=True)
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        raise ConfigError(
            f"{where}: a type in its signature is not defined: {_one_line(error)}. Define or import it at the top of "
            "the module, above the function and not under TYPE_CHECKING."
        ) from error
    return hints[parameter.name]


def _bound_names(function: Any) -> set[str]:
    """What a partial has filled in by name: not the model's to choose, nor to see."""
    return set(function.keywords) if isinstance(function, functools.partial) else set()


def _globals_of(function: Callable[..., Any]) -> dict[str, Any]:
    inner: Any = _documented(function)
    inner = inspect.unwrap(getattr(inner, "__func__", inner))
    return getattr(inner, "__globals__", {})


def _check_context(hint: Any, parameter: inspect.Parameter, position: int, where: str) -> None:
    if (typing.get_origin(hint) or hint) is not ToolContext:
        raise ConfigError(f"{where}: write `{parameter.name}: ToolContext` or `{parameter.name}: ToolContext[Deps]`.")
    if position or parameter.kind is parameter.KEYWORD_ONLY:
        raise ConfigError(f"{where}: a ToolContext must be the first parameter (after self); move it there.")


def _field(parameter: inspect.Parameter, hint: Any, documented: dict[str, str], where: str) -> Any:
    from pydantic import Field
    from pydantic.fields import FieldInfo

    if parameter.name.startswith("_"):
        raise ConfigError(f"{where}: a name that starts with '_' cannot be shown to a model; rename it.")
    if isinstance(parameter.default, FieldInfo):
        raise ConfigError(
            f"{where}: Field(...) cannot be the default; write `{parameter.name}: Annotated[type, Field(...)]`."
        )
    default = ... if parameter.default is parameter.empty else parameter.default
    # Aliases, because a parameter may be called like a method of pydantic's models (`json`, `copy`, ...).
    described: dict[str, Any] = {"alias": parameter.name}
    if documented.get(parameter.name) and not _own_description(hint):
        described["description"] = documented[parameter.name]
    # Tried without the default first: each fault gets its own message.
    bare = _model(
        "argument", {"argument": (hint, Field(..., **described))}, f"{where}: its type has no JSON form; {JSON_TYPES}"
    )
    if any(found in PATH_FORMATS for found in _formats(bare.model_json_schema())):
        raise ConfigError(f"{where}: a model must not choose a path; take a str and look it up yourself.")
    if default is not ...:
        default = _checked_default(parameter.name, hint, default, where)
    return (hint, Field(default, **described))


def _own_description(hint: Any) -> bool:
    return any(getattr(extra, "description", None) for extra in getattr(hint, "__metadata__", ()))


def _checked_default(name: str, hint: Any, default: Any, where: str) -> Any:
    """Nobody checks a default at the call, so a wrong one would reach the function as it is."""
    from pydantic import TypeAdapter, ValidationError

    adapter: TypeAdapter[Any] = TypeAdapter(hint)
    try:
        adapter.validate_python(default, strict=True)
    except ValidationError:
        converted = _equal_value(adapter, default)
        if converted is None:
            shown = getattr(hint, "__name__", None) if isinstance(hint, type) else None
            wanted = shown or str(hint).removeprefix("typing.")
            fix = "write one that fits, or another type"
            if default is None:
                fix = f"write `{name}: {wanted} | None = None`"
            raise ConfigError(f"{where}: its default {_shown(default)} does not fit {wanted}; {fix}.") from None
        default = converted
    try:
        json.dumps(adapter.dump_python(default, mode="json"), allow_nan=False)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{where}: its default {_shown(default)} has no JSON form ({_one_line(error)}).") from None
    return default


def _equal_value(adapter: Any, default: Any) -> Any:
    """The default as an equal value of the parameter's type, such as Decimal(0) for 0; `None` where there is none."""
    from pydantic import ValidationError

    try:
        converted = adapter.validate_python(default)
    except ValidationError:
        return None
    same = bool(converted == default) and isinstance(converted, bool) == isinstance(default, bool)
    return converted if same else None


def _model(name: str, fields: dict[str, Any], what: str) -> Any:
    """A pydantic model of these fields whose JSON schema can be written down."""
    from pydantic import ConfigDict, create_model
    from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError
    from pydantic_core import SchemaError

    try:
        # JSON has no NaN and no infinity, though Python's reader takes both.
        model = create_model(name, __config__=ConfigDict(extra="forbid", allow_inf_nan=False), **fields)
        schema = model.model_json_schema()
    except SchemaError as error:
        reason = next((line.strip() for line in reversed(str(error).splitlines()) if line.strip()), "")
        raise ConfigError(f"{what.partition(':')[0]}: a limit of its type is wrong: {reason}.") from error
    except (PydanticSchemaGenerationError, PydanticUserError, NameError, TypeError) as error:
        if getattr(error, "code", None) == "typed-dict-version":
            what = f"{what.partition(';')[0]}; write `from typing_extensions import TypedDict`"
        raise ConfigError(f"{what}.") from error
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    for shown in properties.values():
        impossible = _LIMITS | _LENGTHS if shown.get("type") in ("integer", "number", "boolean") else _LIMITS
        misplaced = sorted(impossible.intersection(shown))
        if misplaced:
            where = what.partition(":")[0]
            raise ConfigError(f"{where}: its type takes no {misplaced[0]}; leave that out of Field(...).")
    return model


def _schema_of(model: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", _without_titles(model.model_json_schema()))


def _mentions(hint: Any, kind: type) -> bool:
    if isinstance(typing.get_origin(hint) or hint, type) and issubclass(typing.get_origin(hint) or hint, kind):
        return True
    return any(_mentions(part, kind) for part in typing.get_args(hint))


def _formats(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [found for item in cast("list[Any]", schema) for found in _formats(item)]
    if not isinstance(schema, dict):
        return []
    items = cast("dict[str, Any]", schema)
    own = [items["format"]] if isinstance(items.get("format"), str) else []
    return own + [found for item in items.values() for found in _formats(item)]


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [found for item in cast("list[Any]", schema) for found in _references(item)]
    if not isinstance(schema, dict):
        return []
    items = cast("dict[str, Any]", schema)
    own = [value for key in ("$ref", "$dynamicRef") if isinstance(value := items.get(key), str)]
    return own + [found for item in items.values() for found in _references(item)]


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
        elif key in ("default", "const", "enum", "examples"):
            kept[key] = value
        else:
            kept[key] = _without_titles(value)
    return kept


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _one_line(error: object) -> str:
    return " ".join(str(error).split())[:_SHOWN_CHARS]
