"""The function that the agent's `math` tool is made of."""

from __future__ import annotations

from ..calls import Image, ToolOutput
from .solving import solve_query_async


async def math(query: str) -> ToolOutput:
    """Exact mathematics. Examples: 37*4; solve x^2 - 5x + 6 = 0; integrate x^2 from 0 to 1.

    Args:
        query: the formula or question.
    """
    solution = await solve_query_async(query)
    text = "\n".join((*solution.steps, solution.text)) if solution.steps else solution.text
    images = ()
    data = solution.to_dict()
    if solution.plot is not None:
        kind = "image/png" if solution.plot_format == "png" else "image/svg+xml"
        images = (Image(solution.plot_bytes, kind, solution.text[:200]),)
        data["plot"] = None  # the picture goes beside it
    return ToolOutput(text=text, data=data, images=images)
