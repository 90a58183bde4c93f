"""The tools that one agent may use, by name."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .calls import ToolCall, ToolResult
from .context import ToolContext
from .errors import ConfigError, ToolNotFound
from .plugins import BUILT_IN, tools_named
from .tool import Tool, tool

__all__ = ["BUILT_IN", "ToolRegistry"]

logger = logging.getLogger(__name__)


class ToolRegistry:
    """An ordered set of tools with distinct names.

    Args:
        tools: `Tool` objects, plain functions and methods (made tools as `@tool` does), names of the built-in tools
            `"math"` and `"search"`, or names of tools that an installed package offers.

    Raises:
        ConfigError: an unknown name, two tools of one name, or a function that cannot be described.
    """

    def __init__(self, tools: Iterable[Tool | Callable[..., Any] | str] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        if isinstance(tools, str):
            raise ConfigError(f"tools must be a list, got the text {tools!r}: write [{tools!r}].")
        if not isinstance(tools, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance] - not everybody type checks
            raise ConfigError(f"tools must be a list, got {tools!r}: write it in brackets.")
        for item in tools:
            self.register(item)

    def register(self, item: Tool | Callable[..., Any] | str) -> Tool:
        """Adds a tool and returns it; of a name that stands for several tools, adds all and returns the first.

        What constrained decoding cannot demand of its arguments (`Tool.unconstrained`) is logged as a warning.

        Raises:
            ConfigError: it cannot be a tool here; nothing has been added then.
        """
        if not isinstance(item, str) and not callable(item):  # pyright: ignore[reportUnnecessaryComparison]
            raise ConfigError(f"a tool must be a function, a Tool or the name of one, got {item!r}.")
        found = tools_named(item) if isinstance(item, str) else [item if isinstance(item, Tool) else tool(item)]
        names = list(self._tools)
        for made in found:
            if made.needs_object:
                raise ConfigError(_without_object(made))
            if made.name in names:
                raise ConfigError(f"two tools are named {made.name!r}: rename one with @tool(name='...').")
            names.append(made.name)
        self._tools.update((made.name, made) for made in found)
        for made in found:
            if missing := made.unconstrained:
                logger.warning("tool %r: no grammar can demand %s", made.name, ", ".join(missing))
        return found[0]

    def subset(self, names: Iterable[str]) -> ToolRegistry:
        """A registry of some of these tools, in the order of `names`.

        Raises:
            ConfigError: a name is not registered.
        """
        if isinstance(names, str):
            raise ConfigError(f"names must be a list, got the text {names!r}: write [{names!r}].")
        chosen = list(dict.fromkeys(names))
        for name in chosen:
            if name not in self._tools:
                raise ConfigError(str(self._not_found(name)))
        return ToolRegistry([self._tools[name] for name in chosen])

    def __or__(self, other: ToolRegistry) -> ToolRegistry:
        """A registry of both; a name that both hold must mean the same tool."""
        known = [item for item in other if self._tools.get(item.name) is not item]
        return ToolRegistry([*self, *known])

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def schemas(self) -> list[dict[str, Any]]:
        """The tools in the OpenAI form, in the order of registration."""
        return [item.schema() for item in self]

    def is_sequential(self, name: str) -> bool:
        """Whether calls of this tool run alone. An unknown tool does nothing, so it may run beside others."""
        found = self._tools.get(name)
        return found is not None and found.sequential

    def is_exact(self, name: str) -> bool:
        """Whether an answer must state this tool's results as they are."""
        found = self._tools.get(name)
        return found is not None and found.exact

    def needs_approval(self, call: ToolCall) -> bool:
        """Whether a person has to allow this call. A call that will be answered with an error needs nobody."""
        found = self._tools.get(call.name)
        return call.problem is None and found is not None and found.needs_approval(call.arguments)

    async def execute(self, call: ToolCall, context: ToolContext[Any] | None = None) -> ToolResult:
        """Runs one call. Never raises for a fault of the model or of the tool.

        Args:
            call: what the model asked for.
            context: what the tool is told of the turn, and where its progress goes.
        """
        if call.problem is not None:
            return ToolResult(call.id, call.name, call.problem, is_error=True)
        found = self._tools.get(call.name)
        if found is None:
            return ToolResult(call.id, call.name, str(self._not_found(call.name)), is_error=True)
        return await found.run(call, context)

    def _not_found(self, name: str) -> ToolNotFound:
        shown = name[:64]
        near = difflib.get_close_matches(shown, self._tools, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(repr(item) for item in near)}?" if near else ""
        known = ", ".join(self._tools) or "none"
        return ToolNotFound(f"There is no tool {shown!r}.{hint} Tools: {known}.")


def _without_object(made: Tool) -> str:
    owner, _, method = str(getattr(made.function, "__qualname__", made.name)).rpartition(".")
    return f"{owner}.{method} is a method without its object: register instance.{method}, with instance = {owner}(...)."
