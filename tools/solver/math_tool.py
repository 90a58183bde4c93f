"""The function that the agent's `math` tool is made of."""

from __future__ import annotations

from ..calls import ToolOutput
from .solving import solve_query_async


async def math(query: str) -> ToolOutput:
    """Exact mathematics. Examples: 37*4; solve x^2 - 5x + 6 = 0; integrate x^2 from 0 to 1.

    Args:
        query: the formula or question.
    """
    solution = await solve_query_async(query)
    return ToolOutput(text=solution.text, data=solution.to_dict())
