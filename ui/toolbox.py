"""`pericles tools list|check|call`: what an author needs to try a tool without a model."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ..tools import ConfigError, Tool, ToolCall, ToolContext, ToolRegistry, ToolResult, load_tools
from ..tools.plugins import installed, run_file, tools_in, tools_named
from ..tools.problems import Problem, collecting
from ..tools.tool import BrokenTool
from .terminal import printable

_LONG_DESCRIPTION = 600


def offered(items: Sequence[str], *, builtin: bool) -> ToolRegistry:
    """The tools that an agent is given.

    Args:
        items: Python files with tools, and names of installed or built-in ones.
        builtin: whether `math` and `search` come first.

    Raises:
        ConfigError: a file or a name is wrong, or two tools have one name.
    """
    registry = ToolRegistry(("math", "search") if builtin else ())
    for item in items:
        for found in _found(item):
            if found.name not in registry or item not in ("math", "search"):
                registry.register(found)
    return registry


def _found(item: str) -> list[Tool]:
    return load_tools(item) if _is_file(item) else tools_named(item)


def _is_file(item: str) -> bool:
    return Path(item).suffix == ".py" or "/" in item


def show(items: Sequence[str], *, as_json: bool) -> None:
    """Prints the tools with the schema that a model sees.

    Args:
        items: see `offered`.
        as_json: prints the list that a model is sent, and nothing else.
    """
    registry = offered(items, builtin=True)
    if as_json:
        print(json.dumps(registry.schemas(), ensure_ascii=False, indent=1))
        return
    for item in registry:
        print(printable(f"{item.name}: {item.description}"))
        print(printable(f"    {json.dumps(item.parameters, ensure_ascii=False)}"))
    others = [name for name in installed() if name not in items]
    if others:
        print(printable(f"installed as well, used with --tools NAME: {', '.join(others)}"))


def check(items: Sequence[str]) -> int:
    """Reads tools as an agent would, and prints every problem and everything that could be better.

    Args:
        items: Python files with tools, and names of installed or built-in ones.

    Returns:
        The exit code: 0, or 2 when a tool is wrong.
    """
    good, wrong, names = 0, 0, set[str]()
    for item in items:
        reading = _read(item)
        for found in reading.tools:
            if found.name in names:
                reading.problems.append(
                    Problem(found.name, None, None, f"two tools are named {found.name!r}: rename one.")
                )
                continue
            names.add(found.name)
            _show_good(found)
            good += 1
        for problem in reading.problems:
            print(printable(f"WRONG {_place(item, problem)}: {problem.text}"))
        wrong += len(reading.problems)
        if not reading.tools and not reading.problems:
            print(printable(f"WRONG {item}: defines no tool: write @tool above a typed function with a docstring."))
            wrong += 1
    print(f"{good} good, {wrong} wrong")
    return 2 if wrong else 0


def _place(item: str, problem: Problem) -> str:
    """Where the problem is: a file may import the tools of another one."""
    if problem.file is None:
        return item
    same = _is_file(item) and Path(problem.file).resolve() == Path(item).resolve()
    return f"{item if same else problem.file}, line {problem.line}"


@dataclass(frozen=True, slots=True)
class _Reading:
    tools: list[Tool]
    problems: list[Problem]


def _read(item: str) -> _Reading:
    tools: list[Tool] = []
    with collecting() as problems:
        try:
            if _is_file(item):
                module = run_file(item)
                tools = tools_in(module)
                # A method that the file registers from an object as well is that one tool.
                bound = {getattr(item.function, "__func__", None) for item in tools}
                tools += [item for item in _methods_in(module) if item.function not in bound]
            else:
                tools = tools_named(item)
        except ConfigError as error:
            text = str(error).removeprefix(f"{item}: ").removeprefix(f"{item}, ")
            problems.append(Problem(item, None, None, text))
    return _Reading([found for found in tools if not isinstance(found, BrokenTool)], problems)


def _methods_in(module: ModuleType) -> Iterator[Tool]:
    """Tools in the bodies of the module's own classes, which wait for an object."""
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__:
            yield from (item for item in vars(value).values() if isinstance(item, Tool))


def _show_good(found: Tool) -> None:
    print(printable(f"ok    {found.name}: {found.description}"))
    print(printable(f"      {json.dumps(found.parameters, ensure_ascii=False)}"))
    if found.needs_object:
        print(
            printable(
                f"      a method: register it from an object; in a file, write {found.name} = instance.{found.name}"
            )
        )
    for warning in _warnings(found):
        print(printable(f"      warning: {warning}"))


def _warnings(found: Tool) -> Iterator[str]:
    properties: dict[str, Any] = found.parameters.get("properties", {})
    for name, schema in properties.items():
        if not schema.get("description"):
            yield f"parameter {name!r} has no description: add it to the docstring, under Args"
        if not set(schema) & {"type", "anyOf", "oneOf", "allOf", "$ref", "enum", "const"}:
            yield f"parameter {name!r} takes anything: a model writes better values for a narrower type"
        elif schema.get("type") == "array" and not schema.get("items") and not schema.get("prefixItems"):
            yield f"parameter {name!r} is a list of anything: write for instance list[str]"
    for keyword in found.unconstrained:
        yield f"no grammar can demand {keyword}: a model may get it wrong, and is told so"
    if "return" not in getattr(found.function, "__annotations__", {"return": None}):
        yield "no return type: write for instance `-> str`, so that a reader knows what comes back"
    if len(found.description) > _LONG_DESCRIPTION:
        yield f"its description has {len(found.description)} characters, which a model reads in every turn"


def call(name: str, arguments: Sequence[str], items: Sequence[str], *, as_json: bool, allowed: bool) -> int:
    """Runs one tool and prints its result on standard output; progress and sources go to standard error.

    Args:
        name: the tool's name.
        arguments: one JSON object, `-` for one on standard input, or `key=value` for each parameter.
        items: see `offered`.
        as_json: prints the whole result as JSON.
        allowed: a call that needs approval is made without asking.

    Returns:
        The exit code: 0, or 1 when the result is an error or the call was not allowed.

    Raises:
        ConfigError: there is no such tool, the arguments cannot be read, or nobody can be asked for approval.
    """
    found = _tool_named(name, items)
    made = ToolCall("call-1", found.name, _arguments(arguments, found))
    if not allowed and found.needs_approval(made.arguments) and not _asked(made):
        print("not allowed", file=sys.stderr)
        return 1
    with contextlib.redirect_stdout(sys.stderr):  # what the tool prints is not its result
        result = asyncio.run(found.run(made, ToolContext("command-line", None, made.id, _tell)))
    if as_json:
        print(json.dumps(result.to_dict(), ensure_ascii=False, indent=1))
    else:
        _show_result(result)
    return 1 if result.is_error else 0


def _tool_named(name: str, items: Sequence[str]) -> Tool:
    registry = offered(items, builtin=True)
    if name in registry:
        return registry[name]
    if items and name not in installed():
        return registry.subset([name])[name]  # tells the nearest names
    return _only(tools_named(name), name)


def _only(found: list[Tool], name: str) -> Tool:
    for item in found:
        if item.name == name or len(found) == 1:
            return item
    names = ", ".join(item.name for item in found)
    raise ConfigError(f"{name!r} stands for several tools: add --tools {name} and call one of {names}.")


def _arguments(words: Sequence[str], found: Tool) -> dict[str, Any]:
    if len(words) == 1 and (words[0] == "-" or words[0].lstrip().startswith("{")):
        text = sys.stdin.read() if words[0] == "-" else words[0]
        try:
            value = json.loads(text)
        except ValueError as error:
            raise ConfigError(f"the arguments are not JSON: {error}.") from None
        if not isinstance(value, dict):
            raise ConfigError(f"the arguments must be a JSON object, got {text.strip()[:80]!r}.")
        return value
    given: dict[str, Any] = {}
    for word in words:
        key, sign, text = word.partition("=")
        if not sign or not key:
            raise ConfigError(f"expected key=value or a JSON object, got {word!r}.")
        if key in given:
            raise ConfigError(f"{key!r} is given twice; a list is written as JSON: {key}='[1, 2]'.")
        given[key] = _value(text, _types(found.parameters.get("properties", {}).get(key, {}), found.parameters))
    return given


def _value(text: str, types: set[str]) -> Any:
    """Text stays text where the parameter takes text; anything else is read as JSON."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    kinds = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "object", type(None): "null"}
    kind = kinds.get(type(value), "string")
    is_number = kind == "integer" and "number" in types
    if "string" in types and (kind == "string" or kind not in types) and not is_number:
        return text
    return value


def _types(schema: dict[str, Any], root: dict[str, Any]) -> set[str]:
    reference = str(schema.get("$ref", ""))
    if reference.startswith("#/$defs/"):
        return _types(root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {}), {})
    own = schema.get("type", [])
    found = {own} if isinstance(own, str) else set(own)
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found |= _types(part, root)
    return found


def _asked(made: ToolCall) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError(f"{made.name} needs your approval: run it in a terminal, or add --yes.")
    shown = printable(json.dumps(made.arguments, ensure_ascii=False))
    print(f"allow {made.name} {shown}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _tell(message: str, fraction: float | None) -> None:
    done = "" if fraction is None else f" ({fraction:.0%})"
    print(printable(f"… {message}{done}"), file=sys.stderr, flush=True)


def _show_result(result: ToolResult) -> None:
    print(printable(result.text), flush=True)  # before what is told beside it, also where output is buffered
    for number, source in enumerate(result.sources, start=1):
        print(printable(f"[{number}] {source.title} ({source.locator})"), file=sys.stderr)
    for image in result.images:
        print(printable(f"{image.media_type}, {len(image.data)} bytes: {image.description}"), file=sys.stderr)
