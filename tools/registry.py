"""The tools that one agent may use, by name."""

from __future__ import annotations

import difflib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from .calls import ToolCall, ToolResult
from .errors import ConfigError, ToolNotFound
from .tool import Tool, tool

BUILT_IN = ("math", "search")


class ToolRegistry:
    """An ordered set of tools with distinct names.

    Args:
        tools: `Tool` objects, plain functions (made tools as `@tool` does) or names of the built-in tools
            `"math"` and `"search"`.

    Raises:
        ConfigError: an unknown built-in name, two tools of one name, or a function that cannot be described.
    """

    def __init__(self, tools: Iterable[Tool | Callable[..., Any] | str] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for item in tools:
            self.register(item)

    def register(self, item: Tool | Callable[..., Any] | str) -> Tool:
        """Adds one tool and returns it."""
        if isinstance(item, str):
            item = built_in(item)
        elif not isinstance(item, Tool):
            item = tool(item)
        if item.name in self._tools:
            raise ConfigError(f"two tools are named {item.name!r}: rename one with @tool(name='...').")
        self._tools[item.name] = item
        return item

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def schemas(self) -> list[dict[str, Any]]:
        """The tools in the OpenAI form, in the order of registration."""
        return [item.schema() for item in self]

    async def execute(self, call: ToolCall) -> ToolResult:
        """Runs one call. Never raises for a fault of the model or of the tool."""
        if call.problem is not None:
            return ToolResult(call.id, call.name, call.problem, is_error=True)
        found = self._tools.get(call.name)
        if found is None:
            return ToolResult(call.id, call.name, str(self._not_found(call.name)), is_error=True)
        return await found.run(call)

    def _not_found(self, name: str) -> ToolNotFound:
        near = difflib.get_close_matches(name, self._tools, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        known = ", ".join(self._tools) or "none"
        return ToolNotFound(f"There is no tool {name[:64]!r}.{hint} Tools: {known}.")


def built_in(name: str) -> Tool:
    """A tool that ships with pericles, by name: `"math"` or `"search"`."""
    if name == "math":
        from .solver import math

        return tool(math)
    if name == "search":
        from .search import search

        return tool(search)
    near = difflib.get_close_matches(name, BUILT_IN, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(f"there is no built-in tool {name!r}; there are: {', '.join(BUILT_IN)}.{hint}")


def load_tools(path: str | Path) -> list[Tool]:
    """Runs a Python file that the user named and returns the tools it defines, in order.

    Naming the file is consent to run it; never call this with a path that came from a model or the network.

    Raises:
        ConfigError: the file is missing, does not run, or defines no tool; says the line at fault.
    """
    path = Path(path)
    if path.suffix != ".py" or not path.is_file():
        raise ConfigError(f"{path} is not a Python file: expected a file NAME.py that defines functions with @tool.")
    module_name = f"_pericles_tools_{abs(hash(path.resolve())):x}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} cannot be loaded as Python.")
    module = importlib.util.module_from_spec(spec)
    # Type hints are resolved through sys.modules, so the module has to be known while it runs.
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        file = path if error.filename in (None, spec.origin) else error.filename
        where = f"{file}, line {error.lineno}" if error.lineno else str(file)
        raise ConfigError(f"{where}: {error.msg}.") from error
    except ConfigError as error:
        raise ConfigError(f"{path}{_line_in(spec.origin, error)}: {error}") from error
    except (Exception, SystemExit) as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigError(f"{path}{_line_in(spec.origin, error)}: {what}") from error
    tools = [value for value in vars(module).values() if isinstance(value, Tool)]
    if not tools:
        raise ConfigError(f"{path} defines no tool: write @tool above a typed function with a docstring.")
    return list({id(item): item for item in tools}.values())


def _line_in(file: str | None, error: BaseException) -> str:
    """', line N' of the innermost frame that lies in the user's file."""
    import traceback

    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f", line {lines[-1]}" if lines else ""
