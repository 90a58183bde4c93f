"""An agent with a tool of your own beside the built-in ones.

.venv/bin/python examples/own_tool.py
"""

import asyncio

from pericles.agent import Agent, InMemorySession, TextDelta, ToolCallFinished
from pericles.policies import load_policy
from pericles.tools import tool


@tool
def area(radius: float) -> float:
    """Area of a circle.

    Args:
        radius: in metres.
    """
    return 3.14159 * radius**2


async def main() -> None:
    policy = load_policy("default")
    agent = Agent(policy, tools=[area, "math", "search"])
    session = InMemorySession()
    for question in ("What is 12.5% of 640?", "and of 1280?"):
        print(f"> {question}")
        async with agent.stream(question, session=session) as turn:
            async for event in turn:
                if isinstance(event, ToolCallFinished):
                    print(f"  {event.result.name}: {event.result.text}")
                elif isinstance(event, TextDelta):
                    print(event.text, end="", flush=True)
        print()
    await policy.aclose()


if __name__ == "__main__":
    asyncio.run(main())
