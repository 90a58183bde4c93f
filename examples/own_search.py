"""A back end of your own for `search`, and an answer that cites it.

.venv/bin/python examples/own_search.py
"""

import asyncio

from pericles.agent import Agent, SourcesResolved
from pericles.policies import load_policy
from pericles.tools.search import Answer, SearchHit, SearchQuery, search_tool

MENU = {
    "goulash": "The goulash of the house costs 14 euros and comes with dumplings.",
    "strudel": "The apple strudel costs 6 euros and is baked at noon.",
}


class Menu:
    """Answers from the menu of one restaurant."""

    name = "menu"

    async def search(self, query: SearchQuery) -> Answer:
        dishes = [dish for dish in MENU if dish in query.text.lower()]
        return Answer(tuple(SearchHit(dish.title(), f"menu#{dish}", MENU[dish], "2026-11-01") for dish in dishes))


async def main() -> None:
    policy = load_policy("default")
    agent = Agent(policy, tools=[search_tool([Menu()])])
    async with agent.stream("What is the price of the apple strudel?") as turn:
        async for event in turn:
            if isinstance(event, SourcesResolved):
                for number, source in event.sources.items():
                    print(f"[{number}] {source.title} ({source.locator}): {source.quote}")
    print(turn.result.output)
    await policy.aclose()


if __name__ == "__main__":
    asyncio.run(main())
