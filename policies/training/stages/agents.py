"""What the agent of a recipe has: its tools and its system message."""

from __future__ import annotations

from typing import Any

from ....agent import Agent
from ....tools import ToolRegistry
from ...engines.scripted import ScriptedPolicy
from ..recipe import Recipe


def registry_of(recipe: Recipe) -> ToolRegistry:
    """The recipe's tools.

    Raises:
        ConfigError: there is no such tool.
    """
    return ToolRegistry(list(recipe.tools))


def schemas_of(recipe: Recipe) -> list[dict[str, Any]]:
    """What the policy is told of the recipe's tools."""
    return registry_of(recipe).schemas()


def system_message(recipe: Recipe) -> str:
    """The recipe's instructions, or those that the agent has by itself."""
    if recipe.instructions is not None:
        return recipe.instructions
    given = Agent(ScriptedPolicy(["."]), registry_of(recipe)).instructions
    return given if isinstance(given, str) else ""
